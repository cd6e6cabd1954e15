# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service of Zimbra really runs with: what its ports offer, and what its processes and files tell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Dict, Mapping, Optional, Sequence, Tuple

from .dialogue import text

_REALM = re.compile(r"^\s*default_realm\s+[\"']?([^\s;\"']+)[\"']?\s*;", re.MULTILINE)
# The first word of localconfig's stock spnego_java_options: with it Java takes its Kerberos from jetty_base/etc
_SPNEGO = "-Djava.security.krb5.conf="


@dataclass(frozen=True)
class Offer:
    """What one port offers under TLS; ``mechanisms`` is None where it told none, ``fault`` then says why.

    ``name`` is the name under which the service answers EHLO, empty for other protocols.
    """

    mechanisms: Optional[Tuple[str, ...]]
    fault: str = ""
    name: str = ""


@dataclass(frozen=True)
class Process:
    """A process, told from a later one with the same number by its start.

    ``ticks`` are of the machine's clock since its own start (proc(5)), ``started`` the same in seconds since 1970,
    which moves when the clock is set.
    """

    pid: int
    ticks: int
    started: float = field(compare=False)


@dataclass(frozen=True)
class Running:
    """One service as it runs.

    ``offers``: by protocol, of the ports that were looked at. ``process``: the one that its pid file names, None where
    there is none. ``environment``: of the smtpd that answers, the variables that are asked for, None where none
    answers. ``realms``: the default realms in the proxy's generated files, None where there are no such files.
    ``newer``: files that a process reads at its start alone and that were written since. ``spnego``: whether mailboxd
    was started for web sign-on.
    """

    installed: bool
    offers: Mapping[str, Offer] = field(default_factory=dict)
    process: Optional[Process] = None
    environment: Optional[Mapping[str, str]] = None
    realms: Optional[Tuple[str, ...]] = None
    newer: Tuple[str, ...] = ()
    spnego: bool = False

    @property
    def alive(self) -> bool:
        return self.process is not None or any(offer.mechanisms is not None for offer in self.offers.values())


def ehlo_name(line: bytes) -> str:
    """The server's name in the first line of its answer to EHLO (RFC 5321 section 4.1.1.1), in small letters."""
    words = text(line[4:]).split()
    return words[0].lower() if words else ""


def realms_in(generated: str) -> Tuple[str, ...]:
    """The values of `default_realm` in a generated file of the proxy."""
    return tuple(_REALM.findall(generated))


def variables(environment: bytes, names: Sequence[str]) -> Dict[str, str]:
    """Those of the names that are set in an environment as /proc/PID/environ shows it."""
    pairs = (entry.partition(b"=") for entry in environment.split(b"\0") if b"=" in entry)
    found = {
        name.decode("utf-8", "surrogateescape"): value.decode("utf-8", "surrogateescape")
        for name, dummy, value in pairs
    }
    return {name: found[name] for name in names if name in found}


def runs_spnego(arguments: Sequence[str], generated: str, wanted: bool) -> bool:
    """Whether a JVM with these arguments does web sign-on, with the options that ``generated`` holds where ``wanted``.

    ``generated`` is conf/spnego_java_options: zmconfigd leaves it blank while zimbraSpnegoAuthEnabled is FALSE, and
    zmmailboxdctl adds its words to the JVM's arguments (zm-core-utils src/bin/zmmailboxdctl).
    """
    started = any(argument.startswith(_SPNEGO) for argument in arguments)
    words = generated.split()
    return bool(words) and set(words) <= set(arguments) if wanted else started
