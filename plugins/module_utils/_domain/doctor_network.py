# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the way from a host to the KDCs."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Tuple

from .doctor import BROKEN, DEGRADED, NETWORK, UNTESTED, Check, Fleet, Trouble, section
from .doctor_keytabs import BY_TICKET
from .kdc_answer import FOREIGN, MIT

AFFECTED = (*BY_TICKET, "login.*", "log.*", "clock.untold")
SRV = ("_kerberos._udp", "_kerberos._tcp")


def _kdcs(host: str, fleet: Fleet) -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = list(section(fleet[host], "network").get("kdcs", []))
    return found


def _answers(one: Dict[str, Any]) -> bool:
    return bool(one["udp"]["answered"] or one["tcp"]["answered"])


def _said(one: Dict[str, Any]) -> str:
    ways = [f"{way.upper()}: {one[way]['words'] or 'answered'}" for way in ("udp", "tcp")]
    addresses = ", ".join(one["addresses"]) or "no address"
    return f"{one['kdc']} ({addresses}) port {one['port']}: {'; '.join(ways)}"


def _none(host: str, fleet: Fleet) -> Iterator[Trouble]:
    kdcs = _kdcs(host, fleet)
    if kdcs and not any(map(_answers, kdcs)):
        yield Trouble(
            ", ".join(one["kdc"] for one in kdcs),
            f"no KDC answers {host}",
            ". ".join(map(_said, kdcs)),
            "start one (systemctl start krb5-kdc), let port 88 of UDP and TCP through, or correct kerberos_kdcs",
        )


def _unresolved(host: str, fleet: Fleet) -> Iterator[Trouble]:
    kdcs = _kdcs(host, fleet)
    for one in kdcs:
        if not one["addresses"]:
            yield Trouble(
                one["kdc"],
                f"the name of the KDC {one['kdc']} has no address on {host}",
                f"the name service of {host} gives none",
                f"add an address record for {one['kdc']}, correct kerberos_kdcs, or see to /etc/resolv.conf",
                DEGRADED if any(map(_answers, kdcs)) else BROKEN,
            )


def _silent(host: str, fleet: Fleet) -> Iterator[Trouble]:
    kdcs = _kdcs(host, fleet)
    for one in kdcs:
        if one["addresses"] and not _answers(one) and any(map(_answers, kdcs)):
            yield Trouble(
                one["kdc"],
                f"the KDC {one['kdc']} does not answer {host}, others do",
                _said(one),
                f"start it (systemctl start krb5-kdc on {one['kdc']}), or let port 88 of UDP and TCP through",
                DEGRADED,
            )


def _one_way(way: str, other: str, effect: str) -> Any:
    def look(host: str, fleet: Fleet) -> Iterator[Trouble]:
        for one in _kdcs(host, fleet):
            if one[other]["answered"] and not one[way]["answered"]:
                yield Trouble(
                    one["kdc"],
                    f"the KDC {one['kdc']} answers {host} over {other.upper()} and not over {way.upper()}; {effect}",
                    _said(one),
                    f"let port {one['port']} of {way.upper()} through, and see that kdc_{'tcp_' * (way == 'tcp')}ports "
                    "of kdc.conf names it (role kdc)",
                    DEGRADED,
                )

    return look


def _realm(host: str, fleet: Fleet) -> Iterator[Trouble]:
    kdcs = _kdcs(host, fleet)
    for one in kdcs:
        if one["kind"] == FOREIGN:
            realm = section(fleet[host], "asked").get("realm", "the realm")
            codes = sorted({str(one[way]["code"]) for way in ("udp", "tcp") if one[way]["answered"]})
            yield Trouble(
                one["kdc"],
                f"the KDC {one['kdc']} does not serve {realm}",
                f"it knows none of the principals that every KDC of {realm} has (error {', '.join(codes)})",
                "correct kerberos_realm (capitals count) or kerberos_kdcs",
                DEGRADED if any(other["kind"] not in ("", FOREIGN) for other in kdcs) else BROKEN,
            )


