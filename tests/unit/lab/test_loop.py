# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab makes of the login loop's lines."""

from __future__ import annotations

import json

import pytest
from lab import loop


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
