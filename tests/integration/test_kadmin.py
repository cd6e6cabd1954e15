# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans carried out by real kadmin.local and kadmind: what was asked is what getprinc shows and kinit opens."""

from __future__ import annotations

import os
import pathlib
import string
import subprocess
import time
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_access import (
    AUTO,
    KadminAccess,
    settle_access,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_output import PrincipalRecord
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_symptoms import (
    KadminRefusal,
    NotThereYet,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_time import parse_duration, parse_time
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import parse_principal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_attributes import SPELLINGS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_change import PrincipalPlan
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_plan import plan_principals
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_wish import parse_wishes
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kadmin import Kadmin
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kadmin_keys import extract_keys
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kadmin_principals import (
    find_principals,
    read_records,
    read_state,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kadmin_steps import carry_out
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure, running_realm
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

SLOW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    with running_realm(tmp_path_factory.mktemp("realm")) as realm:
        yield realm


@pytest.fixture
def realm(living: Realm, monkeypatch: pytest.MonkeyPatch) -> Realm:
    enter(living, monkeypatch)
    return living


def enter(realm: Realm, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in realm.variables.items():
        monkeypatch.setenv(name, value)


def talk(**options: Any) -> Kadmin:
    return Kadmin(settle_access(KadminAccess(AUTO, **options)))


def keep(kadmin: Kadmin, *items: dict[str, Any]) -> PrincipalPlan:
    """What the module `principal` does, without Ansible; a second plan must find nothing to do."""
    wishes = parse_wishes(items, kadmin.realm)
    plan = plan_principals(read_state(kadmin, wishes), wishes)
    carry_out(kadmin, plan.steps)
    assert plan_principals(read_state(kadmin, wishes), wishes).steps == ()
    return plan


def matching_records(kadmin: Kadmin, patterns: list[str]) -> list[PrincipalRecord]:
    return [record for record, dummy in find_principals(kadmin, patterns)[0]]


def told(realm: Realm, name: str, label: str) -> str:
    """What a line of the long getprinc says."""
    lines = realm.kadmin_local(f'getprinc "{name}"').splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith(label))


# -- values -------------------------------------------------------------------------------------------------------

TEXT = st.text(
    st.one_of(
        st.sampled_from('""\\\\ -$\'`;#@/&|<>*?[]{}()!~\t\n'),
        st.characters(exclude_categories=("Cs",)),
        st.sampled_from(string.ascii_letters),
    ),
    min_size=1,
    max_size=30,
)


@SLOW
@given(name=TEXT, password=TEXT)
@example(name="-terse", password="-randkey")
@example(name='a"b', password='"')
@example(name="back\\\\slash", password="\\")
@example(name="$HOME", password="a\nlistprincs")
@example(name="a\\ b", password=" ")
@example(name="ü/ö", password="pässwörd")
@example(name="-x", password='x" +bogus "')
@pytest.mark.usefixtures("realm")
def test_any_name_and_password_is_kept_or_refused(name: str, password: str) -> None:
    item = {"name": name, "password": password}
    with talk() as kadmin:
        before = len(matching_records(kadmin, ["*"]))
        try:
            wishes = parse_wishes([item], kadmin.realm)
        except Refusal:
            return
        (wish,) = wishes
        assume(len(wish.name.realm) and str(wish.name) != "root/admin@REALM.TEST")
        state = read_state(kadmin, wishes)
        assume(state.records[wish.name.identity] is None)
        carry_out(kadmin, plan_principals(state, wishes).steps)
        records = matching_records(kadmin, ["*"])
        assert len(records) == before + 1
        assert [record.name.identity for record in records].count(wish.name.identity) == 1
        # the password is the one asked for, byte for byte, as libkrb5 derives it
        assert keep(kadmin, {**item, "update_password": "always"}).steps == ()
        keep(kadmin, {"name": name, "state": "absent"})


def test_password_opens_a_login(realm: Realm) -> None:
    secret = "  a \"quoted\" \\ $(touch x) 'one' -pw ü  "
    with talk() as kadmin:
        keep(kadmin, {"name": "login", "password": secret, "attributes": ["+requires_preauth"]})
    realm.run("kinit", "login", text=f"{secret}\n")


@pytest.mark.parametrize("spelling", sorted(SPELLINGS))
@pytest.mark.parametrize("sign", ["+", "-"])
def test_every_spelling_of_an_attribute(realm: Realm, spelling: str, sign: str) -> None:
    """kadmin itself, given the same word, sets the bit that the table says."""
    name = f"{spelling}{'on' if sign == '+' else 'off'}"
    realm.kadmin_local(f"addprinc -randkey ours/{name}", f"addprinc -randkey theirs/{name}")
    if sign == "-":
        realm.kadmin_local(f"modprinc +{spelling} ours/{name}", f"modprinc +{spelling} theirs/{name}")
    realm.kadmin_local(f"modprinc {sign}{spelling} theirs/{name}")
    with talk() as kadmin:
        keep(kadmin, {"name": f"ours/{name}", "attributes": [f"{sign}{spelling}"]})
        records = read_records(kadmin, [parse_principal(f"{who}/{name}", kadmin.realm) for who in ("ours", "theirs")])
    ours, theirs = (record.attributes for record in records.values() if record)
    assert ours == theirs


@pytest.mark.parametrize(
    "text",
    ["0", "90", "36000", "10h", "1d12h", "1d 2h 3m 4s", "10:00:00", "9:30", "1-02:03:04", "2 days", "1 week",
     "10 hours", "3 hours 20 minutes", "25:00:00", "90m"],
)  # fmt: skip
def test_durations_mean_what_they_mean_to_kadmin(realm: Realm, text: str) -> None:
    realm.kadmin_local("addprinc -randkey lasting", f'modprinc -maxlife "{text}" lasting')
    with talk() as kadmin:
        (record,) = matching_records(kadmin, ["lasting"])
        assert record.max_life == parse_duration(text, "max_life")
        keep(kadmin, {"name": "lasting", "max_life": "1s", "max_renewable_life": "2s"})
        keep(kadmin, {"name": "lasting", "max_life": text, "max_renewable_life": text})
        (again,) = matching_records(kadmin, ["lasting"])
    assert (again.max_life, again.max_renewable_life) == (record.max_life, record.max_life)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
@pytest.mark.parametrize(
    "text",
    ["never", "2030-12-31", "2030-07-01 12:30", "2030-12-31 23:59:59 UTC", "12/31/2030", "7/1/2030 06:00:00",
     "2045-06-30 00:00:00 UTC", "2099-12-31 23:59:59 UTC"],
)  # fmt: skip
def test_times_mean_what_they_mean_to_kadmin(
    realm: Realm, monkeypatch: pytest.MonkeyPatch, text: str, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        realm.kadmin_local("addprinc -randkey ending", f'modprinc -expire "{text}" ending')
        with talk() as kadmin:
            (record,) = matching_records(kadmin, ["ending"])
            assert record.expires == parse_time(text, "expires")
            keep(kadmin, {"name": "ending", "expires": "2031-01-01", "password_expires": "2031-01-01"})
            keep(kadmin, {"name": "ending", "expires": text, "password_expires": text})
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


# -- changes ------------------------------------------------------------------------------------------------------


def test_new_password_drops_the_old_keys_and_keeps_the_rest(realm: Realm) -> None:
    item = {
        "name": "bob",
        "password": "first",
        "attributes": ["+needchange"],
        "password_expires": "2033-03-03",
        "max_life": "1h",
    }
    with talk() as kadmin:
        keep(kadmin, item)
        assert keep(kadmin, {**item, "password": "second"}).steps == ()
        keep(kadmin, {**item, "password": "second", "update_password": "always"})
        assert keep(kadmin, {**item, "password": "second", "update_password": "always"}).steps == ()
    assert realm.keys("bob") == ["Key: vno 2, aes256-cts-hmac-sha1-96", "Key: vno 2, aes128-cts-hmac-sha1-96"]
    assert told(realm, "bob", "Attributes") == "REQUIRES_PWCHANGE"
    assert told(realm, "bob", "Password expiration date").startswith("Thu Mar 03")


def test_rekey_keeps_the_old_keys(realm: Realm) -> None:
    item = {"name": "imap/mx1", "enctypes": ["aes256-cts", "rc4-hmac"]}
    with talk() as kadmin:
        keep(kadmin, item)
        assert keep(kadmin, {**item, "enctypes": ["aes256-cts"]}).steps == ()
        keep(kadmin, {**item, "enctypes": ["aes256-cts"], "rekey": "when_enctypes_differ"})
        assert keep(kadmin, {**item, "enctypes": ["aes256-cts"], "rekey": "when_enctypes_differ"}).steps == ()
    assert [line.split()[2] for line in realm.keys("imap/mx1")] == ["2,", "1,", "1,"]


def test_rekey_of_a_password_keeps_it(realm: Realm) -> None:
    item = {"name": "carol", "password": "same", "enctypes": ["aes256-cts:normal", "aes128-cts:onlyrealm"]}
    with talk() as kadmin:
        keep(kadmin, item)
        rekeyed = {**item, "enctypes": ["aes256-cts:normal"], "rekey": "when_enctypes_differ"}
        keep(kadmin, {**rekeyed, "update_password": "always"})
        assert len(realm.keys("carol")) == 3
        assert keep(kadmin, {**rekeyed, "update_password": "always"}).steps == ()
    realm.run("kinit", "carol", text="same\n")


def test_policy_is_set_and_cleared_beside_a_fixed_password_expiry(realm: Realm) -> None:
    realm.kadmin_local('addpol -maxlife "30 days" -minlength 4 monthly')
    with talk() as kadmin:
        keep(kadmin, {"name": "dave", "password": "secret", "password_expires": "2033-03-03"})
        keep(kadmin, {"name": "dave", "policy": "monthly", "password_expires": "2033-03-03"})
        assert told(realm, "dave", "Policy") == "monthly"
        keep(kadmin, {"name": "dave", "policy": "", "password_expires": "never"})
        assert told(realm, "dave", "Policy") == "[none]"
        with pytest.raises(KadminRefusal, match=r"^principal erin@REALM.TEST: its policy refuses the password; .*\)$"):
            keep(kadmin, {"name": "erin", "password": "abc", "policy": "monthly"})


@pytest.mark.usefixtures("realm")
def test_salts_that_the_kdc_alone_knows_are_not_guessed() -> None:
    wish = {"name": "frank", "password": "x", "enctypes": ["aes256-cts:special"], "update_password": "always"}
    with talk() as kadmin:
        wishes = parse_wishes([wish], kadmin.realm)
        carry_out(kadmin, plan_principals(read_state(kadmin, wishes), wishes).steps)
        assert len(plan_principals(read_state(kadmin, wishes), wishes).steps) == 1


# -- remote -------------------------------------------------------------------------------------------------------


def administrators(realm: Realm, folder: pathlib.Path) -> dict[str, dict[str, str]]:
    keytab = folder / "admin.keytab"
    realm.kadmin_local(f"ktadd -norandkey -k {keytab} {realm.admin}")
    ccache = f"FILE:{folder}/admin.ccache"
    realm.run("kinit", "-c", ccache, "-S", "kadmin/admin", realm.admin, text=f"{realm.admin_password}\n")
    return {
        "password": {"principal": realm.admin, "password": realm.admin_password},
        "keytab": {"principal": realm.admin, "keytab": str(keytab)},
        "ccache": {"ccache": ccache, "server": f"127.0.0.1:{realm.kadmin_port}"},
    }


@pytest.mark.parametrize("way", ["password", "keytab", "ccache"])
def test_remote_administrator(realm: Realm, tmp_path: pathlib.Path, way: str) -> None:
    folders = {place: set(pathlib.Path(place).iterdir()) for place in ("/run", "/dev/shm", "/tmp")}
    with talk(**administrators(realm, tmp_path)[way]) as kadmin:
        assert kadmin.access.mode == "remote" and kadmin.realm == "REALM.TEST"
        keep(kadmin, {"name": f"{way}/new", "password": "ünd", "update_password": "always", "max_life": "2h"})
        keep(kadmin, {"name": f"{way}/new", "state": "absent"})
    for place, before in folders.items():
        assert not {name for name in set(pathlib.Path(place).iterdir()) - before if "mailrealm-kadmin" in str(name)}


def test_remote_administrator_without_privilege(realm: Realm) -> None:
    realm.kadmin_local("addprinc -pw pw joe/reader", "addprinc -randkey there", "addprinc -randkey gone")
    with talk(principal="joe/reader", password="pw") as kadmin:
        assert len(matching_records(kadmin, ["there", "nowhere"])) == 1
        for item, privilege in (
            ({"name": "new"}, "add"),
            ({"name": "there", "max_life": "1h"}, "modify"),
            ({"name": "gone", "state": "absent"}, "delete"),
        ):
            with pytest.raises(
                KadminRefusal, match=rf"^principal \w+@REALM.TEST: joe/reader lacks the privilege '{privilege}'"
            ):
                keep(kadmin, item)
        (refusal,) = list(extract_keys(kadmin, [parse_principal("there", kadmin.realm)]).values())
        assert isinstance(refusal, KadminRefusal) and "lacks the privilege 'extract-keys'" in str(refusal)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"principal": "root/admin", "password": "wrong"}, "kadmin.password: is not the password of root/admin;"),
        ({"principal": "nobody", "password": "x"}, "kadmin.principal: nobody does not exist in the default realm"),
        ({"principal": "root/admin@realm.test", "password": "x"}, "neither krb5.conf nor DNS names a KDC"),
        ({"principal": "root/admin", "keytab": "/no/such"}, "there is no file /no/such on this host"),
        ({"ccache": "FILE:/no/such"}, "kadmin.ccache: there is no such credential cache"),
        ({"ccache": "FILE:/no/such", "realm": "OTHER.TEST"}, "realm OTHER.TEST (kadmin at"),
        ({"realm": "realm.test"}, "realm realm.test (kadmin.local): there is no database"),
    ],
)
@pytest.mark.usefixtures("realm")
def test_login_that_fails_says_why(options: dict[str, str], sentence: str) -> None:
    with talk(**options) as kadmin, pytest.raises(KadminRefusal) as refused:
        kadmin.begin()
    assert sentence in str(refused.value) and "\n" not in str(refused.value)


