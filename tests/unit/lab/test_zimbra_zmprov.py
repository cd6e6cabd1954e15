# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double's zmprov against every recorded call of the real one: stdout, stderr, status and what changed."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.tests.unit.lab.zimbra_recorded import SCENARIOS, Site, play

# What the double cannot print as long as it was: the rest of these answers is in no recording.
LENGTH_UNKNOWN = {
    (
        "ga",
        "user1@example.test",
    ): "cut after 37 lines; what the class of service holds is not known whole",
    ("gc", "default"): "cut after 37 lines; the class staff, recorded whole, is not quite like it",
    ("gacf",): "cut after 38 lines; gs and gd show only what is inherited",
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario["scenario"] for scenario in SCENARIOS])
def test_as_recorded(scenario, tmp_path):
    site = Site(tmp_path, scenario)
    unlike = []
    for step in scenario["steps"]:
        if scenario.get("each step starts from the base state"):
            site.reset()
        seen, wanted = play(site, step, tmp_path)
        if seen != wanted:
            unlike.append((step["args"], step.get("batch"), seen, wanted))
    assert unlike == []


def test_what_was_cut_is_as_long_as_it_was(tmp_path):
    lengths = {}
    for scenario in SCENARIOS:
        site = Site(tmp_path / scenario["scenario"][:20], scenario)
        for step in scenario["steps"]:
            if "stdout_bytes" in step:
                text = site.run(step["args"])[1]
                same = (len(text.encode()), text.count("\n")) == (step["stdout_bytes"], step["stdout_lines"])
                lengths[tuple(step["args"])] = same
    assert {args for args, same in lengths.items() if not same} == set(LENGTH_UNKNOWN)
    assert len(lengths) > len(LENGTH_UNKNOWN)
