# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence of two mail hosts' worth of a sound realm, as the sections of Kerberos tell it, and what changes it."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import (
    doctor_clock,
    doctor_keytabs,
    doctor_krb5,
    doctor_names,
    doctor_network,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import Diagnosis, diagnose

HOST, OTHER, REALM = "mx1.example.test", "mx2.example.test", "EXAMPLE.TEST"
KDC1, KDC2 = "kdc1.example.test", "kdc2.example.test"
AES256, AES128 = "aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"
PRINCIPAL = f"smtp/{HOST}@{REALM}"
KEYTAB = "/etc/postfix/smtp.keytab"
CHECKS = (
    *doctor_clock.CHECKS,
    *doctor_network.CHECKS,
    *doctor_names.CHECKS,
    *doctor_krb5.CHECKS,
    *doctor_keytabs.CHECKS,
)
HEARD = {"answered": True, "words": "", "code": 18, "offset": 0.1}
SILENT = {"answered": False, "words": "no answer", "code": None, "offset": None}


def kdc(name: str, **changes: Any) -> dict[str, Any]:
    return {"kdc": name, "port": 88, "addresses": ["192.0.2.9"], "udp": HEARD, "tcp": HEARD, "kind": "mit", **changes}


def lookup(name: str, *addresses: str) -> dict[str, Any]:
    return {"name": name, "addresses": list(addresses), "canonical": name, "reversed_name": name, "error": None}


def proof(**changes: Any) -> dict[str, Any]:
    held = [{"kvno": 1, "enctype": AES256}]
    told = {"ok": True, "kvno": 1, "enctype": AES256, "held": held, "symptom": "", "cause": "", "remedy": "", "own": ""}
    return {"principal": PRINCIPAL, **told, **changes}


KEYTAB_SECTION = {
    "path": KEYTAB,
    "user": "postfix",
    "product": "postfix",
    "chroot": "",
    "asked": [f"smtp/{HOST}"],
    "exists": True,
    "readable": True,
    "damaged": "",
    "entries": [{"principal": PRINCIPAL, "kvno": 1, "enctype": name} for name in (AES256, AES128)],
    "owner": "root",
    "group": "postfix",
    "mode": "0640",
    "exposed": "",
    "context": {"enforcing": False},
    "opened": {"ok": True, "words": "", "at": ""},
    "proofs": [proof()],
}


def evidence() -> dict[str, Any]:
    """One sound host's."""
    return copy.deepcopy(
        {
            "asked": {
                "host": HOST,
                "realm": REALM,
                "kdcs": [KDC1, KDC2],
                "enctypes": [AES256, AES128],
                "keytabs": [{"path": KEYTAB, "principals": [f"smtp/{HOST}", "smtp/mail.example.test"]}],
            },
            "clock": {
                "kdcs": [{"kdc": KDC1, "offset": 0.1}, {"kdc": KDC2, "offset": -0.1}],
                "clockskew": None,
                "services": [{"unit": "chrony", "active": True, "enabled": True, "held_back": False}],
            },
            "network": {
                "kdcs": [kdc(KDC1), kdc(KDC2)],
                "admin": {"server": KDC1, "port": 749, "answered": True, "words": ""},
                "srv": {
                    "_kerberos._udp.example.test": [f"0 0 88 {KDC1}"],
                    "_kerberos.example.test": ['"EXAMPLE.TEST"'],
                },
            },
            "names": {
                "host": lookup(HOST, "192.0.2.20"),
                "aliases": [lookup("mail.example.test", "192.0.2.20")],
                "reverse": {"192.0.2.20": HOST},
                "naming": {"dns_canonicalize_hostname": "true", "rdns": False},
                "problems": {name: [] for name in ("forward", "hosts_file", "canonical", "reverse", "aliases")},
                "principals": [
                    {
                        "name": HOST,
                        "service": "smtp",
                        **dict.fromkeys(("mit", "heimdal", "java", "windows"), PRINCIPAL),
                    }
                ],
                "dns": {},
            },
            "krb5": {
                "path": "/etc/krb5.conf",
                "damaged": "",
                "there": True,
                "libkrb5": 0,
                "sources": ["/etc/krb5.conf"],
                "problems": [],
                "default_realm": REALM,
                "kdcs": [KDC1, KDC2],
                "looks_up_kdcs": False,
                "realm_of": {HOST: REALM},
                "mapped_by": {HOST: f".example.test = {REALM} (/etc/krb5.conf line 18)"},
                "enctypes": {"permitted_enctypes": {"value": f"{AES256} {AES128}", "where": "/etc/krb5.conf line 7"}},
                "allow_weak_crypto": False,
                "repeated": [],
                "unreadable": [],
            },
            "keytabs": {"keytabs": [KEYTAB_SECTION], "tickets": {}},
        }
    )


def found(fleet: dict[str, Any]) -> list[Diagnosis]:
    """All that the checks of Kerberos say."""
    return diagnose(fleet, CHECKS)


def said(changed: dict[str, Any], others: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """Check and grade of what is said of HOST, in order."""
    return [(one.check.id, one.trouble.grade) for one in found({HOST: changed, **(others or {})}) if one.host == HOST]
