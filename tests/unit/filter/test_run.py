# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role decides before it has a task, against what Ansible itself makes of tags."""

from __future__ import annotations

import itertools

import pytest
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible_collections.mailrealm.kerberos.plugins.filter.fleet import FilterModule

FILTERS = FilterModule().filters()
ASKED = (["all"], ["keytab"], ["configure"], ["install", "keytab"], ["tagged"], ["untagged"], ["always"])
SKIPPED = ([], ["keytab"], ["install"], ["install", "keytab"], ["all"], ["tagged"], ["untagged"])


@pytest.mark.parametrize(("asked", "skipped"), itertools.product(ASKED, SKIPPED), ids=str)
def test_a_tag_runs_where_ansible_runs_its_tasks(asked: list[str], skipped: list[str]) -> None:
    task = Task.load({"ansible.builtin.meta": "noop", "tags": ["keytab"]}, block=Block(play=Play()))
    assert FILTERS["tag_runs"]("keytab", asked, skipped) == task.evaluate_tags(asked, skipped, {})


def test_what_is_not_there_is_missing() -> None:
    assert FILTERS["packages_missing"](["a", "b", "a", "c"], {"packages": ["b", "d"]}) == ["a", "c"]


@pytest.mark.parametrize("seen", [{}, {"packages": None}, {"packages": []}, {"skipped": True}], ids=str)
def test_on_a_host_that_nobody_looked_at_all_are_missing(seen: dict[str, object]) -> None:
    assert FILTERS["packages_missing"](["a", "b"], seen) == ["a", "b"]


def test_units_that_were_not_seen_to_run_are_missing() -> None:
    assert FILTERS["units_missing"](["a", "b", "c"], {"units": ["b"]}) == ["a", "c"]
    assert FILTERS["units_missing"](["a"], {}) == ["a"]
