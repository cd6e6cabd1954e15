# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of test_cas_java.py: how the JDK is set up in each, the user's ticket, and what comes of it."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import pathlib
from typing import Callable, Mapping, Sequence

from ansible_collections.mailrealm.kerberos.tests.integration.cas_acceptor import (
    ACCEPT,
    AES,
    ENTRIES,
    JDK,
    KERBEROS,
    KRB5,
    MICROSOFT,
    OTHER,
    RC4,
    Stage,
    login_conf,
)
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_parties import USER

WORKS = f"{USER}@REALM.TEST"
OTHER_USER = f"{USER}@{OTHER}"
OURS = {"storeKey": True, "useKeyTab": True, "isInitiator": False, "doNotPrompt": True}


@dataclasses.dataclass(frozen=True)
class Attempt:
    """``flag``: use-subject-creds-only. ``login``: the login.conf, if any; ``libdefaults`` and ``kdc``: of krb5.conf.

    ``service``: jcifs-service-principal; ``tokens``: the services that users have tickets for, ``service`` if empty.
    """

    flag: bool
    login: pathlib.Path | None = None
    libdefaults: tuple[str, ...] = ()
    kdc: bool = False
    properties: Mapping[str, str] = dataclasses.field(default_factory=dict)
    service: str = ""
    tokens: tuple[str, ...] = ()
    mechanisms: tuple[str, ...] = (KERBEROS,)


class Things:
    """Services, keytabs and login.confs, made when they are first asked for."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._count = itertools.count()

    @functools.cached_property
    def spn(self) -> str:
        return self.stage.service("cas")

    @functools.cached_property
    def keytab(self) -> pathlib.Path:
        return self.stage.keytab("cas", self.spn)

    @functools.cached_property
    def aliases(self) -> tuple[str, str, str]:
        """A second name, and one of another realm."""
        return (self.spn, self.stage.service("sso"), self.stage.service("cas", realm=self.stage.other))

    @functools.cached_property
    def many(self) -> pathlib.Path:
        return self.stage.keytab("many", *self.aliases)

    @functools.cached_property
    def rc4(self) -> tuple[str, pathlib.Path]:
        spn = self.stage.service("rc4", ("arcfour-hmac",))
        return spn, self.stage.keytab("rc4", spn)

    @functools.cached_property
    def rc4_first(self) -> tuple[str, pathlib.Path]:
        """The KDC seals with the first of a service's keys."""
        spn = self.stage.service("rc4-first", ("arcfour-hmac", "aes256-cts"))
        return spn, self.stage.keytab("rc4-first", spn)

    @functools.cached_property
    def aes_first(self) -> tuple[str, pathlib.Path]:
        spn = self.stage.service("aes-first", ("aes256-cts", "arcfour-hmac"))
        return spn, self.stage.keytab("aes-first", spn)

    @functools.cached_property
    def rekeyed(self) -> tuple[str, pathlib.Path, pathlib.Path]:
        """A service whose key is new; the keytab from before, and one with both keys."""
        spn = self.stage.service("rekeyed")
        stale, both = self.stage.keytab("stale", spn), self.stage.keytab("both-kvnos", spn)
        self.stage.realm.kadmin_local(f"cpw -randkey -e aes256-cts:normal {spn}", f"ktadd -norandkey -k {both} {spn}")
        return spn, stale, both

    def attempt(self, row: str) -> Attempt:
        """A row's, with the usual service where it names none."""
        attempt = ROWS[row][0](self)
        return attempt if attempt.service else dataclasses.replace(attempt, service=self.spn)

    def ours(self, keytab: pathlib.Path, principal: str, names: Sequence[str] = ENTRIES) -> pathlib.Path:
        """The login.conf that the role writes."""
        path = self.stage.folder / f"{next(self._count)}.login"
        return login_conf(path, names, **OURS, keyTab=str(keytab), principal=principal)

    def sample(self, name: str, text: str) -> pathlib.Path:
        """The document's login.conf."""
        path = self.stage.folder / f"{name}.login"
        path.write_text("".join(f"{one} {{\n  {KRB5} required {text};\n}};\n" for one in ENTRIES[:2]))
        return path

    @functools.cached_property
    def one_line(self) -> pathlib.Path:
        return self.sample("one-line", f'storeKey=true useKeyTab=true keyTab="{self.keytab}"')

    @functools.cached_property
    def named(self) -> pathlib.Path:
        return self.sample("named", f'storeKey=true useKeyTab=true keyTab="{self.keytab}" principal="{self.spn}"')

    def by_name(self) -> tuple[str, ...]:
        return (f"default_keytab_name = FILE:{self.keytab}",)

    def login(self, **more: object) -> Attempt:
        """What the role writes."""
        return Attempt(True, self.ours(self.keytab, self.spn), **more)


