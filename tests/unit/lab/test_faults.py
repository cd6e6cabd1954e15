# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which faults are made together, and how the doctor's report is judged."""

from __future__ import annotations

import pathlib
import re
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_catalogue import CHECKS
from lab import fleet
from lab.failure import LabError
from lab.faults import Fault, Pair, making, rounds, run

OLD = Fault("the key is old", "mx1", "true", "true", "keytab.kvno", r"kvno \d", made_on="kdc1")
SKEW = Fault("the clock is ahead", "mx2", "true", "true", "clock.skew", "400 s")
DOWN = Fault("the KDC is down", "kdc1", "true", "true", "kdc.down", "88", disturbs=("mx1", "mx2"))


def one(check: str, host: str = "mx1.x", grade: str = "broken", because: tuple[str, ...] = (), **more: str) -> Any:
    words = {"subject": "/k", "cause": "old", "evidence": "kvno 3"}
    return {"host": host, "check": check, "grade": grade, "because": list(because), **words, **more}


def test_faults_of_different_hosts_share_a_round() -> None:
    assert rounds.rounds([OLD, SKEW, DOWN]) == [(OLD, SKEW), (DOWN,)]


def test_the_first_cause_must_be_the_right_one() -> None:
    right = rounds.judge(OLD, {"diagnoses": [one("keytab.kvno"), one("b.c")]}, "mx1.x")
    assert (right.right, right.named, right.evidence) == (True, "keytab.kvno", "/k: kvno 3")
    wrong = rounds.judge(OLD, {"diagnoses": [one("b.c"), one("keytab.kvno")]}, "mx1.x")
    assert (wrong.right, wrong.named) == (False, "b.c")
    assert "keytab.kvno" in wrong.sentence
    assert "b.c" in wrong.sentence


def test_other_evidence_or_another_host_is_not_right() -> None:
    assert not rounds.judge(OLD, {"diagnoses": [one("keytab.kvno", evidence="old")]}, "mx1.x").right
    assert not rounds.judge(OLD, {"diagnoses": [one("keytab.kvno", host="mx2.x")]}, "mx1.x").right
    assert "says nothing" in rounds.judge(OLD, {"diagnoses": []}, "mx1.x").sentence


def test_consequences_and_the_untested_are_no_causes() -> None:
    found = [one("a.b", because=("keytab.kvno",)), one("c.d", grade="untested"), one("keytab.kvno")]
    assert rounds.judge(OLD, {"diagnoses": found}, "mx1.x").right


def test_both_of_a_pair_must_be_named_in_any_order() -> None:
    pair = Pair(OLD, SKEW)
    found = [one("z.z"), one("keytab.kvno"), one("clock.skew", host="mx2.x", evidence="400 s")]
    assert [judged.right for judged in rounds.judge_pair(pair, {"diagnoses": found}, "{}.x".format)] == [True, True]
    assert [judged.right for judged in rounds.judge_pair(pair, {"diagnoses": found[:2]}, "{}.x".format)] == [
        True,
        False,
    ]


def test_any_finding_on_a_sound_fleet_is_told() -> None:
    assert rounds.unhealthy({"diagnoses": []}) == []
    (said,) = rounds.unhealthy({"diagnoses": [one("a.b", grade="untested")]})
    assert "a.b" in said


def test_the_table_names_what_was_named() -> None:
    table = rounds.table([rounds.judge(OLD, {"diagnoses": [one("keytab.kvno")]}, "mx1.x")])
    assert table.splitlines()[1].split("  ")[0] == "ok"
    assert "kvno 3" in table


