# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of login.conf set and removed, and everything else to the byte."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import jaas_config_plan
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.jaas_config import (
    FLAGS,
    Entry,
    JaasRefusal,
    LoginModule,
    entries,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.jaas_config_plan import (
    JaasPlan,
    entries_from,
)
from hypothesis import given, reject
from hypothesis import strategies as st

KRB5 = "com.sun.security.auth.module.Krb5LoginModule"
TEXT = """\
// ours
jcifs.spnego.accept {
    // by the keytab
    com.sun.security.auth.module.Krb5LoginModule Required
        storeKey=true  // keep
        keyTab="/old.keytab"
        useTicketCache=true
        debug=true;
};

other { /* foreign */ com.example.Login optional a = b ; }; // note
last { x.Y required; };
"""
WANTED = {"storeKey": True, "keyTab": "/etc/cas/cas.keytab", "principal": "HTTP/a@B"}


def wish(name: str, *modules: tuple[str, str, dict[str, Any]]) -> Entry:
    given = [{"class": one[0], "flag": one[1], "options": one[2]} for one in modules]
    (entry,) = entries_from([{"name": name, "modules": given}])
    return entry


def plan(text: str | None, *wanted: Entry, absent: tuple[str, ...] = ()) -> JaasPlan:
    return jaas_config_plan.plan("/f", None if text is None else text.encode(), wanted, absent)


def planned(text: str, *wanted: Entry, absent: tuple[str, ...] = ()) -> str:
    return (plan(text, *wanted, absent=absent).content or b"").decode()


def test_a_new_file() -> None:
    entry = wish("jcifs.spnego.accept", (KRB5, "required", {**WANTED, "doNotPrompt": True, "n": 10, "e": ""}))
    assert plan(None, entry).content == (
        b"jcifs.spnego.accept {\n"
        b"    com.sun.security.auth.module.Krb5LoginModule required\n"
        b"        storeKey=true\n"
        b'        keyTab="/etc/cas/cas.keytab"\n'
        b'        principal="HTTP/a@B"\n'
        b"        doNotPrompt=true\n"
        b'        n="10"\n'
        b'        e="";\n'
        b"};\n"
    )
    assert plan(None).content is None
    assert plan(None, absent=("x",)) == JaasPlan(None, ())


def test_an_entry_is_changed_in_its_place_and_its_comments_stay() -> None:
    result = plan(TEXT, wish("jcifs.spnego.accept", (KRB5, "required", WANTED)))
    assert (result.content or b"").decode() == TEXT.replace("/old.keytab", "/etc/cas/cas.keytab").replace(
        "\n        useTicketCache=true\n        debug=true;", '\n        principal="HTTP/a@B";'
    )
    before, after = jaas_config_plan.describe(result)
    assert before.splitlines()[3:5] == ['        keyTab="/old.keytab"', "        useTicketCache=true"]
    assert after.splitlines()[3:5] == ['        keyTab="/etc/cas/cas.keytab"', '        principal="HTTP/a@B";']
    assert "foreign" not in before + after


def test_equal_in_meaning_is_equal() -> None:
    same = wish("other", ("com.example.Login", "optional", {"a": "b"}))
    assert plan(TEXT, same, absent=("gone",)) == JaasPlan(TEXT.encode(), ())


@pytest.mark.parametrize(
    ("before", "modules", "after"),
    [
        ("x{a.B required k=v;};", [("a.B", "optional", {"k": "v"})], "x{a.B optional k=v;};"),
        ('x{a.B "required"k=v;};', [("a.B", "optional", {"k": "v"})], 'x{a.B "optional"k=v;};'),
        ("x{a.B required k=v;};", [("a.B", "required", {"k": "w w"})], 'x{a.B required k="w w";};'),
        ('x{a.B required k="v"l=w;};', [("a.B", "required", {"k": "u", "l": "w"})], 'x{a.B required k="u"l=w;};'),
        ('x{a.B required k="v\n;};', [("a.B", "required", {"k": "v", "l": "w"})], 'x{a.B required k="v\n l=w;};'),
        ('x{a.B required"k"="v"l=w;};', [("a.B", "required", {"l": "w"})], "x{a.B required l=w;};"),
        ("x{a.B required k=kk;};", [("a.B", "required", {})], "x{a.B required;};"),
        ("x{a.B required // c\n k=v;};", [("a.B", "required", {})], "x{a.B required // c\n ;};"),
        ('x{a.B required a="b\n k=v;};', [("a.B", "required", {"a": "b"})], 'x{a.B required a="b\n ;};'),
        ("x{a.B required k=u k=v;};", [("a.B", "required", {"k": "w"})], "x{a.B required k=u k=w;};"),
        ("x{a.B required k=v/*c*/;};", [("a.B", "required", {"k": "v", "l": "w"})], "x{a.B required k=v l=w/*c*/;};"),
        ('x{a.B required"k"="v"l=w;};', [("a.B", "required", {"l": "w", "m": "n"})], "x{a.B required m=n l=w;};"),
        ("x{a.B required /*c*/k=v\n l=w;};", [("a.B", "required", {"m": "n"})], "x{a.B required /*c*/\n m=n;};"),
        ("x{a.B required // c\n  k=v;};", [("a.B", "required", {"m": "n"})], "x{a.B required // c\n  m=n;};"),
        ("x{a.B required;};", [("c.D", "required", {"k": "v"})], "x{c.D required\n        k=v;};"),
        ("x {\n  a.B required;\n  c.D required;\n};", [("a.B", "required", {})], "x {\n  a.B required;\n};"),
        ("x{a.B required;c.D required;};", [("a.B", "required", {})], "x{a.B required;};"),
        (
            "x {\n  a.B required;\n};",
            [("a.B", "required", {}), ("c.D", "required", {})],
            "x {\n  a.B required;\n    c.D required;\n};",
        ),
        ("x{};", [("a.B", "required", {})], "x{\n    a.B required;\n};"),
        ("x{ // c\r\n};", [("a.B", "required", {"k": "v"})], "x{ // c\r\n    a.B required\r\n        k=v;\r\n};"),
    ],
)
def test_edits(before: str, modules: list[tuple[str, str, dict[str, Any]]], after: str) -> None:
    assert planned(before, wish("x", *modules)) == after


@pytest.mark.parametrize(
    ("before", "between"),
    [
        ("// c", "\n"),
        ("a{b required;}; /", "\n\n"),
        ("a{b required;};\n/\n", "\n"),
        ("a{b required;};\r\n", ""),
        ("a{b required;};", "\n"),
    ],
)
def test_a_new_entry_is_never_part_of_a_comment(before: str, between: str) -> None:
    newline = "\r\n" if "\r\n" in before else "\n"
    added = "x {\n    a.B required;\n};\n".replace("\n", newline)
    assert planned(before, wish("x", ("a.B", "required", {}))) == before + between + added


def test_a_comment_that_is_never_closed_takes_no_entry() -> None:
    with pytest.raises(JaasRefusal, match=r"^/f: line 2, column 1: the comment is never closed.*; close it"):
        plan("a{b required;};\n/* c", wish("x", ("a.B", "required", {})))


def test_absent_entries_go_with_their_lines_alone() -> None:
    assert planned(TEXT, absent=("other",)) == TEXT.replace(
        "other { /* foreign */ com.example.Login optional a = b ; };", ""
    )
    assert planned(TEXT, absent=("last", "gone")) == TEXT.replace("last { x.Y required; };\n", "")
    assert planned("a{b required;};c{d required;};", absent=("a",)) == "c{d required;};"


def test_bytes_that_are_no_text_survive() -> None:
    foreign = b"// \xff\xfe\r\nf\xfc { a.B required k=\xe4; };\r\n"
    entry = wish("x", ("a.B", "required", {}))
    assert jaas_config_plan.plan("/f", foreign, [entry], ()).content == (
        foreign + b"x {\r\n    a.B required;\r\n};\r\n"
    )


def test_secrets_are_not_shown() -> None:
    text = 'x { a.B required bindCredential="hunter2" storePass=true userPassword=hunter3 tokenFile="hunter4"; };'
    options = {"bindCredential": "other5", "storePass": True, "userPassword": "hunter3", "clientSecret": "new6"}
    result = plan(text, wish("x", ("a.B", "required", options)))
    before, after = jaas_config_plan.describe(result)
    for value in ("hunter", "other5", "new6"):
        assert value not in before + after
    assert 'bindCredential="(a secret, not shown)"' in before
    assert 'bindCredential="(another secret, not shown)"' in after
    assert 'userPassword="(a secret, not shown)"' in after and 'clientSecret="(a secret, not shown)"' in after
    assert "storePass=true" in before and "storePass=true" in after
    given = [{"name": "x", "modules": [{"class": "a.B", "flag": "required", "options": {**options, "pin": 1234}}]}]
    assert set(jaas_config_plan.secrets_in(given)) == {"other5", "hunter3", "new6", "1234"}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"name": ""}, r"entries\[0\]\.name: '' is no name"),
        ({"name": "a\nb"}, r"entries\[0\]\.name: 'a\\x0ab' is no name"),
        ({"modules": []}, r"entries\[0\]\.modules: the JDK does not find an entry without login modules"),
        ({"class": "a b"}, r"entries\[0\]\.modules\[0\]\.class: 'a b' is no name of a Java class"),
        ({"flag": "must"}, r"entries\[0\]\.modules\[0\]\.flag: 'must' is no flag"),
        ({"options": {"k": None}}, r"entries\[0\]\.modules\[0\]\.options\.k: nothing is no value"),
        ({"options": {"k": [1]}}, r"options\.k: a list is no value"),
        ({"options": {"k": "a\nhunter2"}}, r"options\.k: the value holds a character"),
        ({"options": {"k": "\ud800"}}, r"options\.k: the value holds a character"),
        ({"options": {"k": "${user.home"}}, r"options\.k: '\$\{' begins the name of a Java property"),
        ({"options": {"k": "a${}b"}}, r"options\.k: '\$\{' begins"),
        ({"options": {1: "v"}}, r"options: '1' is no name"),
    ],
)
def test_wishes_that_cannot_be(entry: dict[str, Any], words: str) -> None:
    module = {"class": "a.B", "flag": "required", "options": {}}
    module.update({key: value for key, value in entry.items() if key in module})
    given = {"name": "x", "modules": [module], **{key: entry[key] for key in ("name", "modules") if key in entry}}
    with pytest.raises(JaasRefusal, match=words) as refused:
        entries_from([given])
    assert "hunter2" not in str(refused.value) and "; " in str(refused.value)


