# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, subnets and MACs of a lab."""

from __future__ import annotations

import ipaddress
import itertools

import pytest
from lab import identity
from lab.failure import LabError
from lab.identity import Lab

ONE = Lab("/srv/one/kerberos")
OTHER = Lab("/srv/other/kerberos")


def test_checkouts_and_instances_share_no_name():
    labs = [ONE, OTHER, Lab(ONE.checkout, "fidelity"), Lab(OTHER.checkout, "fidelity")]
    assert len({lab.prefix for lab in labs}) == len(labs)
    assert len({lab.container("kdc1") for lab in labs}) == len(labs)


def test_names_stay_the_same_from_run_to_run():
    assert Lab("/srv/one/kerberos").prefix == "mailrealm-c2b00b428c-lab"


def test_labs_of_one_checkout_share_its_images():
    assert Lab(ONE.checkout, "fidelity").repository == ONE.repository != OTHER.repository


@pytest.mark.parametrize("instance", ["", "-x", "x-", "X", "a_b", "a" * 17, "a b", "a/b", "..", "ü", "a\n", "logs"])
def test_an_instance_that_cannot_be_part_of_a_name_is_refused(instance):
    with pytest.raises(LabError, match="LAB="):
        Lab(ONE.checkout, instance)


@pytest.mark.parametrize("instance", ["a", "lab", "7", "molecule-2", "a" * 16])
def test_an_instance_is_a_word(instance):
    assert Lab(ONE.checkout, instance).prefix.endswith(f"-{instance}")


def test_labels_of_an_instance_are_those_of_its_checkout_and_its_own():
    assert ONE.labels.items() > ONE.checkout_labels.items()
    assert not ONE.labels.items() <= Lab(ONE.checkout, "x").labels.items()


def test_every_subnet_of_the_pool_comes_once():
    every = list(identity.subnets(ONE))
    assert len(every) == len(set(every)) == 4096
    assert all(subnet.prefixlen == 24 and subnet.subnet_of(identity.POOL) for subnet in every)


def test_labs_begin_their_search_at_different_places():
    first = {next(identity.subnets(Lab(ONE.checkout, f"i{number}"))) for number in range(20)}
    assert len(first) >= 18


def test_a_free_subnet_overlaps_no_used_one():
    favourite, second, third = itertools.islice(identity.subnets(ONE), 3)
    assert identity.free_subnet(ONE, []) == favourite
    assert identity.free_subnet(ONE, [favourite]) == second
    inside = next(favourite.subnets(new_prefix=28))
    around = second.supernet(new_prefix=23)
    assert identity.free_subnet(ONE, [inside, second]) == third
    assert not identity.free_subnet(ONE, [inside, around]).overlaps(around)


def test_a_default_route_takes_no_subnet():
    assert identity.free_subnet(ONE, [ipaddress.IPv4Network("0.0.0.0/0")]) == next(identity.subnets(ONE))


def test_a_pool_that_is_taken_is_said_in_a_sentence():
    with pytest.raises(LabError, match=r"no /24 of .* is free"):
        identity.free_subnet(ONE, [ipaddress.IPv4Network("10.0.0.0/8")])


def test_a_mac_is_local_unicast_and_made_of_the_address():
    assert identity.mac(ipaddress.IPv4Address("10.96.7.20")) == "02:00:0a:60:07:14"


def test_the_reverse_zone_of_a_subnet():
    assert identity.reverse_zone(ipaddress.IPv4Network("10.96.7.0/24")) == "7.96.10.in-addr.arpa"


def test_a_digest_tells_where_one_part_ends():
    assert identity.digest("ab", "c") != identity.digest("a", "bc")
