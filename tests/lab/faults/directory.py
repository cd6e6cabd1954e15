# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of accounts in Active Directory, made on the domain controller's own database.

Each account is kept as it was, attribute by attribute with its keys, and brought back so: a password that was set anew
would otherwise stay so. Some of it no tool would do, for Samba itself keeps two accounts from having one name.
"""

from __future__ import annotations

import string

from .. import fleet
from . import ByFault, ByPair, Fault, Pair
from .axigen import GSSAPI_GONE_FROM_IMAP

PARTITION = "/var/lib/samba/private/sam.ldb.d/DC=AD,DC=EXAMPLE,DC=TEST.ldb"
RECORD = string.Template(
    """python3 - <<'EOP'
import base64, json, pathlib, ldb
database = ldb.Ldb('$partition')
place = ldb.Dn(database, 'CN=$account,$folder,DC=ad,DC=example,DC=test')
kept = pathlib.Path('$kept')
(entry,) = database.search(base=place, scope=ldb.SCOPE_BASE)
now = {name: [bytes(value) for value in entry[name]] for name in entry if name != 'dn'}
def put(changes):
    message = ldb.Message(place)
    for number, (name, values) in enumerate(changes.items()):
        kind = ldb.FLAG_MOD_REPLACE if values else ldb.FLAG_MOD_DELETE
        message[str(number)] = ldb.MessageElement(values, kind, name)
    if changes:
        database.modify(message)
$work
EOP
"""
)
KEEP = "kept.write_text(json.dumps({k: [base64.b64encode(one).decode() for one in v] for k, v in now.items()}))\n"
BRING_BACK = """then = {k: [base64.b64decode(one) for one in v] for k, v in json.loads(kept.read_text()).items()}
put({name: then.get(name, []) for name in {*then, *now} if then.get(name) != now.get(name)})
kept.unlink()
"""
# For half an hour, as the domain has it
LOCKED_NOW = "put({'lockoutTime': [str(int(time.time() + 11644473600) * 10**7).encode()]})"
AGO = 131000000000000000  # of February 2016, as 100 ns since 1601


def _record(account: str, work: str) -> str:
    facts = {"account": account, "folder": "CN=Users" if account == "probe" else "OU=Mail"}
    return RECORD.substitute(facts, partition=PARTITION, kept=f"/root/account-{account}.json", work=work)


def _put(**changes: str | int) -> str:
    """The line that sets attributes; dashes of their names are written as underscores."""
    written = {name.replace("_", "-"): [str(value).encode()] for name, value in changes.items()}
    return f"put({written})"


def _fault(name: str, check: str, shown: str, work: str = "", after: str = "", account: str = "axigen_imap") -> Fault:
    host = "cas1" if account == "cas_http" else "axigen1"
    return Fault(
        name,
        host,
        _record(account, KEEP + work) + after,
        _record(account, BRING_BACK),
        check,
        shown,
        made_on="dc1",
    )


POP3_DISABLED = _fault(
    "the account of POP3 is disabled",
    "directory.account_disabled",
    "axigen_pop.*ACCOUNTDISABLE",
    after="samba-tool user disable axigen_pop",
    account="axigen_pop",
)
EXPIRED = _fault(
    "the account of SMTP has expired",
    "directory.account_expired",
    "axigen_smtp.*accountExpires 2016",
    _put(accountExpires=AGO),
    account="axigen_smtp",
)
_DIRECTORY = (
    POP3_DISABLED,
    EXPIRED,
    _fault(
        "the account of IMAP is locked",
        "directory.account_locked",
        "axigen_imap.*locked out",
        f"import time\n{LOCKED_NOW}",
    ),
    _fault(
        "the password of IMAP's account has expired",
        "directory.password_expired",
        "axigen_imap.*password expired",
        _put(pwdLastSet=0, userAccountControl=512),
    ),
    _fault(
        "another account has IMAP's service principal too",
        "directory.spn_duplicate",
        r"imap/axigen1\S+: CN=axigen_imap\S+; CN=axigen_pop",
        _put(servicePrincipalName="imap/axigen1.ad.example.test"),
        account="axigen_pop",
    ),
    _fault(
        "IMAP's account has lost its service principal",
        "directory.spn_missing",
        "imap/axigen1.*no account",
        after="samba-tool spn delete imap/axigen1.ad.example.test axigen_imap",
    ),
    _fault(
        "somebody ran ktpass for IMAP's account once more",
        "directory.kvno_differs",
        "kvno 1; msDS-KeyVersionNumber of axigen_imap: 2",
        after="samba-tool user setpassword axigen_imap --newpassword=Another-word-of-a-person-4711",
    ),
    _fault(
        "IMAP's account has RC4 alone",
        "directory.weak_enctypes",
        "axigen_imap: arcfour-hmac; permitted_enctypes: aes256",
        _put(msDS_SupportedEncryptionTypes=4),
    ),
    _fault(
        "the account that verifies is locked",
        "directory.account_locked",
        "probe.*locked out",
        f"import time\n{LOCKED_NOW}",
        account="probe",
    ),
    _fault(
        "the account of CAS is disabled",
        "directory.account_disabled",
        "cas_http.*ACCOUNTDISABLE",
        after="samba-tool user disable cas_http",
        account="cas_http",
    ),
)

FAULTS: ByFault = {fleet.AD.name: _DIRECTORY}
PAIRS: ByPair = {fleet.AD.name: (Pair(POP3_DISABLED, GSSAPI_GONE_FROM_IMAP),)}
