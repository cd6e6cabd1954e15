# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies of Axigen's CLI: where they end in every form that is possible, and how values are written."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_cfg import parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_cli import (
    LONGEST_VALUE,
    AxigenRefusal,
    Reply,
    failed_status,
    first_column,
    may_be_whole,
    reply,
    shortened,
    shown_values,
    uncoloured,
    version,
    written,
)
from hypothesis import given
from hypothesis import strategies as st

WHOLE = {
    "+OK: command successful\r\n<#> ": Reply((), "+OK", "command successful", "#"),
    "+OK\r\n<server-imap#> ": Reply((), "+OK", "", "server-imap#"),
    "+OK done\n<server-smtpIncoming#> ": Reply((), "+OK", "done", "server-smtpincoming#"),
    "-ERR: no\r\n<server#> ": Reply((), "-ERR", "no", "server#"),
    "a = -ERR: x\r\nb = <#> \r\n\r\n+OK: y\r\n<#> ": Reply(("a = -ERR: x", "b = <#> ", ""), "+OK", "y", "#"),
    "+OK: one\r\n<#> is no prompt\r\n-ERR: two\r\n<#> ": Reply(("+OK: one", "<#> is no prompt"), "-ERR", "two", "#"),
    "Welcome\r\n\r\n<login> ": Reply(("Welcome",), "", "", "login"),
    "<password> ": Reply((), "", "", "password"),
    "-ERR: bad\r\n<LOGIN> ": Reply((), "-ERR", "bad", "login"),
    "committing changes and switching back to previous context\r\n+OK: done\r\n<server#> ": Reply(
        ("committing changes and switching back to previous context",), "+OK", "done", "server#"
    ),
    "\x1b[1;32m+OK: x\x1b[0m\r\n\x1b[1m<#>\x1b[0m ": Reply((), "+OK", "x", "#"),
    "+OK: x\r\n\r\n<#> ": Reply((), "+OK", "x", "#"),
}


@pytest.mark.parametrize("text", WHOLE)
def test_whole_replies(text: str) -> None:
    assert may_be_whole(text)
    assert reply(text) == WHOLE[text]
    assert WHOLE[text].ok == (WHOLE[text].status == "+OK")


@pytest.mark.parametrize("text", WHOLE)
def test_a_reply_cut_anywhere_is_not_whole(text: str) -> None:
    for end in range(len(text)):
        part = reply(text[:end])
        assert part is None or "two" in text, text[:end]


UNFINISHED = [
    "",
    "<#> ",
    "a = <#> ",
    "name = value\r\n<#> ",
    "+OK: x\r\n<#>",
    "+OK: x\r\n<#> \r\n",
    "+OK: x\r\n <#> ",
    "+OKAY: x\r\n<#> ",
    "+OK: x\r\n<a b#> ",
    "x<login> ",
]


@pytest.mark.parametrize("text", UNFINISHED)
def test_what_only_looks_like_an_end(text: str) -> None:
    assert reply(text) is None


def test_what_is_said_of_a_reply() -> None:
    assert Reply((), "-ERR", "no\x1bway", "#").said == "no\\x1bway"
    assert Reply(("x", "a line", "another"), "-ERR", "", "#").said == "a line another"
    assert Reply((), "-ERR", "", "#").said == "it gave no reason"
    assert shortened("x" * 300) == "x" * 197 + "..."
    assert shortened("x" * 200) == "x" * 200


def test_colours() -> None:
    assert uncoloured("\x1b[1;32ma\x1b[0m\x1b(B\x1b=b\x1b[?25h") == "ab"
    assert uncoloured("\x1b[") == "\x1b["


@pytest.mark.parametrize(
    ("text", "failed"),
    [("-ERR: x\r\n", True), ("x\r\n\x1b[31m-ERR\x1b[0m\r\n\r\n", True), ("-ERR\r\nx", False), ("", False)],
)
def test_a_last_line_of_error(text: str, failed: bool) -> None:
    assert failed_status(text) is failed


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["10.6.30|Linux|x86_64", "more"], "10.6.30"),
        (["", "7.0.0, (FreeBSD/i386)|FreeBSD|i386"], "7.0.0"),
        (["none"], ""),
        ([], ""),
    ],
)
def test_version(lines: list[str], found: str) -> None:
    assert version(lines) == found


