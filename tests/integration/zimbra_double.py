# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's double, installed and running in the throw-away machine that the toolbox is. Needs root."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import pathlib
import shutil
import subprocess
import sys
from typing import Any, Iterator, Sequence

from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))  # the lab is the package `lab` below tests

from lab.doubles.zimbra import package

HOST = "zimbra1.example.test"
DOMAIN = "example.test"
SERVICES = ("ldap", "mailbox", "proxy", "mta")
HOME = pathlib.Path("/opt/zimbra")
CERTIFICATE = HOME / "conf" / "smtpd.crt"
KEYTAB = HOME / "conf" / "krb5.keytab"
SMTP_KEYTAB = HOME / "data" / "krb5" / "smtp.keytab"
TOLD = HOME / "conf" / "double.json"
INVOCATIONS = HOME / "log" / "invocations.jsonl"
MAILBOX_LOG, NGINX_LOG, SYSLOG = (
    HOME / "log" / "mailbox.log",
    HOME / "log" / "nginx.log",
    pathlib.Path("/var/log/zimbra.log"),
)
KRB5_CONF, HOSTS = pathlib.Path("/etc/krb5.conf"), pathlib.Path("/etc/hosts")
PORTS = {"imap": (143, 993), "pop3": (110, 995), "smtp": (587, 465)}  # of proxy and MTA: with STARTTLS, under TLS
MAILBOX_PORTS = {"imap": (7143, 7993), "pop3": (7110, 7995)}


@dataclasses.dataclass
class Zimbra:
    """The installed double of HOST in a realm whose krb5.conf is the machine's own."""

    realm: Realm

    def run(self, program: str, *words: str, check: bool = True) -> str:
        """Run a program below /opt/zimbra as zimbra; what it printed."""
        done = subprocess.run(
            ["setpriv", "--reuid", "zimbra", "--regid", "zimbra", "--init-groups", "--", str(HOME / program), *words],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(HOME)},
            cwd=HOME,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{program} {words} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def krb5_conf(self, *relations: str, before: str = "") -> None:
        """The realm's krb5.conf, with relations in [libdefaults] and lines before it, as the machine's own."""
        text = self.realm.krb5_conf.read_text().replace("[libdefaults]\n", "\n".join(["[libdefaults]", *relations, ""]))
        KRB5_CONF.write_text(before + text)

    def tell(self, **told: Any) -> None:
        """What conf/double.json holds."""
        TOLD.write_text(json.dumps(told))

    def invocations(self) -> list[dict[str, Any]]:
        """The calls of all programs so far."""
        return [json.loads(line) for line in INVOCATIONS.read_text().splitlines()]


def keytab(realm: Realm, path: pathlib.Path, owner: str, group: str, mode: int, *principals: str) -> None:
    """The principals' keys as they are, in a new file."""
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    realm.kadmin_local(*(f"ktadd -norandkey -k {path} {principal}" for principal in principals))
    shutil.chown(path, owner, group)
    path.chmod(mode)


def remove() -> None:
    """Take the double from the machine again."""
    shutil.rmtree(HOME, ignore_errors=True)
    units = [pathlib.Path("/etc/systemd/system", unit) for unit in (*package.MASKED, "zimbra.service")]
    wanted = pathlib.Path("/etc/systemd/system/multi-user.target.wants/zimbra.service")
    for path in (*units, wanted, SYSLOG):
        path.unlink(missing_ok=True)
    etc, kept = pathlib.Path(package.ETC), pathlib.Path(f"{package.ETC}.debian")
    if kept.exists():
        etc.unlink()
        kept.rename(etc)


@contextlib.contextmanager
def machine_files() -> Iterator[None]:
    """The host's name in /etc/hosts, and room for another krb5.conf, while the block runs."""
    kept = {path: path.read_text() if path.exists() else None for path in (KRB5_CONF, HOSTS)}
    HOSTS.write_text(f"127.0.0.1 {HOST}\n" + (kept[HOSTS] or ""))
    try:
        yield
    finally:
        for path, text in kept.items():
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(text)


@contextlib.contextmanager
def running_zimbra(
    realm: Realm, accounts: Sequence[str] = ("alice", "bob"), services: Sequence[str] = SERVICES, start: bool = True
) -> Iterator[Zimbra]:
    """Installed and started as at boot, with nothing configured; gone with the block."""
    double = Zimbra(realm)
    with machine_files():
        double.krb5_conf()
        try:
            made = package.script(DOMAIN, HOST, services, HOST, {HOST: services}, accounts)
            subprocess.run(["sh"], input=made, text=True, check=True)
            double.tell(rewrite_pause=0)
            if start:
                double.run("bin/zmcontrol", "start")
            yield double
            double.run("bin/zmcontrol", "stop", check=False)
        finally:
            remove()
