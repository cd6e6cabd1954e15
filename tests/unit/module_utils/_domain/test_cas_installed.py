# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps SPNEGO from working in a CAS, by what was found of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_archive import War
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_installed import (
    Found,
    Log4j2,
    report,
    same_version,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_java import Java
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_overlay import Overlay
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_release import CasRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_unit import CasUnit

GOOD = Found(
    war=War("/w", "archive", "7.0.10", spnego=True, jcifs=True, tomcat="10.1.17"),
    java=Java("/j", "21.0.4", 21, 256, "unit"),
    overlay=Overlay("/o", "gradle", "7.0.10", ("a",)),
    unit=CasUnit("cas.service", True, True, "cas", "cas"),
    log4j2=Log4j2("/l", True),
)
BLANK = Found(War("/w"), Java(), Overlay(""), CasUnit("cas.service"), Log4j2("/l", False))


def checks(found: Found) -> list[str]:
    told = report(found)["problems"]
    assert all(set(one) == {"check", "where", "what", "remedy"} and all(one.values()) for one in told)
    return [one["check"] for one in told]


def test_all_is_well() -> None:
    told = report(GOOD)
    assert told["problems"] == []
    assert (told["version"], told["line"]["name"], told["line"]["tomcats"]) == ("7.0.10", "7.0", ["10.1"])
    assert told["unit"] == {"name": "cas.service", "exists": True, "active": True, "user": "cas", "group": "cas"}
    assert told["overlay"]["modules"] == ["a"]


def test_a_blank_host() -> None:
    assert checks(BLANK) == ["version_unknown", "java_absent", "war_absent", "unit_absent"]
    assert (report(BLANK)["line"], report(BLANK)["version"]) == ({}, "")
    asked = replace(BLANK, asked="7.0.10", java_asked="/opt/j")
    assert checks(asked) == ["java_absent", "war_absent", "unit_absent"]
    assert report(asked)["problems"][0]["where"] == "/opt/j"


@pytest.mark.parametrize(
    ("part", "changes", "wrong"),
    [
        ("war", {"spnego": False, "jcifs": False}, ["war_without_spnego", "war_without_jcifs"]),
        ("war", {"servlet_apis": ("servlet-api-2.5.jar",)}, ["war_with_old_servlet_api"]),
        ("war", {"version": "9.9.0"}, ["version_unknown"]),
        ("war", {"version": "not a version"}, ["version_unknown"]),
        ("java", {"major": 17, "version": "17.0.1"}, ["java_too_old"]),
        ("java", {"major": 0, "version": ""}, ["java_too_old"]),
        ("java", {"aes": 128}, ["java_aes_limited"]),
        ("war", {"version": "5.3.16"}, ["java_too_new"]),
        ("war", {"version": ""}, []),
        ("unit", {"exists": False}, ["unit_absent"]),
    ],
)
def test_what_is_wrong(part: str, changes: dict[str, Any], wrong: list[str]) -> None:
    assert checks(replace(GOOD, **{part: replace(getattr(GOOD, part), **changes)})) == wrong


def test_a_version_that_was_asked_for() -> None:
    assert checks(replace(GOOD, asked="7.0")) == []
    assert checks(replace(GOOD, asked="7.0.1")) == ["version_differs"]
    assert report(replace(GOOD, asked="7.0.1"))["version"] == "7.0.1"
    for bad in ("7", "9.9.0"):
        with pytest.raises(CasRefusal, match=r"^version: "):
            report(replace(GOOD, asked=bad))


@pytest.mark.parametrize(
    ("asked", "held", "same"),
    [("7.0", "7.0.10", True), ("7.0.1", "7.0.10", False), ("6.6.15", "6.6.15.2", True), ("8.0.0", "8.0.0-RC1", True)],
)
def test_versions_that_are_the_same(asked: str, held: str, same: bool) -> None:
    assert same_version(asked, held) is same
