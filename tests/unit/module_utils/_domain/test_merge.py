# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_digest import KeyDigest, digest_entry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import parse, serialize
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.merge import (
    MergeRefusal,
    Source,
    Wanted,
    count,
    describe,
    plan_keytab,
    planned_content,
    slot,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.keytab_samples import (
    AES128,
    AES256,
    HTTP,
    MX1,
    MX2,
    RC4,
    key,
    planned,
    taking,
)
from hypothesis import given
from hypothesis import strategies as st


def texts(plan):
    return [describe(plan)[0].splitlines(), describe(plan)[1].splitlines()]


# Few names, kvnos and secrets, so that slots meet often
ENTRIES = st.lists(
    st.builds(
        key,
        st.sampled_from([MX1, MX2, HTTP]),
        st.integers(1, 3),
        st.sampled_from([AES256, AES128, RC4]),
        st.sampled_from("ab"),
        st.integers(1, 3),
    ),
    max_size=6,
)
OPTIONS = st.fixed_dictionaries(
    {
        "principals": st.sampled_from([(), ("smtp/*",), ("smtp/mx1",), ("HTTP/mail@R", "smtp/mx?")]),
        "enctypes": st.sampled_from([(), (AES256, AES128), (RC4,)]),
        "present": st.booleans(),
        "exclusive": st.booleans(),
        "keep_kvnos": st.integers(0, 2),
        "prune": st.booleans(),
        "on_conflict": st.sampled_from(["fail", "source", "file"]),
    }
)


@given(st.none() | ENTRIES, st.lists(ENTRIES, max_size=2), OPTIONS)
def test_a_second_run_changes_nothing(held, sources, options):
    wanted = taking(*sources, **options)
    try:
        content = planned_content(planned(held, wanted))
    except MergeRefusal:
        return
    again = plan_keytab(content, "/etc/krb5.keytab", wanted)
    assert planned_content(again) == content
    assert count(again)["added"] == count(again)["removed"] == count(again)["replaced"] == 0
    assert describe(again)[0] == describe(again)[1]


@given(st.none() | ENTRIES, st.lists(ENTRIES, min_size=1, max_size=2), OPTIONS, st.lists(st.booleans(), min_size=2))
def test_digests_foretell_what_the_keys_will_do(held, sources, options, as_digests):
    wanted = taking(*sources, **options)
    blind = dataclasses.replace(
        wanted,
        sources=tuple(veiled(source, b"nonce") if veil else source for source, veil in zip(wanted.sources, as_digests)),
    )
    assert outcome(held, blind) == outcome(held, wanted)


@given(st.none() | ENTRIES, ENTRIES, OPTIONS)
def test_keys_that_check_mode_must_not_see_are_told_apart_by_their_slots(held, source, options):
    """Where the run meets no other key in a slot that it knows, check mode foretells it without a digest."""
    known = {slot(entry): entry.key for entry in reversed([*(held or ()), *source])}
    same = [dataclasses.replace(entry, key=known[slot(entry)]) for entry in source]
    wanted = taking(same, **options)
    (whole,) = wanted.sources
    digests = tuple(KeyDigest(entry.principal, entry.kvno, entry.enctype) for entry in same)
    blind = dataclasses.replace(wanted, sources=(Source(whole.label, (), b"nonce", digests),))
    assert outcome(held, blind) == outcome(held, wanted)


def veiled(source, nonce):
    return Source(source.label, (), nonce, tuple(digest_entry(nonce, entry) for entry in source.entries))


def outcome(held, wanted):
    """What a user sees: whether it changes, the diff and the counts, or the refusal."""
    try:
        plan = planned(held, wanted)
    except Refusal as refusal:
        return str(refusal)
    return planned_content(plan) != plan.content, describe(plan), count(plan)


@given(ENTRIES, ENTRIES, st.sampled_from(["source", "file"]))
def test_foreign_entries_stay_in_their_order(held, source, on_conflict):
    plan = planned(held, taking(source, on_conflict=on_conflict) if source else Wanted())
    touched = {slot(entry) for entry in source}
    foreign = list(dict.fromkeys((slot(one), one.key) for one in held if slot(one) not in touched))
    assert [(slot(one), one.key) for one in plan.after or () if slot(one) not in touched] == foreign


@given(ENTRIES, ENTRIES)
def test_no_key_is_in_the_text(held, source):
    plan = planned(held, taking(source, on_conflict="source") if source else Wanted())
    shown = "".join(describe(plan)) + repr(plan)
    assert "a" * 16 not in shown
    assert "b" * 16 not in shown


def test_entries_are_added_behind_those_that_are_there():
    plan = planned([key(HTTP)], taking([key(MX1), key(MX2)]))
    assert texts(plan) == [
        ["HTTP/mail@R kvno 2 aes256-cts-hmac-sha1-96"],
        [
            "HTTP/mail@R kvno 2 aes256-cts-hmac-sha1-96",
            "smtp/mx1@R kvno 2 aes256-cts-hmac-sha1-96",
            "smtp/mx2@R kvno 2 aes256-cts-hmac-sha1-96",
        ],
    ]
    assert count(plan) == {"entries": 3, "added": 2, "removed": 0, "replaced": 0}
    assert parse(planned_content(plan), "file") == (key(HTTP), key(MX1), key(MX2))


def test_a_file_that_holds_the_keys_stays_as_it_is_to_the_byte():
    content = serialize([key(timestamp=5), key(HTTP)]) + b"\xff\xff\xff\xf0" + b"\0" * 16
    plan = plan_keytab(content, "file", taking([key(timestamp=9)]))
    assert planned_content(plan) is content


def test_duplicates_go_and_the_first_stays():
    plan = planned([key(timestamp=1), key(HTTP), key(timestamp=2)], Wanted())
    assert plan.after == (key(timestamp=1), key(HTTP))
    assert count(plan)["removed"] == 1


def test_a_keytab_that_is_not_there_is_made():
    plan = planned(None, taking([key()]))
    assert plan.before is None
    assert plan.after == (key(),)


def test_nothing_to_take_makes_no_keytab():
    assert planned_content(planned(None, Wanted(keep_kvnos=1))) is None


def test_an_empty_file_is_a_keytab_without_entries():
    plan = plan_keytab(b"", "file", taking([key()]))
    assert plan.after == (key(),)
    assert planned_content(plan_keytab(b"", "file", Wanted())) == b""


@pytest.mark.parametrize(
    ("patterns", "taken"),
    [
        (("smtp/mx1",), [MX1]),
        (("smtp/*",), [MX1, MX2]),
        (("smtp/mx[!1]",), [MX2]),
        (("*@R",), [MX1, MX2, HTTP]),
        (("*@S", "HTTP/mail"), [HTTP]),
    ],
)
def test_patterns_choose_principals(patterns, taken):
    plan = planned(None, taking([key(MX1), key(MX2), key(HTTP)], principals=patterns))
    assert plan.after == tuple(key(name) for name in taken)


def test_only_the_wanted_enctypes_are_taken_and_kept_but_foreign_principals_keep_theirs():
    held = [key(enctype=RC4), key(HTTP, enctype=RC4)]
    plan = planned(held, taking([key(), key(enctype=RC4)], enctypes=(AES256, AES128)))
    assert plan.after == (key(HTTP, enctype=RC4), key())


def test_without_sources_the_enctypes_of_the_named_principals_are_trimmed():
    held = [key(), key(enctype=RC4), key(HTTP, enctype=RC4)]
    assert planned(held, Wanted(enctypes=(AES256,), principals=("smtp/*",))).after == (held[0], held[2])


def test_exclusive_holds_nothing_else():
    held = [key(HTTP), key(kvno=1), key()]
    assert planned(held, taking([key()], exclusive=True)).after == (key(),)


def test_the_newest_kvnos_stay_for_the_principals_in_question():
    held = [key(kvno=kvno) for kvno in (1, 3)] + [key(HTTP, kvno=kvno) for kvno in (1, 2)]
    plan = planned(held, taking([key(kvno=300)], keep_kvnos=2))
    assert [(one.principal.name, one.kvno) for one in plan.after] == [
        ("smtp/mx1", 3),
        ("HTTP/mail", 1),
        ("HTTP/mail", 2),
        ("smtp/mx1", 300),
    ]


def test_a_read_only_domain_controllers_kvnos_count_apart():
    rodc = 0x0007_0000
    held = [key(kvno=kvno) for kvno in (1, 2, rodc + 1, rodc + 2)]
    assert [one.kvno for one in planned(held, Wanted(keep_kvnos=1)).after] == [2, rodc + 2]


def test_another_key_in_the_same_slot_is_refused_with_both_places():
    with pytest.raises(
        MergeRefusal, match=r"source 0: .*smtp/mx1@R kvno 2 aes256-cts.* /etc/krb5.keytab; .*on_conflict"
    ):
        planned([key(secret="a")], taking([key(secret="b")]))


def test_two_sources_with_different_keys_are_refused():
    with pytest.raises(MergeRefusal, match=r"source 1: .*smtp/mx1@R kvno 2 .* source 0; "):
        planned(None, taking([key(secret="a")], [key(secret="b")]))


def test_the_source_wins_in_the_files_place():
    plan = planned([key(secret="a"), key(HTTP)], taking([key(secret="b")], on_conflict="source"))
    assert plan.after == (key(secret="b"), key(HTTP))
    assert texts(plan)[1][0] == "smtp/mx1@R kvno 2 aes256-cts-hmac-sha1-96 (key replaced)"
    assert count(plan) == {"entries": 2, "added": 0, "removed": 0, "replaced": 1}


def test_the_file_wins():
    plan = planned([key(secret="a")], taking([key(secret="b"), key(MX2)], on_conflict="file"))
    assert plan.after == (key(secret="a"), key(MX2))


def test_of_two_sources_the_later_wins():
    plan = planned(None, taking([key(secret="a")], [key(secret="b")], on_conflict="source"))
    assert plan.after == (key(secret="b"),)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"principals": ("smtp/mx9",)}, "no key of smtp/mx9 is there"),
        ({"principals": ("imap/*",)}, "no key of imap/* is there"),
        ({"principals": ("smtp/mx1", "smtp/mx9", "imap/mx9")}, "no key of smtp/mx9, imap/mx9 is there"),
        ({"enctypes": (RC4,)}, "no key with enctype arcfour-hmac is there"),
        ({"principals": ("smtp/mx1",), "enctypes": (RC4,)}, "no key of smtp/mx1 with enctype arcfour-hmac is there"),
    ],
)
def test_what_no_source_holds_is_refused(options, said):
    with pytest.raises(MergeRefusal) as refused:
        planned([key(HTTP)], taking([key(), key(MX2)], **options))
    assert str(refused.value).startswith("source 0: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (Wanted(principals=("smtp/*",), present=False), [key(HTTP), key(HTTP, enctype=RC4)]),
        (Wanted(enctypes=(RC4,), present=False), [key(), key(HTTP)]),
        (Wanted(principals=("smtp/*",), enctypes=(RC4,), present=False), [key(), key(HTTP), key(HTTP, enctype=RC4)]),
        (taking([key(secret="other")], present=False), [key(enctype=RC4), key(HTTP), key(HTTP, enctype=RC4)]),
        (taking([key(MX2)], present=False), [key(), key(enctype=RC4), key(HTTP), key(HTTP, enctype=RC4)]),
    ],
)
def test_selected_entries_go(wanted, left):
    held = [key(), key(enctype=RC4), key(HTTP), key(HTTP, enctype=RC4)]
    assert planned(held, wanted).after == tuple(left)


def test_the_file_goes_with_its_last_entry():
    assert planned_content(planned([key()], Wanted(principals=("*",), present=False))) is None


def test_the_file_goes_when_nothing_is_selected():
    assert planned_content(planned([key(), key(HTTP)], Wanted(present=False))) is None
    assert planned_content(planned(None, Wanted(present=False))) is None


def test_what_the_kdc_is_yet_to_choose_is_said():
    promised = KeyDigest(key().principal)
    with_enctype = KeyDigest(key(MX2).principal, enctype=AES256)
    wanted = Wanted(
        sources=(Source("export", (), b"nonce", (promised, with_enctype)),), enctypes=(AES256,), keep_kvnos=1
    )
    plan = planned([key(HTTP), key(kvno=7)], wanted)
    assert texts(plan)[1] == [
        "HTTP/mail@R kvno 2 aes256-cts-hmac-sha1-96",
        "smtp/mx1@R kvno (chosen by the KDC) enctype (chosen by the KDC)",
        "smtp/mx2@R kvno (chosen by the KDC) aes256-cts-hmac-sha1-96",
    ]
    assert planned_content(plan) != plan.content


def test_two_exports_of_one_check_run_do_not_contradict_each_other():
    wanted = Wanted(sources=tuple(veiled(Source(name, (key(),)), name.encode()) for name in ("one", "two")))
    assert len(planned(None, wanted).after) == 1
