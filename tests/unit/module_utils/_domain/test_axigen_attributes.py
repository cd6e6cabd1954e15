# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axigen's attributes: which values they take, when two are the same, and what adding to a set makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_attributes import (
    KINDS,
    METHODS,
    SERVICES,
    STARTABLE,
    added,
    is_secret,
    kind_of,
    named,
    removed,
    same,
    setting,
    shown,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_cli import AxigenRefusal, Setting
from hypothesis import given
from hypothesis import strategies as st

AUTH = "secureConnAuthTypes"


def test_services() -> None:
    assert [(one.option, one.command, one.name) for one in SERVICES.values()][:3] == [
        ("imap", "IMAP", "imap"),
        ("pop3", "POP3", "pop3"),
        ("smtp_incoming", "SMTP-INCOMING", "smtpIncoming"),
    ]
    assert all(option == one.option for option, one in SERVICES.items())
    assert set(STARTABLE) <= set(SERVICES)


def test_names_are_found_in_any_case() -> None:
    assert named({"logLevel": "1"}, "LOGLEVEL") == "logLevel"
    assert named({"logLevel": "1"}, "log") is None
    assert kind_of("SECURECONNAUTHTYPES") is kind_of(AUTH)
    assert all(name == name.lower() for name in KINDS)


@pytest.mark.parametrize("name", ["relayPassword", "adminPasswd", "sharedSecret", "PASSWORD"])
def test_passwords(name: str) -> None:
    assert is_secret(name)
    assert not is_secret("passAlong")


TAKEN: list[tuple[str, Any, Setting]] = [
    (AUTH, ["plain", "GSSAPI"], ("plain", "GSSAPI")),
    (AUTH, "gssapi", ("gssapi",)),
    (AUTH, "all", ("all",)),
    ("allowStartTLS", True, "yes"),
    ("allowStartTLS", False, "no"),
    ("allowStartTLS", "Yes", "Yes"),
    ("logLevel", 31, "31"),
    ("logLevel", "0", "0"),
    ("maxErrors", 20, "20"),
    ("userdbConnectorType", "LDAPBind", "LDAPBind"),
    ("greetingsText", "any text", "any text"),
    ("somethingNew", ["a", 1, True], ("a", "1", "yes")),
    ("somethingNew", "", ""),
]


@pytest.mark.parametrize(("attribute", "value", "found"), TAKEN)
def test_values_that_are_taken(attribute: str, value: Any, found: Setting) -> None:
    assert setting(value, attribute, "x") == found


def test_several_bits_are_taken_as_parts_only() -> None:
    assert setting([8, 16], "logLevel", "x", parts=True) == ("8", "16")
    with pytest.raises(AxigenRefusal, match="x: is a list"):
        setting([8, 16], "logLevel", "x")
    with pytest.raises(AxigenRefusal, match="x: is a list"):
        setting([True], "allowStartTLS", "x", parts=True)


REFUSED: list[tuple[str, Any, str]] = [
    (AUTH, ["kerberos"], "x: 'kerberos' is not what the attribute takes; give a list of plain, login, cram-md5"),
    (AUTH, "(plain gssapi)", "x: '(plain gssapi)' is not what"),
    (AUTH, [["gssapi"]], "x: is neither a word, a number nor a list of them; "),
    (AUTH, None, "x: is neither a word"),
    ("allowStartTLS", "on", "x: 'on' is not what the attribute takes; give one of yes, no"),
    ("allowStartTLS", ["yes"], "x: is a list, and the attribute takes one of yes, no; give one value"),
    ("logLevel", 32, "x: '32' is not what the attribute takes; give a number from 0 to 31"),
    ("logLevel", -1, "x: '-1' is not what"),
    ("logLevel", "\u0663", "x: '\u0663' is not what"),
    ("logLevel", "all", "x: 'all' is not what"),
    ("maxErrors", 2**31, "x: '2147483648' is not what"),
    ("userdbConnectorType", "mysql", "x: 'mysql' is not what the attribute takes; give one of local, ldap, ldapBind"),
    ("greetingsText", 1.5, "x: is neither a word"),
    ("greetingsText", {"a": "b"}, "x: is neither a word"),
    ("somethingNew", ["a b"], "x: 'a b' cannot stand in a set of words; "),
    ("somethingNew", ["a)"], "x: 'a)' cannot stand"),
    ("somethingNew", [""], "x: '' cannot stand"),
]


