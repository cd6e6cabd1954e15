# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `ad_keytab` on a real Active Directory domain; Samba's exportkeytab and tickets judge. Needs root.

Every ladder checks as a plain user and runs as the account to which the rights on OU=Mail were delegated.
"""

from __future__ import annotations

import dataclasses
import pathlib
import time
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName
from ansible_collections.mailrealm.kerberos.tests.integration.ad_site import ALWAYS, RESET, Site, spn, user
from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb

AES = [18, 17]


@pytest.mark.parametrize(
    "given",
    [
        user("c1"),
        user("c2", password="Ein gegebenes Kennwort 2"),
        user("c3", upn="smtp/c3.example.test"),
        user("c4", upn="someone.else@example.test", password="Pässwörd mit Ümlaut 4"),
        user("c5", enctypes=["rc4", "aes256-cts"], password="Pässwörd mit Ümlaut 5"),
        {"name": "müller-ßé", "service_principals": [spn("c6")]},
        {"name": "c7-twenty-characters", "service_principals": [spn("c7")]},
        {"name": "C8", "type": "computer", "service_principals": [spn("c8"), spn("c8", "HTTP")]},
        {"name": "C9", "type": "computer", "service_principals": [spn("c9")], "upn": "host/c9.example.test"},
        {"name": "c10 (a.b) #1'", "service_principals": [spn("c10")]},
    ],
    ids=lambda given: given["service_principals"][0],
)
def test_new_account_has_the_keys_that_the_controller_has(site: Site, given: dict[str, Any]) -> None:
    told = site.climb(given, accept_weak=True)
    (account,) = told["accounts"]
    (name,) = {one for one in given["service_principals"] if one.startswith("smtp/")}
    enctypes = [23, 18] if "rc4" in given.get("enctypes", ()) else AES
    assert site.keys(name) == site.exported(account["name"], enctypes)
    assert len(site.keys(name)) == 2
    held = site.account(account["name"])
    assert (account["created"], account["reason"], account["password_set"]) == (True, "created", True)
    assert (account["kvno"], account["dn"]) == (held.kvno, held.dn)
    assert set(account["service_principals"]) == set(held.service_principals) == set(given["service_principals"])
    wanted = given.get("upn", "")
    assert account["upn"] == held.upn == (wanted if "@" in wanted or not wanted else f"{wanted}@{site.domain.realm}")
    assert held.enctypes == (0x14 if 23 in enctypes else 0x18)
    assert site.keytab.stat().st_mode & 0o7777 == 0o600


def test_two_accounts_and_two_keytabs_through_ansible(site: Site, tmp_path: pathlib.Path) -> None:
    """The module's own interface, its other transport, and what Ansible does with a file."""
    other = tmp_path / "other.keytab"
    given = site.options(
        user("a1"),
        user("a2", path=str(other), account_principal=True),
        transport="ldaps",
        ca_path=str(site.domain.ca),
        mode="0640",
    )
    steps = climb(
        [{"mailrealm.kerberos.ad_keytab": given, "environment": site.domain.variables}],
        tmp_path,
        watch=[site.keytab, other],
    )
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run_again.watched_before
    assert site.keys(spn("a1")) == site.exported("a1")
    assert {one.principal.name for one in site.entries(other)} == {spn("a2"), "a2"}
    assert site.keys("a2", site.entries(other)) == site.exported("a2")
    assert [path.stat().st_mode & 0o7777 for path in (site.keytab, other)] == [0o640, 0o640]
    assert site.domain.password not in steps.output


def test_service_principal_is_added_and_its_key_copied(site: Site) -> None:
    site.result(site.options(user("s1")))
    before = site.entries()
    told = site.climb({"name": "s1", "service_principals": [spn("s1"), spn("s1", "imap")]})
    assert (told["accounts"][0]["password_set"], told["accounts"][0]["kvno"]) == (False, 1)
    assert site.entries()[: len(before)] == before
    assert site.keys(spn("s1", "imap")) == site.keys(spn("s1")) == site.exported("s1")
    # the account has it now, and another keytab needs no more than the first one's key
    told = site.climb(
        {"name": "s1", "service_principals": [spn("s1", "imap")], "service_principals_exclusive": True, "upn": "s1x"}
    )
    account = site.account("s1")
    assert (account.service_principals, account.upn) == ((spn("s1", "imap"),), f"s1x@{site.domain.realm}")
    assert {one.principal.name for one in site.entries()} == {spn("s1"), spn("s1", "imap")}
    # its last service principal gone, no ticket can prove anything until it is back
    site.modify("s1", "delete: servicePrincipalName")
    told = site.climb({"name": "s1", "service_principals": [spn("s1", "imap")], "upn": ""})
    assert (told["accounts"][0]["kvno"], site.account("s1").upn) == (1, "")


