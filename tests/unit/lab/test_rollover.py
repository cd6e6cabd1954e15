# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab makes of kadmin's, klist's and the login loop's words."""

from __future__ import annotations

from lab import rollover

GETPRINC = """\
Principal: smtp/mx1.example.test@EXAMPLE.TEST
Number of keys: 3
Key: vno 2, aes256-cts-hmac-sha384-192
Key: vno 2, aes128-cts-hmac-sha256-128
Key: vno 1, DEPRECATED:arcfour-hmac, no salt
MKey: vno 1
"""
KLIST = """\
KVNO Principal
---- --------------------------------------------------------------------------
   1 smtp/mx1.example.test@EXAMPLE.TEST (DEPRECATED:arcfour-hmac)
   2 smtp/mx1.example.test@EXAMPLE.TEST (aes256-cts-hmac-sha384-192)
   7 smtp/mail.example.test@EXAMPLE.TEST (aes256-cts-hmac-sha384-192)
"""
NEW = set(rollover.NEW)


def test_the_types_of_keys_by_kvno() -> None:
    assert rollover.key_types(GETPRINC) == {2: NEW, 1: {"arcfour-hmac"}}
    assert rollover.keytab_types(KLIST, "smtp/mx1.example.test") == {1: {"arcfour-hmac"}, 2: {rollover.NEW[0]}}
    assert rollover.keytab_types(KLIST, "smtp/mx9.example.test") == {}


def test_what_differs_is_told() -> None:
    both = {1: {"arcfour-hmac"}, 2: NEW}
    assert rollover.differing("x", both, old=True) == []
    assert rollover.differing("x", both, old=False) == ["x has kvnos [1, 2]"]
    assert rollover.differing("x", {2: NEW}, old=False) == []
    assert rollover.differing("x", {2: NEW}, old=True) == ["x has kvnos [2]"]
    for types in ({}, {1: NEW, 2: {"arcfour-hmac"}}, {1: {*NEW, "arcfour-hmac"}}):
        (sentence,) = rollover.differing("x", types, old=False)
        assert sentence.startswith("x has no newest keys of")
