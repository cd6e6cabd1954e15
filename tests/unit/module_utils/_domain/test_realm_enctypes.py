# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_output import (
    Key,
    parse_principal_record,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keysalt import KeySalt
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.old_keys import MARGIN
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import read_text
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.realm_enctypes import (
    NO_KEY,
    OLD_KEYS,
    OTHER_KEYS,
    contradictions,
    keytab_contradictions,
    locked_out_sentence,
    needed,
    realm_enctypes,
)
from hypothesis import given
from hypothesis import strategies as st

CHANGED, LIFE = 1_700_000_000, 36000
END = CHANGED + LIFE + MARGIN
PLAIN = parse_principal_record(f'"x@R"\t0\t{CHANGED}\t0\t{LIFE}\t"x@R"\t{CHANGED}\t0\t1\t1\t"[none]"\t0\t0\t0\t0\t0')
DISABLED = 0x40
AES = (18, 17)


def record(name="smtp/mx1", keys=((1, 18),), **fields):
    made = tuple(Key(kvno, KeySalt(enctype)) for kvno, enctype in keys)
    return dataclasses.replace(PLAIN, name=read_text(name, "R"), keys=made, **fields)


def told(found, now=CHANGED, policy=AES):
    return [(one.kvno, one.enctypes, one.kind) for one in contradictions(realm_enctypes(found, now), policy)]


@pytest.mark.parametrize(
    ("found", "now", "numbers"),
    [
        ([], END, set()),
        ([record()], 2**32, {18}),
        ([record(keys=((2, 18), (2, 17), (1, 23)))], END, {18, 17, 23}),
        ([record(keys=((2, 18), (2, 17), (1, 23)))], END + 1, {18, 17}),
        ([record(keys=((2, 18), (1, 23)), max_life=0)], 2**32, {18, 23}),
        ([record(keys=((2, 18), (1, 23)), max_renewable_life=LIFE + 1)], END + 1, {18, 23}),
        ([record("krbtgt/OTHER", keys=((2, 18), (1, 23)))], 2**32, {18, 23}),
        ([record("K/M", keys=((1, 16),)), record("kadmin/history", keys=((1, 16),))], END, set()),
        ([record(keys=())], END, set()),
        # none is made any more, but those that are out are valid for a while
        ([record(keys=((2, 23), (1, 16)), attributes=DISABLED, password_changed=CHANGED - 99 * LIFE)], END, {23}),
        ([record(keys=((2, 23), (1, 16)), attributes=DISABLED)], END + 1, set()),
        ([record(keys=((1, 23),), attributes=DISABLED, max_life=0)], 2**32, {23}),
        ([record(keys=((1, 23),), attributes=DISABLED, modified=CHANGED + 1)], END + 1, {23}),
        ([record(keys=((1, 23),), expires=CHANGED + 1)], END + 1, {23}),
        ([record(keys=((1, 23),), expires=CHANGED + 1)], END + 2, set()),
        # it still logs in
        ([record(keys=((1, 23),), attributes=0x1000)], 2**32, {23}),
        ([record(), record("alice", keys=((1, 23),))], END, {18, 23}),
    ],
)
def test_in_use(found, now, numbers):
    assert realm_enctypes(found, now).in_use == numbers


