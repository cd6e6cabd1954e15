# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our policy module, the policy that names it, and what a back-end's text permits."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.crypto_policy import (
    ALONE,
    IN_REACH,
    CryptoPolicyRefusal,
    permitted_names,
    permitted_of,
    pmod_text,
    policy_of,
    policy_with,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import ProfileRefusal


def directives(text):
    return [line for line in text.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(
    ("enctypes", "lines"),
    [
        ((18,), ["cipher@Kerberos = AES-256-CBC", "mac@Kerberos = HMAC-SHA1"]),
        ((18, 17), ["cipher@Kerberos = AES-256-CBC AES-128-CBC", "mac@Kerberos = HMAC-SHA1"]),
        # the cipher's order is that of the SHA-1 pair, whichever AES-SHA2 comes first
        (
            (20, 19, 17, 18),
            [
                "cipher@Kerberos = AES-128-CBC AES-256-CBC",
                "mac@Kerberos = HMAC-SHA2-384 HMAC-SHA2-256 HMAC-SHA1",
            ],
        ),
        ((26, 25), ["cipher@Kerberos = CAMELLIA-256-CBC CAMELLIA-128-CBC"]),
        ((23,), ["cipher@Kerberos = RC4-128", "hash@Kerberos = MD5+"]),
        (
            (18, 17, 23),
            [
                "cipher@Kerberos = AES-256-CBC AES-128-CBC RC4-128",
                "mac@Kerberos = HMAC-SHA1",
                "hash@Kerberos = MD5+",
            ],
        ),
    ],
)
def test_the_module(enctypes, lines):
    assert directives(pmod_text(enctypes)) == lines


def test_the_module_says_in_its_head_what_it_permits():
    assert "# permitted_enctypes = aes256-cts-hmac-sha1-96 arcfour-hmac" in pmod_text((18, 23)).splitlines()


def test_every_list_that_the_generator_can_give_is_given_and_no_other():
    ciphers = ("AES-256-CBC", "AES-128-CBC", *ALONE, "RC4-128")
    macs = ("HMAC-SHA1", "HMAC-SHA2-256", "HMAC-SHA2-384")
    possible = {permitted_of(some, others) for some in choices(ciphers) for others in choices(macs)} - {()}
    given = set()
    for enctypes in choices(IN_REACH):
        try:
            pmod_text(enctypes)
        except CryptoPolicyRefusal:
            continue
        given.add(enctypes)
    assert given == possible


def choices(of):
    return [some for count in range(len(of) + 1) for some in itertools.permutations(of, count)]


@pytest.mark.parametrize(
    ("enctypes", "offer"),
    [
        ((20, 17), "take 'aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96'"),
        ((18, 20, 17), "take 'aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192'"),
        ((23, 18), "take 'aes256-cts-hmac-sha1-96 arcfour-hmac'"),
        ((26, 18), "take 'aes256-cts-hmac-sha1-96 camellia256-cts-cmac'"),
    ],
)
def test_what_cannot_be_had_is_refused_with_what_can(enctypes, offer):
    with pytest.raises(CryptoPolicyRefusal, match=r"^policy: crypto-policies cannot permit exactly") as refused:
        pmod_text(enctypes, "policy")
    assert offer in str(refused.value)


@pytest.mark.parametrize(
    ("enctypes", "message"),
    [
        ((), "enctypes: is empty"),
        ((18, 16), "enctypes: crypto-policies knows nothing of des3-cbc-sha1, "),
        ((3, 24), "enctypes: crypto-policies knows nothing of des-cbc-md5 arcfour-hmac-exp, "),
        ((99,), "enctypes: crypto-policies knows nothing of enctype 99, "),
    ],
)
def test_what_no_policy_permits_is_refused(enctypes, message):
    with pytest.raises(CryptoPolicyRefusal) as refused:
        pmod_text(enctypes)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("DEFAULT\n", "DEFAULT"),
        ("# chosen by hand\n default:Ad-Support # for AD\n", "DEFAULT:AD-SUPPORT"),
        ("DEFAULT\nNO-SHA1\n:NO-PQ\n", "DEFAULT:NO-SHA1:NO-PQ"),
        ("DEFAULT::NO-PQ:", "DEFAULT:NO-PQ"),
        ("# nothing\n", ""),
    ],
)
def test_what_a_file_names(text, policy):
    assert policy_of(text) == policy


@pytest.mark.parametrize(
    ("config", "wanted", "policy"),
    [
        ("DEFAULT", True, "DEFAULT:MAILREALM-KERBEROS"),
        ("DEFAULT:AD-SUPPORT", True, "DEFAULT:AD-SUPPORT:MAILREALM-KERBEROS"),
        ("DEFAULT:MAILREALM-KERBEROS:AD-SUPPORT", True, "DEFAULT:AD-SUPPORT:MAILREALM-KERBEROS"),
        ("future:mailrealm-kerberos", True, "FUTURE:MAILREALM-KERBEROS"),
        ("DEFAULT:MAILREALM-KERBEROS:AD-SUPPORT", False, "DEFAULT:AD-SUPPORT"),
        ("DEFAULT", False, "DEFAULT"),
    ],
)
def test_the_policy_with_our_module_or_without(config, wanted, policy):
    assert policy_with(config, wanted) == policy
    assert policy_with(policy, wanted) == policy


def test_our_module_is_wanted_unless_said_otherwise():
    assert policy_with(":DEFAULT::AD-SUPPORT:") == "DEFAULT:AD-SUPPORT:MAILREALM-KERBEROS"


def test_no_policy_is_refused():
    with pytest.raises(CryptoPolicyRefusal, match=r"^crypto-policies: no policy is set .*--set DEFAULT\)$"):
        policy_with("")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[libdefaults]\npermitted_enctypes = aes256-cts-hmac-sha1-96 +rc4\n", ("aes256-cts-hmac-sha1-96", "+rc4")),
        ("[libdefaults]\npermitted_enctypes = aes,rc4, camellia\n", ("aes", "rc4", "camellia")),
        ("[libdefaults]\npermitted_enctypes = aes\n[libdefaults]\npermitted_enctypes = rc4\n", ("aes",)),
        ("[libdefaults]\npkinit_dh_min_bits=4096\n", None),
        ("", None),
    ],
)
def test_what_a_back_end_permits(text, names):
    assert permitted_names(text, "krb5.config") == names


def test_a_back_end_that_libkrb5_does_not_read_is_refused():
    with pytest.raises(ProfileRefusal, match=r"^krb5\.config: line 2"):
        permitted_names("[libdefaults]\npermitted_enctypes\n", "krb5.config")
