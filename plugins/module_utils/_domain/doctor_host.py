# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of what could not be looked at at all: a host that was not reached, a section that could not be gathered.

Section ``host``, of a host without evidence: ``{"untested": why}``.
"""

from __future__ import annotations

from typing import Iterator

from .doctor import NAMES, UNTESTED, Check, Fleet, Trouble

APART = ("host", "logins")  # with checks of their own


def _unreached(host: str, fleet: Fleet) -> Iterator[Trouble]:
    why = (fleet[host].get("host") or {}).get("untested")
    if why:
        remedy = "let Ansible reach the host and run modules as root there (ansible -m ping), and run again"
        yield Trouble(host, "the host could not be looked at", why, remedy, UNTESTED)


def _ungathered(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for name, found in sorted(fleet[host].items()):
        if name not in APART and "untested" in found:
            remedy = "mend what the words name, and run again"
            yield Trouble(
                f"section {name}", "this part of the host could not be looked at", found["untested"], remedy, UNTESTED
            )


CHECKS = (
    Check("host.reached", NAMES, "nobody knows what is wrong on this host", _unreached),
    Check("host.sections", NAMES, "nobody knows whether this part of the host is sound", _ungathered),
)
