# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web sign-on in mailboxd: the Java options that switch it on, and the krb5.ini that Java then reads for everything.

zmconfigd's section mailbox writes conf/spnego_java_options; zmmailboxdctl reads it at a start, before it asks for a
rewrite. jetty_base/etc/krb5.ini is made of krb5.ini.in at each start.
"""

from __future__ import annotations

import pathlib
from typing import Sequence

from .installation import Installation, is_true, one

OPTIONS = "conf/spnego_java_options"
ETC = "jetty_base/etc"
SWITCH = "-Djava.security.krb5.conf="
REALM = "%%zimbraSpnegoAuthRealm%%"
# What matters of the form as shipped: no KDC, and enctypes that JDK 17 refuses.
STOCK = f"""\
[libdefaults]
    default_realm = {REALM}
    default_keytab_name = FILE:/opt/zimbra/data/mailboxd/spnego/jetty.keytab
    default_tkt_enctypes = rc4-hmac des-cbc-crc
    default_tgs_enctypes = rc4-hmac des-cbc-crc
    permitted_enctypes = rc4-hmac des-cbc-crc
"""


def write_options(place: Installation) -> pathlib.Path:
    """zmconfigd's part; the file's path."""
    config = place.directory().entry("config", "config")
    path = place.home / OPTIONS
    words = place.local("spnego_java_options") if is_true(config, "zimbraSpnegoAuthEnabled") else ""
    path.write_text(f"{words}\n", encoding="utf-8")
    return path


def options(place: Installation) -> list[str]:
    """The words for mailboxd's command line."""
    path = place.home / OPTIONS
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def krb5_conf(place: Installation, words: Sequence[str]) -> pathlib.Path:
    """The file that Java reads, after krb5.ini was made anew."""
    source, target = (place.home / ETC / name for name in ("krb5.ini.in", "krb5.ini"))
    if source.exists():
        realm = one(place.directory().entry("config", "config"), "zimbraSpnegoAuthRealm")
        target.write_text(source.read_text(encoding="utf-8").replace(REALM, realm), encoding="utf-8")
    named = [word[len(SWITCH) :] for word in words if word.startswith(SWITCH)]
    return pathlib.Path(named[-1]) if named else place.krb5_conf
