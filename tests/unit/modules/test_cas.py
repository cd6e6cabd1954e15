# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAS's modules on a host whose systemd is two scripts: what they ask of it, and what they make of its answers."""

from __future__ import annotations

import datetime
import json
import pathlib
import time
import zipfile
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import cas_logs, systemctl
from ansible_collections.mailrealm.kerberos.plugins.modules import cas_info, cas_log_info, cas_overlay
from ansible_collections.mailrealm.kerberos.tests.unit.modules.zimbra_stage import run

FAILED = "org.ietf.jgss.GSSException: Failure unspecified at GSS-API level (Mechanism level: Checksum failed)"


class Host:
    """A folder of programs, and what they are to say."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        for name in ("systemctl", "journalctl"):
            program = folder / name
            program.write_text(f'#!/bin/sh\necho "$@" > {folder}/{name}.asked\nexec cat {folder}/{name}.says\n')
            program.chmod(0o755)
            self.says(name, "")

    def says(self, name: str, text: str) -> None:
        (self.folder / f"{name}.says").write_text(text)

    def asked(self, name: str) -> str:
        return (self.folder / f"{name}.asked").read_text()

    def journal(self, *rows: tuple[Any, str | list[int] | None]) -> None:
        text = "".join(json.dumps({"__REALTIME_TIMESTAMP": at, "MESSAGE": said}) + "\n" for at, said in rows)
        self.says("journalctl", text)


@pytest.fixture
def host(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(systemctl, "BOOTED", str(tmp_path))
    yield Host(folder)


def micro(age: float) -> str:
    return str(int((time.time() - age) * 1e6))


def test_cas_info(host: Host, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "java"
    (home / "bin").mkdir(parents=True)
    (home / "bin/java").write_text("")
    (home / "release").write_text('JAVA_VERSION="21.0.4"\n')
    war = tmp_path / "cas.war"
    with zipfile.ZipFile(war, "w") as made:
        made.writestr("WEB-INF/lib/cas-server-core-api-7.0.10.jar", b"")
        made.writestr("WEB-INF/classes/jcifs/spnego/Authentication.class", b"")
    host.says(
        "systemctl",
        "Id=cas.service\nLoadState=loaded\nActiveState=inactive\nUser=root\nGroup=\n"
        f"ExecStart={{ path={home}/bin/java ; argv[]={home}/bin/java -jar {war} ; ignore_errors=no ; pid=0 }}\n",
    )
    found = run(cas_info, capsys, war=str(war))
    assert host.asked("systemctl").startswith("show --property=Id,") and " cas.service" in host.asked("systemctl")
    assert found["unit"] == {"name": "cas.service", "exists": True, "active": False, "user": "root", "group": "root"}
    assert found["java"] == {"home": str(home), "version": "21.0.4", "major": 21, "aes": 256, "source": "unit"}
    assert [problem["check"] for problem in found["problems"]] == ["war_without_spnego"]
    assert found["changed"] is False
    assert run(cas_info, capsys, war=str(war), check=True) == found


def test_the_journal(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    coloured = list(f"\x1b[31m2026-01-31 12:00:00,1 ERROR [x] - <null>\x1b[m\n{FAILED}".encode())
    host.journal(
        (micro(9), coloured),
        (micro(9), "\tat sun.security.krb5.KrbApReq.authenticate(Unknown Source)"),
        (micro(9), "Caused by: KrbException: Checksum failed"),
        (micro(5), "Started cas.service"),
        (micro(4), None),
        ("no time", FAILED),
    )
    found = run(cas_log_info, capsys, since="60")
    (only,) = found["symptoms"]
    assert (only["symptom"], only["count"], only["logs"]) == ("service_key_differs", 1, ["journal of cas.service"])
    assert only["line"] == FAILED
    assert (found["missing"], found["truncated"], found["changed"]) == ([], False, False)
    words = host.asked("journalctl").split()
    (since,) = [int(word.partition("@")[2]) for word in words if word.startswith("--since=@")]
    assert 55 <= time.time() - since <= 125
    assert {"--unit=cas.service", "--output=json", "--all", f"--lines={cas_logs.MOST}"} <= set(words)


def test_no_journal(host: Host, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (host.folder / "journalctl").write_text("#!/bin/sh\nexit 1\n")
    found = run(cas_log_info, capsys, unit="tomcat9", files=[str(tmp_path / "none.log")])
    assert found["missing"] == ["journal of tomcat9.service", str(tmp_path / "none.log")]
    assert run(cas_log_info, capsys, unit="")["missing"] == []
    assert run(cas_log_info, capsys, unit="a b")["msg"].startswith("unit: 'a b' is not a unit's name; ")
    assert run(cas_log_info, capsys, since="yesterday")["msg"].startswith("since: 'yesterday' is no time; ")


def test_a_full_journal(host: Host, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cas_logs, "MOST", 2)
    host.journal((micro(2), "a"), (micro(1), "b"))
    assert run(cas_log_info, capsys)["truncated"]


def test_files_and_since(host: Host, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "cas.log"
    now = datetime.datetime.now()
    stamps = [(now - datetime.timedelta(seconds=age)).strftime("%Y-%m-%d %H:%M:%S,123") for age in (4000, 400, 4)]
    log.write_text("".join(f"{stamp} ERROR [jcifs] - <null>\n{FAILED}\n" for stamp in stamps))
    counts = [
        run(cas_log_info, capsys, files=[str(log)], **since)["symptoms"][0]["count"]
        for since in ({}, {"since": "1000"}, {"since": "9000"})
    ]
    assert counts == [1, 2, 3]
    assert host.asked("journalctl")


def test_cas_overlay(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "build.gradle"
    path.write_text("dependencies {\n}\n")
    before = path.read_text()
    checked = run(cas_overlay, capsys, check=True, path=str(tmp_path))
    assert (checked["changed"], checked["files"], path.read_text()) == (True, [str(path)], before)
    done = run(cas_overlay, capsys, path=str(tmp_path))
    assert done["diff"] == checked["diff"]
    assert "cas-server-support-spnego-webflow" in path.read_text()
    assert run(cas_overlay, capsys, path=str(tmp_path))["changed"] is False
    missing = run(cas_overlay, capsys, path=str(tmp_path / "none"))
    assert missing["msg"].startswith(f"path: {tmp_path}/none holds no build.gradle") and missing["failed"]
