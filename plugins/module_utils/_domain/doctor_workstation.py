# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a workstation: whether browsers hand tickets to the fleet's sites, and mail programs find their account."""

from __future__ import annotations

from typing import Any, Iterable, List, Mapping, Tuple

from .doctor import CLIENT, DEGRADED, Check, Fleet, Trouble, section
from .doctor_keys import listed

ROLE = "run mailrealm.kerberos.site with --limit the workstation (role workstation: workstation_sites)"
BROWSERS: Mapping[str, str] = {"firefox": "Firefox", "chromium": "Chromium, Chrome or Edge"}


def _policies(host: str, fleet: Fleet) -> List[Mapping[str, Any]]:
    return list(section(fleet[host], "workstation").get("policies") or ())


def _missing(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for one in _policies(host, fleet):
        if one["lacks"]:
            there = one["exists"]
            yield Trouble(
                one["path"],
                f"{BROWSERS[one['browser']]} hands no ticket to {'some' if there else 'any'} of the fleet's web sites",
                f"{one['path']}: {'lacks or has otherwise ' + listed(one['lacks']) if there else 'is not there'}",
                ROLE,
            )


def _damaged(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for one in _policies(host, fleet):
        if one["damaged"]:
            yield Trouble(
                one["path"],
                f"{BROWSERS[one['browser']]} leaves out the whole file of policies",
                one["damaged"],
                f"correct the file, or remove it and {ROLE}",
            )


def _unreadable(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for one in _policies(host, fleet):
        if one.get("exists") and not int(one["mode"], 8) & 0o004:
            yield Trouble(
                one["path"],
                f"{BROWSERS[one['browser']]} may not read its policies, for it runs as the user",
                f"{one['path']}: mode {one['mode']}",
                f"chmod 0644 {one['path']}, or {ROLE}",
            )


def _hidden(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for one in _policies(host, fleet):
        for sentence in one["hidden"]:
            yield Trouble(
                one["path"],
                "another file of policies counts in the place of the role's",
                sentence,
                "remove the policy from the other file, or set the same in it",
            )


def _keytab_bare(host: str, fleet: Fleet) -> Iterable[Trouble]:
    keytab = section(fleet[host], "workstation").get("probe_keytab")
    if keytab and (keytab["uid"] != 0 or int(keytab["mode"], 8) & 0o077):
        yield Trouble(
            keytab["path"],
            "others than root may log in as the account that verifies",
            f"{keytab['path']}: user id {keytab['uid']}, mode {keytab['mode']}",
            f"chown root and chmod 0600 {keytab['path']}, and give the account a new key (kerberos_rekey)",
            DEGRADED,
        )


def _cache(host: str, fleet: Fleet) -> Iterable[Trouble]:
    cache = section(fleet[host], "workstation").get("cache") or {}
    if cache.get("fault"):
        yield Trouble(
            "default_ccache_name in krb5.conf",
            "users' tickets can be kept nowhere, so that kinit and logins fail",
            f"default_ccache_name = {cache['name']}: {cache['fault']}",
            "take it out (client_libdefaults) or name one that this host has, such as FILE:/tmp/krb5cc_%{uid}",
        )


def _accounts(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for path, there in (section(fleet[host], "workstation").get("accounts") or {}).items():
        if not there:
            yield Trouble(
                path,
                "Thunderbird does not find the account with Kerberos / GSSAPI",
                f"{path}: is not there",
                "run mailrealm.kerberos.site with --limit the workstation (workstation_thunderbird)",
                DEGRADED,
            )


def _autoconfig(host: str, fleet: Fleet) -> Iterable[Trouble]:
    for domain, told in (section(fleet[host], "workstation").get("autoconfig") or {}).items():
        if not told["found"]:
            yield Trouble(
                f"autoconfig of {domain}",
                f"mail programs do not learn the account of users of {domain}, and offer a password",
                told["fault"],
                "let the web server of the domain serve workstation_autoconfig_path at "
                "/.well-known/autoconfig/mail/config-v1.1.xml (workstation_autoconfig_host)",
                DEGRADED,
            )


CHECKS: Tuple[Check, ...] = (
    Check(
        "workstation.policy_damaged", CLIENT, "browsers ask for a password", _damaged, ("workstation.policy_missing",)
    ),
    Check("workstation.policy_missing", CLIENT, "browsers ask for a password", _missing),
    Check("workstation.policy_unreadable", CLIENT, "browsers ask for a password", _unreadable),
    Check("workstation.policy_hidden", CLIENT, "browsers ask for a password", _hidden),
    Check(
        "workstation.cache",
        CLIENT,
        "kinit says 'Unknown credential cache type' or cannot write its cache",
        _cache,
        ("login.*",),
    ),
    Check(
        "workstation.probe_keytab_open",
        CLIENT,
        "nobody sees anything, but the prober's key can be stolen",
        _keytab_bare,
    ),
    Check("workstation.account_missing", CLIENT, "Thunderbird asks for a password", _accounts),
    Check("workstation.autoconfig", CLIENT, "mail programs set up an account with a password", _autoconfig),
)
