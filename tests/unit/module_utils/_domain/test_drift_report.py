# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
import json

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_reading import DriftReportError, read
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_report import (
    Report,
    as_text,
    document,
    merged,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.drift_samples import (
    CREATED,
    REPORTS,
    WAIVERS,
    finding,
    host,
    judge,
    report,
    waiver,
)
from hypothesis import given
from hypothesis import strategies as st

RDNS = finding()
MAIN = finding("/etc/postfix/main.cf", "postfix", "critical")
OTHER = finding("/etc/motd", severity="minor")


def told(*hosts, waivers=()):
    return document(report(*hosts, waivers=waivers), judge)


def text_of(one):
    return as_text(document(one, judge))


def test_equal_findings_of_several_hosts_are_one_and_the_worst_comes_first():
    found = told(host("mx2", RDNS, MAIN), host("mx1", OTHER, RDNS), host("kdc1"))
    assert [(one["resource"], one["hosts"]) for one in found["findings"]] == [
        ("/etc/postfix/main.cf", ["mx2"]),
        ("/etc/krb5.conf", ["mx1", "mx2"]),
        ("/etc/motd", ["mx1"]),
    ]
    assert [(one["host"], one["status"]) for one in found["hosts"]] == [
        ("kdc1", "clean"),
        ("mx1", "drift"),
        ("mx2", "drift"),
    ]
    assert found["status"] == "drift"
    assert found["summary"] == {
        "hosts": {"clean": 1, "drift": 2, "unknown": 0},
        "findings": {"critical": 1, "major": 1, "minor": 1},
        "waived": 0,
        "waivers": {"active": 0, "expired": 0, "unmatched": 0},
    }


def test_a_finding_has_the_same_id_wherever_it_is_found_and_another_where_anything_differs():
    assert RDNS.id == finding().id and len(RDNS.id) == 12 and int(RDNS.id, 16) >= 0
    assert len({one.id for one in (RDNS, MAIN, OTHER, dataclasses.replace(RDNS, settings=()))}) == 4


@pytest.mark.parametrize("state", ["failed", "unreachable", "unfinished"])
def test_a_host_that_was_not_looked_at_to_the_end_is_unknown_and_never_clean(state):
    found = told(host("mx1", state=state, reason="why"), host("mx2"))
    assert (found["status"], found["hosts"][0]["status"], found["hosts"][0]["reason"]) == (
        "incomplete",
        "unknown",
        "why",
    )
    found = told(host("mx1", RDNS, state=state))
    assert (found["status"], found["hosts"][0]["status"], found["findings"][0]["hosts"]) == (
        "incomplete",
        "unknown",
        ["mx1"],
    )


def test_no_host_is_no_clean_fleet():
    assert (told()["status"], told(host("mx1"))["status"]) == ("incomplete", "clean")


def test_a_waiver_excepts_what_it_matches_on_the_hosts_that_it_matches():
    found = told(host("mx1", RDNS), host("mx2", RDNS), waivers=(waiver(expression="mx1"),))
    assert [(one["id"], one["hosts"], one["waived_by"]) for one in found["findings"]] == [
        (RDNS.id, ["mx2"], ""),
        (RDNS.id, ["mx1"], "rdns"),
    ]
    assert [one["status"] for one in found["hosts"]] == ["clean", "drift"]
    assert (found["status"], found["summary"]["waived"], found["summary"]["findings"]["major"]) == ("drift", 1, 1)
    found = told(host("mx1", RDNS), waivers=(waiver(),))
    assert (found["status"], found["waivers"][0]["state"], found["waivers"][0]["findings"]) == ("clean", "active", 1)


@pytest.mark.parametrize(
    ("expression", "expires", "state", "words"),
    [
        ("true", "2026-11-26", "expired", "expired on 2026-11-26"),
        ("nothing", "2026-11-27", "unmatched", "waives nothing"),
        ("nothing", "2026-11-26", "expired", "expired on 2026-11-26"),
    ],
)
def test_a_waiver_that_expired_or_waives_nothing_is_drift_itself(expression, expires, state, words):
    found = told(host("mx1", OTHER), waivers=(waiver(expression=expression, expires=expires),))
    (first, second) = found["findings"]
    assert (first["kind"], first["hosts"], first["severity"], second["waived_by"]) == ("waiver", [], "major", "")
    assert words in first["sentence"] and "rdns of alice" in first["sentence"]
    assert (found["waivers"][0]["state"], found["summary"]["waivers"][state], found["status"]) == (state, 1, "drift")
    clean = told(host("mx1"), waivers=(waiver(expression=expression, expires=expires),))
    assert (clean["status"], clean["hosts"][0]["status"]) == ("drift", "clean")


def test_a_waiver_holds_to_the_end_of_its_last_day_and_the_first_by_name_counts():
    found = told(host("mx1", RDNS), waivers=(waiver("b"), waiver("a", expires="2026-11-27")))
    assert [one["waived_by"] for one in found["findings"]] == ["a"]
    assert [(one["name"], one["state"]) for one in found["waivers"]] == [("a", "active"), ("b", "active")]


def test_a_host_of_several_slices_is_known_if_one_checked_it_and_none_failed():
    def state(*states):
        (record,) = merged([report(host("mx1", state=one, reason=one)) for one in states]).hosts
        return record.state, record.reason

    assert state("unreachable", "checked") == state("checked", "unfinished") == ("checked", "checked")
    assert state("checked", "failed", "checked") == ("failed", "failed")
    assert state("unreachable", "unfinished") == ("unfinished", "unfinished")


def test_findings_roles_and_waivers_of_slices_are_united():
    first = report(host("mx1", RDNS, roles=("client",)), waivers=(waiver("a"), waiver("b")))
    second = report(host("mx1", MAIN, RDNS, roles=("postfix",)), host("mx2"), waivers=(waiver("a"),))
    whole = merged([first, second])
    assert [(one.host, one.roles, len(one.findings)) for one in whole.hosts] == [
        ("mx1", ("client", "postfix"), 2),
        ("mx2", ("client",), 0),
    ]
    assert [one.name for one in whole.waivers] == ["a", "b"]


def test_a_waiver_that_matches_in_another_slice_is_matched_in_the_whole():
    slices = [report(host(name, *found), waivers=(waiver(),)) for name, found in (("mx1", (RDNS,)), ("mx2", ()))]
    assert [document(one, judge)["status"] for one in slices] == ["clean", "drift"]
    assert document(merged(slices), judge)["status"] == "clean"


@given(REPORTS)
def test_a_document_reads_back_as_the_report_that_it_was_made_of(one):
    text = text_of(one)
    assert text.isascii()
    assert read(text, "drift.json") == merged([one])
    assert text_of(read(text, "drift.json")) == text


@given(REPORTS, st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_in_which_things_were_seen(one, random):
    def shuffled(values):
        listed = list(values)
        random.shuffle(listed)
        return tuple(listed)

    hosts = [
        dataclasses.replace(record, findings=shuffled(record.findings), roles=shuffled(record.roles))
        for record in one.hosts
    ]
    assert text_of(Report(one.created, shuffled(hosts), shuffled(one.waivers))) == text_of(one)


@given(REPORTS, REPORTS, REPORTS)
def test_merging_is_associative_commutative_and_idempotent(a, b, c):
    assert merged([merged([a, b]), c]) == merged([a, merged([b, c])]) == merged([c, a, b])
    assert merged([a, b]) == merged([b, a])
    assert merged([a, a]) == merged([a]) == merged([merged([a])])


@given(REPORTS, st.lists(WAIVERS, max_size=2), st.data())
def test_slices_written_read_and_merged_are_the_one_run_byte_for_byte(one, waivers, data):
    waivers = (*one.waivers, *waivers)
    parts = {}
    for record in one.hosts:
        parts.setdefault(data.draw(st.integers(0, 3)), []).append(record)
    slices = [Report(one.created, tuple(hosts), waivers) for hosts in [*parts.values(), []]]
    read_back = [read(text_of(part), "drift.json") for part in slices]
    assert text_of(merged(read_back)) == text_of(Report(one.created, one.hosts, waivers))


WHOLE = told(host("mx1", RDNS), waivers=(waiver(),))


def damaged(path, value):
    whole = json.loads(as_text(WHOLE))
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no JSON"),
        ("[" * 100000, "is no JSON"),
        ("[]", "has the schema None"),
        (damaged(["schema"], "mailrealm.kerberos.drift/2"), "has the schema 'mailrealm.kerberos.drift/2'"),
        (damaged(["created"], "yesterday"), "created is 'yesterday'"),
        (damaged(["created"], "2026-13-27T02:00:00Z"), "created is '2026-13-27T02:00:00Z'"),
        (damaged(["hosts"], None), "hosts is no list"),
        (damaged(["hosts", 0], "mx1"), "hosts[0] is no mapping"),
        (damaged(["hosts", 0, "state"], "fine"), "hosts[0].state is 'fine', not one of"),
        (damaged(["hosts", 0, "roles"], [1]), "hosts[0].roles is no list of texts"),
        (damaged(["findings", 0, "resource"], None), "findings[0].resource is missing"),
        (damaged(["findings", 0, "resource"], 1), "findings[0].resource is no text"),
        (damaged(["findings", 0, "severity"], "bad"), "findings[0].severity is 'bad'"),
        (damaged(["findings", 0, "hosts"], ["mx9"]), "findings name the host 'mx9'"),
        (damaged(["findings", 0, "settings", 0, "name"], None), "findings[0].settings[0].name is missing"),
        (damaged(["waivers", 0, "expires"], "2027-02-31"), "waivers[0].expires is '2027-02-31'"),
    ],
)
def test_what_is_no_report_is_refused_with_its_name_and_place(text, words):
    with pytest.raises(DriftReportError) as refusal:
        read(text, "slice1/drift.json")
    assert str(refusal.value).startswith("slice1/drift.json: ")
    assert words in str(refusal.value)


@given(
    st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3)), st.data()
)
def test_a_damaged_document_is_refused_or_read_and_never_an_error(value, data):
    whole = json.loads(as_text(WHOLE))
    inner = whole
    while True:
        key = data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
        if isinstance(inner[key], (dict, list)) and inner[key] and data.draw(st.booleans()):
            inner = inner[key]
            continue
        inner[key] = value
        break
    try:
        read(json.dumps(whole), "drift.json")
    except DriftReportError as refusal:
        assert str(refusal).startswith("drift.json: ")


def test_the_time_is_the_only_difference_of_two_equal_runs():
    first, second = (report(host("mx1", RDNS), created=when) for when in (CREATED, "2026-11-28T02:00:00Z"))
    lines = [text_of(one).splitlines() for one in (first, second)]
    assert [one for one, other in zip(*lines) if one != other] == [f' "created": "{CREATED}",']
