# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins to real servers: Postfix, Dovecot, SPNEGO's acceptor, and what each failure is called."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import shutil
import socket
import ssl
import stat
import tempfile
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.proof import Proof, Service
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.sso_login import log_in_to_all
from ansible_collections.mailrealm.kerberos.tests.integration import mail_servers, realm, web_server

ENCTYPE = "aes256-cts-hmac-sha1-96"
PASSWORD = "alice's password"
ME = Credentials("alice", password=PASSWORD)
PRINCIPALS = ("smtp/localhost", "imap/localhost", "pop/localhost", "HTTP/localhost", "smtp/mail.example.test")


@dataclasses.dataclass(frozen=True)
class Site:
    """A realm, a certificate for `localhost`, and a folder that services may enter."""

    folder: pathlib.Path
    realm: realm.Realm
    certificate: mail_servers.Certificate

    def keytab(self, name: str, group: str, *principals: str, mode: int = 0o640) -> pathlib.Path:
        return mail_servers.readable_keytab(self.realm, self.folder / name, group, *principals, mode=mode)

    def new_folder(self) -> pathlib.Path:
        made = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        made.chmod(0o755)
        return made

    def service(self, protocol: str, port: int, tls: str, **options: Any) -> Service:
        given = {"ca_path": str(self.certificate.certificate), "timeout": 15.0, **options}
        return Service(protocol, given.pop("host", "localhost"), port, tls, **given)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    # pytest's own folders are closed to the users that servers run as.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="test-sso-"))
    folder.chmod(0o755)
    try:
        libdefaults = ('qualify_shortname = ""',)
        with realm.running_realm(folder / "realm", "EXAMPLE.TEST", libdefaults=libdefaults) as running:
            running.kadmin_local(
                f'addprinc -pw "{PASSWORD}" +requires_preauth alice',
                "addprinc -randkey probe",
                f"ktadd -norandkey -k {folder}/probe.keytab probe",
                *(f"addprinc -randkey {principal}" for principal in PRINCIPALS),
            )
            with pytest.MonkeyPatch.context() as patch:
                for name, value in running.variables.items():
                    patch.setenv(name, value)
                yield Site(folder, running, mail_servers.self_signed(folder, "localhost"))
    finally:
        shutil.rmtree(folder)


def only(service: Service, credentials: Credentials = ME) -> Proof:
    (proof,) = log_in_to_all([service], credentials)
    return proof


def assert_logged_in(proof: Proof, service_principal: str) -> None:
    assert proof.ok, proof
    assert proof.user == proof.authenticated_as == "alice@EXAMPLE.TEST"
    assert proof.service_principal == f"{service_principal}@EXAMPLE.TEST"
    assert (proof.kvno, proof.enctype) == (1, ENCTYPE)
    assert (proof.symptom, proof.cause, proof.remedy) == ("", "", "")


@contextlib.contextmanager
def postfix(site: Site, **options: Any) -> Iterator[mail_servers.Server]:
    keytab = options.pop("keytab", None) or site.keytab("smtp.keytab", "postfix", "smtp/localhost")
    with mail_servers.running_postfix(
        site.realm, site.new_folder(), site.certificate, keytab=keytab, **options
    ) as server:
        yield server


