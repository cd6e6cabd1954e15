# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a profile's include and includedir lines bring in, as libkrb5 finds them."""

from __future__ import annotations

import os
import re
from typing import List, Sequence

from .._domain.profile import Directive, decode, parse
from .._domain.profile_reading import Included
from .._domain.refusal import Refusal
from .files import read_state

# valid_name() of prof_parse.c: neither editors' backups nor package managers' leftovers
READ_BY_LIBKRB5 = re.compile(r"(?!\.).*\.conf|[A-Za-z0-9_-]+", re.DOTALL)
GENERATED = ("/etc/crypto-policies/back-ends/", "/etc/crypto-policies/state/", "/usr/share/crypto-policies/")
MOST = 1000  # files: a file that includes itself would have libkrb5 open files until none are left


class GeneratedFile(Refusal):
    """A file that another program writes anew."""


def refuse_generated(path: str) -> None:
    """GeneratedFile where ``path`` is, or leads by symbolic links to, a file that crypto-policies generates."""
    real = os.path.realpath(path)
    if real.startswith(GENERATED):
        raise GeneratedFile(
            f"{path}: is {real}, which crypto-policies generates and would write anew; "
            "set the relation in a drop-in of your own in /etc/krb5.conf.d, or use a custom policy module"
        )


class IncludedFiles:
    """Reads each include line when it is asked for, and keeps what could not be read in ``problems``."""

    def __init__(self) -> None:
        self.problems: List[str] = []
        self._count = 0

    def __call__(self, directive: Directive) -> Sequence[Included]:
        if directive.kind == "module":
            return ()
        names = [directive.target]
        if directive.kind == "includedir":
            try:
                found = sorted(os.listdir(directive.target), key=os.fsencode)
            except OSError as error:
                self.problems.append(f"line {directive.line} includes {directive.target}: {error.strerror}")
                return ()
            names = [f"{directive.target}/{name}" for name in found if READ_BY_LIBKRB5.fullmatch(name)]
        return [included for name in names for included in self._read(name, directive)]

    def _read(self, name: str, directive: Directive) -> List[Included]:
        self._count += 1
        if self._count > MOST:
            if self._count == MOST + 1:
                self.problems.append(f"line {directive.line} includes {name}: more than {MOST} files in all")
            return []
        try:
            content = read_state(name).content
            if content is None:
                self.problems.append(f"line {directive.line} includes {name}: there is no such file")
                return []
            return [Included(name, parse(decode(content, name), name))]
        except Refusal as refusal:
            self.problems.append(f"line {directive.line} includes a file that is not read: {refusal}")
            return []
