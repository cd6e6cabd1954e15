# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user asks of a profile: nested mappings, checked and brought to one form before anything is edited."""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Tuple, Union

from .profile import BLANKS, DEEPEST
from .refusal import Refusal

Settings = Dict[str, Union[Tuple[str, ...], "Settings", None]]

_UNWRITABLE = re.compile("[\0-\x1f\ud800-\udfff]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\b": "\\b"}


class SettingsRefusal(Refusal):
    """A setting that cannot be written in a profile: which one, and how to ask for it."""


def settings_from(asked: Any, removing: bool) -> Settings:
    """The settings in one form: a value or a list becomes a tuple of strings, a mapping stays one.

    ``removing`` allows null, which stands for all of that name. SettingsRefusal names the setting.
    """
    sections = _mapping(asked, (), removing)
    for name, inner in sections.items():
        if isinstance(inner, tuple):
            raise SettingsRefusal(
                f"settings.{name}: a section holds relations, not a value; write the relation's name between them"
            )
    return sections


def written(value: str, quoted: bool = False) -> str:
    """``value`` as it stands in a file, in double quotes where libkrb5 would read it otherwise or ``quoted`` asks."""
    plain = value and value == value.strip(BLANKS) and value[0] != '"' and not any(char in value for char in "\n\t\b")
    if plain and not quoted and value != "{":
        return value
    return '"' + "".join(_ESCAPES.get(char, char) for char in value) + '"'


def _place(path: Tuple[str, ...]) -> str:
    return ".".join(("settings", *path))


def _mapping(asked: Any, path: Tuple[str, ...], removing: bool) -> Settings:
    if not isinstance(asked, Mapping):
        raise SettingsRefusal(
            f"{_place(path)}: is not a mapping of names to values; write 'name: value' lines below it"
        )
    if len(path) > DEEPEST + 1:
        raise SettingsRefusal(f"settings.{path[0]}: is deeper than {DEEPEST} subsections; remove some of them")
    if removing and path and not asked:
        raise SettingsRefusal(f"{_place(path)}: is empty; write null to remove all of it, or name what shall go")
    return {_name(name, path): _setting(value, (*path, str(name)), removing) for name, value in asked.items()}


def _setting(value: Any, path: Tuple[str, ...], removing: bool) -> Union[Tuple[str, ...], Settings, None]:
    if value is None:
        if removing:
            return None
        raise SettingsRefusal(f"{_place(path)}: has no value; give it one, or remove it with state: absent")
    if isinstance(value, Mapping):
        return _mapping(value, path, removing)
    if isinstance(value, (list, tuple)):
        return tuple(_value(one, path) for one in value)
    return (_value(value, path),)


def _value(value: Any, path: Tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float)):
        raise SettingsRefusal(
            f"{_place(path)}: a list holds strings, numbers and booleans only; name a subsection by a mapping"
        )
    text = str(value)
    _writable(text, path, "\n\t\b")
    return text


def _name(name: Any, path: Tuple[str, ...]) -> str:
    """A name that libkrb5 reads back as it is (parse_std_line() in prof_parse.c)."""
    place = _place((*path, str(name)))
    if isinstance(name, bool):
        raise SettingsRefusal(f"{place}: YAML reads this name as a boolean; put it in quotes")
    text = str(name)
    if not text:
        raise SettingsRefusal(f"{_place(path)}: holds an empty name; every section and relation has one")
    _writable(text, (*path, text), "")
    if not path:
        if "]" in text:
            raise SettingsRefusal(f"{place}: a section's name holds no ']'; correct the name")
    elif text[0] in "[};#" or any(char in text for char in "=*" + BLANKS):
        raise SettingsRefusal(
            f"{place}: a name has no blank, '=' or '*' and does not start with '[', '}}', ';' or '#'; correct it"
        )
    return text


def _writable(text: str, path: Tuple[str, ...], allowed: str) -> None:
    for char in _UNWRITABLE.findall(text):
        if char not in allowed:
            raise SettingsRefusal(
                f"{_place(path)}: holds the character {ord(char):#x}, which a profile cannot; remove it"
            )
