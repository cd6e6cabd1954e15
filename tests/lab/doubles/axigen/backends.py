# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real servers behind the double: their files below the work directory, their processes."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import Mapping, Sequence

from . import log

PATIENCE = 20.0  # seconds until a server answers
USER = "axigen"
DIE_WITH_US = ("setpriv", "--pdeathsig", "TERM", "--")
HERE = pathlib.Path(__file__).resolve().parent
# Owner, group and mode below run/, as Postfix asks for them.
POSTFIX_FOLDERS = (
    ("postfix", "root", "root", 0o755),
    ("postfix/sasl", "root", "root", 0o755),
    ("postfix-queue", "root", "root", 0o755),
    ("postfix-queue/pid", "root", "root", 0o755),
    ("postfix-queue/private", USER, "root", 0o700),
    ("postfix-queue/public", USER, "postdrop", 0o710),
    ("postfix-queue/maildrop", USER, "postdrop", 0o730),
    *(
        (f"postfix-queue/{name}", USER, "root", 0o700)
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "saved", "trace")
    ),
    ("postfix-data", USER, "root", 0o700),
)


def kerberos_variables() -> dict[str, str]:
    """What of the daemon's environment its servers must have too: KRB5_KTNAME, KRB5_CONFIG and the like."""
    return {name: value for name, value in os.environ.items() if name.startswith("KRB5")}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


def write(path: pathlib.Path, text: str, mode: int = 0o640) -> bool:
    """Write a file of axigen's, unless it is so already; tells whether it was written."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(text, encoding="utf-8")
    temporary.chmod(mode)
    shutil.chown(temporary, USER, USER)
    temporary.replace(path)
    return True


@dataclasses.dataclass
class Process:
    """A server: its command, the port that it answers on, its log, and its process while it runs.

    `user`: whom it runs as; those that start as root drop by themselves. `pid_file`: where it writes its process id.
    """

    command: Sequence[str]
    port: int
    output: pathlib.Path
    user: str | None = None
    pid_file: pathlib.Path | None = None
    variables: Mapping[str, str] = dataclasses.field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers. To be called in the main thread: it dies with the thread."""
        self.stop()
        self.clear()
        end = time.monotonic() + PATIENCE
        while not is_free(self.port) and time.monotonic() < end:  # what has been killed may not be gone yet
            time.sleep(0.02)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", **self.variables}
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [*DIE_WITH_US, *self.command],
                env=environment,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        end = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.command[0]} does not answer: see {self.output}")
            time.sleep(0.02)

    def clear(self) -> None:
        """End what a killed daemon has left running: it would hold the server's locks."""
        if self.pid_file is None or not self.pid_file.exists():
            return
        with contextlib.suppress(OSError, ValueError):
            number = int(self.pid_file.read_text(encoding="ascii"))
            if pathlib.Path(self.command[0]).name in pathlib.Path(f"/proc/{number}/comm").read_text(encoding="utf-8"):
                os.kill(number, signal.SIGTERM)
                end = time.monotonic() + PATIENCE
                while pathlib.Path(f"/proc/{number}").exists() and time.monotonic() < end:
                    time.sleep(0.05)
                end_group(number)

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        end_group(self.process.pid)
        self.process = None


def end_group(number: int) -> None:
    """End what a server's master has left behind: its children hold the port, on which another master cannot listen."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(number, signal.SIGKILL)


def make_folders(work: pathlib.Path) -> None:
    """The work directory, as package and first start leave it."""
    for name in ("run", "log", "domains", "domains/mail", "filters"):
        (work / name).mkdir(parents=True, exist_ok=True)
        shutil.chown(work / name, USER, USER)
    for name, owner, group, mode in POSTFIX_FOLDERS:
        (work / "run" / name).mkdir(exist_ok=True)
        shutil.chown(work / "run" / name, owner, group)
        (work / "run" / name).chmod(mode)
    for name in ("run/dovecot.log", "run/postfix.log", *(f"log/{name}" for name in log.FILES)):
        (work / name).touch()
        shutil.chown(work / name, USER, USER)


def make_certificate(path: pathlib.Path, names: Sequence[str]) -> None:
    """A self-signed certificate with its key in one file, at the first start."""
    if path.exists():
        return
    also = ",".join(f"DNS:{name}" for name in dict.fromkeys(names))
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-days", "3650", "-subj", f"/CN={names[0]}", "-addext", f"subjectAltName={also}"]
    key, certificate = path.with_suffix(".key"), path.with_suffix(".crt")
    subprocess.run([*words, "-out", certificate, "-keyout", key], check=True, capture_output=True)
    path.touch(mode=0o640)
    path.write_bytes(key.read_bytes() + certificate.read_bytes())
    shutil.chown(path, USER, USER)
    key.unlink()
    certificate.unlink()


def own_address() -> str:
    """The first address of this host that others may reach; the loopback's where there is none."""
    listed = subprocess.run(
        ["ip", "-j", "-4", "address", "show", "scope", "global"], capture_output=True, text=True, check=True
    )
    found = [one["local"] for link in json.loads(listed.stdout or "[]") for one in link.get("addr_info", ()) if one]
    return found[0] if found else "127.0.0.1"


def own_name() -> str:
    """The name that the PTR record of the host's address gives: the one whose keys the server takes."""
    with contextlib.suppress(OSError):
        return socket.gethostbyaddr(own_address())[0]
    return socket.gethostname()


def webmail_command(port: int, work: pathlib.Path) -> list[str]:
    """The web server, run by the same Python from the package that this file lies in."""
    program = f"import sys; sys.path.insert(0, {str(HERE.parent)!r}); from {HERE.name}.webmail import main; "
    return [sys.executable, "-I", "-c", f"{program}main({port}, {str(work)!r})"]