@pytest.mark.parametrize(("attribute", "value", "says"), REFUSED)
def test_values_that_are_refused(attribute: str, value: Any, says: str) -> None:
    with pytest.raises(AxigenRefusal) as refusal:
        setting(value, attribute, "x")
    assert str(refusal.value).startswith(says)


SAME: list[tuple[str, Setting, Setting, bool]] = [
    (AUTH, ("plain", "gssapi"), ("GSSAPI", "plain"), True),
    (AUTH, ("all",), METHODS, True),
    (AUTH, "all", tuple(reversed(METHODS)), True),
    (AUTH, "plain, gssapi", ("plain", "gssapi"), True),
    (AUTH, ("plain",), ("plain", "gssapi"), False),
    (AUTH, ("all", "new"), METHODS, False),
    ("allowStartTLS", "YES", "yes", True),
    ("allowStartTLS", "yes", "no", False),
    ("userdbConnectorType", "LDAPBIND", "ldapBind", True),
    ("somethingNew", "Yes", "yes", True),
    ("somethingNew", "Yes", "maybe", False),
    ("greetingsText", "Hello", "hello", False),
    ("somethingNew", ("a", "b"), ("B", "a"), True),
    ("somethingNew", ("a",), "a", True),
    ("somethingNew", ("all",), METHODS, False),
]


@pytest.mark.parametrize(("attribute", "first", "second", "so"), SAME)
def test_values_that_are_the_same(attribute: str, first: Setting, second: Setting, so: bool) -> None:
    for one, other in ((first, second), (second, first)):
        assert same(one, other, attribute) is so


def test_adding() -> None:
    assert added(("login", "Plain"), ("gssapi", "plain"), AUTH) == ("login", "plain", "gssapi")
    assert added(("all",), ("gssapi",), AUTH) == ("all",)
    assert added(("plain",), ("all",), AUTH) == METHODS
    assert added(("Plain",), ("plain",), AUTH) == ("Plain",)
    assert added("15", ("16",), "logLevel") == "31"
    assert added("31", ("16", "8"), "logLevel") == "31"
    assert added("odd", ("16",), "logLevel") == "16"
    assert added(("a",), ("B", "b", "A"), "new") == ("a", "B", "b")


def test_removing() -> None:
    assert removed(("all",), ("gssapi",), AUTH) == METHODS[:-1]
    assert removed(("PLAIN", "gssapi"), ("plain",), AUTH) == ("gssapi",)
    assert removed(("PLAIN",), ("gssapi",), AUTH) == ("PLAIN",)
    assert removed(("plain",), ("all",), AUTH) == ()
    assert removed("31", ("16", "1"), "logLevel") == "14"
    assert removed("15", ("16",), "logLevel") == "15"
    assert removed(("a", "B"), ("b",), "new") == ("a",)


@given(st.lists(st.sampled_from([*METHODS, "all", "GSSAPI"])), st.lists(st.sampled_from([*METHODS, "all"])))
def test_what_was_added_is_there_and_what_was_removed_is_not(there: list[str], words: list[str]) -> None:
    before, asked = tuple(there), tuple(words)
    after = added(before, asked, AUTH)
    assert same(added(after, asked, AUTH), after, AUTH)
    assert same(removed(removed(after, asked, AUTH), asked, AUTH), removed(before, asked, AUTH), AUTH)


def test_values_for_people() -> None:
    assert shown(("plain", "gssapi")) == "(plain gssapi)"
    assert shown(()) == "()"
    assert shown("yes") == "yes"
    assert shown("") == '""'
    assert shown("two words") == '"two words"'
