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

from . import failover, lifecycle, mails, plays, proof
from .failure import LabError
from .plays import SITE, VERIFY, Play
from .podman import Podman
from .progress import Progress
from .state import State, write

HERE = pathlib.Path(__file__).resolve().parent


LOGIN = Play("login", str(HERE / "playbooks" / "login.yml"))
FAILOVER = Play("failover", str(HERE / "playbooks" / "failover.yml"))
AGAIN = Play("site again", "mailrealm.kerberos.site")


def prove(state: State, progress: Progress) -> int:
    """Runs everything, writes proof.json, prints the summary; 0 when everything was proved."""
    started = time.monotonic()
    record = proof.Proof(state.lab.instance, datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"))
    state.proof.unlink(missing_ok=True)
    try:
        running = lifecycle.up(state, progress)
        for step in (_site, _logins, _mails, _failover, _again):
            record = step(state, progress, running.podman, record)
            if not record.ok:
                break
    except LabError as error:
        record = _without(record, [str(error)])
    except BaseException:
        record = _without(record, ["the run was interrupted"])
        raise
    finally:
        record = dataclasses.replace(record, phases=tuple(progress.phases))
        write(state.proof, record.as_json())
        print(proof.summary(record, str(state.logs), time.monotonic() - started), flush=True)
    return 0 if record.ok else 1


def _without(record: proof.Proof, sentences: collections.abc.Sequence[str]) -> proof.Proof:
    return dataclasses.replace(record, unproved=(*record.unproved, *sentences))


def _site(state: State, progress: Progress, _podman: Podman, record: proof.Proof) -> proof.Proof:
    return _without(record, plays.run(state, progress, SITE)[1])


def _logins(state: State, progress: Progress, _podman: Podman, record: proof.Proof) -> proof.Proof:
    """The collection's own verification, then alice as a user with a password."""
    for play in (VERIFY, LOGIN):
        runs, unproved = plays.run(state, progress, play)
        record = dataclasses.replace(_without(record, unproved), logins=(*record.logins, *proof.logins(runs)))
    return _without(record, proof.missing_logins(record.logins))


def _mails(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """A ticket by kinit and a mail by smtplib, without the collection; the mail hosts' logs say who that was."""
    with progress.phase("mail") as phase:
        sent = mails.send(state, podman, proof.USER)
        phase.said = sent.failure or f"{len(sent.tickets)} lines of klist, {len(sent.logged)} logins in the logs"
    return dataclasses.replace(_without(record, mails.unproved(sent, proof.USER)), mails=sent)


def _failover(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """Alice logs in while the first KDC is stopped, with a ticket that a replica's log must have."""
    with failover.first_kdc_stopped(state, podman) as since:
        runs, sentences = plays.run(state, progress, FAILOVER)
        made = failover.with_kdc(state, podman, proof.logins(runs), since)
    record = dataclasses.replace(record, logins=(*record.logins, *made))
    return _without(record, sentences or failover.unproved(made))


def _again(state: State, progress: Progress, _podman: Podman, record: proof.Proof) -> proof.Proof:
    """A run over configured hosts; where the first one found them so and changed nothing, it was that run."""
    if any(phase.name == SITE.name and phase.changes == 0 for phase in progress.phases):
        return record
    runs, unproved = plays.run(state, progress, AGAIN)
    return _without(record, [*unproved, *proof.second_changes(runs)])
