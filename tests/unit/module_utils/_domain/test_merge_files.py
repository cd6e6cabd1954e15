# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging at its edges: no file, an empty one, the last entry, what is said and what is refused, word by word."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import MAGIC, parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.merge import (
    KeytabPlan,
    MergeRefusal,
    PromisedEntry,
    Source,
    Wanted,
    count,
    describe,
    plan_keytab,
    planned_content,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.keytab_samples import (
    AES128,
    AES256,
    HTTP,
    MX2,
    RC4,
    key,
    planned,
    taking,
)

NOTHING = {"entries": 0, "added": 0, "removed": 0, "replaced": 0}


@pytest.mark.parametrize("wanted", [Wanted(present=False), Wanted(principals=("*",), present=False)])
def test_no_file_stays_no_file(wanted):
    plan = planned(None, wanted)
    assert (plan.before, plan.after, planned_content(plan)) == (None, None, None)
    assert describe(plan) == ("", "")
    assert count(plan) == NOTHING


@pytest.mark.parametrize("content", [b"", MAGIC])
def test_an_empty_file_has_no_entry_to_lose(content):
    selective = plan_keytab(content, "file", Wanted(principals=("*",), present=False))
    assert planned_content(selective) == content
    assert count(selective) == NOTHING
    # without a selection it is the file that is not to be there
    assert planned_content(plan_keytab(content, "file", Wanted(present=False))) is None


@pytest.mark.parametrize("wanted", [Wanted(present=False), Wanted(principals=("smtp/*",), present=False)])
def test_a_file_that_goes_is_described_by_what_it_held(wanted):
    plan = planned([key(), key(MX2)], wanted)
    assert describe(plan) == (
        "smtp/mx1@R kvno 2 aes256-cts-hmac-sha1-96\nsmtp/mx2@R kvno 2 aes256-cts-hmac-sha1-96\n",
        "",
    )
    assert count(plan) == {"entries": 0, "added": 0, "removed": 2, "replaced": 0}
    assert planned_content(plan) is None


def test_what_stays_is_described_twice_alike():
    plan = planned([key(), key(MX2)], Wanted())
    text = "smtp/mx1@R kvno 2 aes256-cts-hmac-sha1-96\nsmtp/mx2@R kvno 2 aes256-cts-hmac-sha1-96\n"
    assert describe(plan) == (text, text)


def test_an_enctype_that_nobody_knows_is_shown_by_its_number():
    assert describe(planned([key(enctype=-133)], Wanted()))[0] == "smtp/mx1@R kvno 2 enctype -133\n"


def test_what_is_no_keytab_is_refused_by_its_path():
    with pytest.raises(Exception, match=r"^/etc/krb5.keytab: is not a keytab"):
        plan_keytab(b"# comment", "/etc/krb5.keytab", Wanted())


def test_the_first_key_of_a_slot_is_compared_and_every_other_one_too():
    held = [key(secret="a"), key(secret="b")]
    with pytest.raises(MergeRefusal):
        planned(held, taking([key(secret="a")]))
    plan = planned(held, taking([key(secret="b")], on_conflict="source"))
    assert plan.after == (key(secret="b"),)
    assert count(plan) == {"entries": 1, "added": 0, "removed": 1, "replaced": 1}
    assert planned(held, taking([key(secret="b")], on_conflict="file")).after == tuple(held)


def test_with_the_file_winning_the_later_source_still_does():
    plan = planned([key(HTTP)], taking([key(secret="a")], [key(secret="b")], on_conflict="file"))
    assert plan.after == (key(HTTP), key(secret="b"))


def test_exclusive_without_sources_keeps_nothing():
    plan = planned([key(), key(HTTP)], Wanted(exclusive=True))
    assert (plan.after, parse(planned_content(plan), "file")) == ((), ())


def test_enctypes_trim_a_source_s_principals_and_no_others():
    held = [key(enctype=RC4), key(), key(MX2, enctype=RC4), key(HTTP, enctype=RC4)]
    plan = planned(held, taking([key(), key(MX2)], enctypes=(AES256, AES128)))
    assert plan.after == (key(), key(HTTP, enctype=RC4), key(MX2))


