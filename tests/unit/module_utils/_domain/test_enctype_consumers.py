# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_consumers import (
    BY_NAME,
    CONSUMERS,
    PRODUCTS,
    TOO_LITTLE,
    ConsumerRefusal,
    common_name,
    consumer,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import BY_NUMBER, enctype_number

SWITCHES = {"allow_weak_crypto", "allow_rc4", "allow_des3"}


@pytest.mark.parametrize("one", CONSUMERS, ids=lambda one: one.name)
def test_a_row_speaks_of_what_it_can_use(one):
    assert one.usable <= set(BY_NUMBER)
    assert {17, 18} <= one.usable
    assert set(one.needs) <= one.usable
    assert {switch for needed in one.needs.values() for switch in needed} <= SWITCHES
    assert set(one.ends) <= {16, 23}
    assert one.title and one.source


def test_every_name_leads_to_its_row():
    assert len(BY_NAME) == len(CONSUMERS)
    assert {one.product for one in CONSUMERS} == set(PRODUCTS.values())
    for name, one in BY_NAME.items():
        assert consumer(name) is one


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("mit", "mit1.21"),
        ("MIT krb5 1.20.1", "mit1.18"),
        ("mit 1.22", "mit1.21"),
        ("krb5-1.17", "mit1.15"),
        ("RHEL 8.10", "el8"),
        ("rocky10", "el8"),
        ("Fedora 44", "el8"),
        ("openjdk-1.8.0", "java8"),
        ("java9", "java8"),
        ("JDK 16", "java11"),
        ("java25", "java17"),
        ("heimdal", "heimdal7"),
        ("heimdal1.5.3", "heimdal1.5"),
        ("heimdal 7.8", "heimdal7"),
        ("active-directory", "active_directory"),
        ("AD", "active_directory"),
        ("Windows Server 2025", "active_directory"),
    ],
)
def test_what_people_write_is_understood(written, name):
    assert consumer(written).name == name


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("jaav17", "did you mean 'java17'?"),
        ("heimdall", "did you mean 'heimdal'?"),
        ("shishi", "write one of mit1.15, "),
        ("", "write one of mit1.15, "),
        ("17", "write one of mit1.15, "),
        ("java7", "older than any that is known here; leave it out, or write java8"),
        ("mit1.6", "write mit1.15"),
        ("java", "says too little about encryption types; write its version too, as in java17"),
        ("JDK", "write its version too"),
        ("Zimbra 10.1", "heimdal1.5 and the Java of its mailbox server"),
    ],
)
def test_others_are_refused_with_a_remedy(written, why):
    with pytest.raises(ConsumerRefusal) as refused:
        consumer(written, "enctype_consumers")
    assert str(refused.value).startswith(f"enctype_consumers: '{written}' ")
    assert why in str(refused.value)


def test_every_consumer_takes_the_common_name():
    assert {common_name(number) for one in CONSUMERS for number in one.usable} >= {"arcfour-hmac-md5", "des3-cbc-sha1"}
    for number in BY_NUMBER:
        assert enctype_number(common_name(number)) == number


def test_a_word_that_says_too_little_names_rows_that_are_there():
    for remedy in TOO_LITTLE.values():
        assert [name for name in BY_NAME if name in remedy], remedy


def test_what_ends_goes_on_as_a_sentence():
    for one in CONSUMERS:
        for text in one.ends.values():
            assert "20" in text and not text.endswith(".")


def test_who_needs_the_pair():
    assert {one.name for one in CONSUMERS if one.pair} == {"mit1.15", "java8", "java11"}
