# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one shape of all modules: read, plan, show, write unless in check mode, read again and compare."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, ContextManager, Dict, List, Optional, TypeVar, Union

from ansible.module_utils.basic import AnsibleModule

from .._domain.refusal import Refusal

State = TypeVar("State")
Plan = TypeVar("Plan")
Diff = Union[Dict[str, str], List[Dict[str, str]]]


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
    """Bring the world to what was asked and leave the module.

    ``read`` fetches the state; ``plan`` is pure and says what must change; ``changed`` whether anything;
    ``show`` is its diff (no secrets), asked for in diff mode only; ``report`` the result's keys, the same in
    check mode; ``write`` carries the plan out and may return more keys. After writing the state is read
    again, and a plan that still wants something is a failure: no module reports what did not happen.
    ``told`` gives keys of the result that only the state read again tells, such as a new key's kvno. ``guard`` is
    held around all of it. A Refusal becomes the one failure message.
    """
    try:
        with guard():
            result = _converged(module, read, plan, changed, write, show, report, told)
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    module.exit_json(**result)


def _converged(
    module: AnsibleModule,
    read: Callable[[], State],
    plan: Callable[[State], Plan],
    changed: Callable[[Plan], bool],
    write: Callable[[Plan], Optional[Dict[str, Any]]],
    show: Callable[[Plan], Diff],
    report: Callable[[Plan], Dict[str, Any]],
    told: Optional[Callable[[Plan, State], Dict[str, Any]]],
) -> Dict[str, Any]:
    planned = plan(read())
    result: Dict[str, Any] = {"changed": changed(planned), **report(planned)}
    if module._diff:
        result["diff"] = show(planned)
    if result["changed"] and not module.check_mode:
        result.update(write(planned) or {})
        state = read()
        if told is not None:
            result.update(told(planned, state))
        if changed(plan(state)):
            raise Refusal(
                f"{module._name.rpartition('.')[2]}: what was written reads back different, so something else "
                "changes it at the same time or the tool dropped a value; run again with --check --diff to see what"
            )
    return result


def inform(module: AnsibleModule, gather: Callable[[], Dict[str, Any]]) -> None:
    """Leave an ``_info`` module with what ``gather`` returns; a Refusal becomes the one failure message."""
    try:
        facts = gather()
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    module.exit_json(changed=False, **facts)
