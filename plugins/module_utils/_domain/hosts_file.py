# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/etc/hosts: names on their real addresses, every foreign line and comment as it is.

libc takes the first line that has a name or an address, and that line's first name as the canonical one
(hosts(5)). Debian's installer puts the host's own name on 127.0.1.1, where no other host finds its services
and Kerberos libraries make the wrong service principal of it.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Set, Tuple, Union

from .refusal import Refusal

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

LOCAL_NAMES = re.compile(r"(ip6-)?(localhost|loopback)([.-].*)?|localhost\d*", re.IGNORECASE)
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*")
_LINE = re.compile(r"[ \t]*(?P<address>[^\s#]+)(?P<gap>\s+)(?P<names>[^#]*[^#\s])(?P<rest>\s*(#.*)?)", re.DOTALL)
CLOUD_INIT = re.compile(r"^#.*manage_etc_hosts.*\bTrue\b", re.MULTILINE)


class HostsRefusal(Refusal):
    """An entry that cannot stand in a hosts file as asked."""


@dataclass(frozen=True)
class HostEntry:
    """The names of an address, the canonical one first."""

    address: Address
    names: Tuple[str, ...]

    @property
    def keys(self) -> FrozenSet[str]:
        return frozenset(name.lower() for name in self.names)


@dataclass(frozen=True)
class Standing:
    """A line that names hosts: its number, its address as Python writes it, the canonical name and the aliases."""

    line: int
    address: str
    names: Tuple[str, ...]


@dataclass(frozen=True)
class HostsPlan:
    """A hosts file before and after, as bytes and as text for people."""

    content: bytes
    before: str
    after: str
    warnings: Tuple[str, ...]


@dataclass(frozen=True)
class _Line:
    """A line with its end; ``address`` is None where it names no host (blank, a comment, not readable)."""

    text: str
    address: Optional[Address] = None
    names: Tuple[str, ...] = ()

    def with_names(self, names: Sequence[str]) -> _Line:
        """The line with other names; without any, what is left is its comment."""
        match = _LINE.match(self.text)
        if match is None or tuple(names) == self.names:
            return self
        start, end = match.span("names")
        if not names:
            return _Line(match.group("rest").lstrip(" \t").lstrip("\r\n"))
        return _Line(self.text[:start] + " ".join(names) + self.text[end:], self.address, tuple(names))


def entries_from(asked: Sequence[Mapping[str, Any]], option: str = "entries") -> Tuple[HostEntry, ...]:
    """The entries asked for, checked: ``address`` and ``names`` of each. HostsRefusal names the wrong one.

    ``option``: what the user knows them as.
    """
    entries: List[HostEntry] = []
    for number, one in enumerate(asked):
        place = f"{option}[{number}]"
        address, names = _asked_address(one["address"], place), tuple(one["names"])
        if not names:
            raise HostsRefusal(f"{place}: has no names; give the fully qualified name first, then its aliases")
        for name in names:
            if not _HOST_NAME.fullmatch(name):
                raise HostsRefusal(f"{place}: '{name}' is not a host name; use letters, digits, '-' and '.' only")
        if _is_loopback(address) and not all(LOCAL_NAMES.fullmatch(name) for name in names):
            raise HostsRefusal(
                f"{place}: {address} is a loopback address, under which no other host finds {names[0]}; "
                "give the address by which the others reach it"
            )
        if any(entry.address == address for entry in entries):
            raise HostsRefusal(f"{place}: {address} stands in an entry before; give all its names in one entry")
        own = HostEntry(address, tuple(dict.fromkeys(names)))
        for entry in entries:
            shared = sorted(own.keys & entry.keys) if entry.address.version == address.version else []
            if shared:
                raise HostsRefusal(
                    f"{place}: '{shared[0]}' stands in the entry of {entry.address} too, and a host has one address of "
                    "a family here; keep it in one of them"
                )
        entries.append(own)
    return tuple(entries)


