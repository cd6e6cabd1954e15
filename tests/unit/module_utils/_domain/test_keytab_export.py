# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import EnctypeRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_output import parse_principal_record
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_digest import decode_digests, digest_entry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab_export import (
    ExportRefusal,
    export_digests,
    export_keys,
    parse_exports,
    wanted_principals,
    with_staged,
    without_purged,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import parse_principal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_report import report_principals

MX1, MAIL, NEW, NOKEY = (parse_principal(f"smtp/{name}@R") for name in ("mx1", "mail", "new", "nokey"))
KEYS = {
    MX1: (KeytabEntry(MX1, 5, 300, 18, b"a" * 32), KeytabEntry(MX1, 5, 300, 17, b"b" * 16)),
    MAIL: (KeytabEntry(MAIL, 5, 2, 18, b"c" * 32), KeytabEntry(MAIL, 5, 1, 18, b"d" * 32)),
}
NONCE = b"n" * 32
DIGESTS = {name: tuple(digest_entry(NONCE, entry) for entry in keys) for name, keys in KEYS.items()}


def wishes(*items):
    return parse_exports([{"name": f"k{number}", **item} for number, item in enumerate(items)], "R")


def test_shares_and_their_enctypes():
    one, two = wishes(
        {"principals": ["smtp/mx1", "smtp/mail@R", "smtp/mx1@R"], "enctypes": ["aes256-cts"]},
        {"principals": ["smtp/mail"]},
    )
    assert wanted_principals([one, two]) == (MX1, MAIL)
    result = export_keys(one, KEYS)
    assert result["entries"] == [
        {"principal": str(name), "kvno": kvno, "enctype": "aes256-cts-hmac-sha1-96"}
        for name, kvno in ((MX1, 300), (MAIL, 2), (MAIL, 1))
    ]
    assert parse(base64.b64decode(result["content"]), "x") == (KEYS[MX1][0], *KEYS[MAIL])
    assert [entry["kvno"] for entry in export_keys(two, KEYS)["entries"]] == [2, 1]


def test_digests_hold_no_key_and_match_the_run():
    (wish,) = wishes({"principals": ["smtp/mx1", "smtp/new"], "enctypes": ["aes256-cts", "aes128-cts"]})
    result = export_digests(wish, DIGESTS, NONCE, {})
    nonce, digests = decode_digests(result["content"], "x")
    assert digests[:2] == tuple(digest_entry(nonce, entry) for entry in KEYS[MX1])
    assert [(one.principal, one.kvno, one.enctype, one.digest) for one in digests[2:]] == [
        (NEW, None, 18, None),
        (NEW, None, 17, None),
    ]
    document = base64.b64decode(result["content"].partition(":")[2])
    assert (b"a" * 32).hex().encode() not in document


def test_new_key_is_foreseen_beside_the_old_ones():
    (wish,) = wishes({"principals": ["smtp/mail"], "enctypes": ["aes256-cts"]})
    assert [entry["kvno"] for entry in export_digests(wish, DIGESTS, NONCE, {MAIL: True})["entries"]] == [None, 2, 1]
    assert [entry["kvno"] for entry in export_digests(wish, DIGESTS, NONCE, {MAIL: False})["entries"]] == [None]


def test_purged_kvnos_are_foreseen_to_be_gone():
    (wish,) = wishes({"principals": ["smtp/mail"]})
    left = without_purged(DIGESTS, {MAIL: frozenset([1]), NEW: frozenset([1])})
    assert [entry["kvno"] for entry in export_digests(wish, left, NONCE, {})["entries"]] == [2]
    assert set(left) == set(DIGESTS) and left[MX1] == DIGESTS[MX1]


# MAIL with RC4 at kvno 1 and 2, and staged AES-256 and AES-128 at kvno 3
RC4_KEYS = {**KEYS, MAIL: tuple(KeytabEntry(MAIL, 5, kvno, 23, b"r" * 16) for kvno in (2, 1))}
STAGED = {MAIL: (KeytabEntry(MAIL, 5, 3, 18, b"s" * 32), KeytabEntry(MAIL, 5, 3, 17, b"t" * 16))}


def digested(keys):
    return {name: tuple(digest_entry(NONCE, entry) for entry in entries) for name, entries in keys.items()}


def both(wish, keys, looked_after):
    """Kvno and enctype of each entry; the same in check mode."""
    done = export_keys(wish, keys, looked_after)["entries"]
    assert export_digests(wish, digested(keys), NONCE, {}, looked_after)["entries"] == done
    return [(entry["kvno"], entry["enctype"].partition("-")[0]) for entry in done]


def test_staged_keys_come_before_those_that_the_realm_has():
    keys = with_staged(RC4_KEYS, STAGED)
    assert keys == {MX1: KEYS[MX1], MAIL: (*STAGED[MAIL], *RC4_KEYS[MAIL])}
    assert with_staged({}, STAGED) == {}


def test_older_keys_of_principals_that_are_looked_after_pass_whatever_their_type():
    aes, aes128, every, mx1 = wishes(
        {"principals": ["smtp/mail"], "enctypes": ["aes"]},
        {"principals": ["smtp/mail"], "enctypes": ["aes128-cts"]},
        {"principals": ["smtp/mail"]},
        {"principals": ["smtp/mx1"], "enctypes": ["aes128-cts"]},
    )
    staged, looked_after = with_staged(RC4_KEYS, STAGED), frozenset([MX1, MAIL])
    old = [(2, "arcfour"), (1, "arcfour")]
    assert both(aes, staged, looked_after) == [(3, "aes256"), (3, "aes128"), *old]
    assert both(aes128, staged, looked_after) == [(3, "aes128"), *old]
    assert both(every, staged, looked_after) == [(3, "aes256"), (3, "aes128"), *old]
    # of the newest ones, and of others' keys, the filter holds
    assert both(mx1, staged, looked_after) == [(300, "aes128")]
    assert both(aes, staged, frozenset([MX1])) == [(3, "aes256"), (3, "aes128")]
    after = {MAIL: (*STAGED[MAIL], *RC4_KEYS[MAIL])}
    assert both(aes128, after, looked_after) == [(3, "aes128"), *old]


@pytest.mark.parametrize("keys", [RC4_KEYS, with_staged(KEYS, {MAIL: (KeytabEntry(MAIL, 5, 3, 23, b"r" * 16),)})])
def test_old_keys_alone_are_of_no_use(keys):
    (wish,) = wishes({"principals": ["smtp/mail"], "enctypes": ["aes"]})
    for share in (
        lambda: export_keys(wish, keys, frozenset([MAIL])),
        lambda: export_digests(wish, digested(keys), NONCE, {}, frozenset([MAIL])),
    ):
        with pytest.raises(
            ExportRefusal, match=r"^principal smtp/mail@R: has no key that keytab 'k0' takes \(asked: a"
        ):
            share()


def test_a_principal_without_keys_gets_staged_ones():
    (wish,) = wishes({"principals": ["smtp/nokey"], "enctypes": ["aes256-cts"]})
    keys = with_staged({NOKEY: ()}, {NOKEY: (KeytabEntry(NOKEY, 5, 1, 18, b"n" * 32),)})
    assert both(wish, keys, frozenset([NOKEY])) == [(1, "aes256")]
    with pytest.raises(ExportRefusal, match="there: none"):
        export_keys(wish, {NOKEY: ()}, frozenset([NOKEY]))


def test_a_key_that_an_earlier_task_makes_stands_beside_old_ones_of_any_type():
    (wish,) = wishes({"principals": ["smtp/mail"], "enctypes": ["aes256-cts"]})
    keys = digested(RC4_KEYS)
    told = export_digests(wish, keys, NONCE, {MAIL: True}, frozenset([MAIL]))["entries"]
    assert [(entry["kvno"], entry["enctype"].partition("-")[0]) for entry in told] == [
        (None, "aes256"),
        (2, "arcfour"),
        (1, "arcfour"),
    ]
    assert len(export_digests(wish, keys, NONCE, {MAIL: True}, frozenset([MX1]))["entries"]) == 1


def test_enctype_that_nobody_named_is_left_to_the_kdc():
    (wish,) = wishes({"principals": ["smtp/new"]})
    assert export_digests(wish, DIGESTS, NONCE, {})["entries"] == [
        {"principal": str(NEW), "kvno": None, "enctype": None}
    ]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"principals": ["smtp/new"]}, r"^principal smtp/new@R: does not exist, so keytab 'k0' cannot get its key"),
        (
            {"principals": ["smtp/mail"], "enctypes": ["aes128-cts"]},
            r"\(asked: aes128-cts-hmac-sha1-96; there: aes256-cts-hmac-sha1-96\)",
        ),
        ({"principals": ["smtp/nokey"]}, r"^principal smtp/nokey@R: has no key .*\(asked: any; there: none\)"),
    ],
)
def test_shares_that_cannot_be_made(item, words):
    with pytest.raises(ExportRefusal, match=words):
        export_keys(wishes(item)[0], {**KEYS, NOKEY: ()})


