# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's double lets in by tickets only where everything is set up and applied as the real one needs it."""

from __future__ import annotations

import contextlib
import imaplib
import pathlib
import shutil
import smtplib
import ssl
import subprocess
import time
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.proof import Proof, Service
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.sso_login import log_in_to_all
from ansible_collections.mailrealm.kerberos.tests.integration.sso_site import ME, PASSWORD, Site, running_site
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_double import (
    CERTIFICATE,
    HOME,
    HOST,
    KEYTAB,
    MAILBOX_LOG,
    MAILBOX_PORTS,
    NGINX_LOG,
    PORTS,
    SMTP_KEYTAB,
    SYSLOG,
    Zimbra,
    keytab,
    running_zimbra,
)

NAMES = {"imap": "imap", "pop3": "pop", "smtp": "smtp"}
OTHER = "other.example.test"
CAROL = Credentials("carol", password="carol's password")  # whom the account bob names in zimbraForeignPrincipal
NOBODY = Credentials("nobody", password="nobody's password")
SHA2 = "aes256-cts-hmac-sha384-192:normal"
NO_CREDENTIALS = "No credentials were supplied, or the credentials were unavailable or inaccessible"
PATIENCE = 20.0
MAILBOX, PROXY, MTA = "mailbox", "proxy", "mta"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as running:
        running.realm.kadmin_local(
            *(f"addprinc -randkey {name}/{host}" for name in NAMES.values() for host in (HOST, OTHER)),
            f'addprinc -pw "{CAROL.password}" carol',
            f'addprinc -pw "{NOBODY.password}" nobody',
        )
        yield running


@pytest.fixture(scope="module")
def bare(site: Site) -> Iterator[tuple[Zimbra, dict[str, list[Proof]]]]:
    """The double as installed and started, and what logging in to it came to."""
    with running_zimbra(site.realm) as double:
        good_keytabs(double)
        yield double, {place: logins(place) for place in (MAILBOX, PROXY, MTA)}


@pytest.fixture(scope="module")
def zimbra(bare: tuple[Zimbra, Any]) -> Zimbra:
    """With everything right."""
    double = bare[0]
    md(double, "zimbraAuthMech", "kerberos5", "zimbraAuthKerberos5Realm", "EXAMPLE.TEST")
    ms(
        double,
        *("zimbraImapSaslGssapiEnabled", "TRUE", "zimbraPop3SaslGssapiEnabled", "TRUE"),
        *("zimbraReverseProxyImapSaslGssapiEnabled", "TRUE", "zimbraReverseProxyPop3SaslGssapiEnabled", "TRUE"),
        *("zimbraReverseProxyDefaultRealm", "EXAMPLE.TEST"),
        *("zimbraMtaSaslSmtpdMechList", "GSSAPI", "zimbraMtaSaslSmtpdMechList", "PLAIN"),
        *("zimbraMtaImportEnvironment", f"KRB5_KTNAME={SMTP_KEYTAB}"),
    )
    double.run("bin/zmprov", "mcf", "+zimbraReverseProxyAdminIPAddress", "127.0.0.1")
    double.run("bin/zmprov", "ma", "bob@example.test", "zimbraForeignPrincipal", "kerberos5:carol@EXAMPLE.TEST")
    restart(double, MAILBOX, PROXY, MTA)
    return double


def md(double: Zimbra, *words: str) -> None:
    double.run("bin/zmprov", "md", "example.test", *words)


def ms(double: Zimbra, *words: str) -> None:
    double.run("bin/zmprov", "ms", HOST, *words)


def restart(double: Zimbra, *places: str) -> None:
    """So that everything that is set is applied."""
    if MAILBOX in places:
        double.run("bin/zmmailboxdctl", "restart")
    if PROXY in places:
        double.run("bin/zmproxyctl", "restart")
    if MTA in places:
        double.run("bin/zmmtactl", "stop")
        double.run("bin/zmmtactl", "start")


