# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of lines that talks as Axigen's CLI does, in a thread of the test, in every form that is possible.

What of the CLI is documented stands in the collection's rooms; where it is not, the variants of `Manner` play each
form, and the wordings are clearly invented. It knows contexts, not mail.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import re
import socket
import socketserver
import ssl
import threading
from typing import Any, Iterator

PASSWORD = "canary-5e1f-admin"
CONTEXTS = {"IMAP": "imap", "POP3": "pop3", "SMTP-INCOMING": "smtpIncoming", "WEBMAIL": "webmail", "LOG": "log"}
SERVICES: dict[str, dict[str, str]] = {
    "imap": {
        "maxErrors": "20",
        "logLevel": "15",
        "allowStartTLS": "yes",
        "secureConnAuthTypes": "(plain login cram-md5)",
        "plainConnAuthTypes": "(cram-md5)",
        "plainConnAllowLogin": "no",
        "userdbConnectorType": "local",
        "userdbConnectorName": '""',
        "greetingsText": '"-ERR: <#> is \\"ready\\""',
        "relayPassword": '"canary-5e1f-relay"',
    },
    "pop3": {"logLevel": "15", "secureConnAuthTypes": "(all)", "plainConnAuthTypes": "(CRAM-MD5 gssapi)"},
    "smtpIncoming": {"maxReceivedHeaders": "30", "logLevel": "15"},
    "webmail": {"allowSPNEGOAuth": "no", "sessionIdleTimeout": "900"},
    "log": {"enableSecurityLog": "no"},
}


@dataclasses.dataclass
class Manner:
    """How the server talks. ``refuse`` and ``cut``: patterns of commands to refuse, and to hang up in the answer of."""

    colon: str = ": "
    phrase_above: bool = False  # COMMIT's phrase on a line of its own
    headings: int = 2
    coloured: bool = False
    piece: int = 0  # bytes of a TCP segment; 0: whole replies
    prompt_cut: bool = False
    show_config: bool = True
    bare_top: bool = True  # `Server {` without the sign
    refuse: str = ""
    cut: str = ""
    silent: str = ""  # a pattern of commands that get no answer
    drops: str = ""  # a pattern of SET that is taken and forgotten
    hang_up_on_refusal: bool = False
    asks: bool = True  # for a login, after the greeting
    greeting: str = "Welcome to AXIGEN's Command Line Interface"


