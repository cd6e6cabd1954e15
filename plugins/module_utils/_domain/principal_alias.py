# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Aliases of principals, which the databases of MIT Kerberos have since 1.22 (doc/admin/database.rst).

An alias is an entry that leads to another principal of the realm: `getprinc ALIAS` shows that principal under its own
name, and `delprinc ALIAS` deletes the alias alone. kadmin takes a target that does not exist, and an alias that leads
nowhere looks like a principal that does not exist.
"""

from __future__ import annotations

from typing import List, Tuple

from .kadmin_command import command, principal_word
from .kadmin_step import Step
from .principal import PrincipalName
from .principal_change import principal_step
from .principal_state import PrincipalState
from .principal_wish import PrincipalWish
from .refusal import Refusal

PROBE = "add_alias"  # without arguments: its usage, where kadmin knows it
SAID = ('Principal "',)


class AliasRefusal(Refusal):
    """A name that cannot be an alias, or a kadmin that knows none."""


def check_known(complaint: str, program: str) -> None:
    """AliasRefusal where kadmin's answer to PROBE says that it knows no aliases."""
    if "Unknown request" in complaint:
        raise AliasRefusal(
            f"aliases: {program} on this host is older than MIT Kerberos 1.22 and knows no aliases; leave them out, "
            "or create each name as a principal of its own"
        )


def check_own_name(state: PrincipalState, name: PrincipalName) -> None:
    """AliasRefusal where ``name`` is an alias: kadmin would change the principal behind it."""
    target = _target(state, name)
    if target is not None and target.identity != name.identity:
        raise AliasRefusal(f"principal {name}: is an alias of {target}; name that one instead")


def lacking_aliases(state: PrincipalState, wish: PrincipalWish) -> Tuple[PrincipalName, ...]:
    """The aliases that are still to be made; AliasRefusal where the name is taken."""
    lacking: List[PrincipalName] = []
    for alias in wish.aliases:
        target = _target(state, alias)
        if target is None:
            lacking.append(alias)
        elif target.identity == alias.identity:
            raise AliasRefusal(
                f"principal {wish.name}: aliases: {alias} is a principal of its own; delete it first (state: absent), "
                "with its keys, or leave it out"
            )
        elif target.identity != wish.name.identity:
            raise AliasRefusal(
                f"principal {wish.name}: aliases: {alias} is an alias of {target}; delete it first (state: absent), "
                "or leave it out"
            )
    return tuple(lacking)


def present_aliases(state: PrincipalState, wish: PrincipalWish) -> Tuple[PrincipalName, ...]:
    """Of the listed aliases those that lead to the principal."""
    targets = ((alias, _target(state, alias)) for alias in wish.aliases)
    return tuple(alias for alias, target in targets if target is not None and target.identity == wish.name.identity)


def creation_step(wish: PrincipalWish, alias: PrincipalName) -> Step:
    """`add_alias`, behind the principal's other steps: kadmin would take a target that is not there."""
    line = command("add_alias", principal_word(alias), principal_word(wish.name))
    return principal_step(wish.name, line, SAID, follows=True)


def deletion_step(name: PrincipalName, alias: PrincipalName) -> Step:
    """`delprinc` of an alias, which leaves the principal ``name`` behind it."""
    return principal_step(name, command("delprinc -force", principal_word(alias)), SAID)


def alias_lines(aliases: Tuple[PrincipalName, ...], state: str) -> Tuple[str, ...]:
    """Lines for people."""
    return tuple(f"alias {alias}: {state}" for alias in aliases)


def alias_target(state: PrincipalState, name: PrincipalName) -> str:
    """What ``name`` is an alias of, as text; empty where it is a principal of its own or does not exist."""
    target = _target(state, name)
    return "" if target is None or target.identity == name.identity else str(target)


def _target(state: PrincipalState, name: PrincipalName) -> PrincipalName | None:
    record = state.records.get(name.identity)
    return None if record is None else record.name
