# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import struct

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ccache import (
    CcacheRefusal,
    Ticket,
    parse_ccache,
    parse_ticket,
    service_tickets,
    without_service_tickets,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName
from hypothesis import given
from hypothesis import strategies as st

ALICE = PrincipalName((b"alice",), b"EXAMPLE.TEST", 1)
TGT = PrincipalName((b"krbtgt", b"EXAMPLE.TEST"), b"EXAMPLE.TEST", 2)
SMTP = PrincipalName((b"smtp", b"mx1.example.test"), b"", 3)  # as libkrb5 files it: the realm is the KDC's to know
SETTING = PrincipalName((b"krb5_ccache_conf_data", b"pa_type"), b"X-CACHECONF:", 0)
KVNOS = st.integers(0, 2**32 - 1)
PARTS = st.binary(max_size=300)
NAMES = st.builds(PrincipalName, st.lists(PARTS, max_size=4).map(tuple), PARTS, st.integers(0, 2**31 - 1))


def counted(data):
    return struct.pack(">I", len(data)) + data


def principal(name):
    parts = b"".join(counted(part) for part in (name.realm, *name.components))
    return struct.pack(">II", name.name_type, len(name.components)) + parts


def credential(server, ticket=b"ticket", twice=False, addresses=(), secret=b"k" * 32):
    typed = b"".join(struct.pack(">H", 2) + counted(address) for address in addresses)
    return b"".join(
        (
            principal(ALICE),
            principal(server),
            struct.pack(">HH", 18, 18) if twice else struct.pack(">H", 18),
            counted(secret),
            struct.pack(">IIIIBI", 1, 2, 3, 4, 0, 0x40E10000),
            struct.pack(">I", len(addresses)) + typed,
            struct.pack(">I", 0),
            counted(ticket),
            counted(b""),
        )
    )


def cache(*credentials, version=4):
    head = b"\x05\x04\x00\x0c" + struct.pack(">HHII", 1, 8, 0, 0) if version == 4 else b"\x05\x03"
    return head + principal(ALICE) + b"".join(credentials)


def der(tag, contents):
    length = len(contents)
    size = (length.bit_length() + 7) // 8
    return (
        bytes((tag,))
        + (bytes((length,)) if length < 128 else bytes((0x80 | size,)) + length.to_bytes(size, "big"))
        + contents
    )


def integer(number):
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def ticket(service, kvno, enctype):
    name = der(0xA0, integer(service.name_type)) + der(
        0xA1, der(0x30, b"".join(der(0x1B, part) for part in service.components))
    )
    version = b"" if kvno is None else der(0xA1, integer(kvno))
    sealed = der(0xA0, integer(enctype)) + version + der(0xA2, der(4, b"sealed"))
    fields = (integer(5), der(0x1B, service.realm), der(0x30, name), der(0x30, sealed))
    return der(0x61, der(0x30, b"".join(der(0xA0 + at, field) for at, field in enumerate(fields))))


@pytest.mark.parametrize("version", [3, 4])
def test_reads_both_versions(version):
    twice = version == 3
    data = cache(credential(TGT, twice=twice), credential(SMTP, b"two", twice, [b"\x7f\0\0\1"]), version=version)
    found = parse_ccache(data)
    assert found.principal == ALICE
    assert [entry.server for entry in found.credentials] == [TGT, SMTP]
    assert [entry.ticket for entry in service_tickets(found)] == [b"two"]
    assert found.head + b"".join(entry.raw for entry in found.credentials) == data


def test_service_tickets_are_left_out_and_settings_kept():
    kept = (credential(SETTING), credential(TGT))
    assert without_service_tickets(parse_ccache(cache(kept[0], credential(SMTP), kept[1]))) == cache(*kept)


def test_a_cache_of_service_tickets_alone_stays_whole():
    data = cache(credential(SETTING), credential(SMTP))
    assert without_service_tickets(parse_ccache(data)) == data


@pytest.mark.parametrize("data", [b"", b"\x05", b"\x05\x02\x00", b"\x05\x01", b"[libdefaults]\n"])
def test_other_files_are_refused(data):
    with pytest.raises(CcacheRefusal, match="kinit"):
        parse_ccache(data)


WHOLE = cache(credential(TGT), credential(SMTP, b"two", addresses=[b"\x7f\0\0\1"]))
ENDS = {len(cache()), len(cache(credential(TGT))), len(WHOLE)}


@pytest.mark.parametrize("length", [length for length in range(len(WHOLE)) if length not in ENDS])
def test_a_file_cut_short_is_refused(length):
    with pytest.raises(CcacheRefusal):
        parse_ccache(WHOLE[:length])


@given(st.binary())
def test_no_bytes_bring_the_reader_down(data):
    with contextlib.suppress(CcacheRefusal):
        parse_ccache(b"\x05\x03" + data)


SECRET = cache(credential(TGT, secret=b"CANARY" * 5))


@pytest.mark.parametrize("length", range(len(cache()) + 1, len(SECRET)))
def test_no_refusal_shows_the_session_key(length):
    with pytest.raises(CcacheRefusal) as refused:
        parse_ccache(SECRET[:length])
    assert "CANARY" not in str(refused.value)


@given(NAMES, KVNOS, st.integers(-200, 200))
def test_reads_service_kvno_and_enctype_of_a_ticket(service, kvno, enctype):
    assert parse_ticket(ticket(service, kvno, enctype)) == Ticket(service, kvno, enctype, b"sealed")


def test_a_kvno_with_the_high_bit_is_read_as_it_was_meant():
    # A read-only domain controller's number lies in the high 16 bits; writers that know signed numbers only negate it.
    assert parse_ticket(ticket(TGT, 0x80010002 - 2**32, 18)).kvno == 0x80010002


def test_a_ticket_without_kvno():
    assert parse_ticket(ticket(TGT, None, 18)).kvno == 0


@given(st.sampled_from([b"", b"\x61", b"\x61\x10\x30\x0e"]), st.binary(max_size=60))
def test_no_bytes_bring_the_ticket_reader_down(prefix, data):
    with contextlib.suppress(CcacheRefusal):
        parse_ticket(prefix + data)


SHORT = ticket(TGT, 2, 18)


@pytest.mark.parametrize("length", range(len(SHORT)))
def test_a_ticket_cut_short_is_refused(length):
    with pytest.raises(CcacheRefusal, match="RFC 4120"):
        parse_ticket(SHORT[:length])
