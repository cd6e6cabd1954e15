# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The colours of the drift page are far enough apart to be read (WCAG 2.2, 1.4.3 and 1.4.11, level AA)."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mailrealm.kerberos.plugins.plugin_utils import drift_page

STYLE = (drift_page.ASSETS / drift_page.STYLE).read_text(encoding="utf-8")
COLOURS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", STYLE)
}
TEXT, SHAPE = 4.5, 3.0
GROUNDS = ("card", "ground", "quiet")
PAIRS = (
    *((ink, ground, TEXT) for ink in ("ink", "soft", "link") for ground in GROUNDS),
    *(
        (tone, ground, TEXT)
        for tone in ("clean", "minor", "major", "critical", "unknown")
        for ground in ("card", "ground")
    ),
    ("added-ink", "added", TEXT),
    ("removed-ink", "removed", TEXT),
    ("added-ink", "card", TEXT),
    ("removed-ink", "card", TEXT),
    ("control", "card", SHAPE),
    ("focus", "card", SHAPE),
    ("focus", "ground", SHAPE),
)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definitions)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1, none, to 21, black on white."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_it_can_be_read(ink: str, ground: str, least: float, theme: str) -> None:
    assert contrast(COLOURS[ink][theme], COLOURS[ground][theme]) >= least


def test_every_colour_has_both_themes_and_is_judged() -> None:
    named = set(re.findall(r"--([a-z-]+): ", STYLE)) - {"mono", "tone"}
    assert named == set(COLOURS)
    assert named - {name for pair in PAIRS for name in pair[:2]} == {"edge"}  # a line that only decorates
    # Everything else is of a colour that is named there; paper has its own.
    screen = STYLE[: STYLE.index("@media print")].split("--mono", 1)[1]
    assert re.findall(r"#[0-9a-f]{3,8}\b", screen) == []
