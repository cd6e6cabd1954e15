# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axigen's double lets in by tickets only a host that is set up as the real one needs it."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import imaplib
import re
import smtplib
import socket
import subprocess
import time
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.proof import Proof, Service
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.sso_login import log_in_to_all
from ansible_collections.mailrealm.kerberos.tests.integration.axigen_double import (
    CERTIFICATE,
    CONFIGURATION,
    HOST,
    PORTS,
    VARIANTS,
    WORK,
    Axigen,
    running_axigen,
)
from ansible_collections.mailrealm.kerberos.tests.integration.mail_servers import readable_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.sso_site import ME, Site, running_site

NAMES = {"imap": "imap", "pop3": "pop", "smtp": "smtp", "http": "HTTP"}
MAIL = ("imap", "pop3", "smtp")
LABELS = {"imap": "IMAP", "pop3": "POP3", "smtp": "SMTP-IN", "http": "WEBMAIL"}  # the modules of the log
PERMISSION = (
    "sasl_server_step error: 'SASL(-1): generic failure: GSSAPI Error: Unspecified GSS failure.  "
    "Minor code may provide more information (Permission denied)'"
)
ACCEPT = "sasl_server_step error: 'SASL(-13): authentication failure: GSSAPI Failure: gss_accept_sec_context"
IDENTITY = "sasl_server_step error: 'SASL(-13): authentication failure: Requested identity not authenticated identity'"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as running:
        running.realm.kadmin_local(
            *(f"addprinc -randkey {name}/{host}" for name in NAMES.values() for host in (HOST, "other.example.test")),
            'addprinc -pw "bob\'s password" bob',
        )
        yield running


@pytest.fixture(scope="module")
def axigen(site: Site) -> Iterator[Axigen]:
    folder = site.new_folder()
    with running_axigen(site.realm, folder) as double:
        good_keytab(double)
        yield double


def good_keytab(axigen: Axigen, mode: int = 0o640, host: str = HOST) -> None:
    principals = [f"{name}/{host}" for name in NAMES.values()]
    readable_keytab(axigen.realm, axigen.keytab, "axigen", *principals, mode=mode)


def service(protocol: str, tls: str, **options: Any) -> Service:
    port = PORTS[protocol][tls == "implicit"]
    principal = f"{NAMES[protocol]}/{HOST}"
    given = {"service_principal": principal, "ca_path": str(CERTIFICATE), "timeout": 15.0, **options}
    return Service(protocol, "localhost", port, tls, **given)


def logins(*services: Service, credentials: Credentials = ME) -> list[Proof]:
    return log_in_to_all(list(services), credentials)


@contextlib.contextmanager
def logged(axigen: Axigen) -> Iterator[list[str]]:
    """The lines that the double logs while the block runs."""
    before, lines = len(axigen.log()), []
    yield lines
    lines += axigen.log()[before:].splitlines()


def everywhere(tls: str = "implicit", **options: Any) -> list[Service]:
    return [service(protocol, tls, **options) for protocol in (*MAIL, "http")]


def modules(lines: list[str], text: str) -> list[str]:
    """The modules whose lines hold the text, in order."""
    return [line.split()[5].partition(":")[0] for line in lines if text in line]


def test_alice_logs_in_everywhere(axigen: Axigen) -> None:
    ways = [(protocol, tls) for protocol in MAIL for tls in ("starttls", "implicit", "none")]
    ways += [("http", "none"), ("http", "implicit")]
    with logged(axigen) as lines:
        proofs = logins(*(service(*way, authzid="alice" if way[0] in MAIL else "") for way in ways))
    assert [proof for proof in proofs if not proof.ok] == []
    principals = [f"{NAMES[protocol]}/{HOST}@EXAMPLE.TEST" for protocol, dummy in ways]
    assert [proof.service_principal for proof in proofs] == principals
    assert modules(lines, "User [alice@example.test] successfully authorized!") == [LABELS[way[0]] for way in ways]
    assert not any("<<" in line or ">>" in line for line in lines)  # the level is 15


@pytest.mark.usefixtures("axigen")
def test_what_is_offered() -> None:
    shipped = ("CRAM-MD5", "DIGEST-MD5", "GSSAPI")
    all_five = ("PLAIN", "LOGIN", *shipped)
    proofs = logins(*(service(protocol, tls) for protocol in MAIL for tls in ("none", "starttls")))
    assert [sorted(proof.offered) for proof in proofs] == [
        *(sorted(shipped), sorted(all_five)) * 2,
        *(sorted(all_five),) * 2,
    ]


