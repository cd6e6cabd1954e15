# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of axigen.cfg: each form, each mistake, and any tree that is printed as Axigen prints it."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_cfg import (
    DEEPEST,
    Block,
    CfgRefusal,
    parse,
    server,
)
from hypothesis import given
from hypothesis import strategies as st

SAVED = """\
Server {
    primaryDomain = "example.test"
    services = (log imap pop3)
    imap = {
        logHost = 127.0.0.1:2000
        greetingsText = "a \\"quoted\\" # word, C:\\dir"
        secureConnAuthTypes = (plain login cram-md5)
        listeners = (
            {
                address = 0.0.0.0:143
                sslControl = {
                    cipherSuite = "HIGH:!MD5"
                }
            }
            {
                address = [::]:993
                sslEnable = yes
            }
        )
        serviceAccessControl = {
            rules = ()
        }
    }
}
"""


def test_a_saved_file() -> None:
    whole = server(SAVED, "f")
    assert whole.get("PRIMARYDOMAIN") == "example.test"
    assert whole.get("services") == ("log", "imap", "pop3")
    imap = whole.block("Imap")
    assert imap is not None
    assert [name for name, dummy in imap.items] == [
        *("logHost", "greetingsText", "secureConnAuthTypes", "listeners", "serviceAccessControl")
    ]
    assert imap.get("logHost") == "127.0.0.1:2000"
    assert imap.get("greetingsText") == 'a "quoted" # word, C:\\dir'
    assert imap.get("listeners") == (
        Block((("address", "0.0.0.0:143"), ("sslControl", Block((("cipherSuite", "HIGH:!MD5"),))))),
        Block((("address", "[::]:993"), ("sslEnable", "yes"))),
    )
    assert imap.get("serviceAccessControl") == Block((("rules", ()),))
    assert imap.block("logHost") is None
    assert imap.get("nothing") is None


FORMS = {
    "": Block(),
    "  \n# a comment\n/* and\nanother */": Block(),
    "a = b": Block((("a", "b"),)),
    "a=b": Block((("a", "b"),)),
    "a = b # comment\nc = d /* x */ e = f": Block((("a", "b"), ("c", "d"), ("e", "f"))),
    "a =\nb = c": Block((("a", ""), ("b", "c"))),
    "a =": Block((("a", ""),)),
    "a =\n{ b = c }": Block((("a", Block((("b", "c"),))),)),
    "a =\n(b\nc)": Block((("a", ("b", "c")),)),
    "a {b = c}": Block((("a", Block((("b", "c"),))),)),
    "a (b c)": Block((("a", ("b", "c")),)),
    'a = ("b c" d)': Block((("a", ("b c", "d")),)),
    'a = ""': Block((("a", ""),)),
    'a = "C:\\"': Block((("a", "C:\\"),)),
    'a = "one\ntwo"': Block((("a", "one\ntwo"),)),
    "a = b=c": Block((("a", "b=c"),)),
    "a = /var/*.txt": Block((("a", "/var/*.txt"),)),
    "a = 1\nA = 2": Block((("a", "1"), ("A", "2"))),
}


@pytest.mark.parametrize("text", FORMS)
def test_forms(text: str) -> None:
    assert parse(text, "f") == FORMS[text]


def test_of_a_name_twice_the_last_counts() -> None:
    assert parse("a = 1\nA = 2", "f").get("a") == "2"


def test_what_is_not_wrapped_is_the_server_itself() -> None:
    assert server("imap = {\n}\n", "f").block("imap") == Block()
    assert server("Server = {\nimap = {\n}\n}\n", "f").block("imap") == Block()


MISTAKES = {
    "a": "line 1: '=' is wanted after 'a'",
    "a = 1\n= b": "line 2: a name is wanted, not '='",
    "a = {\nb = c\n": "line 3: a closing brace is missing",
    "a = {\nb = c )": "line 2: a closing brace is missing",
    "a = (b\n": "line 2: a closing parenthesis is missing",
    "a = (b }": "line 1: a value cannot begin with '}'",
    'a = "b': "line 1: a value cannot begin with '\"'",
    "a = }": "line 1: a value cannot begin with '}'",
    "a = b }": "line 1: a closing bracket too many",
    "a = b\n\n)": "line 3: a closing bracket too many",
    '"a" = b': "line 1: a name is wanted, not '\"'",
    "a = " + "{a = " * (DEEPEST + 2): f"line 1: more than {DEEPEST} objects within each other",
    "a = " + "(" * (DEEPEST + 2): f"line 1: more than {DEEPEST} objects within each other",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes(text: str) -> None:
    with pytest.raises(CfgRefusal) as refusal:
        parse(text, "axigen.cfg")
    assert str(refusal.value).startswith(f"axigen.cfg: {MISTAKES[text]}; ")


def test_the_greatest_depth() -> None:
    assert parse("a = " + "(" * DEEPEST + ")" * DEEPEST, "f")


def rendered(value: object, depth: int = 0) -> str:
    """As Axigen saves it: four blanks a level, lists of objects over several lines, strings quoted."""
    indent = "    " * (depth + 1)
    if isinstance(value, Block):
        inside = "".join(f"{indent}{name} = {rendered(one, depth + 1)}\n" for name, one in value.items)
        return "{\n" + inside + "    " * depth + "}"
    if isinstance(value, tuple):
        if any(isinstance(one, Block) for one in value):
            return "(\n" + "".join(f"{indent}{rendered(one, depth + 1)}\n" for one in value) + "    " * depth + ")"
        return "(" + " ".join(rendered(one) for one in value) + ")"
    assert isinstance(value, str)
    return '"' + value.replace('"', '\\"') + '"'


def blocks(items: list[tuple[str, object]]) -> Block:
    return Block(tuple(items))  # type: ignore[arg-type]


NAMES = st.from_regex(r"\A[A-Za-z][A-Za-z0-9_.-]{0,20}\Z")
# A backslash before a quote has no form in the grammar that is known.
STRINGS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\\"), max_size=20)
VALUES = st.recursive(
    STRINGS,
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.lists(st.tuples(NAMES, inner), max_size=4).map(blocks),
    max_leaves=12,
)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=5).map(blocks))
def test_what_is_rendered_is_read(tree: Block) -> None:
    text = "".join(f"{name} = {rendered(value)}\n" for name, value in tree.items)
    assert parse(text, "f") == tree


@given(st.text(st.sampled_from('ab= \n\t"\\(){}#/*.'), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text, "f")
    except CfgRefusal as refusal:
        assert "; " in str(refusal)
