# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Zimbra's double writes for the real servers behind it, whom it lets in, and what it makes of their logs."""

from __future__ import annotations

import dataclasses
import io
import pathlib
import struct
import subprocess
import sys

import pytest
from lab.doubles.zimbra import (
    accounts,
    dovecot,
    installation,
    journal,
    keytabs,
    krb5_conf,
    lookup,
    mailbox,
    mta,
    package,
    passdb,
    processes,
    proxy,
    saslauthd,
)

HOST = "zimbra1.example.test"
VIEW = accounts.View(
    accounts={
        "alice@example.test": {"zimbraMailHost": ["localhost"]},
        "bob@example.test": {
            "zimbraForeignPrincipal": ["other:x", "kerberos5:bob@PARTNER.TEST", "kerberos5:rob@PARTNER.TEST"],
            "zimbraMailHost": ["localhost"],
        },
        "carol@two.test": {"zimbraMailHost": ["no-such-host.invalid"]},
    },
    domains={
        "example.test": {"zimbraAuthKerberos5Realm": ["EXAMPLE.TEST"], "zimbraAuthMech": ["kerberos5"]},
        "two.test": {},
    },
    config={"zimbraDefaultDomainName": ["example.test"], "zimbraReverseProxyAdminIPAddress": ["192.0.2.7"]},
)


@pytest.mark.parametrize(
    ("principal", "account"),
    [
        ("alice@EXAMPLE.TEST", "alice@example.test"),
        ("bob@PARTNER.TEST", "bob@example.test"),
        ("rob@PARTNER.TEST", "bob@example.test"),
        ("bob@EXAMPLE.TEST", "bob@example.test"),  # Krb5Principal.java: the realm finds him too
        ("alice@PARTNER.TEST", ""),
        ("carol@TWO.TEST", ""),
        ("alice@example.test", ""),
        ("alice", ""),
    ],
)
def test_account_of_a_principal(principal: str, account: str) -> None:
    assert accounts.of_principal(VIEW, principal) == account


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("alice@example.test", "alice@example.test"),  # as authorization identity
        ("alice@EXAMPLE.TEST", "alice@example.test"),  # as principal
        ("carol@TWO.TEST", ""),  # a principal of an unknown realm, not the account in other letters
        ("alice", ""),
    ],
)
def test_account_of_an_identity(name: str, account: str) -> None:
    assert accounts.of_identity(VIEW, name) == account


def test_principals_of_an_account() -> None:
    """The document's method 2 overrides method 1 where a password is checked."""
    assert accounts.principals(VIEW, "alice@example.test") == ["alice@EXAMPLE.TEST"]
    assert accounts.password_principal(VIEW, "bob@example.test") == "bob@PARTNER.TEST"
    assert accounts.password_principal(VIEW, "carol@two.test") == ""
    assert [accounts.mechanism(VIEW, name) for name in ("alice@example.test", "carol@two.test")] == [
        "kerberos5",
        "zimbra",
    ]
    assert accounts.of_name(VIEW, "ALICE") == "alice@example.test"


# The lookup servlet


def asked(**headers: str) -> dict[str, str]:
    given = {"Auth-Method": "gssapi", "Auth-Protocol": "imap", "X-Proxy-IP": "192.0.2.7"}
    return {**given, **{name.replace("_", "-"): value for name, value in headers.items()}}


def test_route_after_gssapi() -> None:
    tokens = lookup.Tokens()
    answer = lookup.route(VIEW, asked(Auth_User="bob@PARTNER.TEST"), HOST, tokens)
    token = answer.pop("Auth-Pass")
    assert answer == {
        "Auth-Status": "OK",
        "Auth-Server": "127.0.0.1",
        "Auth-Port": "7143",
        "Auth-User": "bob@example.test",
        passdb.PRINCIPALS: "bob@PARTNER.TEST,rob@PARTNER.TEST,bob@EXAMPLE.TEST",
    }
    assert tokens.good(token, "bob@example.test")
    assert not tokens.good(token, "alice@example.test")
    assert not tokens.good("", "")


def test_route_of_a_password() -> None:
    answer = lookup.route(
        VIEW, asked(Auth_Method="plain", Auth_User="alice%40example.test", Auth_Protocol="pop3"), HOST, lookup.Tokens()
    )
    assert (answer["Auth-User"], answer["Auth-Port"]) == ("alice@example.test", "7110")
    assert "Auth-Pass" not in answer


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auth_User": "alice@EXAMPLE.TEST", "X_Proxy_IP": "192.0.2.70"}, "X-Proxy-IP 192.0.2.70 is not allowed"),
        ({"Auth_User": "alice"}, "no account associated with Kerberos principal alice"),
        ({"Auth_User": "nobody@x", "Auth_Method": "plain"}, "user not found: nobody@x"),
        ({"Auth_User": "carol@two.test", "Auth_Method": "plain"}, "unknown host: no-such-host.invalid"),
    ],
)
def test_refusals_of_the_lookup(headers: dict[str, str], reason: str) -> None:
    with pytest.raises(lookup.Refused) as refused:
        lookup.route(VIEW, asked(**headers), HOST, lookup.Tokens())
    assert str(refused.value) == reason


