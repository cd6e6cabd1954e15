# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SRV records as a fragment of a zone file."""

from __future__ import annotations

import re
from typing import Any, Dict, List

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.workstation import (
    Account,
    Server,
    WorkstationRefusal,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zone_fragment import MAIL, fragment
from hypothesis import given
from hypothesis import strategies as st

MAIL_SERVERS = (
    Account(
        "axigen",
        (
            Server("imap", "mail.example.test", 993, "SSL", "x"),
            Server("imap", "ax1.example.test", 993, "SSL", "x"),
            Server("smtp", "mail.example.test", 465, "SSL", "x"),
        ),
    ),
    Account("postfix", (Server("smtp", "mx1.example.test", 587, "STARTTLS", "x"),)),
)
WHOLE = """\
; How clients find the mail servers of example.test and the realm EXAMPLE.TEST.
; A target must have an address of its own and be no CNAME.
$ORIGIN example.test.
_imaps._tcp          IN SRV 0 0 993 mail.example.test.
_imaps._tcp          IN SRV 10 0 993 ax1.example.test.
_submissions._tcp    IN SRV 0 0 465 mail.example.test.
_submission._tcp     IN SRV 0 0 587 mx1.example.test.
_kerberos            IN TXT "EXAMPLE.TEST"
_kerberos._udp       IN SRV 0 0 88 kdc1.example.test.
_kerberos._udp       IN SRV 10 0 8888 kdc2.example.test.
_kerberos._tcp       IN SRV 0 0 88 kdc1.example.test.
_kerberos._tcp       IN SRV 10 0 8888 kdc2.example.test.
_kpasswd._udp        IN SRV 0 0 464 kdc1.example.test.
_kpasswd._tcp        IN SRV 0 0 464 kdc1.example.test.
_kerberos-adm._tcp   IN SRV 0 0 750 kdc1.example.test.
"""


def test_the_whole_fragment() -> None:
    kdcs = ["kdc1.example.test", "KDC2.example.test.:8888"]
    assert fragment(MAIL_SERVERS, "EXAMPLE.TEST", "example.test", kdcs, "kdc1.example.test:750") == WHOLE


def test_a_realm_of_another_domain_and_one_of_active_directory() -> None:
    other = fragment((), "CORP.TEST", "example.test", ["kdc1.corp.test"])
    assert '_kerberos            IN TXT "CORP.TEST"\n$ORIGIN corp.test.\n_kerberos._udp ' in other
    own = fragment((), "CORP.TEST", "example.test")
    assert own.endswith('$ORIGIN example.test.\n_kerberos            IN TXT "CORP.TEST"\n')


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"kdcs": ["192.0.2.1"]}, "kerberos_kdcs: '192.0.2.1' is no full host name, "),
        ({"kdcs": ["kdc1"]}, "kerberos_kdcs: 'kdc1' is no full host name, "),
        ({"admin_server": "a b"}, "kerberos_admin_server: 'a b' is no full host name, "),
        ({"domain": "example"}, "kerberos_domain 'example': is no domain; "),
    ],
)
def test_names_to_which_no_record_leads(options: Dict[str, Any], says: str) -> None:
    with pytest.raises(WorkstationRefusal) as caught:
        fragment((), **{"realm": "EXAMPLE.TEST", "domain": "example.test", **options})
    assert str(caught.value).startswith(says)


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}\.test", fullmatch=True)
SERVERS = st.builds(
    lambda kind, name, port: Server(kind[0], name, port, kind[1], "x"),
    st.sampled_from(sorted(MAIL)),
    NAMES,
    st.integers(1, 65535),
)


@given(st.lists(SERVERS, max_size=6), st.lists(NAMES, max_size=3, unique=True))
def test_every_server_is_found_once(servers: List[Server], kdcs: List[str]) -> None:
    text = fragment((Account("x", tuple(servers)),), "EXAMPLE.TEST", "example.test", kdcs)
    found = re.findall(r"^(\S+) +IN SRV (\d+) 0 (\d+) (\S+)\.$", text, re.MULTILINE)
    mail = {(name, int(port), host) for name, dummy, port, host in found if "kerberos" not in name}
    assert mail == {(MAIL[one.type, one.socket], one.port, one.hostname) for one in servers}
    assert [host for name, dummy, port, host in found if name == "_kerberos._tcp"] == kdcs
    assert len({(name, priority) for name, priority, port, host in found}) == len(found)
