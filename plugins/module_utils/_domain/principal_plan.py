# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From principals as they are and as they are to be to kadmin's commands, and to lines for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, FrozenSet, Iterable, List, Optional, Sequence, Tuple

from .kadmin_command import command, principal_word, quoted
from .kadmin_output import PrincipalRecord
from .kadmin_step import CHANGED, CREATED, DELETED, NONE, Step
from .kadmin_time import duration_text, duration_word, time_text
from .keysalt import KeySalt, keysalt_word
from .old_keys import kept_warnings, key_lines, kvnos_to_purge, purge_step, purged_lines
from .password_comparison import doubt_warnings, password_lines
from .principal_alias import (
    alias_lines,
    alias_target,
    check_own_name,
    creation_step,
    deletion_step,
    lacking_aliases,
    present_aliases,
)
from .principal_attributes import NEEDCHANGE, AttributeWish
from .principal_change import PrincipalChange, PrincipalPlan, principal_step
from .principal_state import PrincipalState
from .principal_wish import PrincipalWish
from .refusal import Refusal


class PlanRefusal(Refusal):
    """A wish that the realm cannot fulfil."""


CHOSEN = "(chosen by the KDC)"


@dataclass(frozen=True)
class Property:
    """A property that is one option of addprinc and modprinc: how it is read, shown and written."""

    label: str
    wished: Callable[[PrincipalWish], Optional[int]]
    found: Callable[[PrincipalRecord], int]
    shown: Callable[[int], str]
    option: str
    word: Callable[[int], str]


PROPERTIES = (
    Property("max_life", lambda w: w.max_life, lambda r: r.max_life, duration_text, "-maxlife", duration_word),
    Property(
        "max_renewable_life",
        lambda w: w.max_renewable_life,
        lambda r: r.max_renewable_life,
        duration_text,
        "-maxrenewlife",
        duration_word,
    ),
    Property("expires", lambda w: w.expires, lambda r: r.expires, time_text, "-expire", time_text),
    Property(
        "password_expires",
        lambda w: w.password_expires,
        lambda r: r.password_expires,
        time_text,
        "-pwexpire",
        time_text,
    ),
)


def plan_principals(state: PrincipalState, wishes: Sequence[PrincipalWish]) -> PrincipalPlan:
    """The changes that lead from ``state`` to ``wishes``, one a wish; no step for what is already so.

    AliasRefusal where a name is an alias of something else, OldKeysRefusal where old keys must stay.
    """
    warnings = (*doubt_warnings(state, wishes), *kept_warnings(state, wishes))
    return PrincipalPlan(tuple(_plan(state, wish) for wish in wishes), warnings)


def _plan(state: PrincipalState, wish: PrincipalWish) -> PrincipalChange:
    record = state.records.get(wish.name.identity)
    if not wish.present:
        return PrincipalChange(wish.name, NONE) if record is None else _deletion(state, wish, record)
    check_own_name(state, wish.name)
    if wish.new_kvno is not None:
        _check_staged(state, wish, 0 if record is None else record.kvno)
    return _creation(state, wish) if record is None else _change(state, wish, record)


def _deletion(state: PrincipalState, wish: PrincipalWish, record: PrincipalRecord) -> PrincipalChange:
    """Of a principal and of those aliases that are listed; or of an alias, which leaves the principal behind it."""
    target = alias_target(state, wish.name)
    aliases = present_aliases(state, wish)
    steps = [deletion_step(wish.name, alias) for alias in (*aliases, wish.name)]
    before = (f"alias of {target}",) if target else ("present", *alias_lines(aliases, "present"))
    after = ("absent", *alias_lines(aliases, "absent"))
    return PrincipalChange(wish.name, DELETED, tuple(steps), before, after, kvno=None if target else record.kvno)


def _creation(state: PrincipalState, wish: PrincipalWish) -> PrincipalChange:
    words = ["addprinc", *_key_words(wish)]
    after = ["present", f"key: {_key_text(wish)}, kvno {CHOSEN}"]
    if wish.keysalts:
        after.append(f"enctypes: {_keysalts_text(wish.keysalts)}")
    if wish.policy is not None:
        words.append(_policy_word(wish.policy))
        after.append(f"policy: {wish.policy or 'none'}")
    words += [str(one) for one in wish.attributes]
    if wish.attributes:
        after.append(f"attributes: {_attributes_text(wish.attributes)}")
    for one in PROPERTIES:
        value = one.wished(wish)
        if value is not None:
            words += [one.option, quoted(one.word(value))]
            after.append(f"{one.label}: {one.shown(value)}")
    for argument in wish.db_args:
        words += ["-x", quoted(argument)]
    step = principal_step(wish.name, command(*words, principal_word(wish.name)), ('Principal "',), wish.password)
    aliases = lacking_aliases(state, wish)
    steps = (step, *(creation_step(wish, alias) for alias in aliases))
    before = ("absent", *alias_lines(aliases, "absent"))
    after += alias_lines(aliases, "present")
    return PrincipalChange(wish.name, CREATED, steps, before, tuple(after), new_key=True)


