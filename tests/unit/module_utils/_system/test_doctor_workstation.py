# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor gathers at a workstation: files made by hand, as the role writes them and otherwise."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import Asked
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.doctor_workstation import gather

SITES = {"AuthServerAllowlist": "cas1.example.test"}
SPNEGO = {"Authentication": {"SPNEGO": ["https://cas1.example.test"]}}


def gathered(**settings: Any) -> dict[str, Any]:
    return gather(Asked("client1.example.test", "EXAMPLE.TEST", "example.test", settings={"workstation": settings}))


@pytest.fixture(autouse=True)
def conf(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    path = tmp_path / "krb5.conf"
    path.write_text("[libdefaults]\n")
    monkeypatch.setenv("KRB5_CONFIG", str(path))
    monkeypatch.setenv("KRB5_KDC_PROFILE", str(path))
    return path


def test_policies_as_the_role_writes_them_lack_nothing(tmp_path: pathlib.Path) -> None:
    chromium, firefox = tmp_path / "kerberos.json", tmp_path / "firefox" / "policies.json"
    firefox.parent.mkdir()
    chromium.write_text(json.dumps(SITES))
    chromium.chmod(0o644)
    firefox.write_text(json.dumps({"policies": SPNEGO}))
    policies = [
        {"path": str(chromium), "browser": "chromium", "policies": SITES},
        {"path": str(firefox), "browser": "firefox", "policies": SPNEGO, "lists": "exact"},
    ]
    first, second = gathered(policies=policies)["policies"]
    assert (first["exists"], first["lacks"], first["hidden"], first["damaged"], first["mode"]) == (
        True,
        [],
        [],
        "",
        "0644",
    )
    assert (second["exists"], second["lacks"]) == (True, [])


def test_policies_that_are_away_otherwise_hidden_or_damaged(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "managed" / "kerberos.json"
    asked = [{"path": str(path), "browser": "chromium", "policies": SITES}]
    path.parent.mkdir()
    assert [gathered(policies=asked)["policies"][0][key] for key in ("exists", "lacks")] == [
        False,
        ["AuthServerAllowlist"],
    ]
    path.write_text(json.dumps({"AuthServerAllowlist": "other.example.test"}))
    assert gathered(policies=asked)["policies"][0]["lacks"] == ["AuthServerAllowlist"]
    path.write_text(json.dumps(SITES))
    (path.parent / "zz.json").write_text('{"AuthServerAllowlist": ""}')
    (hidden,) = gathered(policies=asked)["policies"][0]["hidden"]
    assert "zz.json" in hidden
    path.write_text('{"AuthServerAllowlist": ')
    assert str(path) in gathered(policies=asked)["policies"][0]["damaged"]


def test_the_probers_keytab_is_told_by_its_mode(tmp_path: pathlib.Path) -> None:
    keytab = tmp_path / "probe.keytab"
    assert gathered(probe_keytab=str(keytab))["probe_keytab"] is None
    keytab.write_bytes(b"\x05\x02")
    keytab.chmod(0o640)
    assert gathered(probe_keytab=str(keytab))["probe_keytab"]["mode"] == "0640"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", ""),
        ("FILE:/tmp/krb5cc_%{uid}", ""),
        ("KEYRING:persistent:%{uid}", ""),
        ("DIR:/run/user/%{uid}/krb5cc", ""),
        ("/nowhere/krb5cc_%{uid}", "the folder /nowhere is not there"),
        ("FILE:/etc/krb5cc_%{uid}", "the folder /etc is not writable for users"),
        ("API:", "API is no type of cache on this system"),
    ],
)
def test_where_tickets_can_be_kept(conf: pathlib.Path, name: str, fault: str) -> None:
    if name:
        conf.write_text(f"[libdefaults]\n    default_ccache_name = {name}\n")
    assert gathered()["cache"]["fault"] == fault


def test_accounts_of_thunderbird(tmp_path: pathlib.Path) -> None:
    there, away = tmp_path / "example.test.xml", tmp_path / "other.test.xml"
    there.touch()
    assert gathered(account_files=[str(there), str(away)])["accounts"] == {str(there): True, str(away): False}
