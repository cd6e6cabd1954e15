# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input of the modules that speak with a KDC: malformed names, wrong logins, nobody who answers."""

from __future__ import annotations

import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import realm
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import (
    BOTH,
    CANARY,
    Case,
    Outcome,
    judge,
    try_all,
)

WRONG = {"principal": "root/admin", "password": f"{CANARY}-wrong"}
SMTP = [{"protocol": "smtp", "host": "localhost", "port": 1, "tls": "none"}]


def principal(says: str, **options: Any) -> Case:
    return Case("principal", {"name": "alice", **options}, says)


def exported(name: str, says: str, kadmin: dict[str, Any] | None = None) -> Case:
    return Case("keytab_export", {"keytabs": [{"name": "mx1", "principals": [name]}], "kadmin": kadmin}, says)


REALM: dict[str, Case] = {
    "malformed principal": principal("principal 'a@b@c': holds a second '@'", name="a@b@c"),
    "principal with a blank": principal("principal 'smtp/mx1 x': holds white space", name="smtp/mx1 x"),
    "principal with a line break": principal("principal 'a\\x0adelprinc b': holds white", name="a\ndelprinc b"),
    "principal without host": principal("principal 'smtp/': a part of the name is empty", name="smtp/"),
    "principal of another realm": principal(
        "principal a@realm.test: names another realm than REALM.TEST", name="a@realm.test"
    ),
    "malformed one of several": Case(
        "principal", {"principals": [{"name": "good"}, {"name": "a\\"}]}, "principal 'a\\': ends"
    ),
    "principal twice": Case(
        "principal",
        {"principals": [{"name": "a"}, {"name": "a@REALM.TEST"}]},
        "principal a@REALM.TEST: is listed twice",
    ),
    "misspelt attribute": principal(
        "principal alice@REALM.TEST: attributes: '+requires_preauht' is not", attributes=["+requires_preauht"]
    ),
    "misspelt enctype": principal("principal alice@REALM.TEST: enctypes: 'aes265-cts' is not", enctypes=["aes265-cts"]),
    "no duration": principal(
        "principal alice@REALM.TEST: max_life: 'ten hours' is not a duration", max_life="ten hours"
    ),
    "no time": principal("principal alice@REALM.TEST: expires: 'soon' is not a fixed time", expires="soon"),
    "password and random key": principal(
        "principal alice@REALM.TEST: password: contradicts key: random", key="random", password=CANARY
    ),
    "password with a line break": principal(
        "principal alice@REALM.TEST: password: the value holds a newline", password=f"{CANARY}\nlistprincs"
    ),
    "old keys of the master key": principal(
        "principal K/M@REALM.TEST: old_keys: kdb5_util purge_mkeys alone", name="K/M", old_keys="purge_when_expired"
    ),
    "no duration of tickets": principal(
        "principal alice@REALM.TEST: tickets_end_after: 'soon' is not a duration",
        old_keys="purge_when_expired",
        tickets_end_after="soon",
    ),
    "duration of tickets for nothing": principal(
        "principal alice@REALM.TEST: tickets_end_after: says when old keys can go, and none are to",
        tickets_end_after="1h",
    ),
    "wrong admin password": principal("kadmin.password: is not the password of root/admin", kadmin=WRONG),
    "unknown admin": principal(
        "kadmin.principal: nobody/admin does not exist in the default realm",
        kadmin={**WRONG, "principal": "nobody/admin"},
    ),
    "admin keytab is a folder": principal(
        "kadmin.keytab: is no keytab (Is a directory", kadmin={"principal": "root/admin", "keytab": "FOLDER"}
    ),
    "admin keytab is none": principal(
        "kadmin.keytab: is no keytab (Unsupported key table",
        kadmin={"principal": "root/admin", "keytab": "FOLDER/hosts"},
    ),
    "admin server unknown": principal(
        "the default realm (kadmin at nosuch.invalid): the administration server's host name does not resolve",
        kadmin={"principal": "root/admin", "keytab": "FOLDER/root.keytab", "server": "nosuch.invalid"},
    ),
    "login on the KDC itself": principal(
        "kadmin.principal: kadmin.local asks for no login", kadmin={**WRONG, "mode": "local"}
    ),
    "no login": principal("kadmin: nothing given to log in with", kadmin={"server": "127.0.0.1"}),
    "info with a wrong password": Case(
        "principal_info", {"kadmin": WRONG}, "kadmin.password: is not the password of root/admin"
    ),
    "info of a malformed name": Case("principal_info", {"names": ["a@b@c"]}, "principal 'a@b@c': holds a second '@'"),
    "export with a wrong password": exported("alice", "kadmin.password: is not the password of root/admin", WRONG),
    "export of a malformed name": exported("smtp/", "principal 'smtp/': a part of the name is empty"),
    "export of one name twice": Case(
        "keytab_export", {"keytabs": [{"name": "x", "principals": ["a"]}] * 2}, "keytabs: 'x': is listed twice"
    ),
    "realm's name": Case("realm", {"name": "REALM/TEST"}, "name: 'REALM/TEST' is no realm"),
    "realm in another case": Case("realm", {"name": "Realm.Test"}, "realm 'Realm.Test': "),
    "realm's empty password": Case("realm", {"name": "NEW.TEST", "master_password": ""}, "master_password: is empty"),
    "realm's kdc_conf is a folder": Case("realm", {"name": "NEW.TEST", "kdc_conf": "FOLDER"}, "FOLDER: is a directory"),
    "realm's kdc_conf is missing": Case(
        "realm",
        {"name": "NEW.TEST", "kdc_conf": "FOLDER/none"},
        "kdc_conf: there is no file FOLDER/none",
        foreseen=True,
    ),
    "probe with a wrong password": Case(
        "sso_probe",
        {"services": SMTP, "credentials": WRONG},
        "1 of 1 logins failed: smtp localhost:1: the password or keytab key of root/admin",
        foreseen=True,
    ),
    "probe without a keytab": Case(
        "sso_probe",
        {"services": SMTP, "credentials": {"keytab": "FOLDER/none"}},
        "1 of 1 logins failed: smtp localhost:1: the keytab FOLDER/none does not exist",
        foreseen=True,
    ),
    "probe of a port that cannot be": Case(
        "sso_probe",
        {"services": [{**SMTP[0], "port": 99999}], "credentials": WRONG},
        "services[0]: port 99999 does not exist",
    ),
    "probe of a name that cannot be": Case(
        "sso_probe",
        {"services": [{**SMTP[0], "host": "mx 1"}], "credentials": WRONG},
        "services[0]: host 'mx 1' is no host",
    ),
}
SILENT: dict[str, Case] = {
    "principal": principal(
        "the default realm (kadmin at the admin_server of krb5.conf): no KDC of the realm", kadmin=WRONG
    ),
    "info": Case(
        "principal_info", {"kadmin": {**WRONG, "realm": "REALM.TEST"}}, "realm REALM.TEST (kadmin at the admin_server"
    ),
    "export": exported(
        "alice", "the default realm (kadmin at the admin_server of krb5.conf): no KDC of the realm", WRONG
    ),
    "probe": Case(
        "sso_probe",
        {"services": SMTP, "credentials": WRONG},
        "1 of 1 logins failed: smtp localhost:1: no KDC of the realm answered",
        foreseen=True,
    ),
}


