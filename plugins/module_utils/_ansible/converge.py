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


@dataclass(frozen=True)
class Part(Generic[State, Plan]):
    """One thing that a module brings to what was asked.

    ``read`` fetches the state; ``plan`` is pure and says what must change; ``changed`` whether anything;
    ``show`` is its diff (no secrets), asked for in diff mode only; ``report`` the result's keys, the same in
    check mode; ``write`` carries the plan out and may return more keys. ``told`` gives keys of the result that only
    the state read again tells, such as a new key's kvno.
    """

    read: Callable[[], State]
    plan: Callable[[State], Plan]
    changed: Callable[[Plan], bool]
    write: Callable[[Plan], Optional[Dict[str, Any]]]
    show: Callable[[Plan], Diff]
    report: Callable[[Plan], Dict[str, Any]]
    told: Optional[Callable[[Plan, State], Dict[str, Any]]] = None

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


def converge_parts(module: AnsibleModule, parts: Callable[[], ContextManager[Sequence[Part[Any, Any]]]]) -> None:
    """Bring the world to what was asked, one part after the other, and leave the module.

    All parts are planned before anything is written, so that one that refuses keeps the others from being written
    too; a part behind one that was written is planned anew. After writing the state is read again, and a plan that
    still wants something is a failure: no module reports what did not happen. ``parts`` is held around all of it.
    A Refusal becomes the one failure message.
    """
    try:
        with parts() as listed:
            result = _converged(module, listed)
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    module.exit_json(**result)


def _converged(module: AnsibleModule, parts: Sequence[Part[Any, Any]]) -> Dict[str, Any]:
    result: Dict[str, Any] = {"changed": False}
    written = False
    for part, foreseen in [(part, part.planned()) for part in parts]:
        planned = part.planned() if written else foreseen
        changed = part.changed(planned)
        result.update(part.report(planned))
        result["changed"] = result["changed"] or changed
        if module._diff:
            result["diff"] = _beside(result.get("diff"), part.show(planned))
        if changed and not module.check_mode:
            written = True
            result.update(_written(module, part, planned))
    return result


def _written(module: AnsibleModule, part: Part[State, Plan], planned: Plan) -> Dict[str, Any]:
    """The keys that writing and reading again give; Refusal where a plan would still want something."""
    result = dict(part.write(planned) or {})
    state = part.read()
    if part.told is not None:
        result.update(part.told(planned, state))
    if part.changed(part.plan(state)):
        raise Refusal(
            f"{module._name.rpartition('.')[2]}: what was written reads back different, so something else "
            "changes it at the same time or the tool dropped a value; run again with --check --diff to see what"
        )
    return result


def _beside(shown: Optional[Diff], more: Diff) -> Diff:
    """The diffs of several parts as one list; of a single part as it is."""
    if shown is None:
        return more
    lists = [one if isinstance(one, list) else [one] for one in (shown, more)]
    return lists[0] + lists[1]


def inform(module: AnsibleModule, gather: Callable[[], Dict[str, Any]]) -> None:
    """Leave an ``_info`` module with what ``gather`` returns; a Refusal becomes the one failure message."""
    try:
        facts = gather()
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    module.exit_json(changed=False, **facts)
