# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""login.conf as the JDK reads it; tests/integration/test_jaas_config_jdk.py has the JDK as the judge."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.jaas_config import (
    Entry,
    JaasRefusal,
    LoginModule,
    entries,
    open_at_end,
    rendered,
    value_of,
)
from hypothesis import given
from hypothesis import strategies as st

TEXT = """\
// shipped
cas { /* a comment; with = signs { } */
    com.example.Krb5 REQUIRED keyTab="/etc/x.keytab" storeKey=true / the rest is a comment; };
    storeKey = false;
    'no' Optional;
};
"""


def meanings(text: str) -> list[Entry]:
    return [entry.meaning for entry in entries(text)]


def test_entries_modules_and_options() -> None:
    text = TEXT.replace("'no'", '"yes \\"1\\""') + "a{b sufficient;};'c' { };"
    assert meanings(text) == [
        Entry(
            "cas",
            (
                LoginModule("com.example.Krb5", "required", {"keyTab": "/etc/x.keytab", "storeKey": "false"}),
                LoginModule('yes "1"', "optional", {}),
            ),
        ),
        Entry("a", (LoginModule("b", "sufficient", {}),)),
        Entry("c", ()),
    ]


def test_the_places_lead_back_to_the_text() -> None:
    text = 'x {\n  a.B required k="v";\n};\n'
    (entry,) = entries(text)
    (module,) = entry.modules
    (option,) = module.options
    tokens = (entry.name, entry.opened, module.name, module.flag, option.key, option.value, module.end, entry.closed)
    assert [text[token.start : token.end] for token in (*tokens, entry.end)] == (
        ["x", "{", "a.B", "required", "k", '"v"', ";", "}", ";"]
    )


HEAD = "x {\n a required "


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "storeKey=true \\\n useKeyTab=true;\n};", "line 2, column 27: .*backslash continues no line"),
        ("# a\n", r"line 1, column 1: an entry's name is expected, and '#' is there.*comments begin with '//'"),
        (HEAD + "keyTab=/etc/x;\n};", r"line 3, column 1: .*the '/' in line 2, column 20 begins a comment"),
        (HEAD + "principal=HTTP/a@B;\n};", r"line 3, column 1: .*the '/' in line 2, column 27 begins a comment"),
        (HEAD + "principal=a@B;\n};", r"line 2, column 24: .*'@' is there.*needs double quotes"),
        (HEAD + "timeout=10;\n};", r"line 2, column 21: .*begins with a digit"),
        (HEAD + "a='b';\n};", r"line 2, column 15: .*a string in single quotes is there.*double quotes"),
        (HEAD + "a=b\n};", "line 3, column 1: in the entry 'x' an option or the ';' .*'}' is there"),
        (HEAD + "a=b;\n}", "line 3, column 2: ';' behind the entry 'x' is expected, and the file's end is there"),
        (HEAD + "a=b;\n", "line 3, column 1: in the entry 'x' a login module's class or '}'"),
        (HEAD + "a hunter2;\n};", "line 2, column 15: '=' behind an option's name is expected, and a word is there"),
        ("x {\r\n a hunter2 b=c;\r};", "line 2, column 4: what stands behind the class is no flag.*take one of"),
        ('x {\r a "" b=c;\r};', "line 2, column 4: what stands behind the class is no flag"),
        ('x {\n "" required;\n};', "line 2, column 2: a login module's class is empty"),
        ("x a required;", r"line 1, column 3: '\{' behind the entry's name is expected, and a word"),
        (
            "x { a required; };\nx { b required; };",
            r"line 2, column 1: the entry 'x' is there a second time \(line 1, c",
        ),
        ("1 { a required; };", "line 1, column 1: an entry's name is expected"),
        ("x { a required; }; /* open", None),
        ("x { a required; /* open };", "line 1, column 27: .*the file's end"),
    ],
)
def test_what_the_jdk_would_not_read_is_refused_with_its_place(text: str, words: str | None) -> None:
    if words is None:
        assert len(entries(text)) == 1
        return
    with pytest.raises(JaasRefusal, match=f"^/f: {words}") as refused:
        entries(text, "/f")
    assert "hunter2" not in str(refused.value)
    assert "; " in str(refused.value)


@pytest.mark.parametrize(
    ("quoted", "value"),
    [(r"a\\b", "a\\b"), (r"\"", '"'), (r"\101\x", "Ax"), (r"\4777", "'77"), (r"\t\n", "\t\n"), (r"\18", "\x018")],
)
def test_escapes(quoted: str, value: str) -> None:
    assert value_of(quoted) == value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("a{};", None),
        ("a{}; // b", ("line", 5)),
        ("a{}; // b\n", None),
        ("a{}; /* b", ("open", 5)),
        ("a{}; /* b */", None),
        ("/", ("slash", 0)),
        ("/\n", ("slash", 0)),
        ("/\n\n", None),
        ("/x\n", None),
    ],
)
def test_a_comment_that_reaches_the_end(text: str, found: tuple[str, int] | None) -> None:
    assert open_at_end(text) == found


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1), st.booleans())
def test_what_is_rendered_is_read_back(value: str, quoted: bool) -> None:
    text = f"{rendered(value, quoted=quoted)} {{ a.B required {rendered(value)}={rendered(value)}; }};"
    assert meanings(text) == [Entry(value, (LoginModule("a.B", "required", {value: value}),))]


@given(st.text(st.sampled_from("ab {}=;\"'/*\\\n\r#-1.@$"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = entries(text)
    except JaasRefusal as refused:
        assert "\n" not in str(refused)
        return
    assert all(text[entry.end.start : entry.end.end] == ";" for entry in found)
