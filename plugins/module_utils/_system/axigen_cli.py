# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session in Axigen's CLI: one connection, its login, and the contexts that it is in."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from typing import List, NoReturn, Optional

from .._domain import axigen_cli
from .._domain.axigen_cli import LOGIN, PASSWORD, ROOT, AxigenRefusal, AxigenRefused, AxigenStopped, Reply, shortened
from .._domain.axigen_login import AxigenLogin

LARGEST = 8 * 1024 * 1024  # bytes of one reply: far beyond a whole configuration
FAREWELL = 1.0  # seconds to wait for the end of the connection after EXIT
_START = (
    "start Axigen (systemd unit axigen), and see that services = (...) in axigen.cfg names cli and that its listener "
    "has this address"
)


class AxigenCli:
    """Commands to Axigen and its replies; AxigenRefusal, one sentence, for whatever goes wrong."""

    def __init__(self, login: AxigenLogin) -> None:
        """Connect and log in."""
        self._login = login
        self._socket = _connected(login)
        self._contexts: List[str] = [ROOT]
        try:
            self._log_in()
        except BaseException:
            self._socket.close()
            raise

    def ask(self, command: str) -> Reply:
        """Send a command and read its reply, good or bad; the context must stay what it is."""
        said = self._exchange(command)
        if said.prompt != self._contexts[-1]:
            self._lost(command, said)
        return said

    def do(self, command: str) -> Reply:
        """The same of a command that must succeed."""
        said = self.ask(command)
        if not said.ok:
            raise AxigenRefused(self._refused(command, said))
        return said

    def enter(self, context: str) -> None:
        """Go into a context below this one (`CONFIG IMAP`)."""
        said = self._exchange(context)
        if not said.ok:
            raise AxigenRefused(self._refused(context, said))
        here = self._contexts[-1].rstrip("#")
        if not said.prompt.startswith(f"{here}-" if here else "") or said.prompt in (self._contexts[-1], ROOT):
            self._lost(context, said)
        self._contexts.append(said.prompt)

    def leave(self, command: str) -> None:
        """Go back to the context above by `COMMIT` or `BACK`."""
        said = self._exchange(command)
        if not said.ok:
            raise AxigenRefused(self._refused(command, said))
        if len(self._contexts) < 2 or said.prompt != self._contexts[-2]:
            self._lost(command, said)
        self._contexts.pop()

    def drop(self) -> None:
        """Go back to the root and drop what was not committed; a connection that is broken has dropped it already."""
        with contextlib.suppress(AxigenRefusal):
            while len(self._contexts) > 1:
                self.leave("BACK")

    def close(self) -> None:
        """Take leave; who has gone already is let go."""
        self.drop()
        with contextlib.suppress(OSError):
            self._socket.sendall(b"EXIT\r\n")
            self._socket.settimeout(FAREWELL)
            for dummy in range(16):
                if not self._socket.recv(4096):
                    break
        self._socket.close()

    def _log_in(self) -> None:
        greeting = self._read("the greeting")
        if greeting.prompt != LOGIN:
            self._lost("the greeting", greeting)
        self._exchange("SET CONSOLE-CODES off")  # old versions may not know it, and colours are left out anyway
        self.version = axigen_cli.version(self._exchange("GET VERSION").lines)
        asked = self._exchange(f"USER {self._login.user}")
        if asked.prompt != PASSWORD:
            self._not_let_in(asked.said)
        self._send(self._login.password, "the password")
        answer = self._read("the password")
        if answer.prompt != ROOT or not answer.ok:
            self._not_let_in(answer.said)

    def _not_let_in(self, why: str) -> NoReturn:
        raise AxigenRefusal(
            f"login: Axigen at {self._login.place} refused {self._login.user} ({self._masked(why)}); correct "
            "login.password, and log in as admin or another administrator: mailbox accounts are none"
        )

    def _refused(self, command: str, said: Reply) -> str:
        return (
            f"Axigen refused '{self._masked(command)}' ({self._masked(said.said)}); see that {self._login.user} may "
            "configure that service and that the value is one which this version takes"
        )

    def _lost(self, command: str, said: Reply) -> NoReturn:
        raise AxigenRefusal(
            f"login: Axigen at {self._login.place} is at the prompt <{said.prompt}> after {self._masked(command)}, "
            "where another was to come; see that this is Axigen's CLI, and try the commands there by hand"
        )

    def _masked(self, text: str) -> str:
        """Words for a message without the password, should the server have echoed it."""
        return shortened(text.replace(self._login.password, "********"))

    def _exchange(self, command: str) -> Reply:
        self._send(command, f"'{self._masked(command)}'")
        return self._read(f"'{self._masked(command)}'")

    def _send(self, line: str, what: str) -> None:
        try:
            self._socket.settimeout(self._login.timeout)
            self._socket.sendall(line.encode() + b"\r\n")
        except OSError as error:
            self._broken(what, _words(error), "")

    def _read(self, what: str) -> Reply:
        """The next reply whole. What comes behind a text that looks whole belongs to it."""
        give_up = time.monotonic() + self._login.timeout
        heard = b""
        while True:
            try:
                self._socket.settimeout(max(give_up - time.monotonic(), 0.001))
                received = self._socket.recv(65536)
            except OSError as error:
                self._broken(what, _words(error), heard.decode("utf-8", "replace"))
            heard += received
            if len(heard) > LARGEST:
                self._broken(what, f"more than {LARGEST} bytes without end", "")
            reply = self._whole(heard, not received)
            if reply:
                return reply
            if not received:
                self._broken(what, "the connection was closed", heard.decode("utf-8", "replace"))

    def _whole(self, heard: bytes, ended: bool) -> Optional[Reply]:
        if not axigen_cli.may_be_whole(heard[-2 * axigen_cli.LONGEST_PROMPT :].decode("utf-8", "replace")):
            return None
        if not ended and self._more_is_here():
            return None
        return axigen_cli.reply(heard.decode("utf-8", "replace"))

    def _more_is_here(self) -> bool:
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        return bool(select.select([self._socket], [], [], 0)[0])

    def _broken(self, what: str, why: str, heard: str) -> NoReturn:
        self._socket.close()  # so that nothing more is waited for
        place = f"login: Axigen at {self._login.place}"
        if what == "the password" and axigen_cli.failed_status(heard):
            self._not_let_in(heard.strip().splitlines()[-1])
        if what == "the greeting":
            said = f" after '{self._masked(heard)}'" if heard.strip() else ""
            raise AxigenRefusal(
                f"{place} did not greet as Axigen's CLI does ({why}{said}); correct host, port and tls, or look for "
                "too many open connections in Axigen's log"
            )
        cut = "in the middle of its answer" if heard else "before it answered"
        raise AxigenRefusal(
            f"{place} was lost {cut} to {what} ({why}); see Axigen's log and the cli service's limits (idleTimeout, "
            "maxErrors), and run again: what was not committed is dropped"
        )


