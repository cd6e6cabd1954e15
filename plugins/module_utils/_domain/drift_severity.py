# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How bad a drift is, and which document or promise of the collection says how it should be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Tuple

CHANGE = "change"  # a run would change it
REFUSAL = "refusal"  # a task failed, so that nobody knows what else differs
LOGIN = "login"  # a real login failed
KEY = "key"  # a keytab does not open the KDC's ticket
WAIVER = "waiver"  # an exception that has expired, or excepts nothing
KINDS = (CHANGE, REFUSAL, LOGIN, KEY, WAIVER)

CRITICAL = "critical"  # somebody cannot log in, or a key is not where, or with whom, it belongs
MAJOR = "major"  # logins, or their safety, depend on it
MINOR = "minor"  # nobody notices today
SEVERITIES = (CRITICAL, MAJOR, MINOR)

_PROVED = "README.md: done means that a real login succeeded"
_REFUSED = "README.md: an error is one sentence: what, where, how to mend"
_WAIVED = "docs/drift-schema.md: a waiver that has expired, or waives nothing, is drift"
_KEYS = "docs/keytab-readers.md; README.md: no key is replaced unless it is asked for"
_REALM = "roles/kdc/README.md"
_TYPES = "docs/encryption-types.md"
_DIRECTORY = "docs/active-directory.md"
_POSTFIX = "roles/postfix/README.md; Postfix: SASL_README"
_AXIGEN = "docs/axigen.md; Axigen: About GSSAPI / Kerberos"
_ZIMBRA = "docs/zimbra.md; Zimbra: Running Kerberos with Zimbra Collaboration Suite (KB 2433)"
_CAS = "docs/cas.md; Apereo CAS: SPNEGO Authentication"
_WORKSTATION = "docs/workstation.md"

# What a role is written to, for modules that say nothing of themselves
_ROLES = {
    "axigen": _AXIGEN,
    "cas": _CAS,
    "client": "roles/client/README.md",
    "kdc": _REALM,
    "keytab": _KEYS,
    "postfix": _POSTFIX,
    "workstation": _WORKSTATION,
    "zimbra": _ZIMBRA,
}


@dataclass(frozen=True)
class _Row:
    """``module``, ``resource``, ``found``: patterns of the module's short name, of the resource, and of a setting and
    its value as they are."""

    module: str
    severity: str
    basis: str = ""
    resource: str = ""
    found: str = ""


# The first that fits counts; an empty basis is the role's
_ROWS = (
    _Row("keytab|keytab_export", CRITICAL, _KEYS),
    _Row("ad_keytab", CRITICAL, _DIRECTORY),
    _Row("realm", MAJOR, _REALM, resource="^password policy "),
    _Row("principal|realm", CRITICAL, _REALM),
    _Row("hosts_file", CRITICAL, "roles/client/README.md"),
    _Row("unit", CRITICAL, resource=r"\.service$", found="^state=stopped$"),
    _Row("unit", MAJOR),
    _Row("zimbra_services", CRITICAL, _ZIMBRA),
    # A key or a database that others read, or its owner does not
    _Row(".*", CRITICAL, resource=r"keytab|stash|\.k5\.|principal(?:\.\w+)?$", found="^(?:mode|owner|group)="),
    _Row("enctype_policy", MAJOR, _TYPES),
    _Row("krb5_conf|config_files|password_policy|kadm5_acl", MAJOR),
    _Row("postconf|cyrus_sasl_conf", MAJOR, _POSTFIX),
    _Row("axigen_config", MAJOR, _AXIGEN),
    _Row("zimbra_attributes|zimbra_localconfig", MAJOR, _ZIMBRA),
    _Row("cas_properties|cas_overlay|jaas_config|tomcat_connector", MAJOR, _CAS),
    _Row("log4j2_loggers", MINOR, _CAS),
    _Row("browser_policy", MINOR, _WORKSTATION),
)
_KINDS = {
    LOGIN: (CRITICAL, _PROVED),
    KEY: (CRITICAL, _PROVED),
    REFUSAL: (MAJOR, _REFUSED),
    WAIVER: (MAJOR, _WAIVED),
}


def judgement(kind: str, role: str, module: str, resource: str, found: Tuple[str, ...]) -> Tuple[str, str]:
    """The severity of a finding, and the basis of what should be. ``found``: the settings that
    differ, each as name=value, as they are."""
    if kind in _KINDS:
        return _KINDS[kind]
    name = module.rpartition(".")[2]
    for row in _ROWS:
        if re.fullmatch(row.module, name) and re.search(row.resource, resource) and _any(row.found, found):
            return row.severity, row.basis or _basis(role)
    return MINOR, _basis(role)


def _any(pattern: str, found: Tuple[str, ...]) -> bool:
    return not pattern or any(re.search(pattern, one) for one in found)


def _basis(role: str) -> str:
    return _ROLES.get(role) or (f"roles/{role}/README.md" if role else "README.md")
