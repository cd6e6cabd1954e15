# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens that CAS's page must refuse: garbage, NTLM, replayed, expired, of another realm, for another service."""

from __future__ import annotations

import collections.abc
import pathlib
import typing

from . import browsers, fleet
from .failure import LabError
from .podman import Podman
from .state import State

JUDGES = pathlib.Path(__file__).resolve().parent / "judges"
FORGER, JUDGE = JUDGES / "forged_tokens.py", JUDGES / "hostile_tokens.py"
KEYTAB = "/etc/cas/cas.keytab"
# What the page must answer to each case; those that it must take show that it is not the request that it refuses.
TAKEN = ("first", "sound")
REFUSED = (
    "replayed",
    "damaged",
    "other service",
    "garbage",
    "NTLM",
    "NTLM by its own name",
    "no base64",
    "expired",
    "other realm",
)
UNAUTHORIZED = 401
Answer = dict[str, typing.Any]


def refusals(state: State, podman: Podman) -> list[Answer]:
    """Every case at every host of CAS: {host, case, status, named, refused, said}."""
    return [answer for host in state.site.members(browsers.PRODUCT) for answer in _at(state, podman, host)]


def _at(state: State, podman: Podman, host: fleet.Host) -> list[Answer]:
    read = ("exec", state.lab.container(host.name), "base64", "--wrap=0", KEYTAB)
    keytab = podman.run(*read, what=f"reading {KEYTAB} on {host.fqdn}")
    forged = {"keytab": keytab, "service": f"HTTP/{host.fqdn}@{state.site.realm}", "client": state.site.user}
    order = {
        "host": host.fqdn,
        "port": browsers.PORT,
        "path": browsers.PATH,
        "service": f"HTTP@{host.fqdn}",
        "other": other_service(state.site, host),
        "tokens": browsers.judged(state, podman, FORGER, forged),
    }
    told = browsers.judged(state, podman, JUDGE, order)
    if told["failure"]:
        raise LabError(f"the tokens for {host.fqdn} could not be made: {told['failure']}")
    return [recorded(host, answer) for answer in told["answers"]]


def other_service(site: fleet.Site, host: fleet.Host) -> str:
    """A service of the same realm with a key of its own: the page of another host, or a controller's directory."""
    others = [f"HTTP@{one.fqdn}" for one in site.members(browsers.PRODUCT) if one is not host]
    return [*others, *(f"ldap@{one.fqdn}" for one in site.controllers)][0]


def recorded(host: fleet.Host, answer: Answer) -> Answer:
    """An answer as the proof has it: a refusal is a 401 that names nobody."""
    refused = answer["status"] == UNAUTHORIZED and not answer["named"]
    return {"host": host.fqdn, **answer, "refused": refused}


def unproved(site: fleet.Site, made: collections.abc.Sequence[Answer]) -> list[str]:
    """A sentence for each token that was taken and should not have been, the other way round, or was not tried."""
    by_key = {(one["host"], one["case"]): one for one in made}
    sentences = []
    for host in site.members(browsers.PRODUCT):
        for case in (*TAKEN, *REFUSED):
            one = by_key.get((host.fqdn, case))
            if one is None:
                sentences.append(f"{host.fqdn} was not tried with the token {case!r}")
            elif not right(case, one):
                what = f"named {one['named']}" if one["named"] else one["said"] or "named nobody"
                should = "take" if case in TAKEN else "refuse"
                sentences.append(f"{host.fqdn} did not {should} the token {case!r}: status {one['status']}, {what}")
    return sentences


def right(case: str, one: Answer) -> bool:
    """Whether the page did with the token what it must."""
    return one["status"] == 200 and bool(one["named"]) if case in TAKEN else bool(one["refused"])


def lines(made: collections.abc.Sequence[Answer]) -> list[str]:
    """What the closing summary says: a line for each host."""
    found = []
    for name in dict.fromkeys(one["host"] for one in made):
        cases = [one["case"] for one in made if one["host"] == name and one["refused"]]
        found.append(f"{name} refuses tokens: {', '.join(cases)}")
    return found
