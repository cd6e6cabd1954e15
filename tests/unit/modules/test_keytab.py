# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules `keytab` and `keytab_info` in this process, so on every Python of target hosts that is here."""

from __future__ import annotations

import base64
import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, parse, serialize
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import read_text
from ansible_collections.mailrealm.kerberos.plugins.modules import keytab, keytab_info

MX1 = KeytabEntry(read_text("smtp/mx1@R"), 1700000000, 300, 18, b"k" * 32)
HTTP = KeytabEntry(read_text("HTTP/mail@R"), 1700000000, 2, 18, b"l" * 32)


@pytest.fixture
def call(capsys):
    def run(module, check=False, **options):
        """What the module returns."""
        given = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
        with patch_module_args(given), pytest.raises(SystemExit):
            module.main()
        return json.loads(capsys.readouterr().out)

    return run


def b64(*entries):
    return base64.b64encode(serialize(entries)).decode()


def test_check_run_check_run(call, tmp_path):
    path = tmp_path / "keytab"
    path.write_bytes(serialize([HTTP]))
    options = {"path": str(path), "sources": [{"content": b64(MX1)}]}
    foretold = call(keytab, check=True, **options)
    assert parse(path.read_bytes(), "file") == (HTTP,)
    happened = call(keytab, **options)
    assert parse(path.read_bytes(), "file") == (HTTP, MX1)
    assert foretold["diff"] == happened["diff"]
    assert (foretold["changed"], happened["changed"]) == (True, True)
    assert [call(keytab, check=check, **options)["changed"] for check in (True, False)] == [False, False]
    assert [entry["kvno"] for entry in call(keytab_info, path=str(path))["entries"]] == [2, 300]


def test_a_controller_file_needs_the_action(call, tmp_path):
    result = call(keytab, path=str(tmp_path / "keytab"), sources=[{"src": "mx1.keytab"}])
    assert result["failed"]
    assert result["msg"].startswith("sources[0].src: ")


def test_the_controllers_file_is_named_where_it_is_bad(call, tmp_path):
    cut = base64.b64encode(serialize([MX1])[:-1]).decode()
    result = call(keytab, path=str(tmp_path / "keytab"), sources=[{"src": "mx1.keytab", "content": cut}])
    assert result["msg"].startswith("mx1.keytab: entry 1 at byte 6: ")
