# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file from which mail programs learn an account, read again by an XML parser."""

from __future__ import annotations

from typing import Any, List, Optional
from xml.etree import ElementTree

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.autoconfig import config
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.workstation import (
    Account,
    Server,
    WorkstationRefusal,
)
from hypothesis import given
from hypothesis import strategies as st

BARE = "%EMAILLOCALPART%"
IMAP = Server("imap", "ax1.example.test", 993, "SSL", BARE)
POP = Server("pop3", "ax1.example.test", 995, "SSL", BARE)
SMTP = Server("smtp", "ax1.example.test", 465, "SSL", BARE)
AXIGEN = (Account("axigen", (IMAP, POP, SMTP)),)
# In the order of the format's own description
CHILDREN = ["hostname", "port", "socketType", "username", "authentication"]


def servers(provider: ElementTree.Element, element: str) -> List[List[Optional[str]]]:
    found = []
    for one in provider.findall(element):
        assert [child.tag for child in one] == CHILDREN
        found.append([one.get("type"), *(child.text for child in one)])
    return found


def provider(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text.encode())
    assert (root.tag, root.get("version")) == ("clientConfig", "1.1")
    (found,) = root
    assert found.tag == "emailProvider"
    return found


def test_servers_and_names() -> None:
    found = provider(config(AXIGEN, ["example.test", "other.test"], "Mail & more"))
    assert found.get("id") == "example.test"
    assert [one.text for one in found.findall("domain")] == ["example.test", "other.test"]
    assert [found.findtext(name) for name in ("displayName", "displayShortName")] == ["Mail & more"] * 2
    assert servers(found, "incomingServer") == [
        ["imap", "ax1.example.test", "993", "SSL", BARE, "GSSAPI"],
        ["pop3", "ax1.example.test", "995", "SSL", BARE, "GSSAPI"],
    ]
    assert servers(found, "outgoingServer") == [["smtp", "ax1.example.test", "465", "SSL", BARE, "GSSAPI"]]


def test_passwords_come_after_all_tickets() -> None:
    found = provider(config(AXIGEN, ["example.test"], password=True))
    ways = [(one[0], one[-1]) for one in servers(found, "incomingServer")]
    assert ways == [
        ("imap", "GSSAPI"),
        ("pop3", "GSSAPI"),
        ("imap", "password-cleartext"),
        ("pop3", "password-cleartext"),
    ]


@pytest.mark.parametrize(
    ("accounts", "domains", "says"),
    [
        ((Account("postfix", (SMTP,)),), ["example.test"], "workstation_accounts: has no server of IMAP or POP3, "),
        ((Account("axigen", (IMAP,)),), ["example.test"], "workstation_accounts: has no server of SMTP, "),
        (AXIGEN, [], "workstation_mail_domains: is empty; "),
        (AXIGEN, ["example"], "workstation_mail_domains: 'example' is no domain of an address; "),
    ],
)
def test_what_thunderbird_would_not_take(accounts: Any, domains: List[str], says: str) -> None:
    with pytest.raises(WorkstationRefusal) as caught:
        config(accounts, domains)
    assert str(caught.value).startswith(says)


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), min_size=1, max_size=12)


@given(PRINTABLE, PRINTABLE)
def test_any_text_comes_back(name: str, user: str) -> None:
    accounts = (Account("x", (Server("imap", "a.test", 993, "SSL", user), SMTP)),)
    found = provider(config(accounts, ["example.test"], name))
    assert found.findtext("displayName") == name
    assert servers(found, "incomingServer")[0][4] == user
