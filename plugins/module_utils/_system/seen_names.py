# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that this host sees of its own names."""

from __future__ import annotations

from typing import Callable, Optional, Sequence

from .._domain.host_names import DnsView, Seen
from .._domain.hosts_file import standings
from .._domain.refusal import Refusal
from .._domain.service_names import Naming, naming_from, realm_of
from . import name_service
from .effective_profile import effective_profile
from .files import read_state

HOSTS = "/etc/hosts"


class ProfileUnread(Refusal):
    """A Kerberos configuration that is none."""


AskDns = Callable[[Sequence[str], Sequence[str], Optional[str]], Optional[DnsView]]


def seen_names(
    host: Optional[str],
    aliases: Sequence[str],
    realm: Optional[str],
    naming: Naming,
    hosts_path: str = HOSTS,
    ask_dns: AskDns = name_service.dns_view,
) -> Seen:
    """The evidence; ``host``: None for the host's own name, ``realm``: None for the one that ``naming`` gives it.

    Refusal where the hosts file cannot be read.
    """
    text = (read_state(hosts_path).content or b"").decode("utf-8", "surrogateescape")
    name = host or name_service.own_name()
    lookups = [name_service.look_up(one) for one in (name, *aliases)]
    addresses = lookups[0].addresses
    return Seen(
        host=lookups[0],
        aliases=tuple(lookups[1:]),
        reverse={address: name_service.name_of(address) for address in addresses},
        hosts_path=hosts_path,
        hosts=tuple(standings(text)),
        naming=naming,
        dns=ask_dns([name, *aliases], addresses, realm or realm_of(name, naming)),
    )


def naming_of(krb5_conf: str) -> Naming:
    """What the profile says about names; MIT's defaults where there is none. ProfileUnread where it is no profile."""
    profile = effective_profile(krb5_conf)
    if profile.damaged:
        raise ProfileUnread(profile.damaged[0])
    return naming_from(profile.relations)
