# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role decides before it has a task: whether a tag's tasks run, and what the host lacks."""

from __future__ import annotations

from typing import Any, Iterable, List, Mapping, Sequence

# The words of --tags and --skip-tags that stand for every tag
EVERY_TAG = frozenset(("all", "tagged"))


def tag_runs(tag: str, run_tags: Sequence[str], skip_tags: Sequence[str]) -> bool:
    """Whether tasks of the tag run with these of --tags and --skip-tags; the former has `all` where none is given."""
    return bool({tag, *EVERY_TAG} & set(run_tags)) and not {tag, *EVERY_TAG} & set(skip_tags)


def packages_missing(packages: Iterable[str], seen: Mapping[str, Any]) -> List[str]:
    """The packages that are not on the host, in their order, each once.

    ``seen``: what `host_facts` returned. All are, where it did not look or does not know the host's package manager.
    """
    there = frozenset(seen.get("packages") or ())
    return [name for name in dict.fromkeys(packages) if name not in there]


def units_missing(units: Iterable[str], seen: Mapping[str, Any]) -> List[str]:
    """The units that do not run now and at boot, in their order; all where `host_facts` was not asked for them."""
    there = frozenset(seen.get("units") or ())
    return [name for name in units if name not in there]
