# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section ``network``: which KDCs answer this host over UDP and TCP, the server for changes, and the SRV records."""

from __future__ import annotations

import dataclasses
import socket
from typing import Any, Dict, List, Optional, Tuple

from .._domain.doctor_asked import Asked
from .._domain.kdc_answer import place_of
from .dns_question import dns_seen
from .effective_profile import effective_profile
from .kdc_questions import PATIENCE, question

KADMIN_PORT = 749


def gather(asked: Asked) -> Dict[str, Any]:
    told = [dataclasses.asdict(one) for one in question(kdcs_of(asked), asked.realm)]
    return {"kdcs": told, "admin": _admin(asked), "srv": _records(asked.realm)}


def kdcs_of(asked: Asked) -> Tuple[str, ...]:
    """The KDCs that the site names, else those of krb5.conf, else those of DNS."""
    if asked.kdcs:
        return asked.kdcs
    named = effective_profile(asked.krb5_conf).values("realms", asked.realm, "kdc")
    if named:
        return tuple(named)
    records = dns_seen([], [], asked.realm).records.get(f"_kerberos._tcp.{asked.realm.lower()}", ())
    return tuple(record.split()[-1] for record in records)


def _admin(asked: Asked) -> Optional[Dict[str, Any]]:
    """Whether the admin_server of krb5.conf takes connections; None where it names none, and in Active Directory, whose
    controllers have no kadmind."""
    if asked.settings.get("directory"):
        return None
    named = effective_profile(asked.krb5_conf).first("realms", asked.realm, "admin_server")
    if not named:
        return None
    host, port = place_of(named)
    port = port if named.rstrip().endswith(f":{port}") else KADMIN_PORT
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except (OSError, UnicodeError) as error:
        words = "no answer" if isinstance(error, socket.timeout) else getattr(error, "strerror", None) or str(error)
        return {"server": host, "port": port, "answered": False, "words": words}
    return {"server": host, "port": port, "answered": True, "words": ""}


def _records(realm: str) -> Dict[str, List[str]]:
    """The SRV and TXT records of the realm by name; ``untested`` where DNS does not answer."""
    view = dns_seen([], [], realm)
    if view.error:
        return {"untested": [view.error]}
    return {name: list(answers) for name, answers in view.records.items()}
