# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's evidence of units and of logs, with invented answers of systemd."""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import time

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import Asked, AskedKeytab
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.unit import UnitRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import (
    doctor_logs,
    doctor_running,
    journal,
    systemctl,
)

RUNS = "Id={name}\nLoadState=loaded\nActiveState=active\nSubState={sub}\nUnitFileState=enabled\nResult=success\n"
ABSENT = "Id={name}\nLoadState=not-found\nActiveState=inactive\nSubState=dead\n"
FAILURE = "warning: SASL authentication failure: GSSAPI Error: Unspecified GSS failure (No key table entry found)"


@pytest.fixture(autouse=True)
def booted(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemctl, "BOOTED", str(tmp_path))


def asked(*products: str, since: float = 3600.0, keytab: str = "") -> Asked:
    keytabs = (AskedKeytab(keytab, "postfix", products[0]),) if keytab else ()
    return Asked("mx1.example.test", "EXAMPLE.TEST", "example.test", keytabs=keytabs, products=products, since=since)


def shown(units: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        systemctl,
        "shown",
        lambda name, dummy: units.get(name.partition(".")[0], ABSENT).format(name=name, sub="running"),
    )


def test_the_unit_that_has_processes_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    shown({"postfix": RUNS.replace("{sub}", "exited"), "postfix@-": RUNS}, monkeypatch)
    (one,) = doctor_running.gather(asked("postfix"))["units"]
    assert (one["unit"], one["running"], one["enabled"]) == ("postfix@-.service", True, True)
    shown({"postfix": RUNS}, monkeypatch)
    (one,) = doctor_running.gather(asked("postfix"))["units"]
    assert (one["unit"], one["state"]) == ("postfix.service", "active (running)")


def test_units_that_have_failed_or_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = RUNS.replace("=active", "=failed").replace("success", "exit-code").replace("{sub}", "failed")
    shown({"krb5-kdc": failed}, monkeypatch)
    kdc, admin = doctor_running.gather(asked("kdc"))["units"]
    assert (kdc["running"], kdc["state"]) == (False, "failed (failed), result exit-code")
    assert not admin["installed"]
    assert admin["enabled"] is None


def test_a_host_without_systemd(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemctl, "BOOTED", str(tmp_path / "none"))
    with pytest.raises(UnitRefusal, match="does not run systemd"):
        doctor_running.gather(asked("kdc"))


def row(text: object, at: float) -> str:
    return json.dumps({"__REALTIME_TIMESTAMP": str(int(at * 1e6)), "MESSAGE": text})


def test_lines_of_a_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row("a\nb", 10), "no JSON", row(list(b"\x1b[32mc"), 11), row(None, 12)]
    monkeypatch.setattr(systemctl, "journal", lambda *dummy: "\n".join(rows))
    since = datetime.datetime.now(datetime.timezone.utc)
    assert [line for dummy, line in journal.lines("cas", since, 9) or ()] == ["a", "b", "\x1b[32mc"]
    monkeypatch.setattr(systemctl, "journal", lambda *dummy: None)
    assert journal.lines("cas", since, 9) is None


def journals(rows: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> list[datetime.datetime]:
    """Answers of journalctl by unit; the moments from which it was asked for them."""
    sinces: list[datetime.datetime] = []

    def told(name: str, since: datetime.datetime, dummy: int) -> str:
        sinces.append(since)
        return "\n".join(rows.get(name, []))

    monkeypatch.setattr(systemctl, "journal", told)
    return sinces


def test_logs_of_a_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    journals({"postfix": [row(FAILURE, time.time())]}, monkeypatch)
    shown({"postfix": RUNS}, monkeypatch)
    monkeypatch.setattr(doctor_logs, "CONFIGURATION", {})
    (log,) = doctor_logs.gather(asked("postfix"))["logs"]
    assert [(one["symptom"], one["count"]) for one in log["symptoms"]] == [("service_principal_wrong", 1)]
    assert log["symptoms"][0]["places"] == ["journal of postfix"]


def test_files_where_the_journal_has_nothing(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journals({}, monkeypatch)
    shown({}, monkeypatch)
    now = datetime.datetime.now().astimezone()
    log = tmp_path / "mail.log"
    log.write_text(f"{now:%b %e %H:%M:%S} mx1 postfix/smtpd[1]: {FAILURE}\n")
    monkeypatch.setattr(doctor_logs, "FILES", {"postfix": (str(log),)})
    (found,) = doctor_logs.gather(asked("postfix"))["logs"]
    assert [one["places"] for one in found["symptoms"]] == [[str(log)]]


def test_lines_from_before_a_change_do_not_count(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sinces = journals({}, monkeypatch)
    shown({}, monkeypatch)
    keytab = tmp_path / "smtp.keytab"
    keytab.write_bytes(b"")
    changed = time.time() - 60
    os.utime(keytab, (changed, changed))
    doctor_logs.gather(asked("postfix", keytab=str(keytab)))
    assert abs(sinces[0].timestamp() - changed) < 1


def test_a_kdc_names_principals(monkeypatch: pytest.MonkeyPatch) -> None:
    line = (
        "TGS_REQ (1 etypes {aes256-cts-hmac-sha1-96(18)}) 10.0.0.30: LOOKING_UP_SERVER: authtime 0,  a@R for "
        "smtp/mx9@R, Server not found in Kerberos database"
    )
    journals({"krb5-kdc": [row(line, time.time())]}, monkeypatch)
    shown({"krb5-kdc": RUNS}, monkeypatch)
    (log,) = doctor_logs.gather(asked("kdc"))["logs"]
    assert [(one["symptom"], one["principal"]) for one in log["symptoms"]] == [
        ("service_principal_unknown", "smtp/mx9@R")
    ]
