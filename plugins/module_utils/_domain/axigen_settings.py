# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Axigen's services are set to, against what is asked: one plan over the running server and its file.

Pure: works on what the CLI and axigen.cfg said, both as `Configured`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .axigen_attributes import (
    SERVICES,
    UNKNOWN,
    added,
    is_secret,
    kind_of,
    named,
    removed,
    same,
    setting,
    shown,
)
from .axigen_cli import AxigenRefusal, Setting, written
from .axigen_configured import Configured

SET, ADD, REMOVE = "services", "services_add", "services_remove"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}\Z")


@dataclass(frozen=True)
class Ask:
    """What is asked of one attribute; ``how`` is the option that asks."""

    how: str
    service: str
    attribute: str
    value: Setting

    @property
    def where(self) -> str:
        return f"{self.how}.{self.service}.{self.attribute}"

    @property
    def words(self) -> Tuple[str, ...]:
        return (self.value,) if isinstance(self.value, str) else self.value


@dataclass(frozen=True)
class Wish:
    """All that is asked: attributes, services to be started, a domain that must be there, saving."""

    asks: Tuple[Ask, ...] = ()
    running: Tuple[str, ...] = ()
    domain: Optional[str] = None
    save: bool = True


@dataclass(frozen=True)
class State:
    """What there is. ``running`` is None where no CLI answers (check mode only), ``saved`` where no file is seen.

    ``answering``: of services to be started, whether one of their ports takes connections. ``domains``: None where
    they were not asked for.
    """

    running: Optional[Configured]
    saved: Optional[Configured]
    answering: Mapping[str, bool] = field(default_factory=dict)
    domains: Optional[Tuple[str, ...]] = None


@dataclass(frozen=True)
class Change:
    """One attribute before and after, under the server's name for it."""

    service: str
    attribute: str
    before: Setting
    after: Setting

    @property
    def command(self) -> str:
        """The CLI's command for it."""
        return f"SET {self.attribute} {written(self.after, f'services.{self.service}.{self.attribute}')}"


@dataclass(frozen=True)
class Plan:
    """What changes in the running server and in its file, and which services are started."""

    changes: Tuple[Change, ...] = ()
    starts: Tuple[str, ...] = ()
    save: bool = False
    in_file: Tuple[Change, ...] = ()
    warnings: Tuple[str, ...] = ()

    @property
    def services(self) -> Tuple[str, ...]:
        """The services whose context must be entered, in their order."""
        return tuple(
            option for option in SERVICES if option in self.starts or any(c.service == option for c in self.changes)
        )

    @property
    def changed(self) -> bool:
        return bool(self.changes or self.starts or self.save)


def wish_from(params: Mapping[str, Any]) -> Wish:
    """The module's options as a wish; AxigenRefusal where they make no sense by themselves."""
    asks: List[Ask] = []
    for how in (SET, ADD, REMOVE):
        for service, attributes in (params.get(how) or {}).items():
            asks += [_ask(how, service, str(name), value) for name, value in (attributes or {}).items()]
    _check_once(asks)
    return Wish(tuple(asks), tuple(dict.fromkeys(params.get("running") or ())), params.get("domain"), params["save"])


def _ask(how: str, service: str, attribute: str, value: Any) -> Ask:
    where = f"{how}.{service}.{attribute}"
    if not _NAME.match(attribute):
        raise AxigenRefusal(f"{where}: is no name of an attribute; take one that SHOW prints in Axigen's CLI")
    if is_secret(attribute):
        raise AxigenRefusal(f"{where}: holds a password, which is not set here; set it in WebAdmin or the CLI")
    ask = Ask(how, service, attribute, setting(value, attribute, where, how != SET))
    if how != SET and not ask.words:
        raise AxigenRefusal(f"{where}: names nothing; give the values, or leave the attribute out")
    if how == SET and kind_of(attribute).many and not ask.words:
        raise AxigenRefusal(f"{where}: would leave no method of login; name at least one")
    written(ask.value, where)
    return ask


def _check_once(asks: List[Ask]) -> None:
    seen: Dict[Tuple[str, str], List[Ask]] = {}
    for ask in asks:
        before = seen.setdefault((ask.service, ask.attribute.lower()), [])
        for other in before:
            if SET in (ask.how, other.how) or ask.how == other.how:
                raise AxigenRefusal(f"{ask.where}: is asked for in {other.where} as well; keep one of them")
            both = {word.lower() for word in ask.words} & {word.lower() for word in other.words}
            if both:
                raise AxigenRefusal(f"{ask.where}: '{sorted(both)[0]}' is also in {other.where}; keep one of them")
        before.append(ask)


def plan(state: State, wish: Wish) -> Plan:
    """What must change for ``wish`` to hold; AxigenRefusal where the server cannot fulfil it."""
    _check_domain(state, wish)
    basis = state.running or state.saved
    if basis is None:
        return _blind(wish)
    wanted = _wanted(basis, wish)
    changes = tuple(change for change in wanted if not same(change.before, change.after, change.attribute))
    starts = tuple(service for service in wish.running if not state.answering.get(service, False))
    in_file = _in_file(state, wanted) if wish.save else ()
    save = wish.save and bool(changes or starts or in_file)
    return Plan(changes, starts, save, in_file, tuple(_warnings(state, wish, save, wanted)))


