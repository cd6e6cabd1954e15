# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback drift among others, and when it fails itself."""

from __future__ import annotations

import types
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.playbooks.callback_plugins.mailrealm_drift import CallbackModule as Beside
from ansible_collections.mailrealm.kerberos.plugins.callback import drift
from ansible_collections.mailrealm.kerberos.plugins.plugin_utils import drift_record


@pytest.fixture(autouse=True)
def released() -> Iterator[None]:
    """Each test begins and ends without a run."""
    drift_record.release()
    yield
    drift_record.release()


class Manager:
    """Sends events as Ansible does: the callbacks are looked through one after the other."""

    def __init__(self, *plugins: Any) -> None:
        self._callback_plugins = list(plugins)
        self.ended: list[Any] = []

    def send(self, name: str, *arguments: Any) -> None:
        for plugin in self._callback_plugins:
            getattr(plugin, name)(*arguments)


class Other:
    """A callback that waits for the end."""

    ended = False

    def v2_playbook_on_start(self, playbook: Any) -> None:
        pass

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self.ended = stats is STATS


STATS = types.SimpleNamespace(failures={}, dark={})
PLAYBOOK = types.SimpleNamespace(get_plays=list)


def _begun(kind: type[drift.CallbackModule] = drift.CallbackModule) -> drift.CallbackModule:
    plugin = kind()
    plugin._record = drift_record.claim()
    return plugin


def test_callbacks_that_were_loaded_later_hear_of_the_end(tmp_path: Any) -> None:
    plugin, other = _begun(), Other()
    plugin._folder = str(tmp_path)
    manager = Manager(plugin, other)
    manager.send("v2_playbook_on_start", PLAYBOOK)
    with pytest.raises(SystemExit) as ended:
        manager.send("v2_playbook_on_stats", STATS)
    assert other.ended and ended.value.code == 4  # no host was looked at


def test_of_two_that_are_loaded_one_reports() -> None:
    assert _begun()._record is not None
    assert _begun(Beside)._record is None
    assert Beside.ONLY_WHEN_ASKED and not Beside.CALLBACK_NEEDS_ENABLED


def test_of_two_that_are_loaded_one_tells_of_merged_reports(capsys: pytest.CaptureFixture[str]) -> None:
    manager = Manager(drift.CallbackModule(), Beside())
    told = {"report_status": "clean", "report_summary": ["Drift report: clean."]}
    task = types.SimpleNamespace(action=drift.MERGE)
    manager.send("v2_runner_on_ok", types.SimpleNamespace(task=task, result=told))
    manager.send("v2_playbook_on_stats", STATS)
    assert capsys.readouterr().out.count("Drift report: clean.") == 1
    assert drift_record.claim() is not None, "another playbook may follow"


def test_an_error_of_its_own_makes_the_report_incomplete(tmp_path: Any) -> None:
    plugin = _begun()
    plugin._folder = str(tmp_path)
    assert plugin._record is not None
    plugin._record.expect("one", ["a"])
    plugin._record.begin("one", ["a"])
    plugin.v2_runner_on_ok(types.SimpleNamespace())  # no result of Ansible's
    plugin._record.end()
    with pytest.raises(SystemExit) as ended:
        plugin.v2_playbook_on_stats(STATS)
    assert ended.value.code == 4
    assert "the drift report failed by itself" in (tmp_path / "drift.json").read_text()


def test_a_report_that_cannot_be_written_is_not_clean(tmp_path: Any) -> None:
    plugin = _begun()
    plugin._folder = str(tmp_path / "gone")
    with pytest.raises(SystemExit) as ended:
        plugin.v2_playbook_on_stats(STATS)
    assert ended.value.code == 4


def test_a_run_without_a_report_ends_as_it_would_and_nothing_is_kept() -> None:
    plugin = Beside()
    plugin.v2_runner_item_on_ok(types.SimpleNamespace())
    assert plugin._items == {}
    plugin.v2_playbook_on_stats(STATS)
