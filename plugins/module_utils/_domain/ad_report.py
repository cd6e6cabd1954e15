# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of accounts of Active Directory as people read them, and as `ad_keytab` returns them: never a key."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from .active_directory import allowed_enctypes, enctypes_text
from .ad_need import password_age
from .ad_plan import ENCTYPES, SPN, UPN, AccountChange
from .enctypes import enctype_name
from .merge import CHOSEN_BY_KDC


def account_diffs(changes: Sequence[AccountChange]) -> List[Dict[str, str]]:
    """Ansible's diff of each account that changes: the attributes that do, and the password by its kvno."""
    return [_diff(change) for change in changes if change.changed]


def _diff(change: AccountChange) -> Dict[str, str]:
    before = ["absent"] if change.created else []
    after = ["present"] if change.created else []
    for one in change.attributes:
        before += _lines(one.name, one.before, change.created)
        after += _lines(one.name, one.after, False)
    if change.need.sets:
        kvno = CHOSEN_BY_KDC if change.kvno is None else change.kvno
        if change.account is not None:
            before.append(f"password: kvno {change.account.kvno}")
        after.append(f"password: {'set' if change.created else 'changed'}, for {change.need.text}; kvno {kvno}")
    header = change.dn
    return {
        "before_header": header,
        "after_header": header,
        "before": "".join(f"{line}\n" for line in before),
        "after": "".join(f"{line}\n" for line in after),
    }


def _lines(name: str, values: Sequence[str], silent: bool) -> List[str]:
    if silent:
        return []
    if name == ENCTYPES:
        return [f"{name}: {enctypes_text(int(value) if value else None)}" for value in values or ("",)]
    return [f"{name}: {value}" for value in values] or [f"{name}: not set"]


def account_reports(
    changes: Sequence[AccountChange], now: int, kvnos: Optional[Mapping[str, int]] = None
) -> List[Dict[str, Any]]:
    """The result `accounts`. ``kvnos``: those that the directory chose, by the account's name."""
    return [_report(change, now, (kvnos or {}).get(change.wish.name, change.kvno)) for change in changes]


def _report(change: AccountChange, now: int, kvno: Optional[int]) -> Dict[str, Any]:
    account, wish = change.account, change.wish
    held = () if account is None or account.enctypes is None else (str(account.enctypes),)
    (bits,) = change.after(ENCTYPES, held) or ("0",)
    (upn,) = change.after(UPN, (account.upn,) if account else ()) or ("",)
    age = 0 if change.need.sets else password_age(account, now) if account else None
    return {
        "name": wish.name,
        "dn": change.dn,
        "created": change.created,
        "kvno": kvno,
        "enctypes": [enctype_name(number) for number in allowed_enctypes(int(bits))],
        "service_principals": list(change.after(SPN, account.service_principals if account else ())),
        "upn": upn,
        "path": wish.path,
        "password_set": change.need.sets,
        "needs_reset": change.need.lacking,
        "reason": change.need.reason,
        "password_age": age,
    }
