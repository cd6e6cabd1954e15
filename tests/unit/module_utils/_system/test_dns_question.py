# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name servers of resolv.conf that answer, refuse, or have more to say than a datagram holds."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import struct
import threading
from typing import Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.dns_message import KINDS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import dns_question
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.dns_question import (
    SilentDns,
    dns_seen,
    name_servers,
)

# Type -> the data of the one record of each name that is asked for it.
RECORDS = {
    KINDS["A"]: b"\xc0\x00\x02\x01",
    KINDS["PTR"]: b"\3mx1\7example\4test\0",
    KINDS["SRV"]: b"\0\0\0\0\0\x58\4kdc1\7example\4test\0",
}


def answer(asked: bytes, flags: int = 0x8180) -> bytes:
    (kind,) = struct.unpack_from(">H", asked, len(asked) - 4)
    data = RECORDS.get(kind)
    record = b"" if data is None else b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 300, len(data)) + data
    return asked[:2] + struct.pack(">HHHHH", flags, 1, int(data is not None), 0, 0) + asked[12:] + record


@contextlib.contextmanager
def name_server(truncated: bool = False) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        port = listening.getsockname()[1]
        link.bind(("127.0.0.1", port))

        def datagrams() -> None:
            with contextlib.suppress(OSError):
                while True:
                    asked, whence = link.recvfrom(65535)
                    if not asked:
                        return
                    told = asked[:2] + struct.pack(">HHHHH", 0x8380, 1, 0, 0, 0) + asked[12:]
                    link.sendto(told if truncated else answer(asked), whence)

        def streams() -> None:
            with contextlib.suppress(OSError):
                while True:
                    with contextlib.closing(listening.accept()[0]) as stream:
                        told = answer(stream.recv(65535)[2:])
                        stream.sendall(len(told).to_bytes(2, "big") + told[:5])
                        stream.sendall(told[5:])

        for serve in (datagrams, streams):
            threading.Thread(target=serve, daemon=True).start()
        yield port
        for waited in (listening, link):
            with contextlib.suppress(OSError):
                waited.shutdown(socket.SHUT_RDWR)  # wakes who waits on it


@pytest.fixture
def resolv(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    path = tmp_path / "resolv.conf"
    path.write_text("; a comment\nsearch example.test\nnameserver 127.0.0.1\n")
    monkeypatch.setattr(dns_question, "PATIENCE", 0.3)
    monkeypatch.setattr(dns_question.name_servers, "__defaults__", (str(path),))
    return path


@pytest.mark.usefixtures("resolv")
@pytest.mark.parametrize("truncated", [False, True])
def test_all_that_dns_says(truncated: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with name_server(truncated) as port:
        monkeypatch.setattr(dns_question, "PORT", port)
        view = dns_seen(["mx1.example.test", "m\u00fcller.test"], ["192.0.2.1"], "EXAMPLE.TEST")
    assert view.error is None
    assert view.addresses["mx1.example.test"] == ("192.0.2.1",)
    assert view.addresses["m\u00fcller.test"] == ()
    assert view.pointers == {"192.0.2.1": ("mx1.example.test",)}
    assert view.records["_kerberos._udp.example.test"] == ("0 0 88 kdc1.example.test",)
    assert view.records["_kerberos.example.test"] == ()


@pytest.mark.usefixtures("resolv")
def test_a_name_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    monkeypatch.setattr(dns_question, "PORT", port)
    assert "127.0.0.1: Connection refused" in str(dns_seen(["mx1.example.test"], [], None).error)


@pytest.mark.usefixtures("resolv")
def test_a_silent_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        monkeypatch.setattr(dns_question, "PORT", mute.getsockname()[1])
        assert "127.0.0.1: no answer" in str(dns_seen(["mx1.example.test"], [], None).error)


def test_no_more_name_servers_than_libc_asks(resolv: pathlib.Path) -> None:
    resolv.write_text("".join(f"nameserver 192.0.2.{last}\n" for last in range(1, 6)))
    assert name_servers(str(resolv)) == ("192.0.2.1", "192.0.2.2", "192.0.2.3")
    resolv.write_text("search example.test\n")
    with pytest.raises(SilentDns, match="names no nameserver"):
        name_servers(str(resolv))
