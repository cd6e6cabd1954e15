# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ticket of Active Directory's for a user in several hundred groups, and whether CAS takes a header of its size.

The groups are in the ticket's PAC, eight bytes each. What passes with the role's limit of headers must be refused with
the one that Tomcat has of its own: CAS runs with that for a while.
"""

from __future__ import annotations

import collections.abc
import contextlib
import json
import pathlib
import re
import typing

from . import browsers, fleet
from .failure import LabError
from .podman import Podman
from .state import State

JUDGES = pathlib.Path(__file__).resolve().parent / "judges"
JUDGE, MEMBERSHIP = JUDGES / "large_ticket.py", JUDGES / "many_groups.py"
GROUPS = 700
# maxHttpHeaderSize of Tomcat's HTTP connector (its documentation, "Standard Implementation")
STOCK = 8192
PROPERTIES = "/etc/cas/config/cas.properties"
# Spring Boot's name for it, of 2 and of 3.
LIMIT = re.compile(
    r"^(?P<name>[ \t]*server\.max-http-(?:request-)?header-size[ \t]*[=:][ \t]*)(?P<value>\d+)", re.MULTILINE
)
UNIT = "cas"
BAD_REQUEST = 400
# Until the port answers, whatever the answer.
WAIT = ("curl", "--silent", "--output", "/dev/null", "--retry", "120", "--retry-delay", "1", "--retry-connrefused")
Large = dict[str, typing.Any]


def large(state: State, podman: Podman) -> Large:
    """Sizes in bytes and answers, as the judge tells them: without groups, with them, and with the stock limit."""
    host = state.site.members(browsers.PRODUCT)[0]
    found: Large = {"host": host.fqdn, "limit": limit(_read(state, podman, host)), "stock_limit": STOCK}
    found["few"] = _measured(state, podman, host)
    with member(state, podman) as groups:
        found["groups"] = groups
        found["many"] = _measured(state, podman, host, at_least=STOCK + 1)
        with stock_limit(state, podman, host):
            found["refused"] = _measured(state, podman, host, at_least=STOCK + 1)
    return found


def _measured(state: State, podman: Podman, host: fleet.Host, at_least: int = 0) -> Large:
    order = {
        "host": host.fqdn,
        "port": browsers.PORT,
        "path": browsers.PATH,
        "service": f"HTTP@{host.fqdn}",
        "at_least": at_least,
    }
    told = browsers.judged(state, podman, JUDGE, order)
    if told.pop("failure"):
        raise LabError(f"no ticket for {host.fqdn} could be measured")
    return told


@contextlib.contextmanager
def member(state: State, podman: Podman) -> collections.abc.Iterator[int]:
    """Makes the user a member of the groups, and of none of them afterwards; gives how many there are."""
    (controller,) = state.site.controllers

    def place(whether: bool) -> int:
        order = {"user": browsers.USER, "groups": GROUPS, "member": whether}
        argv = ("exec", "-i", state.lab.container(controller.name), "python3", "-c", MEMBERSHIP.read_text())
        told = podman.run(*argv, what=f"the groups on {controller.fqdn}", stdin=json.dumps(order))
        return int(json.loads(told)["groups"])

    try:
        yield place(True)
    finally:
        place(False)


@contextlib.contextmanager
def stock_limit(state: State, podman: Podman, host: fleet.Host) -> collections.abc.Iterator[None]:
    """CAS with Tomcat's own limit for a while: the properties are as before afterwards, to the byte."""
    before = _read(state, podman, host)
    _restart(state, podman, host, lowered(before))
    try:
        yield
    finally:
        _restart(state, podman, host, before)


def limit(properties: str) -> int | None:
    """The limit of headers that the properties ask for, in bytes: the last one counts."""
    found = [match["value"] for match in LIMIT.finditer(properties)]
    return int(found[-1]) if found else None


def lowered(properties: str) -> str:
    """The properties with the stock limit; LabError where they have none."""
    if not LIMIT.search(properties):
        raise LabError(f"{PROPERTIES} has no limit of headers, which the role writes there: has site run?")
    return LIMIT.sub(rf"\g<name>{STOCK}", properties)


def _read(state: State, podman: Podman, host: fleet.Host) -> str:
    what = f"reading {PROPERTIES} on {host.fqdn}"
    return podman.run("exec", state.lab.container(host.name), "cat", PROPERTIES, what=what)


def _restart(state: State, podman: Podman, host: fleet.Host, properties: str) -> None:
    """Writes the properties, into the file that is there, and returns when CAS answers that has read them."""
    container = state.lab.container(host.name)
    words = ("sh", "-c", f"cat > {PROPERTIES} && systemctl restart {UNIT}")
    podman.run("exec", "-i", container, *words, what=f"restarting CAS on {host.fqdn}", stdin=properties)
    (workstation,) = state.site.members("workstations")
    ask = ("exec", state.lab.container(workstation.name), *WAIT, browsers.page(host.fqdn))
    podman.run(*ask, what=f"waiting for CAS on {host.fqdn}")


def unproved(_site: fleet.Site, found: Large) -> list[str]:
    """A sentence for everything that the sizes and answers do not show."""
    few, many, refused = (found.get(name, {}) for name in ("few", "many", "refused"))
    if not (few and many and refused):
        return ["no ticket was measured"]
    where, size = found["host"], many["request"]
    shown = (
        (few["named"], f"{where} does not take {_words(few)} without the groups: status {few['status']}"),
        (many["ticket"] > few["ticket"] + found["groups"], f"{found['groups']} groups are not in {_words(many)}"),
        (found["limit"] and size < found["limit"], f"{where} has a limit of {found['limit']} bytes for {size}"),
        (size > STOCK, f"a request of {size} bytes is below the stock limit of {STOCK}"),
        (many["status"] == 200 and many["named"], f"{where} does not take {_words(many)}: status {many['status']}"),
        (refused["request"] > STOCK, f"a request of {refused['request']} bytes is below the stock limit of {STOCK}"),
        (
            refused["status"] == BAD_REQUEST and not refused["named"],
            f"{where} with the stock limit does not refuse {_words(refused)}: status {refused['status']}",
        ),
        (refused["bare"] == 401, f"{where} with the stock limit answers {refused['bare']} to a small request"),
    )
    return [sentence for whether, sentence in shown if not whether]


def _words(one: Large) -> str:
    padded = f", padded by {one['padding']}" if one["padding"] else ""
    return f"a request of {one['request']} bytes with a ticket of {one['ticket']}{padded}"


def lines(found: Large) -> list[str]:
    """What the closing summary says."""
    many = found.get("many", {})
    if not many:
        return []
    sizes = f"{many['ticket']} bytes ({found['few']['ticket']} without them), its header {many['header']}"
    answers = f"and answers {found['refused']['status']} with Tomcat's own of {found['stock_limit']}"
    return [
        f"the ticket of {browsers.USER} in {found['groups']} groups has {sizes}",
        f"{found['host']} takes {_words(many)} with its limit of {found['limit']}, {answers}",
    ]
