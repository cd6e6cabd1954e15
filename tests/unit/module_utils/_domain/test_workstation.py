# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web sites and mail servers of a workstation, from the logins of a fleet, and the browsers' policies for them."""

from __future__ import annotations

from typing import Any, Dict

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import fleet, fleet_logins, sign_on_policy
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.browser_policy import wishes_from
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.sign_on_policy import SignOn
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.workstation import (
    Account,
    Server,
    Site,
    WorkstationRefusal,
    accounts,
    accounts_from,
    as_options,
    sites,
    sites_from,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_host import zimbra_host

REALM = "EXAMPLE.TEST"


def logins(groups: Dict[str, list], **members: Dict[str, Any]) -> list:
    found = {
        host: fleet.member(host, "example.test", **members.get(host, {})) for hosts in groups.values() for host in hosts
    }
    return fleet_logins.logins(fleet.shares(groups, found, REALM), found)


def test_sites_of_cas_and_its_aliases() -> None:
    found = sites(logins({"cas": ["cas1", "cas2"]}, cas1={"aliases": ["sso.example.test"]}))
    assert [one.url for one in found] == [
        "https://cas1.example.test",
        "https://sso.example.test",
        "https://cas2.example.test",
    ]


def test_sites_of_other_products_where_they_are_asked_for() -> None:
    assert sites(logins({"axigen": ["ax1"], "zimbra": ["z1"], "postfix": ["mx1"]})) == ()
    found = sites(
        logins(
            {"axigen": ["ax1"], "zimbra": ["z1"]},
            ax1={"services": {"axigen": ["imap", "HTTP"]}},
            z1={"zimbra": zimbra_host("z1", web=True), "aliases": ["mail.example.test"]},
        )
    )
    # Zimbra's web client takes tickets for the server's own name alone
    assert [one.url for one in found] == ["https://ax1.example.test", "https://z1.example.test"]


def test_a_site_without_tls() -> None:
    login = {"protocol": "http", "tls": "none", "port": 8080, "service_principal": f"HTTP/cas1.example.test@{REALM}"}
    assert sites([login]) == (Site("http", "cas1.example.test"),)


def test_the_whole_domain() -> None:
    web = logins({"cas": ["cas1", "cas2", "cas.other.test"]})
    assert [one.url for one in sites(web, "Example.Test.")] == ["https://*.example.test", "https://cas.other.test"]
    with pytest.raises(WorkstationRefusal, match=r"^workstation_whole_domain '\*': is no domain; "):
        sites(web, "*")


def test_sites_as_users_write_them() -> None:
    assert sites_from(
        ["CAS1.example.test", "http://x.test:8080/", "https://*.y.test", "*.z.test", "cas1.example.test"]
    ) == (
        Site("https", "cas1.example.test"),
        Site("http", "x.test"),
        Site("https", "y.test", True),
        Site("https", "z.test", True),
    )


@pytest.mark.parametrize(
    "asked",
    ["cas1.example.test", None, ["cas1"], ["*"], ["https://a.test/cas"], [1], ["192.0.2.1"], ["a.test,b.test"], [""]],
)
def test_what_is_no_site(asked: Any) -> None:
    with pytest.raises(WorkstationRefusal, match=r"^workstation_sites: .*; write ") as caught:
        sites_from(asked)
    assert "\n" not in str(caught.value)


def test_policies() -> None:
    asked = (Site("https", "cas1.example.test"), Site("http", "cas1.example.test"), Site("https", "y.test", True))
    chromium = sign_on_policy.policies("chromium", asked, SignOn())
    assert chromium == {
        "AuthServerAllowlist": "cas1.example.test,*.y.test",
        "AuthNegotiateDelegateAllowlist": "",
        "DisableAuthNegotiateCnameLookup": True,
        "EnableAuthNegotiatePort": False,
    }
    firefox = sign_on_policy.policies("firefox", asked, SignOn(locked=False, private=True))
    assert firefox["Authentication"] == {
        "SPNEGO": ["https://cas1.example.test", "http://cas1.example.test", "https://y.test"],
        "Delegated": [],
        "NTLM": [],
        "AllowNonFQDN": {"SPNEGO": False, "NTLM": False},
        "Locked": False,
        "PrivateBrowsing": True,
    }
    # The module takes them
    assert wishes_from("chromium", chromium, ()).policies == chromium
    assert wishes_from("firefox", firefox, ()).policies == firefox


def test_accounts_of_axigen_and_postfix() -> None:
    found = accounts(
        logins(
            {"axigen": ["ax1"], "postfix": ["mx1", "mx2"]},
            mx1={"aliases": ["mail.example.test"]},
            mx2={"aliases": ["mail.example.test"]},
        )
    )
    bare = "%EMAILLOCALPART%"
    assert found == (
        Account(
            "postfix",
            tuple(Server("smtp", f"{name}.example.test", 587, "STARTTLS", bare) for name in ("mail", "mx1", "mx2")),
        ),
        Account(
            "axigen",
            (
                Server("imap", "ax1.example.test", 993, "SSL", bare),
                Server("imap", "ax1.example.test", 143, "STARTTLS", bare),
                Server("pop3", "ax1.example.test", 995, "SSL", bare),
                Server("pop3", "ax1.example.test", 110, "STARTTLS", bare),
                # 25 is between servers
                Server("smtp", "ax1.example.test", 465, "SSL", bare),
            ),
        ),
    )
    assert accounts_from(as_options(found)) == found


def test_accounts_of_zimbra_go_by_its_proxies() -> None:
    (found,) = accounts(
        logins(
            {"zimbra": ["z1", "z2"]},
            z1={"zimbra": zimbra_host("z1", parts=["mailbox"])},
            z2={"zimbra": zimbra_host("z2", parts=["proxy", "mta"])},
        )
    )
    assert [(one.type, one.hostname, one.port) for one in found.servers] == [
        ("imap", "z2.example.test", 993),
        ("imap", "z2.example.test", 143),
        ("pop3", "z2.example.test", 995),
        ("pop3", "z2.example.test", 110),
        ("smtp", "z2.example.test", 587),
    ]
    assert {one.username for one in found.servers} == {"%EMAILADDRESS%"}


GOOD = {"type": "imap", "hostname": "mx1.example.test", "port": 993}
BAD = [
    "x",
    [1],
    [{}],
    [{"product": "x"}],
    [{"product": "x", "servers": [{}]}],
    [{"product": "x", "servers": [{**GOOD, "port": "imaps"}]}],
    [{"product": "x", "servers": [{**GOOD, "port": 0}]}],
    [{"product": "x", "servers": [{**GOOD, "type": "jmap"}]}],
    [{"product": "x", "servers": [{**GOOD, "socket": "plain"}]}],
    [{"product": "x", "servers": [{**GOOD, "hostname": "mx1"}]}],
    None,
]


@pytest.mark.parametrize("asked", BAD)
def test_what_is_no_account(asked: Any) -> None:
    with pytest.raises(WorkstationRefusal, match=r"^workstation_accounts: .*; write "):
        accounts_from(asked)


def test_an_account_by_hand() -> None:
    assert accounts_from([{"product": "own", "servers": [{**GOOD, "hostname": "MX1.example.test."}]}]) == (
        Account("own", (Server("imap", "mx1.example.test", 993, "SSL", "%EMAILLOCALPART%"),)),
    )
