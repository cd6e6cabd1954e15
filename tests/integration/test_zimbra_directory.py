# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's double in processes of its own: the directory, mailboxd's admin service, zmprov and zmlocalconfig."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
from typing import Callable, Iterator

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))  # the lab is the package `lab` below tests

from lab.doubles.zimbra import directory, invocations, ldapd, localconfig, store

LAB = str(pathlib.Path(__file__).resolve().parents[1])
HOST = "zimbra1.example.test"
OTHER = "zimbra2.example.test"
DOMAIN = "example.test"
GSSAPI = "zimbraImapSaslGssapiEnabled"
PATIENCE = 20.0  # seconds until a process has opened its port, or has told what it must
RUN = "import sys; sys.path.insert(0, sys.argv.pop(1)); from lab.doubles.zimbra import {0}; "
LDAPD = RUN.format("ldapd") + "ldapd.serve(sys.argv[1], int(sys.argv[2]), '127.0.0.1')"
# What a mail server would make of the view: here one line a change.
SOAPD = RUN.format("soapd") + (
    "import json; told = open(sys.argv[2], 'a'); "
    "soapd.serve(sys.argv[1], lambda view: print(json.dumps([view.domain('example.test').get('zimbraAuthMech'), "
    "view.config().get('zimbraReverseProxyAdminIPAddress'), len(view.accounts())]), file=told, flush=True))"
)
ZMPROV = RUN.format("zmprov") + "home = sys.argv.pop(1); sys.exit(zmprov.main(sys.argv[1:], home))"
ZMLOCALCONFIG = RUN.format("localconfig_program") + (
    "home = sys.argv.pop(1); sys.exit(localconfig_program.main(sys.argv[1:], home))"
)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class Site:
    """One host's home with a directory and a mailboxd, which come and go."""

    def __init__(self, home: pathlib.Path) -> None:
        self.home, self.told = home, home / "told"
        self.ldap_port, self.soap_port = free_port(), free_port()
        for folder in ("conf", "log", "data/ldap"):
            (home / folder).mkdir(parents=True)
        entries = store.initial(DOMAIN, {HOST: ("ldap", "mailbox"), OTHER: ("proxy", "mta")}, ["alice"])
        store.write(home / ldapd.FILE, entries)
        own = {
            "zimbra_server_hostname": HOST,
            "ldap_url": f"ldap://127.0.0.1:{self.ldap_port}",
            "zimbra_admin_service_port": str(self.soap_port),
        }
        localconfig.write(home / localconfig.FILE, own)
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        program, rest, port = {
            "ldapd": (LDAPD, str(self.ldap_port), self.ldap_port),
            "soapd": (SOAPD, str(self.told), self.soap_port),
        }[name]
        command = [sys.executable, "-I", "-c", program, LAB, str(self.home), rest]
        self.running[name] = subprocess.Popen(command)
        wait_until(lambda: answers(port))

    def stop(self, name: str) -> None:
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def run(self, program: str, *words: str, stdin: bytes = b"") -> tuple[int, str, str]:
        command = [sys.executable, "-I", "-c", program, LAB, str(self.home), *words]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=120)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def zmprov(self, *words: str) -> tuple[int, str, str]:
        return self.run(ZMPROV, *words)

    def batch(self, *lines: str) -> tuple[int, str, str]:
        path = self.home / "batch"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return self.zmprov("-f", str(path))

    def last_told(self) -> list[object]:
        lines = self.told.read_text(encoding="utf-8").splitlines() if self.told.exists() else []
        found: list[object] = json.loads(lines[-1]) if lines else []
        return found


@pytest.fixture
def site(tmp_path: pathlib.Path) -> Iterator[Site]:
    here = Site(tmp_path)
    here.start("ldapd")
    here.start("soapd")
    yield here
    for name in list(here.running):
        here.stop(name)


def shown(value: str, host: str = HOST) -> tuple[int, str, str]:
    return 0, f"# name {host}\n{GSSAPI}: {value}\n\n", ""


def test_over_soap_and_straight_to_the_directory(site: Site) -> None:
    assert site.zmprov("gs", HOST, GSSAPI) == shown("FALSE")
    assert site.zmprov("ms", HOST, GSSAPI, "TRUE") == (0, "", "")
    assert site.zmprov("-l", "gs", HOST, GSSAPI) == shown("TRUE")
    assert site.zmprov("-l", "ms", HOST, GSSAPI, "FALSE") == (0, "", "")
    assert site.zmprov("gs", HOST, GSSAPI) == shown("FALSE")
    status, out, err = site.zmprov("ms", OTHER, GSSAPI, "TRUE")
    assert (status, out) == (2, "")
    assert f"server {OTHER} does not have zimbraMailMode set" in err
    assert site.zmprov("-l", "ms", OTHER, GSSAPI, "TRUE") == (0, "", "")
    assert site.zmprov("gs", OTHER, GSSAPI) == shown("TRUE", OTHER)


def test_what_mailboxd_keeps_until_it_is_told(site: Site) -> None:
    mech = ("gd", DOMAIN, "zimbraAuthMech")
    assert site.zmprov(*mech)[1] == f"# name {DOMAIN}\nzimbraAuthMech: zimbra\n\n"
    assert site.last_told() == [["zimbra"], None, 2]
    assert site.zmprov("-l", "md", DOMAIN, "zimbraAuthMech", "kerberos5") == (0, "", "")
    assert site.zmprov("-l", "mcf", "+zimbraReverseProxyAdminIPAddress", "192.0.2.1") == (0, "", "")
    assert site.zmprov("-l", "ca", f"bob@{DOMAIN}", "")[0] == 0
    wait_until(lambda: site.last_told() == [["zimbra"], None, 3])  # a new account was in no cache
    assert site.zmprov(*mech)[1] == f"# name {DOMAIN}\nzimbraAuthMech: zimbra\n\n"
    assert site.zmprov("fc", "domain") == (0, "", "")
    assert site.zmprov(*mech)[1] == f"# name {DOMAIN}\nzimbraAuthMech: kerberos5\n\n"
    wait_until(lambda: site.last_told() == [["kerberos5"], None, 3])
    site.stop("soapd")
    site.start("soapd")
    wait_until(lambda: site.last_told() == [["kerberos5"], ["192.0.2.1"], 3])


