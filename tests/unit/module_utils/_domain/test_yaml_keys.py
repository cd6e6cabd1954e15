# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of YAML files, as Spring flattens them."""

from __future__ import annotations

from typing import Any, Iterator

import pytest
import yaml
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.yaml_keys import yaml_keys
from hypothesis import given
from hypothesis import strategies as st

TEXT = """\
# a comment
server.port: 8443   # another
cas:
  authn:
    spnego:
      ntlmAllowed: true
      properties:
        - jcifs-service-principal: HTTP/a@A
          timeout: PT5M
        -   timeout: "x: y"
        # between
      'supported-browsers': [MSIE, Firefox]
    "accept":
      users:
  list:
  - a
  - b:
      c: |
        d: e

        f: g
      h: >-
       i: j
  "[k.l]": m
---
cas: {authn: {}}
"""


def test_keys_with_their_lines() -> None:
    assert list(yaml_keys(TEXT)) == [
        ("server.port", 2),
        ("cas.authn.spnego.ntlmAllowed", 6),
        ("cas.authn.spnego.properties[0].jcifs-service-principal", 8),
        ("cas.authn.spnego.properties[0].timeout", 9),
        ("cas.authn.spnego.properties[1].timeout", 10),
        ("cas.authn.spnego.supported-browsers", 12),
        ("cas.list[0]", 16),
        ("cas.list[1].b.c", 18),
        ("cas.list[1].b.h", 22),
        ("cas[k.l]", 24),
        ("cas", 26),
    ]


@pytest.mark.parametrize("text", ["", "\n", "a", "- ", "-", ": x", "a:b", "a:", "&x", "{}", "%YAML 1.2\n---\n..."])
def test_what_sets_nothing(text: str) -> None:
    assert list(yaml_keys(text)) == []


@given(st.text(st.sampled_from("ab:- \n#'\"|>[]{}\t"), max_size=40))
def test_no_text_is_too_much(text: str) -> None:
    lines = len(text.splitlines())
    assert all(1 <= line <= lines for dummy, line in yaml_keys(text))


WORDS = st.text(st.sampled_from("abcXYZ-_9"), min_size=1, max_size=5).filter(lambda word: word[0].isalpha())
SCALARS = st.one_of(WORDS, st.integers(), st.sampled_from(["a: b", "# x", "- y", "it's", '"q"', " z", "x:", "@"]))
TREES = st.recursive(
    st.dictionaries(WORDS, SCALARS, min_size=1, max_size=4),
    lambda inner: st.dictionaries(
        WORDS,
        st.one_of(inner, SCALARS, st.lists(st.one_of(SCALARS, inner), min_size=1, max_size=3)),
        min_size=1,
        max_size=3,
    ),
    max_leaves=12,
)


def flattened(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flattened(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from flattened(inner, f"{path}[{place}]")
    else:
        yield path


@given(TREES, st.integers(2, 5))
def test_what_a_yaml_parser_reads(tree: dict[str, Any], indent: int) -> None:
    text = yaml.safe_dump(tree, default_flow_style=False, indent=indent, sort_keys=False)
    read = yaml.safe_load(text)
    assert [key for key, dummy in yaml_keys(text)] == list(flattened(read, ""))
