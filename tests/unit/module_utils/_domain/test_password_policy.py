# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keysalt import KeySalt
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.password_policy import (
    PolicyRefusal,
    parse_policy_wishes,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal
from hypothesis import given
from hypothesis import strategies as st

COUNTS = ("min_length", "min_classes", "history", "max_failures")
LEAST = {"min_length": 1, "min_classes": 1, "history": 1, "max_failures": 0}


def read(**item):
    (wish,) = parse_policy_wishes([{"name": "users", **item}])
    return wish


def test_values_are_read():
    wish = read(
        max_life="1d 12h",
        min_life="3600",
        min_length=8,
        min_classes=3,
        history=5,
        max_failures=0,
        failure_count_interval="0",
        lockout_duration="0:15:00",
        allowed_keysalts=["AES256-CTS", "rc4-hmac:onlyrealm", "aes256-sha1"],
    )
    assert wish.present and dict(wish.values) == {
        "max_life": 129600,
        "min_life": 3600,
        "min_length": 8,
        "min_classes": 3,
        "history": 5,
        "max_failures": 0,
        "failure_count_interval": 0,
        "lockout_duration": 900,
        "allowed_keysalts": (KeySalt(18), KeySalt(23, 3)),
    }


def test_what_is_not_asked_is_no_value_and_an_empty_list_is_one():
    assert read(min_length=None).values == {}
    assert read(allowed_keysalts=[]).values == {"allowed_keysalts": ()}


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"min_length": 0}, "min_length: 0 is out of range; write a number of at least 1"),
        ({"min_length": -8}, "min_length: -8 is out of range; write a number of at least 1"),
        ({"min_length": 2**31}, "min_length: 2147483648 is out of range; write a number of at least 1"),
        ({"min_classes": 9}, "min_classes: 9 is out of range; write a number from 1 to 5"),
        ({"min_classes": 0}, "min_classes: 0 is out of range; write a number from 1 to 5"),
        ({"history": 0}, "history: 0 is out of range; write a number of at least 1"),
        ({"max_failures": -1}, "max_failures: -1 is out of range; write a number of at least 0"),
        ({"max_life": "-1d"}, "max_life: '-1d' is not a duration; write it"),
        ({"lockout_duration": "a while"}, "lockout_duration: 'a while' is not a duration; write it"),
        ({"allowed_keysalts": ["aes265-cts"]}, "allowed_keysalts: 'aes265-cts' is not the name of an encryption type"),
        ({"allowed_keysalts": ["aes256-cts:normla"]}, "allowed_keysalts: 'aes256-cts:normla' names no salt type"),
        (
            {"max_life": "1d", "min_life": "2d"},
            (
                "min_life: 2d is longer than max_life, which is 1d, so a password would expire before it may be "
                "changed; shorten the one or lengthen the other"
            ),
        ),
    ],
)
def test_wishes_that_are_refused(item, words):
    with pytest.raises(PolicyRefusal) as refused:
        read(**item)
    assert str(refused.value).startswith(f"policy 'users': {words}") and "; " in str(refused.value)


def test_passwords_that_never_expire_may_be_kept_for_long():
    assert read(max_life="0", min_life="2d").values == {"max_life": 0, "min_life": 172800}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "name: is empty"),
        ("  ", "name: is empty"),
        ("a\nb", r"name: 'a\nb' holds a newline"),
        ("größer", "name: 'größer' holds other characters than printable ASCII"),
        ("-help", "name: '-help' begins with a dash"),
        ('a"b', "name: 'a\"b' holds a double quote"),
        (" users", "name: ' users' begins or ends with a blank"),
        ("[none]", "name: '[none]' is what kadmin prints"),
    ],
)
def test_names_that_are_refused(name, words):
    with pytest.raises(Refusal) as refused:
        parse_policy_wishes([{"name": name}])
    assert str(refused.value).startswith(words) and "; " in str(refused.value)


@pytest.mark.parametrize("name", ["-help", 'a"b', " users", "[none]"])
def test_names_that_a_slip_may_have_made_can_be_deleted(name):
    (wish,) = parse_policy_wishes([{"name": name, "state": "absent"}])
    assert (wish.name, wish.present) == (name, False)


def test_policy_listed_twice():
    with pytest.raises(PolicyRefusal, match=r"^policy 'a': is listed twice; keep one of the two$"):
        parse_policy_wishes([{"name": "a"}, {"name": "b"}, {"name": "a"}])
    assert len(parse_policy_wishes([{"name": "a"}, {"name": "A"}])) == 2


@given(st.sampled_from(COUNTS), st.integers())
def test_numbers_are_kept_or_refused(option, number):
    most = 5 if option == "min_classes" else 2**31 - 1
    if LEAST[option] <= number <= most:
        assert read(**{option: number}).values == {option: number}
    else:
        with pytest.raises(PolicyRefusal):
            read(**{option: number})
