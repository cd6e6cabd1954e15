# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""That one section's trouble costs no other."""

from __future__ import annotations

import ast
import pathlib
from types import SimpleNamespace

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible.doctor_arguments import PRODUCTS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import Asked, AskedKeytab
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import doctor_sections

ASKED = Asked(
    "mx1.example.test",
    "EXAMPLE.TEST",
    "example.test",
    keytabs=(AskedKeytab("/k", "postfix", "postfix", ("a@B",)),),
    products=("postfix",),
    settings={"postfix": {"secret": "no"}},
)


def refused(dummy):
    raise Refusal("/etc/x: is not there")


def broken(dummy):
    raise OSError(5, "Input/output error")


def gather(monkeypatch, **rooms):
    """The evidence where these rooms are all that there is: products, and what gathers."""
    monkeypatch.setattr(doctor_sections, "SECTIONS", {name: frozenset(made[0]) for name, made in rooms.items()})
    monkeypatch.setattr(doctor_sections, "room", lambda name: SimpleNamespace(gather=rooms[name][1]))
    return doctor_sections.gather_all(ASKED)


def test_sections_of_other_products_are_not_gathered(monkeypatch):
    evidence = gather(
        monkeypatch,
        everywhere=((), lambda dummy: {"a": 1}),
        here=(("postfix",), lambda dummy: {"b": 2}),
        elsewhere=(("zimbra",), broken),
    )
    assert sorted(evidence) == ["asked", "everywhere", "here"]


def test_a_refusal_and_an_error_are_evidence(monkeypatch):
    evidence = gather(monkeypatch, first=((), refused), second=((), broken), third=((), lambda dummy: {"c": 3}))
    assert evidence["first"] == {"untested": "/etc/x: is not there"}
    assert evidence["second"] == {
        "untested": "second: could not be looked at, for OSError came: [Errno 5] Input/output error"
    }
    assert evidence["third"] == {"c": 3}


def test_the_time_that_other_sections_take_is_not_lost_to_the_logs(monkeypatch):
    clock = iter((100.0, 100.0, 107.0))
    monkeypatch.setattr(doctor_sections.time, "monotonic", lambda: next(clock))
    evidence = gather(
        monkeypatch, first=((), lambda asked: {"s": asked.since}), last=((), lambda asked: {"s": asked.since})
    )
    assert (evidence["first"], evidence["last"]) == ({"s": 3600.0}, {"s": 3607.0})


@pytest.mark.parametrize("name", doctor_sections.SECTIONS)
def test_each_section_has_a_room_and_products_that_there_are(name):
    assert callable(doctor_sections.room(name).gather)
    assert doctor_sections.SECTIONS[name] <= {*PRODUCTS}


def test_ansible_finds_every_room():
    imported = {
        alias.name
        for node in ast.walk(ast.parse(pathlib.Path(doctor_sections.__file__).read_text()))
        if isinstance(node, ast.ImportFrom) and node.module is None
        for alias in node.names
    }
    assert imported == {f"doctor_{name}" for name in doctor_sections.SECTIONS}


def test_what_was_asked_is_plain_and_has_no_settings():
    told = doctor_sections.told(ASKED)
    assert told["keytabs"][0]["principals"] == ["a@B"]
    assert told["products"] == ["postfix"]
    assert "settings" not in told