def test_what_is_asked_for_twice() -> None:
    entry = wish("x", ("a.B", "required", {}))
    with pytest.raises(JaasRefusal, match="entries: 'x' is asked for twice"):
        plan("", entry, entry)
    with pytest.raises(JaasRefusal, match="absent: 'x' is asked for twice"):
        plan("", entry, absent=("x",))


NAMES = st.sampled_from(["x", "y", "jcifs.spnego.accept", "a b"])
BLANKS = st.sampled_from([" ", "\n", "\r\n  ", " // c\n", " /* ; } */ ", " / c\n ", "/\n/*\n", "\t"])
BETWEEN = st.sampled_from(["", " ", "\n", " // c\n", "/* } */", "/x\n"])
WORDS = st.sampled_from(["true", "k", "l", '"v w"', '"k"', '"open\n', '"a\\"b"', "ü", "$a-1.b"])
FLAG_WORDS = st.sampled_from(["required", "Optional", '"REQUISITE"'])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Login configurations in every form that the JDK reads."""
    parts = []
    for name in draw(st.lists(NAMES, unique=True, max_size=3)):
        parts += [draw(BETWEEN), f'"{name}"', draw(BETWEEN), "{"]
        for dummy in range(draw(st.integers(0, 3))):
            parts += [draw(BETWEEN), draw(st.sampled_from(["a.B", "c.D"])), draw(BLANKS), draw(FLAG_WORDS)]
            for _number in range(draw(st.integers(0, 3))):
                parts += [draw(BLANKS), draw(WORDS), draw(BETWEEN), "=", draw(BETWEEN), draw(WORDS)]
            parts += [draw(BETWEEN), ";"]
        parts += [draw(BETWEEN), "}", draw(BETWEEN), ";"]
    return "".join([*parts, draw(BETWEEN)])


OPTIONS = st.dictionaries(st.sampled_from(["k", "l", "v w", "ü"]), st.sampled_from(["true", "v w", "k", 'a"b\\', ""]))
MODULES = st.builds(LoginModule, st.sampled_from(["a.B", "c.D"]), st.sampled_from(FLAGS), OPTIONS)
ENTRIES = st.builds(Entry, NAMES, st.lists(MODULES, min_size=1, max_size=3).map(tuple))


def _read(text: str) -> dict[str, Entry]:
    return {entry.name.value: entry.meaning for entry in entries(text)}


@given(texts(), ENTRIES, NAMES)
def test_what_is_set_is_read_back_and_the_rest_stays(text: str, wanted: Entry, absent: str) -> None:
    try:
        before = _read(text)
    except JaasRefusal:
        reject()
    gone = (absent,) if absent != wanted.name else ()
    result = plan(text, wanted, absent=gone)
    content = (result.content or b"").decode()
    expected = {name: entry for name, entry in before.items() if name not in gone}
    assert _read(content) == {**expected, wanted.name: wanted}
    assert plan(content, wanted, absent=gone) == JaasPlan(content.encode(), ())
    for entry in entries(text):
        if entry.name.value not in (wanted.name, *gone):
            assert text[entry.name.start : entry.end.end] in content
    assert [change.after for change in result.changes] == [
        *([wanted] if before.get(wanted.name) != wanted else []),
        *(None for name in gone if name in before),
    ]
