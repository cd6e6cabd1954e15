# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of zmprov, each with a batch of commands, and how many there were: each takes Zimbra about two seconds."""

from __future__ import annotations

import os
import socket
from typing import Sequence

from .._domain import zmprov_batch
from .._domain.zimbra_failures import Answer
from .._domain.zmprov_errors import troubles
from .zimbra_programs import HOME, LONGEST, ZimbraPrograms

PROGRAM = "bin/zmprov"
_SOAP = ("localhost", 7071)  # zimbra_zmprov_default_soap_server and zimbra_admin_service_port as Zimbra ships them
_PATIENCE = 3.0  # seconds


def installed(home: str = HOME) -> bool:
    """Whether this host has zmprov."""
    return os.path.exists(os.path.join(home, PROGRAM))


def mailboxd_answers() -> bool:
    """Whether something listens where zmprov looks for mailboxd on this host."""
    try:
        with socket.create_connection(_SOAP, timeout=_PATIENCE):
            return True
    except OSError:
        return False


class Zmprov:
    """zmprov over SOAP, or straight to LDAP; ``calls`` counts how often it was started, ``longest``: seconds a call."""

    def __init__(self, programs: ZimbraPrograms, via_ldap: bool = False, longest: float = LONGEST) -> None:
        self._programs = programs
        self._longest = longest
        self.via_ldap = via_ldap
        self.calls = 0

    def run(self, commands: Sequence[Sequence[str]]) -> Answer:
        """Run the commands in one call. The values are in a file that zimbra alone can read, not in the arguments."""
        return self._run(commands, self.via_ldap)

    def flush(self, commands: Sequence[Sequence[str]]) -> Answer:
        """Tell mailboxd to forget what it holds, which goes over SOAP alone."""
        return self._run(commands, False)

    def _run(self, commands: Sequence[Sequence[str]], via_ldap: bool) -> Answer:
        self.calls += 1
        with self._programs.private_file(zmprov_batch.batch(commands)) as path:
            ran = self._programs.run(PROGRAM, *(["-l"] if via_ldap else []), "-f", path, longest=self._longest)
        return Answer(
            tuple(zmprov_batch.blocks(ran.stdout)), len(commands), ran.status, ran.stderr, troubles(ran.stderr)
        )
