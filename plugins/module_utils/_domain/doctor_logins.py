# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of real logins: what `sso_probe` met on the prober, told of the host where it went wrong.

Section ``logins`` of the prober: ``{"services": [...]}``, the results of `sso_probe`. A login that fails on its way to
a server is a trouble of that server; one that had not even a ticket of the user's is one of the prober.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Mapping, Sequence, Tuple

from .connection_symptoms import REACHING
from .doctor import BROKEN, LOGIN, UNTESTED, Check, Evidence, Fleet, Trouble, section
from .service_symptoms import KEYTAB_OF_SERVICE, OFFERS
from .symptoms import Symptom
from .ticket_symptoms import CLOCK_AND_KDC, CREDENTIALS, TICKETS

Login = Mapping[str, Any]
Look = Callable[[str, Fleet], Iterator[Trouble]]
NO_TICKET = "without a ticket"


def _names(*tables: Sequence[Symptom]) -> FrozenSet[str]:
    return frozenset(symptom.name for table in tables for symptom in table)


OF_THE_PROBER = _names(CLOCK_AND_KDC, CREDENTIALS)
TICKET, CONNECTION, OFFER, SERVICE_KEY = _names(TICKETS), _names(REACHING), _names(OFFERS), _names(KEYTAB_OF_SERVICE)
# Whatever a server says for which there is no other name is its refusal.
NAMED = TICKET | CONNECTION | OFFER | SERVICE_KEY


def _look_on_prober(host: str, fleet: Fleet) -> Iterator[Trouble]:
    """Logins that failed before any server had a part in them."""
    failed = [one for one in _logins(fleet[host]) if _is_the_probers(one)]
    if failed:
        yield from _troubles(failed, _with_product(fleet, "kdc"))


def _look_on_server(of_this_kind: Callable[[str], bool]) -> Look:
    def look(host: str, fleet: Fleet) -> Iterator[Trouble]:
        for prober, evidence in fleet.items():
            told = [one for one in _logins(evidence) if of_this_kind(one["symptom"]) and not _is_the_probers(one)]
            failed = [one for one in told if one["host"] == _name(fleet[host])]
            if host == prober:
                failed += _elsewhere(told, fleet)
            if failed:
                yield from _troubles(failed, (prober, *_with_product(fleet, "kdc")))

    return look


def _name(evidence: Evidence) -> str:
    return str(section(evidence, "asked").get("host") or "")


def _elsewhere(logins: Sequence[Login], fleet: Fleet) -> List[Login]:
    """The logins to hosts of which there is no evidence."""
    known = {_name(evidence) for evidence in fleet.values()} if logins else set()
    return [one for one in logins if one["host"] not in known]


def _untested(host: str, fleet: Fleet) -> Iterator[Trouble]:
    """Logins that nobody could try: the bindings are missing, or the section could not be had."""
    missing = (fleet[host].get("logins") or {}).get("untested")
    if missing:
        yield Trouble("the logins of the prober", "no login was tried", missing, "mend that, and run again", UNTESTED)
    untried = _logins(fleet[host], ok=None)
    if untried:
        first = untried[0]
        yield Trouble(_places(untried), first["cause"], NO_TICKET, first["remedy"], UNTESTED)


def _logins(evidence: Mapping[str, Any], ok: Any = False) -> List[Login]:
    return [one for one in section(evidence, "logins").get("services") or () if one["ok"] is ok]


def _is_the_probers(login: Login) -> bool:
    return login["symptom"] in OF_THE_PROBER and login.get("kvno") is None


def _with_product(fleet: Fleet, product: str) -> Tuple[str, ...]:
    return tuple(host for host in sorted(fleet) if product in (section(fleet[host], "asked").get("products") or ()))


def _troubles(failed: Sequence[Login], rests_on: Tuple[str, ...]) -> Iterator[Trouble]:
    """One for each cause and remedy, over all the logins that they are of."""
    causes: Dict[Tuple[str, str], List[Login]] = {}
    for login in failed:
        causes.setdefault((login["cause"], login["remedy"]), []).append(login)
    for (cause, remedy), logins in causes.items():
        yield Trouble(_places(logins), cause, _evidence(logins[0]), remedy, BROKEN, rests_on=rests_on)


def _places(logins: Sequence[Login]) -> str:
    return ", ".join(dict.fromkeys(f"{one['protocol']} {one['host']}:{one['port']}" for one in logins))


def _evidence(login: Login) -> str:
    """What the login got: the ticket, and the last words that it heard."""
    words = login.get("answer") or "no answer"
    if login.get("kvno") is None:
        return f"{login['symptom']}, {NO_TICKET}: {words}"
    ticket = f"{login['service_principal']} kvno {login['kvno']} {login['enctype']}"
    return f"{login['symptom']}, with a ticket for {ticket}: {words}"


CHECKS = (
    Check(
        "login.credentials",
        LOGIN,
        "the prober gets no ticket of its own account, and users of its network may not either",
        _look_on_prober,
    ),
    Check(
        "login.ticket",
        LOGIN,
        "clients get no ticket for the service, and are asked for a password or turned away",
        _look_on_server(TICKET.__contains__),
    ),
    Check("login.connection", LOGIN, "clients do not reach the service", _look_on_server(CONNECTION.__contains__)),
    Check("login.offer", LOGIN, "clients are not offered Kerberos", _look_on_server(OFFER.__contains__)),
    Check(
        "login.service_key",
        LOGIN,
        "clients have a ticket, and the service cannot open it",
        _look_on_server(SERVICE_KEY.__contains__),
    ),
    Check(
        "login.refused",
        LOGIN,
        "clients have a ticket, and the service turns them away",
        _look_on_server(lambda symptom: symptom not in NAMED),
    ),
    Check("login.untested", LOGIN, "nobody knows whether users can log in", _untested),
)
