# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import (
    BY_NAME,
    ENCTYPES,
    FAMILIES,
    EnctypeRefusal,
    enctype_name,
    enctype_number,
    expand_enctypes,
)


@pytest.mark.parametrize("enctype", ENCTYPES, ids=lambda enctype: enctype.name)
def test_every_name_leads_to_its_number_and_back(enctype):
    for name in (enctype.name, *enctype.aliases):
        assert enctype_number(name) == enctype.number
        assert enctype_number(name.upper()) == enctype.number
    assert enctype_name(enctype.number) == enctype.name


def test_no_name_is_given_twice():
    assert len(BY_NAME) == sum(1 + len(enctype.aliases) for enctype in ENCTYPES)


def test_a_number_without_a_name_is_shown_as_a_number():
    assert enctype_name(4711) == "enctype 4711"


def test_families_and_names_expand_in_order_and_once():
    assert expand_enctypes(["aes128-sha1", "AES", "rc4"]) == (17, 18, 20, 19, 23)
    assert set(FAMILIES["des"]) == {1, 2, 3}


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("aes265-cts", "did you mean 'aes256-cts'?"),
        ("aes256-cts:normal", "without the salt type"),
        ("qqqq", "aes256-cts-hmac-sha1-96"),
    ],
)
def test_an_unknown_name_is_refused_with_a_remedy(name, remedy):
    with pytest.raises(EnctypeRefusal, match=r"^enctypes: ") as refused:
        expand_enctypes([name])
    assert remedy in str(refused.value)


def test_a_family_is_no_single_enctype():
    with pytest.raises(EnctypeRefusal, match=r"master_key_type: 'aes' .* family"):
        enctype_number("aes", option="master_key_type")
