# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failed login is called: credentials that cannot be had, servers that misbehave. Needs root."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import ssl
import stat
import tempfile
from typing import Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.sso_login import log_in_to_all
from ansible_collections.mailrealm.kerberos.tests.integration import realm, web_server
from ansible_collections.mailrealm.kerberos.tests.integration.sso_site import ME, PASSWORD, Site, only, running_site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


class TestCredentials:
    """Initial credentials that cannot be had; no service is spoken to."""

    @pytest.mark.parametrize(
        ("credentials", "symptom"),
        [
            (Credentials("alice", password="wrong"), "credential_wrong"),
            (Credentials("nobody", password="x"), "principal_unknown"),
            (Credentials("alice@OTHER.TEST", password="x"), "kdc_unknown"),
            (Credentials("alice@example.test", password="x"), "kdc_unknown"),
            (Credentials("", keytab="/nowhere.keytab"), "keytab_missing"),
            (Credentials("", keytab="/etc/passwd"), "credential_unusable"),
            (Credentials("", keytab="/etc"), "credential_unusable"),
            (Credentials("", ccache="FILE:/nowhere"), "ccache_missing"),
            (Credentials("", ccache="NOSUCH:x"), "credential_unusable"),
        ],
    )
    def test_are_named(self, site: Site, credentials: Credentials, symptom: str) -> None:
        proofs = log_in_to_all([site.service("smtp", 1, "none"), site.service("imap", 1, "none")], credentials)
        assert [(proof.ok, proof.symptom) for proof in proofs] == [(False, symptom)] * 2, proofs
        assert proofs[0].service_principal == "smtp/localhost"

    def test_a_service_without_keys(self, site: Site) -> None:
        site.realm.kadmin_local("addprinc -nokey smtp/keyless")

        def greet(connection: socket.socket) -> None:
            connection.sendall(b"220 x\r\n250-x\r\n250 AUTH GSSAPI\r\n334 \r\n")
            connection.recv(10000)

        with web_server.listening(greet) as port:
            proof = only(site.service("smtp", port, "none", service_principal="smtp/keyless"))
        assert proof.symptom == "service_principal_without_key", proof

    @pytest.mark.parametrize(
        ("attributes", "symptom"),
        [
            ("-pwexpire yesterday", "password_expired"),
            ("-expire yesterday", "principal_expired"),
            ("-allow_tix", "principal_locked"),
        ],
    )
    def test_a_principal_that_may_not(self, site: Site, attributes: str, symptom: str) -> None:
        name = f"user-{symptom.replace('_', '-')}"
        site.realm.kadmin_local(f"addprinc -pw x {attributes} {name}")
        assert only(site.service("smtp", 1, "none"), Credentials(name, password="x")).symptom == symptom

    def test_a_key_that_was_replaced(self, site: Site) -> None:
        site.realm.kadmin_local(
            "addprinc -randkey +requires_preauth late",
            f"ktadd -norandkey -k {site.folder}/late.keytab late",
            "cpw -randkey late",
        )
        credentials = Credentials("late", keytab=f"{site.folder}/late.keytab")
        assert only(site.service("smtp", 1, "none"), credentials).symptom == "credential_wrong"

    def test_a_principal_that_is_not_in_the_keytab(self, site: Site) -> None:
        credentials = Credentials("alice", keytab=f"{site.folder}/probe.keytab")
        proof = only(site.service("smtp", 1, "none"), credentials)
        assert proof.symptom == "keytab_without_principal"
        assert "alice" in proof.cause

    def test_a_cache_of_someone_else(self, site: Site, tmp_path: pathlib.Path) -> None:
        site.realm.run("kinit", "-c", f"FILE:{tmp_path}/ccache", "alice", text=PASSWORD)
        credentials = Credentials("probe", ccache=f"FILE:{tmp_path}/ccache")
        assert only(site.service("smtp", 1, "none"), credentials).symptom == "ccache_of_other_principal"

    def test_no_kdc_answers(self, site: Site, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        silent = realm.configure(tmp_path / "silent", "EXAMPLE.TEST")
        monkeypatch.setenv("KRB5_CONFIG", str(silent.krb5_conf))
        assert only(site.service("smtp", 1, "none")).symptom == "kdc_unreachable"

    @pytest.mark.parametrize(
        ("content", "symptom"),
        [("[libdefaults\n", "krb5_conf_unusable"), ("[libdefaults]\n", "default_realm_missing")],
    )
    def test_krb5_conf_is_of_no_use(
        self, site: Site, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, content: str, symptom: str
    ) -> None:
        (tmp_path / "krb5.conf").write_text(content)
        monkeypatch.setenv("KRB5_CONFIG", str(tmp_path / "krb5.conf"))
        assert only(site.service("smtp", 1, "none")).symptom == symptom


class TestSockets:
    """Servers that misbehave."""

    def test_nobody_listens(self, site: Site) -> None:
        (port,) = realm.free_ports(1)
        services = [site.service("smtp", port, "starttls"), site.service("http", port, "implicit")]
        assert [proof.symptom for proof in log_in_to_all(services, ME)] == ["connection_refused"] * 2

    def test_no_such_host(self, site: Site) -> None:
        services = [
            site.service("imap", 143, "none", host="nosuch.invalid"),
            site.service("imap", 143, "none", host="a" * 70 + ".example.test"),
        ]
        assert [proof.symptom for proof in log_in_to_all(services, ME)] == ["host_unknown"] * 2

    @pytest.mark.parametrize("protocol", ["smtp", "imap", "pop3", "http"])
    def test_a_server_that_hangs_up_or_says_nothing(self, site: Site, protocol: str) -> None:
        with web_server.listening(lambda dummy: None) as port:
            assert only(site.service(protocol, port, "none")).symptom == "closed_at_once"
        with web_server.listening(lambda connection: connection.recv(1) and None) as port:
            service = site.service(protocol, port, "none", timeout=0.5)
            assert only(service).symptom in ("timeout", "closed_at_once")

    def test_a_server_that_never_ends_its_line(self, site: Site) -> None:
        def babble(connection: socket.socket) -> None:
            while True:
                connection.sendall(b"220 " + b"x" * 10000)

        with web_server.listening(babble) as port:
            assert only(site.service("smtp", port, "none")).symptom == "not_this_protocol"

    def test_a_server_that_drips_is_left_in_time(self, site: Site) -> None:
        def drip(connection: socket.socket) -> None:
            connection.settimeout(0.3)
            while True:
                connection.sendall(b"2")
                with contextlib.suppress(TimeoutError):
                    if not connection.recv(1):
                        return

        with web_server.listening(drip) as port:
            assert only(site.service("smtp", port, "none", timeout=1.0)).symptom == "timeout"

    def test_words_before_tls_are_refused(self, site: Site) -> None:
        """What stands behind the answer to STARTTLS in the clear may come from anyone on the way."""

        def inject(connection: socket.socket) -> None:
            connection.sendall(b"220 x\r\n")
            connection.recv(100)
            connection.sendall(b"250-x\r\n250 STARTTLS\r\n")
            connection.recv(100)
            connection.sendall(b"220 go\r\n250 AUTH GSSAPI\r\n")
            connection.recv(100)

        with web_server.listening(inject) as port:
            proof = only(site.service("smtp", port, "starttls"))
        assert proof.symptom == "tls_failed"
        assert "before TLS" in proof.answer

    def test_tickets_lie_where_nobody_else_can_enter(
        self, site: Site, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        modes: dict[str, int] = {}

        def look(connection: socket.socket) -> None:
            connection.sendall(b"220 x\r\n")
            connection.recv(100)
            connection.sendall(b"250-x\r\n250 AUTH GSSAPI\r\n")
            connection.recv(100)
            connection.sendall(b"334 \r\n")
            connection.recv(10000)
            for path in tmp_path.rglob("*"):
                modes[str(path.relative_to(tmp_path))] = stat.S_IMODE(path.stat().st_mode)

        with web_server.listening(look) as port:
            proof = only(site.service("smtp", port, "none"))
        assert proof.symptom == "connection_lost"
        assert proof.kvno is not None
        top = [name for name in modes if "/" not in name]
        assert [modes[name] for name in top] == [0o700]
        assert len(modes) >= 4
        assert not [name for name, mode in modes.items() if mode & 0o077 and name.count("/") == 0]
        assert not list(tmp_path.iterdir())


def test_old_tls_is_refused(site: Site) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(site.certificate.certificate, site.certificate.key)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")

    def old(connection: socket.socket) -> None:
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1)

    with web_server.listening(old) as port:
        assert only(site.service("imap", port, "implicit")).symptom == "tls_failed"
