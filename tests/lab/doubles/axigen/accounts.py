# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which account of which Axigen domain a login opens."""

from __future__ import annotations

from typing import Mapping

Domains = Mapping[str, Mapping[str, str]]


def of_principal(principal: str, domains: Domains) -> str:
    """The account `name@domain` of a principal: the domain is the realm in lower case. Empty where there is none."""
    name, dummy, realm = principal.rpartition("@")
    return of_name(name, realm, domains)


def of_login(name: str, primary: str, domains: Domains) -> str:
    """The account of a login name: the whole address, or the local part in the primary domain."""
    local, at, domain = name.rpartition("@")
    return of_name(local, domain, domains) if at else of_name(name, primary, domains)


def of_name(name: str, domain: str, domains: Domains) -> str:
    known = domains.get(domain.lower(), {})
    return f"{name.lower()}@{domain.lower()}" if name.lower() in known else ""
