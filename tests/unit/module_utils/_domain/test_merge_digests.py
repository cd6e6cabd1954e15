# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging in check mode: what is foreseen from digests of keys, and what is left to the run."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_digest import KeyDigest, digest_entry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.merge import (
    MergeRefusal,
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
    MX1,
    MX2,
    key,
    planned,
)

NONCE = b"n" * 32


def export(label, *entries, nonce=NONCE):
    """What keytab_export hands over in check mode: of keys their digests."""
    digests = tuple(entry if isinstance(entry, KeyDigest) else digest_entry(nonce, entry) for entry in entries)
    return Source(label, nonce=nonce, digests=digests)


def test_a_digest_of_the_file_s_own_key_changes_nothing():
    plan = planned([key(), key(MX2)], Wanted((export("export", key()),)))
    assert plan.after == plan.before
    assert count(plan) == {"entries": 2, "added": 0, "removed": 0, "replaced": 0}


def test_a_digest_of_another_source_s_key_is_that_key():
    plan = planned(None, Wanted((export("export", key()), Source("file", (key(),)))))
    assert plan.after == (key(),)


def test_a_digest_of_another_key_is_a_conflict():
    with pytest.raises(MergeRefusal, match=r"^export: the key of smtp/mx1@R kvno 2 aes256-cts.* another one than in /"):
        planned([key(secret="a")], Wanted((export("export", key(secret="b")),)))


def test_a_digest_under_the_same_nonce_but_of_another_slot_is_another_entry():
    plan = planned([key(kvno=1)], Wanted((export("export", key(kvno=2)),)))
    assert count(plan) == {"entries": 2, "added": 1, "removed": 0, "replaced": 0}


@pytest.mark.parametrize("turn", [1, -1])
def test_a_key_and_a_digest_of_another_one_contradict_each_other(turn):
    sources = (Source("file", (key(secret="a"),)), export("export", key(secret="b")))[::turn]
    with pytest.raises(MergeRefusal, match=rf"^{sources[1].label}: .* another one than in {sources[0].label}; "):
        planned(None, Wanted(sources))


def test_two_digests_of_one_export_contradict_each_other():
    sources = (export("one", key(secret="a")), export("two", key(secret="b")))
    with pytest.raises(MergeRefusal, match=r"^two: .* another one than in one; "):
        planned(None, Wanted(sources))


def test_digests_of_two_exports_cannot_be_compared():
    sources = (export("one", key(secret="a")), export("two", key(secret="b"), nonce=b"m" * 32))
    assert len(planned(None, Wanted(sources)).after) == 1


def test_keys_that_the_run_makes_are_no_keys_of_the_file():
    made = [KeyDigest(key().principal, None, enctype) for enctype in (AES256, AES128)]
    plan = planned([key()], Wanted((export("export", *made),)))
    assert count(plan) == {"entries": 3, "added": 2, "removed": 0, "replaced": 0}


def test_a_key_that_the_run_makes_is_the_newest():
    made = KeyDigest(key().principal, None, AES256)
    plan = planned([key(kvno=7), key(kvno=8), key(MX2, kvno=1)], Wanted((export("export", made),), keep_kvnos=2))
    assert [(one.principal.name, one.kvno) for one in plan.after] == [
        ("smtp/mx1", 8),
        ("smtp/mx2", 1),
        ("smtp/mx1", None),
    ]


def test_an_enctype_that_the_run_chooses_may_be_a_wanted_one():
    plan = planned(None, Wanted((export("export", KeyDigest(key().principal)),), enctypes=(AES256,)))
    assert describe(plan) == ("", "smtp/mx1@R kvno (chosen by the KDC) enctype (chosen by the KDC)\n")


def test_what_the_run_decides_is_never_the_file_s_content():
    for held in (None, [], [key()]):
        plan = planned(held, Wanted((export("export", KeyDigest(key().principal)),)))
        assert planned_content(plan) not in (None, plan.content)


def test_an_export_of_nothing_is_refused():
    with pytest.raises(MergeRefusal, match=r"^export: no key is there; "):
        planned(None, Wanted((export("export"),)))


def test_digests_are_taken_out_as_their_keys_would_be():
    wanted = Wanted((export("export", key(), key(MX2, secret="other")),), present=False)
    plan = planned([key(), key(MX2), key(MX1, kvno=3)], wanted)
    assert plan.after == (key(MX1, kvno=3),)


def test_neither_digest_nor_nonce_is_shown():
    digest = digest_entry(NONCE, key()).digest
    plan = planned(None, Wanted((export("export", key()),)))
    for text in (repr(plan), "".join(describe(plan))):
        assert digest not in text
        assert "n" * 32 not in text
    # one line a key all the same
    assert describe(plan) == ("", "smtp/mx1@R kvno 2 aes256-cts-hmac-sha1-96\n")


def test_a_plan_from_digests_is_that_of_their_keys():
    held, source = [key(kvno=1), key()], (key(), key(MX2))
    blind = planned(held, Wanted((export("export", *source),), keep_kvnos=1))
    seen = plan_keytab(blind.content, "file", Wanted((Source("export", source),), keep_kvnos=1))
    assert describe(blind) == describe(seen)
    assert count(blind) == count(seen) == {"entries": 2, "added": 1, "removed": 1, "replaced": 0}


def test_a_key_that_a_remote_kdc_does_not_send_is_taken_for_the_one_of_its_slot():
    """Check mode knows its kvno and enctype alone; another key there is found by the run."""
    unseen = KeyDigest(key().principal, key().kvno, key().enctype)
    plan = planned([key(secret="a"), key(MX2)], Wanted((export("export", unseen),)))
    assert plan.after == plan.before
    newer = planned([key(kvno=1)], Wanted((export("export", unseen),)))
    assert count(newer) == {"entries": 2, "added": 1, "removed": 0, "replaced": 0}