def good_keytabs(double: Zimbra) -> None:
    keytab(double.realm, KEYTAB, "zimbra", "zimbra", 0o600, f"imap/{HOST}", f"pop/{HOST}")
    keytab(double.realm, SMTP_KEYTAB, "zimbra", "postfix", 0o640, f"smtp/{HOST}")


def service(protocol: str, port: int, tls: str, **options: Any) -> Service:
    given = {"service_principal": f"{NAMES[protocol]}/{HOST}", "ca_path": str(CERTIFICATE), "timeout": 15.0, **options}
    return Service(protocol, "localhost", port, tls, **given)


def services(place: str, **options: Any) -> list[Service]:
    ports = {
        MAILBOX: MAILBOX_PORTS,
        PROXY: {name: PORTS[name] for name in ("imap", "pop3")},
        MTA: {"smtp": PORTS["smtp"]},
    }
    if place == MTA:
        return [service("smtp", 587, "starttls", **options), service("smtp", 465, "implicit", **options)]
    imap, pop3 = ports[place]["imap"], ports[place]["pop3"]
    return [service("imap", imap[0], "starttls", **options), service("pop3", pop3[1], "implicit", **options)]


def logins(place: str, credentials: Credentials = ME, **options: Any) -> list[Proof]:
    return log_in_to_all(services(place, **options), credentials)


def results(*places: str, credentials: Credentials = ME) -> list[bool]:
    """Whether one logs in, place by place; both ways of a place must agree."""
    found = [[proof.ok for proof in logins(place, credentials)] for place in places]
    assert all(len(set(ways)) == 1 for ways in found), found
    return [ways[0] for ways in found]


def offered(place: str) -> list[bool]:
    return ["GSSAPI" in proof.offered for proof in logins(place)]


def until(condition: Any) -> bool:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


@contextlib.contextmanager
def logs(path: pathlib.Path, *texts: str) -> Iterator[None]:
    """What the log must hold of the block."""
    before = len(path.read_text())
    yield
    assert until(lambda: all(text in path.read_text()[before:] for text in texts)), path.read_text()[before:]


@contextlib.contextmanager
def keytab_of(double: Zimbra, path: pathlib.Path = KEYTAB) -> Iterator[pathlib.Path]:
    """A keytab that the block may spoil."""
    try:
        yield path
    finally:
        good_keytabs(double)
        time.sleep(0.5)  # mailboxd looks at its keytab several times a second


def test_nothing_is_offered_as_installed(bare: tuple[Zimbra, dict[str, list[Proof]]]) -> None:
    proofs = [proof for place in (MAILBOX, PROXY, MTA) for proof in bare[1][place]]
    assert [proof.symptom for proof in proofs] == ["gssapi_not_offered"] * 6
    assert [sorted(proof.offered) for proof in proofs] == [["PLAIN"]] * 4 + [["LOGIN", "PLAIN"]] * 2


@pytest.mark.usefixtures("zimbra")
def test_both_ways_of_mapping_log_in_everywhere() -> None:
    for credentials in (ME, CAROL):
        proofs = [proof for place in (MAILBOX, PROXY, MTA) for proof in logins(place, credentials)]
        assert [proof for proof in proofs if not proof.ok] == []
    assert {path.name for path in (HOME / "store/double").iterdir()} >= {"alice@example.test", "bob@example.test"}


@pytest.mark.usefixtures("zimbra")
def test_own_account_may_be_named() -> None:
    proofs = [*logins(MAILBOX, authzid="alice@example.test"), *logins(PROXY, authzid="alice@example.test")]
    proofs += [*logins(MAILBOX, authzid="bob@example.test"), *logins(PROXY, authzid="bob@example.test")]
    assert [proof.ok for proof in proofs] == [True] * 4 + [False] * 4


@pytest.mark.usefixtures("zimbra")
def test_principal_without_account() -> None:
    words = "no account associated with Kerberos principal nobody@EXAMPLE.TEST"
    with logs(MAILBOX_LOG, f"authentication failed ({words})", f"NginxLookupException: {words}"):
        assert results(MAILBOX, PROXY, credentials=NOBODY) == [False, False]


