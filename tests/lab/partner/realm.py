# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the other realm's KDC before that starts: the database, its user, and the trust both ways.

Both realms have each `krbtgt/TO@FROM` with the same password, hence the same keys: the salt comes from the name. What
is there stays as it is: a realm outlives a reboot. Passwords go to the programs by their standard input.
"""

from __future__ import annotations

import json
import pathlib
import secrets
import subprocess

DATABASE = pathlib.Path("/var/lib/krb5kdc/principal")
PASSWORDS = pathlib.Path("/lab-private/passwords.json")
OWN, OTHER = "PARTNER.TEST", "EXAMPLE.TEST"
USER = "bob"


def main() -> None:
    if not DATABASE.exists():
        master = secrets.token_urlsafe(24)
        told(["kdb5_util", "create", "-s"], f"{master}\n{master}\n")
    passwords = json.loads(PASSWORDS.read_text())
    wanted = {f"{USER}@{OWN}": passwords[USER]}
    wanted |= {f"krbtgt/{to}@{of}": passwords["trust"] for to, of in ((OWN, OTHER), (OTHER, OWN))}
    there = told(["kadmin.local"], "listprincs\n").split()
    told(["kadmin.local"], "".join(f"addprinc -pw {wanted[one]} {one}\n" for one in wanted if one not in there))
    missing = set(wanted) - set(told(["kadmin.local"], "listprincs\n").split())
    if missing:
        raise SystemExit(f"kadmin.local did not make {', '.join(sorted(missing))}")


def told(argv: list[str], lines: str) -> str:
    """What a program says to these lines; its failure is one of the unit."""
    return subprocess.run(argv, input=lines, text=True, stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    main()