def test_check_mode_refuses_what_the_run_will_refuse():
    for item in ({"principals": ["smtp/nokey"]}, {"principals": ["smtp/mail"], "enctypes": ["aes128-cts"]}):
        (wish,) = wishes(item)
        with pytest.raises(ExportRefusal) as foreseen:
            export_digests(wish, {**DIGESTS, NOKEY: ()}, NONCE, {})
        with pytest.raises(ExportRefusal) as happened:
            export_keys(wish, {**KEYS, NOKEY: ()})
        assert str(foreseen.value) == str(happened.value)


def test_names_are_unique_and_enctypes_known():
    with pytest.raises(ExportRefusal, match=r"^keytabs: 'a': is listed twice"):
        parse_exports([{"name": "a", "principals": []}, {"name": "a", "principals": []}], "R")
    with pytest.raises(EnctypeRefusal, match=r"^keytabs: 'k0': enctypes: 'aes512'"):
        wishes({"principals": [], "enctypes": ["aes512"]})


def test_principals_as_facts():
    line = '"{}@R"\t0\t1795396998\t-1896589697\t36000\t"x@R"\t1\t129\t3\t1\t"[none]"\t604800\t0\t0\t4\t1\t1\t3\t18\t0'
    records = [parse_principal_record(line.format(name)) for name in ("b", "a")]
    told = report_principals((record, [MX1, MAIL]) for record in records)
    assert [one["name"] for one in told] == ["a@R", "b@R"]
    assert told[0]["key_data"] == [{"kvno": 3, "enctype": "aes256-cts-hmac-sha1-96", "salt": "normal"}]
    assert told[0]["aliases"] == ["smtp/mail@R", "smtp/mx1@R"]
    assert told[0]["attributes"] == ["-allow_postdated", "+requires_preauth"]
    assert (told[0]["password_expires"], told[0]["expires"]) == ("2045-12-31 23:59:59 UTC", "never")
    assert (told[0]["policy"], told[0]["failures"], told[0]["max_life"]) == (None, 4, 36000)
    assert (told[0]["old_kvnos"], told[0]["old_tickets_end"]) == ([], None)


def test_end_of_the_old_tickets_as_a_fact():
    line = '"a@R"\t0\t1800000000\t0\t{}\t"x@R"\t1\t0\t3\t1\t"[none]"\t7200\t0\t0\t0\t2\t1\t3\t18\t0\t1\t1\t18\t0'
    told = [report_principals([(parse_principal_record(line.format(life)), [])])[0] for life in (3600, 0)]
    assert [(one["old_kvnos"], one["old_tickets_end"]) for one in told] == [
        ([1], "2027-01-15 11:00:00 UTC"),
        ([1], "never"),
    ]
