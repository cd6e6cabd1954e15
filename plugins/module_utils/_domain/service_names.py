# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service principal that a client library asks for when a user names a host.

MIT: src/lib/krb5/os/sn2princ.c. Heimdal: lib/krb5/sock_principal.c and expand_hostname.c, which never ask for the
reverse. Java: sun.security.krb5.PrincipalName, which takes the canonical name only where it completes a short
one. Windows takes the name as the application gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from .profile_reading import Path, Reading, is_true

Effective = Mapping[Path, Sequence[Reading]]


@dataclass(frozen=True)
class Naming:
    """What krb5.conf says about names: the values that libkrb5 uses, its defaults where nothing is set.

    ``canonicalize`` is true, false or fallback (as given first, canonical only if the KDC knows no such principal).
    """

    canonicalize: str = "true"
    rdns: bool = True
    default_realm: Optional[str] = None
    realms: Tuple[Tuple[str, str], ...] = ()  # [domain_realm]


@dataclass(frozen=True)
class Lookup:
    """What the host's name service says of a name: addresses and canonical name, or the error. ``reversed_name``
    is the name of the first address, None where it has none."""

    name: str
    addresses: Tuple[str, ...] = ()
    canonical: Optional[str] = None
    reversed_name: Optional[str] = None
    error: Optional[str] = None


def naming_from(effective: Effective) -> Naming:
    """What the relations of a krb5.conf (see profile_reading.by_path) say about names."""
    canonicalize = (_first(effective, "dns_canonicalize_hostname") or "true").lower()
    rdns = _first(effective, "rdns")
    return Naming(
        canonicalize if canonicalize == "fallback" else _boolean(canonicalize),
        rdns is None or is_true(rdns),
        _first(effective, "default_realm"),
        tuple(
            (path[1], read[0].value) for path, read in effective.items() if len(path) == 2 and path[0] == "domain_realm"
        ),
    )


def _first(effective: Effective, relation: str) -> Optional[str]:
    found = effective.get(("libdefaults", relation))
    return found[0].value if found else None


def _boolean(text: str) -> str:
    return "true" if is_true(text) else "false"


def realm_of(host: str, naming: Naming) -> Optional[str]:
    """The realm that [domain_realm] gives a host: its own line, then those of its domains, with the dot first
    (hostrealm_profile.c); else the default realm. A name in capitals there matches no host."""
    realms = dict(naming.realms)
    labels = host.lower().split(".")
    candidates = [host.lower()]
    for at in range(1, len(labels)):
        domain = ".".join(labels[at:])
        candidates += ["." + domain, domain]
    return next((realms[name] for name in candidates if name in realms), naming.default_realm)


def _mit(lookup: Lookup, naming: Naming) -> str:
    if naming.canonicalize != "true" or lookup.canonical is None:
        return lookup.name
    return (lookup.reversed_name if naming.rdns else None) or lookup.canonical


def _heimdal(lookup: Lookup, naming: Naming) -> str:
    return lookup.canonical if naming.canonicalize == "true" and lookup.canonical else lookup.name


def _java(lookup: Lookup, dummy: Naming) -> str:
    longer = lookup.reversed_name or ""
    return longer if longer.lower().startswith(lookup.name.lower() + ".") else lookup.name


def _windows(lookup: Lookup, dummy: Naming) -> str:
    return lookup.name


CLIENTS: Dict[str, Callable[[Lookup, Naming], str]] = {
    "mit": _mit,
    "heimdal": _heimdal,
    "java": _java,
    "windows": _windows,
}


def asked_host(client: str, lookup: Lookup, naming: Naming) -> str:
    """The host name that ``client`` (a key of CLIENTS) puts into the principal."""
    return CLIENTS[client](lookup, naming).rstrip(".").lower()


def principals(
    lookups: Sequence[Lookup], services: Sequence[str], naming: Naming, realm: Optional[str]
) -> List[Dict[str, str]]:
    """For each name and service what each client library asks for; without a realm where none is known."""
    return [
        {
            "name": lookup.name,
            "service": service,
            **{client: _principal(service, asked_host(client, lookup, naming), naming, realm) for client in CLIENTS},
        }
        for lookup in lookups
        for service in services
    ]


def _principal(service: str, host: str, naming: Naming, realm: Optional[str]) -> str:
    found = realm or realm_of(host, naming)
    return f"{service}/{host}@{found}" if found else f"{service}/{host}"
