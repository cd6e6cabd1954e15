# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of Axigen: what its process, its file and its ports say, against what the role asks of it."""

from __future__ import annotations

from typing import Any, Iterable, Iterator, List, Mapping, Set, Tuple

from .doctor import DEGRADED, RUNNING, SETTINGS, UNTESTED, Check, Fleet, Trouble, section
from .doctor_keys import held, listed
from .product_remedies import IDENTITY, REMEDIES

LOGINS = ("login.*", "log.*")
SITE = "run mailrealm.kerberos.site with --limit the host"
# By service as axigen_config names it: the protocol of the table of remedies, and Axigen's own name
PROTOCOLS: Mapping[str, Tuple[str, str]] = {
    "imap": ("imap", "imap"),
    "pop3": ("pop3", "pop3"),
    "smtp_incoming": ("smtp", "smtpIncoming"),
    "webmail": ("http", "webmail"),
}
GSSAPI = "GSSAPI"
NOT_SET = "not set"


def _found(host: str, fleet: Fleet) -> Mapping[str, Any]:
    return section(fleet[host], "axigen")


def _settings(host: str, fleet: Fleet) -> Mapping[str, Any]:
    return _found(host, fleet).get("settings") or {}


def _stopped(host: str, fleet: Fleet) -> Iterable[Trouble]:
    found = _found(host, fleet)
    if found and found["installed"] and found["process"] is None:
        unit = found["unit"]
        state = "masked" if unit["masked"] else "active without a process" if unit["running"] else "not running"
        yield Trouble(
            unit["name"],
            "Axigen does not run",
            f"no process of /opt/axigen/bin/axigen; {unit['name']} is {state}",
            f"start it (systemctl restart {unit['name']}); its journal and /var/opt/axigen/log say why it stopped",
        )
    if found and not found["installed"]:
        yield Trouble(
            "/opt/axigen/bin/axigen",
            "Axigen is not installed",
            "there is no /opt/axigen/bin/axigen",
            "install Axigen, or take the host out of the group axigen",
        )


def _services(host: str, fleet: Fleet) -> Iterator[Tuple[str, Mapping[str, Any], List[Mapping[str, Any]]]]:
    """Each service that is to run, what the file says of it, and what its ports said; of an Axigen that runs."""
    found = _found(host, fleet)
    if found.get("process"):
        for name in _settings(host, fleet).get("running") or ():
            ports = found["pages"] if name == "webmail" else found["offers"].get(name, [])
            yield name, (found["services"] or {}).get(name) or {}, ports


def _offer(port: Mapping[str, Any]) -> Any:
    """What a port offers, None where it does not answer."""
    return port["schemes"] if "schemes" in port else port["mechanisms"]


