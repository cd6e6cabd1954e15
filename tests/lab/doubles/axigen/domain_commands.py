# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CLI's commands on domains and their accounts."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from .console import Answer, Console, Context, Refused
from .listener_commands import table


def named(words: Sequence[str]) -> dict[str, str]:
    """`name a password b` as a mapping of names in lower case; a single word is the name."""
    if len(words) == 1:
        return {"name": words[0]}
    if len(words) % 2:
        raise Refused("double: names and values in turn were expected")
    return {name.casefold(): value for name, value in zip(words[::2], words[1::2])}


def list_domains(console: Console, dummy: Sequence[str]) -> Answer:
    rows = [(name, "1024", str(len(accounts))) for name, accounts in sorted(console.server.domains.items())]
    return table("double: the domains", ("name", "total size", "used size"), rows)


def create_domain(console: Console, words: Sequence[str]) -> Answer:
    given = named(words)
    name, password = given.get("name", "").lower(), given.get("postmasterpassword", "")
    if not name or not given.get("domainlocation") or not password:
        raise Refused("double: a domain needs name, domainLocation and postmasterPassword")
    if name in console.server.domains:
        raise Refused("double: this domain is there")
    console.contexts.append(Context("domain-create", "domain-create", (name,), {"postmaster": password}))
    return Answer()


def update_domain(console: Console, words: Sequence[str]) -> Answer:
    name = named(words).get("name", "").lower()
    if name not in console.server.domains:
        raise Refused("double: there is no such domain")
    console.contexts.append(Context("domain", "domain", (name,), dict(console.server.domains[name])))
    return Answer()


def show_domain(console: Console, words: Sequence[str]) -> Answer:
    name = named(words).get("name", "").lower()
    if name not in console.server.domains:
        raise Refused("double: there is no such domain")
    return Answer(lines=("double: a domain", "-" * 40, f'name = "{name}"'))


def delete_domain(console: Console, words: Sequence[str]) -> Answer:
    if console.server.domains.pop(named(words).get("name", "").lower(), None) is None:
        raise Refused("double: there is no such domain")
    console.server.domains_changed()
    return Answer()


def list_accounts(console: Console, dummy: Sequence[str]) -> Answer:
    rows = [(name, "1024", "0") for name in sorted(console.contexts[-1].draft)]
    return table("double: the accounts of this domain", ("name", "total size", "used size"), rows)


def list_aliases(*dummy: Any) -> Answer:
    return Answer(lines=("The list of aliases for this domain:", ""))


def enter_account(console: Console, name: str, password: str) -> Answer:
    console.contexts.append(Context("domain-account", "account", (name,), {"password": password}))
    return Answer()


def add_account(console: Console, words: Sequence[str]) -> Answer:
    given = named(words)
    name = given.get("name", "").lower()
    if not name or "password" not in given or name in console.contexts[-1].draft:
        raise Refused("double: an account needs a name of its own and a password")
    return enter_account(console, name, given["password"])


def update_account(console: Console, words: Sequence[str]) -> Answer:
    name = named(words).get("name", "").lower()
    if name not in console.contexts[-1].draft:
        raise Refused("double: there is no such account")
    return enter_account(console, name, console.contexts[-1].draft[name])


def remove_account(console: Console, words: Sequence[str]) -> Answer:
    if console.contexts[-1].draft.pop(named(words).get("name", "").lower(), None) is None:
        raise Refused("double: there is no such account")
    return Answer()


def set_password(console: Console, words: Sequence[str]) -> Answer:
    given = named(words)
    if set(given) != {"password"}:
        raise Refused("double: the accounts of the double have a password only")
    console.contexts[-1].draft = given
    return Answer()


def commit_account(console: Console, dummy: Sequence[str]) -> Answer:
    context = console.contexts.pop()
    console.contexts[-1].draft[str(context.path[0])] = context.draft["password"]
    return committing()


def commit_domain(console: Console, dummy: Sequence[str]) -> Answer:
    context = console.contexts.pop()
    console.server.domains[str(context.path[0])] = context.draft
    console.server.domains_changed()
    return committing()


def committing() -> Answer:
    return Answer(status="committing changes and switching back to previous context")


def back(console: Console, dummy: Sequence[str]) -> Answer:
    console.contexts.pop()
    return Answer()


Table = dict[str, Callable[[Console, Sequence[str]], Answer]]
ROOT: Table = {
    "list domains": list_domains,
    "list alldomains": list_domains,
    "show domain": show_domain,
    "create domain": create_domain,
    "update domain": update_domain,
    "delete domain": delete_domain,
}
LEVELS: dict[str, Table] = {
    "domain": {
        "list accounts": list_accounts,
        "list aliases": list_aliases,
        "add account": add_account,
        "update account": update_account,
        "remove account": remove_account,
        "commit": commit_domain,
        "back": back,
    },
    "domain-create": {"commit": commit_domain, "back": back},
    "domain-account": {"set": set_password, "commit": commit_account, "back": back},
}
