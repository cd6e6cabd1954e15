# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where keys go while the module `keytab` runs: into the keytab, never into the system's log or a command line.

strace sees every byte that any process of the run writes, and every command line and environment.
"""

from __future__ import annotations

import base64
import contextlib
import json
import pathlib
import re
import socket
from collections import Counter
from typing import Any, Iterator

from ansible_collections.mailrealm.kerberos.tests.integration import mit_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.canary import found_in
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import play
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key, klist

MODULE = "mailrealm.kerberos.keytab"
CANARY = b"canary key of a throw-away realm"
MX1 = Key("smtp/mx1.example.test@EXAMPLE.TEST", 2, "aes256-cts-hmac-sha1-96", CANARY.hex())
DEV_LOG = pathlib.Path("/dev/log")
# Of a line of strace -f -yy -xx: the call, what the descriptor is of, and the data, these two in hexadecimal
WRITING = re.compile(r"\d+ +(write|writev|pwrite64|sendto|sendmsg)\(\d+<([^>]*)>, (.*)")
BETWEEN_FILES = re.compile(r"\d+ +(sendfile|copy_file_range|splice)\(")
HEXADECIMAL = re.compile(r"\\x([0-9a-f]{2})")


@contextlib.contextmanager
def system_log() -> Iterator[socket.socket]:
    """The socket that syslog(3) writes to, read by this test."""
    assert not DEV_LOG.exists(), "a system log runs here; run this in the toolbox, which has none"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        listening.bind(str(DEV_LOG))
        listening.setblocking(False)
        try:
            yield listening
        finally:
            DEV_LOG.unlink()


def logged(listening: socket.socket) -> bytes:
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found.append(listening.recv(1 << 20))
    return b"\n".join(found)


def shown(line: str) -> str:
    """All that strace tells in hexadecimal in a line, a character for each byte."""
    return "".join(chr(int(octet, 16)) for octet in HEXADECIMAL.findall(line))


def written_to(calls: list[str]) -> Counter[str]:
    """Where the canary was written, in whatever form, and how often."""
    matches = filter(None, map(WRITING.match, calls))
    return Counter(shown(match[2]) for match in matches if found_in(shown(match[3]).encode("latin-1"), CANARY))


def test_keys_are_written_into_the_keytab_alone(tmp_path: pathlib.Path) -> None:
    source = mit_keytab.write(tmp_path / "source", MX1)
    content = base64.b64encode(source.read_bytes()).decode()
    variables = tmp_path / "variables.json"
    variables.write_text(json.dumps({"content": content}))
    etc = tmp_path / "etc"
    etc.mkdir()
    sources: dict[str, dict[str, str]] = {
        "src": {"src": str(source)},
        "content": {"content": "{{ content }}"},
        "remote-src": {"remote_src": str(source)},
    }
    tasks: list[dict[str, Any]] = [
        {"name": name, MODULE: {"path": str(etc / name), "sources": [one]}} for name, one in sources.items()
    ]
    tasks.append({"name": "A refusal", MODULE: {"path": str(etc / "none" / "x"), "sources": [sources["content"]]}})
    record = tmp_path / "calls"
    traced = "trace=execve,write,writev,pwrite64,sendto,sendmsg,sendfile,copy_file_range,splice"
    with system_log() as listening:
        step, output = play(
            tasks,
            tmp_path,
            verbosity=4,
            prefix=["strace", "-f", "-qq", "-yy", "-xx", "-v", "-s", "1000000", "-e", traced, "-o", str(record)],
            arguments=["-e", f"@{variables}"],
            environment_more={"ANSIBLE_PIPELINING": "true"},
        )
        log = logged(listening)
    assert [result.status for result in step.results] == ["ok", "ok", "ok", "failed"], output
    for name in sources:
        assert klist(etc / name) == [MX1]
    assert found_in(output.encode(), CANARY) == []
    assert log.count(b"Invoked with ") == len(tasks), "the module's call is in the system's log"
    assert found_in(log, CANARY) == []
    calls = [line for line in record.read_text().splitlines() if "(" in line]
    started = [line for line in calls if " execve(" in line]
    assert any("python" in shown(line) for line in started)
    assert [line for line in started if found_in(shown(line).encode("latin-1"), CANARY)] == []
    assert [line for line in calls if BETWEEN_FILES.match(line) and str(source) in shown(line)] == []
    written = written_to(calls)
    assert {where for where in written if not where.startswith("pipe:[")} == {
        where for where in written if where.startswith(f"{etc}/.mailrealm-")
    }
    assert sum(written[where] for where in written if not where.startswith("pipe:[")) == len(sources)
