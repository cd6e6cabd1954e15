# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role cas where the lab has nothing of the kind: an overlay that is built, an external Tomcat, proxies in front.

Check, run, check, run, and what systemctl was told. Keys come from a file. The first test finds a blank host, the
others run the role first. Needs root (the toolbox).
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import pathlib
import subprocess
import tempfile
import threading
from typing import Any, Iterator, Mapping

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.cas_installed import archive, java, unit
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import Step, play

REALM = "EXAMPLE.TEST"
HOST = "cas1.example.test"
USER, GROUP = "nobody", "nogroup"
RESTART = "--quiet restart -- cas.service"
# Leaves an archive with what the build file asks for; jcifs-ext is what brings the class that CAS calls.
GRADLEW = """\
#!/usr/bin/env python3
import pathlib, sys, zipfile

assert sys.argv[1:] == ["--no-daemon", "clean", "build"], sys.argv
asked = pathlib.Path("build.gradle").read_text()
made = pathlib.Path("build/libs/cas.war")
made.parent.mkdir(parents=True, exist_ok=True)
with zipfile.ZipFile(made, "w") as war:
    for name in ("core-api", "webapp-resources", *(["support-spnego-webflow"] if "spnego" in asked else [])):
        war.writestr(f"WEB-INF/lib/cas-server-{name}-6.6.12.jar", b"")
    if "jcifs-ext" in asked:
        war.writestr("WEB-INF/classes/jcifs/spnego/Authentication.class", b"")
"""
BUILD = 'plugins { id "war" }\ndependencies {\n    implementation "org.apereo.cas:cas-server-webapp-init"\n}\n'
SERVER = (
    '<Server>\n  <Service name="Catalina">\n    <Connector port="8443" SSLEnabled="true"/>\n  </Service>\n</Server>\n'
)


@dataclasses.dataclass(frozen=True)
class Proxy:
    """What its file holds, its own check, and its unit on Debian."""

    lines: list[str]
    check: str
    unit: str


PROXIES = {
    "nginx": Proxy(["large_client_header_buffers 4 65536;"], "nginx -t", "nginx"),
    "apache": Proxy(["LimitRequestFieldSize 65536", "LimitRequestLine 65536"], "apachectl configtest", "apache2"),
}


class Page(http.server.BaseHTTPRequestHandler):
    """The page on which users log in."""

    def do_GET(self) -> None:
        self.send_response(401 if self.path == "/cas/login" else 404)
        self.end_headers()

    def log_message(self, *words: Any) -> None:
        """Nothing: what is asked is no matter of the test's."""


@contextlib.contextmanager
def named() -> Iterator[int]:
    """HOST leads here, where the page is; its port."""
    hosts = pathlib.Path("/etc/hosts")
    before = hosts.read_bytes()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hosts.write_bytes(before + f"127.0.0.1 {HOST}\n".encode())
    try:
        yield server.server_port
    finally:
        hosts.write_bytes(before)
        server.shutdown()


class Site:
    """A host with CAS 6.6, blank as to Kerberos, in a folder of its own."""

    def __init__(self, folder: pathlib.Path, port: int) -> None:
        self.folder, self.port, self.told = folder, port, folder / "told"
        archive(folder / "war")
        java(folder / "java")
        folder.chmod(0o755)
        words = f"addent -password -p HTTP/{HOST}@{REALM} -k 1 -e aes256-cts-hmac-sha1-96\nx\nwkt {folder}/handed\n"
        subprocess.run(["ktutil"], input=words, text=True, check=True, capture_output=True)

    def tasks(self, **variables: Any) -> list[Mapping[str, Any]]:
        host = {"kerberos_hostname": HOST, "kerberos_domain": "example.test", "kerberos_realm": REALM}
        host |= {"cas_port": self.port, "cas_tls": False}
        given = {
            "kerberos_keytab_source": "files",
            "keytab_sources": [{"remote_src": f"{self.folder}/handed"}],
            "keytab_check": False,
            "cas_names_check": False,
            "cas_war": f"{self.folder}/war",
            "cas_java_home": f"{self.folder}/java",
            "cas_user": USER,
            "cas_group": GROUP,
            "cas_krb5": "own",
            "kerberos_kdcs": ["kdc1.example.test"],
            "cas_keytab": f"{self.folder}/cas.keytab",
            "cas_config_directory": f"{self.folder}/config",
            **variables,
        }
        role = {"name": "mailrealm.kerberos.cas"}
        return [
            {"name": "Be such a host", "ansible.builtin.set_fact": {**host, "cacheable": True}, "tags": ["always"]},
            {"name": "ROLE", "ansible.builtin.include_role": role, "vars": given, "tags": ["always"]},
        ]

    def run(self, check: bool, **variables: Any) -> tuple[Step, str, list[str]]:
        """One pass of the role, its output, and what systemctl was told."""
        self.told.write_text("")
        # No package can be had here. Roles know check mode by the command line.
        arguments = ["--tags", "keytab,configure", *(["--check"] if check else [])]
        step, output = play(self.tasks(**variables), self.folder, check=check, arguments=arguments)
        return step, output, self.told.read_text().splitlines()

    def climb(self, **variables: Any) -> tuple[set[str], list[str]]:
        """Check, run, check, run: the tasks that changed something in the run, and what systemctl was told."""
        found = []
        for check in (True, False, True, False):
            step, output, told = self.run(check, **variables)
            assert not step.failed, output
            found.append(({result.name for result in step.results if result.changed} - {"Be such a host"}, told))
        (foreseen, quiet), (changed, told), *later = found
        assert foreseen == changed
        assert quiet == []
        assert later == [(set(), []), (set(), [])]
        return changed, told


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """In a folder that others may enter, as pytest's own may not."""
    with tempfile.TemporaryDirectory() as folder, named() as port, unit(pathlib.Path(folder) / "told", USER, GROUP):
        yield Site(pathlib.Path(folder), port)


