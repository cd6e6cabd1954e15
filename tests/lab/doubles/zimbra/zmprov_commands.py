# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zmprov's commands: each one's names, usage and numbers of words, and what does it."""

from __future__ import annotations

import dataclasses
import functools
from typing import Callable

from . import provisioning, texts, zmprov_describe, zmprov_reads, zmprov_writes
from .zmprov_session import Ended, Session

Run = Callable[[Session, "list[str]"], None]
ATTRIBUTES = "[attr1 value1 [attr2 value2...]]"


@dataclasses.dataclass(frozen=True)
class Command:
    """`least` and `most`: how many words it takes; `connects`: whether it needs a server or the directory first."""

    name: str
    alias: str
    usage: str
    run: Run
    least: int = 0
    most: int = 10**6
    connects: bool = True
    ldap_only: bool = False


def help_(session: Session, words: list[str]) -> None:
    """help: the topics, or the commands of one."""
    if words[:1] == ["commands"]:
        session.say("".join(f"  {command.name}({command.alias}) {command.usage}\n\n" for command in COMMANDS) + "\n")
        return
    session.say(texts.topic(words[0] if words else ""))


def leave(session: Session, _words: list[str]) -> None:
    """exit, quit: status 2 after a batch in which something was refused."""
    raise Ended(2 if session.failed else 0)


def _entry(kind: str, names: dict[str, tuple[str, str]], usages: dict[str, str]) -> list[Command]:
    runs: dict[str, Run] = {
        "get": functools.partial(zmprov_reads.get, kind, switch=kind != "cos"),
        "modify": functools.partial(zmprov_writes.modify, kind),
        "create": functools.partial(zmprov_writes.create, kind),
        "delete": functools.partial(zmprov_writes.delete, kind),
    }
    least = {"get": 1, "modify": 3, "create": 2 if kind == "account" else 1, "delete": 1}
    most = {"delete": 1}
    return [Command(*names[verb], usages[verb], run, least[verb], most.get(verb, 10**6)) for verb, run in runs.items()]


def _usages(key: str, new: str, switch: str = "[-e] ") -> dict[str, str]:
    return {
        "get": f"{switch}{{{key}}} [attr1 [attr2...]]",
        "modify": f"{{{key}}} {ATTRIBUTES}",
        "create": f"{new} {ATTRIBUTES}",
        "delete": f"{{{key}}}",
    }


def _verbs(noun: str, letter: str) -> dict[str, tuple[str, str]]:
    return {verb: (f"{verb}{noun}", f"{verb[0]}{letter}") for verb in ("get", "modify", "create", "delete")}


CACHES = "|".join(name for name in provisioning.CACHE_TYPES)
COMMANDS = (
    *_entry("server", _verbs("Server", "s"), _usages("name|id", "{name}")),
    *_entry("domain", _verbs("Domain", "d"), _usages("domain|id", "{domain}")),
    *_entry("account", _verbs("Account", "a"), _usages("name@domain|id", "{name@domain} {password}")),
    *_entry("cos", _verbs("Cos", "c"), _usages("name|id", "{name}", switch="")),
    Command("getConfig", "gcf", "{name}", zmprov_reads.get_config, 1, 1),
    Command("getAllConfig", "gacf", "[attr1 [attr2...]]", zmprov_reads.get_config),
    Command("modifyConfig", "mcf", "attr1 value1 [attr2 value2...]", zmprov_writes.modify_config, 2),
    Command("getAllServers", "gas", "[-v] [-e] [service]", functools.partial(zmprov_reads.get_all, "server"), 0, 3),
    Command("getAllDomains", "gad", "[-v] [-e] [attr1 [attr2...]]", functools.partial(zmprov_reads.get_all, "domain")),
    Command("getAllCos", "gac", "[-v]", functools.partial(zmprov_reads.get_all, "cos"), 0, 1),
    Command(
        "getAllAccounts",
        "gaa",
        "[-v] [-e] [-s server] [{domain}]",
        functools.partial(zmprov_reads.get_accounts, False),
        ldap_only=True,
    ),
    Command(
        "getAllAdminAccounts",
        "gaaa",
        "[-v] [-e] [attr1 [attr2...]]",
        functools.partial(zmprov_reads.get_accounts, True),
    ),
    Command("getAccountMembership", "gam", "{name@domain|id}", zmprov_reads.memberships, 1, 2),
    Command("getDistributionList", "gdl", "{list@domain|id} [attr1 [attr2...]]", zmprov_reads.distribution_list, 1),
    Command(
        "flushCache",
        "fc",
        f"[-a] {{{CACHES}|<extension-cache-type>}} [name1|id1 [name2|id2...]]",
        zmprov_writes.flush_cache,
        1,
    ),
    Command("setPassword", "sp", "{name@domain|id} {password}", zmprov_writes.set_password, 2, 2),
    Command(
        "describe",
        "desc",
        "[[-v] [-ni] [{entry-type}]] | [-a {attribute-name}]",
        zmprov_describe.describe,
        connects=False,
    ),
    Command("help", "?", "commands", help_, connects=False),
    Command("exit", "quit", "", leave),
)
NAMED = {name.lower(): command for command in COMMANDS for name in (command.name, command.alias)}


def find(name: str) -> Command | None:
    """A command by its name or short name, in whatever case."""
    return NAMED.get(name.lower())
