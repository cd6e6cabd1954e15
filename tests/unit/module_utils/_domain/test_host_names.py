# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a host's names, from evidence made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.host_names import (
    CHECKS,
    DnsView,
    Seen,
    foreseen,
    problems,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.hosts_file import (
    Standing,
    entries_from,
    standings,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.service_names import Lookup, Naming

NAME = "mx1.example.test"
GOOD = Seen(
    host=Lookup(NAME, ("192.0.2.10", "2001:db8::10"), NAME, NAME),
    aliases=(Lookup("mail.example.test", ("192.0.2.10",), "mail.example.test", NAME),),
    reverse={"192.0.2.10": NAME, "2001:db8::10": "MX1.example.test."},
    hosts_path="/etc/hosts",
    hosts=(Standing(1, "127.0.0.1", ("localhost",)), Standing(3, "192.0.2.10", (NAME, "mx1"))),
    naming=Naming(),
)
POINTERS = {"192.0.2.10": (NAME, "other.example.test"), "2001:db8::10": (NAME,)}
DNS = DnsView(addresses={NAME: ("192.0.2.10", "2001:db8::10")}, pointers=POINTERS)
SHORT_FIRST = (Standing(1, "192.0.2.10", ("mx1", NAME)),)
FOREIGN_FIRST = (Standing(1, "192.0.2.10", ("old",)), Standing(2, "192.0.2.10", (NAME,)))
INSTALLER = (*GOOD.hosts, Standing(2, "127.0.1.1", (NAME.upper(), "mx1")))

FOUND = {
    "all is well": (GOOD, []),
    "all is well in DNS too": (replace(GOOD, dns=DNS), []),
    "no address": (replace(GOOD, host=Lookup(NAME, error="Name or service not known")), ["forward: has no address"]),
    "loopback from elsewhere": (
        replace(GOOD, host=Lookup(NAME, ("127.0.0.53",), NAME, NAME)),
        ["forward: resolves to 127.0.0.53"],
    ),
    "loopback from the file": (
        replace(GOOD, host=Lookup(NAME, ("127.0.1.1",), NAME, NAME), hosts=INSTALLER),
        ["hosts_file: stands on 127.0.1.1"],
    ),
    "the file's loopback line is not what resolves": (
        replace(GOOD, hosts=INSTALLER),
        ["hosts_file: stands on 127.0.1.1"],
    ),
    "the short name first": (
        replace(GOOD, hosts=SHORT_FIRST, host=replace(GOOD.host, canonical="mx1")),
        ["hosts_file: 192.0.2.10 is called mx1 before"],
    ),
    "another line first": (replace(GOOD, hosts=FOREIGN_FIRST), ["hosts_file: 192.0.2.10 is called old before"]),
    "a CNAME": (
        replace(GOOD, host=replace(GOOD.host, canonical="a.isp.test", reversed_name="b.isp.test")),
        ["canonical: b.isp.test's principal"],
    ),
    "a dot at the end is no other name": (replace(GOOD, host=replace(GOOD.host, canonical=NAME.upper() + ".")), []),
    "a short name": (
        replace(GOOD, host=Lookup("mx1", (), "mx1"), hosts=()),
        ["forward: mx1 has no", "canonical: mx1 is not"],
    ),
    "no PTR": (
        replace(GOOD, reverse={**GOOD.reverse, "192.0.2.10": None}),
        ["reverse: 192.0.2.10 has no PTR record; with rdns = true in this host's krb5.conf, clients here wait"],
    ),
    "another PTR": (
        replace(GOOD, reverse={**GOOD.reverse, "192.0.2.10": "x.isp.test"}),
        ["reverse: is x.isp.test, not mx1.example.test; with rdns = true in this host's krb5.conf, clients here ask"],
    ),
    "another PTR, rdns off": (
        replace(GOOD, reverse={**GOOD.reverse, "192.0.2.10": "x.isp.test"}, naming=Naming(rdns=False)),
        ["reverse: this host's krb5.conf does not ask for it"],
    ),
    "another PTR, no canonicalization": (
        replace(GOOD, reverse={**GOOD.reverse, "192.0.2.10": "x.isp.test"}, naming=Naming("false")),
        ["reverse: this host's krb5.conf does not ask for it"],
    ),
    "another PTR, fallback": (
        replace(GOOD, reverse={**GOOD.reverse, "192.0.2.10": "x.isp.test"}, naming=Naming("fallback")),
        ["reverse: when the KDC does not know the first name"],
    ),
    "the file hides that DNS has no PTR": (
        replace(GOOD, dns=replace(DNS, pointers={"192.0.2.10": POINTERS["192.0.2.10"]})),
        ["reverse: 2001:db8::10 has no PTR record"],
    ),
    "DNS does not know the name at all": (replace(GOOD, dns=DnsView()), []),
    "DNS is silent": (replace(GOOD, dns=DnsView(error="timed out")), []),
    "an alias without address": (
        replace(GOOD, aliases=(*GOOD.aliases, Lookup("imap.example.test", error="no"))),
        ["aliases: the alias imap.example.test has no address (no)"],
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_case(case: str) -> None:
    seen, expected = FOUND[case]
    found = [(name, problem) for name in CHECKS for problem in problems(seen, [name])]
    assert len(found) == len(expected), found
    for (name, problem), sentence in zip(found, expected):
        check, dummy, words = sentence.partition(": ")
        assert name == check
        assert words in problem.what
        assert problem.where
        assert problem.remedy
    assert problems(seen, list(CHECKS)) == [problem for dummy, problem in found]
    assert problems(seen, []) == []


def test_the_place_is_the_line() -> None:
    (problem,) = problems(replace(GOOD, hosts=INSTALLER), ["hosts_file"])
    assert problem.where == "/etc/hosts line 2"


TEXT = "127.0.0.1 localhost\n127.0.1.1 mx1.example.test mx1\n"
BLANK = replace(
    GOOD,
    host=Lookup(NAME, ("127.0.1.1",), NAME, NAME),
    reverse={"127.0.1.1": NAME},
    hosts=tuple(standings(TEXT)),
)


def test_entries_to_come_are_taken_as_there() -> None:
    entries = entries_from([{"address": "192.0.2.10", "names": [NAME, "mx1", "mail.example.test"]}])
    assert problems(BLANK, ["forward", "hosts_file", "reverse"]) != []
    seen = foreseen(BLANK, TEXT, entries)
    assert problems(seen, list(CHECKS)) == []
    assert seen.host == Lookup(NAME, ("192.0.2.10",), NAME, NAME)
    assert seen.aliases[0].canonical == NAME
    assert seen.reverse["192.0.2.10"] == NAME


def test_entries_that_are_there_hide_nothing() -> None:
    entries = entries_from([{"address": "192.0.2.10", "names": [NAME]}])
    text = f"192.0.2.10 {NAME}\n"
    bad = replace(BLANK, hosts=tuple(standings(text)))
    assert foreseen(bad, text, entries) == bad
    assert [problem.what for problem in problems(bad, ["forward"])] == [
        f"{NAME} resolves to 127.0.1.1, where no other host finds it"
    ]
