# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A realm with services for CAS, tokens for them, and the JDK's calls by which CAS accepts them (CasAcceptor.java)."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import os
import pathlib
import time
from typing import Any, Iterator, Mapping, Sequence, Union

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import der, keytab
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.jaas_config_plan import entries_from, plan
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_consumers import PERMISSIVE, TOKEN_LIFE
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_parties import (
    HERE,
    PARTY,
    PASSWORD,
    PYTHON,
    USER,
    Refused,
    run,
)
from ansible_collections.mailrealm.kerberos.tests.integration.realm import (
    Realm,
    configure,
    free_ports,
    running_kdc,
)

KRB5 = "com.sun.security.auth.module.Krb5LoginModule"
ACCEPT, INITIATE, JDK = "jcifs.spnego.accept", "jcifs.spnego.initiate", "com.sun.security.jgss.krb5.accept"
ENTRIES = (ACCEPT, INITIATE, JDK)
SPNEGO, KERBEROS, MICROSOFT = "2b0601050502", "2a864886f712010202", "2a864882f712010202"
OID = 0x06
AES, RC4 = 18, 23
OTHER = "OTHER.TEST"  # a second realm; its users come with tickets of its own KDC


def login_conf(path: pathlib.Path, names: Sequence[str] = ENTRIES, **options: Any) -> pathlib.Path:
    """A login.conf as jaas_config writes it, with these options in each entry."""
    given = [{"name": name, "modules": [{"class": KRB5, "flag": "required", "options": options}]} for name in names]
    path.write_bytes(plan(str(path), None, entries_from(given), []).content)
    return path


def wrapped(mechanism_token: bytes, mechanisms: Sequence[str]) -> bytes:
    """A mechanism's token in a NegTokenInit that offers these mechanisms (RFC 4178)."""
    types = der.encode(der.SEQUENCE, *(der.encode(OID, bytes.fromhex(one)) for one in mechanisms))
    token = der.encode(der.OCTET_STRING, mechanism_token)
    fields = der.encode(der.SEQUENCE, der.encode(der.context(0), types), der.encode(der.context(2), token))
    return der.encode(der.application(0), der.encode(OID, bytes.fromhex(SPNEGO)), der.encode(der.context(0), fields))


@dataclasses.dataclass
class Stage:
    """The realms with a user each, and a closed port where no KDC is. Tokens are made anew before they are too old."""

    realm: Realm
    other: Realm
    classes: pathlib.Path
    closed: int
    tokens: dict[tuple[str, str], tuple[float, str]] = dataclasses.field(default_factory=dict)
    count: Iterator[int] = dataclasses.field(default_factory=itertools.count)

    @property
    def folder(self) -> pathlib.Path:
        return self.realm.folder

    def service(self, host: str, enctypes: Sequence[str] = ("aes256-cts",), realm: Realm | None = None) -> str:
        """A new service principal for HTTP."""
        where = realm or self.realm
        principal = f"HTTP/{host}.{where.domain}@{where.name}"
        keys = ",".join(f"{enctype}:normal" for enctype in enctypes)
        where.kadmin_local(f"addprinc -randkey -e {keys} {principal}")
        return principal

    def keytab(self, name: str, *principals: str) -> pathlib.Path:
        """A keytab with the keys as they are now."""
        path = self.folder / f"{name}.keytab"
        for principal in principals:
            where = self.other if principal.endswith(f"@{OTHER}") else self.realm
            where.kadmin_local(f"ktadd -norandkey -k {path} {principal}")
        assert len(keytab.parse(path.read_bytes(), str(path))) >= len(principals)
        return path

    def only(self, path: pathlib.Path, enctype: int) -> pathlib.Path:
        """A copy of a keytab with the keys of one enctype."""
        held = [entry for entry in keytab.parse(path.read_bytes(), str(path)) if entry.enctype == enctype]
        copy = path.with_suffix(f".{enctype}.keytab")
        copy.write_bytes(keytab.serialize(held))
        assert held
        return copy

    def token(self, service: str, mechanisms: Sequence[str] = (KERBEROS,)) -> str:
        """The user's token for a service, in hexadecimal; wrapped in SPNEGO."""
        where = self.other if service.endswith(f"@{OTHER}") else self.realm
        kvno = next(iter(where.keys(service)), "")
        made, token = self.tokens.get((service, kvno), (-math.inf, ""))
        if time.monotonic() - made > TOKEN_LIFE:
            environment = {**where.environment, "KRB5CCNAME": f"FILE:{where.folder}/{next(self.count)}.ccache"}
            run("kinit", f"{USER}@{where.name}", environment=environment, text=f"{PASSWORD}\n")
            token = run(PYTHON, PARTY, "libgssapi_krb5.so.2", "initiate", service, environment=environment).strip()
            self.tokens[service, kvno] = (time.monotonic(), token)
        return wrapped(bytes.fromhex(token), mechanisms).hex()

    def krb5_conf(self, name: str, *libdefaults: str, kdc: bool = False) -> pathlib.Path:
        """A krb5.conf for CAS alone; without ``kdc`` nobody answers where it says that a KDC is."""
        path = self.folder / f"{name}.conf"
        lines = ["[libdefaults]", f"default_realm = {self.realm.name}", *libdefaults, "[realms]"]
        for realm in (self.realm, self.other):
            port = realm.kdc_port if kdc else self.closed
            lines.append(f"{realm.name} = {{\n kdc = 127.0.0.1:{port}\n}}")
        path.write_text("\n".join(lines) + "\n")
        return path


def accept(
    java: pathlib.Path, stage: Stage, properties: Mapping[str, Union[str, pathlib.Path]], tokens: Sequence[str]
) -> list[str]:
    """What a new virtual machine with these properties makes of the tokens: users' names, or Java's words."""
    home = stage.folder / "home"  # where Java looks for a krb5.keytab of the user's
    home.mkdir(exist_ok=True)
    options = ("-XX:TieredStopAtLevel=1", "-Xmx128m", "-Xshare:auto", f"-Duser.home={home}", "-cp", stage.classes)
    lines = [*(f"{name}={value}" for name, value in properties.items()), *tokens]
    try:
        told = run(java, *options, "CasAcceptor", environment=os.environ, text="".join(f"{line}\n" for line in lines))
    except Refused as refused:
        raise AssertionError(f"the virtual machine has ended: {refused}") from refused
    answers = [line.partition(" ")[2] for line in told.splitlines()]
    assert len(answers) == len(tokens), told
    return answers


@contextlib.contextmanager
def running_stage(folder: pathlib.Path) -> Iterator[Stage]:
    """Both realms with their KDCs, while the block runs."""
    classes = folder / "classes"
    classes.mkdir()
    run("javac", "--release", "8", "-Xlint:-options", "-d", classes, HERE / "CasAcceptor.java", environment=os.environ)
    relations = [f"{name} = {value}" for name, value in PERMISSIVE.items()]
    realms = [configure(folder / name, name, libdefaults=relations) for name in ("REALM.TEST", OTHER)]
    with contextlib.ExitStack() as stack:
        for realm in realms:
            realm.create_database()
            realm.kadmin_local(f'addprinc -pw "{PASSWORD}" {USER}')
            stack.enter_context(running_kdc(realm))
        yield Stage(*realms, classes, *free_ports(1))
