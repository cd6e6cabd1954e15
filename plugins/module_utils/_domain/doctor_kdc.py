# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a KDC as it runs: its programs, ports and files, and the age of a replica's database."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Tuple

from .doctor import BROKEN, DATABASE, DEGRADED, UNTESTED, Check, Fleet, Trouble, section
from .doctor_keys import KDC_SILENT, everyone, listed, weak
from .enctype_list import read_enctype_list
from .enctypes import enctype_name
from .kadmin_time import TimeRefusal, duration_text, parse_duration

LATE = 3  # intervals after which a replica's database is old: one may have been missed, and one is just due
INTERVAL = 300  # seconds, where none is told
SITE = "run mailrealm.kerberos.site"


def _found(host: str, fleet: Fleet) -> Mapping[str, Any]:
    return section(fleet[host], "kdc")


def _unit_down(
    host: str, fleet: Fleet, name: str, what: str, grade: str, accounts_for: Tuple[str, ...]
) -> Iterable[Trouble]:
    unit = (_found(host, fleet).get("units") or {}).get(name)
    if unit and not unit["running"]:
        yield Trouble(
            unit["name"],
            f"{what} does not run{', and is masked' if unit['masked'] else ''}",
            f"systemctl show {unit['name']}: {'masked' if unit['masked'] else 'not running'}",
            f"start it (systemctl {'unmask' if unit['masked'] else 'start'} {unit['name']}) or {SITE}; `journalctl -u "
            f"{unit['name']}` says why it stopped",
            grade,
            accounts_for,
        )


def _is_replica(host: str, fleet: Fleet) -> bool:
    return "kdc_replica" in (section(fleet[host], "asked").get("products") or ())


def _others_serve(host: str, fleet: Fleet) -> bool:
    """Whether another KDC of the fleet runs, so that tickets are still to be had."""
    return any(
        other != host and ((section(evidence, "kdc").get("units") or {}).get("kdc") or {}).get("running")
        for other, evidence in fleet.items()
    )


def _stopped(host: str, fleet: Fleet) -> Iterable[Trouble]:
    grade = DEGRADED if _others_serve(host, fleet) else BROKEN
    yield from _unit_down(host, fleet, "kdc", "the KDC", grade, everyone(fleet))


def _admin_stopped(host: str, fleet: Fleet) -> Iterable[Trouble]:
    if not _is_replica(host, fleet):
        yield from _unit_down(host, fleet, "admin", "the admin server (kadmind)", DEGRADED, everyone(fleet))


def _receiver_stopped(host: str, fleet: Fleet) -> Iterable[Trouble]:
    if _is_replica(host, fleet):
        yield from _unit_down(host, fleet, "receiver", "the receiver of the database (kpropd)", DEGRADED, ())


def _port_closed(host: str, fleet: Fleet) -> Iterable[Trouble]:
    found = _found(host, fleet)
    units = found.get("units") or {}
    for port in found.get("ports") or ():
        unit = units.get(port["of"])
        if unit and unit["running"] and not port["open"]:
            name = f"{port['port']}/{port['protocol']}"
            of_kdc = port["of"] == "kdc"
            yield Trouble(
                name,
                f"{unit['name']} runs, but nothing listens on {name}, which kdc.conf names",
                f"/proc/net/{port['protocol']}: no socket at {port['port']}",
                f"restart {unit['name']}, see that no other program holds the port, and look at kdc_ports and "
                "kdc_admin_port",
                BROKEN if of_kdc and not _others_serve(host, fleet) else DEGRADED,
                everyone(fleet) if of_kdc else (),
            )


def _stash(host: str, fleet: Fleet) -> Iterable[Trouble]:
    stash = _found(host, fleet).get("stash") or {}
    if stash.get("exists") is False or stash.get("size") == 0:
        yield Trouble(
            stash["path"],
            "the stash of the master key is not there, so that the KDC does not start again",
            f"{stash['path']}: {stash.get('said') or 'empty'}",
            f"set kdc_master_password and {SITE}, which writes it (kdb5_util stash)",
            DEGRADED if _running(host, fleet) else BROKEN,
            everyone(fleet),
        )


def _running(host: str, fleet: Fleet) -> bool:
    return bool(((_found(host, fleet).get("units") or {}).get("kdc") or {}).get("running"))


def _stash_bare(host: str, fleet: Fleet) -> Iterable[Trouble]:
    stash = _found(host, fleet).get("stash") or {}
    if stash.get("exists") and (stash["owner"] != "root" or int(stash["mode"], 8) & 0o077):
        yield Trouble(
            stash["path"],
            "others than root may read the realm's master key",
            f"{stash['path']}: owner {stash['owner']}, mode {stash['mode']}",
            f"chown root and chmod 0600 {stash['path']}, and think of the keys as known to those who could read it",
            DEGRADED,
        )


def _acl(host: str, fleet: Fleet) -> Iterable[Trouble]:
    acl = _found(host, fleet).get("acl") or {}
    if acl.get("exists") is False and not _is_replica(host, fleet):
        yield Trouble(
            acl["path"],
            "the list of administrators is not there, so that kadmind does not start and lets nobody in",
            f"{acl['path']}: {acl.get('said')}",
            f"{SITE} with --tags configure --limit the KDC, which writes kdc_acl to it",
            DEGRADED,
        )


def _interval(found: Mapping[str, Any]) -> int:
    try:
        return parse_duration(str(found.get("interval") or ""), "kdc_propagation_interval") or INTERVAL
    except TimeRefusal:
        return INTERVAL


