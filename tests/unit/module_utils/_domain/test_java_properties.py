# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Property files as Java reads them, and edits that leave the rest alone; the JDK judges in tests/integration."""

from __future__ import annotations

from typing import Dict, List, Tuple

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.java_properties import (
    Item,
    PropertiesRefusal,
    content_of,
    items_of,
    joined,
    properties_of,
    with_more,
    with_value,
)
from hypothesis import given
from hypothesis import strategies as st


def read(content: bytes) -> Dict[str, str]:
    return properties_of(items_of(content, "/f"))


def edited(content: bytes, key: str, value: str) -> bytes:
    items = items_of(content, "/f")
    return content_of([with_value(item, value) if item.key == key else item for item in items])


@pytest.mark.parametrize(
    ("content", "properties"),
    [
        (b"", {}),
        (b"a=b\n", {"a": "b"}),
        (b"  a : b  ", {"a": "b  "}),
        (b"a b = c\n", {"a": "b = c"}),
        (b"a\t=\f:b\n", {"a": ":b"}),
        (b"a\n=b\nc=", {"a": "", "": "b", "c": ""}),
        (b"# a=b\n! c=d\n \t#e=f\n", {}),
        (b"# a\\\nb=c\n", {"b": "c"}),
        (b"a=b\\\n   c\\\r\n\td\re=f", {"a": "bcd", "e": "f"}),
        (b"a=b\\\n# c\n", {"a": "b# c"}),
        (b"a=b\\\\\nc=d\n", {"a": "b\\", "c": "d"}),
        (b"a=b\\", {"a": "b"}),
        (b"a=b\\\n", {"a": "b"}),
        (b"\\\n# c\n", {}),
        (b"\\", {"": ""}),
        (b"a\\ b\\=c\\:d=\\#\\q\\t\\n\\r\\f\n", {"a b=c:d": "#q\t\n\r\f"}),
        (b"a=\\u00e9\\uD83D\\uDE00\\u0000\n", {"a": "\u00e9\U0001f600\0"}),
        (b"a=\xe9\xc3\xa9\x85\n", {"a": "\u00e9\u00c3\u00a9\u0085"}),
        (b"a=1\na=2\nA=3\n", {"a": "2", "A": "3"}),
    ],
)
def test_what_java_reads(content: bytes, properties: Dict[str, str]) -> None:
    assert read(content) == properties


@pytest.mark.parametrize(
    "content", [b"a=b\n\nc=\\u12\n", b"a=b\n\nc=\\\n\\u00g0\n", b"a\n\n\\u=b", b"a\n#\nC:\\users=1"]
)
def test_what_java_does_not_read_is_named_with_its_line(content: bytes) -> None:
    with pytest.raises(PropertiesRefusal, match=r"^/f: line 3 holds '\\u' without four hexadecimal digits .*; write"):
        items_of(content, "/f")


@pytest.mark.parametrize(
    ("content", "value", "after"),
    [
        (b"k=old\n", "new", b"k=new\n"),
        (b" k  :  old  \r\nz=1", "new", b" k  :  new\r\nz=1"),
        (b"k old\n", "=new", b"k \\=new\n"),
        (b"k\n", "new", b"k=new\n"),
        (b"k", "new", b"k=new"),
        (b"k=\n", " a b ", b"k=\\ a b \n"),
        (b"k=o\\\n  l\\\n  d\n#c\n", "new", b"k=new\n#c\n"),
        (b"k = \\\n  old\n", "new", b"k = \\\n  new\n"),
        (b"k = \\\n\\\r\n  old", "", b"k = "),
        (b"k\\\n  = \\\n  old\nz=1", "", b"k\\\n  = \nz=1"),
        (b"k=old\\", "new", b"k=new"),
        (b"k=old\\\n", "", b"k=\n"),
        (b"k=old\n", "a\\b\t\n\u00e9\U0001f600#!:=", b"k=a\\\\b\\t\\n\\u00e9\\ud83d\\ude00#!:=\n"),
        (b"k=old", "\ud83d", b"k=\\ud83d"),
    ],
)
def test_a_value_is_changed_in_its_place(content: bytes, value: str, after: bytes) -> None:
    assert edited(content, "k", value) == after
    assert read(after)["k"] == value


def test_an_escaped_blank_is_no_separator() -> None:
    assert edited(b"k\\ ", "k ", "v") == b"k\\ =v"


@pytest.mark.parametrize(
    ("content", "after"),
    [
        (b"", b"a=1\nb c=2\n"),
        (b"z=1\n", b"z=1\na=1\nb c=2\n"),
        (b"z=1", b"z=1\na=1\nb c=2\n"),
        (b"z=1\r\n#c", b"z=1\r\n#c\r\na=1\r\nb c=2\r\n"),
        (b"z=1\r", b"z=1\ra=1\rb c=2\r"),
        (b"z=1\\", b"z=1\\\n\na=1\nb c=2\n"),
        (b"z=1\\\r\n", b"z=1\\\r\n\r\na=1\r\nb c=2\r\n"),
    ],
)
def test_new_ones_go_to_the_end_with_the_line_ends_that_are_there(content: bytes, after: bytes) -> None:
    items = with_more(items_of(content, "/f"), [("a", "1"), ("b c", "2")])
    assert content_of(items).replace(b"b\\ c", b"b c") == after
    assert [(item.key, item.line) for item in items[-2:]] == [
        (item.key, item.line) for item in items_of(content_of(items), "/f")[-2:]
    ]
    assert with_more(items_of(content, "/f"), []) == items_of(content, "/f")


PIECES = ["k", "a", "=", ":", " ", "\t", "\\", "\\\n", "\n", "\r\n", "\r", "#", "!", "\\u0041", "\xe9", "k=v\n"]
FILES = st.lists(st.sampled_from(PIECES), max_size=12).map(lambda pieces: "".join(pieces).encode("iso-8859-1"))
TEXTS = st.text(max_size=6)


@given(st.binary(max_size=40) | FILES)
def test_the_items_are_the_file(content: bytes) -> None:
    try:
        items = items_of(content, "/f")
    except PropertiesRefusal:
        return
    assert content_of(items) == content
    assert [item.line for item in items] == sorted({item.line for item in items})


@given(FILES, TEXTS, st.lists(st.tuples(TEXTS, TEXTS), max_size=3))
def test_what_is_set_is_read_back_and_nothing_else_changes(
    content: bytes, value: str, more: List[Tuple[str, str]]
) -> None:
    items = items_of(content, "/f")
    changed = [with_value(item, value) if item.key == "k" else item for item in items]
    written = content_of(with_more(changed, more))
    wanted = {**read(content), **({"k": value} if "k" in read(content) else {}), **dict(more)}
    found = read(written)
    assert {key: found[key] for key in found if key} == {joined(key): wanted[key] for key in wanted if key}
    again = items_of(written, "/f")
    assert content_of([with_value(item, item.value) if item.key == "k" else item for item in again]) == written


def test_an_item_says_where_its_value_stands() -> None:
    (item,) = items_of(b" k : v\n", "/f")
    assert item == Item(" k : v\n", 1, "k", "v", 5, 6, "=")
