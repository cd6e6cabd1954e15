# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each consumer of encryption types that is here makes of a krb5.conf, in real exchanges.

A consumer logs a user in and asks for a service; it accepts a token with the service's keytab; and where it has a KDC,
its KDC issues a ticket. All with the same settings. The other sides of these exchanges permit everything.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import os
import pathlib
import time
from typing import Any, Callable, Iterator, Mapping, Union

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import enctype_name
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_plan import plan
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_settings import settings_from
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_parties import (
    HERE,
    PASSWORD,
    USER,
    Enctypes,
    Machine,
    Refused,
    Side,
    heimdal,
    java,
    javas,
    mit,
    mit_next,
    run,
)
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure, daemon, running_kdc

EVERY = (18, 17, 20, 19, 26, 25, 23, 16)
PERMISSIVE = {"permitted_enctypes": " ".join(map(enctype_name, EVERY)), "allow_rc4": "true", "allow_des3": "true"}
TOKEN_LIFE = 120.0  # seconds


@dataclasses.dataclass(frozen=True)
class Case:
    """A party's name, settings as krb5_conf takes them, the enctypes of the service's keys.

    ``offered``: the session keys that the other side of the consumer's acceptor and KDC asks for; the service's own
    where it is empty.
    """

    party: str
    settings: Mapping[str, Any]
    key_enctypes: tuple[int, ...]
    offered: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of each part: the enctypes of ticket and session key, or the words of the refusal.

    ``issues`` is None where the party has no KDC here.
    """

    initiates: Union[Enctypes, str]
    accepts: Union[Enctypes, str]
    issues: Union[Enctypes, str, None] = None

    @property
    def works(self) -> bool:
        return not any(isinstance(part, str) for part in (self.initiates, self.accepts, self.issues))


def with_settings(before: bytes, settings: Mapping[str, Any]) -> bytes:
    """A krb5.conf with settings written as krb5_conf writes them."""
    return plan(before, settings_from(settings, removing=False), "present", "krb5.conf").content


class Judges:
    """A realm with a KDC that permits everything, and the parties that are here."""

    def __init__(self, realm: Realm, machines: Mapping[str, Machine]) -> None:
        self.realm = realm
        self.parties = {"mit": mit(), "mit_next": mit_next(), "heimdal": heimdal()}
        self.parties.update({name: java(name, machine) for name, machine in machines.items()})
        self._services: dict[tuple[int, ...], tuple[str, pathlib.Path]] = {}
        self._tokens: dict[Any, Any] = {}
        self._count = itertools.count()
        permissive = plan(
            realm.krb5_conf.read_bytes(),
            settings_from({"libdefaults": dict.fromkeys(PERMISSIVE)}, removing=True),
            "absent",
            "krb5.conf",
        )
        self.plain = permissive.content

    def service(self, enctypes: tuple[int, ...]) -> tuple[str, pathlib.Path]:
        """The principal that has these keys, and its keytab."""
        if enctypes not in self._services:
            principal = f"HTTP/{'-'.join(map(str, enctypes))}.{self.realm.domain}@{self.realm.name}"
            keytab = self.realm.folder / f"{len(self._services)}.keytab"
            keys = ",".join(f"{enctype_name(enctype)}:normal" for enctype in enctypes)
            self.realm.kadmin_local(
                f"addprinc -randkey -e {keys} {principal}", f"ktadd -norandkey -k {keytab} {principal}"
            )
            assert keytab.exists(), principal
            self._services[enctypes] = (principal, keytab)
        return self._services[enctypes]

    def side(self, settings: Mapping[str, Any], keytab: pathlib.Path, realm: Realm | None = None) -> Side:
        """A party with these settings beside what it needs to find the realm's KDC."""
        path = self.realm.folder / f"side{next(self._count)}.conf"
        conf = with_settings(self.plain, settings)
        if realm is not None:
            conf = conf.replace(b":%d" % self.realm.kdc_port, b":%d" % realm.kdc_port)
        path.write_bytes(conf)
        return Side(self.realm, path, keytab)

    def judge(self, case: Case) -> Outcome:
        """What the party makes of the case, in real exchanges."""
        issues = self.issues(case) if self.parties[case.party].kdc else None
        return Outcome(self.initiates(case), self.accepts(case), issues)

    def initiates(self, case: Case) -> Union[Enctypes, str]:
        """What it gets from a KDC that permits everything."""
        service, keytab = self.service(case.key_enctypes)
        return _outcome(lambda: self.parties[case.party].initiates(self.side(case.settings, keytab), service)[0])

    def accepts(self, case: Case) -> Union[Enctypes, str]:
        """What it makes of a token by which a user of MIT Kerberos comes who offers these enctypes alone."""
        service, keytab = self.service(case.key_enctypes)
        enctypes, token = self._token(case)
        mine = self.side(case.settings, keytab)

        def accepted() -> Enctypes:
            self.parties[case.party].accepts(mine, service, token)
            return enctypes

        return _outcome(accepted)

    def _token(self, case: Case) -> tuple[Enctypes, str]:
        """One token does for several acceptors, as none of them keeps a replay cache; it is good for five minutes."""
        key = (case.key_enctypes, case.offered)
        made, *token = self._tokens.get(key, (-math.inf,))
        if time.monotonic() - made > TOKEN_LIFE:
            service, keytab = self.service(case.key_enctypes)
            token = mit().initiates(self.side(_offers(case), keytab), service)
            self._tokens[key] = (time.monotonic(), *token)
        return tuple(token)

    def issues(self, case: Case) -> Union[Enctypes, str]:
        """What its KDC, of the same realm, gives that user."""
        party = self.parties[case.party]
        service, keytab = self.service(case.key_enctypes)
        folder = self.realm.folder / f"kdc{next(self._count)}"
        kdc = configure(folder, self.realm.name)
        kdc.krb5_conf.write_bytes(with_settings(kdc.krb5_conf.read_bytes(), case.settings))
        kdc_conf = kdc.kdc_conf.read_text()
        for file in ("principal", "stash"):
            kdc_conf = kdc_conf.replace(f"{folder}/{file}", f"{self.realm.folder}/{file}")
        if party.db_modules:
            kdc_conf += f"[dbmodules]\n    db_module_dir = {party.db_modules}\n"
        kdc.kdc_conf.write_text(kdc_conf)
        with daemon(kdc, *party.kdc, kdc.name, port=kdc.kdc_port):
            return _outcome(lambda: mit().initiates(self.side(_offers(case), keytab, kdc), service)[0])


