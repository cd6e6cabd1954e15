# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the KDC's database: whether principals exist, may be used, and have the keys that hosts hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, Iterator, Mapping, Optional, Tuple

from .doctor import BROKEN, DATABASE, DEGRADED, Check, Evidence, Fleet, Trouble, section
from .doctor_keys import KDC_SILENT, SERVICE_FAILS, concerned, everyone, listed
from .kadmin_symptoms import DAMAGED, NO_DATABASE, NO_MASTER_KEY, NO_STASH
from .kadmin_time import time_text

SOON = 14 * 86400  # seconds before an end of which is warned
LASTING = 0  # a lockout that only an administrator ends (MIT's lockout.c)
Record = Mapping[str, Any]


def _records(evidence: Evidence) -> Dict[str, Optional[Record]]:
    return dict(section(evidence, "database").get("principals") or {})


def principals_there(evidence: Evidence) -> Iterator[Tuple[str, Record]]:
    for name, record in _records(evidence).items():
        if record is not None:
            yield name, record


def _is_user(host: str, fleet: Fleet, name: str) -> bool:
    """Whether somebody logs in as this principal, for whom password and failed attempts count."""
    return name in (section(fleet[host], "database").get("users") or ())


def _unopened(host: str, fleet: Fleet) -> Iterable[Trouble]:
    found = section(fleet[host], "database")
    if found.get("opens") is False and found.get("kind") not in (NO_STASH, NO_MASTER_KEY):
        kind = found.get("kind")
        yield Trouble(
            "the realm's database",
            {NO_DATABASE: "there is no database", DAMAGED: "the database is damaged"}.get(
                str(kind), "kadmin.local cannot open the database"
            ),
            str(found.get("said", "")),
            "bring it back from the newest copy in kdc_backup_folder (kdb5_util load), or let "
            "mailrealm.kerberos.site make it where there never was one",
            accounts_for=everyone(fleet),
        )