def test_domain_without_the_realm(zimbra: Zimbra) -> None:
    md(zimbra, "zimbraAuthKerberos5Realm", "")
    time.sleep(1)
    with logs(MAILBOX_LOG, "no account associated with Kerberos principal alice@EXAMPLE.TEST"):
        assert results(MAILBOX) == [False]
    assert results(MAILBOX, credentials=CAROL) == [True]
    md(zimbra, "zimbraAuthKerberos5Realm", "EXAMPLE.TEST")
    assert until(lambda: results(MAILBOX) == [True])


def test_mailbox_takes_its_attributes_at_a_start(zimbra: Zimbra) -> None:
    ms(zimbra, "zimbraImapSaslGssapiEnabled", "FALSE")
    zimbra.run("libexec/configrewrite", "mailbox")
    assert offered(MAILBOX) == [True, True]
    restart(zimbra, MAILBOX)
    assert offered(MAILBOX) == [False, True]
    ms(zimbra, "zimbraImapSaslGssapiEnabled", "TRUE")
    restart(zimbra, MAILBOX)
    assert offered(MAILBOX) == [True, True]


def test_proxy_needs_a_rewrite_and_a_restart(zimbra: Zimbra) -> None:
    ms(zimbra, "zimbraReverseProxyImapSaslGssapiEnabled", "FALSE")
    zimbra.run("bin/zmproxyctl", "restart", "norewrite")
    assert offered(PROXY) == [True, True]
    zimbra.run("libexec/configrewrite", "proxy")
    assert "imap_auth plain;" in (HOME / "conf/nginx/includes/nginx.conf.mail").read_text()
    assert offered(PROXY) == [True, True]
    zimbra.run("bin/zmproxyctl", "restart", "norewrite")
    assert offered(PROXY) == [False, True]
    ms(zimbra, "zimbraReverseProxyImapSaslGssapiEnabled", "TRUE")
    restart(zimbra, PROXY)
    assert offered(PROXY) == [True, True]


def test_rewrite_of_one_section_swallows_a_change_in_another(zimbra: Zimbra) -> None:
    zimbra.run("bin/zmlocalconfig", "-e", "zmconfigd_interval=1")
    zimbra.run("bin/zmconfigdctl", "restart")
    zimbra.run("bin/zmconfigdctl", "stop")
    zimbra.run("bin/zmlocalconfig", "-e", "zmconfigd_interval=60")
    zimbra.run("bin/zmconfigdctl", "start")
    with logs(SYSLOG, "Var zimbraMtaSaslSmtpdMechList changed from 'GSSAPI, PLAIN' -> 'PLAIN'"):
        ms(zimbra, "zimbraMtaSaslSmtpdMechList", "PLAIN")
        zimbra.run("libexec/configrewrite", "proxy")
    assert "GSSAPI" in (HOME / "conf/sasl2/smtpd.conf").read_text()
    ms(zimbra, "zimbraMtaSaslSmtpdMechList", "GSSAPI", "zimbraMtaSaslSmtpdMechList", "PLAIN")
    zimbra.run("libexec/configrewrite", "sasl")


def test_poll_applies_what_it_watches(zimbra: Zimbra) -> None:
    zimbra.run("bin/zmlocalconfig", "-e", "zmconfigd_interval=1")
    zimbra.run("bin/zmconfigdctl", "restart")
    words = ("CONTROL mta: bin/zmmtactl reload norewrite", "CONTROL proxy: bin/zmproxyctl restart norewrite")
    with logs(SYSLOG, *words, "mta reload initiated from zmconfigd", "All restarts completed in"):
        ms(zimbra, "zimbraMtaSaslSmtpdMechList", "PLAIN", "zimbraReverseProxyPop3SaslGssapiEnabled", "FALSE")
    assert until(lambda: offered(MTA) == [False, False] and offered(PROXY) == [True, False])
    ms(zimbra, "zimbraMtaSaslSmtpdMechList", "GSSAPI", "zimbraMtaSaslSmtpdMechList", "PLAIN")
    ms(zimbra, "zimbraReverseProxyPop3SaslGssapiEnabled", "TRUE")
    assert until(lambda: offered(MTA) == [True, True] and offered(PROXY) == [True, True])
    zimbra.run("bin/zmlocalconfig", "-u", "zmconfigd_interval")
    zimbra.run("bin/zmconfigdctl", "restart")


