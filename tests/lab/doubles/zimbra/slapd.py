# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory's daemon, started as root on port 389 and then zimbra's, as OpenLDAP is."""

from __future__ import annotations

import os

from . import ldapd, processes
from .installation import Installation


def main() -> None:
    processes.go_on_as_zimbra("slapd", "serve")


def serve() -> int:
    place = Installation()
    place.pid_file("slapd").write_text(f"{os.getpid()}\n", encoding="ascii")
    ldapd.serve(place.home)
    return 0
