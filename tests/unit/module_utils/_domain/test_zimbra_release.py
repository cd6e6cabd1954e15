# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_release import (
    Release,
    ReleaseRefusal,
    told,
    written,
)

LINES = {
    "Release 10.0.8.GA.4518.UBUNTU20_64 UBUNTU20_64 FOSS edition, Patch 10.0.8_P1.": Release(10, 0, 8),
    "Release 10.0.8.GA.4518.UBUNTU20_64 FOSS edition.": Release(10, 0, 8),
    "Release 9.0.0.GA.3954.UBUNTU18.64 UBUNTU18_64 NETWORK edition, Patch 9.0.0_P38.": Release(9, 0, 0),
    "Release 8.8.15_GA_3869.RHEL7_64_20190917004220 RHEL7_64 FOSS edition, Patch 8.8.15_P46 proxy.": Release(8, 8, 15),
    "Release 8.5.0_BETA1_3056.RHEL6_64 RHEL6_64 FOSS edition.": Release(8, 5, 0),
    "Release 8.0.9_GA_6191.RHEL6_64_20141103151557 RHEL6_64 FOSS edition.": Release(8, 0, 9),
    "Release 6.0.16_GA_2921.UBUNTU8_64 UBUNTU8_64 NETWORK edition": Release(6, 0, 16),
}


@pytest.mark.parametrize("line", LINES)
def test_the_line_of_zmcontrol(line: str) -> None:
    assert told(f"{line}\n") == (LINES[line], line)
    assert told(f"Can't connect to LDAP\n\n  {line}\n")[0] == LINES[line]


@pytest.mark.parametrize("output", ["", "\n", "Run as the zimbra user!", "Release soon", "a Release 10.0.8"])
def test_no_release(output: str) -> None:
    assert told(output) == (None, "")


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("10.0.8", Release(10, 0, 8)),
        (" 9 ", Release(9)),
        ("8.8", Release(8, 8)),
        ("8.8.15_GA_3869", Release(8, 8, 15)),
        ("8.8.15_GA", Release(8, 8, 15)),
        ("10.0.8.GA.4518.UBUNTU20_64", Release(10, 0, 8)),
    ],
)
def test_as_a_user_writes_it(text: str, release: Release) -> None:
    assert written(text, "release") == release


@pytest.mark.parametrize("text", ["", "ten", "10.0.8.1", "10.", "v10", "8.8.15_P46", "99999", "10\n.0"])
def test_what_a_user_should_not_write(text: str) -> None:
    with pytest.raises(ReleaseRefusal, match=r"^release: '.*' is no release of Zimbra; write it as 10\.0\.8"):
        written(text, "release")


def test_the_order_of_releases() -> None:
    assert Release(8, 8, 15) < Release(9) < Release(10, 0, 8) < Release(10, 1)
    assert [str(Release(8, 5)), Release(8, 4, 9).legacy, Release(8, 5).legacy] == ["8.5.0", True, False]
