# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether kadmind will let an administrator do something, found out without doing it.

getprivs does not tell: kadmind (seen in 1.20 and 1.21) answers everybody with the same four privileges. But it looks at
the privilege before it looks for the principal, so that one which does not exist tells it. An entry of kadm5.acl takes
each component as it stands or as `*`; so one component at a time is changed, and an administrator is unprivileged
where no change is allowed.
"""

from __future__ import annotations

import dataclasses
import secrets
from typing import Callable, Iterator, List, Optional, Sequence, Tuple

from .._domain.kadmin_access import REMOTE
from .._domain.kadmin_command import command, principal_word
from .._domain.principal import PrincipalName
from .kadmin import Kadmin
from .kadmin_keys import refusal

Denials = Callable[[Sequence[PrincipalName]], Sequence[bool]]  # of each principal, whether the privilege is lacking
UNPRIVILEGED = "Operation requires ``modify'' privilege"  # kadmin's own words


def first_denied(principals: Sequence[PrincipalName], denials: Denials) -> Optional[PrincipalName]:
    """A principal that the administrator may not touch, or None. ``denials`` is only asked of such as do not exist."""
    unknown = f"mailrealm-{secrets.token_hex(8)}".encode()
    denied = [(name, list(_stand_ins(name, unknown))) for name in principals]
    while denied:
        asked = list(dict.fromkeys(stand_ins[0] for dummy, stand_ins in denied))
        answers = dict(zip(asked, denials(asked)))
        left: List[Tuple[PrincipalName, List[PrincipalName]]] = []
        for name, stand_ins in denied:
            if answers[stand_ins[0]]:
                if len(stand_ins) == 1:
                    return name
                left.append((name, stand_ins[1:]))
        denied = left
    return None


def _stand_ins(name: PrincipalName, unknown: bytes) -> Iterator[PrincipalName]:
    """The name with one component changed to ``unknown``, the last one first."""
    for at in reversed(range(len(name.components))):
        yield dataclasses.replace(name, components=(*name.components[:at], unknown, *name.components[at + 1 :]))


def check_purges(kadmin: Kadmin, principals: Sequence[PrincipalName]) -> None:
    """KadminRefusal, as of the run, where kadmind would not let old keys be purged; nothing is changed by asking."""
    if kadmin.access.mode != REMOTE:
        return

    def denials(names: Sequence[PrincipalName]) -> List[bool]:
        answers = kadmin.ask([command("purgekeys -keepkvno 1", principal_word(name)) for name in names])
        return [UNPRIVILEGED in answer.complaint for answer in answers]

    name = first_denied(principals, denials)
    if name is not None:
        raise refusal(kadmin, name, UNPRIVILEGED)
