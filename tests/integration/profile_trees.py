# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles with what they include, and an edit of one of the files, made from a seed: fast enough for thousands.

Each value begins with the number of its file, as ``f2``, and each file holds a mark of its own: so what libkrb5 reads
of the whole tells by itself which file gave it, and how often that file is read.
"""

from __future__ import annotations

import dataclasses
import random
import re
from typing import Any, Sequence

MAIN = "krb5.conf"
# Every file includes such as stand further down here only, so that none includes itself; a folder is for includedir.
DROP_INS = ("d/10-a", "d/a.conf", "d/z_1.conf", "d/left.rpmsave", "d/my.file.d", "d/.hidden.conf", "d/b.conf~")
DEEPER = ("e/one.conf", "e/two")
EXTRA = "extra"
INCLUDES = {
    MAIN: ("includedir {folder}/d", "includedir {folder}/d/", f"include {{folder}}/{EXTRA}", "include {folder}/e/two"),
    **dict.fromkeys(DROP_INS, (f"include {{folder}}/{EXTRA}", "includedir  {folder}/e")),
    EXTRA: ("includedir\t{folder}/e", "include {folder}/e/one.conf"),
    **dict.fromkeys(DEEPER, ()),
}
SECTIONS = ("libdefaults", "realms", "my own")
NAMES = ("kdc", "a", "b.c", "EXAMPLE.TEST", ".x", "é")
SUBSECTIONS = ("EXAMPLE.TEST", "kdc", "sub")
TAILS = ("", "", " x", " = y", ' "q"', "\\", " {", " # z", "\té")
OWNER = re.compile(r"f(\d+)\b")


@dataclasses.dataclass(frozen=True)
class Case:
    """Texts by their path below a folder, and the edit of one of them, as `krb5_conf` takes it."""

    files: dict[str, str]
    edited: str
    settings: dict[str, Any]
    state: str


def owner(value: str) -> int | None:
    """The number of the file that holds this value; None where an edit made it up."""
    found = OWNER.match(value)
    return int(found.group(1)) if found else None


def case(seed: int, folder: str) -> Case:
    """The case of this seed, in this folder."""
    chance = random.Random(seed)
    some = [name for name in DROP_INS if chance.random() < 0.4]
    # What an include line names must be there.
    names = list(dict.fromkeys((MAIN, *some, "d/a.conf", EXTRA, *DEEPER)))
    files = {name: _text(chance, name, number, folder) for number, name in enumerate(names)}
    edited = chance.choice((MAIN, chance.choice(names[1:]), chance.choice(names[1:])))
    number = names.index(edited)
    state = chance.choice(("present", "absent"))
    make = _wanted if state == "present" else _unwanted
    settings = {section: make(chance, number, 2) for section in chance.sample(SECTIONS, chance.choice((1, 1, 2)))}
    return Case(files, edited, settings, state)


def _text(chance: random.Random, name: str, number: int, folder: str) -> str:
    includes = INCLUDES[name]
    lines = [chance.choice(("ignored", "# comment", "", "; = {")) for dummy in range(chance.randint(0, 2))]
    lines += [chance.choice(includes)] if includes and chance.random() < 0.85 else []
    lines += ["[marks]", f"m{number} = f{number}"]
    for dummy in range(chance.randint(0, 4)):
        heading = f"[{chance.choice(SECTIONS)}]{_rarely(chance, '*')}{_rarely(chance, ' ')}"
        lines += [chance.choice(("", "", " ", "\t")) + heading, *_lines(chance, includes, number, 0)]
    newline = "\r\n" if chance.random() < 0.25 else "\n"
    text = newline.join(lines).replace("{folder}", folder)
    return text + (newline if chance.random() < 0.8 else "")


def _rarely(chance: random.Random, word: str) -> str:
    return word if chance.random() < 0.12 else ""


def _lines(chance: random.Random, includes: Sequence[str], number: int, depth: int) -> list[str]:
    lines: list[str] = []
    for dummy in range(chance.choice((0, 1, 2, 3, 4))):
        kind = chance.random()
        if kind < 0.55:
            lines.append(_relation(chance, number))
        elif kind < 0.75 and depth < 3:
            name = chance.choice(SUBSECTIONS) + _rarely(chance, "*")
            opening = chance.choice(([" = {"], ["={ "], ["=", "{"], [" =", "\t{ junk"]))
            closing = chance.choice(("}", "}", "\t}", "}*", " } junk"))
            inner = _lines(chance, includes, number, depth + 1)
            lines += [f"{_blank(chance)}{name}{opening[0]}", *opening[1:], *inner, closing]
        elif kind < 0.9:
            lines.append(chance.choice(("# comment = x", "", "  ; [no]", "\t", "; }")))
        elif includes:
            lines.append(chance.choice(includes))
    return lines


def _blank(chance: random.Random) -> str:
    return chance.choice(("", "  ", "\t", "    "))


def _relation(chance: random.Random, number: int) -> str:
    value = f"f{number}{chance.choice(TAILS)}"
    if chance.random() < 0.3:
        inner = value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        value = f'"{inner}"{_rarely(chance, " junk")}'
    name = chance.choice(NAMES) + _rarely(chance, "*")
    return f"{_blank(chance)}{name}{chance.choice(('=', ' = ', chr(9) + '=  '))}{value}{_rarely(chance, '  ')}"


def _value(chance: random.Random, number: int) -> str:
    return f"f{number}{chance.choice((*TAILS, ' ', chr(10) + 'x'))}"


def _wanted(chance: random.Random, number: int, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in chance.sample((*NAMES, *SUBSECTIONS), chance.choice((1, 1, 2, 3))):
        kind = chance.random()
        if kind < 0.4:
            found[name] = _value(chance, number)
        elif kind < 0.65:
            found[name] = [_value(chance, number) for dummy in range(chance.choice((0, 1, 2, 2, 3)))]
        elif kind < 0.75:
            found[name] = chance.choice((True, False, 88, ""))
        elif depth:
            found[name] = _wanted(chance, number, depth - 1)
    return found


def _unwanted(chance: random.Random, number: int, depth: int) -> dict[str, Any] | None:
    if chance.random() < 0.1:
        return None
    found: dict[str, Any] = {}
    for name in chance.sample((*NAMES, *SUBSECTIONS), chance.choice((1, 2, 3))):
        kind = chance.random()
        if kind < 0.4 or not depth:
            found[name] = None
        elif kind < 0.7:
            found[name] = [_value(chance, number) for dummy in range(chance.choice((1, 2)))]
        else:
            found[name] = _unwanted(chance, number, depth - 1)
    return found
