# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of browser policies as it is to be: what is asked for is in it, what is foreign stays to the byte.

Browsers take policies from a JSON object. Of the lists in it, allow lists of Chromium are one string with commas
between the names.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Iterator, List, Mapping, Optional, Tuple

from . import json_edit
from .json_text import Member, Node, decoded, parse

Path = Tuple[str, ...]
EMPTY = "{\n}\n"
_SECRET = re.compile(r"pass(word|wd|phrase)?$|secret|token|credential|private_?key", re.IGNORECASE)
_USER_INFO = re.compile(r"(?<=://)[^/@\s\"]+:[^/@\s\"]+(?=@)")
_HIDDEN = "(not shown)"
_OTHER = "(another one, not shown)"


@dataclass(frozen=True)
class PolicyWishes:
    """What a file is to hold.

    ``policies``: nested, as the file has them. ``top``: the name below which they stand; empty where they stand at
    the top. ``joined``: policies that are lists in one string. ``merge``: whether lists keep what others put into
    them; one that is asked for empty becomes empty even so. ``absent``: names to take out, with dots between levels.
    ``lenient``: the browser takes comments.
    """

    policies: Mapping[str, Any]
    absent: Tuple[str, ...] = ()
    merge: bool = True
    top: str = ""
    joined: Tuple[str, ...] = ()
    lenient: bool = False


@dataclass(frozen=True)
class PolicyPlan:
    """The file's bytes wanted (None: no file), its text before and after without secrets, and what changes, by name."""

    content: Optional[bytes]
    before: str
    after: str
    changes: Tuple[str, ...]


@dataclass(frozen=True)
class _Edit:
    name: str
    text: str


def plan(content: Optional[bytes], wishes: PolicyWishes, where: str) -> PolicyPlan:
    """What the file at ``where`` becomes; ``content`` None where there is none. JsonRefusal where it is no policy file.

    A file of blanks alone is begun anew.
    """
    before = decoded(content or b"", where)
    if not before.strip() and not wishes.policies:
        return PolicyPlan(content, before, before, ())
    text = before if before.strip() else EMPTY
    changes: List[str] = []
    edit = _next_edit(text, wishes, where)
    while edit is not None:
        text = edit.text
        changes.append(edit.name)
        edit = _next_edit(text, wishes, where)
    was = _shown(before, wishes, where) if before.strip() else before
    will_be = _shown(text, wishes, where, before)
    if was == will_be and changes:
        will_be += "(a value that is not shown changes)\n"
    return PolicyPlan(text.encode("utf-8"), was, will_be, tuple(dict.fromkeys(filter(None, changes))))


def items(joined: str) -> List[str]:
    """The names in an allow list."""
    return [one.strip() for one in joined.split(",") if one.strip()]


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON; true is not 1 there."""
    return _canonical(one) == _canonical(other)


def resolve(root: Node, dotted: str) -> Optional[Tuple[Node, Member]]:
    """The member of that name, with the object that holds it; a name may have dots itself."""
    member = root.member(dotted)
    if member is not None:
        return root, member
    for at in (found.start() for found in re.finditer(r"\.", dotted)):
        outer = root.member(dotted[:at])
        below = resolve(outer.node, dotted[at + 1 :]) if outer is not None else None
        if below is not None:
            return below
    return None


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _next_edit(text: str, wishes: PolicyWishes, where: str) -> Optional[_Edit]:
    """The first difference between the text and the wishes, mended; None where there is none."""
    root = parse(text, where, wishes.lenient)
    wanted = {wishes.top: wishes.policies} if wishes.top and wishes.policies else wishes.policies
    for path, edited in _missing(text, root, root, wanted, (), wishes):
        return _Edit(".".join(path[1:] if wishes.top else path), edited)
    for name in wishes.absent:
        base = root.member(wishes.top) if wishes.top else None
        found = resolve(base.node if base else root, name) if base or not wishes.top else None
        if found is not None:
            return _Edit(name, json_edit.remove_member(text, *found))
    return None


def _missing(
    text: str, root: Node, node: Node, wanted: Mapping[str, Any], path: Path, wishes: PolicyWishes
) -> Iterator[Tuple[Path, str]]:
    """Each difference below an object: its path, and the text with it mended."""
    for key, value in wanted.items():
        here = (*path, key)
        member = node.member(key)
        if member is None:
            # A level of its own is opened empty, so that each policy is a change of its own
            begun = {} if isinstance(value, Mapping) and here == (wishes.top,) else value
            yield here, json_edit.add_member(text, root, node, key, begun)
        elif isinstance(value, Mapping) and member.node.kind == "object":
            yield from _missing(text, root, member.node, value, here, wishes)
        elif isinstance(value, list) and value and wishes.merge and member.node.kind == "array":
            lacking = [one for one in value if not any(same(one, there) for there in member.node.value)]
            if lacking:
                yield here, json_edit.add_member(text, root, member.node, "", lacking[0])
        else:
            target = _joined(value, member.node.value, wishes) if key in wishes.joined else value
            if not same(target, member.node.value):
                yield here, json_edit.set_value(text, root, member.node, target)


def _joined(value: str, there: Any, wishes: PolicyWishes) -> str:
    """The string of an allow list that has what is asked for; the one that is there where that does."""
    wanted = items(value)
    if not isinstance(there, str):
        return value
    standing = items(there)
    if wishes.merge and wanted:
        lacking = [one for one in wanted if one not in standing]
        return ",".join([there.rstrip(" ,"), *lacking] if standing else wanted) if lacking else there
    return there if set(wanted) == set(standing) else value


def _shown(text: str, wishes: PolicyWishes, where: str, before: str = "") -> str:
    """The text without what looks like a secret; ``before``: the text in which values were others, perhaps."""
    root = parse(text, where, wishes.lenient)
    known = dict(_secrets(parse(before, where, wishes.lenient))) if before.strip() else {}
    for path, node in sorted(_secrets(root), key=lambda found: -found[1].start):
        changed = path in known and not same(known[path].value, node.value)
        text = text[: node.start] + f'"{_OTHER if changed else _HIDDEN}"' + text[node.end :]
    return _USER_INFO.sub(_HIDDEN, text)


def _secrets(node: Node, path: Path = ()) -> Iterator[Tuple[Path, Node]]:
    """The values, outermost first, whose name says that they are secret."""
    for number, member in enumerate(node.members):
        here = (*path, member.key or str(number))
        if secret(member.key):
            yield here, member.node
        else:
            yield from _secrets(member.node, here)


def secret(name: str) -> bool:
    """Whether a policy of that name holds a secret."""
    return bool(_SECRET.search(name))


def secret_values(policies: Mapping[str, Any]) -> List[str]:
    """The texts among the policies asked for that are secret."""
    found: List[str] = []
    for name, value in policies.items():
        if secret(name):
            found += [str(one) for one in _texts(value)]
        elif isinstance(value, Mapping):
            found += secret_values(value)
    return found


def _texts(value: Any) -> Iterator[Any]:
    if isinstance(value, (Mapping, list)):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)
    elif isinstance(value, str) and value:
        yield value
