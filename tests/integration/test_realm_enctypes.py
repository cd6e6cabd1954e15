# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a realm's keys are of, and whom a policy locks out: judged by a KDC that permits the policy alone."""

from __future__ import annotations

import pathlib
import subprocess
import time

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import enctype_name
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_access import (
    KadminAccess,
    settle_access,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_symptoms import (
    DAMAGED,
    KadminRefusal,
    NotThereYet,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.realm_enctypes import (
    NO_KEY,
    OLD_KEYS,
    OTHER_KEYS,
    contradictions,
    keytab_contradictions,
    realm_enctypes,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.realm_plan import RealmRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.realm_principals import read_realm
from ansible_collections.mailrealm.kerberos.tests.integration.realm import (
    Realm,
    configure,
    running_kadmind,
    running_kdc,
)

POLICY = {18: "aes256-cts-hmac-sha1-96", 17: "aes128-cts-hmac-sha1-96"}
DAY = 86400
# The keys of each principal, one kvno after the other
USERS = {
    "fine": ["aes256-cts:normal"],
    "mixed": ["aes128-cts:normal,rc4-hmac:normal"],
    "old": ["rc4-hmac:normal"],
    "changed": ["rc4-hmac:normal", "aes256-cts:normal"],
}
SERVICES = {
    "smtp/fine": ["aes256-cts:normal"],
    "smtp/mixed": ["camellia256-cts:normal,aes256-cts:normal"],
    "smtp/old": ["camellia128-cts:normal"],
    "smtp/rekeyed": ["rc4-hmac:normal", "aes256-cts:normal"],
    "smtp/purgeable": ["camellia128-cts:normal", "aes256-cts:normal"],
    "smtp/disabled": ["rc4-hmac:normal"],
}


def enter(realm: Realm, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in realm.variables.items():
        monkeypatch.setenv(name, value)


def local(realm: str | None = None) -> KadminAccess:
    return settle_access(KadminAccess("local", realm=realm))


@pytest.fixture
def realm(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Realm:
    made = configure(tmp_path / "realm", libdefaults=["allow_weak_crypto = true"])
    made.create_database()
    enter(made, monkeypatch)
    return made


def populate(realm: Realm) -> None:
    for names, key in ((USERS, "-pw pw"), (SERVICES, "-randkey")):
        for name, (first, *more) in names.items():
            realm.kadmin_local(
                f"addprinc {key} -maxlife 1h -maxrenewlife 0 -e {first} {name}",
                *(f"cpw -keepold {key} -e {keysalts} {name}" for keysalts in more),
            )
    realm.kadmin_local("modprinc -allow_tix smtp/disabled")
    realm.backdate({"smtp/purgeable": DAY})


def asks(realm: Realm, krb5_conf: pathlib.Path, *command: str, text: str = "") -> bool:
    """Whether the KDC gives what the command asks for, which reads a krb5.conf of its own."""
    environment = {**realm.environment, "KRB5_CONFIG": str(krb5_conf)}
    done = subprocess.run(command, env=environment, input=text, capture_output=True, text=True, check=False)
    return done.returncode == 0


def test_policy_against_a_kdc(realm: Realm, tmp_path: pathlib.Path) -> None:
    populate(realm)
    now = int(time.time())
    found = contradictions(realm_enctypes(read_realm(local()), now), POLICY)
    kinds = {(one.principal.name, one.kvno, one.enctypes): one.kind for one in found}
    assert kinds == {
        ("changed", 1, (23,)): OLD_KEYS,
        ("mixed", 1, (23,)): OTHER_KEYS,
        ("old", 1, (23,)): NO_KEY,
        ("smtp/mixed", 1, (26,)): OTHER_KEYS,
        ("smtp/old", 1, (25,)): NO_KEY,
        ("smtp/purgeable", 1, (25,)): OLD_KEYS,
        ("smtp/rekeyed", 1, (23,)): OLD_KEYS,
        ("smtp/disabled", 1, (23,)): NO_KEY,
    }
    sentences = {one.principal.name: one.sentence for one in found}
    assert "; tickets may need them until " in sentences["smtp/rekeyed"]
    assert "; no ticket needs them any more, so let them go (old_keys" in sentences["smtp/purgeable"]
    # a day later nothing is left of what was disabled and of what was changed
    later = realm_enctypes(read_realm(local()), now + DAY)
    assert realm_enctypes(later.active, now).in_use == {17, 18, 23, 25, 26} == later.in_use
    assert "smtp/disabled" not in {record.name.name for record in later.active}
    locked_out = {one.principal.name for one in found if one.kind == NO_KEY}
    # The client permits all, so that it is the KDC who refuses; a KDC reads its file again when that has changed
    client = tmp_path / "client.conf"
    text = realm.krb5_conf.read_text()
    client.write_text(text)
    permitted = f"[libdefaults]\n    permitted_enctypes = {' '.join(POLICY.values())}"
    realm.krb5_conf.write_text(text.replace("[libdefaults]", permitted))
    with running_kdc(realm):
        refused = {name for name in USERS if not asks(realm, client, "kinit", name, text="pw\n")}
        assert asks(realm, client, "kinit", "fine", text="pw\n")
        refused |= {name for name in SERVICES if not asks(realm, client, "kvno", name)}
    realm.krb5_conf.write_text(text)
    assert refused == locked_out


def test_keytab(realm: Realm, tmp_path: pathlib.Path) -> None:
    populate(realm)
    path = tmp_path / "keytab"
    realm.kadmin_local(*(f"ktadd -norandkey -k {path} {name}" for name in SERVICES))
    found = keytab_contradictions(parse(path.read_bytes(), str(path)), POLICY, str(path))
    assert {(one.principal.name, one.kvno, one.enctypes, one.kind) for one in found} == {
        ("smtp/mixed", 1, (26,), OTHER_KEYS),
        ("smtp/old", 1, (25,), NO_KEY),
        ("smtp/purgeable", 1, (25,), OLD_KEYS),
        ("smtp/rekeyed", 1, (23,), OLD_KEYS),
        ("smtp/disabled", 1, (23,), NO_KEY),
    }
    assert all(one.sentence.startswith(f"{path}: principal {one.principal}: its keys of kvno 1") for one in found)


def test_patterns_and_the_network(realm: Realm) -> None:
    populate(realm)
    names = {record.name.name for record in read_realm(local(), ["smtp/*", "old", "no/such"])}
    assert names == {*SERVICES, "old"}
    access = KadminAccess(realm=realm.name, principal=realm.admin, password=realm.admin_password, mode="remote")
    with running_kdc(realm), running_kadmind(realm):
        assert read_realm(settle_access(access)) == read_realm(local())
    with pytest.raises(KadminRefusal, match="no KDC of the realm answers"):
        read_realm(settle_access(access))


def test_realm_that_is_not_there_yet(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blank = configure(tmp_path / "blank")
    enter(blank, monkeypatch)
    assert read_realm(local()) == read_realm(local("REALM.TEST")) == ()
    with pytest.raises(RealmRefusal, match=r"^realm 'realm\.test': .* names it 'REALM\.TEST'"):
        read_realm(local("realm.test"))
    blank.database.write_bytes(b"no database")
    with pytest.raises(KadminRefusal) as refused:
        read_realm(local())
    assert refused.value.kind == DAMAGED
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(
        "ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kadmin.PLACES", (str(tmp_path),)
    )
    assert read_realm(local()) == ()
    remote = settle_access(KadminAccess("remote", realm="REALM.TEST", server="kdc", ccache="FILE:/none"))
    with pytest.raises(NotThereYet, match=r"^kadmin: is not installed"):
        read_realm(remote)


def test_type_names_are_kadmin_s(realm: Realm) -> None:
    """What is counted is what getprinc prints."""
    populate(realm)
    in_use = realm_enctypes(read_realm(local(), ["smtp/mixed", "mixed"]), int(time.time())).in_use
    printed = {line.rpartition(" ")[2] for name in ("smtp/mixed", "mixed") for line in realm.keys(name)}
    assert {enctype_name(number) for number in in_use} == {name.replace("DEPRECATED:", "") for name in printed}
