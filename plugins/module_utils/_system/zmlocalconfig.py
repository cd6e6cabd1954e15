# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's localconfig on this host: read and written by zmlocalconfig, whose file tells what is set."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
from typing import Callable, Dict, Iterator, List, Optional, Tuple

from .._domain.zimbra_localconfig import MODE, OWNER, Access, Plan, State
from .._domain.zimbra_localconfig_file import LocalconfigRefusal, judge, listed, parsed
from .._domain.zimbra_release import Release, told
from .zimbra_programs import Ran, ZimbraMissing, ZimbraPrograms

ZMLOCALCONFIG, ZMCONTROL, FILE = "bin/zmlocalconfig", "bin/zmcontrol", "conf/localconfig.xml"
LARGEST = 4 * 1024 * 1024  # bytes; a real one has some 10,000


class Localconfig:
    """``calls``: how many of Zimbra's programs have run, each of which starts a Java machine."""

    def __init__(self, programs: ZimbraPrograms) -> None:
        self._programs = programs
        self.path = programs.path(FILE)
        self.calls = 0
        self._unset: Optional[Dict[str, str]] = None  # values that the file does not hold: defaults

    def read(self) -> State:
        """All values. Only the first reading asks the program, for the defaults are the same afterwards.

        Where zimbra may not read the file, the program lists the defaults alone, and that is all it is asked for.
        """
        if not self._programs.installed(ZMLOCALCONFIG):
            raise ZimbraMissing(
                f"{self._programs.path(ZMLOCALCONFIG)}: is not there; install Zimbra, or its core package, first"
            )
        own, access = self._file()
        if self._unset is None:
            ran = self._run("-m", "xml")
            if access.fits or ran.status:
                judge(ran.status, ran.stdout, ran.stderr, self.path, own)
            values = listed(ran.stdout, self.path)
            self._unset = {key: value for key, value in values.items() if key not in own}
        return State({**self._unset, **own}, own, access)

    def write(self, plan: Plan) -> None:
        """Carry the plan out; LocalconfigRefusal where it failed, or where other keys did not survive it."""
        before, access = self._file()
        if not access.fits:
            self._mend()
        edits = [("-e", [f"{key}={value}" for key, value in plan.sets]), ("-u", plan.unsets)]
        for option, words in reversed(edits) if plan.unset_first else edits:
            if words:
                self._edit(option, words, before)
        own, access = self._file()
        if not access.fits:
            self._mend()
        lost = [key for key in before if before[key] != own.get(key) and key not in {one.key for one in plan.changes}]
        if lost:
            raise LocalconfigRefusal(
                f"{self.path}: {', '.join(lost)} changed beside what was asked for, so something else writes the file "
                "at the same time; see who it is, and restore the file from a backup"
            )

    def release(self) -> Tuple[Optional[Release], str]:
        """The release that `zmcontrol -v` tells, and its line; None where it tells none."""
        self.calls += 1
        return told(self._programs.run(ZMCONTROL, "-v").stdout)

    @contextlib.contextmanager
    def telling(self) -> Iterator[Callable[[], Tuple[Optional[Release], str]]]:
        """`release`, asked for beside what the block does: both programs take about two seconds to begin."""
        if not all(map(self._programs.installed, (ZMLOCALCONFIG, ZMCONTROL))):
            yield self.release  # which says what is missing, once that is wanted
            return
        self.calls += 1
        with self._programs.started(ZMCONTROL, "-v") as ended:
            yield lambda: told(ended().stdout)

    def _edit(self, option: str, words: List[str], own: Dict[str, str]) -> None:
        ran = self._run(option, *words)
        judge(ran.status, ran.stdout, ran.stderr, self.path, own)

    def _run(self, *words: str) -> Ran:
        self.calls += 1
        return self._programs.run(ZMLOCALCONFIG, *words)

    def _file(self) -> Tuple[Dict[str, str], Access]:
        with self._opened() as handle:
            status = os.fstat(handle)
            if status.st_size > LARGEST:
                raise LocalconfigRefusal(
                    f"{self.path}: has {status.st_size} bytes, which no localconfig has; restore it from a backup"
                )
            with os.fdopen(os.dup(handle), "rb") as file:
                content = file.read(LARGEST + 1)
        access = Access(_user(status.st_uid), _group(status.st_gid), stat.S_IMODE(status.st_mode))
        return parsed(content, self.path), access

    def _mend(self) -> None:
        """Owner, group and mode as Zimbra sets them up. The folder is zimbra's, so the path may lead anywhere by now:
        what is opened is what is changed, and never a file with another name elsewhere."""
        with self._opened() as handle:
            if os.fstat(handle).st_nlink != 1:
                raise LocalconfigRefusal(f"{self.path}: has other names (hard links); remove them")
            try:
                os.fchown(handle, pwd.getpwnam(OWNER).pw_uid, grp.getgrnam(OWNER).gr_gid)
                os.fchmod(handle, MODE)
            except PermissionError:
                raise LocalconfigRefusal(
                    f"{self.path}: its owner and mode are to be {Access()}, which root alone can set; use become"
                ) from None
            except KeyError:
                raise LocalconfigRefusal(
                    f"{self.path}: the host has no group {OWNER}; see that Zimbra is installed whole"
                ) from None

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except PermissionError:
            raise LocalconfigRefusal(f"{self.path}: may not be read by this user; use become") from None
        except OSError as error:
            raise LocalconfigRefusal(
                f"{self.path}: cannot be opened ({error.strerror}); it must be zimbra's own file, and "
                "without it Zimbra has no passwords: restore it from a backup"
            ) from None
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise LocalconfigRefusal(f"{self.path}: is no file; restore it from a backup")
            yield handle
        finally:
            os.close(handle)


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
