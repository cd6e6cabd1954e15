# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file from which Thunderbird, and other mail programs, learn an account: config-v1.1.xml.

The form is that of Mozilla's wiki, Thunderbird:Autoconfiguration:ConfigFileFormat. A program takes the first server
of each kind that it can use, so the best stands first.
"""

from __future__ import annotations

from typing import List, Sequence
from xml.sax.saxutils import escape, quoteattr

from .fleet import FQDN
from .workstation import Account, Server, WorkstationRefusal

GSSAPI, PASSWORD = "GSSAPI", "password-cleartext"  # in the file's words; the latter under TLS


def config(accounts: Sequence[Account], domains: Sequence[str], name: str = "", password: bool = False) -> str:
    """The file's text for the users of ``domains``, those behind the @ of their addresses.

    ``name``: of the service, as users see it; the first domain where it is empty. ``password``: whether each server
    stands there once more, with a password, for who has no ticket. WorkstationRefusal where the accounts have no
    server to fetch mail from, or none to send it by: Thunderbird refuses such a file.
    """
    servers = [server for account in accounts for server in account.servers]
    for kind, lacking in ((False, "IMAP or POP3"), (True, "SMTP")):
        if not any(server.outgoing is kind for server in servers):
            raise WorkstationRefusal(
                f"workstation_accounts: has no server of {lacking}, and Thunderbird takes no account without one; "
                "write the servers there, or leave Thunderbird out"
            )
    if not domains:
        raise WorkstationRefusal("workstation_mail_domains: is empty; write the domains of the users' addresses")
    for domain in domains:
        if not FQDN.fullmatch(domain):
            raise WorkstationRefusal(
                f"workstation_mail_domains: '{domain}' is no domain of an address; write it like example.test"
            )
    shown = name or domains[0]
    ways = (GSSAPI, PASSWORD) if password else (GSSAPI,)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<clientConfig version="1.1">',
        f"  <emailProvider id={quoteattr(domains[0])}>",
        *(f"    <domain>{escape(domain)}</domain>" for domain in domains),
        f"    <displayName>{escape(shown)}</displayName>",
        f"    <displayShortName>{escape(shown)}</displayShortName>",
        *(line for outgoing in (False, True) for way in ways for line in _all(servers, outgoing, way)),
        "  </emailProvider>",
        "</clientConfig>",
    ]
    return "\n".join(lines) + "\n"


def _all(servers: Sequence[Server], outgoing: bool, way: str) -> List[str]:
    element = "outgoingServer" if outgoing else "incomingServer"
    return [line for server in servers if server.outgoing is outgoing for line in _element(server, element, way)]


def _element(server: Server, element: str, way: str) -> List[str]:
    return [
        f"    <{element} type={quoteattr(server.type)}>",
        f"      <hostname>{escape(server.hostname)}</hostname>",
        f"      <port>{server.port}</port>",
        f"      <socketType>{server.socket}</socketType>",
        f"      <username>{escape(server.username)}</username>",
        f"      <authentication>{way}</authentication>",
        f"    </{element}>",
    ]
