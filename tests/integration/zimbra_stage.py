# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage below /opt/zimbra for the restarts alone: real Dovecot and Postfix behind control programs that a test bends.

The programs are clients of this process, which carries out what they say as Zimbra's own programs do
(zm-core-utils src/bin), or fails as a test wants. It needs root (the toolbox). There is no directory here: what
`Settings` holds is what a rewrite or a start reads.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from typing import Callable, Iterator

from ansible_collections.mailrealm.kerberos.tests.integration.mail_servers import Certificate, self_signed

HOME = pathlib.Path("/opt/zimbra")
QUEUE = HOME / "data" / "postfix" / "spool"
PATIENCE = 20.0
PORTS = {"mailbox": (7143, 7110), "proxy": (143, 110)}
PROGRAMS = ("bin/zmmailboxdctl", "bin/zmproxyctl", "bin/zmmtactl", "libexec/configrewrite")
CLIENT = """\
#!/usr/bin/python3 -I
import json, socket, sys
link = socket.socket(socket.AF_UNIX)
link.connect("/opt/zimbra/data/stage")
link.sendall(json.dumps(sys.argv).encode() + b"\\n")
status, output = json.loads(link.makefile().read())
print(output)
sys.exit(status)
"""
DOVECOT = """\
base_dir = {folder}/run
instance_name = {name}
protocols = imap pop3
listen = 127.0.0.1
log_path = {folder}/dovecot.log
auth_mechanisms = {mechanisms}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = yes
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""
MAIN_CF = """\
compatibility_level = 3.6
config_directory = {home}/common/conf
queue_directory = {queue}
data_directory = {home}/data/postfix/data
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = {myhostname}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /dev/stdout
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C {environment}
smtpd_sasl_auth_enable = yes
smtpd_sasl_security_options = noanonymous
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
"""
MASTER_CF = """\
127.0.0.1:587 inet n - n - - smtpd
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


@dataclasses.dataclass
class Settings:
    """What the directory would hold, and how the programs misbehave."""

    mailbox: str = "plain"
    proxy: str = "plain"
    realm: str = "OLD.TEST"
    mechanisms: str = "PLAIN LOGIN"
    environment: str = ""
    myhostname: str = "old.example.test"
    spnego: str = ""
    deaf: bool = False  # zmconfigd answers nothing, configrewrite ends with 0
    slow_proxy: int = 0  # so many stops leave the proxy's old process running
    broken_mailbox: bool = False  # mailboxd does not come up


