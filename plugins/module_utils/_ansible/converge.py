# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one shape of all modules: read, plan, show, write unless in check mode, read again and compare."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any, Callable, ContextManager, Dict, Generic, Iterator, List, Optional, Sequence, TypeVar, Union

from ansible.module_utils.basic import AnsibleModule

from .._domain.refusal import Refusal

State = TypeVar("State")
Plan = TypeVar("Plan")
Diff = Union[Dict[str, str], List[Dict[str, str]]]
Result = Dict[str, Any]


class PartRefusal(Refusal):
    """The Refusal of one part by name, in its own words."""

    def __init__(self, part: str, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.part = part


@dataclass(frozen=True)
class Part(Generic[State, Plan]):
    """One thing that a module brings to what was asked.

    ``read`` fetches the state; ``plan`` is pure and says what must change; ``changed`` whether anything;
    ``show`` is its diff (no secrets), asked for in diff mode only; ``report`` the result's keys, the same in
    check mode; ``write`` carries the plan out and may return more keys. ``told`` gives keys of the result that only
    the state read again tells, such as a new key's kvno. ``name``: the module whose work it is, where that is not the
    one that runs.
    """

    read: Callable[[], State]
    plan: Callable[[State], Plan]
    changed: Callable[[Plan], bool]
    write: Callable[[Plan], Optional[Dict[str, Any]]]
    show: Callable[[Plan], Diff]
    report: Callable[[Plan], Dict[str, Any]]
    told: Optional[Callable[[Plan, State], Dict[str, Any]]] = None
    name: str = ""

    def planned(self) -> Plan:
        """The plan from the state as it is now."""
        return self.plan(self.read())


def converge(
    module: AnsibleModule,
    *,
    read: Callable[[], State],
    plan: Callable[[State], Plan],
    changed: Callable[[Plan], bool],
    write: Callable[[Plan], Optional[Dict[str, Any]]],
    show: Callable[[Plan], Diff],
    report: Callable[[Plan], Dict[str, Any]],
    guard: Callable[[], ContextManager[Any]] = contextlib.nullcontext,
    told: Optional[Callable[[Plan, State], Dict[str, Any]]] = None,
) -> None:
    """Bring one thing to what was asked and leave the module; see `Part`. ``guard`` is held around all of it."""

    @contextlib.contextmanager
    def alone() -> Iterator[Sequence[Part[State, Plan]]]:
        with guard():
            yield (Part(read, plan, changed, write, show, report, told),)

    converge_parts(module, alone)


def merged(results: Sequence[Result]) -> Result:
    """The results of all parts as one: their keys together, and their diffs as one list."""
    whole: Result = {"changed": any(one["changed"] for one in results)}
    for one in results:
        whole.update((key, value) for key, value in one.items() if key not in ("changed", "diff"))
    shown = [one["diff"] for one in results if "diff" in one]
    if shown:
        whole["diff"] = shown[0] if len(shown) == 1 else [part for one in shown for part in listed(one)]
    return whole


def converge_parts(
    module: AnsibleModule,
    parts: Callable[[], ContextManager[Sequence[Part[Any, Any]]]],
    whole: Callable[[Sequence[Result]], Result] = merged,
) -> None:
    """Bring the world to what was asked, one part after the other, and leave the module.

    All parts are planned before anything is written, so that one that refuses keeps the others from being written
    too; a part behind one that was written is planned anew. After writing the state is read again, and a plan that
    still wants something is a failure: no module reports what did not happen. ``parts`` is held around all of it.
    ``whole`` makes the module's result of those of the parts, each as a module of its own would have it.
    A Refusal becomes the one failure message; with it comes the name of the part that refused, if it has one.
    """
    try:
        with parts() as asked:
            result = whole(_converged(module, asked))
    except PartRefusal as refusal:
        module.fail_json(msg=str(refusal), part=refusal.part)
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    module.exit_json(**result)


@contextlib.contextmanager
def refusing_as(part: str) -> Iterator[None]:
    """Whatever is refused within, the part of that name refuses; with no name it stays as it is."""
    try:
        yield
    except Refusal as refusal:
        if part:
            raise PartRefusal(part, refusal) from refusal
        raise


def _converged(module: AnsibleModule, parts: Sequence[Part[Any, Any]]) -> List[Result]:
    foreseen = []
    for part in parts:
        with refusing_as(part.name):
            foreseen.append(part.planned())
    results: List[Result] = []
    written = False
    for part, planned in zip(parts, foreseen):
        with refusing_as(part.name):
            one = _brought(module, part, part.planned() if written else planned)
        written = written or (one["changed"] and not module.check_mode)
        results.append(one)
    return results


def _brought(module: AnsibleModule, part: Part[State, Plan], planned: Plan) -> Result:
    """One part's result, once it is as it was asked for."""
    result: Result = {"changed": part.changed(planned), **part.report(planned)}
    if module._diff:
        result["diff"] = part.show(planned)
    if result["changed"] and not module.check_mode:
        result.update(_written(module, part, planned))
    return result


def _written(module: AnsibleModule, part: Part[State, Plan], planned: Plan) -> Result:
    """The keys that writing and reading again give; Refusal where a plan would still want something."""
    result = dict(part.write(planned) or {})
    state = part.read()
    if part.told is not None:
        result.update(part.told(planned, state))
    if part.changed(part.plan(state)):
        raise Refusal(
            f"{part.name or module._name.rpartition('.')[2]}: what was written reads back different, so something else "
            "changes it at the same time or the tool dropped a value; run again with --check --diff to see what"
        )
    return result


def listed(diff: Diff) -> List[Dict[str, str]]:
    """A diff as a list, whichever form it has."""
    return diff if isinstance(diff, list) else [diff]


def inform(module: AnsibleModule, gather: Callable[[], Dict[str, Any]]) -> None:
    """Leave an ``_info`` module with what ``gather`` returns; a Refusal becomes the one failure message."""
    try:
        facts = gather()
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    module.exit_json(changed=False, **facts)
