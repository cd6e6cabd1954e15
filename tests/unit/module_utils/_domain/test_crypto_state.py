# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of a host's crypto-policies, and what is found wrong with them."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.crypto_policy import (
    CryptoPolicyRefusal,
    pmod_text,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.crypto_state import (
    BACK_END,
    CONFIG,
    DROP_IN,
    ELSEWHERE,
    FILE,
    INTACT,
    MISSING,
    MODULE,
    CryptoState,
    arguments,
    check_generated,
    crypto_diff,
    crypto_findings,
    wanted_state,
)

GENERATED = "[libdefaults]\npermitted_enctypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96\n"
CLEAN = CryptoState("DEFAULT", "DEFAULT", GENERATED, GENERATED)


def edited(names):
    return replace(CLEAN, back_end=f"[libdefaults]\npermitted_enctypes = {names}\n")


def fields(state):
    return dataclasses.astuple(state)


def test_the_paths_are_those_of_the_packages():
    assert CONFIG == "/etc/crypto-policies/config"
    assert BACK_END == "/etc/crypto-policies/back-ends/krb5.config"
    assert MODULE == "/etc/crypto-policies/policies/modules/MAILREALM-KERBEROS.pmod"
    assert DROP_IN == "/etc/krb5.conf.d/crypto-policies"


def test_a_state_is_a_value_and_compares_by_what_the_tool_and_libkrb5_see():
    assert fields(CLEAN) == ("DEFAULT", "DEFAULT", GENERATED, GENERATED, INTACT, None, "", "", False)
    assert replace(CLEAN, complaint="x") == CLEAN
    assert replace(CLEAN, drop_in_text="x") == CLEAN
    assert replace(CLEAN, stock=True) == CLEAN
    for change in ({"config": "x"}, {"applied": "x"}, {"back_end": "x"}, {"generated": "x"}, {"drop_in": FILE}):
        assert replace(CLEAN, **change) != CLEAN
    with pytest.raises(dataclasses.FrozenInstanceError):
        CLEAN.config = "x"


def test_ours_is_wanted_last_and_its_link_intact():
    before = CryptoState("DEFAULT:AD-SUPPORT", "DEFAULT", "x", "x", FILE, "x", "x", "x", True)
    ours = "DEFAULT:AD-SUPPORT:MAILREALM-KERBEROS"
    # what stood in the drop-in is for the diff
    assert fields(wanted_state(before, (18, 17))) == (
        *(ours, ours, None, None, INTACT, pmod_text((18, 17))),
        *("", "x", False),
    )


def test_without_ours_the_module_goes_and_the_link_stays_as_it_is():
    before = replace(CLEAN, config="DEFAULT:MAILREALM-KERBEROS", module_text="x", drop_in=MISSING)
    assert fields(wanted_state(before, None)) == ("DEFAULT", "DEFAULT", None, None, MISSING, None, "", "", False)


def test_the_users_option_is_named():
    for options, name in (((), "enctypes"), (("policy",), "policy")):
        with pytest.raises(CryptoPolicyRefusal, match=f"^{name}: is empty"):
            wanted_state(CLEAN, (), *options)
        with pytest.raises(CryptoPolicyRefusal, match=f"^{name}: the crypto-policies of this host"):
            check_generated("", (18,), *options)


def test_the_tools_list_is_held_against_what_was_asked():
    check_generated(GENERATED, (18, 17))
    # EL 8 writes RC4 twice
    check_generated("[libdefaults]\npermitted_enctypes = aes256-cts arcfour-hmac-md5 arcfour-hmac-md5\n", (18, 23))
    for enctypes in ((18,), (17, 18), (18, 17, 23)):
        with pytest.raises(CryptoPolicyRefusal):
            check_generated(GENERATED, enctypes)
    with pytest.raises(CryptoPolicyRefusal) as refused:
        check_generated("[libdefaults]\npermitted_enctypes = aes256-cts new-enctype\n", (18, 17))
    assert str(refused.value) == (
        "enctypes: the crypto-policies of this host would permit 'aes256-cts new-enctype' instead of "
        "'aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96', as older releases do, which do not tell AES with SHA-1 "
        "from AES with SHA-2; take that list, or set permitted_enctypes in krb5.conf"
    )
    with pytest.raises(CryptoPolicyRefusal, match="would permit 'aes256-cts new-enctype' instead of 'aes256"):
        check_generated("[libdefaults]\npermitted_enctypes = aes256-cts new-enctype\n", (18,))
    with pytest.raises(CryptoPolicyRefusal, match="would permit '' instead of"):
        check_generated("", (18,))


def test_others_are_reloaded_only_where_a_change_of_theirs_was_pending():
    after = replace(CLEAN, config="DEFAULT:MAILREALM-KERBEROS")
    assert arguments(CLEAN, after) == ("--set", "DEFAULT:MAILREALM-KERBEROS", "--no-reload")
    assert arguments(replace(CLEAN, applied="LEGACY"), after) == ("--set", "DEFAULT:MAILREALM-KERBEROS")


def test_a_clean_state_has_no_findings():
    assert crypto_findings(CLEAN) == []