def test_header_of_a_name() -> None:
    assert passdb.quoted("a b%\r\nX: é") == "a%20b%25%0D%0AX:%20%C3%A9"


# Keys and Kerberos's configuration


def entry(principal: str, enctype: int) -> bytes:
    """A keytab entry as keytab_file_format.rst has it."""
    name, dummy, realm = principal.partition("@")
    parts = [realm, *name.split("/")]
    record = struct.pack(">H", len(parts) - 1)
    record += b"".join(struct.pack(">H", len(part)) + part.encode() for part in parts)
    record += struct.pack(">IIBHH", 1, 0, 3, enctype, 4) + b"key!" + struct.pack(">I", 3)
    return struct.pack(">i", len(record)) + record


OWN = f"imap/{HOST}@EXAMPLE.TEST"


@pytest.mark.parametrize(
    ("records", "trouble"),
    [
        ([(OWN, 18), (OWN, 20), (OWN, 23), ("imap/other@EXAMPLE.TEST", 18)], ""),
        ([(OWN, 23)], "Encryption type RC4 with HMAC is not supported/enabled"),
        ([(OWN, 16)], "Encryption type DES3 CBC mode with SHA1-KD is not supported/enabled"),
        (
            [("imap/other@EXAMPLE.TEST", 18), (f"imap/{HOST}@OTHER.TEST", 18)],
            f"Key not found in keystore for service principal '{OWN}'",
        ),
    ],
)
def test_keys_of_the_mailbox(tmp_path: pathlib.Path, records: list[tuple[str, int]], trouble: str) -> None:
    path = tmp_path / "krb5.keytab"
    path.write_bytes(b"\x05\x02" + struct.pack(">i", -4) + b"hole" + b"".join(entry(*one) for one in records))
    found = mailbox.keys(path, OWN)
    assert found.trouble == trouble
    kept = [] if trouble else [(one.principal, one.enctype) for one in keytabs.entries(found.data)]
    assert kept == ([] if trouble else [(OWN, 18), (OWN, 20)])


@pytest.mark.parametrize(
    ("from_interface", "found", "host"),
    [
        (False, "mail.example.test", "localhost"),
        (True, "Mail.example.test", "mail.example.test"),
        (True, "127.0.0.1", "localhost"),
        (True, "", "localhost"),
    ],
)
def test_host_of_the_mailbox(from_interface: bool, found: str, host: str) -> None:
    assert mailbox.service_host("localhost", from_interface, lambda dummy: found) == host


@pytest.mark.parametrize("data", [b"", b"\x05\x01", b"\x05\x02\x00\x00\x00\x03\x00\x09\x00"])
def test_no_keytab(tmp_path: pathlib.Path, data: bytes) -> None:
    path = tmp_path / "krb5.keytab"
    assert mailbox.keys(path, OWN).trouble == f"Keytab file '{path}' not found"
    path.write_bytes(data)
    assert mailbox.keys(path, OWN).trouble == f"Keytab file '{path}' not found"


def test_krb5_conf(tmp_path: pathlib.Path) -> None:
    path, folder = tmp_path / "krb5.conf", tmp_path / "conf.d"
    folder.mkdir()
    (folder / "realm").write_text("[libdefaults]\ndefault_realm = EXAMPLE.TEST\npermitted_enctypes = aes256-cts, rc4\n")
    (folder / "ignored~").write_text("[libdefaults]\ndefault_realm = WRONG.TEST\n")
    path.write_text(f"includedir {folder}\n[realms]\ndefault_realm = NOT.TEST\n")
    assert krb5_conf.libdefault(path, "default_realm") == "EXAMPLE.TEST"
    assert krb5_conf.permitted(path) == {18, 23}
    assert not krb5_conf.heimdal_reads(path)
    assert krb5_conf.view(tmp_path, path, heimdal=True) == str(tmp_path / "unreadable.conf")
    assert krb5_conf.view(folder, path, heimdal=False) == f"{folder}/krb5.conf:{path}"