def test_protocol_lines_at_level_16(axigen: Axigen) -> None:
    for name in ("IMAP", "POP3", "SMTP-INCOMING"):
        axigen.set(name, "logLevel", "31")
    with logged(axigen) as lines:
        assert all(proof.ok for proof in logins(*(service(protocol, "starttls", authzid="alice") for protocol in MAIL)))
    for name in ("IMAP", "POP3", "SMTP-INCOMING"):
        axigen.set(name, "logLevel", "15")
    assert len(modules(lines, "<< ")) > len(MAIL)
    for protocol in MAIL:
        own = [line.partition(f" 16 {axigen.host} {LABELS[protocol]}:")[2][10:] for line in lines]
        begun = next(at for at, line in enumerate(own) if re.match(r"<< (\w+ AUTHENTICATE|AUTH) GSSAPI", line))
        token = next(line.split()[-1] for line in own[begun:] if line.startswith("<< ") and len(line) > 100)
        assert base64.b64decode(token)[:1] == b"\x60"  # RFC 2743 section 3.1
        assert any(re.match(r">> (\w+ OK|\+OK|235) ", line) for line in own[begun + 1 :])


def test_keytab_that_axigen_may_not_read(axigen: Axigen) -> None:
    good_keytab(axigen, mode=0o600)
    with logged(axigen) as lines:
        proofs = logins(*everywhere())
    VARIANTS.write_text('{"gss_texts": "library"}')
    with logged(axigen) as newer:
        logins(*everywhere())
    VARIANTS.unlink()
    subprocess.run(["setfacl", "-m", "u:axigen:r", axigen.keytab], check=True)
    listed = logins(*everywhere())
    good_keytab(axigen)
    assert all(proof.ok for proof in listed)
    assert [proof.ok for proof in proofs] == [False] * 4
    assert modules(lines, PERMISSION) == list(LABELS.values())
    assert modules(newer, "No credentials were supplied") == list(LABELS.values())
    assert modules(newer, "(Permission denied)'") == list(LABELS.values())
    assert all(proof.ok for proof in logins(*everywhere()))  # without a restart


def test_keytab_without_the_key(axigen: Axigen) -> None:
    good_keytab(axigen, host="other.example.test")
    with logged(axigen) as lines:
        proofs = logins(*everywhere())
    good_keytab(axigen)
    assert [proof.ok for proof in proofs] == [False] * 4
    assert modules(lines, "sasl_server_step error: 'SASL(-1): generic failure: GSSAPI Error: ") == list(LABELS.values())


def test_permitted_enctypes(axigen: Axigen) -> None:
    axigen.libdefaults("permitted_enctypes = aes128-cts-hmac-sha1-96")
    with logged(axigen) as lines:
        proofs = logins(*everywhere())
    axigen.libdefaults()
    assert [proof.ok for proof in proofs] == [False] * 4
    assert modules(lines, ACCEPT) == list(LABELS.values())
    assert all(proof.ok for proof in logins(*everywhere()))


def test_name_of_the_ptr_record(axigen: Axigen) -> None:
    """The server takes keys of the name that its address leads to, and of no other."""
    other = "other.example.test"
    good_keytab(axigen, host=other)
    axigen.name(other)
    axigen.look_up()
    mine = [dataclasses.replace(one, service_principal=f"{NAMES[one.protocol]}/{other}") for one in everywhere()]
    proofs = [*logins(*mine), *logins(*everywhere())]
    good_keytab(axigen)
    with logged(axigen) as lines:
        late = logins(*everywhere())
    axigen.name(HOST)
    axigen.look_up()
    assert [proof.ok for proof in proofs] == [True] * 4 + [False] * 4
    assert [proof.ok for proof in late] == [False] * 4
    assert modules(lines, "sasl_server_step error: 'SASL(-1): generic failure: GSSAPI Error: ") == list(LABELS.values())


def test_only_the_bare_name_is_taken(axigen: Axigen) -> None:
    mail = [service(protocol, "implicit", authzid="alice@example.test") for protocol in MAIL]
    with logged(axigen) as lines:
        proofs = logins(*mail)
    assert [proof.ok for proof in proofs] == [False] * 3
    assert modules(lines, IDENTITY) == [LABELS[protocol] for protocol in MAIL]


def test_principal_without_an_account(axigen: Axigen) -> None:
    with logged(axigen) as lines:
        proofs = logins(*everywhere(), credentials=Credentials("bob", password="bob's password"))
    assert [proof.ok for proof in proofs] == [False] * 4
    assert modules(lines, "Account not found locally") == list(LABELS.values())


