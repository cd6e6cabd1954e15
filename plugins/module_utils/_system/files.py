# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the managed host: read whole, written by temporary file, fsync and rename under a lock."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import grp
import os
import pwd
import stat
import tempfile
import time
from typing import Callable, Iterator, Optional

from .._domain.file_state import ABSENT, FileState
from .._domain.refusal import Refusal

TEMPORARY_PREFIX = ".mailrealm-"
STALE_AFTER = 3600  # seconds: no run of ours holds a temporary file longer, so an older one is a killed run's
LARGEST = 64 * 1024 * 1024  # bytes: far beyond any configuration file or keytab


class FileRefusal(Refusal):
    """A file that cannot be read or written, and what would mend it."""


def owner_name(uid: int) -> str:
    """The user's name, or the decimal id where the system knows no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """The group's name, or the decimal id where the system knows no name."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _id(name: str, kind: str, lookup: Callable[[str], int], path: str) -> int:
    try:
        return lookup(name)
    except KeyError:
        if name.isdigit():
            return int(name)
    raise FileRefusal(
        f"{path}: the {kind} '{name}' does not exist on this host; "
        f"install the package that brings it, or name another {kind}"
    )


def user_id(name: str, path: str) -> int:
    """The uid of ``name`` (a name or decimal digits); FileRefusal names ``path`` where there is none."""
    return _id(name, "user", lambda n: pwd.getpwnam(n).pw_uid, path)


def group_id(name: str, path: str) -> int:
    """The gid of ``name`` (a name or decimal digits); FileRefusal names ``path`` where there is none."""
    return _id(name, "group", lambda n: grp.getgrnam(n).gr_gid, path)


def newborn(mode: int) -> FileState:
    """Owner, group and mode of a file that this process would create with ``mode``."""
    return FileState(b"", owner_name(os.geteuid()), group_name(os.getegid()), mode)


def read_state(path: str, largest: int = LARGEST) -> FileState:
    """Content and attributes of ``path``, symbolic links followed; ABSENT where nothing is there.

    FileRefusal: no name at all, a directory, a device or pipe, unreadable, larger than ``largest`` bytes.
    """
    if not path:
        raise FileRefusal("path: is empty; name the file")
    try:
        # O_NONBLOCK: a named pipe must be refused below, not waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return ABSENT
    except OSError as error:
        raise FileRefusal(_unreadable(path, error)) from error
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise FileRefusal(f"{path}: is a directory; name the file itself")
        if not stat.S_ISREG(status.st_mode):
            raise FileRefusal(f"{path}: is not a regular file; name a regular file")
        if status.st_size > largest:
            raise FileRefusal(f"{path}: holds {status.st_size} bytes, more than the {largest} that are read; check it")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            content = stream.read(largest + 1)
    except OSError as error:
        raise FileRefusal(_unreadable(path, error)) from error
    finally:
        os.close(descriptor)
    return FileState(content, owner_name(status.st_uid), group_name(status.st_gid), stat.S_IMODE(status.st_mode))


def _unreadable(path: str, error: OSError) -> str:
    if error.errno == errno.ENOTDIR:
        return f"{path}: a part of the path is not a directory; correct the path"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{path}: may not be read ({error.strerror}); use become or a user who may"
    return f"{path}: could not be read ({error.strerror}); see to the file and its file system"


@contextlib.contextmanager
def locked(path: str, patience: float = 30.0) -> Iterator[None]:
    """Hold the lock of the directory of ``path`` for ``patience`` seconds at most of waiting.

    The directory, not the file, is locked: a file that is replaced by rename cannot be, and a lock
    file would stay behind. Where the directory does not exist there is nothing to guard.
    """
    folder = os.path.dirname(os.path.realpath(path)) or "/"
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield
        return
    try:
        give_up = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= give_up:
                    raise FileRefusal(
                        f"{path}: another run has held the lock of {folder} for {patience:g} s; try again when it ends"
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


def write_state(path: str, after: FileState, dress: Optional[Callable[[str], None]] = None) -> None:
    """Put ``after`` in place: content by temporary file, fsync and rename; or remove the file where it is ABSENT.

    Owner, group, mode and extended attributes (ACL, SELinux context) are on the temporary file before
    it is renamed, so that a killed run leaves the old file or the new one, whole. ``dress`` may do more
    to the temporary file. Symbolic links are followed. FileRefusal where it cannot be done.
    """
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if after.content is None:
        _remove(path, target)
        _sync_directory(folder)
        return
    uid, gid = user_id(after.owner, path), group_id(after.group, path)
    if not os.path.isdir(folder):
        raise FileRefusal(f"{path}: the directory {folder} does not exist; create it first (ansible.builtin.file)")
    clear_stale(folder)
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=folder)
        with os.fdopen(descriptor, "wb") as stream:
            os.fchown(stream.fileno(), uid, gid)
            _copy_extended(target, temporary)
            # After the ACL: chmod sets the mask of an ACL, the order decides which one holds.
            os.fchmod(stream.fileno(), after.mode)
            if dress is not None:
                dress(temporary)
            stream.write(after.content)
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(temporary, target)
        temporary = ""
        _sync_directory(folder)
    except OSError as error:
        raise FileRefusal(
            f"{path}: could not be written ({error.strerror}) and is as it was; "
            f"see to space and permissions of {folder}, then run again"
        ) from error
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def back_up(path: str, state: FileState) -> str:
    """Keep ``state``, as which ``path`` was read, in a new file beside it; its name, made as Ansible makes it.

    Ansible's own copy can be read by anybody while it is being written, a keytab's too. FileRefusal where it
    cannot be made.
    """
    copy = f"{path}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S~')}"
    write_state(copy, state, lambda temporary: _copy_extended(os.path.realpath(path), temporary))
    return copy


def set_attributes(path: str, after: FileState) -> None:
    """Owner, group and mode of ``after`` on a file whose content stays."""
    uid, gid = user_id(after.owner, path), group_id(after.group, path)
    try:
        status = os.stat(path)
        if (status.st_uid, status.st_gid) != (uid, gid):
            os.chown(path, uid, gid)
        os.chmod(path, after.mode)
    except OSError as error:
        raise FileRefusal(f"{path}: owner or mode could not be set ({error.strerror}); use become") from error


def clear_stale(folder: str) -> None:
    """Remove temporary files that a killed run left in ``folder`` more than STALE_AFTER seconds ago."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            ours = entry.name.startswith(TEMPORARY_PREFIX) and entry.is_file(follow_symlinks=False)
            if ours and time.time() - entry.stat(follow_symlinks=False).st_mtime > STALE_AFTER:
                os.unlink(entry.path)


def _remove(path: str, target: str) -> None:
    try:
        os.unlink(target)
    except FileNotFoundError:
        return
    except OSError as error:
        raise FileRefusal(f"{path}: could not be removed ({error.strerror}); use become") from error


def _copy_extended(source: str, destination: str) -> None:
    """Carry ACL and SELinux context over; where source has none, or the file system knows none, nothing is lost."""
    try:
        names = os.listxattr(source)
    except OSError:
        return
    for name in names:
        with contextlib.suppress(OSError):
            os.setxattr(destination, name, os.getxattr(source, name))


def _sync_directory(folder: str) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
