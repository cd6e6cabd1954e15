# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What went wrong in a batch that zmprov ran, in one sentence: which entry, why, what was applied, how to mend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, List, Optional, Sequence, Tuple

from .refusal import Refusal
from .zimbra_asked import MASK, place
from .zimbra_entries import Change, Plan, Reading
from .zmprov_batch import not_understood
from .zmprov_errors import Explained, Trouble, explained, fatal

_LISTED = 8  # entries that a sentence names before it counts the rest


class ZmprovRefusal(Refusal):
    """zmprov did not read or change what it was told to."""


@dataclass(frozen=True)
class Answer:
    """What came of one call: a block of output for each line that zmprov read, the last of which is `exit`."""

    blocks: Tuple[str, ...]
    commands: int
    status: int
    stderr: str
    troubles: Tuple[Trouble, ...]

    @property
    def complete(self) -> bool:
        """Whether zmprov read all lines, so that each command was tried."""
        return len(self.blocks) == self.commands + 1


def check_read(answer: Answer) -> None:
    """ZmprovRefusal where zmprov did not come to the end of a read, or knows another language."""
    if not answer.complete:
        found = _why(answer)
        raise ZmprovRefusal(f"zmprov: {found.what}; {found.remedy}")
    if any(not_understood(block) for block in answer.blocks):
        raise ZmprovRefusal(
            "zmprov: does not understand the commands that read entries; see with zmprov help that it is Zimbra's own"
        )


def check_found(missing: Sequence[Reading], answer: Answer) -> None:
    """ZmprovRefusal where entries are not there, or cannot be read."""
    if not answer.troubles and not missing:
        return
    said = [explained(trouble) for trouble in answer.troubles]
    if not missing:
        raise ZmprovRefusal(f"entries: {said[0].what}; {said[0].remedy}")
    names = list(dict.fromkeys(place(one.type, one.name) for one in missing))
    others = _listed(names[1:])
    first = said[0] if said else Explained("zmprov shows nothing of it", "see what zmprov says when run by hand")
    raise ZmprovRefusal(
        f"entries: {names[0]}: {first.what}" + (f", and so with {others}" if others else "") + f"; {first.remedy}"
    )


def failed_write(found: Plan, left: Plan, answer: Answer) -> Optional[ZmprovRefusal]:
    """Why the changes ``left`` were not made by a batch that came to its end; None where zmprov names no reason."""
    entries = left.entries()
    if not entries or not answer.troubles:
        return None
    # Errors come in the order of the lines, and the first line that changed nothing made the first of them.
    said = explained(_masked(answer.troubles[0], left.changes))
    others = _listed(one.place for one in entries[1:])
    return ZmprovRefusal(
        f"entries: {entries[0].place}: {said.what}"
        + (f", and {others} did not change either" if others else "")
        + f" ({_applied(found, left)}); {said.remedy}, and run again"
    )


def broken_write(found: Plan, left: Optional[Plan], answer: Optional[Answer], said: str = "") -> ZmprovRefusal:
    """Why zmprov ended before its batch did; ``left`` is what a read afterwards still wants, None if that failed.

    Without an answer, because zmprov did not end, ``said`` is the sentence of the refusal that tells so.
    """
    why = _why(answer) if answer else Explained(*said.split("; ", 1))
    undone = left.entries() if left else []
    where = f"{undone[0].place}: " if undone else ""
    if answer and not answer.blocks:
        applied = "nothing was applied"
    elif left is None:
        applied = "how much of it was applied could not be read"
    else:
        applied = _applied(found, left)
    return ZmprovRefusal(f"zmprov: {where}{why.what} ({applied}); {why.remedy}, and run again")


def _why(answer: Answer) -> Explained:
    if answer.troubles and not answer.blocks:
        return explained(answer.troubles[0])
    return fatal(answer.status, answer.stderr)


def _applied(found: Plan, left: Plan) -> str:
    wanted = {(change.entry.key, change.asked.key) for change in left.changes}
    done = [change.place for change in found.changes if (change.entry.key, change.asked.key) not in wanted]
    return f"applied: {_listed(done)}" if done else "nothing was applied"


def _listed(names: Iterable[str]) -> str:
    all_names: List[str] = list(names)
    more = len(all_names) - _LISTED
    return ", ".join(all_names[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _masked(trouble: Trouble, changes: Iterable[Change]) -> Trouble:
    """The error without the values of secrets, which zmprov quotes."""
    message = trouble.message
    for change in changes:
        if change.asked.secret:
            for value in change.after:
                message = message.replace(value, MASK)
    return Trouble(trouble.code, message)
