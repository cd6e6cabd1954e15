# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a delegated account may do below one organizational unit, and nothing else, as entries of its access list.

Create users and computers there, and on them reset the password and write five attributes. The numbers are those of the
schema and of [MS-ADTS] 5.1.3.2.1, the entries' form is [MS-DTYP] 2.5.1's. Pure; runs on the controller too.
"""

from __future__ import annotations

KINDS = {
    "user": "bf967aba-0de6-11d0-a285-00aa003049e2",
    "computer": "bf967a86-0de6-11d0-a285-00aa003049e2",
}
RESET_PASSWORD = "00299570-246d-11d0-a768-00aa006e0529"
WRITTEN = {
    "servicePrincipalName": "f3a64788-5306-11d1-a9c5-0000f80367c1",
    "userPrincipalName": "28630ebb-41d5-11d1-a9c1-0000f80367c1",
    "userAccountControl": "bf967a68-0de6-11d0-a285-00aa003049e2",
    "msDS-SupportedEncryptionTypes": "20119867-1d04-4ab7-9371-cfc3d5df0afd",
    "pwdLastSet": "bf967a0a-0de6-11d0-a285-00aa003049e2",
}


def entries(sid: str) -> list[str]:
    """The access control entries for the account with this SID, in SDDL, to be set on the organizational unit."""
    kinds = KINDS.values()
    created = [f"(OA;CI;CC;{kind};;{sid})" for kind in kinds]
    reset = [f"(OA;CIIO;CR;{RESET_PASSWORD};{kind};{sid})" for kind in kinds]
    written = [f"(OA;CIIO;WP;{attribute};{kind};{sid})" for attribute in WRITTEN.values() for kind in kinds]
    return created + reset + written