@pytest.mark.parametrize(
    ("keep", "kept"),
    [(0, [1, 2, 5, 300]), (1, [300]), (2, [5, 300]), (3, [2, 5, 300]), (4, [1, 2, 5, 300]), (9, [1, 2, 5, 300])],
)
def test_as_many_kvnos_stay_as_were_asked_for(keep, kept):
    held = [key(kvno=kvno) for kvno in (1, 2, 5, 300)]
    assert [one.kvno for one in planned(held, Wanted(keep_kvnos=keep)).after] == kept


def test_every_enctype_of_a_kvno_that_stays_stays():
    held = [key(kvno=kvno, enctype=enctype) for kvno in (1, 2) for enctype in (AES256, AES128)]
    assert planned(held, Wanted(keep_kvnos=1)).after == tuple(held[2:])


def test_kvnos_of_foreign_principals_stay():
    held = [key(HTTP, kvno=1), key(HTTP, kvno=2), key(kvno=1)]
    assert planned(held, taking([key()], keep_kvnos=1)).after == (*held[:2], key())
    assert planned([*held, key()], Wanted(principals=("smtp/*",), keep_kvnos=1)).after == (*held[:2], key())


@pytest.mark.parametrize(("kvnos", "kept"), [((1, 0xFFFF), [0xFFFF]), ((1, 0x10001), [1, 0x10001]), ((0, 1), [1])])
def test_a_read_only_domain_controller_s_id_stands_above_16_bits(kvnos, kept):
    # MS-KILE 3.1.5.8: the most significant 16 bits of the kvno tell the krbtgt keys of such controllers apart
    held = [key(kvno=kvno) for kvno in kvnos]
    assert [one.kvno for one in planned(held, Wanted(keep_kvnos=1)).after] == kept


REMEDY = "correct 'principals' or 'enctypes', or export the keytab again with those keys"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"principals": ("smtp/mx9",)}, f"source 0, source 1: no key of smtp/mx9 is there; {REMEDY}"),
        (
            {"principals": ("imap/a", "imap/b"), "enctypes": (RC4, 25)},
            "source 0, source 1: no key of imap/a, imap/b with enctype arcfour-hmac, camellia128-cts-cmac is there; "
            + REMEDY,
        ),
        ({"principals": ("imap/*", "x*")}, f"source 0, source 1: no key of imap/*, x* is there; {REMEDY}"),
        ({"enctypes": (RC4,)}, f"source 0, source 1: no key with enctype arcfour-hmac is there; {REMEDY}"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(options, sentence):
    with pytest.raises(MergeRefusal) as refused:
        planned(None, taking([key()], [key(MX2)], **options))
    assert str(refused.value) == sentence


def test_a_pattern_may_match_nothing_where_another_does():
    plan = planned(None, taking([key()], principals=("smtp/mx1@R", "smtp/mx1", "imap/*")))
    assert plan.after == (key(),)


def test_a_conflict_is_said_in_one_sentence():
    with pytest.raises(MergeRefusal) as refused:
        planned([key(secret="a")], taking([key(secret="b")]))
    assert str(refused.value) == (
        "source 0: the key of smtp/mx1@R kvno 2 aes256-cts-hmac-sha1-96 is another one than in /etc/krb5.keytab; find "
        "out which one the KDC has, then set 'on_conflict' to 'source' or 'file', or export the outdated one again"
    )


@pytest.mark.parametrize(
    "value",
    [
        Source("label", (key(),)),
        Wanted(),
        KeytabPlan(None, None, None),
        PromisedEntry(key().principal, None, None, b"", b"nonce"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_planned_with_is_a_value(value):
    field = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, None)
    assert len({value, dataclasses.replace(value)}) == 1


def test_what_is_left_out_takes_everything_and_changes_least():
    assert Wanted() == Wanted((), (), (), present=True, exclusive=False, keep_kvnos=0, on_conflict="fail", prune=False)
    assert Source("label") == Source("label", (), b"", ())
