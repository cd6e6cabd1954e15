# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diffs of a task's result, one for each thing that would change."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

# Where a result, or the options that it repeats, names what the task was about
_NAMES = ("path", "dest", "name", "unit", "krb5_conf", "config_directory")
# What modules add to a path to say which of its sides they show
_SIDE = re.compile(r" \((?:content|file attributes|owner, group, mode|SELinux context, attributes|encryption types)\)$")
_SIMULATED = re.compile(r"(?P<verb>Inst|Remv|Purg) (?P<name>\S+)", re.MULTILINE)
_VERBS = {"Inst": "installed", "Remv": "removed", "Purg": "purged"}


@dataclass(frozen=True)
class Part:
    """One thing's text before and after a run."""

    resource: str
    before: str
    after: str


def parts_of(module: str, label: str, result: Mapping[str, Any]) -> List[Part]:
    """The parts of a result's ``diff`` whose two sides differ; ``label`` is for those that nothing else names."""
    shown = result.get("diff")
    listed = shown if isinstance(shown, list) else [shown]
    found = []
    for one in listed:
        if isinstance(one, Mapping):
            found += _split(module, _part(one, named(result), label))
    return [part for part in found if part.before != part.after]


def named(result: Mapping[str, Any]) -> str:
    """What the task was about, by the result or by the options that it repeats; empty where neither says."""
    invocation = result.get("invocation")
    options = invocation.get("module_args") if isinstance(invocation, Mapping) else None
    for source in (options, result):
        for key in _NAMES:
            value = source.get(key) if isinstance(source, Mapping) else None
            if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
                return ", ".join(value)
            if isinstance(value, str) and value:
                return value
    return ""


def _part(shown: Mapping[str, Any], name: str, label: str) -> Part:
    # The after_header of a copy or a template is a temporary file of the controller's, another one in each run
    header = str(shown.get("before_header") or name or label)
    if "prepared" in shown:
        return Part(name or header, "", _prepared(str(shown["prepared"])))
    return Part(_SIDE.sub("", header), _text(shown.get("before")), _text(shown.get("after")))


def _prepared(text: str) -> str:
    """What a package manager would do, without the progress that it reports beside it."""
    found = {match["name"]: _VERBS[match["verb"]] for match in _SIMULATED.finditer(text)}
    return "".join(f"{name}: {found[name]}\n" for name in sorted(found)) or text


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(f"{key}: {_plain(value[key])}\n" for key in sorted(value, key=str))
    return "" if value is None else _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _split(module: str, part: Part) -> List[Part]:
    divide = next((one for one in _DIVIDED.get(module, ()) if one.heading.match(part.resource)), None)
    if divide is None:
        return [part]
    sides = [divide.blocks(text) for text in (part.before, part.after)]
    return [
        Part(divide.resource(part.resource, name), *("".join(side.get(name, ())) for side in sides))
        for name in dict.fromkeys(name for side in sides for name in side)
    ]


@dataclass(frozen=True)
class _Divide:
    """How one text tells of several things: ``heading`` of such a text, ``line`` that begins a thing (the rest of it
    belongs to the thing as well), and the thing's name."""

    heading: re.Pattern[str]
    line: re.Pattern[str]
    named: str

    def blocks(self, text: str) -> Dict[str, List[str]]:
        found: Dict[str, List[str]] = {}
        name: Optional[str] = None
        for line in text.splitlines(keepends=True):
            match = self.line.match(line)
            name = match["name"] if match else name
            found.setdefault(name or "", []).append(line[match.end() :] if match else line)
        return found

    def resource(self, header: str, name: str) -> str:
        match = self.heading.match(header)
        place = match.groupdict() if match else {}
        return self.named.format(name=name, **place)


_BLOCK = re.compile(r"(?P<name>\S.*):\n")
_PRINCIPALS = _Divide(re.compile("principals of "), _BLOCK, "principal {name}")
_POLICIES = _Divide(re.compile("password policies of "), _BLOCK, "password policy {name}")
_DIVIDED = {
    "mailrealm.kerberos.postconf": (
        _Divide(
            re.compile(r"(?P<directory>.*) \(main\.cf, master\.cf\)$"),
            re.compile(r"(?P<name>\S+): "),
            "{directory}/{name}",
        ),
    ),
    "mailrealm.kerberos.principal": (_PRINCIPALS,),
    "mailrealm.kerberos.password_policy": (_POLICIES,),
    "mailrealm.kerberos.realm": (_PRINCIPALS, _POLICIES),
}
