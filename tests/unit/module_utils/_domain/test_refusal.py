# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a refusal quotes, it is one line that a terminal only shows."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal, printable
from hypothesis import given


@pytest.mark.parametrize(
    ("quoted", "shown"),
    [
        ("Bücher", "Bücher"),
        ("a\nb", "a\\x0ab"),
        ("\x1b[2J", "\\x1b[2J"),
        ("caf\udce9", "caf\\xe9"),
        ("a\ud800b", "a\\ud800b"),
        ("a\u2028b", "a\\xe2\\x80\\xa8b"),
    ],
)
def test_what_is_quoted_is_shown(quoted: str, shown: str) -> None:
    assert str(Refusal(f"name '{quoted}': is none; mend it")) == f"name '{shown}': is none; mend it"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_one_line(text: str) -> None:
    assert printable(text).isprintable()
    if text.isprintable():
        assert printable(text) == text
