# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of Java, and what its policies allow AES; the JDKs' own answers: tests/integration/test_cas_java.py."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import cas_java
from hypothesis import given
from hypothesis import strategies as st

ALL = "grant {\n    permission javax.crypto.CryptoAllPermission;\n};\n"
SOME = """\
// permission javax.crypto.CryptoAllPermission;
grant { /* permission javax.crypto.CryptoAllPermission; */
    permission javax.crypto.CryptoPermission "DES", 64;
    permission javax.crypto.CryptoPermission *, 128;
};
"""


@pytest.mark.parametrize(
    ("release", "printed", "version"),
    [
        ('IMPLEMENTOR="X"\nJAVA_VERSION="21.0.13.1"\nJAVA_VERSION_DATE="2026-11-17"\n', "", "21.0.13.1"),
        ("", 'Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "1.8.0_492"\nOpenJDK ...', "1.8.0_492"),
        ('JAVA_VERSION="1.8.0_202"\n', 'openjdk version "9"', "1.8.0_202"),
        ("", "", ""),
        ("", "java: not found", ""),
    ],
)
def test_versions(release: str, printed: str, version: str) -> None:
    assert cas_java.version_of(release, printed) == version


@pytest.mark.parametrize(
    ("version", "major"),
    [("1.8.0_292", 8), ("17.0.15", 17), ("25-ea", 25), ("25.0.5.0.3", 25), ("11", 11), ("1.5", 1), ("", 0), ("x", 0)],
)
def test_majors(version: str, major: int) -> None:
    assert cas_java.major_of(version) == major


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("#crypto.policy=limited\n# crypto.policy=x\n", None),
        ("crypto.policy=unlimited\n", "unlimited"),
        ("  crypto.policy : limited \ncrypto.policy unlimited\r\n", "unlimited"),
        ("crypto.policy=unlimited\ncrypto.policy=limited", "limited"),
        ("my.crypto.policy=limited\ncrypto.policyx=limited\n", None),
    ],
)
def test_the_property(text: str, policy: str | None) -> None:
    assert cas_java.policy_of(text) == policy


@pytest.mark.parametrize(
    ("version", "folder"),
    [
        ("1.8.0_144", ""),
        ("1.8.0_151", "limited"),
        ("1.8.0_160", "limited"),
        ("1.8.0_161", "unlimited"),
        ("1.8.0_492", "unlimited"),
        ("9", "unlimited"),
        ("17.0.1", "unlimited"),
    ],
)
def test_defaults(version: str, folder: str) -> None:
    assert cas_java.default_folder(version) == folder


@pytest.mark.parametrize(
    ("policies", "folder", "bits"),
    [
        ([ALL], "x", 256),
        ([ALL, SOME], "unlimited", 128),
        ([SOME.replace("*, 128", "*, *")], "x", 256),
        ([SOME.replace("};", '    permission javax.crypto.CryptoPermission "AES", 192;\n};')], "x", 192),
        (["grant { };"], "x", 0),
        ([], "limited", 128),
        ([], "unlimited", 256),
        ([], "", 256),
    ],
)
def test_what_all_policies_allow(policies: list[str], folder: str, bits: int) -> None:
    assert cas_java.aes_bits(policies, folder) == bits


@given(st.text(alphabet='CryptoAllPermission crypto.policy=*,"1\n#/', max_size=80))
def test_any_text(text: str) -> None:
    assert 0 <= cas_java.aes_bits([text], "x") <= 256
    cas_java.policy_of(text)
    assert cas_java.major_of(cas_java.version_of(text, text)) >= 0