@pytest.mark.parametrize(
    ("found", "kinds"),
    [
        (record(), []),
        (record(keys=((1, 23),)), [(1, (23,), NO_KEY)]),
        (record(keys=((1, 23), (1, 16), (1, 18))), [(1, (16, 23), OTHER_KEYS)]),
        (record(keys=((3, 18), (2, 23), (2, 18), (1, 17))), [(2, (23,), OLD_KEYS)]),
        (record(keys=((3, 20), (2, 18), (1, 3))), [(3, (20,), NO_KEY), (1, (3,), OLD_KEYS)]),
        (record("K/M", keys=((1, 16),)), [(1, (16,), OTHER_KEYS)]),
        (record("K/M", keys=((2, 18), (1, 16))), [(1, (16,), OLD_KEYS)]),
        (record("kadmin/history", keys=((1, 16),)), []),
        (record(keys=((1, 23),), attributes=DISABLED, modified=0), []),
    ],
)
def test_kinds(found, kinds):
    assert told([found]) == kinds


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("smtp/mx1", "so that nobody gets a ticket for it; make new keys (kerberos_rekey: when_enctypes_differ) and "),
        ("any/mx1.example.test", "so that nobody gets a ticket for it; make new keys (kerberos_rekey"),
        ("alice", "so that it cannot log in; let the user change the password, which makes new keys, or who knows it "),
        ("alice/admin", "so that it cannot log in; let the user change the password"),
        (
            "krbtgt/R",
            "so that the KDC makes no ticket with them; make new keys (mailrealm.kerberos.principal with rekey",
        ),
        ("kadmin/admin", "so that the KDC makes no ticket with them; make new keys"),
        ("krbtgt/OTHER", "so that nobody gets a ticket by way of the trust; set a new password of the trust in both "),
    ],
)
def test_remedies(name, sentence):
    (one,) = contradictions(realm_enctypes([record(name, keys=((1, 23),))], CHANGED), AES)
    assert one.principal == read_text(name, "R")
    assert one.sentence.startswith(
        f"principal {name}@R: its keys of kvno 1 and type arcfour-hmac are outside of the policy and it has no others, "
        + sentence
    )


def test_other_sentences():
    keys = ((2, 18), (2, 23), (1, 16))
    new, old = contradictions(realm_enctypes([record(keys=keys)], END), AES)
    assert new.sentence == (
        "principal smtp/mx1@R: its keys of kvno 2 and type arcfour-hmac are outside of the policy, beside others that "
        "are not; make new keys (kerberos_rekey: when_enctypes_differ) and bring them to its keytabs"
    )
    assert old.sentence == (
        "principal smtp/mx1@R: its keys of kvno 1 and type des3-cbc-sha1 are outside of the policy; tickets may need "
        "them until 2023-11-15 09:13:20 UTC, and then they can go (old_keys: purge_when_expired of "
        "mailrealm.kerberos.principal)"
    )
    (dummy, gone) = contradictions(realm_enctypes([record(keys=keys)], END + 1), AES)
    assert "; no ticket needs them any more, so let them go (old_keys" in gone.sentence
    (dummy, endless) = contradictions(realm_enctypes([record(keys=keys, max_life=0)], END), AES)
    assert "; nothing says when their tickets end, so give tickets_end_after with old_keys" in endless.sentence
    (dummy, master) = contradictions(realm_enctypes([record("K/M", keys=keys)], END), AES)
    assert "; drop them with kdb5_util purge_mkeys" in master.sentence
    (one,) = contradictions(realm_enctypes([record("K/M", keys=((1, 16),))], END), AES)
    assert one.sentence == (
        "principal K/M@R: its keys of kvno 1 and type des3-cbc-sha1 are outside of the policy, which keeps nobody from "
        "logging in; make another master key (kdb5_util add_mkey, use_mkey and update_princ_encryption)"
    )


@pytest.mark.parametrize(
    "service", ["host", "HTTP", "http", "imap", "ldap", "nfs", "cifs", "pop", "sieve", "smtp", "xmpp", "kiprop"]
)
def test_services_on_hosts_without_a_dot(service):
    (one,) = contradictions(realm_enctypes([record(f"{service}/mx1", keys=((1, 23),))], CHANGED), AES)
    assert "nobody gets a ticket for it" in one.sentence


def test_values_that_callers_know():
    assert (NO_KEY, OTHER_KEYS, OLD_KEYS) == ("no_key", "other_keys", "old_keys")
    realm = realm_enctypes([record(keys=()), record("kadmin/history"), record("K/M"), record("alice")], CHANGED)
    assert [str(one.name) for one in realm.active] == ["K/M@R", "alice@R"] and realm.now == CHANGED
    (one,) = contradictions(realm_enctypes([record(keys=((1, 23),))], CHANGED), AES)
    for value in (realm, one):
        with pytest.raises(dataclasses.FrozenInstanceError):
            value.kvno = value.now = 1


def test_principals_are_sorted():
    found = [record(name, keys=((1, 23),)) for name in ("b", "a")]
    assert [str(one.principal) for one in contradictions(realm_enctypes(found, 0), AES)] == ["a@R", "b@R"]


def entry(name, kvno, enctype):
    return KeytabEntry(read_text(name, "R"), 0, kvno, enctype, b"k")


