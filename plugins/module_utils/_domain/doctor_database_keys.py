# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the KDC's keys against those in the hosts' keytabs: both ends of an exchange."""

from __future__ import annotations

from typing import Dict, Iterable, Tuple

from .doctor import DATABASE, DEGRADED, KEYTAB, Check, Fleet, Trouble
from .doctor_database import Record, principals_there
from .doctor_keys import SERVICE_FAILS, concerned, held, listed, weak

REBUILD = "run mailrealm.kerberos.site with --tags keytab, so that the KDC's present keys are brought to the host"


def _no_keys(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for name, record in principals_there(fleet[host]):
        if not record["enctypes"]:
            yield Trouble(
                name,
                f"{name} has no key, so that the KDC can make no ticket for it",
                f"keys of {name}: none",
                "give it a key (module principal, update_password or rekey), and bring it to the hosts by "
                "mailrealm.kerberos.site",
                accounts_for=concerned(fleet, name),
            )


def _weak_keys(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for name, record in principals_there(fleet[host]):
        enctypes = record["enctypes"]
        if enctypes and len(weak(enctypes)) == len(enctypes):
            yield Trouble(
                name,
                f"{name} has no keys but of types that clients no longer take",
                f"keys of {name}: {listed(enctypes)}",
                "set kerberos_rekey: when_enctypes_differ and run mailrealm.kerberos.site, which gives new keys "
                "without an outage",
                DEGRADED,
                concerned(fleet, name),
            )


def _of_the_kdc(fleet: Fleet) -> Dict[str, Tuple[str, Record]]:
    """Each principal that exists, with the KDC that says so."""
    return {
        name: (kdc, record) for kdc, evidence in sorted(fleet.items()) for name, record in principals_there(evidence)
    }


def _kvno_differs(host: str, fleet: Fleet) -> Iterable[Trouble]:
    known = _of_the_kdc(fleet)
    for one in held(fleet[host]):
        kdc, record = known.get(one.principal, ("", {}))
        if record and record["enctypes"] and record["kvno"] not in one.keys:
            behind = one.newest < record["kvno"]
            yield Trouble(
                f"{one.principal} in {one.path}",
                f"{one.path} has {'old' if behind else 'other'} keys of {one.principal}: the KDC makes tickets with "
                f"kvno {record['kvno']}",
                f"{one.path}: kvno {listed(sorted(one.keys))}; the database of {kdc}: kvno {record['kvno']}",
                REBUILD if behind else f"{REBUILD}; see also whether the KDC's database is an old copy",
                accounts_for=concerned(fleet, one.principal),
            )


def _enctypes_differ(host: str, fleet: Fleet) -> Iterable[Trouble]:
    known = _of_the_kdc(fleet)
    for one in held(fleet[host]):
        kdc, record = known.get(one.principal, ("", {}))
        here = one.keys.get(record["kvno"], ()) if record else ()
        # The KDC takes the first of its newest keys (krb5_dbe_find_enctype)
        if here and record["enctypes"] and record["enctypes"][0] not in here:
            yield Trouble(
                f"{one.principal} in {one.path}",
                f"{one.path} lacks the key that the KDC makes tickets for {one.principal} with",
                f"{one.path}: {listed(here)}; the database of {kdc}: {listed(record['enctypes'])}",
                f"{REBUILD}; see that keytab_enctypes names {record['enctypes'][0]} too, or is left empty",
                accounts_for=concerned(fleet, one.principal),
            )


CHECKS: Tuple[Check, ...] = (
    Check(
        "database.no_keys",
        DATABASE,
        "a login fails with 'KDC has no support for encryption type'",
        _no_keys,
        SERVICE_FAILS,
    ),
    Check(
        "database.kvno_differs",
        KEYTAB,
        "the service says 'Wrong principal' or 'kvno not found'",
        _kvno_differs,
        SERVICE_FAILS,
    ),
    Check(
        "database.enctypes_differ",
        KEYTAB,
        "the service says that it finds no key of the ticket's type",
        _enctypes_differ,
        SERVICE_FAILS,
    ),
    Check(
        "database.weak_keys",
        DATABASE,
        "new clients say 'KDC has no support for encryption type'",
        _weak_keys,
        SERVICE_FAILS,
    ),
)
