# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service's own user sees in its own root directory, looked at by a process that has become that user."""

from __future__ import annotations

import json
import os
import pwd
import select
import signal
import time
from typing import Any, Callable, Optional, Tuple

from .._domain.refusal import Refusal
from .user_rights import RightsRefusal

PATIENCE = 5.0  # seconds
CHUNK = 65536  # bytes


class EyesRefusal(Refusal):
    """The process did not come to an end, or could not go where it should."""


def seen_by(user: str, chroot: str, look: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """What ``look`` returns (as JSON has it) as ``user`` within ``chroot`` (empty: none), in a process of its own.

    A refusal of ``look`` is one here too. RightsRefusal where we may not become the user; EyesRefusal after
    ``patience`` seconds, when the process is killed. ``look`` finds no program and no library in a chroot, only what
    this process has loaded.
    """
    account = _account(user)
    if os.geteuid() != 0 and (chroot or os.geteuid() != account[0]):
        raise RightsRefusal(f"user '{user}': only root can see with another user's eyes; set become: true")
    return in_child(lambda: _as(account, chroot, look), patience, user)


def in_child(look: Callable[[], Any], patience: float, label: str) -> Any:
    """What ``look`` returns in a process of its own, which is killed after ``patience`` seconds."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            _answer(writing, look)
            status = 0
        finally:
            os._exit(status)  # nothing of the parent's is to be ended twice
    os.close(writing)
    try:
        told = _read(reading, time.monotonic() + patience)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if told is None:
        raise EyesRefusal(
            f"{label}: no answer within {patience:.0f} s; see to what it waits for (DNS, the KDC, a disk)"
        )
    return _opened(told, label)


def _account(user: str) -> Tuple[int, int, Tuple[int, ...]]:
    """Ids of the user, group and groups, looked up before a chroot hides the files that tell."""
    try:
        found = pwd.getpwnam(user)
    except KeyError:
        raise RightsRefusal(
            f"user '{user}': is no user of this host; install the service first, or correct it"
        ) from None
    return found.pw_uid, found.pw_gid, tuple(os.getgrouplist(user, found.pw_gid))


def _as(account: Tuple[int, int, Tuple[int, ...]], chroot: str, look: Callable[[], Any]) -> Any:
    uid, gid, groups = account
    if chroot:
        try:
            os.chroot(chroot)
            os.chdir("/")
        except OSError as error:
            raise EyesRefusal(
                f"{chroot}: cannot be entered as root directory ({error.strerror}); create it, or correct the chroot"
            ) from None
    if os.geteuid() == 0:
        os.setgroups(groups)
        os.setgid(gid)
        os.setuid(uid)
    return look()


def _answer(writing: int, look: Callable[[], Any]) -> None:
    """Write what came of it: the value, or the sentence of a refusal, or the words of what nobody foresaw."""
    try:
        told = {"seen": look()}
    except Refusal as refusal:
        told = {"refused": str(refusal)}
    except Exception as error:  # pylint: disable=broad-exception-caught  # the parent cannot see it otherwise
        told = {"refused": f"{type(error).__name__}: {error}"}
    with os.fdopen(writing, "wb") as stream:
        stream.write(json.dumps(told).encode("ascii"))


def _read(reading: int, give_up: float) -> Optional[bytes]:
    found = b""
    while True:
        ready = select.select([reading], [], [], max(give_up - time.monotonic(), 0))[0]
        if not ready:
            return None
        part = os.read(reading, CHUNK)
        if not part:
            return found
        found += part


def _opened(told: bytes, label: str) -> Any:
    try:
        found = json.loads(told.decode("ascii"))
    except ValueError:
        raise EyesRefusal(f"{label}: the process that looked ended without an answer; see the kernel's log") from None
    if "refused" in found:
        raise EyesRefusal(found["refused"])
    return found["seen"]
