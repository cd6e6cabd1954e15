# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program /opt/axigen/bin/axigen: the CLI, the listeners, and the real servers behind them.

axigen [--foreground] [-C axigen.cfg] [-W /var/opt/axigen] [-P pidfile]
axigen -A PASSWORD      sets the administrator's password; the server reads it at each login
axigen -v
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import pwd
import queue
import signal
import ssl
import sys
import threading
from typing import Callable

from . import (
    accounts,
    administrator,
    backends,
    catalogue,
    cfg,
    console,
    dovecot,
    listeners,
    log,
    postfix,
    running,
    variants,
)
from .protocols import Policy

WORK = "/var/opt/axigen"


class Daemon:
    """The running server. What starts processes is done in the main thread, which `loop` belongs to."""

    def __init__(self, work: pathlib.Path, file: pathlib.Path) -> None:
        self.work, self.file = work, file
        backends.make_folders(work)
        config = cfg.parse(file.read_text(encoding="utf-8"))
        self.filters = work / str(config.get("smtpFiltersFile", "filters/smtpFilters.script"))
        if not self.filters.exists():
            backends.write(self.filters, postfix.FILTERS, 0o600)
        self.server = running.Running(
            config,
            json.loads((work / "run" / "domains.json").read_text(encoding="utf-8")),
            running=set(config.get("services", catalogue.SERVICES)),
            permissions=self.permissions,
            applied=self.in_main(self.apply),
            saved=self.save,
            domains_changed=self.in_main(self.keep_domains),
            filters=self.filters.read_text(encoding="utf-8"),
            filters_changed=self.in_main(self.keep_filters),
        )
        self.log = log.Log(work / "log")
        self.listeners = listeners.Listeners(self)
        self.ports = {name: backends.free_port() for name in ("imap", "pop3", "smtpIncoming", "webmail")}
        self.variables = backends.kerberos_variables()
        self.tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        run = work / "run"
        names = {"imap": "dovecot", "smtpIncoming": "postfix", "webmail": "webmail"}
        commands = {
            "imap": ("dovecot", "-F", "-c", str(run / "dovecot.conf")),
            "smtpIncoming": ("/usr/lib/postfix/sbin/master", "-s"),
            "webmail": backends.webmail_command(self.ports["webmail"], work),
        }
        pid_files = {"imap": run / "dovecot/master.pid", "smtpIncoming": run / "postfix-queue/pid/master.pid"}
        own = {"MAIL_CONFIG": str(run / "postfix")}
        self.processes = {
            name: backends.Process(
                commands[name],
                self.ports[name],
                run / f"{file}.{'out' if name == 'imap' else 'log'}",
                backends.USER if name == "webmail" else None,
                pid_files.get(name),
                {**self.variables, **(own if name == "smtpIncoming" else {})},
            )
            for name, file in names.items()
        }
        self.stopping = False

    # What a session asks for

    def level(self, service: str) -> int:
        return int(self.server.config[service].get("logLevel", 15))

    def backend(self, service: str) -> tuple[str, int]:
        return "127.0.0.1", self.ports[service]

    def journal(self, service: str) -> pathlib.Path:
        return self.work / "run" / ("postfix.log" if service == "smtpIncoming" else "dovecot.log")

    def policy(self, service: str, secure: bool) -> Policy:
        if service == "smtpIncoming":
            offers = postfix.starttls(self.server.filters) and not secure
            return Policy(frozenset(postfix.methods(self.server.filters)), True, offers)
        told = self.server.config[service]
        way = "secure" if secure else "plain"
        methods = told.get(f"{way}ConnAuthTypes", ("all",))
        words = catalogue.METHODS if "all" in methods else methods
        starttls = told.get("allowStartTLS", "yes") == "yes" and not secure
        return Policy(frozenset(one.upper() for one in words), told.get(f"{way}ConnAllowLogin") == "yes", starttls)

    def account(self, name: str, method: str) -> str:
        if method == "GSSAPI":
            principal = name if "@" in name else f"{name}@{default_realm()}"
            return accounts.of_principal(principal, self.server.domains)
        return accounts.of_login(name, str(self.server.config.get("primaryDomain", "")), self.server.domains)

    def tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.work / "axigen_cert.pem")
        return context

    def library_texts(self) -> bool:
        return variants.read(self.work / "run" / "double.json").gss_texts == "library"

    def permissions(self, user: str, password: str) -> frozenset[str] | None:
        if user == "admin":
            return running.ALL_RIGHTS if administrator.is_password(self.work, password) else None
        told = variants.read(self.work / "run" / "double.json").administrators.get(user)
        return frozenset(told["permissions"]) if told and told["password"] == password else None

    # What changes

    def in_main(self, task: Callable[[], None]) -> Callable[[], None]:
        """The same task, done in the main thread while the caller waits."""

        def ask() -> None:
            done = threading.Event()

            def work() -> None:
                try:
                    task()
                finally:
                    done.set()

            self.tasks.put(work)
            done.wait(60)

        return ask

    def save(self) -> None:
        backends.write(self.file, cfg.render(self.server.config))

    def keep_domains(self) -> None:
        backends.write(self.work / "run" / "domains.json", json.dumps(self.server.domains, indent=1))
        self.apply()

    def keep_filters(self) -> None:
        backends.write(self.filters, self.server.filters, 0o600)
        self.apply()

    def reload(self) -> None:
        """What SIGHUP asks for: the filters' file and the PTR record are read again."""
        self.server.filters = self.filters.read_text(encoding="utf-8")
        self.apply()

    def apply(self) -> None:
        """Bring servers and listeners to the configuration in force; a server whose files changed starts anew."""
        host = backends.own_name()
        changed = self.write_files(host)
        backends.make_certificate(self.work / "axigen_cert.pem", (host, "localhost"))
        for name, process in self.processes.items():
            if changed[name] or process.process is None or process.process.poll() is not None:
                process.start()
        for trouble in self.listeners.follow(self.server.config, self.server.running):
            self.log.write(31, log.ERROR, "", 0, f"double: {trouble}")

    def write_files(self, host: str) -> dict[str, bool]:
        """Write what the servers read; which of them must start anew."""
        run, user = self.work / "run", pwd.getpwnam(backends.USER)
        smtp = postfix.Settings(
            work=str(self.work),
            host=host,
            port=self.ports["smtpIncoming"],
            domains=self.server.domains,
            methods=postfix.methods(self.server.filters),
            variables=self.variables,
            uid=user.pw_uid,
            gid=user.pw_gid,
        )
        texts = postfix.files(smtp)
        mail = (self.policy(service, secure).methods for service in ("imap", "pop3") for secure in (True, False))
        boxes = dovecot.Settings(
            work=str(self.work),
            host=host,
            methods={method.lower() for methods in mail for method in methods},
            imap=self.ports["imap"],
            pop3=self.ports["pop3"],
            imap_greeting=str(self.server.config["imap"].get("greetingsText", "")),
            pop3_greeting=str(self.server.config["pop3"].get("greetingsText", "")),
            variables=self.variables,
        )
        primary = str(self.server.config.get("primaryDomain", ""))
        # Dovecot looks at this file once a second: too late for a login right after the change.
        accounts_changed = backends.write(
            run / "dovecot.passwd", dovecot.passwords(self.server.domains, primary), 0o600
        )
        web = self.server.config["webmail"]
        told = {"allowed": web.get("allowSPNEGOAuth", "yes") == "yes", "host": host, "level": self.level("webmail")}
        backends.write(run / "webmail.json", json.dumps({**told, "domains": self.server.domains}), 0o600)
        written = [backends.write(run / "postfix" / name, text) for name, text in texts.items()]
        return {
            "imap": backends.write(run / "dovecot.conf", dovecot.text(boxes)) or accounts_changed,
            "smtpIncoming": any(written),
            "webmail": False,
        }

    def stop(self) -> None:
        self.stopping = True

    def attempt(self, task: Callable[[], None]) -> None:
        """A server that does not start is a line in the log: the CLI must go on, or nobody could mend it."""
        try:
            task()
        except (OSError, RuntimeError) as error:
            self.log.write(31, log.CRITICAL, "", 0, f"double: {error}")

    def loop(self, ready: Callable[[], None]) -> None:
        """Start, serve, and stop at SIGTERM."""
        for number, task in ((signal.SIGTERM, self.stop), (signal.SIGINT, self.stop), (signal.SIGHUP, self.reload)):
            signal.signal(number, lambda *dummy, task=task: self.tasks.put(task))
        self.apply()
        ready()
        while not self.stopping:
            self.attempt(self.tasks.get())
        self.listeners.close_all()
        for process in self.processes.values():
            process.stop()


