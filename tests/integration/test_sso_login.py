# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins to real servers: Postfix, Dovecot, SPNEGO's acceptor, and what each failure is called."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.sso_login import log_in_to_all
from ansible_collections.mailrealm.kerberos.tests.integration import mail_servers, web_server
from ansible_collections.mailrealm.kerberos.tests.integration.sso_site import (
    ENCTYPE,
    ME,
    PASSWORD,
    Site,
    assert_logged_in,
    only,
    running_site,
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


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
        log = server.log_until("disconnect from", before)
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
            ("/closing", ""),
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

    @pytest.mark.parametrize(
        ("path", "padding", "symptom"),
        [
            ("/sso", 40000, ""),
            ("/narrow", 0, ""),
            ("/narrow", 40000, "http_header_too_large"),
            # Beyond the longest line of this server, which answers before it has read all of it.
            ("/sso", 1000000, "http_header_too_large"),
        ],
    )
    def test_says_whether_long_headers_are_taken(
        self, site: Site, keytab: pathlib.Path, path: str, padding: int, symptom: str
    ) -> None:
        with web_server.running_pages(keytab) as port:
            proof = only(site.service("http", port, "none", path=path, padding=padding, product="cas"))
        assert (proof.ok, proof.symptom) == (not symptom, symptom), proof
        assert not symptom or (f"a padding of {padding} bytes" in proof.cause and "cas_header_size" in proof.remedy)

    def test_a_page_that_offers_tickets_to_some_browsers_alone(self, site: Site, keytab: pathlib.Path) -> None:
        with web_server.running_pages(keytab) as port:
            firefox = only(site.service("http", port, "none", path="/browser", user_agent="Mozilla/5.0 Firefox/128.0"))
            unknown = only(site.service("http", port, "none", path="/browser", product="cas"))
        assert_logged_in(firefox, "HTTP/localhost")
        assert unknown.symptom == "negotiate_not_offered", unknown
        assert "cas_supported_browsers" in unknown.remedy

    def test_a_key_that_is_not_there(self, site: Site) -> None:
        other = site.keytab("other.keytab", "root", "smtp/mail.example.test")
        with web_server.running_pages(other) as port:
            proof = only(site.service("http", port, "none"))
            told = only(site.service("http", port, "none", path="/reject"))
        assert (proof.symptom, proof.kvno, proof.enctype) == ("http_refused", 1, ENCTYPE), proof
        assert (told.symptom, told.answer) == ("service_principal_wrong", "The ticket isn't for us"), told


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
