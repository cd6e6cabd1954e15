# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible import respawn
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.proof import Proof
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import gss
from ansible_collections.mailrealm.kerberos.plugins.modules import sso_probe

ALICE = {"principal": "alice", "password": "x-y-z"}
SMTP = {"protocol": "smtp", "host": "mx1"}
GOOD = Proof("smtp", "mx1", 587, "starttls", True, "alice", cause="", remedy="")
BAD = Proof("smtp", "mx1", 587, "starttls", False, "alice", symptom="sad", cause="it is sad", remedy="cheer it up")


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the module in this process with logins that end as given; its result."""

    def run_module(proofs, services=(SMTP,), credentials=None, check=False, **options):
        tried = []
        monkeypatch.setattr(gss, "available", lambda: proofs is not None)
        monkeypatch.setattr(respawn, "INTERPRETERS", ())
        monkeypatch.setattr(sso_probe, "log_in_to_all", lambda *given: tried.append(given) or list(proofs))
        arguments = {
            "services": list(services),
            "credentials": credentials or ALICE,
            "_ansible_check_mode": check,
            **options,
        }
        with patch_module_args({**arguments, **options}), pytest.raises(SystemExit):
            sso_probe.main()
        return json.loads(capsys.readouterr().out), tried

    return run_module


def test_good_logins(run):
    result, ((services, credentials),) = run([GOOD])
    assert (result["changed"], result.get("failed")) == (False, None)
    assert result["services"] == [GOOD.as_result()]
    assert [service.port for service in services] == [587]
    assert credentials.password == "x-y-z"


def test_a_bad_login_fails_the_task(run):
    result, dummy = run([GOOD, BAD])
    assert result["failed"]
    assert result["msg"] == "1 of 2 logins failed: smtp mx1:587: it is sad; cheer it up"
    assert [entry["ok"] for entry in result["services"]] == [True, False]


def test_a_bad_login_may_be_asked_to_be_told_only(run):
    result, dummy = run([BAD], fail_on_error=False)
    assert result.get("failed") is None
    assert result.get("warnings", []) == []
    assert result["services"][0]["symptom"] == "sad"


def test_check_mode_warns_of_what_the_run_may_mend(run):
    result, tried = run([BAD], check=True)
    assert len(tried) == 1
    assert result.get("failed") is None
    assert "check mode goes on" in str(result["warnings"])
    assert result["services"][0]["ok"] is False


@pytest.mark.parametrize("check", [True, False])
def test_no_bindings_anywhere(run, check):
    result, tried = run(None, check=check)
    assert tried == []
    assert bool(result.get("failed")) is not check
    assert "install python3-gssapi" in (str(result["warnings"]) if check else result["msg"])
    assert (result["services"][0]["ok"], result["services"][0]["symptom"]) == (None, "bindings_missing")


@pytest.mark.parametrize(
    ("services", "credentials", "words"),
    [
        ([{"protocol": "ftp", "host": "x"}], ALICE, "value of protocol must be one of"),
        ([{**SMTP, "colour": "red"}], ALICE, "Supported parameters include"),
        ([{"protocol": "smtp"}], ALICE, "missing required arguments: host"),
        ([SMTP, {**SMTP, "port": 70000}], ALICE, "services[1]: port 70000 does not exist"),
        ([{"protocol": "http", "host": "x", "padding": -5}], ALICE, "services[0]: padding -5 is not possible"),
        ([{**SMTP, "user_agent": "Firefox"}], ALICE, "services[0]: user_agent is for http alone"),
        ([{"protocol": "http", "host": "x", "tls": "starttls"}], ALICE, "services[0]: tls starttls is not for http"),
        ([SMTP], {"principal": "a@b@c", "ccache": "KCM:"}, "holds a second '@'"),
        ([SMTP], {"principal": "alice"}, "one of the following is required"),
        ([SMTP], {**ALICE, "keytab": "/k"}, "mutually exclusive"),
        ([SMTP], {"password": "x-y-z"}, "a password proves nobody without principal"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_bad_options_are_refused_before_anything_is_tried(run, services, credentials, words, check):
    result, tried = run([GOOD], services, credentials, check)
    assert result["failed"]
    assert words in result["msg"]
    assert "x-y-z" not in str(result)
    assert tried == []
