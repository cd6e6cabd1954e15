# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of Active Directory for each host: names that stay, shared names, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.fleet import FleetRefusal, Member, member
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.fleet_accounts import (
    LONGEST,
    Wishes,
    accounts,
    as_options,
    wishes_from,
)

REALM = "AD.EXAMPLE.TEST"
DOMAIN = "ad.example.test"
A1 = member("axigen1.ad.example.test", DOMAIN)
A2 = member("axigen2", DOMAIN)
GROUPS = {"axigen": [A1.host, A2.host]}
MEMBERS = {one.host: one for one in (A1, A2)}


def names(host: Member, hosts: dict[str, Member], limit: int = LONGEST["user"], product: str = "axigen") -> list[str]:
    return [one.name for one in accounts({product: list(hosts)}, hosts, host.host, product, REALM, limit)]


def test_the_first_host_has_the_documents_accounts() -> None:
    found = accounts({"axigen": [A1.host]}, MEMBERS, A1.host, "axigen", REALM, 20)
    assert as_options(found, Wishes()) == [
        {
            "name": f"axigen_{service}",
            "type": "user",
            "service_principals": [f"{service}/axigen1.ad.example.test@AD.EXAMPLE.TEST"],
        }
        for service in ("smtp", "imap", "pop")
    ]


def test_another_host_changes_nobodys_accounts() -> None:
    assert names(A1, MEMBERS) == names(A1, {A1.host: A1}) == ["axigen_smtp", "axigen_imap", "axigen_pop"]
    assert names(A2, MEMBERS) == ["axigen_smtp_axigen2", "axigen_imap_axigen2", "axigen_pop_axigen2"]


def test_a_host_outside_of_the_group_comes_last() -> None:
    found = accounts({"axigen": [A1.host]}, MEMBERS, A2.host, "axigen", REALM, 20)
    assert found[0].name == "axigen_smtp_axigen2"
    assert next(one.name for one in accounts({}, MEMBERS, A2.host, "axigen", REALM, 20)) == "axigen_smtp"


@pytest.mark.parametrize("kind", LONGEST)
def test_a_long_name_ends_in_a_digest_of_its_own(kind: str) -> None:
    hosts = {f"mailserver{n}": member(f"mailserver{n}", DOMAIN) for n in range(1, 40)}
    found = [name for one in hosts.values() for name in names(one, hosts, LONGEST[kind])]
    assert len(set(found)) == 39 * 3
    assert max(map(len, found)) == LONGEST[kind]
    long = next(iter(list(hosts.values())[1:]))
    assert names(long, hosts, 20)[0].startswith("axigen_smtp_mai-")
    assert names(long, hosts, 15)[0].startswith("axigen_smt-")
    alone = {"mailserver1": hosts["mailserver1"], "mailserver2": long}
    assert names(long, alone, 20) == names(long, hosts, 20)


def shared() -> dict[str, Member]:
    alias = [f"mail.{DOMAIN}"]
    return {name: member(name, DOMAIN, aliases=alias) for name in ("axigen1", "axigen2")}


def test_a_shared_name_is_an_account_of_its_own() -> None:
    hosts = shared()
    groups = {"axigen": list(hosts)}
    first = accounts(groups, hosts, "axigen1", "axigen", REALM, 20)
    second = accounts(groups, hosts, "axigen2", "axigen", REALM, 20)
    both = {one.name: one for one in first}.keys() & {one.name for one in second}
    assert both == {"axigen_smtp_mail", "axigen_imap_mail", "axigen_pop_mail"}
    given = Wishes(passwords={name.upper(): f"pw {name}" for name in both})
    options = {one["name"]: one for one in as_options(second, given)}
    assert options["axigen_smtp_mail"]["service_principals"] == [f"smtp/mail.{DOMAIN}@{REALM}"]
    assert options["axigen_smtp_mail"]["password"] == "pw axigen_smtp_mail"
    assert "password" not in options["axigen_smtp_axigen2"]
    with pytest.raises(FleetRefusal) as refused:
        as_options(first, Wishes(passwords={"axigen_smtp_mail": ""}))
    assert str(refused.value) == (
        "kerberos_ad_passwords: has no password for 'axigen_smtp_mail', the account of "
        f"smtp/mail.{DOMAIN}@{REALM}, whose keys 2 hosts share and derive from it; add one, kept in a vault"
    )


def test_a_name_that_one_host_alone_has_needs_no_password() -> None:
    hosts = {"axigen1": shared()["axigen1"]}
    found = accounts({"axigen": ["axigen1"]}, hosts, "axigen1", "axigen", REALM, 20)
    assert [one.name for one in found][:4] == ["axigen_smtp", "axigen_imap", "axigen_pop", "axigen_smtp_mail"]
    assert len(as_options(found, Wishes())) == 6


def test_what_all_accounts_have_in_common() -> None:
    given: dict[str, Any] = {
        "type": "computer",
        "ou": "OU=Mail,DC=ad",
        "enctypes": ["aes256-cts-hmac-sha1-96"],
        "update_password": "when_needed",
        "max_age": "90d",
        "passwords": {"AXIGEN_POP": "x"},
    }
    found = accounts({"axigen": [A1.host]}, MEMBERS, A1.host, "axigen", REALM, 15)
    options = as_options(found, wishes_from(given))
    common = {name: value for name, value in given.items() if name != "passwords"}
    assert [set(one) - {"name", "service_principals", "password"} for one in options] == [set(common)] * 3
    assert all(one[name] == value for one in options for name, value in common.items())
    assert [one.get("password") for one in options] == [None, None, "x"]


def test_refused() -> None:
    with pytest.raises(FleetRefusal, match="kerberos_ad_account_type 'group': is no type of account; write user or "):
        wishes_from({"type": "group"})
    # two hosts whose short names are the same
    hosts = {name: member(name, DOMAIN) for name in ("a.one.test", "b.one.test", "b.two.test")}
    with pytest.raises(FleetRefusal, match="keytab_ad_accounts: 'axigen_smtp_b' would be the account of smtp/b"):
        names(hosts["b.two.test"], hosts)
