# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins in Axigen's log: what is told of them, and that nothing of a secret is."""

from __future__ import annotations

import base64
import contextlib
import datetime

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_log import (
    LONGEST,
    MODULES,
    MOST_LINES,
    Login,
    entries,
    entry,
    login_report,
    logins,
    merged,
    shown,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.log_time import LogRefusal, moment
from hypothesis import given
from hypothesis import strategies as st

ZONE = datetime.timezone(datetime.timedelta(hours=1))
NOON = datetime.datetime(2026, 1, 31, 12, 0, 0, tzinfo=ZONE)
SECRET = "canary-5e1f"
PLAIN = base64.b64encode(f"\0alice\0{SECRET}".encode()).decode()
TOKEN = "YIIGhgYJKoZIhvcSAQICAQBuggZ1MIIGcaADAgEFoQMCAQ6iBwMFACAAAACj"


def line(text: str, module: str = "IMAP", session: str = "0000A01F", second: int = 0, level: str = "16") -> str:
    return f"2026-01-31 12:00:{second:02} +0100 {level} mx1 {module}:{session}: {text}"


def read(*texts: str, module: str = "IMAP") -> list[Login]:
    return logins(entries([line(text, module) for text in texts], None, ()))


IMAP = (
    "[192.0.2.10:143] connection accepted from [192.0.2.7:50123]",
    ">> * OK AXIGEN IMAP4rev1 service is ready",
    "<< a1 CAPABILITY",
    ">> * CAPABILITY IMAP4rev1 AUTH=GSSAPI",
    ">> a1 OK done",
    "<< a2 AUTHENTICATE GSSAPI",
    ">> +",
    f"<< {TOKEN}",
    f">> + {TOKEN}",
    "<< ",
    "User [alice@example.test] successfully authorized!",
    ">> a2 OK Done",
    "<< a3 SELECT INBOX",
)


def test_an_imap_login() -> None:
    (login,) = read(*IMAP)
    assert login_report(login) == {
        "module": "IMAP",
        "session": "0000A01F",
        "began": "2026-01-31T12:00:00+01:00",
        "client": "192.0.2.7:50123",
        "user": "alice@example.test",
        "mechanism": "GSSAPI",
        "result": "accepted",
        "lines": [
            "[192.0.2.10:143] connection accepted from [192.0.2.7:50123]",
            ">> * OK AXIGEN IMAP4rev1 service is ready",
            "<< a1 CAPABILITY",
            ">> * CAPABILITY IMAP4rev1 AUTH=GSSAPI",
            ">> a1 OK done",
            "<< a2 AUTHENTICATE GSSAPI",
            ">> +",
            f"<< ({len(TOKEN)} characters)",
            f">> + YIIGhgYJ...({len(TOKEN)} characters)",
            "<< (0 characters)",
            "User [alice@example.test] successfully authorized!",
        ],
    }


LOGINS = {
    "imap without the line of Axigen": ("IMAP", [*IMAP[:10], *IMAP[11:]], "GSSAPI", "accepted", ""),
    "the line of Axigen last": ("IMAP", [*IMAP[:10], IMAP[11], IMAP[10]], "GSSAPI", "accepted", "alice@example.test"),
    "imap refused": (
        "IMAP",
        ["<< a AUTHENTICATE GSSAPI", ">> +", "<< x", ">> a NO Authentication failed"],
        "GSSAPI",
        "refused",
        "",
    ),
    "imap bad": ("IMAP", ["<< a AUTHENTICATE PLAIN", ">> a BAD what"], "PLAIN", "refused", ""),
    "imap login": ("IMAP", [f"<< a LOGIN alice {SECRET}", ">> a OK done"], "PASSWORD", "accepted", ""),
    "imap in small letters": (
        "IMAP",
        ["<< a login {5}", ">> + go on", "<< alice {3}", ">> a OK x"],
        "PASSWORD",
        "accepted",
        "",
    ),
    "untagged within": ("IMAP", ["<< a LOGIN x y", ">> * CAPABILITY x", ">> a OK x"], "PASSWORD", "accepted", ""),
    "smtp": ("SMTP-IN", [f"<< AUTH GSSAPI {TOKEN}", ">> 334 ", "<< x", ">> 235 done"], "GSSAPI", "accepted", ""),
    "smtp refused": (
        "SMTP-IN",
        ["<< AUTH GSSAPI", ">> 334", "<< x", ">> 535 Authentication failed"],
        "GSSAPI",
        "refused",
        "",
    ),
    "smtp later": ("SMTP-IN", ["<< AUTH LOGIN", ">> 454 later"], "LOGIN", "refused", ""),
    "pop3": (
        "POP3",
        ["<< AUTH", ">> +OK", ">> GSSAPI", ">> .", "<< AUTH GSSAPI", ">> + ", "<< x", ">> +OK"],
        "GSSAPI",
        "accepted",
        "",
    ),
    "pop3 refused": ("POP3", ["<< AUTH GSSAPI", ">> + ", "<< x", ">> -ERR no"], "GSSAPI", "refused", ""),
    "pop3 pass": ("POP3", ["<< USER alice", ">> +OK", f"<< PASS {SECRET}", ">> -ERR no"], "PASSWORD", "refused", ""),
    "a method of tomorrow": ("SMTP-IN", ["<< AUTH SCRAM-SHA-256 x", ">> 334 y"], "OTHER", "unknown", ""),
    "no protocol lines, in": ("IMAP", ["User [bob] successfully authorized!"], "", "accepted", "bob"),
    "no account": (
        "IMAP",
        ["Authentication error for user 'bob@x': Account not found locally"],
        "",
        "refused",
        "bob@x",
    ),
    "sasl": ("POP3", ["<< AUTH GSSAPI x", "sasl_server_step error: 'SASL(-13): x'"], "GSSAPI", "refused", ""),
    "second try": ("POP3", ["<< AUTH GSSAPI x", ">> -ERR", "<< PASS x", ">> +OK"], "PASSWORD", "accepted", ""),
}


@pytest.mark.parametrize("name", LOGINS)
def test_logins(name: str) -> None:
    module, texts, mechanism, result, user = LOGINS[name]
    (login,) = read(*texts, module=module)
    assert (login.mechanism, login.result, login.user) == (mechanism, result, user)
    assert SECRET not in "".join(login.lines)
    assert TOKEN not in "".join(login.lines)


def test_sessions_without_a_login_are_left_out() -> None:
    assert read("connection accepted from [192.0.2.7]", "<< NOOP", ">> +OK", module="POP3") == []


def test_sessions_are_told_apart() -> None:
    good = "User [x] successfully authorized!"
    found = [
        line(good, session="0000000B", second=3),
        line(good, session="0000000A", second=1),
        line(good, "POP3", "0000000A", second=2),
        line("connection accepted from [192.0.2.7:1]", session="0000000B", second=4),
        line("connection accepted from [192.0.2.8]:2", session="0000000b", second=5),
        line("User [y] successfully authorized!", session="0000000b", second=5),
    ]
    assert [(one.module, one.session, one.user, one.client) for one in logins(entries(found, None, ()))] == [
        ("IMAP", "0000000A", "x", ""),
        ("POP3", "0000000A", "x", ""),
        ("IMAP", "0000000B", "x", ""),
        ("IMAP", "0000000B", "y", "192.0.2.8"),
    ]
    since = NOON + datetime.timedelta(seconds=3)
    assert [one.user for one in logins(entries(found, since, ["IMAP"]))] == ["x", "y"]


def test_what_stands_in_two_files_is_told_once() -> None:
    full, short = read(*IMAP), read(*IMAP[:1], *IMAP[10:])
    assert merged([short, full]) == merged([full, short, full]) == full
    other = logins(entries([line(IMAP[10], session="0000A020", second=1)], None, ()))
    assert merged([other, full]) == [*full, *other]


def test_a_long_session_is_judged_to_its_end() -> None:
    (login,) = read("<< a LOGIN x y", *[">> * more"] * 200, ">> a NO no")
    assert login.result == "refused"
    assert len(login.lines) == MOST_LINES


NO_LINES = [
    "",
    "x",
    "2026-01-31 12:00:00 +0100 16 mx1 IMAP:0000A01: x",
    "2026-13-31 12:00:00 +0100 16 mx1 IMAP:0000A01F: x",
    "2026-01-31 12:00:00 16 mx1 IMAP:0000A01F: x",
]


@pytest.mark.parametrize("text", NO_LINES)
def test_what_is_no_line_of_the_log(text: str) -> None:
    assert entry(text) is None
    assert list(entries([text + "\n"], None, ())) == []


SHOWN = {
    "<< AUTH PLAIN " + PLAIN: f"<< AUTH PLAIN ({len(PLAIN) + 1} characters)",
    "<< AUTH NEW " + PLAIN: f"<< AUTH ({len(PLAIN) + 5} characters)",
    "<< " + PLAIN: f"<< ({len(PLAIN)} characters)",
    f"<< PASS {SECRET}": "<< PASS (12 characters)",
    f"<< a1 LOGIN alice {SECRET}": "<< a1 LOGIN (18 characters)",
    f"<< {SECRET} pass": "<< (16 characters)",
    "<< EHLO [192.0.2.7]": "<< EHLO (12 characters)",
    "<< starttls": "<< starttls",
    "<<": "<<",
    "<< ": "<<",
    ">> 334 " + "A" * 24: ">> 334 AAAAAAAA...(24 characters)",
    ">> 334 " + "A" * 23: ">> 334 " + "A" * 23,
    "x" * 10 + " " + "y " * 400: ("x" * 10 + " " + "y " * 400)[: LONGEST - 3] + "...",
    "a\x1b[2Jb": "a?[2Jb",
}


@pytest.mark.parametrize("text", SHOWN)
def test_lines_that_are_shown(text: str) -> None:
    assert shown(text) == SHOWN[text]


def test_within_a_login_nothing_of_the_client_is_shown() -> None:
    assert shown("<< QUIT", secret=True) == "<< (4 characters)"


SECRETS = st.text(st.sampled_from("abcXYZ019+/=!$ "), min_size=8, max_size=40).map(lambda text: f"q7{text}7q")


@given(SECRETS, st.sampled_from(["IMAP", "POP3", "SMTP-IN"]), st.lists(st.integers(0, 12), max_size=20), st.booleans())
def test_no_secret_of_a_client_is_told(secret: str, module: str, order: list[int], opened: bool) -> None:
    texts = [
        f"<< a LOGIN alice {secret}",
        f"<< a LOGIN alice {{{len(secret)}}}",
        f"<< {secret}",
        f"<< PASS {secret}",
        f"<< AUTH PLAIN {secret}",
        f"<< AUTH LOGIN {secret}",
        f"<< a AUTHENTICATE PLAIN {secret}",
        f"<< AUTH {secret}",
        f"<< {base64.b64encode(secret.encode()).decode()}",
        ">> +",
        ">> 334 VXNlcm5hbWU6",
        ">> a NO",
        ">> 535 no",
    ]
    start = ["<< AUTH LOGIN"] if opened else []
    for login in read(*start, *(texts[at] for at in order), module=module):
        told = "\n".join([*login.lines, *login.errors, login.user, login.mechanism])
        assert secret not in told
        assert base64.b64encode(secret.encode()).decode() not in told


MOMENTS = {
    "0": NOON,
    "600": NOON - datetime.timedelta(minutes=10),
    " 60 ": NOON - datetime.timedelta(minutes=1),
    "2026-01-31T12:00:00Z": datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc),
    "2026-01-31 12:00:00 +0100": NOON,
    "2026-01-31 12:00:00+01:00": NOON,
    "2026-01-31 12:00:00": NOON,
    "2026-01-31 12:00": NOON,
}


