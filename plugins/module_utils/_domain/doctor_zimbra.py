# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of Zimbra: what its directory and localconfig hold against what the role asks of them, and what it runs with.

Rows and causes as in Zimbra's document on Kerberos (KB 2433, its troubles at the end), where what it says still holds.
"""

from __future__ import annotations

from typing import Callable, FrozenSet, Mapping, Tuple

from .doctor import BROKEN, DEGRADED, RUNNING, SETTINGS, UNTESTED, Check, Fleet, Trouble, section
from .doctor_zimbra_attributes import CHECKS as OF_ATTRIBUTES
from .doctor_zimbra_attributes import (
    LOGINS,
    MAPPING,
    NO_LOGIN,
    NO_MAIL,
    PENDING,
    SHOWS,
    SITE,
    Found,
    Look,
    Others,
    Zimbra,
    of_zimbra,
)
from .doctor_zimbra_files import CHECKS as OF_FILES
from .zimbra_host import MAILBOX, MTA


def _missing(host: str, fleet: Fleet) -> Found:
    found = section(fleet[host], "zimbra")
    if found and not found["installed"]:
        yield Trouble("/opt/zimbra", "Zimbra is not installed", found["missing"], "install Zimbra by its own installer")
    for part in found.get("parts", ()) if found.get("installed") else ():
        if part not in found["services"]:
            yield Trouble(
                f"zimbra_services, {part}",
                f"the host is to have a part of Zimbra that is not installed: {part}",
                f"installed: {', '.join(found['services']) or 'none'}",
                "install it by Zimbra's own installer, or take it out of zimbra_services",
            )


def _problem(names: FrozenSet[str], grade: str = BROKEN) -> Look:
    def look(found: Zimbra, dummy: Others) -> Found:
        for one in found["problems"]:
            if one["problem"] in names:
                evidence = f"{one['where']} {one['what']}"
                yield Trouble(one["where"], CAUSES[one["problem"]], evidence, one["remedy"], grade)

    return of_zimbra(look)


# By the names of `zimbra_info`'s problems
CAUSES: Mapping[str, str] = {
    "localconfig_unusable": "none of Zimbra's programs runs with this localconfig",
    "localconfig_access": "others may read Zimbra's passwords, or zimbra may not",
    "hostname_differs": "mailboxd takes tickets for another name than clients ask for",
    "hostname_short": "mailboxd takes tickets for a name that no client asks for",
    "key_stale": "the key moved to LDAP, and what stands here has no effect",
    "release_unknown": "Zimbra does not tell its release",
}


def _interface(found: Zimbra, dummy: Others) -> Found:
    if found["interface_name"].lower() == "true" and MAILBOX in found["parts"]:
        yield Trouble(
            "krb5_service_principal_from_interface_address",
            "mailboxd takes tickets for the name to which its own address resolves, whatever clients ask for",
            "it is true in localconfig",
            "set it to false (zimbra_localconfig), and restart mailboxd",
            DEGRADED,
        )


def _localconfig(keys: Callable[[str], bool]) -> Look:
    def look(found: Zimbra, dummy: Others) -> Found:
        for key, values in found["localconfig"].items():
            if keys(key):
                yield Trouble(
                    f"localconfig, {key}",
                    "the keytab that is read is not the one with the keys" if key == KEYTAB else "an old release's MTA",
                    f"{key} is {values['is'] or 'not set'}, and should be {values['should']}",
                    f"{SITE} (zimbra_keytab)" if key == KEYTAB else SITE,
                )

    return of_zimbra(look)


KEYTAB = "krb5_keytab"


def _absent(found: Zimbra, others: Others) -> Found:
    for one in found["directory"].get("absent", ()):
        yield Trouble(
            f"{one['type']} {one['name']}",
            f"Zimbra's directory has no {one['type']} of this name",
            f"zmprov shows nothing of {one['type']} {one['name']}",
            ABSENT.get(one["type"], "correct its name in zimbra_entries"),
            accounts_for=others if one["type"] != "server" else (),
        )


ABSENT: Mapping[str, str] = {
    "server": "let zimbra_hostname be the name that `zmprov gas` shows",
    "domain": "correct zimbra_domains, or create the domain (zmprov cd)",
    "account": "correct zimbra_principals, or create the account (zmprov ca)",
}


def _untested(host: str, fleet: Fleet) -> Found:
    found = section(fleet[host], "zimbra")
    parts = {"zmprov": found.get("directory") or {}, **(found.get("running") or {})}
    for name, part in parts.items():
        if "untested" in part:
            what = "its directory" if name == "zmprov" else f"its {name}"
            remedy = "mend what it says, then run the doctor again"
            yield Trouble(name, f"Zimbra's settings of {what} could not be read", part["untested"], remedy, UNTESTED)


def _stopped(found: Zimbra, others: Others) -> Found:
    for service, one in found["running"].items():
        if one.get("installed") and not one["alive"]:
            evidence = "; ".join(one["faults"]) or "it has no process"
            remedy = f"run `{PROGRAMS[service]} start` as zimbra, or the role zimbra"
            # Proxies hand their users on to the mail store.
            served = others if service == MAILBOX else ()
            yield Trouble(service, f"Zimbra's {service} does not run", evidence, remedy, accounts_for=served)


PROGRAMS: Mapping[str, str] = {"mailbox": "zmmailboxdctl", "proxy": "zmproxyctl", "mta": "zmmtactl"}


def _pending(found: Zimbra, dummy: Others) -> Found:
    for service, one in found["running"].items():
        if one.get("process"):
            how = "`zmmtactl stop` and `zmmtactl start`" if service == MTA else f"`{PROGRAMS[service]} restart`"
            yield Trouble(
                service,
                f"Zimbra's {service} was not restarted since it was set, or was never told",
                "; ".join(f"{service} {finding['before']}" for finding in one["process"]),
                f"run {how} as zimbra, or the role zimbra, which restarts what is pending (zimbra_services)",
            )


def _not_offered(found: Zimbra, dummy: Others) -> Found:
    for service, one in found["running"].items():
        for finding in one.get("ports", ()):
            yield Trouble(
                f"{service} of {found['hostname']}",
                f"Zimbra's {service} does not offer what it is set to",
                f"{finding['before']}, where {finding['after']} was to be",
                "see that its keytab is there and readable, then let the role zimbra restart it (zimbra_services)",
            )


CHECKS: Tuple[Check, ...] = (
    Check("zimbra.missing", SETTINGS, NO_LOGIN, _missing, ("zimbra.service_stopped", *SHOWS)),
    Check(
        "zimbra.localconfig_unusable",
        SETTINGS,
        NO_LOGIN,
        _problem(frozenset({"localconfig_unusable"})),
        ("zimbra.service_stopped", "zimbra.untested", "zimbra.release_unknown", *PENDING),
    ),
    Check(
        "zimbra.hostname_differs",
        SETTINGS,
        NO_LOGIN,
        _problem(frozenset({"hostname_differs", "hostname_short"})),
        ("zimbra.entry_absent", "zimbra.untested", *PENDING),
    ),
    Check("zimbra.localconfig_access", SETTINGS, NO_LOGIN, _problem(frozenset({"localconfig_access"}), DEGRADED)),
    Check("zimbra.key_stale", SETTINGS, NO_MAIL, _problem(frozenset({"key_stale"}), DEGRADED)),
    Check("zimbra.release_unknown", SETTINGS, NO_LOGIN, _problem(frozenset({"release_unknown"}), DEGRADED)),
    Check("zimbra.interface_name", SETTINGS, NO_LOGIN, of_zimbra(_interface)),
    Check("zimbra.keytab_elsewhere", SETTINGS, NO_LOGIN, _localconfig(lambda key: key == KEYTAB), PENDING),
    Check("zimbra.localconfig_differs", SETTINGS, NO_MAIL, _localconfig(lambda key: key != KEYTAB), PENDING),
    Check("zimbra.entry_absent", SETTINGS, MAPPING, of_zimbra(_absent), LOGINS),
    *OF_ATTRIBUTES,
    *OF_FILES,
    Check("zimbra.service_stopped", RUNNING, NO_LOGIN, of_zimbra(_stopped), (*LOGINS, "running.*")),
    Check("zimbra.restart_pending", RUNNING, NO_LOGIN, of_zimbra(_pending), (*SHOWS, "running.*")),
    Check("zimbra.not_offered", RUNNING, NO_LOGIN, of_zimbra(_not_offered), ("login.*",)),
    Check("zimbra.untested", SETTINGS, "nobody knows whether Zimbra is as asked", _untested),
)
