# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift report as one HTML file for people, which needs no network and no server.

What there is to see at once, and what needs no script, is markup (`drift_page_sections`). The findings and the hosts
are data in the page, of which its script shows what is filtered. The page forbids itself everything but its own script
and style, by their digests, so that a value of a host that looks like markup could do nothing even if it became some.
"""

from __future__ import annotations

import base64
import hashlib
import json
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

from . import drift_page_sections as sections
from .drift_page_text import escaped, visible

ASSETS = pathlib.Path(__file__).resolve().parent / "drift_page_assets"
STYLE = "page.css"
# In this order, as one script: what comes first is used by what follows.
SCRIPTS = (
    "elements.js",
    "report.js",
    "filters.js",
    "findings.js",
    "lists.js",
    "hosts.js",
    "theme.js",
    "start.js",
)
# A script element ends at the first `</script`, whatever its type, and `<!--` changes how it is read (HTML, 4.12.1.3).
JSON_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
# What the page needs of a finding; `hosts` becomes positions.
OF_FINDING = (
    *("id", "kind", "role", "task", "module", "resource", "settings"),
    *("diff", "severity", "basis", "sentence", "waived_by"),
)
OF_HOST = ("host", "status", "roles")

FRAME = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
{body}
<script id="report" type="application/json">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def page(document: Mapping[str, Any]) -> str:
    """The HTML page of a drift report, in ASCII.

    `document`: drift.json as parsed. The same document gives the same page, to the byte.
    """
    style = _asset(STYLE)
    script = '"use strict";\n(() => {\n' + "\n".join(_asset(name) for name in SCRIPTS) + "})();\n"
    shown = visible(document)
    return FRAME.format(
        policy=_policy(script, style),
        title=escaped(f"Drift report: {sections.status_word(shown)}"),
        style=style,
        body=sections.body(shown),
        data=embedded(_data(shown)),
        script=script,
    )


def embedded(value: object) -> str:
    """JSON that may stand in a script element: whatever its strings hold, none of them ends it."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True).translate(JSON_ESCAPES)


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers as runs of first and last: `[0, 1, 2, 5]` -> `[(0, 2), (5, 5)]`.

    A finding of the whole fleet is then one pair, and not some thousand names in each of some hundred findings.
    """
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _data(document: Mapping[str, Any]) -> dict[str, Any]:
    hosts = document["hosts"]
    place = {host["host"]: number for number, host in enumerate(hosts)}
    return {
        "hosts": [{key: host[key] for key in OF_HOST} for host in hosts],
        "findings": [
            {
                **{key: finding[key] for key in OF_FINDING},
                "hosts": runs(place[name] for name in finding["hosts"]),
            }
            for finding in document["findings"]
        ],
    }


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _policy(script: str, style: str) -> str:
    """The content security policy: nothing but this script and this style, which are named by their digests."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
