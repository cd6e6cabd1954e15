# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The profile parser: lossless, and what each line means. libkrb5 itself judges in tests/integration."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import (
    DEEPEST,
    LONGEST,
    Directive,
    ProfileRefusal,
    Relation,
    Remark,
    Section,
    decode,
    encode,
    parse,
    unquote,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.profile_samples import SAMPLES
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_survives(sample: str) -> None:
    assert parse(SAMPLES[sample], sample).text == SAMPLES[sample]


def test_each_kind_of_line() -> None:
    text = (
        "ignored = yes\nincludedir /etc/krb5.conf.d/ \n[libdefaults] *\n".replace(" *", "*")
        + "\tdefault_realm* =  EXAMPLE.TEST  \n"
        "; [comment]\n"
        "include /etc/other.conf\r\n"
        '  name="a\\tb \\"c\\"" tail\n'
        "[realms]\n"
        "EXAMPLE.TEST =\n"
        "  {\n"
        "\n"
        "kdc = { one }\n"
        "  }* junk\n"
        "last = x"
    )
    profile = parse(text, "f")
    assert profile.text == text
    assert profile.items[:2] == (
        Remark("ignored = yes\n", 1),
        Directive("includedir /etc/krb5.conf.d/ \n", "includedir", "/etc/krb5.conf.d/ ", 2),
    )
    libdefaults, realms = profile.items[2:]
    assert isinstance(libdefaults, Section)
    assert isinstance(realms, Section)
    assert (libdefaults.name, libdefaults.final, libdefaults.line) == ("libdefaults", True, 3)
    assert libdefaults.items == (
        Relation("\tdefault_realm* =  ", "EXAMPLE.TEST", "  \n", "default_realm", "EXAMPLE.TEST", True, 4),
        Remark("; [comment]\n", 5),
        Directive("include /etc/other.conf\r\n", "include", "/etc/other.conf", 6),
        Relation("  name=", '"a\\tb \\"c\\""', " tail\n", "name", 'a\tb "c"', False, 7),
    )
    example, last = realms.items
    assert isinstance(example, Section)
    assert (example.head, example.tail, example.final, example.line) == (
        "EXAMPLE.TEST =\n  {\n",
        "  }* junk\n",
        True,
        9,
    )
    assert [getattr(item, "value", None) for item in example.items] == [None, "{ one }"]
    assert last == Relation("last = ", "x", "", "last", "x", False, 14)


QUOTED = {
    '"plain" rest': ("plain", 7),
    '"never closed': ("never closed", 13),
    r'"a\\b\"c\n\t\b\x"': ('a\\b"c\n\t\bx', 17),
    '"end\\': ("end\\", 5),
    '""': ("", 2),
}


@pytest.mark.parametrize("text", QUOTED)
def test_unquote(text: str) -> None:
    assert unquote(text) == QUOTED[text]


REFUSED = {
    "[libdefaults\n": "f: line 1, column 1: a section's name has no ']'",
    "[libdefaults] x\n": "f: line 1, column 15: 'x' follows ']'",
    "[\u00e9]*\n \t[a]* \tx y\t\n": "f: line 2, column 9: 'x y' follows ']'",
    "[a]x*\n": "f: line 1, column 4: 'x*' follows ']'",
    "[*]**\n": "f: line 1, column 5: '*' follows ']'",
    "[a]\nb = {\n  [c]\n": "f: line 3, column 3: a section starts inside 'b = {' of line 2",
    "[a]\n\n}\n": "f: line 3, column 1: '}' closes nothing",
    "[a]\n\n\t  }\n": "f: line 3, column 4: '}' closes nothing",
    "[a]\nb\n": "f: line 2, column 1: is neither 'name = value'",
    "[a]\n= b\n": "f: line 2, column 1: is neither",
    "[a]\n\v b c = d\n": "f: line 2, column 3: is neither",
    "[a]\nmodule /lib/x.so:y\n": "f: line 2, column 1: is neither",
    "[a]\nb =\n\n": "f: line 2, column 1: 'b =' has no value and no '{' on the next line",
    "[a]\n    b =\n": "f: line 2, column 5: 'b' is never closed",
    "[a]\nb = {\nc = {\n}\n": "f: line 2, column 1: 'b' is never closed",
    "[a]\nb =\ninclude x\n{\n}\n": "f: line 3, column 1: stands between 'b =' and its '{'",
    "[a]\n# " + "x" * LONGEST + "\n": f"f: line 2, column {LONGEST + 1}: is beyond {LONGEST} bytes",
    "[a]\nb = " + "\u00e9" * 1100 + "\n": f"f: line 2, column {4 + (LONGEST - 4) // 2 + 1}: is beyond",
    "[a]\n" + "b = {\n" * (DEEPEST + 1): f"f: line {DEEPEST + 2}, column 1: is deeper than {DEEPEST}",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:30])
def test_refusal(text: str) -> None:
    with pytest.raises(ProfileRefusal) as caught:
        parse(text, "f")
    assert str(caught.value).startswith(REFUSED[text])
    assert "; " in str(caught.value)


def test_the_deepest_subsection_is_read() -> None:
    text = "[a]\n" + "b = {\n" * DEEPEST + "}\n" * DEEPEST
    assert parse(text, "f").text == text


def test_the_longest_line_is_read() -> None:
    line = "b = " + "x" * (LONGEST - 5) + "\n"
    assert len(line) == LONGEST
    assert parse("[a]\n" + line, "f").text == "[a]\n" + line


def test_bytes() -> None:
    assert encode(decode(b"[a]\nb = \xff\xfe\n", "f")) == b"[a]\nb = \xff\xfe\n"
    with pytest.raises(ProfileRefusal, match="f: line 1, column 1: starts with a byte order mark"):
        decode(b"\xef\xbb\xbf[a]\n", "f")
    with pytest.raises(ProfileRefusal, match="f: line 3, column 4: holds a NUL byte"):
        decode("[a]\nb = c\n \u00e9 \0\n\0".encode(), "f")
    with pytest.raises(ProfileRefusal, match="f: line 1, column 1: holds a NUL byte"):
        decode(b"\0", "f")


@given(content=st.binary(max_size=200) | st.text(st.sampled_from('[]{}="\\ \r\n#;*ab'), max_size=80).map(str.encode))
def test_any_bytes_are_a_profile_or_one_sentence_with_a_line(content: bytes) -> None:
    try:
        profile = parse(decode(content, "f"), "f")
    except ProfileRefusal as refusal:
        assert re.match(r"f: line \d+, column \d+: ", str(refusal))
        assert "\n" not in str(refusal)
        return
    assert encode(profile.text) == content
