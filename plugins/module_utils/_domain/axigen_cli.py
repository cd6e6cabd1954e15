# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axigen's CLI as text: where a reply ends, what it says, and how a value is written in a command.

A reply is any number of lines, a status line (`+OK: ...` or `-ERR: ...`, the colon may lack) and the prompt
`<context#> `, which has no line end. Before the login the prompts are `<login> ` and `<password> `, and nothing says
that a status line comes before them. No wording is relied on: none but these forms is documented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Optional, Sequence, Tuple, Union

from .axigen_cfg import CfgRefusal, parse
from .refusal import Refusal, printable

LONGEST_PROMPT = 400  # characters at the end of a reply in which its prompt is looked for, colours included
LONGEST_VALUE = 8192  # characters, of the vendor's page "axigen.cfg Definitions"
LOGIN, PASSWORD, ROOT = "login", "password", "#"
_CODES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][0-9A-Za-z]|\x1b[=>78]")
_PROMPT = re.compile(r"(?:\A|\n)<([A-Za-z0-9-]*#|login|password)> \Z", re.IGNORECASE)
_STATUS = re.compile(r"(\+OK|-ERR)(?![A-Za-z0-9]):? ?(.*)\Z", re.DOTALL)
_VALUE = re.compile(r"\s*([A-Za-z_][\w.-]{0,63}) =(?: (.*))?\Z", re.DOTALL)
_INHERITED = re.compile(r"\s*\[explicit, overrides inherited value: [^\]]*\]\Z")
_RULE = re.compile(r"[-=+| ]*[-=]{3}[-=+| ]*\Z")
_BARE = re.compile(r"[A-Za-z0-9_.:/@%+-]+\Z")
Setting = Union[str, Tuple[str, ...]]  # a value: a set is a tuple of its words
HEADING = 5  # lines before the rows of a table, as the vendor's own client counts them


class AxigenRefusal(Refusal):
    """Axigen's CLI cannot be used, or does not do what is asked."""


class AxigenRefused(AxigenRefusal):
    """Axigen said no to a command, and the session goes on."""


class AxigenStopped(AxigenRefusal):
    """Nobody answers at the CLI's address: in check mode a task before this one may be about to start it."""


@dataclass(frozen=True)
class Reply:
    """What came before the status line, the status (`+OK`, `-ERR`, or empty), its words, and the prompt's inside."""

    lines: Tuple[str, ...]
    status: str
    words: str
    prompt: str

    @property
    def ok(self) -> bool:
        return self.status == "+OK"

    @property
    def said(self) -> str:
        """The server's words for a message, on one line and not without end."""
        words = self.words or " ".join(line.strip() for line in self.lines[-2:])
        return shortened(words) or "it gave no reason"


def shortened(text: str, most: int = 200) -> str:
    """Text for a message: printable, and of at most ``most`` characters."""
    text = printable(text.strip())
    return text if len(text) <= most else text[: most - 3] + "..."


def uncoloured(text: str) -> str:
    """Text without a terminal's control sequences, which are on until CONSOLE-CODES is off."""
    return _CODES.sub("", text)


def may_be_whole(text: str) -> bool:
    """Whether a reply may end here: a quick look at its end alone."""
    return bool(_PROMPT.search(uncoloured(text[-LONGEST_PROMPT:]).replace("\r\n", "\n")))


def reply(text: str) -> Optional[Reply]:
    """The reply that a text is; None where it is not whole yet.

    Of a text that ends like a prompt but has no status line before it the rest is still to come, unless the
    prompt is one of the login's.
    """
    text = uncoloured(text).replace("\r\n", "\n")
    match = _PROMPT.search(text)
    if not match:
        return None
    prompt = match[1].lower()
    lines = text[: match.start()].split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    status = _STATUS.match(lines[-1]) if lines else None
    if status:
        return Reply(tuple(lines[:-1]), status[1], status[2].strip(), prompt)
    return None if prompt.endswith("#") else Reply(tuple(lines), "", "", prompt)


def failed_status(text: str) -> bool:
    """Whether the last line of what was heard before the connection ended is that of an error."""
    lines = [line for line in uncoloured(text).replace("\r\n", "\n").split("\n") if line.strip()]
    return bool(lines) and lines[-1].startswith("-ERR")


def version(lines: Sequence[str]) -> str:
    """The number in the answer to GET VERSION (`10.6.30|Linux|x86_64`, `7.0.0, (FreeBSD/i386)|...`)."""
    for line in lines:
        match = re.match(r"\s*(\d+(?:\.\d+)*)[^|]*\|", line)
        if match:
            return match[1]
    return ""


def shown_values(lines: Sequence[str]) -> Dict[str, Setting]:
    """The `name = value` lines of SHOW: a string, or a tuple of strings for a set; headings are passed over."""
    found: Dict[str, Setting] = {}
    for line in lines:
        match = _VALUE.match(line)
        if match:
            found[match[1]] = _shown(_INHERITED.sub("", match[2] or "").strip())
    return found


def _shown(text: str) -> Setting:
    if text[:1] not in ('"', "("):
        return text
    try:
        value = parse(f"v = {text}", "SHOW").get("v")
    except CfgRefusal:
        return text
    if isinstance(value, tuple):
        words = tuple(one for one in value if isinstance(one, str))
        return words if len(words) == len(value) else text
    return value if isinstance(value, str) else text


def first_column(lines: Sequence[str]) -> Tuple[str, ...]:
    """The first word of each row of a table as LIST prints it.

    The rows follow the last line of dashes that is not below them; where there is none, they follow as many lines as
    the vendor's own client skips.
    """
    table = list(lines)
    while table and (_RULE.match(table[-1]) or not _words(table[-1])):
        table.pop()
    rules = [at for at, line in enumerate(table) if _RULE.match(line)]
    rows = table[(rules[-1] + 1 if rules else HEADING) :]
    return tuple(_words(line)[0] for line in rows if _words(line))


def _words(line: str) -> Tuple[str, ...]:
    return tuple(word.strip('"') for word in line.replace("|", " ").split() if word.strip('"'))


def written(value: Setting, where: str) -> str:
    """A value as SET takes it; AxigenRefusal, which begins with ``where``, for one that cannot be written.

    A word stays bare, for nothing says that `"yes"` is taken for yes. The literal in single quotes comes before the
    string in double quotes where a backslash or a double quote is in it, for what a backslash does there is told
    of `\\"` only (vendor's page "CLI Service Description").
    """
    if isinstance(value, tuple):
        return "(" + " ".join(written(one, where) for one in value) + ")"
    check_line(value, where)
    if len(value) > LONGEST_VALUE:
        raise AxigenRefusal(f"{where}: has {len(value)} characters, and Axigen takes {LONGEST_VALUE}; shorten it")
    if _BARE.match(value):
        return value
    if "\\" not in value and '"' not in value:
        return f'"{value}"'
    if "'" not in value:
        return f"'{value}'"
    if "\\" in value:
        raise AxigenRefusal(
            f"{where}: holds a backslash and a single quote, which the CLI has no way to write; leave one of them out"
        )
    return '"' + value.replace('"', '\\"') + '"'


def check_line(text: str, where: str) -> None:
    """AxigenRefusal for what would end a command before its end."""
    if any(ord(character) < 32 or ord(character) == 127 or 0xD800 <= ord(character) < 0xE000 for character in text):
        raise AxigenRefusal(f"{where}: holds a control character, which ends a command of Axigen's CLI; remove it")