def _not_listening(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for name, told, ports in _services(host, fleet):
        own = PROTOCOLS[name][1]
        silent = [port for port in ports if _offer(port) is None]
        if ports and not silent:
            continue
        started = told.get("started")
        where = ", ".join(f"port {port['port']}: {port['fault']}" for port in silent) or "no listener is enabled"
        yield Trouble(
            own,
            f"Axigen's {own} does not answer"
            + (" on some of its ports" if len(silent) < len(ports) else "")
            + (", and services = (...) does not name it" if started is False else ""),
            f"{where}; in services: {'not known' if started is None else 'yes' if started else 'no'}",
            f"name {own} in services = (...) of axigen.cfg and restart Axigen"
            if started is False
            else f"let the role axigen start it (axigen_config, running.{name}); see that its listeners are enabled",
        )


def _attribute(told: Mapping[str, Any], name: str) -> str:
    for known, value in (told.get("attributes") or {}).items():
        if known.lower() == name.lower():
            return f"({' '.join(value)})" if isinstance(value, list) else str(value)
    return NOT_SET


def _gssapi(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for name, told, ports in _services(host, fleet):
        protocol, own = PROTOCOLS[name]
        lacking = [
            one
            for one in ports
            if name != "webmail" and one["mechanisms"] is not None and GSSAPI not in one["mechanisms"]
        ]
        for port in lacking[:1]:
            attribute = _attribute(told, "secureConnAuthTypes")
            way = {"none": "in the clear", "starttls": "after STARTTLS", "implicit": "under TLS"}[port["tls"]]
            yield Trouble(
                f"{own} on port{'s' if len(lacking) > 1 else ''} {listed([one['port'] for one in lacking])}",
                f"Axigen's {own} offers no GSSAPI" + ("" if port["tls"] != "none" else ", for it offers no TLS there"),
                f"port {port['port']} {way}: {listed(port['mechanisms'])}"
                + ("" if protocol == "smtp" else f"; axigen.cfg: secureConnAuthTypes = {attribute}"),
                str(REMEDIES[("axigen", protocol, "gssapi_not_offered")]),
            )


def _spnego(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for dummy, told, ports in _services(host, fleet):
        lacking = [
            one
            for one in ports
            if "schemes" in one and one["schemes"] is not None and "negotiate" not in one["schemes"]
        ]
        if lacking:
            yield Trouble(
                f"webmail on port {listed([one['port'] for one in lacking])}",
                "Axigen's WebMail asks browsers for no ticket",
                f"{lacking[0]['fault']}, WWW-Authenticate: {listed(lacking[0]['schemes'])}; axigen.cfg: "
                f"allowSPNEGOAuth = {_attribute(told, 'allowSPNEGOAuth')}",
                str(REMEDIES[("axigen", "http", "negotiate_not_offered")]),
            )


def _unsaved(host: str, fleet: Fleet) -> Iterable[Trouble]:
    """What runs offers GSSAPI, but the next start would not: the file lacks it."""
    for name, told, ports in _services(host, fleet):
        attribute = _attribute(told, "secureConnAuthTypes").lower()
        offers = any(GSSAPI in (one.get("mechanisms") or ()) for one in ports)
        if name in ("imap", "pop3") and offers and attribute != NOT_SET and not {"gssapi", "all"} & _words(attribute):
            yield Trouble(
                f"{PROTOCOLS[name][1]} in axigen.cfg",
                "Axigen offers GSSAPI until its next start alone, for its file does not hold it",
                f"offered now; axigen.cfg: secureConnAuthTypes = {attribute}",
                f"{SITE}, which saves what runs (SAVE CONFIG in the CLI)",
                DEGRADED,
            )


def _words(text: str) -> Set[str]:
    return set(text.strip("()").split())


def _wanted_keytab(host: str, fleet: Fleet) -> str:
    return str(_settings(host, fleet).get("keytab") or "")


def _keytab_elsewhere(host: str, fleet: Fleet) -> Iterable[Trouble]:
    found, wanted = _found(host, fleet), _wanted_keytab(host, fleet)
    usual = str(_settings(host, fleet).get("default_keytab") or "/etc/krb5.keytab")
    if not found.get("process") or not wanted:
        return
    used = _path(found["process"]["environment"].get("KRB5_KTNAME", ""), usual)
    if used != wanted:
        in_unit = _path(found["unit_environment"].get("KRB5_KTNAME", ""), usual)
        restart = in_unit == wanted
        yield Trouble(
            "KRB5_KTNAME of Axigen",
            f"Axigen looks for its keys in {used}, not in {wanted}"
            + (", for it was not restarted since its unit names that" if restart else ""),
            f"KRB5_KTNAME of process {found['process']['pid']}: "
            f"{found['process']['environment'].get('KRB5_KTNAME', NOT_SET)}; of the unit: "
            f"{found['unit_environment'].get('KRB5_KTNAME', NOT_SET)}",
            f"restart Axigen (systemctl restart {found['unit']['name']})"
            if restart
            else f"{SITE}, which names axigen_keytab in the unit's drop-in",
        )


def _path(name: str, usual: str) -> str:
    """The path in a keytab's name (krb5.conf(5)): FILE: is its usual type."""
    return (name[len("FILE:") :] if name.startswith("FILE:") else name) or usual


def _krb5_conf_elsewhere(host: str, fleet: Fleet) -> Iterable[Trouble]:
    found = _found(host, fleet)
    wanted = section(fleet[host], "asked").get("krb5_conf") or "/etc/krb5.conf"
    used = ((found.get("process") or {}).get("environment") or {}).get("KRB5_CONFIG")
    if used and used != wanted:
        yield Trouble(
            "KRB5_CONFIG of Axigen",
            f"Axigen reads {used} and not {wanted}, so that realm and enctypes are others than the roles set",
            f"KRB5_CONFIG of process {found['process']['pid']}: {used}",
            f"take KRB5_CONFIG out of the unit {found['unit']['name']} and restart it",
        )


def _host_keys(host: str, fleet: Fleet) -> Iterable[Trouble]:
    wanted = _wanted_keytab(host, fleet)
    names = sorted(
        {one.principal for one in held(fleet[host]) if one.path == wanted and one.principal.startswith("host/")}
    )
    if wanted and names and _found(host, fleet):
        yield Trouble(
            wanted,
            "Axigen's keytab holds the host's own keys, with which whoever takes Axigen over is the host",
            f"{wanted}: {listed(names)}",
            "leave axigen_keytab at a file of its own, as /etc/axigen.keytab, and give /etc/krb5.keytab back to root",
            DEGRADED,
        )


def _identity(host: str, fleet: Fleet) -> Iterable[Trouble]:
    """The primary domain is that of users who name themselves without one, as the document asks."""
    found, wanted = _found(host, fleet), str(_settings(host, fleet).get("domain") or "")
    primary = str(found.get("primary_domain") or "")
    if wanted and primary and primary.lower() != wanted.lower():
        yield Trouble(
            "primaryDomain",
            f"users who write their name without a domain, as they must, are looked for in {primary}, not in {wanted}",
            f"axigen.cfg: primaryDomain = {primary}",
            f"set primaryDomain to {wanted} (CONFIG SERVER in the CLI); clients: {IDENTITY}",
            DEGRADED,
        )


def _cli(host: str, fleet: Fleet) -> Iterable[Trouble]:
    found = _found(host, fleet)
    if found.get("process") and not found["cli"]:
        settings = _settings(host, fleet)
        place = f"{settings.get('cli_host', '127.0.0.1')}:{settings.get('cli_port', 7000)}"
        yield Trouble(
            place,
            "Axigen's CLI does not answer, so that nothing of it can be set",
            f"no connection to {place}",
            "see that services = (...) in axigen.cfg names cli and that its listener has this address "
            "(axigen_cli_host, axigen_cli_port)",
            DEGRADED,
        )


def _unread(host: str, fleet: Fleet) -> Iterable[Trouble]:
    found = _found(host, fleet)
    if found.get("unread"):
        yield Trouble("axigen.cfg", "Axigen's file could not be understood", found["unread"], "correct it", UNTESTED)


CHECKS: Tuple[Check, ...] = (
    Check(
        "axigen.stopped",
        RUNNING,
        "mail programs cannot connect to Axigen",
        _stopped,
        ("axigen.*", "running.stopped", *LOGINS),
    ),
    Check(
        "axigen.not_listening",
        RUNNING,
        "mail programs cannot connect to one of Axigen's services",
        _not_listening,
        LOGINS,
    ),
    Check(
        "axigen.gssapi_not_offered",
        SETTINGS,
        "mail programs say that the server does not support Kerberos / GSSAPI",
        _gssapi,
        LOGINS,
    ),
    Check("axigen.spnego_off", SETTINGS, "WebMail shows its form for a password", _spnego, LOGINS),
    Check(
        "axigen.keytab_elsewhere",
        SETTINGS,
        "'Permission denied' or 'Key table file not found' in sasl_server_step",
        _keytab_elsewhere,
        ("running.restart_pending", *LOGINS),
    ),
    Check(
        "axigen.krb5_conf_elsewhere", SETTINGS, "a login fails in gss_accept_sec_context", _krb5_conf_elsewhere, LOGINS
    ),
    Check("axigen.primary_domain", SETTINGS, "'Requested identity not authenticated identity'", _identity, LOGINS),
    Check("axigen.unsaved", SETTINGS, "logins fail after the next restart of Axigen", _unsaved),
    Check("axigen.cli_closed", RUNNING, "the role axigen cannot set anything", _cli),
    Check(
        "axigen.host_keys",
        SETTINGS,
        "nobody sees anything, but the host's keys are in the hands of a mail server",
        _host_keys,
    ),
    Check("axigen.unread", SETTINGS, "nobody knows what Axigen is set to", _unread),
)