def _kdc(things: Things, *names: str, port: str = "") -> dict[str, str]:
    values = {"kdc": f"127.0.0.1{port}", "realm": things.stage.realm.name}
    return {f"java.security.krb5.{name}": values[name] for name in names}


Row = tuple[Callable[[Things], Attempt], str]
# What Java says.
NO_KEY = "Cannot find key of appropriate type to decrypt AP[- ]RE"  # AP REP in Java 8, AP-REQ later
OTHER_KEY = "Checksum failed"
NO_ENTRY = "No LoginModules configured for jcifs.spnego.accept"
NO_PARSE = r"Configuration Error: \s*Line 2: expected \[option key\]"
NO_KDC = "Port ?Unreachable"
BOTH_OR_NEITHER = "java.security.krb5.kdc and java.security.krb5.realm both must be set or neither"
NO_RC4 = "Encryption type RC4 with HMAC is not supported/enabled"
NOT_PERMITTED = "not in permitted_enctypes list"
REPLAY = "Request is a replay"
# What Java says, as people read it; a pattern that is not here is its own words.
WORDS = {
    NO_KEY: "Cannot find key of appropriate type to decrypt AP-REQ",
    NO_PARSE: "Configuration Error: Line 2: expected [option key]",
    NO_KDC: "PortUnreachableException",
    WORKS: "works",
    OTHER_USER: "works",
}
ROWS: dict[str, Row] = {
    "default_keytab_name, false": (lambda t: Attempt(False, None, t.by_name(), kdc=True), WORKS),
    "default_keytab_name, false, no KDC answers": (lambda t: Attempt(False, None, t.by_name()), WORKS),
    "no default_keytab_name, false": (lambda _t: Attempt(False), NO_KEY),
    "default_keytab_name, true, no login.conf": (lambda t: Attempt(True, None, t.by_name()), NO_ENTRY),
    "jcifs.spnego.accept alone, false": (lambda t: Attempt(False, t.ours(t.keytab, t.spn, [ACCEPT])), NO_KEY),
    "jcifs.spnego.accept alone, default_keytab_name, false": (
        lambda t: Attempt(False, t.ours(t.keytab, t.spn, [ACCEPT]), t.by_name()),
        WORKS,
    ),
    "com.sun.security.jgss.krb5.accept alone, false": (
        lambda t: Attempt(False, t.ours(t.keytab, t.spn, [JDK])),
        WORKS,
    ),
    "all three entries, false": (lambda t: Attempt(False, t.ours(t.keytab, t.spn)), WORKS),
    "all three entries, true": (lambda t: t.login(), WORKS),
    "all three entries, true, a KDC answers": (lambda t: t.login(kdc=True), WORKS),
    "jcifs.spnego.accept alone, true": (lambda t: Attempt(True, t.ours(t.keytab, t.spn, [ACCEPT])), WORKS),
    "the document's sample with a backslash, true": (
        lambda t: Attempt(True, t.sample("folded", f'storeKey=true \\\n useKeyTab=true keyTab="{t.keytab}"')),
        NO_PARSE,
    ),
    "the document's sample in one line, true": (lambda t: Attempt(True, t.one_line, kdc=True), WORKS),
    "the document's sample in one line, true, no KDC answers": (lambda t: Attempt(True, t.one_line), NO_KDC),
    "the same with principal, true": (lambda t: Attempt(True, t.named, kdc=True), WORKS),
    "the same with principal, true, no KDC answers": (lambda t: Attempt(True, t.named), NO_KDC),
    "kerberos-kdc alone": (lambda t: t.login(properties=_kdc(t, "kdc")), WORKS),
    "kerberos-realm alone": (lambda t: t.login(properties=_kdc(t, "realm")), WORKS),
    "kerberos-kdc and kerberos-realm": (lambda t: t.login(properties=_kdc(t, "kdc", "realm")), WORKS),
    "kerberos-kdc as host:port, kerberos-realm": (
        lambda t: t.login(properties=_kdc(t, "kdc", "realm", port=f":{t.stage.realm.kdc_port}")),
        WORKS,
    ),
    "kerberos-kdc alone, the document's sample": (
        lambda t: Attempt(True, t.one_line, kdc=True, properties=_kdc(t, "kdc")),
        BOTH_OR_NEITHER,
    ),
    "kerberos-realm alone, the document's sample": (
        lambda t: Attempt(True, t.one_line, kdc=True, properties=_kdc(t, "realm")),
        BOTH_OR_NEITHER,
    ),
    "kerberos-kdc alone, default_keytab_name, false": (
        lambda t: Attempt(False, None, t.by_name(), properties=_kdc(t, "kdc")),
        BOTH_OR_NEITHER,
    ),
    "kerberos-kdc as host:port, kerberos-realm, the document's sample": (
        lambda t: Attempt(
            True,
            t.one_line,
            kdc=True,
            properties=_kdc(t, "kdc", "realm", port=f":{t.stage.realm.kdc_port}"),
        ),
        NO_KDC,
    ),
    "an RC4 keytab": (lambda t: Attempt(True, t.ours(t.rc4[1], t.rc4[0]), service=t.rc4[0]), NO_RC4),
    "an RC4 keytab, allow_weak_crypto": (
        lambda t: Attempt(True, t.ours(t.rc4[1], t.rc4[0]), ("allow_weak_crypto = true",), service=t.rc4[0]),
        WORKS,
    ),
    "an AES keytab, a ticket by RC4": (
        lambda t: Attempt(
            True,
            t.ours(t.stage.only(t.rc4_first[1], AES), t.rc4_first[0]),
            ("allow_weak_crypto = true",),
            service=t.rc4_first[0],
        ),
        NO_KEY,
    ),
    "an RC4 keytab, a ticket by AES": (
        lambda t: Attempt(
            True,
            t.ours(t.stage.only(t.aes_first[1], RC4), t.aes_first[0]),
            ("allow_weak_crypto = true",),
            service=t.aes_first[0],
        ),
        NO_KEY,
    ),
    "permitted_enctypes without the ticket's": (
        lambda t: t.login(libdefaults=("permitted_enctypes = aes128-cts-hmac-sha1-96",)),
        NOT_PERMITTED,
    ),
    "a stale kvno": (lambda t: Attempt(True, t.ours(t.rekeyed[1], t.rekeyed[0]), service=t.rekeyed[0]), OTHER_KEY),
    "both kvnos": (lambda t: Attempt(True, t.ours(t.rekeyed[2], t.rekeyed[0]), service=t.rekeyed[0]), WORKS),
    "the service principal is not in the keytab, true": (
        lambda t: Attempt(True, t.ours(t.keytab, t.aliases[1]), service=t.aliases[1]),
        NO_KEY,
    ),
    "the service principal is not in the keytab, false": (
        lambda t: Attempt(False, None, t.by_name(), service=t.aliases[1]),
        NO_KEY,
    ),
    "a ticket for another name, which the keytab has, principal of login.conf named, true": (
        lambda t: Attempt(True, t.ours(t.many, t.spn), tokens=t.aliases[1:2]),
        OTHER_KEY,
    ),
    "a ticket for another name, which the keytab has, principal=*, true": (
        lambda t: Attempt(True, t.ours(t.many, "*"), tokens=t.aliases[1:2]),
        OTHER_KEY,
    ),
    "a ticket for another name, which the keytab has, default_keytab_name, false": (
        lambda t: Attempt(False, None, (f"default_keytab_name = FILE:{t.many}",), tokens=t.aliases[1:2]),
        OTHER_KEY,
    ),
    "principal=*, true": (
        lambda t: Attempt(
            True,
            t.ours(t.many, "*"),
        ),
        WORKS,
    ),
    "principal=*, service principal of another realm, true": (
        lambda t: Attempt(True, t.ours(t.many, "*"), service=t.aliases[2]),
        OTHER_USER,
    ),
    "a ticket of another realm, principal=*, true": (
        lambda t: Attempt(True, t.ours(t.many, "*"), tokens=t.aliases[2:]),
        OTHER_KEY,
    ),
    "service principal of another realm, default_keytab_name, false": (
        lambda t: Attempt(False, None, (f"default_keytab_name = FILE:{t.many}",), service=t.aliases[2]),
        OTHER_USER,
    ),
    "SPNEGO as Windows sends it": (lambda t: t.login(mechanisms=(MICROSOFT, KERBEROS)), WORKS),
    "a token for the second time": (lambda t: t.login(tokens=(t.spn, t.spn)), REPLAY),
}


def guide() -> str:
    """The table of docs/cas-versions.md."""
    lines = ["| set up as | Java |", "|---|---|"]
    for row, (dummy, expected) in ROWS.items():
        words = WORDS.get(expected, f"`{expected}`")
        lines.append(f"| {row} | {words if words == 'works' or words.startswith('`') else f'`{words}`'} |")
    return "\n".join(lines) + "\n"