def plan(content: Optional[bytes], entries: Sequence[HostEntry], path: str) -> HostsPlan:
    """What ``content`` (None: there is no file) becomes with ``entries`` in it. ``path`` is for the warnings."""
    text = (content or b"").decode("utf-8", "surrogateescape")
    newline = "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"
    lines = [_read(line) for line in re.findall(r"[^\n]*\n|[^\n]+", text)]
    for entry in entries:
        lines = _placed(lines, entry, newline)
    after = "".join(line.text for line in _without(lines, entries))
    warnings = []
    if after != text and CLOUD_INIT.search(text):
        warnings.append(
            f"{path}: cloud-init writes this file anew at every boot (manage_etc_hosts); set it to false, "
            "or change cloud-init's template too"
        )
    return HostsPlan(after.encode("utf-8", "surrogateescape"), _shown(text), _shown(after), tuple(warnings))


def standings(text: str) -> List[Standing]:
    """The lines of a hosts file that name hosts, in order."""
    lines = [_read(line) for line in text.split("\n")]
    return [
        Standing(number, str(line.address), line.names)
        for number, line in enumerate(lines, 1)
        if line.address is not None
    ]


def is_loopback(address: str) -> bool:
    """Whether ``address`` leads back to the host itself; false for what is no address."""
    parsed = _parsed(address)
    return parsed is not None and _is_loopback(parsed)


def _shown(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _is_loopback(address: Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _parsed(text: str) -> Optional[Address]:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _asked_address(text: str, place: str) -> Address:
    address = _parsed(text)
    if address is None:
        raise HostsRefusal(f"{place}: '{text}' is not an IPv4 or IPv6 address; write it in numbers")
    if address.is_unspecified or address.is_multicast:
        raise HostsRefusal(f"{place}: {text} is no host's own address; give the one by which others reach it")
    return address


def _read(text: str) -> _Line:
    match = _LINE.match(text)
    address = _parsed(match.group("address")) if match else None
    if match is None or address is None:
        return _Line(text)
    return _Line(text, address, tuple(match.group("names").split()))


def _placed(lines: Sequence[_Line], entry: HostEntry, newline: str) -> List[_Line]:
    """``lines`` with the entry on the first line of its address, as that one is what libc makes of the address."""
    first = next((at for at, line in enumerate(lines) if line.address == entry.address), None)
    own = _Line(f"{entry.address} {' '.join(entry.names)}{newline}", entry.address, entry.names)
    if first is None:
        before = [*lines[:-1], _ended(lines[-1], newline)] if lines else []
        return [*before, own]
    there = lines[first]
    known = {name.lower() for name in there.names}
    if not entry.keys & known:
        return [*lines[:first], own, *lines[first:]]
    if entry.keys <= known and there.names[0].lower() == entry.names[0].lower():
        return list(lines)
    foreign = [name for name in there.names if name.lower() not in entry.keys]
    return [*lines[:first], there.with_names([*entry.names, *foreign]), *lines[first + 1 :]]


def _ended(line: _Line, newline: str) -> _Line:
    return line if line.text.endswith("\n") else _Line(line.text + newline, line.address, line.names)


def _without(lines: Sequence[_Line], entries: Sequence[HostEntry]) -> List[_Line]:
    """``lines`` without the entries' names where they must not stand: on loopback addresses, on other addresses
    of the same family, and on further lines of their own address."""
    homes: Dict[str, Set[Address]] = {}
    for entry in entries:
        for name in entry.keys:
            homes.setdefault(name, set()).add(entry.address)
    placed: Set[Address] = set()
    result = []
    for line in lines:
        address = line.address
        if address is None:
            result.append(line)
            continue
        first = address not in placed
        placed.add(address)
        kept = [name for name in line.names if _may_stay(homes.get(name.lower()), address, first)]
        changed = line.with_names(kept)
        if changed.text:
            result.append(changed)
    return result


def _may_stay(homes: Optional[Set[Address]], address: Address, first: bool) -> bool:
    if homes is None:
        return True
    if address in homes:
        return first
    return not _is_loopback(address) and all(home.version != address.version for home in homes)
