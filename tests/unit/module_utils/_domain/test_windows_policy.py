# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry file and the table of group policy."""

from __future__ import annotations

import re
from typing import Dict

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.sign_on_policy import SignOn
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.windows_policy import group_policy, registry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.workstation import Site

SITES = (Site("https", "cas1.example.test"), Site("http", "y.test", True))
POLICIES = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies"
INTERNET = rf"{POLICIES}\Microsoft\Windows\CurrentVersion\Internet Settings"
FIREFOX = rf"{POLICIES}\Mozilla\Firefox\Authentication"
CHROMIUM = {
    "AuthServerAllowlist": '"cas1.example.test,*.y.test"',
    "AuthNegotiateDelegateAllowlist": '""',
    "DisableAuthNegotiateCnameLookup": "dword:00000001",
    "EnableAuthNegotiatePort": "dword:00000000",
}


def imported(text: str) -> Dict[str, Dict[str, str]]:
    """What regedit makes of a file, in an empty registry."""
    assert text.isascii()
    assert text.count("\n") == text.count("\r\n")
    first, blank, *lines = text.split("\r\n")
    assert (first, blank, lines[-1]) == ("Windows Registry Editor Version 5.00", "", "")
    found: Dict[str, Dict[str, str]] = {}
    for line in filter(None, lines):
        key = re.fullmatch(r"\[(-?)(.*)\]", line)
        if key:
            current = key[2]
            found.pop(current, None)
            if not key[1]:
                found[current] = {}
            continue
        value = re.fullmatch(r'"((?:[^"\\]|\\.)*)"=("(?:[^"\\]|\\.)*"|dword:[0-9a-f]{8})', line)
        assert value, line
        found[current][value[1]] = value[2]
    return found


def test_the_registry() -> None:
    assert imported(registry(SITES, SignOn(private=True))) == {
        INTERNET: {"ListBox_Support_ZoneMapKey": "dword:00000001"},
        rf"{INTERNET}\ZoneMapKey": {"https://cas1.example.test": '"1"', "http://*.y.test": '"1"'},
        rf"{POLICIES}\Microsoft\Edge": CHROMIUM,
        rf"{POLICIES}\Google\Chrome": CHROMIUM,
        FIREFOX: {"Locked": "dword:00000001", "PrivateBrowsing": "dword:00000001"},
        rf"{FIREFOX}\SPNEGO": {"1": '"https://cas1.example.test"', "2": '"http://y.test"'},
        rf"{FIREFOX}\Delegated": {},
        rf"{FIREFOX}\NTLM": {},
        rf"{FIREFOX}\AllowNonFQDN": {"SPNEGO": "dword:00000000", "NTLM": "dword:00000000"},
    }


def test_lists_of_before_are_emptied() -> None:
    lines = registry(SITES, SignOn()).split("\r\n")
    for name in ("SPNEGO", "Delegated", "NTLM"):
        key = rf"{FIREFOX}\{name}"
        assert lines.index(f"[-{key}]") < lines.index(f"[{key}]")
    assert rf"[-{INTERNET}\ZoneMapKey]" not in lines


def test_group_policy() -> None:
    head, rule, *rows = group_policy(SITES, SignOn()).splitlines()
    assert (head, rule) == ("| where | setting | value |", "|---|---|---|")
    cells = {tuple(row.strip("| ").split(" | ")[:2]): row.strip("| ").split(" | ")[2] for row in rows}
    assert len(cells) == len(rows) == 1 + 2 * len(CHROMIUM) + 7
    zones = "Administrative Templates > Windows Components > Internet Explorer > Internet Control Panel > Security Page"
    assert cells[zones, "Site to Zone Assignment List"] == "Enabled: https://cas1.example.test = 1; http://*.y.test = 1"
    edge = "Administrative Templates > Microsoft Edge > HTTP authentication"
    assert cells[edge, "AuthServerAllowlist"] == "Enabled: cas1.example.test,*.y.test"
    assert cells[edge, "AuthNegotiateDelegateAllowlist"] == "Not configured, which is nobody"
    assert cells[edge, "EnableAuthNegotiatePort"] == "Disabled"
    firefox = "Administrative Templates > Mozilla > Firefox > Authentication"
    assert cells[firefox, "SPNEGO"] == "Enabled: https://cas1.example.test; http://y.test"
    assert cells[firefox, "AllowNonFQDN: NTLM"] == "Disabled"