class Stage:
    """The stage: ``calls`` are the control programs that were run, each with its words in one line."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.settings = Settings()
        self.calls: list[str] = []
        self.applied_mailbox = self.applied_proxy = ""
        self._folder = folder
        self._certificate: Certificate = self_signed(folder, "localhost")
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def build(self, services: tuple[str, ...] = ("mailbox", "proxy", "mta")) -> None:
        for folder in ("bin", "libexec", "log", "data", "conf/nginx/includes", "conf/sasl2", "common/sbin"):
            (HOME / folder).mkdir(parents=True, exist_ok=True)
        for program in PROGRAMS:
            (HOME / program).write_text(CLIENT)
            (HOME / program).chmod(0o755)
        if "mailbox" in services:
            (HOME / "jetty_base" / "etc").mkdir(parents=True)
            (HOME / "jetty_base" / "etc" / "krb5.ini.in").write_text("[libdefaults]\n")
        if "proxy" in services:
            (HOME / "common" / "sbin" / "nginx").touch()
        if "mta" in services:
            postconf = HOME / "common" / "sbin" / "postconf"
            postconf.write_text(f'#!/bin/sh\nexec /usr/sbin/postconf -c {HOME}/common/conf "$@"\n')
            postconf.chmod(0o755)
            self._make_postfix()
        self.rewrite("mailbox", "proxy", "mta", "sasl")
        for service in services:
            self.start(service)

    def process(self, service: str) -> subprocess.Popen[bytes]:
        return self._processes[service]

    def answer(self, words: list[str]) -> tuple[int, str]:
        """What a control program prints, and its exit status."""
        program = pathlib.Path(words[0]).name
        self.calls.append(" ".join((program, *words[1:])))
        act: Callable[..., tuple[int, str]] = getattr(self, f"_{program}")
        return act(*words[1:])

    def _configrewrite(self, *sections: str) -> tuple[int, str]:
        if not self.settings.deaf:
            self.rewrite(*sections)
        return 0, ""

    def _zmmailboxdctl(self, verb: str, *_more: str) -> tuple[int, str]:
        assert verb == "restart", verb
        self.stop("mailbox")
        if self.settings.broken_mailbox:
            return 1, "Stopping mailboxd...done.\nStarting mailboxd...failed."
        self.start("mailbox")
        return 0, "Stopping mailboxd...done.\nStarting mailboxd...done."

    def _zmproxyctl(self, verb: str, *_more: str) -> tuple[int, str]:
        said = []
        status = 0
        if verb in ("stop", "restart"):
            if self.settings.slow_proxy and self.alive("proxy"):
                self.settings.slow_proxy -= 1
                status = 1
                said.append("Stopping proxy...failed.")
            else:
                self.stop("proxy")
                said.append("Stopping proxy...done.")
        if verb in ("start", "restart"):
            status = 0
            if self.alive("proxy"):
                said.append("Starting proxy...proxy is already running.")
            else:
                self.start("proxy")
                said.append("Starting proxy...done.")
        return status, "\n".join(said)

    def _zmmtactl(self, verb: str, *_more: str) -> tuple[int, str]:
        if verb == "reload":
            self.process("mta").send_signal(signal.SIGHUP)
        elif verb == "stop":
            self.stop("mta")
        elif verb == "start":
            self.start("mta")
        else:
            raise AssertionError(verb)
        return 0, ""

    def rewrite(self, *sections: str) -> None:
        """What zmconfigd writes for these sections."""
        settings = self.settings
        if "proxy" in sections:
            (HOME / "conf" / "nginx" / "includes" / "nginx.conf.mail.imap").write_text(
                f"default_realm {settings.realm};\n"
            )
        if "mailbox" in sections:
            (HOME / "conf" / "spnego_java_options").write_text(f"   {settings.spnego} \n")
        if "sasl" in sections:
            (HOME / "conf" / "sasl2" / "smtpd.conf").write_text(
                f"pwcheck_method: saslauthd\nmech_list: {settings.mechanisms}\n"
            )
        if "mta" in sections and (HOME / "common" / "conf").exists():
            self._write_main_cf()

    def start(self, service: str) -> None:
        if service == "mta":
            command = ["/usr/lib/postfix/sbin/master", "-s"]
            environment = {"PATH": os.environ["PATH"], "MAIL_CONFIG": str(HOME / "common" / "conf"), "LANG": "C"}
            port = 587
        else:
            command, port = self._dovecot(service)
            environment = dict(os.environ)
        with (self._folder / f"{service}.log").open("ab") as log:
            self._processes[service] = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        if service == "proxy":
            (HOME / "log" / "nginx.pid").write_text(f"{self._processes[service].pid}\n")
        if service == "mailbox":
            self._start_java()
        _until(lambda: _listens(port), f"port {port} of {service}")

    def stop(self, service: str) -> None:
        names = [service, "java"] if service == "mailbox" else [service]
        for name in names:
            process = self._processes.pop(name, None)
            if process is not None:
                process.terminate()
                process.wait(PATIENCE)
        for name in {"proxy": ("nginx.pid",), "mailbox": ("zmmailboxd_java.pid",)}.get(service, ()):
            (HOME / "log" / name).unlink(missing_ok=True)

    def alive(self, service: str) -> bool:
        process = self._processes.get(service)
        return process is not None and process.poll() is None

    def close(self) -> None:
        for service in list(self._processes):
            self.stop(service)

    def _start_java(self) -> None:
        """A process with the arguments of the JVM."""
        idle = [sys.executable, "-c", "import time; time.sleep(100000)", "-Dfile.encoding=UTF-8"]
        words = (HOME / "conf" / "spnego_java_options").read_text().split()
        self._processes["java"] = subprocess.Popen([*idle, *words])
        (HOME / "log" / "zmmailboxd_java.pid").write_text(f"{self._processes['java'].pid}\n")

    def _dovecot(self, service: str) -> tuple[list[str], int]:
        imap, pop3 = PORTS[service]
        folder = self._folder / service
        folder.mkdir(exist_ok=True)
        configuration = folder / "dovecot.conf"
        configuration.write_text(
            DOVECOT.format(
                folder=folder,
                name=service,
                mechanisms=getattr(self.settings, service),
                certificate=self._certificate.certificate,
                key=self._certificate.key,
                imap=imap,
                pop3=pop3,
            )
        )
        return ["dovecot", "-F", "-c", str(configuration)], imap

    def _make_postfix(self) -> None:
        folders = (
            (HOME / "common" / "conf", "root", "root", 0o755),
            (QUEUE / "pid", "root", "root", 0o755),
            (QUEUE / "private", "postfix", "root", 0o700),
            (QUEUE / "public", "postfix", "postdrop", 0o710),
            (HOME / "data" / "postfix" / "data", "postfix", "postfix", 0o755),
        )
        for path, owner, group, mode in folders:
            path.mkdir(parents=True, exist_ok=True)
            shutil.chown(path, owner, group)
            path.chmod(mode)
        (HOME / "common" / "conf" / "master.cf").write_text(MASTER_CF)
        # Debian's Postfix looks there alone, whatever cyrus_sasl_config_path says.
        (HOME / "common" / "conf" / "sasl").symlink_to(HOME / "conf" / "sasl2")

    def _write_main_cf(self) -> None:
        (HOME / "common" / "conf" / "main.cf").write_text(
            MAIN_CF.format(
                home=HOME,
                queue=QUEUE,
                myhostname=self.settings.myhostname,
                environment=self.settings.environment,
                certificate=self._certificate.certificate,
                key=self._certificate.key,
            )
        )


@contextlib.contextmanager
def zimbra_stage(folder: pathlib.Path, services: tuple[str, ...] = ("mailbox", "proxy", "mta")) -> Iterator[Stage]:
    """The stage with these services installed and running, all as nobody has changed anything."""
    assert not HOME.exists(), f"{HOME} is there: this stage is for a throw-away host"
    try:
        pwd.getpwnam("zimbra")
    except KeyError:
        subprocess.run(["useradd", "--system", "--home-dir", str(HOME), "zimbra"], check=True)
    stage = Stage(folder)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            words = json.loads(self.rfile.readline())
            self.wfile.write(json.dumps(stage.answer(words)).encode())

    (HOME / "data").mkdir(parents=True)
    server = socketserver.ThreadingUnixStreamServer(str(HOME / "data" / "stage"), Handler)
    (HOME / "data" / "stage").chmod(0o666)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        stage.build(services)
        yield stage
    finally:
        server.shutdown()
        server.server_close()
        stage.close()
        shutil.rmtree(HOME)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _until(condition: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up, f"{what} does not come up"
        time.sleep(0.05)
