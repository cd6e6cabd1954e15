# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One process of kadmin or kadmin.local for all that a module asks: commands in, answers out."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import selectors
import shutil
import subprocess
import tempfile
import time
from types import TracebackType
from typing import Dict, List, Optional, Sequence, Tuple, Type

from .._domain.kadmin_access import LOCAL, KadminAccess, kadmin_words, kinit_words
from .._domain.kadmin_answer import Answer, ends_with, script, split_answers
from .._domain.kadmin_symptoms import NO_STASH, START, KadminRefusal, NotThereYet, explained

PLACES = ("/usr/sbin", "/sbin", "/usr/lib/mit/sbin", "/usr/lib/mit/bin", "/usr/local/sbin")  # the third is SUSE 15's
PATIENCE = 120.0  # seconds without a word after which a process of kadmin is given up
MEMORY_FOLDERS = ("/run", os.path.join("/dev", "shm"))  # file systems in memory, so that no secret reaches a disk
TEMPORARY_PREFIX = ".mailrealm-kadmin-"
PIECE = 65536  # bytes: what a pipe holds
NAP = 0.001  # seconds in which kadmin, which writes line by line, fills the pipe, so that it need not be woken for each
LONGEST_MARK = 256  # bytes: more than the line that ends an answer has
LOGGED_IN = re.compile(r"^Authenticating as principal (.+) with ", re.MULTILINE)
STALE_AFTER = 3600  # seconds: no run of ours lasts longer, so an older folder is a killed run's


class Interrupted(KadminRefusal):
    """kadmin ended or fell silent in the middle; ``answers`` are those that it gave before."""

    def __init__(self, message: str, answers: Tuple[Answer, ...]) -> None:
        super().__init__(message)
        self.answers = answers


def find_program(name: str) -> str:
    """The path of a Kerberos program, in PATH or where distributions put it; NotThereYet where it is not installed."""
    path = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *PLACES)))
    if path is None:
        package = {
            "kadmin": "krb5-user, krb5-workstation or krb5-client",
            "kinit": "krb5-user, krb5-workstation or krb5-client",
        }.get(name, "krb5-admin-server or krb5-server")
        raise NotThereYet(f"{name}: is not installed on this host; install {package}")
    return path


def tool_environment() -> Dict[str, str]:
    """This process's environment, in which Kerberos tools speak English and libss repeats no command."""
    environment = {name: value for name, value in os.environ.items() if name not in ("LANGUAGE", "LC_MESSAGES")}
    # e2fsprogs' libss, with which Debian builds kadmin, loads readline and then prints each line that it reads
    environment.update(LC_ALL="C.UTF-8", SS_READLINE_PATH="none")
    return environment