@pytest.mark.parametrize("text", MOMENTS)
def test_since(text: str) -> None:
    assert moment(text, NOON) == MOMENTS[text]


@pytest.mark.parametrize("text", ["", "yesterday", "-5", "2026-02-30", "99999999999", "1.5"])
def test_since_never(text: str) -> None:
    with pytest.raises(LogRefusal, match="is no time; give seconds"):
        moment(text, NOON)


@given(st.text())
def test_any_since(text: str) -> None:
    with contextlib.suppress(LogRefusal):
        assert moment(text, NOON).tzinfo


@given(st.lists(st.text(max_size=60)))
def test_any_lines(texts: list[str]) -> None:
    for login in read(*(text.replace("\n", " ") for text in texts)):
        assert all(one.isprintable() for one in login.lines)


def test_modules_of_the_log() -> None:
    assert MODULES == {
        "imap": "IMAP",
        "pop3": "POP3",
        "smtp": "SMTP-IN",
        "webmail": "WEBMAIL",
        "webadmin": "WEBADMIN",
        "cli": "CLI",
    }


@pytest.mark.parametrize(
    "command", ["CAPA", "HELO", "ID", "LOGOUT", "NOOP", "QUIT", "RSET", "STLS", "USER", "EHLO", "PASS", "CAPABILITY"]
)
def test_commands_are_shown_without_what_follows(command: str) -> None:
    assert shown(f"<< {command} x") == f"<< {command} (2 characters)"
    assert shown(f"<< a7 {command}") == f"<< a7 {command}"


