# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's section `zimbra` on a host with the double: before anything was set, and once all of it is."""

from __future__ import annotations

import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import diagnose
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import Asked
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_zimbra import CHECKS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_sign_on import OF_POSTFIX, entries
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.doctor_zimbra import gather, wishes_from
from ansible_collections.mailrealm.kerberos.tests.integration.sso_site import running_site
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_double import (
    DOMAIN,
    HOME,
    HOST,
    KEYTAB,
    SMTP_KEYTAB,
    Zimbra,
    keytab,
    running_zimbra,
)

REALM = "EXAMPLE.TEST"
SETTINGS: dict[str, Any] = {
    "wishes": {
        "hostname": HOST,
        "realm": REALM,
        "parts": ["mailbox", "proxy", "mta"],
        "keytab": str(KEYTAB),
        "mta_keytab": str(SMTP_KEYTAB),
        "first": True,
        "domains": [DOMAIN],
        "principals": {f"bob@{DOMAIN}": "bob@PARTNER.TEST"},
    },
    "proxies": [HOST],
}
SHARED = (
    ("mcf", "zimbraReverseProxyAdminIPAddress", "127.0.0.1"),
    ("md", DOMAIN, "zimbraAuthMech", "kerberos5", "zimbraAuthKerberos5Realm", REALM),
    ("ma", f"bob@{DOMAIN}", "zimbraForeignPrincipal", "kerberos5:bob@PARTNER.TEST"),
)


@pytest.fixture(scope="module")
def zimbra() -> Iterator[Zimbra]:
    """Installed, with keys and nothing else. zmconfigd's own poll comes too late to meddle."""
    with running_site() as site:
        site.realm.kadmin_local(*(f"addprinc -randkey {name}/{HOST}" for name in ("imap", "pop", "smtp")))
        with running_zimbra(site.realm) as double:
            double.run("bin/zmlocalconfig", "-e", "zmconfigd_interval=3600")
            double.run("bin/zmconfigdctl", "restart")
            keytab(double.realm, KEYTAB, "zimbra", "zimbra", 0o600, f"imap/{HOST}", f"pop/{HOST}")
            keytab(double.realm, SMTP_KEYTAB, "zimbra", "postfix", 0o640, f"smtp/{HOST}")
            yield double


def evidence() -> dict[str, Any]:
    return gather(Asked(HOST, REALM, DOMAIN, settings={"zimbra": SETTINGS}, products=("zimbra",)))


def told() -> dict[str, tuple[str, ...]]:
    """The checks that found something, each with what accounts for it."""
    return {one.check.id: one.because for one in diagnose({HOST: {"zimbra": evidence()}}, CHECKS)}


def files() -> dict[pathlib.Path, bytes]:
    """What Zimbra's host holds, beside the logs to which the double writes each call."""
    places = (HOME / "conf", HOME / "data" / "ldap", HOME / "data" / "krb5")
    return {path: path.read_bytes() for place in places for path in place.rglob("*") if path.is_file()}


def test_nothing_set_is_told_by_one_read_that_writes_nothing(zimbra: Zimbra) -> None:
    before, calls = files(), len(zimbra.invocations())
    found = told()
    programs = sorted(row["program"] for row in zimbra.invocations()[calls:])
    assert programs == ["zmcontrol", "zmlocalconfig", "zmprov"]
    assert files() == before
    causes = {name for name, because in found.items() if not because}
    assert causes >= {
        *("zimbra.gssapi_off", "zimbra.proxy_realm", "zimbra.proxy_refused", "zimbra.mta_mechanisms"),
        *("zimbra.mta_keytab", "zimbra.realm_missing", "zimbra.principal_unmapped"),
    }
    assert {"zimbra.gssapi_off", "zimbra.mta_mechanisms"} <= set(found["zimbra.not_offered"])


def test_what_is_set_and_not_in_force_is_pending_and_then_nothing_is_told(zimbra: Zimbra) -> None:
    (server,) = (one for one in entries(wishes_from(SETTINGS), legacy=False) if one["type"] == "server")
    words = [word for name, values in _values(server) for value in values for word in (name, value)]
    zimbra.run("bin/zmprov", "ms", HOST, *words)
    for line in SHARED:
        zimbra.run("bin/zmprov", *line)
    found = told()
    assert found["zimbra.restart_pending"] == ()
    assert set(found) == {"zimbra.restart_pending", "zimbra.not_offered"}
    zimbra.run("libexec/configrewrite", "proxy", "mta", "sasl")
    zimbra.run("bin/zmmailboxdctl", "restart")
    zimbra.run("bin/zmproxyctl", "restart")
    zimbra.run("bin/zmmtactl", "stop")
    zimbra.run("bin/zmmtactl", "start", "norewrite")
    assert told() == {}


def _values(server: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Whole lists, for what the role adds to the double's own values."""
    for name, value in server["attributes"].items():
        yield name, [value] if isinstance(value, str) else list(value)
    yield "zimbraMtaSaslSmtpdMechList", ["PLAIN", "LOGIN", "GSSAPI"]
    yield "zimbraMtaImportEnvironment", [*OF_POSTFIX, f"KRB5_KTNAME={SMTP_KEYTAB}"]
