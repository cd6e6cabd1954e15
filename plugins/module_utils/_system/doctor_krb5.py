# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section ``krb5``: what libkrb5 reads on this host once all includes are read, and what keeps it from reading."""

from __future__ import annotations

import os
import stat
from typing import Any, Dict, List, Optional

from .._domain.doctor_asked import Asked
from .._domain.profile_reading import Reading, is_true
from .._domain.service_names import naming_from, realm_of
from .effective_profile import EffectiveProfile, effective_profile
from .libkrb5 import profile_error
from .user_rights import RightsRefusal, check_readable

LISTED = ("permitted_enctypes", "default_tkt_enctypes", "default_tgs_enctypes")


def gather(asked: Asked) -> Dict[str, Any]:
    profile = effective_profile(asked.krb5_conf)
    naming = naming_from(profile.relations)
    return {
        "path": asked.krb5_conf,
        "damaged": "; ".join(profile.damaged),
        "there": all(map(os.path.lexists, asked.krb5_conf.split(":"))),
        "libkrb5": profile_error(asked.krb5_conf),
        "sources": list(profile.sources),
        "problems": list(profile.problems),
        "default_realm": profile.first("libdefaults", "default_realm"),
        "kdcs": profile.values("realms", asked.realm, "kdc"),
        "looks_up_kdcs": is_true(profile.first("libdefaults", "dns_lookup_kdc") or "true"),
        "realm_of": {name: realm_of(name, naming) for name in (asked.host, *asked.aliases)},
        "mapped_by": {name: _mapped_by(name, profile) for name in (asked.host, *asked.aliases)},
        "enctypes": {name: told for name in LISTED for told in [_shown(profile, name)] if told},
        "allow_weak_crypto": is_true(profile.first("libdefaults", "allow_weak_crypto") or "false"),
        "repeated": _repeated(profile),
        "unreadable": _unreadable(profile, asked),
    }


def _shown(profile: EffectiveProfile, name: str) -> Optional[Dict[str, Any]]:
    """The value of a relation of [libdefaults] that counts, with the file and line where it stands."""
    for one in profile.relations.get(("libdefaults", name), []):
        if one.behind is None or not one.behind.always:
            return {"value": one.value, "where": _where(one)}
    return None


def _where(reading: Reading) -> str:
    return f"{reading.source} line {reading.line}"


def _mapped_by(host: str, profile: EffectiveProfile) -> str:
    """The line of [domain_realm] that decides for a host; empty where the default realm does."""
    labels = host.lower().split(".")
    candidates = [host.lower()]
    for at in range(1, len(labels)):
        domain = ".".join(labels[at:])
        candidates += ["." + domain, domain]
    for name in candidates:
        for one in profile.relations.get(("domain_realm", name), []):
            return f"{name} = {one.value} ({_where(one)})"
    return ""


def _repeated(profile: EffectiveProfile) -> List[str]:
    """Relations of [libdefaults] that a second place sets otherwise, and in vain: libkrb5 uses the first."""
    found = []
    for path, read in profile.relations.items():
        if path[0] == "libdefaults" and len({one.value for one in read}) > 1:
            first = read[0]
            others = ", ".join(f"{one.value} ({_where(one)})" for one in read[1:] if one.value != first.value)
            found.append(f"{path[-1]} = {first.value} ({_where(first)}) hides {others}")
    return found


def _unreadable(profile: EffectiveProfile, asked: Asked) -> List[Dict[str, str]]:
    """The files that a service's user may not read. Only as root can one become another user."""
    if os.geteuid() != 0:
        return []
    users = sorted({keytab.user for keytab in asked.keytabs})
    return [
        {"path": path, "user": user, "mode": f"{stat.S_IMODE(os.stat(path).st_mode):04o}"}
        for path in profile.sources
        for user in users
        if not _may_read(path, user)
    ]


def _may_read(path: str, user: str) -> bool:
    try:
        check_readable(path, user)
    except RightsRefusal as refusal:
        return "is no user" in str(refusal)  # the section keytabs says so
    return True
