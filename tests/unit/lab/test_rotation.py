# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab makes of ldbsearch's and klist's words about kvnos."""

from __future__ import annotations

from lab import rotation

LDIF = """\
# record 1
dn: CN=axigen_smtp,OU=Mail,DC=ad,DC=example,DC=test
sAMAccountName: axigen_smtp
msDS-KeyVersionNumber: 3

# record 2
dn: CN=axigen_pop,OU=Mail,DC=ad,DC=example,DC=test
sAMAccountName: axigen_pop
msDS-KeyVersionNumber: 12

# Referral
ref: ldap://ad.example.test/CN=Configuration,DC=ad,DC=example,DC=test

# returned 3 records
"""
KLIST = """\
Keytab name: FILE:/etc/axigen.keytab
KVNO Principal
---- --------------------------------------------------------------------------
   2 smtp/axigen1.ad.example.test@AD.EXAMPLE.TEST
   3 smtp/axigen1.ad.example.test@AD.EXAMPLE.TEST
  12 pop/axigen1.ad.example.test@AD.EXAMPLE.TEST
"""


def test_kvnos_are_read() -> None:
    assert rotation.directory_kvnos(LDIF) == {"axigen_smtp": 3, "axigen_pop": 12}
    assert rotation.keytab_kvnos(KLIST) == {"smtp/axigen1.ad.example.test": {2, 3}, "pop/axigen1.ad.example.test": {12}}


def test_what_differs_is_told() -> None:
    for held, old in (({2, 3}, True), ({1, 2, 3}, True), ({3}, False)):
        assert rotation.differing("x", 3, held, old) == []
    wrong = (
        (3, {3}, True),
        (3, {2, 3}, False),
        (3, {2}, False),
        (3, {2, 3, 4}, True),
        (3, set(), False),
        (None, {3}, False),
    )
    for now, held, old in wrong:
        assert rotation.differing("x", now, held, old) == [f"x has kvnos {sorted(held)}, the directory says {now}"]
