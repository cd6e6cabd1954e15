# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_log import (
    MOST_LINES,
    entries,
    shown,
    stamp,
)
from hypothesis import given
from hypothesis import strategies as some

ZONE = datetime.timezone(datetime.timedelta(hours=1))
NOW = datetime.datetime(2026, 1, 2, 12, 0, 0, tzinfo=ZONE)
TIMES = {
    "2026-01-02 11:59:58,123 WARN  [ImapServer-1] [ip=192.0.2.7;] account - text": NOW.replace(
        hour=11, minute=59, second=58
    ),
    "2026/01/02 11:00:00 [error] 77#0: *5 text": NOW.replace(hour=11),
    "Jan  2 11:00:00 zimbra1 postfix/smtpd[77]: text": NOW.replace(hour=11),
    "Jan 02 11:00:00 zimbra1 postfix/smtpd[77]: text": NOW.replace(hour=11),
    "Jan  3 00:00:00 zimbra1 x: text": NOW.replace(day=3, hour=0),
    "Dec 31 23:00:00 zimbra1 x: text": datetime.datetime(2025, 12, 31, 23, tzinfo=ZONE),
    "2026-01-02T11:00:00.123456+01:00 zimbra1 x: text": NOW.replace(hour=11),
    "2026-01-02T10:00:00Z zimbra1 x: text": NOW.replace(hour=11),
}


@pytest.mark.parametrize("line", TIMES)
def test_the_time_of_a_line(line: str) -> None:
    time, rest = stamp(line, NOW)
    assert time == TIMES[line]
    assert rest.endswith("text") and "11:" not in rest


@pytest.mark.parametrize(
    "line",
    ["", "text", "\tat x.y", "Caused by: x", "Feb 31 00:00:00 x", "2026-13-01 00:00:00,1 x", "Foo  1 00:00:00 x"],
)
def test_a_line_without_time(line: str) -> None:
    assert stamp(line, NOW) == (None, line)


def test_entries() -> None:
    lines = ["\tat lost", *TIMES, "Caused by: a", "\tat b\n", "2026-01-02 11:59:59,000 INFO  x"]
    found = list(entries("mailbox.log", lines, NOW.replace(hour=11), NOW))
    assert [one.lines[0][-4:] for one in found] == ["text"] * 7 + ["O  x"]
    assert found[-2].lines[1:] == ("Caused by: a", "at b")
    assert {one.log for one in found} == {"mailbox.log"}
    assert len(list(entries("x", lines, None, NOW))) == 9
    endless = next(entries("x", [lines[1], *["\tat x"] * 1000], None, NOW))
    assert len(endless.lines) == MOST_LINES


TOKEN = "YIICfAYJKoZIhvcSAQICAQBuggJrMIICZ6ADAgEFoQMCAQ6iBwMFACAAAACjggF3"


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        (f"AUTHENTICATE GSSAPI {TOKEN}==", "AUTHENTICATE GSSAPI YIICfAYJ...(66 characters)"),
        ("token 0_68a1f2c3d4e5f60718293a4b5c6d7e8f_0123", "token 0_68a1f2...(39 characters)"),
        ("Keytab file '/opt/zimbra/data/krb5/smtp/of/zimbra' not found", None),
        ("java.lang.ExceptionInInitializerErrorOfSomeSort", None),
        ("\x1b[31mred", "?[31mred"),
        ("imap/zimbra1.example.test@EXAMPLE.TEST (aes256-cts-hmac-sha1-96)", None),
    ],
)
def test_what_is_shown(line: str, seen: str | None) -> None:
    assert shown(line) == (line if seen is None else seen)


def test_long_lines_are_cut() -> None:
    assert len(shown("a b " * 1000)) == 300


@given(some.lists(some.text()))
def test_any_text(lines: list[str]) -> None:
    for one in entries("x", ["2026-01-02 11:00:00,000 x", *lines], None, NOW):
        assert all(line.isprintable() for line in one.lines)
