# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's control programs: rewrites, restarts, and waits until the services are what they must be.

None of them is believed: configrewrite ends with 0 whatever zmconfigd answered, zmproxyctl where the old process
still runs, `zmmailboxdctl stop` always.
"""

from __future__ import annotations

import time
from typing import Callable, List, Mapping, Optional, Tuple

from .._domain.zimbra_applied import failure, lacking, words_of
from .._domain.zimbra_offer import Process, Running
from .._domain.zimbra_services import PROXY, REWRITE, Act, Ask, Plan, ServicesRefusal, Wish
from .zimbra_programs import ZimbraPrograms
from .zimbra_running import PID_FILES, process_of

STEP = 1.0  # seconds between two looks
TRIES = 3  # at stopping a proxy whose pid file stays
GOING = 30.0  # seconds at most in which nginx ends its sessions and goes (zmproxyctl itself waits for one)

Look = Callable[[Ask], Running]


def carry_out(programs: ZimbraPrograms, plan: Plan, state: Mapping[str, Running], wish: Wish, look: Look) -> None:
    """Rewrite once, then restart service by service; ServicesRefusal in the end for those that do not come to it.

    One that fails does not keep the others from what is pending, for the next run may not see it any more.
    """
    asks = {ask.service: ask for ask in wish.looked_at}
    rewrite = _run(programs, (REWRITE, *plan.sections))
    refusals: List[str] = []
    for act in plan.acts:
        before = state[act.service].process
        said = [*rewrite, *_done(programs, act, before, min(GOING, wish.timeout))]
        try:
            _wait(act, asks[act.service], before, said, wish.timeout, look)
        except ServicesRefusal as refusal:
            refusals.append(str(refusal))
    if refusals:
        raise ServicesRefusal("; ".join(refusals))


def _done(programs: ZimbraPrograms, act: Act, before: Optional[Process], patience: float) -> List[str]:
    said = [words for command in act.commands for words in _run(programs, command)]
    if act.service == PROXY and before is not None:
        said += _renewed_proxy(programs, before, patience)
    return said


def _renewed_proxy(programs: ZimbraPrograms, before: Process, patience: float) -> List[str]:
    """Until the proxy is another process than before; what the programs said of the last try.

    `stop` waits for a second only. Where nginx takes longer, the following `start` finds the old process and leaves
    it with its old settings, and ends with 0 (zm-core-utils src/bin/zmproxyctl).
    """
    said: List[str] = []
    for dummy in range(TRIES):
        if not _still(programs, before):
            break
        said = _run(programs, ("bin/zmproxyctl", "stop"))
        give_up = time.monotonic() + patience
        while _still(programs, before) and time.monotonic() < give_up:
            time.sleep(STEP / 4)
        said = [*said, *_run(programs, ("bin/zmproxyctl", "start"))]
    if process_of(programs.path(PID_FILES[PROXY])) is None:
        # It went after `start` had looked for it.
        said = _run(programs, ("bin/zmproxyctl", "start"))
    return said


def _still(programs: ZimbraPrograms, before: Process) -> bool:
    return process_of(programs.path(PID_FILES[PROXY])) == before


def _run(programs: ZimbraPrograms, command: Tuple[str, ...]) -> List[str]:
    ran = programs.run(*command)
    words = words_of(command, ran.status, f"{ran.stdout}\n{ran.stderr}")
    return [words] if words else []


def _wait(act: Act, ask: Ask, before: Optional[Process], said: List[str], timeout: float, look: Look) -> None:
    give_up = time.monotonic() + timeout
    while True:
        lacks = lacking(act, ask, before, look(ask))
        if not lacks:
            return
        if time.monotonic() > give_up:
            raise failure(act, lacks, timeout, said)
        time.sleep(STEP)
