# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New keys for a realm in use: site changes the encryption types while a client logs in once a second.

The judges are MIT's own: `kadmin.local getprinc` and `klist` say what keys there are, libkrb5's programs log in.
"""

from __future__ import annotations

import collections
import collections.abc
import contextlib
import dataclasses
import json
import pathlib
import re
import subprocess
import time

from . import lifecycle, mails, plays, proof
from .failure import LabError
from .fleet import MIT
from .plays import SITE, VERIFY, Play
from .podman import Podman
from .progress import Progress
from .state import State

JUDGE = pathlib.Path(__file__).resolve().parent / "judges" / "login_loop.py"
NEW = ("aes256-cts-hmac-sha384-192", "aes128-cts-hmac-sha256-128")
WANTED = ("-e", "kerberos_enctype_policy=sha2_only", "-e", "kerberos_rekey=when_enctypes_differ")
# Tickets end in ten hours; here the client gets new ones instead, and then this much time passes.
ENDED = ("-e", "kerberos_tickets_end_after=1s")
STEPS = (
    ("new keys", (), True),
    ("new keys again", (), False),
    ("old keys go", ENDED, True),
    ("old keys gone", ENDED, False),
)
KEYTAB = "/etc/postfix/smtp.keytab"
FEWEST = 20  # logins of each kind, or the loop has proved little
# Principals whose keys the run is to bring to the policy; of users, alice has keys of all types from her password
SERVICES = tuple(f"smtp/{name}" for name in (f"mx1.{MIT.domain}", f"mx2.{MIT.domain}", MIT.alias))
OWN = (f"krbtgt/{MIT.realm}", "probe")


@dataclasses.dataclass(frozen=True)
class Logins:
    """The logins of the loop: how many succeeded of each kind, and a sentence for each that failed."""

    succeeded: collections.Counter[str]
    failures: tuple[str, ...]


class Loop:
    """The client that logs in, on a workstation."""

    def __init__(self, state: State, podman: Podman) -> None:
        (workstation,) = MIT.members("workstations")
        names = [*(host.fqdn for host in MIT.members("postfix")), MIT.alias]
        self._order = {"user": MIT.user, "password": mails.password(state), "hosts": names}
        # The judge is an argument, since the password takes standard input.
        argv = podman.argv("exec", "-i", state.lab.container(workstation.name), "python3", "-c", JUDGE.read_text())
        self._log = state.logs / "login_loop.jsonl"
        self._errors = state.logs / "login_loop.log"
        with self._log.open("wb") as output, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=output, stderr=errors, text=True)
        self._say(json.dumps(self._order))

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()

    def renew(self) -> None:
        """Have the tickets from before made anew, as a client does when they have ended."""
        self._say("renew")

    def wait(self, more: int) -> None:
        """Until that many more logins have been told; LabError where the loop has ended or they do not come."""
        want, limit = len(self._lines()) + more, time.monotonic() + 60
        while len(self._lines()) < want:
            if self._process.poll() is not None or time.monotonic() > limit:
                raise LabError(f"the client's loop of logins does not go on: see {self._errors} and {self._log}")
            time.sleep(0.2)

    def _lines(self) -> list[str]:
        return self._log.read_text().splitlines()

    def end(self) -> Logins:
        """Stops it and counts."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            status = self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        told = tally(self._lines())
        if status:
            return dataclasses.replace(
                told, failures=(*told.failures, f"the loop of logins failed: see {self._errors}")
            )
        return told


def tally(lines: collections.abc.Iterable[str]) -> Logins:
    """What the judge's lines say."""
    succeeded: collections.Counter[str] = collections.Counter()
    failures = []
    for line in lines:
        login = json.loads(line)
        if login["failure"]:
            failures.append(f"{login['kind']} login to {login['host']} at {login['second']}: {login['failure']}")
        else:
            succeeded[login["kind"]] += 1
    return Logins(succeeded, tuple(failures))


def rollover(state: State, progress: Progress) -> int:
    """Runs all of it over a lab that `prove` has set up; 0 when nothing failed and all is as it should be."""
    running = lifecycle.up(state, progress)
    podman, sentences = running.podman, []
    loop = Loop(state, podman)
    try:
        loop.wait(4)
        for name, more, changing in STEPS:
            if more and changing:
                loop.renew()
                loop.wait(4)
            runs, unproved = plays.run(state, progress, Play(name, SITE.playbook, (*WANTED, *more)))
            sentences += unproved
            if not changing:
                sentences += proof.second_changes(runs)
            sentences += wrong_keys(state, podman, old=not more)
            if sentences:
                break
        loop.wait(4)
    finally:
        logins = loop.end()
    if not sentences:
        sentences += plays.run(state, progress, VERIFY)[1]
    sentences += [f"a login failed: {sentence}" for sentence in logins.failures[:5]]
    sentences += [
        f"only {logins.succeeded[kind]} {kind} logins" for kind in ("fresh", "kept") if logins.succeeded[kind] < FEWEST
    ]
    counted = ", ".join(f"{number} {kind}" for kind, number in sorted(logins.succeeded.items()))
    print(f"\nlogins while the keys changed: {counted}, {len(logins.failures)} failed")
    print("\n".join(sentences) or "every key is of the new types, and no login failed")
    return 1 if sentences else 0


def wrong_keys(state: State, podman: Podman, old: bool) -> list[str]:
    """Sentences for keys, keytab entries and permitted types that are not right; ``old``: beside old ones."""
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