def test_a_batch_says_what_went_wrong(site: Site) -> None:
    status, out, err = site.batch(
        f"ms {HOST} {GSSAPI} TRUE",
        f"ms {HOST} {GSSAPI} bogus",
        f'md {DOMAIN} description "a b"',
        f"gs -e {HOST} {GSSAPI}",
        f"gd {DOMAIN} description",
        "exit",
    )
    read = f"# name {HOST}\n{GSSAPI}: TRUE\n\nprov> # name {DOMAIN}\ndescription: a b\n\nprov> "
    assert (status, out) == (2, f"prov> prov> prov> prov> {read}")
    assert err == f"ERROR: account.INVALID_ATTR_VALUE ({GSSAPI} must be TRUE or FALSE)\n"
    rows = [json.loads(line) for line in (site.home / invocations.LOG).read_text(encoding="utf-8").splitlines()]
    assert [(row["program"], row["status"], row["commands"]) for row in rows] == [("zmprov", 2, 6)]


def test_mailboxd_is_down_and_then_the_directory(site: Site) -> None:
    site.stop("soapd")
    refused = (
        "ERROR: zclient.IO_ERROR (invoke Connection refused, server: localhost) "
        "(cause: java.net.ConnectException Connection refused)\n"
    )
    assert site.zmprov("gas") == (2, "", refused)
    assert site.batch("gas", "exit") == (2, "", refused)
    assert site.zmprov("-l", "gas") == (0, f"{HOST}\n{OTHER}\n", "")
    own = localconfig.read(site.home / localconfig.FILE)
    localconfig.write(site.home / localconfig.FILE, {**own, "zimbra_zmprov_default_to_ldap": "true"})
    assert site.zmprov("gas") == (0, f"{HOST}\n{OTHER}\n", "")
    site.stop("ldapd")
    status, out, err = site.zmprov("-l", "gas")
    assert (status, out) == (1, "")
    assert "FATAL: failed to initialize LDAP client\ncom.zimbra.cs.ldap.LdapException: LDAP error: " in err


def test_the_directory_keeps_its_entries_and_mailboxd_finds_it_again(site: Site) -> None:
    assert site.zmprov("ms", HOST, GSSAPI, "TRUE") == (0, "", "")
    site.stop("ldapd")
    status, out, err = site.zmprov("gs", HOST, GSSAPI)
    assert (status, out) == (2, "")
    assert err.startswith("ERROR: service.FAILURE (system failure: LDAP error: ")
    site.start("ldapd")
    assert site.zmprov("gs", HOST, GSSAPI) == shown("TRUE")


def test_a_thousand_accounts_in_one_call(site: Site) -> None:
    people = [f"user{number}@{DOMAIN}" for number in range(1000)]
    assert site.batch(*(f'ca {name} ""' for name in people), "exit")[0] == 0
    began = time.monotonic()
    lines = [f"ma {name} +zimbraForeignPrincipal kerberos5:{name.replace(DOMAIN, 'PARTNER.TEST')}" for name in people]
    reads = [f"ga {name} zimbraForeignPrincipal" for name in people]
    status, out, err = site.batch(*lines, *reads, "exit")
    assert (status, err) == (0, "")
    assert out.count("zimbraForeignPrincipal: kerberos5:user") == 1000
    assert time.monotonic() - began < 120  # what takes some 5 s on an idle machine
    found = directory.Directory("127.0.0.1", site.ldap_port).entry("account", people[999])
    assert found["zimbraForeignPrincipal"] == ["kerberos5:user999@PARTNER.TEST"]
    wait_until(lambda: site.last_told()[2:] == [1002])


def test_zmlocalconfig_writes_and_all_programs_read(site: Site) -> None:
    """As root it only reads; the user zimbra edits, here any other user. The text of a failed -l is in no recording."""
    assert site.run(ZMLOCALCONFIG, "-m", "nokey", "zimbra_server_hostname") == (0, f"{HOST}\n", "")
    if os.geteuid() != 0:
        pytest.fail("this test must run as root, as the toolbox does")
    assert site.run(ZMLOCALCONFIG, "-l") == (0, "", "")
    edit = ("-e", "zimbra_zmprov_default_soap_server=nosuch.invalid")
    assert site.run(ZMLOCALCONFIG, *edit) == (1, "", "Error: cannot use -e when running as root\n")
    for path in (site.home, *site.home.rglob("*")):
        os.chown(path, 65534, 65534)
    for parent in site.home.parents[:2]:
        parent.chmod(0o755)
    command = [sys.executable, "-I", "-c", ZMLOCALCONFIG, LAB, str(site.home), *edit]
    done = subprocess.run(command, user=65534, group=65534, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (site.home / localconfig.FILE).stat().st_mode & 0o777 == 0o640
    status, dummy, err = site.zmprov("gas")
    assert status == 2
    site.stop("soapd")
    assert site.run(ZMLOCALCONFIG, "-l") == (1, "", "Error: Connection refused\n")
    assert "server: nosuch.invalid) (cause: java.net.UnknownHostException " in err
