# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SRV and TXT records by which clients find a realm and its mail servers, as a fragment of a zone file.

RFC 2782; of mail RFC 6186 and, for submission under TLS from the start, RFC 8314 section 5.1; of Kerberos RFC 4120
section 7.2.3, and MIT's document on realm configuration for `_kerberos-adm` and the TXT record.
"""

from __future__ import annotations

import re
from typing import Dict, List, Mapping, Sequence, Tuple

from .fleet import FQDN, check_realm
from .workstation import SSL, STARTTLS, Account, WorkstationRefusal

STEP = 10  # between the priorities of servers, the lower the better; room for those of the site
MAIL: Mapping[Tuple[str, str], str] = {
    ("imap", SSL): "_imaps._tcp",
    ("imap", STARTTLS): "_imap._tcp",
    ("pop3", SSL): "_pop3s._tcp",
    ("pop3", STARTTLS): "_pop3._tcp",
    ("smtp", SSL): "_submissions._tcp",
    ("smtp", STARTTLS): "_submission._tcp",
}
KDC_SERVICES = (("_kerberos._udp", 88), ("_kerberos._tcp", 88))
ADMIN_SERVICES = (("_kpasswd._udp", 464), ("_kpasswd._tcp", 464), ("_kerberos-adm._tcp", 749))
_PLACE = re.compile(r"(?P<host>[^:\s]+)(?::(?P<port>\d{1,5}))?")

Records = Dict[str, List[Tuple[int, str]]]  # by name of the service: port and host, the best first


def fragment(
    accounts: Sequence[Account], realm: str, domain: str, kdcs: Sequence[str] = (), admin_server: str = ""
) -> str:
    """The records of the domain of the users' addresses and of the realm.

    ``kdcs`` and ``admin_server`` as in krb5.conf, a port behind a colon where it is another. Without them the records
    of the realm are left to those who keep it, as Active Directory does. WorkstationRefusal for a name that no record
    can lead to.
    """
    check_realm(realm, lower_case=True)
    origin, own = _domain(domain), _domain(realm.lower())
    lines = [
        f"; How clients find the mail servers of {origin} and the realm {realm}.",
        "; A target must have an address of its own and be no CNAME.",
        f"$ORIGIN {origin}.",
        *_lines(_mail(accounts)),
        f'{"_kerberos":<20} IN TXT "{realm}"',
    ]
    realms = _lines(_realm(kdcs, admin_server))
    if realms and own != origin:
        lines.append(f"$ORIGIN {own}.")
    return "\n".join([*lines, *realms]) + "\n"


def _mail(accounts: Sequence[Account]) -> Records:
    found: Records = {service: [] for service in MAIL.values()}
    for account in accounts:
        for server in account.servers:
            found[MAIL[server.type, server.socket]].append((server.port, server.hostname))
    return found


def _realm(kdcs: Sequence[str], admin_server: str) -> Records:
    found: Records = {}
    for service, port in KDC_SERVICES:
        found[service] = [_target(kdc, port, "kerberos_kdcs") for kdc in kdcs]
    for service, port in ADMIN_SERVICES:
        # The port there is kadmind's own, and not that of changed passwords
        target = _target(admin_server, port, "kerberos_admin_server") if admin_server else None
        found[service] = [] if target is None else [target if port == 749 else (port, target[1])]
    return found


def _target(text: str, port: int, option: str) -> Tuple[int, str]:
    found = _PLACE.fullmatch(text)
    host = found.group("host").lower().rstrip(".") if found else ""
    if found is None or not FQDN.fullmatch(host) or re.fullmatch(r"[0-9.]+", host):
        raise WorkstationRefusal(
            f"{option}: '{text}' is no full host name, to which alone an SRV record can lead; write it like "
            "kdc1.example.test"
        )
    return int(found.group("port") or port), host


def _domain(text: str) -> str:
    domain = text.lower().strip(".")
    if not FQDN.fullmatch(domain):
        raise WorkstationRefusal(f"kerberos_domain '{text}': is no domain; write it like example.test")
    return domain


def _lines(records: Records) -> List[str]:
    return [
        f"{service:<20} IN SRV {number * STEP} 0 {port} {host}."
        for service, targets in records.items()
        for number, (port, host) in enumerate(dict.fromkeys(targets))
    ]
