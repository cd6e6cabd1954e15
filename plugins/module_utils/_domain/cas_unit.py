# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systemd unit that runs CAS, and what it says about its Java.

From the properties of `systemctl show` (org.freedesktop.systemd1(5)), and files of variables as systemd.exec(5) reads
them: these win over Environment=.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import Dict, List, Mapping, Tuple

from .unit import RUNNING, UnitRefusal, full_name

PROPERTIES = (
    *("Id", "LoadState", "ActiveState", "User", "Group"),
    *("ExecStart", "Environment", "EnvironmentFiles"),
)
_ARGUMENTS = re.compile(r"argv\[\]=(?P<words>.*?) ; ignore_errors=")
_FILE = re.compile(r"(?P<path>/.*?)(?: \(ignore_errors=(?:yes|no)\))?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


@dataclass(frozen=True)
class CasUnit:
    """``user`` and ``group`` are empty where there is no such unit. ``arguments``: its program with its words."""

    name: str
    exists: bool = False
    active: bool = False
    user: str = ""
    group: str = ""
    arguments: Tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Tuple[str, ...] = ()

    @property
    def java(self) -> str:
        """The path of the java that it starts, empty where it starts a script or has the path from a variable."""
        for word in self.arguments:
            if word.startswith("/") and word.endswith("/bin/java"):
                return word
        return ""


def unit_name(name: str) -> str:
    """The name with its suffix; UnitRefusal names the option `unit` where it is no unit's name."""
    try:
        return full_name(name)
    except UnitRefusal as refusal:
        raise UnitRefusal(
            f"unit: '{name}' is not a unit's name; write it as systemctl lists it, such as cas"
        ) from refusal


def unit_of(shown: str, name: str) -> CasUnit:
    """The unit from the lines `Property=value`; one that does not exist where there are none."""
    found: Dict[str, List[str]] = {}
    for line in shown.splitlines():
        key, dummy, value = line.partition("=")
        found.setdefault(key, []).append(value)

    def last(key: str) -> str:
        return found.get(key, [""])[-1]

    if last("LoadState") in ("", "not-found"):
        return CasUnit(name)
    commands = [one["words"] for text in found.get("ExecStart", []) for one in _ARGUMENTS.finditer(text)]
    files = [_FILE.fullmatch(text) for text in found.get("EnvironmentFiles", [])]
    return CasUnit(
        name=last("Id") or name,
        exists=True,
        active=last("ActiveState") in RUNNING,
        user=last("User") or "root",
        group=last("Group"),
        arguments=tuple(_words(commands[0])) if commands else (),
        environment=dict(_pair(word) for word in _words(last("Environment")) if _VARIABLE.match(word)),
        files=tuple(one["path"] for one in files if one),
    )


def variables_of(text: str) -> Dict[str, str]:
    """The variables in the text of an EnvironmentFile."""
    found = {}
    for line in text.splitlines():
        name, dummy, value = line.strip().partition("=")
        if _VARIABLE.fullmatch(f"{name}="):
            found[name] = "".join(_words(value)[:1])
    return found


def _pair(word: str) -> Tuple[str, str]:
    name, dummy, value = word.partition("=")
    return name, value


def _words(text: str) -> List[str]:
    try:
        return shlex.split(text)
    except ValueError:  # systemd shows words as they are, a lone quote among them
        return text.split()
