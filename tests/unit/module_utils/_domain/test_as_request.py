# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A question to a KDC, and answers as Samba 4.17 gave them, as Windows gives them by [MS-KILE], and mutilated ones."""

from __future__ import annotations

import contextlib
import random

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import der
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.as_request import (
    ERRORS,
    KdcSalt,
    KeyParameters,
    SaltRefusal,
    as_request,
    parse_answer,
)

REALM = "AD.EXAMPLE.TEST"
# What Samba took, and answered with the salt below.
QUESTION = (
    "6a819130818ea103020105a20302010aa48181307fa00703050000000000a1133011a003020101a10a30081b066d61696c6572a2111b0f4144"
    "2e4558414d504c452e54455354a3243022a003020102a11b30191b066b72627467741b0f41442e4558414d504c452e54455354a511180f3139"
    "3730303130313030303030305aa706020400bc614ea80b3009020112020111020117"
)
USER = bytes.fromhex(
    "7e82013b30820137a003020105a10302011ea411180f32303236313132363132333731355aa505020303d426a603020119a7111b0f41442e45"
    "58414d504c452e54455354a8133011a003020101a10a30081b066d61696c6572a9111b0f41442e4558414d504c452e54455354aa243022a003"
    "020102a11b30191b066b72627467741b0f41442e4558414d504c452e54455354ab2b1b294e65656420746f207573652050412d454e432d5449"
    "4d455354414d502f50412d504b2d41532d524551ac7e047c307a3009a103020110a20204003009a10302010fa2020400300aa10402020093a2"
    "0204003009a103020102a2020400300aa10402020088a2020400300aa1040202028fa20204003033a103020113a22c042a30283026a0030201"
    "12a1171b1541442e4558414d504c452e544553546d61696c6572a206040400001000"
)
NO_TYPE = bytes.fromhex(
    "7e818d30818aa003020105a10302011ea411180f32303236313132363132333731355aa505020303ed75a60302010ea7111b0f41442e455841"
    "4d504c452e54455354a8133011a003020101a10a30081b066d61696c6572a9111b0f41442e4558414d504c452e54455354aa243022a0030201"
    "02a11b30191b066b72627467741b0f41442e4558414d504c452e54455354"
)


def field(number, *parts):
    return der.encode(der.context(number), *parts)


def info(enctype, salt=None, options=None):
    """An entry of ETYPE-INFO2."""
    parts = [field(0, der.encode_integer(enctype))]
    if salt is not None:
        parts.append(field(1, der.encode(der.GENERAL_STRING, salt)))
    if options is not None:
        parts.append(field(2, der.encode(der.OCTET_STRING, options)))
    return der.encode(der.SEQUENCE, *parts)


def methods(*entries, kind=19):
    listed = der.encode(der.OCTET_STRING, der.encode(der.SEQUENCE, *entries))
    other = der.encode(der.SEQUENCE, field(1, der.encode_integer(2)), field(2, der.encode(der.OCTET_STRING)))
    return der.encode(
        der.SEQUENCE, other, der.encode(der.SEQUENCE, field(1, der.encode_integer(kind)), field(2, listed))
    )


def error(code, data=None):
    parts = [field(0, der.encode_integer(5)), field(1, der.encode_integer(30)), field(6, der.encode_integer(code))]
    if data is not None:
        parts.append(field(12, der.encode(der.OCTET_STRING, data)))
    return der.encode(der.application(30), der.encode(der.SEQUENCE, *parts))


def reply(*padata):
    parts = [field(0, der.encode_integer(5)), field(1, der.encode_integer(11)), *(field(2, one) for one in padata)]
    return der.encode(der.application(11), der.encode(der.SEQUENCE, *parts, field(3, b"")))


def read(answer, account="mailer", enctypes=(18, 17, 23)):
    return parse_answer(answer, account, REALM, enctypes)


SALT = b"AD.EXAMPLE.TESTmailer"
WINDOWS = error(25, methods(info(18, SALT), info(17, SALT, b"\0\0\x10\0"), info(23), info(3, SALT), info(-128)))


def test_the_question():
    assert as_request("mailer", REALM, (18, 17, 23), 12345678).hex() == QUESTION


def test_the_name_is_one_component_of_utf8():
    assert der.encode(der.GENERAL_STRING, "r\u00f6hre/x$".encode()) in as_request("r\u00f6hre/x$", REALM, (18,), 0)


