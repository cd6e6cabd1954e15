# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to hosts between two runs, as values: drifts that a run mends, and states that a run refuses."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Drift:
    """One drift: on which host, how it is made, what shows it, and which task must mend it.

    ``look`` prints the same before the drift and after the run that mends it, and something else between; it
    runs on ``seen_on`` (where the drift is made if empty). The task that must report the change, in check mode and
    in the run, runs on ``mended_on`` (where it is seen if empty): ``task`` matches a part of its name. ``secret``:
    whose password both scripts read from standard input.
    """

    title: str
    host: str
    make: str
    look: str
    task: str
    mended_on: str = ""
    seen_on: str = ""
    secret: str = ""

    @property
    def place(self) -> str:
        """The host whose task mends it."""
        return self.mended_on or self.host

    @property
    def view(self) -> str:
        """The host on which it shows."""
        return self.seen_on or self.place


@dataclasses.dataclass(frozen=True)
class Round:
    """Drifts that one check, one run and one run again serve; ``options`` are theirs."""

    drifts: tuple[Drift, ...]
    options: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Refused:
    """A state that site refuses on a host before it writes anything: made and undone by commands of the lab.

    ``sentence``: a pattern of what both check and run say.
    """

    title: str
    host: str
    make: tuple[str, ...]
    undo: tuple[str, ...]
    sentence: str


@dataclasses.dataclass(frozen=True)
class Change:
    """The site asks for something else: title, name of the round, options. Later ones go on from the earlier."""

    title: str
    name: str
    options: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Scene:
    """All that happens to the hosts of one site of the lab."""

    rounds: tuple[Round, ...]
    changes: tuple[Change, ...] = ()
    refused: tuple[Refused, ...] = ()


def unit_state(unit: str) -> str:
    """Whether a unit runs, now and at boot."""
    return f"systemctl is-active {unit}; systemctl is-enabled {unit}"


def typed(title: str, host: str, line: str) -> Drift:
    """A relation of [libdefaults] that concerns encryption types, in front of all others, where it counts."""
    make = f"sed -i 's/^.libdefaults.$/&\\n    {line}/' /etc/krb5.conf"
    return Drift(title, host, make, "cat /etc/krb5.conf", "policy of encryption types")


def realm_edit(title: str, host: str, edit: str) -> Drift:
    """An edit of krb5.conf by sed that concerns the realm."""
    return Drift(title, host, f"sed -i '{edit}' /etc/krb5.conf", "cat /etc/krb5.conf", "realm and its KDCs")
