# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drift run has seen, at each moment at which a report may be asked for."""

from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_finding import Finding
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_report import HostRecord
from ansible_collections.mailrealm.kerberos.plugins.plugin_utils import drift_record
from ansible_collections.mailrealm.kerberos.plugins.plugin_utils.drift_record import Failure, Record

NONE: dict[str, set[str]] = {"failed": set(), "unreachable": set()}


def _finding(name: str, kind: str = "change") -> Finding:
    return Finding(kind, "postfix", "Set", "postconf", name, (), "", "major", "", f"{name}: differs")


def _hosts(record: Record, ended: dict[str, set[str]] | None = None) -> dict[str, HostRecord]:
    return {one.host: one for one in record.report("2026-11-27T02:00:00Z", ended).hosts}


def _states(record: Record, ended: dict[str, set[str]] | None = None) -> dict[str, str]:
    return {name: one.state for name, one in _hosts(record, ended).items()}


def _begun() -> Record:
    record = Record()
    record.expect("one", ["b", "a"])
    record.expect("two", ["b"])
    record.begin("one", ["a", "b"])
    return record


def test_until_the_end_every_host_is_unfinished() -> None:
    record = Record()
    record.expect("one", ["b", "a"])
    assert _states(record) == {"a": "unfinished", "b": "unfinished"}
    record.begin("one", ["a", "b"])
    record.result(["a"], "postfix", [_finding("x")])
    record.end()
    assert _states(record) == {"a": "unfinished", "b": "unfinished"}
    assert _hosts(record)["a"].findings == (_finding("x"),) and _hosts(record)["a"].roles == ("postfix",)


def test_a_host_is_checked_once_it_got_through_all_its_plays() -> None:
    record = _begun()
    record.end()
    assert _states(record, NONE) == {"a": "checked", "b": "unfinished"}
    record.begin("two", ["b"])
    record.end()
    assert _states(record, NONE) == {"a": "checked", "b": "checked"}


def test_batches_of_one_play_are_not_the_whole() -> None:
    record = Record()
    record.expect("one", ["a", "b"])
    record.begin("one", ["a"])
    record.end()
    assert _states(record, NONE) == {"a": "checked", "b": "unfinished"}


def test_only_failures_that_the_run_counts_are_failures() -> None:
    record = _begun()
    refused = _finding("no", "refusal")
    record.failure(["a"], "kdc", Failure("failed", "a", "Try: no", (refused, _finding("x"))))
    record.end()
    assert _states(record, NONE)["a"] == "checked"
    assert _hosts(record, NONE)["a"].findings == (_finding("x"),)
    counted = {"failed": {"a"}, "unreachable": set()}
    assert _hosts(record, counted)["a"].state == "failed" and _hosts(record, counted)["a"].reason == "Try: no"
    assert set(_hosts(record, counted)["a"].findings) == {_finding("x"), refused}


def test_a_task_that_runs_once_fails_for_all() -> None:
    record = _begun()
    record.failure(record.batch, "", Failure("failed", "a", "Once: no"))
    assert _states(record, {"failed": {"a"}, "unreachable": set()}) == {"a": "failed", "b": "failed"}


def test_a_counted_failure_without_a_result_is_one() -> None:
    record = _begun()
    record.end()
    ended = {"failed": set(), "unreachable": {"a"}}
    assert _hosts(record, ended)["a"].state == "unreachable" and _hosts(record, ended)["a"].reason


def test_an_error_of_the_report_leaves_no_host_known() -> None:
    record = _begun()
    record.end()
    record.broken = "the disk is full"
    assert {one.state for one in _hosts(record, NONE).values()} == {"unfinished"}
    assert _hosts(record, NONE)["a"].reason == "the disk is full"


def test_one_of_two_plugins_keeps_the_record() -> None:
    assert drift_record.claim() is not None
    assert drift_record.claim() is None
    drift_record.release()
    assert drift_record.claim() is not None
    drift_record.release()
