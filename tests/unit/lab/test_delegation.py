# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the delegated account of the lab may do."""

from __future__ import annotations

import re

from lab.dc import delegation


def test_the_account_may_create_reset_and_write_five_attributes_of_users_and_computers():
    entries = delegation.entries("S-1-5-21-1")
    found = [
        re.fullmatch(r"\(OA;(CI|CIIO);(CC|CR|WP);([0-9a-f-]{36});([0-9a-f-]{36})?;S-1-5-21-1\)", e) for e in entries
    ]
    assert all(found)
    rights = [(one[1], one[2]) for one in found if one]
    assert rights == [("CI", "CC")] * 2 + [("CIIO", "CR")] * 2 + [("CIIO", "WP")] * 10
    assert len(set(entries)) == len(entries)
