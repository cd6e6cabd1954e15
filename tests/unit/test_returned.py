# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ladder notices results of which the documentation does not speak, and promises that are not kept."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.returned import check_returned

INFO = "mailrealm.kerberos.keytab_info"
ENTRY = {
    "principal": "smtp/mx1@R",
    "kvno": 1,
    "enctype": "des3-cbc-sha1",
    "enctype_number": 16,
    "name_type": 1,
    "timestamp": "2026-01-31T12:00:00Z",
}
GOOD: dict[str, Any] = {"changed": False, "path": "/x", "exists": True, "entries": [ENTRY], "mode": "0600"}


def test_what_is_documented() -> None:
    check_returned(INFO, GOOD)
    check_returned("ansible.builtin.stat", {"stat": {}})


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({**GOOD, "keys": []}, r"returned \['keys'\], of which"),
        ({"changed": False, "path": "/x", "exists": False}, r"did not return \['entries'\]"),
        ({**GOOD, "entries": [{**ENTRY, "key": "x"}]}, "entries holds"),
        ({**GOOD, "entries": [{"principal": "smtp/mx1@R"}]}, "entries holds"),
    ],
)
def test_what_is_not(result: dict[str, Any], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check_returned(INFO, result)
