# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof: hosts up, `site`, real logins, `site` again without a change; recorded, and summed up."""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import pathlib
import time
import typing

from . import browsers, calls, cas_judge, clients, failover, fleet, hostile, lifecycle, mails, plays, proof, tickets
from .failure import LabError
from .plays import SITE, VERIFY, Play
from .podman import Podman
from .progress import Progress
from .state import State, write

HERE = pathlib.Path(__file__).resolve().parent


LOGINS = {site.name: Play("login", str(HERE / "playbooks" / f"login-{site.name}.yml")) for site in fleet.SITES}
FAILOVER = Play("failover", str(HERE / "playbooks" / "failover.yml"))
AGAIN = Play("site again", "mailrealm.kerberos.site")


def prove(states: collections.abc.Sequence[State], converged: bool = False) -> int:
    """Runs everything on each site's lab, writes proof.json, prints the summary; 0 when everything was proved.

    ``converged``: the hosts are as site leaves them, and already its first run may change nothing.
    """
    started = time.monotonic()
    progresses = [Progress(state.site.name) for state in states]
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    record = proof.Proof(states[0].lab.instance, now, tuple(state.site.name for state in states))
    states[0].proof.unlink(missing_ok=True)
    logs = states[0].logs
    try:
        for state, progress in zip(states, progresses, strict=True):
            logs = state.logs
            running = lifecycle.up(state, progress)
            first, *others = STEPS[state.site.name]
            for step in (_still if converged else first, *others):
                record = step(state, progress, running.podman, record)
                if not record.ok:
                    break
            if not record.ok:
                break
    except LabError as error:
        record = _without(record, [str(error)])
    except BaseException:
        record = _without(record, ["the run was interrupted"])
        raise
    finally:
        record = dataclasses.replace(record, phases=tuple(phase for one in progresses for phase in one.phases))
        write(states[0].proof, record.as_json())
        print(proof.summary(record, str(logs), time.monotonic() - started), flush=True)
    return 0 if record.ok else 1


def _without(record: proof.Proof, sentences: collections.abc.Sequence[str]) -> proof.Proof:
    return dataclasses.replace(record, unproved=(*record.unproved, *sentences))


def _site(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    return _run_site(state, progress, podman, record, SITE)[1]


def _still(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """The first run of site, on hosts that are as site leaves them."""
    runs, record = _run_site(state, progress, podman, record, SITE)
    return _without(record, proof.second_changes(runs))


def _run_site(
    state: State, progress: Progress, podman: Podman, record: proof.Proof, play: Play
) -> tuple[list[proof.TaskRun], proof.Proof]:
    """A run of site, with its calls of Zimbra's slow program counted where there are servers of Zimbra's."""
    before = calls.count(state, podman)
    runs, unproved = plays.run(state, progress, play)
    record = _without(record, unproved)
    if not before or not record.ok:
        return runs, record
    changed = {run.host for run in runs if run.changed}
    found = [{"play": play.name, **one} for one in calls.between(before, calls.count(state, podman), changed)]
    record = dataclasses.replace(record, calls=(*record.calls, *found))
    return runs, _without(record, calls.unproved(state.site, found))


def _logins(state: State, progress: Progress, _podman: Podman, record: proof.Proof) -> proof.Proof:
    """The collection's own verification, then alice as a user with a password."""
    made: list[dict[str, typing.Any]] = []
    for play in (VERIFY, LOGINS[state.site.name]):
        runs, unproved = plays.run(state, progress, play)
        record = _without(record, unproved)
        made += proof.logins(state.site, runs)
    record = dataclasses.replace(record, logins=(*record.logins, *made))
    return _without(record, proof.missing_logins(state.site, made))


def _mails(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """A ticket by kinit and a mail by smtplib, without the collection; the mail hosts' logs say who that was."""
    with progress.phase("mail") as phase:
        sent = mails.send(state, podman, state.site.user)
        phase.said = sent.failure or f"{len(sent.tickets)} lines of klist, {len(sent.logged)} logins in the logs"
    return dataclasses.replace(_without(record, mails.unproved(sent, state.site.user)), mails=sent)


def _clients(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """The document's own clients: gsasl as every user, and its test of each key by the service's own user."""
    with progress.phase("gsasl") as phase:
        tried, tickets = clients.log_in(state, podman)
        opened = clients.mailboxes(state, podman)
        phase.said = f"{sum(one['ok'] for one in tried)} of {len(tried)} logins"
    with progress.phase("keytabs") as phase:
        accepted = clients.accept(state, podman)
        phase.said = f"{sum(one['ok'] for one in accepted)} of {len(accepted)} keys accept a user"
    record = dataclasses.replace(record, clients=(*tried, *accepted))
    sentences = [*clients.unproved(state.site, tried, tickets), *clients.unopened(state.site, opened)]
    return _without(record, [*sentences, *clients.not_accepted(accepted)])


def _cas(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """CAS's own word on its settings, after the logins, and what its page takes; nothing of the collection."""
    with progress.phase("cas") as phase:
        seen = cas_judge.look(state, podman)
        phase.said = f"{sum(one['validated'] for one in seen)} of {len(seen)} know every setting"
    record = dataclasses.replace(record, cas=(*record.cas, *seen))
    return _without(record, cas_judge.unproved(state.site, seen))


def _browsers(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """Real browsers sign on to CAS without a question, where their policies say so, and nowhere else."""
    with progress.phase("browsers") as phase:
        made = browsers.sign_on(state, podman)
        phase.said = f"{sum(one['signed_on'] for one in made)} of {len(made)} visits signed on"
    record = dataclasses.replace(record, visits=(*record.visits, *made))
    return _without(record, browsers.unproved(state.site, made))


def _tokens(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """CAS refuses what is no sound token for it."""
    with progress.phase("tokens") as phase:
        made = hostile.refusals(state, podman)
        phase.said = f"{sum(one['refused'] for one in made)} of {len(made)} tokens refused"
    record = dataclasses.replace(record, tokens=(*record.tokens, *made))
    return _without(record, hostile.unproved(state.site, made))


def _large(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """A ticket of a user in many groups passes, and would not pass Tomcat's own limit."""
    with progress.phase("large ticket") as phase:
        found = tickets.large(state, podman)
        phase.said = f"{found['groups']} groups, {found['many']['request']} bytes"
    return _without(dataclasses.replace(record, large=found), tickets.unproved(state.site, found))


def _failover(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """Alice logs in while the first KDC is stopped, with a ticket that a replica's log must have."""
    with failover.first_kdc_stopped(state, podman) as since:
        runs, sentences = plays.run(state, progress, FAILOVER)
        made = failover.with_kdc(state, podman, proof.logins(state.site, runs), since)
    record = dataclasses.replace(record, logins=(*record.logins, *made))
    return _without(record, sentences or failover.unproved(made))


def _again(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """A run over configured hosts; where the first one found them so and changed nothing, it was that run."""
    if any(phase.name == SITE.name and phase.changes == 0 for phase in progress.phases):
        return record
    runs, record = _run_site(state, progress, podman, record, AGAIN)
    return _without(record, proof.second_changes(runs))


STEPS = {
    fleet.MIT.name: (_site, _logins, _mails, _failover, _again),
    fleet.AD.name: (_site, _logins, _cas, _browsers, _tokens, _large, _again),
    fleet.ZIMBRA.name: (_site, _logins, _clients, _again),
    fleet.CAS.name: (_site, _logins, _cas, _browsers, _tokens, _again),
}
