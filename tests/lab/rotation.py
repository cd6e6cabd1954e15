# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New passwords for the accounts of a directory, while a client logs in with their keys once a second."""

from __future__ import annotations

import re

from . import lifecycle, loop, plays, proof
from .fleet import AD
from .plays import SITE, VERIFY, Play
from .podman import Podman
from .progress import Progress
from .state import State

(SERVER,) = AD.members("axigen")
(CONTROLLER,) = AD.controllers
KEYTAB = "/etc/axigen.keytab"
# Account -> service class of its principal, as the role names them.
ACCOUNTS = {"axigen_smtp": "smtp", "axigen_imap": "imap", "axigen_pop": "pop"}
# Phase, options, whether the passwords are to be others afterwards.
STEPS = (
    ("new passwords", ("-e", "kerberos_ad_update_password=always"), True),
    ("site again", (), False),
)


def rotation(state: State, progress: Progress) -> int:
    """Runs all of it over a lab that `prove` has set up; 0 when nothing failed and all is as it should be."""
    running = lifecycle.up(state, progress)
    podman, sentences = running.podman, []
    named = AD.user.partition("@")[0]
    client = loop.Loop(state, podman, [(protocol, SERVER.fqdn, named) for protocol, dummy in proof.PROTOCOLS])
    try:
        client.wait(6)
        for name, more, changing in STEPS:
            before = kvnos(state, podman)
            runs, unproved = plays.run(state, progress, Play(name, SITE.playbook, more))
            sentences += unproved
            if not changing:
                sentences += proof.second_changes(runs)
            if not sentences:
                sentences += wrong_keys(before, kvnos(state, podman), entries(state, podman), changing)
            if sentences:
                break
            client.wait(6)
    finally:
        logins = client.end()
    if not sentences:
        sentences += plays.run(state, progress, VERIFY)[1]
    sentences += loop.judged(logins)
    print("\n".join(sentences) or "every account has a new password, and no login failed")
    return 1 if sentences else 0


def kvnos(state: State, podman: Podman) -> dict[str, int]:
    """The kvno that the directory states for each account."""
    search = ("ldbsearch", "-H", "/var/lib/samba/private/sam.ldb")
    found = {}
    for account in ACCOUNTS:
        words = (*search, f"(sAMAccountName={account})", "msDS-KeyVersionNumber")
        told = podman.run("exec", state.lab.container(CONTROLLER.name), *words, what=f"reading {account}")
        found[account] = int(next(iter(re.findall(r"^msDS-KeyVersionNumber: (\d+)$", told, re.MULTILINE)), "0"))
    return found


def entries(state: State, podman: Podman) -> dict[str, set[int]]:
    """The kvnos that the keytab has for each account."""
    told = podman.run("exec", state.lab.container(SERVER.name), "klist", "-k", KEYTAB, what="reading the keytab")
    return {account: keytab_kvnos(told, service) for account, service in ACCOUNTS.items()}


def keytab_kvnos(klist: str, service: str) -> set[int]:
    """The kvnos of a service's entries, from `klist -k`."""
    return {int(kvno) for kvno in re.findall(rf"^\s*(\d+) {re.escape(service)}/", klist, re.MULTILINE)}


def wrong_keys(before: dict[str, int], after: dict[str, int], found: dict[str, set[int]], changing: bool) -> list[str]:
    """Sentences for kvnos that are not right: new in the directory, and beside the one before in the keytab."""
    sentences = []
    for account, kvno in after.items():
        if (kvno > before[account]) != changing:
            sentences.append(f"{account} had kvno {before[account]} and has {kvno}")
        wanted = {before[account], kvno}
        if not wanted <= found[account]:
            sentences.append(f"{KEYTAB} has kvnos {sorted(found[account])} of {account}, and not {sorted(wanted)}")
    return sentences
