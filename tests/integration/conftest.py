# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all integration tests of a session share."""

from __future__ import annotations

from typing import Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain, running_domain


@pytest.fixture(scope="session")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Domain]:
    """An Active Directory domain: provisioning takes as long as many tests. Each uses accounts of its own in it."""
    with running_domain(tmp_path_factory.mktemp("domain")) as running:
        yield running
