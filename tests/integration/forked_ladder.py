# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ladder's `climb` and `play` for tasks of this collection's modules, forked (forked_module.py): a task takes a
tenth of what it takes ansible-playbook.

What is not the module's work needs ladder.py: templates, action plugins, loops, the output in which a secret could
stand, another Python. A file that climbs here has one ladder of each module there, so that both are known to agree.
"""

from __future__ import annotations

import pathlib
from typing import Any, Mapping, Sequence

from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import Ladder, Result, Step
from ansible_collections.mailrealm.kerberos.tests.integration.returned import COLLECTION, check_returned
from ansible_collections.mailrealm.kerberos.tests.integration.watched import snapshot

KEYWORDS = {"name", "environment"}


def climb(tasks: Sequence[Mapping[str, Any]], folder: pathlib.Path, *, watch: Sequence[pathlib.Path] = ()) -> Ladder:
    """Climb the ladder; AssertionError with what the modules printed where a task fails."""
    ran = [play(tasks, folder, check=check, watch=watch) for check in (True, False, True, False)]
    output = "".join(printed for dummy, printed in ran)
    assert not any(step.failed for step, dummy in ran), output
    return Ladder(*(step for step, dummy in ran), output=output)


def play(
    tasks: Sequence[Mapping[str, Any]], folder: pathlib.Path, *, check: bool = False, watch: Sequence[pathlib.Path] = ()
) -> tuple[Step, str]:
    """Run the tasks once, up to the first that fails and is in no block with a rescue; the step, and what was printed.

    A block has one task, and its rescue does nothing.
    """
    before = _watched(watch)
    results: list[Result] = []
    printed = ""
    for task in tasks:
        result, output = _run(task["block"][0] if "block" in task else task, folder, check)
        results.append(result)
        printed += output
        if result.status == "failed" and "block" not in task:
            break
    return Step(tuple(results), before, _watched(watch)), printed


def _run(task: Mapping[str, Any], folder: pathlib.Path, check: bool) -> tuple[Result, str]:
    (action,) = task.keys() - KEYWORDS
    name = action.removeprefix(COLLECTION)
    ended = forked_module.run(name, task[action], folder, check=check, variables=task.get("environment"))
    assert ended.result is not None, ended.output
    failed = bool(ended.result.get("failed"))
    assert bool(ended.status) == failed, ended.output
    if not failed:
        check_returned(action, ended.result)
    told = dict(ended.result)
    if "warnings" in told:
        told["warnings"] = [_sentence(one) for one in told["warnings"]]
    return Result(task.get("name", action), "failed" if failed else "ok", told), ended.output


def _sentence(warning: Any) -> str:
    """A warning as Ansible hands it on; of the module it is a summary of an event."""
    return str(warning["event"]["msg"] if isinstance(warning, dict) else warning)


def _watched(watch: Sequence[pathlib.Path]) -> dict[str, Any]:
    return {str(path): snapshot(str(path)) for path in watch}
