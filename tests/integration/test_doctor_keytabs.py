# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor tells of keytabs, against MIT's KDC: tickets by a keytab's own key, opened as the service's user.

Needs root (the toolbox), as only root becomes another user.
"""

from __future__ import annotations

import os
import pathlib
import pwd
import shutil
import tempfile
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import doctor_keytabs as checks
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import diagnose
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import Asked, AskedKeytab
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import doctor_keytabs, doctor_network
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kdc_questions import question
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, running_realm

SMTP, IMAP = "smtp/mx1.realm.test", "imap/mx1.realm.test"
USER = "nobody"
NEVER = "never"


@pytest.fixture(scope="module")
def realm() -> Iterator[Realm]:
    """In a folder that everybody may enter, as the service's user must."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        with running_realm(pathlib.Path(folder)) as running:
            running.kadmin_local(*(f"addprinc -randkey {name}" for name in (SMTP, IMAP)))
            yield running


@pytest.fixture
def keytab(realm: Realm, monkeypatch: pytest.MonkeyPatch) -> Iterator[pathlib.Path]:
    """Both principals' present keys, for the user of the service."""
    question.cache_clear()
    for name, value in realm.variables.items():
        monkeypatch.setenv(name, value)
    path = realm.folder / "service.keytab"
    realm.kadmin_local(f"ktadd -k {path} -norandkey {SMTP} {IMAP}")
    os.chown(path, pwd.getpwnam(USER).pw_uid, 0)
    yield path
    path.unlink()


def asked(realm: Realm, path: pathlib.Path, *principals: str, chroot: str = "") -> Asked:
    one = AskedKeytab(str(path), USER, "postfix", principals or (SMTP, IMAP), chroot, str(realm.krb5_conf))
    kdcs = (f"127.0.0.1:{realm.kdc_port}",)
    return Asked("mx1.realm.test", realm.name, realm.domain, (), kdcs, str(realm.krb5_conf), (), (one,))


def told(realm: Realm, path: pathlib.Path, **options: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """The proofs, and the ids of the checks that found something."""
    wanted = asked(realm, path, **options)
    found = doctor_keytabs.gather(wanted)
    evidence = {"asked": {"realm": realm.name}, "keytabs": found}
    named = [one.check.id for one in diagnose({"mx1": evidence}, checks.CHECKS)]
    return list(found["keytabs"][0]["proofs"]), named


def test_good_keys_open_the_tickets_of_today(realm: Realm, keytab: pathlib.Path) -> None:
    proofs, named = told(realm, keytab)
    assert [(proof["principal"], proof["ok"], proof["own"]) for proof in proofs] == [
        (f"{name}@{realm.name}", True, "") for name in (SMTP, IMAP)
    ]
    assert named == []


def test_nothing_is_left_behind(realm: Realm, keytab: pathlib.Path) -> None:
    places = [pathlib.Path(tempfile.gettempdir()), realm.folder]
    before = [{path.name for path in place.iterdir()} for place in places]
    told(realm, keytab)
    assert [{path.name for path in place.iterdir()} for place in places] == before


def test_as_the_user_within_a_chroot(realm: Realm, keytab: pathlib.Path) -> None:
    chroot = realm.folder / "chroot"
    (chroot / "etc").mkdir(parents=True)
    shutil.copy2(keytab, chroot / "etc" / "smtp.keytab")
    inside = chroot / "etc" / "smtp.keytab"
    os.chown(inside, pwd.getpwnam(USER).pw_uid, 0)
    proofs, named = told(realm, inside, chroot=str(chroot))
    assert [proof["ok"] for proof in proofs] == [True, True]
    assert named == []
    os.chown(inside, 0, 0)
    proofs, named = told(realm, inside, chroot=str(chroot))
    assert [proof["ok"] for proof in proofs] == [True, True]  # the keys are right all the same
    assert named == ["keytab.unreadable"]
    shutil.rmtree(chroot)


def test_a_key_that_is_behind_by_the_ticket_of_another_principal(realm: Realm, keytab: pathlib.Path) -> None:
    realm.kadmin_local(f"cpw -randkey {SMTP}")
    proofs, named = told(realm, keytab)
    assert [proof["ok"] for proof in proofs] == [False, True]
    assert proofs[0]["symptom"] == "kvno_behind"
    assert "check failed" in proofs[0]["own"] or "reauthentication failed" in proofs[0]["own"]
    assert named == ["keytab.kvno_behind"]


def test_keys_that_are_all_behind(realm: Realm, keytab: pathlib.Path) -> None:
    realm.kadmin_local(f"cpw -randkey {SMTP}", f"cpw -randkey {IMAP}")
    proofs, named = told(realm, keytab)
    assert [proof["ok"] for proof in proofs] == [False, False]
    assert named == ["keytab.key_wrong"] * 2


@pytest.mark.parametrize("name", [SMTP, IMAP])
@pytest.mark.parametrize(
    ("change", "back"),
    [
        ("modprinc -allow_tix", "modprinc +allow_tix"),
        ("modprinc -allow_svr", "modprinc +allow_svr"),
        ('modprinc -expire "2020-01-01 00:00:00"', f"modprinc -expire {NEVER}"),
    ],
)
def test_a_principal_that_may_not_be_used(
    realm: Realm, keytab: pathlib.Path, name: str, change: str, back: str
) -> None:
    realm.kadmin_local(f"{change} {name}")
    try:
        proofs, named = told(realm, keytab)
    finally:
        realm.kadmin_local(f"{back} {name}")
    assert [proof["ok"] for proof in proofs] == [name != SMTP, name != IMAP], proofs
    assert named == ["keytab.principal_locked"], proofs


def test_a_principal_that_is_gone(realm: Realm, keytab: pathlib.Path) -> None:
    realm.kadmin_local(f"delprinc -force {SMTP}")
    try:
        proofs, named = told(realm, keytab)
    finally:
        realm.kadmin_local(f"addprinc -randkey {SMTP}")
    assert [proof["ok"] for proof in proofs] == [False, True]
    assert named == ["keytab.principal_unknown"]


def test_a_krb5_conf_that_permits_no_enctype_of_the_keys(realm: Realm, keytab: pathlib.Path) -> None:
    text = realm.krb5_conf.read_text()
    realm.krb5_conf.write_text(text.replace("[libdefaults]", "[libdefaults]\n permitted_enctypes = camellia256-cts"))
    try:
        proofs, named = told(realm, keytab)
    finally:
        realm.krb5_conf.write_text(text)
    assert [proof["ok"] for proof in proofs] == [False, False]
    assert set(named) == {"keytab.ticket"}, proofs


def test_no_kdc(realm: Realm, keytab: pathlib.Path) -> None:
    wanted = asked(realm, keytab)
    stopped = Asked(**{**vars(wanted), "kdcs": ("127.0.0.1:9",)})
    found = doctor_keytabs.gather(stopped)
    assert f"no KDC of {realm.name} answers" in found["tickets"]["untested"]


def test_what_the_kdc_itself_says(realm: Realm, keytab: pathlib.Path) -> None:
    (one,) = doctor_network.gather(asked(realm, keytab))["kdcs"]
    assert (one["kind"], one["udp"]["answered"], one["tcp"]["answered"]) == ("mit", True, True)
    assert abs(one["tcp"]["offset"]) < 2
    question.cache_clear()
    foreign = Asked(**{**vars(asked(realm, keytab)), "realm": "OTHER.TEST"})
    assert doctor_network.gather(foreign)["kdcs"][0]["kind"] == "foreign"
