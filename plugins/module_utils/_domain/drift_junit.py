# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drift report as JUnit XML: a test suite a host, so that CI systems show drift as failed tests.

A role without findings is one test that passed, every finding of a role a test of its own: JUnit has one failure a
test. What is waived is skipped, and a host of which nobody knows is an error.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from .drift_report import UNKNOWN
from .refusal import printable

_NAME = "mailrealm.kerberos.drift"
# All that XML 1.0 does not take, escaped or not (section 2.2), and surrogates, which no encoding takes
_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Case:
    """``outcome``: empty for a test that passed, else the name of the element that says otherwise."""

    suite: str
    group: str
    name: str
    outcome: str = ""
    message: str = ""
    type: str = ""
    body: str = ""


def junit(document: Row) -> str:
    """The report of `drift_report.document` as XML, to be written as UTF-8."""
    found: Dict[str, List[Row]] = {host["host"]: [] for host in document["hosts"]}
    for finding in document["findings"]:
        for host in finding["hosts"]:
            found[host].append(finding)
    suites = [(host["host"], _of_host(host, found[host["host"]])) for host in document["hosts"]]
    waivers = [_of_finding("waivers", finding) for finding in document["findings"] if not finding["hosts"]]
    if waivers:
        suites.append(("waivers", waivers))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(_tag("testsuites", (("name", _NAME), *_counts(case for dummy, cases in suites for case in cases))))
    for name, cases in suites:
        stamp = ("timestamp", document["created"].rstrip("Z"))
        lines.append(" " + _tag("testsuite", (("name", name), stamp, *_counts(cases))))
        lines += [_case(case) for case in cases]
        lines.append(" </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _of_host(host: Row, findings: Sequence[Row]) -> List[_Case]:
    name = host["host"]
    cases = []
    if host["status"] == UNKNOWN:
        cases.append(_Case(name, "", "the host is known", "error", host["reason"] or host["state"], host["state"]))
    for role in sorted({*host["roles"], *(finding["role"] for finding in findings)}):
        of_role = [_of_finding(name, finding) for finding in findings if finding["role"] == role]
        # Where the host was left half-way, nobody knows that the rest of a role is as it should be
        passed = [] if of_role or host["status"] == UNKNOWN else [_Case(name, role, role)]
        cases += of_role or passed
    return cases


def _of_finding(suite: str, finding: Row) -> _Case:
    name = ": ".join(word for word in (finding["role"], f"{finding['resource']} ({finding['id']})") if word)
    if finding["waived_by"]:
        return _Case(
            suite, finding["role"], name, "skipped", f"waived by {finding['waived_by']}: {finding['sentence']}"
        )
    body = f"{finding['task']}\n{finding['basis']}\n{finding['diff']}"
    return _Case(suite, finding["role"], name, "failure", finding["sentence"], finding["severity"], body)


def _counts(cases: Iterable[_Case]) -> Tuple[Tuple[str, str], ...]:
    outcomes = [case.outcome for case in cases]
    counted = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    return (
        ("tests", str(len(outcomes))),
        *((name, str(outcomes.count(outcome))) for name, outcome in counted),
    )


def _case(case: _Case) -> str:
    opened = _tag("testcase", (("classname", ".".join(filter(None, (case.suite, case.group)))), ("name", case.name)))
    if not case.outcome:
        return f"  {opened[:-1]}/>"
    told = [("message", case.message), *([("type", case.type)] if case.type else [])]
    return f"  {opened}\n   {_tag(case.outcome, told)}{_safe(case.body)}</{case.outcome}>\n  </testcase>"


def _tag(name: str, attributes: Iterable[Tuple[str, str]]) -> str:
    # A line break in an attribute is read as a space, unless it is written as a reference (section 3.3.3)
    told = "".join(f' {key}="{_safe(value)}"'.replace("\n", "&#10;").replace("\t", "&#9;") for key, value in attributes)
    return f"<{name}{told}>"


def _safe(text: str) -> str:
    return html.escape(_ILLEGAL.sub(lambda match: printable(match[0]), text))
