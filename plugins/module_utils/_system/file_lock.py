# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock that every writer of files holds, and what it makes safe: clearing away what killed runs left.

The directories are locked, not the files: a file that is replaced by rename cannot be, and a lock file would
stay behind. flock(2) ends with the process that holds it, however that process ends.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from typing import Iterator, List

from .files import TEMPORARY_PREFIX, FileRefusal

PATIENCE = 30.0  # seconds: a holder reads, plans and writes one small file, which takes milliseconds

NO_FOLDER = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)


@contextlib.contextmanager
def locked(*paths: str, clear: bool, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the locks of the directories of ``paths``, waiting ``patience`` seconds at most for each.

    A symbolic link's own directory is among them (a backup is made there), and that of the file it leads to.
    ``clear`` removes the temporary files in them: whoever wrote one held the lock, so it is a dead run's.
    Where a directory does not exist there is nothing to guard. FileRefusal where a lock is not to be had.
    """
    with contextlib.ExitStack() as held:
        for_whom = {folder: path for path in reversed(paths) for folder in _folders(path)}
        # In one order for everybody, or two runs could each wait for the other.
        for folder, path in sorted(for_whom.items()):
            try:
                descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except OSError as error:
                if error.errno in NO_FOLDER:
                    continue
                raise FileRefusal(
                    f"{path}: {folder} cannot be locked ({error.strerror}); use become or a user who may read it"
                ) from error
            held.callback(os.close, descriptor)
            _lock(descriptor, folder, path, patience)
            if clear:
                _clear(descriptor, folder)
        yield


def _folders(path: str) -> List[str]:
    return [os.path.realpath(os.path.dirname(path) or "."), os.path.dirname(os.path.realpath(path))]


def _lock(descriptor: int, folder: str, path: str, patience: float) -> None:
    give_up = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= give_up:
                raise FileRefusal(
                    f"{path}: another run has held the lock of {folder} for {patience:g} s; try again when it ends"
                ) from None
        except OSError as error:
            # NFS turns flock(2) into a lock that needs the file open for writing, which no directory is: nfs(5).
            raise FileRefusal(
                f"{path}: {folder} cannot be locked ({error.strerror}); keep the file on a local file system, "
                "or mount this one with local_lock=flock"
            ) from error
        # Much shorter than the patience: whoever looks first gets the lock, and all who wait look equally often.
        time.sleep(0.02)


def _clear(descriptor: int, folder: str) -> None:
    """Remove temporary files that are this user's own; root's run may have left anybody's."""
    for name in os.listdir(descriptor):
        if not name.startswith(TEMPORARY_PREFIX):
            continue
        try:
            if _ours(os.path.join(folder, name)):
                os.unlink(name, dir_fd=descriptor)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise FileRefusal(
                f"{folder}/{name}: was left by a run that was killed and could not be removed ({error.strerror}); "
                "remove it, for there may be keys in it"
            ) from error


def _ours(path: str) -> bool:
    status = os.lstat(path)
    return stat.S_ISREG(status.st_mode) and os.geteuid() in (0, status.st_uid)
