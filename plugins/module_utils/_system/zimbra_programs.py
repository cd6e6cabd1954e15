# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's own programs on this host, run as the user zimbra as `su - zimbra` runs them."""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Callable, Dict, Iterator, Optional

from .._domain.refusal import Refusal

HOME = "/opt/zimbra"
USER = "zimbra"
LONGEST = 900  # seconds: a restart of mailboxd may wait two minutes, a batch for thousands of accounts longer


class ZimbraRefusal(Refusal):
    """Zimbra's programs cannot be used, or did not do their work."""


class ZimbraMissing(ZimbraRefusal):
    """Zimbra is not on this host; in check mode an earlier task of the same run may be about to bring it."""


@dataclass(frozen=True)
class Ran:
    """What a program said, and its exit status."""

    status: int
    stdout: str
    stderr: str


class ZimbraPrograms:
    """The programs below ``home``; ZimbraRefusal where they are not there or this user may not run them."""

    def __init__(self, home: str = HOME, user: str = USER) -> None:
        self.home = home
        try:
            self._account = pwd.getpwnam(user)
        except KeyError:
            raise ZimbraMissing(
                f"{home}: the host has no user {user}, whose programs these are; install Zimbra first"
            ) from None
        own = os.geteuid()
        if own not in (0, self._account.pw_uid):
            raise ZimbraRefusal(
                f"{home}: Zimbra's programs run as {user}, and this is user {own}; set become: true, "
                f"or become_user: {user}"
            )

    def path(self, program: str) -> str:
        """The whole path of a program that is named below home, as in `bin/zmprov`."""
        return os.path.join(self.home, program)

    def installed(self, program: str) -> bool:
        """Whether the program, or any file below home, is there."""
        return os.path.exists(self.path(program))

    def run(self, program: str, *words: str, longest: float = LONGEST) -> Ran:
        """Run `bin/zmprov` or another to its end. No word may be a secret: every user of the host can read them."""
        with self.started(program, *words, longest=longest) as ended:
            return ended()

    @contextlib.contextmanager
    def started(self, program: str, *words: str, longest: float = LONGEST) -> Iterator[Callable[[], Ran]]:
        """Let a program that says little run beside another; the function waits for its end.

        Each takes about two seconds to begin. One that nobody waited for is gone with the block.
        """
        try:
            process = subprocess.Popen(  # pylint: disable=ansible-bad-function  # this floor knows no AnsibleModule
                [self.path(program), *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment(),
                cwd=self.home,
                preexec_fn=self._become(),  # noqa: PLW1509 - a module has no threads
            )
        except FileNotFoundError:
            raise ZimbraMissing(f"{self.path(program)}: is not there; see that Zimbra is installed whole") from None
        except PermissionError:
            raise ZimbraRefusal(f"{self.path(program)}: may not be run; see to its owner and mode") from None

        def ended() -> Ran:
            try:
                stdout, stderr = process.communicate(timeout=longest)
            except subprocess.TimeoutExpired:
                raise ZimbraRefusal(
                    f"{self.path(program)}: has not ended after {longest:g} s; see what it waits for (zmcontrol status)"
                ) from None
            return Ran(process.returncode, _text(stdout), _text(stderr))

        with process:
            try:
                yield ended
            finally:
                if process.poll() is None:
                    process.kill()

    @contextlib.contextmanager
    def private_file(self, text: str) -> Iterator[str]:
        """The path of a file that holds ``text`` and that zimbra alone can read; it is gone afterwards."""
        handle, path = tempfile.mkstemp(prefix="mailrealm-zimbra-")
        try:
            os.fchmod(handle, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            if os.geteuid() == 0:
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
            yield path
        finally:
            os.unlink(path)

    def _environment(self) -> Dict[str, str]:
        home = self.home
        return {
            "HOME": home,
            "USER": self._account.pw_name,
            "LOGNAME": self._account.pw_name,
            "PATH": f"{home}/bin:{home}/common/bin:{home}/common/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
        }

    def _become(self) -> Optional[Callable[[], None]]:
        if os.geteuid() != 0:
            return None
        account = self._account

        def become() -> None:
            os.initgroups(account.pw_name, account.pw_gid)
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            os.umask(0o027)

        return become


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")
