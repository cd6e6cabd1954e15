# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Windows clients of a site need, for the registry and for group policy: sites, Edge, Chrome and Firefox.

Microsoft: 'Site to Zone Assignment List' (inetres.admx), 1 is the intranet zone, in which Windows logs on by itself;
Edge's, Chrome's and Firefox's administrative templates. A file of the registry is plain text with Windows' line ends.
"""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, Sequence, Tuple, Union

from .sign_on_policy import SignOn, chromium, firefox
from .workstation import Site

Values = Mapping[str, Union[str, int]]
INTRANET = "1"
ROOT = "HKEY_LOCAL_MACHINE"
INTERNET = rf"{ROOT}\SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings"
FIREFOX_KEY = rf"{ROOT}\SOFTWARE\Policies\Mozilla\Firefox\Authentication"
# Browsers of Chromium's family: key, and where their settings stand among the administrative templates
FAMILY = {
    "Microsoft Edge": (rf"{ROOT}\SOFTWARE\Policies\Microsoft\Edge", "Microsoft Edge > HTTP authentication"),
    "Google Chrome": (rf"{ROOT}\SOFTWARE\Policies\Google\Chrome", "Google > Google Chrome > HTTP authentication"),
}
ZONES = (
    "Windows Components > Internet Explorer > Internet Control Panel > Security Page",
    "Site to Zone Assignment List",
)


def registry(sites: Sequence[Site], sign_on: SignOn) -> str:
    """A .reg file: what `regedit /s FILE` sets for all users of a machine.

    The keys that hold lists are emptied first, so that a site that has gone loses its sign-on there too; those of the
    intranet zone are not, for other sites of the domain stand there.
    """
    lines = ["Windows Registry Editor Version 5.00", ""]
    for key, values in _keys(sites, sign_on):
        if key.startswith(f"{FIREFOX_KEY}\\"):
            lines += [f"[-{key}]", ""]
        lines += [f"[{key}]", *(f'"{_escaped(name)}"={_data(value)}' for name, value in values.items()), ""]
    return "\r\n".join(lines)


def group_policy(sites: Sequence[Site], sign_on: SignOn) -> str:
    """The same as settings of group policy: a table of Markdown, below Computer Configuration."""
    rows: List[Tuple[str, str, str]] = [
        (*ZONES, "Enabled: " + "; ".join(f"{one.url} = {INTRANET}" for one in sites)),
    ]
    for dummy, where in FAMILY.values():
        rows += [(where, name, _setting(value)) for name, value in chromium(sites, sign_on).items()]
    rows += [
        ("Mozilla > Firefox > Authentication", name, _setting(value)) for name, value in _flat(firefox(sites, sign_on))
    ]
    table = [f"| Administrative Templates > {where} | {name} | {setting} |" for where, name, setting in rows]
    return "\n".join(["| where | setting | value |", "|---|---|---|", *table]) + "\n"


def _keys(sites: Sequence[Site], sign_on: SignOn) -> Iterator[Tuple[str, Values]]:
    yield INTERNET, {"ListBox_Support_ZoneMapKey": 1}
    yield rf"{INTERNET}\ZoneMapKey", {one.url: INTRANET for one in sites}
    for key, dummy in FAMILY.values():
        yield key, {name: _value(value) for name, value in chromium(sites, sign_on).items()}
    own = firefox(sites, sign_on)["Authentication"]
    yield FIREFOX_KEY, {name: _value(value) for name, value in own.items() if isinstance(value, bool)}
    for name, value in own.items():
        if isinstance(value, list):
            yield rf"{FIREFOX_KEY}\{name}", {str(number): one for number, one in enumerate(value, 1)}
        elif isinstance(value, dict):
            yield rf"{FIREFOX_KEY}\{name}", {method: _value(flag) for method, flag in value.items()}


def _value(value: Any) -> Union[str, int]:
    return int(value) if isinstance(value, bool) else str(value)


def _data(value: Union[str, int]) -> str:
    return f"dword:{value:08x}" if isinstance(value, int) else f'"{_escaped(value)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _flat(policies: Mapping[str, Any], prefix: str = "") -> Iterator[Tuple[str, Any]]:
    for name, value in policies.items():
        if isinstance(value, Mapping):
            yield from _flat(value, "" if name == "Authentication" else f"{name}: ")
        else:
            yield f"{prefix}{name}", value


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "Enabled" if value else "Disabled"
    listed = value if isinstance(value, str) else "; ".join(value)
    return f"Enabled: {listed}" if listed else "Not configured, which is nobody"
