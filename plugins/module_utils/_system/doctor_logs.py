# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's evidence in logs: what is known of logins that failed, since the service was as it is now.

``{logs: [{product, since, symptoms: [{symptom, cause, remedy, count, places, last}], missing}]}``, a KDC's symptoms
each with its ``principal``; ``untested: why`` in place of the symptoms where a log may not be read. Lines older than
the start of the service, or than a change of what it reads, tell of what was, and are left out.
"""

from __future__ import annotations

import datetime
import os
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence, Tuple

from .._domain import axigen_symptoms, kdc_log, postfix_log
from .._domain.doctor_asked import Asked
from .._domain.heard import Heard, report
from .._domain.log_entries import Entry
from .._domain.log_time import LogRefusal
from .._domain.refusal import Refusal
from .._domain.running_units import units_of
from .._domain.unit import UnitRefusal
from .._domain.zimbra_log import entries, shown, stamp
from . import axigen_logs, cas_logs, journal, systemctl, zimbra_logs
from .log_tail import Tail

MOST = 20000  # lines of a journal that are read
# Read where the journal holds nothing: a host whose syslog writes files hands them the same lines.
FILES = {"postfix": ("/var/log/mail.log", "/var/log/maillog"), "kdc": ("/var/log/krb5kdc.log",)}
AXIGEN = ("/var/opt/axigen/log/everything.txt", "/var/opt/axigen/log/default.txt")
ZIMBRA = ("/opt/zimbra/log/mailbox.log", "/opt/zimbra/log/nginx.log", "/var/log/zimbra.log")
# What each product reads beside its keytabs and krb5.conf.
CONFIGURATION = {
    "postfix": (
        "/etc/postfix/main.cf",
        "/etc/postfix/master.cf",
        "/etc/postfix/sasl/smtpd.conf",
        "/etc/sasl2/smtpd.conf",
    ),
    "axigen": ("/var/opt/axigen/run/axigen.cfg",),
}
JOURNALS = {"postfix": ("dovecot",)}  # beside those of its own units


@dataclass(frozen=True)
class _Span:
    """From when on lines count, and what time it is; both with the host's zone."""

    since: datetime.datetime
    now: datetime.datetime


def gather(asked: Asked) -> Dict[str, Any]:
    """The logs of each product of this host."""
    return {"logs": [_of_product(product, asked) for product in READERS if product in asked.products]}


def _of_product(product: str, asked: Asked) -> Dict[str, Any]:
    now = datetime.datetime.now().astimezone()
    since = datetime.datetime.fromtimestamp(_begin(product, asked)).astimezone()
    told: Dict[str, Any] = {"product": product, "since": since.isoformat()}
    try:
        symptoms, missing = READERS[product](asked, _Span(since, now))
    except (LogRefusal, UnitRefusal) as refusal:
        return {**told, "untested": str(refusal)}
    return {**told, "symptoms": symptoms, "missing": missing}


def _begin(product: str, asked: Asked) -> float:
    """When the service became what it is now, or ``asked.since`` seconds ago; in seconds since 1970."""
    keytabs = [one for one in asked.keytabs if one.product == product]
    paths = [path for one in keytabs for path in (one.path, one.krb5_conf)]
    units = [one for one in units_of(asked.products, asked.settings) if one.product == product]
    paths += [*CONFIGURATION.get(product, ()), *(path for one in units for path in one.reads)]
    starts = [_started(name) for one in units for name in one.names]
    return max([time.time() - asked.since, *map(_changed, paths), *starts])


def _started(unit: str) -> float:
    try:
        state = systemctl.read(unit)
    except Refusal:
        return 0.0
    return time.time() - time.monotonic() + state.entered if state.running and state.entered else 0.0


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def _lines(product: str, asked: Asked, span: _Span) -> Iterator[Entry]:
    """The lines of the journals of a product's units, each an entry; those of its files where there are none."""
    names = [name for one in units_of(asked.products, asked.settings) if one.product == product for name in one.names]
    found = 0
    for name in (*names, *JOURNALS.get(product, ())):
        for when, line in journal.lines(name, span.since, MOST) or ():
            found += 1
            yield Entry(when, f"journal of {name}", (shown(line),))
    for path in FILES.get(product, ()) if not found else ():
        yield from _of_file(path, span)


def _of_file(path: str, span: _Span) -> Iterator[Entry]:
    tail = Tail(path, span.since, lambda line: stamp(line, span.now)[0], by_stem=False)
    return entries(path, tail.lines(), span.since, span.now)


Read = Tuple[List[Dict[str, Any]], List[str]]


def _kdc(product: str) -> Callable[[Asked, _Span], Read]:
    def read(asked: Asked, span: _Span) -> Read:
        heard = kdc_log.heard_in(_lines(product, asked, span))
        return [{**report(one, "places"), "principal": principal} for principal, one in heard], []

    return read


def _postfix(asked: Asked, span: _Span) -> Read:
    facts = {"service_principal": f"smtp/{asked.host}@{asked.realm}", "host": asked.host}
    return _told(postfix_log.heard_in(_lines("postfix", asked, span), facts)), []


def _axigen(asked: Asked, span: _Span) -> Read:
    logs = axigen_logs.read_logs(_paths(asked, "axigen", AXIGEN), span.since, ())
    return _told(axigen_symptoms.heard_in(logs.logins)), logs.missing


def _zimbra(asked: Asked, span: _Span) -> Read:
    logs = zimbra_logs.read_logs(_paths(asked, "zimbra", ZIMBRA), span.since, span.now)
    return _told(logs.heard), logs.missing


def _cas(asked: Asked, span: _Span) -> Read:
    """Journal and files may hold the same lines, so that of both the fuller account counts."""
    settings = asked.settings.get("cas") or {}
    told = [
        cas_logs.read_logs(settings.get("unit", "cas"), (), span.since, span.now),
        cas_logs.read_logs("", _paths(asked, "cas", ()), span.since, span.now),
    ]
    best: Dict[str, Dict[str, Any]] = {}
    for one in (one for logs in told for one in logs.symptoms):
        if one["count"] > best.get(one["symptom"], {"count": 0})["count"]:
            best[one["symptom"]] = {
                key: value for key, value in {**one, "places": one["logs"]}.items() if key != "logs"
            }
    return list(best.values()), [path for logs in told for path in logs.missing]


def _paths(asked: Asked, product: str, usual: Sequence[str]) -> Sequence[str]:
    found = (asked.settings.get(product) or {}).get("logs")
    return found if isinstance(found, list) else usual


def _told(heard: Sequence[Heard]) -> List[Dict[str, Any]]:
    return [report(one, "places") for one in heard]


READERS: Mapping[str, Callable[[Asked, _Span], Read]] = {
    "kdc": _kdc("kdc"),
    "kdc_replica": _kdc("kdc_replica"),
    "postfix": _postfix,
    "axigen": _axigen,
    "zimbra": _zimbra,
    "cas": _cas,
}
