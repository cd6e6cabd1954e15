# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `ad_keytab` on a host that cannot ask the directory yet."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible import respawn
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import directory
from ansible_collections.mailrealm.kerberos.plugins.modules import ad_keytab

OPTIONS = {
    "realm": "AD.EXAMPLE.TEST",
    "server": "dc1.ad.example.test",
    "credentials": {"principal": "joiner@AD.EXAMPLE.TEST", "password": "x-y-z"},
    "accounts": [{"name": "axigen_smtp", "service_principals": ["smtp/mx1.example.test"]}],
    "path": "/etc/x.keytab",
}


@pytest.mark.parametrize("check", [False, True])
def test_bindings_that_are_not_there_are_foreseen_in_check_mode_alone(monkeypatch, capsys, check):
    monkeypatch.setattr(directory, "available", lambda: False)
    monkeypatch.setattr(respawn, "INTERPRETERS", ())
    with patch_module_args({**OPTIONS, "_ansible_check_mode": check}), pytest.raises(SystemExit):
        ad_keytab.main()
    result = json.loads(capsys.readouterr().out)
    if check:
        assert result["changed"] is True
        assert [part["after"] for part in result["diff"]] == ["(read when python3-ldap is there)\n"]
    else:
        assert result["msg"].startswith("accounts: no Python of this host has both python-ldap and gssapi; install")
