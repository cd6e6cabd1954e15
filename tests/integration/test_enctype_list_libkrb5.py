# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""libkrb5 judges lists of encryption types: what it permits is what we read."""

from __future__ import annotations

import ctypes
import pathlib
import random

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_list import (
    parse_enctype_list,
    read_enctype_list,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import BY_NAME, FAMILIES
from ansible_collections.mailrealm.kerberos.tests.integration.libkrb5_oracle import LIBRARY

LIBRARY.krb5_init_context_profile.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.POINTER(ctypes.c_void_p)]
LIBRARY.krb5_get_permitted_enctypes.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))]
LIBRARY.krb5_free_enctypes.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_int32)]
LIBRARY.krb5_free_context.argtypes = [ctypes.c_void_p]
GONE = {1, 2, 3}  # DES, of which MIT 1.18 and later know not even the names
WORDS = [
    *(name for name, enctype in BY_NAME.items() if enctype.number not in GONE),
    *(family for family in FAMILIES if family != "des"),
    "DEFAULT",
]


def permitted(folder: pathlib.Path, text: str) -> tuple[int, ...]:
    """What libkrb5 permits where `text` is the value of permitted_enctypes."""
    path = folder / "krb5.conf"
    switches = "".join(f" {name} = true\n" for name in ("allow_weak_crypto", "allow_rc4", "allow_des3"))
    path.write_text(f"[libdefaults]\n default_realm = X\n{switches} permitted_enctypes = {text}\n")
    profile, context = ctypes.c_void_p(), ctypes.c_void_p()
    assert LIBRARY.profile_init_path(str(path).encode(), ctypes.byref(profile)) == 0
    try:
        assert LIBRARY.krb5_init_context_profile(profile, 0, ctypes.byref(context)) == 0
        found = ctypes.POINTER(ctypes.c_int32)()
        if LIBRARY.krb5_get_permitted_enctypes(context, ctypes.byref(found)):
            return ()
        numbers = []
        while found[len(numbers)]:
            numbers.append(found[len(numbers)])
        LIBRARY.krb5_free_enctypes(context, found)
        return tuple(numbers)
    finally:
        if context:
            LIBRARY.krb5_free_context(context)
        LIBRARY.profile_release(profile)


@pytest.mark.parametrize("word", WORDS)
def test_every_word_alone(word: str, tmp_path: pathlib.Path) -> None:
    assert permitted(tmp_path, word) == parse_enctype_list([word]).numbers


def test_lists_with_signs_and_any_case(tmp_path: pathlib.Path) -> None:
    dice = random.Random(20261126)
    for dummy in range(2000):
        chosen = dice.choices(WORDS, k=dice.randint(1, 7))
        words = [dice.choice(["", "", "+", "-"]) + dice.choice([str.lower, str.upper, str])(word) for word in chosen]
        text = dice.choice([" ", ", ", ",", "\t"]).join(words)
        assert permitted(tmp_path, text) == parse_enctype_list([text]).numbers, text


def test_unknown_words_are_passed_over_as_libkrb5_does(tmp_path: pathlib.Path) -> None:
    text = "aes265-cts aes128-cts rc5 -aes-128 des3"
    numbers, unknown = read_enctype_list(text)
    assert permitted(tmp_path, text) == numbers
    assert unknown == ("aes265-cts", "rc5", "-aes-128")
