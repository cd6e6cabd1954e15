# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with a line of Python: the small changes of which the tests should notice each."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

Operator = Callable[[Any], Iterator[ast.AST]]

# Each comparison gives its negation and, of an order, its boundary.
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),  # codespell:ignore notin
    ast.NotIn: (ast.In,),  # codespell:ignore notin
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min"}
STRUCT_FORMAT = re.compile(r"[<>][BHIQbhiq]*|[BHIQbhiq]{2,8}|[HIi]")
BYTE_ORDER = str.maketrans("<>", "><")
SIGN = str.maketrans("BHIQbhiq", "bhiqBHIQ")
WIDTH = str.maketrans("BHIbhi", "HIHhih")
OTHER_EXCEPTION = "RuntimeError"  # no refusal, and no error that the rooms raise or catch


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """A copy of the node alone, some fields changed; the children are shared, since nobody changes them."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _without(items: list[Any]) -> Iterator[list[Any]]:
    for at in range(len(items)):
        yield items[:at] + items[at + 1 :]


def _comparison(node: ast.Compare) -> Iterator[ast.AST]:
    for at, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            yield _with(node, ops=[*node.ops[:at], other(), *node.ops[at + 1 :]])


def _arithmetic(node: ast.BinOp | ast.AugAssign) -> Iterator[ast.AST]:
    yield _with(node, op=ARITHMETIC[type(node.op)]())


def _boolean(node: ast.BoolOp) -> Iterator[ast.AST]:
    """The other word, and each operand left out."""
    yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for values in _without(node.values):
        yield _with(node, values=values) if len(values) > 1 else values[0]


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _negated(test: ast.expr) -> ast.expr | None:
    """`not test`; None where another operator does the same (a comparison turned round, a `not` taken away)."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return None
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return None
    return ast.UnaryOp(ast.Not(), test)


def _condition(node: ast.If | ast.While | ast.IfExp) -> Iterator[ast.AST]:
    test = _negated(node.test)
    if test is not None:
        yield _with(node, test=test)


def _comprehension(node: ast.comprehension) -> Iterator[ast.AST]:
    for ifs in _without(node.ifs):
        yield _with(node, ifs=ifs)


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, (int, float)):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, bytes):
        yield ast.Constant(b"XX" + value + b"XX")
    elif isinstance(value, str) and STRUCT_FORMAT.fullmatch(value):
        yield from (ast.Constant(value.translate(table)) for table in (BYTE_ORDER, SIGN, WIDTH))
    elif isinstance(value, str):
        yield ast.Constant(f"XX{value}XX")


def _empty_tuple(node: ast.Tuple) -> Iterator[ast.AST]:
    if not node.elts:
        yield _with(node, elts=[ast.Constant(None)])


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    for bound in ("lower", "upper", "step"):
        if getattr(node, bound) is not None:
            yield _with(node, **{bound: None})


def _call(node: ast.Call) -> Iterator[ast.AST]:
    """Each keyword argument left out; `any` for `all`; another exception than the room's own."""
    for keywords in _without(node.keywords):
        yield _with(node, keywords=keywords)
    name = getattr(node.func, "id", "")
    if name in CALLS:
        yield _with(node, func=ast.Name(CALLS[name], ast.Load()))
    if name.endswith(("Error", "Refusal")):
        yield _with(node, func=ast.Name(OTHER_EXCEPTION, ast.Load()))


def _defaults(node: ast.arguments) -> Iterator[ast.AST]:
    """Without the first default value: an argument that could be left out must be given."""
    if node.defaults:
        yield _with(node, defaults=node.defaults[1:])


def _handler(node: ast.ExceptHandler) -> Iterator[ast.AST]:
    """One caught exception less; nothing is caught where it was the only one."""
    if isinstance(node.type, ast.Tuple):
        for elts in _without(node.type.elts):
            yield _with(node, type=_with(node.type, elts=elts))
    elif node.type is not None:
        yield _with(node, type=ast.Tuple([], ast.Load()))


def _return(node: ast.Return) -> Iterator[ast.AST]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield _with(node, value=ast.Constant(None))


def _jump(node: ast.Break | ast.Continue) -> Iterator[ast.AST]:
    yield ast.Continue() if isinstance(node, ast.Break) else ast.Break()


def _deletion(node: ast.stmt) -> Iterator[ast.AST]:
    """Nothing in its place. Not for what only has a name: definitions, imports, fields without a value."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)):
        return
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return
    if isinstance(node, ast.Return) and node.value is not None:  # see `_return`
        return
    yield ast.Pass()


OPERATORS: tuple[tuple[str, tuple[type[ast.AST], ...], Operator], ...] = (
    ("comparison", (ast.Compare,), _comparison),
    ("arithmetic", (ast.BinOp, ast.AugAssign), _arithmetic),
    ("boolean", (ast.BoolOp,), _boolean),
    ("sign or not", (ast.UnaryOp,), _unary),
    ("condition", (ast.If, ast.While, ast.IfExp), _condition),
    ("filter", (ast.comprehension,), _comprehension),
    ("constant", (ast.Constant,), _constant),
    ("empty tuple", (ast.Tuple,), _empty_tuple),
    ("slice", (ast.Slice,), _slice),
    ("call", (ast.Call,), _call),
    ("default", (ast.arguments,), _defaults),
    ("exception", (ast.ExceptHandler,), _handler),
    ("return", (ast.Return,), _return),
    ("jump", (ast.Break, ast.Continue), _jump),
    ("deletion", (ast.stmt,), _deletion),
)


def replacements(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Every small change of this very node: the operator's name and the node that stands in its place."""
    for name, kinds, operator in OPERATORS:
        if isinstance(node, kinds):
            for other in operator(node):
                yield name, other
