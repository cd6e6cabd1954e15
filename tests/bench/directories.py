# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of Active Directory: a converged host against ldapsearch and kvno, and how a fleet's accounts grow."""

from __future__ import annotations

import collections.abc
import contextlib
import pathlib
import shutil
import tempfile
import time
import typing

from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain, running_domain

from .figure import Growth, growth
from .playbook import PING, as_root, must, own, play, warm
from .process import Spent, run
from .ratio import Pair, Ratio, ratio

SERVICES = ("smtp", "imap", "pop")
SIZES = (25, 50, 100, 200)
USER = "joiner"


def measure(pairs: int) -> collections.abc.Iterator[Ratio | Growth]:
    """The task's own time against one search and one service ticket by command line tools, and the growth."""
    as_root()
    found: list[Pair] = []
    spent: dict[int, list[Spent]] = {size: [] for size in SIZES}
    with _domain() as domain:
        tickets = _tickets(domain)
        host = _options(domain, [_account(f"axigen_{service}", service, "axigen1") for service in SERVICES], tickets)
        must(run("ad_keytab", host, domain.folder, domain.variables).changed, "the accounts were not made")
        for number in range(pairs):
            sides = (_tools, _ours) if number % 2 else (_ours, _tools)
            seconds = {side: side(domain, host, tickets) for side in sides}
            found.append((seconds[_ours], seconds[_tools]))
        fleet = [_account(f"fleet{number}", "smtp", f"mx{number}") for number in range(max(SIZES))]
        run("ad_keytab", _options(domain, fleet, tickets), domain.folder, domain.variables)
        for size in SIZES * pairs:
            spent[size].append(
                run("ad_keytab", _options(domain, fleet[:size], tickets), domain.folder, domain.variables)
            )
            must(not spent[size][-1].changed, "the re-check changed accounts")
    yield ratio(
        "ad-keytab-against-ldapsearch-and-kvno",
        f"1 task for {len(SERVICES)} accounts less ping",
        "ldapsearch and kvno",
        found,
    )
    yield growth("ad-keytab-growth", "s", ((size, min(one.seconds for one in of)) for size, of in spent.items()))


@contextlib.contextmanager
def _domain() -> collections.abc.Iterator[Domain]:
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, running_domain(pathlib.Path(scratch, "ad")) as domain:
        yield domain


def _tickets(domain: Domain) -> pathlib.Path:
    """A cache with a user's TGT alone, which both sides begin with."""
    path = domain.folder / "initial"
    domain.run("kinit", "-c", f"FILE:{path}", f"{USER}@{domain.realm}", text=f"{domain.password}\n")
    return path


def _account(name: str, service: str, host: str) -> dict[str, typing.Any]:
    return {"name": name, "service_principals": [f"{service}/{host}.{Domain.name}"]}


def _options(domain: Domain, accounts: list[dict[str, typing.Any]], tickets: pathlib.Path) -> dict[str, typing.Any]:
    """The module's options; a host's accounts and a fleet's have a keytab each."""
    return {
        "realm": domain.realm,
        "server": domain.server,
        "credentials": {"ccache": f"FILE:{tickets}"},
        "accounts": [{**account, "ou": domain.ou} for account in accounts],
        "path": str(domain.folder / ("host.keytab" if len(accounts) == len(SERVICES) else "fleet.keytab")),
    }


def _ours(domain: Domain, options: dict[str, typing.Any], _tickets: pathlib.Path) -> float:
    task = {"mailrealm.kerberos.ad_keytab": options}
    done = play([*PING, warm(task), {"name": "re-check", **task}], domain.folder, domain.variables)
    must(not done["re-check"].changed, "the re-check changed accounts")
    return own(done, "re-check")


def _tools(domain: Domain, _options: dict[str, typing.Any], tickets: pathlib.Path) -> float:
    """One search with a sealed bind, and one ticket, from a cache that holds the TGT alone."""
    cache = domain.folder / "tools"
    shutil.copy(tickets, cache)
    since = time.monotonic()
    answer = domain.run(
        "env", f"KRB5CCNAME=FILE:{cache}", "ldapsearch", "-LLL", "-N", "-Q", "-Y", "GSS-SPNEGO", "-H",
        f"ldap://{domain.server}", "-b", domain.base, "(sAMAccountName=axigen_smtp)", "msDS-KeyVersionNumber",
    )  # fmt: skip
    domain.run("kvno", "-c", f"FILE:{cache}", f"smtp/axigen1.{domain.name}@{domain.realm}")
    seconds = time.monotonic() - since
    must("msDS-KeyVersionNumber: " in answer, f"ldapsearch did not find the account: {answer}")
    return seconds
