# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axigen's double, installed and running in the throw-away machine that the toolbox is. Needs root."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import shutil
import socket
import subprocess
import sys
from typing import Any, Iterator

from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))  # the lab is the package `lab` below tests

from lab.doubles.axigen import cfg, package

HOST = "axigen1.example.test"
PASSWORD = "the administrator's password"
WORK = pathlib.Path("/var/opt/axigen")
CERTIFICATE = WORK / "axigen_cert.pem"
CONFIGURATION = WORK / "run" / "axigen.cfg"
VARIANTS = WORK / "run" / "double.json"
EVERYTHING = WORK / "log" / "everything.txt"
INIT = "/etc/init.d/axigen"
PORTS = {"imap": (143, 993), "pop3": (110, 995), "smtp": (25, 465), "http": (80, 443)}  # in the clear, under TLS
# The PTR record of the only address that the toolbox has; the tools' own look-ups see the machine's file.
PTR = "127.0.0.1 {} localhost\n"


@dataclasses.dataclass
class Axigen:
    """`folder`: /etc/hosts and krb5.conf as the double sees them, and its keytab."""

    realm: Realm
    folder: pathlib.Path

    @property
    def keytab(self) -> pathlib.Path:
        return self.folder / "axigen.keytab"

    @property
    def krb5_conf(self) -> pathlib.Path:
        return self.folder / "krb5.conf"

    def libdefaults(self, *relations: str) -> None:
        """The realm's krb5.conf with these relations too, or without any more."""
        text = self.realm.krb5_conf.read_text().replace("[libdefaults]\n", "\n".join(["[libdefaults]", *relations, ""]))
        self.krb5_conf.write_text(text)

    def name(self, host: str) -> None:
        """Make the PTR record say this."""
        (self.folder / "hosts").write_text(PTR.format(host))

    def init(self, action: str) -> None:
        """What systemd does: run the script with the unit's environment."""
        bound = f"mount --bind {self.folder}/hosts /etc/hosts && exec {INIT} {action}"
        told = {"KRB5_CONFIG": str(self.krb5_conf), "KRB5_KTNAME": f"FILE:{self.keytab}"}
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **told}
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", bound], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def cli(self, *lines: str) -> str:
        """Say these to the CLI after a login; all that it answers."""
        spoken = ["SET CONSOLE-CODES off", "USER admin", PASSWORD, *lines, "QUIT"]
        with socket.create_connection(("127.0.0.1", 7000), 10) as connection, connection.makefile("rb") as answers:
            connection.sendall("".join(f"{line}\r\n" for line in spoken).encode())
            return answers.read().decode()

    def set(self, service: str, *attributes: str) -> None:
        """SET and COMMIT in a service's context."""
        said = self.cli("CONFIG SERVER", f"CONFIG {service}", f"SET {' '.join(attributes)}", "COMMIT", "COMMIT")
        assert "-ERR" not in said, said

    @property
    def host(self) -> str:
        return socket.gethostname().partition(".")[0]

    def look_up(self) -> None:
        """Make it look its own name up again, as any COMMIT does."""
        self.set("LOG", "logLevel", "15")

    def saved(self) -> dict[str, Any]:
        """What axigen.cfg holds."""
        return cfg.parse(CONFIGURATION.read_text())

    def log(self) -> str:
        return EVERYTHING.read_text() if EVERYTHING.exists() else ""


def remove() -> None:
    """Take the double from the machine again."""
    for folder in (WORK, pathlib.Path("/opt/axigen")):
        shutil.rmtree(folder, ignore_errors=True)
    links = [path for level in "0123456" for path in pathlib.Path(f"/etc/rc{level}.d").glob("*axigen")]
    units = [pathlib.Path("/etc/systemd/system", unit) for unit in package.MASKED]
    for path in (pathlib.Path(INIT), *links, *units):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def running_axigen(realm: Realm, folder: pathlib.Path, domain: str = "example.test") -> Iterator[Axigen]:
    """Installed, with alice's account, and started as at boot; gone with the block."""
    double = Axigen(realm, folder)
    double.name(HOST)
    double.libdefaults()
    try:
        subprocess.run(["sh"], input=package.script(domain, ["alice"]), text=True, check=True)
        subprocess.run(["/opt/axigen/bin/axigen", "-A", PASSWORD], check=True)
        double.init("start")
        yield double
        double.init("stop")
    finally:
        remove()