def test_keytab():
    entries = [entry("b", 1, 18), entry("a", 300, 23), entry("a", 1, 18), entry("b", 2, 18), entry("b", 2, 23)]
    entries += [entry("b", 1, 23), entry("b", 1, 99), entry("c", 1, 17), entry("b", 2, 23)]
    found = keytab_contradictions(entries, AES, "/etc/krb5.keytab")
    assert [(str(one.principal), one.kvno, one.enctypes, one.kind) for one in found] == [
        ("a@R", 300, (23,), NO_KEY),
        ("b@R", 2, (23,), OTHER_KEYS),
        ("b@R", 1, (23, 99), OLD_KEYS),
    ]
    begins = "/etc/krb5.keytab: principal {}: its keys of kvno {} and type {} are outside of the policy"
    assert found[0].sentence == (
        begins.format("a@R", 300, "arcfour-hmac") + " and there are no others, so that its service takes no ticket; "
        "make new keys (kerberos_rekey: when_enctypes_differ) and bring them here"
    )
    assert found[1].sentence.startswith(begins.format("b@R", 2, "arcfour-hmac") + ", beside others that are not; name")
    assert found[2].sentence.startswith(
        begins.format("b@R", 1, "arcfour-hmac, enctype 99") + "; once no ticket needs them let them go (keep_kvnos: 1"
    )
    (one,) = keytab_contradictions([entry("x", 1, 23)], AES)
    assert one.sentence.startswith("keytab: principal x@R: ")
    assert keytab_contradictions(entries, (17, 18, 23, 99)) == () and keytab_contradictions([], ()) == ()


@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from((3, 16, 17, 18, 23, 99))), max_size=8),
    st.frozensets(st.sampled_from((3, 16, 17, 18, 23, 99))),
)
def test_nothing_contradicts_what_allows_all_that_is_held(keys, policy):
    """And of anything else each type is told once for each kvno that holds it."""
    realm = realm_enctypes([record(keys=keys)], CHANGED)
    assert realm.in_use == {enctype for dummy, enctype in keys}
    assert contradictions(realm, realm.in_use) == ()
    outside = {(kvno, enctype) for kvno, enctype in keys if enctype not in policy}
    found = contradictions(realm, policy)
    assert sorted((one.kvno, number) for one in found for number in one.enctypes) == sorted(outside)
    entries = [entry("smtp/mx1", kvno, enctype) for kvno, enctype in keys]
    assert [(one.kvno, one.enctypes, one.kind) for one in keytab_contradictions(entries, policy)] == [
        (one.kvno, one.enctypes, one.kind) for one in found
    ]


@pytest.mark.parametrize(
    ("found", "now", "numbers"),
    [
        ([record("smtp/a.b", keys=((1, 18), (1, 23)))], CHANGED, (23,)),
        ([record("smtp/a.b", keys=((1, 23), (2, 18)))], END, (23,)),
        ([record("smtp/a.b", keys=((1, 23), (2, 18)))], END + 1, ()),
        ([record("alice", keys=((1, 18), (1, 23)))], CHANGED, ()),
        ([record("alice", keys=((1, 23), (2, 18)))], CHANGED, ()),
        ([record("alice", keys=((1, 23), (1, 16)))], CHANGED, (16, 23)),
        ([record("K/M", keys=((1, 16),))], CHANGED, ()),
        ([], CHANGED, ()),
    ],
)
def test_types_are_needed_by_tickets_to_services_and_by_users_who_have_nothing_else(found, now, numbers):
    assert needed(realm_enctypes(found, now), AES) == numbers


def test_a_bound_says_when_tickets_end():
    found = [record("smtp/a.b", keys=((1, 23), (2, 18)))]
    assert needed(realm_enctypes(found, CHANGED + 30, 30), AES) == (23,)
    assert needed(realm_enctypes(found, CHANGED + 31, 30), AES) == ()


def test_those_without_a_key_are_told_in_one_sentence():
    def told(*names):
        realm = realm_enctypes([record(name, keys=((1, 23),)) for name in names], CHANGED)
        return locked_out_sentence(contradictions(realm, AES))

    assert told() == ""
    assert told("a", "b").startswith("no key of the policy: a@R, b@R could not")
    assert "a9@R and 2 more could" in told(*(f"a{number}" for number in range(10)), "b1", "b2")
