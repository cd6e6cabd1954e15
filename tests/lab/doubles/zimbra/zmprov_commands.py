# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zmprov's commands: each one's names, usage and numbers of words, and what it does."""

from __future__ import annotations

import base64
import dataclasses
import functools
import pathlib
from typing import Callable, Iterable

from . import catalogue, provisioning, texts
from .errors import FRAME, JavaDied, invalid_request, no_such
from .java import hash_order
from .validation import Attributes, bare
from .zmprov_session import Ended, Session, UsageError

Run = Callable[[Session, "list[str]"], None]
ATTRIBUTES = "[attr1 value1 [attr2 value2...]]"
SAFEGUARDED = ("zimbraserviceenabled", "zimbraserviceinstalled")
LINE = 76  # characters of base64 a line, each ended by CR LF


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


def show(session: Session, name: str, values: dict[str, list[str]], wanted: Iterable[str] = ()) -> None:
    """An entry with its header; of attributes only those that are wanted, if any are named."""
    session.say(f"# name {name}\n")
    show_attributes(session, values, wanted)
    session.say("\n")


def show_attributes(session: Session, values: dict[str, list[str]], wanted: Iterable[str] = ()) -> None:
    """Attributes in the order of their names. A wanted `name=value` shows that value only."""
    conditions = [word.lower().partition("=") for word in wanted]
    for name, equals, value in conditions:
        if equals and not value:
            raise invalid_request(f"missing value for {name}=")
    for name in sorted(values):
        row = catalogue.find(name)
        for value in values[name]:
            if conditions and not any(
                name.lower() == wanted_name and (not equals or value.lower() == wanted_value)
                for wanted_name, equals, wanted_value in conditions
            ):
                continue
            if row and row.type == "binary":
                lines = [value[start : start + LINE] + "\r\n" for start in range(0, len(value), LINE)]
                session.say(f"{name}:: {''.join(lines)}")
            else:
                session.say(f"{name}: {value}\n")


def get(kind: str, session: Session, words: list[str], switch: bool = True) -> None:
    """gs, gd, ga, gc: an entry. -e, which must be the first word, leaves out what is inherited."""
    own = switch and words[:1] == ["-e"]
    rest = words[1:] if own else words
    if not rest:
        raise UsageError
    name, values = session.call("show", kind, rest[0], not own)
    show(session, name, values, rest[1:])


def get_config(session: Session, words: list[str]) -> None:
    """gcf, gacf."""
    show_attributes(session, session.call("show", "config", "config", False)[1], words)


def get_all(kind: str, session: Session, words: list[str]) -> None:
    """gas, gad, gac: names, or with -v whole entries."""
    switches = [word for word in words if word in ("-v", "-e")]
    rest = [word for word in words if word not in ("-v", "-e")]
    if "-e" in switches and "-v" not in switches:
        raise UsageError("arg -e is invalid unless -v is also specified\n")
    if kind == "server":
        names = session.call("servers", rest[0] if rest else "")
        rest = []
    else:
        names = sorted(session.call("names", kind))
    for name in names:
        if "-v" in switches:
            found, values = session.call("show", kind, name, "-e" not in switches)
            show(session, found, values, rest)
        else:
            session.say(f"{name}\n")


def get_accounts(administrators: bool, session: Session, words: list[str]) -> None:
    """gaa, gaaa: names of accounts, of a domain or of all."""
    rest = [word for word in words if word not in ("-v", "-e")]
    for name in session.call("accounts", rest[0] if rest else "", administrators):
        if "-v" in words:
            found, values = session.call("show", "account", name, "-e" not in words)
            show(session, found, values)
        else:
            session.say(f"{name}\n")


def memberships(session: Session, words: list[str]) -> None:
    """gam: the double has no distribution lists."""
    session.call("show", "account", words[0], False)


def distribution_list(_session: Session, words: list[str]) -> None:
    """gdl: the double has none."""
    raise no_such("distribution list", words[0])


def _binary(name: str, value: str) -> str:
    """A binary attribute's value is given as the name of a file."""
    row = catalogue.find(name)
    if not row or row.type != "binary" or not value:
        return value
    try:
        return base64.b64encode(pathlib.Path(value).read_bytes()).decode()
    except OSError as error:
        cause = f"java.io.FileNotFoundException {value} ({error.strerror})"
        raise invalid_request("unable to process arguments", cause) from None


def given(session: Session, words: list[str], guarded: bool = True) -> Attributes:
    """The attributes of a modification, as they stand in its words; warns of those that are out of use."""
    found: Attributes = {}
    for name, value in zip(words[::2], words[1::2]):
        if not name:
            raise JavaDied(
                'Exception in thread "main" java.lang.StringIndexOutOfBoundsException: '
                f"String index out of range: 0\n{FRAME}"
            )
        found.setdefault(name, []).append(_binary(bare(name), value))
    if len(words) % 2:
        raise UsageError
    for name, values in found.items():
        if guarded and name.lower() in SAFEGUARDED and len(values) == 1 and not session.replace:
            session.complain("error: cannot replace multi-valued attr value unless -r is specified\n")
            raise Ended(2)
    rows = [row for row in map(catalogue.find, map(bare, hash_order(found))) if row and row.deprecated]
    session.say("".join(f"Warn: attribute {row.name} has been deprecated since {row.deprecated}\n" for row in rows))
    session.say("\n" if rows else "")
    return found


