# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at a host's names as a part of a module's task: options, and what it tells."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Dict, List, Mapping, Sequence

from .._domain.host_names import CHECKS, foreseen, problems
from .._domain.hosts_file import entries_from
from .._domain.service_names import principals
from .._system.default_route import default_address
from .._system.files import read_state
from .._system.seen_names import naming_of, seen_names

ARGUMENTS: Dict[str, Any] = {
    "host": {"type": "str"},
    "aliases": {"type": "list", "elements": "str", "default": []},
    "services": {"type": "list", "elements": "str", "default": ["host"]},
    "realm": {"type": "str"},
    "expect": {"type": "list", "elements": "str", "choices": list(CHECKS), "default": list(CHECKS)},
    "hosts_entries": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "address": {"type": "str", "default": ""},
            "names": {"type": "list", "elements": "str", "required": True},
        },
    },
    "hosts_file": {"type": "path", "default": "/etc/hosts"},
    "krb5_conf": {"type": "path", "default": "/etc/krb5.conf"},
}


def look_at_names(params: Mapping[str, Any]) -> Dict[str, Any]:
    """What the module returns; Refusal where files cannot be read or the entries are none."""
    path = params["hosts_file"]
    entries = entries_from(_addressed(params["hosts_entries"]), "hosts_entries")
    text = (read_state(path).content or b"").decode("utf-8", "surrogateescape")
    seen = seen_names(params["host"], params["aliases"], params["realm"], naming_of(params["krb5_conf"]), path)
    seen = foreseen(seen, text, entries)
    naming = seen.naming
    found = problems(seen, params["expect"])
    known = {one.name.lower() for one in (seen.host, *seen.aliases)}
    return {
        "host": asdict(seen.host),
        "aliases": [asdict(alias) for alias in seen.aliases],
        "reverse": dict(seen.reverse),
        "hosts_file": [
            asdict(one)
            for one in seen.hosts
            if one.address in seen.host.addresses or known & {name.lower() for name in one.names}
        ],
        "dns": asdict(seen.dns) if seen.dns else None,
        "naming": {"dns_canonicalize_hostname": naming.canonicalize, "rdns": naming.rdns},
        "principals": principals([seen.host, *seen.aliases], params["services"], naming, params["realm"]),
        "problems": [asdict(problem) for problem in found],
        "sentences": [f"{problem.where}: {problem.what}; {problem.remedy}." for problem in found],
    }


def _addressed(entries: Sequence[Mapping[str, Any]]) -> List[Mapping[str, Any]]:
    """The entries, those without an address under that of the default route, or left out where there is none."""
    addressed = [{**one, "address": one["address"] or default_address()} for one in entries]
    return [one for one in addressed if one["address"]]
