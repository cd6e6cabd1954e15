# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real browsers must show at CAS's page, and what their judge reads."""

from __future__ import annotations

import pytest
from lab import browsers, fleet, trusted
from lab.failure import LabError
from lab.judges import browse

SITES = (fleet.CAS, fleet.AD)
KLIST = """Ticket cache: FILE:/tmp/cc
Default principal: alice@EXAMPLE.TEST

Valid starting     Expires            Service principal
11/27/26 15:30:58  11/28/26 01:30:58  krbtgt/EXAMPLE.TEST@EXAMPLE.TEST
\tFlags: FIA
11/27/26 15:30:58  11/28/26 01:30:58  HTTP/cas1.example.test@EXAMPLE.TEST
\trenew until 11/28/26 15:30:58, Flags: FATO
"""
TRACE = """[1] 1.1: Getting credentials alice@A.TEST -> HTTP/cas1.a.test@A.TEST using ccache FILE:/tmp/cc
[1] 1.2: Getting credentials alice@A.TEST -> HTTP/cas1.a.test@A.TEST using ccache FILE:/tmp/cc
[1] 1.3: Starting with TGT for client realm: alice@A.TEST -> krbtgt/A.TEST@A.TEST
"""
FORWARDED = "[1] 1.4: Get cred via TGT krbtgt/A.TEST@A.TEST after requesting krbtgt/A.TEST@A.TEST (canonicalize off)\n"


def told(visit):
    """What the judge says of a visit that goes as it should."""
    signed_on = visit.kind != browsers.OUTSIDE or visit.browser == browsers.CURL
    principal = f"HTTP/{visit.host.fqdn}@REALM"
    return {
        **visit.order,
        "status": 200 if signed_on else 401,
        "title": "CAS",
        "named": "alice" if signed_on else "",
        "tickets": {"krbtgt/REALM@REALM": "FIA", **({principal: "FATO"} if signed_on else {})},
        "asked": [principal] if signed_on else [],
        "forwarded": visit.kind == browsers.DELEGATING,
        "said": "",
    }


def every(site):
    return {visit.key: browsers.recorded(visit, told(visit), "") for visit in browsers.visits(site)}


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_what_goes_as_it_should_leaves_nothing_unproved(site):
    made = every(site)
    assert browsers.unproved(site, list(made.values())) == []
    assert len(made) == 7 * len(site.members("cas"))


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_every_visit_is_missed(site):
    made = every(site)
    for key in made:
        (sentence,) = browsers.unproved(site, [one for other, one in made.items() if other != key])
        assert sentence.endswith(" was not tried")


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_the_name_outside_the_policies_is_of_the_same_host(site):
    pages = {visit.url: visit for visit in browsers.visits(site)}
    assert pages["http://cas1:8080/cas/negotiate"].kind == browsers.OUTSIDE
    assert pages[f"http://cas1.{site.domain}:8080/cas/negotiate"].kind != browsers.OUTSIDE


@pytest.mark.parametrize(
    ("browser", "kind", "change", "word"),
    [
        ("chromium", "listed", {"signed_on": False, "status": 401}, "did not sign on: status 401"),
        ("firefox", "listed", {"named": "bob"}, "signed on as bob and not as alice@EXAMPLE.TEST"),
        ("curl", "listed", {"ticket": ""}, "signed on without a ticket for HTTP/cas1.example.test"),
        ("firefox", "listed", {"asked": []}, "left no trace"),
        ("chromium", "listed", {"may_delegate": False}, "OK-AS-DELEGATE"),
        ("firefox", "listed", {"delegated": True}, "delegated the user's ticket"),
        ("chromium", "outside", {"signed_on": True, "named": "alice"}, "signed on as alice"),
        ("chromium", "outside", {"status": 0, "said": "net::ERR_NAME_NOT_RESOLVED"}, "ERR_NAME_NOT_RESOLVED"),
        ("firefox", "outside", {"asked": ["HTTP/cas1@"]}, "looked for a ticket for HTTP/cas1@"),
        ("curl", "outside", {"signed_on": False, "status": 401}, "did not sign on"),
        ("curl", "delegating", {"delegated": False}, "did not delegate when it was asked to"),
    ],
)
def test_what_goes_otherwise_is_told(browser, kind, change, word):
    made = every(fleet.CAS)
    made["cas1.example.test", browser, kind] |= change
    (sentence,) = browsers.unproved(fleet.CAS, list(made.values()))
    assert word in sentence
    assert sentence.startswith(f"{browser} at http://cas1")


def test_a_page_that_names_the_whole_principal_names_the_user():
    made = every(fleet.CAS)
    made["cas2.example.test", "firefox", "listed"]["named"] = "alice@EXAMPLE.TEST"
    assert browsers.unproved(fleet.CAS, list(made.values())) == []


def test_the_summary_says_who_was_named_and_who_was_held_back():
    lines = browsers.lines(list(every(fleet.AD).values()))
    page = "cas1.ad.example.test:8080/cas/negotiate"
    assert f"firefox at http://{page}: the page names alice, delegates nothing" in lines
    assert "chromium at http://cas1:8080/cas/negotiate: not signed on, no ticket asked for" in lines
    assert len(lines) == 5


def test_klist_has_each_ticket_with_its_flags():
    assert dict(browse.TICKET.findall(KLIST)) == {
        "krbtgt/EXAMPLE.TEST@EXAMPLE.TEST": "FIA",
        "HTTP/cas1.example.test@EXAMPLE.TEST": "FATO",
    }


def test_the_trace_says_what_was_wanted_and_whether_a_ticket_was_forwarded():
    assert set(browse.WANTED.findall(TRACE)) == {"HTTP/cas1.a.test@A.TEST"}
    assert not browse.forwarded(TRACE)
    assert browse.forwarded(TRACE + FORWARDED)


def test_the_account_that_is_trusted_is_found_and_changed():
    name = "CN=an account with a name so long that the line is folded,OU=Mail,DC=ad,DC=example,DC=test"
    folded = f"# record 1\ndn: {name[:60]}\n {name[60:]}\nuserAccountControl: 66048\n\n# returned 1 records\n"
    assert trusted.account(folded, "HTTP/x") == (name, 66048)
    assert trusted.change(name, 66048 | trusted.TRUSTED).splitlines() == [
        f"dn: {name}",
        "changetype: modify",
        "replace: userAccountControl",
        "userAccountControl: 590336",
    ]
    with pytest.raises(LabError, match="no account with the service principal HTTP/x"):
        trusted.account("# returned 0 records\n", "HTTP/x")
