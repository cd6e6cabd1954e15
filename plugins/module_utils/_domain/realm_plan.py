# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A realm's database: what is there, what is wanted, and the plan between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Sequence, Tuple

from .kadmin_access import check_db_args
from .kadmin_command import check_value
from .refusal import Refusal

CREATE, STASH, DESTROY = "create", "stash", "destroy"


class RealmRefusal(Refusal):
    """A realm that cannot be created, kept or destroyed as asked."""


@dataclass(frozen=True)
class RealmState:
    """What is there. ``stash``: whether the master key can be read without its password.

    ``broken`` says what is wrong with a database that kadmin.local does not open; empty otherwise.
    """

    database: bool
    stash: bool
    broken: str = ""


@dataclass(frozen=True)
class RealmWish:
    """What is asked. Without ``master_password`` a random one is made, which nobody knows but the stash.

    ``db_args`` are arguments for the database module. Without ``create`` database and stash are left as they are.
    """

    name: str
    present: bool = True
    master_password: Optional[str] = field(default=None, repr=False)
    stash: bool = True
    db_args: Tuple[str, ...] = ()
    create: bool = True


@dataclass(frozen=True)
class RealmPlan:
    """``verb`` is CREATE, STASH, DESTROY or None; ``before`` and ``after`` are lines for people."""

    wish: RealmWish
    verb: Optional[str]
    before: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()


def parse_realm_wish(
    name: str,
    state: str,
    master_password: Optional[str],
    stash: bool,
    confirmation: Optional[str],
    db_args: Sequence[str] = (),
    create: bool = True,
    contents: Sequence[str] = (),
) -> RealmWish:
    """The wish in a module's options; RealmRefusal where they are incomplete.

    ``contents``: the options that are given of those that say what is to be in the realm.
    """
    check_value(name, "name")
    if not name or name.startswith("-") or any(mark in name for mark in "/@\\ "):
        raise RealmRefusal(f"name: '{name}' is no realm; write it like EXAMPLE.TEST")
    if master_password is not None and check_value(master_password, "master_password", secret=True) == "":
        raise RealmRefusal("master_password: is empty; give one, or leave it out for a random one")
    if state == "present" and not stash and master_password is None:
        raise RealmRefusal(
            "master_password: is needed with stash: false, for nobody could open the database again; give it"
        )
    if state == "absent" and contents:
        raise RealmRefusal(f"{contents[0]}: is nothing that a destroyed realm could hold; leave it out")
    if state == "absent" and confirmation != name:
        raise RealmRefusal(
            f"confirm_destruction: destroying a realm deletes every key in it; to do so set it to '{name}'"
        )
    return RealmWish(name, state == "present", master_password, stash, check_db_args(db_args, "db_args"), create)


def check_spelling(name: str, configured: Sequence[Tuple[str, str]]) -> None:
    """RealmRefusal where a file knows the realm in other upper and lower case only. ``configured``: (realm, file)."""
    realms = {realm for realm, dummy in configured}
    if name in realms:
        return
    for realm, source in configured:
        if realm.lower() == name.lower():
            raise RealmRefusal(
                f"realm '{name}': {source} names it '{realm}', and Kerberos tells upper from lower case; "
                f"write '{realm}', or correct {source}"
            )


def plan_realm(state: RealmState, wish: RealmWish) -> RealmPlan:
    """The one thing to do; RealmRefusal where a database is there that must not be touched, or cannot be opened."""
    before = _lines(state)
    if not wish.present:
        if not state.database:
            return RealmPlan(wish, None)
        return RealmPlan(wish, DESTROY, before, _lines(RealmState(False, False)))
    if not wish.create and not state.broken:
        return RealmPlan(wish, None)
    if not state.database:
        return RealmPlan(wish, CREATE, before, _lines(RealmState(True, wish.stash)))
    if state.broken:
        raise RealmRefusal(state.broken)
    if state.stash or not wish.stash:
        return RealmPlan(wish, None)
    if wish.master_password is None:
        raise RealmRefusal(
            f"realm {wish.name}: the database is there but no stash opens it; give its master_password, from which "
            "the stash is made, correct key_stash_file in kdc.conf, or set stash: false; if an interrupted creation "
            "left it, destroy it first (state: absent)"
        )
    return RealmPlan(wish, STASH, before, _lines(RealmState(True, True)))


def _lines(state: RealmState) -> Tuple[str, ...]:
    if not state.database:
        return ("database: absent",)
    stash = "unknown" if state.broken else "present" if state.stash else "absent"
    return ("database: present", f"stash: {stash}")
