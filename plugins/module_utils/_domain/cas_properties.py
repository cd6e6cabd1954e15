# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a cas.properties: settings set in whatever spelling they have there, others gone, the rest untouched.

A setting that stands in the file twice, in one spelling or in two, is made one: Java takes the last of equal ones, and
of two spellings Spring takes the one in kebab case or else any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from .cas_catalogue import PROPERTIES, check_known, check_value, other_dialect, same_value, spelling
from .cas_property_names import Name, Pattern, asked_name, name_of, pattern_of, secret
from .cas_release import INDEXED, CasRefusal, Line
from .java_properties import Item, PropertiesRefusal, content_of, items_of, joined, with_more, with_value
from .yaml_keys import yaml_keys

_YAML = (".yml", ".yaml")


@dataclass(frozen=True)
class Setting:
    """``key`` as the user spelt it, ``value`` as Java is to read it."""

    key: str
    value: str


@dataclass(frozen=True)
class Wish:
    """``settings`` in the user's order, by name; ``absent``: what must not stand in the file."""

    line: Line
    settings: Mapping[Name, Setting]
    absent: Tuple[Pattern, ...] = ()


@dataclass(frozen=True)
class Shadow:
    """Another file that sets a setting too: the user's key, the file, and the line there."""

    key: str
    path: str
    line: int


@dataclass(frozen=True)
class PropertiesPlan:
    """The file's bytes wanted (None: no file), the properties that change as text for people, and what is beside."""

    content: Optional[bytes]
    before: str = ""
    after: str = ""
    shadowed: Tuple[Shadow, ...] = ()
    warnings: Tuple[str, ...] = ()


def wish_from(line: Line, settings: Mapping[Any, Any], absent: Sequence[str]) -> Wish:
    """The module's options, checked for this line of CAS; CasRefusal for what it would not read."""
    wanted: Dict[Name, Setting] = {}
    for given, value in settings.items():
        key = str(given)
        name = asked_name(key)
        if name in wanted:
            raise CasRefusal(f"settings: {wanted[name].key} and {key} are one property to CAS; keep one of them")
        check_known(name, key, line)
        text = _text(key, value)
        check_value(name, key, text)
        wanted[name] = Setting(key, text)
    patterns = tuple(pattern_of(key) for key in absent)
    for key, pattern in zip(absent, patterns):
        if pattern.elements in wanted and not pattern.below:
            raise CasRefusal(f"absent: {key} is also one of settings; leave it in one of them")
    return Wish(line, wanted, patterns)


def secrets_of(settings: Mapping[Any, Any]) -> List[str]:
    """The values of the module's option that no output may show; it may be of any form yet."""
    texts = [(name_of(str(key)), str(value)) for key, value in settings.items() if value and value is not True]
    return [text for name, text in texts if secret(name, text)]


def plan(
    path: str, content: Optional[bytes], wish: Wish, others: Sequence[Tuple[str, Optional[bytes]]] = ()
) -> PropertiesPlan:
    """What must change in the file at ``path``; ``others`` are the files (name, bytes) that CAS reads beside it.

    PropertiesRefusal where Java would not read the file; CasRefusal where it holds settings of the other dialect.
    """
    edited = _edited(items_of(content or b"", path), wish)
    names = [name_of(item.key) for item in edited.items if item.key is not None]
    beside, warnings = _beside(path, others)
    _check_dialect(path, edited.items, wish)
    _check_numbers(path, [*names, *(one[0] for one in beside)])
    shadowed = tuple(
        Shadow(wish.settings[name].key, other, line) for name, other, line in beside if name in wish.settings
    )
    warnings += [_shadow_sentence(one) for one in shadowed]
    before, after = "".join(edited.before), "".join(edited.after)
    changed = bool(before or after)
    return PropertiesPlan(content_of(edited.items) if changed else content, before, after, shadowed, tuple(warnings))


class _Edited(NamedTuple):
    """The file's items as wanted, and the lines of those that change, before and after."""

    items: Sequence[Item]
    before: Sequence[str]
    after: Sequence[str]


