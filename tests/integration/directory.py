# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throw-away Active Directory domain: Samba's domain controller on a loopback address. Needs root (the toolbox).

Everything lies in a folder of the test, but for one line in /etc/hosts that goes with the domain: a server of LDAP is
spoken to by its name. The fixture `domain` of conftest.py provisions one for all tests of a session.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import time
from typing import Any, Iterator, Mapping, Sequence

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, parse
from ansible_collections.mailrealm.kerberos.tests.integration import mail_servers
from ansible_collections.mailrealm.kerberos.tests.lab.dc import delegation

NAME = "ad.example.test"
ADDRESS = "127.0.77.1"
PYTHON = "/usr/bin/python3"  # with the package python3-samba
PATIENCE = 60.0  # seconds
FOLDERS = ("private", "lock", "state", "cache", "pid", "log", "ncalrpc", "sysvol", "netlogon")

# Without root's capabilities on security.* the access lists of sysvol go into attributes of the user's.
SMB_CONF = """\
[global]
    netbios name = DC1
    workgroup = AD
    realm = {realm}
    server role = active directory domain controller
    server services = ldap, cldap, kdc, dns, rpc
    interfaces = {address}/8
    bind interfaces only = yes
    private dir = {folder}/private
    lock directory = {folder}/lock
    state directory = {folder}/state
    cache directory = {folder}/cache
    pid directory = {folder}/pid
    ncalrpc dir = {folder}/ncalrpc
    log file = {folder}/log/log.%m
    acl_xattr:security_acl_name = user.NTACL
    prefork children = 2
    tls enabled = yes
    tls certfile = {certificate}
    tls keyfile = {key}
    tls cafile = {certificate}
    {options}
[sysvol]
    path = {folder}/sysvol
    read only = no
[netlogon]
    path = {folder}/netlogon
    read only = no
"""
KRB5_CONF = """\
[libdefaults]
    default_realm = {realm}
    dns_lookup_realm = false
    dns_lookup_kdc = false
    dns_canonicalize_hostname = false
    rdns = false
    qualify_shortname = ""
    allow_weak_crypto = true
    default_ccache_name = FILE:{folder}/ccache
    default_keytab_name = FILE:{folder}/krb5.keytab
    default_client_keytab_name = FILE:{folder}/client.keytab
    {libdefaults}

[realms]
    {realm} = {{
        kdc = {address}
        admin_server = {address}
        kpasswd_server = {address}
    }}

[domain_realm]
    .{name} = {realm}
    {name} = {realm}
"""

# Runs in the Python that has python3-samba, before the controller is started; options on standard input.
FURNISH = """\
import json, sys
import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
from samba.sd_utils import SDUtils
given = json.load(sys.stdin)
loaded = LoadParm()
loaded.load(given["smb_conf"])
database = SamDB(given["sam"], session_info=system_session(), lp=loaded)
database.transaction_start()
database.add({"dn": given["ou"], "objectClass": "organizationalUnit"})
for name, password in given["users"].items():
    database.newuser(name, password)
# Without a limit the controller counts no wrong passwords.
limit = ldb.Message(ldb.Dn(database, given["base"]))
limit["limit"] = ldb.MessageElement("1000", ldb.FLAG_MOD_REPLACE, "lockoutThreshold")
database.modify(limit)
controller = ldb.Message(database.search(expression="(sAMAccountName=DC1$)")[0].dn)
controller["spn"] = ldb.MessageElement(given["spns"], ldb.FLAG_MOD_ADD, "servicePrincipalName")
database.modify(controller)
(joiner,) = database.search(expression="(sAMAccountName=joiner)", attrs=["objectSid"])
sid = database.schema_format_value("objectSid", joiner["objectSid"][0]).decode()
database.transaction_commit()
changed = SDUtils(database)
for ace in given["delegated"]:
    changed.dacl_add_ace(given["ou"], ace.format(sid=sid))
"""


@dataclasses.dataclass(frozen=True)
class Controller:
    """A process of Samba, and the relations that it was started with."""

    process: subprocess.Popen[bytes]
    options: tuple[str, ...]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)


