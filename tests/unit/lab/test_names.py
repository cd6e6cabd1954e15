# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab's DNS is told."""

from __future__ import annotations

import ipaddress

from lab import fleet, names

SUBNET = ipaddress.IPv4Network("10.96.7.0/24")


def test_a_host_has_its_own_name_before_the_shared_one():
    lines = [line.split() for line in names.records(fleet.MIT, SUBNET).splitlines()]
    first: dict[str, str] = {}
    for address, name in lines:
        first.setdefault(address, name)
    assert first == {str(host.address(SUBNET)): host.fqdn for host in fleet.MIT.hosts}


def test_the_shared_name_has_the_addresses_of_both_mail_hosts():
    lines = [line.split() for line in names.records(fleet.MIT, SUBNET).splitlines()]
    assert [address for address, name in lines if name == "mail.example.test"] == ["10.96.7.20", "10.96.7.21"]


def test_dnsmasq_answers_for_both_zones_and_asks_others_for_the_rest():
    lines = names.settings(fleet.MIT, SUBNET, ["192.0.2.53"]).splitlines()
    assert {"local=/example.test/", "local=/7.96.10.in-addr.arpa/", "server=192.0.2.53", "no-resolv"} <= set(lines)


def test_dnsmasq_answers_for_the_domain_of_the_other_realm_too():
    lines = names.settings(fleet.ZIMBRA, SUBNET, ["192.0.2.53"]).splitlines()
    assert {"local=/example.test/", "local=/partner.test/"} <= set(lines)
    assert "10.96.7.12 partner1.partner.test" in names.records(fleet.ZIMBRA, SUBNET).splitlines()


def test_clients_find_the_domain_controller():
    lines = names.settings(fleet.AD, SUBNET, ["192.0.2.53"]).splitlines()
    assert "srv-host=_ldap._tcp.dc._msdcs.ad.example.test,dc1.ad.example.test,389" in lines
    assert "local=/ad.example.test/" in lines
    assert not any(line.startswith("srv-host=") for line in names.settings(fleet.MIT, SUBNET, ["192.0.2.53"]).split())


def test_another_name_stands_before_the_own_one_in_a_wrong_pointer():
    address = fleet.AD.host("axigen1").address(SUBNET)
    lines = names.pointed(names.records(fleet.AD, SUBNET), address, "other.ad.example.test").splitlines()
    assert [name for one, name in map(str.split, lines) if one == str(address)] == [
        "other.ad.example.test",
        "axigen1.ad.example.test",
    ]


def test_a_resolver_on_the_loopback_is_not_reached_from_a_container():
    text = (
        "# nameserver 192.0.2.1\nsearch x\nnameserver 127.0.0.53\nnameserver ::1\nnameserver 192.0.2.53\nnameserver\n"
    )
    assert names.nameservers(text) == ["192.0.2.53"]


def test_the_zone_of_a_link_local_resolver_is_left_out():
    assert names.nameservers("nameserver fe80::1%eth0\n") == ["fe80::1"]


def test_the_first_file_with_a_resolver_counts(tmp_path):
    (tmp_path / "stub").write_text("nameserver 127.0.0.53\n")
    (tmp_path / "real").write_text("nameserver 192.0.2.53\n")
    assert names.upstream([tmp_path / "none", tmp_path / "stub", tmp_path / "real"]) == ["192.0.2.53"]
    assert names.upstream([tmp_path / "stub"]) == []
