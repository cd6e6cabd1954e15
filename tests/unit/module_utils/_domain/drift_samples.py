# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift reports to test with: a few findings, and strategies for any."""

from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_finding import Finding
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_report import (
    CHECKED,
    STATES,
    HostRecord,
    Report,
    Waiver,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_settings import Setting
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_severity import (
    KINDS,
    SEVERITIES,
    WAIVER,
)
from hypothesis import strategies as st

CREATED = "2026-11-27T02:00:00Z"


def finding(resource="/etc/krb5.conf", role="client", severity="major", **fields):
    values = {
        "kind": "change",
        "role": role,
        "task": "Set the realm",
        "module": "mailrealm.kerberos.krb5_conf",
        "resource": resource,
        "settings": (Setting("libdefaults.rdns", "true", "false"),),
        "diff": "-rdns = true\n+rdns = false\n",
        "severity": severity,
        "basis": "roles/client/README.md",
        "sentence": f"{resource}: libdefaults.rdns is 'true', should be 'false'",
    }
    return Finding(**{**values, **fields})


def host(name, *findings, state=CHECKED, reason="", roles=("client",)):
    return HostRecord(name, state, reason, roles, findings)


def report(*hosts, waivers=(), created=CREATED):
    return Report(created, hosts, waivers)


def waiver(name="rdns", expression="true", expires="2027-01-31"):
    return Waiver(name, expression, "alice", "until the move", expires)


def judge(expression, found):
    """A waiver's expression as these tests write it: true, or the resource, or the host."""
    return expression in ("true", found["resource"], found["host"])


# Few different values, so that reports have findings, hosts and waivers in common; and the odd text
_TEXT = st.sampled_from(("", "a", "b", '"\\<&>\n', "é\ud800\x00", "mx1"))
_SETTINGS = st.builds(Setting, _TEXT, st.none() | _TEXT, st.none() | _TEXT)
_FINDINGS = st.builds(
    Finding,
    kind=st.sampled_from([kind for kind in KINDS if kind != WAIVER]),
    role=st.sampled_from(("", "client", "postfix")),
    task=_TEXT,
    module=_TEXT,
    resource=_TEXT,
    settings=st.lists(_SETTINGS, max_size=2).map(tuple),
    diff=_TEXT,
    severity=st.sampled_from(SEVERITIES),
    basis=_TEXT,
    sentence=_TEXT,
)
_NAMES = st.sampled_from(("mx1", "mx2", "kdc1", "a\nb", "é"))
WAIVERS = st.builds(
    Waiver, _TEXT, _TEXT | st.just("true"), _TEXT, _TEXT, st.sampled_from(("2026-11-26", "2026-11-27", "2030-02-28"))
)
HOSTS = st.builds(
    HostRecord,
    host=_NAMES,
    state=st.sampled_from(STATES),
    reason=_TEXT,
    roles=st.lists(st.sampled_from(("client", "postfix")), max_size=2).map(tuple),
    findings=st.lists(_FINDINGS, max_size=3).map(tuple),
)
REPORTS = st.builds(
    Report,
    created=st.sampled_from((CREATED, "2026-11-28T00:00:00Z")),
    hosts=st.lists(HOSTS, max_size=4).map(tuple),
    waivers=st.lists(WAIVERS, max_size=2).map(tuple),
)
