# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What zmprov says went wrong, in all of its recordings."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zmprov_errors import (
    Trouble,
    explained,
    fatal,
    troubles,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.zimbra_recordings import (
    recording,
    zmprov_steps,
)

STEPS = list(zmprov_steps())


def test_every_recorded_error_is_found() -> None:
    """Over SOAP and with -l, among log lines and stack traces."""
    seen = 0
    for step in STEPS:
        expected = sum(line.startswith("ERROR: ") for line in step["stderr"].split("\n"))
        found = troubles(step["stderr"])
        assert len(found) == expected, step
        for trouble in found:
            assert f"ERROR: {trouble.code} ({trouble.message})" in step["stderr"]
            assert "(cause:" not in trouble.message
        seen += expected
    assert seen > 80


def test_soap_and_ldap_say_the_same() -> None:
    """The cause that -l adds is left out, and blanks that SOAP squeezes make no other sentence."""
    by_args: Dict[Tuple[str, ...], List[str]] = {}
    for step in STEPS:
        args = (*(one for one in step["args"] if one != "-l"), str(step.get("batch")))
        found = troubles(step["stderr"])
        if found and "IO_ERROR" not in found[-1].code and "zimbraMailMode" not in found[-1].message:
            by_args.setdefault(args, []).append(" ".join(explained(found[-1]).what.split()))
    both = [said for said in by_args.values() if len(said) > 1]
    assert len(both) > 5
    assert [said for said in both if len(set(said)) > 1] == []


def test_every_recorded_refusal_is_explained() -> None:
    """The 1,328 refusals of values and names too: what and how to mend, in one line for each."""
    cases = [case for case in recording("zimbra_attribute_validation.json")["cases"] if not case["ok"]]
    assert len(cases) == 1328
    for case in cases:
        if case["code"].startswith("(java)"):
            continue
        (trouble,) = troubles(f"ERROR: {case['code']} ({case['message']}) (cause: a.b.C message)\n")
        assert (trouble.code, trouble.message) == (case["code"], case["message"])
        found = explained(trouble)
        assert found.what
        assert found.remedy
        assert "ldap host=" not in found.what


@pytest.mark.parametrize(
    ("code", "message", "what", "remedy"),
    [
        ("account.NO_SUCH_SERVER", "no such server: a", "Zimbra has no server a", "name it as `zmprov gas` lists it"),
        (
            "account.INVALID_ATTR_NAME",
            (
                "invalid attr name: invalid attr name - unable to modify attributes: ldap host=a:389: zimbraAuthMec: "
                "attribute type undefined"
            ),
            "this Zimbra has no attribute zimbraAuthMec",
            "correct its name (zimbraAuthMech?)",
        ),
        (
            "service.FAILURE",
            (
                "system failure: unable to modify attrs: object class violation - unable to modify attributes: "
                "ldap host=a:389: attribute 'zimbraAuthMech' not allowed"
            ),
            "zimbraAuthMech is not allowed in an entry of this type",
            "name it in an entry that has it (zmprov desc -a zimbraAuthMech)",
        ),
        (
            "account.INVALID_ATTR_VALUE",
            (
                "invalid attr value: invalid attr value - unable to modify attributes: ldap host=a:389: zimbraX: "
                "value #0 invalid per syntax"
            ),
            "Zimbra refuses a value (zimbraX: value #0 invalid per syntax)",
            "correct it",
        ),
        (
            "account.AUTH_FAILED",
            "authentication failed for [zimbra]",
            "Zimbra refuses zmprov's own login (authentication failed for [zimbra])",
            "see zimbra_ldap_userdn and its password in localconfig",
        ),
        (
            "new.CODE",
            "anything",
            "zmprov ends with new.CODE (anything)",
            "see log/mailbox.log below Zimbra's home for the cause",
        ),
    ],
)
def test_sentences(code: str, message: str, what: str, remedy: str) -> None:
    found = explained(Trouble(code, message))
    assert (found.what, found.remedy) == (what, remedy)


def test_a_message_that_quotes_lines() -> None:
    text = "ERROR: service.INVALID_REQUEST (invalid request: invalid value: line1\nline2)\nERROR: a.B (c)\n"
    assert troubles(text) == (
        Trouble("service.INVALID_REQUEST", "invalid request: invalid value: line1\nline2"),
        Trouble("a.B", "c"),
    )


def test_a_message_that_breaks_off() -> None:
    assert troubles("ERROR: a.B (half a mess") == (Trouble("a.B", "half a mess"),)


def test_recorded_ends_of_calls() -> None:
    """What is no error of a command: LDAP down, Java exceptions, the safeguard."""
    ended: Dict[str, Any] = {}
    for step in STEPS:
        if step["stderr"] and not troubles(step["stderr"]) and step["rc"]:
            ended[" ".join(step["args"][:2]) + str(step.get("batch", ""))[:20]] = fatal(step["rc"], step["stderr"])
    said = {one.what for one in ended.values()}
    assert "the LDAP server zimbra1.example.test:389 does not answer" in said
    assert "zmprov replaces the services of a server by one value with -r alone" in said
    assert any(one.startswith("ended in a Java exception (java.lang.StringIndexOutOf") for one in said)
    assert any(one.startswith("ended with status 2 and said 'error: cannot specify both") for one in said)
