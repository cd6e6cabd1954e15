# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of a workstation: policies of browsers that are away, damaged, hidden or closed, and tickets kept nowhere."""

from __future__ import annotations

from .. import fleet
from . import ByFault, ByPair, Fault, Pair
from .axigen import GSSAPI_GONE_FROM_IMAP

FIREFOX = "/etc/firefox/policies/policies.json"
CHROMIUM = "/etc/chromium/policies/managed/kerberos.json"
LATER = "/etc/chromium/policies/managed/zz-office.json"


def _fault(name: str, check: str, shown: str, path: str, change: str) -> Fault:
    kept = f"/root/kept-{path.rpartition('/')[2]}"
    return Fault(name, "client1", f"cp -p {path} {kept}\n{change}", f"cp -p {kept} {path}\nrm {kept}", check, shown)


FIREFOX_GONE = _fault(
    "Firefox has no policies", "workstation.policy_missing", "policies.json: is not there", FIREFOX, f"rm {FIREFOX}"
)
_WORKSTATION = (
    FIREFOX_GONE,
    _fault(
        "Firefox's policies name another site",
        "workstation.policy_missing",
        r"lacks or has otherwise Authentication\.SPNEGO",
        FIREFOX,
        f"sed -i 's/cas1/cas9/' {FIREFOX}",
    ),
    _fault(
        "Firefox's policies are no JSON",
        "workstation.policy_damaged",
        "policies.json",
        FIREFOX,
        f'sed -i \'s/"SPNEGO": \\[/"SPNEGO": /\' {FIREFOX}',
    ),
    _fault(
        "users may not read Chromium's policies",
        "workstation.policy_unreadable",
        "mode 0600",
        CHROMIUM,
        f"chmod 0600 {CHROMIUM}",
    ),
    Fault(
        "another file hides Chromium's policy",
        "client1",
        f'echo \'{{"AuthServerAllowlist": ""}}\' > {LATER}',
        f"rm {LATER}",
        "workstation.policy_hidden",
        "AuthServerAllowlist is not in force",
    ),
    _fault(
        "tickets are to be kept by a KCM that does not run",
        "workstation.cache",
        "default_ccache_name = KCM:",
        "/etc/krb5.conf",
        "sed -i 's/^\\[libdefaults\\]/&\\n    default_ccache_name = KCM:/' /etc/krb5.conf",
    ),
)

FAULTS: ByFault = {fleet.AD.name: _WORKSTATION}
PAIRS: ByPair = {fleet.AD.name: (Pair(FIREFOX_GONE, GSSAPI_GONE_FROM_IMAP),)}
