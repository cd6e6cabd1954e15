# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the accounts in Active Directory against the keytabs of the host that they are for."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from .doctor import BROKEN, DATABASE, DEGRADED, KEYTAB, Check, Fleet, Trouble, section
from .doctor_keys import SERVICE_FAILS, Held, concerned, held, held_text, listed, weak
from .enctype_list import read_enctype_list
from .enctypes import enctype_number
from .kadmin_time import time_text

SOON = 14 * 86400  # seconds before an end of which is warned
KEYTABS = "run mailrealm.kerberos.site with --tags keytab"
WRONG = frozenset(("key_wrong",))  # symptoms of a proof by which the key itself is another one (key_proof.py)
Account = Mapping[str, Any]


def _owners(host: str, fleet: Fleet) -> Mapping[str, List[str]]:
    return section(fleet[host], "directory").get("owners") or {}


def _users(host: str, fleet: Fleet) -> Mapping[str, Optional[str]]:
    """The DNs of those who log in to services, by name; None where there is no such account."""
    return section(fleet[host], "directory").get("users") or {}


def _accounts(host: str, fleet: Fleet) -> Iterator[Tuple[Account, Tuple[str, ...]]]:
    """Each account with its principals of this host, where they have one owner, and its name where a user's."""
    owners, users = _owners(host, fleet), _users(host, fleet)
    for account in section(fleet[host], "directory").get("accounts") or ():
        names = tuple(name for name, found in owners.items() if found == [account["dn"]])
        names += tuple(name for name, found in users.items() if found == account["dn"])
        if names:
            yield account, names


def _noticed(host: str, fleet: Fleet, names: Iterable[str]) -> Tuple[str, ...]:
    realm = (section(fleet[host], "asked").get("realm")) or ""
    return tuple(dict.fromkeys(one for name in names for one in concerned(fleet, f"{name}@{realm}")))


def _keys(host: str, fleet: Fleet) -> Iterator[Tuple[Held, Account]]:
    """The keys in the host's keytabs, with the account that their principal belongs to."""
    by_name: Dict[str, Account] = {}
    for account, names in _accounts(host, fleet):
        by_name.update((name.casefold(), account) for name in names)
    for one in held(fleet[host]):
        account = by_name.get(one.principal.rpartition("@")[0].casefold(), {})
        if account:
            yield one, account