def _missing(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for name, record in _records(fleet[host]).items():
        if record is None:
            yield Trouble(
                name,
                f"the KDC knows no principal {name}",
                f"getprinc {name}: Principal does not exist",
                "run mailrealm.kerberos.site, which makes the fleet's principals and brings their keys to the hosts"
                if not _is_user(host, fleet, name)
                else "name it in kdc_users and run mailrealm.kerberos.site, or correct the user's name",
                accounts_for=concerned(fleet, name),
            )


@dataclass(frozen=True)
class Mark:
    """An attribute that no principal of the fleet should have; with ``of_users`` false, none but users.

    ``command``: what kadmin's modprinc takes against it.
    """

    attribute: str
    cause: str
    command: str
    grade: str = BROKEN
    of_users: bool = True
    spares: Tuple[str, ...] = ()  # beginnings of names that may have it


def _marked(mark: Mark) -> Callable[[str, Fleet], Iterable[Trouble]]:
    def look(host: str, fleet: Fleet) -> Iterable[Trouble]:
        for name, record in principals_there(fleet[host]):
            spared = name.startswith(mark.spares) or (not mark.of_users and _is_user(host, fleet, name))
            if mark.attribute in record["attributes"] and not spared:
                yield Trouble(
                    name,
                    mark.cause.format(name=name),
                    f"attributes of {name}: {listed(record['attributes'])}",
                    f"clear it (module principal, attributes: [{mark.command}], or kadmin.local's modprinc "
                    f"{mark.command} {name})",
                    mark.grade,
                    concerned(fleet, name) if mark.grade == BROKEN else (),
                )

    return look


DISABLED = Mark("-allow_tix", "the KDC gives no tickets to or for {name}", "+allow_tix")
NO_SERVICE = Mark("-allow_svr", "the KDC gives nobody a ticket for {name}", "+allow_svr", of_users=False)
LOCKED_DOWN = Mark(
    "+lockdown_keys",
    "the keys of {name} are locked down, so that kadmind brings them to no keytab",
    "-lockdown_keys",
    DEGRADED,
    spares=("krbtgt/",),
)


def _expired(host: str, fleet: Fleet) -> Iterable[Trouble]:
    now = int(section(fleet[host], "database").get("now", 0))
    for name, record in principals_there(fleet[host]):
        end = record["expires"]
        if end and end <= now + SOON:
            yield Trouble(
                name,
                f"{name} {'expired' if end <= now else 'expires soon'}",
                f"expiration date of {name}: {time_text(end)}, the KDC's time is {time_text(now)}",
                "set `expires: never`, or a later date, for it (module principal; kdc_users where it stands there)",
                BROKEN if end <= now else DEGRADED,
                concerned(fleet, name),
            )


def _password_expired(host: str, fleet: Fleet) -> Iterable[Trouble]:
    now = int(section(fleet[host], "database").get("now", 0))
    for name, record in principals_there(fleet[host]):
        end = record["password_expires"]
        must_change = "+needchange" in record["attributes"]
        if _is_user(host, fleet, name) and (must_change or (end and end <= now + SOON)):
            over = must_change or end <= now
            yield Trouble(
                name,
                f"the password of {name} {'must be changed before it gives a ticket' if over else 'expires soon'}",
                f"password expiration date of {name}: {time_text(end)}, the KDC's time is {time_text(now)}"
                if end
                else f"attributes of {name}: {listed(record['attributes'])}",
                "set `password_expires: never` or a later date, or a new password (module principal; kdc_users where "
                "it stands there)",
                BROKEN if over else DEGRADED,
                concerned(fleet, name),
            )


def _locked(host: str, fleet: Fleet) -> Iterable[Trouble]:
    now = int(section(fleet[host], "database").get("now", 0))
    for name, record in principals_there(fleet[host]):
        most, lockout = record["most_failures"], record["lockout"]
        over = record["failures"] >= most > 0
        if over and (lockout == LASTING or record["last_failure"] + lockout > now):
            until = (
                "until an administrator unlocks it"
                if lockout == LASTING
                else (f"until {time_text(record['last_failure'] + lockout)}")
            )
            yield Trouble(
                name,
                f"{name} is locked {until}, for wrong passwords or wrong keys",
                f"failed attempts of {name}: {record['failures']}, its policy allows {most}",
                f"correct who tries with an old password or keytab, then unlock it (kadmin's modprinc -unlock {name})",
                accounts_for=concerned(fleet, name),
            )


def _no_preauth(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for name, record in principals_there(fleet[host]):
        counts = record["most_failures"] > 0
        if _is_user(host, fleet, name) and counts and "+requires_preauth" not in record["attributes"]:
            yield Trouble(
                name,
                f"anybody may ask the KDC for something to try passwords of {name} on, and its lockout never counts",
                f"attributes of {name}: {listed(record['attributes'])}",
                "add +requires_preauth to its attributes in kdc_users",
                DEGRADED,
            )


def _no_stash(host: str, fleet: Fleet) -> Iterable[Trouble]:
    found = section(fleet[host], "database")
    if found.get("kind") in (NO_STASH, NO_MASTER_KEY):
        yield Trouble(
            "key_stash_file",
            "the master key's stash is missing or wrong, so that the KDC does not start again",
            str(found.get("said", "")),
            "set kdc_master_password and run mailrealm.kerberos.site, which writes the stash (kdb5_util stash)",
            accounts_for=everyone(fleet),
        )


_LOGIN = ("login.*", "log.*")
_BY_NAME = "the KDC says 'not found in Kerberos database' for a user or a service"

CHECKS: Tuple[Check, ...] = (
    Check(
        "database.unopened",
        DATABASE,
        "nobody gets a ticket",
        _unopened,
        (*KDC_SILENT, "kdc.stopped", "running.stopped"),
    ),
    Check(
        "database.stash_missing",
        DATABASE,
        "nobody gets a ticket after the KDC's next start",
        _no_stash,
        (*KDC_SILENT, "kdc.stopped", "running.stopped"),
    ),
    Check("database.principal_missing", DATABASE, _BY_NAME, _missing, SERVICE_FAILS),
    Check(
        "database.disabled",
        DATABASE,
        "a login fails with 'Client's credentials have been revoked' or 'policy rejects request'",
        _marked(DISABLED),
        SERVICE_FAILS,
    ),
    Check(
        "database.no_service_tickets",
        DATABASE,
        "a login fails with 'Server not found' or 'policy rejects request'",
        _marked(NO_SERVICE),
        SERVICE_FAILS,
    ),
    Check(
        "database.expired",
        DATABASE,
        "a login fails with 'Client's entry in database has expired' or 'Service key has expired'",
        _expired,
        SERVICE_FAILS,
    ),
    Check(
        "database.password_expired", DATABASE, "a login fails with 'Password has expired'", _password_expired, _LOGIN
    ),
    Check("database.locked", DATABASE, "a login fails with 'Client's credentials have been revoked'", _locked, _LOGIN),
    Check("database.no_preauth", DATABASE, "nobody sees anything, but passwords can be guessed in peace", _no_preauth),
    Check(
        "database.keys_locked_down",
        DATABASE,
        "a new host does not get the service's keys",
        _marked(LOCKED_DOWN),
    ),
)
