# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must change in a JAAS login configuration: entries wished for and entries that must not be there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Tuple

from .jaas_config import FLAGS, Entry, JaasRefusal, LoginModule, entries
from .jaas_config_edit import entry_text, with_entry, without_entry

_CLASS = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(\.[A-Za-z_$][A-Za-z0-9_$]*)*")
_SECRET = re.compile(r"pass(word|wd|phrase)?$|pwd$|pin$|secret|credential|token", re.IGNORECASE)
_SWITCHES = ("true", "false")  # storePass=true, useFirstPass=true hold no password
_HIDDEN = ("(a secret, not shown)", "(another secret, not shown)")


@dataclass(frozen=True)
class JaasChange:
    """An entry before and after; None where it is not there."""

    before: Optional[Entry]
    after: Optional[Entry]


@dataclass(frozen=True)
class JaasPlan:
    """The file's bytes wanted (None: no file) and what changes in it."""

    content: Optional[bytes]
    changes: Tuple[JaasChange, ...]


def entries_from(given: Sequence[Mapping[str, Any]]) -> Tuple[Entry, ...]:
    """The option ``entries`` (name; modules: class, flag, options) as values; JaasRefusal names what cannot be."""
    return tuple(_entry(f"entries[{number}]", one) for number, one in enumerate(given))


def _entry(where: str, given: Mapping[str, Any]) -> Entry:
    name = _text(f"{where}.name", given["name"])
    if not given["modules"]:
        raise JaasRefusal(
            f"{where}.modules: the JDK does not find an entry without login modules; name '{name}' in absent"
        )
    modules = [_module(f"{where}.modules[{number}]", one) for number, one in enumerate(given["modules"])]
    return Entry(name, tuple(modules))


def _module(where: str, given: Mapping[str, Any]) -> LoginModule:
    name = given["class"]
    if not _CLASS.fullmatch(name):
        raise JaasRefusal(
            f"{where}.class: '{name}' is no name of a Java class; write it in full, as "
            "com.sun.security.auth.module.Krb5LoginModule"
        )
    if given["flag"] not in FLAGS:
        raise JaasRefusal(f"{where}.flag: '{given['flag']}' is no flag; take one of {', '.join(FLAGS)}")
    options = {
        _text(f"{where}.options", key): _value(f"{where}.options", key, value)
        for key, value in given["options"].items()
    }
    return LoginModule(name, given["flag"], options)


def _text(where: str, text: Any) -> str:
    if not isinstance(text, str) or not text or not text.isprintable():
        raise JaasRefusal(f"{where}: '{text}' is no name; give printable text of one line")
    return text


def _value(where: str, key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float)):
        shown = "nothing" if value is None else f"a {type(value).__name__}"
        raise JaasRefusal(f"{where}.{key}: {shown} is no value; give text, a number, true or false")
    text = str(value)
    if not text.isprintable():
        raise JaasRefusal(f"{where}.{key}: the value holds a character that cannot be printed; give text of one line")
    if re.search(r"\$\{[^{}]*$|\$\{\}", text):
        raise JaasRefusal(f"{where}.{key}: '${{' begins the name of a Java property; write it as ${{user.home}}")
    return text


def secret(name: str, value: str) -> bool:
    """Whether an option's value is a password or the like."""
    return value not in _SWITCHES and bool(_SECRET.search(name))


def secrets_in(given: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The values in the option ``entries`` that nobody may see, right or wrong."""
    for entry in given:
        for module in entry["modules"]:
            for key, value in module["options"].items():
                if value and not isinstance(value, bool) and secret(str(key), str(value)):
                    yield str(value)


def plan(path: str, content: Optional[bytes], wanted: Sequence[Entry], absent: Sequence[str]) -> JaasPlan:
    """What must change for the ``wanted`` entries to be as they are and the ``absent`` ones to be gone.

    JaasRefusal where the JDK could not read the file, or where the wishes contradict each other.
    """
    _check([entry.name for entry in wanted], absent)
    text = "" if content is None else content.decode("utf-8", "surrogateescape")
    before = {entry.name.value: entry.meaning for entry in entries(text, path)}
    changes: List[JaasChange] = []
    for entry in wanted:
        if before.get(entry.name) != entry:
            changes.append(JaasChange(before.get(entry.name), entry))
            text = with_entry(text, entry, path)
    for name in absent:
        if name in before:
            changes.append(JaasChange(before[name], None))
            text = without_entry(text, name)
    return JaasPlan(text.encode("utf-8", "surrogateescape") if changes else content, tuple(changes))


def _check(names: Sequence[str], absent: Sequence[str]) -> None:
    seen: List[str] = []
    for option, name in [*(("entries", name) for name in names), *(("absent", name) for name in absent)]:
        if name in seen:
            raise JaasRefusal(f"{option}: '{name}' is asked for twice in entries and absent; keep one")
        seen.append(name)


def describe(planned: JaasPlan) -> Tuple[str, str]:
    """The entries that change, before and after, in one form; secrets are left out."""
    before = "".join(entry_text(_masked(change.before)) for change in planned.changes if change.before)
    after = "".join(entry_text(_masked(change.after, change.before)) for change in planned.changes if change.after)
    return before, after


def _masked(entry: Entry, before: Optional[Entry] = None) -> Entry:
    """An entry for the eyes; where a secret is another one than ``before``, that much is seen."""
    olds = before.modules if before else ()
    modules = []
    for number, module in enumerate(entry.modules):
        old = olds[number].options if number < len(olds) else {}
        options = {
            key: value if not secret(key, value) else _HIDDEN[old.get(key, value) != value]
            for key, value in module.options.items()
        }
        modules.append(LoginModule(module.name, module.flag, options))
    return Entry(entry.name, tuple(modules))