class Engine:
    """A podman that records the scripts, of which some fail."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.ran: list[tuple[str, str]] = []

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        self.ran.append((words[1].rpartition("-")[2], words[-1]))
        return subprocess.CompletedProcess(words, int(words[-1] in self.failing), "", "it broke")


STATE: Any = SimpleNamespace(lab=SimpleNamespace(container="lab-{}".format))
FIRST = Fault("first", "mx1", "make 1", "unmake 1", "a.b", "x")
SECOND = Fault("second", "mx1", "make 2", "unmake 2", "a.c", "x")


def test_faults_of_a_host_are_taken_away_the_last_first() -> None:
    engine: Any = Engine()
    with making.made(STATE, engine, [FIRST, SECOND]) as now:
        assert engine.ran == [("mx1", "make 1"), ("mx1", "make 2")]
    assert engine.ran[2:] == [("mx1", "unmake 2"), ("mx1", "unmake 1")]
    assert now.failures == []


def test_a_script_that_fails_costs_no_other_and_is_told() -> None:
    engine: Any = Engine("make 1", "unmake 2")
    with making.made(STATE, engine, [FIRST, SECOND]) as now:
        pass
    assert [script for dummy, script in engine.ran] == ["make 1", "make 2", "unmake 2", "unmake 1"]
    assert now.failures == [
        "mx1: make of 'first' failed: it broke",
        "mx1: unmake of 'second' failed: it broke",
    ]


def test_faults_are_taken_away_where_the_doctor_fails() -> None:
    engine: Any = Engine()
    with pytest.raises(LabError), making.made(STATE, engine, [FIRST]):
        raise LabError("no report")
    assert engine.ran[-1] == ("mx1", "unmake 1")


SITES = [site for site in fleet.SITES if any(run.faults_of(site))]
LEAST = 50  # faults of all sites


def made(site: fleet.Site) -> list[Fault]:
    """All faults of a site, those of pairs too."""
    faults, pairs = run.faults_of(site)
    return [*faults, *(one for pair in pairs for one in pair.faults)]


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_every_fault_is_on_a_host_of_its_site_and_of_a_check_that_there_is(site: fleet.Site) -> None:
    known = {check.id for check in CHECKS}
    for fault in made(site):
        assert fault.check in known, fault
        re.compile(fault.shown)
        for host in fault.hosts:
            site.host(host)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_a_site_has_each_fault_once(site: fleet.Site) -> None:
    names = [(fault.host, fault.name) for fault in run.faults_of(site)[0]]
    assert sorted(set(names)) == sorted(names)


def test_every_room_with_faults_has_its_turn() -> None:
    rooms = {path.stem for path in pathlib.Path(run.__file__).parent.glob("*.py") if "\nFAULTS" in path.read_text()}
    assert {room.__name__.rpartition(".")[2] for room in run.ROOMS} == rooms


def test_there_are_enough_faults_and_pairs() -> None:
    found = [run.faults_of(site) for site in fleet.SITES]
    assert sum(len(faults) for faults, dummy in found) >= LEAST
    assert sum(len(pairs) for dummy, pairs in found) >= 4


def test_faults_can_be_chosen_by_name_or_check() -> None:
    faults, dummy = run.faults_of(SITES[0], "no fault is called so")
    assert faults == ()


@pytest.mark.parametrize("site", fleet.SITES, ids=lambda site: site.name)
def test_a_few_rounds_begin_with_what_the_documents_name(site: fleet.Site) -> None:
    faults, pairs = run.faults_of(site)
    few, of_them = run.brief(faults, pairs, 8)
    assert len(rounds.rounds(few)) <= 8
    assert set(few) <= set(faults)
    assert of_them == pairs[:2]
    named = {name for room in run.ROOMS for name in getattr(room, "OF_DOCUMENTS", ())}
    assert {fault.name for fault in faults if fault.name in named} <= {fault.name for fault in few}


def test_what_documents_name_is_among_the_faults() -> None:
    named = [name for room in run.ROOMS for name in getattr(room, "OF_DOCUMENTS", ())]
    assert set(named) <= {fault.name for site in fleet.SITES for fault in run.faults_of(site)[0]}
    assert len(named) == len(set(named)) >= 15
