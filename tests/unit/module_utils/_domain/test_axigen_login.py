# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who logs in to Axigen's CLI, and that no password goes over the network in the clear by accident."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_cli import AxigenRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_login import is_loopback, login_from

GIVEN: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 7000,
    "user": "admin",
    "password": "canary-5e1f",
    "tls": False,
    "ca_path": None,
    "allow_clear_text": False,
    "timeout": 30,
}


def test_a_login() -> None:
    login = login_from({**GIVEN, "ca_path": "/x", "timeout": 5})
    assert (login.host, login.port, login.user, login.password) == ("127.0.0.1", 7000, "admin", "canary-5e1f")
    assert (login.tls, login.ca_path, login.timeout, login.place) == (False, "/x", 5, "127.0.0.1:7000")
    assert "canary" not in repr(login)
    assert login_from({**GIVEN, "host": "::1"}).place == "[::1]:7000"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"])
def test_this_host(host: str) -> None:
    assert is_loopback(host)
    assert login_from({**GIVEN, "host": host})


@pytest.mark.parametrize("host", ["192.0.2.1", "mx1.example.test", "localhost.example.test", "::2", "0.0.0.0"])
def test_another_host(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(AxigenRefusal, match="in the clear; "):
        login_from({**GIVEN, "host": host})
    assert login_from({**GIVEN, "host": host, "tls": True}).tls
    assert login_from({**GIVEN, "host": host, "allow_clear_text": True})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"host": ""}, "login.host: is empty; "),
        ({"user": ""}, "login.user: is empty; "),
        ({"password": ""}, "login.password: is empty; "),
        ({"user": "a\nb"}, "login.user: holds a control character"),
        ({"user": "a b"}, "login.user: holds white space"),
        ({"password": "x\r\nSAVE CONFIG"}, "login.password: holds a control character"),
        ({"port": 0}, "login.port: 0 is no port; "),
        ({"port": 65536}, "login.port: 65536 is no port; "),
        ({"timeout": 0}, "login.timeout: 0 leaves no time"),
    ],
)
def test_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(AxigenRefusal) as refusal:
        login_from({**GIVEN, **given})
    assert str(refusal.value).startswith(says)
    assert "; " in str(refusal.value)
    assert "SAVE" not in str(refusal.value)
    assert login_from({**GIVEN, "port": 65535, "timeout": 1}).port == 65535
