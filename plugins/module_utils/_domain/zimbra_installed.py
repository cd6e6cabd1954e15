# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's Zimbra as it is installed and set: its services, its localconfig as far as Kerberos, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .zimbra_localconfig import Access, State
from .zimbra_localconfig_file import MASKED, Unresolved, expanded
from .zimbra_localconfig_keys import MOVED, is_secret
from .zimbra_release import Release

LDAP, MAILBOX, PROXY, MTA = "ldap", "mailbox", "proxy", "mta"
# What the packages of a service bring, below /opt/zimbra: since 8.7, and before.
MARKERS: Mapping[str, Tuple[str, ...]] = {
    LDAP: ("common/libexec/slapd", "openldap/sbin/slapd"),
    MAILBOX: ("jetty_base", "mailboxd"),
    PROXY: ("common/sbin/nginx", "nginx/sbin/nginx"),
    MTA: ("common/sbin/postconf", "postfix/sbin/postconf"),
}
# The keys that the result shows, beside those that moved to LDAP and still hold a value.
SHOWN = (
    *("zimbra_home", "zimbra_server_hostname", "mailboxd_directory", "ldap_url", "ldap_master_url"),
    *("krb5_keytab", "krb5_service_principal_from_interface_address", "krb5_debug_enabled", "spnego_java_options"),
    *("zimbra_zmprov_default_to_ldap", "zimbra_zmprov_default_soap_server"),
)


@dataclass(frozen=True)
class Problem:
    """``problem``: a fixed name; ``where``, ``what``, ``remedy``: the parts of a sentence."""

    problem: str
    where: str
    what: str
    remedy: str

    @property
    def sentence(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}."


@dataclass(frozen=True)
class Installed:
    """What was read. ``state``: None where localconfig cannot be used, and then ``unusable`` says why."""

    path: str
    services: Tuple[str, ...] = ()
    release: Optional[Release] = None
    release_line: str = ""
    state: Optional[State] = field(default_factory=State)
    unusable: str = ""

    @property
    def legacy(self) -> bool:
        return bool(self.release and self.release.legacy)

    @property
    def localconfig(self) -> Dict[str, str]:
        """The keys of SHOWN and those that moved, as far as they hold a value, with ${...} replaced."""
        held = self.state.effective if self.state else {}
        values = {key: MASKED if is_secret(key) else value for key, value in held.items()}
        return {key: _expanded(key, values) for key in (*SHOWN, *MOVED) if key in values}

    @property
    def stale(self) -> Dict[str, str]:
        """Keys in the file that nothing reads on this release, with the attribute that holds their value since."""
        own = self.state.own if self.state and self.release and not self.legacy else {}
        return {key: attribute for key, attribute in MOVED.items() if key in own}


def _expanded(key: str, values: Mapping[str, str]) -> str:
    try:
        return expanded(key, values)
    except Unresolved:
        return values[key]


def problems(found: Installed, hostname: str = "") -> List[Problem]:
    """What keeps Kerberos from working, or Zimbra's programs; ``hostname``: the name that the host shall have."""
    told: List[Problem] = []
    if found.state is None:
        what, dummy, remedy = found.unusable.partition(": ")[2].rpartition("; ")
        told.append(Problem("localconfig_unusable", found.path, what, remedy))
    elif found.state.access is not None:
        told += _of_access(found.path, found.state.access)
        told += _of_name(found.localconfig.get("zimbra_server_hostname", ""), hostname)
        told += _of_zmprov(found)
    if found.release is None and found.services:
        told.append(
            Problem(
                "release_unknown",
                "zmcontrol -v",
                "tells no release",
                "run it as zimbra to see why, and see that Zimbra is installed whole",
            )
        )
    told += [
        Problem(
            "key_stale",
            f"{found.path}, {key}",
            f"is not read by Zimbra {found.release}, which has the attribute {attribute} for it",
            "take the key out (zimbra_localconfig, absent), and set the attribute (zimbra_attributes)",
        )
        for key, attribute in found.stale.items()
    ]
    return told


def _of_access(path: str, access: Access) -> List[Problem]:
    if access.fits:
        return []
    what = f"has owner and mode {access} instead of {Access()}, and holds passwords"
    return [Problem("localconfig_access", path, what, "let zimbra_localconfig put it right, or zmfixperms")]


def _of_name(held: str, hostname: str) -> List[Problem]:
    where = "zimbra_server_hostname"
    remedy = "set it to the host's full name with zimbra_localconfig, which clients find in their service tickets"
    if hostname and held != hostname:
        return [Problem("hostname_differs", where, f"is '{held}' and not '{hostname}'", remedy)]
    if "." not in held:
        return [Problem("hostname_short", where, f"is '{held}', which is no full name", remedy)]
    return []


def _of_zmprov(found: Installed) -> List[Problem]:
    values = found.localconfig
    to_ldap = values.get("zimbra_zmprov_default_to_ldap", "false").lower() == "true"
    server = values.get("zimbra_zmprov_default_soap_server", "localhost")
    if to_ldap or server != "localhost" or MAILBOX in found.services:
        return []
    what = "is false on a host without a mailbox, so that zmprov asks a mailboxd which is not there"
    remedy = "set it to true with zimbra_localconfig, or via_ldap: true of zimbra_attributes"
    return [Problem("zmprov_without_mailbox", "zimbra_zmprov_default_to_ldap", what, remedy)]


def report(found: Installed, hostname: str = "") -> Dict[str, Any]:
    """All of it as the module returns it."""
    wrong = problems(found, hostname)
    return {
        "release": str(found.release) if found.release else None,
        "release_line": found.release_line,
        "legacy": found.legacy,
        "services": list(found.services),
        "hostname": found.localconfig.get("zimbra_server_hostname"),
        "localconfig": found.localconfig,
        "stale": found.stale,
        "problems": [
            {"problem": one.problem, "where": one.where, "what": one.what, "remedy": one.remedy} for one in wrong
        ],
        "sentences": [one.sentence for one in wrong],
    }
