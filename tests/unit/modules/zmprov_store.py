# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory in memory that runs batches of zmprov, as far as the module uses it: what the recordings show, no more.

Its errors are texts of the recordings. The whole program is imitated by the lab's double, against which the module is
tested with Ansible.
"""

from __future__ import annotations

import contextlib
import re
from typing import Dict, Iterator, List, Optional, Tuple

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_catalogue import known
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_validation import fault
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.zimbra_programs import Ran
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.zimbra_recordings import tokens

TYPES = {"s": "server", "d": "domain", "a": "account", "c": "cos", "cf": "config", "acf": "config"}
Values = Dict[str, List[str]]
MAILBOXD_DOWN = (
    "ERROR: zclient.IO_ERROR (invoke Connection refused, server: localhost) "
    "(cause: java.net.ConnectException Connection refused)\n"
)
NOT_ALLOWED = (
    "service.FAILURE (system failure: unable to modify attrs: object class violation - unable to modify attributes: "
    "ldap host=zimbra1.example.test:389: attribute '{}' not allowed)"
)
UNDEFINED = (
    "account.INVALID_ATTR_NAME (invalid attr name: invalid attr name - unable to modify attributes: "
    "ldap host=zimbra1.example.test:389: {}: attribute type undefined)"
)


class Problem(Exception):
    """An error of one command."""


class ZmprovStore:
    """Entries by type and name; runs in place of Zimbra's programs."""

    def __init__(self) -> None:
        self.entries: Dict[Tuple[str, str], Values] = {
            ("config", ""): {
                "zimbraImapSaslGssapiEnabled": ["FALSE"],
                "zimbraMtaSaslSmtpdMechList": ["LOGIN", "PLAIN"],
                "zimbraReverseProxyAdminIPAddress": ["192.0.2.10", "192.0.2.11"],
            },
            ("server", "zimbra1.example.test"): {"zimbraServiceEnabled": ["mailbox", "mta", "snmp"]},
            ("server", "zimbra2.example.test"): {"zimbraMtaSaslSmtpdMechList": ["PLAIN", "LOGIN"]},
            ("domain", "example.test"): {"zimbraAuthMech": ["zimbra"]},
            ("account", "user1@example.test"): {},
            ("account", "user2@example.test"): {"zimbraForeignPrincipal": ["kerberos5:user2@EXAMPLE.TEST", "ad:user2"]},
            ("cos", "default"): {"zimbraNotes": ["n"]},
        }
        self.aliases: Dict[str, str] = {}
        self.batches: List[str] = []
        self.arguments: List[Tuple[str, ...]] = []
        self.fail_at: Dict[int, Ran] = {}  # by the number of the call: what comes instead
        self.break_at: Optional[int] = None  # the line of a writing batch at which a Java exception ends it
        self.refuse: Dict[str, str] = {}  # by attribute: the error that writing it gives
        self.ignore: List[str] = []  # attributes of which a write is lost without a word

    @contextlib.contextmanager
    def private_file(self, text: str) -> Iterator[str]:
        self.batches.append(text)
        yield f"/tmp/batch-{len(self.batches)}"

    def run(self, program: str, *words: str, longest: float = 1.0) -> Ran:
        assert longest > 0
        assert program == "bin/zmprov"
        self.arguments.append(words)
        call = len(self.arguments)
        if call in self.fail_at:
            return self.fail_at[call]
        out, err = "", ""
        for number, line in enumerate(self.batches[-1].split("\n")):
            out += "prov> "
            parts = tokens(line)
            if parts == ["exit"]:
                break
            if number == self.break_at and parts[0].startswith("m"):
                trace = 'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n\tat x.y.Z\n'
                return Ran(1, out, err + trace)
            try:
                out += self.command(parts)
            except Problem as problem:
                err += f"ERROR: {problem}\n"
        return Ran(2 if err else 0, out, err)

    def command(self, words: List[str]) -> str:
        if words[0] == "desc":
            return self.describe(words[2])
        if words[0] == "fc":
            return ""
        kind = TYPES[words[0][1:]]
        rest = words[1:]
        own = "-e" in rest[:1]
        rest = rest[1:] if own else rest
        name = "" if kind == "config" else rest.pop(0)
        name = self.aliases.get(name, name)
        key = (kind, name.lower())
        if key not in self.entries:
            raise Problem(f"account.NO_SUCH_{kind.upper()} (no such {kind}: {name})")
        if words[0].startswith("g"):
            return self.show(key, own, rest)
        self.modify(key, list(zip(rest[::2], rest[1::2])))
        return ""

    def describe(self, name: str) -> str:
        if name.lower() == "zimbranotes":
            fields = (
                "type : string\ncardinality : single\noptionalIn : server,cos\nmax : 1024\nrequiresRestart : mailbox\n"
            )
            return f"zimbraNotes\n    notes\n\n{fields}\n\n"
        return f"no attribute info for {name}\n\n"

    def show(self, key: Tuple[str, str], own: bool, asked: List[str]) -> str:
        values = dict(self.entries[key])
        if not own and key[0] != "config":
            for name, above in self.entries[("config", "")].items():
                attribute = known(name)
                if attribute and key[0] in attribute.heirs:
                    values.setdefault(name, above)
        wanted = {name.lower() for name in asked}
        lines = "".join(
            f"{name}: {value}\n" for name in sorted(values) if name.lower() in wanted for value in sorted(values[name])
        )
        return lines if key[0] == "config" else f"# name {key[1]}\n{lines}\n"

    def modify(self, key: Tuple[str, str], pairs: List[Tuple[str, str]]) -> None:
        values = {name: list(found) for name, found in self.entries[key].items()}
        replaced: List[str] = []
        removed: Dict[str, List[str]] = {}
        for signed, value in pairs:
            sign, name = (signed[0], signed[1:]) if signed[0] in "+-" else ("", signed)
            attribute = known(name)
            if name in self.refuse:
                raise Problem(self.refuse[name])
            if attribute is None and name not in ("zimbraNotes", "description"):
                raise Problem(UNDEFINED.format(name))
            if attribute and fault(attribute, key[0], [value], "remove" if sign == "-" else "set"):
                raise Problem(NOT_ALLOWED.format(name))
            if name in self.ignore:
                continue
            if sign == "-":
                removed.setdefault(name, []).append(value.lower())
            elif sign == "+":
                values.setdefault(name, []).append(value)
            else:
                if name not in replaced:
                    values[name] = []
                    replaced.append(name)
                if value:
                    values[name].append(value)
        for name, gone in removed.items():  # after what is added, as the product does
            values[name] = [value for value in values.get(name, []) if value.lower() not in gone]
        self.entries[key] = {name: found for name, found in values.items() if found}

    def own(self, kind: str, name: str, attribute: str) -> List[str]:
        return self.entries[(kind, name)].get(attribute, [])

    def lines(self, call: int) -> List[str]:
        """The lines of the batch of that call that change something."""
        return [line for line in self.batches[call - 1].split("\n") if re.match("m[a-z]+ ", line)]
