# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what a check run would change as one report over all hosts, and ends the run by what it found."""

from __future__ import annotations

DOCUMENTATION = r"""
name: drift
type: notification
short_description: Write a drift report of a check run, and end the run by what it found
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Collects what the tasks of a run in check mode would change, host by host, and writes C(drift.json) (schema
    C(mailrealm.kerberos.drift/1)), C(drift.html), C(drift.xml) (JUnit) and C(drift.prom) (Prometheus textfile) into a
    folder. The same findings give the same bytes, but for the time stamp.
  - The run ends with 0 where every host is as its roles want it, with 2 where some are not, and with 4 where some host
    could not be looked at to the end. A run that is stopped leaves a report that says C(incomplete).
  - The playbook C(mailrealm.kerberos.drift) has it switched on. Any other playbook is reported on where it is
    enabled by C(callbacks_enabled) and every play runs in check mode; a run that changes hosts is not reported on.
requirements:
  - enable C(mailrealm.kerberos.drift) in the configuration of Ansible, for playbooks other than this collection's
options:
  folder:
    description:
      - The folder of the report, on the controller. It is made where it is missing.
      - The task M(mailrealm.kerberos.drift_begin) of a play overrides it.
    type: str
    default: drift
    env:
      - name: MAILREALM_DRIFT_FOLDER
    ini:
      - section: mailrealm_drift
        key: folder
  waivers:
    description:
      - A YAML file on the controller with what is waived, as O(mailrealm.kerberos.drift_begin#module:waivers) has it.
    type: str
    default: ""
    env:
      - name: MAILREALM_DRIFT_WAIVERS
    ini:
      - section: mailrealm_drift
        key: waivers
"""

import atexit
import contextlib
import functools
import os
import sys
import time
from typing import Any, Callable

from ansible.errors import AnsibleError
from ansible.plugins.callback import CallbackBase

from ..module_utils._domain.drift_finding import Finding
from ..module_utils._domain.drift_report import FAILED, UNREACHABLE, document
from ..module_utils._domain.refusal import Refusal
from ..plugin_utils import (
    drift_plays,
    drift_record,
    drift_results,
    drift_summary,
    drift_waivers,
    drift_writer,
    report_clock,
)

BEGIN = "mailrealm.kerberos.drift_begin"
MERGE = "mailrealm.kerberos.drift_merge"
PAUSE = 15.0  # seconds at least between two reports that are written while a play runs
SHARE = 20  # of which writing may take one part

Hook = Callable[..., None]


def _guarded(hook: Hook) -> Hook:
    """A hook that owns up: after an error of its own the report can only be incomplete."""

    @functools.wraps(hook)
    def wrapped(self: CallbackModule, *arguments: Any, **options: Any) -> None:
        try:
            hook(self, *arguments, **options)
        except (Refusal, AnsibleError) as error:
            self.give_up(str(error))
        except Exception as error:  # whatever it is, the report must not look whole
            self.give_up(f"the drift report failed by itself ({type(error).__name__}: {error}); please report this")

    return wrapped


