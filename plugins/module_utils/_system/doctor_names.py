# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section ``names``: forward, reverse and canonical names as this host sees them, and what clients here ask for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Dict, List, Tuple

from .._domain.doctor_asked import Asked
from .._domain.host_names import CHECKS
from .._domain.proof import SERVICE_NAMES
from .._domain.service_names import naming_from, principals
from .dns_question import dns_seen, hurry
from .effective_profile import effective_profile
from .seen_names import seen_names


def gather(asked: Asked) -> Dict[str, Any]:
    hurry()
    naming = naming_from(effective_profile(asked.krb5_conf).relations)
    seen = seen_names(asked.host, asked.aliases, asked.realm or None, naming, ask_dns=dns_seen)
    lookups = [seen.host, *seen.aliases]
    found: Dict[str, Any] = {
        "host": asdict(seen.host),
        "aliases": [asdict(one) for one in seen.aliases],
        "reverse": dict(seen.reverse),
        "naming": {"dns_canonicalize_hostname": seen.naming.canonicalize, "rdns": seen.naming.rdns},
        "problems": {name: [asdict(one) for one in check(seen)] for name, check in CHECKS.items()},
        "principals": principals(lookups, _services(asked), seen.naming, asked.realm or None),
        "dns": {"untested": seen.dns.error} if seen.dns and seen.dns.error else {},
    }
    return found


def _services(asked: Asked) -> List[str]:
    """The service names of GSS-API under which clients ask for this host."""
    names: Tuple[str, ...] = tuple(SERVICE_NAMES[one.protocol] for one in asked.services)
    return list(dict.fromkeys(names))