def default_realm() -> str:
    """The realm of libkrb5's configuration as it is now; empty where it names none."""
    import gssapi  # noqa: PLC0415  # the distribution's

    try:
        name = gssapi.Name("x", gssapi.NameType.user).canonicalize(gssapi.MechType.kerberos)
    except gssapi.exceptions.GSSError:
        return ""
    return str(name).rpartition("@")[2]


def tell(writer: int, foreground: bool) -> None:
    """Let the process that started us end; nobody reads our output from then on."""
    if not foreground:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
    os.write(writer, b".")
    os.close(writer)


def main(words: list[str]) -> int:
    """The command; its exit status."""
    parser = argparse.ArgumentParser(prog="axigen", allow_abbrev=False)
    parser.add_argument("--foreground", action="store_true")
    parser.add_argument("-C", default="")
    parser.add_argument("-W", default=WORK)
    parser.add_argument("-P", default="")
    parser.add_argument("-A", default=None)
    parser.add_argument("-v", action="store_true")
    asked = parser.parse_args(words)
    work = pathlib.Path(asked.W)
    if asked.v:
        print(f"double: Axigen {console.VERSION}")
        return 0
    if asked.A is not None:
        administrator.set_password(work, asked.A)
        return 0
    file = pathlib.Path(asked.C or work / "run" / "axigen.cfg")
    reader, writer = os.pipe()
    if not asked.foreground and os.fork():
        os.close(writer)
        return 0 if os.read(reader, 1) else 1  # nothing: it ended before it was ready
    if not asked.foreground:
        os.close(reader)
        os.setsid()
    pid_file = pathlib.Path(asked.P or work / "run" / "axigen.pid")
    try:
        daemon = Daemon(work, file)
        pid_file.write_text(f"{os.getpid()}\n", encoding="ascii")
        daemon.loop(ready=lambda: tell(writer, asked.foreground))
    except (OSError, ValueError, RuntimeError) as error:
        sys.stderr.write(f"axigen: {error}\n")
        return 1
    pid_file.unlink(missing_ok=True)
    return 0
