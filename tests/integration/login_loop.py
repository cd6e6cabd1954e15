# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins at a service as fast as they go, in a process of their own, until it is told to stop.

Both ends are MIT's GSS-API: a client that fetches a fresh ticket for each login, the same one with a ticket that it has
had from the beginning, and a daemon's one long-lived credential that reads its keytab.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from typing import Iterator

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.gss import Exchange, initiator
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import environment
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm
from gssapi import raw

PATIENCE = 30.0  # seconds until the first logins have succeeded, or the last ones have ended
ENOUGH = 20  # logins before anything is changed, and after


@dataclasses.dataclass
class Tally:
    """The logins of one kind: how many succeeded, by the ticket's kvno; why the others failed."""

    kvnos: collections.Counter[int] = dataclasses.field(default_factory=collections.Counter)
    failures: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)


@dataclasses.dataclass(frozen=True)
class Logins:
    """What came of a loop: logins with fresh tickets, and with the one from the beginning."""

    fresh: Tally
    kept: Tally


def log_in(exchange: Exchange, acceptor: raw.Creds) -> int:
    """One context, mutually authenticated; the kvno of its ticket."""
    result = raw.accept_sec_context(exchange.respond(b""), acceptor_creds=acceptor)
    exchange.respond(result.token)
    ticket = exchange.ticket()
    assert ticket and not result.more_steps
    return ticket.kvno


def tallied(tally: Tally, exchange: Exchange, acceptor: raw.Creds) -> None:
    try:
        tally.kvnos[log_in(exchange, acceptor)] += 1
    except (Refusal, raw.GSSError) as error:
        tally.failures[str(error)] += 1


def loop(service: str, keytab: str, user: str, password: str, report: pathlib.Path) -> None:
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stop.append(number))
    name = raw.import_name(service.encode(), raw.NameType.kerberos_principal)
    store = {b"keytab": f"FILE:{keytab}".encode()}
    acceptor = raw.acquire_cred_from(store, name, mechs=[raw.MechType.kerberos], usage="accept").creds
    fresh, kept = Tally(), Tally()
    with initiator(Credentials(user, password=password)) as client:
        with client.exchange("", service, spnego=False, authzid="") as first:
            log_in(first, acceptor)
            had = pathlib.Path(first._cache).read_bytes()
        while not stop:
            with client.exchange("", service, spnego=False, authzid="") as exchange:
                tallied(fresh, exchange, acceptor)
            with client.exchange("", service, spnego=False, authzid="") as exchange:
                pathlib.Path(exchange._cache).write_bytes(had)
                tallied(kept, exchange, acceptor)
            temporary = report.with_suffix(".new")
            temporary.write_text(json.dumps([vars(fresh), vars(kept)]))
            temporary.replace(report)


def read(report: pathlib.Path) -> Logins:
    """What the loop has reported until now."""
    if not report.exists():
        return Logins(Tally(), Tally())
    return Logins(
        *(
            Tally(
                collections.Counter({int(k): n for k, n in one["kvnos"].items()}), collections.Counter(one["failures"])
            )
            for one in json.loads(report.read_text())
        )
    )


def await_more(report: pathlib.Path, process: subprocess.Popen[bytes], output: pathlib.Path) -> None:
    """Wait until the loop has made ENOUGH logins of each kind more."""
    before, give_up = read(report), time.monotonic() + PATIENCE
    while any(now - then < ENOUGH for now, then in zip(totals(read(report)), totals(before), strict=True)):
        assert process.poll() is None and time.monotonic() < give_up, output.read_text()
        time.sleep(0.05)


def totals(logins: Logins) -> tuple[int, int]:
    fresh, kept = (sum(one.kvnos.values()) + sum(one.failures.values()) for one in (logins.fresh, logins.kept))
    return fresh, kept


@contextlib.contextmanager
def logging_in(realm: Realm, folder: pathlib.Path, service: str, keytab: pathlib.Path, user: str) -> Iterator[Logins]:
    """Logins go on while the block runs, and for a while before and after; filled in once it has ended.

    The user's password is the administrator's of the realm.
    """
    report, output = folder / "logins.json", folder / "logins.output"
    given = environment(folder, **realm.variables)
    paths = [given["ANSIBLE_COLLECTIONS_PATH"], *filter(None, [os.environ.get("PYTHONPATH")])]
    with output.open("wb") as stream:
        process = subprocess.Popen(
            ("setpriv", "--pdeathsig", "KILL", sys.executable, __file__, service, str(keytab), user, str(report)),
            env={**given, "PYTHONPATH": os.pathsep.join(paths), "LOOP_PASSWORD": realm.admin_password},
            stdout=stream,
            stderr=stream,
        )
    logins = Logins(Tally(), Tally())
    try:
        await_more(report, process, output)
        yield logins
        await_more(report, process, output)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0, output.read_text()
    finally:
        process.kill()
        process.wait()
    done = read(report)
    for tally, found in ((logins.fresh, done.fresh), (logins.kept, done.kept)):
        tally.kvnos.update(found.kvnos)
        tally.failures.update(found.failures)


if __name__ == "__main__":
    loop(*sys.argv[1:4], os.environ["LOOP_PASSWORD"], pathlib.Path(sys.argv[4]))