def arrived(mailbox: imaplib.IMAP4) -> list[bytes]:
    """The mails of a mailbox, once there is one."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        mailbox.select("INBOX", readonly=True)
        found = mailbox.search(None, "SUBJECT", '"a mail"')[1]
        if found != [b""]:
            return found
        time.sleep(0.1)
    return []


def test_account_with_a_password(axigen: Axigen) -> None:
    enter = ("UPDATE Domain name example.test", 'ADD Account name carol password "p:w %"')
    assert "-ERR" not in axigen.cli(*enter, "COMMIT", "COMMIT")
    with logged(axigen) as lines, imaplib.IMAP4_SSL("localhost", 993) as mailbox:
        assert mailbox.login("carol@example.test", "p:w %")[0] == "OK"
    assert modules(lines, "User [carol@example.test] successfully authorized!") == ["IMAP"]
    with smtplib.SMTP("localhost", 25) as sender:
        sender.sendmail("alice@example.test", ["carol@example.test"], "Subject: a mail\r\n\r\n.\r\n")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            sender.sendmail("alice@example.test", ["carol@elsewhere.test"], "")
    with imaplib.IMAP4_SSL("localhost", 993) as mailbox:
        mailbox.login("carol", "p:w %")
        assert arrived(mailbox) == [b"1"]
    with imaplib.IMAP4_SSL("localhost", 993) as mailbox, pytest.raises(imaplib.IMAP4.error):
        mailbox.login("carol", "wrong")
    with imaplib.IMAP4("localhost", 143) as mailbox:
        assert "LOGINDISABLED" in mailbox.capabilities
        with pytest.raises(imaplib.IMAP4.error, match="LOGIN is not allowed here"):
            mailbox.login("carol", "p:w %")


def test_method_removed_by_the_cli(axigen: Axigen) -> None:
    shipped = "(plain login cram-md5 digest-md5 gssapi)"
    axigen.set("IMAP", "secureConnAuthTypes", "(plain login)")
    proofs = logins(service("imap", "implicit"), service("imap", "none"), service("pop3", "implicit"))
    axigen.set("IMAP", "secureConnAuthTypes", shipped)
    assert [(proof.ok, "GSSAPI" in proof.offered) for proof in proofs] == [(False, False), (True, True), (True, True)]
    assert logins(service("imap", "implicit"))[0].ok


def test_method_removed_by_the_filters(axigen: Axigen) -> None:
    shown = axigen.cli("CONFIG SERVER", "SHOW SmtpFilters")
    shipped = shown.split("<server#> ")[1].partition("\r\n+OK")[0].replace("\r\n", "\n")
    limited = shipped.replace("set (local", 'set (doubleAuthTypes, "PLAIN LOGIN");\n    set (local')
    with socket.create_connection(("localhost", 25), 10) as other:
        assert other.recv(4096).startswith(b"220 ")  # a session that is open meanwhile
        replies = [axigen.cli("CONFIG SERVER", "UPDATE SmtpFilters", *limited.splitlines(), ".")]
        proofs = logins(service("smtp", "starttls"))
    replies.append(axigen.cli("CONFIG SERVER", "UPDATE SmtpFilters", *shipped.splitlines(), "."))
    assert "-ERR" not in "".join(replies)
    assert (proofs[0].ok, proofs[0].offered) == (False, ("PLAIN", "LOGIN"))
    assert logins(service("smtp", "starttls"))[0].ok


def test_filters_edited_by_hand_are_read_at_a_reload(axigen: Axigen) -> None:
    script = WORK / "filters" / "smtpFilters.script"
    shipped = script.read_text()
    try:
        script.write_text(f'{shipped}set (doubleAuthTypes, "LOGIN");\n')
        assert logins(service("smtp", "none"))[0].ok
        axigen.init("reload")
        offered = ("GSSAPI",)
        end = time.monotonic() + 20
        while offered != ("LOGIN",) and time.monotonic() < end:  # a login may meet a server that is not back yet
            (proof,) = logins(service("smtp", "none"))
            offered = proof.offered
        assert (proof.ok, offered) == (False, ("LOGIN",))
    finally:
        script.write_text(shipped)
        axigen.init("restart")
    assert logins(service("smtp", "none"))[0].ok


def test_webmail_without_single_sign_on(axigen: Axigen) -> None:
    axigen.set("WEBMAIL", "allowSPNEGOAuth", "no")
    (proof,) = logins(service("http", "implicit"))
    axigen.set("WEBMAIL", "allowSPNEGOAuth", "yes")
    assert (proof.ok, proof.offered) == (False, ())


def test_service_is_stopped_and_started(axigen: Axigen) -> None:
    axigen.cli("CONFIG SERVER", "CONFIG POP3", "STOP Service", "COMMIT", "COMMIT")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("localhost", 110), 5)
    axigen.cli("CONFIG SERVER", "CONFIG POP3", "START Service", "COMMIT", "COMMIT")
    assert logins(service("pop3", "none"))[0].ok


def test_only_what_is_saved_outlasts_a_restart(axigen: Axigen) -> None:
    axigen.set("IMAP", "maxErrors", "19")
    axigen.init("restart")
    assert axigen.saved()["imap"]["maxErrors"] == "20"
    axigen.set("IMAP", "maxErrors", "19")
    axigen.cli("SAVE CONFIG")
    axigen.init("restart")
    assert "maxErrors = 19\r\n" in axigen.cli("CONFIG SERVER", "CONFIG IMAP", "SHOW ATTR maxErrors")
    assert (CONFIGURATION.owner(), CONFIGURATION.group()) == ("axigen", "axigen")
    assert CONFIGURATION.stat().st_mode & 0o777 == 0o640
