# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KDCs that answer over UDP and TCP, over one of them, late, or not as a KDC; they run in this process."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Callable, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import der
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kdc_answer import DOMAIN, FOREIGN, MIT
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import kdc_questions
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kdc_questions import question

REALM = "EXAMPLE.TEST"
Reply = Callable[[bytes], bytes]


def field(number: int, content: bytes) -> bytes:
    return der.encode(der.context(number), content)


def error(code: int, ahead: float = 0.0) -> bytes:
    moment = time.time() + ahead
    stated = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(moment)).encode("ascii")
    parts = [
        field(4, der.encode(der.GENERALIZED_TIME, stated)),
        field(5, der.encode_integer(int(moment % 1 * 1e6))),
        field(6, der.encode_integer(code)),
    ]
    return der.encode(der.application(30), der.encode(der.SEQUENCE, *parts))


def knows(*names: bytes, ahead: float = 0.0) -> Reply:
    """A KDC that knows these principals, which it lets nobody be."""
    return lambda asked: error(18 if any(name in asked for name in names) else 6, ahead)


@contextlib.contextmanager
def kdc(udp: Reply | None, tcp: Reply | None) -> Iterator[str]:
    """A KDC's place; what it is not given for a way, it does not serve."""
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as open_:
        port = listening.getsockname()[1]
        if udp:
            open_.bind(("127.0.0.1", port))
            threading.Thread(target=_datagrams, args=(open_, udp), daemon=True).start()
        threading.Thread(target=_streams, args=(listening, tcp), daemon=True).start()
        yield f"127.0.0.1:{port}"
        for link in (listening, open_):
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)  # wakes who waits on it


def _datagrams(link: socket.socket, reply: Reply) -> None:
    with contextlib.suppress(OSError):
        while True:
            asked, whence = link.recvfrom(65535)
            if not asked:
                return
            link.sendto(reply(asked), whence)


def _streams(listening: socket.socket, reply: Reply | None) -> None:
    with contextlib.suppress(OSError):
        while True:
            with contextlib.closing(listening.accept()[0]) as link:
                if reply:
                    told = reply(link.recv(65535)[4:])
                    link.sendall(len(told).to_bytes(4, "big") + told)


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kdc_questions, "PATIENCE", 0.4)
    question.cache_clear()


MASTER, OWN = b"\x1b\x01K\x1b\x01M", b"\xa1\x0a0\x08\x1b\x06krbtgt"


def test_a_kdc_of_mit_tells_its_clock_on_both_ways() -> None:
    with kdc(knows(MASTER, ahead=600), knows(MASTER, ahead=600)) as place:
        (told,) = question((place,), REALM)
    assert told.answered
    assert told.kind == MIT
    assert told.addresses == ("127.0.0.1",)
    for heard in (told.udp, told.tcp):
        assert heard.answered
        assert heard.code == 18
        assert heard.offset == pytest.approx(600, abs=1)


def test_a_domain_is_known_by_its_account() -> None:
    with kdc(knows(OWN), knows(OWN)) as place:
        assert question((place,), REALM)[0].kind == DOMAIN


@pytest.mark.parametrize("code", [6, 68])
def test_a_kdc_of_another_realm_is_known(code: int) -> None:
    with kdc(lambda dummy: error(code), lambda dummy: error(code)) as place:
        assert question((place,), REALM)[0].kind == FOREIGN


def test_one_way_alone() -> None:
    with kdc(None, knows(MASTER)) as place:
        (told,) = question((place,), REALM)
    assert (told.udp.answered, told.udp.words, told.tcp.answered) == (False, "Connection refused", True)
    question.cache_clear()
    with kdc(knows(MASTER), None) as place:
        (told,) = question((place,), REALM)
    assert (told.udp.answered, told.tcp.answered, told.kind) == (True, False, MIT)
    assert told.tcp.words


def test_silence_is_waited_for_no_longer_than_patience_and_all_are_asked_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{mute.getsockname()[1]}"
        with kdc(knows(MASTER), knows(MASTER)) as other:
            begun = time.monotonic()
            silent, heard = question((place, other), REALM)
    assert time.monotonic() - begun < 10  # and not for ever, on a machine that does much else besides
    assert (silent.udp.answered, silent.udp.words, silent.kind) == (False, "no answer", "")
    assert heard.answered


def test_another_service_is_no_kdc() -> None:
    with kdc(lambda dummy: b"HTTP/1.1 400", lambda dummy: b"HTTP/1.1 400") as place:
        (told,) = question((place,), REALM)
    assert not told.answered
    assert "what answers there is no KDC" in told.tcp.words


def test_a_name_that_leads_nowhere() -> None:
    (told,) = question(("kdc.invalid",), REALM)
    assert told.addresses == ()
    assert not told.answered
    assert question((), REALM) == ()
