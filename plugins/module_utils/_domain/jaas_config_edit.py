# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of a JAAS login configuration that leave everything else to the byte: other entries, comments, blanks, order.

An entry that is changed keeps its place, and within it what is equal in meaning keeps its bytes: login modules are
compared one by one, their flags and options too, so that comments between them stay.
"""

from __future__ import annotations

import re
from typing import Iterable, List, Sequence, Tuple

from .jaas_config import (
    QUOTED,
    Entry,
    EntryText,
    JaasRefusal,
    LoginModule,
    ModuleText,
    OptionText,
    Token,
    entries,
    open_at_end,
    place_of,
    rendered,
)

Splice = Tuple[int, int, str]  # start, end, what comes in between instead
_INDENT = "    "
_BLANK = "".join(map(chr, range(33)))  # what java.io.StreamTokenizer takes for white space
_CLOSED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def entry_text(entry: Entry) -> str:
    """An entry as it is written where there was none."""
    return f"{rendered(entry.name)} {{\n" + "".join(f"{_module(one)}\n" for one in entry.modules) + "};\n"


def _module(module: LoginModule) -> str:
    lines = [f"{_INDENT}{rendered_class(module.name)} {module.flag}", *map(_option, module.options.items())]
    return f"\n{2 * _INDENT}".join(lines) + ";"


def rendered_class(name: str) -> str:
    """The name of a class, which is a word but for names that no class has."""
    return name if re.fullmatch(r"[A-Za-z$_][A-Za-z0-9$_.-]*", name) else rendered(name)


def _option(option: Tuple[str, str]) -> str:
    return "=".join(map(rendered, option))


def with_entry(text: str, wanted: Entry, path: str = "login.conf") -> str:
    """The text with an entry as it is wanted: changed in its place, or new at the end."""
    present = next((entry for entry in entries(text, path) if entry.name.value == wanted.name), None)
    newline = "\r\n" if "\r\n" in text else "\n"
    if present is None:
        return _open_for_more(text, newline, path) + entry_text(wanted).replace("\n", newline)
    splices: List[Splice] = []
    for old, new in zip(present.modules, wanted.modules):
        splices += _module_splices(text, old, new, newline)
    common = min(len(present.modules), len(wanted.modules))
    splices += [_removal(text, old.name.start, old.end.end) for old in present.modules[common:]]
    if wanted.modules[common:]:
        splices.append(_more_modules(text, present, wanted.modules[common:], newline))
    return _spliced(text, splices)


def without_entry(text: str, name: str, path: str = "login.conf") -> str:
    """The text without an entry, and without the line that nothing but it stood on."""
    gone = [entry for entry in entries(text, path) if entry.name.value == name]
    return _spliced(text, [_removal(text, entry.name.start, entry.end.end) for entry in gone])


def _open_for_more(text: str, newline: str, path: str) -> str:
    """The text with an end behind which an entry may stand."""
    still_open = open_at_end(text)
    while still_open is not None:  # a '/' right before its line's end takes the next line with it
        kind, start = still_open
        if kind == "open":
            raise JaasRefusal(
                f"{path}: {place_of(text, start)}: the comment is never closed, so the JDK would read nothing behind "
                "it; close it with '*/'"
            )
        text += newline
        still_open = open_at_end(text)
    return text if not text or text.endswith(("\n", "\r")) else text + newline


def _module_splices(text: str, old: ModuleText, new: LoginModule, newline: str) -> List[Splice]:
    if old.name.value != new.name:
        return [(old.name.start, old.end.end, _module(new).lstrip().replace("\n", newline))]
    splices: List[Splice] = []
    if old.meaning.flag != new.flag:
        splices.append((old.flag.start, old.flag.end, rendered(new.flag, quoted=old.flag.kind == QUOTED)))
    gone = [option for option in old.options if option.key.value not in new.options]
    held = {option.key.value: option.value for option in old.options}  # the last of repeated ones counts
    for key, value in new.options.items():
        if key in held and held[key].value != value:
            splices.append((held[key].start, held[key].end, rendered(value, quoted=held[key].kind == QUOTED)))
    missing = [_option((key, value)) for key, value in new.options.items() if key not in held]
    if missing and gone:  # new ones take the place of an old one, and the blanks around it
        last = gone.pop()
        splices.append(_apart(text, last.key.start, last.value.end, _blank(text, last.key).join(missing)))
    elif missing:
        splices.append(_more_options(text, old, missing))
    splices += [_option_removal(text, old, option) for option in gone]
    return splices


def _option_removal(text: str, old: ModuleText, option: OptionText) -> Splice:
    tokens = [old.flag, *(one.value for one in old.options)]
    before = tokens[old.options.index(option)]
    # A line break that ends a comment, or a string without its closing quote, is not ours to take.
    ours = not text[before.end : option.key.start].strip(_BLANK) and _closed(text, before)
    return _apart(text, before.end if ours else option.key.start, option.value.end, "")


def _apart(text: str, start: int, end: int, instead: str) -> Splice:
    """What stands there instead, with blanks where it would become one word with its neighbours."""
    before = "" if text[start - 1] in _BLANK or (not instead and text[end] in f"{_BLANK};") else " "
    after = "" if not instead or text[end] in f"{_BLANK};" else " "
    return start, end, before + instead + after


def _more_options(text: str, old: ModuleText, missing: Sequence[str]) -> Splice:
    last = old.options[-1].value if old.options else old.flag
    between = _blank(text, old.options[-1].key) if old.options else " "
    position = last.end if _closed(text, last) else old.end.start
    return position, position, "".join(between + option for option in missing)


def _blank(text: str, key: Token) -> str:
    """The blanks in front of an option, for another one."""
    before = text[: key.start]
    return before[len(before.rstrip(_BLANK)) :] or " "


def _more_modules(text: str, present: EntryText, more: Sequence[LoginModule], newline: str) -> Splice:
    line = _line_start(text, present.closed.start)
    written = "".join(f"{_module(module)}\n" for module in more).replace("\n", newline)
    if text[line : present.closed.start].strip(_BLANK) or line <= present.opened.start:
        return present.closed.start, present.closed.start, newline + written
    return line, line, written


def _removal(text: str, start: int, end: int) -> Splice:
    """Without what stands there, and without its lines where nothing else stands on them."""
    line = _line_start(text, start)
    rest = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x20]*(\r\n|\r|\n|\Z)").match(text, end)
    if text[line:start].strip(_BLANK) or rest is None:
        return start, end, ""
    return line, rest.end(), ""


def _line_start(text: str, position: int) -> int:
    return max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1


def _closed(text: str, token: Token) -> bool:
    """Whether a token ends by itself, and not by the end of its line."""
    return token.kind != QUOTED or _CLOSED.fullmatch(text, token.start, token.end) is not None


def _spliced(text: str, splices: Iterable[Splice]) -> str:
    for start, end, instead in sorted(splices, key=lambda splice: splice[:2], reverse=True):
        text = text[:start] + instead + text[end:]
    return text