def test_environment_of_the_mta_needs_stop_and_start(zimbra: Zimbra) -> None:
    ms(zimbra, "zimbraMtaImportEnvironment", f"KRB5_KTNAME={HOME}/nowhere.keytab")
    zimbra.run("bin/zmmtactl", "restart")
    assert results(MTA) == [True]
    restart(zimbra, MTA)
    with logs(SYSLOG, NO_CREDENTIALS):
        assert results(MTA) == [False]
    ms(zimbra, "zimbraMtaImportEnvironment", f"KRB5_KTNAME={SMTP_KEYTAB}")
    restart(zimbra, MTA)
    assert results(MTA) == [True]


@pytest.mark.parametrize("how", ["missing", "owner", "mode"])
def test_keytab_that_zimbra_cannot_read(zimbra: Zimbra, how: str) -> None:
    with keytab_of(zimbra) as path:
        if how == "missing":
            path.unlink()
        elif how == "owner":
            shutil.chown(path, "root", "root")
        else:
            path.chmod(0)
        time.sleep(0.5)
        with logs(MAILBOX_LOG, f"Keytab file '{KEYTAB}' not found"), logs(NGINX_LOG, NO_CREDENTIALS):
            assert results(MAILBOX, PROXY, MTA) == [False, False, True]
    assert results(MAILBOX, PROXY) == [True, True]  # without a restart


@pytest.mark.parametrize(("owner", "group", "mode"), [("zimbra", "zimbra", 0o600), ("root", "postfix", 0o600)])
def test_keytab_that_postfix_cannot_read(zimbra: Zimbra, owner: str, group: str, mode: int) -> None:
    with keytab_of(zimbra, SMTP_KEYTAB) as path:
        shutil.chown(path, owner, group)
        path.chmod(mode)
        with logs(SYSLOG, NO_CREDENTIALS):
            assert results(MTA, MAILBOX) == [False, True]
    assert results(MTA) == [True]


def test_keytab_of_another_host(zimbra: Zimbra) -> None:
    with keytab_of(zimbra):
        keytab(zimbra.realm, KEYTAB, "zimbra", "zimbra", 0o600, f"imap/{OTHER}", f"pop/{OTHER}")
        time.sleep(0.5)
        words = [
            f"Key not found in keystore for service principal '{name}/{HOST}@EXAMPLE.TEST'" for name in ("imap", "pop")
        ]
        with logs(MAILBOX_LOG, *words), logs(NGINX_LOG, "GSSAPI Error"):
            assert results(MAILBOX, PROXY) == [False, False]


def test_mailbox_takes_no_alias_but_proxy_does(zimbra: Zimbra) -> None:
    with keytab_of(zimbra):
        names = [f"{name}/{host}" for name in ("imap", "pop") for host in (HOST, OTHER)]
        keytab(zimbra.realm, KEYTAB, "zimbra", "zimbra", 0o600, *names)
        time.sleep(0.5)
        ways = [service("imap", port, "implicit", service_principal=f"imap/{OTHER}") for port in (7993, 993)]
        with logs(MAILBOX_LOG, "Failed to find any Kerberos Key"):
            assert [proof.ok for proof in log_in_to_all(ways, ME)] == [False, True]


def test_name_of_the_mta(zimbra: Zimbra) -> None:
    with logs(SYSLOG, NO_CREDENTIALS):
        ms(zimbra, "zimbraMtaMyHostname", OTHER)
        zimbra.run("bin/zmmtactl", "restart")
        assert until(lambda: not any(proof.ok for proof in logins(MTA)))
    ms(zimbra, "zimbraMtaMyHostname", HOST)
    zimbra.run("bin/zmmtactl", "restart")
    assert until(lambda: all(proof.ok for proof in logins(MTA)))