@dataclasses.dataclass(frozen=True)
class Domain:
    """A domain's folder and all that a test needs to talk to it."""

    folder: pathlib.Path
    ca: pathlib.Path
    name: str = NAME
    address: str = ADDRESS
    password: str = "Pa55word of a throw-away domain"
    controllers: list[Controller] = dataclasses.field(default_factory=list, repr=False, compare=False)

    @property
    def realm(self) -> str:
        return self.name.upper()

    @property
    def server(self) -> str:
        """The controller's name."""
        return f"dc1.{self.name}"

    @property
    def alias(self) -> str:
        """Another name of its address, for which there is no service principal."""
        return f"alias.{self.name}"

    @property
    def base(self) -> str:
        return ",".join(f"DC={label}" for label in self.name.split("."))

    @property
    def ou(self) -> str:
        """The unit below which `joiner` may create accounts and change them."""
        return f"OU=Mail,{self.base}"

    @property
    def administrator(self) -> Credentials:
        return self.credentials("Administrator")

    @property
    def joiner(self) -> Credentials:
        """The delegated account, which may do what `delegation.py` says."""
        return self.credentials("joiner")

    @property
    def reader(self) -> Credentials:
        """A plain user of the domain."""
        return self.credentials("reader")

    def credentials(self, account: str) -> Credentials:
        """The password of one of the three accounts above."""
        return Credentials(f"{account}@{self.realm}", password=self.password)

    @property
    def smb_conf(self) -> pathlib.Path:
        return self.folder / "smb.conf"

    @property
    def krb5_conf(self) -> pathlib.Path:
        return self.folder / "krb5.conf"

    @property
    def variables(self) -> dict[str, str]:
        """What a Kerberos program's environment must hold to stay in this domain."""
        return {"KRB5_CONFIG": str(self.krb5_conf), "KRB5RCACHEDIR": str(self.folder)}

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of a program that is to stay in this domain."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KRB5", "PYTHONPATH"))}
        return {**kept, "LC_ALL": "C.UTF-8", **self.variables}

    def run(self, *command: str, text: str = "", check: bool = True) -> str:
        """Run a program of the domain with `text` on its standard input; its standard output."""
        done = subprocess.run(
            command, env=self.environment, input=text, capture_output=True, text=True, check=False, timeout=300
        )
        if check and done.returncode:
            raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def samba_tool(self, *words: str, check: bool = True) -> str:
        """samba-tool on the domain's own database: two words of the command, then the rest."""
        return self.run("samba-tool", *words, f"--configfile={self.smb_conf}", check=check)

    def exportkeytab(self, principal: str) -> tuple[KeytabEntry, ...]:
        """The keys that the controller itself holds of a principal (an SPN or a sAMAccountName)."""
        path = self.folder / "exported.keytab"
        path.unlink(missing_ok=True)
        self.samba_tool("domain", "exportkeytab", str(path), f"--principal={principal}")
        return parse(path.read_bytes(), str(path))

    def bad_passwords(self) -> dict[str, int]:
        """badPwdCount of every account where it is not 0, by sAMAccountName."""
        printed = self.run(
            "ldbsearch", "-H", str(self.folder / "private" / "sam.ldb"), "(&(sAMAccountName=*)(!(badPwdCount=0)))",
            "sAMAccountName", "badPwdCount",
        )  # fmt: skip
        found: dict[str, int] = {}
        for record in printed.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in record.splitlines() if ": " in line)
            if "badPwdCount" in fields:
                found[fields["sAMAccountName"]] = int(fields["badPwdCount"])
        return found

    @contextlib.contextmanager
    def resolving(self) -> Iterator[None]:
        """The host asks the controller's DNS, while the block runs."""
        with _rewritten("/etc/resolv.conf", f"nameserver {self.address}\noptions timeout:1 attempts:1\n"):
            yield


