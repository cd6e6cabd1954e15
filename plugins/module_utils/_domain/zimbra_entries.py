# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of Zimbra's directory: what must be read of them, what must change, and the lines that change it.

An entry's own values and those that it inherits are told apart: `gs -e` shows the own ones alone. Exact values are own
values. What is added to or removed from an entry without own values starts from those that it inherits, and the whole
list becomes its own, for Zimbra's `+` and `-` know own values alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .zimbra_asked import MASK, Asked, EntriesRefusal, EntryWish, Wish
from .zimbra_catalogue import ACCOUNT, CONFIG, COS, DOMAIN, SERVER, Attribute
from .zimbra_description import described
from .zimbra_patterns import matching
from .zimbra_validation import same
from .zimbra_wishes import judged
from .zmprov_batch import Read, config, entry

_GET = {CONFIG: "gacf", SERVER: "gs", DOMAIN: "gd", COS: "gc", ACCOUNT: "ga"}
_MODIFY = {CONFIG: "mcf", SERVER: "ms", DOMAIN: "md", COS: "mc", ACCOUNT: "ma"}
_HAS_OWN = (SERVER, DOMAIN, ACCOUNT)  # `gc` has no -e: a class of service inherits nothing
_DESCRIPTION = "description"  # in place of an entry's type: of an attribute
_BLOCKED = ("VALUE-BLOCKED",)
Values = Mapping[str, Tuple[str, ...]]
Key = Tuple[str, str]


@dataclass(frozen=True)
class Reading:
    """One line of a read: which entry, own values alone or inherited ones too, and which attributes.

    Or the description of an attribute, which is then the name.
    """

    type: str
    name: str
    own: bool
    attributes: Tuple[str, ...]

    @property
    def words(self) -> Tuple[str, ...]:
        if self.type == _DESCRIPTION:
            return ("desc", "-a", self.name)
        if self.type == CONFIG:
            return (_GET[CONFIG], *self.attributes)
        only_own = ("-e",) if self.own and self.type in _HAS_OWN else ()
        return (_GET[self.type], *only_own, self.name, *self.attributes)


@dataclass(frozen=True)
class Found:
    """One entry as it is: its name as the directory spells it, its own values, and those that count."""

    name: str
    own: Values
    all: Values


@dataclass(frozen=True)
class State:
    """The entries that were read, by type and name in small letters; ``above`` holds global values."""

    entries: Mapping[Key, Found]
    above: Values
    described: Mapping[str, Optional[Attribute]] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One attribute of one entry; ``inherited`` says that ``before`` came from above."""

    entry: EntryWish
    asked: Asked
    own: Tuple[str, ...]
    before: Tuple[str, ...]
    after: Tuple[str, ...]
    inherited: bool
    restart: str

    @property
    def place(self) -> str:
        return f"{self.entry.place}: {self.asked.name}"


@dataclass(frozen=True)
class Plan:
    changes: Tuple[Change, ...]

    @property
    def restart(self) -> List[str]:
        return sorted({one for change in self.changes for one in change.restart.split(",") if one})

    def commands(self) -> List[Tuple[str, ...]]:
        """One line for each entry, so that zmprov changes all of the entry or nothing."""
        words: Dict[Key, List[str]] = {}
        for change in self.changes:
            one = change.entry
            start = [_MODIFY[one.type]] if one.type == CONFIG else [_MODIFY[one.type], one.name]
            words.setdefault(one.key, start).extend(_words(change))
        return [tuple(line) for line in words.values()]

    def entries(self) -> List[EntryWish]:
        """The entries of `commands`, in the same order."""
        return list({change.entry.key: change.entry for change in self.changes}.values())


def readings(wish: Wish) -> List[Reading]:
    """What must be read to plan, each entry's own values before those that count."""
    found: List[Reading] = []
    above: Dict[str, str] = {}
    for one in wish.entries:
        if one.type == CONFIG:
            above.update((asked.key, asked.name) for asked in one.asked)
            continue
        found.append(Reading(one.type, one.name, True, tuple(asked.name for asked in one.asked)))
        inheritable = tuple(asked.name for asked in one.asked if asked.may_inherit(one.type))
        if inheritable:
            found.append(Reading(one.type, one.name, False, inheritable))
        # What comes to light once the last own value is gone.
        going = (asked for asked in one.asked if asked.remove or asked.exact == ())
        above.update((asked.key, asked.name) for asked in going if _from_config(one, asked))
    if above:
        found.insert(0, Reading(CONFIG, "", True, tuple(above.values())))
    unknown = {asked.key: asked.name for one in wish.entries for asked in one.asked if asked.undescribed}
    return [*found, *(Reading(_DESCRIPTION, name, False, ()) for name in unknown.values())]


def _from_config(one: EntryWish, asked: Asked) -> bool:
    return asked.may_inherit(one.type) and one.type in (SERVER, DOMAIN)


def state_from(read: Sequence[Reading], printed: Sequence[str]) -> Tuple[State, List[Reading]]:
    """The state that the blocks of a read show, and the lines of it that show no entry."""
    own: Dict[Key, Read] = {}
    whole: Dict[Key, Read] = {}
    above: Values = {}
    missing: List[Reading] = []
    known: Dict[str, Optional[Attribute]] = {}
    for reading, block in zip(read, printed):
        if reading.type == _DESCRIPTION:
            known.update(described(reading.name, block))
            continue
        if reading.type == CONFIG:
            above = config(block, reading.attributes).values
            own[(CONFIG, "")] = Read("", above)
            continue
        shown = entry(block, reading.attributes)
        if shown is None:
            missing.append(reading)
        else:
            (own if reading.own else whole)[(reading.type, reading.name.lower())] = shown
    entries = {
        key: Found(one.name, one.values, {**one.values, **(whole[key].values if key in whole else {})})
        for key, one in own.items()
    }
    return State(entries, above, known), missing