def test_heimdal_and_other_files(tmp_path: pathlib.Path) -> None:
    path, folder = tmp_path / "etc", tmp_path / "view"
    folder.mkdir()
    assert krb5_conf.heimdal_reads(path)
    assert krb5_conf.libdefault(path, "default_realm") == ""
    path.write_text("# include not\n[libdefaults]\n    default_realm = A\n")
    assert krb5_conf.heimdal_reads(path)
    assert krb5_conf.view(folder, path, heimdal=True) == f"{folder}/krb5.conf:{path}"
    assert "aes256-cts-hmac-sha384-192" not in (folder / "krb5.conf").read_text()


# Logs. Lines as Dovecot 2.3.19 and Postfix 3.7 with MIT 1.20 wrote them on Debian 12.

DATA = "auth: Info: gssapi(?,127.0.0.1,<a>): While processing incoming data: "
NOT_PERMITTED = "Request ticket server imap/h@R kvno 2 enctype aes256-sha2 found in keytab but cannot decrypt ticket"
WRONG_KEY = "Request ticket server imap/h@R kvno 3 enctype aes256-cts found in keytab but cannot decrypt ticket"
NO_KEY = "Request ticket server imap/h@R not found in keytab (ticket kvno 1)"
NONE = "No credentials were supplied, or the credentials were unavailable or inaccessible"
UNSPECIFIED = "Unspecified GSS failure.  Minor code may provide more information"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (DATA + UNSPECIFIED, ""),
        (DATA + NOT_PERMITTED, "(encryption type 20 not supported)"),
        (DATA + WRONG_KEY, "(Decrypt integrity check failed)"),
        (DATA + NO_KEY, "(Failed to find imap/h@R in keytab)"),
        (DATA + "Improper format of Kerberos configuration file", "(Improper format of Kerberos configuration file)"),
        (DATA + "Clock skew too great", "(Clock skew too great)"),
        (DATA + NONE, "(unknown mech-code 0 for mech unknown)"),
        (DATA + "Key table entry not found", ""),
    ],
)
def test_heimdal_words(line: str, words: str) -> None:
    found = proxy.heimdal_words(line)
    assert found.startswith("GSSAPI Error: ") == bool(words)
    assert found.endswith(words)


@pytest.mark.parametrize(
    ("line", "permitted", "words"),
    [
        (
            WRONG_KEY,
            frozenset({17}),
            "AES256 CTS mode with HMAC SHA1-96 encryption type not in permitted_enctypes list",
        ),
        (WRONG_KEY, frozenset({18}), "Checksum failed"),
        (WRONG_KEY, frozenset(), "Checksum failed"),
        (NO_KEY, frozenset(), "Failed to find any Kerberos Key"),
        ("Clock skew too great", frozenset(), "Clock skew too great (37)"),
        (UNSPECIFIED, frozenset(), ""),
    ],
)
def test_java_words(line: str, permitted: frozenset[int], words: str) -> None:
    assert mailbox.java_words(line, permitted) == words


