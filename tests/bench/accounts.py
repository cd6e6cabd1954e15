# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Re-checking a host's accounts of Active Directory against bare command line tools, and two hundred of them."""

from __future__ import annotations

import collections.abc
import os
import pathlib
import subprocess
import tempfile
import time
import typing

from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain, running_domain

from .figure import Growth, growth
from .playbook import PING, as_root, must, own, play, warm
from .process import run
from .ratio import Ratio, ratio

HOST = 3  # principals of a mail server, each of an account of its own
SIZES = (12, 25, 50, 100, 200)
RECHECK = "re-check"


def measure(pairs: int) -> collections.abc.Iterator[Ratio | Growth]:
    """A converged task for one host against kinit, one ldapsearch and one kvno; seconds by the number of accounts."""
    as_root()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = pathlib.Path(scratch)
        (folder / "domain").mkdir()
        with running_domain(folder / "domain") as domain:
            variables = {**domain.variables, "PATH": os.environ["PATH"]}
            created = run("ad_keytab", wishes(domain, folder, max(SIZES)), folder, variables)
            must(created.changed, "the accounts were not created")
            sides = (_task, _module, _bare)
            spent: dict[typing.Any, list[float]] = {side: [] for side in sides}
            for number in range(pairs):
                # Each goes first in turn: a later one finds the machine warmer.
                for turn in range(len(sides)):
                    side = sides[(number + turn) % len(sides)]
                    spent[side].append(side(domain, folder, variables))
            tools, work = "kinit, 1 ldapsearch and 1 kvno", f"{HOST} accounts"
            for name, title, side in (
                ("ad-keytab-re-check-against-tools", f"1 task for {work} less ping", _task),
                ("ad-keytab-re-check-module-against-tools", f"the module on {work}, loaded", _module),
            ):
                yield ratio(name, title, tools, zip(spent[side], spent[_bare], strict=True))
            yield growth("ad-keytab-re-check-growth", "s", _growth(domain, folder, variables, pairs).items())


def wishes(domain: Domain, folder: pathlib.Path, count: int) -> dict[str, typing.Any]:
    """Options of the module `ad_keytab` for so many accounts."""
    user = domain.joiner
    return {
        "realm": domain.realm,
        "server": domain.server,
        "credentials": {"principal": user.principal, "password": user.password},
        "accounts": [
            {"name": f"x{number:03}", "ou": domain.ou, "service_principals": [f"smtp/x{number:03}.example.test"]}
            for number in range(count)
        ],
        "path": str(folder / "service.keytab"),
    }


def _task(domain: Domain, folder: pathlib.Path, variables: dict[str, str]) -> float:
    """Within a play, where Python compiles the module and its rooms each time."""
    task = {"mailrealm.kerberos.ad_keytab": wishes(domain, folder, HOST)}
    done = play([*PING, warm(task), {"name": RECHECK, **task}], folder, variables)
    must(not done[RECHECK].changed, "the re-check changed accounts")
    return own(done, RECHECK)


def _module(domain: Domain, folder: pathlib.Path, variables: dict[str, str]) -> float:
    done = run("ad_keytab", wishes(domain, folder, HOST), folder, variables)
    must(not done.changed, "the re-check changed accounts")
    return done.passed


def _bare(domain: Domain, _folder: pathlib.Path, _variables: dict[str, str]) -> float:
    """Who asks a domain controller by hand logs in, searches, and asks for a ticket."""
    url = f"ldap://{domain.server}"
    commands = (
        (("kinit", domain.joiner.principal), domain.password),
        (
            (
                "ldapsearch",
                "-Q",
                "-N",
                "-Y",
                "GSS-SPNEGO",
                "-LLL",
                "-H",
                url,
                "-b",
                domain.base,
                "(sAMAccountName=x000)",
            ),
            "",
        ),
        (("kvno", "-q", "smtp/x000.example.test"), ""),
    )
    since = time.monotonic()
    for command, text in commands:
        subprocess.run(command, env=domain.environment, input=text, capture_output=True, text=True, check=True)
    return time.monotonic() - since


def _growth(domain: Domain, folder: pathlib.Path, variables: dict[str, str], runs: int) -> dict[int, float]:
    """Seconds of the processor for so many accounts, of several runs the fewest."""
    spent: dict[int, list[float]] = {size: [] for size in SIZES}
    for size in SIZES * runs:
        done = run("ad_keytab", wishes(domain, folder, size), folder, variables)
        must(not done.changed, "the re-check changed accounts")
        spent[size].append(done.seconds)
    return {size: min(seconds) for size, seconds in spent.items()}
