# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the controller before Samba starts: the accounts that the lab's hosts and tests count upon.

The organizational unit Mail, users in CN=Users with the passwords of this lab, and the rights of the delegated one.
What is there stays as it is: a domain outlives a reboot.
"""

from __future__ import annotations

import json
import pathlib
import typing

import delegation  # type: ignore[import-not-found]  # lies beside it in the image
import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
from samba.sd_utils import SDUtils

PASSWORDS = pathlib.Path("/lab-private/passwords.json")
UNIT = "Mail"
DELEGATED = "joiner"


def main() -> None:
    settings = LoadParm()
    settings.load_default()
    database = SamDB(session_info=system_session(), lp=settings)
    unit = f"OU={UNIT},{database.domain_dn()}"
    if not _there(database, f"(&(objectClass=organizationalUnit)(ou={UNIT}))"):
        database.add({"dn": unit, "objectClass": "organizationalUnit"})
    for name, password in json.loads(PASSWORDS.read_text()).items():
        if not _there(database, f"(sAMAccountName={name})"):
            database.newuser(name, password)
    _serve_ldap(database)
    (joiner,) = _there(database, f"(sAMAccountName={DELEGATED})")
    sid = database.schema_format_value("objectSid", joiner["objectSid"][0]).decode()
    rights = SDUtils(database)
    for entry in delegation.entries(sid):
        rights.dacl_add_ace(unit, entry)


def _there(database: SamDB, expression: str) -> list[typing.Any]:
    return list(database.search(base=database.domain_dn(), scope=ldb.SCOPE_SUBTREE, expression=expression))


def _serve_ldap(database: SamDB) -> None:
    """The controller's principals for LDAP, which Samba makes when it updates a DNS of its own."""
    name, domain = settings_name(database), database.domain_dns_name()
    (controller,) = _there(database, f"(sAMAccountName={name.upper()}$)")
    wanted = {f"ldap/{name}.{domain}", f"ldap/{name}.{domain}/{domain}", f"ldap/{name}"}
    had = {value.decode() for value in controller.get("servicePrincipalName", [])}
    if wanted - had:
        change = ldb.Message(controller.dn)
        change["spn"] = ldb.MessageElement(sorted(wanted - had), ldb.FLAG_MOD_ADD, "servicePrincipalName")
        database.modify(change)


def settings_name(database: SamDB) -> str:
    """The controller's short name, in lower case."""
    return str(database.lp.get("netbios name")).lower()


if __name__ == "__main__":
    main()
