# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet at a glance: a bar of shares, and a field in which each host is a square."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .drift_page_text import counted

Document = Mapping[str, Any]
STATUSES = (("clean", "clean"), ("drift", "drift"), ("unknown", "not known"))
# From the best to the worst; what is not known is worse than any finding, since it may be any.
TONES = ("clean", "minor", "major", "critical", "unknown")
MARKS = {"clean": "\u2713", "drift": "\u25c6", "unknown": "?"}
# The squares' colours in words; what they say is in the table of hosts, too.
FIELD_LEGEND = (
    '<ul class="legend soft" aria-hidden="true"><li>Each square is a host, by its worst open finding:</li>'
    '<li class="critical"><span class="mark">&#9632;</span>critical</li>'
    '<li class="major"><span class="mark">&#9632;</span>major</li>'
    '<li class="minor"><span class="mark">&#9632;</span>minor</li>'
    '<li class="clean"><span class="mark">&#9632;</span>none</li>'
    '<li class="unknown"><span class="mark">&#9632;</span>not known</li></ul>\n'
)
WIDE = 1000  # units of the bar
SIZE = 12  # units of the place of a square
# The larger a square, the worse its host, so that no colour is needed to see it; what is not known is hollow.
SIDES = {"clean": 4, "minor": 6, "major": 8, "critical": 10, "unknown": 10}
HOLLOW = "m3 3v4h4v-4z"
FEWEST, MOST = 40, 92  # squares in a row


def section(document: Document) -> str:
    """The section of the page; nothing for no host."""
    hosts = document["hosts"]
    if not hosts:
        return ""
    numbers = document["summary"]["hosts"]
    total = sum(numbers.values())
    legend = "".join(
        f'<li class="{status}"><span class="mark" aria-hidden="true">&#{ord(MARKS[status])};</span>'
        f"{numbers[status]:,} {name} ({_share(numbers[status], total)})</li>"
        for status, name in STATUSES
    )
    return (
        '<section class="card" aria-labelledby="fleet-heading">'
        f'<h2 id="fleet-heading">The fleet: {counted(total, "host")}</h2>\n'
        f'{_bar(numbers, total)}\n<ul class="legend">{legend}</ul>\n{_field(hosts, tones(document))}\n{FIELD_LEGEND}'
        '<p class="pointer soft" id="pointer" aria-hidden="true"></p></section>'
    )


def tones(document: Document) -> list[str]:
    """Each host's tone, in the report's order: the worst severity that is open on it, or that it is not known."""
    place = {host["host"]: number for number, host in enumerate(document["hosts"])}
    worst = [TONES.index("unknown" if host["status"] == "unknown" else "clean") for host in document["hosts"]]
    for finding in document["findings"]:
        if not finding["waived_by"]:
            for name in finding["hosts"]:
                worst[place[name]] = max(worst[place[name]], TONES.index(finding["severity"]))
    return [TONES[one] for one in worst]


def _share(number: int, total: int) -> str:
    """A share in whole per cent that never says none or all where that is not so."""
    if number in (0, total):
        return f"{100 * number // total}%"
    return f"{min(99, max(1, round(100 * number / total)))}%"


def _bar(numbers: Mapping[str, int], total: int) -> str:
    parts, left = [], 0.0
    for status, dummy in STATUSES:
        width = WIDE * numbers[status] / total
        if width:
            parts.append(f'<rect class="{status}" x="{left:.2f}" y="0" width="{width:.2f}" height="14"/>')
        left += width
    return (
        f'<svg class="bar" viewBox="0 0 {WIDE} 14" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )


def _field(hosts: Sequence[Document], colours: Sequence[str]) -> str:
    """The squares, as one path a tone. Readers of the screen have the table of hosts for it."""
    columns = min(MOST, max(FEWEST, len(hosts) // 20))
    rows = -(-len(hosts) // columns)
    width, height = columns * SIZE, rows * SIZE
    paths = []
    for tone in TONES:
        moves = "".join(_square(number, columns, tone) for number, one in enumerate(colours) if one == tone)
        if moves:
            paths.append(f'<path class="{tone}" d="{moves}"/>')
    pointed = f'<rect class="pointed" width="{SIZE}" height="{SIZE}" visibility="hidden"/>'
    return (
        f'<svg class="field" width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true" '
        f'data-columns="{columns}" data-size="{SIZE}">{"".join(paths)}{pointed}</svg>'
    )


def _square(number: int, columns: int, tone: str) -> str:
    side = SIDES[tone]
    margin = (SIZE - side) // 2
    left, top = number % columns * SIZE + margin, number // columns * SIZE + margin
    return f"M{left} {top}h{side}v{side}h-{side}z" + (HOLLOW if tone == "unknown" else "")
