# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many tasks that must fail, by forked modules (forked_ladder.py)."""

from __future__ import annotations

import pathlib
from typing import Any, Collection, Mapping, Sequence

from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import play


def refusals(tasks: Sequence[Mapping[str, Any]], folder: pathlib.Path, *, check: bool = False) -> list[str]:
    """The message of each task, all of which must fail with one sentence and no traceback."""
    rescued = [{"block": [task], "rescue": [{"ansible.builtin.meta": "noop"}]} for task in tasks]
    step, output = play(rescued, folder, check=check)
    assert [result.status for result in step.results] == ["failed"] * len(tasks), output
    assert "Traceback" not in output
    messages = [result.msg for result in step.results]
    assert not any("\n" in message for message in messages), messages
    return messages


def assert_refused(
    cases: Mapping[str, Mapping[str, Any]], folder: pathlib.Path, *, foreseen: Collection[str] = ()
) -> None:
    """Each task must fail, in check mode and in the run.

    ``cases``: how a message starts, and the task that must fail with it. ``foreseen``: those that check mode lets
    pass, because an earlier task of the same run may bring what is missing.
    """
    for check in (True, False):
        asked = {start: task for start, task in cases.items() if not (check and start in foreseen)}
        for message, start in zip(refusals(list(asked.values()), folder, check=check), asked):
            assert message.startswith(start), message
            assert ";" in message, f"no remedy: {message}"