def _offers(case: Case) -> dict[str, Any]:
    offered = " ".join(map(enctype_name, case.offered or case.key_enctypes))
    return {"libdefaults": {**PERMISSIVE, "permitted_enctypes": offered}}


def _outcome(part: Callable[[], Enctypes]) -> Union[Enctypes, str]:
    try:
        return part()
    except Refused as refused:
        return str(refused)


@contextlib.contextmanager
def running_judges(folder: pathlib.Path) -> Iterator[Judges]:
    """The realm and the parties, while the block runs."""
    classes = folder / "classes"
    run("javac", "--release", "8", "-Xlint:-options", "-d", classes, HERE / "GssParty.java", environment=os.environ)
    relations = [f"{name} = {value}" for name, value in PERMISSIVE.items()]
    keysalts = " ".join(f"{enctype_name(enctype)}:normal" for enctype in EVERY)
    realm = configure(folder, libdefaults=relations, kdc_relations=(f"supported_enctypes = {keysalts}",))
    realm.create_database()
    realm.kadmin_local(f'addprinc -pw "{PASSWORD}" +requires_preauth {USER}')
    machines = {name: Machine(java, classes) for name, java in javas().items()}
    try:
        with running_kdc(realm):
            yield Judges(realm, machines)
    finally:
        for machine in machines.values():
            machine.close()
