# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of the lab proved, and the words that say so. Everything printed at the end comes from the proof."""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import typing

from . import fleet, mails
from .identity import DEFAULT_INSTANCE
from .progress import Phase

LOGIN_FIELDS = (
    "product",
    "host",
    "protocol",
    "user",
    "authenticated_as",
    "service_principal",
    "kvno",
    "enctype",
    "ok",
    "symptom",
    "cause",
    "remedy",
    "answer",
    "kdc",  # which replica gave the ticket, where the first KDC was stopped
)
# Where alice must log in, and the service principal of her ticket: the shared name works on each host behind it.
PROMISED = tuple(
    [(host.fqdn, f"smtp/{host.fqdn}@{fleet.REALM}") for host in fleet.HOSTS if host.group == "postfix"]
    + [(name, f"smtp/{fleet.ALIAS}@{fleet.REALM}") for name in (fleet.ALIAS, *(h.fqdn for h in fleet.HOSTS if h.alias))]
)
USER = f"alice@{fleet.REALM}"


@dataclasses.dataclass(frozen=True)
class TaskRun:
    """One task on one host, as the callback lab_record wrote it down."""

    host: str
    task: str
    outcome: str
    changed: bool
    logins: tuple[dict[str, typing.Any], ...] = ()
    message: str = ""


@dataclasses.dataclass(frozen=True)
class Proof:
    """The whole record; `unproved` has a sentence for everything that was promised and not shown."""

    lab: str
    started: str
    phases: tuple[Phase, ...] = ()
    logins: tuple[dict[str, typing.Any], ...] = ()
    mails: mails.Mails | None = None
    unproved: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything was proved."""
        return not self.unproved

    def as_json(self) -> str:
        """The proof as it lies in proof.json."""
        return json.dumps({"ok": self.ok, **dataclasses.asdict(self)}, indent=2) + "\n"


def read_record(text: str) -> list[TaskRun]:
    """The lines of lab_record; a last line that was cut short by a kill is left out."""
    found = []
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        found.append(
            TaskRun(
                entry["host"],
                entry["task"],
                entry["outcome"],
                entry["changed"],
                tuple(entry.get("logins", ())),
                entry.get("message", ""),
            )
        )
    return found


def logins(runs: collections.abc.Iterable[TaskRun]) -> list[dict[str, typing.Any]]:
    """Every login that was tried, in the proof's fields."""
    found = []
    for run in runs:
        for login in run.logins:
            named = {"product": product(login.get("host", "")), **login}
            found.append({field: named.get(field) for field in LOGIN_FIELDS})
    return found


def product(fqdn: str) -> str:
    """The product that answers under a name: the group of the inventory that the host is in."""
    groups = {host.fqdn: host.group for host in fleet.HOSTS}
    groups[fleet.ALIAS] = next(host.group for host in fleet.HOSTS if host.alias)
    return groups.get(fqdn, "")


def missing_logins(tried: collections.abc.Sequence[dict[str, typing.Any]]) -> list[str]:
    """A sentence for every login that failed, and for every promised one of alice's that was not made."""
    sentences = []
    for login in tried:
        if not login["ok"]:
            why = "; ".join(login[field] for field in ("symptom", "cause", "remedy") if login.get(field))
            sentences.append(f"{login['protocol']} login to {login['host']} as {login['user']} failed: {why}")
    made = {(login["host"], login["service_principal"]) for login in tried if login["ok"] and login["user"] == USER}
    # Without a ticket the principal is as it was asked for, and may lack the realm.
    failed = {(login["host"], login["service_principal"].partition("@")[0]) for login in tried if not login["ok"]}
    for host, principal in PROMISED:
        if (host, principal) not in made and (host, principal.partition("@")[0]) not in failed:
            sentences.append(f"{USER} did not log in to {host} with a ticket for {principal}")
    return sentences


def second_changes(runs: collections.abc.Iterable[TaskRun]) -> list[str]:
    """A sentence for every change that a second run made."""
    return [f"the second run changed {run.host}: {run.task}" for run in runs if run.changed]


def summary(proof: Proof, log_folder: str, seconds: float) -> str:
    """The closing words: what was proved, how long each part took, what to try next."""
    lines = ["", "What was proved" if proof.ok else "What was tried"]
    for login in proof.logins:
        if login["ok"]:
            ticket = f"ticket for {login['service_principal']}, kvno {login['kvno']}, {login['enctype']}"
            ticket += f", from {login['kdc']} while the first KDC was stopped" if login.get("kdc") else ""
            lines.append(
                f"  {login['protocol']} {login['host']:<18} says that we are {login['authenticated_as']}  ({ticket})"
            )
        else:
            lines.append(f"  {login['protocol']} {login['host']:<18} REFUSED {login['user']}: {login['symptom']}")
    lines += [
        f"  the log of {entry['host']} has a mail by {entry['user']}, logged in by {entry['method']}"
        for entry in (proof.mails.logged if proof.mails else ())
    ]
    idle = next((one for one in proof.phases if one.name.startswith("site") and one.changes == 0), None)
    if idle is not None and proof.ok:
        lines.append(f"  a run of site over the configured hosts looked at {idle.tasks} tasks and changed nothing")
    lines += ["", "How long it took"]
    for one in proof.phases:
        numbers = "" if one.tasks is None else f"{one.tasks:5} tasks {one.changes:4} changes"
        lines.append(f"  {one.name:<12} {one.seconds:7.1f} s {numbers}".rstrip())
    lines.append(f"  {'in all':<12} {seconds:7.1f} s")
    if proof.ok:
        chosen = "" if proof.lab == DEFAULT_INSTANCE else f"LAB={proof.lab} "
        lines += ["", "What to try next", *(f"  {line.format(lab=proof.lab, chosen=chosen)}" for line in NEXT)]
    else:
        lines += ["", "What is not proved", *(f"  {sentence}" for sentence in proof.unproved)]
        lines.append(f"  (logs: {log_folder})")
    return "\n".join(lines)


NEXT = (
    "{chosen}python3 tests/lab run client1 -- kinit alice   # password: .lab/{lab}/group_vars/all/secrets.yml",
    "{chosen}python3 tests/lab run mx1 -- postconf -n       # what the role wrote",
    "{chosen}python3 tests/lab ansible -- ansible-playbook mailrealm.kerberos.site --check --diff",
    "make test       # everything that CI runs",
    "make lab-down   # remove the lab",
)
