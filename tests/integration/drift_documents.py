# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift reports of invented fleets, of any size, the same each time."""

from __future__ import annotations

import hashlib
import random
from typing import Any

ROLES = ("axigen", "cas", "postfix", "workstation", "zimbra")
SEVERITIES = ("critical", "major", "minor")
REASONS = (
    ("unreachable", "ssh: connect to host port 22: Connection timed out"),
    ("failed", "/etc/krb5.conf: line 12 is no setting; mend it, or remove the file"),
    ("unfinished", "the run was ended before this host was done"),
)
# Role, task, module, resource, setting, is, should, basis, sentence.
CHANGES = (
    (
        *("postfix", "Set smtpd.conf, main.cf and master.cf", "mailrealm.kerberos.postconf", "/etc/postfix/main.cf"),
        *("smtpd_sasl_type", "dovecot", "cyrus", "docs/site: Postfix, section 3"),
        "smtpd_sasl_type is dovecot and should be cyrus, so that no client can log in by GSSAPI",
    ),
    (
        *("client", "Write krb5.conf", "mailrealm.kerberos.krb5_conf", "/etc/krb5.conf"),
        *("libdefaults.dns_canonicalize_hostname", None, "false", "docs/README.md: names"),
        "libdefaults.dns_canonicalize_hostname is not there and should be false",
    ),
    (
        *("cas", "Set the properties of CAS", "mailrealm.kerberos.cas_properties", "/etc/cas/config/cas.properties"),
        *("cas.authn.spnego.mixed-mode-authentication", "true", "false", "docs/cas.md: SPNEGO"),
        "cas.authn.spnego.mixed-mode-authentication is true and should be false",
    ),
    (
        *("axigen", "Set Axigen's services", "mailrealm.kerberos.axigen_config", "axigen1 IMAP"),
        *("saslAuthMechanisms", "plain login", "plain login gssapi", "docs/axigen.md: step 4"),
        "IMAP does not offer gssapi",
    ),
)


def finding(number: int, hosts: list[str], draw: random.Random) -> dict[str, Any]:
    """One finding, whose setting is named by its number."""
    role, task, module, resource, setting, is_, should, basis, sentence = CHANGES[number % len(CHANGES)]
    name = f"{setting}_{number}" if number >= len(CHANGES) else setting
    context = [f" setting_{line} = value {line}" for line in range(draw.randrange(3, 9))]
    lines = [
        f"--- before: {resource}",
        f"+++ after: {resource}",
        f"@@ -1,{len(context)} +1,{len(context)} @@",
        *context,
    ]
    lines += ([f"-{name} = {is_}"] if is_ else []) + [f"+{name} = {should}"]
    found = {
        "kind": "change",
        "role": role,
        "task": task,
        "module": module,
        "resource": resource,
        "settings": [{"name": name, "is": is_, "should": should}],
        "diff": "\n".join(lines) + "\n",
        "severity": SEVERITIES[draw.choices((0, 1, 2), (1, 4, 6))[0]],
        "basis": basis,
        "sentence": sentence.replace(setting, name),
        "waived_by": "legacy gateway" if draw.random() < 0.06 else "",
    }
    return {"id": hashlib.sha256(repr(found).encode()).hexdigest()[:12], "hosts": sorted(hosts), **found}


def fleet(hosts: int = 12, findings: int = 6, unknown: int = 2, seed: int = 1) -> dict[str, Any]:
    """A report: so many hosts, findings, and hosts of which nothing is known."""
    draw = random.Random(seed)
    width = len(str(max(hosts, 1)))
    names = sorted(f"mx{number:0{width}}.example.test" for number in range(1, hosts + 1))
    lost = {name: REASONS[number % len(REASONS)] for number, name in enumerate(draw.sample(names, unknown))}
    made = [finding(number, draw.sample(names, _many(draw, hosts)), draw) for number in range(findings)]
    drifted = {name for one in made if not one["waived_by"] for name in one["hosts"]}
    records = [
        {
            "host": name,
            "status": "unknown" if name in lost else "drift" if name in drifted else "clean",
            "state": lost[name][0] if name in lost else "checked",
            "reason": lost[name][1] if name in lost else "",
            "roles": sorted({"client", draw.choice(ROLES)}),
        }
        for name in names
    ]
    waivers = [
        {
            "name": "legacy gateway",
            "expression": "role == 'postfix' && settings[?name == 'smtpd_sasl_type']",
            "owner": "mail team",
            "reason": "the old gateway is replaced in January",
            "expires": "2027-01-31",
            "state": "active",
            "findings": sum(1 for one in made if one["waived_by"]),
        }
    ]
    return document(records, made, waivers)


def document(
    hosts: list[dict[str, Any]], findings: list[dict[str, Any]], waivers: list[dict[str, Any]]
) -> dict[str, Any]:
    """The report over these records, with its sums."""

    def count(of: list[dict[str, Any]], key: str, *values: str) -> dict[str, int]:
        return {value: sum(1 for one in of if one[key] == value) for value in values}

    by_host = count(hosts, "status", "clean", "drift", "unknown")
    order = {name: number for number, name in enumerate(SEVERITIES)}
    open_ones = [one for one in findings if not one["waived_by"]]
    return {
        "schema": "mailrealm.kerberos.drift/1",
        "created": "2026-11-27T02:00:00Z",
        "status": "incomplete" if by_host["unknown"] or not hosts else "drift" if open_ones else "clean",
        "summary": {
            "hosts": by_host,
            "findings": count(open_ones, "severity", *SEVERITIES),
            "waived": len(findings) - len(open_ones),
            "waivers": count(waivers, "state", "active", "expired", "unmatched"),
        },
        "hosts": hosts,
        "findings": sorted(findings, key=lambda one: (order[one["severity"]], one["role"], one["resource"], one["id"])),
        "waivers": waivers,
    }


def _many(draw: random.Random, hosts: int) -> int:
    """Most findings are of few hosts; some are of nearly all."""
    most = hosts if draw.random() < 0.02 else min(hosts, 5)
    return draw.randint(min(1, most), most) if most else 0
