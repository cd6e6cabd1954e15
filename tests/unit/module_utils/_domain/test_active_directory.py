# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.active_directory import (
    COMPUTER,
    DirectoryAnswerRefusal,
    account_dn,
    account_from,
    allowed_enctypes,
    default_container,
    enctypes_text,
    expected_salt,
    signed,
    time_from,
    unix_seconds,
    with_enctypes,
)

REALM = "AD.EXAMPLE.TEST"


def test_account_of_an_entry() -> None:
    account = account_from(
        "CN=MX1,DC=x",
        {
            "SAMACCOUNTNAME": (b"MX1$",),
            "servicePrincipalName": (b"smtp/mx1", b"HTTP/mx1"),
            "msDS-KeyVersionNumber": (b"4",),
            "msDS-SupportedEncryptionTypes": (b"-2147483624",),
            "userAccountControl": (b"4096",),
            "accountExpires": (b"9223372036854775807",),
            "pwdLastSet": (b"134143056000000000",),
        },
    )
    assert (account.name, account.kind, account.kvno, account.enctypes) == ("MX1$", COMPUTER, 4, 0x80000018)
    assert (account.upn, account.description, account.expires) == ("", "", 0)
    assert account.password_set == 1769832000  # 2026-01-31 04:00:00 UTC
    assert account.owns("http/MX1") and not account.owns("smtp/mx2")
    bare = account_from("CN=x", {"sAMAccountName": (b"x",), "pwdLastSet": (b"0",), "accountExpires": (b"1",)})
    assert (bare.enctypes, bare.password_set, bare.kvno, bare.kind, bare.expires) == (None, 0, 0, "user", -11644473600)


def test_account_that_makes_no_sense() -> None:
    with pytest.raises(DirectoryAnswerRefusal, match="CN=x: pwdLastSet is 'soon' and no number"):
        account_from("CN=x", {"pwdLastSet": (b"soon",)})


def test_times() -> None:
    assert unix_seconds(0) == 0
    assert unix_seconds(116444736000000000 + 10_000_000) == 1
    assert time_from("20260131040000.0Z") == 1769832000
    with pytest.raises(DirectoryAnswerRefusal, match="tells no time"):
        time_from("")


def test_container_by_its_guid_whatever_its_name() -> None:
    values = [
        "B:32:AB1D30F3768811D1ADED00C04FD8D5CD:CN=System,DC=x",
        "B:32:a9d1ca15768811d1aded00c04fd8d5cd:OU=Leute: alle,DC=x",
    ]
    assert default_container("user", values) == "OU=Leute: alle,DC=x"
    assert default_container("computer", values) is None


@pytest.mark.parametrize(
    ("name", "dn"),
    [
        ("axigen_smtp", "CN=axigen_smtp,OU=Mail"),
        ("MX1$", "CN=MX1,OU=Mail"),
        ("müller", "CN=müller,OU=Mail"),
        ("#1 a'(b)", "CN=\\#1 a'(b),OU=Mail"),
    ],
)
def test_dn(name: str, dn: str) -> None:
    assert account_dn(name, "OU=Mail") == dn


@pytest.mark.parametrize(
    ("held", "asked", "bits"),
    [
        (None, (18, 17), 0x18),
        (0x04, (18, 17), 0x18),
        (0x80010024, (18,), 0x80010030),
        (0x1F, (23,), 0x04),
        (0x20, (1, 3, 23, 17, 18), 0x3F),
    ],
)
def test_enctypes_keep_other_bits(held: int | None, asked: tuple[int, ...], bits: int) -> None:
    assert with_enctypes(held, asked) == bits


def test_enctypes_for_people() -> None:
    assert allowed_enctypes(0x1C) == (18, 17, 23)
    assert allowed_enctypes(None) == ()
    assert enctypes_text(None) == enctypes_text(0) == "the domain's default"
    assert enctypes_text(0x20) == "0x20 (no type of keys)"
    assert enctypes_text(0x80000018) == "0x80000018 (aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96)"
    assert (signed(0x80000018), signed(0x7FFFFFFF)) == (-2147483624, 0x7FFFFFFF)


@pytest.mark.parametrize(
    ("name", "kind", "upn", "salt"),
    [
        ("axigen_smtp", "user", "", f"{REALM}axigen_smtp"),
        ("axigen_smtp", "user", f"smtp/mx1.example.test@{REALM}", f"{REALM}smtpmx1.example.test"),
        ("MX1$", "computer", "", f"{REALM}hostmx1.ad.example.test"),
        ("MX1$", "computer", f"host/x@{REALM}", f"{REALM}hostmx1.ad.example.test"),
    ],
)
def test_expected_salt(name: str, kind: str, upn: str, salt: str) -> None:
    assert expected_salt(name, kind, upn, REALM) == salt
