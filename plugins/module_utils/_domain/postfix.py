# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's two files against what is asked of them: one plan over main.cf and master.cf.

Pure: works on the files' texts and on the defaults that `postconf -d` printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Dict, List, Mapping, Optional, Tuple

from . import main_cf, master_cf, postfix_names, postfix_words
from .master_cf import ServiceWish
from .postfix_line import PostfixRefusal, normal

UNKNOWN = "(comes with the package)"
# postconf(5) says of these that a reload does not do; master(8) takes its environment over at its start only.
RESTART = ("import_environment", "inet_interfaces", "inet_protocols")
_SECRET = re.compile(r"(_password|_bind_pw|_secret)\Z")
_IN_LINE = re.compile(r"\b(static|inline):")


@dataclass(frozen=True)
class Wish:
    """What is asked. ``append`` maps a parameter to the words that its value is to hold."""

    main: Mapping[str, str] = field(default_factory=dict)
    append: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)
    absent: Tuple[str, ...] = ()
    services: Tuple[ServiceWish, ...] = ()


@dataclass(frozen=True)
class Packaged:
    """What the distribution's package will bring to a host that has no Postfix yet."""

    main: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    services: Tuple[ServiceWish, ...] = ()


@dataclass(frozen=True)
class Found:
    """The texts of the two files (None: no file) and Postfix's built-in defaults (None: not installed)."""

    directory: str
    main: Optional[str]
    master: Optional[str]
    defaults: Optional[Mapping[str, str]]


@dataclass(frozen=True)
class Change:
    """One setting before and after; None where it is not set."""

    file: str
    what: str
    before: Optional[str]
    after: Optional[str]


@dataclass(frozen=True)
class Plan:
    """The texts wanted (None: no file, and none asked for) and what changes in them, in the order asked."""

    main: Optional[str]
    master: Optional[str]
    changes: Tuple[Change, ...]

    @property
    def restart(self) -> bool:
        """Whether Postfix must be stopped and started; for every other change a reload does."""
        return any(change.file == "main.cf" and change.what in RESTART for change in self.changes)


def plan(found: Found, wish: Wish, packaged: Optional[Packaged], promised: bool) -> Plan:
    """What must change in ``found`` for ``wish`` to hold.

    ``promised``: Postfix is not here but an earlier task of the same run brings it, so that a missing file is
    no error; ``packaged`` then says what will be in it. PostfixRefusal where a wish cannot be fulfilled.
    """
    _check(wish)
    main, main_changes = _plan_main(found, wish, packaged, promised)
    master, master_changes = _plan_master(found, wish, packaged, promised)
    if found.defaults is not None:
        postfix_names.check(found.defaults, main or "", master or "", wish.main, wish.append, wish.services)
    return Plan(main, master, tuple(main_changes + master_changes))


def secret(name: str, value: str) -> bool:
    """Whether the value of a parameter is a password, or has one in it, so that it is shown to nobody."""
    return bool(_SECRET.search(name)) or (name.endswith("_sasl_password_maps") and bool(_IN_LINE.search(value)))


def diff(directory: str, changes: Tuple[Change, ...]) -> Dict[str, str]:
    """Ansible's diff, one line a setting; ``directory`` is its header. Passwords are left out."""
    header = f"{directory} (main.cf, master.cf)"
    return {
        "before_header": header,
        "after_header": header,
        "before": "".join(_line(change, change.before, "a password") for change in changes),
        "after": "".join(_line(change, change.after, "another password") for change in changes),
    }


def _line(change: Change, value: Optional[str], instead: str) -> str:
    if value is None:
        return ""
    shown = f"({instead}, not shown)" if secret(change.what.rpartition(" ")[2], value) else value
    return f"{change.file}: {change.what} = {shown}".rstrip(" ") + "\n"


def _check(wish: Wish) -> None:
    for where, settings in (
        ("main", wish.main),
        ("main_append", {name: " ".join(w) for name, w in wish.append.items()}),
    ):
        for name, value in settings.items():
            main_cf.check_name(name, where)
            main_cf.check_value(name, value, where)
    asked = [*wish.main, *wish.append, *wish.absent]
    for name in asked:
        if asked.count(name) > 1:
            raise PostfixRefusal(
                f"main: '{name}' is asked for in two of main, main_append and main_absent; keep it in one of them"
            )
    keys = [service.key for service in wish.services]
    for service in wish.services:
        if keys.count(service.key) > 1:
            raise PostfixRefusal(f"services: {service.key} is asked for twice; put all of it into one entry")
        master_cf.check_wish(service)
        for name, value in service.options.items():
            where = f"services: {service.key}: options"
            main_cf.check_name(name, where)
            main_cf.check_value(name, value, where)
            if name in service.options_absent:
                raise PostfixRefusal(f"{where}: '{name}' is in options_absent as well; keep it in one of them")
            if value.count("{") != value.count("}"):
                raise PostfixRefusal(f"{where}: {name}: braces in '{value}' do not pair; correct the value")


def _plan_main(
    found: Found, wish: Wish, packaged: Optional[Packaged], promised: bool
) -> Tuple[Optional[str], List[Change]]:
    text = found.main
    if not (wish.main or wish.append or wish.absent):
        return text, []
    blind = False
    if text is None:
        blind = promised and packaged is None
        brought = packaged.main if promised and packaged else {}
        text = "".join(f"{name} = {normal(value)}\n" for name, value in brought.items())
    changes = []
    for name, value in _wanted_values(text, wish, found, packaged, promised).items():
        before = main_cf.values(text).get(name)
        if before is None or normal(before) != normal(value):
            shown = UNKNOWN if blind else before if before is None else normal(before)
            changes.append(Change("main.cf", name, shown, normal(value)))
            text = main_cf.with_value(text, name, value)
    for name in wish.absent:
        before = main_cf.values(text).get(name)
        if before is not None or blind:
            changes.append(Change("main.cf", name, UNKNOWN if before is None else normal(before), None))
            text = main_cf.without(text, name)
    return text, changes