def _admin(host: str, fleet: Fleet) -> Iterator[Trouble]:
    admin = section(fleet[host], "network").get("admin")
    # A domain's controllers have no such server, whatever krb5.conf names.
    if admin and not admin["answered"] and any(one["kind"] == MIT for one in _kdcs(host, fleet)):
        yield Trouble(
            f"{admin['server']}:{admin['port']}",
            f"the admin server {admin['server']} takes no connections from {host}, so that kadmin and kpasswd fail",
            f"TCP port {admin['port']}: {admin['words']}",
            f"systemctl start krb5-admin-server on {admin['server']}, or correct kerberos_admin_server",
            DEGRADED,
        )


def _records(host: str, fleet: Fleet) -> Dict[str, List[str]]:
    """The hosts of each SRV record of the realm's KDCs; empty where DNS was not asked."""
    srv = section(fleet[host], "network").get("srv", {})
    if "untested" in srv:
        return {}
    return {
        name: [record.split()[-1].rstrip(".").lower() for record in records]
        for name, records in srv.items()
        if name.startswith(SRV)
    }


def _srv_missing(host: str, fleet: Fleet) -> Iterator[Trouble]:
    records = _records(host, fleet)
    conf = section(fleet[host], "krb5")
    if (
        records
        and not conf.get("damaged")
        and conf.get("looks_up_kdcs")
        and not conf["kdcs"]
        and not any(records.values())
    ):
        yield Trouble(
            min(records),
            f"{host} is to find its KDCs in DNS, which names none",
            f"no SRV record of {', '.join(records)}, and krb5.conf names no kdc",
            "add SRV records, or name the KDCs (kerberos_kdcs, role client)",
        )


def _srv_differs(host: str, fleet: Fleet) -> Iterator[Trouble]:
    asked = {name.partition(":")[0].lower() for name in section(fleet[host], "asked").get("kdcs", [])}
    for name, hosts in sorted(_records(host, fleet).items()):
        foreign = [one for one in hosts if one not in asked]
        if asked and foreign:
            yield Trouble(
                name,
                f"DNS names {', '.join(foreign)} as KDC, which is none of the site's",
                f"{name} leads to {', '.join(hosts)}; kerberos_kdcs has {', '.join(sorted(asked))}",
                "correct the SRV record, or kerberos_kdcs",
                DEGRADED,
            )


def _untold(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = section(fleet[host], "network")
    if found and not found.get("kdcs"):
        yield Trouble(
            "kerberos_kdcs",
            f"{host} knows no KDC to ask",
            "neither the site nor krb5.conf nor DNS names one",
            "set kerberos_kdcs",
            UNTESTED,
        )


CHECKS: Tuple[Check, ...] = (
    Check("network.kdc_none", NETWORK, "nobody gets a ticket here", _none, (*AFFECTED, "network.kdc_unresolved")),
    Check("network.kdc_unresolved", NETWORK, "tickets take seconds, or fail", _unresolved, AFFECTED),
    Check("network.kdc_silent", NETWORK, "tickets take seconds when this KDC is tried first", _silent),
    Check(
        "network.kdc_udp",
        NETWORK,
        "tickets take a second longer each",
        _one_way("udp", "tcp", "clients try UDP first and wait"),
    ),
    Check(
        "network.kdc_tcp",
        NETWORK,
        "users in many groups get no ticket",
        _one_way("tcp", "udp", "answers that are too long for a datagram do not come"),
    ),
    Check("network.kdc_realm", NETWORK, "'not found in Kerberos database' for principals that exist", _realm, AFFECTED),
    Check("network.admin_server", NETWORK, "passwords and keys cannot be changed from here", _admin),
    Check("network.srv_missing", NETWORK, "'Cannot find KDC for realm'", _srv_missing, AFFECTED),
    Check("network.srv_differs", NETWORK, "clients without a kdc in krb5.conf ask a foreign host", _srv_differs),
    Check("network.untold", NETWORK, "nobody knows whether the KDCs answer", _untold),
)
