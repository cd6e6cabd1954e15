# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A room's mutants: its source with one small change each, and how they are told apart."""

from __future__ import annotations

import ast
import copy
import dataclasses
import re
from collections import Counter
from collections.abc import Iterator

from .operators import replacements

Path = tuple[tuple[str, int | None], ...]  # from the module down: field, and place where the field is a list
TOKENS = re.compile(r"\w+|\s+|[^\w\s]+")
CONTEXT = 5  # tokens shown before and behind a change
WIDTH = 40  # characters of what it was and of what it becomes
UNSEEN = frozenset(["annotation", "returns", "ctx"])  # annotations are not evaluated (from __future__)


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One change. ``where``: the definition that holds it; ``change``: the piece of its line, `[before -> after]`.

    Both tell it apart without line numbers: lines are as `ast.unparse` writes them, and equal changes of a definition
    are numbered from the second on.
    """

    operator: str
    line: int
    where: str
    change: str
    path: Path = dataclasses.field(repr=False)
    replacement: ast.AST = dataclasses.field(repr=False, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        return (self.where, self.change)


@dataclasses.dataclass(frozen=True)
class _Site:
    """A node, the statement that it belongs to, and the names of the definitions around it."""

    node: ast.AST
    path: Path
    statement: ast.AST
    statement_path: Path
    where: str


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a module's source, in the order of its lines; none twice."""
    tree = ast.parse(source)
    seen: set[tuple[Path, str]] = set()
    numbers: Counter[tuple[str, str]] = Counter()
    found = []
    for site in _sites(tree):
        unchanged = ast.unparse(site.statement)
        before = unchanged.partition("\n")[0]
        for operator, replacement in replacements(site.node):
            below = site.path[len(site.statement_path) :]
            changed = replaced(site.statement, below, replacement)
            whole = ast.unparse(ast.fix_missing_locations(changed))
            if whole == unchanged or (site.statement_path, whole) in seen:
                continue
            seen.add((site.statement_path, whole))
            change = _change(before, whole.partition("\n")[0])
            numbers[site.where, change] += 1
            number = numbers[site.where, change]
            line = getattr(site.node, "lineno", getattr(site.statement, "lineno", 0))
            if number > 1:
                change = f"{change} #{number}"
            found.append(Mutant(operator, line, site.where, change, site.path, replacement))
    return found


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """The module's tree with that one change, ready to be compiled."""
    tree = replaced(ast.parse(source), mutant.path, mutant.replacement)
    assert isinstance(tree, ast.Module)
    return ast.fix_missing_locations(tree)


def replaced(node: ast.AST, path: Path, replacement: ast.AST) -> ast.AST:
    """A copy of the tree below ``node`` with ``replacement`` at the end of ``path``; what is not on it is shared."""
    if not path:
        return copy.deepcopy(replacement)
    (field, at), *rest = path
    changed = copy.copy(node)
    held = getattr(node, field)
    if at is None:
        setattr(changed, field, replaced(held, tuple(rest), replacement))
    else:
        items = list(held)
        items[at] = replaced(items[at], tuple(rest), replacement)
        setattr(changed, field, items)
    return changed


def _change(before: str, after: str) -> str:
    """What differs between the lines of two statements (the first line of each), with a few tokens around it."""
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    first = _shared(old, new)
    last = _shared(old[first:][::-1], new[first:][::-1])
    end_old, end_new = len(old) - last, len(new) - last
    lead, rest = old[max(0, first - CONTEXT) : first], old[end_old : end_old + CONTEXT]
    return f"{''.join(lead)}[{_short(old[first:end_old])} -> {_short(new[first:end_new])}]{''.join(rest)}"


def _short(tokens: list[str]) -> str:
    text = "".join(tokens)
    return text if len(text) <= WIDTH else f"{text[: WIDTH // 2 - 2]} .. {text[2 - WIDTH // 2 :]}"


def _shared(one: list[str], other: list[str]) -> int:
    """How many tokens two lists begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _sites(tree: ast.Module) -> Iterator[_Site]:
    yield from _below(_Site(tree, (), tree, (), ""))


def _below(site: _Site) -> Iterator[_Site]:
    for path, node in _children(site.node):
        place = (*site.path, *path)
        own = isinstance(node, (ast.stmt, ast.ExceptHandler))
        inner = _Site(node, place, node if own else site.statement, place if own else site.statement_path, site.where)
        yield inner
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            inner = dataclasses.replace(inner, where=f"{site.where}.{node.name}".lstrip("."))
        yield from _below(inner)


def _children(node: ast.AST) -> Iterator[tuple[Path, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if field in UNSEEN:
            continue
        if isinstance(value, list):
            for at, item in enumerate(value):
                if isinstance(item, ast.AST) and not _says_only(item):
                    yield ((field, at),), item
        elif isinstance(value, ast.AST):
            yield ((field, None),), value


def _says_only(node: ast.AST) -> bool:
    """Whether it is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
