# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import read_text
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_pattern import is_name, matcher


@pytest.mark.parametrize(
    ("pattern", "name", "answer"),
    [
        ("smtp/mx1", "smtp/mx1@R", True),
        ("smtp/mx1@R", "smtp/mx1@R", True),
        ("smtp/mx1@r", "smtp/mx1@R", False),
        ("smtp", "smtp/mx1@R", False),
        ("smtp*", "smtp/mx1@R", True),
        ("*/mx1", "smtp/mx1@R", True),
        ("*@S", "smtp/mx1@R", False),
        ("smtp/*@R", "smtp/mx1@R", True),
        ("[Ss]mtp/mx?", "smtp/mx1@R", True),
        ("smtp/mx[!1]", "smtp/mx1@R", False),
        ("*", "a@R", True),
        (r"a\@b", r"a\@b@R", True),
        (r"a\@*", r"a\@b@R", True),
        (r"a\@b@R", r"a\@b@R", True),
        (r"a\@*@S", r"a\@b@R", False),
    ],
)
def test_a_pattern_with_a_realm_is_for_that_realm_and_one_without_for_all(pattern, name, answer):
    assert matcher([pattern])(read_text(name)) is answer
    assert matcher(["no/such", pattern])(read_text(name)) is answer


def test_no_pattern_matches_everything():
    assert matcher([])(read_text("a@R"))


def test_a_name_is_a_pattern_without_wildcards():
    assert is_name("smtp/mx1@R")
    assert not any(map(is_name, ["smtp/*", "smtp/mx?", "smtp/mx[12]"]))