def test_sambas_answer():
    found = read(USER)
    assert found == KdcSalt((KeyParameters(18, SALT, 4096),))
    assert (found.salt, found.iterations) == (SALT, 4096)


def test_windows_answer_names_all_that_were_asked_for():
    found = read(WINDOWS)
    assert found.parameters == (
        KeyParameters(18, SALT, None),
        KeyParameters(17, SALT, 4096),
        KeyParameters(23, b"", None),
    )
    assert (found.salt, found.iterations, found.enctypes) == (SALT, None, (18, 17, 23))
    assert found.of(17) == KeyParameters(17, SALT, 4096)
    assert found.of(3) is None
    assert read(WINDOWS, enctypes=(17,)).enctypes == (17,)


def test_a_salt_that_is_not_stated_is_the_default_one():
    assert read(error(25, methods(info(18))), account="r\u00f6hre").salt == "AD.EXAMPLE.TESTr\u00f6hre".encode()
    assert read(error(25, methods(info(18, b"")))).salt == b""
    assert len(read(error(25, methods(info(18, bytes(4096))))).salt) == 4096


def test_a_reply_without_preauthentication():
    assert read(reply(methods(info(18, SALT, b"\0\0\x80\0")))) == KdcSalt((KeyParameters(18, SALT, 32768),))


@pytest.mark.parametrize(
    ("answer", "symptom"),
    [
        (NO_TYPE, "enctype_without_key"),
        (error(25), "enctype_without_key"),
        (error(25, methods(info(18, SALT), kind=11)), "enctype_without_key"),
        (error(25, methods(info(3, SALT))), "enctype_without_key"),
        (reply(), "enctype_without_key"),
        (error(6), "account_unknown"),
        (error(12), "account_restricted"),
        (error(18), "account_revoked"),
        (error(23), "password_expired"),
        (error(37), "clock_skew"),
        (error(60), "kdc_failed"),
        (error(68), "realm_wrong"),
        (error(7), "kdc_error"),
        (error(25, methods(info(18, bytes(4097)))), "answer_malformed"),
        (error(25, b"\x30\x03\x02\x01\x00"), "answer_malformed"),
        (b"", "answer_malformed"),
        (b"HTTP/1.1 400 Bad Request", "answer_malformed"),
    ],
)
def test_what_is_no_salt_is_said_in_a_sentence(answer, symptom):
    with pytest.raises(SaltRefusal) as refused:
        read(answer)
    assert refused.value.symptom == symptom
    assert "; " in str(refused.value)
    assert "{" not in str(refused.value)


def test_the_sentence_names_account_realm_and_types():
    with pytest.raises(SaltRefusal, match=r"has no key of mailer for aes256-cts-hmac-sha1-96, aes128"):
        read(NO_TYPE)
    with pytest.raises(SaltRefusal) as refused:
        read(b"\x7e\x00")
    assert str(refused.value) == (
        "the answer of the KDC of AD.EXAMPLE.TEST is not RFC 4120's (it is cut short); see that a KDC of the realm "
        "answers there on port 88"
    )
    with pytest.raises(SaltRefusal, match=r"^the KDC of AD\.EXAMPLE\.TEST answers error 7 for mailer"):
        read(error(7))
    assert len({symptom for symptom, dummy, dummy in ERRORS.values()}) == len(ERRORS)


@pytest.mark.parametrize("answer", [USER, WINDOWS, NO_TYPE, reply(methods(info(18, SALT)))], ids=range(4))
def test_an_answer_cut_short_is_refused(answer):
    for length in range(len(answer)):
        with pytest.raises(SaltRefusal, match="RFC 4120's"):
            read(answer[:length])


@pytest.mark.parametrize("answer", [USER, WINDOWS, reply(methods(info(18, SALT)))], ids=range(3))
def test_an_answer_with_wrong_bytes_is_read_or_refused(answer):
    chance = random.Random(len(answer))
    for dummy in range(3000):
        mutant = bytearray(answer)
        for at in [chance.randrange(len(mutant)) for dummy in range(chance.randint(1, 4))]:
            mutant[at] = chance.choice((0, 0x7F, 0x80, 0xFF, chance.getrandbits(8)))
        with contextlib.suppress(SaltRefusal):
            assert all(len(one.salt) <= 4096 for one in read(bytes(mutant)).parameters)
