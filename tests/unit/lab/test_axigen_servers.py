# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Axigen's double writes for the real servers behind it, and what it makes of their logs."""

from __future__ import annotations

import datetime
import json
import re
import subprocess

import pytest
from lab.doubles.axigen import accounts, catalogue, cfg, dovecot, listeners, log, package, postfix, sasl_errors

DOMAINS = {"ad.example.test": {"alice": "", "carol": "p:w"}, "two.test": {"bob": "x"}}
IDENTITY = "SASL(-13): authentication failure: Requested identity not authenticated identity"
ACCEPT = "SASL(-13): authentication failure: GSSAPI Failure: gss_accept_sec_context"
UNSPECIFIED = "Unspecified GSS failure.  Minor code may provide more information"
NONE = "No credentials were supplied, or the credentials were unavailable or inaccessible"


@pytest.mark.parametrize(
    ("principal", "account"),
    [
        ("alice@AD.EXAMPLE.TEST", "alice@ad.example.test"),
        ("Alice@ad.example.test", "alice@ad.example.test"),
        ("alice@TWO.TEST", ""),
        ("bob@AD.EXAMPLE.TEST", ""),
        ("alice@OTHER.TEST", ""),
        ("alice@", ""),
    ],
)
def test_account_of_a_principal(principal, account):
    assert accounts.of_principal(principal, DOMAINS) == account


@pytest.mark.parametrize(
    ("name", "account"),
    [("alice", "alice@ad.example.test"), ("bob@two.test", "bob@two.test"), ("bob", ""), ("alice@two.test", "")],
)
def test_account_of_a_login_name(name, account):
    assert accounts.of_login(name, "ad.example.test", DOMAINS) == account


# As the servers of Debian 12 logged them: Dovecot 2.3.19, Postfix 3.7 with Cyrus SASL 2.1.28, MIT 1.20.
ACQUIRE_D = [
    f"auth: Info: gssapi(?,127.72.1.2,<a>): While acquiring service credentials: {NONE}",
    "auth: Info: gssapi(?,127.72.1.2,<a>): While acquiring service credentials: Permission denied",
]
ACQUIRE_P = [
    f"h postfix/smtpd[113]: warning: SASL authentication failure: GSSAPI Error: {NONE} (Permission denied)",
    "h postfix/smtpd[113]: warning: unknown[127.72.1.2]: SASL GSSAPI authentication failed: generic failure, sasl_us=",
]
ACCEPT_D = [f"auth: Info: gssapi(?,127.72.1.2,<a>): While processing incoming data: {UNSPECIFIED}"]
ACCEPT_P = [
    f"h postfix/smtpd[1]: warning: SASL authentication failure: GSSAPI Error: {UNSPECIFIED} (Encryption type (x))",
    "h postfix/smtpd[1]: warning: unknown[127.72.1.2]: SASL GSSAPI authentication failed: authentication failure",
]
IDENTITY_P = [
    "h postfix/smtpd[1]: warning: SASL authentication failure: Requested identity not authenticated identity",
    "h postfix/smtpd[1]: warning: unknown[127.72.1.2]: SASL GSSAPI authentication failed: authentication failure",
]


@pytest.mark.parametrize(
    ("lines", "library", "sentence"),
    [
        (ACQUIRE_D, False, f"SASL(-1): generic failure: GSSAPI Error: {UNSPECIFIED} (Permission denied)"),
        (ACQUIRE_P, False, f"SASL(-1): generic failure: GSSAPI Error: {UNSPECIFIED} (Permission denied)"),
        (ACQUIRE_D, True, f"SASL(-1): generic failure: GSSAPI Error: {NONE} (Permission denied)"),
        (ACQUIRE_P, True, f"SASL(-1): generic failure: GSSAPI Error: {NONE} (Permission denied)"),
        (ACCEPT_D, False, ACCEPT),
        (ACCEPT_P, False, ACCEPT),
        (IDENTITY_P, False, IDENTITY),
        ([], False, ""),
        (["something else"], False, ""),
    ],
)
def test_sentence_of_a_failed_login(lines, library, sentence):
    assert sasl_errors.translate(lines, library) == sentence


def test_lines_of_one_client():
    other = ["h postfix/smtpd[11]: warning: unknown[127.72.1.23]: SASL GSSAPI authentication failed: x", "imap: 1"]
    assert sasl_errors.of_client([*other, *ACQUIRE_P, *ACQUIRE_D], "127.72.1.2") == [*ACQUIRE_P, *ACQUIRE_D]


def test_line_of_the_log():
    at = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    written = log.line(at, log.PROTOCOL, "axigen1", "IMAP", 0x1F, "<< a CAPABILITY")
    assert written == "2026-01-02 03:04:05 +0100 16 axigen1 IMAP:0000001F: << a CAPABILITY\n"