@pytest.fixture(scope="module")
def etc(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("etc")
    (folder / "hosts").write_text("127.0.0.1 localhost\n")
    return folder


@pytest.fixture(scope="module")
def live(etc: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[realm.Realm]:
    with realm.running_realm(tmp_path_factory.mktemp("live")) as made:
        made.kadmin_local(f"ktadd -norandkey -k {etc}/root.keytab {made.admin}")
        yield made


@pytest.fixture(scope="module")
def asked(
    live: realm.Realm, etc: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, bool], Outcome]:
    principals = live.kadmin_local("listprincs")
    found = try_all(REALM, etc, tmp_path_factory.mktemp("asked"), environment=live.variables)
    assert live.kadmin_local("listprincs") == principals
    return found


@BOTH
@pytest.mark.parametrize("name", REALM)
def test_realm(asked: dict[tuple[str, bool], Outcome], name: str, check: bool) -> None:
    judge(REALM[name], asked[name, check], check)


def test_no_kdc_is_reachable(etc: pathlib.Path, tmp_path: pathlib.Path) -> None:
    silent = realm.configure(tmp_path / "silent")
    found = try_all(SILENT, etc, tmp_path, environment=silent.variables)
    for (name, check), outcome in found.items():
        judge(SILENT[name], outcome, check)
