# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Throw-away realms: configuration and database in a folder of the test, daemons on free loopback ports.

Nothing of the machine's own Kerberos is read or written: every tool gets KRB5_CONFIG, KRB5_KDC_PROFILE,
KRB5CCNAME and KRB5_KTNAME of the folder.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import socket
import subprocess
import time
from typing import Iterator, Mapping, Sequence

PROGRAM_FOLDERS = ("/usr/sbin", "/sbin", "/usr/lib/mit/sbin", "/usr/lib/mit/bin")
PATIENCE = 20.0  # seconds that a daemon may take to answer

KRB5_CONF = """\
[libdefaults]
    default_realm = {name}
    dns_lookup_realm = false
    dns_lookup_kdc = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 0
    default_ccache_name = FILE:{folder}/ccache
    default_keytab_name = FILE:{folder}/krb5.keytab
    default_client_keytab_name = FILE:{folder}/client.keytab
    {libdefaults}

[realms]
    {name} = {{
        kdc = 127.0.0.1:{kdc_port}
        admin_server = 127.0.0.1:{kadmin_port}
        kpasswd_server = 127.0.0.1:{kpasswd_port}
    }}

[domain_realm]
    .{domain} = {name}
    {domain} = {name}

[logging]
    default = FILE:{folder}/log/library.log
    kdc = FILE:{folder}/log/krb5kdc.log
    admin_server = FILE:{folder}/log/kadmind.log
"""

KDC_CONF = """\
[kdcdefaults]
    kdc_listen = 127.0.0.1:{kdc_port}
    kdc_tcp_listen = 127.0.0.1:{kdc_port}

[realms]
    {name} = {{
        kadmind_listen = 127.0.0.1:{kadmin_port}
        kpasswd_listen = 127.0.0.1:{kpasswd_port}
        database_name = {folder}/principal
        admin_keytab = FILE:{folder}/kadm5.keytab
        acl_file = {folder}/kadm5.acl
        key_stash_file = {folder}/stash
        max_life = 10h 0m 0s
        max_renewable_life = 7d 0h 0m 0s
        {kdc_relations}
    }}
"""

ACL = "*/admin@{name} *e\n*/reader@{name} il\n*/limited@{name} ail\n"


