# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Zimbra of several servers: which host sets what they share, and whose proxies ask the mail stores."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Sequence, Tuple

from .fleet import Member
from .zimbra_host import MAILBOX, PROXY


def first(hosts: Sequence[str], members: Mapping[str, Member]) -> str:
    """The host that sets what is the same for all: the first with a mail store, over which zmprov goes by default.

    Without any, as where another inventory has the mail stores, the first of all. Empty where there are no hosts.
    """
    stores = [host for host in hosts if MAILBOX in members[host].zimbra.parts]
    return next(iter([*stores, *hosts]), "")


def proxies(hosts: Sequence[str], members: Mapping[str, Member]) -> Tuple[str, ...]:
    """The full names of the hosts that have a proxy."""
    return tuple(members[host].fqdn for host in hosts if PROXY in members[host].zimbra.parts)


def place(host: str, hosts: Sequence[str], members: Mapping[str, Member]) -> Dict[str, Any]:
    """The place of ``host`` among ``hosts``: what it has, whether it is the first, and all proxies' names."""
    everyone = list(dict.fromkeys([*hosts, host]))
    own = members[host].zimbra
    return {
        "parts": list(own.parts),
        "web": own.web,
        "mta_hostname": own.mta_hostname,
        "first": host == first(everyone, members),
        "proxies": list(proxies(everyone, members)),
    }
