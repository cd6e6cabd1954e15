# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's double as it is installed and does not run, in the throw-away machine that the toolbox is. Needs root."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import pwd
import stat
import subprocess
from typing import Any, Iterator, Sequence

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_localconfig_file import parsed
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_double import (
    DOMAIN,
    HOME,
    HOST,
    INVOCATIONS,
    SERVICES,
    TOLD,
    package,
    remove,
)

LOCALCONFIG = HOME / "conf" / "localconfig.xml"


class Installed:
    """The double of HOST: its localconfig, and which programs were called."""

    def __init__(self) -> None:
        self.first = LOCALCONFIG.read_bytes()

    def restore(self) -> None:
        """localconfig as the installer left it, no calls, nothing told."""
        LOCALCONFIG.unlink(missing_ok=True)
        LOCALCONFIG.write_bytes(self.first)
        self.own(LOCALCONFIG)
        INVOCATIONS.write_text("")
        TOLD.unlink(missing_ok=True)

    @staticmethod
    def own(path: pathlib.Path, mode: int = 0o640) -> None:
        """Give a file to zimbra."""
        account = pwd.getpwnam("zimbra")
        os.chown(path, account.pw_uid, account.pw_gid)
        path.chmod(mode)

    @property
    def values(self) -> dict[str, str]:
        return parsed(LOCALCONFIG.read_bytes(), "localconfig.xml")

    @property
    def access(self) -> tuple[str, str]:
        status = LOCALCONFIG.lstat()
        return f"{LOCALCONFIG.owner()}:{LOCALCONFIG.group()}", f"{stat.S_IMODE(status.st_mode):04o}"

    def calls(self) -> list[list[str]]:
        """Programs and words since this was asked last."""
        rows = [json.loads(line) for line in INVOCATIONS.read_text().splitlines()]
        INVOCATIONS.write_text("")
        return [[row["program"], *row["args"]] for row in rows]

    def tell(self, **told: Any) -> None:
        TOLD.write_text(json.dumps(told))
        self.own(TOLD)


@contextlib.contextmanager
def installed(services: Sequence[str] = SERVICES, release: str = "10.0.8") -> Iterator[Installed]:
    """Installed with these services, and gone with the block."""
    script = package.script(DOMAIN, HOST, services, HOST, {HOST: SERVICES}, ["alice"], release)
    try:
        subprocess.run(["sh"], input=script, text=True, check=True)
        yield Installed()
    finally:
        remove()
