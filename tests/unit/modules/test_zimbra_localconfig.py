# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.zimbra_programs import Ran
from ansible_collections.mailrealm.kerberos.plugins.modules import zimbra_localconfig
from ansible_collections.mailrealm.kerberos.tests.unit.modules.zimbra_stage import OWN, Stage, run, stage

__all__ = ["stage"]  # a fixture

READ = ("bin/zmlocalconfig", "-m", "xml")
KEYTAB = {"krb5_keytab": "/etc/k", "site_a": "${krb5_keytab}.old"}
DEAD = "sasl_smtpd_mech_list"


@pytest.fixture
def task(stage: Stage, capsys: pytest.CaptureFixture[str]) -> Any:
    def run_it(check: bool = False, **options: Any) -> dict[str, Any]:
        stage.calls.clear()
        return run(zimbra_localconfig, capsys, check, **options)

    return run_it


def test_the_ladder(stage: Stage, task: Any) -> None:
    expected = {**OWN, **KEYTAB}
    foreseen = task(True, settings=KEYTAB)
    assert (stage.calls, stage.own, foreseen["calls"]) == ([READ], OWN, 1)
    found = task(settings=KEYTAB)
    assert stage.calls == [READ, ("bin/zmlocalconfig", "-e", "krb5_keytab=/etc/k", "site_a=${krb5_keytab}.old")]
    assert (stage.own, found["calls"], found["restart"]) == (expected, 2, ["mailbox", "proxy"])
    assert (foreseen["diff"], foreseen["changes"]) == (found["diff"], found["changes"])
    assert "site_a" in str(found["warnings"])
    for check in (True, False):
        again = task(check, settings=KEYTAB)
        assert (again["changed"], again["changes"], again["restart"], again["calls"]) == (False, [], [], 1)
        assert stage.calls == [READ]
        assert again["diff"] == []


def test_setting_and_taking_out(stage: Stage, task: Any) -> None:
    stage.write({**OWN, "site_a": "1", "site_b": "2"})
    found = task(settings={"krb5_debug_enabled": True}, absent=["site_a", "site_b", "site_c"])
    assert stage.calls[1:] == [
        ("bin/zmlocalconfig", "-e", "krb5_debug_enabled=true"),
        ("bin/zmlocalconfig", "-u", "site_a", "site_b"),
    ]
    assert (found["calls"], stage.own) == (3, {**OWN, "krb5_debug_enabled": "true"})
    assert found["changes"][1:] == [
        {"key": "site_a", "before": "1", "after": None},
        {"key": "site_b", "before": "2", "after": None},
    ]


def test_taking_out_before_setting(stage: Stage, task: Any) -> None:
    """Where what is between would stop all programs otherwise."""
    stage.write({**OWN, "krb5_keytab": "${site_a}", "site_a": "1", "zmprov_tmp_directory": "${site_a}"})
    found = task(settings={"site_a": "${zmprov_tmp_directory}/k"}, absent=["zmprov_tmp_directory"])
    assert [call[1] for call in stage.calls] == ["-m", "-u", "-e"]
    assert (found["calls"], stage.own["site_a"]) == (3, "${zmprov_tmp_directory}/k")


def test_dead_keys(stage: Stage, task: Any) -> None:
    found = task(settings={DEAD: "GSSAPI"})
    assert found["failed"] and "set the attribute zimbraMtaSaslSmtpdMechList with zimbra_attributes" in found["msg"]
    assert stage.calls == [READ, ("bin/zmcontrol", "-v")]
    found = task(settings={DEAD: "GSSAPI"}, release="10.0.8")
    assert found["failed"] and stage.calls == []
    found = task(settings={DEAD: "GSSAPI"}, release="8.0.9")
    assert (found["restart"], found["calls"], stage.own[DEAD]) == (["mta"], 2, "GSSAPI")
    stage.answers["-v"] = Ran(1, "", "no")
    found = task(settings={DEAD: "GSSAPI"})
    assert found["failed"] and found["msg"].endswith("; set the option release")
    del stage.answers["-v"]
    found = task(absent=[DEAD])
    assert (found["restart"], found["calls"], DEAD in stage.own) == ([], 3, False)
    assert task(absent=[DEAD])["calls"] == 1


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"settings": {"zimbra_ldap_password": "canary"}}, "settings.zimbra_ldap_password: is a password"),
        ({"settings": {"a": "${nosuch}"}}, "settings.a: refers to ${nosuch}"),
        ({"settings": {"zimbra_home": "/x"}}, "settings.zimbra_home: Zimbra does not let"),
        ({"release": "ten"}, "release: 'ten' is no release"),
    ],
)
def test_what_is_refused(stage: Stage, task: Any, check: bool, options: dict[str, Any], said: str) -> None:
    found = task(check, **options)
    assert found["failed"] and found["msg"].startswith(said)
    assert stage.own == OWN


def test_a_file_that_cannot_be_used(stage: Stage, task: Any) -> None:
    stage.file.write_text("<localconfig>")
    assert "is no XML from line 1 on" in task()["msg"]
    stage.file.unlink()
    assert "localconfig.xml: cannot be opened (No such file or directory)" in task()["msg"]
    stage.file.symlink_to("/etc/passwd")
    assert "localconfig.xml: cannot be opened" in task()["msg"]
    stage.file.unlink()
    stage.file.mkdir()
    assert "localconfig.xml: is no file" in task()["msg"]
    stage.file.rmdir()
    os.mkfifo(stage.file)
    assert "localconfig.xml: is no file" in task()["msg"]


def test_a_file_that_is_too_large(stage: Stage, task: Any) -> None:
    with stage.file.open("ab") as file:
        file.truncate(5 * 1024 * 1024)
    assert "bytes, which no localconfig has" in task()["msg"]


def test_a_program_that_fails(stage: Stage, task: Any) -> None:
    stage.answers["-e"] = Ran(1, "", "Error: cannot use -e when running as root\n")
    found = task(settings=KEYTAB)
    assert found["msg"].endswith("zmlocalconfig says 'cannot use -e when running as root'; correct what is asked of it")
    stage.answers["-e"] = Ran(0, "", "")
    assert "what was written reads back different" in task(settings=KEYTAB)["msg"]


def test_other_keys_that_do_not_survive(stage: Stage, task: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.write({**OWN, "site_a": "1"})
    really = stage.run

    def interrupted(program: str, *words: str) -> Ran:
        if words[0] == "-e":
            stage.write(OWN)
        return really(program, *words)

    monkeypatch.setattr(stage, "run", interrupted)
    found = task(settings={"krb5_debug_enabled": True})
    assert "site_a changed beside what was asked for" in found["msg"]


def test_a_host_without_zimbra(stage: Stage, task: Any) -> None:
    stage.missing = True
    assert "no user zimbra" in task(settings=KEYTAB)["msg"]
    found = task(True, settings={**KEYTAB, DEAD: "x"})
    assert "check mode goes on as if it will be there" in str(found["warnings"])
    assert [change["before"] for change in found["changes"]] == [None, None, None]
    assert (found["changed"], found["calls"]) == (True, 0)
    stage.missing = False
    (stage.home / "bin" / "zmlocalconfig").unlink()
    assert "zmlocalconfig: is not there" in task(settings=KEYTAB)["msg"]
    assert task(True, settings=KEYTAB)["changed"]
