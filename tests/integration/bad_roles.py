# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input of the roles, up to the refusal: it comes before anything is written, in check mode and in the run.

The roles work on this machine with facts of recorded hosts, and with a Python that runs no module but those that
look: one that would write fails with `TOO_LATE`.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shlex
import sys
from typing import Any, Mapping

from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import CANARY
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import ROOT, play

FACTS = ROOT / "tests" / "data" / "facts"
LOOKING = (
    "stat",
    "find",
    "setup",
    "host_facts",
    "dns_identity_info",
    "keytab_info",
    "axigen_config",
    "zimbra_info",
    "cas_info",
)
# What the role cas asks in check mode, before it writes by the same modules.
ASKED = ("cas_properties", "jaas_config", "log4j2_loggers", "tomcat_connector", "cas_overlay")
TOO_LATE = "the refusal did not come before a module that writes"
GUARD = """\
#!/bin/sh
case "$*" in
{cases}
*) echo '{{"failed": true, "msg": "{too_late}"}}' ;;
esac
"""
CHOICES = "Validation of arguments failed: value of "


@dataclasses.dataclass(frozen=True)
class Case:
    """A role with variables of the play and of the host, on a host of these facts; what its failure says.

    Ansible puts words of its own before a refusal that a filter makes.
    """

    role: str
    says: str
    variables: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    host: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    facts: str = "debian-12"


def lower(role: str) -> Case:
    given = {"kerberos_realm": "example.test", "axigen_admin_password": CANARY}
    return Case(role, "kerberos_realm 'example.test': holds lower-case letters, ", given)


def guard(folder: pathlib.Path, python: str) -> str:
    """A program that runs Python for the modules that look."""
    program = folder / "guard"
    cases = "\n".join(f'*AnsiballZ_{name}.py*) exec {shlex.quote(python)} "$@" ;;' for name in (*LOOKING, *ASKED))
    program.write_text(GUARD.format(cases=cases, too_late=TOO_LATE))
    program.chmod(0o755)
    return str(program)


def steps(name: str, case: Case) -> dict[str, Any]:
    """The role on a host of its facts; what fails does not end the play."""
    facts = json.loads((FACTS / f"{case.facts}.json").read_text())
    known = {f"ansible_{fact}": value for fact, value in facts.items() if fact != "python" and not fact.startswith("_")}
    host: dict[str, Any] = {"kerberos_hostname": "mx1.example.test", "kerberos_domain": "example.test"}
    host |= {"kerberos_aliases": [], "kerberos_services": {}}
    return {
        "block": [
            {"name": "Be such a host", "ansible.builtin.set_fact": {**known, **host, **case.host, "cacheable": True}},
            {
                "name": f"CASE {name}",
                "ansible.builtin.include_role": {"name": f"mailrealm.kerberos.{case.role}"},
                "vars": {"kerberos_realm": "EXAMPLE.TEST", **case.variables},
            },
        ],
        "rescue": [{"ansible.builtin.meta": "noop"}],
        "tags": ["always"],
    }


def messages(
    cases: Mapping[str, Case], folder: pathlib.Path, check: bool, python: str = sys.executable, **options: Any
) -> dict[str, str]:
    """What each role says as it fails, line breaks of Ansible's as blanks."""
    options["interpreter"] = guard(folder, python)
    step, output = play([steps(name, case) for name, case in cases.items()], folder, check=check, **options)
    assert "Traceback" not in output, output
    assert CANARY not in output
    found: dict[str, list[str]] = {}
    for result in step.results:
        if result.name.startswith("CASE "):
            at = found.setdefault(result.name.removeprefix("CASE "), [])
        elif result.status == "failed":
            at.append(" ".join(result.msg.split()))
        assert not result.changed or result.name == "Be such a host", f"{result.name} came before the refusal"
    assert {name: len(said) for name, said in found.items()} == dict.fromkeys(cases, 1), output
    return {name: said for name, (said,) in found.items()}


def both_ways(cases: Mapping[str, Case], folder: pathlib.Path) -> dict[tuple[str, bool], str]:
    """What each role says in check mode and in the run."""
    found = {}
    for check in (True, False):
        (folder / str(check)).mkdir()
        said = messages(cases, folder / str(check), check)
        found.update({(name, check): message for name, message in said.items()})
    return found


def judge(message: str, case: Case) -> None:
    """AssertionError where the message is not the one that is expected, or names no remedy."""
    before, said, after = message.partition(case.says)
    assert said, message
    assert not before or before.endswith(("failed: ", " ")), message
    assert "; " in said + after or message.startswith("Validation of arguments failed: "), f"no remedy: {message}"
