# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All of a host's CAS in one pass."""

from __future__ import annotations

import os

from .._domain.cas_installed import Found, Log4j2
from .cas_archive import read_war
from .cas_overlay import read_overlay
from .java_home import read_java, read_unit


def read(war: str, overlay: str, unit: str, java_home: str, version: str, log4j2: str) -> Found:
    """What is there, by paths and the unit's name; empty where there is none to look for. CasRefusal, UnitRefusal."""
    runs = read_unit(unit)
    return Found(
        war=read_war(war),
        java=read_java(java_home, runs),
        overlay=read_overlay(overlay),
        unit=runs,
        log4j2=Log4j2(log4j2, os.path.lexists(log4j2)),
        asked=version,
        java_asked=java_home,
    )
