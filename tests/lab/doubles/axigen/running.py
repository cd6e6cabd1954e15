# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running server as the CLI sees it: configuration, services that run, domains, administrators."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any, Callable, Mapping, Sequence

from . import cfg

Path = Sequence["str | int"]
ALL_RIGHTS = frozenset({"all"})


def nothing() -> None:
    """What a server without listeners does when it is told of a change."""


def nobody(dummy: str, __: str) -> frozenset[str] | None:
    """No administrator."""
    return None


@dataclasses.dataclass
class Running:
    """`config`: the object Server, in force. `domains`: name -> account -> password ("" where only tickets open it).

    `permissions`: what an administrator may do, None where name and password are not one's. `applied`, `saved`,
    `domains_changed`: told after a COMMIT, of SAVE CONFIG, of a domain's COMMIT.
    """

    config: dict[str, Any]
    domains: dict[str, dict[str, str]]
    running: set[str] = dataclasses.field(default_factory=set)
    permissions: Callable[[str, str], frozenset[str] | None] = nobody
    applied: Callable[[], None] = nothing
    saved: Callable[[], None] = nothing
    domains_changed: Callable[[], None] = nothing
    filters: str = ""
    filters_changed: Callable[[], None] = nothing

    def object_at(self, path: Path) -> dict[str, Any]:
        """A copy of the object at a path of the configuration in force."""
        return copy.deepcopy(at(self.config, path))

    def put(self, path: Path, value: Mapping[str, Any]) -> None:
        """Put an object in force; `applied` is not told."""
        self.config = replaced(self.config, path, value)


def at(tree: Any, path: Path) -> Any:
    """What lies at a path of keys and list indices."""
    for key in path:
        tree = tree[key if isinstance(key, int) else cfg.key_of(tree, key)]
    return tree


def replaced(tree: Any, path: Path, value: Any) -> Any:
    """A copy of the tree with another value at the path; one behind the end of a list is added to it."""
    if not path:
        return copy.deepcopy(value)
    changed = copy.deepcopy(tree)
    parent = at(changed, path[:-1])
    key = path[-1]
    if isinstance(key, int) and len(parent) <= key:
        whole = [*parent, copy.deepcopy(value)]
        return replaced(changed, path[:-1], whole)
    parent[key if isinstance(key, int) else cfg.key_of(parent, key)] = copy.deepcopy(value)
    return changed