def test_keys_newer_than_heimdal(zimbra: Zimbra) -> None:
    """Java knows RFC 8009, the bundled Heimdal does not; keys change without a restart."""
    names = [f"{name}/{HOST}" for name in NAMES.values()]
    zimbra.realm.kadmin_local(*(f"cpw -randkey -e {SHA2} {name}" for name in names))
    good_keytabs(zimbra)
    time.sleep(0.5)
    with logs(NGINX_LOG, "encryption type 20 not supported"), logs(SYSLOG, "encryption type 20 not supported"):
        assert results(MAILBOX, PROXY, MTA) == [True, False, False]
    zimbra.realm.kadmin_local(*(f"cpw -randkey {name}" for name in names))
    good_keytabs(zimbra)
    time.sleep(0.5)
    assert results(MAILBOX, PROXY, MTA) == [True, True, True]


def test_krb5_conf_with_includedir(zimbra: Zimbra) -> None:
    folder = zimbra.realm.folder / "conf.d"
    folder.mkdir()
    zimbra.krb5_conf(before=f"includedir {folder}\n\n")
    restart(zimbra, PROXY, MTA)
    words = "Improper format of Kerberos configuration file"
    with logs(NGINX_LOG, words), logs(SYSLOG, words):
        assert results(MAILBOX, PROXY, MTA) == [True, False, False]
    zimbra.krb5_conf()
    restart(zimbra, PROXY, MTA)
    assert results(MAILBOX, PROXY, MTA) == [True, True, True]


def test_permitted_enctypes(zimbra: Zimbra) -> None:
    zimbra.krb5_conf("permitted_enctypes = aes128-cts-hmac-sha1-96")
    restart(zimbra, MAILBOX)
    words = "AES256 CTS mode with HMAC SHA1-96 encryption type not in permitted_enctypes list"
    with logs(MAILBOX_LOG, words):
        assert results(MAILBOX) == [False]
    zimbra.krb5_conf()
    restart(zimbra, MAILBOX)
    assert results(MAILBOX) == [True]


def test_proxy_whose_address_is_not_allowed(zimbra: Zimbra) -> None:
    """What -l changes in the global config mailboxd does not see before a flush."""
    zimbra.run("bin/zmprov", "-l", "mcf", "zimbraReverseProxyAdminIPAddress", "192.0.2.1")
    time.sleep(1)
    assert results(PROXY) == [True]
    zimbra.run("bin/zmprov", "fc", "config")
    time.sleep(1)
    with logs(MAILBOX_LOG, "X-Proxy-IP 127.0.0.1 is not allowed"):
        assert results(PROXY, MAILBOX) == [False, True]
    zimbra.run("bin/zmprov", "mcf", "+zimbraReverseProxyAdminIPAddress", "127.0.0.1")
    assert until(lambda: results(PROXY) == [True])


def test_proxy_without_its_default_realm(zimbra: Zimbra) -> None:
    ms(zimbra, "zimbraReverseProxyDefaultRealm", "")
    restart(zimbra, PROXY)
    with logs(MAILBOX_LOG, "no account associated with Kerberos principal alice"):
        assert results(PROXY) == [False]
    ms(zimbra, "zimbraReverseProxyDefaultRealm", "EXAMPLE.TEST")
    restart(zimbra, PROXY)
    assert results(PROXY) == [True]


def test_another_keytab_in_localconfig(zimbra: Zimbra) -> None:
    zimbra.run("bin/zmlocalconfig", "-e", "krb5_keytab=/opt/zimbra/conf/other.keytab")
    assert results(MAILBOX, PROXY) == [True, True]
    restart(zimbra, MAILBOX, PROXY)
    with logs(MAILBOX_LOG, "Keytab file '/opt/zimbra/conf/other.keytab' not found"):
        assert results(MAILBOX, PROXY) == [False, False]
    zimbra.run("bin/zmlocalconfig", "-u", "krb5_keytab")
    restart(zimbra, MAILBOX, PROXY)
    assert results(MAILBOX, PROXY) == [True, True]


