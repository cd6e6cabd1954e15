# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the double takes and refuses as an attribute's value, against every modification recorded of the real code."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from ansible_collections.mailrealm.kerberos.tests.unit.lab.zimbra_recorded import DATA, HOSTS, fresh_store
from lab.doubles.zimbra import catalogue, directory, errors, provisioning

CASES = json.loads((DATA / "zimbra_attribute_validation.json").read_text(encoding="utf-8"))["cases"]
ATTRIBUTES = json.loads((DATA / "zimbra_attributes.json").read_text(encoding="utf-8"))
ENTRIES = {
    "globalConfig": ("config", "config"),
    "server": ("server", HOSTS[0]),
    "domain": ("domain", "example.test"),
    "account": ("account", "user1@example.test"),
    "cos": ("cos", "default"),
}
RUNS = re.compile(r"(.)\1{99,}")


def values(given):
    if isinstance(given, dict):
        return [given["char"] * given["times"]]
    return list(given) if isinstance(given, list) else [given]


def shown(text):
    """As the recording shortens a long run of one character."""
    return RUNS.sub(lambda run: f"{{{run[1]}*{len(run[0])}}}", text)


def verdict(store, case):
    kind, name = ENTRIES[case["entry"]]
    found = provisioning.Provisioning(directory.Directory(HOSTS[0], 389, directory.Service(store)))
    key = case.get("op", "") + case["attribute"]
    try:
        found.modify(kind, name, {key: values(case["value"])})
    except errors.ServiceError as refusal:
        told = {"ok": False, "code": refusal.code, "message": shown(refusal.message)}
        return told | ({"cause": shown(refusal.cause)} if refusal.cause else {})
    stored = store.entries[kind][name].get(catalogue.canonical(case["attribute"]), [])
    return {"ok": True, "stored": stored}


def recorded(store, case):
    if not case["ok"]:
        return {key: case[key] for key in ("ok", "code", "message", "cause") if key in case}
    kind, name = ENTRIES[case["entry"]]
    if case.get("op") == "-":
        before = store.entries[kind][name].get(catalogue.canonical(case["attribute"]), [])
        stored = [value for value in before if value != case["value"]]
    else:
        stored = [value for value in values(case["value"]) if value]
    return {"ok": True, "stored": case.get("stored", stored)}


def by_attribute():
    rows = sorted(CASES, key=lambda case: case["attribute"])
    return [(name, list(cases)) for name, cases in itertools.groupby(rows, key=lambda case: case["attribute"])]


@pytest.mark.parametrize(("name", "cases"), by_attribute(), ids=[name for name, cases in by_attribute()])
def test_verdicts(name, cases):
    unlike = []
    store = fresh_store()
    for case in cases:
        kind, entry = ENTRIES[case["entry"]]
        before = store.entries[kind][entry]
        wanted = recorded(store, case)
        seen = verdict(store, case)
        store.put(kind, entry, before)
        if seen != wanted:
            unlike.append((case, seen, wanted))
    assert (name, unlike) == (name, [])


@pytest.mark.parametrize("row", ATTRIBUTES, ids=[row["name"] for row in ATTRIBUTES])
def test_the_catalogue_is_the_vendors(row):
    known = catalogue.find(row["name"].upper())
    assert known is not None
    assert not known.seen
    same = ("name", "id", "type"), ("value", "values"), ("since", "since"), ("deprecatedSince", "deprecated")
    for theirs, ours in [(key, key) for key in same[0]] + list(same[1:]):
        assert str(row.get(theirs, "")) == str(getattr(known, ours)), theirs
    assert known.multi == (row["cardinality"] == "multi")
    assert known.immutable == bool(row.get("immutable"))
    limits = ["" if limit is None else str(limit) for limit in (known.min, known.max)]
    assert [row.get("min", ""), row.get("max", "")] == limits
    heirs = {way.partition("->")[2] for way in row["inherited_from"]}
    assert set(known.inherited_by) == heirs