def _blind(wish: Wish) -> Plan:
    """Of an Axigen that is not here yet: everything is taken for a change."""
    changes = tuple(Change(ask.service, ask.attribute, UNKNOWN, ask.value) for ask in wish.asks if ask.how != REMOVE)
    return Plan(changes, wish.running, wish.save and bool(changes or wish.running))


def _wanted(found: Configured, wish: Wish) -> Tuple[Change, ...]:
    """Each attribute that is asked for, as it is and as it is to be."""
    wanted: Dict[Tuple[str, str], Change] = {}
    for ask in wish.asks:
        attributes = found.services.get(ask.service)
        if attributes is None:
            raise AxigenRefusal(
                f"{ask.how}.{ask.service}: this Axigen shows no such service; leave it out, or see what SHOW CONFIG "
                "prints in its CLI"
            )
        name = named(attributes, ask.attribute)
        if name is None:
            known = ", ".join(sorted(one for one in attributes if not is_secret(one))) or "none"
            raise AxigenRefusal(f"{ask.where}: this Axigen has no such attribute; take one of {known}")
        key = (ask.service, name)
        change = wanted.get(key) or Change(ask.service, name, attributes[name], attributes[name])
        wanted[key] = replace(change, after=_after(ask, name, change.after))
    return tuple(wanted.values())


def _after(ask: Ask, attribute: str, before: Setting) -> Setting:
    if ask.how == SET:
        kind = kind_of(attribute)
        after = ask.value
        if kind.many:
            after = added((), ask.words, attribute)  # without `all`, which the CLI may not take
        return before if same(before, after, attribute) else after
    kind = kind_of(attribute)
    if not (kind.many or kind.bits or isinstance(before, tuple)):
        raise AxigenRefusal(f"{ask.where}: the attribute holds one value and no set; give it in services instead")
    after = (added if ask.how == ADD else removed)(before, ask.words, attribute)
    if kind.many and not after:
        raise AxigenRefusal(f"{ask.where}: would leave no method of login; leave at least one")
    return before if same(before, after, attribute) else after


def _in_file(state: State, wanted: Tuple[Change, ...]) -> Tuple[Change, ...]:
    """Where the file says something else than what is wanted; of what the file does not hold nothing can be said."""
    found = []
    for change in wanted:
        attributes = state.saved.services.get(change.service, {}) if state.saved else {}
        name = named(attributes, change.attribute)
        if name is not None and not same(attributes[name], change.after, name):
            found.append(Change(change.service, name, attributes[name], change.after))
    return tuple(found)


def unsaved(state: State) -> Optional[List[str]]:
    """The attributes (`imap.logLevel`) that run with another value than the file has; None where no file is seen."""
    if state.saved is None:
        return None
    found = []
    for service, attributes in (state.running or state.saved).services.items():
        kept = state.saved.services.get(service, {})
        for name, value in attributes.items():
            there = named(kept, name)
            if there is not None and not same(value, kept[there], name):
                found.append(f"{service}.{name}")
    return sorted(found)


def _check_domain(state: State, wish: Wish) -> None:
    if wish.domain and state.domains is not None and wish.domain.lower() not in [d.lower() for d in state.domains]:
        there = ", ".join(state.domains) or "none"
        raise AxigenRefusal(
            f"domain: this Axigen has no domain {wish.domain} (it has {there}); GSSAPI logs in users of the realm's "
            "own domain only, so create it in WebAdmin, or correct domain"
        )


def _warnings(state: State, wish: Wish, save: bool, wanted: Tuple[Change, ...]) -> List[str]:
    names = (state.running or state.saved or Configured()).started
    off = [service for service in SERVICES if names is not None and SERVICES[service].name.lower() not in names]
    asked = {ask.service for ask in wish.asks}
    found = [
        f"{service}: is set but does not run, for services = (...) in axigen.cfg does not name it"
        for service in off
        if service in asked and service not in wish.running
    ]
    found += [
        f"{service}: runs only until Axigen is restarted, for services = (...) in axigen.cfg does not name it; add it "
        "there while Axigen is stopped"
        for service in off
        if service in wish.running
    ]
    ours = {f"{change.service}.{change.attribute}" for change in wanted}
    others = [name for name in unsaved(state) or () if name not in ours]
    if save and others:
        found.append(f"SAVE CONFIG also saves what somebody else left unsaved: {', '.join(others)}")
    return found


def diff(plan: Plan, place: str, path: str) -> List[Dict[str, str]]:
    """Ansible's diff: one part for the running server, one for the file; one line an attribute."""
    parts = []
    starts = tuple(f"{service}: started = {{}}\n" for service in plan.starts)
    for header, changes, lines in ((f"Axigen at {place}", plan.changes, starts), (path, plan.in_file, ())):
        if changes or lines:
            parts.append(
                {
                    "before_header": header,
                    "after_header": header,
                    "before": "".join(_line(c, c.before) for c in changes) + "".join(x.format("no") for x in lines),
                    "after": "".join(_line(c, c.after) for c in changes) + "".join(x.format("yes") for x in lines),
                }
            )
    return parts


def _line(change: Change, value: Setting) -> str:
    return f"{change.service}: {change.attribute} = {shown(value)}\n"
