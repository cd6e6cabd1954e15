# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import (
    NT_PRINCIPAL,
    NT_SRV_HST,
    NT_UNKNOWN,
    PrincipalName,
    PrincipalRefusal,
    parse_principal,
    read_text,
    unparse,
)
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.builds(
    PrincipalName, st.lists(st.binary(max_size=9), min_size=1, max_size=4).map(tuple), st.binary(max_size=9)
)


@given(NAMES)
def test_any_name_survives_being_written_and_read(principal):
    assert read_text(unparse(principal)) == principal


@given(NAMES)
def test_what_is_shown_can_be_printed(principal):
    assert str(principal).isprintable()
    str(principal).encode("utf-8")


@given(st.text(alphabet=r"ab/@\ n0", max_size=12))
def test_any_text_is_a_name_or_refused(text):
    try:
        principal = read_text(text, "R")
    except PrincipalRefusal:
        return
    assert read_text(unparse(principal)) == principal


@pytest.mark.parametrize(
    ("text", "components", "realm"),
    [
        ("alice", (b"alice",), b"EXAMPLE.TEST"),
        ("smtp/mx1.example.test@OTHER.TEST", (b"smtp", b"mx1.example.test"), b"OTHER.TEST"),
        (r"a\/b\@c\\d/e@R", (b"a/b@c\\d", b"e"), b"R"),
        (r"a\nb\tc\bd\0e\qf@R", (b"a\nb\tc\bd\0eqf",), b"R"),
        (r"a@R\/x\@y", (b"a",), b"R/x@y"),
        ("jürgen@R", ("jürgen".encode(),), b"R"),
    ],
)
def test_text_is_read_as_mit_reads_it(text, components, realm):
    assert parse_principal(text, "EXAMPLE.TEST") == PrincipalName(components, realm)


def test_what_cannot_be_printed_is_shown_as_bytes():
    assert str(PrincipalName((b"a\xff\x1b[2J", b"\xc3\xa9"), b"R")) == r"a\xff\x1b[2J/é@R"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("alice", "names no realm"),
        ("a@b@c", "second '@'"),
        ("a@b/c", "realm holds a '/'"),
        ("a\\", "lone backslash"),
        ("a@R\\", "lone backslash"),
        ("a@", "realm is empty"),
        ("@R", "part of the name is empty"),
        ("smtp//mx1@R", "part of the name is empty"),
        ("a b@R", "white space"),
        ("a\nb@R", "control character"),
        ("", "names no realm"),
    ],
)
def test_a_slip_is_refused_in_one_sentence(text, cause):
    with pytest.raises(PrincipalRefusal, match=cause) as refused:
        parse_principal(text)
    assert "\n" not in str(refused.value)


def test_the_name_type_does_not_make_another_principal():
    assert PrincipalName((b"a",), b"R", 3).identity == PrincipalName((b"a",), b"R", 1).identity


def test_name_types_are_those_of_rfc_4120():
    assert (NT_UNKNOWN, NT_PRINCIPAL, NT_SRV_HST) == (0, 1, 3)  # section 6.2
    assert read_text("smtp/mx1@R").name_type == NT_PRINCIPAL  # as krb5_parse_name has it


def test_realm_and_components_make_the_same_principal():
    assert PrincipalName((b"smtp", b"mx1"), b"R").identity == (b"R", (b"smtp", b"mx1"))
    # a component that holds a slash is not two components
    assert read_text(r"smtp\/mx1@R").identity != read_text("smtp/mx1@R").identity


def test_bytes_with_letters_of_their_own_are_written_as_mit_writes_them():
    # krb5_parse_name(3); the other control characters stand for themselves
    name = PrincipalName((b"a\nb\tc\bd\0e\x07", b"f/g@h\\"), b"R/S@T")
    assert unparse(name) == r"a\nb\tc\bd\0e" + "\x07" + r"/f\/g\@h\\@R\/S\@T"


def test_bytes_that_are_no_text_survive():
    assert unparse(PrincipalName((b"a\xff",), b"R\xfe")) == "a\udcff@R\udcfe"
    assert read_text("a\udcff", "R\udcfe") == PrincipalName((b"a\xff",), b"R\xfe")


def test_an_empty_realm_is_a_realm_for_programs():
    assert read_text("a", "") == read_text("a@", "R") == PrincipalName((b"a",), b"")
    assert str(read_text("/@")) == "/@"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("alice", "principal 'alice': names no realm; write it as alice@REALM"),
        ("a@b@c", "principal 'a@b@c': holds a second '@'; write one in a name as '\\@'"),
        ("a@b/c", "principal 'a@b/c': the realm holds a '/'; a realm follows the last '@'"),
        ("a\\", "principal 'a\\': ends with a lone backslash; write it twice"),
        ("a@", "principal 'a@': the realm is empty; write it after the '@'"),
        ("a/@R", "principal 'a/@R': a part of the name is empty; write it as service/host"),
        ("a b@R", "principal 'a b@R': holds white space or a control character; remove it"),
        ("a\x1b@R", "principal 'a\\x1b@R': holds white space or a control character; remove it"),
        ("a\u00a0@R", "principal 'a\\xc2\\xa0@R': holds white space or a control character; remove it"),
    ],
)
def test_each_slip_has_its_sentence(text, sentence):
    with pytest.raises(PrincipalRefusal) as refused:
        parse_principal(text)
    assert str(refused.value) == sentence


def test_a_name_is_a_value():
    name = read_text("smtp/mx1@R")
    with pytest.raises(dataclasses.FrozenInstanceError):
        name.realm = b"S"
    assert {name: "found"}[read_text("smtp/mx1@R")] == "found"
