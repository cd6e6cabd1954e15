# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Postfix's settings come to for each of its SMTP servers: main.cf, with what master.cf says of one server."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Mapping, Tuple

from .master_cf import Service
from .postfix import secret
from .postfix_words import words

# Parameters that decide whether an SMTP server lets somebody log in, and how
OF_SERVER = (
    *("smtpd_sasl_auth_enable", "smtpd_sasl_type", "smtpd_sasl_path", "smtpd_sasl_security_options"),
    *("smtpd_sasl_tls_security_options", "smtpd_sasl_mechanism_filter", "smtpd_sasl_exceptions_networks"),
    *("smtpd_tls_security_level", "smtpd_tls_auth_only", "smtpd_tls_wrappermode", "smtpd_use_tls", "smtpd_enforce_tls"),
    *("smtpd_tls_cert_file", "smtpd_tls_key_file", "smtpd_tls_chain_files", "smtpd_discard_ehlo_keywords"),
)
# Those of the whole of Postfix, and of its client
OF_ALL = (
    *("myhostname", "inet_interfaces", "cyrus_sasl_config_path", "relayhost", "smtp_sasl_auth_enable"),
    *("smtp_sasl_mechanism_filter", "smtp_sasl_password_maps"),
)
SHOWN = OF_SERVER + OF_ALL
TRUE = "yes"


def shown(main: Mapping[str, str]) -> Dict[str, str]:
    """The parameters that count here; a table that holds its passwords in main.cf itself is named and not shown."""
    held = {name: main[name] for name in SHOWN if name in main}
    return {name: f"{value.partition(':')[0]}:..." if secret(name, value) else value for name, value in held.items()}


def overrides(printed: str) -> Dict[str, Dict[str, str]]:
    """By service (`smtp/inet`), the parameters that master.cf sets for it, as `postconf -P -x` prints them."""
    found: Dict[str, Dict[str, str]] = {}
    for line in printed.splitlines():
        whole, equals, value = line.partition(" =")
        service, dummy, name = whole.rpartition("/")
        if equals and service:
            found.setdefault(service, {})[name] = value.strip()
    return found


def servers(
    services: Iterable[Service],
    main: Mapping[str, str],
    own: Mapping[str, Mapping[str, str]],
    port_of: Callable[[str], int],
) -> List[Dict[str, Any]]:
    """Each SMTP server that listens: key, address ('' for all), port, whether in a chroot, under TLS at once, values.

    Of two entries with the same name and type the last counts (master(5)).
    """
    found: Dict[str, Dict[str, Any]] = {}
    for service in services:
        name, kind = service.tokens[0].text, service.tokens[1].text
        if kind != "inet" or service.tokens[7].text != "smtpd":
            continue
        address, dummy, port = name.rpartition(":")
        values = {key: value for key, value in {**main, **own.get(service.key, {})}.items() if key in OF_SERVER}
        found[service.key] = {
            "key": service.key,
            "address": address.strip("[]"),
            "port": port_of(port),
            "jailed": jailed(service, main),
            "wrapped": values.get("smtpd_tls_wrappermode") == TRUE,
            "values": values,
        }
    return list(found.values())


def jailed(service: Service, main: Mapping[str, str]) -> bool:
    """Whether the service runs in a chroot. '-' stands for yes where compatibility_level is below 1 (master(5))."""
    written = service.fields["chroot"]
    level = main.get("compatibility_level", "0").partition(".")[0]
    return written == "y" or (written == "-" and level == "0")


def address(own: str, interfaces: str, host: str) -> str:
    """Where a server is reached: at its own address, else at the one to which Postfix is bound, else at its name."""
    if own:
        return own
    first = next((text for text, dummy, dummy in words(interfaces)), "all")
    if first == "loopback-only":
        return "127.0.0.1"
    return host if first == "all" else first.strip("[]")


def variables(import_environment: str) -> Dict[str, str]:
    """Those of the words `NAME=value` of import_environment, which the servers get with that value."""
    pairs = (text.strip("{} ").partition("=") for text, dummy, dummy in words(import_environment))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def certificates(main: Mapping[str, str]) -> Tuple[str, ...]:
    """The files without which no server can begin TLS."""
    chain = [text for text, dummy, dummy in words(main.get("smtpd_tls_chain_files", ""))]
    pair = [main.get("smtpd_tls_cert_file", ""), main.get("smtpd_tls_key_file", "")]
    named = chain or ([] if pair[0] in ("", "none") else [pair[0], pair[1] or pair[0]])
    return tuple(dict.fromkeys(one for one in named if one.startswith("/")))


def offers_tls(values: Mapping[str, str]) -> bool:
    """Whether a server with these values offers STARTTLS, or is under TLS at once."""
    level = values.get("smtpd_tls_security_level", "")
    old = TRUE in (values.get("smtpd_use_tls"), values.get("smtpd_enforce_tls"))
    return values.get("smtpd_tls_wrappermode") == TRUE or (level != "none" if level else old)


def lets_through(mechanism: str, mechanism_filter: str) -> bool:
    """Whether smtpd_sasl_mechanism_filter keeps a mechanism: the first word that says something of it counts.

    A table in a file may say anything and is taken to keep it.
    """
    listed = [text.lower() for text, dummy, dummy in words(mechanism_filter)]
    for word in listed:
        if word == "!" + mechanism.lower():
            return False
        if word == mechanism.lower() or ":" in word or word.startswith("/"):
            return True
    return not listed


def sets(values: Mapping[str, str], name: str) -> bool:
    """Whether a parameter that is yes or no is yes."""
    return values.get(name) == TRUE
