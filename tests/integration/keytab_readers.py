# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every program and library that reads keytabs, and the form in which each of them shows an entry."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime
import os
import pathlib
import re
import signal
import subprocess
import tempfile
from typing import Callable, Sequence

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import BY_NUMBER
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import unparse
from ansible_collections.mailrealm.kerberos.tests.integration import mit_keytab

HERE = pathlib.Path(__file__).resolve().parent
HEIMDAL = "/opt/heimdal/usr/bin/ktutil.heimdal"
JAVA = (
    "java",
    *(
        f"--add-exports=java.security.jgss/sun.security.krb5{one}=ALL-UNNAMED"
        for one in ("", ".internal", ".internal.ktab")
    ),
)
# Outside of our table, for nobody has such keys.
MIT_NAMES = {4: "des-cbc-raw", 6: "des3-cbc-raw", 8: "des-hmac-sha1"}
HEIMDAL_NAMES = {
    -4096: "des-cbc-none",
    0: "null",
    1: "des-cbc-crc",
    2: "des-cbc-md4",
    3: "des-cbc-md5",
    5: "des3-cbc-md5",
    7: "old-des3-cbc-sha1",
    16: "des3-cbc-sha1",
    17: "aes128-cts-hmac-sha1-96",
    18: "aes256-cts-hmac-sha1-96",
    19: "aes128-cts-hmac-sha256-128",
    20: "aes256-cts-hmac-sha384-192",
    23: "arcfour-hmac-md5",
}
SAMBA_NAMES = {number: name for number, name in HEIMDAL_NAMES.items() if number not in (-4096, 1, 2, 3)}
HEIMDAL_QUOTED = re.compile(rb"[ /@\\\n\t\b]")
HEIMDAL_LETTERS = {b"\n": b"n", b"\t": b"t", b"\b": b"b"}
KLIST_ROW = re.compile(
    rb" *(-?\d+) (\d\d/\d\d/\d\d \d\d:\d\d:\d\d) (.*) \((?:DEPRECATED:|UNSUPPORTED:)?([^()]*)\)  \(0x([0-9a-f]*)\)"
)
KTUTIL_ROW = re.compile(
    rb" *\d+ +(-?\d+) (\d\d/\d\d/\d\d \d\d:\d\d:\d\d) (.*) \(([^()]*)\)  \(0x([0-9a-f]*)\)", re.DOTALL
)
HEIMDAL_ROW = re.compile(rb" *(-?\d+)  ([^ ].*?) {2,}((?:\\.|[^\\ ])+) {2,}(\d{4}-\d\d-\d\d)  (.*?) *", re.DOTALL)
SAMBA_ROW = re.compile(rb" *(-?\d+)  ([^ ].*?) {2,}(.*)")
Row = tuple[object, ...]


@dataclasses.dataclass(frozen=True)
class Reader:
    """``row``: the form in which it shows an entry; ``read``: what it shows of each of these files.

    ``version``: the command that tells it. ``every``: of many files it reads the first of so many.
    """

    name: str
    version: tuple[str, ...]
    row: Callable[[KeytabEntry], Row]
    read: Callable[[Sequence[pathlib.Path]], list[list[Row]]]
    every: int = 1


class Died(AssertionError):
    """A program that a signal ended: its name, the signal's."""


def environment() -> dict[str, str]:
    """No configuration, UTC, and memory that is not zero by chance."""
    empty = pathlib.Path(tempfile.gettempdir()) / "empty-krb5.conf"
    empty.touch()  # Heimdal takes /dev/null for a folder of such files
    return {
        **os.environ,
        "KRB5_CONFIG": str(empty),
        "SMB_CONF_PATH": str(empty),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "MALLOC_PERTURB_": "90",
    }


def _output(*command: str, given: bytes = b"") -> bytes:
    """What it prints, whatever its exit status, which each program chooses after a manner of its own."""
    done = subprocess.run(command, input=given, capture_output=True, check=False, env=environment())
    if done.returncode < 0:
        raise Died(command[0], signal.Signals(-done.returncode).name)
    return done.stdout


def _one_by_one(
    read: Callable[[pathlib.Path], list[Row]],
) -> Callable[[Sequence[pathlib.Path]], list[list[Row]]]:
    """A process for each file; one that dies shows the signal in place of entries."""

    def rows(path: pathlib.Path) -> list[Row]:
        try:
            return read(path)
        except Died as died:
            return [died.args]

    def read_all(paths: Sequence[pathlib.Path]) -> list[list[Row]]:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return list(pool.map(rows, paths))

    return read_all


def _match(row: re.Pattern[bytes], line: bytes, program: str) -> re.Match[bytes]:
    match = row.fullmatch(line)
    assert match, f"{program} printed a line of another form: {line!r}"
    return match


def _time(entry: KeytabEntry) -> bytes:
    when = datetime.datetime.fromtimestamp(entry.timestamp, datetime.timezone.utc)
    return when.strftime("%m/%d/%y %H:%M:%S").encode()


def _text(entry: KeytabEntry) -> bytes:
    return unparse(entry.principal).encode("utf-8", "surrogateescape")


# -- MIT


def _mit_enctype(number: int) -> bytes:
    known = BY_NUMBER.get(number)
    return (known.name if known else MIT_NAMES.get(number, f"etype {number}")).encode()


