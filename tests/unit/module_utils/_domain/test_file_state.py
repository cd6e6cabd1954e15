# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file as a value: what replaces it, and whether it has chattr's flags."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.file_state import (
    ABSENT,
    FileState,
    has_flags,
    must_replace,
)

HELD = FileState(b"content", "root", "root", 0o600)


@pytest.mark.parametrize(
    ("held", "asked", "already"),
    [
        ("de", "+d", True),
        ("e", "+d", False),
        ("de", "+dA", False),
        ("de", "-d", False),
        ("e", "-d", True),
        ("dAe", "-iA", False),
        ("de", "=d", True),
        ("de", "d", True),
        ("dAe", "=d", False),
        ("e", "=", True),
        ("de", "=", False),
        ("", "+d", False),
        ("", "-d", True),
    ],
)
def test_flags_are_compared_one_by_one(held: str, asked: str, already: bool) -> None:
    assert has_flags(held, asked) is already


@pytest.mark.parametrize(
    ("after", "replaced"),
    [
        (HELD, False),
        (replace(HELD, mode=0o640), False),
        (replace(HELD, owner="daemon", group="mail"), False),
        (replace(HELD, group="mail", mode=0o640), True),
        (replace(HELD, content=b"other"), True),
        (ABSENT, True),
    ],
)
def test_more_than_one_call_would_not_be_one_step(after: FileState, replaced: bool) -> None:
    assert must_replace(HELD, after) is replaced
