# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double of Zimbra's directory, of mailboxd's admin service and of zmprov, in /opt/zimbra of this machine.

No mail service runs behind it: this is for what reads and writes the directory alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
from typing import Any, Iterator

from ansible_collections.mailrealm.kerberos.tests.integration.ladder import ROOT
from ansible_collections.mailrealm.kerberos.tests.lab.doubles.zimbra import store

HOME = pathlib.Path("/opt/zimbra")
LDAP_PORT = 33890  # another directory of these tests may have 389
SOAP_PORT = 7071
DOMAIN = "example.test"
SERVERS = {"zimbra1.example.test": ("ldap", "mailbox", "proxy", "mta"), "zimbra2.example.test": ("proxy", "mta")}
PATIENCE = 20.0  # seconds until a daemon listens, or until its port is free again
DAEMONS = {
    "ldapd": (f"from zimbra import ldapd; ldapd.serve({str(HOME)!r}, {LDAP_PORT}, '127.0.0.1')", LDAP_PORT),
    "soapd": (f"from zimbra import soapd; soapd.serve({str(HOME)!r}, lambda view: None)", SOAP_PORT),
}
PROGRAM = """\
#!/usr/bin/env -S python3 -B
import json
import pathlib
import sys

home = pathlib.Path({home!r})
once, now, log = (home / name for name in ("conf/once.json", "conf/double.json", "log/invocations.jsonl"))
if once.exists():
    now.unlink(missing_ok=True)
    if (len(log.read_text().splitlines()) if log.exists() else 0) == json.loads(once.read_text())["calls"]:
        now.write_text(once.read_text())
sys.path.insert(0, {library!r})
from zimbra import zmprov

sys.exit(zmprov.main(sys.argv[1:], {home!r}))
"""


class DirectorySite:
    """A site of two servers, of which the second has no mailbox; this machine is the first."""

    def __init__(self, accounts: list[str]) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        library = HOME / "lib" / "double"
        shutil.copytree(ROOT / "tests" / "lab" / "doubles" / "zimbra", library / "zimbra")
        for folder in ("bin", "conf", "log", "data/ldap"):
            (HOME / folder).mkdir(parents=True)
        for folder in ("conf", "log"):
            shutil.chown(HOME / folder, "zimbra", "zimbra")
        program = HOME / "bin" / "zmprov"
        program.write_text(PROGRAM.format(library=str(library), home=str(HOME)), encoding="utf-8")
        program.chmod(0o755)
        self.localconfig()
        store.write(HOME / "data" / "ldap" / "directory.jsonl", store.initial(DOMAIN, SERVERS, accounts))
        for name in DAEMONS:
            self.start(name)

    def localconfig(self, **more: str) -> None:
        """Write localconfig.xml with these keys and those that programs need."""
        keys = {"zimbra_server_hostname": next(iter(SERVERS)), "ldap_url": f"ldap://localhost:{LDAP_PORT}", **more}
        text = "".join(f'<key name="{key}"><value>{value}</value></key>' for key, value in keys.items())
        path = HOME / "conf" / "localconfig.xml"
        path.write_text(f"<localconfig>{text}</localconfig>", encoding="utf-8")
        path.chmod(0o640)
        shutil.chown(path, "zimbra", "zimbra")

    def mend(self) -> None:
        """Put in good order what a test has broken, the directory's entries aside."""
        self.behave()
        self.localconfig()
        for name in DAEMONS:
            if name not in self._running:
                self.start(name)

    def start(self, name: str) -> None:
        code, port = DAEMONS[name]
        whole = f"import sys; sys.path.insert(0, {str(HOME / 'lib' / 'double')!r}); {code}"
        self._running[name] = subprocess.Popen([sys.executable, "-B", "-c", whole], stdin=subprocess.DEVNULL)
        _wait(port, listening=True)

    def stop(self, name: str) -> None:
        process = self._running.pop(name, None)
        if process is not None:
            process.kill()
            process.wait(PATIENCE)
            _wait(DAEMONS[name][1], listening=False)

    def behave(self, only_call: int = 0, **settings: Any) -> None:
        """How the programs behave from now on, or in one call alone: `latency`, `fail_at`, `exception`."""
        folder = HOME / "conf"
        for name in ("once.json", "double.json"):
            (folder / name).unlink(missing_ok=True)
        text = json.dumps({"calls": len(self.calls()) + only_call - 1, **settings})
        (folder / ("once.json" if only_call else "double.json")).write_text(text, encoding="utf-8")

    def calls(self) -> list[dict[str, Any]]:
        """The calls of zmprov so far."""
        path = HOME / "log" / "invocations.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def own(self, kind: str, name: str = store.CONFIG) -> dict[str, list[str]]:
        """An entry's own values, as the directory's file has them."""
        found: dict[str, list[str]] = {}
        for line in (HOME / "data" / "ldap" / "directory.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if (row["kind"], row["name"]) == (kind, name):
                found = row["own"]
        return found

    def close(self) -> None:
        for name in reversed(DAEMONS):
            self.stop(name)


def _wait(port: int, listening: bool) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            if listening:
                return
            time.sleep(0.05)
            continue
        if not listening:
            return
        time.sleep(0.05)
    raise TimeoutError(f"port {port} is {'not there' if listening else 'still there'} after {PATIENCE:g} s")


@contextlib.contextmanager
def running_site(accounts: list[str]) -> Iterator[DirectorySite]:
    """The site, in a /opt/zimbra that is there for it alone."""
    assert os.geteuid() == 0, "the double is installed as root"
    if subprocess.run(["getent", "passwd", "zimbra"], stdout=subprocess.DEVNULL, check=False).returncode:
        subprocess.run(["useradd", "--system", "--user-group", "--home-dir", str(HOME), "zimbra"], check=True)
    assert not HOME.exists(), f"{HOME} is in use"
    HOME.mkdir()
    site = None
    try:
        site = DirectorySite(accounts)
        yield site
    finally:
        if site:
            site.close()
        shutil.rmtree(HOME)
