# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Daemons of the double: starting them in the background, their pid files, waiting for them."""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Callable, Collection, Mapping, Sequence

LIBRARY = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
PRIVILEGED = "libexec/zmprivileged"
STEP = 0.05  # seconds between two looks


def call(module: str, function: str, *words: str) -> list[str]:
    """Arguments of a Python that calls a function of this package with words."""
    program = f"import sys; sys.path.insert(0, {str(LIBRARY.parent)!r}); "
    program += f"from {LIBRARY.name}.{module} import {function}; sys.exit({function}(*sys.argv[1:]))"
    return ["-I", "-c", program, *words]


def background(
    module: str, function: str, *words: str, output: pathlib.Path, home: pathlib.Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a function of this package as a daemon; with `home` as root, as zimbra's sudo rules allow it."""
    python = str(home / PRIVILEGED) if home else sys.executable
    with output.open("ab") as stream:
        return subprocess.Popen(
            [python, *call(module, function, *words)],
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )


def become_root() -> None:
    """In a program that `zmprivileged` runs."""
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def go_on_as_zimbra(module: str, function: str) -> None:
    """In a program that `zmprivileged` runs: go on as zimbra, able to listen below port 1024, with this function."""
    become_root()
    capability = ["--inh-caps", "+net_bind_service", "--ambient-caps", "+net_bind_service"]
    words = ["setpriv", "--reuid", "zimbra", "--regid", "zimbra", "--init-groups", *capability, "--"]
    os.execvp("setpriv", [*words, "/usr/bin/python3", *call(module, function)])


def alive(number: int) -> bool:
    """Whether a process runs; one that has ended and is not yet waited for does not."""
    try:
        stat = pathlib.Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def ended(number: int) -> bool:
    return not alive(number)


def running(pid_file: pathlib.Path) -> int:
    """The process that the file names, if it runs and is ours; else 0. After a crash the number may be another's."""
    with contextlib.suppress(OSError, ValueError):
        number = int(pid_file.read_text(encoding="ascii"))
        words = pathlib.Path(f"/proc/{number}/cmdline").read_bytes()
        return number if alive(number) and LIBRARY.name.encode() in words else 0
    return 0


def listens(port: int, host: str = "127.0.0.1") -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
        return True
    return False


def wait(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until it holds; whether it did in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(STEP)
    return True


def start(process: subprocess.Popen[bytes], pid_file: pathlib.Path, ports: Collection[int], seconds: float) -> bool:
    """Wait until a daemon has written its pid file and answers on its ports; False where it ended or took too long."""

    def settled() -> bool:
        up = running(pid_file) > 0 and all(listens(port) for port in ports)
        return up or process.poll() is not None

    there = wait(settled, seconds)
    return there and running(pid_file) > 0


def stop(pid_file: pathlib.Path, seconds: float, send: Callable[[int, int], None] = os.kill) -> bool:
    """SIGTERM, and SIGKILL when it does not end in time; whether it ended by itself."""
    number = running(pid_file)
    if not number:
        return True
    with contextlib.suppress(ProcessLookupError):
        send(number, signal.SIGTERM)
    in_time = wait(functools.partial(ended, number), seconds)
    if not in_time:
        with contextlib.suppress(ProcessLookupError):
            send(number, signal.SIGKILL)
        wait(functools.partial(ended, number), 5)
    with contextlib.suppress(PermissionError):  # root's own, which takes its file away itself
        pid_file.unlink(missing_ok=True)
    return in_time


class Children:
    """The real servers below a daemon of ours: they end with it, and their lines go to a function."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []

    def start(
        self, command: Sequence[str], variables: Mapping[str, str], heard: Callable[[str], None]
    ) -> subprocess.Popen[str]:
        """Run a server in the foreground; to be called in the main thread, with which it dies."""
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *command],
            env={**ENVIRONMENT, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.processes.append(process)
        assert process.stdout is not None
        lines = process.stdout

        def listen() -> None:
            for line in lines:
                heard(line.rstrip("\n"))

        threading.Thread(target=listen, daemon=True).start()
        return process

    def send(self, number: int) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)

    def last(self) -> None:
        """Wait until one of them ends, without holding what a signal's handler needs."""
        while all(alive(process.pid) for process in self.processes):
            time.sleep(STEP * 4)

    def end(self) -> None:
        """End them, and what they leave behind: it would hold their ports."""
        self.send(signal.SIGTERM)
        for process in self.processes:
            wait(functools.partial(ended, process.pid), 10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def on_end(do: Callable[[], None]) -> None:
    """Do this at SIGTERM and SIGINT, and end."""

    def end(*dummy: object) -> None:
        do()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
