# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role `keytab` with files that an administrator handed over: the KDC says whether they are right, before a byte
of them is in the service's keytab."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import ROOT, climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import klist
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, running_realm

HOST = "axigen1.realm.test"
SERVICES = ("smtp", "imap", "pop")
PASSWORD = "canary-of-the-one-who-asks"
KEYTAB_TAG = ("--tags", "keytab")  # without packages, which the toolbox has


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    with running_realm(tmp_path_factory.mktemp("realm")) as running:
        running.kadmin_local(
            f"addprinc -pw {PASSWORD} asker",
            *(f"addprinc -randkey {service}/{host}" for service in SERVICES for host in (HOST, "other.realm.test")),
        )
        yield running


def hand_over(realm: Realm, folder: pathlib.Path, host: str = HOST) -> list[dict[str, str]]:
    """The document's three files, beside the playbook, with the keys as they are."""
    names = {service: f"axigen-{service}.keytab" for service in SERVICES}
    for service, name in names.items():
        realm.kadmin_local(f"ktadd -norandkey -k {folder / name} {service}/{host}")
    return [{"src": name} for name in names.values()]


def role(realm: Realm, sources: list[dict[str, str]], path: pathlib.Path, **variables: Any) -> dict[str, Any]:
    """The role on a host of recorded facts."""
    recorded = json.loads((ROOT / "tests" / "data" / "facts" / "debian-12.json").read_text())
    facts = {f"ansible_{name}": value for name, value in recorded.items() if name[0] != "_" and name != "python"}
    given = {
        "kerberos_realm": realm.name,
        "kerberos_keytab_source": "files",
        "kerberos_probe_credentials": {"principal": f"asker@{realm.name}", "password": PASSWORD},
        "keytab_product": "axigen",
        "keytab_path": str(path),
        "keytab_sources": sources,
        **variables,
    }
    return {
        "block": [
            {"ansible.builtin.set_fact": {**facts, "kerberos_hostname": HOST, "cacheable": True}, "tags": ["always"]},
            {"ansible.builtin.include_role": {"name": "mailrealm.kerberos.keytab"}, "vars": given, "tags": ["always"]},
        ],
        "environment": realm.variables,
    }


def refusal(realm: Realm, sources: list[dict[str, str]], folder: pathlib.Path) -> str:
    """What the role says of keys that are not right; nothing of them is written."""
    path = folder / "service.keytab"
    step, output = play([role(realm, sources, path)], folder, arguments=KEYTAB_TAG)
    assert step.failed and PASSWORD not in output, output
    assert not path.exists()
    return step.last.msg


def test_ladder_of_three_files_that_the_kdc_proves(realm: Realm, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "service.keytab"
    sources = hand_over(realm, tmp_path)
    steps = climb([role(realm, sources, path)], tmp_path, watch=[path], arguments=KEYTAB_TAG)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert PASSWORD not in steps.output
    assert {key.principal for key in klist(path)} == {f"{service}/{HOST}@{realm.name}" for service in SERVICES}
    probes = [one for one in steps.run.results if one.name.endswith("against the KDC")]
    assert [proof["ok"] for one in probes for proof in one.data["principals"]] == [True] * 3


def test_keys_of_another_host(realm: Realm, tmp_path: pathlib.Path) -> None:
    said = refusal(realm, hand_over(realm, tmp_path, "other.realm.test"), tmp_path)
    assert f"smtp/{HOST}@{realm.name}" in said and "; " in said


def test_a_key_that_was_replaced_since(realm: Realm, tmp_path: pathlib.Path) -> None:
    sources = hand_over(realm, tmp_path)
    realm.kadmin_local(f"change_password -randkey imap/{HOST}")
    said = refusal(realm, sources, tmp_path)
    assert f"imap/{HOST}@{realm.name}" in said and "kvno 2" in said
    assert f"smtp/{HOST}@{realm.name}" not in said


def test_the_same_unchecked_if_it_was_said(realm: Realm, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "service.keytab"
    sources = hand_over(realm, tmp_path)
    realm.kadmin_local(f"change_password -randkey pop/{HOST}")
    step, output = play([role(realm, sources, path, keytab_check=False)], tmp_path, arguments=KEYTAB_TAG)
    assert not step.failed, output
    assert len({key.principal for key in klist(path)}) == 3
