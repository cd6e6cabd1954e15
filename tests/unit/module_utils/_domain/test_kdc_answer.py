# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer of any KDC tells: errors of MIT's and Samba's, replies, and bytes that are none."""

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import der
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kdc_answer import (
    AnswerRefusal,
    KdcAnswer,
    parse_kdc_answer,
    place_of,
)
from hypothesis import given
from hypothesis import strategies as st

# Samba's to a user who must prove herself first: 2026-12-16 21:27:15 and 197590 microseconds by its clock.
SAMBA = bytes.fromhex(
    "7e818d30818aa003020105a10302011ea411180f32303236313132363132333731355aa505020303ed75a60302010ea7111b0f41442e455841"
    "4d504c452e54455354a8133011a003020101a10a30081b066d61696c6572a9111b0f41442e4558414d504c452e54455354aa243022a0030201"
    "02a11b30191b066b72627467741b0f41442e4558414d504c452e54455354"
)
CLOCK = 1795696635


def field(number: int, content: bytes) -> bytes:
    return der.encode(der.context(number), content)


def error(code: int, stated: bytes = b"20261126123715Z", micro: int = 500000) -> bytes:
    parts = [
        field(0, der.encode_integer(5)),
        field(1, der.encode_integer(30)),
        field(4, der.encode(der.GENERALIZED_TIME, stated)),
        field(5, der.encode_integer(micro)),
        field(6, der.encode_integer(code)),
    ]
    return der.encode(der.application(30), der.encode(der.SEQUENCE, *parts))


def test_the_error_of_a_real_controller_tells_its_clock() -> None:
    assert parse_kdc_answer(SAMBA) == KdcAnswer(14, CLOCK + 0.257397)


def test_code_and_clock_are_read() -> None:
    assert parse_kdc_answer(error(18)) == KdcAnswer(18, CLOCK + 0.5)


def test_a_reply_tells_no_clock() -> None:
    assert parse_kdc_answer(der.encode(der.application(11), b"")) == KdcAnswer()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request", SAMBA[:40], error(6, b"soon"), error(6, b"\xff")])
def test_other_bytes_are_refused(answer: bytes) -> None:
    with pytest.raises(AnswerRefusal, match="what answers there is no KDC"):
        parse_kdc_answer(answer)


@given(st.binary(max_size=200), st.integers(0, len(SAMBA) - 1), st.integers(0, 255))
def test_no_bytes_are_a_surprise(noise: bytes, at: int, byte: int) -> None:
    for answer in (noise, SAMBA[:at] + bytes((byte,)) + SAMBA[at + 1 :]):
        with contextlib.suppress(AnswerRefusal):
            parse_kdc_answer(answer)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("kdc1.example.test", ("kdc1.example.test", 88)),
        ("kdc1.example.test.", ("kdc1.example.test", 88)),
        (" kdc1.example.test:750", ("kdc1.example.test", 750)),
        ("192.0.2.1:88", ("192.0.2.1", 88)),
        ("2001:db8::1", ("2001:db8::1", 88)),
        ("[2001:db8::1]", ("2001:db8::1", 88)),
        ("[2001:db8::1]:750", ("2001:db8::1", 750)),
        ("kdc1:kerberos", ("kdc1", 88)),
    ],
)
def test_kdcs_as_krb5_conf_writes_them(written: str, place: tuple[str, int]) -> None:
    assert place_of(written) == place
