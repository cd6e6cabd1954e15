# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A workstation: the browsers' policies as they count, where tickets are kept, where mail programs learn accounts."""

from __future__ import annotations

import os
import stat
from typing import Any, Dict, List, Mapping, Optional

from .._domain.browser_policy import folder_of, shadows, wishes_from
from .._domain.doctor_asked import Asked
from .._domain.json_policy import plan
from .._domain.proof import LoginRefusal, Service
from .._domain.refusal import Refusal
from .configured_realms import relations
from .files import read_state
from .policy_files import others
from .web_page import web_page

USUAL_CACHE = "FILE:/tmp/krb5cc_%{uid}"  # MIT's own, where neither distribution nor krb5.conf(5) says otherwise
KCM_SOCKET = "/var/run/.heim_org.h5l.kcm-socket"  # krb5.conf(5), kcm_socket
WELL_KNOWN = "/.well-known/autoconfig/mail/config-v1.1.xml"  # Mozilla's Autoconfiguration
PATIENCE = 5.0  # seconds for each answer


def gather(asked: Asked) -> Dict[str, Any]:
    """``policies``: of each file, what it lacks. ``cache``: where users' tickets are kept, and why that cannot be."""
    settings = asked.settings.get("workstation") or {}
    return {
        "policies": [_policy(one) for one in settings.get("policies") or ()],
        "probe_keytab": _keytab(str(settings.get("probe_keytab") or "")),
        "cache": _cache(),
        "accounts": {path: os.path.isfile(path) for path in settings.get("account_files") or ()},
        "autoconfig": {domain: _fetched(str(domain)) for domain in settings.get("autoconfig_domains") or ()},
    }


def _policy(asked: Mapping[str, Any]) -> Dict[str, Any]:
    """``lacks``: the policies that would change, were the role run; ``hidden``: sentences on other files that count."""
    path, browser = str(asked["path"]), str(asked["browser"])
    found: Dict[str, Any] = {"path": path, "browser": browser, "lacks": [], "hidden": [], "damaged": "", "mode": ""}
    try:
        state = read_state(path)
        wishes = wishes_from(browser, asked.get("policies") or {}, (), str(asked.get("lists") or "merge"))
        found["exists"] = state.content is not None
        found["mode"] = f"{state.mode:04o}"
        found["lacks"] = list(plan(state.content, wishes, path).changes)
        folder = folder_of(browser, None, os.path.dirname(path))
        hiding, dummy = shadows(path, wishes, others(folder, path) if folder else {})
        found["hidden"] = [one.sentence for one in hiding if one.wins]
    except Refusal as refusal:
        found["damaged"] = str(refusal)
    return found


def _keytab(path: str) -> Optional[Dict[str, Any]]:
    """Its mode; None where there is none, which the section `keytabs` tells."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return {"path": path, "mode": f"{stat.S_IMODE(status.st_mode):04o}", "uid": status.st_uid}


def _cache() -> Dict[str, str]:
    """Whether a user could keep tickets where krb5.conf says; a cache itself is not made."""
    name = relations().get(("libdefaults", "default_ccache_name"), USUAL_CACHE)
    kind, colon, rest = name.partition(":")
    kind, rest = (kind, rest) if colon else ("FILE", name)
    return {"name": name, "fault": _fault(kind.upper(), rest)}


def _fault(kind: str, rest: str) -> str:
    if kind == "KCM":
        return "" if os.path.exists(KCM_SOCKET) else f"{KCM_SOCKET} is not there, so no KCM runs"
    if kind not in ("FILE", "DIR"):
        return "" if kind in ("KEYRING", "MEMORY") else f"{kind} is no type of cache on this system"
    folder = os.path.dirname(rest)
    if "%{" in folder:  # of each user, and perhaps made at their login
        return ""
    if not os.path.isdir(folder):
        return f"the folder {folder} is not there"
    shared = os.stat(folder).st_mode & stat.S_IWOTH
    return "" if shared or "%{" not in rest else f"the folder {folder} is not writable for users"


def _fetched(domain: str) -> Dict[str, Any]:
    """What a mail program gets for the users of a domain: by HTTPS, else by HTTP, as Thunderbird asks."""
    faults: List[str] = []
    for tls, port in (("implicit", 443), ("none", 80)):
        service = Service("http", domain, port, tls, WELL_KNOWN, timeout=PATIENCE)
        try:
            with web_page(service) as page:
                response = page.get("")
        except LoginRefusal as refusal:
            faults.append(f"port {port}: {refusal.text}")
            continue
        if response.status == 200:
            return {"found": True, "fault": ""}
        faults.append(f"port {port}: {response.answer}")
    return {"found": False, "fault": "; ".join(faults)}
