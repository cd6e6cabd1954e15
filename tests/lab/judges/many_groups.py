# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a user of the domain a member of many groups, or of none of them.

Runs on the controller with Samba's own library. The groups are made once and stay, in an organizational unit of their
own: one that all others stand above, some in that, and the many in those. The user comes and goes by the first alone.
Standard input is JSON: `user` (the account), `groups` (how many, the first and those in between counted), `member`
(whether it shall be one). Standard output is one JSON object: `groups`, how many there are.
"""

from __future__ import annotations

import json
import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

UNIT = "Many"
FIRST = "many"
# A group's links back are gone through for each new one: a few hundred in one group take long.
BETWEEN = 20


def main() -> None:
    order = json.load(sys.stdin)
    settings = LoadParm()
    settings.load_default()
    database = SamDB(session_info=system_session(), lp=settings)
    unit = f"OU={UNIT},{database.domain_dn()}"
    database.transaction_start()
    try:
        _make(database, unit, order["groups"])
        _place(database, f"CN={FIRST},{unit}", order["user"], order["member"])
    except BaseException:
        database.transaction_cancel()
        raise
    database.transaction_commit()
    print(json.dumps({"groups": len(_found(database, unit, "(objectClass=group)"))}))


def _make(database: SamDB, unit: str, count: int) -> None:
    """The groups that are not there; the unit comes first, and tells whether there are any."""
    if _found(database, database.domain_dn(), f"(&(objectClass=organizationalUnit)(ou={UNIT}))"):
        return
    database.add({"dn": unit, "objectClass": "organizationalUnit"})
    first = f"CN={FIRST},{unit}"
    database.add({"dn": first, "objectClass": "group", "sAMAccountName": FIRST})
    between = [f"CN={FIRST}-{number},{unit}" for number in range(min(BETWEEN, count - 1))]
    for number in range(count - 1):
        name = f"{FIRST}-{number}"
        above = first if number < len(between) else between[number % len(between)]
        database.add({"dn": f"CN={name},{unit}", "objectClass": "group", "sAMAccountName": name, "member": above})


def _place(database: SamDB, group: str, user: str, member: bool) -> None:
    """Puts the user into the group, or out of it."""
    (account,) = _found(database, database.domain_dn(), f"(sAMAccountName={user})")
    there = bool(_found(database, database.domain_dn(), f"(&(sAMAccountName={FIRST})(member={account.dn}))"))
    if there != member:
        change = ldb.Message(ldb.Dn(database, group))
        flag = ldb.FLAG_MOD_ADD if member else ldb.FLAG_MOD_DELETE
        change["member"] = ldb.MessageElement(str(account.dn), flag, "member")
        database.modify(change)


def _found(database: SamDB, base: str, expression: str) -> list[ldb.Message]:
    return list(database.search(base=base, scope=ldb.SCOPE_SUBTREE, expression=expression, attrs=["cn"]))


if __name__ == "__main__":
    main()
