# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's evidence of what runs: units, files changed since they were started, and libraries replaced since.

``{units: [{product, unit, installed, running, enabled, skipped, state, stale, outdated: [path], replaced: [path],
told_elsewhere}]}``. ``enabled``: None where a unit has no such choice.
"""

from __future__ import annotations

import glob
import os
from typing import Any, Dict, Iterator, List, Tuple

from .._domain.doctor_asked import Asked
from .._domain.running_units import ServiceUnit, replaced_libraries, units_of
from .._domain.unit import PROPERTIES, UnitRefusal, UnitState, full_name, parse
from . import systemctl

LARGEST = 16 * 1024 * 1024  # bytes of a process's maps, of which a JVM has some thousand lines


def gather(asked: Asked) -> Dict[str, Any]:
    """All of it; UnitRefusal where this host does not run systemd, or a unit cannot be read."""
    if not os.path.isdir(systemctl.BOOTED):
        raise UnitRefusal("units: this host does not run systemd; look at its services with its own tools")
    return {"units": [_unit(one) for one in units_of(asked.products, asked.settings)]}


def _unit(wanted: ServiceUnit) -> Dict[str, Any]:
    found = [_read(name) for name in wanted.names]
    state, words = _meant(found)
    processes = _processes(state.name)
    return {
        "product": wanted.product,
        "unit": state.name,
        "installed": state.installed and not state.masked,
        "running": state.running,
        "enabled": _enabled([one for one, dummy in found if one.installed]),
        "skipped": state.skipped,
        "state": words,
        "stale": state.stale,
        "outdated": [path for path in wanted.reads if systemctl.outdated(state, [path])],
        "replaced": sorted({path for pid in processes for path in replaced_libraries(_maps(pid))}),
        "told_elsewhere": wanted.told_elsewhere,
    }


def _read(name: str) -> Tuple[UnitState, str]:
    """The unit, and its state in systemd's own words."""
    whole = full_name(name)
    shown = systemctl.shown(whole, (*PROPERTIES, "Result"))
    words = dict(line.partition("=")[::2] for line in shown.splitlines())
    told = f"{words.get('ActiveState', 'unknown')} ({words.get('SubState', 'unknown')})"
    result = words.get("Result", "success")
    return parse(shown, whole), told if result == "success" else f"{told}, result {result}"


def _meant(found: List[Tuple[UnitState, str]]) -> Tuple[UnitState, str]:
    """The one that has processes, else one that runs, is there, or the last."""

    def rank(one: Tuple[UnitState, str]) -> Tuple[bool, bool, bool]:
        state, words = one
        return "(running)" in words, state.running and "(exited)" not in words, state.installed and not state.masked

    return max(reversed(found), key=rank)


def _enabled(found: List[UnitState]) -> Any:
    choices = [one.enabled for one in found if one.enabled is not None]
    return any(choices) if choices else None


def _processes(unit: str) -> Iterator[int]:
    """The processes in the unit's control group, by what each says of itself."""
    for path in glob.glob("/proc/[0-9]*/cgroup"):
        if any(unit in line.rstrip("\n").split("/") for line in _text(path).splitlines()):
            yield int(path.split("/")[2])


def _maps(pid: int) -> str:
    return _text(f"/proc/{pid}/maps")


def _text(path: str) -> str:
    """The file's text; none of a process that has ended meanwhile."""
    try:
        with open(path, "rb") as stream:
            return stream.read(LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""
