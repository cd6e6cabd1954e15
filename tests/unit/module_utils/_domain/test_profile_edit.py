# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Editing profiles: what is asked for, where it goes, and what stays."""

from __future__ import annotations

import difflib
from typing import Any, Dict, List

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import DEEPEST, ProfileRefusal, parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_plan import plan
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_reading import (
    Change,
    by_path,
    no_includes,
    readings,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_settings import (
    SettingsRefusal,
    settings_from,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.profile_samples import SAMPLES


def edit(text: str, asked: Dict[str, Any], state: str = "present") -> str:
    """The text after the edit, which a second edit leaves as it is."""
    settings = settings_from(asked, state == "absent")
    content = plan(text.encode(), settings, state, "f").content
    assert content is not None
    again = plan(content, settings, state, "f")
    assert (again.content, again.changes) == (content, [])
    return content.decode()


def removed(text: str, asked: Dict[str, Any]) -> str:
    return edit(text, asked, "absent")


def difference(before: str, after: str) -> List[str]:
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


PRESENT = {
    "a value in its place, blanks and comments kept": (
        "# top\n[a]\n\tb\t=  old  \n\tc = 1\n",
        {"a": {"b": "new"}},
        "# top\n[a]\n\tb\t=  new  \n\tc = 1\n",
    ),
    "the same value in quotes is the same value": ('[a]\nb = "x y" # z\n', {"a": {"b": "x y"}}, '[a]\nb = "x y" # z\n'),
    "quotes and what follows them stay": ('[a]\nb = "x" # z\n', {"a": {"b": "y"}}, '[a]\nb = "y" # z\n'),
    "a final marker stays": ("[a]*\nb* = x\n", {"a": {"b": "y"}}, "[a]*\nb* = y\n"),
    "a boolean": ("[a]\nb = yes\n", {"a": {"b": True, "c": False}}, "[a]\nb = true\nc = false\n"),
    "a number": ("[a]\n", {"a": {"b": 88}}, "[a]\n    b = 88\n"),
    "a list keeps what is there, in order": (
        "[a]\nk = 2 # two\n# three\nk = 3\nx = y\nk = 4\n",
        {"a": {"k": [1, "3", "5"]}},
        "[a]\nk = 1\n# three\nk = 3\nx = y\nk = 5\n",
    ),
    "a longer list": ("[a]\n  k = 1\n  x = y\n", {"a": {"k": [1, 2, 3]}}, "[a]\n  k = 1\n  k = 2\n  k = 3\n  x = y\n"),
    "a list with a new head": ("[a]\nx = y\nk = 2\n", {"a": {"k": [1, 2]}}, "[a]\nx = y\nk = 1\nk = 2\n"),
    "a shorter list": ("[a]\nk = 1\nk = 2\nk = 3\n", {"a": {"k": [2]}}, "[a]\nk = 2\n"),
    "an empty list": ("[a]\nk = 1\nx = y\nk = 2\n", {"a": {"k": []}}, "[a]\nx = y\n"),
    "one value instead of several": ("[a]\nk = 1\nk = 2\n", {"a": {"k": "2"}}, "[a]\nk = 2\n"),
    "the section's second occurrence counts too": (
        "[a]\nk = 1\n[b]\nz = 1\n[a]\nk = 2\n",
        {"a": {"k": "2"}},
        "[a]\n[b]\nz = 1\n[a]\nk = 2\n",
    ),
    "a new relation goes behind the last one": (
        "[a]\n  b = 1\n\n  # about s\n  s = {\n  }\n\n# about z\n[z]\n",
        {"a": {"c": 2}},
        "[a]\n  b = 1\n  c = 2\n\n  # about s\n  s = {\n  }\n\n# about z\n[z]\n",
    ),
    "a new subsection": (
        "[a]\n\tb = 1\n[z]\n",
        {"a": {"s": {"t": {"u": "v"}, "w": 1}}},
        "[a]\n\tb = 1\n\ts = {\n\t\tt = {\n\t\t\tu = v\n\t\t}\n\t\tw = 1\n\t}\n[z]\n",
    ),
    "a subsection beside a relation of the same name": (
        "[a]\ns = 1\n",
        {"a": {"s": {"t": 1}}},
        "[a]\ns = 1\ns = {\n    t = 1\n}\n",
    ),
    "a brace on the next line": (
        "[a]\ns =\n {\n  t = 1\n }\n",
        {"a": {"s": {"t": 2, "u": 3}}},
        "[a]\ns =\n {\n  t = 2\n  u = 3\n }\n",
    ),
    "a new section": ("[a]\nb = 1\n", {"z": {"y": 1}}, "[a]\nb = 1\n\n[z]\n    y = 1\n"),
    "a new section after a blank line": ("# c\n\n", {"z": {"y": 1}}, "# c\n\n[z]\n    y = 1\n"),
    "an empty file": ("", {"z": {"y": 1}, "x": {}}, "[z]\n    y = 1\n\n[x]\n"),
    "Windows line ends": ("[a]\r\nb = 1\r\n", {"a": {"b": 2, "c": 3}}, "[a]\r\nb = 2\r\nc = 3\r\n"),
    "no last line end, another line changed": ("[a]\nb = 1\nc = 2", {"a": {"b": 2}}, "[a]\nb = 2\nc = 2"),
    "no last line end, that line changed": ("[a]\nb = 1", {"a": {"b": 2}}, "[a]\nb = 2\n"),
    "no last line end, a line behind it": ("[a]", {"a": {"b": 2}}, "[a]\n    b = 2\n"),
    "what must be quoted": (
        "[a]\n",
        {"a": {"b": ["", " x", "x ", '"', "{", "a\tb", "a\nb", "\\", 'a"b', "{ x"]}},
        "[a]\n"
        + "".join(
            f"    b = {value}\n"
            for value in ('""', '" x"', '"x "', r'"\""', '"{"', r'"a\tb"', r'"a\nb"', "\\", 'a"b', "{ x")
        ),
    ),
    "a relation that would be an include line": (
        "[a]\nb = 1\n",
        {"a": {"include": 1, "includedir": {"c": 2}}},
        "[a]\nb = 1\n    include = 1\n    includedir = {\n    c = 2\n}\n",
    ),
    "a realm's dots": (
        "[realms]\n",
        {"realms": {"A.B": {"kdc": "x"}}},
        "[realms]\n    A.B = {\n        kdc = x\n    }\n",
    ),
}


@pytest.mark.parametrize("case", PRESENT)
def test_present(case: str) -> None:
    before, asked, after = PRESENT[case]
    assert edit(before, asked) == after


ABSENT = {
    "a relation, wherever it stands": (
        "[a]\nk = 1\nx = y\nk = 2\n[a]\nk = 3\n",
        {"a": {"k": None}},
        "[a]\nx = y\n[a]\n",
    ),
    "a value of a list": ("[a]\nk = 1\nk = 2\nk = 1\n", {"a": {"k": 1}}, "[a]\nk = 2\n"),
    "several values": ("[a]\nk = 1\nk = 2\nk = 3\n", {"a": {"k": ["1", 3, 9]}}, "[a]\nk = 2\n"),
    "a subsection": ("[a]\ns = {\n # x\n t = 1\n}\ns = 2\nb = 1\n", {"a": {"s": None}}, "[a]\nb = 1\n"),
    "something in a subsection": ("[a]\ns = {\nt = 1\nu = 2\n}\n", {"a": {"s": {"t": None}}}, "[a]\ns = {\nu = 2\n}\n"),
    "a section": ("[a]\nb = 1\n\n[z]\ny = 1\n\n[c]\n", {"z": None}, "[a]\nb = 1\n\n[c]\n"),
    "a section leaves the comment of the next": (
        "[z]\n# of z\ny = 1\n# of z too\n\n# of a\n\n# of a too\n[a]\n",
        {"z": None},
        "# of a\n\n# of a too\n[a]\n",
    ),
    "a section leaves its include lines": (
        "[z]\ninclude /x\ns = {\nincludedir /y\n}\n[a]\n",
        {"z": None},
        "include /x\nincludedir /y\n[a]\n",
    ),
    "what is not there": ("[a]\nb = 1\n", {"a": {"c": None, "s": {"t": None}}, "z": None}, "[a]\nb = 1\n"),
    "the last line, which has no end": ("[a]\nb = 1\nc = 2", {"a": {"c": None}}, "[a]\nb = 1\n"),
}


@pytest.mark.parametrize("case", ABSENT)
def test_absent(case: str) -> None:
    before, asked, after = ABSENT[case]
    assert removed(before, asked) == after


def test_no_file() -> None:
    assert plan(None, {"a": {"b": ("1",)}}, "present", "f").content == b"[a]\n    b = 1\n"
    assert plan(None, {"a": {"b": None}}, "absent", "f").content is None


def test_changes_are_told() -> None:
    settings = settings_from({"realms": {"A.B": {"kdc": ["x", "y"]}}, "a": {"b": "same"}}, False)
    planned = plan(b"[a]\nb = same\n[realms]\nA.B = {\nkdc = y\n}\n", settings, "present", "f")
    assert planned.changes == [Change(("realms", "A.B", "kdc"), ("y",), ("x", "y"))]


def test_an_edit_that_libkrb5_would_read_otherwise_is_refused() -> None:
    with pytest.raises(ProfileRefusal, match="f: line 3, column 2: this section would come first"):
        removed("[a]\nb = 1\n [c]\nd = 1\n", {"a": None})


def test_a_value_that_makes_the_line_too_long_is_refused() -> None:
    with pytest.raises(ProfileRefusal, match="f: line 2, column 2048: is beyond"):
        edit("[a]\n", {"a": {"b": "x" * 2040}})


REFUSED = {
    "settings.a: a section holds relations": {"a": "b"},
    "settings.a.b: has no value": {"a": {"b": None}},
    "settings: is not a mapping": ["a"],
    "settings.a.b: a list holds strings": {"a": {"b": [{"c": 1}]}},
    "settings.a.b: holds the character 0x0": {"a": {"b": "x\0"}},
    "settings.a.b: holds the character 0xd": {"a": {"b": "x\r\n"}},
    "settings.a.b c: a name has no blank": {"a": {"b c": 1}},
    "settings.a.b=: a name has no blank": {"a": {"b=": 1}},
    "settings.a.*.b: a name has no blank": {"a": {"*.b": 1}},
    "settings.a.[b: a name has no blank": {"a": {"[b": 1}},
    "settings.a.#b: a name has no blank": {"a": {"#b": 1}},
    "settings.a.x\\x0ay: holds the character 0xa": {"a": {"x\ny": 1}},
    "settings.a]: a section's name holds no": {"a]": {}},
    "settings.a: holds an empty name": {"a": {"": 1}},
    "settings.a.True: YAML reads this name as a boolean": {"a": {True: 1}},
    "settings.a.b: holds the character 0xd800": {"a": {"b": "\ud800"}},
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_settings_that_cannot_be_written(sentence: str) -> None:
    with pytest.raises(SettingsRefusal) as caught:
        settings_from(REFUSED[sentence], False)
    assert str(caught.value).startswith(sentence)
    assert "; " in str(caught.value)


def test_settings_are_as_deep_as_a_profile() -> None:
    deepest: Dict[str, Any] = {"k": 1}
    for dummy in range(DEEPEST):
        deepest = {"s": deepest}
    edit("", {"a": deepest})
    with pytest.raises(SettingsRefusal, match=r"settings\.a: is deeper than"):
        settings_from({"a": {"s": deepest}}, False)


def test_an_empty_mapping_removes_nothing_and_is_refused() -> None:
    with pytest.raises(SettingsRefusal, match=r"settings\.a\.s: is empty; write null"):
        settings_from({"a": {"s": {}}}, True)


SITE = {
    "libdefaults": {"default_realm": "EXAMPLE.TEST", "dns_lookup_kdc": False, "rdns": False},
    "realms": {
        "EXAMPLE.TEST": {"kdc": ["kdc1.example.test", "kdc2.example.test"], "admin_server": "kdc1.example.test"}
    },
    "domain_realm": {".example.test": "EXAMPLE.TEST", "example.test": "EXAMPLE.TEST"},
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_site_in_a_sample(sample: str) -> None:
    """All that was there is there, in its order, but for the relations that were asked for."""
    before = SAMPLES[sample]
    after = edit(before, SITE)
    read = by_path(readings(parse(after, sample), sample, no_includes))
    assert [one.value for one in read["libdefaults", "default_realm"]] == ["EXAMPLE.TEST"]
    assert [one.value for one in read["libdefaults", "rdns"]] == ["false"]
    assert [one.value for one in read["realms", "EXAMPLE.TEST", "kdc"]] == ["kdc1.example.test", "kdc2.example.test"]
    gone = [line[2:].split("=")[0].strip() for line in difference(before, after) if line[0] == "-"]
    assert set(gone) <= {"default_realm", "rdns", "dns_lookup_kdc", ".old.test"}  # the last: Java's unended line
    back = edit(removed(after, {"realms": {"EXAMPLE.TEST": None}}), {})
    assert "EXAMPLE.TEST = {" not in back


def test_debian_in_full() -> None:
    changed = difference(SAMPLES["Debian"], edit(SAMPLES["Debian"], SITE))
    assert changed == [
        "- \tdefault_realm = OLD.TEST\n",
        "+ \tdefault_realm = EXAMPLE.TEST\n",
        "+ \tdns_lookup_kdc = false\n",
        "+ \tEXAMPLE.TEST = {\n",
        "+ \t\tkdc = kdc1.example.test\n",
        "+ \t\tkdc = kdc2.example.test\n",
        "+ \t\tadmin_server = kdc1.example.test\n",
        "+ \t}\n",
        "+ \t.example.test = EXAMPLE.TEST\n",
        "+ \texample.test = EXAMPLE.TEST\n",
    ]
