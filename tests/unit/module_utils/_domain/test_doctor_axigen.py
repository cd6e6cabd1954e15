# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of Axigen, from evidence made by hand."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import (
    BROKEN,
    DEGRADED,
    UNTESTED,
    diagnose,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_axigen import CHECKS

HOST, KEYTAB = "axigen1.example.test", "/etc/axigen.keytab"
METHODS = ["CRAM-MD5", "GSSAPI", "PLAIN"]
Fleet = Dict[str, Any]


def offers(*numbers: int) -> List[Dict[str, Any]]:
    return [{"port": one, "tls": "starttls", "mechanisms": METHODS, "fault": ""} for one in numbers]


def service(**attributes: Any) -> Dict[str, Any]:
    return {"started": True, "attributes": attributes, "listeners": []}


def healthy() -> Fleet:
    running = ["smtp_incoming", "imap", "webmail"]
    settings = {"unit": "axigen", "keytab": KEYTAB, "running": running, "domain": "example.test"}
    names = {"KRB5_KTNAME": f"FILE:{KEYTAB}"}
    return {
        HOST: {
            "asked": {"host": HOST, "realm": "EXAMPLE.TEST", "krb5_conf": "/etc/krb5.conf"},
            "keytabs": {"keytabs": [{"path": KEYTAB, "entries": []}]},
            "axigen": {
                "settings": settings,
                "installed": True,
                "unit": {"name": "axigen.service", "installed": True, "running": True, "masked": False},
                "process": {"pid": 7, "environment": dict(names)},
                "unit_environment": dict(names),
                "services": {
                    "imap": service(secureConnAuthTypes=["plain", "gssapi"]),
                    "smtp_incoming": service(),
                    "webmail": service(allowSPNEGOAuth="yes"),
                },
                "primary_domain": "example.test",
                "unread": "",
                "cli": True,
                "offers": {"imap": offers(143, 993), "smtp_incoming": offers(25)},
                "pages": [{"port": 443, "tls": "implicit", "schemes": ["negotiate"], "fault": "401"}],
            },
        }
    }


def put(*path: Any, value: Any) -> Callable[[Fleet], None]:
    def change(fleet: Fleet) -> None:
        place = fleet[HOST]["axigen"]
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value

    return change


def both(*changes: Callable[[Fleet], None]) -> Callable[[Fleet], None]:
    def change(fleet: Fleet) -> None:
        for one in changes:
            one(fleet)

    return change


def host_key(fleet: Fleet) -> None:
    entry = {"principal": f"host/{HOST}@EXAMPLE.TEST", "kvno": 1, "enctype": "aes256-cts-hmac-sha1-96"}
    fleet[HOST]["keytabs"]["keytabs"][0]["entries"].append(entry)


NO_OFFER = {"port": 143, "tls": "starttls", "mechanisms": None, "fault": "Connection refused"}
CASES = {
    "stopped": (
        both(put("process", value=None), put("unit", "running", value=False), put("cli", value=False)),
        "axigen.stopped",
        BROKEN,
        "axigen.service is not running",
    ),
    "dead behind its unit": (put("process", value=None), "axigen.stopped", BROKEN, "active without a process"),
    "not installed": (
        both(put("installed", value=False), put("process", value=None)),
        "axigen.stopped",
        BROKEN,
        "not installed",
    ),
    "a port is silent": (put("offers", "imap", 0, value=NO_OFFER), "axigen.not_listening", BROKEN, "some of its ports"),
    "not among the services": (
        both(put("offers", "imap", value=[NO_OFFER]), put("services", "imap", "started", value=False)),
        "axigen.not_listening",
        BROKEN,
        "name imap in services",
    ),
    "no listener": (put("offers", "imap", value=[]), "axigen.not_listening", BROKEN, "no listener is enabled"),
    "IMAP without": (
        put("offers", "imap", 0, "mechanisms", value=["PLAIN"]),
        "axigen.gssapi_not_offered",
        BROKEN,
        "CONFIG IMAP",
    ),
    "SMTP without": (
        put("offers", "smtp_incoming", 0, "mechanisms", value=["PLAIN"]),
        "axigen.gssapi_not_offered",
        BROKEN,
        "WebAdmin",
    ),
    "no TLS": (
        put("offers", "imap", 0, value={"port": 143, "tls": "none", "mechanisms": [], "fault": ""}),
        "axigen.gssapi_not_offered",
        BROKEN,
        "no TLS there",
    ),
    "WebMail's form": (put("pages", 0, "schemes", value=[]), "axigen.spnego_off", BROKEN, "allowSPNEGOAuth"),
    "WebMail is silent": (put("pages", 0, "schemes", value=None), "axigen.not_listening", BROKEN, "webmail"),
    "not saved": (
        put("services", "imap", "attributes", value={"SecureConnAuthTypes": ["plain"]}),
        "axigen.unsaved",
        DEGRADED,
        "(plain)",
    ),
    "another keytab": (
        both(put("process", "environment", value={}), put("unit_environment", value={})),
        "axigen.keytab_elsewhere",
        BROKEN,
        "not set",
    ),
    "not restarted": (put("process", "environment", value={}), "axigen.keytab_elsewhere", BROKEN, "systemctl restart"),
    "another krb5.conf": (
        put("process", "environment", "KRB5_CONFIG", value="/opt/krb5.conf"),
        "axigen.krb5_conf_elsewhere",
        BROKEN,
        "/opt/krb5.conf",
    ),
    "primary domain": (put("primary_domain", value="other.test"), "axigen.primary_domain", DEGRADED, "other.test"),
    "CLI": (put("cli", value=False), "axigen.cli_closed", DEGRADED, "7000"),
    "host's keys": (host_key, "axigen.host_keys", DEGRADED, f"host/{HOST}"),
    "unread": (put("unread", value="line 3 is odd"), "axigen.unread", UNTESTED, "line 3"),
}


def test_a_healthy_axigen_has_nothing_to_say() -> None:
    assert diagnose(healthy(), CHECKS) == []
    assert diagnose({HOST: {}, "mx1": {"axigen": {"untested": "no words"}}}, CHECKS) == []


def test_a_file_that_says_all_and_none_that_says_anything_are_well() -> None:
    fleet = healthy()
    put("services", "imap", "attributes", value={"secureConnAuthTypes": "all"})(fleet)
    assert diagnose(fleet, CHECKS) == []
    put("services", value=None)(fleet)
    assert diagnose(fleet, CHECKS) == []


def test_the_usual_keytab_needs_no_name() -> None:
    fleet = healthy()
    both(put("settings", "keytab", value="/etc/krb5.keytab"), put("process", "environment", value={}))(fleet)
    assert diagnose(fleet, CHECKS) == []


@pytest.mark.parametrize(("change", "check", "grade", "told"), CASES.values(), ids=list(CASES))
def test_a_trouble_is_named_alone(change: Callable[[Fleet], None], check: str, grade: str, told: str) -> None:
    fleet = healthy()
    change(fleet)
    (found,) = diagnose(fleet, CHECKS)
    assert (found.check.id, found.trouble.grade) == (check, grade)
    shown = found.trouble
    assert told in f"{shown.subject} {shown.cause} {shown.evidence} {shown.remedy}"
