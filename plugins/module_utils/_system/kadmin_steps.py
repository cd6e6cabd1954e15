# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a plan, given to kadmin in one go, and what became of them."""

from __future__ import annotations

import os
from typing import List, Sequence, Tuple

from .._domain.kadmin_access import LOCAL
from .._domain.kadmin_answer import Answer
from .._domain.kadmin_step import Step
from .._domain.kadmin_symptoms import COMMAND, KadminRefusal, explained
from .kadmin import Interrupted, Kadmin

ROOM = 64 * 1024  # bytes: pages of the database and of its policies that may be split
ROOM_PER_STEP = 1024  # bytes: a principal with four keys takes less than 600
MOST_NAMED = 10  # principals or policies that a message lists by name
PLURAL = {"principal": "principals", "policy": "policies"}


def carry_out(kadmin: Kadmin, steps: Sequence[Step]) -> None:
    """Give kadmin the steps of a plan in one go; KadminRefusal names the first that failed and what was done.

    A step that fails keeps no other from being carried out, as in a file of kadmin commands, but for those that
    follow the others of their name.
    """
    _check_room(kadmin, len(steps))
    done: List[Step] = []
    failed: List[Tuple[Step, Answer]] = []
    for follows in (False, True):
        unlucky = {step.name for step, dummy in failed}
        batch = [step for step in steps if step.follows is follows and step.name not in unlucky]
        answers = _answers(kadmin, batch, steps, done)
        done += [step for step, answer in zip(batch, answers) if _succeeded(step, answer)]
        failed += [(step, answer) for step, answer in zip(batch, answers) if not _succeeded(step, answer)]
    if failed:
        step, answer = failed[0]
        words = answer.complaint
        if step.secret is not None and step.secret in words:
            words = "its words are withheld, for they repeat the password"
        raise KadminRefusal(f"{refused(kadmin, step.subject, words)} ({_done(done, steps)})")


def _answers(kadmin: Kadmin, batch: Sequence[Step], steps: Sequence[Step], done: Sequence[Step]) -> Tuple[Answer, ...]:
    """kadmin's answers to a batch of ``steps``; KadminRefusal where it ends before the last."""
    try:
        return kadmin.ask([step.command for step in batch]) if batch else ()
    except Interrupted as interrupted:
        now = [step for step, answer in zip(batch, interrupted.answers) if _succeeded(step, answer)]
        see = "" if kadmin.access.mode == LOCAL else f"see that the kadmind of {kadmin.access.place} answers and "
        raise KadminRefusal(
            f"{kadmin.access.program}: was ended in the middle of the changes; {_done([*done, *now], steps)}; "
            f"{see}run again, what is done is not repeated"
        ) from interrupted


def _check_room(kadmin: Kadmin, steps: int) -> None:
    """KadminRefusal where the database's disk is nearly full.

    The DB2 module of MIT Kerberos does not look at what write() returns (seen in 1.20): on a full disk kadmin
    says that principals are created, and the database is damaged.
    """
    if kadmin.access.mode != LOCAL:
        return
    needed = ROOM + ROOM_PER_STEP * steps
    for folder in sorted({os.path.dirname(path) for path in kadmin.open_files()}):
        status = os.statvfs(folder)
        free = status.f_frsize * (status.f_bavail if os.geteuid() else status.f_bfree)
        if free < needed:
            raise KadminRefusal(
                f"{kadmin.access.place}: the disk that holds {folder} is full but for {free // 1024} KiB, and "
                f"the changes need about {needed // 1024} KiB; make room and run again"
            )


def _succeeded(step: Step, answer: Answer) -> bool:
    return any(line.startswith(step.said) for line in answer.lines) if step.said else not answer.complaint


def _done(done: Sequence[Step], steps: Sequence[Step]) -> str:
    """'done for 2 of 5 principals: a, b', counting a principal (or policy) as done when all its steps are."""
    left = {step.name for step in steps if step not in done}
    names: List[str] = list(dict.fromkeys(step.name for step in done if step.name not in left))
    total = len({step.name for step in steps})
    kind = PLURAL[steps[0].kind]
    if not names:
        return f"nothing is done for any of {total} {kind}" if total > 1 else "nothing is done"
    listed = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
    return f"done for {len(names)} of {total} {kind}: {listed}"


def refused(kadmin: Kadmin, subject: str, words: str) -> KadminRefusal:
    """What kadmin's ``words`` about ``subject`` ('principal alice@R') mean, as one sentence."""
    return explained(words, {"subject": subject, "place": kadmin.access.place, "who": kadmin.who}, COMMAND)
