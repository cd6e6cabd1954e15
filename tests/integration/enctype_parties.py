# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The consumers of encryption types that are here: how each logs in, accepts a token, and starts a KDC."""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
import platform
import re
import subprocess
import sys
from typing import Any, Callable, Mapping, Sequence

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ccache import parse_ticket
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_consumers import Consumer, consumer
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import enctype_number
from ansible_collections.mailrealm.kerberos.tests.integration.realm import PATIENCE, Realm

# Debian release of the toolbox: party to the consumer of enctype_consumers.CONSUMERS that it is.
PARTIES = {
    "12": {"mit": "mit1.18", "mit_next": "mit1.21", "heimdal": "heimdal7", "java17": "java17"},
    "13": {
        "mit": "mit1.21",
        "mit_next": "mit1.21",
        "heimdal": "heimdal7",
        "java8": "java8",
        "java11": "java11",
        "java21": "java17",
        "java25": "java17",
    },
}
HERE = pathlib.Path(__file__).resolve().parent
NEXT = pathlib.Path("/opt/mit-next")
HEIMDAL = pathlib.Path("/opt/heimdal/usr/bin")
PYTHON = os.path.realpath(sys.executable)
PARTY = HERE / "gss_party.py"
USER, PASSWORD = "alice", "alice's password"
ETYPES = re.compile(r"Etype \(skey, tkt\): (?:[A-Z]+:)?(\S+), (?:[A-Z]+:)?(\S+)")
VERSION = re.compile(r"\d+\.\d+")
Enctypes = tuple[int, int]  # of the ticket, of the session key


def parties_here() -> dict[str, str]:
    """Those of PARTIES that this toolbox has; none on another machine."""
    return PARTIES.get(platform.freedesktop_os_release().get("VERSION_ID", ""), {})


class Refused(Exception):
    """A tool's own words."""


