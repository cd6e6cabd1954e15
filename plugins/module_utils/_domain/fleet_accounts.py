# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of Active Directory that hold the service principals of one product on one host.

Axigen's document makes an account for each service, axigen_smtp, axigen_imap and axigen_pop, and so does this for
any product. The first host of the product's group has these names, every further one its own behind them, so that
another host changes nobody's accounts. A name that hosts share is an account of its own, for all of them derive its
keys from one password.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .fleet import FleetRefusal, Member, host_principals
from .principal import parse_principal

# Characters of a sAMAccountName: [MS-SAMR] 3.1.1.6 for users, 15 for the NetBIOS name of a computer.
LONGEST: Mapping[str, int] = {"user": 20, "computer": 15}
DIGITS = 4  # of a digest, where a name is too long


@dataclasses.dataclass(frozen=True)
class Wishes:
    """What all accounts of a product have in common; an option that is None or empty is left to `ad_keytab`.

    ``passwords``: by the name of the account, in any case of letters, as in the directory.
    """

    type: str = "user"
    ou: str = ""
    enctypes: Tuple[str, ...] = ()
    update_password: str = ""
    max_age: str = ""
    passwords: Mapping[str, str] = dataclasses.field(default_factory=dict)


def wishes_from(options: Mapping[str, Any]) -> Wishes:
    """The wishes that a caller names; FleetRefusal for a type of account that Active Directory does not have."""
    found = Wishes(
        **{name: value for name, value in options.items() if name not in ("enctypes", "passwords")},
        enctypes=tuple(options.get("enctypes") or ()),
        passwords=dict(options.get("passwords") or {}),
    )
    if found.type not in LONGEST:
        raise FleetRefusal(f"kerberos_ad_account_type '{found.type}': is no type of account; write user or computer")
    return found


@dataclasses.dataclass(frozen=True)
class Account:
    """An account and the service principals of one host that it holds; ``hosts`` have its keys."""

    name: str
    principals: Tuple[str, ...]
    hosts: Tuple[str, ...]


def accounts(
    groups: Mapping[str, Sequence[str]], members: Mapping[str, Member], host: str, product: str, realm: str, limit: int
) -> Tuple[Account, ...]:
    """The accounts of ``product`` on ``host``, in the order of its principals.

    ``limit``: characters of a name. FleetRefusal where two of the product's accounts would have the same name.
    """
    hosts = list(dict.fromkeys([*groups.get(product, ()), host]))
    found: Dict[Tuple[str, str], Account] = {}
    for one in hosts:
        for principal in host_principals(members[one], product, realm):
            service, name = (part.decode() for part in parse_principal(principal).components[:2])
            shared = name != members[one].fqdn
            key = (service, name if shared or one != hosts[0] else "")
            before = found.get(key, Account(_short(product, *key, limit=limit), (principal,), ()))
            found[key] = dataclasses.replace(before, hosts=(*before.hosts, one))
    _check_distinct(list(found.values()))
    own = {principal: account for account in found.values() for principal in account.principals}
    return tuple(own[principal] for principal in host_principals(members[host], product, realm))


def as_options(found: Sequence[Account], wishes: Wishes) -> List[Dict[str, Any]]:
    """The accounts as the option `accounts` of `ad_keytab` takes them.

    FleetRefusal where hosts share an account for which no password was given.
    """
    passwords = {name.lower(): password for name, password in wishes.passwords.items()}
    for account in found:
        if len(account.hosts) > 1 and not passwords.get(account.name.lower()):
            raise FleetRefusal(
                f"kerberos_ad_passwords: has no password for '{account.name}', the account of "
                f"{', '.join(account.principals)}, whose keys {len(account.hosts)} hosts share and derive from it; "
                "add one, kept in a vault"
            )
    return [_options(account, wishes, passwords.get(account.name.lower())) for account in found]


def _options(account: Account, wishes: Wishes, password: Optional[str]) -> Dict[str, Any]:
    given = {
        "ou": wishes.ou,
        "enctypes": list(wishes.enctypes),
        "update_password": wishes.update_password,
        "max_age": wishes.max_age,
        "password": password,
    }
    return {
        "name": account.name,
        "type": wishes.type,
        "service_principals": list(account.principals),
        **{name: value for name, value in given.items() if value},
    }


def _short(product: str, service: str, host: str, limit: int) -> str:
    """The account's name; one that is too long ends in a digest of all that it is made of, so that it stays its own."""
    label = host.partition(".")[0]
    whole = "_".join(filter(None, (product, service.lower(), label)))
    if len(whole) <= limit:
        return whole
    digest = hashlib.sha256(f"{product} {service} {host}".encode()).hexdigest()[:DIGITS]
    return f"{whole[: limit - DIGITS - 1].rstrip('-_.')}-{digest}"


def _check_distinct(found: Sequence[Account]) -> None:
    names: Dict[str, Account] = {}
    for account in found:
        other = names.setdefault(account.name.lower(), account)
        if other is not account:
            raise FleetRefusal(
                f"keytab_ad_accounts: '{account.name}' would be the account of {other.principals[0]} and of "
                f"{account.principals[0]}; name the accounts of {', '.join(account.hosts)} yourself"
            )
