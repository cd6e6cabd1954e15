# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a realm, as options of the module that keeps the realm: policies, principals, and a look at their keys."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Mapping, Optional, Set

from ansible.module_utils.basic import AnsibleModule

from .._domain import password_policy_plan, principal_change
from .._domain.enctype_policy import Resolved
from .._domain.password_policy import parse_policy_wishes
from .._domain.principal_state import Identity
from .._domain.principal_wish import parse_wishes
from .._domain.realm_contents import EMPTY, ContentsPlan, ContentsState, ContentsWish, plan_contents
from .._domain.realm_enctypes import RealmEnctypes, realm_enctypes
from .._system.kadmin_policies import known_policies, read_policy_state
from .._system.kadmin_principals import find_principals, read_state
from .._system.kadmin_privilege import check_purges
from .._system.kadmin_steps import carry_out
from . import realm_policies, realm_principals
from .converge import Part
from .enctype_options import POLICY, compare_realm, resolved, ticket_bound
from .kept_realm import KeptRealm
from .realm_policies import POLICIES
from .realm_principals import PRINCIPALS
from .realm_session import realm_diff

CONTENTS: Dict[str, Any] = {
    "policies": POLICIES,
    "principals": PRINCIPALS,
    "compare": {
        "type": "dict",
        "options": {
            **{option: POLICY[option] for option in ("policy", "enctypes", "consumers", "accept_weak")},
            "principals": {"type": "list", "elements": "str", "default": ["*"]},
            "tickets_end_after": {"type": "str"},
        },
        "mutually_exclusive": [("policy", "enctypes")],
        "required_one_of": [("policy", "enctypes")],
    },
}


def contents_parts(module: AnsibleModule, name: str, kept: KeptRealm) -> List[Part[Any, Any]]:
    """The parts that the options of `CONTENTS` ask for, in their order; a Refusal where they ask for what cannot be."""
    params = module.params
    parts: List[Part[Any, Any]] = []
    if params["policies"] is not None or params["principals"] is not None:
        wish = ContentsWish(
            tuple(parse_policy_wishes(params["policies"] or ())),
            parse_wishes(params["principals"] or (), name, lenient=module.check_mode),
        )
        parts.append(_policies_and_principals(module, name, kept, wish))
    if params["compare"] is not None:
        parts.append(_comparison(module, name, kept, params["compare"]))
    return parts


def _policies_and_principals(
    module: AnsibleModule, name: str, kept: KeptRealm, wish: ContentsWish
) -> Part[ContentsState, ContentsPlan]:
    began = int(time.time())  # one time for all that is judged by it
    just_set: Set[Identity] = set()  # principals that kadmin has given new keys

    def read() -> ContentsState:
        kadmin = kept.kadmin
        if kadmin is None:
            return EMPTY
        return ContentsState(
            read_policy_state(kadmin, wish.policies),
            read_state(kadmin, wish.principals, frozenset(just_set), began),
            known_policies(kadmin, sorted(wish.named_policies)),
        )

    def write(plan: ContentsPlan) -> None:
        kadmin = kept.kadmin
        if kadmin is None:
            raise AssertionError("a plan is written to a realm that is not there")
        for batch in plan.batches:
            carry_out(kadmin, batch)
        just_set.update(change.name.identity for change in plan.principals.changes if change.new_key)

    def show(plan: ContentsPlan) -> List[Dict[str, str]]:
        policies = realm_diff(realm_policies.WHAT, name, password_policy_plan.describe(plan.policies))
        principals = realm_diff(realm_principals.WHAT, name, principal_change.describe(plan.principals))
        asked = {"policies": policies, "principals": principals}
        return [diff for option, diff in asked.items() if module.params[option] is not None]

    def told(plan: ContentsPlan, again: Optional[ContentsState] = None) -> Dict[str, Any]:
        results = {
            "policies": realm_policies.report_policies(plan.policies),
            "principals": realm_principals.report_principals(plan.principals, again.principals if again else None),
        }
        return {option: result for option, result in results.items() if module.params[option] is not None}

    def report(plan: ContentsPlan) -> Dict[str, Any]:
        if module.check_mode and kept.kadmin is not None:
            check_purges(kept.kadmin, [one.name for one in plan.principals.changes if one.purged_kvnos])
        for warning in plan.warnings:
            module.warn(warning)
        return told(plan)

    return Part(
        read=read,
        plan=lambda state: plan_contents(state, wish),
        changed=lambda plan: bool(plan.batches),
        write=write,
        show=show,
        report=report,
        told=told,
    )


def _comparison(
    module: AnsibleModule, name: str, kept: KeptRealm, options: Mapping[str, Any]
) -> Part[RealmEnctypes, RealmEnctypes]:
    policy: Resolved = resolved(options)
    bound = ticket_bound(options)

    def read() -> RealmEnctypes:
        kadmin = kept.kadmin
        found = find_principals(kadmin, options["principals"])[0] if kadmin and options["principals"] else ()
        return realm_enctypes((record for record, dummy in found), int(time.time()), bound)

    def report(realm: RealmEnctypes) -> Dict[str, Any]:
        results, sentence = compare_realm(realm, policy, name)
        if sentence:
            module.warn(sentence)
        return results

    return Part(
        read=read,
        plan=lambda realm: realm,
        changed=lambda dummy: False,
        write=lambda dummy: None,
        show=lambda dummy: [],
        report=report,
    )
