# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""host_facts, judged by the modules whose look it takes along: setup, dpkg's own list, dns_identity_info."""

from __future__ import annotations

import pathlib
import subprocess
from typing import Any, Sequence

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import play
from ansible_collections.mailrealm.kerberos.tests.integration.name_stage import interpreter
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused
from ansible_collections.mailrealm.kerberos.tests.integration.test_dns_identity_info import GOOD, LOCAL, WRONG_PTR

FACTS = "mailrealm.kerberos.host_facts"
SETUP = {"ansible.builtin.setup": {"gather_subset": ["!all", "!min", "distribution", "pkg_mgr", "service_mgr"]}}
NETWORK = {"ansible.builtin.setup": {"gather_subset": ["!all", "!min", "network"], "filter": ["ansible_default_ipv4"]}}
NAMES = {"host": "mx1.example.test", "aliases": ["mail.example.test"], "realm": "EXAMPLE.TEST"}


def look(folder: pathlib.Path, tasks: Sequence[dict[str, Any]], *, check: bool = False) -> list[dict[str, Any]]:
    """The tasks' results."""
    step, output = play(tasks, folder, check=check)
    assert not step.failed, output
    assert not step.changed
    return [result.data for result in step.results]


@pytest.mark.parametrize("address", ["192.0.2.77", ""], ids=["a default route", "no way out"])
def test_facts_are_those_of_setup(address: str, tmp_path: pathlib.Path) -> None:
    """All that are told, and the same in check mode; that setup has run is not told."""
    python = {"ansible_python_interpreter": interpreter(tmp_path, LOCAL, {}, address=address)}
    ours, theirs, network = look(tmp_path, [{**one, "vars": python} for one in ({FACTS: {}}, SETUP, NETWORK)])
    told, expected = ours["ansible_facts"], theirs["ansible_facts"]
    of_network = told.pop("ansible_default_ipv4")
    assert told == {name: expected[name] for name in told}
    assert set(told) >= {"ansible_distribution", "ansible_os_family", "ansible_pkg_mgr", "ansible_service_mgr"}
    assert of_network == ({"address": address} if address else {})
    assert of_network.get("address") == network["ansible_facts"]["ansible_default_ipv4"].get("address")
    (again,) = look(tmp_path, [{FACTS: {}, "vars": python}], check=True)
    assert again["ansible_facts"] == {**told, "ansible_default_ipv4": of_network}


def test_what_is_not_asked_for_is_not_told(tmp_path: pathlib.Path) -> None:
    (found,) = look(tmp_path, [{FACTS: {"facts": False}}])
    assert not {"ansible_facts", "packages", "names"} & set(found)
    assert found["units"] == []


def test_without_systemd_no_unit_runs(tmp_path: pathlib.Path) -> None:
    """As in the machine of these tests; the lab's hosts have it."""
    assert look(tmp_path, [{FACTS: {"facts": False, "units": ["cron", "dbus"]}}])[0]["units"] == []


def test_packages_are_those_of_dpkg(tmp_path: pathlib.Path) -> None:
    """Which dpkg lists as installed, to the last."""
    (found,) = look(tmp_path, [{FACTS: {"facts": False, "packages": True}}])
    listed = subprocess.run(["dpkg", "--list"], check=True, capture_output=True, text=True).stdout
    lines = [line.split() for line in listed.splitlines() if line[:3] in ("ii ", "hi ")]
    assert found["packages"] == sorted({line[1].partition(":")[0] for line in lines})


def test_names_are_those_of_dns_identity_info(tmp_path: pathlib.Path) -> None:
    """With defaults of the options that are left out, findings among them."""
    there = []
    for number, records in enumerate((GOOD, WRONG_PTR)):
        python = {"ansible_python_interpreter": interpreter(tmp_path / str(number), LOCAL, records)}
        there += [
            {FACTS: {"facts": False, "names": NAMES}, "vars": python},
            {"mailrealm.kerberos.dns_identity_info": NAMES, "vars": python},
        ]
    ours, theirs, ours_bad, theirs_bad = look(tmp_path, there)
    assert ours["names"]["problems"] == []
    assert ours_bad["names"]["problems"] != []
    for found, expected in ((ours, theirs), (ours_bad, theirs_bad)):
        assert found["names"].items() <= expected.items()
        assert {"host", "aliases", "reverse", "dns", "principals", "sentences"} <= set(found["names"])


def test_options_are_judged_as_those_of_dns_identity_info(tmp_path: pathlib.Path) -> None:
    entries = [{"address": "127.0.1.1", "names": ["mx1.example.test"]}]
    start = "hosts_entries[0]: 127.0.1.1 is a loopback address"
    assert_refused({start: {FACTS: {"names": {**NAMES, "hosts_entries": entries}}}}, tmp_path)
    wrong = {
        "names: Unsupported parameters: hots. Supported parameters include: ": {"hots": "mx1"},
        "names: value of expect must be one or more of: ": {"expect": ["all"]},
    }
    tasks = [
        {"block": [{FACTS: {"names": names}}], "rescue": [{"ansible.builtin.meta": "noop"}]} for names in wrong.values()
    ]
    step, output = play(tasks, tmp_path)
    said = [result.msg for result in step.results]
    assert [message.startswith(one) for message, one in zip(said, wrong)] == [True, True], output
