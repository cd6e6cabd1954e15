# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libkrb5's own profile functions read from a file, through ctypes: the judge of our parser."""

from __future__ import annotations

import ctypes
import os
import pathlib
from typing import Any, Sequence

LIBRARY = ctypes.CDLL("libkrb5.so.3")
LIBRARY.profile_init_path.restype = ctypes.c_long
LIBRARY.profile_init_path.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)]
LIBRARY.profile_release.argtypes = [ctypes.c_void_p]
LIBRARY.profile_free_list.argtypes = [ctypes.POINTER(ctypes.c_char_p)]
for _name in ("profile_get_relation_names", "profile_get_subsection_names", "profile_get_values"):
    getattr(LIBRARY, _name).restype = ctypes.c_long
    getattr(LIBRARY, _name).argtypes = [
        ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_char_p),
        ctypes.POINTER(ctypes.POINTER(ctypes.c_char_p)),
    ]

Tree = dict[Any, Any]  # relation name -> list of values; (section name,) -> Tree


def libkrb5_reads(path: pathlib.Path) -> Tree | None:
    """Everything that libkrb5 reads from the file; None where it refuses it."""
    profile = ctypes.c_void_p()
    if LIBRARY.profile_init_path(os.fsencode(path), ctypes.byref(profile)):
        return None
    try:
        return _tree(profile, ())
    finally:
        LIBRARY.profile_release(profile)


def _tree(profile: ctypes.c_void_p, names: Sequence[bytes]) -> Tree:
    tree: Tree = {}
    for name in _list(profile, "profile_get_relation_names", names) if names else ():
        tree[_text(name)] = [_text(value) for value in _list(profile, "profile_get_values", (*names, name))]
    for name in _list(profile, "profile_get_subsection_names", names):
        tree[(_text(name),)] = _tree(profile, (*names, name))
    return tree


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _list(profile: ctypes.c_void_p, function: str, names: Sequence[bytes]) -> list[bytes]:
    found = ctypes.POINTER(ctypes.c_char_p)()
    array = (ctypes.c_char_p * (len(names) + 1))(*names, None)
    if getattr(LIBRARY, function)(profile, array, ctypes.byref(found)):
        return []
    values = []
    while found[len(values)] is not None:
        values.append(found[len(values)])
    LIBRARY.profile_free_list(found)
    return values
