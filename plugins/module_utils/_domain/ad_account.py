# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account of Active Directory is to be: the option `accounts` as values, and what it cannot be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

from .active_directory import BITS, COMPUTER
from .enctype_policy import is_weak
from .enctypes import enctype_name, expand_enctypes
from .kadmin_time import parse_duration
from .principal import PrincipalName, parse_principal
from .refusal import Refusal

ON_CREATE, WHEN_NEEDED, ALWAYS = "on_create", "when_needed", "always"
DEFAULT_ENCTYPES = ("aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96")
FORBIDDEN = frozenset('"/\\[]:;|=,+*?<>@')  # [MS-SAMR] 3.1.1.6, and '@', behind which a realm would begin
REALM = re.compile(r"[A-Z0-9][A-Z0-9.-]*")
HOST = re.compile(r"[A-Za-z0-9_.*-]+(:[A-Za-z0-9]+)?")
LONGEST_PASSWORD = 256  # characters, [MS-SAMR] 2.2.7.6


class AccountRefusal(Refusal):
    """An account that cannot be as it was described."""


@dataclass(frozen=True)
class AccountWish:
    """One item of `accounts`. ``name`` is the sAMAccountName; None leaves what is there, ``upn`` "" removes it.

    ``enctypes``: numbers, in the order asked for. ``max_age``: seconds. ``path``: the keytab.
    """

    name: str
    kind: str
    path: str
    service_principals: Tuple[PrincipalName, ...] = ()
    exclusive: bool = False
    account_principal: bool = False
    enctypes: Tuple[int, ...] = (18, 17)
    upn: Optional[str] = None
    description: Optional[str] = None
    ou: Optional[str] = None
    create: bool = True
    password: Optional[str] = field(default=None, repr=False)
    update_password: str = ON_CREATE
    max_age: Optional[int] = None

    @property
    def title(self) -> str:
        """How messages begin."""
        return f"account '{self.name}'"


def read_realm(text: str) -> str:
    """The realm's name; AccountRefusal unless it is written as Active Directory writes it, in upper case."""
    if REALM.fullmatch(text):
        return text
    if REALM.fullmatch(text.upper()):
        raise AccountRefusal(f"realm '{text}': Active Directory writes realms in upper case; write {text.upper()}")
    raise AccountRefusal(f"realm '{text}': is not the name of a domain; write it as AD.EXAMPLE.TEST")


def account_wishes(
    items: Sequence[Mapping[str, Any]], realm: str, path: Optional[str], accept_weak: bool
) -> Tuple[AccountWish, ...]:
    """The wishes of the option `accounts`; ``path`` is the keytab of those that name none.

    A Refusal names the account and the slip; two accounts cannot be one, nor share a service principal or a UPN.
    """
    wishes = tuple(_wish(item, realm, path, accept_weak) for item in items)
    seen: Dict[Tuple[str, str], AccountWish] = {}
    for wish in wishes:
        names = [("", wish.name), *(("service principal", one.name) for one in wish.service_principals)]
        if wish.upn:
            names.append(("UPN", wish.upn))
        for what, name in names:
            other = seen.setdefault((what, name.casefold()), wish)
            if other is wish:
                continue
            if not what:
                raise AccountRefusal(f"{wish.title}: is listed twice; put both items into one")
            raise AccountRefusal(
                f"{wish.title}: {what} {name} is also that of account '{other.name}', and a KDC knows each once; "
                "give it to one of them"
            )
    return wishes


