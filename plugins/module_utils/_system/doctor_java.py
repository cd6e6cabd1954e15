# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's evidence of the Java that runs CAS: its version, the krb5.conf that it reads, and the keys it must open.

``{home, version, major, aes, problems, reads: {path, by, wanted}, ignored, options: {kdc, realm}, libdefaults,
refused: [clause], keys: [{principal, kvno, enctype, enctype_number}]}``. No JVM is started where Java's own file
`release` tells its version; what it makes of its files is known by rules (java_krb5.py).
"""

from __future__ import annotations

import os
from typing import Any, Dict, List, Sequence

from .._domain.cas_installed import report
from .._domain.cas_property_names import name_of
from .._domain.cas_sign_on import problems_left
from .._domain.cas_unit import CasUnit
from .._domain.doctor_asked import Asked
from .._domain.java_krb5 import LISTS, OWN, krb5_conf_of, options_of, refused_includes
from .._domain.java_properties import items_of
from .._domain.keytab_report import report_keytab
from .._domain.profile import Directive
from .._domain.profile_reading import Included, first_by_path, readings_of
from .._domain.refusal import Refusal
from . import cas_host
from .files import read_state
from .profile_files import IncludedFiles

RELATIONS = (*LISTS, "allow_weak_crypto")
_KERBEROS_CONF = ("kerberosconf",)


def gather(asked: Asked) -> Dict[str, Any]:
    """All of it; CasRefusal, UnitRefusal where the role's variables make no sense."""
    settings = asked.settings.get("cas") or {}
    found = cas_host.read(settings["war"], "", settings["unit"], settings["java_home"], settings["version"], "")
    told = report(found)
    options = options_of(_words(found.unit))
    own = next((path for path in (os.path.join(found.java.home, one) for one in OWN) if os.path.isfile(path)), None)
    reads = krb5_conf_of(options, _named_by_cas(settings["properties"]), own if found.java.home else None)
    return {
        **{name: told["java"][name] for name in ("home", "version", "major", "aes")},
        "problems": [one for one in problems_left(told) if one["check"].startswith("java_")],
        "reads": {"path": reads.path, "by": reads.by, "wanted": settings["krb5_conf"]},
        "ignored": _ignored(found.unit, reads.path),
        "options": {name: options.get(name, "") for name in ("kdc", "realm")},
        **_conf(reads.path),
        "keys": _keys(asked),
    }


def _words(unit: CasUnit) -> Sequence[str]:
    """The words of the program, and those that its variables hand to Java."""
    names = ("JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "CATALINA_OPTS")
    return [*(word for name in names for word in unit.environment.get(name, "").split()), *unit.arguments]


def _named_by_cas(path: str) -> str:
    """What CAS's property kerberos-conf names; it sets java.security.krb5.conf by it when it starts."""
    try:
        items = items_of(read_state(path).content or b"", path)
    except Refusal:
        return ""
    return next((one.value for one in reversed(items) if one.key and name_of(one.key)[-1:] == _KERBEROS_CONF), "")


def _ignored(unit: CasUnit, path: str) -> str:
    """What KRB5_CONFIG names in the unit, where that is not what Java reads."""
    named = unit.environment.get("KRB5_CONFIG", "")
    return named if named and os.path.realpath(named) != os.path.realpath(path) else ""


def _conf(path: str) -> Dict[str, Any]:
    files = IncludedFiles()
    directives: List[Directive] = []

    def including(directive: Directive) -> Sequence[Included]:
        directives.append(directive)
        return files(directive)

    read = first_by_path(readings_of(files.begin(path), including))
    held = {name: read[("libdefaults", name)].value for name in RELATIONS if ("libdefaults", name) in read}
    return {"libdefaults": held, "refused": refused_includes(directives)}


def _keys(asked: Asked) -> List[Dict[str, Any]]:
    """The newest keys of CAS's principals in its keytab, in the keytab's order; none where it cannot be read."""
    found = []
    for one in asked.keytabs:
        if one.product != "cas":
            continue
        try:
            entries = report_keytab(one.path, read_state(one.path))["entries"]
        except Refusal:  # the section of the keytabs says more
            continue
        for principal in one.principals:
            own = [entry for entry in entries if entry["principal"] == principal]
            newest = max((entry["kvno"] for entry in own), default=0)
            found += [
                {name: entry[name] for name in ("principal", "kvno", "enctype", "enctype_number")}
                for entry in own
                if entry["kvno"] == newest
            ]
    return found
