# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that the lab needs on this machine, and the Debian packages that bring them."""

from __future__ import annotations

import functools
import os
import pathlib
import shutil

from . import command
from .failure import LabError

FOLDERS = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"
# Program (or file) -> package. runc and not crun: crun 1.8 (Debian 12) refuses hybrid cgroups, runc runs everywhere.
PROGRAMS = {
    "conmon": "conmon",
    "ip": "iproute2",
    "iptables": "iptables",
    "mmdebstrap": "mmdebstrap",
    "podman": "podman",
    "runc": "runc",
    "setpriv": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "unshare": "util-linux",
    "/usr/lib/podman/netavark": "netavark",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
}
# Apt's proxy and trust settings of this machine, which the images need too.
APT_SETTINGS = (
    "Acquire::http::",
    "Acquire::https::",
    "Acquire::Check-Valid-Until",
    "Acquire::Check-Date",
    "Acquire::Retries",
)


def missing() -> list[str]:
    """The packages whose programs are not here."""
    return sorted({package for program, package in PROGRAMS.items() if not _present(program)})


def _present(program: str) -> bool:
    return pathlib.Path(program).exists() if program.startswith("/") else bool(shutil.which(program, path=FOLDERS))


def install(packages: list[str], log: pathlib.Path) -> None:
    """Installs Debian packages and starts none of their services (SYSTEMD_OFFLINE makes systemctl pass over it)."""
    if not shutil.which("apt-get"):
        raise LabError(f"the lab needs {' '.join(packages)}, and this machine has no apt-get: install them by hand")
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "SYSTEMD_OFFLINE": "1"}
    fetch = ["apt-get", "-q", "-y", "--no-install-recommends", "install", *packages]
    if command.run_logged(command.as_root(["apt-get", "-q", "update"], **quiet), log.with_suffix(".update.log")):
        raise LabError(f"apt-get update failed; see {log.with_suffix('.update.log')}")
    if command.run_logged(command.as_root(fetch, **quiet), log) or missing():
        raise LabError(f"apt-get could not install {' '.join(packages)}; see {log}")


@functools.lru_cache(maxsize=None)
def apt_settings() -> dict[str, str]:
    """Apt's settings for getting packages on this machine, name -> value."""
    return getting_settings(command.attempt(["apt-config", "dump"]).stdout)


def getting_settings(dump: str) -> dict[str, str]:
    """Those of apt's settings (`apt-config dump`) that decide how packages are got, name -> value."""
    lines = (line.partition(" ") for line in dump.splitlines())
    settings = {name: value.rstrip(";").strip('"') for name, dummy, value in lines}
    return {name: value for name, value in settings.items() if value and name.startswith(APT_SETTINGS)}
