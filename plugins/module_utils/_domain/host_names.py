# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a host's names for Kerberos, from what the host itself sees of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from .hosts_file import HostEntry, Standing, is_loopback, plan, standings
from .service_names import Lookup, Naming, asked_host


@dataclass(frozen=True)
class DnsView:
    """What DNS alone says, past /etc/hosts: addresses by name, PTR names by address, SRV and TXT answers by name.

    ``error`` says why there is no answer at all.
    """

    addresses: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)
    pointers: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)
    records: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)
    error: Optional[str] = None


@dataclass(frozen=True)
class Seen:
    """All evidence of one host. ``reverse`` is the name service's answer, by address; ``dns`` is None where
    the host has no dnspython."""

    host: Lookup
    aliases: Tuple[Lookup, ...]
    reverse: Mapping[str, Optional[str]]
    hosts_path: str
    hosts: Tuple[Standing, ...]
    naming: Naming
    dns: Optional[DnsView] = None


@dataclass(frozen=True)
class Problem:
    """What is wrong, where it stands and how to mend it: a sentence in three parts."""

    what: str
    where: str
    remedy: str


def foreseen(seen: Seen, text: str, entries: Sequence[HostEntry]) -> Seen:
    """``seen`` as it will be once ``entries`` are in the hosts file that holds ``text`` now.

    The C library asks that file before DNS, so what stands there is what the host will see.
    """
    planned = plan(text.encode("utf-8", "surrogateescape"), entries, seen.hosts_path)
    if planned.content == text.encode("utf-8", "surrogateescape"):
        return seen
    there = tuple(standings(planned.content.decode("utf-8", "surrogateescape")))
    names = {name for entry in entries for name in entry.keys}
    reverse = dict(seen.reverse)
    reverse.update({str(entry.address): entry.names[0] for entry in entries})

    def again(lookup: Lookup) -> Lookup:
        if lookup.name.lower() not in names:
            return lookup
        lines = [one for one in there if lookup.name.lower() in {name.lower() for name in one.names}]
        return Lookup(lookup.name, tuple(one.address for one in lines), lines[0].names[0], lines[0].names[0])

    return replace(seen, host=again(seen.host), aliases=tuple(map(again, seen.aliases)), reverse=reverse, hosts=there)


def _forward(seen: Seen) -> List[Problem]:
    host = seen.host
    if not host.addresses:
        return [
            Problem(
                f"{host.name} has no address ({host.error or 'no answer'})",
                "the host's name service (DNS and /etc/hosts)",
                f"add an A or AAAA record for {host.name}, or a line in {seen.hosts_path}",
            )
        ]
    loopback = [address for address in host.addresses if is_loopback(address)]
    if not loopback or _on_loopback(seen):
        return []
    return [
        Problem(
            f"{host.name} resolves to {', '.join(loopback)}, where no other host finds it",
            "DNS or another source of /etc/nsswitch.conf",
            f"give {host.name} its real address there",
        )
    ]


def _on_loopback(seen: Seen) -> List[Standing]:
    return [one for one in seen.hosts if is_loopback(one.address) and _names(one, seen.host.name)]


def _names(standing: Standing, name: str) -> bool:
    return name.lower() in {one.lower() for one in standing.names}


def _hosts_file(seen: Seen) -> List[Problem]:
    name = seen.host.name
    found = [
        Problem(
            f"{name} stands on {one.address}, so this host finds itself under an address that no other host uses",
            f"{seen.hosts_path} line {one.line}",
            f"move {name} to the line of its real address (mailrealm.kerberos.hosts_file does it)",
        )
        for one in _on_loopback(seen)
    ]
    first: Dict[str, Standing] = {}
    for one in seen.hosts:
        first.setdefault(one.address, one)
    for one in seen.hosts:
        leading = first[one.address]
        if _names(one, name) and not is_loopback(one.address) and leading.names[0].lower() != name.lower():
            found.append(
                Problem(
                    f"{one.address} is called {leading.names[0]} before {name}",
                    f"{seen.hosts_path} line {leading.line}",
                    f"write {name} first on the first line of {one.address}",
                )
            )
    return found


def _canonical(seen: Seen) -> List[Problem]:
    host = seen.host
    if "." not in host.name:
        return [
            Problem(
                f"{host.name} is not a fully qualified name",
                "the option host, or this host's own name",
                f"write {host.name} with its domain (hostnamectl set-hostname, or the option)",
            )
        ]
    if host.canonical is None or _same(host.canonical, host.name) or _hosts_file(seen):
        return []
    return [
        Problem(
            f"the canonical name of {host.name} is {host.canonical}; with dns_canonicalize_hostname = "
            f"{seen.naming.canonicalize}, MIT clients here ask for {asked_host('mit', host, seen.naming)}'s principal",
            "the host's name service (a CNAME record, or the first name of a line in /etc/hosts)",
            f"use {host.canonical} as this host's name, or give {host.name} an address record of its own",
        )
    ]


def _reverse(seen: Seen) -> List[Problem]:
    """DNS is asked past /etc/hosts where it knows the name at all, as other hosts have no such file."""
    name, addresses = seen.host.name, seen.host.addresses
    pointers: Mapping[str, Tuple[str, ...]] = {
        address: (answer,) if answer else () for address, answer in seen.reverse.items()
    }
    where = "the host's name service (DNS and /etc/hosts)"
    if seen.dns is not None and seen.dns.addresses.get(name):
        addresses, pointers, where = seen.dns.addresses[name], seen.dns.pointers, "DNS"
    missing = []
    for address in addresses:
        answer = pointers.get(address, ())
        if is_loopback(address) or any(_same(one, name) for one in answer):
            continue
        what = f"the PTR record of {address} is {', '.join(answer)}, not {name}"
        if not answer:
            what = f"{address} has no PTR record"
        effect = _effect(seen.naming, bool(answer))
        missing.append(Problem(f"{what}; {effect}", where, f"set the PTR record of {address} to {name}"))
    return missing


def _effect(naming: Naming, differs: bool) -> str:
    """What the krb5.conf of this host makes of a PTR record that is missing or wrong."""
    if naming.canonicalize == "false" or not naming.rdns:
        return "this host's krb5.conf does not ask for it, clients with rdns = true do"
    if naming.canonicalize == "fallback":
        return "this host's krb5.conf asks for it when the KDC does not know the first name"
    if differs:
        return "with rdns = true in this host's krb5.conf, clients here ask for a principal of that name"
    return "with rdns = true in this host's krb5.conf, clients here wait for an answer and use the forward name"


def _aliases(seen: Seen) -> List[Problem]:
    return [
        Problem(
            f"the alias {alias.name} has no address ({alias.error or 'no answer'})",
            "the host's name service (DNS and /etc/hosts)",
            f"add an A, AAAA or CNAME record for {alias.name}, or take it from the aliases",
        )
        for alias in seen.aliases
        if not alias.addresses
    ]


def _same(one: str, other: str) -> bool:
    return one.rstrip(".").lower() == other.rstrip(".").lower()


CHECKS: Dict[str, Callable[[Seen], List[Problem]]] = {
    "forward": _forward,
    "hosts_file": _hosts_file,
    "canonical": _canonical,
    "reverse": _reverse,
    "aliases": _aliases,
}


def problems(seen: Seen, expect: Sequence[str]) -> List[Problem]:
    """What of ``expect`` (keys of CHECKS) does not hold, in the order of CHECKS."""
    return [problem for name, check in CHECKS.items() if name in expect for problem in check(seen)]
