# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.password_rules import (
    PasswordRules,
    broken_rules,
    kinds,
)

STRICT, LENGTH_ALONE = PasswordRules(8, True), PasswordRules(8, False)
SHORT = "it is shorter than 8 characters"
NAMED = "it holds the account's name"
SIMPLE = "it has characters of fewer than 3 kinds (capitals, small letters, digits, others)"


@pytest.mark.parametrize(
    ("password", "rules", "broken"),
    [
        ("Correct horse 1", STRICT, ()),
        ("Correct1", STRICT, ()),
        ("Short 1", STRICT, (SHORT,)),
        ("short", STRICT, (SHORT, SIMPLE)),
        ("short", LENGTH_ALONE, (SHORT,)),
        ("correct horse", STRICT, (SIMPLE,)),
        ("correct horse", LENGTH_ALONE, ()),
        ("My MAILER is 1", STRICT, (NAMED,)),
        ("My MAILER is 1", LENGTH_ALONE, ()),
        ("Aa1\U0001f600\U0001f600x", STRICT, ()),  # six characters, of eight units in UTF-16
    ],
)
def test_rules(password, rules, broken):
    assert broken_rules(password, "mailer", rules) == broken


def test_a_computers_mark_and_a_short_name_do_not_count():
    assert broken_rules("On mx1 since 1", "mx1$", STRICT) == (NAMED,)
    assert broken_rules("On mx since 1", "mx$", STRICT) == ()


@pytest.mark.parametrize(
    ("password", "count"),
    [
        ("", 0),
        ("a", 1),
        ("aA", 2),
        ("aA1", 3),
        ("aA1-", 4),
        ("aA1-\u4e2d", 5),
        ("\u4e2d\u6587", 1),
        ("\u00e4\u00c4", 2),
    ],
)
def test_kinds(password, count):
    assert kinds(password) == count