def test_no_kdc_and_no_kadmind(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = configure(tmp_path / "dead")
    dead.create_database()
    enter(dead, monkeypatch)
    with talk(principal="root/admin", password="x") as kadmin, pytest.raises(
        KadminRefusal, match="no KDC of the realm"
    ):
        kadmin.begin()
    keytab = tmp_path / "admin.keytab"
    dead.kadmin_local(f"ktadd -norandkey -k {keytab} {dead.admin}")
    with talk(principal="root/admin", keytab=str(keytab)) as kadmin, pytest.raises(KadminRefusal, match="no KDC of"):
        kadmin.begin()


@pytest.mark.usefixtures("realm")
def test_program_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kadmin.PLACES"
    monkeypatch.setattr(module, ())
    monkeypatch.setenv("PATH", "/no/such/folder")
    with talk() as kadmin, pytest.raises(NotThereYet, match=r"^kadmin\.local: is not installed on this host; install"):
        kadmin.begin()


# -- faults -------------------------------------------------------------------------------------------------------


@pytest.fixture
def faulty(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A realm whose kadmin.local runs under strace, which makes a system call fail."""
    realm = configure(tmp_path / "faulty")
    realm.create_database()
    enter(realm, monkeypatch)

    def inject(fault: str) -> Realm:
        folder = tmp_path / "bin"
        folder.mkdir()
        program = folder / "kadmin.local"
        program.write_text(f'#!/bin/sh\nexec strace -f -o /dev/null -e inject={fault} /usr/sbin/kadmin.local "$@"\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return realm

    return inject


ITEMS = [{"name": f"user{number}", "password": f"canary{number}"} for number in range(30)]


def test_disk_that_fills_meanwhile_is_no_success(faulty: Any, tmp_path: pathlib.Path) -> None:
    """kadmin.local says 'created' of principals that were never stored."""
    faulty(f"write:error=ENOSPC:when=10+ -P {tmp_path}/faulty/principal")
    with talk(realm="REALM.TEST") as kadmin:
        wishes = parse_wishes(ITEMS, kadmin.realm)
        carry_out(kadmin, plan_principals(read_state(kadmin, wishes), wishes).steps)
        try:
            left = plan_principals(read_state(kadmin, wishes), wishes).steps
        except KadminRefusal as refusal:
            assert "the database is damaged" in str(refusal)
        else:
            assert left


@pytest.mark.usefixtures("realm")
def test_one_process_serves_all(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "kadmin.local").write_text(f'#!/bin/sh\necho start >> {folder}/log\nexec /usr/sbin/kadmin.local "$@"\n')
    (folder / "kadmin.local").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    with talk() as kadmin:
        keep(
            kadmin, *({"name": f"many/{number}", "password": "x", "update_password": "always"} for number in range(60))
        )
    assert (folder / "log").read_text() == "start\n"


def test_realm_lists_itself_as_kadmin_does(realm: Realm) -> None:
    with talk() as kadmin:
        names = [str(record.name) for record in matching_records(kadmin, ["*"])]
        assert [str(record.name) for record in matching_records(kadmin, ["k*/admin", "K/M"])] == [
            "K/M@REALM.TEST",
            "kadmin/admin@REALM.TEST",
        ]
    listed = subprocess.run(
        ["kadmin.local", "-q", "listprincs"], env=realm.environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()[1:]
    assert sorted(names) == sorted(listed)


# -- a lost stash -------------------------------------------------------------------------------------------------


def test_the_master_password_stands_in_for_a_lost_stash(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    realm = configure(tmp_path)
    realm.create_database()
    realm.kadmin_local("addprinc -randkey alice")
    enter(realm, monkeypatch)
    realm.stash.unlink()
    with talk() as kadmin, pytest.raises(KadminRefusal, match="its master key cannot be read from a stash"):
        kadmin.begin()
    with talk(realm=realm.name, master_password=realm.master_password) as kadmin:
        assert kadmin.ask(["getprinc -terse alice"])[0].lines[0].startswith(f'"alice@{realm.name}"')
    with talk(master_password="another one") as kadmin, pytest.raises(KadminRefusal) as refused:
        kadmin.begin()
    assert "another one" not in str(refused.value)
