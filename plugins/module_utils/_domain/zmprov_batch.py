# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into `zmprov -f` and what comes out: lines of words, and one block of output for each of them.

zmprov prints `prov> ` without a line end before every line that it reads, so that the output of a whole batch can be
given back to its lines. The last line is `exit`: only so does the exit status tell of errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from .refusal import Refusal

PROMPT = "prov> "
# StringUtil.parseLine (zm-common) splits on white space; quotes count at a word's start alone, escapes everywhere.
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./$-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_VALUE = re.compile(r"([A-Za-z][A-Za-z0-9;-]*)(::?) (.*)", re.DOTALL)
_WARNING = re.compile(r"Warn: (attribute \S+ has been deprecated since \S+)")
_NOT_UNDERSTOOD = ("usage:", "Unknown command.")


class BatchRefusal(Refusal):
    """zmprov's output is not what it prints."""


@dataclass(frozen=True)
class Read:
    """The attributes of one entry as `gs`, `gd`, `ga`, `gc` and `gacf` print them; by name in small letters."""

    name: str
    values: Mapping[str, Tuple[str, ...]]


def quoted(word: str) -> str:
    """A word as a line of a batch holds it."""
    if _PLAIN.fullmatch(word):
        return word
    return '"' + "".join(_ESCAPES.get(character, character) for character in word) + '"'


def writable(value: str) -> bool:
    """Whether a batch and SOAP's XML can carry the value."""
    return not _UNWRITABLE.search(value)


def batch(commands: Sequence[Sequence[str]]) -> str:
    """The text of a batch that runs the commands, each a sequence of words, and then ends."""
    return "".join(" ".join(quoted(word) for word in command) + "\n" for command in commands) + "exit\n"


def blocks(output: str) -> List[str]:
    """What was printed for each line that zmprov read, the last of which is `exit` if it came so far."""
    found: List[str] = []
    at = 0
    if output and not output.startswith(PROMPT):
        return []
    while output.startswith(PROMPT, at):
        at += len(PROMPT)
        if output.startswith(PROMPT, at):
            found.append("")
            continue
        end = output.find("\n" + PROMPT, at)
        if end < 0:
            found.append(output[at:])
            break
        found.append(output[at : end + 1])
        at = end + 1
    return found


def not_understood(block: str) -> bool:
    """Whether zmprov did not know the command, or not these words of it."""
    return block.startswith(_NOT_UNDERSTOOD)


def warnings(block: str) -> List[str]:
    """What zmprov warned of at a write."""
    return _WARNING.findall(block)


def entry(block: str, attributes: Sequence[str]) -> Optional[Read]:
    """The entry that a block shows, which begins with `# name X`; None where there is none, that is, on an error.

    A line of a value of several lines is told from the next attribute by the ``attributes`` that were asked for.
    """
    if not block.startswith("# name "):
        return None
    header, dummy, rest = block[len("# name ") :].partition("\n")
    return Read(header, _values(rest[:-1] if rest.endswith("\n\n") or rest == "\n" else rest, attributes))


def config(block: str, attributes: Sequence[str]) -> Read:
    """The global configuration that a block of `gacf` shows; it has no header and may be empty."""
    return Read("", _values(block, attributes))


def _values(text: str, attributes: Sequence[str]) -> Dict[str, Tuple[str, ...]]:
    asked = {attribute.lower() for attribute in attributes}
    found: Dict[str, List[str]] = {}
    last: Optional[List[str]] = None
    for line in text.split("\n")[:-1]:
        matched = _VALUE.fullmatch(line)
        name = matched.group(1).lower() if matched else ""
        if matched and name in asked:
            if matched.group(2) == "::":
                raise BatchRefusal(
                    f"{matched.group(1)}: holds binary data, for which zmprov takes a file's name in place of a value; "
                    "set it with zmprov itself"
                )
            last = found.setdefault(name, [])
            last.append(matched.group(3))
        elif last is None:
            raise BatchRefusal(
                f"bin/zmprov: printed '{line[:80]}', which is no attribute that was asked for; "
                "run it by hand to see why (zmprov gacf)"
            )
        else:
            last[-1] += "\n" + line
    return {name: tuple(values) for name, values in found.items()}
