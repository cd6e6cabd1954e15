# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real consumers judge the table of consumers: logins, tickets and acceptors by the settings that it says they need."""

from __future__ import annotations

import pathlib
from typing import Any, Iterator, Union

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_consumers import (
    BY_NAME,
    DES3,
    RC4,
    Consumer,
    common_name,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import enctype_name
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_consumers import (
    EVERY,
    Case,
    Judges,
    Outcome,
    running_judges,
    with_settings,
)
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_parties import Enctypes, parties_here
from ansible_collections.mailrealm.kerberos.tests.integration.realm import configure, running_kdc

PARTIES = parties_here()
LISTS = {
    "sha1": (18, 17),
    "sha2": (20, 19),
    "sha2 then sha1": (20, 19, 18, 17),
    "rc4": (23,),
    "des3": (16,),
    "sha1 then rc4": (18, 17, 23),
}
# The enctypes of ticket and session key wherever a list works.
FINE = {
    "sha1": (18, 18),
    "sha2": (20, 20),
    "sha2 then sha1": (20, 20),
    "rc4": (23, 23),
    "des3": (16, 16),
    "sha1 then rc4": (18, 18),
}
JAVA_NO_SHA2 = "Encryption type Unknown (20) is not supported/enabled"
OTHERWISE = {
    ("java8", "sha2"): Outcome("no supported default etypes for default_tkt_enctypes", JAVA_NO_SHA2),
    # a client gets along with the half that it knows; the KDC seals the ticket with the first key all the same
    ("java8", "sha2 then sha1"): Outcome((20, 18), JAVA_NO_SHA2),
}
# What each says where none of the names in its list is known to it.
NONE_KNOWN = {
    "mit": "No supported encryption types (config file error?)",
    "java": "default_tkt_enctypes",
    "heimdal": "krb5_init_context failed: -1765328234",
}
# What each makes of a ticket whose enctype it has, but not in its list.
NOT_IN_LIST = {
    "mit": "enctype aes256-cts found in keytab but cannot decrypt ticket",
    "java": "AES256 CTS mode with HMAC SHA1-96 encryption type not in permitted_enctypes list",
}
# A ticket-granting ticket whose session key is not in the list is of no use to MIT.
TGS_ALONE = "No credentials found with supported encryption types"
# The relations that, each alone, decide on the session keys that a client asks for.
ASKED_BY = {
    "mit1.18": {"permitted_enctypes", "default_tgs_enctypes"},
    "mit1.21": {"permitted_enctypes", "default_tgs_enctypes"},
    "java8": {"default_tgs_enctypes"},
    "java11": {"default_tgs_enctypes"},
    "java17": {"permitted_enctypes", "default_tgs_enctypes"},
    "heimdal7": {"default_etypes", "default_tgs_etypes"},
}
RELATIONS = (
    "permitted_enctypes",
    "default_tkt_enctypes",
    "default_tgs_enctypes",
    "default_etypes",
    "default_as_etypes",
    "default_tgs_etypes",
)
AES128 = "aes128-cts-hmac-sha1-96"


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judges]:
    with running_judges(tmp_path_factory.mktemp("realm")) as judges:
        yield judges


@pytest.fixture(params=PARTIES)
def party(request: pytest.FixtureRequest) -> str:
    return request.param


def row(party: str) -> Consumer:
    return BY_NAME[PARTIES[party]]


def settings(consumer: Consumer, *names: str, switches: tuple[str, ...] = ()) -> dict[str, Any]:
    """The list in all relations that the consumer needs, and switches."""
    relations = dict.fromkeys(consumer.relations, " ".join(names))
    return {"libdefaults": {**relations, **dict.fromkeys(switches, True)}}


def stated(consumer: Consumer, enctypes: tuple[int, ...]) -> dict[str, Any]:
    """What the table says that the consumer needs for these enctypes."""
    switches = {switch for enctype in enctypes for switch in consumer.needs.get(enctype, ())}
    return settings(consumer, *map(common_name, enctypes), switches=tuple(sorted(switches)))


def assert_is(found: Union[Enctypes, str, None], expected: Union[Enctypes, str, None]) -> None:
    """The same enctypes, or words that hold those expected."""
    assert expected in found if isinstance(expected, str) and isinstance(found, str) else found == expected


def test_the_parties_are_those_that_the_toolbox_should_have(judges: Judges) -> None:
    assert {name: party.consumer.name for name, party in judges.parties.items()} == PARTIES


@pytest.mark.parametrize("wanted", LISTS)
def test_lists(judges: Judges, party: str, wanted: str) -> None:
    outcome = judges.judge(Case(party, stated(row(party), LISTS[wanted]), LISTS[wanted]))
    fine = Outcome(FINE[wanted], FINE[wanted], FINE[wanted] if row(party).product == "mit" else None)
    expected = OTHERWISE.get((row(party).name, wanted), fine)
    assert_is(outcome.initiates, expected.initiates)
    assert_is(outcome.accepts, expected.accepts)
    assert_is(outcome.issues, expected.issues)


@pytest.mark.parametrize("number", [one for one in EVERY if (one,) not in LISTS.values()], ids=enctype_name)
def test_an_enctype_works_where_the_table_says_so(judges: Judges, party: str, number: int) -> None:
    outcome = judges.judge(Case(party, stated(row(party), (number,)), (number,)))
    if number in row(party).usable:
        assert outcome.works, outcome
        assert outcome.initiates == outcome.accepts == (number, number)
    else:
        assert isinstance(outcome.initiates, str) and isinstance(outcome.accepts, str), outcome


