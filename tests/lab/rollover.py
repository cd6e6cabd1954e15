# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New keys for a realm in use: site changes the encryption types while a client logs in once a second.

The judges are MIT's own: `kadmin.local getprinc` and `klist` say what keys there are, libkrb5's programs log in.
"""

from __future__ import annotations

import collections.abc
import re

from .fleet import MIT
from .key_change import Change, Step
from .podman import Podman
from .state import State

NEW = ("aes256-cts-hmac-sha384-192", "aes128-cts-hmac-sha256-128")
WANTED = ("-e", "kerberos_enctype_policy=sha2_only", "-e", "kerberos_rekey=when_enctypes_differ")
# Tickets end in ten hours; here the client gets new ones instead, and then this much time passes.
ENDED = (*WANTED, "-e", "kerberos_tickets_end_after=1s")
STEPS = (
    Step("new keys", WANTED),
    Step("old keys go", ENDED, renew=True),
    Step("old keys gone", ENDED, changes=False),
)
KEYTAB = "/etc/postfix/smtp.keytab"
MAIL = (*(host.fqdn for host in MIT.members("postfix")), MIT.alias)
# Principals whose keys the run is to bring to the policy; of users, alice has keys of all types from her password
SERVICES = tuple(f"smtp/{name}" for name in MAIL)
OWN = (f"krbtgt/{MIT.realm}", "probe")


def wrong_keys(state: State, podman: Podman, step: Step) -> list[str]:
    """Sentences for keys, keytab entries and permitted types that are not right after a step."""
    old = step.options == WANTED  # beside the new ones
    found = []
    for name in (*SERVICES, *OWN):
        words = ("kadmin.local", "getprinc", name)
        told = podman.run("exec", state.lab.container("kdc1"), *words, what=f"asking the KDC for {name}")
        found += differing(f"the KDC's {name}", key_types(told), old)
    for mx in ("mx1", "mx2"):
        told = podman.run("exec", state.lab.container(mx), "klist", "-ke", KEYTAB, what=f"reading {mx}'s keytab")
        for name in (f"smtp/{mx}.{MIT.domain}", f"smtp/{MIT.alias}"):
            found += differing(f"{mx}'s {name}", keytab_types(told, name), old)
    for host in MIT.hosts:
        told = podman.run("exec", state.lab.container(host.name), "cat", "/etc/krb5.conf", what="reading krb5.conf")
        permitted = re.findall(r"^\s*permitted_enctypes = (.*)$", told, re.MULTILINE)
        if not permitted or permitted[0].split()[:2] != list(NEW) or (len(permitted[0].split()) > 2) != old:
            found.append(f"{host.fqdn} permits {permitted}")
    return found


def differing(what: str, types: collections.abc.Mapping[int, set[str]], old: bool) -> list[str]:
    """What is wrong with the types of keys by kvno: the newest must be the new ones alone, with older kvnos or none."""
    if not types or types[max(types)] != set(NEW):
        return [f"{what} has no newest keys of {', '.join(NEW)} alone: {dict(types)}"]
    return [] if (len(types) > 1) == old else [f"{what} has kvnos {sorted(types)}"]


def key_types(getprinc: str) -> dict[int, set[str]]:
    """The types of a principal's keys by kvno, from kadmin's getprinc."""
    return _by_kvno(re.findall(r"^Key: vno (\d+), (?:DEPRECATED:|UNSUPPORTED:)?([^,\s]+)", getprinc, re.MULTILINE))


def keytab_types(klist: str, name: str) -> dict[int, set[str]]:
    """The types of a principal's entries by kvno, from `klist -ke`."""
    line = rf"^\s*(\d+) {re.escape(name)}@\S+ \((?:DEPRECATED:)?([^)]+)\)"
    return _by_kvno(re.findall(line, klist, re.MULTILINE))


def _by_kvno(pairs: collections.abc.Iterable[tuple[str, str]]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for kvno, name in pairs:
        found.setdefault(int(kvno), set()).add(name)
    return found


CHANGE = Change(
    logins=tuple(("smtp", name, "") for name in MAIL),
    steps=STEPS,
    wrong=wrong_keys,
    said="every key is of the new types, and no login failed",
)
