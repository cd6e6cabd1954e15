# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tokens CAS's page must refuse, and how they are made."""

from __future__ import annotations

import pytest
from lab import fleet, hostile
from lab.judges import forged_tokens

SITES = (fleet.CAS, fleet.AD)


def every(site):
    """Every case as it should be answered."""
    return [
        hostile.recorded(host, {"case": case, "status": status, "named": named, "said": ""})
        for host in site.members("cas")
        for cases, status, named in ((hostile.TAKEN, 200, "alice"), (hostile.REFUSED, 401, ""))
        for case in cases
    ]


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_what_is_answered_as_it_should_be_leaves_nothing_unproved(site):
    made = every(site)
    assert hostile.unproved(site, made) == []
    for position, one in enumerate(made):
        (sentence,) = hostile.unproved(site, made[:position] + made[position + 1 :])
        assert sentence == f"{one['host']} was not tried with the token {one['case']!r}"


@pytest.mark.parametrize(
    ("case", "change", "sentence"),
    [
        ("expired", {"status": 200, "named": "alice"}, "did not refuse the token 'expired': status 200, named alice"),
        ("NTLM", {"status": 500}, "did not refuse the token 'NTLM': status 500, named nobody"),
        ("replayed", {"status": 401, "named": "alice"}, "did not refuse the token 'replayed': status 401, named alice"),
        ("garbage", {"status": 0, "said": "timed out"}, "did not refuse the token 'garbage': status 0, timed out"),
        ("sound", {"status": 401, "named": ""}, "did not take the token 'sound': status 401, named nobody"),
    ],
)
def test_what_is_answered_otherwise_is_told(case, change, sentence):
    (host,) = fleet.AD.members("cas")
    made = [hostile.recorded(host, {**one, **change}) if one["case"] == case else one for one in every(fleet.AD)]
    assert hostile.unproved(fleet.AD, made) == [f"{host.fqdn} {sentence}"]


def test_a_ticket_for_another_service_is_for_one_that_has_a_key():
    first, second = fleet.CAS.members("cas")
    assert hostile.other_service(fleet.CAS, first) == "HTTP@cas2.example.test"
    assert hostile.other_service(fleet.CAS, second) == "HTTP@cas1.example.test"
    assert hostile.other_service(fleet.AD, *fleet.AD.members("cas")) == "ldap@dc1.ad.example.test"


def test_each_forged_ticket_is_one_of_the_cases():
    assert set(forged_tokens.TICKETS) <= {*hostile.TAKEN, *hostile.REFUSED}
    assert forged_tokens.TICKETS["expired"].ends < -600  # further than any clocks may differ


def test_the_summary_names_what_was_refused():
    (line,) = hostile.lines(every(fleet.AD))
    assert line.startswith("cas1.ad.example.test refuses tokens: replayed, ")
    assert "sound" not in line


def test_a_principal_of_another_realm_has_the_same_name():
    assert forged_tokens.of_realm("HTTP/cas1@A.TEST", "B.TEST") == "HTTP/cas1@B.TEST"
    assert forged_tokens.of_realm("HTTP/cas1@A.TEST", "") == "HTTP/cas1@A.TEST"


@pytest.mark.parametrize(("size", "head"), [(1, "0401"), (127, "047f"), (128, "048180"), (256, "04820100")])
def test_lengths_are_those_of_der(size, head):
    assert forged_tokens.der(0x04, b"x" * size) == bytes.fromhex(head) + b"x" * size