def test_log_writes_what_its_level_asks_for(tmp_path):
    logger = log.Log(tmp_path)
    logger.write(15, log.PROTOCOL, "imap", 1, "not this")
    logger.write(15, log.ERROR, "smtpIncoming", 1, "this\nin one line")
    found = [(tmp_path / name).read_text() for name in log.FILES]
    assert found[0] == found[1]
    assert re.fullmatch(r"\S+ \S+ \S+ 02 \S+ SMTP-IN:00000001: this\?in one line\n", found[0])


def settings(methods=("gssapi", "plain"), variables=(("KRB5_KTNAME", "/etc/axigen.keytab"),)):
    return dovecot.Settings(
        "/w", "axigen1.ad.example.test", methods, 1143, 1110, 'a "b" 5%', "p on %D ready %U", dict(variables)
    )


def test_dovecot():
    text = dovecot.text(settings())
    assert "auth_mechanisms = plain gssapi\n" in text
    assert "auth_gssapi_hostname = axigen1.ad.example.test\n" in text
    assert "import_environment = TZ KRB5_KTNAME=/etc/axigen.keytab\n" in text
    assert 'login_greeting = "a \\"b\\" 5%%"\n' in text
    assert 'login_greeting = "p on axigen1.ad.example.test ready"\n' in text
    assert "auth_mechanisms = plain\n" in dovecot.text(settings(methods=()))


def test_passwords_of_accounts_that_have_one():
    assert dovecot.passwords(DOMAINS, "ad.example.test") == (
        "carol@ad.example.test:{PLAIN.b64}cDp3\ncarol:{PLAIN.b64}cDp3\nbob@two.test:{PLAIN.b64}eA==\n"
    )


def test_postfix():
    told = postfix.Settings(
        "/w", "axigen1.two.test", 1025, {"two.test": ["bob.x"]}, ["GSSAPI"], {"KRB5_CONFIG": "/k"}, 997, 995
    )
    files = postfix.files(told)
    assert "myhostname = axigen1.two.test\n" in files["main.cf"]
    assert "LANG=C KRB5_CONFIG=/k\n" in files["main.cf"]
    assert "virtual_uid_maps = static:997\n" in files["main.cf"]
    assert "virtual_mailbox_domains = two.test\n" in files["main.cf"]
    assert files["mailboxes"] == "/^bob\\.x@two\\.test$/ bob.x/\n"
    assert files["master.cf"].startswith("127.0.0.1:1025 inet ")
    assert files["sasl/smtpd.conf"].endswith("mech_list: GSSAPI\n")


@pytest.mark.parametrize(
    ("line", "methods"),
    [
        ("", postfix.METHODS),
        ('set (doubleAuthTypes, "GSSAPI plain");', ("PLAIN", "GSSAPI")),
        ('# set (doubleAuthTypes, "PLAIN");', postfix.METHODS),
    ],
)
def test_methods_that_the_filters_leave(line, methods):
    assert tuple(postfix.methods(f"{postfix.FILTERS}{line}\n")) == methods


def test_starttls_that_the_filters_take():
    assert postfix.starttls(postfix.FILTERS)
    assert not postfix.starttls(postfix.FILTERS.replace('TLS, "yes"', 'TLS, "no"'))


def test_ports_that_shall_be_open():
    config = catalogue.shipped("ad.example.test")
    mail = {("imap", "0.0.0.0:143", False), ("imap", "0.0.0.0:993", True)}
    assert set(listeners.wanted(config, {"imap", "cli", "log"})) == {*mail, ("cli", "127.0.0.1:7000", False)}
    config["imap"]["listeners"][0]["enable"] = "no"
    assert set(listeners.wanted(config, {"imap"})) == {("imap", "0.0.0.0:993", True)}


def test_script_of_the_package():
    script = package.script("ad.example.test", ["alice"])
    assert subprocess.run(["sh", "-n"], input=script, text=True, check=False).returncode == 0
    texts = dict(re.findall(rf"^cat >(\S+) <<'{package.END}'\n(.*?)^{package.END}$", script, re.MULTILINE | re.DOTALL))
    assert cfg.parse(texts["/var/opt/axigen/run/axigen.cfg"])["primaryDomain"] == "ad.example.test"
    assert json.loads(texts["/var/opt/axigen/run/domains.json"]) == {"ad.example.test": {"postmaster": "", "alice": ""}}
    assert f"{package.LIBRARY}/daemon.py" in texts
    assert f"{package.LIBRARY}/package.py" not in texts
    assert "chmod 755 /etc/init.d/axigen\n" in script


def test_no_unit_of_the_servers_starts_by_itself():
    script = package.script("ad.example.test")
    assert [unit for unit in package.MASKED if f"ln -sf /dev/null /etc/systemd/system/{unit}\n" not in script] == []