def _change(state: PrincipalState, wish: PrincipalWish, record: PrincipalRecord) -> PrincipalChange:
    steps: List[Step] = []
    before: List[str] = []
    after: List[str] = []
    set_password = wish.always and wish.name.identity not in state.right_passwords
    rekey = wish.rekey and not _same_keys(state, record, wish)
    purged = () if set_password else kvnos_to_purge(record, wish, state.now)
    if purged:
        # before a new key, which begins the life of the last tickets anew
        steps.append(purge_step(record))
        before += key_lines(record, purged)
        after += purged_lines(purged)
    if set_password or rekey:
        # A new password drops the old keys, for they would still open a login; the same password under other
        # enctypes, and a random key, keep them until the tickets made with them have expired.
        kept = "" if set_password else " -keepold"
        line = command(f"cpw{kept}", *_key_words(wish), principal_word(wish.name))
        steps.append(principal_step(wish.name, line, ('Password for "', 'Key for "'), wish.password))
        before.append(f"kvno: {record.kvno}")
        after.append(f"kvno: {CHOSEN if wish.new_kvno is None else wish.new_kvno}")
    if set_password:
        for lines, line in zip((before, after), password_lines(state, wish)):
            lines.append(line)
    if rekey:
        before.append(f"enctypes: {_keysalts_text(record.newest_keys)}")
        after.append(f"enctypes: {_keysalts_text(wish.keysalts)}")
    words = _modification(record, wish, set_password or rekey, before, after)
    if words:
        line = command("modprinc", *words, principal_word(wish.name))
        steps.append(principal_step(wish.name, line, ('Principal "',)))
    aliases = lacking_aliases(state, wish)
    steps += [creation_step(wish, alias) for alias in aliases]
    before += alias_lines(aliases, "absent")
    after += alias_lines(aliases, "present")
    return PrincipalChange(
        wish.name,
        CHANGED if steps else NONE,
        tuple(steps),
        tuple(before),
        tuple(after),
        new_key=set_password or rekey,
        old_keys_kept=not set_password,
        kvno=record.kvno,
        new_kvno=wish.new_kvno if rekey else None,
        purged_kvnos=purged,
    )


def _modification(
    record: PrincipalRecord, wish: PrincipalWish, new_key: bool, before: List[str], after: List[str]
) -> List[str]:
    """modprinc's options, and the lines that go with them."""
    words: List[str] = []
    new_policy = wish.policy is not None and wish.policy != (record.policy or "")
    if new_policy:
        words.append(_policy_word(wish.policy or ""))
        before.append(f"policy: {record.policy or 'none'}")
        after.append(f"policy: {wish.policy or 'none'}")
    differing = [one for one in wish.attributes if not one.holds(record.attributes)]
    if differing:
        before.append(f"attributes: {_attributes_text(AttributeWish(one.attribute, not one.on) for one in differing)}")
        after.append(f"attributes: {_attributes_text(differing)}")
    # cpw clears needchange, and it and a policy set the password's expiry anew: what was asked is set again behind it
    again = [one for one in wish.attributes if new_key and one.attribute is NEEDCHANGE and one not in differing]
    words += [str(one) for one in (*differing, *again)]
    for one in PROPERTIES:
        value = one.wished(wish)
        if value is None:
            continue
        found = one.found(record)
        if value != found:
            before.append(f"{one.label}: {one.shown(found)}")
            after.append(f"{one.label}: {one.shown(value)}")
        if value != found or (one.label == "password_expires" and (new_key or new_policy)):
            words += [one.option, quoted(one.word(value))]
    if wish.unlock and record.failures:
        # The KDC locks by this number alone (lockout.c of the database modules), and counts without a policy too
        words.append("-unlock")
        before.append(f"failed attempts: {record.failures}")
        after.append("failed attempts: 0")
    return words


def _check_staged(state: PrincipalState, wish: PrincipalWish, kvno: int) -> None:
    """PlanRefusal unless the next kvno is the one for which keys are staged, or those keys are there already."""
    if kvno + 1 != wish.new_kvno and wish.name.identity not in state.right_passwords:
        raise PlanRefusal(
            f"principal {wish.name}: new_kvno: has kvno {kvno}, so keys that were staged for kvno {wish.new_kvno} are "
            "not its next ones, for its key was changed since; run again from keytab_export on"
        )


def _same_keys(state: PrincipalState, record: PrincipalRecord, wish: PrincipalWish) -> bool:
    """A random key has no salt, whatever was asked: only a password's keys are told apart by their salt types."""
    if wish.new_kvno is not None:
        return wish.name.identity in state.right_passwords
    if wish.password is not None:
        return record.newest_keys == frozenset(wish.keysalts)
    return record.newest_enctypes == {one.enctype for one in wish.keysalts}


def _key_words(wish: PrincipalWish) -> List[str]:
    words = ["-randkey"] if wish.password is None else ["-pw", quoted(wish.password)]
    return [*words, "-e", quoted(keysalt_word(wish.keysalts))] if wish.keysalts else words


def _key_text(wish: PrincipalWish) -> str:
    return "random" if wish.password is None else "from the password"


def _policy_word(policy: str) -> str:
    return f"-policy {quoted(policy)}" if policy else "-clearpolicy"


def _keysalts_text(keysalts: Iterable[KeySalt]) -> str:
    return ", ".join(sorted(str(one) for one in keysalts)) or "none"


def _attributes_text(wishes: Iterable[AttributeWish]) -> str:
    return ", ".join(sorted(str(one) for one in wishes))


def check_policies(wishes: Sequence[PrincipalWish], known: FrozenSet[str], lenient: bool) -> Tuple[str, ...]:
    """What to warn of: kadmin itself would set a policy that does not exist, with a warning only.

    PlanRefusal instead unless ``lenient``: in check mode an earlier task may be about to bring the policy.
    """
    asked: Dict[str, None] = dict.fromkeys(wish.policy for wish in wishes if wish.present and wish.policy)
    lacking = [f"policy '{policy}': does not exist in the realm" for policy in asked if policy not in known]
    if lacking and not lenient:
        raise PlanRefusal(f"{lacking[0]}; create it first (kadmin: addpol), or correct the principal's policy")
    return tuple(f"{sentence}; check mode goes on as if an earlier task creates it" for sentence in lacking)
