# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the drift page: what is there without a script, and the places that the script fills."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from . import drift_page_fleet as fleet
from .drift_page_text import counted, escaped

Document = Mapping[str, Any]
# What the playbook ends with, by the status of the report.
EXIT = {"clean": 0, "drift": 2, "incomplete": 4}
WORDS = {"clean": "clean", "drift": "drift", "incomplete": "incomplete"}
SEVERITIES = ("critical", "major", "minor")
MARKS = {
    "critical": "\u25b2",
    "major": "\u25c6",
    "minor": "\u25cf",
    "unknown": "?",
    "drift": "\u25c6",
    "clean": "\u2713",
}
NAMES = {"unknown": "not known"}
THE_HOST = "(the host)"
FEW = 12  # so many names stand there; more of them wait to be opened
KINDS = ("change", "refusal", "login", "key", "waiver")
THEMES = (("auto", "Auto"), ("light", "Light"), ("dark", "Dark"))
FOOTER = """\
<footer>By the callback <code>mailrealm.kerberos.drift</code> in check mode. The run changed nothing.</footer>"""
HOST_FIELD = """\
<div class="wide"><label for="filter-host">Host</label>
<input type="search" id="filter-host" autocomplete="off" spellcheck="false" placeholder="part of a name"></div>"""
WAIVED = """\
<option value="open">open ones</option><option value="waived">waived ones</option><option value="all">all</option>"""


def body(document: Document) -> str:
    """The page's body, but for data and script."""
    parts = (
        '<a class="skip" href="#main">Skip to the report</a>',
        _top(document),
        '<main id="main" tabindex="-1" aria-labelledby="title">',
        _status(document),
        _unknown(document),
        fleet.section(document),
        _findings(document),
        _hosts(document),
        _waivers(document),
        "</main>",
        FOOTER,
    )
    return "\n".join(part for part in parts if part)


def status_word(document: Document) -> str:
    """The status in one word."""
    return WORDS[document["status"]]


def status_sentence(document: Document) -> str:
    """What the run found, after the word for it: how many hosts are other than they should be, or not known."""
    hosts = document["summary"]["hosts"]
    total = sum(hosts.values())
    if not total:
        return "no host was looked at."
    differ = "is not as its roles want it" if hosts["drift"] == 1 else "are not as their roles want them"
    if document["status"] == "incomplete":
        return f"nothing is known of {hosts['unknown']:,} of {counted(total, 'host')}; {hosts['drift']:,} {differ}."
    if hosts["drift"]:
        return f"{hosts['drift']:,} of {counted(total, 'host')} {differ}."
    if document["status"] == "drift":
        return f"{counted(total, 'host')} as the roles want, but waivers have expired or fit nothing."
    return f"{counted(total, 'host')}, all as their roles want them."


def badge(word: str) -> str:
    """A word with a sign before it, so that no colour is needed to tell it."""
    mark = f'<span class="mark" aria-hidden="true">{escaped(MARKS.get(word, ""))}</span>'
    return f'<span class="badge {escaped(word)}">{mark}{escaped(NAMES.get(word, word))}</span>'


def table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table. `rows`: cells of markup; the first of each is the row's head."""
    head = "".join(f'<th scope="col">{escaped(one)}</th>' for one in heads)
    lines = []
    for first, *others in rows:
        cells = "".join(f"<td>{cell}</td>" for cell in others)
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    return (
        f'<div class="scroll"><table class="stacked"><caption class="unseen">{escaped(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(lines) + "\n</tbody></table></div>"
    )


def names(hosts: Iterable[str]) -> str:
    """Names of hosts; of many, the list waits to be opened."""
    every = list(hosts)
    items = "".join(f"<li>{escaped(name)}</li>" for name in every)
    listed = f'<ul class="names">{items}</ul>'
    if len(every) <= FEW:
        return listed
    return f"<details><summary>{counted(len(every), 'host')}</summary>{listed}</details>"


