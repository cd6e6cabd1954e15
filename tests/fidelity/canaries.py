# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in every form in which a careless program would show them, and the search for them."""

from __future__ import annotations

import base64
import collections.abc
import contextlib
import dataclasses
import os
import threading

INTERVAL = 0.2  # seconds between two looks at the process list
LONGEST = 1 << 20  # bytes of argv or environment that are looked at


def forms(secret: bytes) -> set[bytes]:
    """The secret itself, in hexadecimal, escaped as Python prints it, and in base64 at each of three offsets."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    found.add(repr(secret)[2:-1].encode())
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret).rstrip(b"=")
        # The first characters hold bits of what stands before, the last one may hold bits of what follows.
        found.add(encoded[(0, 2, 3)[offset] : len(encoded) - (1 if (offset + len(secret)) % 3 else 0)])
    return found


@dataclasses.dataclass(frozen=True)
class Canaries:
    """Secrets by the name under which a find is reported."""

    secrets: collections.abc.Mapping[str, bytes]

    def found_in(self, data: bytes) -> list[str]:
        """The names of the secrets that ``data`` holds in any form."""
        return sorted(name for name, secret in self.secrets.items() if any(form in data for form in forms(secret)))


@dataclasses.dataclass
class ProcessList:
    """Everything that was seen in argv and environment of any process, the hosts' too, while this was held open."""

    seen: set[bytes] = dataclasses.field(default_factory=set)
    _ended: threading.Event = dataclasses.field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> ProcessList:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL):
            for process in (one.path for one in os.scandir("/proc") if one.name.isdigit()):
                with contextlib.suppress(OSError):  # it has ended
                    self.seen.add(_read(f"{process}/cmdline"))
                    self.seen.add(_read(f"{process}/environ"))


def _read(path: str) -> bytes:
    """A file of /proc; several times a second those of all processes, for which a file object costs twice as much."""
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, LONGEST)
    finally:
        os.close(file)


# On a host: patterns come on standard input (never in argv), what holds one is printed as `name<TAB>place`.
SEARCH = r"""
import json, os, subprocess, sys
patterns = {name: [bytes.fromhex(form) for form in formed] for name, formed in json.load(open(0)).items()}
def look(place, data):
    for name, formed in patterns.items():
        if any(form in data for form in formed):
            print(name + "\t" + place)
for top in ("/tmp", "/var/tmp", "/dev/shm", "/run/user", "/var/log", "/root", "/home", "/var/cache/debconf"):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as stream:
                    look(path, stream.read())
journal = subprocess.run(["journalctl", "--no-pager", "-o", "verbose"], stdout=subprocess.PIPE, check=False)
look("the journal", journal.stdout)
for process in filter(str.isdigit, os.listdir("/proc")):
    for name in ("cmdline", "environ"):
        try:
            with open("/proc/%s/%s" % (process, name), "rb") as stream:
                look("process list (%s)" % name, stream.read())
        except OSError:
            pass
"""

# On the KDC: every key that the database can give, without rotating one, as a keytab in base64.
_KADMIN = r"""
import base64, os, subprocess, tempfile
folder = tempfile.mkdtemp(dir="/dev/shm")
path = os.path.join(folder, "all.keytab")
subprocess.run(["kadmin.local"], input=b'ktadd -norandkey -k %s -glob *\n' % path.encode(),
               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
with open(path, "rb") as stream:
    print(base64.b64encode(stream.read()).decode())
os.unlink(path)
os.rmdir(folder)
"""
_SAMBA = r"""
import base64, os, subprocess, tempfile
folder = tempfile.mkdtemp(dir="/dev/shm")
path = os.path.join(folder, "all.keytab")
subprocess.run(["samba-tool", "domain", "exportkeytab", path], stdout=subprocess.DEVNULL,
               stderr=subprocess.DEVNULL, check=True)
with open(path, "rb") as stream:
    print(base64.b64encode(stream.read()).decode())
os.unlink(path)
os.rmdir(folder)
"""
KEYS = {"mit": ("kdc1", _KADMIN), "ad": ("dc1", _SAMBA), "zimbra": ("kdc1", _KADMIN), "cas": ("kdc1", _KADMIN)}
