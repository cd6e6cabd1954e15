# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the clocks that Kerberos compares."""

from __future__ import annotations

from typing import Iterator, List, Tuple

from .doctor import BROKEN, DEGRADED, TIME, UNTESTED, Check, Fleet, Trouble, section
from .doctor_keytabs import BY_TICKET

USUAL = 300  # seconds: clockskew where krb5.conf says nothing (MIT, Java and Windows alike)
NEAR = 60  # seconds: a clock that nobody keeps gets from here to USUAL
AFFECTED = (*BY_TICKET, "login.*", "log.*")


def _skew(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = section(fleet[host], "clock")
    allowed = found.get("clockskew")
    allowed = USUAL if allowed is None else allowed
    for one in found.get("kdcs", []):
        offset = one["offset"]
        if offset is None or abs(offset) <= min(NEAR, allowed):
            continue
        broken = abs(offset) > min(USUAL, allowed)
        whose = _whose(host, one["kdc"], offset, fleet)
        yield Trouble(
            one["kdc"],
            f"the clock of {whose} is wrong: the KDC {one['kdc']} is {abs(offset):.0f} s "
            f"{'ahead of' if offset > 0 else 'behind'} {host}",
            f"the KDC's own answer is stamped {offset:+.1f} s against this host's clock; Kerberos allows "
            f"{min(USUAL, allowed)} s",
            f"let {whose} follow the site's time source (kerberos_time_servers, role client) and set it once: "
            "chronyc makestep",
            BROKEN if broken else DEGRADED,
        )


def _whose(host: str, kdc: str, offset: float, fleet: Fleet) -> str:
    """Whom the other clocks contradict: the KDC where other hosts measure the same, this host where other KDCs do."""
    others = [one for name in fleet if name != host for one in section(fleet[name], "clock").get("kdcs", [])]
    of_kdc = [one["offset"] for one in others if one["kdc"] == kdc and one["offset"] is not None]
    own = [one["offset"] for one in section(fleet[host], "clock").get("kdcs", []) if one["offset"] is not None]
    if any(abs(other - offset) <= NEAR for other in of_kdc) or (len(own) > 1 and min(map(abs, own)) <= NEAR):
        return kdc
    if of_kdc or len(own) > 1 or host == kdc:
        return host
    return f"{host} or of {kdc}"


def _tolerance(host: str, fleet: Fleet) -> Iterator[Trouble]:
    allowed = section(fleet[host], "clock").get("clockskew")
    if allowed is not None and allowed < NEAR:
        yield Trouble(
            "clockskew",
            f"krb5.conf of {host} lets clocks differ by {allowed} s only, which the best of them exceed",
            f"clockskew = {allowed} in [libdefaults]",
            f"remove clockskew, so that it is {USUAL} s (client_libdefaults, role client)",
            BROKEN if allowed < 2 else DEGRADED,
        )


def _stopped(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = section(fleet[host], "clock")
    services = found.get("services", [])
    if not found or any(one["active"] or one["held_back"] for one in services):
        return
    names = ", ".join(one["unit"] for one in services)
    yield Trouble(
        services[0]["unit"] if services else "time",
        f"nothing keeps the clock of {host}",
        f"{names} is installed and does not run" if services else "no service of time is installed",
        f"systemctl enable --now {services[0]['unit']}" if services else "leave client_time true (role client)",
        DEGRADED,
    )


def _untold(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = section(fleet[host], "clock")
    kdcs: List[str] = [one["kdc"] for one in found.get("kdcs", [])]
    if kdcs and all(one["offset"] is None for one in found["kdcs"]):
        yield Trouble(
            ", ".join(kdcs),
            "no KDC has told its time",
            f"no answer with a time from {', '.join(kdcs)}",
            "let this host reach a KDC first (network.* says what is in the way)",
            UNTESTED,
        )


CHECKS: Tuple[Check, ...] = (
    Check("clock.skew", TIME, "tickets are refused with 'Clock skew too great'", _skew, AFFECTED),
    Check(
        "clock.tolerance", TIME, "tickets are refused now and then with 'Clock skew too great'", _tolerance, AFFECTED
    ),
    Check("clock.service_stopped", TIME, "the clock drifts until tickets are refused", _stopped),
    Check("clock.untold", TIME, "nobody knows whether the clocks agree", _untold),
)