def _wish(item: Mapping[str, Any], realm: str, path: Optional[str], accept_weak: bool) -> AccountWish:
    name, kind = _name(item["name"]), item["type"]
    name += "$" if kind == COMPUTER and not name.endswith("$") else ""
    title = f"account '{name}'"
    if not (item["path"] or path):
        raise AccountRefusal(f"{title}: no keytab is named; give 'path'")
    if item["password"] is not None and not 0 < len(item["password"]) <= LONGEST_PASSWORD:
        raise AccountRefusal(
            f"{title}: its password has {len(item['password'])} characters, and a domain takes 1 to "
            f"{LONGEST_PASSWORD}; give another one, or none for a random one"
        )
    max_age = None if item["max_age"] is None else parse_duration(item["max_age"], f"{title}: max_age")
    principals: Dict[Any, PrincipalName] = {}
    for text in item["service_principals"]:
        principal = _service_principal(text, title, realm)
        principals.setdefault(principal.identity, principal)
    return AccountWish(
        name=name,
        kind=kind,
        path=item["path"] or path or "",
        service_principals=tuple(principals.values()),
        exclusive=item["service_principals_exclusive"],
        account_principal=item["account_principal"],
        enctypes=_enctypes(item["enctypes"], title, accept_weak),
        upn=_upn(item["upn"], title, realm),
        description=item["description"],
        ou=item["ou"],
        create=item["create"],
        password=item["password"],
        update_password=item["update_password"],
        max_age=max_age,
    )


def _name(text: str) -> str:
    plain = text[:-1] if text.endswith("$") else text
    wrong = [one for one in plain if one in FORBIDDEN or not one.isprintable()]
    if not plain.strip() or plain != plain.strip() or plain.endswith("."):
        raise AccountRefusal(
            f"account '{text}': is not a sAMAccountName, which is not empty and ends with neither a blank nor a dot; "
            "correct 'name'"
        )
    if wrong:
        raise AccountRefusal(f"account '{text}': a sAMAccountName cannot hold '{wrong[0]}'; correct 'name'")
    return text


def _service_principal(text: str, title: str, realm: str) -> PrincipalName:
    try:
        principal = parse_principal(text, realm)
    except Refusal as refusal:
        raise AccountRefusal(f"{title}: service_principals: {refusal}") from None
    if principal.realm != realm.encode():
        raise AccountRefusal(
            f"{title}: service principal '{text}' is one of another realm than {realm}; the directory keeps none "
            "of those, so write it without the realm or correct it"
        )
    parts = [part.decode("utf-8", "replace") for part in principal.components]
    if len(parts) not in (2, 3):
        raise AccountRefusal(f"{title}: service principal '{text}' is not of the form service/host; correct it")
    for part in parts[1:]:
        if not HOST.fullmatch(part):
            raise AccountRefusal(
                f"{title}: service principal '{text}': '{part}' is not a host name that Kerberos clients ask for; "
                "write an international name in its form with xn--"
            )
    return principal


def _upn(text: Optional[str], title: str, realm: str) -> Optional[str]:
    if not text:
        return text
    local, at, suffix = text.rpartition("@")
    if not at:
        return f"{text}@{realm}"
    if not local or not suffix or "@" in local or " " in text or not text.isprintable():
        raise AccountRefusal(f"{title}: upn '{text}' is not of the form name@suffix; correct it")
    return text


def _enctypes(names: Sequence[str], title: str, accept_weak: bool) -> Tuple[int, ...]:
    option = f"{title}: enctypes"
    usable: Dict[int, None] = {}
    for name in names:
        numbers = expand_enctypes([name], option)
        known = [number for number in numbers if number in BITS]  # of the family `aes` those with SHA-1
        if not known:
            raise AccountRefusal(
                f"{option}: Active Directory has no keys of type {enctype_name(numbers[0])}; "
                f"use {' or '.join(DEFAULT_ENCTYPES)}"
            )
        usable.update(dict.fromkeys(known))
    if not usable:
        raise AccountRefusal(f"{option} is empty; name for instance {DEFAULT_ENCTYPES[0]}")
    weak = [number for number in usable if is_weak(number)]
    if weak and not accept_weak:
        raise AccountRefusal(
            f"{option}: {enctype_name(weak[0])} is weak; leave it out, or set accept_weak: true to go on "
            "with it for now"
        )
    return tuple(usable)
