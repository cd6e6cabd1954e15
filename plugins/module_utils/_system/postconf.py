# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program postconf, asked once for Postfix's built-in defaults; its files are read and written by _system/files.py.

postconf does not write here. Watched with strace (3.7.11), `postconf -e` gives main.cf to root with mode 0644
whatever it was, syncs the file but not its directory, and always writes, even what is there already.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Tuple

from .._domain.refusal import Refusal

Runner = Callable[[List[str]], Tuple[int, str, str]]


class PostconfRefusal(Refusal):
    """postconf is there but does not do its work."""


def read_defaults(run: Runner, program: str, directory: str) -> Dict[str, str]:
    """Every parameter that this Postfix knows with its built-in default.

    Neither main.cf nor master.cf need be there or be right. PostconfRefusal where postconf fails.
    """
    status, output, complaint = run([program, "-c", directory, "-d"])
    if status != 0:
        last = complaint.strip().splitlines()[-1:] or [f"exit status {status}"]
        raise PostconfRefusal(
            f"{program}: could not tell Postfix's defaults ({last[0]}); see that Postfix is installed whole"
        )
    return parse(output)


def parse(output: str) -> Dict[str, str]:
    """postconf's lines `name = value`."""
    pairs = (line.partition(" =") for line in output.splitlines())
    return {name: value.strip() for name, dummy, value in pairs if dummy}
