# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the roles' vars files a host takes, told from its facts."""

from __future__ import annotations

from typing import Any, Mapping, Tuple

from .refusal import Refusal

# distribution as Ansible's facts name it: vars file, oldest major version whose programs are known to do
DISTRIBUTIONS: Mapping[str, Tuple[str, int]] = {
    "Debian": ("Debian", 12),
    "Ubuntu": ("Ubuntu", 22),
    "RedHat": ("RedHat", 8),
    "CentOS": ("RedHat", 8),
    "Rocky": ("RedHat", 8),
    "AlmaLinux": ("RedHat", 8),
    "OracleLinux": ("RedHat", 8),
    "Amazon": ("RedHat", 2023),
    "Fedora": ("Fedora", 42),
    "SLES": ("Suse", 15),
    "SLES_SAP": ("Suse", 15),
    "openSUSE Leap": ("Suse", 15),
    "openSUSE Tumbleweed": ("Suse", 15),
}
# dnf's Python bindings exist there for Python 3.6 alone, which no supported ansible-core takes
WITHOUT_PACKAGES = {("RedHat", 8): "RedHat8"}
FILES = tuple(dict.fromkeys([*(file for file, dummy in DISTRIBUTIONS.values()), *WITHOUT_PACKAGES.values()]))


class DistributionRefusal(Refusal):
    """A host on which the roles cannot work, and what can be done about it."""


def vars_file(facts: Mapping[str, Any], chosen: str = "") -> str:
    """The name of the vars file, without `.yml`; DistributionRefusal where there is none for the host.

    ``facts`` are Ansible's, of which `distribution`, `distribution_version` and `service_mgr` are read; ``chosen``
    is the name that the site says to take in their stead.
    """
    name, version = str(facts.get("distribution", "unknown")), str(facts.get("distribution_version", "0"))
    if facts.get("service_mgr", "systemd") != "systemd":
        raise DistributionRefusal(
            f"distribution '{name}' {version}: runs {facts['service_mgr']} where the roles work with systemd's units; "
            "use a host that was booted with systemd"
        )
    if chosen:
        if chosen not in FILES:
            raise DistributionRefusal(
                f"kerberos_distribution '{chosen}': has no file of packages and units; take one of {', '.join(FILES)}"
            )
        return chosen
    if name not in DISTRIBUTIONS:
        raise DistributionRefusal(
            f"distribution '{name}' {version}: its packages are not known; set kerberos_distribution to the one that "
            f"it is made from ({', '.join(FILES)})"
        )
    file, oldest = DISTRIBUTIONS[name]
    digits = version.partition(".")[0]
    major = int(digits) if digits.isdigit() else oldest
    if major < oldest:
        raise DistributionRefusal(
            f"distribution '{name}' {version}: is too old for ansible-core and these roles; "
            f"use {name} {oldest} or later"
        )
    return WITHOUT_PACKAGES.get((file, major), file)
