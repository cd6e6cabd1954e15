# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of a host's crypto-policies, and what is found wrong with them."""

from __future__ import annotations

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


def test_ours_is_wanted_last_and_its_link_intact():
    before = replace(CLEAN, config="DEFAULT:AD-SUPPORT", drop_in=FILE, drop_in_text="x")
    after = wanted_state(before, (18, 17))
    assert (after.config, after.applied) == ("DEFAULT:AD-SUPPORT:MAILREALM-KERBEROS",) * 2
    assert after.module_text == pmod_text((18, 17))
    assert after.drop_in == INTACT


def test_without_ours_the_module_goes_and_the_link_stays_as_it_is():
    before = replace(CLEAN, config="DEFAULT:MAILREALM-KERBEROS", module_text="x", drop_in=MISSING)
    after = wanted_state(before, None)
    assert (after.config, after.applied, after.module_text, after.drop_in) == ("DEFAULT", "DEFAULT", None, MISSING)


def test_the_tools_list_is_held_against_what_was_asked():
    check_generated(GENERATED, (18, 17))
    # EL 8 writes RC4 twice
    check_generated("[libdefaults]\npermitted_enctypes = aes256-cts arcfour-hmac-md5 arcfour-hmac-md5\n", (18, 23))
    for enctypes in ((18,), (17, 18), (18, 17, 23)):
        with pytest.raises(CryptoPolicyRefusal, match=r"^policy: .* would permit 'aes256-cts-hmac-sha1-96 aes128"):
            check_generated(GENERATED, enctypes, "policy")
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


@pytest.mark.parametrize(
    ("state", "start", "part"),
    [
        (
            replace(CLEAN, config="DEFAULT:AD-SUPPORT"),
            CONFIG,
            "names DEFAULT:AD-SUPPORT, but DEFAULT is what is applied",
        ),
        (replace(CLEAN, applied=None, generated=None), CONFIG, "the policy DEFAULT has never been applied"),
        (
            edited("aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 arcfour-hmac-md5"),
            BACK_END,
            "(permits arcfour-hmac-md5 besides), so it was edited by hand",
        ),
        (
            edited("aes128-cts-hmac-sha1-96 +rc4"),
            BACK_END,
            "(permits +rc4 besides, lacks aes256-cts-hmac-sha1-96), so it",
        ),
        (
            replace(CLEAN, back_end=GENERATED + "# x\n"),
            BACK_END,
            "is not what the policy DEFAULT gives, so it was edited",
        ),
        (replace(CLEAN, back_end="[libdefaults]\nx\n"), BACK_END, f"gives ({BACK_END}: line 2"),
        (replace(edited("aes"), stock=True), BACK_END, "; reinstall the package crypto-policies"),
        (replace(CLEAN, back_end=None), BACK_END, "is missing; run update-crypto-policies --set DEFAULT"),
        (replace(CLEAN, generated=None, complaint="Unknown policy `X`; correct it"), CONFIG, "Unknown policy `X`"),
        (replace(CLEAN, drop_in=FILE), DROP_IN, "is a file of its own and no longer the link"),
        (replace(CLEAN, drop_in=ELSEWHERE), DROP_IN, "leads elsewhere"),
        (replace(CLEAN, drop_in=MISSING), DROP_IN, "is missing, which takes libkrb5 out of the policy"),
    ],
)
def test_each_disagreement_is_one_sentence_with_a_remedy(state, start, part):
    (finding,) = crypto_findings(state)
    assert finding.startswith(f"{start}: ")
    assert part in finding
    assert ";" in finding


def test_several_disagreements_are_all_told():
    state = replace(edited("rc4"), config="LEGACY", drop_in=FILE)
    assert [finding.partition(": ")[0] for finding in crypto_findings(state)] == [CONFIG, BACK_END, DROP_IN]


def test_the_diff_shows_what_changes_and_nothing_else():
    before = replace(edited("rc4"), drop_in=FILE, drop_in_text="[libdefaults]\nrdns = no\n")
    after = replace(wanted_state(before, (18, 17)), back_end=GENERATED, generated=GENERATED)
    parts = {part["before_header"]: (part["before"], part["after"]) for part in crypto_diff(before, after)}
    assert parts == {
        CONFIG: ("DEFAULT\n", "DEFAULT:MAILREALM-KERBEROS\n"),
        f"{CONFIG} (as applied)": ("DEFAULT\n", "DEFAULT:MAILREALM-KERBEROS\n"),
        MODULE: ("", pmod_text((18, 17))),
        BACK_END: ("[libdefaults]\npermitted_enctypes = rc4\n", GENERATED),
        DROP_IN: ("[libdefaults]\nrdns = no\n", f"link to {BACK_END}\n"),
    }
    assert crypto_diff(after, after) == []
