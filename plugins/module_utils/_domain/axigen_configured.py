# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axigen's configuration as far as it matters here, out of the grammar of axigen.cfg: services, listeners, names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .axigen_attributes import HIDDEN, SERVICES, is_secret, kind_of
from .axigen_cfg import Block, Value
from .axigen_cli import Setting


@dataclass(frozen=True)
class Listener:
    """Where a service listens: ``address`` as Axigen has it (`0.0.0.0:143`, `[::]:993`), and whether by TLS."""

    address: str
    enabled: bool
    tls: bool


@dataclass(frozen=True)
class Configured:
    """The attributes of each service, by the option's name for it and by Axigen's for them.

    ``started``: the names in `services = (...)`, in lower case; None where they are not told. ``listeners``: of the
    services whose listeners are told.
    """

    services: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    started: Optional[Tuple[str, ...]] = None
    primary_domain: str = ""
    listeners: Mapping[str, Tuple[Listener, ...]] = field(default_factory=dict)


def configured(server: Block) -> Configured:
    """What the object `Server` of axigen.cfg, or of SHOW CONFIG, says."""
    services: Dict[str, Mapping[str, Setting]] = {}
    listeners: Dict[str, Tuple[Listener, ...]] = {}
    for option, service in SERVICES.items():
        block = server.block(service.name)
        if block is not None:
            services[option] = attributes(block)
            listeners[option] = _listeners(block.get("listeners"))
    names = _setting(server.get("services"))
    primary = server.get("primaryDomain")
    return Configured(
        services,
        tuple(name.lower() for name in names) if isinstance(names, tuple) else None,
        primary if isinstance(primary, str) else "",
        listeners,
    )


def attributes(block: Block) -> Dict[str, Setting]:
    """The attributes of an object that hold a value or a set of words; its children are left out.

    So is what is empty, `()`, unless it is known for a set: it may be a list of children as well.
    """
    found = {}
    for name, value in block.items:
        plain = _setting(value)
        if plain is not None and (plain != () or kind_of(name).many):
            found[name] = plain
    return found


def _setting(value: Optional[Value]) -> Optional[Setting]:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        words = tuple(word for word in value if isinstance(word, str))
        return words if len(words) == len(value) else None
    return None


def _listeners(value: Optional[Value]) -> Tuple[Listener, ...]:
    blocks = [one for one in value if isinstance(one, Block)] if isinstance(value, tuple) else []
    return tuple(Listener(_text(one, "address"), _yes(one, "enable", True), _yes(one, "sslEnable")) for one in blocks)


def _text(block: Block, name: str) -> str:
    value = block.get(name)
    return value if isinstance(value, str) else ""


def _yes(block: Block, name: str, otherwise: bool = False) -> bool:
    text = _text(block, name).lower()
    return text == "yes" if text else otherwise


def service_report(found: Configured) -> Dict[str, Any]:
    """The services as a module returns them; passwords are left out, and what is not told is None."""
    return {
        option: {
            "started": None if found.started is None else SERVICES[option].name.lower() in found.started,
            "attributes": {
                name: HIDDEN if is_secret(name) else list(value) if isinstance(value, tuple) else value
                for name, value in attributes.items()
            },
            "listeners": _listener_report(found.listeners.get(option)),
        }
        for option, attributes in found.services.items()
    }


def _listener_report(listeners: Optional[Tuple[Listener, ...]]) -> Optional[List[Dict[str, Any]]]:
    if listeners is None:
        return None
    return [{"address": one.address, "enabled": one.enabled, "tls": one.tls} for one in listeners]