def nothing(wish: Wish) -> State:
    """The state of a Zimbra that is to come: its entries are there and hold nothing."""
    return State({one.key: Found(one.name, {}, {}) for one in wish.entries}, {})


def plan(state: State, wish: Wish) -> Plan:
    """What must change; EntriesRefusal where Zimbra cannot hold what is asked."""
    _check_names(state, wish)
    wish = judged(wish, state.described)
    coming: Dict[str, Tuple[str, ...]] = {}  # what this very task makes of the global configuration
    for one in wish.entries:
        if one.type == CONFIG:
            changes = (_change(one, asked, state, {}) for asked in one.asked)
            coming = {change.asked.key: change.after for change in changes if change}
    found = (_change(one, asked, state, coming) for one in wish.entries for asked in one.asked)
    return Plan(tuple(change for change in found if change is not None))


def _check_names(state: State, wish: Wish) -> None:
    names: Dict[Key, str] = {}
    for one in wish.entries:
        key = (one.type, state.entries[one.key].name.lower())
        first = names.setdefault(key, one.name)
        if first != one.name:
            raise EntriesRefusal(
                f"entries: {one.type} {first} and {one.type} {one.name} are one entry, {state.entries[one.key].name}; "
                "name it once"
            )


def _change(one: EntryWish, asked: Asked, state: State, coming: Values) -> Optional[Change]:
    found = state.entries[one.key]
    own = found.own.get(asked.key, ())
    if own == _BLOCKED:
        raise EntriesRefusal(f"entries: {one.place}: Zimbra does not show {asked.name}; set it with zmprov itself")
    above = found.all.get(asked.key, ()) if asked.may_inherit(one.type) and not own else ()
    if _from_config(one, asked) and asked.key in coming:
        above = coming[asked.key]
    elif own and _from_config(one, asked):
        above = state.above.get(asked.key, ())
    before = own or (found.all.get(asked.key, ()) if asked.may_inherit(one.type) else ())
    if asked.exact is not None:
        after = asked.exact
        if set(after) == set(own):
            return None
    else:
        after = _edited(asked, own or above)
        if set(after) == set(own or above):
            return None
        if not after:
            _check_emptied(one, asked, own, above)
    if not after and asked.attribute is not None and asked.attribute.safeguarded:
        raise EntriesRefusal(f"entries: {one.place}: {asked.name} must keep a value; name what is to stay")
    restart = asked.attribute.restart if asked.attribute else ""
    counts = after or above
    return Change(
        one, asked, own, before, after, bool(before and not own), restart if set(counts) != set(before) else ""
    )


def _edited(asked: Asked, values: Tuple[str, ...]) -> Tuple[str, ...]:
    """The values without what is removed, and with what is added; a value in another case is spelt as asked."""
    meant = [value for value in matching(asked.matching, values) if value not in asked.add]
    removed = (*asked.remove, *meant)
    gone = {same(value) for value in (*removed, *asked.add) if value not in values or value in removed}
    kept = [value for value in values if same(value) not in gone]
    return (*kept, *(value for value in asked.add if value not in kept))


def _check_emptied(one: EntryWish, asked: Asked, own: Tuple[str, ...], above: Tuple[str, ...]) -> None:
    """An entry cannot hold nothing where it inherits: what was to be removed would count again."""
    gone = {same(value) for value in (*asked.remove, *matching(asked.matching, above))}
    back = [value for value in above if same(value) in gone]
    if back or not own:
        named = (*asked.remove, *asked.matching)
        raise EntriesRefusal(
            f"entries: {one.place}: without {', '.join(MASK if asked.secret else value for value in named)} no "
            f"value of {asked.name} is left, and what is inherited counts again; remove it from the global "
            "configuration (type: config)"
        )


def _words(change: Change) -> List[str]:
    """The words of a line that make the change: the whole list, or what is added and removed where that is safe.

    `-` and `+` leave alone what somebody else added meanwhile, but do not tell case apart, so that together they lose
    a value whose case changes. A safeguarded attribute cannot be replaced by one value.
    """
    asked, own, after = change.asked, change.own, change.after
    name = asked.name
    if not after:
        return [name, ""]
    gone = [value for value in own if value not in after]
    new = [value for value in after if value not in own]
    clash = {same(value) for value in gone} & {same(value) for value in new}
    guarded = asked.attribute is not None and asked.attribute.safeguarded and len(after) == 1
    if (own and asked.exact is None and not clash) or (guarded and not clash):
        return [word for sign, values in (("-", gone), ("+", new)) for value in values for word in (sign + name, value)]
    if guarded:
        raise EntriesRefusal(
            f"entries: {change.place}: zmprov cannot change the case of its only value; remove it first, then add it"
        )
    return [word for value in after for word in (name, value)]


def flush_commands(changes: Iterable[Change]) -> List[Tuple[str, ...]]:
    """What makes mailboxd forget what it holds of the entries; of a server it reads own values anew by itself."""
    names: Dict[str, Dict[str, None]] = {}
    for change in changes:
        if change.entry.type != SERVER:
            names.setdefault(change.entry.type, {})[change.entry.name] = None
    return [("fc", kind, *(name for name in found if name)) for kind, found in sorted(names.items())]