class CallbackModule(CallbackBase):
    """Hears what every task did. The record keeps it, the writer writes it."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "mailrealm.kerberos.drift"
    CALLBACK_NEEDS_ENABLED = True
    ONLY_WHEN_ASKED = False  # by a task of the playbook: the subclass beside our playbooks is loaded for each of them

    def __init__(self) -> None:
        super().__init__()
        self._record: drift_record.Record | None = None
        self._folder = ""
        self._plays: list[Any] = []
        self._void = False  # a playbook that is not in check mode
        self._merged: dict[str, Any] = {}
        self._items: dict[tuple[str, str], list[dict[str, str]]] = {}  # of loops: what each item is about
        self._written = (0.0, 0.0)  # when, in seconds of the monotonic clock, and how long it took
        drift_record.hear()

    def give_up(self, reason: str) -> None:
        """Nothing that follows can make the report complete."""
        self._display.warning(f"drift report: {reason}")
        if self._record is not None:
            self._record.broken = self._record.broken or reason

    @_guarded
    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._plays, self._void = list(playbook.get_plays()), False
        self._go_last()

    @_guarded
    def v2_playbook_on_play_start(self, play: Any) -> None:
        if self._void or drift_plays.task_of(play, MERGE) is not None:
            return
        task = drift_plays.task_of(play, BEGIN)
        if not play.check_mode and (self._record is not None or not self.ONLY_WHEN_ASKED):
            self._let_go(f"none is written, for the play '{play.get_name()}' is not in check mode and changes hosts")
            self._void = True
        elif self._record is None and (task is not None or not self.ONLY_WHEN_ASKED):
            self._record = drift_record.claim()
            self._begin(play, task)
        if self._record is None:
            return
        self._record.expect(play._uuid, drift_plays.hosts_of(play, whole=True))
        self._record.begin(play._uuid, drift_plays.hosts_of(play, whole=False))
        self._save()

    @_guarded
    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        del task, is_conditional  # only the time counts
        self._save_now_and_then()

    @_guarded
    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        del task  # only the time counts
        self._save_now_and_then()

    @_guarded
    def v2_runner_item_on_ok(self, result: Any) -> None:
        if self._record is not None:
            self._items.setdefault(drift_results.place(result), []).append(drift_results.options(result))

    v2_runner_item_on_failed = v2_runner_item_on_skipped = v2_runner_item_on_ok

    @_guarded
    def v2_runner_on_ok(self, result: Any) -> None:
        if result.task.action == MERGE and drift_record.claim() is not None:  # of two that are loaded one speaks
            self._merged = dict(result.result)
        if self._record is None:
            return
        if result.task.action == BEGIN:
            self._folder = result.result["folder"]
            return
        self._record.result(self._hosts(result), drift_results.role(result), self._findings(result))

    @_guarded
    def v2_runner_on_skipped(self, result: Any) -> None:
        if self._record is not None:
            self._record.result(self._hosts(result), drift_results.role(result), self._findings(result))

    @_guarded
    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        if self._record is None:
            return
        found = self._findings(result, failed=True)
        reason = f"{result.task.get_name()}: {drift_results.message(result.result)}"
        failure = drift_record.Failure(FAILED, result.host.name, reason, found)
        del ignore_errors  # the count of the run knows what counts
        self._record.failure(self._hosts(result), drift_results.role(result), failure)

    @_guarded
    def v2_runner_on_unreachable(self, result: Any) -> None:
        if self._record is not None:
            failure = drift_record.Failure(UNREACHABLE, result.host.name, drift_results.message(result.result))
            self._record.failure([result.host.name], drift_results.role(result), failure)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The end of a playbook. SystemExit where it is not clean: Ansible takes no exit status of a callback."""
        status, lines = self._ended(stats)
        for line in lines:
            self._display.display(line)
        if drift_summary.EXIT[status]:
            sys.stdout.flush()
            raise SystemExit(drift_summary.EXIT[status])

    def _ended(self, stats: Any) -> tuple[str, list[str]]:
        """The status of the whole run, and what to say about it."""
        if self._record is None:
            merged, self._merged = self._merged, {}
            if not merged:
                return "clean", []
            drift_record.release()
            return merged["report_status"], ["", *merged["report_summary"]]
        record = self._record
        self._conclude()
        created = report_clock.now()
        ended = {FAILED: set(stats.failures), UNREACHABLE: set(stats.dark)}
        try:
            found = document(record.report(created, ended), drift_waivers.matches)
            drift_writer.write(found, self._folder)
        except Exception as error:  # nothing may end as clean that was not written
            return "incomplete", ["", f"Drift report: incomplete, for it could not be written: {error}"]
        self._let_go("")
        return found["status"], ["", *drift_summary.summary(found, self._folder)]

    @_guarded
    def _conclude(self) -> None:
        """Plays that never began have hosts, too, those of groups that the run made included."""
        if self._record is None:
            return
        self._record.end()
        for play in self._plays:
            self._record.expect(play._uuid, drift_plays.hosts_of(play, whole=True))

    def _begin(self, play: Any, task: Any) -> None:
        """The first report: every host is expected, none has been looked at."""
        if self._record is None:
            return
        asked = drift_plays.arguments(play, task) if task is not None else {}
        folder = asked.get("folder") or ("drift" if self.ONLY_WHEN_ASKED else self.get_option("folder"))
        waivers = asked.get("waivers") or ("" if self.ONLY_WHEN_ASKED else self.get_option("waivers"))
        atexit.register(self._break_off, os.getpid())
        for one in self._plays:
            self._record.expect(one._uuid, drift_plays.hosts_of(one, whole=True))
        try:
            self._folder = drift_writer.prepared(str(folder))
            self._record.waivers = drift_waivers.waivers_of(str(waivers))
        except Refusal as refusal:
            # The task says it, and fails; without one nobody would.
            if task is None:
                self.give_up(str(refusal))

    def _break_off(self, process: int) -> None:
        """What is known when a run is interrupted. Its workers end here, too."""
        if self._record is not None and os.getpid() == process:
            with contextlib.suppress(Exception):
                self._save()

    def _let_go(self, warning: str) -> None:
        if warning:
            self._display.warning(f"drift report: {warning}")
        self._record = None
        drift_record.release()

    def _save(self) -> None:
        if self._record is None or not self._folder:
            return
        begun = time.monotonic()
        drift_writer.write(document(self._record.report(report_clock.now()), drift_waivers.matches), self._folder)
        self._written = (time.monotonic(), time.monotonic() - begun)

    def _save_now_and_then(self) -> None:
        when, took = self._written
        if time.monotonic() - when > max(PAUSE, SHARE * took):
            self._save()

    def _hosts(self, result: Any) -> tuple[str, ...]:
        """The hosts that a result is of: a task that runs once stands for all, whichever of them is the first.

        So slices of a fleet, each of which has a first host, merge into the report of the whole.
        """
        whole = self._record.batch if self._record is not None and result.task.run_once else ()
        return whole or (result.host.name,)

    def _findings(self, result: Any, failed: bool = False) -> tuple[Finding, ...]:
        return drift_results.findings(result, self._items.pop(drift_results.place(result), []), failed)

    def _go_last(self) -> None:
        """Take the last place among the callbacks: those behind one that ends the run would not hear of its end."""
        frame = sys._getframe().f_back
        while frame is not None:
            manager: Any = frame.f_locals.get("self")
            plugins = getattr(manager, "_callback_plugins", None)
            if isinstance(plugins, list) and any(one is self for one in plugins):
                # A new list, for the old one is just being gone through.
                manager._callback_plugins = [one for one in plugins if one is not self] + [self]
                return
            frame = frame.f_back