def test_attribute_of_enctypes_comes_back_and_its_other_bits_stay(site: Site) -> None:
    site.result(site.options(user("t1")))
    before = site.keytab.read_bytes()
    for drifted, mended in (("4", 0x18), (str(0x80010024 - (1 << 32)), 0x80010038), ("1", 0x18)):
        site.modify("t1", "replace: msDS-SupportedEncryptionTypes", f"msDS-SupportedEncryptionTypes: {drifted}")
        told = site.climb(user("t1"))
        assert site.account("t1").enctypes == mended
        assert told["accounts"][0]["password_set"] is False
    site.modify("t1", "delete: msDS-SupportedEncryptionTypes")
    site.climb(user("t1"))
    assert site.keytab.read_bytes() == before


def test_rename_and_upn_leave_the_keys(site: Site) -> None:
    """The salt is that of the day on which the password was set."""
    site.result(site.options(user("r1", password="Ein Kennwort, das bleibt 1")))
    before = site.keytab.read_bytes()
    site.modify("r1", "replace: sAMAccountName", "sAMAccountName: r1-renamed")
    renamed = {**user("r1", password="Ein Kennwort, das bleibt 1"), "name": "r1-renamed"}
    site.climb(renamed, changes=False)
    site.climb({**renamed, "upn": "http/other"})
    assert site.keytab.read_bytes() == before
    # the next password is the first with the new salt
    told = site.climb({**renamed, "password": "Ein anderes Kennwort 2", **ALWAYS})
    assert (told["accounts"][0]["reason"], told["accounts"][0]["kvno"]) == ("password_differs", 2)
    assert {one for one in site.keys(spn("r1")) if one[0] == 2} == site.exported("r1-renamed")


@pytest.mark.parametrize("damage", ["lost", "reset", "behind", "other"])
def test_keys_that_only_a_new_password_brings(site: Site, damage: str) -> None:
    name, foreign = f"d-{damage}", PrincipalName((b"HTTP", b"foreign"), b"OTHER.TEST")
    site.result(site.options(user(name)))
    stranger = dataclasses.replace(site.entries()[0], principal=foreign)
    held = (stranger, *site.entries())
    if damage == "lost":
        held = (stranger,)
    elif damage == "reset":
        site.domain.samba_tool("user", "setpassword", name, "--newpassword=Von Hand gesetzt 1")
    elif damage == "behind":
        held = (stranger, *(dataclasses.replace(one, kvno=7, key=b"x" * len(one.key)) for one in site.entries()))
    else:
        held = (stranger, *(dataclasses.replace(one, key=b"x" * len(one.key)) for one in site.entries()))
    site.put(held)
    before = site.keytab.read_bytes()
    said = {
        "lost": "no key of it is in",
        "reset": "the keytab has its keys of kvno 1, but the directory has kvno 2",
        "behind": "the keytab has its keys of kvno 7, 7, but the directory has kvno 1",
        "other": "its keys of kvno 1 in the keytab are not those of the KDC",
    }[damage].replace("7, 7", "7")
    for check in (True, False):
        message = site.refusal(user(name), check=check)
        assert message.startswith(f"account '{name}': ") and said in message, message
        assert "needs a new password; set update_password: when_needed" in message
    assert site.keytab.read_bytes() == before
    told = site.climb(user(name, **RESET))
    (account,) = told["accounts"]
    kvno = 3 if damage == "reset" else 2
    assert (account["kvno"], account["password_set"], account["needs_reset"]) == (kvno, True, True)
    assert {one for one in site.keys(spn(name)) if one[0] == kvno} == site.exported(name)
    assert site.entries()[: len(held)] == held


def test_key_under_a_wrong_kvno_is_copied(site: Site) -> None:
    """As ktpass leaves it, whose default is kvno 1."""
    site.result(site.options(user("k1")))
    told = site.climb(user("k1", password="Ein gegebenes Kennwort 1", **ALWAYS))
    assert told["accounts"][0]["kvno"] == 2
    site.put(dataclasses.replace(one, kvno=1) for one in site.entries() if one.kvno == 2)
    told = site.climb(user("k1"))
    assert told["accounts"][0]["password_set"] is False
    assert {one for one in site.keys(spn("k1")) if one[0] == 2} == site.exported("k1")


def test_given_password(site: Site) -> None:
    """Hosts that share an account derive its keys from its password; another one is not set unless asked for."""
    given = user("g1", password="Allen Hosts gemeinsam 1")
    site.result(site.options(given))
    site.keytab.unlink()
    told = site.climb(given)
    assert (told["accounts"][0]["password_set"], told["accounts"][0]["kvno"]) == (False, 1)
    assert site.keys(spn("g1")) == site.exported("g1")
    site.climb({**given, **ALWAYS}, changes=False)
    other = user("g1", password="Ein anderes Kennwort 2")
    warned = site.result(site.options({**other, **RESET}))
    assert not warned["changed"]
    assert "the given password is not its password, and stays" in str(warned["warnings"])
    site.keytab.unlink()
    assert "the given password is not its password" in site.refusal(other)
    told = site.climb({**other, **ALWAYS})
    assert (told["accounts"][0]["kvno"], told["accounts"][0]["reason"]) == (2, "password_wrong")
    assert site.keys(spn("g1")) == site.exported("g1")


