# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift page without a browser: what it says, what it forbids, what a hostile value can do."""

from __future__ import annotations

import base64
import copy
import hashlib
import html.parser
import json
import pathlib
import re
from typing import Any

import jsonschema
import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import drift_report
from ansible_collections.mailrealm.kerberos.plugins.plugin_utils import (
    drift_page,
    drift_page_fleet,
    drift_page_sections,
    drift_page_text,
)
from ansible_collections.mailrealm.kerberos.tests.integration import drift_documents
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.drift_samples import REPORTS, judge
from hypothesis import given
from hypothesis import strategies as st

SCHEMA = json.loads((pathlib.Path(__file__).parents[3] / "docs" / "drift.schema.json").read_text())
# What makes a browser fetch something.
LOADING = {"src", "srcset", "action", "formaction", "background", "poster", "data", "ping"}


class Reader(html.parser.HTMLParser):
    """What an HTML page consists of: elements with their attributes, texts by the element that they are in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._open = ""

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open, data))

    def of(self, tag: str) -> list[str]:
        """The texts of all elements of this name."""
        return [text for where, text in self.texts if where == tag]


@pytest.fixture
def document() -> dict[str, Any]:
    return drift_documents.fleet(hosts=30, findings=10, unknown=3)


def data_of(page: str) -> dict[str, Any]:
    return json.loads(Reader(page).of("script")[0])


def test_the_same_report_gives_the_same_page(document: dict[str, Any]) -> None:
    page = drift_page.page(document)
    assert page == drift_page.page(copy.deepcopy(document))
    turned = {key: document[key] for key in sorted(document, reverse=True)}
    assert page == drift_page.page(turned)
    page.encode("ascii")


@given(REPORTS)
def test_any_report_has_a_page(report: drift_report.Report) -> None:
    document = drift_report.document(report, judge)
    data = data_of(drift_page.page(document))
    assert len(data["findings"]) == len(document["findings"])
    assert [sum(last - first + 1 for first, last in one["hosts"]) for one in data["findings"]] == [
        len(one["hosts"]) for one in document["findings"]
    ]


@pytest.mark.parametrize("size", [(0, 0, 0), (12, 6, 2), (150, 40, 7)])
def test_invented_fleets_are_reports(size: tuple[int, int, int]) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(drift_documents.fleet(*size))


def test_the_page_asks_for_nothing(document: dict[str, Any]) -> None:
    reader = Reader(drift_page.page(document))
    asking = [(tag, name) for tag, attributes in reader.elements for name in attributes if name in LOADING]
    links = [attributes["href"] for tag, attributes in reader.elements if tag in ("link", "a")]
    assert asking == []
    assert links == ["data:,", "#main"]
    assert "url(" not in "".join(reader.of("style")) and "@import" not in "".join(reader.of("style"))


def test_the_policy_names_its_script_and_its_style_alone(document: dict[str, Any]) -> None:
    reader = Reader(drift_page.page(document))
    (policy,) = (one["content"] for tag, one in reader.elements if one.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    for rule, text in (("script-src", reader.of("script")[1]), ("style-src", reader.of("style")[0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"
    # Neither a style nor a handler in an attribute would be obeyed.
    names = {name for dummy, attributes in reader.elements for name in attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}


def test_data_are_those_of_the_report(document: dict[str, Any]) -> None:
    data = data_of(drift_page.page(document))
    names = [host["host"] for host in data["hosts"]]
    assert names == [host["host"] for host in document["hosts"]]
    for told, finding in zip(data["findings"], document["findings"], strict=True):
        hosts = [names[at] for first, last in told["hosts"] for at in range(first, last + 1)]
        assert {**told, "hosts": hosts} == finding


def test_what_is_not_known_is_told_first(document: dict[str, Any]) -> None:
    page = drift_page.page(document)
    assert page.index("Not known: 3 hosts") < page.index("The fleet: 30 hosts") < page.index('id="findings"')
    for host in document["hosts"]:
        if host["status"] == "unknown":
            assert f"<li>{host['host']}</li>" in page


def test_reasons_that_only_name_their_host_are_one(document: dict[str, Any]) -> None:
    for number, host in enumerate(document["hosts"]):
        host["status"], host["state"] = "unknown", "unreachable"
        host["reason"] = f"connect to host {host['host']} port {22 + number // 28}"
    page = drift_page.page(document)
    assert page.count("connect to host (the host) port") == 2
    assert page.index("port 22<") < page.index("port 23<")
    assert "<summary>28 hosts</summary>" in page


def test_many_reasons_wait_to_be_opened() -> None:
    document = drift_documents.fleet(hosts=30, findings=0, unknown=30)
    for number, host in enumerate(document["hosts"]):
        host["reason"] = f"reason {number}"
    assert "<details><summary>18 more reasons</summary>" in drift_page.page(document)


STATUSES = (
    ((30, 0, 0), "Clean:", "30 hosts, all as their roles want them."),
    ((0, 0, 0), "Incomplete:", "no host was looked at."),
    ((1, 1, 0), "Drift:", "1 of 1 host is not as its roles want it."),
    ((1, 0, 1), "Incomplete:", "nothing is known of 1 of 1 host; 0 are not as their roles want them."),
)


@pytest.mark.parametrize(("size", "word", "sentence"), STATUSES)
def test_the_status_is_one_sentence(size: tuple[int, int, int], word: str, sentence: str) -> None:
    page = drift_page.page(drift_documents.fleet(*size))
    assert f"<strong>{word}</strong> {sentence}" in page


def test_drift_of_waivers_alone_is_told() -> None:
    document = drift_documents.fleet(3, 0, 0)
    document["status"] = "drift"
    document["summary"]["waivers"]["expired"] = 1
    assert "but waivers have expired or fit nothing" in drift_page_sections.status_sentence(document)


@given(st.text(), st.text())
def test_no_value_becomes_markup(one: str, other: str) -> None:
    document = drift_documents.fleet(hosts=2, findings=1, unknown=1)
    plain = Reader(drift_page.page(document))
    finding, host, waiver = document["findings"][0], document["hosts"][0], document["waivers"][0]
    for record, keys in (
        (finding, ("task", "module", "resource", "basis", "sentence", "diff")),
        (host, ("state", "reason")),
        (waiver, ("name", "expression", "owner", "reason")),
    ):
        for number, key in enumerate(keys):
            record[key] = (one, other, one + other, "</script>" + one, "<!--" + other, "]]>" + one)[number]
    reader = Reader(drift_page.page(document))

    def shape(read: Reader) -> list[tuple[str, list[str]]]:
        # The rows of hosts that are not known are sorted and grouped by their reasons; nothing else moves.
        return sorted((tag, sorted(attributes)) for tag, attributes in read.elements if tag != "span")

    assert shape(reader) == shape(plain)
    assert data_of(drift_page.page(document))["findings"][0]["task"] == drift_page_text.visible(one)


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_embedded_data_are_read_back_and_end_no_script(value: object) -> None:
    text = drift_page.embedded(value)
    assert json.loads(text) == value
    assert not set(text) & set("<>&\u2028\u2029")


@given(st.sets(st.integers(0, 60)))
def test_runs_are_the_numbers(numbers: set[int]) -> None:
    found = drift_page.runs(numbers)
    assert [at for first, last in found for at in range(first, last + 1)] == sorted(numbers)
    assert all(first - last > 1 for (dummy, last), (first, dummy2) in zip(found, found[1:], strict=False))


@given(st.text())
def test_what_cannot_be_seen_is_named(text: str) -> None:
    shown = drift_page_text.visible(text)
    assert not drift_page_text.UNSEEN.search(shown)
    assert re.sub(r"\[U\+([0-9A-F]{4})\]", lambda match: chr(int(match[1], 16)), shown) == re.sub(
        r"\[U\+([0-9A-F]{4})\]", lambda match: chr(int(match[1], 16)), text
    )


@pytest.mark.parametrize(
    ("expires", "left"),
    [("2027-01-31", "65 days left"), ("2026-11-28", "1 day left"), ("2026-11-20", "ended 7 days ago"), ("soon", "")],
)
def test_a_waiver_has_so_many_days_left(document: dict[str, Any], expires: str, left: str) -> None:
    document["waivers"][0]["expires"] = expires
    told = re.findall(r"</time><br><span class=\"soft\">([^<]*)</span>", drift_page.page(document))
    assert told == ([left] if left else [])


def test_a_square_is_of_the_worst_open_finding() -> None:
    document = drift_documents.fleet(hosts=4, findings=0, unknown=0)
    names = [host["host"] for host in document["hosts"]]
    document["hosts"][3]["status"] = "unknown"
    for severity, hosts, waiver in (("minor", names[:3], ""), ("major", names[1:3], ""), ("critical", names[2:], "w")):
        document["findings"].append({"severity": severity, "hosts": hosts, "waived_by": waiver})
    assert drift_page_fleet.tones(document) == ["minor", "major", "major", "unknown"]


def test_a_share_is_none_or_all_only_where_it_is_so() -> None:
    document = drift_documents.fleet(hosts=1000, findings=0, unknown=1)
    section = drift_page_fleet.section(document)
    assert "999 clean (99%)" in section and "1 not known (1%)" in section and "0 drift (0%)" in section


def test_a_large_fleet_is_some_megabytes_at_most() -> None:
    document = drift_documents.fleet(hosts=2000, findings=1000, unknown=20)
    for number in range(100):
        document["findings"][number]["hosts"] = [host["host"] for host in document["hosts"]]
    assert len(drift_page.page(document)) < 3_000_000
