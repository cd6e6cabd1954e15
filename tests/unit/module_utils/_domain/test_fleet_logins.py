# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logins of the fleet, on each product's own ports."""

from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.fleet import member, shares
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.fleet_logins import logins

REALM = "EXAMPLE.TEST"
DOMAIN = "example.test"
MX1 = member("mx1.example.test", DOMAIN, aliases=["mail.example.test"])
MX2 = member("mx2.example.test", DOMAIN, aliases=["mail.example.test"])
CAS = member("cas1", DOMAIN)
AXIGEN = member("axigen1", DOMAIN, services={"axigen": ["smtp", "imap", "pop", "HTTP"]})
MEMBERS = {one.host: one for one in (MX1, MX2, CAS, AXIGEN)}


def test_a_shared_name_is_tried_on_every_host() -> None:
    groups = {"postfix": ["mx1.example.test", "mx2.example.test"], "cas": ["cas1"]}
    tried = [
        (one["protocol"], one["host"], one["service_principal"], one["product"])
        for one in logins(shares(groups, MEMBERS, REALM), MEMBERS, "alice@EXAMPLE.TEST")
    ]
    assert tried == [
        ("smtp", "mx1.example.test", "smtp/mx1.example.test@EXAMPLE.TEST", "postfix"),
        ("smtp", "mx1.example.test", "smtp/mail.example.test@EXAMPLE.TEST", "postfix"),
        ("smtp", "mx2.example.test", "smtp/mx2.example.test@EXAMPLE.TEST", "postfix"),
        ("smtp", "mx2.example.test", "smtp/mail.example.test@EXAMPLE.TEST", "postfix"),
        *[("http", "cas1.example.test", "HTTP/cas1.example.test@EXAMPLE.TEST", "cas")] * 2,
    ]


def test_axigen_is_tried_with_both_kinds_of_tls_and_the_bare_name() -> None:
    found = logins(shares({"axigen": ["axigen1"]}, MEMBERS, REALM), MEMBERS, "alice@EXAMPLE.TEST")
    tried = [(one["protocol"], one["tls"], one.get("port"), one.get("authzid")) for one in found]
    assert tried == [
        ("smtp", "starttls", 25, "alice"),
        ("smtp", "implicit", None, "alice"),
        ("imap", "starttls", None, "alice"),
        ("imap", "implicit", None, "alice"),
        ("pop3", "starttls", None, "alice"),
        ("pop3", "implicit", None, "alice"),
        ("http", "implicit", None, None),
    ]


def test_nobody_is_named_where_it_is_not_known_who_logs_in_or_the_product_takes_no_name() -> None:
    groups = {"axigen": ["axigen1"], "postfix": ["mx1.example.test"]}
    assert not [one for one in logins(shares(groups, MEMBERS, REALM), MEMBERS) if "authzid" in one]
    named = [one["product"] for one in logins(shares(groups, MEMBERS, REALM), MEMBERS, "a@R") if "authzid" in one]
    assert set(named) == {"axigen"}


def test_a_service_that_nobody_knows_how_to_log_in_to() -> None:
    one = member("kdc1", DOMAIN, services={"own": ["host", "imap"]})
    assert [login["protocol"] for login in logins(shares({"own": ["kdc1"]}, {"kdc1": one}, REALM), {"kdc1": one})] == [
        "imap"
    ]
