# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JDK's java.util.Properties as judge of what we read and of what we write (needs Java 17 or later).

How Spring compares keys has no judge here, for its jars are no package of a distribution: those rules are a table in
tests/unit, of Spring Boot's documentation and of what its own classes answered.
"""

from __future__ import annotations

import contextlib
from typing import Optional

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.java_properties import (
    PropertiesRefusal,
    content_of,
    items_of,
    joined,
    properties_of,
    with_more,
    with_value,
)
from ansible_collections.mailrealm.kerberos.tests.integration.java_properties_reader import Reader, java_reader
from hypothesis import example, given, settings
from hypothesis import strategies as st

PIECES = [
    *("a", "b", "key", "u", "n", "0", "1f", "#", "!", "=", ":", " ", "\t", "\f", "\\", "\\\\", "\\ ", "\\=", "\\n"),
    *("\\u0041", "\\ud83d\\ude00", "\\ud83d", "\\u12", "\\uzzzz", "\n", "\r", "\r\n", "\\\n", "\\\r\n", "\\\r", "\n\r"),
    *("\xe9", "\x00", "\x85", "\xa0", "\x1c", "\x0b", "x=", "cas.authn=1\n", "\n# c\\\n", "\n\n"),
]
FILES = st.lists(st.sampled_from(PIECES), max_size=14).map(lambda pieces: "".join(pieces).encode("iso-8859-1"))
TEXTS = st.text(max_size=8) | st.sampled_from(["", " x ", "=x", "a\\b", "#", "\r\n", "\U0001f600", "\ud83d", "C:\\x"])
CHANGES = st.lists(st.tuples(st.integers(0, 5), TEXTS), max_size=3)
MORE = st.lists(st.tuples(TEXTS, TEXTS), max_size=3)


@pytest.fixture(scope="module")
def java(request: pytest.FixtureRequest) -> Reader:
    stack = contextlib.ExitStack()
    request.addfinalizer(stack.close)
    return stack.enter_context(java_reader())


def ours(content: bytes) -> Optional[dict[str, str]]:
    try:
        return properties_of(items_of(content, "x"))
    except PropertiesRefusal:
        return None


def named(properties: dict[str, str]) -> dict[str, str]:
    """Java makes a property without a name of a last backslash alone, which goes when something follows."""
    return {key: value for key, value in properties.items() if key}


@settings(max_examples=500)
@given(content=FILES)
def test_we_read_what_java_reads(java: Reader, content: bytes) -> None:
    assert ours(content) == java(content)


@settings(max_examples=500)
@example(content=b"a=\\\na", changes=[(0, "")], more=[("b", "")])
@given(content=FILES, changes=CHANGES, more=MORE)
def test_java_reads_what_we_write(
    java: Reader, content: bytes, changes: list[tuple[int, str]], more: list[tuple[str, str]]
) -> None:
    """Values set and properties added, each where it stands; nothing else changes."""
    before = ours(content)
    if before is None:
        return
    items = list(items_of(content, "x"))
    for place, value in changes:
        if place < len(items) and items[place].key is not None:
            items[place] = with_value(items[place], value)
    wanted = {joined(key): joined(value) for key, value in {**properties_of(items), **dict(more)}.items()}
    written = content_of(with_more(items, more))
    read = java(written) or {}
    assert ours(written) == read
    assert named(read) == named(wanted)


@settings(max_examples=250)
@given(content=FILES, gone=st.sets(st.integers(0, 5)))
def test_what_is_taken_out_takes_nothing_with_it(java: Reader, content: bytes, gone: set[int]) -> None:
    if ours(content) is None:
        return
    kept = [item for place, item in enumerate(items_of(content, "x")) if place not in gone or item.key is None]
    assert named(java(content_of(kept)) or {}) == named(properties_of(kept))
