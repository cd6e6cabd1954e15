# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Editing a profile: only the items asked for change, every other byte stays.

All sections of one name are one section to libkrb5, so an edit looks through all of them: what is there is
changed where it stands, what is new goes behind the last of its kind in the first of them.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass, field, replace
from typing import Callable, Dict, List, Sequence, Tuple, Type, TypeVar

from .profile import DIRECTIVES, Directive, Item, Profile, Relation, Remark, Section, parse, refusal_at
from .profile_settings import Settings, written

Blocks = List[List[Item]]  # the items of all sections of one name, in the file's order
Place = Tuple[int, int]  # which block, which item; item -1 is the block's own first line
Kind = TypeVar("Kind", Relation, Section)
HEAD = -1


@dataclass(frozen=True)
class Style:
    """How the file is written: its line end, and what one level is indented by."""

    newline: str
    unit: str


@dataclass
class Patch:
    """What an edit does to blocks: items that stand instead of one, and items that follow one."""

    instead: Dict[Place, List[Item]] = field(default_factory=dict)
    behind: Dict[Place, List[Item]] = field(default_factory=dict)

    def add(self, place: Place, items: Sequence[Item]) -> None:
        self.behind.setdefault(place, []).extend(items)

    def applied(self, blocks: Blocks) -> Blocks:
        return [self._block(number, items) for number, items in enumerate(blocks)]

    def _block(self, number: int, items: Sequence[Item]) -> List[Item]:
        result = list(self.behind.get((number, HEAD), []))
        for at, item in enumerate(items):
            result += self.instead.get((number, at), [item]) + self.behind.get((number, at), [])
        return result


@dataclass(frozen=True)
class Edit:
    """The items before and after, those that stay being the same objects, and the text after."""

    before: Profile
    after: Profile
    text: str


def present(text: str, settings: Settings, source: str) -> str:
    """``text`` with each relation of ``settings`` holding exactly its values, in order; see edited()."""
    return edited(text, settings, "present", source).text


def absent(text: str, settings: Settings, source: str) -> str:
    """``text`` without what ``settings`` name: values, or with null all relations and sections of a name."""
    return edited(text, settings, "absent", source).text


def edited(text: str, settings: Settings, state: str, source: str) -> Edit:
    """What present() or absent() makes of ``text``, the file ``source``.

    ProfileRefusal where ``text`` is no profile or libkrb5 could not read the result.
    """
    if state == "absent":
        return _edited(text, source, lambda items, dummy: _absent([items], settings)[0])
    return _edited(text, source, lambda items, style: _top_present(items, settings, style))


def _edited(text: str, source: str, edit: Callable[[List[Item], Style], List[Item]]) -> Edit:
    """A last line that has no line end keeps none, unless it is the edit's own.

    What comes out is parsed again: libkrb5 must read from it what the edit meant.
    """
    style = _style(parse(text, source))
    ended = text if text.endswith("\n") or not text else text + style.newline
    before = parse(ended, source)
    after = Profile(tuple(edit(list(before.items), style)))
    result = after.text
    if _meaning(after.items) != _meaning(parse(result, source).items):
        first = next(item for item in after.items if isinstance(item, Section))
        raise refusal_at(
            source,
            first.line,
            len(_indent(first)) + 1,
            "this section would come first, and libkrb5 would ignore it, as blanks stand before its '['; remove them",
        )
    if ended != text and _last_line(result) == _last_line(ended):
        result = result[: len(result) - len(style.newline)]
    return Edit(before, after, result)


def _last_line(text: str) -> str:
    return text[text.rfind("\n", 0, -1) + 1 :]


def _meaning(items: Sequence[Item]) -> List[object]:
    return [
        (item.name, item.value) if isinstance(item, Relation) else (item.name, _meaning(item.items))
        for item in items
        if isinstance(item, (Relation, Section))
    ]


def _style(profile: Profile) -> Style:
    newline = "\r\n" if profile.text.partition("\n")[0].endswith("\r") else "\n"
    indents = (
        _indent(item)
        for section in profile.items
        if isinstance(section, Section)
        for item in section.items
        if isinstance(item, (Relation, Section))
    )
    return Style(newline, next(filter(None, indents), "    "))


def _indent(item: Item) -> str:
    return item.text[: len(item.text) - len(item.text.lstrip(" \t"))]


def _found(blocks: Blocks, kind: Type[Kind]) -> Dict[str, List[Tuple[Place, Kind]]]:
    """All relations, or all sections, by name."""
    found: Dict[str, List[Tuple[Place, Kind]]] = {}
    for number, items in enumerate(blocks):
        for at, item in enumerate(items):
            if isinstance(item, kind):
                found.setdefault(item.name, []).append(((number, at), item))
    return found


def _behind_last(items: Sequence[Item], *choices: Tuple[type, ...]) -> Place:
    """Where a new item goes in the first block: behind the last of the first kinds that it holds."""
    for kinds in choices:
        for at in range(len(items) - 1, HEAD, -1):
            if isinstance(items[at], kinds):
                return (0, at)
    return (0, HEAD)


