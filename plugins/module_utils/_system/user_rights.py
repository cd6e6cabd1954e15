# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another user of the host may read, tried with that user's own rights."""

from __future__ import annotations

import contextlib
import os
import pwd
from typing import Iterator

from .._domain.refusal import Refusal


class RightsRefusal(Refusal):
    """The user is not there, is none that we may become, or may not read the file."""


def check_readable(path: str, user: str) -> None:
    """RightsRefusal where ``user`` may not open ``path``; a file that is not there is no matter of rights."""
    with _rights_of(user):
        try:
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
        except PermissionError:
            raise RightsRefusal(
                f"{path}: may not be read by {user}, as whom the service runs; correct owner, group and mode of the "
                "file, and see that the user may enter its folder"
            ) from None
        except OSError:
            return  # what reads the file says more of it


@contextlib.contextmanager
def _rights_of(user: str) -> Iterator[None]:
    """The user's effective ids and groups, until the end of the block."""
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        raise RightsRefusal(
            f"user '{user}': is no user of this host; install the service first, or correct it"
        ) from None
    own, own_group, own_groups = os.geteuid(), os.getegid(), os.getgroups()
    if own == account.pw_uid:
        yield
        return
    if own != 0:
        raise RightsRefusal(f"user '{user}': only root can take another user's rights; set become: true")
    os.setgroups(os.getgrouplist(user, account.pw_gid))
    os.setegid(account.pw_gid)
    os.seteuid(account.pw_uid)
    try:
        yield
    finally:
        os.seteuid(own)
        os.setegid(own_group)
        os.setgroups(own_groups)
