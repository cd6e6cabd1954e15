# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible import respawn
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import doctor_catalogue
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import BROKEN, TIME, Check, Trouble
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import gss
from ansible_collections.mailrealm.kerberos.plugins.modules import doctor_info

ASKED = {"host": "mx1.example.test", "realm": "EXAMPLE.TEST", "domain": "example.test"}
LATE = Check("clock.skew", TIME, "late", lambda host, dummy: [Trouble(host, "c", "e", "r", BROKEN)])


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the module in this process over given evidence; its result, and what was asked."""

    def run_module(check=False, **options):
        asked = []
        monkeypatch.setattr(gss, "available", lambda: False)
        monkeypatch.setattr(respawn, "INTERPRETERS", ())
        monkeypatch.setattr(doctor_info, "gather_all", lambda given: asked.append(given) or {"clock": {"offset": 1}})
        monkeypatch.setattr(doctor_catalogue, "CHECKS", (LATE,))
        with patch_module_args({**ASKED, "_ansible_check_mode": check, **options}), pytest.raises(SystemExit):
            doctor_info.main()
        return json.loads(capsys.readouterr().out), asked

    return run_module


@pytest.mark.parametrize("check", [False, True])
def test_the_evidence_alone(run, check):
    result, (asked,) = run(check)
    assert (result["changed"], result["evidence"]) == (False, {"clock": {"offset": 1}})
    assert "diagnoses" not in result
    assert asked.krb5_conf == "/etc/krb5.conf"


def test_causes_of_this_host_alone(run):
    result, dummy = run(diagnose=True)
    assert [(one["host"], one["check"]) for one in result["diagnoses"]] == [("mx1.example.test", "clock.skew")]


def test_a_password_of_the_directory_is_hidden(run):
    result, (asked,) = run(settings={"directory": {"server": "dc1"}}, directory_credentials={"password": "x-y-z"})
    assert asked.settings["directory"]["credentials"]["password"] == "x-y-z"
    assert "x-y-z" not in json.dumps(result)
