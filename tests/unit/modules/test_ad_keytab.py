# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible import respawn
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import directory
from ansible_collections.mailrealm.kerberos.plugins.modules import ad_keytab

JOINER = {"principal": "joiner@AD.EXAMPLE.TEST", "password": "x-y-z"}
SMTP = {"name": "axigen_smtp", "service_principals": ["smtp/mx1.example.test"]}
GOOD = {"realm": "AD.EXAMPLE.TEST", "credentials": JOINER, "accounts": [SMTP], "path": "/etc/axigen.keytab"}


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the module in this process, on a host that has no bindings; its result."""

    def run_module(check=False, **options):
        monkeypatch.setattr(directory, "available", lambda: False)
        monkeypatch.setattr(respawn, "INTERPRETERS", ())
        with patch_module_args({**GOOD, "_ansible_check_mode": check, **options}), pytest.raises(SystemExit):
            ad_keytab.main()
        return json.loads(capsys.readouterr().out)

    return run_module


@pytest.mark.parametrize("check", [True, False])
def test_no_bindings_anywhere(run, check):
    result = run(check)
    assert bool(result.get("failed")) is not check
    assert result.get("changed", False) is check
    said = str(result["warnings"]) if check else result["msg"]
    assert "accounts: no Python of this host has both python-ldap and gssapi; install python3-ldap" in said
    shown = [part["after"] for part in result.get("diff", [])]
    assert shown == (["(read when python3-ldap is there)\n"] if check else [])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"realm": "ad.example.test"}, "realm 'ad.example.test': Active Directory writes realms in upper case"),
        ({"accounts": [{**SMTP, "colour": "red"}]}, "Supported parameters include"),
        ({"accounts": [{**SMTP, "state": "absent"}]}, "value of state must be one of: present"),
        ({"accounts": [{**SMTP, "type": "group"}]}, "value of type must be one of: user, computer"),
        ({"accounts": [{"type": "user"}]}, "missing required arguments: name"),
        ({"accounts": [{**SMTP, "update_password": "never"}]}, "value of update_password must be one of"),
        ({"accounts": [SMTP, SMTP]}, "account 'axigen_smtp': is listed twice"),
        ({"accounts": [{**SMTP, "enctypes": ["rc4"]}]}, "arcfour-hmac is weak"),
        ({"accounts": [{**SMTP, "enctypes": ["rc4"]}], "accept_weak": True}, "no Python of this host"),
        ({"path": None}, "account 'axigen_smtp': no keytab is named; give 'path'"),
        ({"keep_old": "long"}, "keep_old: 'long' is not a duration"),
        ({"timeout": 0}, "timeout: 0 is too short"),
        ({"server": "192.0.2.1"}, "server: 192.0.2.1 is an address"),
        ({"transport": "ldaps", "credentials": {"ccache": "KCM:"}}, "ldaps needs credentials.password"),
        ({"credentials": {"principal": "joiner"}}, "one of the following is required"),
        ({"credentials": {**JOINER, "keytab": "/k"}}, "mutually exclusive"),
        ({"credentials": {"password": "x-y-z"}}, "a password proves nobody without principal"),
    ],
)
def test_bad_options_are_refused_before_anything_is_tried(run, options, words):
    result = run(**options)
    assert result["failed"]
    assert words in result["msg"]
    assert "x-y-z" not in str(result)
