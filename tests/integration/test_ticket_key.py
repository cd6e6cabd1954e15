# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys against tickets by the host's libk5crypto: MIT's KDC seals, of every enctype that this host has."""

from __future__ import annotations

from typing import Dict, Tuple

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ccache import (
    Ticket,
    parse_ccache,
    parse_ticket,
    service_tickets,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import ticket_key
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.ticket_key import opens_ticket
from ansible_collections.mailrealm.kerberos.tests.integration.realm import configure, running_kdc

NAMES = {
    17: "aes128-cts",
    18: "aes256-cts",
    19: "aes128-sha2",
    20: "aes256-sha2",
    23: "rc4-hmac",
    26: "camellia256-cts",
}
Sealed = Dict[int, Tuple[bytes, Ticket]]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    """By enctype a service's key and a ticket that the KDC sealed with it."""
    folder = tmp_path_factory.mktemp("realm")
    realm = configure(folder, libdefaults=["allow_weak_crypto = true"])
    realm.create_database()
    realm.kadmin_local(
        "addprinc -pw alice alice",
        *(f"addprinc -randkey -e {name}:normal host/{name}" for name in NAMES.values()),
        *(f"ktadd -norandkey -k {folder}/service.keytab host/{name}" for name in NAMES.values()),
    )
    with running_kdc(realm):
        realm.run("kinit", "alice", text="alice")
        for name in NAMES.values():
            realm.run("kvno", f"host/{name}")
    tickets = [parse_ticket(one.ticket) for one in service_tickets(parse_ccache((folder / "ccache").read_bytes()))]
    keys = {one.enctype: one.key for one in parse((folder / "service.keytab").read_bytes(), "service")}
    return {ticket.enctype: (keys[ticket.enctype], ticket) for ticket in tickets}


@pytest.mark.parametrize("enctype", NAMES)
def test_the_right_key_opens_and_no_other_does(sealed: Sealed, enctype: int) -> None:
    key, ticket = sealed[enctype]
    other = bytes(len(key))
    assert opens_ticket(enctype, key, ticket.cipher) is True
    assert opens_ticket(enctype, other, ticket.cipher) is False
    assert opens_ticket(enctype, key[:-1], ticket.cipher) is False
    assert opens_ticket(enctype, b"", ticket.cipher) is False
    for cipher in (b"", ticket.cipher[:10], ticket.cipher[:-1], ticket.cipher + b"x", bytes(len(ticket.cipher))):
        assert opens_ticket(enctype, key, cipher) is False, cipher


def test_what_cannot_be_judged(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    key, ticket = sealed[18]
    assert opens_ticket(99, key, ticket.cipher) is None
    monkeypatch.setattr(ticket_key, "LIBRARY", "libk5crypto.so.nowhere")
    assert opens_ticket(18, key, ticket.cipher) is None