class Kadmin:
    """A conversation with kadmin, begun at the latest with the first question and ended with the ``with`` block."""

    def __init__(self, access: KadminAccess) -> None:
        self.access = access
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._nonce = "m" + secrets.token_hex(8)
        self._asked = 0
        self._folder: Optional[str] = None
        self._realm: Optional[str] = access.realm
        self._who: Optional[str] = access.principal

    def __enter__(self) -> Kadmin:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def ask(self, commands: Sequence[str]) -> Tuple[Answer, ...]:
        """The answers to ``commands``, one each. Refusals of a command are answers too; see `Answer.complaint`.

        KadminRefusal or NotThereYet where kadmin does not start, Interrupted where it ends in between.
        """
        self.begin()
        return self._converse(commands)

    def begin(self) -> None:
        """Start kadmin and log in, where that is not done yet; KadminRefusal or NotThereYet says why it cannot be."""
        if self._process is None:
            self._start()

    @property
    def realm(self) -> str:
        """The realm whose database is asked: as given, or the default of krb5.conf as kadmin itself sees it."""
        if self._realm is None:
            told = " ".join(self.ask(['getprinc -terse "K/M"'])[0].lines)
            realm = told.partition('"K/M@')[2].partition('"')[0]
            if not realm:
                raise KadminRefusal(
                    f"kadmin.realm: is not given, and kadmin does not tell its default realm ({told}); give it"
                )
            self._realm = realm
        return self._realm

    @property
    def who(self) -> str:
        """As whom kadmin is logged in, for messages; once begun, of a credential cache too."""
        return self._who or self.access.who

    def open_files(self) -> List[str]:
        """The files that kadmin.local holds open, the database's lock among them, but for its log."""
        self.begin()
        folder = f"/proc/{self._process.pid if self._process else 'self'}"
        found = []
        for descriptor in os.listdir(f"{folder}/fd"):
            with contextlib.suppress(OSError), open(f"{folder}/fdinfo/{descriptor}", encoding="ascii") as information:
                flags = int(information.read().partition("flags:")[2].split()[0], 8)
                path = os.readlink(f"{folder}/fd/{descriptor}")
                if os.path.isfile(path) and not flags & os.O_APPEND:
                    found.append(path)
        return found

    def close(self) -> None:
        """End the process and remove what a login by password left."""
        process, self._process = self._process, None
        folder, self._folder = self._folder, None
        try:
            if process is not None:
                _end(process)
        finally:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def _start(self) -> None:
        program = find_program(self.access.program)
        words = (program, *kadmin_words(self.access, self._login() if self.access.password else None))
        master = self.access.master_password if self.access.mode == LOCAL else None
        try:
            self._launch(words, b"")
        except KadminRefusal as refusal:
            if refusal.kind != NO_STASH or not master:
                raise
            self._launch((*words, "-m"), f"{master}\n".encode())

    def _launch(self, words: Sequence[str], first: bytes) -> None:
        """The process, which reads ``first`` before any command; KadminRefusal where it does not come up."""
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function  # this floor knows no AnsibleModule
            list(words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=tool_environment(),
            bufsize=0,
        )
        self._process = process
        output = self._exchange(process, first + script([""], self._nonce, 0), ends_with(self._nonce, 0))
        if ends_with(self._nonce, 0) not in output:
            self._process = None
            raise self._explained(output, _end(process))
        self._asked = 1
        heard = LOGGED_IN.search(_text(output))
        self._who = self._who or (heard[1] if heard else None)

    def _login(self) -> str:
        """A ticket for kadmind in a private folder in memory: kadmin's own -w would put the password in argv."""
        kinit = find_program("kinit")
        self._folder = private_folder()
        ccache = f"FILE:{self._folder}/ccache"
        try:
            done = subprocess.run(  # pylint: disable=ansible-bad-function  # this floor knows no AnsibleModule
                [kinit, *kinit_words(self.access, ccache)],
                input=f"{self.access.password}\n".encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=tool_environment(),
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise KadminRefusal(
                f"{self.access.place}: no KDC answered within {PATIENCE:g} s; see that one runs and is reachable"
            ) from None
        if done.returncode:
            raise self._explained(done.stdout, done.returncode)
        return ccache

    def _explained(self, output: bytes, status: int) -> KadminRefusal:
        told = " ".join(
            line.partition(": ")[2] or line
            for line in _text(output).splitlines()
            if line and not line.startswith(("Authenticating as", "Password for"))
        )
        access = self.access
        facts = {"place": access.place, "who": access.who, "program": access.program, "status": status}
        return explained(told, facts, START)

    def _converse(self, commands: Sequence[str]) -> Tuple[Answer, ...]:
        if not commands:
            return ()
        process = self._process
        if process is None:
            raise AssertionError("a kadmin session is used before its start or after its end")
        first, self._asked = self._asked, self._asked + len(commands)
        end = ends_with(self._nonce, self._asked - 1)
        output = self._exchange(process, script(commands, self._nonce, first), end)
        answers = split_answers(_text(output), commands, self._nonce, first)
        if len(answers) < len(commands):
            self._process = None
            status = _end(process)
            raise Interrupted(
                f"{self.access.program}: ended (status {status}) after {len(answers)} of {len(commands)} "
                "commands; see the KDC's log and run again",
                answers,
            )
        return answers

    def _exchange(self, process: subprocess.Popen[bytes], text: bytes, end: bytes) -> bytes:
        """Write and read side by side, for both pipes are short; until ``end``, the end of file, or silence."""
        if process.stdin is None or process.stdout is None:
            raise AssertionError("kadmin was started without pipes")
        pieces: List[bytes] = []
        tail = b""
        waiting = memoryview(text)
        os.set_blocking(process.stdin.fileno(), False)
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            selector.register(process.stdin, selectors.EVENT_WRITE)
            give_up = time.monotonic() + PATIENCE
            while not _whole(tail, end) and time.monotonic() < give_up:
                for key, dummy in selector.select(1.0):
                    give_up = time.monotonic() + PATIENCE
                    if key.fileobj is process.stdin:
                        waiting = _written(process.stdin.fileno(), waiting)
                        if not waiting:
                            selector.unregister(process.stdin)
                        continue
                    time.sleep(NAP)
                    piece = os.read(process.stdout.fileno(), PIECE)
                    if not piece:
                        return b"".join(pieces)
                    pieces.append(piece)
                    tail = tail[-LONGEST_MARK:] + piece
        return b"".join(pieces)


def _whole(tail: bytes, end: bytes) -> bool:
    """Whether the line with the last marker has been read to its end."""
    found = tail.find(end)
    return found >= 0 and tail.find(b"\n", found) >= 0


def _written(descriptor: int, waiting: memoryview) -> memoryview:
    try:
        return waiting[os.write(descriptor, waiting[:PIECE]) :]
    except BlockingIOError:
        return waiting
    except BrokenPipeError:
        return waiting[:0]  # it ended: what it said before is still to be read


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")


def _end(process: subprocess.Popen[bytes]) -> int:
    """Close its input, which ends kadmin, wait, and return its status; what does not end is killed."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        return process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def private_folder() -> str:
    """A new folder of mode 0700 on a file system in memory, or in TMPDIR where the host has none."""
    usable = [place for place in MEMORY_FOLDERS if os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK)]
    place = usable[0] if usable else tempfile.gettempdir()
    _clear_stale(place)
    return tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=place)


def _clear_stale(place: str) -> None:
    """Remove what a killed run of this user left there."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(place):
            if entry.name.startswith(TEMPORARY_PREFIX) and entry.is_dir(follow_symlinks=False):
                status = entry.stat(follow_symlinks=False)
                if status.st_uid == os.geteuid() and time.time() - status.st_mtime > STALE_AFTER:
                    shutil.rmtree(entry.path, ignore_errors=True)
