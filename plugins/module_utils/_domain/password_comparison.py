# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a password is a principal's: the keys that it makes, against those of the database."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from .enctypes import enctype_name
from .kadmin_output import PrincipalRecord
from .keysalt import password_salt, salt_name
from .keytab import KeytabEntry
from .principal_state import PrincipalState
from .principal_wish import PrincipalWish

Derivation = Callable[[str, bytes, int], Optional[bytes]]  # password, salt and enctype to the key
MOST_NAMED = 10  # principals that a warning lists by name


@dataclass(frozen=True)
class Comparison:
    """``right``: the password makes the newest keys. ``doubt``: why nothing can be said; then it is not right."""

    right: bool
    doubt: str = ""


def compare(password: str, record: PrincipalRecord, keys: Sequence[KeytabEntry], derive: Derivation) -> Comparison:
    """The password against the newest of ``keys``: one that differs tells, and all must be judged to agree.

    ``derive`` gives None for an enctype that it does not know.
    """
    newest = max((entry.kvno for entry in keys), default=0)
    stored = {entry.enctype: entry.key for entry in keys if entry.kvno == newest}
    doubt = ""
    for keysalt in sorted(record.newest_keys, key=lambda one: (one.enctype, one.salt_type)):
        salt = password_salt(record.name, keysalt.salt_type)
        made = None if salt is None else derive(password, salt, keysalt.enctype)
        if salt is None:
            doubt = f"the salt of its keys ({salt_name(keysalt.salt_type)}) is known to the KDC alone"
        elif made is None:
            doubt = f"this host's libk5crypto makes no {enctype_name(keysalt.enctype)} keys"
        elif not hmac.compare_digest(made, stored.get(keysalt.enctype, b"")):
            return Comparison(False)
    return Comparison(bool(stored) and not doubt, doubt)


def doubt_warnings(state: PrincipalState, wishes: Sequence[PrincipalWish]) -> Tuple[str, ...]:
    """For each reason one sentence that names the principals whose password is set in every run."""
    names: Dict[str, List[str]] = {}
    for wish in wishes:
        if wish.present and wish.always and wish.name.identity in state.doubts:
            names.setdefault(state.doubts[wish.name.identity], []).append(str(wish.name))
    return tuple(_warning(reason, named) for reason, named in names.items())


def _warning(reason: str, names: Sequence[str]) -> str:
    listed = ", ".join(names[:MOST_NAMED]) + (f" and {len(names) - MOST_NAMED} more" if names[MOST_NAMED:] else "")
    return (
        f"update_password: always sets the password of {listed} in every run, for it cannot be compared: {reason}; "
        "where that is not wanted leave update_password out"
    )


def password_lines(state: PrincipalState, wish: PrincipalWish) -> Tuple[str, str]:
    """How a new password is shown: the line before and the line after."""
    before = "cannot be compared" if wish.name.identity in state.doubts else "another one"
    return f"password: {before}", "password: as asked"
