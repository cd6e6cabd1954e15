# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The realm without its first KDC, for a while; the replicas' own logs say which of them gave a ticket."""

from __future__ import annotations

import collections.abc
import contextlib
import re
import time
import typing

from . import fleet
from .podman import Podman
from .state import State

UNIT = "krb5-kdc"
(PRIMARY,) = fleet.MIT.members("kerberos_kdc")
REPLICAS = fleet.MIT.members("kerberos_kdc_replicas")
# krb5kdc writes this for each ticket that it gives (kdc_log.c, log_tgs_req)
ISSUED = re.compile(r"TGS_REQ .*: ISSUE: .*, (?P<user>\S+) for (?P<service>\S+)$", re.MULTILINE)


@contextlib.contextmanager
def first_kdc_stopped(state: State, podman: Podman) -> collections.abc.Iterator[int]:
    """Stops the first KDC, and starts it again whatever happens; gives the time of the stop (seconds of the epoch)."""
    container = state.lab.container(PRIMARY.name)
    podman.run("exec", container, "systemctl", "stop", UNIT, what=f"stopping the KDC on {PRIMARY.fqdn}")
    try:
        yield int(time.time())
    finally:
        podman.run("exec", container, "systemctl", "start", UNIT, what=f"starting the KDC on {PRIMARY.fqdn} again")


def with_kdc(
    state: State, podman: Podman, logins: collections.abc.Sequence[dict[str, typing.Any]], since: int
) -> list[dict[str, typing.Any]]:
    """The logins, each with the replica whose log since then has the ticket for it."""
    read = ("journalctl", "--quiet", "-o", "cat", "-u", UNIT, f"--since=@{since}")
    logs = {host.fqdn: podman.attempt("exec", state.lab.container(host.name), *read).stdout for host in REPLICAS}
    return [{**login, "kdc": issuer(logs, login["user"], login["service_principal"])} for login in logins]


def issuer(logs: collections.abc.Mapping[str, str], user: str, service: str) -> str | None:
    """The host among those of these logs that gave the user a ticket for the service."""
    for host, text in logs.items():
        if (user, service) in ((found["user"], found["service"]) for found in ISSUED.finditer(text)):
            return host
    return None


def unproved(logins: collections.abc.Sequence[dict[str, typing.Any]]) -> list[str]:
    """A sentence for what the logins do not show: one must have been made, each with a ticket of a replica."""
    without = f"while the KDC on {PRIMARY.fqdn} was stopped"
    if not logins:
        return [f"nobody tried to log in {without}"]
    return [
        f"{login['user']} logged in to {login['host']} {without}, but no replica's log has the ticket"
        if login["ok"]
        else f"{login['protocol']} login to {login['host']} as {login['user']} failed {without}: {login['symptom']}"
        for login in logins
        if not login["ok"] or not login["kdc"]
    ]