def _descend(patch: Patch, sections: Sequence[Tuple[Place, Section]], edit: Callable[[Blocks], Blocks]) -> None:
    """Edit the items of ``sections`` as those of one section."""
    for (place, section), items in zip(sections, edit([list(section.items) for dummy, section in sections])):
        patch.instead[place] = [replace(section, items=tuple(items))]


def _top_present(items: List[Item], settings: Settings, style: Style) -> List[Item]:
    patch = Patch()
    sections = _found([items], Section)
    born: List[Item] = []
    for name, wanted in settings.items():
        inner = wanted if isinstance(wanted, dict) else {}
        edit = functools.partial(_present, settings=inner, style=style, indent=style.unit)
        if name in sections:
            _descend(patch, sections[name], edit)
            continue
        before = [*items, *born]
        if before and _last_line(before[-1].text).strip():
            born.append(Remark(style.newline))
        born.append(Section(f"[{name}]{style.newline}", name, tuple(edit([[]])[0])))
    return patch.applied([items])[0] + born


def _present(blocks: Blocks, settings: Settings, style: Style, indent: str) -> Blocks:
    """``indent``: that of a new item where the blocks hold none to learn it from."""
    patch = Patch()
    relations, sections = _found(blocks, Relation), _found(blocks, Section)
    own = (_indent(item) for items in blocks for item in items if isinstance(item, (Relation, Section)))
    indent = next(own, indent)
    for name, wanted in settings.items():
        if isinstance(wanted, tuple):
            new = [_relation(name, value, style, _lead(name, indent, style)) for value in wanted]
            if name in relations:
                _values(patch, relations[name], new)
            else:
                patch.add(_behind_last(blocks[0], (Relation,), (Section,)), new)
        elif isinstance(wanted, dict):
            edit = functools.partial(_present, settings=wanted, style=style, indent=indent + style.unit)
            if name in sections:
                _descend(patch, sections[name], edit)
            else:
                head = f"{_lead(name, indent, style)}{name} = {{{style.newline}"
                tail = f"{indent}}}{style.newline}"
                patch.add(
                    _behind_last(blocks[0], (Relation, Section)), [Section(head, name, tuple(edit([[]])[0]), tail)]
                )
    return patch.applied(blocks)


def _values(patch: Patch, there: Sequence[Tuple[Place, Relation]], new: Sequence[Relation]) -> None:
    """Bring the relations of one name to the values of ``new``; those that stay keep their lines."""
    held, asked = [one.value for dummy, one in there], [one.value for one in new]
    if held == asked:
        return
    if len(held) == len(asked) == 1:
        place, relation = there[0]
        patch.instead[place] = [_revalued(relation, asked[0])]
        return
    for tag, start, end, first, last in difflib.SequenceMatcher(None, held, asked, False).get_opcodes():
        if tag == "equal":
            continue
        paired = min(end - start, last - first)
        for (place, relation), wanted in zip(there[start : start + paired], new[first : first + paired]):
            patch.instead[place] = [_revalued(relation, wanted.value)]
        for place, dummy in there[start + paired : end]:
            patch.instead[place] = []
        if last - first > paired:
            at = start + paired
            block, item = there[at - 1][0] if at else (there[0][0][0], there[0][0][1] - 1)
            patch.add((block, item), new[first + paired : last])


def _revalued(relation: Relation, value: str) -> Relation:
    """``relation`` with another value; quotes stay, as what follows them is no part of the value."""
    return replace(relation, written=written(value, relation.written.startswith('"')), value=value)


def _lead(name: str, indent: str, style: Style) -> str:
    """The blanks before a new item: at the start of a line, 'include = x' would be the directive."""
    return style.unit if name in DIRECTIVES and not indent else indent


def _relation(name: str, value: str, style: Style, indent: str) -> Relation:
    return Relation(f"{indent}{name} = ", written(value), style.newline, name, value)


def _absent(blocks: Blocks, settings: Settings) -> Blocks:
    patch = Patch()
    relations, sections = _found(blocks, Relation), _found(blocks, Section)
    for name, unwanted in settings.items():
        for place, relation in relations.get(name, []):
            if unwanted is None or (isinstance(unwanted, tuple) and relation.value in unwanted):
                patch.instead[place] = []
        if unwanted is None:
            patch.instead.update({place: _remains(section) for place, section in sections.get(name, [])})
        elif isinstance(unwanted, dict) and name in sections:
            _descend(patch, sections[name], functools.partial(_absent, settings=unwanted))
    return patch.applied(blocks)


def _remains(section: Section) -> List[Item]:
    """What a removed section leaves: include lines, which count for the whole file, and the remarks
    behind a blank line above the next heading, which speak of that one."""
    remains: List[Item] = []
    for item in section.items:
        if isinstance(item, Directive):
            remains.append(item)
        elif isinstance(item, Section):
            remains += [inner for inner in _remains(item) if isinstance(inner, Directive)]
    trailing: List[Item] = []
    if not section.tail:
        for item in section.items:
            if not isinstance(item, Remark):
                trailing = []
            elif trailing or not item.text.strip():
                trailing.append(item)
    return remains + (trailing[1:] if any(item.text.strip() for item in trailing) else [])
