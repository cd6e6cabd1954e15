# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of a directory, printed as JSON: DN -> digest. Runs on the controller by its own Python."""

import hashlib
import json

from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

ACCOUNTS = "(|(objectClass=user)(objectClass=organizationalUnit))"
SECRET = ("unicodePwd", "supplementalCredentials", "ntPwdHistory", "msDS-KeyVersionNumber")
# Traces of logins, and of when the entry was written.
NOISE = {
    "badPasswordTime",
    "lastLogoff",
    "lastLogon",
    "lastLogonTimestamp",
    "logonCount",
    "replPropertyMetaData",
    "uSNChanged",
    "whenChanged",
}
# The controller keeps its own account, as it likes.
OWN = ("CN=DC1,", "OU=Domain Controllers,")


def main():
    settings = LoadParm()
    settings.load_default()
    database = SamDB(session_info=system_session(), lp=settings)
    found = {}
    for entry in database.search(base=database.domain_dn(), expression=ACCOUNTS, attrs=["*", *SECRET]):
        name = str(entry.dn)
        if not name.startswith(OWN):
            values = {one: sorted(bytes(value).hex() for value in entry[one]) for one in entry if one not in NOISE}
            values.pop("dn", None)
            found[name] = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    print(json.dumps(found))


main()
