# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Zimbra's services must run with, against what they do: which sections are rewritten, and what is restarted how.

Pure: works on what was seen of the running services (zimbra_offer.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Optional, Tuple

from .dialogue import GSSAPI
from .refusal import Refusal
from .zimbra_offer import Offer, Running

MAILBOX, PROXY, MTA, MTA_ENVIRONMENT, MTA_STOPPED = "mailbox", "proxy", "mta", "mta_environment", "mta_stopped"
SERVICES = (MAILBOX, PROXY, MTA)
PENDING = (*SERVICES, MTA_ENVIRONMENT)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class ServicesRefusal(Refusal):
    """What is asked makes no sense, or a service does not come to it."""


@dataclass(frozen=True)
class Act:
    """What makes a service run with what is set now.

    ``sections`` are zmconfigd's, ``commands`` the programs with their words in order. ``renews``: afterwards it is
    another process.
    """

    service: str
    sections: Tuple[str, ...]
    commands: Tuple[Tuple[str, ...], ...]
    done: str
    renews: bool = False


# In the order in which zmconfigd restarts (zm-jython jylibs/state.py): mailboxd, proxy, MTA. `norewrite` where what is
# to be written has just been: zmconfigd itself (reload) and zmcontrol (start) call zmmtactl so, whose scripts would ask
# for a rewrite of 5 s apiece otherwise. The other two write more than these sections at their start (zmtlsctl).
ACTS: Dict[str, Act] = {
    # The launcher's arguments are read before zmmailboxdctl rewrites them: section mailbox comes first (src/bin)
    MAILBOX: Act(MAILBOX, ("mailbox",), (("bin/zmmailboxdctl", "restart"),), "restarted", renews=True),
    # krb5_keytab is in no section: nginx gets it at its start
    PROXY: Act(PROXY, ("proxy",), (("bin/zmproxyctl", "restart"),), "restarted", renews=True),
    # `zmmtactl restart` is a reload too; reload says what happens
    MTA: Act(MTA, ("mta", "sasl"), (("bin/zmmtactl", "reload", "norewrite"),), "reloaded"),
    # Postfix's master takes import_environment at its own start alone
    MTA_ENVIRONMENT: Act(
        MTA,
        ("mta", "sasl"),
        (("bin/zmmtactl", "stop"), ("bin/zmmtactl", "start", "norewrite")),
        "stopped and started",
        renews=True,
    ),
    MTA_STOPPED: Act(MTA, ("mta", "sasl"), (("bin/zmmtactl", "start", "norewrite"),), "started"),
}
# What does the work of others too
_COVERS = {MTA_STOPPED: (MTA, MTA_ENVIRONMENT), MTA_ENVIRONMENT: (MTA,)}
# What zmconfigd may restart by itself within a minute after a change. Where such a change is pending, what is seen in
# the meantime says nothing, and check mode would foresee another difference than the run then finds.
_RACED = frozenset({PROXY, MTA})
REWRITE = "libexec/configrewrite"
LOGS = {
    MAILBOX: "/opt/zimbra/log/mailbox.log",
    PROXY: "/opt/zimbra/log/nginx.log",
    MTA: "/var/log/zimbra.log",
}


@dataclass(frozen=True)
class Ask:
    """What one service must run with. What is None, empty or not in a mapping is left as it is.

    ``gssapi``: by protocol, whether it must be offered. ``looks``: the ports to look at, by protocol. ``mechanisms``:
    those that the MTA must offer at least.
    """

    service: str
    gssapi: Mapping[str, bool] = field(default_factory=dict)
    looks: Mapping[str, int] = field(default_factory=dict)
    realm: Optional[str] = None
    spnego: Optional[bool] = None
    mechanisms: Tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    myhostname: str = ""


@dataclass(frozen=True)
class Wish:
    """All that is asked. ``timeout`` in seconds for each service."""

    host: str
    asks: Tuple[Ask, ...] = ()
    pending: FrozenSet[str] = frozenset()
    timeout: float = 120.0

    @property
    def looked_at(self) -> Tuple[Ask, ...]:
        """What to look at: services that are asked for, and those of which something is pending."""
        asked = {ask.service: ask for ask in self.asks}
        pending = {ACTS[name].service for name in self.pending}
        return tuple(asked.get(name, Ask(name)) for name in SERVICES if name in asked or name in pending)


@dataclass(frozen=True)
class Finding:
    """What a service does not do as asked. ``kind`` names the act that mends it, ``after`` what is so then."""

    kind: str
    before: str
    after: str

    @property
    def service(self) -> str:
        return ACTS[self.kind].service


@dataclass(frozen=True)
class Plan:
    """What was found, and what mends it."""

    findings: Tuple[Finding, ...] = ()

    @property
    def acts(self) -> Tuple[Act, ...]:
        kinds = {finding.kind for finding in self.findings}
        covered = {other for kind in kinds for other in _COVERS.get(kind, ())}
        return tuple(act for kind, act in ACTS.items() if kind in kinds - covered)

    @property
    def sections(self) -> Tuple[str, ...]:
        """All at once: a request marks the other sections' changes as seen without acting on them (jylibs/state.py)."""
        return tuple(dict.fromkeys(section for act in self.acts for section in act.sections))

    @property
    def commands(self) -> Tuple[Tuple[str, ...], ...]:
        """The programs that are run, with their words, in order."""
        acts = self.acts
        return ((REWRITE, *self.sections), *(command for act in acts for command in act.commands)) if acts else ()

    @property
    def restarted(self) -> List[str]:
        return [act.service for act in self.acts]


def wish_from(params: Mapping[str, Any]) -> Wish:
    """The module's options as a wish; ServicesRefusal where they make no sense by themselves."""
    if params["timeout"] < 1:
        raise ServicesRefusal(f"timeout {params['timeout']}: is too short; write at least 1 second")
    if params["spnego"] is not None and params[MAILBOX] is None:
        raise ServicesRefusal("spnego: is of the service mailbox, which is not asked for; give mailbox, if only as {}")
    asks = [_ask(service, params) for service in SERVICES if params[service] is not None]
    pending = frozenset(params["pending"])
    return Wish(params["hostname"], tuple(asks), pending, float(params["timeout"]))


def _ask(service: str, params: Mapping[str, Any]) -> Ask:
    given = params[service]
    ports = {key: value for key, value in given.items() if key == "port" or key.endswith("_port")}
    for key, port in ports.items():
        if not 1 <= port <= 65535:
            raise ServicesRefusal(f"{service}.{key} {port}: does not exist; write a number from 1 to 65535")
    if service == MTA:
        return Ask(
            service,
            looks={"smtp": given["port"]},
            mechanisms=tuple(dict.fromkeys(_mechanism(name) for name in given["mechanisms"] or ())),
            environment={name: _value(name, value) for name, value in (given["environment"] or {}).items()},
            myhostname=(given["myhostname"] or "").rstrip(".").lower(),
        )
    gssapi = {protocol: given[protocol] for protocol in ("imap", "pop3") if given[protocol] is not None}
    return Ask(
        service,
        gssapi=gssapi,
        looks={protocol: given[f"{protocol}_port"] for protocol in gssapi},
        realm=given.get("realm"),
        spnego=params["spnego"] if service == MAILBOX else None,
    )


def _mechanism(name: str) -> str:
    if not re.match(r"[A-Za-z0-9_-]{1,20}\Z", name):
        raise ServicesRefusal(f"mta.mechanisms '{name}': is no SASL mechanism; write one word an entry, such as GSSAPI")
    return name.upper()


def _value(name: str, value: Any) -> str:
    if not _VARIABLE.match(name):
        raise ServicesRefusal(f"mta.environment.{name}: is no name of a variable; write one such as KRB5_KTNAME")
    text = "" if value is None else str(value)
    if not text or any(not character.isprintable() or character.isspace() for character in text):
        raise ServicesRefusal(f"mta.environment.{name}: import_environment holds no such value; give it without blanks")
    return text


def plan(state: Mapping[str, Running], wish: Wish) -> Plan:
    """What must be done; ServicesRefusal where a service that is asked for is not installed.

    A pending change of a service that is not installed is none: global settings are pending on every host.
    """
    asked = {ask.service for ask in wish.asks}
    found: List[Finding] = []
    for ask in wish.looked_at:
        running = state[ask.service]
        if not running.installed:
            if ask.service in asked:
                raise ServicesRefusal(
                    f"{ask.service}: this host has none of Zimbra's; install the package zimbra-"
                    f"{'store' if ask.service == MAILBOX else ask.service}, or leave the option out"
                )
            continue
        findings = [finding for finding in judge(ask, running) if finding.kind not in wish.pending & _RACED]
        found += findings
        if findings and not running.alive:
            continue  # a start is enough
        known = {finding.kind for finding in findings}
        waiting = (name for name in PENDING if name in wish.pending - known and ACTS[name].service == ask.service)
        found += [Finding(name, "what was changed is not in force", "what was changed is in force") for name in waiting]
    return Plan(tuple(found))


def judge(ask: Ask, running: Running) -> Iterable[Finding]:
    """What of the service is not as asked."""
    if not running.alive:
        kind = MTA_STOPPED if ask.service == MTA else ask.service
        fault = next((offer.fault for offer in running.offers.values() if offer.fault), "")
        yield Finding(kind, f"does not run ({fault})" if fault else "does not run", "runs")
        return
    for protocol, port in ask.looks.items():
        offer = running.offers[protocol]
        if offer.mechanisms is None:
            where = f"{protocol.upper()} on port {port}"
            yield Finding(ask.service, f"{where} does not answer ({offer.fault})", f"{where} answers")
        elif protocol == "smtp":
            yield from _smtp(ask, offer)
        elif (GSSAPI in offer.mechanisms) != ask.gssapi[protocol]:
            rest = set(offer.mechanisms) - {GSSAPI}
            yield _offers(ask.service, protocol, offer, rest | {GSSAPI} if ask.gssapi[protocol] else rest)
    if running.environment is not None:
        yield from _environment(ask, running.environment)
    yield from _files(ask, running)


def _smtp(ask: Ask, offer: Offer) -> Iterable[Finding]:
    have = set(offer.mechanisms or ())
    if not set(ask.mechanisms) <= have:
        yield _offers(MTA, "smtp", offer, have | set(ask.mechanisms))
    if ask.myhostname and offer.name != ask.myhostname:
        yield Finding(MTA, f"is {offer.name or 'without a name'}", f"is {ask.myhostname}")


def _offers(kind: str, protocol: str, offer: Offer, after: Iterable[str]) -> Finding:
    words = [", ".join(sorted(names)) or "no mechanism" for names in (offer.mechanisms or (), after)]
    return Finding(kind, f"{protocol.upper()} offers {words[0]}", f"{protocol.upper()} offers {words[1]}")


def _environment(ask: Ask, environment: Mapping[str, str]) -> Iterable[Finding]:
    for name, value in ask.environment.items():
        have = environment.get(name)
        if have != value:
            before = f"runs without {name}" if have is None else f"runs with {name}={have}"
            yield Finding(MTA_ENVIRONMENT, before, f"runs with {name}={value}")


def _files(ask: Ask, running: Running) -> Iterable[Finding]:
    if ask.realm is not None and running.realms is not None and set(running.realms) != ({ask.realm} - {""}):
        have = ", ".join(running.realms) or "none"
        yield Finding(PROXY, f"default realm is {have}", f"default realm is {ask.realm or 'none'}")
    if ask.spnego is not None and running.spnego != ask.spnego:
        words = ["was started for web sign-on", "was started without web sign-on"]
        yield Finding(MAILBOX, words[int(ask.spnego)], words[int(not ask.spnego)])
    for path in running.newer:
        yield Finding(ask.service, f"was started before {path} was written", f"was started with {path}")
