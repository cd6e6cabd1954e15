# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the managed host: read whole, written by temporary file, fsync and rename, while file_lock is held."""

from __future__ import annotations

import contextlib
import errno
import grp
import itertools
import os
import pwd
import stat
import tempfile
import time
from typing import Callable, Optional

from .._domain.file_state import ABSENT, FileState
from .._domain.refusal import Refusal

TEMPORARY_PREFIX = ".mailrealm-"  # file_lock removes files of such names: none is made without the lock
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


def write_state(
    path: str, after: FileState, dress: Optional[Callable[[str], None]] = None, unsafe: Optional[bool] = None
) -> None:
    """Put ``after`` in place: content by temporary file, fsync and rename; or remove the file where it is ABSENT.

    Owner, group, mode and extended attributes (ACL, SELinux context) are on the temporary file before
    it is renamed, so that a killed run leaves the old file or the new one, whole. ``dress`` may do more
    to the temporary file. Symbolic links are followed. ``unsafe`` overwrites a file that cannot be replaced
    because something is mounted on it; None where the user has no option for that. The caller holds the lock
    of the directory. FileRefusal where it cannot be done.
    """
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if after.content is None:
        _remove(path, target)
        _sync_directory(path, folder)
        return
    uid, gid = user_id(after.owner, path), group_id(after.group, path)
    expect_folder(path)
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
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise FileRefusal(
                f"{path}: could not be written ({error.strerror}) and is as it was; "
                f"see to space and permissions of {folder}, then run again"
            ) from error
        if not unsafe:
            option = ", or set 'unsafe_writes'" if unsafe is not None else ""
            raise FileRefusal(
                f"{path}: is a mount of its own and cannot be replaced in one step; "
                f"mount its directory instead of the file{option}"
            ) from error
        _overwrite(path, target, after, uid, gid)
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
    _sync_directory(path, folder)


def expect_folder(path: str) -> None:
    """FileRefusal where the directory is missing in which ``path`` would be put."""
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise FileRefusal(f"{path}: the directory {folder} does not exist; create it first (ansible.builtin.file)")


def _overwrite(path: str, target: str, after: FileState, uid: int, gid: int) -> None:
    """Write ``after`` over the file itself, which a reader, or whoever comes after a kill, may find half written."""
    try:
        with open(target, "r+b", buffering=0) as stream:
            # Nobody may read what is not meant for them, at no time.
            os.fchmod(stream.fileno(), stat.S_IMODE(os.fstat(stream.fileno()).st_mode) & after.mode)
            os.fchown(stream.fileno(), uid, gid)
            content = memoryview(after.content or b"")
            while content:
                content = content[stream.write(content) :]
            stream.truncate()
            os.fsync(stream.fileno())
            os.fchmod(stream.fileno(), after.mode)
    except OSError as error:
        raise FileRefusal(
            f"{path}: could not be overwritten ({error.strerror}) and may be half written; "
            "see to space and permissions, then run again"
        ) from error


def back_up(path: str, state: FileState) -> str:
    """Keep ``state``, as which ``path`` was read, in a new file beside it; its name, made as Ansible makes it.

    Ansible's own copy can be read by anybody while it is being written, a keytab's too. FileRefusal where it
    cannot be made.
    """
    begun = f"{path}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S')}"
    # A run that changes a file twice within a second keeps both copies
    names = itertools.chain([f"{begun}~"], (f"{begun}.{number}~" for number in itertools.count(2)))
    copy = next(name for name in names if not os.path.lexists(name))
    write_state(copy, state, lambda temporary: _copy_extended(os.path.realpath(path), temporary))
    return copy


def set_attributes(path: str, after: FileState) -> None:
    """Owner and group, or mode, of ``after`` on a file whose content stays; one call, so nothing lies between.

    Where both change, `write_state` makes it one step.
    """
    uid, gid = user_id(after.owner, path), group_id(after.group, path)
    try:
        status = os.stat(path)
        if (status.st_uid, status.st_gid) != (uid, gid):
            os.chown(path, uid, gid)
        if stat.S_IMODE(os.stat(path).st_mode) != after.mode:
            os.chmod(path, after.mode)
    except OSError as error:
        raise FileRefusal(
            f"{path}: owner or mode could not be set ({error.strerror}); use become, and see to its file system"
        ) from error


def other_names(path: str) -> int:
    """How many other names (hard links) the file at ``path`` has."""
    try:
        return os.stat(path).st_nlink - 1
    except OSError:
        return 0


def _remove(path: str, target: str) -> None:
    try:
        os.unlink(target)
    except FileNotFoundError:
        return
    except OSError as error:
        raise FileRefusal(
            f"{path}: could not be removed ({error.strerror}); use become, and see to its file system"
        ) from error


ACL = "system.posix_acl_access"
OF_CONTENT = ("security.ima", "security.evm")  # digests of the old content, which the kernel holds against the new
PRIVILEGED = ("security.", "trusted.")


def _copy_extended(source: str, destination: str) -> None:
    """Carry ACL and SELinux context over, and none that the directory's default ACL gave. OSError where that fails.

    What only the system may set (SELinux labels, where there is no SELinux or no privilege) is left out.
    """
    try:
        names = os.listxattr(source)
    except FileNotFoundError:
        names = []
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise
        return
    if ACL not in names:
        # A default ACL gives its entries to every new file, and chmod would put them in force: acl(5).
        _drop_acl(destination)
    for name in names:
        if name in OF_CONTENT:
            continue
        try:
            os.setxattr(destination, name, os.getxattr(source, name))
        except OSError as error:
            tolerable = error.errno in (errno.EPERM, errno.EACCES, errno.ENOTSUP)
            if not (tolerable and name.startswith(PRIVILEGED)):
                raise


def _drop_acl(path: str) -> None:
    try:
        os.removexattr(path, ACL)
    except OSError as error:
        if error.errno not in (errno.ENODATA, errno.ENOTSUP):
            raise


def _sync_directory(path: str, folder: str) -> None:
    """Bring the directory's entry to the disk; where a file system knows nothing of that, it is none of ours."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno in (errno.EIO, errno.ENOSPC, errno.EDQUOT):
            raise FileRefusal(
                f"{path}: is as asked, but the disk may not have it yet ({error.strerror}); see to the disk of {folder}"
            ) from error
    finally:
        os.close(descriptor)