class TestPostfix:
    """One Postfix that is as it should be."""

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls, site: Site) -> Iterator[mail_servers.Server]:
        with postfix(site) as server:
            yield server

    @pytest.mark.parametrize(
        ("tls", "listener"), [("none", "clear"), ("starttls", "submission"), ("implicit", "implicit")]
    )
    def test_logs_in(self, site: Site, server: mail_servers.Server, tls: str, listener: str) -> None:
        proof = only(site.service("smtp", server.ports[listener], tls))
        assert_logged_in(proof, "smtp/localhost")
        assert proof.offered == ("GSSAPI", "PLAIN", "LOGIN")
        assert proof.answer == "235 2.7.0 Authentication successful"

    def test_says_goodbye(self, site: Site, server: mail_servers.Server) -> None:
        """A login leaves no 'lost connection' in the log of a site that is watched."""
        before = len(server.log)
        assert only(site.service("smtp", server.ports["submission"], "starttls")).ok
        log = server.log[before:]
        assert "quit=1" in log
        assert "lost connection" not in log

    def test_acts_as_the_bare_name_only(self, site: Site, server: mail_servers.Server) -> None:
        proofs = log_in_to_all(
            [site.service("smtp", server.ports["submission"], "starttls", authzid=name) for name in ("alice", "bob")],
            ME,
        )
        assert [(proof.ok, proof.authenticated_as) for proof in proofs] == [(True, "alice"), (False, "")]
        assert "'bob' asked for by authzid" in proofs[1].remedy

    @pytest.mark.parametrize(
        ("listener", "tls", "options", "symptom"),
        [
            ("submission", "none", {}, "gssapi_only_under_tls"),
            ("submission", "starttls", {"ca_path": ""}, "certificate_untrusted"),
            ("submission", "starttls", {"ca_path": "/nowhere.pem"}, "ca_path_unusable"),
            ("submission", "starttls", {"host": "127.0.0.1"}, "certificate_wrong_name"),
            ("clear", "implicit", {}, "tls_not_spoken"),
            ("implicit", "none", {"timeout": 1.0}, "timeout"),
            ("clear", "none", {"service_principal": "smtp/mx9.example.test"}, "service_principal_unknown"),
            ("clear", "none", {"service_principal": "smtp/mx9@OTHER.TEST"}, "realm_mapping_wrong"),
        ],
    )
    def test_names_what_was_asked_wrongly(
        self,
        site: Site,
        server: mail_servers.Server,
        listener: str,
        tls: str,
        options: dict[str, Any],
        symptom: str,
    ) -> None:
        proof = only(site.service("smtp", server.ports[listener], tls, **options))
        assert (proof.ok, proof.symptom) == (False, symptom), proof

    def test_takes_any_certificate_where_that_is_asked(self, site: Site, server: mail_servers.Server) -> None:
        given = {"ca_path": "", "validate_certs": False, "host": "127.0.0.1", "service_principal": "smtp/localhost"}
        assert_logged_in(only(site.service("smtp", server.ports["implicit"], "implicit", **given)), "smtp/localhost")

    def test_another_protocol_is_noticed(self, site: Site, server: mail_servers.Server) -> None:
        port = server.ports["clear"]
        proofs = log_in_to_all([site.service(protocol, port, "none") for protocol in ("imap", "pop3", "http")], ME)
        assert [proof.symptom for proof in proofs] == ["not_this_protocol"] * 3

    def test_a_keytab_logs_in(self, site: Site, server: mail_servers.Server) -> None:
        service = site.service("smtp", server.ports["submission"], "starttls")
        for principal in ("", "probe", "probe@EXAMPLE.TEST"):
            proof = only(service, Credentials(principal, keytab=f"{site.folder}/probe.keytab"))
            assert (proof.ok, proof.authenticated_as) == (True, "probe@EXAMPLE.TEST"), proof

    def test_the_users_cache_is_read_and_left_alone(
        self, site: Site, server: mail_servers.Server, tmp_path: pathlib.Path
    ) -> None:
        cache = tmp_path / "ccache"
        site.realm.run("kinit", "-c", f"FILE:{cache}", "alice", text=PASSWORD)
        before, status = cache.read_bytes(), cache.stat()
        proof = only(
            site.service("smtp", server.ports["submission"], "starttls"), Credentials("", ccache=f"FILE:{cache}")
        )
        assert_logged_in(proof, "smtp/localhost")
        assert cache.read_bytes() == before
        assert (cache.stat().st_mtime_ns, cache.stat().st_ino) == (status.st_mtime_ns, status.st_ino)
        assert not pathlib.Path(site.realm.variables["KRB5CCNAME"][len("FILE:") :]).exists()


@pytest.mark.parametrize(
    ("options", "listener", "tls", "symptom", "said"),
    [
        ({"chroot": "y"}, "submission", "starttls", "service_temporarily_unable", "454 4.7.0"),
        ({"myhostname": "other.example.test"}, "clear", "none", "service_temporarily_unable", "454 4.7.0"),
        ({"keytab": "missing", "mech_list": "GSSAPI"}, "clear", "none", "closed_at_once", "closed"),
        ({"keytab": "missing"}, "clear", "none", "gssapi_not_offered", "250 "),
    ],
    ids=["jail", "myhostname", "gssapi-alone", "keytab-missing"],
)
def test_postfix_that_is_not_as_it_should_be(
    site: Site, options: dict[str, Any], listener: str, tls: str, symptom: str, said: str
) -> None:
    if "keytab" in options:
        options = {**options, "keytab": site.folder / options["keytab"]}
    with postfix(site, **options) as server:
        proof = only(site.service("smtp", server.ports[listener], tls))
    assert (proof.ok, proof.symptom) == (False, symptom), proof
    assert said in proof.answer
    assert proof.cause
    assert proof.remedy


def test_an_alias_and_a_replaced_key(site: Site, tmp_path: pathlib.Path) -> None:
    """The ticket is always a fresh one: a user's cache that still holds an old one does not hide a rotation."""
    keytab = site.keytab("both.keytab", "postfix", "smtp/localhost", "smtp/mail.example.test")
    cache = f"FILE:{tmp_path}/ccache"
    site.realm.run("kinit", "-c", cache, "alice", text=PASSWORD)
    site.realm.run("kvno", "-c", cache, "smtp/localhost")
    with postfix(site, keytab=keytab) as server:
        service = site.service("smtp", server.ports["submission"], "starttls")
        alias = only(dataclasses.replace(service, service_principal="smtp/mail.example.test"))
        site.realm.kadmin_local("cpw -randkey -keepold smtp/localhost")
        rotated = only(service, Credentials("", ccache=cache))
    site.realm.kadmin_local("delprinc -force smtp/localhost", "addprinc -randkey smtp/localhost")
    assert (alias.symptom, alias.service_principal) == ("login_refused", "smtp/mail.example.test@EXAMPLE.TEST")
    assert "ignore_acceptor_hostname" in alias.remedy
    assert (rotated.symptom, rotated.kvno, rotated.enctype) == ("login_refused", 2, ENCTYPE)
    assert f"kvno 2, {ENCTYPE}" in rotated.remedy


