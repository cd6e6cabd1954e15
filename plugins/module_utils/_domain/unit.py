# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A systemd unit as a value: what it is, what it is to be, and the systemctl verbs that lead there.

Properties and states are those of `systemctl show` (systemd.unit(5), org.freedesktop.systemd1(5)).
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, replace
from typing import Dict, Iterable, List, Optional, Sequence, Tuple

from .refusal import Refusal

PROPERTIES = (
    "Id",
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "CanReload",
    "NeedDaemonReload",
    "ConditionResult",
    "ConditionTimestampMonotonic",
    "ActiveEnterTimestampMonotonic",
    "Type",
    "RemainAfterExit",
)
SUFFIXES = (".service", ".socket", ".target", ".timer", ".path", ".mount")
NAME = re.compile(r"[A-Za-z0-9:_\\][A-Za-z0-9:_.\\-]*(@[A-Za-z0-9:_.\\-]*)?")
RUNNING = frozenset({"active", "reloading", "refreshing", "activating"})
# systemctl(1) is-enabled: what starts by itself or with others, and what cannot be told to
ENABLED = frozenset({"enabled", "enabled-runtime", "alias", "linked", "linked-runtime"})
FIXED = frozenset({"static", "indirect", "generated", "transient"})
STATES = ("started", "stopped", "restarted", "reloaded")


class UnitRefusal(Refusal):
    """A unit that cannot become what was asked, and what would mend it."""


@dataclass(frozen=True)
class UnitState:
    """A unit as systemd tells it.

    ``enabled`` is None where a unit has no such choice (static, generated, ...). ``skipped``: systemd
    has tried to start it and its own conditions said no, as chrony's in a container without a clock.
    ``passing``: once its programs have ended well it is at rest again (Type=oneshot, systemd.service(5)).
    """

    name: str
    installed: bool
    running: bool
    enabled: Optional[bool]
    masked: bool = False
    reloads: bool = False
    skipped: bool = False
    passing: bool = False
    stale: bool = False  # unit file or drop-in changed since systemd read it
    entered: float = 0.0  # when it was started, in seconds of the monotonic clock; 0 where never
    outdated: bool = False  # it runs with what files held that have changed since it was started


@dataclass(frozen=True)
class UnitWish:
    """What was asked; None leaves what is there. ``start_stopped``: restarting or reloading starts what is stopped."""

    state: Optional[str] = None
    enabled: Optional[bool] = None
    start_stopped: bool = True

    def settled(self, passing: bool = False) -> UnitWish:
        """What holds once it has been carried out: a unit that was restarted is a started one, or one that is done."""
        if passing and self.state != "stopped":
            return replace(self, state=None)
        if self.state in ("restarted", "reloaded"):
            return replace(self, state="started" if self.start_stopped else None)
        return self


@dataclass(frozen=True)
class UnitPlan:
    """The verbs for systemctl in order, and the lines that people see."""

    before: UnitState
    verbs: Tuple[str, ...]
    lines_before: Tuple[str, ...]
    lines_after: Tuple[str, ...]


def full_name(name: str) -> str:
    """The name with its suffix, `.service` where it has none; UnitRefusal where it is no unit's name."""
    whole = name if name.endswith(SUFFIXES) else f"{name}.service"
    if not NAME.fullmatch(whole):
        raise UnitRefusal(f"name '{name}': is not a unit's name; write it as systemctl lists it, such as krb5-kdc")
    return whole


def parse(shown: str, name: str) -> UnitState:
    """The state from the `Property=value` lines of `systemctl show`; ``name`` where systemd knows none.

    UnitRefusal where systemd could not read the unit's file.
    """
    found = dict(line.partition("=")[::2] for line in shown.splitlines() if "=" in line)
    load = found.get("LoadState", "not-found")
    if load in ("error", "bad-setting"):
        raise UnitRefusal(f"{name}: systemd cannot read its unit file; `systemd-analyze verify {name}` says why")
    file_state = found.get("UnitFileState", "")
    return UnitState(
        name=found.get("Id") or name,
        installed=load != "not-found",
        running=found.get("ActiveState") in RUNNING and found.get("SubState") != "auto-restart",
        enabled=None if file_state in FIXED else file_state in ENABLED,
        masked=load == "masked",
        reloads=found.get("CanReload") == "yes",
        skipped=found.get("ConditionResult") == "no" and found.get("ConditionTimestampMonotonic", "0") != "0",
        passing=found.get("Type") == "oneshot" and found.get("RemainAfterExit") != "yes",
        stale=found.get("NeedDaemonReload") == "yes",
        entered=int(found.get("ActiveEnterTimestampMonotonic") or 0) / 1e6,
    )


def parse_all(shown: str, names: Sequence[str]) -> Tuple[UnitState, ...]:
    """The states of several units, of which `systemctl show` tells in the order of ``names``, an empty line between.

    UnitRefusal where systemd could not read a unit's file, or tells of other units than it was asked for.
    """
    blocks = shown.strip("\n").split("\n\n")
    if len(blocks) != len(names):
        raise UnitRefusal(
            f"{', '.join(names)}: systemctl show tells of {len(blocks)} units; see `systemctl show {' '.join(names)}`"
        )
    return tuple(parse(block, name) for block, name in zip(blocks, names))