def test_values_that_are_shown() -> None:
    lines = [
        "The values of this context are:",
        "---",
        "maxErrors = 20",
        'greetingsText = "-ERR: say \\"hi\\" = <#> "',
        "secureConnAuthTypes = (plain cram-md5)",
        "empty = ",
        "bare =",
        'broken = "a',
        "odd = (a {b = c})",
        "braced = ({})",
        "quota = 5 [explicit, overrides inherited value: 7]",
        "  indented = yes",
        "not a value",
        "two words = x",
        "nosign=x",
    ]
    assert shown_values(lines) == {
        "maxErrors": "20",
        "greetingsText": '-ERR: say "hi" = <#> ',
        "secureConnAuthTypes": ("plain", "cram-md5"),
        "empty": "",
        "bare": "",
        "broken": '"a',
        "odd": "(a {b = c})",
        "braced": "({})",
        "quota": "5",
        "indented": "yes",
    }


TABLES = {
    "as the vendor's client counts": (
        ["Domains", "", "Name  Size  Used", "", "", "example.test 1 KB 2 KB", "other.test 0 0", ""],
        ("example.test", "other.test"),
    ),
    "with a line of dashes": (["Name  Size", "----- ----", "example.test 1"], ("example.test",)),
    "within lines": (
        ["+---+", "| Name | Size |", "+---+---+", "| example.test | 1 |", "+---+---+", ""],
        ("example.test",),
    ),
    "quoted": (["---", '"example.test" 1'], ("example.test",)),
    "empty": (["Name", "----", ""], ()),
    "of nothing": ([], ()),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str) -> None:
    lines, found = TABLES[name]
    assert first_column(lines) == found


WRITTEN = {
    "yes": "yes",
    "127.0.0.1:2000": "127.0.0.1:2000",
    "": '""',
    "two words": '"two words"',
    "it's": '"it\'s"',
    'say "hi"': "'say \"hi\"'",
    "C:\\dir": "'C:\\dir'",
    'it\'s "x"': '"it\'s \\"x\\""',
    "(a)": '"(a)"',
    "ä": '"ä"',
}


@pytest.mark.parametrize("value", WRITTEN)
def test_values_that_are_written(value: str) -> None:
    assert written(value, "x") == WRITTEN[value]


def test_sets_that_are_written() -> None:
    assert written(("plain", "cram-md5"), "x") == "(plain cram-md5)"
    assert written((), "x") == "()"
    assert written(("a b",), "x") == '("a b")'


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("a\r\nSAVE CONFIG", "services.imap.x: holds a control character"),
        ("a\0", "services.imap.x: holds a control character"),
        ("a\x7f", "services.imap.x: holds a control character"),
        ("\ud800", "services.imap.x: holds a control character"),
        ("it's a\\b", "services.imap.x: holds a backslash and a single quote"),
        ("x" * (LONGEST_VALUE + 1), "services.imap.x: has 8193 characters, and Axigen takes 8192"),
        (("a", "b\n"), "services.imap.x: holds a control character"),
    ],
)
def test_values_that_cannot_be_written(value: str, says: str) -> None:
    with pytest.raises(AxigenRefusal) as refusal:
        written(value, "services.imap.x")
    assert str(refusal.value).startswith(says)
    assert "; " in str(refusal.value)


def test_the_longest_value() -> None:
    assert written("x" * LONGEST_VALUE, "x") == "x" * LONGEST_VALUE


def taken(text: str) -> str:
    """What the CLI's documented forms stand for."""
    if text.startswith("'"):
        assert text.endswith("'") and "'" not in text[1:-1]
        return text[1:-1]
    value = parse(f"v = {text}", "f").get("v")
    assert isinstance(value, str)
    return value


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40))
def test_what_is_written_is_taken(value: str) -> None:
    try:
        text = written(value, "x")
    except AxigenRefusal:
        assert "\\" in value and "'" in value
        return
    assert text.isprintable() or not value.isprintable()
    assert "\n" not in text and "\r" not in text
    assert taken(text) == value


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\n\r\x1b"), max_size=30)))
def test_no_body_is_taken_for_a_status(lines: list[str]) -> None:
    """Whatever SHOW prints, the reply is the one that its last lines say."""
    found = reply("\r\n".join([*(f"v = {line}" for line in lines), "+OK: fine", "<server-imap#> "]))
    assert found is not None
    assert (found.status, found.words, found.prompt) == ("+OK", "fine", "server-imap#")
    assert len(found.lines) == len(lines)


@given(st.text(st.sampled_from("+OK-ER:<#> \r\n\x1b[0mloginpasword"), max_size=40))
def test_any_text_is_a_reply_or_not_yet(text: str) -> None:
    found = reply(text)
    assert found is None or text.endswith("> ") or "\x1b" in text
