# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys to be staged: a random password for each principal that needs new ones, and what libk5crypto makes of it."""

from __future__ import annotations

import dataclasses
import secrets
from typing import FrozenSet, Optional, Tuple

from .._domain.enctypes import enctype_name
from .._domain.key_stage import DuePrincipal, Stage, StageRefusal, StageWish, due_principals
from .._domain.keysalt import NORMAL, password_salt
from .._domain.principal import PrincipalName
from .kadmin import Kadmin
from .kadmin_principals import read_records
from .string_to_key import password_key

RANDOM = 48  # bytes, of which base64 makes 64 characters; no key has more than 32
# All five classes of characters that a password policy of MIT counts: small, capital, digit, punctuation, any other.
CLASSES = "aA1- "


def stage_keys(
    kadmin: Optional[Kadmin], wish: Optional[StageWish], left_out: FrozenSet[PrincipalName], check_mode: bool
) -> Tuple[Stage, ...]:
    """New keys for each principal whose newest ones are of other types; nothing changes in the realm.

    ``left_out``: those to which an earlier task gives a new key. Without a conversation no principal is there yet.
    In check mode all get the same keys, which show that this host can make them and are nobody's.
    StageRefusal where this host cannot make a key, KadminRefusal where a principal is hidden.
    """
    if kadmin is None or wish is None:
        return ()
    names = [name for name in wish.principals if name not in left_out]
    due = due_principals(wish.enctypes, names, read_records(kadmin, names))
    if check_mode and due:
        sample = _stage(due[0], wish.enctypes)
        return tuple(dataclasses.replace(sample, due=one) for one in due)
    return tuple(_stage(one, wish.enctypes) for one in due)


def _stage(due: DuePrincipal, enctypes: Tuple[int, ...]) -> Stage:
    password = CLASSES + secrets.token_urlsafe(RANDOM)
    # cpw salts anew by the principal's present name, whatever it had before (MIT's kdb_cpw.c, add_key_pwd)
    salt = password_salt(due.record.name, NORMAL) or b""
    return Stage(due, tuple((enctype, _key(password, salt, enctype)) for enctype in enctypes), password)


def _key(password: str, salt: bytes, enctype: int) -> bytes:
    key = password_key(password, salt, enctype)
    if key is None:
        raise StageRefusal(
            f"stage: enctypes: no {enctype_name(enctype)} key can be made on this host, whose libk5crypto.so.3 lacks "
            "that type or is not installed; name other types, or delegate the task to a host that has it"
        )
    return key
