# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that the KDC has purged go from the file; what else is older, or not known, stays."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_digest import KeyDigest, digest_entry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.merge import (
    Source,
    Wanted,
    count,
    describe,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.keytab_samples import (
    AES128,
    HTTP,
    MX2,
    RC4,
    key,
    planned,
    taking,
)

NONCE = b"n" * 32
RODC = 5 << 16


def numbers(plan):
    return [(entry.principal.name.partition("/")[2], entry.kvno) for entry in plan.after]


def test_without_the_option_all_stay():
    assert len(planned([key(kvno=1)], taking([key(kvno=2)])).after) == 2


def test_entries_below_the_lowest_of_the_sources_go():
    held = [key(kvno=1), key(kvno=2, enctype=RC4), key(kvno=3), key(kvno=4), key(HTTP, kvno=1), key(MX2, kvno=1)]
    plan = planned(held, taking([key(kvno=4), key(kvno=3), key(MX2, kvno=9)], prune=True))
    assert numbers(plan) == [("mx1", 3), ("mx1", 4), ("mail", 1), ("mx2", 9)]
    assert count(plan) == {"entries": 4, "added": 1, "removed": 3, "replaced": 0}
    before, after = (text.splitlines() for text in describe(plan))
    assert set(before) - set(after) == {
        "smtp/mx1@R kvno 1 aes256-cts-hmac-sha1-96",
        "smtp/mx1@R kvno 2 arcfour-hmac",
        "smtp/mx2@R kvno 1 aes256-cts-hmac-sha1-96",
    }


def test_the_lowest_of_all_sources_counts_whichever_comes_first():
    sources = [[key(kvno=2)], [key(kvno=3)]]
    for turn in (1, -1):
        assert len(planned([key(kvno=1), key(kvno=2)], taking(*sources[::turn], prune=True)).after) == 2


def test_keys_of_types_that_are_not_taken_count_too():
    """The KDC still has kvno 2, if with RC4 alone; a ticket for it may be about."""
    source = [key(kvno=3), key(kvno=2, enctype=RC4)]
    plan = planned([key(kvno=1), key(kvno=2)], taking(source, enctypes=(AES128, 18), prune=True))
    assert numbers(plan) == [("mx1", 2), ("mx1", 3)]


def test_principals_that_are_not_taken_keep_their_entries():
    held = [key(kvno=1), key(MX2, kvno=1)]
    plan = planned(held, taking([key(kvno=2), key(MX2, kvno=2)], principals=("smtp/mx1",), prune=True))
    assert numbers(plan) == [("mx2", 1), ("mx1", 2)]


@pytest.mark.parametrize(
    ("held", "source", "left"),
    [
        ((1, RODC + 1), (2,), [RODC + 1, 2]),
        ((1, RODC + 1, RODC + 2), (RODC + 2,), [1, RODC + 2]),
        ((65535, RODC + 1), (RODC + 2,), [65535, RODC + 2]),
    ],
)
def test_kvnos_of_a_read_only_domain_controller_count_apart(held, source, left):
    plan = planned([key(kvno=kvno) for kvno in held], taking([key(kvno=kvno) for kvno in source], prune=True))
    assert [entry.kvno for entry in plan.after] == left


def export(*entries):
    digests = tuple(entry if isinstance(entry, KeyDigest) else digest_entry(NONCE, entry) for entry in entries)
    return Source("export", nonce=NONCE, digests=digests)


def test_digests_prune_as_their_keys_do():
    held = [key(kvno=1), key(kvno=2), key(kvno=3)]
    for source in ((key(kvno=3),), (key(kvno=4), key(kvno=3))):
        blind = planned(held, Wanted((export(*source),), prune=True))
        seen = planned(held, taking(source, prune=True))
        assert describe(blind) == describe(seen)
        assert count(blind)["removed"] == 2


def test_a_kvno_that_the_kdc_chooses_says_nothing_of_old_keys():
    made = KeyDigest(key().principal, None, 18)
    assert numbers(planned([key(kvno=1)], Wanted((export(made),), prune=True))) == [("mx1", 1), ("mx1", None)]
    beside = planned([key(kvno=1), key(kvno=2)], Wanted((export(made, key(kvno=2)),), prune=True))
    assert numbers(beside) == [("mx1", 2), ("mx1", None)]


def test_a_file_that_holds_nothing_older_is_left_alone():
    held = [key(kvno=2), key(kvno=3), key(HTTP, kvno=1)]
    plan = planned(held, taking([key(kvno=2)], prune=True))
    assert plan.after == plan.before
