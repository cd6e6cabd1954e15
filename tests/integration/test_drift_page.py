# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift page in Chromium and Firefox: by keyboard, to a screen reader, light and dark, with a large fleet."""

from __future__ import annotations

import contextlib
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.plugin_utils import drift_page
from ansible_collections.mailrealm.kerberos.tests.integration import drift_documents, page_browsers

ACTIVE = "document.activeElement.id || document.activeElement.tagName"
# A radio button shows the focus on the word beside it.
OUTLINE = """(() => {
    const one = document.activeElement;
    const shown = one.type === "radio" ? one.nextElementSibling : one;
    const style = getComputedStyle(shown);
    return style.outlineStyle + " " + style.outlineWidth;
})()"""
TOLD = "document.getElementById('told-findings').textContent"
CARDS = "document.querySelectorAll('#findings > li').length"
ROWS = "document.querySelectorAll('#hosts > tr').length"
# Milliseconds from the key to the laid out page.
FILTERING = """(() => {
    const field = document.getElementById("filter-host");
    const times = ["m", "mx1", "mx19", "mx199", "", "mx0042.example.test", ""].map((text) => {
        const begin = performance.now();
        field.value = text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        document.body.offsetHeight;
        return performance.now() - begin;
    });
    return Math.round(Math.max(...times));
})()"""
PAINTED = "Math.round(Math.max(0, ...performance.getEntriesByType('paint').map(one => one.startTime)))"
LOADED = "Math.round(performance.getEntriesByType('navigation')[0].loadEventEnd)"
HOSTILE = (
    "</script><script>document.title='broken'</script>",
    "<!--<script>",
    "]]><img src=x onerror=document.title='broken'>",
    "\u2028\u2029\u202emoc.elpmaxe",
    "{{ 7 * 7 }} ${7 * 7} %s {style}",
    "\"' onfocus=alert(1) autofocus='",
    "\x00\x1b[31m\ud800",
)