@dataclasses.dataclass(frozen=True)
class Realm:
    """A realm's folder and all that a test needs to talk to it."""

    name: str
    folder: pathlib.Path
    kdc_port: int
    kadmin_port: int
    kpasswd_port: int
    master_password: str = "master password of a throw-away realm"
    admin_password: str = "admin password of a throw-away realm"

    @property
    def domain(self) -> str:
        return self.name.lower()

    @property
    def admin(self) -> str:
        """A principal that may do everything, key extraction included; its password is `admin_password`."""
        return f"root/admin@{self.name}"

    @property
    def krb5_conf(self) -> pathlib.Path:
        return self.folder / "krb5.conf"

    @property
    def kdc_conf(self) -> pathlib.Path:
        return self.folder / "kdc.conf"

    @property
    def database(self) -> pathlib.Path:
        return self.folder / "principal"

    @property
    def stash(self) -> pathlib.Path:
        return self.folder / "stash"

    @property
    def variables(self) -> dict[str, str]:
        """What a Kerberos program's environment must hold to stay in this realm."""
        return {
            "KRB5_CONFIG": str(self.krb5_conf),
            "KRB5_KDC_PROFILE": str(self.kdc_conf),
            "KRB5CCNAME": f"FILE:{self.folder}/ccache",
            "KRB5_KTNAME": f"FILE:{self.folder}/krb5.keytab",
            "KRB5RCACHEDIR": str(self.folder),
        }

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of a program that is to stay in this realm."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KRB5")}
        path = kept.get("PATH", "/usr/bin:/bin")
        return {**kept, "PATH": os.pathsep.join((path, *PROGRAM_FOLDERS)), "LC_ALL": "C.UTF-8", **self.variables}

    def run(self, *command: str, text: str = "", check: bool = True) -> str:
        """Run a program of the realm with `text` on its standard input; its standard output."""
        done = subprocess.run(
            command, env=self.environment, input=text, capture_output=True, text=True, check=False, timeout=300
        )
        if check and done.returncode:
            raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def kadmin_local(self, *commands: str) -> str:
        """Give kadmin.local these commands, one a line; what it printed, errors included."""
        done = subprocess.run(
            ("kadmin.local", "-r", self.name),
            env=self.environment,
            input="".join(f"{command}\n" for command in commands),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        return done.stdout

    def create_database(self) -> None:
        """`kdb5_util create` with a stash, and the administrator's principal."""
        self.run("kdb5_util", "create", "-s", "-r", self.name, text=f"{self.master_password}\n{self.master_password}\n")
        self.kadmin_local(f'addprinc -pw "{self.admin_password}" {self.admin}')

    def keys(self, principal: str) -> list[str]:
        """(kvno, enctype) lines of a principal as getprinc prints them; empty where it does not exist."""
        printed = self.kadmin_local(f'getprinc "{principal}"')
        return [line.strip() for line in printed.splitlines() if line.startswith("Key: ")]

    def backdate(self, seconds: Mapping[str, int]) -> None:
        """Move the last change of principals' keys so far into the past, by a dump of the database; no daemon may run.

        kdb.h's KRB5_TL_LAST_PWD_CHANGE is tl-data of type 1, four bytes in little-endian order.
        """
        lines = []
        for line in self.run("kdb5_util", "dump").splitlines():
            fields = line.split("\t")
            back = seconds.get(fields[6].rpartition("@")[0]) if fields[0] == "princ" else None
            if back is not None:
                at = next(at for at in range(15, len(fields)) if fields[at : at + 2] == ["1", "4"]) + 2
                changed = int.from_bytes(bytes.fromhex(fields[at]), "little") - back
                fields[at] = changed.to_bytes(4, "little").hex()
            lines.append("\t".join(fields))
        (self.folder / "dump").write_text("\n".join(lines) + "\n")
        self.run("kdb5_util", "load", str(self.folder / "dump"))


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on, neither by TCP nor by UDP."""
    with contextlib.ExitStack() as held:
        ports: list[int] = []
        while len(ports) < count:
            tcp = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            udp = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            tcp.bind(("127.0.0.1", 0))
            with contextlib.suppress(OSError):
                udp.bind(tcp.getsockname())
                ports.append(tcp.getsockname()[1])
        return ports


def configure(
    folder: pathlib.Path,
    name: str = "REALM.TEST",
    libdefaults: Sequence[str] = (),
    kdc_relations: Sequence[str] = (),
    acl: str = ACL,
) -> Realm:
    """Write krb5.conf, kdc.conf and kadm5.acl of a realm without a database into `folder`.

    `libdefaults` and `kdc_relations` are relations ("tag = value") added to [libdefaults] and to the realm
    in kdc.conf.
    """
    (folder / "log").mkdir(parents=True, exist_ok=True)
    realm = Realm(name, folder, *free_ports(3))
    values = {
        **dataclasses.asdict(realm),
        "domain": realm.domain,
        "libdefaults": "\n    ".join(libdefaults),
        "kdc_relations": "\n        ".join(kdc_relations),
    }
    realm.krb5_conf.write_text(KRB5_CONF.format(**values))
    realm.kdc_conf.write_text(KDC_CONF.format(**values))
    (folder / "kadm5.acl").write_text(acl.format(**values))
    return realm


@contextlib.contextmanager
def daemon(realm: Realm, *command: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a daemon of the realm in the foreground until the block ends; it dies with the test run in any case."""
    log = realm.folder / f"{pathlib.Path(command[0]).name}.output"
    with log.open("ab") as output:
        process = subprocess.Popen(
            ("setpriv", "--pdeathsig", "KILL", *command),
            env=realm.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        give_up = time.monotonic() + PATIENCE
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"{command} does not listen on port {port}: {log.read_text()}")
            time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def running_kdc(realm: Realm) -> Iterator[None]:
    """krb5kdc of the realm, while the block runs."""
    with daemon(realm, "krb5kdc", "-n", "-r", realm.name, port=realm.kdc_port):
        yield


@contextlib.contextmanager
def running_kadmind(realm: Realm) -> Iterator[None]:
    """kadmind of the realm, while the block runs."""
    with daemon(realm, "kadmind", "-nofork", "-r", realm.name, port=realm.kadmin_port):
        yield


@contextlib.contextmanager
def running_realm(folder: pathlib.Path, name: str = "REALM.TEST", **relations: Sequence[str]) -> Iterator[Realm]:
    """A realm with database, stash, administrator, KDC and kadmind; gone with the block, but for its folder."""
    realm = configure(folder, name, **relations)
    realm.create_database()
    with running_kdc(realm), running_kadmind(realm):
        yield realm
