# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a module that brings several parts to what was asked."""

from __future__ import annotations

import contextlib
import dataclasses

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible.converge import (
    Part,
    converge,
    converge_parts,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal


class Ended(Exception):
    """A module's end, with its result."""


class Module:
    """What of AnsibleModule is used."""

    _name = "mailrealm.kerberos.realm"

    def __init__(self, check_mode=False, diff=False):
        self.check_mode = check_mode
        self._diff = diff

    def fail_json(self, msg):
        raise Ended({"failed": msg})

    def exit_json(self, **result):
        raise Ended(result)


class World:
    """Numbers by name, that are to be 1, and what was done with them."""

    def __init__(self, **values):
        self.values = values
        self.log = []
        self.refused = ()
        self.stubborn = ()

    def read(self, name):
        self.log.append(f"read {name}")
        return self.values[name]

    def plan(self, name, value):
        if name in self.refused:
            raise Refusal(f"{name}: cannot be so")
        return 1 - value

    def write(self, name):
        self.log.append(f"write {name}")
        if name not in self.stubborn:
            self.values[name] = 1

    def part(self, name):
        return Part(
            read=lambda: self.read(name),
            plan=lambda value: self.plan(name, value),
            changed=bool,
            write=lambda dummy: self.write(name),
            show=lambda plan: [{"before": str(1 - plan), "after": "1"}],
            report=lambda plan: {name: plan},
            told=lambda dummy, again: {f"{name}_now": again},
        )


def ended(world, module):
    @contextlib.contextmanager
    def parts():
        yield [world.part(name) for name in world.values]
        world.log.append("end")

    with pytest.raises(Ended) as end:
        converge_parts(module, parts)
    return end.value.args[0]


def test_what_comes_behind_a_written_part_is_planned_anew():
    world = World(a=0, b=0, c=1)
    assert ended(world, Module()) == {"changed": True, "a": 1, "a_now": 1, "b": 1, "b_now": 1, "c": 0}
    looked = ["read a", "read b", "read c"]
    assert world.log == [*looked, "write a", "read a", "read b", "write b", "read b", "read c", "end"]


def test_what_a_part_changes_for_the_next_is_seen():
    world = World(a=0, b=0)
    world.write = lambda dummy: world.values.update(a=1, b=1)
    assert ended(world, Module()) == {"changed": True, "a": 1, "a_now": 1, "b": 0}


def test_nothing_to_do_is_read_once():
    world = World(a=1, b=1)
    assert ended(world, Module()) == {"changed": False, "a": 0, "b": 0}
    assert world.log == ["read a", "read b", "end"]


def test_check_mode_writes_nothing_and_shows_all():
    world = World(a=0, b=1)
    shown = [{"before": "0", "after": "1"}, {"before": "1", "after": "1"}]
    assert ended(world, Module(check_mode=True, diff=True)) == {"changed": True, "a": 1, "b": 0, "diff": shown}
    assert world.log == ["read a", "read b", "end"]
    assert ended(World(a=0, b=1), Module(diff=True))["diff"] == shown


def test_a_part_that_refuses_keeps_the_others_from_being_written():
    for check in (True, False):
        world = World(a=0, b=0)
        world.refused = ("b",)
        assert ended(world, Module(check)) == {"failed": "b: cannot be so"}
        assert "write a" not in world.log


def test_what_reads_back_different_is_a_failure():
    world = World(a=0, b=0)
    world.stubborn = ("b",)
    assert ended(world, Module())["failed"].startswith("realm: what was written reads back different, so something ")


def test_one_thing_alone_keeps_the_form_of_its_diff():
    world = World(a=0)
    only = world.part("a")
    held = []
    with pytest.raises(Ended) as end:
        converge(
            Module(diff=True),
            read=only.read,
            plan=only.plan,
            changed=only.changed,
            write=only.write,
            show=lambda dummy: {"before": "x", "after": "y"},
            report=only.report,
            guard=lambda: contextlib.closing(contextlib.ExitStack()) if not held.append(1) else None,
        )
    assert end.value.args[0] == {"changed": True, "a": 1, "diff": {"before": "x", "after": "y"}}
    assert held == [1]


def test_the_results_of_parts_may_be_told_apart_and_a_refusal_names_its_part():
    world = World(a=0, b=1)
    named = [dataclasses.replace(world.part(name), name=name.upper()) for name in world.values]
    module = Module(check_mode=True)
    with pytest.raises(Ended) as end:
        converge_parts(module, lambda: contextlib.nullcontext(named), lambda results: {"apart": list(results)})
    assert end.value.args[0] == {"apart": [{"changed": True, "a": 1}, {"changed": False, "b": 0}]}
    world.refused = ("b",)
    module.fail_json = lambda **result: ended_with(result)
    with pytest.raises(Ended) as end:
        converge_parts(module, lambda: contextlib.nullcontext(named))
    assert end.value.args[0] == {"msg": "b: cannot be so", "part": "B"}


def ended_with(result):
    raise Ended(result)