def foreseen(name: str, presets: Iterable[str]) -> UnitState:
    """The unit as its package will bring it: at rest, enabled where the host's presets say so."""
    return UnitState(name=name, installed=False, running=False, enabled=preset(name, presets), reloads=True)


def preset(name: str, lines: Iterable[str]) -> bool:
    """Whether a freshly installed unit gets enabled: the first rule that fits, else yes (systemd.preset(5))."""
    for line in lines:
        words = line.split()
        if len(words) >= 2 and words[0] in ("enable", "disable", "ignore") and fnmatch.fnmatchcase(name, words[1]):
            return words[0] == "enable"
    return True


def plan(before: UnitState, wish: UnitWish) -> UnitPlan:
    """What leads from ``before`` to ``wish``; UnitRefusal where no verb of systemctl does."""
    if before.masked and (wish.enabled or wish.state not in (None, "stopped")):
        raise UnitRefusal(f"{before.name}: is masked, so it cannot be started; `systemctl unmask {before.name}` first")
    enabling, enabled_lines = _enabling(before, wish)
    moving, state_lines = _moving(before, wish)
    # systemd does not notice by itself the first drop-in in a new folder: it keeps a list of the folders that there are
    unread = before.stale or before.outdated
    fresh = ("daemon-reload",) if unread and moving and moving[0] != "stop" else ()
    lines = [*enabled_lines, *state_lines]
    return UnitPlan(
        before,
        (*enabling, *fresh, *moving),
        tuple(f"{key}: {old}" for key, old, dummy in lines),
        tuple(f"{key}: {new}" for key, dummy, new in lines),
    )


def at_work(found: UnitState) -> bool:
    """Whether it runs now and at boot, so that nothing is to be done for it."""
    wish = UnitWish(state="started", enabled=True)
    return found.installed and not found.masked and not plan(found, wish).verbs


def text(lines: Sequence[str]) -> str:
    """Lines for a diff."""
    return "".join(f"{line}\n" for line in lines)


def _enabling(before: UnitState, wish: UnitWish) -> Tuple[Tuple[str, ...], List[Tuple[str, str, str]]]:
    if wish.enabled is None:
        return (), []
    if before.enabled is None:
        if wish.enabled:
            return (), []
        raise UnitRefusal(
            f"{before.name}: other units or generators start it, so it cannot be disabled; "
            f"leave 'enabled' out, or `systemctl mask {before.name}`"
        )
    line = [("enabled", _word(before.enabled), _word(wish.enabled))]
    if before.enabled == wish.enabled:
        return (), line
    return ("enable" if wish.enabled else "disable",), line


def _moving(before: UnitState, wish: UnitWish) -> Tuple[Tuple[str, ...], List[Tuple[str, str, str]]]:
    if wish.state is None:
        return (), []
    now = "started" if before.running else "stopped"
    if wish.state == "stopped":
        return (("stop",) if before.running else ()), [("state", now, "stopped")]
    if not before.running and wish.state != "started" and not wish.start_stopped:
        return (), [("state", now, now)]
    if not before.running:
        if before.skipped and wish.state == "started":  # settled: else it would be a change at every run
            return (), [("state", "skipped by its conditions", "skipped by its conditions")]
        return ("start",), [("state", now, "started")]
    if wish.state == "started" and before.outdated:
        return ("restart",), [("state", "started before its files changed", now)]
    if wish.state == "started":
        return (), [("state", now, now)]
    if wish.state == "reloaded" and not before.reloads:
        raise UnitRefusal(f"{before.name}: cannot reload its configuration; ask for state 'restarted'")
    return ("restart" if wish.state == "restarted" else "reload",), [("state", now, wish.state)]


def _word(flag: bool) -> str:
    return "true" if flag else "false"


# What systemd itself says about any failure, and what must not be passed on.
GENERIC = re.compile(
    r"(Starting|Started|Stopping|Stopped|Stopped target|Failed to start|Failed with result|Scheduled restart job|"
    r"Start request repeated|Main process exited|Control process exited|Consumed|Deactivated|Reloading|Reloaded)\b"
    r"|^[\w@.:\\-]+\.\w+: (Main process exited|Control process exited|Failed with result|Scheduled restart|"
    r"Start request repeated|Consumed|Deactivated|Killing|State|Unit process)"
)
SECRET = re.compile(r"(?i)((?:pass\w*|secret|key|token|pw)\w*\s*[=:]\s*)\S+|[A-Za-z0-9+/=]{32,}")
LONGEST_REASON = 400  # characters


def reason(journal: Iterable[str]) -> str:
    """The last telling lines of a unit's journal, at most three, without what looks like a secret; may be empty."""
    telling: Dict[str, None] = {}
    for line in journal:
        cleaned = " ".join("".join(c if c.isprintable() else " " for c in line).split())
        if cleaned and not GENERIC.search(cleaned):
            telling.pop(cleaned, None)
            telling[cleaned] = None
    said = "; ".join(list(telling)[-3:])
    return SECRET.sub(lambda match: f"{match.group(1) or ''}[hidden]", said)[:LONGEST_REASON]
