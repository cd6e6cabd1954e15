# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kadm5.acl: entries set and removed, foreign lines kept to the byte."""

from __future__ import annotations

from typing import Optional

import hypothesis
import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadm5_acl import (
    AclRefusal,
    entries_from,
    entry,
    plan,
)

ADMIN = entry("*/admin@EXAMPLE.TEST", "*")
FLEET = entry("fleet/admin@EXAMPLE.TEST", "aile", "*/*@EXAMPLE.TEST", "-postdateable  -maxlife 9h")
FOREIGN = "# who may\n\njoe/admin@EXAMPLE.TEST\tad  # not a comment to kadmind\n"


def after(content: Optional[bytes], *entries: object, present: bool = True) -> str:
    return plan(content, entries, present).after


def test_from_nothing() -> None:
    assert after(None, ADMIN, FLEET) == (
        "*/admin@EXAMPLE.TEST *\nfleet/admin@EXAMPLE.TEST aile */*@EXAMPLE.TEST -postdateable -maxlife 9h\n"
    )


def test_settled() -> None:
    once = after(FOREIGN.encode(), ADMIN, FLEET)
    assert once.startswith(FOREIGN)
    assert after(once.encode(), ADMIN, FLEET) == once


def test_other_white_space_is_the_same_entry() -> None:
    text = "*/admin@EXAMPLE.TEST\t\t*  \n"
    assert after(text.encode(), ADMIN) == text


def test_an_entry_changes_in_its_place() -> None:
    text = f"*/admin@EXAMPLE.TEST ad\n{FOREIGN}"
    assert after(text.encode(), ADMIN) == f"*/admin@EXAMPLE.TEST *\n{FOREIGN}"


def test_a_later_line_for_the_same_subject_goes() -> None:
    assert after(b"*/admin@EXAMPLE.TEST *\n*/admin@EXAMPLE.TEST l *\n", ADMIN) == "*/admin@EXAMPLE.TEST *\n"


def test_another_target_is_another_entry() -> None:
    text = "*/admin@EXAMPLE.TEST l a@EXAMPLE.TEST\n"
    assert after(text.encode(), ADMIN) == f"{text}*/admin@EXAMPLE.TEST *\n"


HELPDESK = entry("helpdesk@EXAMPLE.TEST", "ADMCI", "*/admin@EXAMPLE.TEST")
USERS = entry("helpdesk@EXAMPLE.TEST", "ci", "*@EXAMPLE.TEST")


def test_a_narrow_entry_goes_before_the_wide_one_that_was_asked_for_after_it() -> None:
    text = f"{FOREIGN}{ADMIN}\n# end\n"
    assert after(text.encode(), HELPDESK, ADMIN, USERS) == f"{FOREIGN}{HELPDESK}\n{ADMIN}\n# end\n{USERS}\n"


def test_entries_in_another_order_change_places_around_foreign_lines() -> None:
    text = f"{USERS}\n{FOREIGN}{HELPDESK}"
    assert after(text.encode(), HELPDESK, USERS) == f"{HELPDESK}\n{FOREIGN}{USERS}\n"


@hypothesis.settings(max_examples=60, deadline=None)
@hypothesis.given(
    hypothesis.strategies.lists(
        hypothesis.strategies.sampled_from(
            [f"{ADMIN}\n", f"{FLEET}\n", f"{HELPDESK}\n", f"{USERS}\n", "x@R *\n", "#\n"]
        )
    ),
    hypothesis.strategies.permutations([ADMIN, FLEET, HELPDESK, USERS]),
    hypothesis.strategies.booleans(),
)
def test_asked_entries_stand_in_order_and_a_second_plan_changes_nothing(lines, asked, whole) -> None:
    text = "".join(lines) if whole else "".join(lines).rstrip("\n")
    once = after(text.encode(), *asked)
    assert after(once.encode(), *asked) == once
    ours = [str(one) for one in asked]
    assert [line for line in once.splitlines() if line in ours] == ours
    foreign = [line for line in once.splitlines() if line not in ours]
    assert foreign == [line for line in text.splitlines() if line not in ours]


def test_a_last_line_without_end() -> None:
    assert after(b"joe@EXAMPLE.TEST l", ADMIN) == "joe@EXAMPLE.TEST l\n*/admin@EXAMPLE.TEST *\n"


def test_a_line_that_goes_on() -> None:
    text = "fleet/admin@EXAMPLE.TEST aile \\\n*/*@EXAMPLE.TEST -postdateable -maxlife 9h\n"
    assert after(text.encode(), FLEET) == text
    assert after(text.encode(), FLEET, present=False) == ""


def test_removed() -> None:
    assert after(f"{FOREIGN}*/admin@EXAMPLE.TEST ad\n".encode(), ADMIN, present=False) == FOREIGN
    assert plan(None, [ADMIN], present=False).existed is False


def test_bytes_that_are_no_utf8_stay() -> None:
    assert after(b"# caf\xe9\n", ADMIN).encode("utf-8", "surrogateescape") == b"# caf\xe9\n*/admin@EXAMPLE.TEST *\n"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (("a b", "*"), "principal 'a b' holds white space"),
        (("#a", "*"), "holds white space or '#'"),
        (("", "*"), "lacks principal or permissions"),
        (("a", "ax!z"), "hold '!z', which kadmind does not know"),
        (("a", "*", "", "-maxlife 9h"), "need a target"),
        (("a", "*", "*", "-maxlife\n9h"), "line break"),
        (("a@b@c", "*"), "principal: .* holds a second '@'"),
        (("a", "*", "b/c@d/e"), "target: .* the realm holds a '/'"),
        (("a\\", "*"), "lone backslash"),
    ],
)
def test_refused(parts: tuple, said: str) -> None:
    with pytest.raises(AclRefusal, match=said):
        entry(*parts)


def test_listed_twice() -> None:
    lister = {"principal": "a@R", "permissions": "l"}
    with pytest.raises(AclRefusal, match=r"a@R is listed twice with the target '\*'"):
        entries_from([lister, {"principal": "a@R", "permissions": "a", "target": "*"}])
    assert len(entries_from([lister, {**lister, "target": "b@R"}])) == 2