def _duplicate(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for name, found in _owners(host, fleet).items():
        if len(found) > 1:
            yield Trouble(
                name,
                f"{len(found)} accounts have the service principal {name}, and the controller makes no ticket",
                f"servicePrincipalName {name}: {'; '.join(found)}",
                f"take it from the account that is not the service's (setspn -D {name} <account>)",
                accounts_for=_noticed(host, fleet, [name]),
            )


def _missing(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for name, found in _owners(host, fleet).items():
        if not found:
            yield Trouble(
                name,
                f"no account has the service principal {name}, so that nobody gets a ticket for it",
                f"servicePrincipalName {name}: no account",
                f"{KEYTABS}, which gives it to the service's account (ad_keytab)",
                accounts_for=_noticed(host, fleet, [name]),
            )


def _no_user(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for name, found in _users(host, fleet).items():
        if found is None:
            yield Trouble(
                name,
                f"the domain has no account {name}, as which the prober logs in",
                f"sAMAccountName {name}: no account",
                "create it, or correct kerberos_probe_credentials",
                accounts_for=_noticed(host, fleet, [name]),
            )


def _disabled(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for account, names in _accounts(host, fleet):
        if account["disabled"]:
            yield Trouble(
                account["name"],
                f"the account {account['name']} is disabled, and Windows makes no ticket for {listed(names)} then",
                f"{account['dn']}: userAccountControl has ACCOUNTDISABLE",
                f"enable it in the directory (Enable-ADAccount {account['name']}, samba-tool user enable)",
                accounts_for=_noticed(host, fleet, names),
            )


def _locked(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for account, names in _accounts(host, fleet):
        if account["locked"]:
            yield Trouble(
                account["name"],
                f"the account {account['name']} is locked for wrong passwords or keys",
                f"{account['dn']}: locked out, it stands for {listed(names)}",
                f"find who logs in with its old password or keytab, then unlock it (Unlock-ADAccount "
                f"{account['name']}, samba-tool user unlock)",
                accounts_for=_noticed(host, fleet, names),
            )


def _expired(host: str, fleet: Fleet) -> Iterable[Trouble]:
    now = int(section(fleet[host], "directory").get("now") or 0)
    for account, names in _accounts(host, fleet):
        end = account["expires"]
        if end and end <= now + SOON:
            over = end <= now
            yield Trouble(
                account["name"],
                f"the account {account['name']} {'has expired' if over else 'expires soon'}, and with it tickets for "
                f"{listed(names)}",
                f"{account['dn']}: accountExpires {time_text(end)}, the controller's time is {time_text(now)}",
                f"let it never expire (Clear-ADAccountExpiration {account['name']}, or samba-tool user setexpiry "
                "--noexpiry)",
                BROKEN if over else DEGRADED,
                _noticed(host, fleet, names),
            )


def _password_expired(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for account, names in _accounts(host, fleet):
        if account["password_expired"] and not account["locked"]:
            yield Trouble(
                account["name"],
                f"the password of the account {account['name']} has expired, and some controllers make no ticket then",
                f"{account['dn']}: password expired, {_set(account)}",
                f"let it never expire (Set-ADUser {account['name']} -PasswordNeverExpires 1), or set "
                f"kerberos_ad_update_password: always, and {KEYTABS}",
                accounts_for=_noticed(host, fleet, names),
            )


def _set(account: Account) -> str:
    """pwdLastSet, of which 0 says that whoever logs in must set a new one."""
    at = account["password_set"]
    return f"it was set {time_text(at)}" if at else "it must be changed at the next login"


def _kvno_differs(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for one, account in _keys(host, fleet):
        if account["kvno"] not in one.keys:
            yield Trouble(
                f"{one.principal} in {one.path}",
                f"the password of {account['name']} was set anew, and {one.path} has not its present keys",
                f"{one.path}: kvno {listed(sorted(one.keys))}; msDS-KeyVersionNumber of {account['name']}: "
                f"{account['kvno']}",
                f"set kerberos_ad_update_password: when_needed and {KEYTABS}, or bring the new keytab; nobody may run "
                "ktpass for the account besides",
                accounts_for=_noticed(host, fleet, [one.principal.rpartition("@")[0]]),
            )


def _enctypes(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for one, account in _keys(host, fleet):
        here = one.keys.get(account["kvno"], ())
        allowed = account["allowed"]
        if here and allowed and allowed[0] not in here:
            yield Trouble(
                f"{one.principal} in {one.path}",
                f"the controller makes tickets for {account['name']} with {allowed[0]}, of which {one.path} has no key",
                f"msDS-SupportedEncryptionTypes of {account['name']}: {listed(allowed)}; {one.path}: {listed(here)}",
                f"{KEYTABS}, which sets the types of kerberos_enctype_policy at the account and in the keytab",
                accounts_for=_noticed(host, fleet, [one.principal.rpartition("@")[0]]),
            )


def _weak(host: str, fleet: Fleet) -> Iterable[Trouble]:
    permitted = (section(fleet[host], "krb5").get("enctypes") or {}).get("permitted_enctypes") or {}
    taken, dummy = read_enctype_list(str(permitted.get("value") or ""))
    for account, names in _accounts(host, fleet):
        allowed = account["allowed"] or ()
        if allowed and len(weak(allowed)) == len(allowed):
            refused = bool(taken) and not {enctype_number(name) for name in allowed} & set(taken)
            yield Trouble(
                account["name"],
                f"tickets for {listed(names)} are of a type that hosts such as RHEL 8 and later do not take",
                f"msDS-SupportedEncryptionTypes of {account['name']}: {listed(allowed)}; permitted_enctypes: "
                f"{permitted.get('value') or 'not set'}",
                f"{KEYTABS}, which lets the account have AES keys (kerberos_enctype_policy), rather than allow RC4 in "
                "permitted_enctypes of crypto-policies (enctype_policy)",
                BROKEN if refused else DEGRADED,
                _noticed(host, fleet, names),
            )


def _proofs(host: str, fleet: Fleet, wrong: bool) -> Iterable[Trouble]:
    for one in section(fleet[host], "directory").get("proofs") or ():
        if one["ok"] is False and (one["symptom"] in WRONG) == wrong:
            ticket = f"kvno {one['kvno']} {one['enctype']}" if one["kvno"] is not None else "none"
            yield Trouble(
                f"{one['principal']} in {one['path']}",
                one["cause"],
                f"the controller's ticket: {ticket}; {one['path']}: {held_text(one)}",
                one["remedy"],
                accounts_for=_noticed(host, fleet, [one["principal"].rpartition("@")[0]]),
            )


def _key_wrong(host: str, fleet: Fleet) -> Iterable[Trouble]:
    return _proofs(host, fleet, True)


def _ticket(host: str, fleet: Fleet) -> Iterable[Trouble]:
    return _proofs(host, fleet, False)


_REVOKED = "a login fails with 'credentials have been revoked' or 'policy rejects request'"

CHECKS: Tuple[Check, ...] = (
    Check(
        "directory.spn_duplicate",
        DATABASE,
        "a login fails with 'Server not found in Kerberos database'",
        _duplicate,
        SERVICE_FAILS,
    ),
    Check(
        "directory.spn_missing",
        DATABASE,
        "a login fails with 'Server not found in Kerberos database'",
        _missing,
        SERVICE_FAILS,
    ),
    Check("directory.user_missing", DATABASE, "'Client not found in Kerberos database'", _no_user, SERVICE_FAILS),
    Check("directory.account_disabled", DATABASE, _REVOKED, _disabled, SERVICE_FAILS),
    Check("directory.account_locked", DATABASE, _REVOKED, _locked, SERVICE_FAILS),
    Check("directory.account_expired", DATABASE, _REVOKED, _expired, SERVICE_FAILS),
    Check(
        "directory.password_expired",
        DATABASE,
        "a login fails with 'Password has expired'",
        _password_expired,
        SERVICE_FAILS,
    ),
    Check(
        "directory.kvno_differs",
        KEYTAB,
        "the service says that it has no key of the ticket's version",
        _kvno_differs,
        SERVICE_FAILS,
    ),
    Check(
        "directory.enctypes",
        KEYTAB,
        "the service says that it finds no key of the ticket's type",
        _enctypes,
        SERVICE_FAILS,
    ),
    Check(
        "directory.weak_enctypes",
        KEYTAB,
        "the service says 'encryption type not permitted' in gss_accept_sec_context",
        _weak,
        ("directory.enctypes", *SERVICE_FAILS),
    ),
    Check(
        "directory.key_wrong", KEYTAB, "the service says that it cannot decrypt the ticket", _key_wrong, SERVICE_FAILS
    ),
    Check("directory.ticket", KEYTAB, "clients get no ticket that the service can open", _ticket, ("login.*", "log.*")),
)