def _wanted_values(text: str, wish: Wish, found: Found, packaged: Optional[Packaged], promised: bool) -> Dict[str, str]:
    """Each parameter's whole value. One that already holds every word to be appended keeps its own."""
    values = main_cf.values(text)
    wanted = {name: " ".join(value.split("\n")).strip() for name, value in wish.main.items()}
    for name, words in wish.append.items():
        in_force = values.get(name)
        if in_force is None and found.defaults is not None:
            in_force = found.defaults.get(name, "")  # of a name of one's own: it will be born empty
        elif in_force is None and packaged is not None:
            in_force = packaged.defaults.get(name)
        if in_force is None and not promised:
            raise PostfixRefusal(
                f"main_append: {name} is not in main.cf, and no postconf is here to tell its default; "
                "install Postfix first, or give the whole value in main"
            )
        joined = postfix_words.joined(name, UNKNOWN if in_force is None else in_force, words)
        if name in values or in_force is None or normal(joined) != normal(in_force):
            wanted[name] = joined
    return wanted


def _plan_master(
    found: Found, wish: Wish, packaged: Optional[Packaged], promised: bool
) -> Tuple[Optional[str], List[Change]]:
    text = found.master
    if not wish.services:
        return text, []
    blind = False
    if text is None:
        if not promised:
            raise PostfixRefusal(
                f"{found.directory}/master.cf: is not there, and Postfix has no services without it; "
                "install Postfix, or restore the file from its package"
            )
        blind = packaged is None
        text = "".join(master_cf.line(service) for service in packaged.services) if packaged else ""
    changes: List[Change] = []
    for service in wish.services:
        if not service.present:
            text = _without_service(text, service, blind, changes)
        elif blind or (promised and found.master is None and _unforeseen(text, service)):
            changes.extend(_unseen(service))
        else:
            text = _with_service(text, service, changes)
    return text, changes


def _unforeseen(text: str, wish: ServiceWish) -> bool:
    return wish.command is None and master_cf.find(text, wish.key) is None


def _unseen(wish: ServiceWish) -> List[Change]:
    """An entry that the package may bring or not: what is asked for, against the unknown."""
    settings = dict(wish.fields)
    if wish.command is not None:
        settings["command"] = normal(wish.command)
    changes = [Change("master.cf", f"{wish.key}: {name}", UNKNOWN, value) for name, value in settings.items()]
    changes += [_option_change(wish, name, UNKNOWN, normal(value)) for name, value in wish.options.items()]
    return changes + [_option_change(wish, name, UNKNOWN, None) for name in wish.options_absent]


def _option_change(wish: ServiceWish, name: str, before: Optional[str], after: Optional[str]) -> Change:
    return Change("master.cf", f"{wish.key}: -o {name}", before, after)


def _without_service(text: str, wish: ServiceWish, blind: bool, changes: List[Change]) -> str:
    service = master_cf.find(text, wish.key)
    if service is None and not blind:
        return text
    before = UNKNOWN if service is None else master_cf.summary(service.fields, service.command)
    changes.append(Change("master.cf", wish.key, before, None))
    if service is not None:
        changes.extend(_option_change(wish, name, value, None) for name, value in service.options.items())
    return master_cf.removed(text, wish.key)


def _with_service(text: str, wish: ServiceWish, changes: List[Change]) -> str:
    service = master_cf.find(text, wish.key)
    if service is None:
        if wish.command is None:
            raise PostfixRefusal(
                f"services: {wish.key} is not in master.cf; give its command to add it, or correct name and type"
            )
        after = master_cf.summary(master_cf.new_fields(wish), normal(wish.command))
        changes.append(Change("master.cf", wish.key, None, after))
        changes.extend(_option_change(wish, name, None, normal(value)) for name, value in wish.options.items())
        return master_cf.added(text, wish)
    for name, value in wish.fields.items():
        if not master_cf.same_field(name, service.fields[name], value):
            changes.append(Change("master.cf", f"{wish.key}: {name}", service.fields[name], value))
            text = master_cf.with_field(text, service, name, value)
            service = _again(text, wish)
    if wish.command is not None and service.command != normal(wish.command):
        changes.append(Change("master.cf", f"{wish.key}: command", service.command, normal(wish.command)))
        text = master_cf.with_command(text, service, wish.command)
        service = _again(text, wish)
    for name, value in wish.options.items():
        before = service.options.get(name)
        if before is None or before != normal(value):
            changes.append(_option_change(wish, name, before, normal(value)))
            text = master_cf.with_option(text, service, name, " ".join(value.split("\n")).strip())
            service = _again(text, wish)
    for name in wish.options_absent:
        if name in service.options:
            changes.append(_option_change(wish, name, service.options[name], None))
            text = master_cf.without_option(text, service, name)
            service = _again(text, wish)
    return text


def _again(text: str, wish: ServiceWish) -> master_cf.Service:
    service = master_cf.find(text, wish.key)
    if service is None:
        raise PostfixRefusal(f"services: {wish.key} cannot be edited as it stands in master.cf; write it on one line")
    return service
