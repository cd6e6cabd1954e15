# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Axigen is set to: asked of the running server in one session, read from its file, and seen at its ports."""

from __future__ import annotations

import contextlib
import functools
import re
import socket
import time
from dataclasses import replace
from typing import Callable, Dict, List, Mapping, Optional, Tuple

from .._domain.axigen_attributes import SERVICES, named
from .._domain.axigen_cfg import CfgRefusal, server
from .._domain.axigen_cli import AxigenRefusal, AxigenRefused, first_column, shown_values
from .._domain.axigen_configured import Configured, Listener, configured
from .._domain.axigen_settings import Plan, State, Wish, plan
from .axigen_cli import AxigenCli

PATIENCE = 5.0  # seconds for a started service's port and for a saved file: nothing says that they come before `+OK`
PORT_PATIENCE = 2.0  # seconds for a connection
_WRAPPED = re.compile(r"\s*Server\s*=?\s*\{", re.IGNORECASE)
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to look, not where to listen
NO_LISTENERS = (
    "this Axigen does not tell its listeners (SHOW CONFIG); leave running out, and see to the service by hand"
)


def read_state(cli: AxigenCli, wish: Wish, path: str, warn: Callable[[str], None]) -> State:
    """All that the plan for ``wish`` needs. What the plan would change is asked for once more in its own context.

    That also shows, in check mode as in the run, whether the administrator may go there.
    """
    domains = read_domains(cli) if wish.domain else None
    cli.enter("CONFIG SERVER")
    running = read_running(cli)
    for service in dict.fromkeys(ask.service for ask in wish.asks):
        known = running.services.get(service, {})
        if any(named(known, ask.attribute) is None for ask in wish.asks if ask.service == service):
            running = with_shown(cli, running, service)
    state = State(running, read_saved(path, warn), _answering(running, wish), domains)
    for service in plan(state, wish).services:
        running = with_shown(cli, running, service)
    cli.leave("BACK")
    return replace(state, running=running)


def read_whole(cli: AxigenCli, path: str, warn: Callable[[str], None]) -> State:
    """All that Axigen tells; services that this administrator may not enter are left out where SHOW CONFIG fails."""
    domains = read_domains(cli)
    cli.enter("CONFIG SERVER")
    running = read_running(cli)
    if not running.services:
        for service in SERVICES:
            with contextlib.suppress(AxigenRefused):
                running = with_shown(cli, running, service)
    cli.leave("BACK")
    return State(running, read_saved(path, warn), domains=domains)


def read_running(cli: AxigenCli) -> Configured:
    """The running configuration as SHOW CONFIG tells it, in the server's context.

    Where it does not, services and listeners are left out: `with_shown` asks for a service by itself.
    """
    said = cli.ask("SHOW CONFIG")
    if said.ok:
        start = next((at for at, line in enumerate(said.lines) if _WRAPPED.match(line)), 0)
        with contextlib.suppress(CfgRefusal):  # of a form that is not known: each service's own SHOW is simpler
            return configured(server("\n".join(said.lines[start:]), "SHOW CONFIG"))
    values = shown_values(cli.do("SHOW").lines)
    primary = named(values, "primaryDomain")
    return Configured(primary_domain=str(values[primary]) if primary else "")


def with_shown(cli: AxigenCli, found: Configured, service: str) -> Configured:
    """The configuration with what SHOW tells in the service's own context, which the server's leads to."""
    cli.enter(f"CONFIG {SERVICES[service].command}")
    values = shown_values(cli.do("SHOW").lines)
    cli.leave("BACK")
    kept = {name: value for name, value in found.services.get(service, {}).items() if named(values, name) is None}
    return replace(found, services={**found.services, service: {**kept, **values}})


def read_domains(cli: AxigenCli) -> Tuple[str, ...]:
    """The names of the server's domains, at the root."""
    return first_column(cli.do("LIST Domains").lines)


def read_saved(path: str, warn: Callable[[str], None]) -> Optional[Configured]:
    """What the file says; None where none is there or none is to be looked at, and with a warning where it is odd."""
    if not path:
        return None
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return configured(server(stream.read(), path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise AxigenRefusal(
            f"configuration_file {path}: may not be read ({error.strerror}); use become, or set it to '' so that it is "
            "not looked at"
        ) from error
    except CfgRefusal as refusal:
        warn(f"configuration_file {refusal}; so whether it holds what runs is not known")
        return None


def stopped_state(wish: Wish, path: str, warn: Callable[[str], None]) -> State:
    """Of an Axigen that does not run yet: it will run with what its file says."""
    saved = read_saved(path, warn)
    started = (saved.started if saved else None) or ()
    return State(None, saved, {service: SERVICES[service].name.lower() in started for service in wish.running})


def _answering(running: Configured, wish: Wish) -> Dict[str, bool]:
    found = {}
    for service in wish.running:
        listeners = running.listeners.get(service)
        if not listeners:
            raise AxigenRefusal(f"running.{service}: {NO_LISTENERS}")
        found[service] = answers(listeners)
    return found


def answers(listeners: Tuple[Listener, ...]) -> bool:
    """Whether one of the listeners takes a connection."""
    return any(_answers(listener.address) for listener in listeners if listener.enabled)


def _answers(address: str) -> bool:
    host, dummy, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        with socket.create_connection((ANY.get(host, host), int(port)), PORT_PATIENCE):
            return True
    except (OSError, ValueError, OverflowError):
        return False


def carry_out(cli: AxigenCli, planned: Plan, state: State, path: str) -> None:
    """Set, start and commit, service by service, then save; AxigenRefusal says what was done before it."""
    done: List[str] = []
    doing = ""
    try:
        if planned.services:
            cli.enter("CONFIG SERVER")
        for service in planned.services:
            cli.enter(f"CONFIG {SERVICES[service].command}")
            for change in planned.changes:
                if change.service == service:
                    cli.do(change.command)
            if service in planned.starts:
                cli.do("START Service")
            doing = service
            cli.leave("COMMIT")
            done.append(service)
            doing = ""
        if planned.services:
            cli.leave("COMMIT")
        if planned.save:
            cli.do("SAVE CONFIG")
    except AxigenRefusal as refusal:
        cli.drop()
        raise AxigenRefusal(f"{refusal}; {_done(done, doing)}") from refusal
    if planned.starts and state.running:
        _wait_for_ports(planned.starts, state.running.listeners)
    if planned.save:
        _wait_for_file(planned, path)


def _done(done: List[str], doing: str) -> str:
    if not done and not doing:
        return "nothing was changed"
    changed = f"{', '.join(done)} changed in the running server but not in its file" if done else ""
    perhaps = f"{doing} may have changed" if doing else ""
    return f"{' and '.join(filter(None, (changed, perhaps)))}, which another run completes"


def _wait_for_ports(starts: Tuple[str, ...], listeners: Mapping[str, Tuple[Listener, ...]]) -> None:
    for service in starts:
        there = listeners[service]
        if not _within(PATIENCE, functools.partial(answers, there)):
            places = ", ".join(one.address for one in there if one.enabled) or "none is enabled"
            raise AxigenRefusal(
                f"running.{service}: was started, but none of its listeners ({places}) answers; see Axigen's log"
            )


def _wait_for_file(planned: Plan, path: str) -> None:
    def written() -> bool:
        saved = read_saved(path, lambda dummy: None)
        return saved is None or not any(
            saved.services.get(change.service, {}).get(change.attribute) == change.before for change in planned.in_file
        )

    _within(PATIENCE, written)


def _within(seconds: float, true: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + seconds
    while not true():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.1)
    return True
