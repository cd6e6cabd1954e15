# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites, and the instances of the lab that stand for them."""

from __future__ import annotations

import pytest
from lab import fleet
from lab.failure import LabError


@pytest.mark.parametrize(
    ("instance", "site", "beside"),
    [
        ("lab", fleet.MIT, {"mit": "lab", "ad": "lab-ad", "zimbra": "lab-zimbra", "cas": "lab-cas"}),
        ("lab-ad", fleet.AD, {"mit": "lab", "ad": "lab-ad", "zimbra": "lab-zimbra", "cas": "lab-cas"}),
        ("lab-zimbra", fleet.ZIMBRA, {"mit": "lab", "ad": "lab-ad", "zimbra": "lab-zimbra", "cas": "lab-cas"}),
        ("lab-cas", fleet.CAS, {"mit": "lab", "ad": "lab-ad", "zimbra": "lab-zimbra", "cas": "lab-cas"}),
        ("x-mit", fleet.MIT, {"mit": "x-mit", "ad": "x-mit-ad", "zimbra": "x-mit-zimbra", "cas": "x-mit-cas"}),
        ("read", fleet.MIT, {"mit": "read", "ad": "read-ad", "zimbra": "read-zimbra", "cas": "read-cas"}),
    ],
)
def test_an_instance_is_of_the_site_that_its_name_ends_in(instance, site, beside):
    assert fleet.site_of(instance) is site
    assert {one.name: fleet.instance_of(instance, one) for one in fleet.SITES} == beside


@pytest.mark.parametrize("site", fleet.SITES, ids=lambda site: site.name)
def test_hosts_of_a_site_share_no_name_and_no_address(site):
    assert len({host.fqdn for host in site.hosts}) == len({host.last_byte for host in site.hosts}) == len(site.hosts)
    assert {host.domain for host in site.managed} == {site.domain}
    assert site.realm == site.domain.upper()


def test_a_host_without_a_group_is_not_managed():
    assert [host.name for host in fleet.AD.hosts if host not in fleet.AD.managed] == ["dc1"]
    assert [host.name for host in fleet.ZIMBRA.hosts if host not in fleet.ZIMBRA.managed] == ["partner1"]
    assert fleet.MIT.managed == fleet.MIT.hosts
    assert fleet.AD.controllers == (fleet.AD.host("dc1"),)


def test_products_are_what_a_user_logs_in_to():
    assert fleet.MIT.products == ("postfix",)
    assert fleet.AD.products == ("axigen", "cas")
    assert fleet.ZIMBRA.products == ("zimbra",)
    assert fleet.CAS.products == ("cas",)
    assert fleet.sites_for(["cas"]) == (fleet.CAS,)
    assert fleet.sites_for(["zimbra"]) == (fleet.ZIMBRA,)
    assert fleet.sites_for([]) == ()
    assert fleet.sites_for(["all"]) == fleet.SITES


def test_a_host_of_another_site_is_not_known():
    with pytest.raises(LabError, match="no host 'mx1'; it has dc1, axigen1, cas1, client1"):
        fleet.AD.host("mx1")


def test_only_a_site_with_a_load_balancer_has_a_shared_name():
    assert fleet.MIT.alias == "mail.example.test"
    assert fleet.AD.alias == ""


def test_guests_log_in_beside_the_sites_own_user():
    assert fleet.MIT.users == ("alice@EXAMPLE.TEST",)
    assert fleet.ZIMBRA.users == ("alice@EXAMPLE.TEST", "bob@PARTNER.TEST")
    assert fleet.ZIMBRA.domains == ("example.test", "partner.test")


@pytest.mark.parametrize("count", [1, 30, fleet.LIGHT_MOST])
def test_a_light_fleet_has_as_many_mail_hosts_as_its_instance_says(count):
    site = fleet.site_of(f"bench-fleet{count}")
    assert site == fleet.light(count)
    assert (len(site.members("postfix")), len(site.managed)) == (count, count + 2)
    assert len({host.last_byte for host in site.hosts}) == len(site.hosts)
    assert max(host.last_byte for host in site.hosts) < 255
    assert set(fleet.light(1).hosts) <= set(site.hosts)


@pytest.mark.parametrize("count", [0, 151])
def test_a_light_fleet_has_no_more_hosts_than_addresses(count):
    with pytest.raises(LabError, match=f"a fleet of {count} hosts: write 1 to 150"):
        fleet.light(count)
