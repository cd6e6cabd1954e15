# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keytabs as MIT's own code writes and reads them: libkrb5 through ctypes writes, klist and ktutil read."""

from __future__ import annotations

import ctypes
import datetime
import os
import pathlib
import re
import subprocess
import unittest.mock
from typing import NamedTuple

LIBRARY = ctypes.CDLL("libkrb5.so.3")
LIBRARY.krb5_get_error_message.restype = ctypes.c_char_p
KLIST_LINE = re.compile(r"\s*(-?\d+) (\S+ \S+) (.*) \((?:DEPRECATED:|UNSUPPORTED:)?([^()]*)\)\s+\(0x([0-9a-f]*)\)\s*")


class Key(NamedTuple):
    """One entry as klist shows it; ``key`` in hexadecimal."""

    principal: str
    kvno: int
    enctype: str
    key: str


class _Keyblock(ctypes.Structure):
    _fields_ = (
        ("magic", ctypes.c_int32),
        ("enctype", ctypes.c_int32),
        ("length", ctypes.c_uint),
        ("contents", ctypes.c_void_p),
    )


class _Entry(ctypes.Structure):
    _fields_ = (
        ("magic", ctypes.c_int32),
        ("principal", ctypes.c_void_p),
        ("timestamp", ctypes.c_int32),
        ("vno", ctypes.c_uint32),
        ("key", _Keyblock),
    )


def _checked(status: int, context: ctypes.c_void_p) -> None:
    if status:
        raise AssertionError(LIBRARY.krb5_get_error_message(context, status).decode())


class Writer:
    """A keytab file that libkrb5 adds entries to and removes them from; a removal leaves a hole."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.context = ctypes.c_void_p()
        with unittest.mock.patch.dict(os.environ, KRB5_CONFIG=os.devnull):
            _checked(LIBRARY.krb5_init_context(ctypes.byref(self.context)), self.context)
        self.keytab = ctypes.c_void_p()
        name = b"WRFILE:" + os.fsencode(path)
        _checked(LIBRARY.krb5_kt_resolve(self.context, name, ctypes.byref(self.keytab)), self.context)

    def _call(self, function: str, name: bytes, kvno: int, enctype: int, key: bytes) -> None:
        principal = ctypes.c_void_p()
        _checked(LIBRARY.krb5_parse_name(self.context, name, ctypes.byref(principal)), self.context)
        contents = ctypes.create_string_buffer(key, len(key))
        # libkrb5 puts the present time in place of the timestamp
        entry = _Entry(0, principal, 0, kvno, _Keyblock(0, enctype, len(key), ctypes.addressof(contents)))
        _checked(getattr(LIBRARY, function)(self.context, self.keytab, ctypes.byref(entry)), self.context)
        LIBRARY.krb5_free_principal(self.context, principal)

    def _call_by_names(self, function: str, key: Key) -> None:
        enctype = ctypes.c_int32()
        _checked(LIBRARY.krb5_string_to_enctype(key.enctype.encode(), ctypes.byref(enctype)), self.context)
        self._call(function, os.fsencode(key.principal), key.kvno, enctype.value, bytes.fromhex(key.key))

    def add(self, key: Key) -> None:
        self._call_by_names("krb5_kt_add_entry", key)

    def remove(self, key: Key) -> None:
        self._call_by_names("krb5_kt_remove_entry", key)

    def put(self, name: bytes, kvno: int, enctype: int, key: bytes) -> None:
        """Add an entry of any enctype; ``name`` as krb5_parse_name takes it."""
        self._call("krb5_kt_add_entry", name, kvno, enctype, key)

    def take_out(self, name: bytes, kvno: int, enctype: int) -> None:
        """Remove an entry of an enctype that libkrb5 knows; kvno 0 is any."""
        self._call("krb5_kt_remove_entry", name, kvno, enctype, b"")

    def close(self) -> None:
        LIBRARY.krb5_kt_close(self.context, self.keytab)
        LIBRARY.krb5_free_context(self.context)


def write(path: pathlib.Path, *keys: Key) -> pathlib.Path:
    """A keytab with these keys, written by libkrb5."""
    writer = Writer(path)
    for key in keys:
        writer.add(key)
    return path


def libkrb5_reads(path: pathlib.Path) -> list[tuple[bytes, int, int, bytes]] | None:
    """Principal, kvno, number of the enctype and key of each entry; None where libkrb5 refuses the file.

    At an entry that it cannot make sense of, libkrb5 stops without a word.
    """
    writer = Writer(path)
    context, keytab, cursor = writer.context, writer.keytab, ctypes.c_void_p()
    if LIBRARY.krb5_kt_start_seq_get(context, keytab, ctypes.byref(cursor)):
        return None
    found = []
    entry, name = _Entry(), ctypes.c_char_p()
    while not LIBRARY.krb5_kt_next_entry(context, keytab, ctypes.byref(entry), ctypes.byref(cursor)):
        _checked(LIBRARY.krb5_unparse_name(context, ctypes.c_void_p(entry.principal), ctypes.byref(name)), context)
        key = ctypes.string_at(entry.key.contents, entry.key.length)
        found.append((name.value or b"", entry.vno, entry.key.enctype, key))
        LIBRARY.krb5_free_unparsed_name(context, name)
        LIBRARY.krb5_free_keytab_entry_contents(context, ctypes.byref(entry))
    LIBRARY.krb5_kt_end_seq_get(context, keytab, ctypes.byref(cursor))
    LIBRARY.krb5_kt_close(context, keytab)
    LIBRARY.krb5_free_context(context)
    return found


def klist(path: pathlib.Path) -> list[Key]:
    """The entries that klist sees, in its order."""
    return [Key(match[3], int(match[1]), match[4], match[5]) for match in _klist(path)]


def klist_times(path: pathlib.Path) -> list[datetime.datetime]:
    """The entries' timestamps as klist sees them, in UTC."""
    return [datetime.datetime.strptime(match[2] + " +0000", "%m/%d/%y %H:%M:%S %z") for match in _klist(path)]


def _klist(path: pathlib.Path) -> list[re.Match[str]]:
    command = ["klist", "-k", "-t", "-e", "-K", str(path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=_environment()).stdout
    matches = []
    for line in printed.splitlines()[3:]:
        match = KLIST_LINE.fullmatch(line)
        assert match, f"klist printed a line of another form: {line!r}"
        matches.append(match)
    return matches


def ktutil_merge(target: pathlib.Path, *sources: pathlib.Path) -> None:
    """Have ktutil read the sources and append all their entries to the target."""
    commands = "".join(f"rkt {source}\n" for source in sources) + f"wkt {target}\nquit\n"
    subprocess.run(["ktutil"], input=commands, capture_output=True, text=True, check=True, env=_environment())


def _environment() -> dict[str, str]:
    return {**os.environ, "KRB5_CONFIG": os.devnull, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
