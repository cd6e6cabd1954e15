# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_command import (
    LONGEST,
    CommandRefusal,
    check_value,
    command,
    principal_word,
    quoted,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName
from hypothesis import given
from hypothesis import strategies as st


def libss_words(line):
    """The words of a line as libss splits it (ss_parse in MIT's util/ss/parse.c): the reader that we write for."""
    words, at = [], 0
    while at < len(line):
        if line[at] in " \t":
            at += 1
            continue
        word, inside = "", False
        while at < len(line) and (inside or line[at] not in " \t"):
            if line[at] == '"' and inside and line[at + 1 : at + 2] == '"':
                word, at = word + '"', at + 2
            elif line[at] == '"':
                inside, at = not inside, at + 1
            else:
                word, at = word + line[at], at + 1
        words.append(word)
    return words


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("plain", '"plain"'),
        ("", '""'),
        ("two words", '"two words"'),
        ('a"b', '"a""b"'),
        ('"', '""""'),
        ('""', '""""""'),
        ('x" -randkey "y', '"x"" -randkey ""y"'),
        ("back\\slash\\", '"back\\slash\\"'),
        ("'$(x)` #;-x", '"\'$(x)` #;-x"'),
    ],
)
def test_a_quote_is_doubled_and_nothing_else_is_touched(value, word):
    assert quoted(value) == word
    assert libss_words(word) == [value]


# quotes and blanks far more often than by chance
@given(st.lists(st.text(st.one_of(st.sampled_from('""\\ -'), st.characters()), min_size=1)))
def test_each_value_stays_one_word(values):
    try:
        line = command(*(quoted(value) for value in values))
    except CommandRefusal:
        return
    assert "\n" not in line and "\r" not in line
    assert libss_words(line) == values


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "\0", "\t", "\x7f", "\x85", "\ud800"])
def test_what_kadmin_cannot_take_is_refused(value):
    with pytest.raises(CommandRefusal, match=r"^policy: "):
        check_value(value, "policy")
    with pytest.raises(CommandRefusal) as refused:
        check_value(f"canary{value}", "password", secret=True)
    assert "canary" not in str(refused.value)


def test_leading_dash_is_never_an_option():
    assert principal_word(PrincipalName((b"-terse",), b"R")) == '"\\-terse@R"'
    assert principal_word(PrincipalName((b"x",), b"R")) == '"x@R"'


def test_line_that_kadmin_would_split_is_refused():
    with pytest.raises(CommandRefusal, match=f"longer than the {LONGEST} bytes"):
        command("addprinc", "x" * LONGEST)
