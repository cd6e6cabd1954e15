# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a krb5.conf with includes: on files of its own."""

from __future__ import annotations

import pathlib
from typing import Any

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import Asked
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.doctor_clock import gather as gather_clock
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.doctor_krb5 import gather
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.effective_profile import effective_profile

HOST, REALM = "mx1.example.test", "EXAMPLE.TEST"
CONF = """[libdefaults]
  default_realm = EXAMPLE.TEST
  dns_lookup_kdc = false
  clockskew = 120
[realms]
  EXAMPLE.TEST = {
    kdc = kdc1.example.test
    kdc = kdc2.example.test
  }
[domain_realm]
  .example.test = EXAMPLE.TEST
"""


def asked(path: pathlib.Path) -> Asked:
    return Asked(HOST, REALM, "example.test", aliases=("mail.example.test",), krb5_conf=str(path))


def told(tmp_path: pathlib.Path, text: str = CONF) -> dict[str, Any]:
    path = tmp_path / "krb5.conf"
    path.write_text(text)
    return gather(asked(path))


def test_what_counts(tmp_path: pathlib.Path) -> None:
    found = told(tmp_path)
    assert (found["damaged"], found["there"], found["problems"]) == ("", True, [])
    assert found["default_realm"] == REALM
    assert found["kdcs"] == ["kdc1.example.test", "kdc2.example.test"]
    assert not found["looks_up_kdcs"]
    assert found["realm_of"] == dict.fromkeys((HOST, "mail.example.test"), REALM)
    assert found["mapped_by"][HOST] == f".example.test = EXAMPLE.TEST ({tmp_path}/krb5.conf line 11)"
    assert (found["enctypes"], found["allow_weak_crypto"], found["repeated"]) == ({}, False, [])


def test_an_include_counts_from_where_it_stands(tmp_path: pathlib.Path) -> None:
    other = tmp_path / "old.conf"
    other.write_text(f"[domain_realm]\n  {HOST} = OLD.TEST\n[libdefaults]\n  default_realm = OLD.TEST\n")
    found = told(tmp_path, f"include {other}\n{CONF}")
    assert found["default_realm"] == "OLD.TEST"
    assert found["realm_of"][HOST] == "OLD.TEST"
    assert found["mapped_by"][HOST] == f"{HOST} = OLD.TEST ({other} line 2)"
    assert found["sources"] == [f"{tmp_path}/krb5.conf", str(other)]
    assert len(found["repeated"]) == 1
    assert "hides EXAMPLE.TEST" in found["repeated"][0]


def test_an_include_that_is_not_there(tmp_path: pathlib.Path) -> None:
    found = told(tmp_path, f"include {tmp_path}/gone\n{CONF}")
    assert found["problems"] == [f"{tmp_path}/krb5.conf: line 1 includes {tmp_path}/gone: there is no such file"]
    assert found["default_realm"] == REALM


def test_a_file_that_is_no_profile(tmp_path: pathlib.Path) -> None:
    found = told(tmp_path, "[realms]\n EXAMPLE.TEST = {\n")
    assert "krb5.conf" in found["damaged"]
    assert (found["problems"], found["default_realm"]) == ([], None)


def test_no_file(tmp_path: pathlib.Path) -> None:
    found = gather(asked(tmp_path / "gone.conf"))
    assert (found["there"], found["damaged"], found["sources"]) == (False, "", [])


def test_files_in_a_row(tmp_path: pathlib.Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("[libdefaults]\n default_realm = FIRST.TEST\n")
    second.write_text(CONF)
    profile = effective_profile(f"{first}:{second}:{tmp_path}/gone")
    assert profile.values("libdefaults", "default_realm") == ["FIRST.TEST", REALM]
    assert profile.first("libdefaults", "clockskew") == "120"
    assert profile.first("libdefaults", "rdns") is None
    assert profile.sources == (str(first), str(second))
    assert len(profile.problems) == 1


def test_the_clocks_tolerance(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "krb5.conf"
    path.write_text(
        CONF.replace("  EXAMPLE.TEST = {\n    kdc = kdc1.example.test\n    kdc = kdc2.example.test\n  }\n", "")
    )
    assert gather_clock(Asked(HOST, "", "", krb5_conf=str(path)))["clockskew"] == 120