@pytest.mark.parametrize("number", [RC4, DES3], ids=enctype_name)
def test_what_becomes_of_an_enctype_without_the_switch_that_it_needs(judges: Judges, party: str, number: int) -> None:
    consumer = row(party)
    outcome = judges.judge(Case(party, settings(consumer, common_name(number)), (number,)))
    if consumer.product == "mit":  # its KDC alone
        assert outcome.initiates == outcome.accepts == (number, number)
        assert "KDC has no support for encryption type" in outcome.issues
    elif consumer.product == "java":
        assert NONE_KNOWN["java"] in outcome.initiates
        assert "is not supported/enabled" in outcome.accepts
    else:
        assert outcome.works
    assert (number in consumer.needs) != outcome.works


@pytest.mark.parametrize("number", [RC4, DES3], ids=enctype_name)
def test_allow_weak_crypto_is_no_switch_to_mit(judges: Judges, party: str, number: int) -> None:
    """The old documents set it."""
    consumer = row(party)
    asked = settings(consumer, common_name(number), switches=("allow_weak_crypto",))
    outcome = judges.judge(Case(party, asked, (number,)))
    assert outcome.works == (consumer.product != "mit")


def test_relations_that_are_read(judges: Judges, party: str) -> None:
    consumer = row(party)
    asked = {
        relation: judges.initiates(Case(party, {"libdefaults": {relation: AES128}}, (18, 17))) for relation in RELATIONS
    }
    decisive = {relation: found for relation, found in asked.items() if found != (18, 18)}
    assert set(decisive) == ASKED_BY[consumer.name]
    for relation, found in decisive.items():
        alone = consumer.product == "mit" and relation == "default_tgs_enctypes"
        assert_is(found, TGS_ALONE if alone else (18, 17))
    governed = set(consumer.relations) & set(decisive)
    assert governed
    assert consumer.pair == (consumer.product != "heimdal" and "permitted_enctypes" not in governed)


def test_tickets_and_the_list(judges: Judges, party: str) -> None:
    """A KDC's own list decides with which of a service's keys; an acceptor's list, whether the ticket is taken."""
    product = row(party).product
    outcome = judges.judge(Case(party, settings(row(party), AES128), (18, 17)))
    assert outcome.initiates == (18, 17)
    assert_is(outcome.accepts, NOT_IN_LIST.get(product, (18, 18)))
    assert outcome.issues == ((17, 17) if product == "mit" else None)
    if product == "mit":
        none = judges.issues(Case(party, settings(row(party), common_name(18)), (17,), offered=(18, 17)))
        assert_is(none, "KDC returned error string: FINDING_SERVER_KEY")


def test_nobody_logs_in_where_the_list_of_the_kdc_lacks_the_keys_of_krbtgt(tmp_path: pathlib.Path) -> None:
    realm = configure(tmp_path, kdc_relations=(f"supported_enctypes = {common_name(18)}:normal",))
    realm.create_database()
    realm.kadmin_local(f"addprinc -pw secret -e {AES128}:normal alice")
    with running_kdc(realm):
        realm.run("kinit", "alice", text="secret\n")
    listed = {"libdefaults": {"permitted_enctypes": AES128}}
    realm.krb5_conf.write_bytes(with_settings(realm.krb5_conf.read_bytes(), listed))
    with running_kdc(realm), pytest.raises(AssertionError, match=r"Generic error \(see e-text\)"):
        realm.run("kinit", "alice", text="secret\n")
    log = (realm.folder / "log/krb5kdc.log").read_text()
    assert "GET_LOCAL_TGT" in log and "No matching key in entry having a permitted enctype" in log


@pytest.mark.parametrize("name", ["aes-256", "18", "des", "DEFAULT -aes -camellia -des3 -rc4"])
def test_a_list_of_which_nothing_is_left(judges: Judges, party: str, name: str) -> None:
    found = judges.initiates(Case(party, settings(row(party), name), (18, 17)))
    assert NONE_KNOWN[row(party).product] in found


@pytest.mark.parametrize("name", ["aes", "DEFAULT", "camellia +aes"])
def test_families_are_for_mit_alone(judges: Judges, party: str, name: str) -> None:
    product = row(party).product
    found = judges.initiates(Case(party, settings(row(party), name), (18, 17)))
    assert_is(found, (18, 18) if product == "mit" else NONE_KNOWN[product])


def test_an_unknown_name_is_left_out_without_a_word(judges: Judges, party: str) -> None:
    assert judges.initiates(Case(party, settings(row(party), "aes-256", AES128), (18, 17))) == (18, 17)


def test_commas(judges: Judges, party: str) -> None:
    product = row(party).product
    found = judges.initiates(Case(party, settings(row(party), f"{AES128},aes256-cts-hmac-sha1-96"), (18, 17)))
    assert_is(found, NONE_KNOWN[product] if product == "heimdal" else (18, 17))


@pytest.mark.parametrize("name", ["arcfour-hmac", "des3-hmac-sha1", "aes256-sha2"])
def test_names_of_mit_that_are_not_for_heimdal(judges: Judges, name: str) -> None:
    found = judges.initiates(Case("heimdal", settings(row("heimdal"), name), EVERY))
    assert NONE_KNOWN["heimdal"] in found