def _edited(items: Sequence[Item], wish: Wish) -> _Edited:
    last = {name_of(item.key): place for place, item in enumerate(items) if item.key is not None}
    kept: List[Item] = []
    before: List[str] = []
    after: List[str] = []
    for place, item in enumerate(items):
        new = _wanted(item, wish, last.get(name_of(item.key or "")) == place)
        kept += [] if new is None else [new]
        if new is not item:
            before.append(_shown(item, "a secret, not shown"))
            after += [] if new is None else [_shown(new, "another secret, not shown")]
    more = [(spelling(name, one.key), one.value) for name, one in wish.settings.items() if name not in last]
    made = with_more(kept, more)
    after += [_shown(item, "a secret, not shown") for item in made[len(kept) :]]
    return _Edited(made, before, after)


def _wanted(item: Item, wish: Wish, counts: bool) -> Optional[Item]:
    """The item as it is to be; None for one that must go, as all but the last of a setting that stands there twice."""
    if item.key is None:
        return item
    name = name_of(item.key)
    setting = wish.settings.get(name)
    if setting is None:
        return None if any(pattern.matches(name) for pattern in wish.absent) else item
    if not counts:
        return None
    return item if same_value(name, item.value, setting.value) else with_value(item, setting.value)


def _text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return joined(value)
    kind = "has no value" if value is None else "is a list or a mapping"
    raise CasRefusal(
        f"settings: {key}: {kind}; give one text ('' for an empty one, commas for a list), or name the key in absent"
    )


def _shown(item: Item, instead: str) -> str:
    """The property's lines as they stand in the file, or its key alone where the value is a secret."""
    if item.value and secret(name_of(item.key or ""), item.value):
        return f"{item.key}=({instead})\n"
    text = item.text.encode("iso-8859-1").decode("utf-8", "replace")
    return text if text.endswith("\n") else text.rstrip("\r") + "\n"


def _check_dialect(path: str, items: Sequence[Item], wish: Wish) -> None:
    for item in items:
        other = None if item.key is None else other_dialect(name_of(item.key), wish.line)
        if other is not None:
            whose = "CAS 5" if wish.line.dialect == INDEXED else "CAS 6 and later"
            raise CasRefusal(
                f"{path}: line {item.line} sets {item.key}, which is of {whose}, and CAS {wish.line.name} does not "
                f"read it; name it in absent, and set {other} where it is meant"
            )


def _check_numbers(path: str, names: Sequence[Name]) -> None:
    """CasRefusal for properties[1] without properties[0]: Spring takes no list with a gap, and CAS does not start."""
    length = len(PROPERTIES)
    numbers: Set[int] = {
        int(name[length])
        for name in names
        if len(name) > length + 1 and name[:length] == PROPERTIES and name[length].isdigit()
    }
    for number in sorted(numbers):
        if number and number - 1 not in numbers:
            raise CasRefusal(
                f"{path}: would hold cas.authn.spnego.properties[{number}] without one of the number {number - 1}, and "
                "CAS does not start with such a gap; number them from 0, and name in absent what is left over"
            )


def _beside(path: str, others: Sequence[Tuple[str, Optional[bytes]]]) -> Tuple[List[Tuple[Name, str, int]], List[str]]:
    """What other files set: name, file, line; and warnings of those that Java would not read."""
    found: List[Tuple[Name, str, int]] = []
    warnings: List[str] = []
    for other, content in others:
        if content is None or other == path:
            continue
        try:
            found += [(name_of(key), other, line) for key, line in _keys(other, content)]
        except PropertiesRefusal as refusal:
            warnings.append(str(refusal))
    return found, warnings


def _keys(path: str, content: bytes) -> Iterator[Tuple[str, int]]:
    if path.lower().endswith(_YAML):
        yield from yaml_keys(content.decode("utf-8", "replace"))
        return
    for item in items_of(content, path):
        if item.key is not None:
            yield item.key, item.line


def _shadow_sentence(shadow: Shadow) -> str:
    return (
        f"{shadow.path}: line {shadow.line} sets {shadow.key} too, and which of the two counts hangs on the files' "
        "names and the key's spelling; remove it there"
    )
