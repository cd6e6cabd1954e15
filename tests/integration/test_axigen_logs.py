# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules for Axigen through ansible-playbook: the four steps, the logs, and no secret at -vvvv or on the disk."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import log_tail
from ansible_collections.mailrealm.kerberos.tests.integration import canary, forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.axigen_script import PASSWORD, axigen
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, environment, play

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
SECRET = "canary-5e1f"
TOKEN = "YIIGhgYJKoZIhvcSAQICAQBuggZ1MIIGcaADAgEFoQMCAQ6iBwMFACAAAACj"


def line(text: str, module: str = "IMAP", session: str = "0000A01F", at: float | None = None) -> str:
    stamp = time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(at))
    return f"{stamp} 16 mx1 {module}:{session}: {text}\n"


def session(number: int, *texts: str, module: str = "IMAP", at: float | None = None) -> str:
    return "".join(line(text, module, f"{number:08X}", at) for text in texts)


GOOD = ("connection accepted from [192.0.2.7:50123]", "<< a AUTHENTICATE GSSAPI", ">> +", f"<< {TOKEN}", ">> a OK Done")
BAD = ("<< AUTH PLAIN " + SECRET, "Authentication error for user 'bob@example.test': Invalid password", ">> -ERR no")
UNREADABLE = (
    "<< AUTH GSSAPI",
    "sasl_server_step error: 'SASL(-1): generic failure: GSSAPI Error: Unspecified GSS failure (Permission denied)'",
    ">> 535 Authentication failed",
)


def test_the_four_steps_show_no_secret(tmp_path: pathlib.Path) -> None:
    log = tmp_path / "everything.txt"
    log.write_text(session(1, *GOOD) + session(2, *BAD, module="POP3"))
    work = tmp_path / "work"
    work.mkdir()
    with axigen(tmp_path / "axigen.cfg") as server:
        common = {"login": {"port": server.port, "password": "{{ vault }}"}, "configuration_file": str(server.path)}
        tasks = [
            {
                "mailrealm.kerberos.axigen_config": {
                    **common,
                    "domain": "example.test",
                    "running": ["imap"],
                    "services_add": {"imap": {"secureConnAuthTypes": ["gssapi"]}},
                    "services": {"webmail": {"allowSPNEGOAuth": True}},
                }
            },
            {"mailrealm.kerberos.axigen_info": common},
            {"mailrealm.kerberos.axigen_log_info": {"paths": [str(log), str(tmp_path / "none.txt")], "since": 3600}},
        ]
        steps = climb(tasks, work, watch=[server.path], verbosity=4, variables={"vault": PASSWORD})
        assert steps.changed == (True, True, False, False)
        assert steps.check.diff == steps.run.diff != []
        assert steps.check.watched_after == steps.check.watched_before
        assert steps.run_again.watched_after == steps.run_again.watched_before
        assert "gssapi" in server.services["imap"]["secureConnAuthTypes"]
    assert steps.run.last.data["missing"] == [str(tmp_path / "none.txt")]
    assert [one["result"] for one in steps.run.last.data["sessions"]] == ["accepted", "refused"]
    assert SECRET not in steps.output
    variables = list(work.glob("playbook-*.yml"))
    assert canary.found_below(work, SECRET.encode(), allowed=variables) == []


def test_a_password_among_the_attributes_is_hidden_and_refused(tmp_path: pathlib.Path) -> None:
    task = {
        "mailrealm.kerberos.axigen_config": {
            "login": {"port": 1, "password": PASSWORD},
            "services": {"imap": {"relayPassword": SECRET}},
        }
    }
    step, output = play([{**task, "ignore_errors": True}], tmp_path, verbosity=3)
    assert step.only.msg.startswith("services.imap.relayPassword: holds a password, which is not set here; ")
    assert SECRET not in output


def read(*paths: pathlib.Path, **options: Any) -> dict[str, Any]:
    told = forked_module.run("axigen_log_info", {"paths": [str(path) for path in paths], **options}, paths[0].parent)
    assert told.result, told.output
    assert SECRET not in told.output
    return told.result


