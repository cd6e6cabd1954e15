# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's document, and its text."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import doctor_report, doctor_text
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import (
    BROKEN,
    DEGRADED,
    KEYTAB,
    LOGIN,
    TIME,
    UNTESTED,
    Check,
    Trouble,
)

NOW = "2026-11-27T02:00:00Z"


def check(name: str, layer: int, found: dict[str, Trouble], explains: tuple[str, ...] = ()) -> Check:
    return Check(
        name, layer, f"symptom of {name}", lambda host, dummy: [found[host]] if host in found else [], explains
    )


def trouble(subject: str, grade: str = BROKEN, evidence: str = "seen") -> Trouble:
    return Trouble(subject, "it is so", evidence, "mend it", grade)


def report(*checks: Check) -> dict[str, Any]:
    return doctor_report.document({"mx1": {}, "mx2": {}, "kdc1": {}}, checks, NOW)


def test_a_sound_fleet() -> None:
    told = report()
    assert told["status"] == "healthy"
    assert told["summary"] == {
        "hosts": {"broken": 0, "degraded": 0, "untested": 0, "healthy": 3},
        "causes": {"broken": 0, "degraded": 0, "untested": 0},
    }
    assert doctor_report.sentence(told) == ""
    assert doctor_text.lines(told) == ["doctor: healthy: 3 hosts, and nothing was found"]


def test_the_worst_grade_is_the_status_and_hosts_have_their_own() -> None:
    told = report(
        check("a.b", TIME, {"mx1": trouble("x", DEGRADED)}),
        check("c.d", TIME, {"mx2": trouble("y", UNTESTED)}),
    )
    assert told["status"] == "degraded"
    assert told["hosts"] == [
        {"host": "kdc1", "status": "healthy"},
        {"host": "mx1", "status": "degraded"},
        {"host": "mx2", "status": "untested"},
    ]
    assert doctor_text.lines(told)[0] == "doctor: degraded: 1 degraded, 1 could not be tested, on 2 of 3 hosts"


def test_the_file_is_sorted_and_ends_with_a_line() -> None:
    text = doctor_report.as_text(report(check("a.b", TIME, {"mx1": trouble("é")})))
    assert text.isascii()
    assert text.endswith("}\n")
    assert json.loads(text)["diagnoses"][0]["subject"] == "é"
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_a_cause_stands_above_what_it_accounts_for() -> None:
    told = report(
        check("login.key", LOGIN, {"mx1": trouble("smtp mx1:587")}),
        check("keytab.old", KEYTAB, {"mx1": trouble("/etc/x.keytab")}),
    )
    assert doctor_text.lines(told) == [
        "doctor: broken: 1 broken, on 1 of 3 hosts",
        "",
        "BROKEN  keytab.old  mx1  /etc/x.keytab",
        "  symptom    symptom of keytab.old",
        "  cause      it is so",
        "  evidence   seen",
        "  remedy     mend it",
        "  so also    login.key  mx1  smtp mx1:587: it is so",
    ]


def test_the_same_trouble_of_several_hosts_is_told_once() -> None:
    same = {"mx1": trouble("clock", evidence="300 s"), "mx2": trouble("clock", evidence="301 s")}
    lines = doctor_text.lines(report(check("clock.skew", TIME, same)))
    assert "BROKEN  clock.skew  mx1, mx2  clock" in lines
    assert [line for line in lines if "evidence" in line] == ["  evidence   mx1: 300 s", "  evidence   mx2: 301 s"]
    assert len([line for line in lines if "remedy" in line]) == 1


def test_what_a_consequence_accounts_for_is_told_beneath_the_first_cause() -> None:
    told = report(
        check("a.first", TIME, {"mx1": trouble("first")}, ("b.second",)),
        check("b.second", TIME, {"mx1": trouble("second")}, ("c.third",)),
        check("c.third", KEYTAB, {"mx1": trouble("third")}),
    )
    lines = doctor_text.lines(told)
    assert [line for line in lines if line.startswith("  so also")] == [
        "  so also    b.second  mx1  second: it is so",
        "  so also    c.third  mx1  third: it is so",
    ]


def test_a_consequence_of_two_causes_is_told_once() -> None:
    first, second = {"mx1": trouble("first")}, {"mx1": trouble("second")}
    told = report(
        check("keytab.old", KEYTAB, first), check("keytab.lost", KEYTAB, second), check("login.key", LOGIN, first)
    )
    assert len([line for line in doctor_text.lines(told) if line.startswith("  so also")]) == 1


def test_nothing_is_lost_where_three_account_for_each_other() -> None:
    told = report(
        check("a.first", TIME, {"mx1": trouble("first")}, ("b.second",)),
        check("b.second", TIME, {"mx1": trouble("second")}, ("c.third",)),
        check("c.third", TIME, {"mx1": trouble("third")}, ("a.first",)),
    )
    assert [line for line in doctor_text.lines(told) if line.startswith("BROKEN")] == [
        "BROKEN  a.first  mx1  first",
        "BROKEN  b.second  mx1  second",
        "BROKEN  c.third  mx1  third",
    ]


def test_one_sentence_names_the_first_causes_and_no_login() -> None:
    found = {host: trouble(f"key of {host}") for host in ("mx1", "mx2", "kdc1")}
    told = report(
        check("keytab.old", KEYTAB, found),
        check("clock.skew", TIME, {"mx1": trouble("clock")}),
        check("login.key", LOGIN, {"mx2": trouble("smtp")}),
    )
    said = doctor_report.sentence(told)
    assert said.startswith("clock.skew on mx1: clock: it is so (seen); mend it; keytab.old on kdc1")
    assert said.endswith("; and 1 more")
    assert doctor_report.sentence(report(check("login.key", LOGIN, {"mx2": trouble("smtp")}))) == ""


def test_evidence_is_of_both_tasks() -> None:
    evidence = doctor_report.evidence_of({"evidence": {"clock": {}}}, {"services": [{"ok": True}]})
    assert evidence == {"clock": {}, "logins": {"services": [{"ok": True}]}}
    assert doctor_report.evidence_of({"evidence": {}}, {"skipped": True}) == {}


def test_a_host_without_evidence_says_why() -> None:
    assert doctor_report.evidence_of({"unreachable": True, "msg": "no route."}, {}) == {
        "host": {"untested": "no route"}
    }
    assert "did not run" in doctor_report.evidence_of({}, {})["host"]["untested"]
    failed = doctor_report.evidence_of({"evidence": {}}, {"failed": True, "msg": "no module"})
    assert failed == {"logins": {"untested": "no module"}}
