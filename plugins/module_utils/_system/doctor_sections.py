# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All evidence of this host, section by section; one that cannot be gathered costs no other.

A section's room has ``gather(asked)``. None of them writes anything or asks for a password, and each ends by itself.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import subprocess
import time
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, Mapping

from .._domain.doctor_asked import Asked
from .._domain.refusal import Refusal

if TYPE_CHECKING:
    # Ansible takes to a host whatever it finds imported anywhere in here. There, each room is compiled only where it is
    # wanted, for that is a second of a small host's time for all of them.
    from . import (  # noqa: F401
        doctor_axigen,
        doctor_cas,
        doctor_clock,
        doctor_database,
        doctor_directory,
        doctor_java,
        doctor_kdc,
        doctor_keytabs,
        doctor_krb5,
        doctor_logs,
        doctor_names,
        doctor_network,
        doctor_postfix,
        doctor_running,
        doctor_workstation,
        doctor_zimbra,
    )


Products = FrozenSet[str]
# On whose hosts a section is gathered
EVERYWHERE: Products = frozenset()
SERVERS: Products = frozenset(("kdc", "kdc_replica", "postfix", "axigen", "zimbra", "cas"))
# Section -> the products on whose hosts it is gathered, as its room `doctor_SECTION` says too.
SECTIONS: Mapping[str, Products] = {
    "names": EVERYWHERE,
    "clock": EVERYWHERE,
    "network": EVERYWHERE,
    "krb5": EVERYWHERE,
    "keytabs": EVERYWHERE,
    "directory": EVERYWHERE,
    "database": frozenset(("kdc",)),
    "kdc": frozenset(("kdc", "kdc_replica")),
    "postfix": frozenset(("postfix",)),
    "axigen": frozenset(("axigen",)),
    "zimbra": frozenset(("zimbra",)),
    "cas": frozenset(("cas",)),
    "java": frozenset(("cas",)),
    "workstation": frozenset(("workstation", "prober")),
    "running": SERVERS,
    "logs": SERVERS,
}

# What a broken host may do to a room that meets it: each is evidence and no reason to lose the other sections.
UNFORESEEN = (
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    EOFError,
    subprocess.SubprocessError,
)


def gather_all(asked: Asked) -> Dict[str, Any]:
    """The evidence by section; ``{"untested": why}`` for one that could not be gathered."""
    here = frozenset(asked.products)
    wanted = [name for name, products in SECTIONS.items() if not products or products & here]
    begun = time.monotonic()
    return {"asked": told(asked), **{name: gathered(name, asked, begun) for name in wanted}}


def gathered(name: str, asked: Asked, begun: float) -> Dict[str, Any]:
    """One section, or why it could not be gathered. What ``since`` says counts from when all began."""
    try:
        passed = time.monotonic() - begun
        return dict(room(name).gather(dataclasses.replace(asked, since=asked.since + passed)))
    except Refusal as refusal:
        return {"untested": str(refusal)}
    except UNFORESEEN as error:
        words = str(error) or "no words"
        return {"untested": f"{name}: could not be looked at, for {type(error).__name__} came: {words}"}


def room(name: str) -> Any:
    """The room that gathers a section."""
    return importlib.import_module(f".doctor_{name}", __package__)


def told(asked: Asked) -> Dict[str, Any]:
    """What was asked, as evidence has it, for the checks to compare with. Without the settings, of which each section
    tells what it takes, and some hold a password."""
    plain: Dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(dataclasses.replace(asked, settings={}))))
    del plain["settings"]
    return plain
