# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of zmprov: what it is given, what is made of its answer, and whether mailboxd is there to be told."""

from __future__ import annotations

import contextlib
import pathlib
import socket
from typing import Any, Iterator, List

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zmprov_errors import Trouble
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import zmprov
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.zimbra_programs import LONGEST, Ran
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.zmprov import Zmprov


class Programs:
    """In place of Zimbra's: what was run with what in the file, and one answer for all."""

    def __init__(self, answer: Ran) -> None:
        self.answer = answer
        self.ran: List[Any] = []
        self.text = ""

    @contextlib.contextmanager
    def private_file(self, text: str) -> Iterator[str]:
        self.text = text
        yield "/batch"
        self.text = ""

    def run(self, *words: str, longest: float) -> Ran:
        assert longest == LONGEST
        self.ran.append((words, self.text))
        return self.answer


def test_a_call() -> None:
    programs: Any = Programs(Ran(2, "prov> prov> ", "ERROR: account.NO_SUCH_SERVER (no such server: x)\n"))
    program = Zmprov(programs, via_ldap=True)
    answer = program.run([("gs", "x", "a b")])
    assert programs.ran == [(("bin/zmprov", "-l", "-f", "/batch"), 'gs x "a b"\nexit\n')]
    assert answer.blocks == ("", "")
    assert answer.complete
    assert answer.troubles == (Trouble("account.NO_SUCH_SERVER", "no such server: x"),)
    program.flush([("fc", "config")])
    assert programs.ran[1] == (("bin/zmprov", "-f", "/batch"), "fc config\nexit\n")
    assert program.calls == 2


def test_a_call_over_soap_that_ends_early() -> None:
    programs: Any = Programs(Ran(1, "prov> ", "Exception\n"))
    assert not Zmprov(programs).run([("gas",)]).complete
    assert programs.ran[0][0] == ("bin/zmprov", "-f", "/batch")


def test_whether_zmprov_is_there(tmp_path: pathlib.Path) -> None:
    assert not zmprov.installed(str(tmp_path))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "zmprov").touch()
    assert zmprov.installed(str(tmp_path))


def test_whether_mailboxd_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        monkeypatch.setattr(zmprov, "_SOAP", listener.getsockname())
        assert not zmprov.mailboxd_answers()
        listener.listen(1)
        assert zmprov.mailboxd_answers()
