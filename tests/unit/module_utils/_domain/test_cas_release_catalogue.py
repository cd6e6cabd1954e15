# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of CAS against the catalogue of its properties, which comes from the metadata that CAS publishes."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_catalogue import CATALOGUE, listed
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_release import FLAT, LINES, Line

KNOWN = {one.key: one.lines for one in CATALOGUE.values()}
SPNEGO = "cas.authn.spnego"


def knows(line: Line, key: str) -> bool:
    return listed(line) in KNOWN[key]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_the_dialect_is_the_one_whose_keys_the_line_knows(line: Line) -> None:
    flat = line.dialect == FLAT
    assert knows(line, f"{SPNEGO}.jcifs-service-principal") == flat
    assert knows(line, f"{SPNEGO}.kerberos-conf") == flat
    assert knows(line, f"{SPNEGO}.properties[].jcifs-service-principal") != flat
    assert knows(line, f"{SPNEGO}.system.kerberos-conf") != flat
    assert line.conf_is_url != flat


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_static_users_are_switched_off_by_a_key_that_the_line_knows(line: Line) -> None:
    assert bool(line.accept_key) == knows(line, "cas.authn.accept.enabled")
    assert knows(line, "cas.authn.accept.users")


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_ntlm_s_handler_is_where_its_keys_are(line: Line) -> None:
    assert line.ntlm_handler == knows(line, "cas.authn.ntlm.domain-controller")
