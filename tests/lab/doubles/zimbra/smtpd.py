# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Postfix's master starts in smtpd's place: smtpd, with Kerberos as the bundled Heimdal 1.5.3 has it.

The name of the keytab is left as import_environment gives it: with no name the library takes its own default.
"""

from __future__ import annotations

import os
import pathlib

from . import krb5_conf
from .installation import Installation

PROGRAM = "/usr/lib/postfix/sbin/smtpd"


def main(*words: str) -> None:
    place = Installation()
    folder = pathlib.Path(place.home / "data" / "postfix" / "kerberos")
    view = krb5_conf.view(folder, place.krb5_conf, heimdal=True)
    environment = {**os.environ, "KRB5_CONFIG": view, "MAIL_CONFIG": str(place.home / "common" / "conf")}
    os.execve(PROGRAM, ["smtpd", *words], environment)
