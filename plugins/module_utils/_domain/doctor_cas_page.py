# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor checks of the page on which users of CAS log in: that it answers, asks for a ticket and takes it."""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, Tuple

from .doctor import DEGRADED, RUNNING, SETTINGS, Check, Fleet, Trouble, section
from .http_login import TOO_LARGE

# What other checks notice where CAS takes no ticket.
LOGINS = ("login.*", "log.*")
SITE = "run the playbook site (tag configure of the role cas)"


def part_of(host: str, fleet: Fleet, part: str) -> Mapping[str, Any]:
    """A part of the section `cas`; empty where it could not be told."""
    found = section(fleet[host], "cas").get(part) or {}
    return {} if "untested" in found else found


def _header_limit(host: str, fleet: Fleet) -> Iterator[Trouble]:
    answer = part_of(host, fleet, "answer")
    plain, large = answer.get("plain") or {}, answer.get("large") or {}
    refused = large.get("status") in TOO_LARGE and plain.get("status") != large["status"]
    heard = f", and a header of 40 KiB is answered by {large['words']}" if refused else ""
    below = [one for one in _limits(host, fleet) if (one["bytes"] or 0) < one["least"]]
    for one in below:
        size = f"{one['bytes']} bytes" if one["bytes"] else "Tomcat's default"
        yield Trouble(
            one["where"],
            f"headers are limited to {size}, and the largest ticket of a user in many groups takes {one['least']}",
            f"{one['where']}: {size}{heard}",
            f"{SITE}, which sets it by cas_header_size",
            DEGRADED,
        )
    if heard and not below:
        yield Trouble(
            answer["url"],
            "a server between browser and CAS refuses headers as long as the ticket of a user in many groups",
            heard[len(", and ") :],
            "name the proxy in cas_proxy, or raise its limit by hand; restart CAS if its file is newer",
            DEGRADED,
        )


def _limits(host: str, fleet: Fleet) -> List[Mapping[str, Any]]:
    return [one for one in section(fleet[host], "cas").get("limits") or () if "untested" not in one]


def _not_answering(host: str, fleet: Fleet) -> Iterator[Trouble]:
    answer = part_of(host, fleet, "answer")
    plain = answer.get("plain") or {}
    if plain and not plain["status"]:
        yield Trouble(
            answer["url"],
            "CAS runs and its page cannot be reached on its own host",
            plain["words"],
            "read `journalctl -u` of its unit and CAS's log, and see that cas_port, cas_tls and cas_login_path are "
            "its own",
        )


def _not_offered(host: str, fleet: Fleet) -> Iterator[Trouble]:
    answer = part_of(host, fleet, "answer")
    plain = answer.get("plain") or {}
    if not plain or not plain["status"] or not answer["asks"]:
        return
    offered = ", ".join(plain["challenges"])
    if plain["status"] == 401 and "negotiate" in offered.lower():
        return
    yield Trouble(
        answer["url"],
        "CAS does not ask a browser for a ticket",
        f"{answer['url']} answers Firefox with {plain['words']} and offers {offered or 'nothing'}",
        "see that the archive has SPNEGO (cas_overlay), that cas_login_path is the page that asks for the login, and "
        "read CAS's log of its start",
    )


CHECKS: Tuple[Check, ...] = (
    Check(
        "cas.header_limit", SETTINGS, "users in many groups get an error in place of the page", _header_limit, LOGINS
    ),
    Check("cas.not_answering", RUNNING, "nobody sees the page on which one logs in", _not_answering, LOGINS),
    Check("cas.not_offered", RUNNING, "browsers get the form for a password", _not_offered, LOGINS),
)
