# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a KDC as it runs, from evidence made by hand."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import (
    BROKEN,
    DEGRADED,
    UNTESTED,
    diagnose,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_kdc import CHECKS

PRIMARY, REPLICA = "kdc1.example.test", "kdc2.example.test"
SENDER = f"host/{PRIMARY}@EXAMPLE.TEST"
Fleet = Dict[str, Any]


def unit(name: str) -> Dict[str, Any]:
    return {"name": f"{name}.service", "running": True, "enabled": True, "masked": False}


def port(of: str, protocol: str, number: int) -> Dict[str, Any]:
    return {"of": of, "protocol": protocol, "port": number, "open": True}


def section(replica: bool) -> Dict[str, Any]:
    other = {"receiver": unit("krb5-kpropd"), "admin": None}
    return {
        "units": {"kdc": unit("krb5-kdc"), **(other if replica else {"admin": unit("kadmind"), "receiver": None})},
        "ports": [port("kdc", "udp", 88), port("kdc", "tcp", 88), port("receiver" if replica else "admin", "tcp", 749)],
        "stash": {"path": "/etc/krb5kdc/stash", "exists": True, "owner": "root", "mode": "0600", "size": 77},
        "acl": {"path": "/etc/krb5kdc/kadm5.acl", "exists": not replica, "owner": "root", "mode": "0644", "size": 9},
        "enctypes": "aes256-cts-hmac-sha1-96:normal aes128-cts:normal",
        "wanted_enctypes": ["aes256-cts-hmac-sha1-96:normal"],
        "logs": [{"path": "/var/log/krb5kdc.log", "unit": "krb5-kdc.service", "fault": ""}],
        "interval": "5min",
        "age": 200 if replica else None,
        "senders": [SENDER] if replica else None,
        "wanted_sender": SENDER,
        "replicas": {} if replica else {REPLICA: 200},
    }


def healthy() -> Fleet:
    return {
        PRIMARY: {"asked": {"products": ["kdc"]}, "kdc": section(False)},
        REPLICA: {"asked": {"products": ["kdc_replica"]}, "kdc": section(True)},
    }


def put(host: str, *path: Any, value: Any) -> Callable[[Fleet], None]:
    def change(fleet: Fleet) -> None:
        place = fleet[host]["kdc"]
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value

    return change


def alone(fleet: Fleet) -> None:
    """The only KDC is down."""
    del fleet[REPLICA]
    fleet[PRIMARY]["kdc"]["units"]["kdc"]["running"] = False


CASES = {
    "stopped": (put(PRIMARY, "units", "kdc", "running", value=False), "kdc.stopped", PRIMARY, DEGRADED, "not running"),
    "stopped alone": (alone, "kdc.stopped", PRIMARY, BROKEN, "systemctl start"),
    "masked": (
        put(PRIMARY, "units", "kdc", value={**unit("krb5kdc"), "running": False, "masked": True}),
        "kdc.stopped",
        PRIMARY,
        DEGRADED,
        "systemctl unmask",
    ),
    "admin": (
        put(PRIMARY, "units", "admin", "running", value=False),
        "kdc.admin_stopped",
        PRIMARY,
        DEGRADED,
        "kadmind",
    ),
    "receiver": (
        put(REPLICA, "units", "receiver", "running", value=False),
        "kdc.receiver_stopped",
        REPLICA,
        DEGRADED,
        "kpropd",
    ),
    "port": (put(PRIMARY, "ports", 0, "open", value=False), "kdc.port_closed", PRIMARY, DEGRADED, "88/udp"),
    "stash": (
        put(PRIMARY, "stash", "exists", value=False),
        "kdc.stash_missing",
        PRIMARY,
        DEGRADED,
        "kdc_master_password",
    ),
    "stash read": (put(PRIMARY, "stash", "mode", value="0640"), "kdc.stash_readable", PRIMARY, DEGRADED, "0640"),
    "acl": (put(PRIMARY, "acl", "exists", value=False), "kdc.acl_missing", PRIMARY, DEGRADED, "kdc_acl"),
    "sender": (put(REPLICA, "senders", value=["host/other@X"]), "kdc.sender_unknown", REPLICA, DEGRADED, SENDER),
    "no senders": (put(REPLICA, "senders", value=None), "kdc.sender_unknown", REPLICA, DEGRADED, "is not there"),
    "old": (put(REPLICA, "age", value=901), "kdc.replica_old", REPLICA, DEGRADED, "every 5m"),
    "never": (put(REPLICA, "age", value=None), "kdc.replica_old", REPLICA, DEGRADED, "never"),
    "RC4": (
        put(PRIMARY, "enctypes", value="aes256-cts:normal rc4-hmac"),
        "kdc.weak_enctypes",
        PRIMARY,
        DEGRADED,
        "arcfour",
    ),
    "misspelt": (put(PRIMARY, "enctypes", value="aes265-cts"), "kdc.weak_enctypes", PRIMARY, DEGRADED, "nobody knows"),
    "log": (
        put(PRIMARY, "logs", 0, "fault", value="read-only"),
        "kdc.log_unwritable",
        PRIMARY,
        DEGRADED,
        "kdc_logging",
    ),
    "no unit": (put(PRIMARY, "units", "kdc", value=None), "kdc.unknown", PRIMARY, UNTESTED, "kerberos_kdc"),
}


def test_a_healthy_kdc_has_nothing_to_say() -> None:
    assert diagnose(healthy(), CHECKS) == []
    assert diagnose({PRIMARY: {}, REPLICA: {"kdc": {"untested": "no words"}}}, CHECKS) == []


def test_the_primary_tells_of_a_replica_that_was_not_looked_at() -> None:
    fleet = healthy()
    del fleet[REPLICA]
    fleet[PRIMARY]["kdc"]["replicas"][REPLICA] = 9000
    (told,) = diagnose(fleet, CHECKS)
    assert (told.check.id, told.trouble.accounts_for) == ("kdc.replica_old", (REPLICA,))
    assert "2h 30m" in told.trouble.evidence


@pytest.mark.parametrize(("change", "check", "host", "grade", "told"), CASES.values(), ids=list(CASES))
def test_a_trouble_is_named_alone(
    change: Callable[[Fleet], None], check: str, host: str, grade: str, told: str
) -> None:
    fleet = healthy()
    change(fleet)
    (found,) = diagnose(fleet, CHECKS)
    assert (found.check.id, found.host, found.trouble.grade) == (check, host, grade)
    shown = found.trouble
    assert told in f"{shown.subject} {shown.cause} {shown.evidence} {shown.remedy}"


def test_an_odd_interval_is_taken_for_the_usual_one() -> None:
    fleet = healthy()
    fleet[REPLICA]["kdc"].update(interval="now and then", age=899)
    assert diagnose(fleet, CHECKS) == []