def test_web_sign_on_takes_its_own_krb5_ini(zimbra: Zimbra) -> None:
    """The trap: Java's options are read before they are written, and krb5.ini as shipped permits RC4 and DES only."""
    zimbra.run("bin/zmprov", "mcf", "zimbraSpnegoAuthEnabled", "TRUE", "zimbraSpnegoAuthRealm", "EXAMPLE.TEST")
    restart(zimbra, MAILBOX)
    assert results(MAILBOX) == [True]
    restart(zimbra, MAILBOX)
    assert "default_realm = EXAMPLE.TEST" in (HOME / "jetty_base/etc/krb5.ini").read_text()
    assert results(MAILBOX) == [False]
    zimbra.run("bin/zmprov", "mcf", "zimbraSpnegoAuthEnabled", "FALSE")
    zimbra.run("libexec/configrewrite", "mailbox")
    restart(zimbra, MAILBOX)
    assert results(MAILBOX) == [True]


@pytest.mark.usefixtures("zimbra")
def test_password_at_the_kdc() -> None:
    context = ssl.create_default_context(cafile=str(CERTIFICATE))
    for port in (7993, 993):
        box = imaplib.IMAP4_SSL("localhost", port, ssl_context=context)
        with box, pytest.raises(imaplib.IMAP4.error):
            box.login("alice@example.test", "wrong")
        with imaplib.IMAP4_SSL("localhost", port, ssl_context=context) as box:
            assert box.login("alice@example.test", PASSWORD)[0] == "OK"
        with imaplib.IMAP4_SSL("localhost", port, ssl_context=context) as box:
            assert box.login("bob@example.test", str(CAROL.password))[0] == "OK"


@pytest.mark.usefixtures("zimbra")
def test_password_at_the_mta() -> None:
    context = ssl.create_default_context(cafile=str(CERTIFICATE))
    with smtplib.SMTP_SSL("localhost", 465, context=context) as sender:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            sender.login("alice@example.test", "wrong")
        assert sender.login("alice@example.test", PASSWORD)[0] == 235
        sender.sendmail("alice@example.test", ["bob@example.test"], "Subject: a mail\r\n\r\n.\r\n")


def test_control_program(zimbra: Zimbra) -> None:
    done = subprocess.run([HOME / "bin/zmcontrol", "status"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "Run as the zimbra user!\n")
    assert zimbra.run("bin/zmcontrol", "-v") == "Release 10.0.8.GA.4518.UBUNTU20_64 FOSS edition.\n"
    zimbra.run("bin/zmproxyctl", "stop")
    shown = zimbra.run("bin/zmcontrol", "status", check=False).splitlines()
    assert shown[0] == f"Host {HOST}"
    at = shown.index(f"\t{'proxy':<20} {'Stopped':>10}")
    assert shown[at + 1] == "\t\tzmnginxctl is not running"
    assert f"\t{'mta':<20} {'Running':>10}" in shown
    zimbra.run("bin/zmproxyctl", "start")
    assert zimbra.run("bin/zmproxyctl", "start") == "proxy is already running.\n"
    assert zimbra.run("bin/zmmailboxdctl", "start") == "mailboxd already running.\n"
    assert results(PROXY) == [True]


def test_proxy_that_ends_too_late(zimbra: Zimbra) -> None:
    """zmnginxctl waits one second, and then takes the old process for the new one."""
    zimbra.tell(rewrite_pause=0, proxy_lingers=3)
    before = (HOME / "log/nginx.pid").read_text()
    assert zimbra.run("bin/zmproxyctl", "restart") == "Stopping proxy...failed.\nproxy is already running.\n"
    assert (HOME / "log/nginx.pid").read_text() == before
    zimbra.tell(rewrite_pause=0)
    assert until(lambda: zimbra.run("bin/zmproxyctl", "start", "norewrite") == "Starting proxy...done.\n")
    assert results(PROXY) == [True]


def test_invocations_are_counted(zimbra: Zimbra) -> None:
    before = len(zimbra.invocations())
    zimbra.run("bin/zmmtactl", "status")
    (called,) = zimbra.invocations()[before:]
    assert (called["program"], called["args"], called["status"]) == ("zmmtactl", ["status"], 0)
