# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What zmlocalconfig says and writes, against its recorded calls."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_localconfig_file import (
    LocalconfigRefusal,
    Unresolved,
    broken,
    expanded,
    judge,
    listed,
    parsed,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.zmlocalconfig_recordings import (
    BEFORE,
    CASES,
    before,
    words,
)

PATH = "/opt/zimbra/conf/localconfig.xml"
OWN = {"zimbra_server_hostname": "zimbra1.example.test", "zimbra_ldap_password": "s3cr3t"}
HOME = {"zimbra_home": "/opt/zimbra", "krb5_keytab": "${zimbra_home}/conf/krb5.keytab"}


def own(case: dict[str, Any]) -> dict[str, str]:
    try:
        return parsed(before(case).encode(), PATH)
    except LocalconfigRefusal:
        return {}


@pytest.mark.parametrize("case", CASES, ids=words)
def test_every_recorded_call_is_judged(case: dict[str, Any]) -> None:
    """Its exit status, but for the file that cannot be read, of which it says nothing by its status."""
    good = case["rc"] == 0 and "is not readable" not in case["stderr"]
    if good:
        judge(case["rc"], case["stdout"], case["stderr"], PATH, own(case))
        return
    with pytest.raises(LocalconfigRefusal) as refusal:
        judge(case["rc"], case["stdout"], case["stderr"], PATH, own(case))
    what, dummy, remedy = str(refusal.value).partition("; ")
    assert what.startswith(f"{PATH}: ") and remedy, refusal.value
    assert "\\x0a" not in str(refusal.value) and "s3cr3t" not in str(refusal.value)


@pytest.mark.parametrize("case", [case for case in CASES if case.get("after")], ids=words)
def test_every_recorded_file_is_read(case: dict[str, Any]) -> None:
    found = parsed(case["after"].encode(), PATH)
    assert list(found) == re.findall('<key name="(.*)">', case["after"])
    assert [value.strip() for value in found.values()] == [
        value.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
        for value in re.findall("<value>(.*)</value>", case["after"])
    ]


def test_the_form_in_which_keys_are_asked_for() -> None:
    (case,) = (case for case in CASES if case["args"][:2] == ["-m", "xml"])
    assert listed(case["stdout"], PATH) == {"krb5_keytab": HOME["krb5_keytab"], "site_custom": "${zimbra_home}/x"}
    assert listed(f"(time) [main] WARN : something\n{case['stdout']}", PATH) == listed(case["stdout"], PATH)


@pytest.mark.parametrize("case", [case for case in CASES if case["args"][:1] == ["-x"] and not case["rc"]], ids=words)
def test_what_the_program_expands(case: dict[str, Any]) -> None:
    values = {**HOME, **own(case)}
    for key in case["args"][1:]:
        if key in values:
            assert expanded(key, values) in case["stdout"]


def test_what_the_program_dies_of_is_named() -> None:
    dead = [case for case in CASES if "ExceptionInInitializerError" in case["stderr"]]
    assert len(dead) == 5
    for case in dead:
        reason = "itself" if "${site_custom}" in before(case) else r"\$\{nosuch\}, which is not set"
        with pytest.raises(LocalconfigRefusal, match=rf"the value of site_custom refers to {reason}.*; correct it in"):
            judge(case["rc"], case["stdout"], case["stderr"], PATH, own(case))


def test_a_program_that_dies_of_something_else() -> None:
    with pytest.raises(LocalconfigRefusal, match=r"status 1 \(Exception in thread.*\); run it by hand"):
        judge(1, "", 'Exception in thread "main" java.lang.OutOfMemoryError\n\tat x', PATH, OWN)
    with pytest.raises(LocalconfigRefusal, match=r"status 127 \(it said nothing\); run it by hand"):
        judge(127, "", "\n", PATH, OWN)


def test_the_last_of_two_keys_counts() -> None:
    (case,) = (case for case in CASES if "again" in case["stdout"])
    assert own(case)["site_custom"] == "again"


def test_white_space_and_comments() -> None:
    text = (
        "<localconfig><!-- a --><key name='a'>\n <value> one\n  two<!-- b --> three </value> </key><key/></localconfig>"
    )
    assert parsed(text.encode(), PATH) == {"a": "one two three"}
    assert parsed(
        b"<localconfig><key name='a'/><other><key name='b'><value>x</value></key></other></localconfig>", PATH
    ) == {"a": ""}


def test_a_file_that_is_none() -> None:
    with pytest.raises(LocalconfigRefusal, match=r"localconfig\.xml: is no XML from line 4 on .*; restore it"):
        parsed(BEFORE[:60].encode(), PATH)
    with pytest.raises(LocalconfigRefusal, match="declares a document type"):
        parsed(b'<!DOCTYPE x [<!ENTITY a "b">]><localconfig/>', PATH)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("${a}", "refers to itself (a to a)"),
        ("x ${b}", "refers to itself (a to b to a)"),
        ("${none}", "refers to ${none}, which is not set"),
        ("${}", "refers to ${}, which is not set"),
        ("${zimbra_home", "holds a ${ without its }"),
    ],
)
def test_what_cannot_be_expanded(value: str, reason: str) -> None:
    values = {**HOME, "a": value, "b": "${a}"}
    with pytest.raises(Unresolved) as unresolved:
        expanded("a", values)
    assert unresolved.value.reason == reason
    found = broken(values)
    assert found and found.key in ("a", "b")
    assert broken({**HOME, "c": "$plain $${zimbra_home}"}) is None
