# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail as a user sends it, judged by the mail hosts' own logs; nothing of the collection takes part."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import re
import time

from . import command, fleet, inventory
from .podman import Podman
from .state import State

JUDGE = pathlib.Path(__file__).resolve().parent / "judges" / "mail_as_user.py"
# Postfix writes this line for each mail that an authenticated client hands in (smtpd.c, "client=...").
LOGGED = re.compile(r"client=\S+, sasl_method=(?P<method>\S+), sasl_username=(?P<user>[^\s,]+)")
PATIENCE = 5.0


@dataclasses.dataclass(frozen=True)
class Mails:
    """What became of a user's mails: `logged` has each host's line on an authenticated client, `tickets` klist's."""

    failure: str = ""
    logged: tuple[dict[str, str], ...] = ()
    tickets: tuple[str, ...] = ()


def send(state: State, podman: Podman, user: str) -> Mails:
    """Sends a mail by each name of the mail hosts from a workstation, and reads what the hosts logged."""
    hosts = state.site.members("postfix")
    (workstation,) = state.site.members("workstations")
    order = {"user": user, "password": password(state), "hosts": [*(host.fqdn for host in hosts), state.site.alias]}
    # The judge is an argument, since the password takes standard input.
    argv = ("exec", "-i", state.lab.container(workstation.name), "python3", "-c", JUDGE.read_text())
    since = int(time.time())
    done = podman.attempt(*argv, stdin=json.dumps(order))
    if done.returncode:
        return Mails(failure=f"the judge on {workstation.fqdn} failed: {command.last_words(done.stderr)}")
    told = json.loads(done.stdout)
    logged = [line for host in hosts for line in _wait_for_log(state, podman, host, since)]
    return Mails(told["failure"], tuple(logged), tuple(told["tickets"]))


def _wait_for_log(state: State, podman: Podman, host: fleet.Host, since: int) -> list[dict[str, str]]:
    limit = time.monotonic() + PATIENCE
    while True:
        read = ("journalctl", "--quiet", "-o", "cat", f"--since=@{since}")
        found = read_log(host.fqdn, podman.attempt("exec", state.lab.container(host.name), *read).stdout)
        if found or time.monotonic() > limit:
            return found
        time.sleep(0.2)


def read_log(fqdn: str, text: str) -> list[dict[str, str]]:
    """The authenticated clients in a host's log, each kind once: {host, method, user}."""
    found = [{"host": fqdn, **match.groupdict()} for match in LOGGED.finditer(text)]
    return [entry for position, entry in enumerate(found) if entry not in found[:position]]


def unproved(mails: Mails, user: str) -> list[str]:
    """A sentence for what the mails did not show: each mail host must have logged the user, by GSSAPI."""
    if mails.failure:
        return [f"mail as {user} failed: {mails.failure}"]
    names = {user, user.partition("@")[0]}
    known = {entry["host"] for entry in mails.logged if entry["method"] == "GSSAPI" and entry["user"] in names}
    hosts = [host.fqdn for host in fleet.MIT.members("postfix")]
    return [f"{host} logged no mail of {user} by GSSAPI" for host in hosts if host not in known]


def password(state: State) -> str:
    """The lab's password of alice."""
    return inventory.passwords(state)["alice"]