def test_forms_of_the_logs(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "log"
    journal.mailbox(path, "WARN", "ImapServer-1", "192.0.2.1", "account", "text")
    journal.nginx(path, 7, "text")
    journal.syslog(path, "zmconfigd", 7, "text")
    first, second, third = path.read_text().splitlines()
    stamp, rest = first[:23], first[23:]
    assert (len(stamp.split(",")[1]), rest) == (3, " WARN  [ImapServer-1] [ip=192.0.2.1;] account - text")
    assert second[19:] == " [error] 7#0: text"
    assert third.split(maxsplit=4)[4] == "zmconfigd[7]: text"


def test_log_of_the_mta(tmp_path: pathlib.Path) -> None:
    place = installation.Installation(home=tmp_path, syslog=tmp_path / "zimbra.log")
    heard = mta.Mta(place).heard
    before = "Nov 26 19:25:28 mx postfix/smtpd[113]: "
    heard(f"{before}warning: SASL authentication failure: GSSAPI Error: {NONE} (Permission denied)")
    heard(f"{before}warning: SASL authentication failure: GSSAPI Failure: gss_accept_sec_context")
    heard(f"{before}connect from unknown[127.0.0.1]")
    heard("no line of Postfix's")
    texts = [line.partition(": ")[2] for line in place.syslog.read_text().splitlines()]
    assert texts == [
        f"warning: SASL authentication failure: {proxy.NO_CREDENTIALS}",
        f"warning: SASL authentication failure: {proxy.NO_CREDENTIALS}",
        "connect from unknown[127.0.0.1]",
    ]


# What the servers read


def test_parameters_of_the_mta() -> None:
    values = {
        "zimbraMtaSmtpdSaslSecurityOptions": ["noanonymous", "noplaintext"],
        "zimbraMtaTlsAuthOnly": ["TRUE"],
        "zimbraMtaImportEnvironment": ["A=1", "KRB5_KTNAME=x"],
    }
    found = {name: value for name, value in mta.parameters(values, HOST).items() if value}
    assert found == {
        "smtpd_sasl_security_options": "noanonymous, noplaintext",
        "smtpd_tls_auth_only": "yes",
        "import_environment": "A=1, KRB5_KTNAME=x",
        "myhostname": HOST,
    }
    assert mta.smtpd_conf({mta.MECHANISMS: ["GSSAPI", "PLAIN"]}).endswith("mech_list: GSSAPI PLAIN\n")


def test_saslauthd() -> None:
    def ask(*parts: str) -> bytes:
        return b"".join(struct.pack(">H", len(part)) + part.encode() for part in parts)

    assert saslauthd.read(io.BytesIO(ask("alice", "p:w", "smtp", "example.test"))) == ("alice@example.test", "p:w")
    assert saslauthd.read(io.BytesIO(ask("alice", "", "smtp", ""))) == ("alice", "")
    with pytest.raises(struct.error):
        saslauthd.read(io.BytesIO(b"\0"))
    assert (saslauthd.answer(True), saslauthd.answer(False)) == (b"\0\x02OK", b"\0\x02NO")


def test_files_of_the_proxy() -> None:
    values = {
        "zimbraReverseProxyImapSaslGssapiEnabled": ["TRUE"],
        "zimbraReverseProxyDefaultRealm": ["EXAMPLE.TEST"],
        "zimbraReverseProxyPop3SaslPlainEnabled": ["FALSE"],
    }
    found = proxy.files(values, [HOST])
    assert found["nginx/includes/nginx.conf.mail"].splitlines() == [
        *("mail", "{", "    default_realm EXAMPLE.TEST;", "    imap_auth plain gssapi;", "    pop3_auth ;", "}")
    ]
    assert f"{HOST}:7072" in found["nginx/includes/nginx.conf.zmlookup"]
    assert found["nginx.conf"].endswith(proxy.SUCCESS)


def test_dovecot(tmp_path: pathlib.Path) -> None:
    settings = dovecot.Settings(
        name="zimbra-mailbox-imap",
        run=tmp_path,
        protocol="imap",
        ports=(7143, 7993),
        gssapi=True,
        plain=True,
        gssapi_hostname=HOST,
        keytab="k",
        passdb="p mailbox",
        masters="p master",
        mail=tmp_path,
        certificate=tmp_path,
        key=tmp_path,
        variables={"KRB5_CONFIG": "c"},
    )
    text = dovecot.text(settings)
    assert "auth_mechanisms = gssapi plain\n" in text
    assert f'auth_gssapi_hostname = "{HOST}"\n' in text
    assert text.count("master = yes") == 1
    nothing = dataclasses.replace(settings, gssapi=False, plain=False, masters="")
    assert "auth_mechanisms = plain\n" in dovecot.text(nothing)
    assert "master = yes" not in dovecot.text(nothing)


def test_process_of_a_pid_file(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "x.pid"
    assert processes.running(path) == 0
    words = [sys.executable, "-c", f"input() # {processes.LIBRARY.name}"]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:
        path.write_text(f"{process.pid}\n")
        assert processes.wait(lambda: processes.running(path) == process.pid, 5)
        process.kill()
        assert processes.wait(lambda: processes.running(path) == 0, 5)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as another:
        path.write_text(f"{another.pid}\n")
        assert processes.wait(lambda: b"cat" in pathlib.Path(f"/proc/{another.pid}/cmdline").read_bytes(), 5)
        assert processes.running(path) == 0
        another.kill()


# Installation


@pytest.mark.parametrize("services", [("ldap", "mailbox", "proxy", "mta"), ("proxy", "mta")])
def test_script(tmp_path: pathlib.Path, services: tuple[str, ...]) -> None:
    servers = {HOST: ("ldap", "mailbox", "proxy", "mta"), "zimbra2.example.test": ("proxy", "mta")}
    host = next(name for name, served in servers.items() if served == services)
    text = package.script("example.test", host, services, HOST, servers, ["alice"])
    path = tmp_path / "script"
    path.write_text(text)
    assert subprocess.run(["sh", "-n", path], check=False).returncode == 0
    assert ("alice@example.test" in text) == ("ldap" in services)
    keys = package.localconfig(host, HOST, "mailbox" in services)
    assert keys in text
    assert ("zimbra_zmprov_default_to_ldap" in keys) == ("mailbox" not in services)
    for service, marker in installation.MARKERS.items():
        assert (f"/opt/zimbra/{marker}" in text) == (service in services)


def test_every_program_has_its_room() -> None:
    rooms = {path.stem for path in package.HERE.glob("*.py")}
    assert {module for module, dummy, _words in package.PROGRAMS.values()} <= rooms
