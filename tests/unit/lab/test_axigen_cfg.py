# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The syntax of the double's axigen.cfg, and the words of its CLI."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab.doubles.axigen import catalogue, cfg, words

BARE = st.text(st.characters(min_codepoint=33, max_codepoint=126, blacklist_characters='"#={}()/*'), min_size=1)
TEXT = st.text(st.characters(blacklist_categories=["Cc", "Cs"])).map(cfg.Quoted)
NAME = st.from_regex(r"[a-z][A-Za-z]{0,10}", fullmatch=True)


def members(values):
    return st.dictionaries(NAME, values, max_size=5).filter(
        lambda found: len({n.casefold() for n in found}) == len(found)
    )


LEAF = st.one_of(BARE, TEXT, st.lists(BARE).map(tuple))
TREE = st.recursive(
    members(LEAF), lambda tree: members(st.one_of(LEAF, tree, st.lists(tree, min_size=1))), max_leaves=20
)


@given(TREE)
def test_what_is_saved_is_read_again(tree):
    again = cfg.parse(cfg.render(tree))
    assert again == tree
    assert cfg.render(again) == cfg.render(tree)


def test_the_form_of_a_saved_file():
    tree = {
        "primaryDomain": cfg.Quoted('a "b" \\ c'),
        "imap": {"listeners": [{"address": "0.0.0.0:143"}], "logLevel": "15", "authTypes": ("plain", "gssapi")},
        "none": (),
    }
    assert cfg.render(tree) == (
        "Server {\n"
        '    primaryDomain = "a \\"b\\" \\\\ c"\n'
        "    imap = {\n"
        "        listeners = (\n"
        "            {\n"
        "                address = 0.0.0.0:143\n"
        "            }\n"
        "        )\n"
        "        logLevel = 15\n"
        "        authTypes = (plain gssapi)\n"
        "    }\n"
        "    none = ()\n"
        "}\n"
    )


def test_comments_and_case_are_read():
    text = '# one\nSERVER = { /* two\n lines */ imap = { logLevel = 15 # three\n } s = "a # b" }\n'
    assert cfg.parse(text) == {"imap": {"logLevel": "15"}, "s": "a # b"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "too early"),
        ("Server {", "too early"),
        ("Client { }", "not Server"),
        ("Server { } more", "more or less"),
        ("Server { a }", "has no ="),
        ("Server { a = = }", "where a value should"),
        ("Server { = 1 }", "where a name should"),
        ('Server { a = "open\n" }', "line 1: a string"),
        ("Server { a = ( { } b ) }", "both objects and words"),
        ("Server { a = ( = ) }", "in a set"),
    ],
)
def test_what_is_no_file(text, said):
    with pytest.raises(cfg.SyntaxTrouble, match=said):
        cfg.parse(text)


def test_a_new_installation_is_saved_as_it_is():
    shipped = catalogue.shipped("ad.example.test")
    assert cfg.parse(cfg.render(shipped)) == shipped


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", []),
        ("  SET  a b ", ["SET", "a", "b"]),
        (r"SET a b\ c\"d", ["SET", "a", 'b c"d']),
        (r"""SET a 'x "y" \z' b "x \"y\" z" """, ["SET", "a", r'x "y" \z', "b", 'x "y" z']),
        ("SET a (plain  gssapi) b ()", ["SET", "a", "plain  gssapi", "b", ""]),
        ('ADD Account name a password ""', ["ADD", "Account", "name", "a", "password", ""]),
    ],
)
def test_words(line, found):
    assert words.split(line) == found


def test_a_set_is_told_from_a_word():
    assert [isinstance(word, words.Set) for word in words.split("(a) 'a' \"a\" a")] == [True, False, False, False]


@pytest.mark.parametrize("line", ['SET a "b', "SET a 'b", "SET a (b", "SET a b)", "SET a \\"])
def test_what_is_left_open(line):
    with pytest.raises(words.WordTrouble):
        words.split(line)
