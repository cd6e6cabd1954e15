# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for policies of encryption types."""

from __future__ import annotations

from collections.abc import Sequence

from ..module_utils._domain.enctype_consumers import consumer
from ..module_utils._domain.enctype_files import supported_keysalts
from ..module_utils._domain.enctype_policy import asked_policy, resolve
from ..module_utils._domain.enctypes import enctype_name
from ..module_utils._domain.keysalt import keysalt_text


def policy_keysalts(
    policy: str, consumers: Sequence[str], enctypes: Sequence[str] = (), accept_weak: bool = False
) -> list[str]:
    """The types of new keys that a policy of encryption types, or a list in its stead, comes to."""
    resolved = resolve(asked_policy(policy, enctypes), [consumer(name) for name in consumers], accept_weak)
    return [keysalt_text(one) for one in supported_keysalts(resolved, ("normal",))]


def policy_enctypes(
    policy: str, consumers: Sequence[str], enctypes: Sequence[str] = (), accept_weak: bool = False
) -> list[str]:
    """The encryption types of new keys that a policy, or a list in its stead, comes to; none where there is neither."""
    if not policy and not enctypes:
        return []
    resolved = resolve(asked_policy(policy, enctypes), [consumer(name) for name in consumers], accept_weak)
    return [enctype_name(number) for number in resolved.enctypes]