BY_HAND = "so it was edited by hand or a module was changed without applying it, and the tool will write it anew"
ANEW = "use a policy module instead, and have the file made anew (update-crypto-policies --set DEFAULT)"
LINK = f"put the link back (ln -sfn {BACK_END} {DROP_IN})"


@pytest.mark.parametrize(
    ("state", "finding"),
    [
        (
            replace(CLEAN, config="LEGACY"),
            (
                f"{CONFIG}: names LEGACY, but DEFAULT is what is applied; run update-crypto-policies --set LEGACY, or "
                "correct the file"
            ),
        ),
        (
            replace(CLEAN, applied=None, generated=None),
            f"{CONFIG}: the policy DEFAULT has never been applied; run update-crypto-policies --set DEFAULT",
        ),
        (
            edited("aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 arcfour-hmac-md5 des3"),
            (
                f"{BACK_END}: is not what the policy DEFAULT gives (permits arcfour-hmac-md5 des3 besides), "
                f"{BY_HAND}; {ANEW}"
            ),
        ),
        (
            edited("+rc4"),
            (
                f"{BACK_END}: is not what the policy DEFAULT gives (permits +rc4 besides, lacks "
                f"aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96), {BY_HAND}; {ANEW}"
            ),
        ),
        (
            replace(CLEAN, back_end=GENERATED + "# x\n"),
            f"{BACK_END}: is not what the policy DEFAULT gives, {BY_HAND}; {ANEW}",
        ),
        (
            replace(CLEAN, back_end="", generated="[libdefaults]\n"),
            f"{BACK_END}: is not what the policy DEFAULT gives, {BY_HAND}; {ANEW}",
        ),
        (
            replace(edited("aes256-cts-hmac-sha1-96"), stock=True),
            (
                f"{BACK_END}: is not what the policy DEFAULT gives (lacks aes128-cts-hmac-sha1-96), {BY_HAND}; "
                "reinstall the package crypto-policies, whose file it is"
            ),
        ),
        (
            replace(CLEAN, back_end=None),
            f"{BACK_END}: is missing; run update-crypto-policies --set DEFAULT",
        ),
        (
            replace(CLEAN, generated=None, complaint="Unknown policy `X`; correct it"),
            f"{CONFIG}: Unknown policy `X`; correct it",
        ),
        (
            replace(CLEAN, drop_in=FILE),
            (
                f"{DROP_IN}: is a file of its own and no longer the link to {BACK_END}, so libkrb5 does not follow the "
                f"policy; move its settings to another drop-in and {LINK}"
            ),
        ),
        (
            replace(CLEAN, drop_in=ELSEWHERE),
            f"{DROP_IN}: leads elsewhere than to {BACK_END}, so libkrb5 does not follow the policy; {LINK}",
        ),
        (
            replace(CLEAN, drop_in=MISSING),
            f"{DROP_IN}: is missing, which takes libkrb5 out of the policy; leave it so if that is meant, or {LINK}",
        ),
    ],
)
def test_each_disagreement_is_one_sentence_with_a_remedy(state, finding):
    assert crypto_findings(state) == [finding]


def test_a_back_end_that_libkrb5_does_not_read_says_where():
    (finding,) = crypto_findings(replace(CLEAN, back_end="[libdefaults]\nx\n"))
    assert f"the policy DEFAULT gives ({BACK_END}: line 2" in finding
    assert f"), {BY_HAND}; {ANEW}" in finding


def test_several_disagreements_are_all_told():
    state = replace(edited("rc4"), config="LEGACY", drop_in=FILE)
    assert [finding.partition(": ")[0] for finding in crypto_findings(state)] == [CONFIG, BACK_END, DROP_IN]


def headed(path, before, after):
    return {"before_header": path, "after_header": path, "before": before, "after": after}


def test_the_diff_shows_what_changes_and_nothing_else():
    before = replace(edited("rc4"), drop_in=FILE, drop_in_text="[libdefaults]\nrdns = no\n")
    after = replace(wanted_state(before, (18, 17)), back_end=GENERATED, generated=GENERATED)
    assert crypto_diff(before, after) == [
        headed(CONFIG, "DEFAULT\n", "DEFAULT:MAILREALM-KERBEROS\n"),
        headed(f"{CONFIG} (as applied)", "DEFAULT\n", "DEFAULT:MAILREALM-KERBEROS\n"),
        headed(MODULE, "", pmod_text((18, 17))),
        headed(BACK_END, "[libdefaults]\npermitted_enctypes = rc4\n", GENERATED),
        headed(DROP_IN, "[libdefaults]\nrdns = no\n", f"link to {BACK_END}\n"),
    ]
    assert crypto_diff(after, after) == []


def test_what_is_not_there_is_empty_in_the_diff():
    nothing = replace(CLEAN, applied=None, back_end=None, drop_in=MISSING)
    something = replace(CLEAN, module_text="m\n", drop_in=ELSEWHERE)
    there = [
        headed(f"{CONFIG} (as applied)", "", "DEFAULT\n"),
        headed(MODULE, "", "m\n"),
        headed(BACK_END, "", GENERATED),
        headed(DROP_IN, "", "link to another file\n"),
    ]
    assert crypto_diff(nothing, something) == there
    assert crypto_diff(something, nothing) == [
        {**part, "before": part["after"], "after": part["before"]} for part in there
    ]
