# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of kadmin's lines answers which command.

Behind each command stands a marker, a request that kadmin does not know: `Unknown request "MARKER"` ends the
command's answer. So nothing depends on the prompt, nor on whether kadmin repeats what it reads (it does where
libss finds libreadline or libedit).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import List, Sequence, Tuple

PROMPT = re.compile(r"kadmin[\w.-]*:  ")  # the program's own name: kadmin.local, or Debian's kadmin.mit
# Said of every command of its kind, whatever comes of it
NOTICES = re.compile(
    r"(?:No policy specified for|NOTICE: no policy specified|WARNING: no policy specified|WARNING: policy "
    r"|Make sure that you have removed|Authenticating as principal|Couldn't open log file )"
)


@dataclass(frozen=True)
class Answer:
    """The lines with which kadmin answered one command, without prompts, markers and repeated commands."""

    lines: Tuple[str, ...]

    @property
    def complaint(self) -> str:
        """What kadmin said besides notices, in one line: an error where the command is known to have failed."""
        return " ".join(line.strip() for line in self.lines if line.strip() and not NOTICES.match(line))


def marker(nonce: str, number: int) -> str:
    """The request behind the command ``number``; ``nonce`` is a random word of letters and digits."""
    return f"{nonce}-{number}"


def script(commands: Sequence[str], nonce: str, first: int) -> bytes:
    """The bytes for kadmin's standard input: each command followed by its marker, numbered from ``first``."""
    lines: List[str] = []
    for number, command in enumerate(commands, first):
        lines += (command, marker(nonce, number))
    return "".join(f"{line}\n" for line in lines).encode()


def ends_with(nonce: str, number: int) -> bytes:
    """What stands in the output once the answer to command ``number`` is whole."""
    return f'Unknown request "{marker(nonce, number)}"'.encode()


def split_answers(output: str, commands: Sequence[str], nonce: str, first: int) -> Tuple[Answer, ...]:
    """The answers to ``commands`` in their order; fewer where kadmin ended before the last."""
    answers = []
    at = 0
    for number, command in enumerate(commands, first):
        mark = output.find(f'Unknown request "{marker(nonce, number)}"', at)
        if mark < 0:
            break
        start_of_line = output.rfind("\n", 0, mark) + 1
        echoed = (command, marker(nonce, number))
        answers.append(Answer(_told(output[at:start_of_line], echoed)))
        end_of_line = output.find("\n", mark)
        at = len(output) if end_of_line < 0 else end_of_line + 1
    return tuple(answers)


def _told(text: str, echoed: Tuple[str, str]) -> Tuple[str, ...]:
    told = []
    for line in text.split("\n"):
        prompt = PROMPT.match(line)
        rest = line[prompt.end() :] if prompt else line
        if rest and not (prompt and rest in echoed):
            told.append(rest)
    return tuple(told)