class Axigen:
    """The state that sessions share: what runs, the file, and every command that came."""

    def __init__(self, path: pathlib.Path, manner: Manner) -> None:
        self.path, self.manner = path, manner
        self.services = {name: dict(values) for name, values in SERVICES.items()}
        self.started = ["log", "smtpIncoming", "imap", "pop3", "webmail", "cli"]
        self.ports: dict[str, socket.socket] = {}
        self.addresses: dict[str, str] = {}
        self.domains = ["example.test", "other.test"]
        self.commands: list[str] = []
        self.port = 0
        for name in ("imap", "pop3"):
            self.open(name)
        self.save()

    def open(self, name: str) -> None:
        """Listen for the service, at the same port each time."""
        place = ("127.0.0.1", int(self.addresses.get(name, "x:0").rpartition(":")[2]))
        self.ports[name] = socket.create_server(place)
        self.addresses[name] = f"127.0.0.1:{self.ports[name].getsockname()[1]}"

    def stop(self, name: str) -> None:
        self.ports.pop(name).close()

    def text(self) -> str:
        """The configuration as the file has it."""
        lines = ["Server {" if self.manner.bare_top else "Server = {", '    primaryDomain = "example.test"']
        lines.append(f"    services = ({' '.join(self.started)})")
        for name, values in self.services.items():
            lines.append(f"    {name} = {{")
            lines += [f"        {attribute} = {value}" for attribute, value in values.items()]
            lines += self._listeners(name)
            lines.append("    }")
        return "\n".join([*lines, "}", ""])

    def _listeners(self, name: str) -> list[str]:
        if name not in self.addresses:
            return ["        listeners = ()"]
        inside = [f"address = {self.addresses[name]}", "enable = yes", "sslEnable = no", "sslControl = {", "}"]
        return [
            "        listeners = (",
            "            {",
            *(f"                {one}" for one in inside),
            "            }",
            ")",
        ]

    def save(self) -> None:
        self.path.write_text(self.text())

    def close(self) -> None:
        for one in self.ports.values():
            one.close()


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.axigen = self.server.axigen
        self.manner = self.axigen.manner
        self.context: list[str] = []
        self.pending: dict[str, str] = {}
        self.starting = False
        self.coloured = self.manner.coloured
        self.prompt = ""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, BrokenPipeError):
            if self.manner.asks:
                self._send(f"{self.manner.greeting}\r\n\r\n", "login")
            else:
                self.wfile.write(f"{self.manner.greeting}\r\n".encode())
            for line in self.rfile:
                command = line.decode().rstrip("\r\n")
                if self.prompt == "password":
                    self._log_in(command)
                    continue
                self.axigen.commands.append(command)
                if not self._obey(command):
                    return

    def _log_in(self, password: str) -> None:
        if password == PASSWORD:
            self._say("", prompt="#", words="Authentication successful")
            return
        self._refuse("no such luck (invented)", "login")

    def _obey(self, command: str) -> bool:
        if self.manner.cut and re.search(self.manner.cut, command):
            self.wfile.write(b"half an answer")
            return False
        if self.manner.silent and re.search(self.manner.silent, command):
            return True
        if self.manner.refuse and re.search(self.manner.refuse, command):
            self._refuse("not for you (invented)")
            return not self.manner.hang_up_on_refusal
        if command == "EXIT":
            self._say("", words="have a nice day")
            return False
        self._answer(command.split(" ", 1)[0].upper(), command)
        return True

    def _answer(self, verb: str, command: str) -> None:
        upper = command.upper()
        if self.prompt == "login":
            self._answer_before_login(upper)
        elif upper == "LIST DOMAINS" and not self.context:
            rows = "".join(f"{name:<20} 100 KB   7 KB\r\n" for name in self.axigen.domains)
            self._say(f"The domains:\r\n\r\nName   Total   Used\r\n{'-' * 30}\r\n\r\n{rows}\r\n")
        elif verb == "CONFIG" and not self.context and upper == "CONFIG SERVER":
            self._say("", prompt=self._in("server"))
        elif verb == "CONFIG" and self.context == ["server"] and upper.split()[-1] in CONTEXTS:
            self.pending, self.starting = {}, False
            self._say("", prompt=self._in(CONTEXTS[upper.split()[-1]]))
        elif upper == "SHOW CONFIG" and self.context == ["server"] and self.manner.show_config:
            self._say(self.axigen.text().replace("\n", "\r\n"))
        elif upper == "SHOW" and self.context:
            self._say(self._shown())
        elif verb == "SET" and len(self.context) == 2:
            self._set(*command.split(" ", 2)[1:])
        elif upper == "START SERVICE" and len(self.context) == 2:
            self.starting = True
            self._say("")
        elif verb in ("COMMIT", "BACK") and self.context:
            self._go_up(verb)
        elif upper == "SAVE CONFIG":
            self.axigen.save()
            self._say("written somewhere (invented)\r\n")
        else:
            self._refuse("what is that? (invented)")

    def _answer_before_login(self, command: str) -> None:
        if command.startswith("USER"):
            self._send("", "password")
        elif command == "GET VERSION":
            self._say("10.6.30|Linux|x86_64\r\nbuilt on some day\r\n")
        else:
            self.coloured = False
            self._say("")

    def _in(self, name: str) -> str:
        self.context.append(name)
        return "-".join(self.context) + "#"

    def _shown(self) -> str:
        if len(self.context) == 1:
            values = {"primaryDomain": '"example.test"'}
        else:
            values = {**self.axigen.services[self.context[-1]], **self.pending}
        heading = "the values are\r\n" * self.manner.headings
        return heading + "".join(f"{name} = {value}\r\n" for name, value in values.items()) + "\r\n"

    def _set(self, name: str, value: str) -> None:
        known = self.axigen.services[self.context[-1]]
        spelling = next((one for one in known if one.lower() == name.lower()), None)
        if spelling is None:
            self._refuse("no such attribute (invented)")
            return
        if value.startswith("'"):
            value = '"' + value[1:-1].replace('"', '\\"') + '"'
        if not (self.manner.drops and re.search(self.manner.drops, name)):
            self.pending[spelling] = value
        self._say("")

    def _go_up(self, verb: str) -> None:
        name = self.context.pop()
        if verb == "COMMIT" and self.context:
            self.axigen.services[name].update(self.pending)
            if self.starting:
                self.axigen.open(name)
        self.pending, self.starting = {}, False
        phrase = "committing changes and switching back to previous context" if verb == "COMMIT" else "back"
        prompt = "-".join(self.context) + "#"
        if self.manner.phrase_above:
            self._say(f"{phrase}\r\n", prompt=prompt)
        else:
            self._say("", prompt=prompt, words=phrase)

    def _say(self, lines: str, prompt: str | None = None, words: str = "command successful") -> None:
        self._send(f"{lines}+OK{self.manner.colon}{words}\r\n", prompt)

    def _refuse(self, words: str, prompt: str | None = None) -> None:
        self._send(f"-ERR{self.manner.colon}{words}\r\n", prompt)

    def _send(self, text: str, prompt: str | None) -> None:
        self.prompt = prompt or self.prompt
        shown = f"\x1b[1;32m<{self.prompt}>\x1b[0m " if self.coloured else f"<{self.prompt}> "
        data = (text + shown).encode()
        size = self.manner.piece or (len(data) - 3 if self.manner.prompt_cut else len(data))
        for start in range(0, len(data), max(size, 1)):
            self.wfile.write(data[start : start + size])
            self.wfile.flush()
            if size < len(data):
                self.server.gap.wait(0.002)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    axigen: Axigen
    gap = threading.Event()  # never set: a pause between segments
    tls: ssl.SSLContext | None = None

    def get_request(self) -> Any:
        link, place = super().get_request()
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return (self.tls.wrap_socket(link, server_side=True) if self.tls else link), place

    def handle_error(self, *dummy: Any) -> None:
        """A client that hangs up or does not speak TLS is what some tests want."""


@contextlib.contextmanager
def axigen(path: pathlib.Path, manner: Manner | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Axigen]:
    """An Axigen whose CLI answers at 127.0.0.1 and ``port``; ``path`` becomes its axigen.cfg."""
    running = Axigen(path, manner or Manner())
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.axigen, server.tls = running, tls
        running.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            running.close()
