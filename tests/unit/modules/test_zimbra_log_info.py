# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
import pathlib
import time
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.modules import zimbra_log_info
from ansible_collections.mailrealm.kerberos.tests.unit.modules.zimbra_stage import run

MAPPED = (
    "WARN  [ImapServer-1] [ip=192.0.2.7;] account - authentication failed "
    "(no account associated with Kerberos principal"
)


def stamped(age: int) -> str:
    at = datetime.datetime.now() - datetime.timedelta(seconds=age)
    return at.isoformat(sep=" ", timespec="milliseconds").replace(".", ",")


@pytest.fixture
def log(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def read(**options: Any) -> dict[str, Any]:
        found = run(zimbra_log_info, capsys, **{"paths": [str(tmp_path / "mailbox.log")], **options})
        if not found.get("failed"):
            assert found["changed"] is False
        return found

    return read


def test_symptoms_since(tmp_path: pathlib.Path, log: Any) -> None:
    lines = [f"{stamped(age)} {MAPPED} bob{age}@PARTNER.TEST)\n" for age in (900, 60, 5)]
    (tmp_path / "mailbox.log").write_text("".join(lines))
    found = log()
    assert [(one["symptom"], one["count"]) for one in found["symptoms"]] == [("account_not_mapped", 3)]
    assert "bob5@PARTNER.TEST" in found["symptoms"][0]["cause"]
    assert (found["missing"], found["truncated"]) == ([], False)
    assert log(since="300")["symptoms"][0]["count"] == 2
    assert log(since="1")["symptoms"] == []


def test_rotated_logs(tmp_path: pathlib.Path, log: Any) -> None:
    (tmp_path / "mailbox.log.2026-01-01").write_text(f"{stamped(90)} {MAPPED} old@R)\n")
    time.sleep(0.01)
    (tmp_path / "mailbox.log").write_text(f"{stamped(5)} {MAPPED} new@R)\n")
    (tmp_path / "mailbox-stats.log").write_text(f"{stamped(5)} {MAPPED} other@R)\n")
    assert log()["symptoms"][0]["count"] == 2


def test_no_log_and_no_time(tmp_path: pathlib.Path, log: Any) -> None:
    found = log(paths=[str(tmp_path / "a.log"), str(tmp_path / "b" / "c.log")])
    assert (found["symptoms"], len(found["missing"])) == ([], 2)
    assert log(since="yesterday")["msg"].startswith("since: 'yesterday' is no time; give seconds")
    assert zimbra_log_info.LOGS[0] == "/opt/zimbra/log/mailbox.log"
