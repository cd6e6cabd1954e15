# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with crypto-policies in a folder: the stand-in of the tool, and the calls that a module makes."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import Any, Mapping, Sequence

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.crypto_state import CryptoState, crypto_diff
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import crypto_policies
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.crypto_policies import Places, Runner
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.file_lock import locked
from ansible_collections.mailrealm.kerberos.tests.lab.doubles.crypto_policies import install

# Prints the numbers that libkrb5 itself permits with the krb5.conf of its environment.
PERMITTED = """
import ctypes
library, context, found = ctypes.CDLL("libkrb5.so.3"), ctypes.c_void_p(), ctypes.POINTER(ctypes.c_int32)()
assert library.krb5_init_context(ctypes.byref(context)) == 0
assert library.krb5_get_permitted_enctypes(context, ctypes.byref(found)) == 0
at = 0
while found[at]:
    print(found[at])
    at += 1
"""
KRB5_CONF = "includedir {}/etc/krb5.conf.d\n\n[libdefaults]\n\tdefault_realm = EXAMPLE.TEST\n"


class CryptoHost:
    """A root with the stand-in, and the calls that a module makes."""

    def __init__(self, root: pathlib.Path, release: str) -> None:
        self.root, self.places = root, Places(str(root))
        self.program = install(root, release)
        self.krb5_conf = root / "etc/krb5.conf"
        self.krb5_conf.write_text(KRB5_CONF.format(root))
        self.called: list[tuple[str, ...]] = []
        self.run: Runner = self.run_command

    def of(self, path: str) -> pathlib.Path:
        return pathlib.Path(self.places.of(path))

    def run_command(
        self, args: Sequence[str], environ_update: Mapping[str, str] | None = None, cwd: str | None = None
    ) -> tuple[int, str, str]:
        self.called.append(tuple(args[1:]))
        environment = {**os.environ, **(environ_update or {})}
        done = subprocess.run(args, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def set(self, policy: str) -> None:
        subprocess.run([self.program, "--set", policy, "--no-reload"], cwd="/", capture_output=True, check=True)

    def read(self) -> CryptoState:
        state = crypto_policies.read_state(self.run, self.places)
        assert state is not None
        return state

    def foresee(self, enctypes: Sequence[int] | None, before: CryptoState | None = None) -> CryptoState:
        return crypto_policies.foresee(before or self.read(), enctypes, self.run, self.places)

    def write(self, before: CryptoState, after: CryptoState) -> None:
        with locked(*crypto_policies.to_lock(self.places), clear=True):
            crypto_policies.write(before, after, self.run, self.places)

    def converge(self, enctypes: Sequence[int] | None) -> CryptoState:
        """Check, run, check again: nothing is written before the run, and what was foreseen is what is there."""
        files, before = self.files(), self.read()
        after = self.foresee(enctypes, before)
        assert self.files() == files
        self.write(before, after)
        read = self.read()
        assert (read, crypto_diff(read, after)) == (after, [])
        self.called.clear()
        assert self.foresee(enctypes, read) == after
        assert self.called == []  # what was read tells all
        return after

    def files(self) -> dict[str, Any]:
        """All that lies below the root, with times and inodes."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            if "__pycache__" in path.parts:
                continue
            status = path.lstat()
            held = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
            found[str(path)] = (status.st_mode, status.st_ino, status.st_mtime_ns, held)
        return found

    def permitted(self) -> tuple[int, ...]:
        """The enctypes that libkrb5 permits, by number."""
        environment = {**os.environ, "KRB5_CONFIG": str(self.krb5_conf)}
        done = subprocess.run(
            [sys.executable, "-c", PERMITTED], env=environment, capture_output=True, text=True, check=True
        )
        return tuple(int(line) for line in done.stdout.split())
