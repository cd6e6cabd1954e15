# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of Zimbra runs on a host: its service principals, its ports, and the place of a host among several."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.fleet import (
    FleetRefusal,
    Member,
    host_principals,
    member,
    shares,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.fleet_logins import logins
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_fleet import first, place
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_host import (
    ZimbraHostRefusal,
    zimbra_host,
)

REALM = "EXAMPLE.TEST"
DOMAIN = "example.test"
LB = "mail.example.test"


def server(name: str, *parts: str, **more: Any) -> Member:
    aliases = more.pop("aliases", [])
    return member(name, DOMAIN, aliases=aliases, zimbra=zimbra_host(name, parts, **more))


ALL = ("mailbox", "proxy", "mta")
ZIMBRA1 = server("zimbra1", *ALL, aliases=[LB], mta_hostname=LB)
ZIMBRA2 = server("zimbra2", "proxy", "mta", aliases=[LB])


def tried(*members: Member) -> list[tuple[Any, ...]]:
    known = {one.host: one for one in members}
    found = logins(shares({"zimbra": list(known)}, known, REALM), known, "alice@EXAMPLE.TEST")
    assert not [one for one in found if "authzid" in one]
    return [
        (one["host"].partition(".")[0], one["protocol"], one["tls"], one.get("port"), one["service_principal"])
        for one in found
    ]


def short(*members: Member) -> list[tuple[Any, ...]]:
    return [(host, f"{protocol} {port or tls}", name) for host, protocol, tls, port, name in tried(*members)]


def at(service: str, name: str) -> str:
    return f"{service}/{name}@{REALM}"


@pytest.mark.parametrize(
    ("parts", "web", "classes"),
    [
        (ALL, False, ("imap", "pop", "smtp")),
        (ALL, True, ("imap", "pop", "smtp", "HTTP")),
        (("mta", "proxy"), False, ("imap", "pop", "smtp")),
        (("mta",), True, ("smtp",)),  # the web client is mailboxd's
        (("mailbox",), False, ("imap", "pop")),
        ((), False, ()),
    ],
)
def test_service_classes_of_the_parts(parts: tuple[str, ...], web: bool, classes: tuple[str, ...]) -> None:
    assert zimbra_host("zimbra1", parts, web).classes == classes


def test_the_shared_name_has_keys_of_every_class() -> None:
    assert host_principals(ZIMBRA1, "zimbra", REALM) == tuple(
        at(service, name) for name in ("zimbra1.example.test", LB) for service in ("imap", "pop", "smtp")
    )


def test_the_hosts_own_table_of_services_wins() -> None:
    one = member("zimbra1", DOMAIN, services={"zimbra": ["imap"]}, zimbra=zimbra_host("zimbra1", ALL))
    assert host_principals(one, "zimbra", REALM) == (at("imap", "zimbra1.example.test"),)


def test_no_keys_for_other_products() -> None:
    assert host_principals(ZIMBRA1, "postfix", REALM)[0] == at("smtp", "zimbra1.example.test")


def test_a_whole_server_and_one_without_a_mail_store_behind_a_balancer() -> None:
    own1, own2 = "zimbra1.example.test", "zimbra2.example.test"
    assert short(ZIMBRA1, ZIMBRA2) == [
        ("zimbra1", "imap starttls", at("imap", own1)),
        ("zimbra1", "imap implicit", at("imap", own1)),
        ("zimbra1", "imap 7143", at("imap", own1)),
        ("zimbra1", "pop3 starttls", at("pop", own1)),
        ("zimbra1", "pop3 implicit", at("pop", own1)),
        ("zimbra1", "pop3 7110", at("pop", own1)),
        ("zimbra1", "imap starttls", at("imap", LB)),
        ("zimbra1", "imap implicit", at("imap", LB)),
        ("zimbra1", "pop3 starttls", at("pop", LB)),
        ("zimbra1", "pop3 implicit", at("pop", LB)),
        ("zimbra1", "smtp 587", at("smtp", LB)),
        ("zimbra2", "imap starttls", at("imap", own2)),
        ("zimbra2", "imap implicit", at("imap", own2)),
        ("zimbra2", "pop3 starttls", at("pop", own2)),
        ("zimbra2", "pop3 implicit", at("pop", own2)),
        ("zimbra2", "smtp 587", at("smtp", own2)),
        ("zimbra2", "imap starttls", at("imap", LB)),
        ("zimbra2", "imap implicit", at("imap", LB)),
        ("zimbra2", "pop3 starttls", at("pop", LB)),
        ("zimbra2", "pop3 implicit", at("pop", LB)),
    ]


def test_mail_stores_of_a_site_without_a_proxy_have_the_ports_of_the_protocols() -> None:
    store = server("store1", "mailbox")
    own = at("imap", "store1.example.test")
    assert short(store)[:2] == [("store1", "imap starttls", own), ("store1", "imap implicit", own)]
    assert short(store, server("proxy1", "proxy"))[0] == ("store1", "imap 7143", own)


def test_the_web_client_by_the_servers_own_name() -> None:
    one = server("zimbra1", "mailbox", web=True, aliases=[LB])
    (login,) = [login for login in tried(one) if login[1] == "http"]
    assert login == ("zimbra1", "http", "implicit", None, at("HTTP", "zimbra1.example.test"))


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        (
            ["mailbox", "nginx"],
            "host 'z1': zimbra_services names 'nginx', which is no part of Zimbra .*; write some of",
        ),
        ("mailbox", "host 'z1': zimbra_services is no list; write some of \\[mailbox, proxy, mta\\]"),
        (None, "host 'z1': zimbra_services is no list"),
    ],
)
def test_parts_that_are_none(parts: Any, says: str) -> None:
    with pytest.raises(ZimbraHostRefusal, match=says):
        zimbra_host("z1", parts)


def test_a_name_of_the_mta_without_a_key() -> None:
    with pytest.raises(FleetRefusal, match=r"host 'z1': zimbra_mta_hostname 'mail\.example\.test' is neither its own"):
        server("z1", "mta", mta_hostname=LB)
    assert server("z1", "mta", mta_hostname="Z1.example.test.").zimbra.mta_hostname == "z1.example.test"


def test_the_first_is_the_first_with_a_mail_store() -> None:
    members = {one.host: one for one in (ZIMBRA2, ZIMBRA1)}
    assert first(list(members), members) == "zimbra1"
    assert first(["zimbra2"], members) == "zimbra2"
    assert first([], members) == ""


def test_the_place_of_a_host() -> None:
    members = {one.host: one for one in (ZIMBRA1, ZIMBRA2, server("store2", "mailbox"))}
    proxies = ["zimbra1.example.test", "zimbra2.example.test"]
    assert place("zimbra1", list(members), members) == {
        "parts": list(ALL),
        "web": False,
        "mta_hostname": LB,
        "first": True,
        "proxies": proxies,
    }
    other = place("store2", list(members), members)
    assert (other["parts"], other["first"], other["proxies"]) == (["mailbox"], False, proxies)
    assert place("store2", [], members)["first"]