def test_logins_are_read_back(tmp_path: pathlib.Path) -> None:
    everything, default = tmp_path / "everything.txt", tmp_path / "default.txt"
    hour = time.time() - 3600
    lines = session(1, *GOOD, at=hour) + session(2, *BAD, module="POP3") + session(3, *UNREADABLE, module="SMTP-IN")
    everything.write_text(lines + session(4, *UNREADABLE) + "cut sho")
    default.write_text(lines)
    told = read(everything, default)
    assert [(one["module"], one["session"], one["mechanism"], one["result"]) for one in told["sessions"]] == [
        ("IMAP", "00000001", "GSSAPI", "accepted"),
        ("POP3", "00000002", "PLAIN", "refused"),
        ("SMTP-IN", "00000003", "GSSAPI", "refused"),
        ("IMAP", "00000004", "GSSAPI", "refused"),
    ]
    assert told["sessions"][0]["client"] == "192.0.2.7:50123"
    assert told["sessions"][0]["lines"][3] == f"<< ({len(TOKEN)} characters)"
    assert [(one["symptom"], one["count"], one["modules"]) for one in told["symptoms"]] == [
        ("service_keytab_unreadable", 2, ["SMTP-IN", "IMAP"]),
        ("password_wrong", 1, ["POP3"]),
    ]
    assert (told["missing"], told["truncated"]) == ([], False)
    late = read(everything, since="600", services=["imap", "smtp"])
    assert [one["session"] for one in late["sessions"]] == ["00000003", "00000004"]
    assert (
        read(everything, since=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(hour)))["sessions"] == told["sessions"]
    )


def test_rotated_logs_are_read_as_far_as_wanted(tmp_path: pathlib.Path) -> None:
    now = time.time()
    for age, name in ((3, "everything.txt.1"), (2, "everything-old.txt"), (1, "other.txt"), (0, "everything.txt")):
        path = tmp_path / name
        path.write_text(session(age, "User [x] successfully authorized!", at=now - age * 1000))
        os.utime(path, (now - age * 1000, now - age * 1000))
    (tmp_path / "everything.txt.2.gz").write_bytes(b"\x1f\x8b")
    path = tmp_path / "everything.txt"
    assert [one["session"][-1] for one in read(path)["sessions"]] == ["3", "2", "0"]
    assert [one["session"][-1] for one in read(path, since=2500)["sessions"]] == ["2", "0"]


def test_of_a_great_log_the_end_is_read(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_tail, "MOST", 20_000)
    path = tmp_path / "everything.txt"
    ages = range(4000, 0, -1)
    now = time.time()
    path.write_text("".join(session(age, "User [x] successfully authorized!", at=now - age) for age in ages))
    told = read(path)
    assert told["truncated"]
    found = [int(one["session"], 16) for one in told["sessions"]]
    assert found == list(range(found[0], 0, -1))
    assert 150 < len(found) < 300
    assert not read(path, since=100)["truncated"]
    assert read(path, since=3000)["truncated"]


def test_memory_stays_bounded(tmp_path: pathlib.Path) -> None:
    """A log of 300 MB, sparse, with a line without end: the module stays far below its size."""
    path = tmp_path / "everything.txt"
    with path.open("wb") as stream:
        stream.truncate(300_000_000)
        stream.seek(0, os.SEEK_END)
        stream.write(b"\n" + session(1, *GOOD).encode())
    code = (
        "import resource,sys;resource.setrlimit(resource.RLIMIT_AS,(250_000_000,)*2);"
        "from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.axigen_logs import read_logs;"
        "print(len(read_logs([sys.argv[1]], None, ()).logins))"
    )
    given = environment(tmp_path)
    given["PYTHONPATH"] = os.pathsep.join(
        filter(None, [given["ANSIBLE_COLLECTIONS_PATH"], os.environ.get("PYTHONPATH")])
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], env=given, capture_output=True, text=True, check=False
    )
    assert done.stdout == "1\n", done.stderr


def test_no_logs_at_all(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "nowhere" / "everything.txt"
    told = forked_module.run("axigen_log_info", {"paths": [str(path)]}, tmp_path, check=True).result
    assert told
    told.pop("invocation", None)  # of ansible-core 2.19
    assert told == {"changed": False, "sessions": [], "symptoms": [], "missing": [str(path)], "truncated": False}


def test_a_log_that_may_not_be_read(tmp_path: pathlib.Path) -> None:
    told = forked_module.run("axigen_log_info", {"paths": ["/proc/self/mem/x"]}, tmp_path).result
    assert told and told["failed"] and told["msg"].startswith("paths: /proc/self/mem/x may not be read (")
    since = forked_module.run("axigen_log_info", {"since": "yesterday"}, tmp_path).result
    assert since and since["msg"].startswith("since: 'yesterday' is no time; ")