def _top(document: Document) -> str:
    created = escaped(document["created"])
    radios = "".join(
        f'<label><input type="radio" name="theme" value="{value}"><span>{name}</span></label>' for value, name in THEMES
    )
    return (
        '<header class="top"><h1 id="title">Drift report</h1>'
        f'<p class="soft">Made <time datetime="{created}">{created}</time></p>'
        f'<fieldset class="theme" id="theme" hidden><legend class="unseen">Colours</legend>{radios}</fieldset></header>'
    )


def _status(document: Document) -> str:
    status, summary = document["status"], document["summary"]
    counts = [
        (f"hosts {NAMES.get(name, name)}", summary["hosts"][name], name) for name in ("clean", "drift", "unknown")
    ]
    counts += [(f"{name} findings", summary["findings"][name], name) for name in SEVERITIES]
    counts += [("waived", summary["waived"], ""), ("waivers to renew", _stale(summary), "major")]
    items = "".join(_count(*one) for one in counts)
    word = status_word(document).capitalize()
    return (
        f'<section class="card status {escaped(status)}" aria-labelledby="status-heading">'
        f'<h2 id="status-heading" class="unseen">Status</h2>'
        f'<p class="sentence"><strong>{word}:</strong> {escaped(status_sentence(document))}</p>'
        f'<p class="soft">The playbook ended with exit status {EXIT[status]}.</p>'
        f'<dl class="counts">{items}</dl></section>'
    )


def _count(name: str, number: int, tone: str) -> str:
    """A number that is lit where it says something."""
    look = "none" if not number else f"{tone} lit" if tone else ""
    return f'<div class="{look}"><dt>{escaped(name)}</dt><dd>{number:,}</dd></div>'


def _stale(summary: Document) -> int:
    return int(summary["waivers"]["expired"]) + int(summary["waivers"]["unmatched"])


