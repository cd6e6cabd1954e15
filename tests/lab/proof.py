# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of the lab proved, and the words that say so. Everything printed at the end comes from the proof."""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import typing

from . import browsers, fleet, hostile, mails, promises, tickets
from .identity import DEFAULT_INSTANCE
from .progress import Phase

LOGIN_FIELDS = (
    "product",
    "host",
    "port",
    "protocol",
    "tls",
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
    """The whole record; `unproved` has a sentence for everything that was promised and not shown.

    `lab`: the instance of the first of the sites. `clients`: what the clients of Zimbra's document did (clients.py),
    `calls`: how often a run of site called Zimbra's slow program (calls.py). `cas`: what each CAS said of its settings
    (cas_judge.py), `visits`: what browsers found there (browsers.py), `tokens`: what became of those that it must
    refuse (hostile.py), `large`: of the largest ticket (tickets.py).
    """

    lab: str
    started: str
    sites: tuple[str, ...] = (fleet.MIT.name,)
    phases: tuple[Phase, ...] = ()
    logins: tuple[dict[str, typing.Any], ...] = ()
    mails: mails.Mails | None = None
    clients: tuple[dict[str, typing.Any], ...] = ()
    calls: tuple[dict[str, typing.Any], ...] = ()
    cas: tuple[dict[str, typing.Any], ...] = ()
    visits: tuple[dict[str, typing.Any], ...] = ()
    tokens: tuple[dict[str, typing.Any], ...] = ()
    large: dict[str, typing.Any] = dataclasses.field(default_factory=dict)
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


def logins(site: fleet.Site, runs: collections.abc.Iterable[TaskRun]) -> list[dict[str, typing.Any]]:
    """Every login that was tried on a site, in the proof's fields."""
    found = []
    for run in runs:
        for login in run.logins:
            named = {"product": product(site, login.get("host", "")), **login}
            found.append({field: named.get(field) for field in LOGIN_FIELDS})
    return found


def product(site: fleet.Site, fqdn: str) -> str:
    """The product that answers under a name: the group of the inventory that the host is in."""
    groups = {host.fqdn: host.group for host in site.hosts}
    shared = [host.group for host in site.hosts if host.alias]
    return shared[0] if shared and fqdn == site.alias else groups.get(fqdn, "")


def missing_logins(site: fleet.Site, tried: collections.abc.Sequence[dict[str, typing.Any]]) -> list[str]:
    """A sentence for every login that failed, and for every promised one that was not made."""
    sentences = []
    for login in tried:
        if not login["ok"]:
            why = "; ".join(login[field] for field in ("symptom", "cause", "remedy") if login.get(field))
            sentences.append(f"{login['protocol']} login to {login['host']} as {login['user']} failed: {why}")
    failed = {promises.key_of(login) for login in tried if not login["ok"]}
    sentences += [
        f"{promise.user} did not log in to {promise.host} by {promise.protocol} ({promise.tls}, port {promise.port})"
        f"{' as ' if promise.named else ''}{promise.named} with a ticket for {promise.principal}"
        for promise in promises.promised(site)
        if promise.key not in failed and not any(promise.kept_by(login) for login in tried)
    ]
    return sentences


def _by(login: collections.abc.Mapping[str, typing.Any]) -> str:
    """The protocol, with the s of a port where TLS comes first."""
    return f"{login['protocol']}s" if login["tls"] == "implicit" else str(login["protocol"])


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
                f"  {_by(login):<5} {login['host']:<18} says that we are {login['authenticated_as']}  ({ticket})"
            )
        else:
            lines.append(f"  {_by(login):<5} {login['host']:<18} REFUSED {login['user']}: {login['symptom']}")
    lines += [
        f"  the log of {entry['host']} has a mail by {entry['user']}, logged in by {entry['method']}"
        for entry in (proof.mails.logged if proof.mails else ())
    ]
    lines += _by_clients(proof.clients)
    lines += [f"  CAS {one['version']} of {one['host']} knows every setting" for one in proof.cas if one["validated"]]
    shown = (*browsers.lines(proof.visits), *hostile.lines(proof.tokens), *tickets.lines(proof.large))
    lines += [f"  {line}" for line in shown]
    lines += [
        f"  {one['play']} called {one['program']} on {one['host']} {one['calls']} time{'s' * (one['calls'] != 1)}"
        for one in proof.calls
    ]
    idle = [one for one in proof.phases if one.name.startswith("site") and one.changes == 0]
    if proof.ok:
        lines += [
            f"  a run of site over the configured hosts looked at {one.tasks} tasks and changed nothing" for one in idle
        ]
    lines += ["", "How long it took"]
    for one in proof.phases:
        numbers = "" if one.tasks is None else f"{one.tasks:5} tasks {one.changes:4} changes"
        name = f"{one.name} ({one.site})" if len(proof.sites) > 1 else one.name
        lines.append(f"  {name:<18} {one.seconds:7.1f} s {numbers}".rstrip())
    lines.append(f"  {'in all':<18} {seconds:7.1f} s")
    if proof.ok:
        lines += ["", "What to try next", *(f"  {line}" for line in _next(proof))]
    else:
        lines += ["", "What is not proved", *(f"  {sentence}" for sentence in proof.unproved)]
        lines.append(f"  (logs: {log_folder})")
    return "\n".join(lines)


def _by_clients(tried: collections.abc.Sequence[collections.abc.Mapping[str, typing.Any]]) -> list[str]:
    """A line for each user of gsasl, and one for each host whose keytabs were tested."""
    lines = []
    for client, who, words in (("gsasl", "user", "logged in by gsasl to"), ("gss-client", "host", "took tickets for")):
        mine = [one for one in tried if one["client"] == client]
        for name in dict.fromkeys(one[who] for one in mine):
            done = [one["ok"] for one in mine if one[who] == name]
            what = "services" if client == "gsasl" else "keys, each as its service's own user"
            lines.append(f"  {name} {words} {sum(done)} of {len(done)} {what}")
    return lines


NEXT = {
    fleet.MIT.name: "{chosen}python3 tests/lab run mx1 -- postconf -n       # what the role wrote",
    fleet.AD.name: "{chosen}python3 tests/lab run dc1 -- samba-tool user list   # the domain's accounts",
    fleet.ZIMBRA.name: "{chosen}python3 tests/lab run zimbra1 -- su - zimbra -c 'zmprov gd example.test'",
    fleet.CAS.name: "{chosen}python3 tests/lab run cas1 -- cat /etc/cas/config/cas.properties   # what the role wrote",
}


def _next(proof: Proof) -> list[str]:
    lines = []
    for site in (site for site in fleet.SITES if site.name in proof.sites):
        lab = fleet.instance_of(proof.lab, site)
        chosen = "" if lab == DEFAULT_INSTANCE else f"LAB={lab} "
        secrets = f".lab/{lab}/group_vars/all/secrets.yml"
        lines.append(f"{chosen}python3 tests/lab run client1 -- kinit alice   # password: {secrets}")
        lines.append(NEXT[site.name].format(chosen=chosen))
        lines.append(f"{chosen}python3 tests/lab ansible -- ansible-playbook mailrealm.kerberos.site --check --diff")
    return [*lines, "make test       # everything that CI runs", "make lab-down   # remove the lab"]
