# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section ``clock``: how far the clocks of the KDCs are from this host's, and whether something keeps this one."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from .._domain.doctor_asked import Asked
from . import systemctl
from .doctor_network import kdcs_of
from .effective_profile import effective_profile
from .kdc_questions import question

# What keeps the time on one distribution or another; a host has one of them.
UNITS = ("chronyd", "chrony", "systemd-timesyncd", "ntpsec", "ntpd", "ntp", "openntpd", "ptp4l")
PROPERTIES = ("LoadState", "ActiveState", "UnitFileState", "ConditionResult", "Names")


def gather(asked: Asked) -> Dict[str, Any]:
    return {
        "kdcs": [
            {"kdc": one.kdc, "offset": one.tcp.offset if one.udp.offset is None else one.udp.offset}
            for one in question(kdcs_of(asked), asked.realm)
        ],
        "clockskew": _allowed(asked.krb5_conf),
        "services": _services(),
    }


def _allowed(krb5_conf: str) -> Optional[int]:
    """The seconds of `clockskew`, which libkrb5 takes as a whole number alone; None where nothing is set."""
    text = effective_profile(krb5_conf).first("libdefaults", "clockskew") or ""
    return int(text) if text.isdigit() else None


def _services() -> List[Dict[str, Any]]:
    """The installed services of time: ``held_back`` where systemd does not start one here, as in containers."""
    found: Dict[str, Dict[str, Any]] = {}
    for name in UNITS:
        told = dict(line.split("=", 1) for line in systemctl.shown(name, PROPERTIES).splitlines() if "=" in line)
        if told.get("LoadState") == "loaded":
            found.setdefault(
                told.get("Names", name),
                {
                    "unit": name,
                    "active": told.get("ActiveState") == "active",
                    "enabled": told.get("UnitFileState", "").startswith("enabled"),
                    "held_back": told.get("ActiveState") != "active" and told.get("ConditionResult") == "no",
                },
            )
    return list(found.values())
