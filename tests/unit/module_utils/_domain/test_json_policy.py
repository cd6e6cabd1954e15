# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy files of browsers: what is asked for gets in, and everything foreign stays to the byte."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.json_policy import (
    PolicyPlan,
    PolicyWishes,
    plan,
    secret_values,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.json_text import JsonRefusal, parse
from hypothesis import given
from hypothesis import strategies as st

WHERE = "/p.json"
JOINED = ("AuthServerAllowlist", "AuthNegotiateDelegateAllowlist")


def planned(text: str, policies: Dict[str, Any], **options: Any) -> PolicyPlan:
    return plan(text.encode(), PolicyWishes(policies, joined=JOINED, lenient=True, **options), WHERE)


def after(text: str, policies: Dict[str, Any], **options: Any) -> str:
    content = planned(text, policies, **options).content
    assert content is not None
    return content.decode()


FOREIGN = """\
// The site's own
{
    "HomepageLocation": "https://start.example.test", // stays
    "AuthServerAllowlist": "*.old.test",
    "ExtensionInstallForcelist": [
        "abc"
    ]
}
"""
EDITS = {
    "another member at the end, the comments where they were": (
        FOREIGN,
        {"EnableAuthNegotiatePort": False},
        FOREIGN.replace("    ]\n}", '    ],\n    "EnableAuthNegotiatePort": false\n}'),
    ),
    "an allow list keeps what is in it": (
        FOREIGN,
        {"AuthServerAllowlist": "cas1.example.test"},
        FOREIGN.replace("*.old.test", "*.old.test,cas1.example.test"),
    ),
    "a list keeps what is in it": (
        FOREIGN,
        {"ExtensionInstallForcelist": ["def", "abc"]},
        FOREIGN.replace('"abc"', '"abc",\n        "def"'),
    ),
    "on one line": ('{"a": 1}', {"b": {"c": []}}, '{"a": 1, "b": {"c": []}}'),
    "without blanks": ('{"a":1}', {"b": 2}, '{"a":1, "b":2}'),
    "in an empty object": ("{}", {"b": 2}, '{"b": 2}'),
    "in an empty object of its own lines": ('{\n\t"a": {\n\t}\n}', {"a": {"b": 1}}, '{\n\t"a": {\n\t\t"b": 1\n\t}\n}'),
    "behind a comment on the last line": ('{\n  "a": 1 // one\n}', {"b": 2}, '{\n  "a": 1, // one\n  "b": 2\n}'),
    "behind a comma at the end": ('{\n  "a": 1, // one\n}', {"b": 2}, '{\n  "a": 1, // one\n  "b": 2,\n}'),
    "with Windows' line ends": (
        '{\r\n  "a": 1\r\n}\r\n',
        {"b": [1]},
        '{\r\n  "a": 1,\r\n  "b": [\r\n    1\r\n  ]\r\n}\r\n',
    ),
    "another type": ('{"a": "x"}', {"a": {"b": True}}, '{"a": {"b": true}}'),
    "true is not 1": ('{"a": 1}', {"a": True}, '{"a": true}'),
    "an empty list is asked for": ('{"a": ["x"]}', {"a": []}, '{"a": []}'),
    "an empty allow list is asked for": (
        '{"AuthNegotiateDelegateAllowlist": "*"}',
        {"AuthNegotiateDelegateAllowlist": ""},
        '{"AuthNegotiateDelegateAllowlist": ""}',
    ),
    "a file of blanks": (" \n", {"b": 2}, '{\n  "b": 2\n}\n'),
    "letters beyond ASCII": ('{"a": "ä"}', {"b": "ö"}, '{"a": "ä", "b": "ö"}'),
}


@pytest.mark.parametrize("name", EDITS)
def test_edits(name: str) -> None:
    text, policies, expected = EDITS[name]
    assert after(text, policies) == expected
    assert after(expected, policies) == expected


