# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds which keys, from the sections `keytabs` of a fleet's evidence, as both ends of an exchange need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from .doctor import Evidence, Fleet, section
from .enctypes import BY_NAME

# What fails, or is told in logs, where tickets for a service are not made, or not with the keys that its host has
SERVICE_FAILS = (
    "keytab.kvno_behind",
    "keytab.kvno_ahead",
    "keytab.enctype_missing",
    "keytab.key_wrong",
    "keytab.principal_unknown",
    "keytab.principal_locked",
    "keytab.ticket",
    "directory.ticket",
    "login.*",
    "log.*",
)
# What others notice of a KDC that does not answer
KDC_SILENT = (*SERVICE_FAILS, "network.kdc_silent", "network.kdc_udp", "network.kdc_tcp")


@dataclass(frozen=True)
class Held:
    """The keys of one principal in one keytab: enctypes by kvno."""

    path: str
    principal: str
    keys: Dict[int, Tuple[str, ...]]

    @property
    def newest(self) -> int:
        return max(self.keys)


def held(evidence: Evidence) -> List[Held]:
    """The keys in the keytabs of a host that could be read, by file and principal."""
    found: Dict[Tuple[str, str], Dict[int, Tuple[str, ...]]] = {}
    for keytab in section(evidence, "keytabs").get("keytabs") or ():
        for entry in keytab.get("entries") or ():
            keys = found.setdefault((keytab["path"], entry["principal"]), {})
            kvno = int(entry["kvno"])
            keys[kvno] = (*keys.get(kvno, ()), entry["enctype"])
    return [Held(path, principal, keys) for (path, principal), keys in found.items()]


def held_text(proof: Mapping[str, Any]) -> str:
    """The keys that a proof of a keytab found there (KeyProof.as_result), as words of a sentence."""
    return ", ".join(f"kvno {key['kvno']} {key['enctype']}" for key in proof["held"]) or "no key"


def concerned(fleet: Fleet, principal: str) -> Tuple[str, ...]:
    """The hosts that notice what is wrong with a principal: those with its keys, the one it is named for, probers."""
    named = principal.partition("@")[0].partition("/")[2]
    return tuple(
        host
        for host, evidence in sorted(fleet.items())
        if named in (host, section(evidence, "asked").get("host"))
        or section(evidence, "logins")
        or any(one.principal == principal for one in held(evidence))
    )


def everyone(fleet: Fleet) -> Tuple[str, ...]:
    """All hosts, for what nobody of the realm can do without."""
    return tuple(sorted(fleet))


def weak(enctypes: Iterable[str]) -> List[str]:
    """Those enctypes that need allow_weak_crypto or are on their way out."""
    known = [BY_NAME[name] for name in enctypes if name in BY_NAME]
    return [one.name for one in known if one.weak or one.deprecated]


def listed(words: Sequence[object]) -> str:
    """Words of a sentence, or that there are none."""
    return ", ".join(str(word) for word in words) or "none"
