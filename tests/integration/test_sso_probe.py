# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sso_probe through ansible-playbook: results, failures, check mode, and no secret anywhere."""

from __future__ import annotations

import base64
import contextlib
import pathlib
import socket
import subprocess
import sys
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import realm, web_server
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.sso_site import ENCTYPE, PASSWORD, Site, running_site

ALICE = {"principal": "alice", "password": PASSWORD}
FIELDS = {
    *("answer", "authenticated_as", "cause", "enctype", "host", "kvno", "offered", "ok", "port", "protocol"),
    *("remedy", "service_principal", "symptom", "tls", "user"),
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture(scope="module")
def page(site: Site) -> Iterator[dict[str, Any]]:
    """A service that logs in."""
    with web_server.running_pages(site.keytab("http.keytab", "root", "HTTP/localhost")) as port:
        yield {"protocol": "http", "host": "localhost", "port": port, "tls": "none"}


@pytest.fixture
def nobody() -> dict[str, Any]:
    """A service that is not there."""
    return {"protocol": "smtp", "host": "localhost", "port": realm.free_ports(1)[0], "tls": "none"}


def task(site: Site, services: list[dict[str, Any]], credentials: dict[str, str], **more: Any) -> dict[str, Any]:
    environment = {**site.realm.variables, **more.pop("environment", {})}
    module = {"services": services, "credentials": credentials, **more}
    return {"mailrealm.kerberos.sso_probe": module, "environment": environment}


def test_the_ladder_changes_nothing(site: Site, page: dict[str, Any], tmp_path: pathlib.Path) -> None:
    browser = {**page, "path": "/browser", "user_agent": "Mozilla/5.0 Firefox/128.0", "padding": 40000}
    steps = climb([task(site, [page, browser], ALICE)], tmp_path, watch=[site.folder])
    assert steps.changed == (False, False, False, False)
    for step in (steps.check, steps.run):
        results = step.only.data["services"]
        assert [result["ok"] for result in results] == [True, True]
        assert {frozenset(result) for result in results} == {frozenset(FIELDS)}
        assert results[0] == {
            **page,
            "ok": True,
            "user": "alice@EXAMPLE.TEST",
            "authenticated_as": "alice@EXAMPLE.TEST",
            "service_principal": "HTTP/localhost@EXAMPLE.TEST",
            "kvno": 1,
            "enctype": ENCTYPE,
            "offered": ["Negotiate"],
            "answer": "200 OK",
            "symptom": "",
            "cause": "",
            "remedy": "",
        }


def test_one_bad_login_fails_the_task_and_all_are_reported(
    site: Site, page: dict[str, Any], nobody: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    step, dummy = play([task(site, [nobody, page], ALICE)], tmp_path)
    assert step.failed
    assert step.only.msg.startswith(f"1 of 2 logins failed: smtp localhost:{nobody['port']}: nothing listens on port")
    assert [result["ok"] for result in step.only.data["services"]] == [False, True]


def test_no_bindings(site: Site, page: dict[str, Any], tmp_path: pathlib.Path) -> None:
    """Neither the module's Python nor any other of the host can import gssapi."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "gssapi.py").write_text("raise ImportError('hidden by the test')\n")
    hidden = {"PYTHONPATH": str(tmp_path / "hidden")}
    step, output = play([task(site, [page], ALICE, environment=hidden)], tmp_path)
    assert step.failed
    (result,) = step.only.data["services"]
    assert (result["ok"], result["symptom"]) == (None, "bindings_missing")
    assert "install python3-gssapi" in output


def seen_by_others() -> str:
    """Arguments and environment of every process."""
    found = []
    for name in ("cmdline", "environ"):
        for path in pathlib.Path("/proc").glob(f"[0-9]*/{name}"):
            with contextlib.suppress(OSError):  # a process that has gone
                found.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(found)


def test_no_secret_is_seen(site: Site, page: dict[str, Any], tmp_path: pathlib.Path) -> None:
    canary = "canary-8f2e1c77"
    before = set(pathlib.Path("/tmp").glob("mailrealm-probe-*"))  # of modules that other tests killed
    site.realm.kadmin_local(f'addprinc -pw "{canary}" bird')
    processes: list[str] = []

    def look(connection: socket.socket) -> None:
        connection.sendall(b"220 x\r\n250-x\r\n250 AUTH GSSAPI\r\n334 \r\n")
        connection.recv(10000)
        processes.append(seen_by_others())

    with web_server.listening(look) as port:
        services = [page, {"protocol": "smtp", "host": "localhost", "port": port, "tls": "none"}]
        good = task(site, services, {"principal": "bird", "password": canary}, fail_on_error=False)
        wrong = task(site, [page], {"principal": "bird", "password": f"{canary}-wrong"})
        step, output = play([good, wrong], tmp_path, verbosity=4)
    assert [result["ok"] for result in step.results[0].data["services"]] == [True, False]
    assert step.last.data["services"][0]["symptom"] == "credential_wrong"
    assert processes
    assert "ansible-playbook" in processes[0]
    for text in (output, *processes):
        assert canary not in text
        assert base64.b64encode(canary.encode()).decode().rstrip("=") not in text
        assert "Negotiate Y" not in text
    assert set(pathlib.Path("/tmp").glob("mailrealm-probe-*")) <= before


def test_changes_to_the_python_that_has_the_bindings(site: Site, page: dict[str, Any], tmp_path: pathlib.Path) -> None:
    """A Python that discovery may take on a host, and for which no package brings gssapi."""
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    command = [bare / "bin" / "python", "-c", "import gssapi"]
    assert subprocess.run(command, capture_output=True, check=False).returncode
    step, output = play([task(site, [page], ALICE)], tmp_path, interpreter=str(bare / "bin" / "python"))
    assert not step.failed, output
    assert step.only.data["services"][0]["ok"]