@contextlib.contextmanager
def entered(domain: Domain) -> Iterator[None]:
    """This process's Kerberos libraries stay in the domain, while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in domain.variables.items():
            patch.setenv(name, value)
        yield


@contextlib.contextmanager
def running_controller(domain: Domain, *options: str) -> Iterator[None]:
    """The domain's controller, while the block runs; one that runs already is stopped for that time.

    ``options``: more relations of smb.conf's [global]. Connections do not outlive a controller.
    """
    with contextlib.ExitStack() as afterwards:
        if domain.controllers:
            before = domain.controllers.pop()
            before.stop()
            afterwards.callback(lambda: domain.controllers.append(_started(domain, *before.options)))
        domain.controllers.append(_started(domain, *options))
        try:
            yield
        finally:
            domain.controllers.pop().stop()


def _started(domain: Domain, *options: str) -> Controller:
    configure(domain, *options)
    log = domain.folder / "samba.output"
    with log.open("ab") as output:
        process = subprocess.Popen(
            ("setpriv", "--pdeathsig", "TERM", "samba", f"--configfile={domain.smb_conf}", "--foreground"),
            env=domain.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    controller = Controller(process, options)
    try:
        _wait_for_answers(domain, process, log)
    except BaseException:
        controller.stop()
        raise
    return controller


@contextlib.contextmanager
def running_domain(folder: pathlib.Path, *options: str) -> Iterator[Domain]:
    """A domain with an administrator, `reader`, `joiner` and OU=Mail; gone with the block, but for its folder."""
    assert os.geteuid() == 0, "a domain controller needs root: run this in the lab's toolbox"
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    domain = Domain(folder, mail_servers.self_signed(folder, f"dc1.{NAME}").certificate)
    configure(domain, *options)
    domain.samba_tool(
        "domain", "provision", f"--realm={domain.realm}", "--domain=AD", "--server-role=dc",
        "--dns-backend=SAMBA_INTERNAL", "--host-name=dc1", f"--host-ip={domain.address}",
        f"--adminpass={domain.password}",
    )  # fmt: skip
    given = {
        "smb_conf": str(domain.smb_conf),
        "sam": str(folder / "private" / "sam.ldb"),
        "base": domain.base,
        "ou": domain.ou,
        "users": {"reader": domain.password, "joiner": domain.password},
        # Samba adds it by dnsupdate, which is not among the services.
        "spns": [f"ldap/{domain.server}", f"ldap/{domain.server}/{domain.name}"],
        "delegated": delegation.entries("{sid}"),
    }
    domain.run(PYTHON, "-c", FURNISH, text=json.dumps(given))
    hosts = pathlib.Path("/etc/hosts").read_text()
    named = f"{hosts.rstrip()}\n{domain.address} {domain.server} {domain.alias}\n"
    with _rewritten("/etc/hosts", named), running_controller(domain, *options):
        yield domain


def configure(domain: Domain, *options: str, libdefaults: Sequence[str] = ()) -> None:
    """Write smb.conf and krb5.conf."""
    values: Mapping[str, Any] = {
        "name": domain.name,
        "realm": domain.realm,
        "address": domain.address,
        "folder": domain.folder,
        "certificate": domain.ca,
        "key": domain.ca.with_suffix(".key"),
        "options": "\n    ".join(options),
        "libdefaults": "\n    ".join(libdefaults),
    }
    domain.smb_conf.write_text(SMB_CONF.format(**values))
    domain.krb5_conf.write_text(KRB5_CONF.format(**values))


def _wait_for_answers(domain: Domain, process: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    """Of the directory and of the KDC, which are processes of their own: on a busy machine one comes seconds later."""
    questions = [
        (("ldapsearch", "-x", "-H", f"ldap://{domain.server}", "-s", "base", "-b", "", "currentTime"), "currentTime"),
        (("sh", "-c", f"kinit nobody@{domain.realm} 2>&1"), "not found in Kerberos database"),
    ]
    give_up = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < give_up:
        command, answer = questions[0]
        if answer not in domain.run(*command, check=False):
            time.sleep(0.1)
        elif len(questions) == 1:
            return
        else:
            questions.pop(0)
    raise AssertionError(f"the controller does not answer: {log.read_text(errors='replace')}")


@contextlib.contextmanager
def _rewritten(path: str, text: str) -> Iterator[None]:
    """Other text in a file of the host's; in place, for a container binds it from outside."""
    file = pathlib.Path(path)
    before = file.read_text()
    file.write_text(text)
    try:
        yield
    finally:
        file.write_text(before)
