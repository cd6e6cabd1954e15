# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the password of an account of Active Directory is to be set: why, and whether that was asked for.

Setting it always raises the kvno, the same password included, so that nothing but these reasons leads to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, List, Optional, Sequence, Tuple

from .active_directory import Account
from .ad_account import ALWAYS, ON_CREATE, WHEN_NEEDED, AccountWish
from .ad_keys import WRONG, Evidence
from .enctypes import enctype_name
from .kadmin_time import duration_text
from .refusal import Refusal

CREATED, NEVER_SET = "created", "password_never_set"
KEYS_MISSING, KVNO_BEHIND, KEY_WRONG = "keys_missing", "kvno_behind", "key_wrong"
ENCTYPE_MISSING, PASSWORD_WRONG = "enctype_missing", "password_wrong"
PASSWORD_OLD, PASSWORD_DIFFERS, ASKED = "password_old", "password_differs", "asked"
_BIRTH = frozenset((CREATED, NEVER_SET))
_NEEDS = frozenset((KEYS_MISSING, KVNO_BEHIND, KEY_WRONG, ENCTYPE_MISSING, PASSWORD_WRONG))
# What each choice of `update_password` sets a password for
SETS: Dict[str, FrozenSet[str]] = {
    ON_CREATE: _BIRTH,
    WHEN_NEEDED: _BIRTH | _NEEDS | {PASSWORD_OLD},
    ALWAYS: _BIRTH | _NEEDS | {PASSWORD_OLD, PASSWORD_DIFFERS, ASKED},
}


class ResetNeeded(Refusal):
    """Keys that only a new password can bring, which was not asked for."""


@dataclass(frozen=True)
class Need:
    """``reason``: one of the above, empty where there is none. ``text``: the half of a sentence that says it.

    ``sets``: whether the password is to be set for it. ``warnings``: what was found and is left as it is.
    """

    reason: str = ""
    text: str = ""
    sets: bool = False
    warnings: Tuple[str, ...] = ()

    @property
    def lacking(self) -> bool:
        """Whether keys are wanting, rather than a password that is old or another one."""
        return self.reason in _NEEDS or self.reason == NEVER_SET


def judge(
    wish: AccountWish, account: Account, evidence: Evidence, kvnos: Sequence[int], now: int, just_set: bool
) -> Need:
    """What is to become of the password of an account that exists.

    ``kvnos``: those of the account's keys in the keytabs. ``now``: seconds since 1970 by the directory's clock.
    ``just_set``: this run has set it, so that age and request are settled. ResetNeeded where it is not asked for.
    """
    reason, text = _lacking(wish, account, evidence, kvnos)
    if reason:
        if reason in SETS[wish.update_password]:
            return Need(reason, text, sets=True)
        raise ResetNeeded(
            f"{wish.title}: {text}, so that it needs a new password; set update_password: {WHEN_NEEDED} for that, or "
            f"bring its right keytab to {wish.path}"
        )
    warnings: List[str] = []
    for reason, text in [] if just_set else _dispensable(wish, account, evidence, now):
        if reason in SETS[wish.update_password] and not (reason == PASSWORD_OLD and evidence.password_fits):
            return Need(reason, text, sets=True, warnings=tuple(warnings))
        warnings.append(f"{wish.title}: {text}, {_advice(reason, wish)}")
    return Need(warnings=tuple(warnings))


def _lacking(wish: AccountWish, account: Account, evidence: Evidence, kvnos: Sequence[int]) -> Tuple[str, str]:
    lacking = [number for number in wish.enctypes if number not in evidence.keys]
    if not lacking:
        return "", ""
    if not account.password_set and not evidence.keys:
        return NEVER_SET, "its password was never set"
    if evidence.keys:
        names = " and ".join(map(enctype_name, lacking))
        return ENCTYPE_MISSING, f"nothing is known of its key of type {names} at kvno {account.kvno}"
    said = f" ({evidence.proof.text})" if evidence.proof.text else ""
    if account.kvno in kvnos:
        return KEY_WRONG, f"its keys of kvno {account.kvno} in the keytab are not those of the KDC{said}"
    if kvnos:
        shown = ", ".join(map(str, sorted(set(kvnos))))
        return KVNO_BEHIND, f"the keytab has its keys of kvno {shown}, but the directory has kvno {account.kvno}"
    if evidence.proof.verdict == WRONG:
        return PASSWORD_WRONG, f"the given password is not its password{said}"
    return KEYS_MISSING, f"no key of it is in {wish.path}"


def _dispensable(wish: AccountWish, account: Account, evidence: Evidence, now: int) -> List[Tuple[str, str]]:
    """Reasons for which the keys that are there do not have to be replaced."""
    found = []
    age = password_age(account, now)
    if wish.max_age is not None and age is not None and age >= wish.max_age:
        found.append((PASSWORD_OLD, f"its password is older than {duration_text(wish.max_age)}"))
    if wish.password is None:
        if wish.update_password == ALWAYS:
            found.append((ASKED, "a new random password was asked for"))
    elif evidence.password_fits is False or (evidence.password_fits is None and wish.update_password == ALWAYS):
        found.append((PASSWORD_DIFFERS, "the given password is not its password"))
    return found


def _advice(reason: str, wish: AccountWish) -> str:
    if reason == PASSWORD_DIFFERS:
        return f"and stays; update_password: {ALWAYS} sets the given one"
    if wish.password is not None and wish.update_password != ON_CREATE:
        return "and stays, as it is the given one; give another"
    return f"and stays; update_password: {WHEN_NEEDED} replaces it"


def password_age(account: Account, now: int) -> Optional[int]:
    """Seconds since the password was set; None where that is not known."""
    return max(0, now - account.password_set) if account.password_set else None
