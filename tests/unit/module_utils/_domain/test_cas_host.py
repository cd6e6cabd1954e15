# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where users of CAS log in."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_host import (
    CasHost,
    CasHostRefusal,
    cas_host,
    cas_logins,
)


def test_a_host_is_what_its_variables_say() -> None:
    assert cas_host("cas1") == CasHost(8443, tls=True, path="/cas/login")
    assert cas_host("cas1", port="8080", tls=False, path="/sso") == CasHost(8080, tls=False, path="/sso")


@pytest.mark.parametrize("port", ["https", 0, 65536, True, None])
def test_a_port_that_is_none(port: Any) -> None:
    with pytest.raises(CasHostRefusal, match="host 'cas1': cas_port"):
        cas_host("cas1", port=port)


def test_a_path_that_is_none() -> None:
    with pytest.raises(CasHostRefusal, match="cas_login_path 'cas' is no path"):
        cas_host("cas1", path="cas")


def test_a_login_is_tried_with_a_header_as_large_as_tickets_become() -> None:
    plain, large = cas_logins(CasHost(8080, tls=False))
    assert (plain["tls"], plain["port"], plain["path"]) == ("none", 8080, "/cas/login")
    assert "Firefox" in plain["user_agent"]
    assert "padding" not in plain
    assert large == {**plain, "padding": 40960}