@pytest.mark.parametrize("method", ["CRAM-MD5", "DIGEST-MD5", "GSS-SPNEGO", "NTLM", "XOAUTH2", "OAUTHBEARER", "PLAIN"])
def test_methods_are_told(method: str) -> None:
    (login,) = read(f"<< AUTH {method.lower()} x y", module="SMTP-IN")
    assert login.mechanism == method
    assert login.lines == (f"<< AUTH {method.lower()} (4 characters)",)


def test_when_a_session_was_heard_of_last_and_with_which_errors() -> None:
    errors = ("sasl_server_step error: 'x'", "Authentication error for user 'a': Invalid password")
    lines = [line(text, second=at) for at, text in enumerate(("<< a NOOP", *errors, "more"))]
    (login,) = logins(entries(lines, None, ()))
    assert (login.began, login.last) == (NOON, NOON + datetime.timedelta(seconds=3))
    assert login.errors == errors
    assert login.user == "a"


def test_lines_end_as_files_have_them() -> None:
    assert len(list(entries([line("x") + "\r\n", line("x") + "\n"], NOON, ("IMAP",)))) == 2
    assert list(entries([line("x")], NOON, ("POP3",))) == []


def test_a_second_method_within_an_exchange_is_an_answer() -> None:
    (login,) = read("<< AUTH LOGIN", ">> 334 x", "<< PASS", ">> 235 x", module="SMTP-IN")
    assert (login.mechanism, login.result) == ("LOGIN", "accepted")
