# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zmconfigd: sees changes in the directory, generates configuration, restarts services (zm-jython, jylibs/state.py).

A request `REWRITE SECTION...` on port 7171 (libexec/configrewrite) generates the named sections at once and restarts
nothing; all other sections are marked as seen in the same round, so that a change in them is lost until the next one.
"""

from __future__ import annotations

import os
import pathlib
import queue
import socketserver
import subprocess
import threading
import time
from typing import Callable, Iterable, Mapping

from . import journal, mta, processes, proxy, spnego
from .installation import CONFIGD_PORT, Installation

Values = Mapping[str, list[str]]
PROXY_ATTRIBUTES = (
    "zimbraReverseProxyDefaultRealm",
    "zimbraReverseProxyImapSaslGssapiEnabled",
    "zimbraReverseProxyImapSaslPlainEnabled",
    "zimbraReverseProxyPop3SaslGssapiEnabled",
    "zimbraReverseProxyPop3SaslPlainEnabled",
)
# The sections, and what each watches. No section watches krb5_keytab, nor mailboxd's
# SASL and SPNEGO attributes (zm-ldap-utilities, conf/zmconfigd.cf).
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "mailbox": (),
    "proxy": PROXY_ATTRIBUTES,
    "mta": tuple(mta.PARAMETERS),
    "sasl": (mta.MECHANISMS,),
}
SERVICES = {"mailbox": "mailbox", "proxy": "proxy", "mta": "mta", "sasl": "mta"}  # whose configuration a section is
# The services in the order of their restarts, and how each is restarted.
RESTARTS = {
    "mailbox": ("bin/zmmailboxdctl", "restart"),
    "proxy": ("bin/zmproxyctl", "restart"),
    "mta": ("bin/zmmtactl", "reload"),
}
FIRST = 5.0  # seconds until it looks again for a directory that was down at its start
FAILED_RESTARTS = 3  # zmconfigd_max_failed_restarts


def watched(values: Values) -> dict[str, dict[str, list[str]]]:
    """The values that each section watches."""
    return {section: {name: list(values.get(name, ())) for name in names} for section, names in SECTIONS.items()}


def changed(before: Mapping[str, Mapping[str, list[str]]], now: Mapping[str, Mapping[str, list[str]]]) -> list[str]:
    """The sections in which a value differs."""
    return [section for section in SECTIONS if before.get(section) != now[section]]


class Configd:
    """`place`: the host. What was seen is in memory only: a new start generates everything, and restarts nothing."""

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.seen: dict[str, dict[str, list[str]]] = {}
        self.requests: queue.Queue[tuple[list[str], threading.Event]] = queue.Queue()
        self.failed: dict[str, int] = {}

    def log(self, text: str) -> None:
        journal.syslog(self.place.syslog, "zmconfigd", os.getpid(), text)

    def wrote(self, path: pathlib.Path, mode: int, started: float) -> None:
        self.log(f"Rewrote: {path} with mode {mode:o} ({time.monotonic() - started:.2f} sec)")

    def generate(self, sections: Iterable[str], values: Values) -> None:
        """Write what the sections' services read."""
        makers: dict[str, Callable[[Values], None]] = {
            "mailbox": self._mailbox,
            "proxy": self._proxy,
            "mta": self._mta,
            "sasl": self._sasl,
        }
        for section in sections:
            if section in makers and self.place.has(SERVICES[section]):
                makers[section](values)

    def _mailbox(self, dummy: Values) -> None:
        started = time.monotonic()
        self.wrote(spnego.write_options(self.place), 0o640, started)

    def _proxy(self, dummy: Values) -> None:
        started = time.monotonic()
        for path in proxy.rewrite(self.place):
            self.wrote(path, 0o640, started)

    def _mta(self, values: Values) -> None:
        mta.postconf(self.place, mta.parameters(values, self.place.name))

    def _sasl(self, values: Values) -> None:
        started = time.monotonic()
        path = self.place.home / "conf" / "sasl2" / "smtpd.conf"
        temporary = path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        temporary.touch(mode=0o440)
        temporary.chmod(0o640)
        temporary.write_text(mta.smtpd_conf(values), encoding="utf-8")
        temporary.chmod(0o440)
        temporary.replace(path)
        self.wrote(path, 0o440, started)

    def look(self, requested: Iterable[str] | None = None) -> None:
        """One round: a poll, or what a request asks for."""
        values = self.place.server()
        now, first = watched(values), not self.seen
        differing = list(SECTIONS) if first else changed(self.seen, now)
        for section in () if first else differing:
            for name, value in now[section].items():
                before = self.seen[section][name]
                if before != value:
                    self.log(f"Var {name} changed from '{', '.join(before)}' -> '{', '.join(value)}'")
        self.seen = now
        acting = differing if requested is None else [one for one in SECTIONS if one in set(requested)]
        self.generate(acting, values)
        if requested is None and not first:
            self.restart(acting, values)

    def restart(self, sections: Iterable[str], values: Values) -> None:
        """Restart what the changed sections configure, if it is there and enabled; a failure is tried again."""
        if self.place.local("zmconfigd_enable_config_restarts").lower() == "false":
            return
        started, concerned = time.monotonic(), {SERVICES[section] for section in sections} | set(self.failed)
        enabled = values.get("zimbraServiceEnabled", ())
        pending = [one for one in RESTARTS if one in concerned and one in enabled and self.place.has(one)]
        for service in pending:
            program, action = RESTARTS[service]
            self.log(f"CONTROL {service}: {program} {action} norewrite")
            done = subprocess.run(
                [str(self.place.home / program), action, "norewrite"], capture_output=True, text=True, check=False
            )
            self.log(f"{service} {action} initiated from zmconfigd")
            if done.returncode == 0:
                self.failed.pop(service, None)
            else:
                self._failed(service)
        if pending:
            self.log(f"All restarts completed in {time.monotonic() - started:.2f} sec")

    def _failed(self, service: str) -> None:
        self.failed[service] = self.failed.get(service, 0) + 1
        if self.failed[service] > FAILED_RESTARTS:
            self.log(f"Service {service} restart failed {FAILED_RESTARTS} times, giving up")
            del self.failed[service]

    def serve(self) -> None:
        """Poll and answer until SIGTERM."""
        pid = self.place.pid_file("zmconfigd")
        processes.on_end(lambda: pid.unlink(missing_ok=True))
        pid.write_text(f"{os.getpid()}\n", encoding="ascii")
        interval = float(self.place.local("zmconfigd_interval") or 60)
        listening = False
        asked: tuple[list[str], threading.Event] | None = None
        while True:
            try:
                self.look(asked[0] if asked else None)
            except Exception as error:
                self.log(f"Sleeping...Key lookup failed: {error}")
            if asked:
                asked[1].set()
            if not listening:  # only what it generates at its start makes it active
                threading.Thread(target=listen, args=(self.requests,), daemon=True).start()
                listening = True
            try:
                asked = self.requests.get(timeout=interval if self.seen else min(interval, FIRST))
            except queue.Empty:
                asked = None


def listen(requests: queue.Queue[tuple[list[str], threading.Event]]) -> None:
    """The port 7171: STATUS, and REWRITE with sections."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            words = self.request.recv(2048).decode("ascii", "replace").split()
            if words[:1] == ["STATUS"]:
                answer = "SUCCESS ACTIVE"
            elif words[:1] == ["REWRITE"] and len(words) > 1:
                done = threading.Event()
                requests.put((words[1:], done))
                done.wait()
                answer = "SUCCESS REWRITES COMPLETE"
            else:
                answer = "ERROR NO SERVICES LISTED" if words[:1] == ["REWRITE"] else "ERROR UNKNOWN COMMAND"
            self.request.sendall(answer.encode())

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    Server(("127.0.0.1", CONFIGD_PORT), Handler).serve_forever()


def main() -> int:
    Configd(Installation()).serve()
    return 0