def _replica_old(host: str, fleet: Fleet) -> Iterable[Trouble]:
    """By the primary's word of what it sent, and by the replica's of what it received."""
    found = _found(host, fleet)
    most = LATE * _interval(found)
    if _is_replica(host, fleet) and "age" in found:
        yield from _old(host, found["age"], most, f"{host} received its database")
    for name, age in (found.get("replicas") or {}).items():
        if name not in fleet:
            yield from _old(name, age, most, f"the database was sent to {name}")


def _old(replica: str, age: Any, most: int, what: str) -> Iterable[Trouble]:
    if age is None or age > most:
        told = "never, as far as its files tell" if age is None else f"{duration_text(age)} ago"
        yield Trouble(
            f"the database of {replica}",
            "the replica's database is old, and it knows neither new keys nor new principals",
            f"{what} {told}; expected every {duration_text(most // LATE)}",
            "see `systemctl status krb5-prop.timer krb5-prop` on the primary, kpropd on the replica and kpropd.acl; "
            f"{SITE} sets all of it",
            DEGRADED,
            (replica,),
        )


def _sender_unknown(host: str, fleet: Fleet) -> Iterable[Trouble]:
    found = _found(host, fleet)
    wanted, senders = found.get("wanted_sender"), found.get("senders")
    if _is_replica(host, fleet) and wanted and wanted not in (senders or ()):
        yield Trouble(
            "kpropd.acl",
            f"the replica takes no database from {wanted}",
            f"kpropd.acl: {'is not there' if senders is None else listed(senders)}",
            f"{SITE} with --limit {host}, which writes it",
            DEGRADED,
        )


def _weak(host: str, fleet: Fleet) -> Iterable[Trouble]:
    found = _found(host, fleet)
    numbers, unknown = read_enctype_list(str(found.get("enctypes") or ""))
    wanted = {word.partition(":")[0] for word in found.get("wanted_enctypes") or ()}
    unwanted = [name for name in weak(map(enctype_name, numbers)) if name not in wanted]
    if unwanted:
        yield Trouble(
            "supported_enctypes in kdc.conf",
            f"new keys are made of types that clients no longer take ({listed(unwanted)})",
            f"supported_enctypes = {found['enctypes']}",
            f"{SITE}, which writes the types of kerberos_enctype_policy",
            DEGRADED,
        )
    if unknown:
        yield Trouble(
            "supported_enctypes in kdc.conf",
            f"nobody knows {listed(unknown)}, which MIT passes over in silence",
            f"supported_enctypes = {found['enctypes']}",
            f"correct the name, or {SITE}, which writes the types of kerberos_enctype_policy",
            DEGRADED,
        )


def _log(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for log in _found(host, fleet).get("logs") or ():
        if log["fault"]:
            yield Trouble(
                log["path"],
                f"{log['unit']} cannot write its log, so that nobody is told why tickets are refused",
                f"{log['path']}: {log['fault']}",
                "leave [logging] to the role (kdc_logging), which logs by syslog where the unit sees / read-only",
                DEGRADED,
            )


def _untold(host: str, fleet: Fleet) -> Iterable[Trouble]:
    units = _found(host, fleet).get("units")
    if units is not None and units.get("kdc") is None:
        yield Trouble(
            "krb5-kdc",
            "no unit of a KDC is known on this host",
            "systemctl show: no unit of the names of Debian, Red Hat and SUSE is installed",
            f"{SITE}, which installs it, or take the host out of the group kerberos_kdc",
            UNTESTED,
        )


CHECKS: Tuple[Check, ...] = (
    Check(
        "kdc.stopped",
        DATABASE,
        "nobody gets a ticket from this KDC",
        _stopped,
        (*KDC_SILENT, "running.stopped"),
    ),
    Check(
        "kdc.port_closed",
        DATABASE,
        "clients wait for this KDC or get no ticket",
        _port_closed,
        KDC_SILENT,
    ),
    Check(
        "kdc.stash_missing",
        DATABASE,
        "nobody gets a ticket after the KDC's next start",
        _stash,
        ("database.stash_missing", "database.unopened", "kdc.stopped"),
    ),
    Check("kdc.stash_readable", DATABASE, "nobody sees anything, but the realm's keys can be stolen", _stash_bare),
    Check(
        "kdc.admin_stopped",
        DATABASE,
        "kadmin and password changes fail",
        _admin_stopped,
        ("network.admin_server", "running.stopped"),
    ),
    Check(
        "kdc.acl_missing",
        DATABASE,
        "kadmin says 'Operation requires privilege', or kadmind does not start",
        _acl,
        ("kdc.admin_stopped", "network.admin_server"),
    ),
    Check(
        "kdc.receiver_stopped",
        DATABASE,
        "this replica's database gets old",
        _receiver_stopped,
        ("kdc.replica_old", "running.stopped"),
    ),
    Check("kdc.sender_unknown", DATABASE, "this replica's database gets old", _sender_unknown, ("kdc.replica_old",)),
    Check("kdc.replica_old", DATABASE, "logins with new keys or by new users fail now and then", _replica_old),
    Check("kdc.weak_enctypes", DATABASE, "new clients refuse new keys", _weak),
    Check("kdc.log_unwritable", DATABASE, "the KDC's log stays empty", _log),
    Check("kdc.unknown", DATABASE, "nobody knows whether this KDC answers", _untold),
)
