# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders and files of a lab on the controller, all below `.lab` of the checkout."""

from __future__ import annotations

import collections.abc
import contextlib
import dataclasses
import fcntl
import os
import pathlib
import tempfile

from . import fleet
from .identity import DEFAULT_INSTANCE, Lab


@dataclasses.dataclass(frozen=True)
class State:
    """Where a lab keeps what it made."""

    lab: Lab

    @property
    def site(self) -> fleet.Site:
        """The hosts of this instance, and their names."""
        return fleet.site_of(self.lab.instance)

    def beside(self, site: fleet.Site) -> State:
        """The same lab's instance of another site."""
        return State(Lab(self.lab.checkout, fleet.instance_of(self.lab.instance, site)))

    @property
    def top(self) -> pathlib.Path:
        """What all labs of the checkout share: the engine's settings, images under construction, locks."""
        return pathlib.Path(self.lab.checkout) / ".lab"

    @property
    def home(self) -> pathlib.Path:
        """What belongs to this instance."""
        return self.top / self.lab.instance

    @property
    def builds(self) -> pathlib.Path:
        """Trees of images that are being made; nothing in it outlives its maker."""
        return self.top / "builds"

    @property
    def downloads(self) -> pathlib.Path:
        """What images are made of beside packages, as it was fetched."""
        return self.top / "downloads"

    @property
    def logs(self) -> pathlib.Path:
        """Output of long commands."""
        return self.home / "logs"

    @property
    def screenshots(self) -> pathlib.Path:
        """Pages as the browsers showed them; they stay when the lab goes."""
        return self.top / "screenshots" / self.lab.instance

    @property
    def dns(self) -> pathlib.Path:
        """Settings and hosts files of the DNS, mounted in its container; it reads changed hosts files by itself."""
        return self.home / "dns"

    @property
    def seed(self) -> pathlib.Path:
        """What each host takes over at its first start: SSH keys and the resolver."""
        return self.home / "seed"

    def private(self, host: str) -> pathlib.Path:
        """What one host alone takes over at its start: passwords."""
        return self.home / "private" / host

    @property
    def environment(self) -> pathlib.Path:
        """The environment for Ansible, as JSON: name -> value."""
        return self.home / "env.json"

    @property
    def proof(self) -> pathlib.Path:
        """The record of the last proof; that of the default lab and of those beside it lies directly in `.lab`."""
        default = fleet.instance_of(self.lab.instance, fleet.MIT) == DEFAULT_INSTANCE
        return (self.top if default else self.home) / "proof.json"


def write(path: pathlib.Path, content: str, mode: int = 0o644) -> bool:
    """Writes a whole file or nothing; tells whether it differed. The mode is exact, whatever the umask."""
    if path.exists() and path.read_text() == content and path.stat().st_mode & 0o777 == mode:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        os.fchmod(file.fileno(), mode)
    pathlib.Path(name).replace(path)
    return True


@contextlib.contextmanager
def lock(
    path: pathlib.Path, waiting: collections.abc.Callable[[], None] = lambda: None
) -> collections.abc.Iterator[None]:
    """Holds a lock that ends with the process; calls `waiting` once if another holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
