# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libkrb5's own profile functions read from files, through ctypes: the judge of our parser.

As a program it answers for another release's library, LIBKRB5: a function's name and arguments as a line of JSON
in, what it returns pickled out.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pathlib
import pickle
import sys
from typing import Any, Iterator, Sequence

LIBRARY = ctypes.CDLL(os.environ.get("LIBKRB5", "libkrb5.so.3"))
LIBRARY.profile_init.restype = ctypes.c_long
LIBRARY.profile_init.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.POINTER(ctypes.c_void_p)]
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


def libkrb5_reads(*paths: pathlib.Path) -> Tree | None:
    """Everything that libkrb5 reads from the file, or from several as KRB5_CONFIG lists them; None: it refuses."""
    with _opened(paths) as profile:
        return profile and _tree(profile, ())


def libkrb5_values(paths: Sequence[pathlib.Path], asked: Sequence[Sequence[str]]) -> list[list[str]]:
    """The values of each relation that is asked for by section, subsections and name."""
    with _opened(paths) as profile:
        assert profile, paths
        return [
            [_text(value) for value in _list(profile, "profile_get_values", [os.fsencode(name) for name in names])]
            for names in asked
        ]


@contextlib.contextmanager
def _opened(paths: Sequence[pathlib.Path]) -> Iterator[ctypes.c_void_p | None]:
    profile = ctypes.c_void_p()
    files = (ctypes.c_char_p * (len(paths) + 1))(*map(os.fsencode, paths), None)
    if LIBRARY.profile_init(files, ctypes.byref(profile)):
        yield None
        return
    try:
        yield profile
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


if __name__ == "__main__":
    for _line in sys.stdin:
        _function, _given = json.loads(_line)
        pickle.dump(globals()[_function](*_given), sys.stdout.buffer)
        sys.stdout.flush()
