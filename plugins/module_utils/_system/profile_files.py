# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a profile's include and includedir lines bring in, as libkrb5 finds them."""

from __future__ import annotations

import os
import re
from typing import Dict, List, Optional, Sequence, Set

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
    """Reads each include line when it is asked for, and keeps what could not be read in ``problems``.

    ``planned`` is a file that is taken as it shall be, not as it is; ``seen`` tells whether it was met, and ``near``
    are the lines that include its directory. ``lacking`` tells whether a file to begin from is not there.
    """

    def __init__(self, planned: Optional[Included] = None) -> None:
        self.problems: List[str] = []
        self.planned = planned
        self.seen = False
        self.lacking = False
        self.near: List[Directive] = []
        self._place = os.path.realpath(planned.source) if planned else ""
        self._above: Dict[str, Set[str]] = {}  # the files that include a file, directly or not
        self._count = 0

    def __call__(self, directive: Directive) -> Sequence[Included]:
        if directive.kind == "module":
            return ()
        names = [directive.target]
        if directive.kind == "includedir":
            try:
                listed = self._listed(directive)
            except OSError as error:
                self._tell(directive, directive.target, error.strerror or str(error))
                return ()
            names = [f"{directive.target}/{name}" for name in listed if READ_BY_LIBKRB5.fullmatch(name)]
        return [included for name in names for included in self._read(name, directive)]

    def begin(self, path: str) -> List[Included]:
        """The file from which libkrb5 begins; none where it cannot be read, which is a problem, or is not there."""
        if self._is_planned(path):
            return [self._plan()]
        try:
            content = read_state(path).content
            if content is not None:
                return [Included(path, parse(decode(content, path), path))]
            self.lacking = True
            self.problems.append(f"{path}: there is no such file, so libkrb5 reads nothing that it would include")
            return []
        except Refusal as refusal:
            self.problems.append(str(refusal))
            return []

    def _is_planned(self, name: str) -> bool:
        return bool(self._place) and os.path.realpath(name) == self._place

    def _plan(self) -> Included:
        if self.planned is None:
            raise AssertionError("a planned file was met that nobody gave")
        self.seen = True
        return self.planned

    def _listed(self, directive: Directive) -> List[str]:
        names = set(os.listdir(directive.target))
        if self._place and os.path.realpath(directive.target) == os.path.dirname(self._place):
            self.near.append(directive)
            names.add(os.path.basename(self._place))
        return sorted(names, key=os.fsencode)

    def _tell(self, directive: Directive, name: str, what: str) -> None:
        self.problems.append(f"{directive.source}: line {directive.line} includes {name}: {what}")

    def _read(self, name: str, directive: Directive) -> List[Included]:
        self._count += 1
        above = self._above.get(directive.source, set()) | {directive.source}
        if name in above or self._count > MOST:
            if name in above:
                self._tell(directive, name, "it includes itself, and libkrb5 reads nothing then")
            elif self._count == MOST + 1:
                self._tell(directive, name, f"more than {MOST} files in all")
            return []
        self._above.setdefault(name, set()).update(above)
        if self._is_planned(name):
            self._above.setdefault(self._plan().source, set()).update(above)
            return [self._plan()]
        try:
            content = read_state(name).content
            if content is None:
                self._tell(directive, name, "there is no such file")
                return []
            return [Included(name, parse(decode(content, name), name))]
        except Refusal as refusal:
            self._tell(directive, name, f"it is not read, as {refusal}")
            return []


def main_of(path: str) -> str:
    """The file from which libkrb5 begins: the krb5.conf beside the folder krb5.conf.d of ``path``, or itself."""
    folder, beside = os.path.split(os.path.dirname(os.path.abspath(path)))
    main = os.path.join(folder, "krb5.conf")
    return main if beside == "krb5.conf.d" and os.path.lexists(main) else path
