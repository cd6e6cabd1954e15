# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which clients CAS asks for a ticket: all, or those that an address, a host name or an LDAP entry selects.

CAS consults its strategy only with `mixed-mode-authentication`; without, every browser goes straight to the 401. All
strategies look at the address first, by `find()`, and the pattern that CAS ships, `127.+`, finds nobody but the host
itself (and 10.127.0.1).
"""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Optional, Tuple

from .cas_release import CasRefusal

ALL = "all"
STRATEGIES: Mapping[str, str] = {
    "address": "baseSpnegoClientAction",
    "hostname": "hostnameSpnegoClientAction",
    "ldap": "ldapSpnegoClientAction",
}
FIELDS = ("strategy", "addresses", "hostnames", "header", "ldap")
# Of `ldap`: what stands there -> the property; those that must
LDAP_KEYS: Mapping[str, str] = {
    "url": "ldap.ldap-url",
    "base_dn": "ldap.base-dn",
    "search_filter": "ldap.search-filter",
    "bind_dn": "ldap.bind-dn",
    "bind_credential": "ldap.bind-credential",
    "attribute": "spnego-attribute-name",
}
LDAP_NEEDED = ("url", "base_dn", "search_filter")
PLACES = ("{0}", "{host}")  # where the filter has the client's name
_HOST_ONLY = re.compile(r"[A-Za-z0-9._-]+")


def client_keys(clients: Mapping[str, Any], mixed_mode: Optional[bool]) -> Dict[str, str]:
    """The properties below `cas.authn.spnego.` that select clients; CasRefusal where they would select nobody or all.

    ``clients``: `strategy`, the regular expressions `addresses` and `hostnames`, `header` and `ldap`. ``mixed_mode``:
    as asked for, None for what the strategy needs.
    """
    _expect_fields("cas_clients", clients, FIELDS)
    strategy = clients.get("strategy") or ALL
    if strategy == ALL:
        return _everybody(clients, mixed_mode)
    if strategy not in STRATEGIES:
        raise CasRefusal(
            f"cas_clients: strategy '{strategy}' is not known to CAS; write {ALL}, {', '.join(STRATEGIES)}"
        )
    if mixed_mode is False:
        raise CasRefusal(
            f"cas_mixed_mode: is false, with which CAS never consults the strategy '{strategy}' of cas_clients; set it "
            f"to true, or the strategy to {ALL}"
        )
    found = {
        "mixed-mode-authentication": "true",
        "host-name-client-action-strategy": STRATEGIES[strategy],
        "ips-to-check-pattern": _pattern("addresses", clients.get("addresses"), strategy),
    }
    if strategy == "hostname":
        found["host-name-pattern-string"] = _pattern("hostnames", clients.get("hostnames"), strategy)
    if clients.get("header"):
        found["alternative-remote-host-attribute"] = _header(str(clients["header"]))
    return {**found, **(_ldap(clients.get("ldap") or {}) if strategy == "ldap" else {})}


def warnings(clients: Mapping[str, Any]) -> Tuple[str, ...]:
    """What the administrator must see to outside CAS."""
    if not clients.get("header"):
        return ()
    warning = (
        f"cas_clients: CAS takes the client's address from the header {clients['header']}, which any client can send; "
        "let the proxy in front remove it from requests and set its own"
    )
    return (warning,)


def _everybody(clients: Mapping[str, Any], mixed_mode: Optional[bool]) -> Dict[str, str]:
    selecting = [name for name in FIELDS[1:] if clients.get(name)]
    if selecting:
        raise CasRefusal(
            f"cas_clients: {selecting[0]} is set, but the strategy {ALL} looks at none of it; name the strategy, "
            f"{', '.join(STRATEGIES)}"
        )
    if mixed_mode:
        raise CasRefusal(
            "cas_mixed_mode: is true without a strategy in cas_clients, so that CAS would ask only 127.+, its own "
            "host, for tickets; name a strategy and its addresses"
        )
    return {"mixed-mode-authentication": "false"}


def _pattern(name: str, asked: Any, strategy: str) -> str:
    """A regular expression that cannot be met by accident: anchored in front (addresses) or at its end (names)."""
    where = f"cas_clients: {name}"
    if not isinstance(asked, str) or not asked:
        raise CasRefusal(
            f"{where} is not set, and with the strategy {strategy} CAS looks at it; write a regular expression of "
            "those who are to be asked for a ticket"
        )
    try:
        re.compile(asked)
    except re.error as error:
        raise CasRefusal(
            f"{where} '{asked}' is no regular expression ({error}); see java.util.regex.Pattern"
        ) from error
    sign, place = ("^", "begin with ^") if name == "addresses" else ("$", "end in $")
    if not all(_anchored(one, sign) for one in _alternatives(asked)):
        raise CasRefusal(
            f"{where} '{asked}' does not {place}, and CAS takes a match anywhere in the text, so that others are "
            f"selected as well; let each alternative {place}"
        )
    return asked


def _anchored(alternative: str, sign: str) -> bool:
    if sign == "^":
        return alternative.startswith("^")
    return alternative.endswith("$") and not alternative.endswith("\\$")


def _alternatives(pattern: str) -> Tuple[str, ...]:
    """The alternatives at the top of a regular expression, split at each `|` outside groups and classes."""
    found, depth, inside, start, at = [], 0, False, 0, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif inside:
            inside = char != "]"
        elif char == "[":
            inside = True
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            found.append(pattern[start:at])
            start = at + 1
        at += 1
    return (*found, pattern[start:])


def _header(name: str) -> str:
    if not _HOST_ONLY.fullmatch(name):
        raise CasRefusal(f"cas_clients: header '{name}' is no name of a header; write one like X-Forwarded-For")
    return name


def _ldap(asked: Mapping[str, Any]) -> Dict[str, str]:
    where = "cas_clients: ldap"
    _expect_fields(where, asked, tuple(LDAP_KEYS))
    missing = [name for name in LDAP_NEEDED if not asked.get(name)]
    if missing:
        raise CasRefusal(
            f"{where} has no {missing[0]}, without which CAS looks for no entry; give {', '.join(LDAP_NEEDED)}"
        )
    if bool(asked.get("bind_dn")) != bool(asked.get("bind_credential")):
        raise CasRefusal(f"{where} has one of bind_dn and bind_credential; give both, or none to bind anonymously")
    if not any(place in asked["search_filter"] for place in PLACES):
        raise CasRefusal(
            f"{where}: search_filter '{asked['search_filter']}' does not hold {PLACES[0]}, the client's name, so that "
            "it finds the same entry for every client; write it like (dNSHostName={0})"
        )
    return {LDAP_KEYS[name]: str(asked[name]) for name in LDAP_KEYS if asked.get(name)}


def _expect_fields(where: str, asked: Mapping[str, Any], known: Tuple[str, ...]) -> None:
    if not isinstance(asked, Mapping):
        raise CasRefusal(f"{where} is no mapping; give {', '.join(known)}")
    strangers = [name for name in asked if name not in known]
    if strangers:
        raise CasRefusal(f"{where} has '{strangers[0]}', which is not known; give {', '.join(known)}")
