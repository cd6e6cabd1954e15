# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for what a role decides before it has a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._domain import role_runs


def tag_runs(tag: str, run_tags: Sequence[str], skip_tags: Sequence[str]) -> bool:
    """Whether tasks of the tag run."""
    return role_runs.tag_runs(tag, run_tags, skip_tags)


def packages_missing(packages: Sequence[str], seen: Mapping[str, Any]) -> list[str]:
    """The packages that `host_facts` has not seen on the host."""
    return role_runs.packages_missing(packages, seen)


def units_missing(units: Sequence[str], seen: Mapping[str, Any]) -> list[str]:
    """The units that `host_facts` has not seen run now and at boot."""
    return role_runs.units_missing(units, seen)