def _unknown(document: Document) -> str:
    """Hosts of which nothing is known, with the same reasons told once, those of most hosts first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for host in document["hosts"]:
        if host["status"] == "unknown":
            # What SSH says names the host, and would be another reason for each.
            reason = host["reason"].replace(host["host"], THE_HOST)
            groups.setdefault((host["state"], reason), []).append(host["host"])
    if not groups:
        return ""
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    rows = [
        (escaped(state), escaped(reason) or '<span class="soft">no reason was given</span>', names(hosts))
        for (state, reason), hosts in ordered
    ]
    heads = ("State", "Reason", "Hosts")
    caption = "Hosts of which nothing is known"
    shown = table(caption, heads, rows[:FEW])
    if rows[FEW:]:
        more = table(f"{caption}, continued", heads, rows[FEW:])
        shown += f"<details><summary>{counted(len(rows[FEW:]), 'more reason')}</summary>{more}</details>"
    lost = sum(len(hosts) for hosts in groups.values())
    return (
        '<section class="card notknown" aria-labelledby="unknown-heading">'
        f'<h2 id="unknown-heading">Not known: {counted(lost, "host")}</h2>\n{shown}</section>'
    )


def _options(values: Iterable[str], every: str) -> str:
    shown = "".join(f'<option value="{escaped(value)}">{escaped(NAMES.get(value, value))}</option>' for value in values)
    return f'<option value="">{every}</option>{shown}'


def _select(name: str, label: str, options: str) -> str:
    return (
        f'<div class="field"><label for="filter-{name}">{label}</label>'
        f'<select id="filter-{name}" autocomplete="off">{options}</select></div>'
    )


def _findings(document: Document) -> str:
    findings = document["findings"]
    roles = {role for host in document["hosts"] for role in host["roles"]} | {one["role"] for one in findings}
    fields = (
        HOST_FIELD,
        _select("role", "Role", _options(sorted(roles - {""}), "all roles")),
        _select("severity", "Severity", _options(SEVERITIES, "all severities")),
        _select("kind", "Kind", _options(KINDS, "all kinds")),
        _select("waived", "Waivers", WAIVED),
        '<div><button type="reset">Reset filters</button></div>',
    )
    return (
        '<section aria-labelledby="findings-heading">'
        f'<h2 id="findings-heading">Findings</h2>\n<form class="filters card" id="filters" role="search" '
        f'aria-label="Filter findings and hosts" data-scripted hidden>{"".join(fields)}</form>\n'
        '<p class="told" id="told-findings" role="status" aria-live="polite" data-scripted hidden></p>\n'
        '<ol class="findings" id="findings"></ol>\n'
        '<button class="more" type="button" id="more-findings" hidden>Show more findings</button>\n'
        f"<noscript>{_plain_findings(findings)}</noscript></section>"
    )


def _plain_findings(findings: Iterable[Document]) -> str:
    """What stands there without a script: the diffs are in drift.json."""
    rows = [
        (
            badge(one["severity"]),
            escaped(one["role"]),
            f"<code>{escaped(one['resource'])}</code>",
            escaped(one["sentence"]) + (f" (waived by {escaped(one['waived_by'])})" if one["waived_by"] else ""),
            escaped(", ".join(one["hosts"])) if len(one["hosts"]) <= FEW else counted(len(one["hosts"]), "host"),
        )
        for one in findings
    ]
    if not rows:
        return "<p>There is no finding.</p>"
    told = "<p>Without its script, this page filters nothing; the differences are in <code>drift.json</code>.</p>"
    return told + table("Findings", ("Severity", "Role", "Resource", "Finding", "Hosts"), rows)


def _hosts(document: Document) -> str:
    if not document["hosts"]:
        return ""
    status = _select("status", "Status", _options(("unknown", "drift", "clean"), "all"))
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Host", "Status", "Roles"))
    heads += "".join(f'<th scope="col" class="number">{name.capitalize()}</th>' for name in SEVERITIES)
    return (
        '<section class="card" aria-labelledby="hosts-heading" data-scripted hidden>'
        f'<div class="heading"><h2 id="hosts-heading">Hosts</h2>{status}</div>\n'
        '<p class="told" id="told-hosts" role="status" aria-live="polite"></p>\n'
        '<div class="scroll"><table><caption class="unseen">Hosts with their open findings</caption>'
        f'<thead><tr>{heads}</tr></thead><tbody id="hosts"></tbody></table></div>\n'
        '<button class="more" type="button" id="more-hosts" hidden>Show more hosts</button></section>'
    )


def _waivers(document: Document) -> str:
    if not document["waivers"]:
        return ""
    tones = {"active": "clean", "expired": "major", "unmatched": "major"}
    rows = [
        (
            escaped(one["name"]),
            f'<span class="badge {tones.get(one["state"], "")}">{escaped(one["state"])}</span>',
            f'<time datetime="{escaped(one["expires"])}">{escaped(one["expires"])}</time>{_left(one, document)}',
            escaped(one["owner"]),
            escaped(one["reason"]),
            f"<code>{escaped(one['expression'])}</code>",
            str(one["findings"]),
        )
        for one in document["waivers"]
    ]
    heads = ("Name", "State", "Expires", "Owner", "Reason", "Expression", "Findings")
    return (
        '<section class="card" aria-labelledby="waivers-heading"><h2 id="waivers-heading">Waivers</h2>\n'
        f"{table('Waivers', heads, rows)}</section>"
    )


def _left(waiver: Document, document: Document) -> str:
    """How long a waiver still holds, or has not held any more, on the day of the report."""
    try:
        end, today = (datetime.date.fromisoformat(one) for one in (waiver["expires"], document["created"][:10]))
    except ValueError:
        return ""
    days = (end - today).days
    if days < 0:
        return f'<br><span class="soft">ended {counted(-days, "day")} ago</span>'
    return f'<br><span class="soft">{counted(days, "day")} left</span>'