@contextlib.contextmanager
def proxy(site: Site, kind: str) -> Iterator[dict[str, Any]]:
    """A proxy's own check, which notes that it was asked; the variables for the proxy."""
    program = pathlib.Path("/usr/local/sbin") / PROXIES[kind].check.split()[0]
    program.write_text(f'#!/bin/sh\necho "{program.name} $*" >> {site.told}\n')
    program.chmod(0o755)
    try:
        yield {"cas_proxy": kind, "cas_proxy_config": str(site.folder / f"{kind}.conf")}
    finally:
        program.unlink()


def overlay(site: Site) -> dict[str, Any]:
    """An overlay that asks for nothing yet, and the variables that have it built."""
    folder = site.folder / "overlay"
    folder.mkdir()
    (folder / "build.gradle").write_text(BUILD)
    (folder / "gradle.properties").write_text("cas.version=6.6.12\n")
    (folder / "gradlew").write_text(GRADLEW)
    (folder / "gradlew").chmod(0o755)
    subprocess.run(["chown", "-R", f"{USER}:{GROUP}", str(folder)], check=True)
    built = f"{folder}/build/libs/cas.war"
    return {"cas_overlay": str(folder), "cas_overlay_build": True, "cas_war": built}


def tomcat(site: Site) -> dict[str, Any]:
    """An external Tomcat that the unit cas runs, and the variables for it."""
    (site.folder / "server.xml").write_text(SERVER)
    return {"cas_tomcat": "external", "cas_tomcat_server_xml": f"{site.folder}/server.xml", "cas_tomcat_unit": "cas"}


def test_from_nothing_to_an_archive_a_tomcat_and_a_proxy(site: Site) -> None:
    """And before, an archive without the classes is refused once it is built, with nothing set up for it."""
    asked = {**overlay(site), **tomcat(site)}
    step, output, told = site.run(False, **asked)
    assert step.failed, output
    assert step.last.msg.startswith(f"{asked['cas_war']}: has no jcifs/spnego/Authentication.class in it, ")
    assert told == []
    config = site.folder / "config"
    assert not list(config.iterdir())

    with proxy(site, "nginx") as front:
        changed, told = site.climb(**asked, **front, cas_overlay_dependencies=["org.example:jcifs-ext:0.9.4"])
    assert "mailrealm.kerberos.cas : Build CAS from its overlay" in changed
    assert told == [PROXIES["nginx"].check, "--quiet reload -- nginx.service", RESTART]
    assert pathlib.Path(asked["cas_war"]).owner() == USER
    assert '"org.apereo.cas:cas-server-support-spnego-webflow' in (site.folder / "overlay" / "build.gradle").read_text()
    assert 'maxHttpHeaderSize="65536"' in (site.folder / "server.xml").read_text()
    assert "header-size" not in (config / "cas.properties").read_text()
    assert (site.folder / "nginx.conf").read_text().splitlines()[1:] == PROXIES["nginx"].lines


def test_a_proxy_is_asked_before_it_is_reloaded_and_cas_keeps_running(site: Site) -> None:
    site.run(False)
    with proxy(site, "apache") as front:
        step, output, told = site.run(False, **front)
    assert not step.failed, output
    assert told == [PROXIES["apache"].check, "--quiet reload -- apache2.service"]
    assert (site.folder / "apache.conf").read_text().splitlines()[1:] == PROXIES["apache"].lines


def test_what_the_jvm_reads_once_restarts_it_and_other_files_do_not(site: Site) -> None:
    site.run(False)
    config = site.folder / "config"
    for path, line in ((config / "krb5.conf", "# by hand\n"), (config / "login.conf", "// by hand\n")):
        path.write_text(path.read_text() + line)
        step, output, told = site.run(False)
        assert not step.failed, output
        assert told[-1:] == [RESTART], path
        assert path.read_text().endswith(line)
    (site.folder / "cas.keytab").unlink()
    step, output, told = site.run(False)
    assert step.changed, output
    assert told == []
