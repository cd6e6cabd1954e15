# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a plan for Zimbra's services is shown, when it has come true, and what is said where it has not."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from .zimbra_offer import Process, Running
from .zimbra_services import LOGS, MTA, Act, Ask, Plan, ServicesRefusal, judge


def diff(plan: Plan) -> Dict[str, str]:
    """One line a finding, before and after, and how each service gets there."""
    done = {act.service: act.done for act in plan.acts}
    before = [f"{finding.service}: {finding.before}\n" for finding in plan.findings]
    after = [f"{finding.service}: {finding.after}; {done[finding.service]}\n" for finding in plan.findings]
    return {
        "before_header": "Zimbra's services",
        "after_header": "Zimbra's services",
        "before": "".join(before),
        "after": "".join(after),
    }


def offered(state: Mapping[str, Running]) -> Dict[str, Dict[str, Optional[List[str]]]]:
    """What each service offers, by protocol; None where a port does not answer."""
    return {
        service: {
            protocol: None if offer.mechanisms is None else list(offer.mechanisms)
            for protocol, offer in running.offers.items()
        }
        for service, running in state.items()
        if running.offers
    }


def lacking(act: Act, ask: Ask, before: Optional[Process], running: Running) -> str:
    """What the service still lacks after the act, as words that follow its name; empty where it has come true."""
    if act.renews and before is not None and running.process == before:
        return f"the old process {before.pid} still runs"
    return "; ".join(finding.before for finding in judge(ask, running))


def failure(act: Act, lacks: str, waited: float, said: Sequence[str]) -> ServicesRefusal:
    """The sentence for a service that does not come to what it must be within ``waited`` seconds."""
    ways = " and ".join(" ".join((command[0].rpartition("/")[2], command[1])) for command in act.commands)
    words = f" ({'; '.join(dict.fromkeys(said))})" if said else ""
    more = "" if LOGS[act.service] == LOGS[MTA] else f", and {LOGS[MTA]} for what zmconfigd wrote"
    return ServicesRefusal(
        f"{act.service}: {lacks}, {waited:g} s after {ways}{words}; read {LOGS[act.service]}{more}, and see that "
        "Zimbra's attributes are set as asked"
    )


def words_of(command: Sequence[str], status: int, output: str) -> str:
    """What a program that did not do its work said, in one line; empty where it says it did.

    The control programs tell failure by the word `failed`, often with status 0 (zmproxyctl, zmmailboxdctl).
    """
    lines = [" ".join(line.split()) for line in output.splitlines() if line.strip()]
    if status == 0 and not any("failed" in line.lower() for line in lines):
        return ""
    told = next((line for line in lines if "failed" in line.lower()), lines[-1] if lines else "")
    told = told if len(told) <= 200 else told[:200] + "..."
    return f"{command[0].rpartition('/')[2]} ended with {status}" + (f" and said '{told}'" if told else "")


def result_of(plan: Plan, state: Mapping[str, Running]) -> Dict[str, Any]:
    """The module's keys."""
    return {
        "restarted": plan.restarted,
        "rewritten": list(plan.sections),
        "commands": [" ".join((command[0].rpartition("/")[2], *command[1:])) for command in plan.commands],
        "offered": offered(state),
    }