def modify(kind: str, session: Session, words: list[str]) -> None:
    """ms, md, ma, mc."""
    session.call("modify", kind, words[0], given(session, words[1:]))


def modify_config(session: Session, words: list[str]) -> None:
    """mcf."""
    session.call("modify", "config", "config", given(session, words))


def create(kind: str, session: Session, words: list[str]) -> None:
    """cs, cd, cc; ca has the password as its second word."""
    password = words[1] if kind == "account" else ""
    rest = words[2:] if kind == "account" else words[1:]
    attributes = given(session, rest, guarded=False)
    session.say(f"{session.call('create', kind, words[0], attributes, password)}\n")


def delete(kind: str, session: Session, words: list[str]) -> None:
    """ds, dd, da, dc."""
    session.call("delete", kind, words[0])


def flush_cache(session: Session, words: list[str]) -> None:
    """fc: one cache, or the entries of it that are named."""
    rest = [word for word in words if word != "-a"]
    if not rest:
        raise UsageError
    session.call("flush", rest[0], rest[1:])


ENTRY_TYPES = {"server": "server", "domain": "domain", "account": "account", "cos": "cos", "globalConfig": "config"}
# AttributeClass in the order in which describe prints them (recorded: server before globalConfig).
DESCRIBED_ORDER = ("account", "cos", "domain", "server", "globalConfig")


def describe(session: Session, words: list[str]) -> None:
    """desc: an attribute, or the names of a kind of entry's."""
    if words[:1] == ["-a"] and len(words) == 2:
        row = catalogue.find(words[1])
        if row is None:
            session.say(f"no attribute info for {words[1]}\n\n")
            return
        session.say(texts.text("described").format(**_described(row)))
        return
    kinds = [word for word in words if not word.startswith("-")]
    if len(kinds) != 1 or kinds[0] not in ENTRY_TYPES:
        wrong = "" if not kinds else f"parse error: unknown attribute class: {kinds[0]}\n\n"
        raise UsageError(wrong + texts.text("describe"))
    session.say("".join(f"{name}\n" for name in catalogue.only_on(ENTRY_TYPES[kinds[0]])))


def _described(row: catalogue.Attribute) -> dict[str, object]:
    def classes(text: str) -> str:
        names = text.split(",") if text else []
        return ",".join(sorted(names, key=lambda name: [*DESCRIBED_ORDER, name].index(name)))

    return {
        **dataclasses.asdict(row),
        "immutable": str(row.immutable).lower(),
        "cardinality": "multi" if row.multi else "single",
        "default": ",".join(row.default),
        "min": "" if row.min is None else row.min,
        "max": "" if row.max is None else row.max,
        "optional_in": classes(row.optional_in),
        "required_in": classes(row.required_in),
    }


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
        "get": functools.partial(get, kind, switch=kind != "cos"),
        "modify": functools.partial(modify, kind),
        "create": functools.partial(create, kind),
        "delete": functools.partial(delete, kind),
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
    Command("getConfig", "gcf", "{name}", get_config, 1, 1),
    Command("getAllConfig", "gacf", "[attr1 [attr2...]]", get_config),
    Command("modifyConfig", "mcf", "attr1 value1 [attr2 value2...]", modify_config, 2),
    Command("getAllServers", "gas", "[-v] [-e] [service]", functools.partial(get_all, "server"), 0, 3),
    Command("getAllDomains", "gad", "[-v] [-e] [attr1 [attr2...]]", functools.partial(get_all, "domain")),
    Command("getAllCos", "gac", "[-v]", functools.partial(get_all, "cos"), 0, 1),
    Command(
        "getAllAccounts",
        "gaa",
        "[-v] [-e] [-s server] [{domain}]",
        functools.partial(get_accounts, False),
        ldap_only=True,
    ),
    Command("getAllAdminAccounts", "gaaa", "[-v] [-e] [attr1 [attr2...]]", functools.partial(get_accounts, True)),
    Command("getAccountMembership", "gam", "{name@domain|id}", memberships, 1, 2),
    Command("getDistributionList", "gdl", "{list@domain|id} [attr1 [attr2...]]", distribution_list, 1),
    Command("flushCache", "fc", f"[-a] {{{CACHES}|<extension-cache-type>}} [name1|id1 [name2|id2...]]", flush_cache, 1),
    Command("describe", "desc", "[[-v] [-ni] [{entry-type}]] | [-a {attribute-name}]", describe, connects=False),
    Command("help", "?", "commands", help_, connects=False),
    Command("exit", "quit", "", leave),
)
NAMED = {name.lower(): command for command in COMMANDS for name in (command.name, command.alias)}


def find(name: str) -> Command | None:
    """A command by its name or short name, in whatever case."""
    return NAMED.get(name.lower())
