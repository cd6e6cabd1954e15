# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for what CAS is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._domain import cas_sign_on


def cas_wanted(found: Mapping[str, Any], **wishes: Any) -> dict[str, Any]:
    """What CAS is asked for on one host, of the CAS that `cas_info` found there."""
    return cas_sign_on.wanted(cas_sign_on.Wishes(**wishes), found)


def cas_problems(found: Mapping[str, Any], settled: Sequence[str] = ()) -> list[str]:
    """What `cas_info` found wrong, as sentences, without what is settled otherwise."""
    return cas_sign_on.problems(found, settled)
