# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ast
import pathlib

import pytest
import yaml
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_consumers import BY_NAME, consumer
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_list import enctype_words
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_policy import (
    POLICIES,
    PolicyRefusal,
    Wanted,
    check_keytab,
    is_weak,
    listed_policy,
    named_policy,
    relations,
    resolve,
    weak_warnings,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import parse_principal

FRAGMENT = pathlib.Path(__file__).resolve().parents[4] / "plugins" / "doc_fragments" / "enctypes.py"
MIT = consumer("mit")


def resolved(policy, *names, weak=False, in_use=()):
    return resolve(named_policy(policy), [consumer(name) for name in names], weak, in_use)


def test_every_policy_is_documented_and_comes_to_something_for_mit():
    body = ast.parse(FRAGMENT.read_text()).body
    (text,) = (
        one.value.value
        for found in body
        if isinstance(found, ast.ClassDef)
        for one in found.body
        if isinstance(one, ast.Assign)
    )
    assert set(yaml.safe_load(text)["options"]["policy"]["choices"]) == set(POLICIES)
    for name, (numbers, line) in POLICIES.items():
        assert resolved(name, "mit", weak=True).enctypes == numbers
        assert line


def test_policies_without_the_word_weak_in_their_option_hold_nothing_weak():
    assert {name for name, (numbers, dummy) in POLICIES.items() if any(map(is_weak, numbers))} == {
        "with_rc4",
        "with_des3",
    }


@pytest.mark.parametrize(
    ("policy", "consumers", "numbers"),
    [
        ("compatible", ["mit"], (18, 17, 20, 19)),
        ("modern", ["mit", "java17"], (20, 19, 18, 17)),
        ("modern", ["mit", "heimdal1.5"], (18, 17)),
        ("modern", ["mit", "java8"], (18, 17)),
        ("sha2_only", ["mit", "java11", "heimdal7"], (20, 19)),
        ("compatible", [], (18, 17, 20, 19)),
    ],
)
def test_of_a_policy_those_types_count_that_all_consumers_can_use(policy, consumers, numbers):
    assert resolved(policy, *consumers).enctypes == numbers


def test_a_type_that_was_named_is_held_to():
    with pytest.raises(
        PolicyRefusal, match=r"enctypes: Heimdal 1.5 cannot use aes256-cts-hmac-sha384-192; leave it out, or"
    ):
        resolve(listed_policy(["aes256-sha2", "aes256-sha1"]), [MIT, consumer("heimdal1.5")], False)
    assert resolve(listed_policy(["aes"]), [MIT, consumer("heimdal1.5")], False).enctypes == (18, 17)


def test_nothing_left_is_refused():
    with pytest.raises(PolicyRefusal, match=r"policy sha2_only: no type is left .*Java 8 can use .*; take a policy"):
        resolved("sha2_only", "mit", "java8")
    with pytest.raises(PolicyRefusal, match=r"enctypes: the list comes to nothing"):
        listed_policy(["aes", "-aes"])


def test_weak_types_need_a_word_and_are_warned_of_with_a_date():
    with pytest.raises(
        PolicyRefusal, match=r"policy with_rc4: arcfour-hmac is weak \(.*2026.*\); take another policy, or set"
    ):
        resolved("with_rc4", "active_directory")
    with pytest.raises(
        PolicyRefusal, match=r"leave them out \(-des3-cbc-sha1 -arcfour-hmac\), or set accept_weak: true"
    ):
        resolve(listed_policy(["DEFAULT"]), [MIT], False)
    (sentence,) = weak_warnings(resolved("with_rc4", "mit", "active_directory", weak=True))
    assert sentence.startswith("arcfour-hmac is permitted, although it is weak: ")
    assert "1.21 (June 2023)" in sentence
    assert "July 2026" in sentence
    assert not weak_warnings(resolved("compatible", "mit", "active_directory"))


def test_every_weak_type_has_a_date_with_every_consumer_that_can_use_it():
    for one in BY_NAME.values():
        for number in (16, 23):
            if number in one.usable and one.product != "heimdal":
                assert any(year in one.ends[number] for year in ("2019", "2021", "2023", "2026")), (one.name, number)


def test_types_in_use_stay_permitted_behind_the_others_and_make_no_keys():
    policy = resolved("sha2_only", "mit", in_use=(17, 23, 18, 20))
    assert policy.enctypes == (20, 19)
    assert policy.permitted == (20, 19, 18, 17, 23)
    assert policy.kept == (18, 17, 23)
    assert "stays permitted, for keys in use need it" in weak_warnings(policy)[0]
    assert resolved("zimbra", "heimdal1.5", in_use=(20,)).permitted == (18, 17)


def test_relations_are_those_that_the_consumers_read():
    names = enctype_words((18, 17))
    assert relations(resolved("zimbra", "mit")) == {"permitted_enctypes": names}
    assert relations(resolved("zimbra", "mit1.17")) == dict.fromkeys(
        ("permitted_enctypes", "default_tkt_enctypes", "default_tgs_enctypes"), names
    )
    assert relations(resolved("zimbra", "mit", "heimdal1.5"))["default_etypes"] == names


def test_switches_are_on_where_a_weak_type_needs_them():
    assert relations(resolved("compatible", "mit", "java17")).keys() == {"permitted_enctypes"}
    assert relations(resolved("with_rc4", "mit1.21", weak=True))["allow_rc4"] == "true"
    assert relations(resolved("with_des3", "mit1.21", weak=True))["allow_des3"] == "true"
    assert relations(resolved("with_rc4", "java17", weak=True))["allow_weak_crypto"] == "true"


def test_a_policy_that_is_not_known_is_refused():
    with pytest.raises(PolicyRefusal, match=r"policy: 'moder' is no policy of this collection; did you mean 'modern'"):
        named_policy("moder")
    with pytest.raises(PolicyRefusal, match=r"take one of compatible, .*, or list enctypes"):
        named_policy("?")


def entry(name, kvno, enctype):
    return KeytabEntry(parse_principal(name), 0, kvno, enctype, b"k")


def test_a_keytab_to_which_nothing_fits_is_refused():
    policy = resolve(Wanted((20, 19), frozenset(), "x"), [MIT], False)
    with pytest.raises(
        PolicyRefusal, match=r"/k: holds keys of aes256-cts-hmac-sha1-96 alone, and .* bring new keys first"
    ):
        check_keytab("/k", [entry("a@R", 2, 18), entry("a@R", 1, 20)], policy)
    check_keytab("/k", [entry("a@R", 2, 18), entry("b@R", 1, 20)], policy)
    check_keytab("/k", [entry("a@R", 2, 18), entry("a@R", 2, 19)], policy)
    check_keytab("/k", [], policy)


def test_policies_are_these():
    assert {name: numbers for name, (numbers, dummy) in POLICIES.items()} == {
        "compatible": (18, 17, 20, 19),
        "modern": (20, 19, 18, 17),
        "sha2_only": (20, 19),
        "zimbra": (18, 17),
        "active_directory": (18, 17),
        "with_rc4": (18, 17, 20, 19, 23),
        "with_des3": (18, 17, 20, 19, 16),
    }


def test_types_in_use_stand_behind_the_strongest_first_in_an_order_that_crypto_policies_can_give():
    policy = resolve(listed_policy(["aes256-sha2"]), [MIT], False, (23, 16, 25, 26, 17, 18, 19))
    assert policy.permitted == (20, 19, 18, 17, 26, 25, 16, 23)
    old = resolve(listed_policy(["aes256-sha1"]), [consumer("mit1.17")], False, (3, 2, 1, 23))
    assert old.permitted == (18, 23, 1, 2, 3)


def test_sentences_say_one_or_many():
    for words, said in ((["rc4"], "arcfour-hmac is weak"), (["rc4", "des3"], "arcfour-hmac, des3-cbc-sha1 are weak")):
        with pytest.raises(
            PolicyRefusal, match=f"^enctypes: {said} .*go on with {'it' if words == ['rc4'] else 'them'} "
        ):
            resolve(listed_policy(words), [MIT], False)
    with pytest.raises(
        PolicyRefusal, match=r"^enctypes: des-cbc-crc is weak \(nobody issues it any more\); leave it out"
    ):
        resolve(listed_policy(["des-cbc-crc"]), [], False)


def test_what_one_consumer_lacks_is_named_with_that_consumer_alone():
    with pytest.raises(
        PolicyRefusal, match=r"Java 8 cannot use .*sha384-192, .*sha256-128; leave them out, or 'java8' out"
    ):
        resolve(listed_policy(["aes256-sha2", "aes128-sha2", "aes256-sha1"]), [MIT, consumer("java8")], False)


def test_the_newest_keys_of_each_principal_count():
    policy = resolve(listed_policy(["aes256-sha2"]), [MIT], False)
    with pytest.raises(PolicyRefusal):
        check_keytab("/k", [entry("a@R", 1, 20), entry("a@R", 2, 18), entry("b@R", 1, 18)], policy)
    check_keytab("/k", [entry("a@R", 2, 20), entry("a@R", 1, 18)], policy)
