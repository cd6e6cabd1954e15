# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import EnctypeRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keysalt import (
    SPECIAL,
    KeySalt,
    KeySaltRefusal,
    keysalt_word,
    parse_keysalts,
    password_salt,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import parse_principal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_attributes import (
    AttributeRefusal,
    attribute_texts,
    parse_attributes,
)


def test_keysalts():
    wanted = parse_keysalts(["aes256-cts", "AES128-CTS:Normal", "rc4-hmac:onlyrealm", "aes256-sha1"])
    assert wanted == (KeySalt(18), KeySalt(17), KeySalt(23, 3))
    assert (
        keysalt_word(wanted) == "aes256-cts-hmac-sha1-96:normal,aes128-cts-hmac-sha1-96:normal,arcfour-hmac:onlyrealm"
    )
    assert [str(one) for one in wanted][1:] == ["aes128-cts-hmac-sha1-96", "arcfour-hmac:onlyrealm"]


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("aes256-ctx", EnctypeRefusal, "did you mean 'aes256-cts'"),
        ("aes256-cts:norml", KeySaltRefusal, "did you mean 'normal'"),
        ("aes256-cts:", KeySaltRefusal, "write one of normal, "),
    ],
)
def test_names_that_kadmin_would_ignore(text, error, words):
    with pytest.raises(error, match=words):
        parse_keysalts([text])


def test_salts():
    name = parse_principal("smtp/mx1@REALM.TEST")
    assert [password_salt(name, number) for number in (0, 2, 3)] == [b"REALM.TESTsmtpmx1", b"smtpmx1", b"REALM.TEST"]
    assert password_salt(name, SPECIAL) is None


def test_attributes_of_all_spellings():
    wishes = parse_attributes(["+requires-preauth", "-DISALLOW_ALL_TIX", "-allow_svr", "+lockdown_keys"])
    assert [str(wish) for wish in wishes] == ["+requires_preauth", "+allow_tix", "-allow_svr", "+lockdown_keys"]
    assert [wish.holds(0) for wish in wishes] == [False, True, False, False]
    assert all(wish.holds(0x801080) for wish in wishes)
    assert attribute_texts(0x801080 | 0x40000) == ("+requires_preauth", "-allow_svr", "+lockdown_keys", "+0x40000")


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["requires_preauth"], r"has no sign; write '\+requires_preauth'"),
        (["+requires_preath"], r"did you mean '\+requires_preauth'"),
        (["+qqqq"], "kadmin's manual lists"),
        (["+allow_tix", "+disallow_all_tix"], r"'\+disallow_all_tix' contradicts '\+allow_tix'"),
    ],
)
def test_attributes_that_are_refused(texts, words):
    with pytest.raises(AttributeRefusal, match=words):
        parse_attributes(texts)
