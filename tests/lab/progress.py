# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line for each phase: what it was, its seconds, what came of it."""

from __future__ import annotations

import collections.abc
import contextlib
import dataclasses
import sys
import time


@dataclasses.dataclass
class Phase:
    """One part of a run, and of which site; `said` is what its line ends with.

    Tasks on hosts and their changes, if Ansible ran.
    """

    name: str
    site: str = ""
    seconds: float = 0.0
    said: str = ""
    tasks: int | None = None
    changes: int | None = None


class Progress:
    """Prints the phases, and keeps them with their seconds. `site`: where they take place, if that is to be kept."""

    def __init__(self, site: str = "") -> None:
        self.site = site
        self.phases: list[Phase] = []

    @contextlib.contextmanager
    def phase(self, name: str, about: str = "") -> collections.abc.Iterator[Phase]:
        """Times what happens inside; its line is printed at the end, and on a terminal also at the beginning."""
        current = Phase(name, self.site)
        self.phases.append(current)
        if about and sys.stdout.isatty():
            print(f"{name:<10}   ...     {about}", end="\r", flush=True)
        started = time.monotonic()
        try:
            yield current
        except BaseException:
            current.said = current.said or "failed"
            raise
        finally:
            current.seconds = round(time.monotonic() - started, 2)
            clear = "\033[K" if sys.stdout.isatty() else ""
            print(f"{clear}{name:<10} {current.seconds:6.1f} s  {current.said}", flush=True)

    def note(self, sentence: str) -> None:
        """A line between the phases."""
        print(f"           {sentence}", flush=True)
