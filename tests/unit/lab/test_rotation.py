# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a rotation, from the directory's kvnos, the keytab's and the loop of logins."""

from __future__ import annotations

import json

import pytest
from lab import loop, rotation

KLIST = """\
KVNO Principal
---- --------------------------------------------------------------------------
   1 smtp/axigen1.ad.example.test@AD.EXAMPLE.TEST
   2 smtp/axigen1.ad.example.test@AD.EXAMPLE.TEST
   7 imap/axigen1.ad.example.test@AD.EXAMPLE.TEST
"""


def test_the_kvnos_of_a_service() -> None:
    assert rotation.keytab_kvnos(KLIST, "smtp") == {1, 2}
    assert rotation.keytab_kvnos(KLIST, "pop") == set()


@pytest.mark.parametrize(
    ("before", "after", "found", "changing", "says"),
    [
        (1, 2, {1, 2}, True, []),
        (2, 2, {1, 2}, False, []),
        (1, 1, {1}, True, ["axigen_imap had kvno 1 and has 1"]),
        (1, 2, {1, 2}, False, ["axigen_imap had kvno 1 and has 2"]),
        (1, 2, {2}, True, ["/etc/axigen.keytab has kvnos [2] of axigen_imap, and not [1, 2]"]),
        (1, 2, {1}, True, ["/etc/axigen.keytab has kvnos [1] of axigen_imap, and not [1, 2]"]),
    ],
)
def test_a_new_key_lies_beside_the_one_before(before, after, found, changing, says) -> None:
    told = rotation.wrong_keys({"axigen_imap": before}, {"axigen_imap": after}, {"axigen_imap": found}, changing)
    assert told == says


def _line(kind: str, failure: str = "") -> str:
    return json.dumps({"kind": kind, "protocol": "smtp", "host": "mx1", "named": "", "second": 7, "failure": failure})


def test_logins_are_counted_and_failures_named() -> None:
    told = loop.tally([_line("fresh"), _line("kept"), _line("fresh"), _line("kept", "535 no")])
    assert told.succeeded == {"fresh": 2, "kept": 1}
    assert told.failures == ("kept smtp login to mx1 at 7: 535 no",)


def test_too_few_logins_prove_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    enough = [_line(kind) for kind in loop.KINDS for dummy in range(loop.FEWEST)]
    assert loop.judged(loop.tally(enough)) == []
    assert loop.judged(loop.tally(enough[1:])) == ["only 19 fresh logins"]
    assert loop.judged(loop.tally([*enough, _line("kept", "no")])) == [
        "a login failed: kept smtp login to mx1 at 7: no"
    ]
    assert "20 fresh, 20 kept, 1 failed" in capsys.readouterr().out
