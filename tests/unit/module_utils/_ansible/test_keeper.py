# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several modules' work in one: whose options are whose, and what happens to all where one refuses."""

from __future__ import annotations

import fcntl
import os

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible.converge import Part
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible.keeper import (
    Keeper,
    Kept,
    OptionsRefusal,
    keep,
    keep_all,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal

CANARY = "canary-4711"


class Ended(Exception):
    """A module's end, with its result."""


class Module:
    """What of AnsibleModule is used."""

    _name = "mailrealm.kerberos.several"

    def __init__(self, check_mode=False, diff=True, **params):
        self.check_mode = check_mode
        self._diff = diff
        self.params = params
        self.no_log_values = set()

    def fail_json(self, **result):
        raise Ended({"failed": True, **result})

    def exit_json(self, **result):
        raise Ended(result)

    def add_path_info(self, result):
        return {**result, "seen_by": self._name}


class World:
    """Values by name, and what was done with them."""

    def __init__(self, folder, **values):
        self.folder = folder
        self.values = values
        self.log = []

    def held(self):
        """Whether the lock of the folder is taken."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def keeper(self, name, **rules):
        def kept(module):
            wanted = module.params["value"]
            self.log.append(f"judge {name} as {module._name}")
            module.no_log_values.add(module.params["secret"])
            if wanted == "impossible":
                raise Refusal(f"{name}: cannot be so")

            def plan(value):
                if wanted == "unforeseen":
                    raise Refusal(f"{name}: cannot be planned")
                return (value, wanted)

            def write(planned):
                assert self.held()
                self.log.append(f"write {name}")
                self.values[name] = "lost" if wanted == "stubborn" else planned[1]

            part = Part(
                read=lambda: self.values[name],
                plan=plan,
                changed=lambda planned: planned[0] != planned[1],
                write=write,
                show=lambda planned: {"before": planned[0], "after": planned[1]},
                report=lambda dummy: {"path": name},
            )
            return Kept(part, (str(self.folder / name),))

        arguments = {"value": {"type": "str", "required": True}, "secret": {"type": "str", "no_log": True}}
        return Keeper({**arguments, "count": {"type": "int", "default": 1}}, kept, **rules)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path, a="0", b="0", c="0")


def ended(world, module):
    keepers = {name: lambda name=name: world.keeper(name) for name in world.values}
    with pytest.raises(Ended) as end:
        keep_all(module, keepers)
    return end.value.args[0]


def test_each_is_kept_by_its_own_options_in_the_order_of_the_keepers(world):
    module = Module(c={"value": "1", "secret": "s"}, b=None, a={"value": "2", "count": "3"})
    result = ended(world, module)
    shown = [{"before": "0", "after": "2"}, {"before": "0", "after": "1"}]
    assert result == {
        "changed": True,
        "diff": shown,
        "parts": {
            "a": {"changed": True, "path": "a", "diff": shown[0], "seen_by": "a"},
            "c": {"changed": True, "path": "c", "diff": shown[1], "seen_by": "c"},
        },
    }
    assert world.log == ["judge a as a", "judge c as c", "write a", "write c"]
    assert module.params["a"] == {"value": "2", "count": 3, "secret": None}
    assert "s" in module.no_log_values
    assert not world.held()


def test_check_mode_and_no_diff(world):
    assert ended(world, Module(check_mode=True, diff=False, a={"value": "1"}, b=None, c={"value": "0"})) == {
        "changed": True,
        "parts": {
            "a": {"changed": True, "path": "a", "seen_by": "a"},
            "c": {"changed": False, "path": "c", "seen_by": "c"},
        },
    }
    assert world.values == {"a": "0", "b": "0", "c": "0"}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("impossible", "b: cannot be so"),
        ("unforeseen", "b: cannot be planned"),
        (None, "b: missing required arguments: value"),
    ],
)
def test_where_one_refuses_nothing_is_written_and_secrets_of_all_are_known(world, value, said):
    given = {} if value is None else {"value": value}
    module = Module(a={"value": "1"}, b=given, c={"value": "1", "secret": CANARY})
    assert ended(world, module) == {"failed": True, "msg": said, "part": "b"}
    assert world.values == {"a": "0", "b": "0", "c": "0"}
    assert CANARY in module.no_log_values


def test_options_that_are_not_the_keeper_s_are_shown_to_nobody(world):
    module = Module(a={"value": "1", "misspelt": CANARY, "secret": CANARY}, b=None, c=None)
    result = ended(world, module)
    assert result["msg"].startswith(
        "a: Unsupported parameters: misspelt. Supported parameters include: count, secret, "
    )
    assert CANARY not in str(module.params)


def test_what_reads_back_different_is_told_of_the_part(world):
    result = ended(world, Module(a={"value": "1"}, b={"value": "stubborn"}, c=None))
    assert result["part"] == "b"
    assert result["msg"].startswith("b: what was written reads back different")


def test_one_alone_is_as_ever(world):
    for value, result in (
        ("1", {"changed": True, "path": "a", "diff": {"before": "0", "after": "1"}}),
        ("impossible", {"failed": True, "msg": "a: cannot be so"}),
    ):
        with pytest.raises(Ended) as end:
            keep(Module(value=value, secret=None), world.keeper("a").kept)
        assert end.value.args[0] == result


def test_the_rules_of_a_module_are_those_of_its_part(world):
    rules = {"required_by": {"secret": ["count"]}, "mutually_exclusive": [("value", "secret")]}
    keeper = world.keeper("a", rules=rules, of_files=True)
    assert keeper.spec == {"argument_spec": dict(keeper.arguments), "add_file_common_args": True, **rules}
    options, secrets = keeper.options({"value": "1", "mode": "0600"})
    assert (options["mode"], options["owner"], options["count"], secrets) == ("0600", None, 1, ())
    with pytest.raises(OptionsRefusal, match=r"^parameters are mutually exclusive: value\|secret$"):
        keeper.options({"value": "1", "secret": "2"})
    assert world.keeper("a").options({"value": "1", "secret": "2"})[1] == ("2",)