def _connected(login: AxigenLogin) -> socket.socket:
    place = f"login: Axigen at {login.place}"
    try:
        link = socket.create_connection((login.host, login.port), login.timeout)
    except ConnectionRefusedError as error:
        raise AxigenStopped(f"{place} refuses connections; {_START}") from error
    except (OSError, ValueError) as error:
        raise AxigenRefusal(
            f"{place} cannot be reached ({_words(error)}); correct login.host and login.port, or see to the network"
        ) from error
    if not login.tls:
        return link
    try:
        return _tls(login).wrap_socket(link, server_hostname=login.host)
    except (OSError, ValueError) as error:
        link.close()
        raise AxigenRefusal(
            f"{place} cannot be spoken to by TLS ({_words(error)}); see that the cli listener has sslEnable = yes, and "
            "give its certificate's authority as login.ca_path and the certificate's name as login.host"
        ) from error
    except AxigenRefusal:
        link.close()
        raise


def _tls(login: AxigenLogin) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=login.ca_path or None)
    except (OSError, ssl.SSLError) as error:
        raise AxigenRefusal(
            f"login.ca_path: {login.ca_path} could not be read as certificates ({_words(error)}); give a file in PEM"
        ) from error


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    if isinstance(error, socket.timeout):
        return "no answer in time"
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(words).partition(" (_ssl.c")[0]