def run(*command: object, environment: Mapping[str, str], text: str = "") -> str:
    done = subprocess.run(
        tuple(map(str, command)), env=environment, input=text, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        raise Refused(" ".join((done.stderr or done.stdout).split()))
    return done.stdout


@dataclasses.dataclass(frozen=True)
class Side:
    """The environment that a party of an exchange runs in, and where its configuration and cache lie."""

    realm: Realm
    krb5_conf: pathlib.Path
    keytab: pathlib.Path

    @property
    def cache(self) -> pathlib.Path:
        return self.krb5_conf.with_suffix(".ccache")

    @property
    def environment(self) -> dict[str, str]:
        return {
            **self.realm.environment,
            "KRB5_CONFIG": str(self.krb5_conf),
            "KRB5CCNAME": f"FILE:{self.cache}",
            "KRB5_KTNAME": f"FILE:{self.keytab}",
            "KRB5RCACHENAME": "none:",
        }

    @property
    def user(self) -> str:
        return f"{USER}@{self.realm.name}"


Initiates = Callable[[Side, str], "tuple[Enctypes, str]"]
Accepts = Callable[[Side, str, str], None]


@dataclasses.dataclass(frozen=True)
class Party:
    """A consumer that is here. ``initiates`` gives enctypes and token for a service; ``accepts`` takes a token.

    ``kdc``: the command that starts its KDC; ``db_modules``: the folder of that one's database modules where it is not
    the usual one.
    """

    consumer: Consumer
    initiates: Initiates
    accepts: Accepts
    kdc: Sequence[str] = ()
    db_modules: str = ""


# -- C libraries


def _c_party(name: str, kinit: Sequence[object], python: Sequence[object], library: object, **kdc: Any) -> Party:
    def initiates(side: Side, service: str) -> tuple[Enctypes, str]:
        side.cache.unlink(missing_ok=True)
        run(*kinit, side.user, environment=side.environment, text=f"{PASSWORD}\n")
        token = run(*python, PARTY, library, "initiate", service, environment=side.environment)
        return _cached(side, service), token.strip()

    def accepts(side: Side, dummy: str, token: str) -> None:
        assert run(*python, PARTY, library, "accept", environment=side.environment, text=token).strip() == side.user

    return Party(consumer(name), initiates, accepts, **kdc)


def _cached(side: Side, service: str) -> Enctypes:
    """The enctypes of ticket and session key as MIT's klist shows them, whoever wrote the cache."""
    printed = run("klist", "-e", side.cache, environment=side.environment).partition(f"  {service}\n")[2]
    session, ticket = ETYPES.search(printed).groups()
    return enctype_number(ticket), enctype_number(session)


def _version(*command: object) -> str:
    done = subprocess.run(tuple(map(str, command)), capture_output=True, text=True, check=True)
    return VERSION.search(done.stdout + done.stderr).group()


@functools.lru_cache(maxsize=None)
def mit() -> Party:
    """Debian's own."""
    name = f"mit {_version('klist', '-V')}"
    return _c_party(name, ("kinit",), (PYTHON,), "libgssapi_krb5.so.2", kdc=("krb5kdc", "-n", "-r"))


def mit_next() -> Party:
    """The next Debian's, in its own C library."""
    library = NEXT / "lib"
    python = (next(library.glob("ld-linux-*.so.*")), "--library-path", library, PYTHON)
    return _c_party(
        f"mit {_version(NEXT / 'bin/klist', '-V')}",
        (NEXT / "bin/kinit",),
        python,
        library / "libgssapi_krb5.so.2",
        kdc=(str(NEXT / "bin/krb5kdc"), "-n", "-r"),
        db_modules=str(library / "krb5/plugins/kdb"),
    )


def heimdal() -> Party:
    """Its programs are in a folder of their own, its libraries are the system's."""
    kinit = HEIMDAL / "kinit.heimdal"
    name = f"heimdal {_version(kinit, '--version')}"
    return _c_party(name, (kinit, "--password-file=STDIN"), (PYTHON,), "libgssapi.so.3")


# -- Java


@dataclasses.dataclass
class Machine:
    """A Java virtual machine that does jobs until it is closed; the first job starts it."""

    java: pathlib.Path
    classes: pathlib.Path
    process: Any = None

    def ask(self, *words: object) -> str:
        """The answer to a job of GssParty.java; Refused with Java's words."""
        if self.process is None:
            options = ("-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", self.classes)
            self.process = subprocess.Popen(
                ("setpriv", "--pdeathsig", "KILL", self.java, *options, "GssParty"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self.process.stdin.write("\t".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        verdict, dummy, rest = self.process.stdout.readline().rstrip("\n").partition(" ")
        if verdict != "ok":
            raise Refused(rest or "the virtual machine has ended")
        return rest

    def close(self) -> None:
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait(PATIENCE)
            self.process.stdout.close()


def java(name: str, machine: Machine) -> Party:
    """A Java that does its work in `machine`."""

    def initiates(side: Side, service: str) -> tuple[Enctypes, str]:
        told = machine.ask("initiate", side.krb5_conf, side.user, PASSWORD, service)
        ticket, session, token = told.split(" ")
        return (parse_ticket(bytes.fromhex(ticket)).enctype, int(session)), token

    def accepts(side: Side, service: str, token: str) -> None:
        assert machine.ask("accept", side.krb5_conf, side.keytab, service, token) == side.user

    return Party(consumer(name), initiates, accepts)


def javas() -> dict[str, pathlib.Path]:
    """The Javas that are here: name to program."""
    found = {path.parts[2]: path for path in pathlib.Path("/opt").glob("java*/bin/java")}
    for path in pathlib.Path("/usr/lib/jvm").glob("java-[0-9]*-openjdk-*/bin/java"):
        if not path.parent.parent.is_symlink():
            found["java" + path.parts[4].split("-")[1]] = path
    return found
