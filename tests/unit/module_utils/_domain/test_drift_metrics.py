# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_metrics import metrics
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_report import document
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.drift_samples import (
    REPORTS,
    finding,
    host,
    judge,
    report,
    waiver,
)
from hypothesis import given

_HEAD = re.compile(r"# (?P<word>HELP|TYPE) (?P<name>[a-z_]+) (?P<text>[^\n]+)")
_SAMPLE = re.compile(r"(?P<name>[a-z_]+)(?:\{(?P<labels>[^\n]*)\})? (?P<value>-?[0-9]+)")
_LABEL = re.compile(r'(?P<name>[a-z_]+)="(?P<value>(?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')


def parsed(text):
    """The samples of a text as Prometheus' format has it, read strictly: families whole, nothing twice."""
    assert text.endswith("\n")
    samples, families, current = {}, [], ""
    for line in text[:-1].split("\n"):
        head, sample = _HEAD.fullmatch(line), _SAMPLE.fullmatch(line)
        if head and head["word"] == "HELP":
            assert head["name"] not in families
            families.append(head["name"])
            current = ""
        elif head:
            assert (head["name"], head["text"]) == (families[-1], "gauge")
            current = head["name"]
        else:
            assert sample and sample["name"] == current, line
            labels = list(_LABEL.finditer(sample["labels"] or ""))
            assert "".join(one[0] for one in labels) == (sample["labels"] or "")
            values = {one["name"]: re.sub(r"\\(.)", r"\1", one["value"]) for one in labels}
            assert len(values) == len(labels)
            key = (current, *sorted(values.items()))
            assert key not in samples
            samples[key] = int(sample["value"])
    return samples


def shown(*hosts, waivers=()):
    return parsed(metrics(document(report(*hosts, waivers=waivers), judge)))


def test_a_report_in_figures():
    rdns, main = finding(), finding("/etc/postfix/main.cf", "postfix", "critical")
    found = shown(
        host("mx1", rdns, main),
        host("mx2", rdns),
        host("kdc1", state="failed"),
        waivers=(waiver(expression="mx2"), waiver("old", "true", "2026-11-26")),
    )
    expected = {
        ("report_info", ("schema", "mailrealm.kerberos.drift/1")): 1,
        ("created_timestamp_seconds",): 1795744800,
        ("status", ("status", "clean")): 0,
        ("status", ("status", "drift")): 0,
        ("status", ("status", "incomplete")): 1,
        ("hosts", ("status", "clean")): 1,
        ("hosts", ("status", "drift")): 1,
        ("hosts", ("status", "unknown")): 1,
        ("host_known", ("host", "kdc1")): 0,
        ("host_known", ("host", "mx1")): 1,
        ("host_known", ("host", "mx2")): 1,
        ("host_findings", ("host", "mx1"), ("role", "client"), ("severity", "major")): 1,
        ("host_findings", ("host", "mx1"), ("role", "postfix"), ("severity", "critical")): 1,
        ("findings", ("severity", "critical")): 1,
        ("findings", ("severity", "major")): 2,
        ("findings", ("severity", "minor")): 0,
        ("findings_waived",): 1,
        ("waivers", ("state", "active")): 1,
        ("waivers", ("state", "expired")): 1,
        ("waivers", ("state", "unmatched")): 0,
        ("waiver_expiry_timestamp_seconds", ("name", "old"), ("owner", "alice")): 1795737600,
        ("waiver_expiry_timestamp_seconds", ("name", "rdns"), ("owner", "alice")): 1801440000,
    }
    assert found == {(f"mailrealm_drift_{name}", *labels): value for (name, *labels), value in expected.items()}


def test_labels_are_escaped_and_a_waiver_of_two_slices_is_there_once():
    found = shown(host('a"\\\n'))
    assert found["mailrealm_drift_host_known", ("host", 'a"\\\\x0a')] == 1
    twice = (waiver(expires="2027-01-31"), waiver(expires="2027-01-01"))
    assert (
        shown(waivers=twice)["mailrealm_drift_waiver_expiry_timestamp_seconds", ("name", "rdns"), ("owner", "alice")]
        == 1798848000
    )


@given(REPORTS)
def test_any_report_is_read_by_a_strict_reader(one):
    text = metrics(document(one, judge))
    assert parsed(text)
    assert text.encode("utf-8")