def test_old_account_without_a_service_principal_gets_one_and_the_given_keys(site: Site) -> None:
    site.domain.samba_tool("user", "create", "o1", "Von Hand angelegt 1", f"--userou={site.domain.ou.split(',')[0]}")
    assert "no key of it is in" in site.refusal(user("o1"))
    site.climb(user("o1", password="Von Hand angelegt 1"))
    assert site.keys(spn("o1")) == site.exported("o1")
    # a wrong password is found out once there is a service principal: said, and what was done is said too
    site.domain.samba_tool("user", "create", "o2", "Von Hand angelegt 2", f"--userou={site.domain.ou.split(',')[0]}")
    before = site.keytab.read_bytes()
    message = site.refusal(user("o2", password="Ein falsches Kennwort 2"))
    assert message.startswith("account 'o2': the given password is not its password")
    assert message.endswith("; before that, account 'o2' was changed")
    assert site.keytab.read_bytes() == before


def test_legacy_account_of_ktpass_comes_to_aes(site: Site) -> None:
    """RC4 alone, UPN = SPN, kvno 1 in the file though the directory is ahead."""
    legacy = user("l1", upn=spn("l1"), enctypes=["rc4"])
    site.result(site.options(legacy, accept_weak=True))
    site.modify("l1", "replace: msDS-SupportedEncryptionTypes", "msDS-SupportedEncryptionTypes: 4")
    site.result(site.options({**legacy, **ALWAYS}, accept_weak=True))
    site.put(dataclasses.replace(one, kvno=1) for one in site.entries() if one.kvno == 2)
    told = site.climb({**legacy, "upn": None}, accept_weak=True)
    assert told["accounts"][0]["password_set"] is False
    assert {one for one in site.keys(spn("l1")) if one[0] == 2} == site.exported("l1", [23])
    assert "nothing is known of its key of type aes256-cts-hmac-sha1-96 and aes128" in site.refusal(user("l1"))
    told = site.climb(user("l1", **RESET))
    assert (told["accounts"][0]["kvno"], told["accounts"][0]["reason"]) == (3, "enctype_missing")
    assert {one for one in site.keys(spn("l1")) if one[0] == 3} == site.exported("l1")
    account = site.account("l1")
    assert (account.enctypes, account.upn) == (0x18, f"{spn('l1')}@{site.domain.realm}")


def test_rotation_keeps_the_old_keys_for_a_while(site: Site) -> None:
    site.result(site.options(user("y1")))
    first = site.keys(spn("y1"))
    told = site.result(site.options(user("y1", **ALWAYS)))
    assert told["accounts"][0]["reason"] == "asked"
    assert site.keys(spn("y1")) == first | site.exported("y1")
    assert site.result(site.options(user("y1"), keep_old="1h"))["changed"] is False
    told = site.climb(user("y1"), keep_old="0s")
    assert told["paths"][0]["removed"] == 2
    assert site.keys(spn("y1")) == site.exported("y1")


def test_account_whose_password_was_never_set(site: Site) -> None:
    dn = f"CN=n1,{site.domain.ou}"
    text = f"dn: {dn}\nobjectClass: user\nsAMAccountName: n1\nuserAccountControl: 544\n"
    site.domain.run("ldbadd", "-H", site.database, text=text)
    told = site.climb(user("n1"))
    assert (told["accounts"][0]["created"], told["accounts"][0]["reason"]) == (False, "password_never_set")
    assert site.keys(spn("n1")) == site.exported("n1")


def test_max_age(site: Site) -> None:
    site.result(site.options(user("m1")))
    time.sleep(1.1)
    warned = site.result(site.options(user("m1", max_age="1s")))
    assert not warned["changed"]
    assert "is older than 1s, and stays" in str(warned["warnings"])
    old = site.options(user("m1", max_age="1s", **RESET))
    foreseen, told = site.result(old, check=True), site.result(old)
    assert foreseen["diff"] == told["diff"]
    assert (told["accounts"][0]["reason"], told["accounts"][0]["kvno"]) == ("password_old", 2)
    assert site.result(site.options(user("m1", max_age="1h", **RESET)))["changed"] is False


def test_salt_that_was_not_foreseen(site: Site) -> None:
    """A UPN without a domain: the keytab is written once more with what the KDC says."""
    site.result(site.options(user("u1")))
    site.modify("u1", "replace: userPrincipalName", "userPrincipalName: plain")
    told = site.climb(user("u1", password="Ein gegebenes Kennwort 1", **ALWAYS))
    assert told["accounts"][0]["kvno"] == 2
    assert {one for one in site.keys(spn("u1")) if one[0] == 2} == site.exported("u1")


def test_nobody_was_asked_for_a_password_in_vain(site: Site) -> None:
    """The last one: all tests of this file have run against this domain."""
    assert not {name for name in site.domain.bad_passwords() if name not in ("reader", "joiner", "Administrator")}


@pytest.fixture
def site(domain: Domain, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name, value in domain.variables.items():
        monkeypatch.setenv(name, value)
    return Site(domain, tmp_path)
