# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The realms that this host's Kerberos configuration names."""

from __future__ import annotations

import os
from typing import Dict, List, Optional, Tuple

from .._domain import profile
from .._domain.kadmin_symptoms import NotThereYet
from .._domain.profile_reading import Reading, readings
from .._domain.refusal import Refusal
from .files import read_state
from .profile_files import IncludedFiles

KRB5_CONF = ("/etc/krb5.conf",)
# Debian, Red Hat, SUSE
KDC_CONF = ("/etc/krb5kdc/kdc.conf", "/var/kerberos/krb5kdc/kdc.conf", "/var/lib/kerberos/krb5kdc/kdc.conf")
DATABASES = ("/var/lib/krb5kdc/principal", "/var/kerberos/krb5kdc/principal", "/var/lib/kerberos/krb5kdc/principal")


def go_by(kdc_conf: str) -> None:
    """Let the programs that this process starts read this kdc.conf and no other.

    NotThereYet where there is none: they would take the built-in places then, of another realm's database perhaps.
    """
    os.environ["KRB5_KDC_PROFILE"] = kdc_conf
    if read_state(kdc_conf).content is None:
        raise NotThereYet(f"kdc_conf: there is no file {kdc_conf} on this host; write it first, or correct the path")


def configured_realms() -> Tuple[Tuple[str, str], ...]:
    """(realm, file) for each realm of [realms] in kdc.conf and krb5.conf; files that cannot be read name none.

    The files are those of E(KRB5_KDC_PROFILE) and E(KRB5_CONFIG), or where distributions put them.
    """
    found: Dict[Tuple[str, str], None] = {}
    for path in (*_paths("KRB5_KDC_PROFILE", KDC_CONF), *_paths("KRB5_CONFIG", KRB5_CONF)):
        found.update(dict.fromkeys((realm, path) for realm in _realms(path)))
    return tuple(found)


def database_path(realm: str, *first: str) -> Optional[str]:
    """Where the configuration says that a realm's database is; None where it says nothing and the built-in place holds.

    As libkdb5 looks: in the realm's [dbmodules] section, then in the realm itself. ``first``: files that count before
    the usual ones.
    """
    found = relations(*first)
    module = found.get(("realms", realm, "database_module"), realm)
    return found.get(("dbmodules", module, "database_name"), found.get(("realms", realm, "database_name")))


def relations(*first: str) -> Dict[Tuple[str, ...], str]:
    """What the host's files say of each relation, by its path, the first value of several.

    ``first``: files that count before the usual ones. What cannot be read says nothing.
    """
    found: Dict[Tuple[str, ...], str] = {}
    for path in (*first, *_paths("KRB5_KDC_PROFILE", KDC_CONF), *_paths("KRB5_CONFIG", KRB5_CONF)):
        for reading in _readings(path):
            found.setdefault(reading.path, reading.value)
    return found


def database_exists(realm: str, kdc_conf: str) -> bool:
    """Whether the realm has a database where ``kdc_conf`` or the host's files say, or where distributions put it."""
    named = database_path(realm, kdc_conf)
    # DB2's file has no ending, LMDB's has .mdb
    return any(os.path.exists(place + ending) for place in ([named] if named else DATABASES) for ending in ("", ".mdb"))


def _paths(variable: str, usual: Tuple[str, ...]) -> List[str]:
    given = os.environ.get(variable)
    return given.split(":") if given else list(usual)


def _realms(path: str) -> List[str]:
    return [one.path[1] for one in _readings(path) if one.path[0] == "realms" and one.path[1:]]


def _readings(path: str) -> List[Reading]:
    try:
        content = read_state(path).content
        parsed = profile.parse((content or b"").decode("utf-8", "replace"), path)
        return list(readings(parsed, path, IncludedFiles()))
    except Refusal:
        return []
