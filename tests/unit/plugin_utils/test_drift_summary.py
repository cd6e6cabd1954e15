# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a drift run in sentences, and the files that it leaves."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_finding import Finding
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_report import (
    HostRecord,
    Report,
    Waiver,
    document,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_settings import Setting
from ansible_collections.mailrealm.kerberos.plugins.plugin_utils import drift_summary, drift_waivers, drift_writer

BOTH = (Setting("smtpd_sasl_type", "dovecot", "cyrus"), Setting("smtpd_sasl_path", None, "smtpd"))
DIFFERS = Finding("change", "postfix", "Set", "m", "main.cf", BOTH, "", "critical", "", "main.cf: two settings")


def _document(*hosts: HostRecord, waivers: tuple[Waiver, ...] = ()) -> dict[str, Any]:
    return document(Report("2026-11-27T02:00:00Z", hosts, waivers), drift_waivers.matches)


def _host(name: str, *findings: Finding, state: str = "checked", reason: str = "") -> HostRecord:
    return HostRecord(name, state, reason, ("postfix",), findings)


def test_findings_are_told_with_their_hosts_and_settings() -> None:
    lines = drift_summary.summary(_document(_host("a", DIFFERS), _host("b", DIFFERS), _host("c")), "/r")
    assert lines[0].startswith("Drift report: drift: ")
    assert lines[1] == ("Hosts: 1 clean, 2 with drift, 0 not known. Findings: 1 critical, 0 major, 0 minor, 0 waived.")
    assert lines[2:5] == [
        "  critical: main.cf: two settings [a, b]",
        "      smtpd_sasl_type: dovecot -> cyrus",
        "      smtpd_sasl_path: (absent) -> smtpd",
    ]
    assert lines[5].startswith("The report lies in /r: ")


def test_a_finding_is_told_with_what_it_is_about() -> None:
    login = Finding("login", "", "Log in", "m", "smtp://mx1:587", (), "", "critical", "", "the KDC knows no principal")
    lines = drift_summary.summary(_document(_host("a", login)))
    assert lines[2] == "  critical: smtp://mx1:587: the KDC knows no principal [a]"


def test_many_hosts_and_settings_are_counted() -> None:
    many = Finding(**{**DIFFERS.__dict__, "settings": tuple(Setting(f"s{n}", None, "x") for n in range(9))})
    lines = drift_summary.summary(_document(*(_host(f"h{n:02}", many) for n in range(12))))
    assert lines[2].endswith("h06, h07 and 4 more]")
    assert lines[-1] == "      and 3 more settings, in drift.html"


def test_hosts_that_are_not_known_say_why_on_one_line() -> None:
    lost = _host("a", state="failed", reason="Set: no\nsuch file")
    whole = _document(lost, _host("b"))
    lines = drift_summary.summary(whole)
    assert drift_summary.EXIT[whole["status"]] == 4
    assert lines[2] == "  not known: a (failed): Set: no such file"


@pytest.mark.parametrize(
    ("expires", "says"), [("2026-11-27", "ends today"), ("2026-11-28", "ends in 1 day "), ("2026-12-27", "in 30 days")]
)
def test_waivers_that_soon_end_are_told(expires: str, says: str) -> None:
    waiver = Waiver("w", "host == 'a'", "mail team", "until the move", expires)
    lines = drift_summary.summary(_document(_host("a", DIFFERS), waivers=(waiver,)))
    assert any("waiver 'w' of mail team" in line and says in line for line in lines)
    later = Waiver("w", "host == 'a'", "mail team", "until the move", "2027-06-01")
    assert "waiver 'w'" not in "\n".join(drift_summary.summary(_document(_host("a", DIFFERS), waivers=(later,))))


def test_the_files_are_written_whole_for_owner_and_group_and_only_when_they_differ(tmp_path: pathlib.Path) -> None:
    folder = drift_writer.prepared(str(tmp_path / "new" / "drift"))
    whole = _document(_host("a", DIFFERS))
    assert drift_writer.write(whole, folder, dry=True) and list(pathlib.Path(folder).iterdir()) == []
    assert drift_writer.write(whole, folder) and not drift_writer.write(whole, folder)
    written = sorted(pathlib.Path(folder).iterdir())
    assert [path.name for path in written] == ["drift.html", "drift.json", "drift.prom", "drift.xml"]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o640}
    written[0].chmod(0o666)
    assert drift_writer.write(whole, folder) and written[0].stat().st_mode & 0o777 == 0o640


def test_a_folder_that_cannot_be_is_named_by_the_variable(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(drift_writer.ReportFolderRefusal, match=r"kerberos_drift_folder: .*file/drift cannot be made"):
        drift_writer.prepared(str(tmp_path / "file" / "drift"))