class TestDovecot:
    """One Dovecot that is as it should be."""

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls, site: Site) -> Iterator[mail_servers.Server]:
        keytab = site.keytab("mail.keytab", "dovecot", "imap/localhost", "pop/localhost")
        with mail_servers.running_dovecot(site.realm, site.new_folder(), site.certificate, keytab=keytab) as server:
            yield server

    @pytest.mark.parametrize(
        ("protocol", "listener", "tls"),
        [
            ("imap", "imap", "starttls"),
            ("imap", "imaps", "implicit"),
            ("pop3", "pop3", "starttls"),
            ("pop3", "pop3s", "implicit"),
        ],
    )
    def test_logs_in(self, site: Site, server: mail_servers.Server, protocol: str, listener: str, tls: str) -> None:
        proof = only(site.service(protocol, server.ports[listener], tls))
        assert_logged_in(proof, f"{protocol.rstrip('3')}/localhost")
        assert "GSSAPI" in proof.offered
        assert "Logged in" in proof.answer

    def test_a_key_that_is_not_there(self, site: Site, server: mail_servers.Server) -> None:
        service = site.service("imap", server.ports["imap"], "starttls", service_principal="smtp/localhost")
        proof = only(service)
        assert (proof.ok, proof.symptom) == (False, "login_refused"), proof
        assert "AUTHENTICATIONFAILED" in proof.answer


class TestPages:
    """SPNEGO, accepted by MIT's own library."""

    @pytest.fixture(scope="class")
    @classmethod
    def keytab(cls, site: Site) -> pathlib.Path:
        return site.keytab("http.keytab", "root", "HTTP/localhost")

    def test_logs_in_under_tls(self, site: Site, keytab: pathlib.Path) -> None:
        with web_server.running_pages(keytab, site.certificate) as port:
            proof = only(site.service("http", port, "implicit", path="/sso?next=1"))
            assert_logged_in(proof, "HTTP/localhost")
            assert (proof.offered, proof.answer) == (("Negotiate",), "200 OK")
            untrusted = only(site.service("http", port, "implicit", ca_path=""))
            assert untrusted.symptom == "certificate_untrusted"

    @pytest.mark.parametrize(
        ("path", "symptom"),
        [
            ("/sso", ""),
            ("/unproven", ""),
            ("/open", "http_not_protected"),
            ("/moved", "http_moved"),
            ("/basic", "negotiate_not_offered"),
            ("/none", "http_error"),
            ("/forbidden", "http_forbidden"),
            ("/large", "http_header_too_large"),
            ("/broken", "http_error"),
        ],
    )
    def test_says_what_a_page_does(self, site: Site, keytab: pathlib.Path, path: str, symptom: str) -> None:
        with web_server.running_pages(keytab) as port:
            proof = only(site.service("http", port, "none", path=path))
        assert (proof.ok, proof.symptom) == (not symptom, symptom), proof

    def test_a_key_that_is_not_there(self, site: Site) -> None:
        other = site.keytab("other.keytab", "root", "smtp/mail.example.test")
        with web_server.running_pages(other) as port:
            proof = only(site.service("http", port, "none"))
        assert (proof.symptom, proof.kvno, proof.enctype) == ("http_refused", 1, ENCTYPE), proof


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

    def test_words_are_those_of_the_table_in_any_language(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LANGUAGE", "de")
        monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
        assert only(site.service("smtp", 1, "none"), Credentials("nobody", password="x")).answer.startswith("Client '")


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


def test_klist_agrees_about_kvno_and_enctype(site: Site, tmp_path: pathlib.Path) -> None:
    """MIT's own reader of the same kind of cache, on a ticket of another enctype and a high kvno."""
    site.realm.kadmin_local(
        "addprinc -randkey -e aes128-cts-hmac-sha256-128:normal HTTP/old", "modprinc -kvno 300 HTTP/old"
    )
    cache = f"FILE:{tmp_path}/ccache"
    site.realm.run("kinit", "-c", cache, "alice", text=PASSWORD)
    said = site.realm.run("kvno", "-c", cache, "HTTP/old")
    listed = site.realm.run("klist", "-e", "-c", cache)
    keytab = site.keytab("old.keytab", "root", "HTTP/old")
    with web_server.running_pages(keytab) as port:
        proof = only(site.service("http", port, "none", service_principal="HTTP/old"))
    assert proof.ok, proof
    assert said.strip() == f"{proof.service_principal}: kvno = {proof.kvno}"
    assert proof.enctype == "aes128-cts-hmac-sha256-128"
    assert proof.enctype in listed


assert os.geteuid() == 0, "these tests start Postfix and Dovecot and need root: run them in the lab's toolbox"