REMOVALS = {
    "the first": ('{\n  "a": 1, // one\n  "b": 2\n}\n', ["a"], '{\n  "b": 2\n}\n'),
    "the last": ('{\n  "a": 1, // one\n  "b": 2\n}\n', ["b"], '{\n  "a": 1 // one\n}\n'),
    "the last with its comma": ('{\n  "a": 1,\n  "b": 2,\n}\n', ["b"], '{\n  "a": 1,\n}\n'),
    "the only one": ('{\n  "a": 1\n}\n', ["a"], "{\n}\n"),
    "the first of a line": ('{"a": 1, "b": 2}', ["a"], '{"b": 2}'),
    "the last of a line": ('{"a": 1, "b": 2}', ["b"], '{"a": 1}'),
    "the only one of a line": ('{"a": 1}', ["a"], "{}"),
    "all of a line": ('{"a": 1, "b": 2, "c": 3}', ["b", "a", "c"], "{}"),
    "one further in": ('{"a": {"b": 1, "c": 2}}', ["a.b"], '{"a": {"c": 2}}'),
    "a name with dots": ('{"a": {"b.c": 1, "d": 2}}', ["a.b.c"], '{"a": {"d": 2}}'),
    "what is not there": ('{ "a" : 1 }', ["b", "a.b"], '{ "a" : 1 }'),
}


@pytest.mark.parametrize("name", REMOVALS)
def test_removals(name: str) -> None:
    text, absent, expected = REMOVALS[name]
    assert after(text, {}, absent=tuple(absent)) == expected


def test_exact_lists_lose_what_is_foreign() -> None:
    policies = {"AuthServerAllowlist": "a.test,b.test", "list": ["x"]}
    assert after('{"AuthServerAllowlist": "c.test", "list": ["y", "x"]}', policies, merge=False) == (
        '{"AuthServerAllowlist": "a.test,b.test", "list": ["x"]}'
    )
    same = '{"AuthServerAllowlist": "b.test , a.test", "list": ["x"]}'
    assert after(same, policies, merge=False) == same


def test_below_firefox_own_name() -> None:
    wishes = {"Authentication": {"SPNEGO": ["https://cas1.example.test"], "Locked": True}}
    made = plan(None, PolicyWishes(wishes, top="policies"), WHERE)
    assert json.loads(made.content or b"") == {"policies": wishes}
    assert made.changes == ("Authentication",)
    assert made.before == ""
    text = '{"policies": {"Authentication": {"SPNEGO": ["a"]}, "Other": 1}}'
    more = plan(text.encode(), PolicyWishes(wishes, top="policies", absent=("Other",)), WHERE)
    assert more.content == (
        b'{"policies": {"Authentication": {"SPNEGO": ["a", "https://cas1.example.test"], "Locked": true}}}'
    )
    assert more.changes == ("Authentication.SPNEGO", "Authentication.Locked", "Other")


def test_nothing_is_made_where_nothing_is_asked_for() -> None:
    assert plan(None, PolicyWishes({}, absent=("a",)), WHERE) == PolicyPlan(None, "", "", ())


BAD = {
    "": "",
    "[1]": "/p.json: line 1 column 1: is no JSON object, which holds policies by their names; ",
    '{\n "a" 1}': "/p.json: line 2 column 6: '1' stands where ':' should, so ",
    '{"a": 1 "b": 2}': "/p.json: line 1 column 9: '\"' stands where ',' or '}' should",
    '{"a": 1, "a": 2}': '/p.json: line 1 column 10: "a" is the second of that name, of which browsers take one alone; ',
    '{"a": yes}': "/p.json: line 1 column 7: 'yes' is no JSON value",
    '{"a": NaN}': "/p.json: line 1 column 7: 'NaN' is no JSON value",
    '{"a": 01}': "/p.json: line 1 column 8: '1' stands where",
    '{"a": 1': "/p.json: line 1 column 8: the end of the file stands where",
    "{a: 1}": "/p.json: line 1 column 2: 'a' is no name in double quotes",
    '{"a": 1} x': "/p.json: line 1 column 10: 'x' stands behind the end",
    '{"a": "x\ny"}': "/p.json: line 1 column 7: '\"' is no JSON value",
    '{"a": "\\x"}': "/p.json: line 1 column 7: '\"' is no JSON value",
    '{"a": ' + "[" * 200: "/p.json: line 1 column 106: '[' begins level 101, ",
}


@pytest.mark.parametrize("text", [text for text in BAD if text])
def test_what_no_browser_reads(text: str) -> None:
    with pytest.raises(JsonRefusal) as caught:
        planned(text, {"b": 1})
    assert str(caught.value).startswith(BAD[text]), str(caught.value)
    assert ";" in str(caught.value)


@pytest.mark.parametrize("text", ['{"a": 1,}', '// c\n{"a": 1}', '{"a": [1,]}', '{"a": /* c */ 1}', '\ufeff{"a": 1}'])
def test_what_chromium_alone_reads(text: str) -> None:
    assert parse(text, WHERE, lenient=True).kind == "object"
    with pytest.raises(JsonRefusal):
        parse(text, WHERE, lenient=False)


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(JsonRefusal, match=r"line 2 column 3 is no UTF-8"):
        plan(b'{\n "\xff": 1}', PolicyWishes({}), WHERE)


