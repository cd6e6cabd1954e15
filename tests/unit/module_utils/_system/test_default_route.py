# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address of the default route; iproute2 judges it in the integration tests."""

from __future__ import annotations

import errno
import socket

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import default_route


class Unreachable(socket.socket):
    """A socket of a host from which no way leads anywhere."""

    def connect(self, address: object) -> None:
        raise OSError(errno.ENETUNREACH, f"no way to {address}")


def test_without_a_default_route_there_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", Unreachable)
    assert default_route.default_address() == ""


def test_the_address_is_that_of_the_route(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default_route, "ELSEWHERE", ("127.0.0.5", 9))
    assert default_route.default_address() == "127.0.0.1"
