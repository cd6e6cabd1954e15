# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Active Directory has of the accounts behind this host's service principals; no key is asked for."""

from __future__ import annotations

import contextlib
from typing import Any, Dict, List, Mapping, Sequence

from .._domain.active_directory import ATTRIBUTES, DISABLED, account_from, allowed_enctypes, time_from
from .._domain.credentials import Credentials
from .._domain.directory import GSSAPI, DirectoryRefusal, Entry, Server, any_of, equals
from .._domain.doctor_asked import Asked
from .._domain.enctypes import enctype_name
from .._domain.keytab import parse
from .._domain.principal import parse_principal
from .directory import Directory, available, connected, signed_on
from .files import read_state
from .gss import Initiator
from .service_ticket import check_keys

# [MS-ADTS] 3.1.1.4.5.17, userAccountControl as the controller computes it: what it says nowhere else
COMPUTED = "msDS-User-Account-Control-Computed"
LOCKED, PASSWORD_EXPIRED = 0x10, 0x800000
PATIENCE = 5.0  # seconds for each answer
NO_BINDINGS = (
    "the directory: this host has no bindings of LDAP and GSS-API, so that the accounts were not looked at; install "
    "python3-ldap and python3-gssapi, which the role keytab does where kerberos_keytab_source is ad"
)
NO_CREDENTIALS = (
    "kerberos_ad_credentials: is not set, so that nobody could look at the accounts; name an account that may read them"
)


def gather(asked: Asked) -> Dict[str, Any]:
    """The accounts that own this host's service principals, and the asked users', and tickets opened with keytabs.

    Nothing where the keys do not come from Active Directory. DirectoryRefusal where it cannot be asked.
    """
    settings = asked.settings.get("directory") or {}
    names = _service_principals(asked)
    users = [parse_principal(str(user), asked.realm).name for user in settings.get("users") or ()]
    if not settings or not names + users:
        return {}
    if not available():
        raise DirectoryRefusal(NO_BINDINGS)
    where = Server(
        str(settings.get("server") or ""),
        asked.realm,
        str(settings.get("transport") or GSSAPI),
        str(settings.get("ca_path") or ""),
        PATIENCE,
    )
    credentials = _credentials(settings.get("credentials") or {})
    with contextlib.ExitStack() as held:
        user = held.enter_context(signed_on(where, credentials)) if where.transport == GSSAPI else None
        directory = held.enter_context(connected(where, credentials, user))
        return {
            **_looked_up(directory, names, users),
            "server": directory.host,
            "now": time_from(directory.clock),
            "proofs": [] if user is None else _proofs(user, asked),
        }


def _credentials(given: Mapping[str, Any]) -> Credentials:
    found = Credentials(
        str(given.get("principal") or ""), given.get("keytab"), given.get("password"), given.get("ccache")
    )
    if found.keytab is None and found.password is None and found.ccache is None:
        raise DirectoryRefusal(NO_CREDENTIALS)
    return found


def _service_principals(asked: Asked) -> List[str]:
    """As servicePrincipalName has them: without the realm."""
    names = [name for keytab in asked.keytabs for name in keytab.principals if "/" in name]
    return list(dict.fromkeys(parse_principal(name, asked.realm).name for name in names))


def _proofs(user: Initiator, asked: Asked) -> List[Dict[str, Any]]:
    """Of each service principal, whether its keytab opens a ticket that the controller makes now.

    A service principal of an account is no name to log in with, so that its own key obtains no ticket here.
    """
    found: List[Dict[str, Any]] = []
    for keytab in asked.keytabs:
        names = [parse_principal(name, asked.realm) for name in keytab.principals if "/" in name]
        content = read_state(keytab.path).content
        if content is not None and names:
            proved = check_keys(user, names, parse(content, keytab.path), keytab.path)
            found += [{"path": keytab.path, **one.as_result()} for one in proved]
    return found


def _looked_up(directory: Directory, names: Sequence[str], users: Sequence[str]) -> Dict[str, Any]:
    wanted = [equals("servicePrincipalName", name) for name in names]
    wanted += [equals("sAMAccountName", user) for user in users]
    entries = directory.find(any_of(wanted), [*ATTRIBUTES, COMPUTED])
    accounts = {entry.dn: account_from(entry.dn, entry.attributes) for entry in entries}
    return {
        "accounts": [_told(entry) for entry in entries],
        "owners": {name: [dn for dn, account in sorted(accounts.items()) if account.owns(name)] for name in names},
        "users": {
            user: next((dn for dn, account in accounts.items() if account.name.casefold() == user.casefold()), None)
            for user in users
        },
    }


def _told(entry: Entry) -> Dict[str, Any]:
    """``allowed``: the enctypes that the account names, None where it leaves them to the domain."""
    account = account_from(entry.dn, entry.attributes)
    computed = entry.number(COMPUTED) or 0
    return {
        "dn": account.dn,
        "name": account.name,
        "kvno": account.kvno,
        "allowed": [enctype_name(number) for number in allowed_enctypes(account.enctypes)] or None,
        "disabled": bool(account.control & DISABLED),
        "locked": bool(computed & LOCKED),
        "expires": account.expires,
        "password_expired": bool(computed & PASSWORD_EXPIRED),
        "password_set": account.password_set,
    }
