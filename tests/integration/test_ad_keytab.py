# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `ad_keytab` on a real Active Directory domain; Samba's exportkeytab and tickets judge. Needs root.

Every ladder checks as a plain user and runs as the account to which the rights on OU=Mail were delegated.
"""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ad_site import Site
from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain


@pytest.fixture
def site(domain: Domain, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name, value in domain.variables.items():
        monkeypatch.setenv(name, value)
    return Site(domain, tmp_path)


def test_creation(site: Site) -> None:
    told = site.climb({"name": "c_smtp", "service_principals": ["smtp/c1.example.test"]})
    print(told)
    assert site.keys("smtp/c1.example.test") == site.exported("c_smtp")
