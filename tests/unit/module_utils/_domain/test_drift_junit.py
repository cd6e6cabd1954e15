# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import xml.etree.ElementTree

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_junit import junit
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


def parsed(*hosts, waivers=()):
    return xml.etree.ElementTree.fromstring(junit(document(report(*hosts, waivers=waivers), judge)).encode("utf-8"))


def counts(element):
    return [int(element.get(name)) for name in ("tests", "failures", "errors", "skipped")]


def test_a_host_is_a_suite_and_a_role_a_test():
    (suite,) = parsed(host("mx1", roles=("client", "postfix")))
    assert (suite.get("name"), suite.get("timestamp")) == ("mx1", "2026-11-27T02:00:00")
    assert [(case.get("classname"), case.get("name"), len(case)) for case in suite] == [
        ("mx1.client", "client", 0),
        ("mx1.postfix", "postfix", 0),
    ]


def test_findings_fail_waived_ones_are_skipped_and_unknown_hosts_are_errors():
    rdns, main = finding(), finding("/etc/postfix/main.cf", "postfix", "critical")
    root = parsed(
        host("mx1", rdns, main, roles=("client", "keytab", "postfix")),
        host("mx2", rdns, state="unreachable", reason="no route to host"),
        waivers=(waiver(expression="/etc/krb5.conf"), waiver("old", "nothing")),
    )
    assert counts(root) == [6, 2, 1, 2]
    assert [(suite.get("name"), counts(suite)) for suite in root] == [
        ("mx1", [3, 1, 0, 1]),
        ("mx2", [2, 0, 1, 1]),
        ("waivers", [1, 1, 0, 0]),
    ]
    (failure,) = root[0].findall(".//failure")
    assert (failure.get("type"), failure.get("message")) == ("critical", main.sentence)
    assert main.diff in failure.text and main.basis in failure.text
    assert root[0].find(".//skipped").get("message") == f"waived by rdns: {rdns.sentence}"
    assert root[1].find(".//error").get("message") == "no route to host"


@given(REPORTS)
def test_any_report_is_well_formed_and_counts_what_is_in_it(one):
    text = junit(document(one, judge))
    root = xml.etree.ElementTree.fromstring(text.encode("utf-8"))
    for element in [root, *root]:
        cases = element.findall(".//testcase")
        assert counts(element) == [
            len(cases),
            *(len(element.findall(f".//{name}")) for name in ("failure", "error", "skipped")),
        ]
        assert all(len(case) <= 1 for case in cases)
    assert text == junit(document(one, judge))


def test_line_breaks_survive_and_what_xml_cannot_hold_is_told():
    odd = 'a\n\tb "<&>" \x1b[31m \ud800 \ufffe'
    (suite,) = parsed(host("mx1", finding(sentence=odd, diff=odd)))
    failure = suite.find(".//failure")
    safe = 'a\n\tb "<&>" \\x1b[31m \\ud800 \\xef\\xbf\\xbe'
    assert failure.get("message") == safe
    assert failure.text.endswith(safe)
