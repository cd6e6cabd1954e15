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
        ("MIT Kerberos 1.18", "mit1.18"),
        ("mit1.20.9", "mit1.18"),
        ("MIT krb5 1.20.1", "mit1.18"),
        ("mit 1.22", "mit1.21"),
        ("krb5-1.17", "mit1.15"),
        ("RHEL 8.10", "el8"),
        ("rocky10", "el8"),
        ("Red Hat 9", "el8"),
        ("centos8", "el8"),
        ("AlmaLinux 9", "el8"),
        ("Oracle Linux 8", "el8"),
        ("Fedora 44", "el8"),
        ("openjdk-1.8.0", "java8"),
        ("java10", "java8"),
        ("JRE 17.0.2", "java17"),
        ("JDK 16", "java11"),
        ("java25", "java17"),
        ("heimdal", "heimdal7"),
        ("heimdal1.5.3", "heimdal1.5"),
        ("heimdal 7.8", "heimdal7"),
        ("heimdal6", "heimdal1.5"),
        ("active-directory", "active_directory"),
        ("AD", "active_directory"),
        ("windows", "active_directory"),
        ("Windows Server 2025", "active_directory"),
    ],
)
def test_what_people_write_is_understood(written, name):
    assert consumer(written).name == name


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("jaav17", "is no consumer of encryption types that is known here; did you mean 'java17'?"),
        ("heimdall", "did you mean 'heimdal'?"),
        ("shishi", "write one of mit1.15, "),
        ("", "write one of mit1.15, "),
        ("17", "write one of mit1.15, "),
        ("java7", "older than any that is known here; leave it out, or write java8"),
        ("mit1.14.9", "write mit1.15 if it can do the same"),
        ("centos 7", "write el8 if"),
        ("heimdal1.4", "write heimdal1.5 if"),
        ("java", "says too little about encryption types; write its version too, as in java17"),
        ("JDK", "write its version too"),
        ("jre", "write its version too"),
        ("OpenJDK", "write its version too"),
        ("zimbra", "heimdal1.5 and the Java of its mailbox server"),
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


WEAK, OWN = ("allow_weak_crypto",), {16: ("allow_des3",), 23: ("allow_rc4",), 24: ("allow_weak_crypto",)}


@pytest.mark.parametrize(
    ("name", "usable", "needs"),
    [
        ("mit1.15", {1, 2, 3, 16, 17, 18, 19, 20, 23, 24, 25, 26}, {1: WEAK, 2: WEAK, 3: WEAK, **OWN}),
        ("mit1.18", {16, 17, 18, 19, 20, 23, 24, 25, 26}, OWN),
        ("mit1.21", {16, 17, 18, 19, 20, 23, 24, 25, 26}, OWN),
        ("el8", {17, 18, 19, 20, 23, 24, 25, 26}, {23: OWN[23], 24: WEAK}),
        ("java8", {1, 3, 16, 17, 18, 23}, {1: WEAK, 3: WEAK, 16: WEAK, 23: WEAK}),
        ("java11", {1, 3, 16, 17, 18, 19, 20, 23}, {1: WEAK, 3: WEAK, 16: WEAK, 23: WEAK}),
        ("java17", {1, 3, 16, 17, 18, 19, 20, 23}, {1: WEAK, 3: WEAK, 16: WEAK, 23: WEAK}),
        ("heimdal1.5", {1, 2, 3, 16, 17, 18, 23}, {1: WEAK, 2: WEAK, 3: WEAK}),
        ("heimdal7", {1, 2, 3, 16, 17, 18, 19, 20, 23}, {1: WEAK, 2: WEAK, 3: WEAK}),
        ("active_directory", {17, 18, 23}, {}),
    ],
)
def test_who_can_use_what_and_needs_which_switch(name, usable, needs):
    assert consumer(name).usable == usable
    assert consumer(name).needs == needs


def test_the_relations_of_each():
    assert {one.relations for one in CONSUMERS if one.product == "heimdal"} == {("default_etypes",)}
    assert {one.relations for one in CONSUMERS if one.name in ("mit1.18", "mit1.21", "el8", "java17")} == {
        ("permitted_enctypes",)
    }
    assert consumer("java8").relations == ("permitted_enctypes", "default_tkt_enctypes", "default_tgs_enctypes")
    assert consumer("active_directory").relations == ()


def test_the_dates_of_each():
    dates = {one.name: dict(one.ends) for one in CONSUMERS}
    for name in ("mit1.15", "mit1.18", "mit1.21"):
        assert "1.21 (June 2023)" in dates[name][16] and "allow_des3" in dates[name][16]
        assert "1.21 (June 2023)" in dates[name][23] and "allow_rc4" in dates[name][23]
    for name in ("java8", "java11", "java17"):
        assert "Java 17 (September 2021)" in dates[name][16] and "allow_weak_crypto" in dates[name][23]
    assert "(May 2019)" in dates["el8"][16] and "AD-SUPPORT-LEGACY" in dates["el8"][23]
    assert "April 2026" in dates["active_directory"][23] and "July 2026" in dates["active_directory"][23]
    assert dates["heimdal1.5"] == dates["heimdal7"] == {}


def test_who_needs_the_pair():
    assert {one.name for one in CONSUMERS if one.pair} == {"mit1.15", "java8", "java11"}
