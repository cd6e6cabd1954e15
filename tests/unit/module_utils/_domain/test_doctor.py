# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How causes are told from what they account for."""

from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import (
    BROKEN,
    DEGRADED,
    KEYTAB,
    LOG,
    LOGIN,
    TIME,
    UNTESTED,
    Check,
    Trouble,
    diagnose,
    section,
)


def check(name, layer, hosts, grade=BROKEN, explains=(), **more):
    """A check that finds one trouble on each of the hosts."""

    def look(host, dummy):
        if host in hosts:
            yield Trouble(name, "cause", "evidence", "remedy", grade, **more)

    return Check(name, layer, "symptom", look, explains)


def told(*checks, hosts=("kdc1", "mx1", "mx2")):
    return [(one.host, one.check.id, one.because) for one in diagnose({host: {} for host in hosts}, checks)]


def test_a_section_that_was_not_gathered_is_empty():
    assert section({"clock": {"untested": "no"}}, "clock") == {}
    assert section({}, "clock") == {}
    assert section({"clock": {"offset": 1}}, "clock") == {"offset": 1}


def test_nothing_is_found_on_a_sound_fleet():
    assert told(check("a.b", TIME, ())) == []


def test_broken_comes_before_degraded_and_layers_are_in_order():
    found = told(
        check("c.degraded", TIME, ("mx1",), DEGRADED),
        check("z.key", KEYTAB, ("mx1",)),
        check("b.clock", TIME, ("mx1",)),
        check("a.unknown", TIME, ("mx1",), UNTESTED),
    )
    assert [name for dummy, name, dummy in found] == ["b.clock", "z.key", "c.degraded", "a.unknown"]


def test_a_cause_accounts_for_what_its_check_explains_on_the_same_host():
    cause = check("clock.skew", TIME, ("mx1",), explains=("keytab.*",))
    found = told(cause, check("keytab.old", KEYTAB, ("mx1", "mx2")))
    assert found == [("mx1", "clock.skew", ()), ("mx2", "keytab.old", ()), ("mx1", "keytab.old", ("clock.skew",))]


def test_a_cause_accounts_for_hosts_that_it_names():
    cause = check("kdc.down", TIME, ("kdc1",), explains=("keytab.old",), accounts_for=("mx2",))
    found = told(cause, check("keytab.old", KEYTAB, ("mx1", "mx2")))
    assert found[-1] == ("mx2", "keytab.old", ("kdc.down",))
    assert ("mx1", "keytab.old", ()) in found


def test_of_two_that_explain_each_other_the_lower_one_is_the_cause():
    key = check("keytab.old", KEYTAB, ("mx1",), explains=("clock.skew",))
    clock = check("clock.skew", TIME, ("mx1",), explains=("keytab.old",))
    assert told(key, clock) == [("mx1", "clock.skew", ()), ("mx1", "keytab.old", ("clock.skew",))]


def test_what_could_not_be_tested_accounts_for_nothing():
    cause = check("clock.skew", TIME, ("mx1",), UNTESTED, explains=("keytab.*",))
    assert ("mx1", "keytab.old", ()) in told(cause, check("keytab.old", KEYTAB, ("mx1",)))


def test_a_login_only_shows_what_is_wrong_below():
    found = told(check("keytab.old", KEYTAB, ("mx1",)), check("login.key", LOGIN, ("mx1", "mx2")))
    assert found == [("mx1", "keytab.old", ()), ("mx2", "login.key", ()), ("mx1", "login.key", ("keytab.old",))]


def test_a_login_rests_on_other_hosts_too():
    login = check("login.key", LOGIN, ("mx1",), rests_on=("kdc1",))
    assert ("mx1", "login.key", ("kdc.down",)) in told(check("kdc.down", TIME, ("kdc1",)), login)
    assert ("mx1", "login.key", ()) in told(check("kdc.slow", TIME, ("kdc1",), DEGRADED), login)


def test_a_login_does_not_account_for_a_line_of_a_log():
    found = told(check("login.key", LOGIN, ("mx1",)), check("log.key", LOG, ("mx1",)))
    assert [because for dummy, dummy, because in found] == [(), ()]


def test_a_check_that_stumbles_costs_no_other_its_say():
    stumbling = Check("a.b", TIME, "symptom", lambda host, fleet: [fleet[host]["no such section"]])
    found = diagnose({"mx1": {}}, [stumbling, check("c.d", TIME, ("mx1",))])
    assert [(one.check.id, one.trouble.grade) for one in found] == [("c.d", BROKEN), ("a.b", UNTESTED)]
    assert found[1].trouble.evidence == "KeyError: 'no such section'"


def test_a_result_has_all_its_words():
    (one,) = diagnose({"mx1": {}}, [check("a.b", TIME, ("mx1",))])
    assert one.as_result() == {
        "host": "mx1",
        "check": "a.b",
        "grade": "broken",
        "subject": "a.b",
        "symptom": "symptom",
        "cause": "cause",
        "evidence": "evidence",
        "remedy": "remedy",
        "because": [],
    }
