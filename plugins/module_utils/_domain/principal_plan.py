# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From principals as they are and as they are to be to kadmin's commands, and to lines for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Tuple

from .kadmin_command import command, principal_word, quoted
from .kadmin_output import PrincipalRecord
from .kadmin_step import CHANGED, CREATED, DELETED, NONE, Step, diff_text
from .kadmin_time import duration_text, duration_word, time_text
from .keysalt import KeySalt, keysalt_word
from .principal import PrincipalName
from .principal_attributes import NEEDCHANGE, AttributeWish
from .principal_wish import PrincipalWish
from .refusal import Refusal


class PlanRefusal(Refusal):
    """A wish that the realm cannot fulfil."""


Identity = Tuple[bytes, Tuple[bytes, ...]]
CHOSEN = "(chosen by the KDC)"


@dataclass(frozen=True)
class PrincipalChange:
    """What happens to one principal: ``action`` as reported, ``before`` and ``after`` as lines for people."""

    name: PrincipalName
    action: str
    steps: Tuple[Step, ...] = ()
    before: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    new_key: bool = False
    old_keys_kept: bool = True


@dataclass(frozen=True)
class PrincipalPlan:
    """What happens to all principals, in the order in which they were asked for."""

    changes: Tuple[PrincipalChange, ...]

    @property
    def steps(self) -> Tuple[Step, ...]:
        return tuple(step for change in self.changes for step in change.steps)


@dataclass(frozen=True)
class PrincipalState:
    """The realm as far as it was asked about.

    ``records``: None or nothing where a principal does not exist. ``right_passwords``: the principals whose
    password is known to be the one asked for.
    """

    records: Mapping[Identity, Optional[PrincipalRecord]]
    right_passwords: FrozenSet[Identity] = frozenset()


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
    """The changes that lead from ``state`` to ``wishes``, one a wish; no step for what is already so."""
    return PrincipalPlan(tuple(_plan(state, wish) for wish in wishes))


def _plan(state: PrincipalState, wish: PrincipalWish) -> PrincipalChange:
    record = state.records.get(wish.name.identity)
    if record is None:
        return _creation(wish) if wish.present else PrincipalChange(wish.name, NONE)
    if not wish.present:
        deletion = _step(wish, command("delprinc -force", principal_word(wish.name)), ('Principal "',))
        return PrincipalChange(wish.name, DELETED, (deletion,), ("present",), ("absent",))
    return _change(record, wish, wish.name.identity in state.right_passwords)


def _step(wish: PrincipalWish, line: str, said: Tuple[str, ...], secret: Optional[str] = None) -> Step:
    return Step("principal", str(wish.name), line, said, secret)


def _creation(wish: PrincipalWish) -> PrincipalChange:
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
    step = _step(wish, command(*words, principal_word(wish.name)), ('Principal "',), wish.password)
    return PrincipalChange(wish.name, CREATED, (step,), ("absent",), tuple(after), new_key=True)


def _change(record: PrincipalRecord, wish: PrincipalWish, password_is_right: bool) -> PrincipalChange:
    steps: List[Step] = []
    before: List[str] = []
    after: List[str] = []
    set_password = wish.always and not password_is_right
    rekey = wish.rekey and not _same_keys(record, wish)
    if set_password or rekey:
        # A new password drops the old keys, for they would still open a login; the same password under other
        # enctypes, and a random key, keep them until the tickets made with them have expired.
        kept = "" if set_password else " -keepold"
        line = command(f"cpw{kept}", *_key_words(wish), principal_word(wish.name))
        steps.append(_step(wish, line, ('Password for "', 'Key for "'), wish.password))
        before.append(f"kvno: {record.kvno}")
        after.append(f"kvno: {CHOSEN}")
    if set_password:
        before.append("password: another one")
        after.append("password: as asked")
    if rekey:
        before.append(f"enctypes: {_keysalts_text(record.newest_keys)}")
        after.append(f"enctypes: {_keysalts_text(wish.keysalts)}")
    words = _modification(record, wish, bool(steps), before, after)
    if words:
        line = command("modprinc", *words, principal_word(wish.name))
        steps.append(_step(wish, line, ('Principal "',)))
    action = CHANGED if steps else NONE
    return PrincipalChange(
        wish.name, action, tuple(steps), tuple(before), tuple(after), set_password or rekey, not set_password
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
    return words


def _same_keys(record: PrincipalRecord, wish: PrincipalWish) -> bool:
    """A random key has no salt, whatever was asked: only a password's keys are told apart by their salt types."""
    if wish.password is not None:
        return record.newest_keys == frozenset(wish.keysalts)
    wanted = {one.enctype for one in wish.keysalts}
    return {one.enctype for one in record.newest_keys} == wanted


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


def describe(plan: PrincipalPlan) -> Tuple[str, str]:
    """Before and after as text: the principals that change, and of them the lines that change."""
    changes = [change for change in plan.changes if change.action != NONE]
    before = diff_text((str(change.name), change.before) for change in changes)
    return before, diff_text((str(change.name), change.after) for change in changes)
