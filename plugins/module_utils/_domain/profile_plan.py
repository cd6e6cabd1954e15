# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile before and after what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional

from .profile import decode, encode
from .profile_edit import edited
from .profile_reading import Change, changes
from .profile_settings import Settings


@dataclass(frozen=True)
class ProfilePlan:
    """``content`` is what the file shall hold, None where there is and shall be none."""

    content: Optional[bytes]
    before: str
    after: str
    changes: List[Change]


def carried_out(planned: ProfilePlan) -> ProfilePlan:
    """The plan for the file once it holds what was planned: an edit of its own result changes nothing."""
    return ProfilePlan(planned.content, planned.after, planned.after, [])


def plan(content: Optional[bytes], settings: Settings, state: str, source: str) -> ProfilePlan:
    """The plan for a file that holds ``content`` (None: there is no file); ``state`` is present or absent.

    ProfileRefusal where ``content`` is no profile.
    """
    if content is None and state == "absent":
        return ProfilePlan(None, "", "", [])
    before = decode(content or b"", source)
    edit = edited(before, settings, state, source)
    told = [] if edit.text == before else changes(edit.before, edit.after)
    return ProfilePlan(encode(edit.text), _shown(before), _shown(edit.text), told)


def _shown(text: str) -> str:
    """``text`` for a diff, where bytes that are no UTF-8 cannot stand."""
    return encode(text).decode("utf-8", "replace")