@pytest.fixture(scope="module", params=sorted(page_browsers.BROWSERS))
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Each browser, once for all tests."""
    with page_browsers.BROWSERS[request.param](tmp_path_factory.mktemp(request.param)) as opened:
        yield opened


def write(folder: pathlib.Path, document: dict[str, Any]) -> pathlib.Path:
    path = folder / "drift.html"
    path.write_text(drift_page.page(document), encoding="ascii")
    return path


@contextlib.contextmanager
def quiet(browser: Any) -> Iterator[None]:
    """Whatever is done with the page: the console has nothing to say, and nothing was asked of a network."""
    yield
    assert browser.complaints() == []
    assert browser.requests() == []


def tab_to(browser: Any, wanted: str) -> None:
    for dummy in range(30):
        browser.press("Tab")
        if browser.run(ACTIVE) == wanted:
            return
    raise AssertionError(f"the keyboard does not come to {wanted}")


def typed(browser: Any, text: str) -> None:
    for letter in text:
        browser.press(letter)


def test_the_keyboard_comes_to_everything_and_shows_where_it_is(browser: Any, tmp_path: pathlib.Path) -> None:
    page = write(tmp_path, drift_documents.fleet(hosts=8, findings=3, unknown=1))
    with quiet(browser):
        browser.open(page)
        seen = []
        for dummy in range(30):
            browser.press("Tab")
            seen.append(browser.run(ACTIVE))
            if seen[-1] == "BODY":
                break
            style, width = browser.run(OUTLINE).split()
            assert (style, float(width.removesuffix("px")) >= 2) == ("solid", True), seen
        filters = ["filter-host", "filter-role", "filter-severity", "filter-kind", "filter-waived"]
        assert seen[:8] == ["A", "INPUT", *filters, "BUTTON"]
        assert seen.count("SUMMARY") == 3
        assert "filter-status" in seen
        assert seen.count("BUTTON") == 1 + 8


def test_filters_by_the_keyboard_are_announced(browser: Any, tmp_path: pathlib.Path) -> None:
    document = drift_documents.fleet(hosts=40, findings=30, unknown=2)
    page = write(tmp_path, document)
    findings = [one for one in document["findings"] if not one["waived_by"]]
    with quiet(browser):
        browser.open(page)
        assert browser.run("document.getElementById('told-findings').getAttribute('aria-live')") == "polite"
        assert browser.run(TOLD).startswith(f"{len(findings)} findings of 30 on ")
        tab_to(browser, "filter-host")
        typed(browser, "mx07")
        fit = [one for one in findings if "mx07.example.test" in one["hosts"]]
        page_browsers.until(lambda: browser.run(CARDS) == len(fit))
        assert browser.run(TOLD).startswith(f"{len(fit)} finding")
        assert browser.run(ROWS) == 1
        assert browser.run("location.hash") == "#host=mx07"
        tab_to(browser, "BUTTON")
        browser.press("Enter")
        page_browsers.until(lambda: browser.run(CARDS) == len(findings))
        assert browser.run(ACTIVE) == "filter-host"
        tab_to(browser, "filter-severity")
        browser.press("ArrowDown")
        critical = [one for one in findings if one["severity"] == "critical"]
        page_browsers.until(lambda: browser.run(CARDS) == len(critical))
        tab_to(browser, "filter-waived")
        browser.press("ArrowDown")
        waived = [one for one in document["findings"] if one["waived_by"] and one["severity"] == "critical"]
        page_browsers.until(lambda: browser.run(CARDS) == len(waived))
        assert browser.run(TOLD).startswith(f"{len(waived)} finding")


def test_an_address_holds_the_filters(browser: Any, tmp_path: pathlib.Path) -> None:
    document = drift_documents.fleet(hosts=40, findings=30, unknown=2)
    with quiet(browser):
        browser.open(write(tmp_path, document), "#role=postfix&waived=all&status=unknown&severity=none")
        fit = [one for one in document["findings"] if one["role"] == "postfix"]
        page_browsers.until(lambda: browser.run(CARDS) == len(fit))
        assert browser.run("document.getElementById('filter-severity').value") == ""
        lost = [one for one in document["hosts"] if one["status"] == "unknown" and "postfix" in one["roles"]]
        assert browser.run(ROWS) == len(lost)


def test_a_finding_is_opened_by_the_keyboard(browser: Any, tmp_path: pathlib.Path) -> None:
    document = drift_documents.fleet(hosts=8, findings=1, unknown=0)
    (finding,) = document["findings"]
    with quiet(browser):
        browser.open(write(tmp_path, document))
        tab_to(browser, "SUMMARY")
        browser.press("Enter")
        page_browsers.until(lambda: bool(browser.run("document.querySelector('pre.diff') !== null")))
        lines = browser.run("[...document.querySelectorAll('pre.diff > *')].map(one => one.textContent)")
        assert lines == finding["diff"].rstrip("\n").split("\n")
        assert (
            browser.run("[...document.querySelectorAll('pre.diff ins')].map(one => one.textContent[0]).join('')") == "+"
        )
        facts = browser.run("document.querySelector('dl.facts').textContent")
        assert finding["task"] in facts and finding["basis"] in facts


def test_every_control_has_a_name(browser: Any, tmp_path: pathlib.Path) -> None:
    document = drift_documents.fleet(hosts=20, findings=8, unknown=3)
    # Waived on one host alone, it is there twice.
    document["findings"].append({**document["findings"][0], "hosts": [document["hosts"][0]["host"]], "waived_by": "w"})
    with quiet(browser):
        browser.open(write(tmp_path, document), "#waived=all")
        browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page_browsers.until(lambda: browser.run("document.querySelectorAll('pre.diff').length") > 0)
        labels = browser.labels()
        assert len(labels) > 40
        assert [one for one in labels if not one[1].strip()] == []
        assert {role for role, *dummy in labels} >= {"link", "radio", "searchbox", "combobox", "button"}
        headings = browser.run("[...document.querySelectorAll('h1, h2, h3')].map(one => Number(one.tagName[1]))")
        assert headings[0] == 1 and headings.count(1) == 1
        assert all(after - before <= 1 for before, after in zip(headings, headings[1:], strict=False))
        repeated = browser.run(
            "[...document.querySelectorAll('[id]')].map(one => one.id).filter((id, at, all) => all.indexOf(id) !== at)"
        )
        assert repeated == []


def test_hostile_values_are_text(browser: Any, tmp_path: pathlib.Path) -> None:
    document = drift_documents.fleet(hosts=4, findings=4, unknown=1)
    for number, text in enumerate(HOSTILE):
        one = dict(document["findings"][number % 4], id=f"{number:012x}", waived_by="")
        for key in ("role", "task", "module", "resource", "basis", "sentence"):
            one[key] = text
        one["diff"] = f"--- a\n+++ b\n-{text}\n+{text}\n"
        one["settings"] = [{"name": text, "is": text, "should": text}]
        document["findings"].append(one)
    for host in document["hosts"]:
        host["reason"] = HOSTILE[0]
    document["waivers"][0]["reason"] = HOSTILE[2]
    with quiet(browser):
        browser.open(write(tmp_path, document))
        browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page_browsers.until(lambda: browser.run("document.querySelectorAll('pre.diff').length") == 4 + len(HOSTILE))
        text = browser.run("document.body.textContent")
        assert all(one in text for one in HOSTILE[:3])
        assert "[U+202E]moc.elpmaxe" in text and "\u202e" not in text
        assert browser.run("document.title") == "Drift report: incomplete"
        assert browser.run("document.querySelectorAll('img').length") == 0
        assert browser.run("document.querySelectorAll('script').length") == 2


def test_light_and_dark_are_chosen_and_kept(browser: Any, tmp_path: pathlib.Path) -> None:
    page = write(tmp_path, drift_documents.fleet())
    ground = "getComputedStyle(document.body).backgroundColor"
    with quiet(browser):
        browser.open(page)
        assert browser.run(ground) == "rgb(246, 247, 249)"
        browser.press("Tab")
        browser.press("Tab")
        browser.press("ArrowRight")
        browser.press("ArrowRight")
        page_browsers.until(lambda: browser.run(ground) == "rgb(20, 24, 31)")
        browser.open(page)
        assert browser.run(ground) == "rgb(20, 24, 31)"
        browser.run("localStorage.clear()")


def test_the_fleet_is_there_with_many_hosts(
    browser: Any, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = write(tmp_path, drift_documents.fleet(hosts=2000, findings=1000, unknown=25))
    with quiet(browser):
        browser.open(page)
        page_browsers.until(lambda: browser.run(CARDS) == 50)
        # A paint is told when the next frame is wanted.
        page_browsers.until(lambda: browser.run(PAINTED) > 0)
        figures = {"first paint ms": browser.run(PAINTED), "loaded ms": browser.run(LOADED)}
        figures |= {"slowest filter ms": browser.run(FILTERING), "page kB": page.stat().st_size // 1000}
        with capsys.disabled():
            print(f"\n{type(browser).__name__}, 2000 hosts, 1000 findings: {json.dumps(figures)}")
        assert browser.run(ROWS) == 50
        browser.run("document.getElementById('more-findings').click()")
        assert browser.run(CARDS) == 100
        assert browser.run("document.activeElement.closest('li') === document.querySelectorAll('#findings > li')[50]")
        assert "Show 50 more of" in browser.run("document.getElementById('more-findings').textContent")


def test_paper_and_the_system_s_colours(tmp_path: pathlib.Path) -> None:
    page = write(tmp_path, drift_documents.fleet(hosts=150, findings=120, unknown=2))
    with page_browsers.chromium(tmp_path) as browser, quiet(browser):
        browser.like(color_scheme="dark")
        browser.open(page)
        assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 31)"
        assert browser.run("getComputedStyle(document.documentElement).scrollBehavior") == "smooth"
        browser.like(color_scheme="dark", media="print", reduced_motion="reduce")
        assert browser.run("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        browser.run("window.dispatchEvent(new Event('beforeprint'))")
        assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        for control in ("filters", "theme", "filter-status"):
            assert browser.run(f"document.getElementById('{control}').checkVisibility()") is False
        shown = browser.run(CARDS)
        assert shown > 50
        assert browser.run("document.querySelectorAll('#findings pre.diff').length") == shown


def test_without_a_script_there_is_what_counts(tmp_path: pathlib.Path) -> None:
    document = drift_documents.fleet(hosts=12, findings=6, unknown=2)
    page = write(tmp_path, document)
    with page_browsers.chromium(tmp_path) as browser:
        text = browser.without_script(page)
    assert "nothing is known of 2 of 12 hosts" in text
    lost = [host["host"] for host in document["hosts"] if host["status"] == "unknown"]
    assert all(name in text for name in lost)
    assert all(one["sentence"] in text for one in document["findings"])
    assert "Reset filters" not in text
