# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `ad_keytab` refuses, and what is left where something fails half-way or the run is killed. Needs root."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.ad_site import ALWAYS, RESET, Site, spn, user
from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain

FOREIGN = KeytabEntry(PrincipalName((b"HTTP", b"foreign"), b"OTHER.TEST"), 1, 1, 18, b"f" * 32)


@pytest.fixture
def site(domain: Domain, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name, value in domain.variables.items():
        monkeypatch.setenv(name, value)
    return Site(domain, tmp_path)


def test_names_of_other_accounts(site: Site) -> None:
    site.result(site.options(user("fn1", upn="someone")))
    site.keytab.unlink()
    for given, what in (
        ({"name": "fn2", "service_principals": ["SMTP/FN1.example.test"]}, "service principal SMTP/FN1.example.test"),
        ({"name": "fn2", "service_principals": [spn("fn2")], "upn": "SOMEONE"}, f"UPN SOMEONE@{site.domain.realm}"),
    ):
        for check in (True, False):
            assert site.refusal(given, check=check).startswith(
                f"account 'fn2': {what} belongs to CN=fn1,{site.domain.ou}, and a KDC knows each once"
            )
    assert not site.keytab.exists()
    assert not site.exists("fn2")


@pytest.mark.parametrize(
    ("given", "more", "said"),
    [
        ({"name": "nobody", "create": False}, {}, "account 'nobody': is not in DC=ad,DC=example,DC=test, and create"),
        ({"name": "fb1", "type": "computer"}, {}, "account 'fb1$': has no service principal, so that there is nothing"),
        ({"name": "x" * 21}, {}, "has a name of at most 20 characters"),
        (user("fb2", ou="OU=Nowhere,DC=ad,DC=example,DC=test"), {}, "OU=Nowhere"),
        (user("fb3", enctypes=["rc4"]), {}, "account 'fb3': enctypes: arcfour-hmac is weak"),
        (user("fb4", ou=None), {}, "joiner@AD.EXAMPLE.TEST lacks a right on CN=fb4,CN=Users"),
        (user("fb5", password="kurz"), {}, "fb5"),
        (user("fb6"), {"realm": "ad.example.test"}, "realm 'ad.example.test': Active Directory writes realms in upper"),
        (user("fb7"), {"realm": "OTHER.TEST"}, "OTHER.TEST"),
        (user("fb8"), {"keep_old": "for ever"}, "keep_old: 'for ever' is not a duration"),
        (user("fb9"), {"server": "nowhere.ad.example.test"}, "nowhere.ad.example.test"),
        (user("fb10"), {"transport": "ldaps"}, "this host does not trust the certificate of dc1.ad.example.test"),
        (user("fb11"), {"path": "/nowhere/at/all.keytab"}, "the directory /nowhere/at does not exist"),
    ],
    ids=lambda given: given.get("name", "") if isinstance(given, dict) else "",
)
def test_bad_input(site: Site, given: dict[str, Any], more: dict[str, Any], said: str) -> None:
    given = {"service_principals": [], **given}
    if len(given["name"]) > 20 or given["name"] == "nobody":
        given["service_principals"] = [spn("nobody")]
    message = site.refusal(given, **more)
    assert said in message
    assert "\n" not in message
    assert not site.keytab.exists()
    assert not site.exists(given["name"])


def test_account_that_cannot_be_used(site: Site) -> None:
    site.result(site.options(user("fu1")))
    site.modify("fu1", "replace: accountExpires", "accountExpires: 130000000000000000")
    assert f"CN=fu1,{site.domain.ou} has expired" in site.refusal(user("fu1"))
    site.modify("fu1", "replace: accountExpires", "accountExpires: 0")
    site.domain.samba_tool("user", "disable", "fu1")
    assert f"CN=fu1,{site.domain.ou} is disabled" in site.refusal(user("fu1"))
    site.domain.samba_tool("user", "enable", "fu1")
    site.domain.samba_tool("computer", "create", "FU2")
    assert site.refusal({**user("fu2"), "name": "FU2$"}).endswith("is a computer account; set type: computer")


def test_who_may_not_write_leaves_everything(site: Site) -> None:
    """Refused by the controller behind the staging of keys, which is taken back."""
    site.result(site.options(user("fw1")))
    site.put([FOREIGN, *site.entries()])
    before = site.keytab.read_bytes()
    for given in (user("fw1", **ALWAYS), user("fw2")):
        message = site.refusal(given, who=site.domain.reader, keep_old="0s")
        assert message.startswith("reader@AD.EXAMPLE.TEST lacks a right on CN=fw")
        assert "before that" not in message
        assert site.keytab.read_bytes() == before
    assert site.account("fw1").kvno == 1
    assert not site.exists("fw2")


def test_half_of_the_accounts(site: Site) -> None:
    """What was done is said, and its keys are kept; of what was not done none are left."""
    site.put([FOREIGN])
    accounts = [user("fh1"), user("fh2", ou=f"CN=Users,{site.domain.base}"), user("fh3")]
    message = site.refusal(*accounts)
    assert message.startswith("joiner@AD.EXAMPLE.TEST lacks a right on CN=fh2,CN=Users")
    assert message.endswith("; before that, account 'fh1' was created and its password set")
    assert {one.principal.name for one in site.entries()} == {"HTTP/foreign", spn("fh1")}
    assert site.keys(spn("fh1")) == site.exported("fh1")
    site.climb(user("fh1"), changes=False)


def moments(site: Site, given: dict[str, Any]) -> list[forked_module.Call]:
    """The calls of a run from its first byte of a keytab to the last that it tells the controller."""
    made = forked_module.calls("ad_keytab", given, site.folder)
    telling = [one for one in made if one.name in ("write", "rename", "fsync") and "memfd:" not in one.line]
    first = next(place for place, one in enumerate(telling) if "/.mailrealm-" in one.line)
    return [one for one in telling[first:] if "/service>" not in one.line]


def killed(site: Site, given: dict[str, Any], call: forked_module.Call) -> None:
    fault = forked_module.faults((call.name, call.number, "signal=KILL"))
    outcome = forked_module.run("ad_keytab", given, site.folder, strace=fault)
    assert outcome.result is None, outcome.output


def test_killed_at_any_moment_of_a_new_password(site: Site) -> None:
    """No key that a ticket may need is ever lacking, and the next run has nothing to do."""
    site.result(site.options(user("fk1")))
    given = site.options(user("fk1", **ALWAYS))
    when = moments(site, given)
    assert [one.name for one in when[:4]] == ["write", "fsync", "rename", "fsync"]
    assert len(when) >= 6, when
    kvnos = []
    for call in when:
        kvno = site.account("fk1").kvno
        used = {one for one in site.keys(spn("fk1")) if one[0] <= kvno}
        killed(site, given, call)
        assert used <= site.keys(spn("fk1"))
        assert site.exported("fk1") <= site.keys(spn("fk1")), call
        assert site.result(site.options(user("fk1")))["changed"] is False
        kvnos.append(site.account("fk1").kvno)
    assert kvnos[0] == 2
    assert kvnos[-1] > 2


def test_killed_behind_a_creation(site: Site) -> None:
    """Its keys are in the keytab before the account is there."""
    when = moments(site, site.options(user("fk2")))
    of_controller = [one for one in when if "socket:" in one.line]
    site.keytab.unlink()
    killed(site, site.options(user("fk3")), of_controller[1])
    assert site.keys(spn("fk3")) == site.exported("fk3")
    site.climb(user("fk3"), changes=False)


def test_staged_keys_that_were_never_used_are_replaced(site: Site) -> None:
    site.result(site.options(user("fs1")))
    kept = site.entries()
    site.put([*kept, *(KeytabEntry(one.principal, 1, 2, one.enctype, b"s" * len(one.key)) for one in kept)])
    site.climb(user("fs1"), changes=False)
    told = site.result(site.options(user("fs1", **ALWAYS)))
    assert "(key replaced)" in told["diff"][1]["after"]
    assert told["paths"][0]["replaced"] == 2
    assert site.keys(spn("fs1")) == {(1, one.enctype, one.key) for one in kept} | site.exported("fs1")


def test_no_secret_is_shown(site: Site) -> None:
    password = "Geheim, aber wirklich 1"
    for given in (user("fq1", password=password), user("fq1", password=password + "2", **ALWAYS), user("fq2", **RESET)):
        outcome = forked_module.run("ad_keytab", site.options(given), site.folder)
        assert outcome.status == 0, outcome.output
        keys = [one.key.hex() for one in site.entries()]
        assert not [one for one in (password, site.domain.password, *keys) if one in outcome.output]
