# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies by which browsers sign on to sites with the user's ticket, and never hand it on.

Chromium, Chrome and Edge know sites by host name, Firefox by URL, so that no ticket goes to a site without TLS that has
the name of one with it. Firefox takes a name for all below it too, which is what `*.` says elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Sequence

from .browser_policy import FIREFOX
from .workstation import Site


@dataclass(frozen=True)
class SignOn:
    """How browsers sign on.

    ``port``: whether a port other than 80 and 443 is part of the principal, as only few services have it.
    ``canonical``: whether Chromium asks DNS for the name that an alias leads to, and asks for a ticket for that one.
    ``locked``: whether users cannot change it in Firefox. ``private``: whether it holds in Firefox's private windows.
    """

    port: bool = False
    canonical: bool = False
    locked: bool = True
    private: bool = False


def policies(browser: str, sites: Sequence[Site], sign_on: SignOn) -> Dict[str, Any]:
    """The policies of a browser, as `browser_policy` takes them."""
    return firefox(sites, sign_on) if browser == FIREFOX else chromium(sites, sign_on)


def chromium(sites: Sequence[Site], sign_on: SignOn) -> Dict[str, Any]:
    """Of Chromium, Chrome and Edge."""
    return {
        "AuthServerAllowlist": ",".join(dict.fromkeys(one.pattern for one in sites)),
        "AuthNegotiateDelegateAllowlist": "",
        "DisableAuthNegotiateCnameLookup": not sign_on.canonical,
        "EnableAuthNegotiatePort": sign_on.port,
    }


def firefox(sites: Sequence[Site], sign_on: SignOn) -> Dict[str, Any]:
    """Of Firefox."""
    return {
        "Authentication": {
            "SPNEGO": list(dict.fromkeys(f"{one.scheme}://{one.host}" for one in sites)),
            "Delegated": [],
            "NTLM": [],
            "AllowNonFQDN": {"SPNEGO": False, "NTLM": False},
            "Locked": sign_on.locked,
            "PrivateBrowsing": sign_on.private,
        }
    }
