# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAS's own word on what the role wrote: its log since its start, its login page, and whom it asks for tickets.

CAS compares its settings with its classes at its start, and logs those that it does not know. A value of the wrong type
keeps 6.6 from starting, where 7.0 logs it, and goes on with the default.
"""

from __future__ import annotations

import collections.abc
import http.client
import ipaddress
import re
import types
import typing

from . import fleet, network
from .failure import LabError
from .podman import Podman
from .state import State

UNIT = "cas"
PORT = 8080
PAGE = "/cas/login"
ASKING = "/cas/negotiate"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
# Who comes, by their request's headers: CAS takes the address from this one unless `cas_clients` names another.
CLIENTS = {
    "browser": {"User-Agent": BROWSER},
    "program": {"User-Agent": "curl/7.88.1"},
    "browser elsewhere": {"User-Agent": BROWSER, "alternateRemoteHeader": "192.0.2.1"},
}
# The role's `cas_header_size` is 65536: tickets go below it, and the shipped 2 MB are no longer in force.
BELOW, ABOVE = 40_960, 81_920  # bytes
OK, TOO_LARGE, ASKED = 200, 400, 401
PADDED = "X-Lab-Padding"
PATIENCE = 30.0  # seconds for an answer
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# CasConfigurationPropertiesValidator lists what is left over (`NAME = VALUE (Origin: ...)`), and says when nothing is.
VALIDATED = "Validated CAS property sources and configuration successfully."
UNKNOWN = re.compile(r"^\t(?P<name>\S+) = .*\(Origin: ", re.MULTILINE)
# Spring Boot's BindException. Under `cas` itself it is about the leftovers.
MISTYPED = re.compile(r"Failed to bind properties under '(?P<name>[^']+\.[^']+)' to (?P<type>[\w.$]+)")
VERSION = re.compile(r"^CAS Version: (?P<version>\S+)$", re.MULTILINE)
# What the lab's endpoint logs of a token at level debug, as jcifs-ext does.
TOKEN = re.compile(r"DEBUG \[jcifs\.spnego\.Authentication\] - <token ")
NONE: collections.abc.Mapping[str, str] = types.MappingProxyType({})
Seen = dict[str, typing.Any]


def look(state: State, podman: Podman) -> list[Seen]:
    """What each CAS of the site says and answers; none where the site has none."""
    there = network.find(state, podman)
    if there is None:
        raise LabError(f"lab {state.lab.instance} is not up: `python tests/lab up` first")
    return [_look(state, podman, host, host.address(there.subnets[0])) for host in state.site.members("cas")]


def _look(state: State, podman: Podman, host: fleet.Host, address: ipaddress.IPv4Address) -> Seen:
    own = dict(host.variables)
    return {
        "host": host.fqdn,
        **read(_log(state, podman, host)),
        "debug": own.get("cas_debug") == "true",
        "selects": "cas_clients" in own,
        "page": status(str(address)),
        "headers": {size: status(str(address), headers={PADDED: "x" * size}) for size in (BELOW, ABOVE)},
        "clients": {who: status(str(address), ASKING, headers) for who, headers in CLIENTS.items()},
    }


def _log(state: State, podman: Podman, host: fleet.Host) -> str:
    """The journal of the unit since it was started last."""
    container = state.lab.container(host.name)
    ask = ("exec", container, "systemctl", "show", "-P", "InvocationID", UNIT)
    start = podman.run(*ask, what=f"asking when CAS of {host.fqdn} started").strip()
    words = ("exec", container, "journalctl", "--quiet", "-o", "cat", f"_SYSTEMD_INVOCATION_ID={start}")
    return podman.run(*words, what=f"reading the log of CAS on {host.fqdn}")


def read(log: str) -> Seen:
    """What a log says, from the start on: version, `validated`, names of `unknown` and `mistyped`, `tokens`."""
    text = COLOURS.sub("", log)
    version = VERSION.search(text)
    return {
        "version": version["version"] if version else "",
        "validated": VALIDATED in text,
        "unknown": list(dict.fromkeys(found["name"] for found in UNKNOWN.finditer(text))),
        "mistyped": list(dict.fromkeys(f"{found['name']} ({found['type']})" for found in MISTYPED.finditer(text))),
        "tokens": len(TOKEN.findall(text)),
    }


def status(address: str, page: str = PAGE, headers: collections.abc.Mapping[str, str] = NONE) -> int:
    """The status of a page for a request with these headers; 0 for no answer."""
    connection = http.client.HTTPConnection(address, PORT, timeout=PATIENCE)
    try:
        connection.request("GET", page, headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def unproved(site: fleet.Site, seen: collections.abc.Sequence[Seen]) -> list[str]:
    """A sentence for each thing that a CAS did not say or answer as it must."""
    hosts = {one["host"] for one in seen}
    sentences = [f"{host.fqdn}: nobody looked at its CAS" for host in site.members("cas") if host.fqdn not in hosts]
    return sentences + [f"{one['host']}: {sentence}" for one in seen for sentence in _faults(one)]


def _faults(one: Seen) -> list[str]:
    cas = f"CAS {one['version']}".strip()
    sentences = [f"{cas} does not know {name}" for name in one["unknown"]]
    sentences += [f"{cas} could not read {name}" for name in one["mistyped"]]
    if not one["validated"] and not sentences:
        sentences.append(f"the log has nothing of {cas} on its settings")
    if one["page"] != OK:
        sentences.append(f"{PAGE} answers {one['page']}")
    for size, wanted in ((BELOW, OK), (ABOVE, TOO_LARGE)):
        if one["headers"][size] != wanted:
            sentences.append(f"a header of {size} bytes gets {one['headers'][size]}, and not {wanted}")
    asked = {"browser": ASKED, "program": OK, "browser elsewhere": OK if one["selects"] else ASKED}
    sentences += [
        f"{ASKING} answers a {who} with {one['clients'][who]}, and not {wanted}"
        for who, wanted in asked.items()
        if one["clients"][who] != wanted
    ]
    if one["debug"] and not one["tokens"]:
        sentences.append("cas_debug is true, and no token was logged: the loggers are not in force")
    if one["tokens"] and not one["debug"]:
        sentences.append("cas_debug is false, and tokens were logged")
    return sentences