def _klist_row(entry: KeytabEntry) -> Row:
    return (_text(entry), entry.kvno, _mit_enctype(entry.enctype), entry.key.hex().encode(), _time(entry))


def _klist(path: pathlib.Path) -> list[Row]:
    lines = _output("klist", "-k", "-t", "-e", "-K", str(path)).split(b"\n")[3:-1]
    rows = [_match(KLIST_ROW, line, "klist") for line in lines]
    return [(one[3], int(one[1]), one[4], one[5], one[2]) for one in rows]


def _ktutil_row(entry: KeytabEntry) -> Row:
    return (_text(entry).rjust(40), *_klist_row(entry)[1:])


def _ktutil(paths: Sequence[pathlib.Path]) -> list[list[Row]]:
    """One session for all files. It repeats each command that it reads behind its prompt."""
    commands = [line for path in paths for line in (f"rkt {path}", "list -k -e -t", "clear")]
    parts = re.split(rb"ktutil:  (?:rkt|clear)", _output("ktutil", given="\n".join(commands).encode() + b"\n"))
    found: list[list[Row]] = []
    for part in parts[1::2]:
        # the heading is two lines; behind the last row a list is broken off or ends
        lines = part.split(b"ktutil:  list -k -e -t\n")[1].split(b"\n")[2:-1]
        rows = [_match(KTUTIL_ROW, line, "ktutil") for line in lines]
        found.append([(one[3], int(one[1]), one[4], one[5], one[2]) for one in rows])
    return found


def _libkrb5_row(entry: KeytabEntry) -> Row:
    return (_text(entry), entry.kvno, entry.enctype, entry.key)


def _libkrb5(paths: Sequence[pathlib.Path]) -> list[list[Row]]:
    return [list(mit_keytab.libkrb5_reads(path) or ()) for path in paths]


# -- Heimdal, and Samba, which Debian builds with a Heimdal of its own


def _heimdal_text(entry: KeytabEntry) -> bytes:
    def quoted(part: bytes) -> bytes:
        return HEIMDAL_QUOTED.sub(lambda found: b"\\" + HEIMDAL_LETTERS.get(found[0], found[0]), part)

    return b"/".join(map(quoted, entry.principal.components)) + b"@" + quoted(entry.principal.realm)


def _heimdal_row(entry: KeytabEntry) -> Row:
    name = HEIMDAL_NAMES.get(entry.enctype, f"unknown ({entry.enctype})").encode()
    date = datetime.datetime.fromtimestamp(entry.timestamp, datetime.timezone.utc).strftime("%Y-%m-%d").encode()
    return (_heimdal_text(entry), entry.kvno, name, entry.key.hex().encode(), date)


def _heimdal(path: pathlib.Path) -> list[Row]:
    printed = _output(HEIMDAL, f"--keytab=FILE:{path}", "list", "--keys", "--timestamp")[:-1]
    # an empty key is printed as bytes of memory, a line feed among them now and then
    lines = re.split(rb"\n(?= *-?\d+  [^ ])", printed)[1:]
    rows = [_match(HEIMDAL_ROW, line, "Heimdal's ktutil") for line in lines]
    return [(one[3], int(one[1]), one[2], one[5], one[4]) for one in rows]


def _samba_row(entry: KeytabEntry) -> Row:
    name = SAMBA_NAMES.get(entry.enctype, f"UNKNOWN: {entry.enctype}")
    return (_heimdal_text(entry), entry.kvno, name.encode())


def _samba(path: pathlib.Path) -> list[Row]:
    printed = _output("net", "ads", "keytab", "list", str(path)).partition(b"Principal\n")[2]
    rows = [_match(SAMBA_ROW, line, "net") for line in printed.split(b"\n")[:-1]]
    return [(one[3], int(one[1]), one[2]) for one in rows]


# -- Java


def _jdk_row(entry: KeytabEntry) -> Row:
    name = entry.principal
    name_type = name.name_type - 2**32 if name.name_type >= 2**31 else name.name_type  # Int32 in RFC 4120
    return (name.components, name.realm, name_type, entry.kvno, entry.enctype, entry.key, entry.timestamp)


def _jdk(paths: Sequence[pathlib.Path]) -> list[list[Row]]:
    """One virtual machine for all files."""
    command = [*JAVA, str(HERE / "KeytabReader.java"), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert not done.returncode, done.stderr
    found: list[list[Row]] = []
    for line in done.stdout.splitlines():
        if line == "FILE":
            found.append([])
            continue
        components, realm, name_type, kvno, enctype, key, seconds = line.split(" ")
        name = tuple(map(bytes.fromhex, components.split(",")))
        numbers = (int(name_type), int(kvno), int(enctype))
        found[-1].append((name, bytes.fromhex(realm), *numbers, bytes.fromhex(key), int(seconds)))
    return found


READERS = {
    reader.name: reader
    for reader in (
        Reader("klist", ("klist", "-V"), _klist_row, _one_by_one(_klist)),
        Reader("ktutil", ("klist", "-V"), _ktutil_row, _ktutil),
        Reader("libkrb5", ("klist", "-V"), _libkrb5_row, _libkrb5),
        Reader("heimdal", (HEIMDAL, "--version"), _heimdal_row, _one_by_one(_heimdal)),
        Reader("samba", ("net", "--version"), _samba_row, _one_by_one(_samba), every=6),
        Reader("jdk", ("java", "--version"), _jdk_row, _jdk),
    )
}
