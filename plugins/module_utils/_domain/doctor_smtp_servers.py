# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of Postfix's SMTP servers: what main.cf and master.cf make of each, and what it offers on its port."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Iterator, Mapping, Sequence, Tuple

from .dialogue import GSSAPI
from .doctor import RUNNING, SETTINGS, Check, Fleet, Trouble, section
from .postfix_effect import lets_through, offers_tls, sets

Postfix = Mapping[str, Any]
Server = Mapping[str, Any]
Found = Iterator[Trouble]
MAIN = "/etc/postfix/main.cf"
MASTER = "/etc/postfix/master.cf"
SITE = "run the role postfix, which sets it"
CYRUS = "cyrus"


def of_postfix(look: Callable[[Postfix], Found]) -> Callable[[str, Fleet], Found]:
    """A look at the section of one host, where Postfix is there and can read its own files."""

    def whole(host: str, fleet: Fleet) -> Found:
        found = section(fleet[host], "postfix")
        if found.get("installed") and not found["refused"]:
            yield from look(found)

    return whole


def _of_servers(look: Callable[[Server, Postfix], Found]) -> Callable[[str, Fleet], Found]:
    """A look at each server by which users log in: those of the role, and others that let them."""

    def each(found: Postfix) -> Found:
        for server in found["servers"]:
            if server["key"] in asked_servers(found) or sets(server["values"], "smtpd_sasl_auth_enable"):
                yield from look(server, found)

    return of_postfix(each)


def asked_servers(found: Postfix) -> Dict[str, str]:
    """The entries of master.cf that the role's variables ask for, with the variable of each."""
    settings = found["settings"]
    asked = {"smtp/inet": "postfix_services"}
    if settings.get("submission"):
        asked["submission/inet"] = "postfix_submission"
    if settings.get("submissions"):
        asked[f"{settings.get('submissions_name') or 'submissions'}/inet"] = "postfix_submissions"
    return asked


def backend(found: Postfix) -> str:
    return str(found["settings"].get("backend") or CYRUS)


def _auth_off(server: Server, dummy: Postfix) -> Found:
    if not sets(server["values"], "smtpd_sasl_auth_enable"):
        yield _setting(server, "smtpd_sasl_auth_enable", "nobody can log in there", SITE)


def _sasl_type(server: Server, found: Postfix) -> Found:
    if server["values"].get("smtpd_sasl_type") != backend(found):
        cause = f"another library than {backend(found)} is asked who logs in"
        yield _setting(server, "smtpd_sasl_type", cause, f"{SITE} (postfix_sasl_backend)")


def _discarded(server: Server, dummy: Postfix) -> Found:
    words = re.split(r"[\s,]+", server["values"].get("smtpd_discard_ehlo_keywords", "").lower())
    hidden = [word for word in ("auth", "starttls") if word in words]
    if hidden:
        cause = f"the server does not tell clients of {' and '.join(hidden).upper()}"
        yield _setting(server, "smtpd_discard_ehlo_keywords", cause, "take the word out of it (postfix_main)")


def _filter(server: Server, dummy: Postfix) -> Found:
    if not lets_through(GSSAPI, server["values"].get("smtpd_sasl_mechanism_filter", "")):
        remedy = "name gssapi in it, or take it out (postfix_main)"
        yield _setting(server, "smtpd_sasl_mechanism_filter", "the filter takes GSSAPI away", remedy)


def _tls_required(server: Server, dummy: Postfix) -> Found:
    values = server["values"]
    if sets(values, "smtpd_tls_auth_only") and not offers_tls(values):
        yield _setting(
            server,
            "smtpd_tls_security_level",
            "logins are allowed under TLS alone (smtpd_tls_auth_only), and TLS is off",
            f"{SITE} (postfix_main), or set postfix_auth_without_tls to true",
        )


def _silent(server: Server, found: Postfix) -> Found:
    offer = server["offer"]
    if offer["tls"] is None and offer["clear"] is None and found["running"]:
        yield Trouble(
            f"{offer['host']} port {server['port']}",
            "the server does not answer, or ends at once",
            offer["fault"],
            "read why in Postfix's log (journalctl -u 'postfix*'): without any mechanism, as where the keytab is "
            "missing, it ends at once",
        )


def _not_offered(server: Server, found: Postfix) -> Found:
    offer, values = server["offer"], server["values"]
    told = offer["tls"] if offer["tls"] is not None else offer["clear"]
    if told is None or not sets(values, "smtpd_sasl_auth_enable"):
        return
    clear = offer["clear"] or []
    if offer["tls"] is None and GSSAPI not in clear:
        cause, evidence = "the server does not come to TLS", offer["fault"]
    elif GSSAPI not in told:
        cause = "the server does not offer GSSAPI"
        evidence = f"it offers {listed(told)}{' under TLS' if offer['tls'] is not None else ''}"
    elif found["settings"].get("auth_without_tls") and offer["clear"] is not None and not _asks_for_tls(server, clear):
        cause, evidence = "the server does not offer GSSAPI before TLS", f"before TLS it offers {listed(clear)}"
    else:
        return
    yield Trouble(
        f"{offer['host']} port {server['port']}",
        cause,
        evidence,
        "see that the keytab is there and readable for postfix, then run `systemctl reload postfix`: a server that "
        "began without it never offers GSSAPI",
    )


def _asks_for_tls(server: Server, clear: Sequence[str]) -> bool:
    return GSSAPI in clear or sets(server["values"], "smtpd_tls_auth_only")


def _setting(server: Server, name: str, cause: str, remedy: str) -> Trouble:
    return Trouble(f"{server['key']} in {MASTER} and {MAIN}", cause, setting(server["values"], name), remedy)


def setting(values: Mapping[str, str], name: str) -> str:
    return f"{name} = {values.get(name, '')}".rstrip()


def listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "no mechanism"


NO_LOGIN = "users of Postfix cannot log in by Kerberos"
NO_PORT = "mail clients do not reach Postfix"
NOT_OFFERED = ("postfix.not_offered", "postfix.silent")

CHECKS: Tuple[Check, ...] = (
    Check("postfix.auth_off", SETTINGS, NO_LOGIN, _of_servers(_auth_off), NOT_OFFERED),
    Check("postfix.sasl_type", SETTINGS, NO_LOGIN, _of_servers(_sasl_type), (*NOT_OFFERED, "postfix.dovecot_socket")),
    Check("postfix.ehlo_discarded", SETTINGS, NO_LOGIN, _of_servers(_discarded), NOT_OFFERED),
    Check("postfix.mechanism_filter", SETTINGS, NO_LOGIN, _of_servers(_filter), NOT_OFFERED),
    Check("postfix.tls_required", SETTINGS, NO_LOGIN, _of_servers(_tls_required), NOT_OFFERED),
    Check("postfix.silent", RUNNING, NO_PORT, _of_servers(_silent)),
    Check("postfix.not_offered", RUNNING, NO_LOGIN, _of_servers(_not_offered)),
)
