# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principal names are read and written as libkrb5 does it."""

from __future__ import annotations

import ctypes
import os
import unittest.mock

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import BY_NAME, BY_NUMBER
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import (
    PrincipalRefusal,
    read_text,
    unparse,
)
from hypothesis import example, given
from hypothesis import strategies as st

LIBRARY = ctypes.CDLL("libkrb5.so.3")
REMOVED = {"des-cbc-crc", "des-cbc-md4", "des-cbc-md5", "des"}  # MIT 1.18 dropped single DES


@pytest.fixture(scope="module")
def context() -> ctypes.c_void_p:
    made = ctypes.c_void_p()
    with unittest.mock.patch.dict(os.environ, KRB5_CONFIG=os.devnull):
        assert LIBRARY.krb5_init_context(ctypes.byref(made)) == 0
    return made


def libkrb5_reads(context: ctypes.c_void_p, text: bytes) -> bytes | None:
    """The name as libkrb5 writes it after having read it; None where it refuses it."""
    principal, written = ctypes.c_void_p(), ctypes.c_char_p()
    if LIBRARY.krb5_parse_name(context, text, ctypes.byref(principal)):
        return None
    assert LIBRARY.krb5_unparse_name(context, principal, ctypes.byref(written)) == 0
    value = written.value
    LIBRARY.krb5_free_unparsed_name(context, written)
    LIBRARY.krb5_free_principal(context, principal)
    return value


@given(st.lists(st.sampled_from([b"a", b"R", b"/", b"@", b"\\", b"\\/", b"\\@", b"\\0", b"n", b" ", b"\n", b"\xff"])))
@example([b"a\\0b@R"])
@example([b"@"])
def test_any_text_is_read_as_libkrb5_reads_it(context: ctypes.c_void_p, parts: list[bytes]) -> None:
    text = b"".join(parts)
    try:
        ours = unparse(read_text(text.decode("utf-8", "surrogateescape"))).encode("utf-8", "surrogateescape")
    except PrincipalRefusal:
        ours = None
    assert ours == libkrb5_reads(context, text)


@pytest.mark.parametrize("name", sorted(BY_NAME.keys() - REMOVED))
def test_libkrb5_knows_each_name_and_number(name: str) -> None:
    number = ctypes.c_int32()
    assert LIBRARY.krb5_string_to_enctype(name.encode(), ctypes.byref(number)) == 0
    assert number.value == BY_NAME[name].number


@pytest.mark.parametrize("number", [one for one, known in BY_NUMBER.items() if known.name not in REMOVED])
def test_libkrb5_calls_each_number_by_the_canonical_name(number: int) -> None:
    buffer = ctypes.create_string_buffer(100)
    assert LIBRARY.krb5_enctype_to_name(number, False, buffer, len(buffer)) == 0
    assert buffer.value.decode() == BY_NUMBER[number].name
