# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Axigen's log, as `axigen_log_info` reads it, says about the logins that verify."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Tuple

from .axigen_log import ACCEPTED, MODULES

# By service class of a principal; WebMail's sessions tell no mechanism
LOGGED: Mapping[str, str] = {"smtp": MODULES["smtp"], "imap": MODULES["imap"], "pop": MODULES["pop3"]}


def silent(principals: Sequence[str], sessions: Sequence[Mapping[str, Any]]) -> List[str]:
    """The parts of Axigen, by their names in the log, that serve ``principals`` and show no login by GSSAPI."""
    heard = {one["module"] for one in sessions if (one["mechanism"], one["result"]) == ("GSSAPI", ACCEPTED)}
    asked = dict.fromkeys(name.partition("/")[0] for name in principals)
    return [LOGGED[service] for service in asked if service in LOGGED and LOGGED[service] not in heard]


def with_symptoms(message: str, logs: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """``message`` with what the logs of hosts say behind it, each cause once: ``logs`` are symptoms by host."""
    said: Dict[Tuple[str, str, str], None] = {}
    for host, symptoms in logs.items():
        said.update(dict.fromkeys((host, one["cause"], one["remedy"]) for one in symptoms))
    return "; ".join([message, *(f"the log of {host} says: {cause}; {remedy}" for host, cause, remedy in said)])
