# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a host's names: what Kerberos clients make service principals of."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Tuple

from .doctor import BROKEN, DEGRADED, NAMES, UNTESTED, Check, Fleet, Trouble, section
from .hosts_file import is_loopback

AFFECTED = ("login.*", "log.*", "names.principal")
LIBRARIES = {"mit": "MIT Kerberos", "heimdal": "Heimdal", "java": "Java"}

Look = Callable[[str, Fleet], Iterable[Trouble]]


def _problems(host: str, fleet: Fleet, *kinds: str) -> List[Mapping[str, str]]:
    found = section(fleet[host], "names").get("problems", {})
    return [problem for kind in kinds for problem in found.get(kind, [])]


def _name(host: str, fleet: Fleet) -> str:
    return str(section(fleet[host], "names").get("host", {}).get("name", host))


def _trouble(subject: str, problem: Mapping[str, str], grade: str = BROKEN) -> Trouble:
    return Trouble(subject, problem["what"], f"seen in {problem['where']}", problem["remedy"], grade)


def _no_address(host: str, fleet: Fleet) -> Iterator[Trouble]:
    if not section(fleet[host], "names").get("host", {"addresses": [""]})["addresses"]:
        for problem in _problems(host, fleet, "forward"):
            yield _trouble(_name(host, fleet), problem)


def _loopback(host: str, fleet: Fleet) -> Iterator[Trouble]:
    addresses = section(fleet[host], "names").get("host", {}).get("addresses", [])
    if any(map(is_loopback, addresses)):
        for problem in _problems(host, fleet, "forward", "hosts_file"):
            yield _trouble(_name(host, fleet), problem)


def _hosts_file(host: str, fleet: Fleet) -> Iterator[Trouble]:
    addresses = section(fleet[host], "names").get("host", {}).get("addresses", [])
    if not any(map(is_loopback, addresses)):
        for problem in _problems(host, fleet, "hosts_file"):
            yield _trouble(_name(host, fleet), problem)


def _canonical(host: str, fleet: Fleet) -> Iterator[Trouble]:
    canonicalizes = section(fleet[host], "names").get("naming", {}).get("dns_canonicalize_hostname") == "true"
    for problem in _problems(host, fleet, "canonical"):
        yield _trouble(_name(host, fleet), problem, BROKEN if canonicalizes else DEGRADED)


def _reverse(missing: bool) -> Look:
    def look(host: str, fleet: Fleet) -> Iterator[Trouble]:
        naming = section(fleet[host], "names").get("naming", {})
        # A pointer that is missing costs time; one to another name costs the login of clients that ask for it.
        asks = naming.get("rdns") and naming.get("dns_canonicalize_hostname") == "true" and not missing
        for problem in _problems(host, fleet, "reverse"):
            if ("has no PTR record" in problem["what"]) == missing:
                yield _trouble(_name(host, fleet), problem, BROKEN if asks else DEGRADED)

    return look


def _alias(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for alias in section(fleet[host], "names").get("aliases", []):
        if not alias["addresses"]:
            for problem in _problems(host, fleet, "aliases"):
                if f" {alias['name']} " in problem["what"]:
                    yield _trouble(alias["name"], problem)


def _principal(host: str, fleet: Fleet) -> Iterator[Trouble]:
    """What a library asks for, on this host, against the principals that the site makes for it."""
    asked = section(fleet[host], "asked")
    made = {_plain(one) for keytab in asked.get("keytabs", []) for one in keytab.get("principals", [])}
    for one in section(fleet[host], "names").get("principals", []):
        wrong: Dict[str, List[str]] = {}
        for library, words in LIBRARIES.items():
            if _plain(one[library]) not in made:
                wrong.setdefault(one[library], []).append(words)
        # Where nothing of this service is made the site does not make it here at all.
        if not any(name.startswith(f"{one['service']}/".lower()) for name in made):
            continue
        for principal, who in wrong.items():
            yield Trouble(
                one["name"],
                f"who is told to use {one['name']} asks for {principal}, which is none of the site's principals",
                f"so ask {', '.join(who)} by the names and the krb5.conf of {host}",
                "name it in kerberos_aliases of this host, or set dns_canonicalize_hostname and rdns to false "
                "(client_libdefaults)",
                BROKEN if len(who) == len(LIBRARIES) else DEGRADED,
            )


def _plain(principal: str) -> str:
    return principal.partition("@")[0].lower()


def _untold(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found: Mapping[str, Any] = section(fleet[host], "names")
    words = found.get("dns", {}).get("untested")
    if words:
        yield Trouble(
            _name(host, fleet),
            "DNS alone was not asked, so that the hosts file may hide what others see",
            str(words),
            "see to the name servers of /etc/resolv.conf",
            UNTESTED,
        )


CHECKS: Tuple[Check, ...] = (
    Check("names.no_address", NAMES, "nobody reaches the service by its name", _no_address, AFFECTED),
    Check("names.loopback", NAMES, "the host finds itself under an address of its own alone", _loopback, AFFECTED),
    Check("names.hosts_file", NAMES, "the host goes by another name than its clients use", _hosts_file, AFFECTED),
    Check("names.canonical", NAMES, "clients ask for a principal of another name", _canonical, AFFECTED),
    Check(
        "names.reverse_differs",
        NAMES,
        "clients with rdns ask for a principal of another name",
        _reverse(False),
        AFFECTED,
    ),
    Check("names.reverse_missing", NAMES, "clients with rdns wait before they log in", _reverse(True)),
    Check("names.alias_unknown", NAMES, "nobody reaches the service by this name", _alias, AFFECTED),
    Check("names.principal", NAMES, "'Server not found in Kerberos database'", _principal, ("login.*", "log.*")),
    Check("names.untold", NAMES, "nobody knows what other hosts see of this one", _untold),
)