def test_secrets_are_not_shown() -> None:
    proxy_of = "http://{}@proxy".format
    there = {"CloudManagementEnrollmentToken": "canary-1", "ProxyServer": proxy_of("u:canary-2"), "a": 1}
    text = json.dumps(there)
    shown = planned(text, {"a": 2})
    assert "canary" not in shown.before + shown.after
    assert (shown.before != shown.after, shown.changes) == (True, ("a",))
    other = planned(text, {"CloudManagementEnrollmentToken": "canary-3"})
    assert "canary" not in other.before + other.after and "another one, not shown" in other.after
    proxy = planned(text, {"ProxyServer": proxy_of("u:canary-4")})
    assert "canary" not in proxy.before + proxy.after and proxy.before != proxy.after
    assert secret_values({"a": {"Password": "x", "b": "y"}, "tokens": ["z"], "Secret": {"c": 1}}) == ["x", "z"]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=5)
INDENTS = st.sampled_from([None, 0, 1, 2, 4, "\t"])


def merged(there: Dict[str, Any], wanted: Dict[str, Any]) -> Dict[str, Any]:
    found = dict(there)
    for key, value in wanted.items():
        if isinstance(value, dict) and isinstance(there.get(key), dict):
            found[key] = merged(there[key], value)
        else:
            found[key] = value
    return found


@given(OBJECTS, OBJECTS, INDENTS, st.booleans())
def test_any_object_gets_any_other(
    there: Dict[str, Any], wanted: Dict[str, Any], indent: Any, ascii_only: bool
) -> None:
    text = json.dumps(there, indent=indent, ensure_ascii=ascii_only)
    wishes = PolicyWishes(wanted, merge=False, joined=())
    first = plan(text.encode("utf-8", "surrogatepass"), wishes, WHERE)
    assert first.content is not None
    assert json.loads(first.content) == merged(there, wanted)
    assert list(json.loads(first.content))[: len(there)] == list(there)
    assert plan(first.content, wishes, WHERE).content == first.content
    if merged(there, wanted) == there and not first.changes:
        assert first.content == text.encode("utf-8", "surrogatepass")


@given(OBJECTS, INDENTS, st.data())
def test_any_member_is_taken_out(there: Dict[str, Any], indent: Any, data: st.DataObject) -> None:
    names: List[str] = [name for name in there if name and "." not in name]
    gone = data.draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    found = plan(json.dumps(there, indent=indent).encode(), PolicyWishes({}, absent=tuple(gone)), WHERE)
    assert json.loads(found.content or b"{}") == {key: value for key, value in there.items() if key not in gone}


@given(st.text(alphabet='{}[]",:/*1a \n\\', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found: Any = parse(text, WHERE, lenient=False).value
    except JsonRefusal as refusal:
        assert str(refusal).startswith(WHERE)
        return
    assert found == json.loads(text)


LINES = st.lists(
    st.tuples(
        st.text("abc", min_size=1, max_size=2), st.sampled_from(["1", "[]", '["x"]', '{"k": 1}', "{\n}"]), st.booleans()
    ),
    unique_by=lambda line: line[0],
    max_size=4,
)


@given(
    LINES,
    st.booleans(),
    st.dictionaries(st.text("abcd", min_size=1, max_size=2), st.just([1]) | st.just(2), max_size=3),
)
def test_comments_stay(lines: Any, trailing: bool, wanted: Dict[str, Any]) -> None:
    """Each comment stays, on the line of its member."""
    body = "".join(
        f'  "{name}": {value}{"," if trailing or at < len(lines) - 1 else ""}{f" // of {name}!" if told else ""}\n'
        for at, (name, value, told) in enumerate(lines)
    )
    text = after(f"/* top */ {{\n{body}  // end\n}}\n", wanted)
    for comment in ["/* top */", "// end", *(f"// of {name}!" for name, dummy, told in lines if told)]:
        assert text.count(comment) == 1
    for name, value, told in lines:
        if told and "\n" not in value and name not in wanted:
            (line,) = (one for one in text.split("\n") if f"// of {name}!" in one)
            assert f'"{name}": ' in line
    assert set(parse(text, WHERE, lenient=True).value) == {*(line[0] for line in lines), *wanted}
