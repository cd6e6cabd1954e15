# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor says of CAS, its Java and what runs: each check once, and nothing of a sound host."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import (
    BROKEN,
    DEGRADED,
    UNTESTED,
    diagnose,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_cas import CHECKS as CAS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_java import CHECKS as JAVA
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_running import CHECKS as RUNNING

CHECKS = (*CAS, *JAVA, *RUNNING)
URL = "https://cas1.example.test:8443/cas/login"
KEY = {"principal": "HTTP/cas1", "kvno": 2, "enctype": "aes256-cts-hmac-sha1-96", "enctype_number": 18}
WEAK_KEY = {**KEY, "enctype": "arcfour-hmac", "enctype_number": 23}
SOUND: dict[str, Any] = {
    "cas": {
        "archive": {"version": "7.0.10", "problems": []},
        "unit": {"name": "cas.service", "exists": True, "active": True, "user": "cas"},
        "properties": {"path": "/c/cas.properties", "exists": True, "differ": [], "shadowed": []},
        "login_conf": {"path": "/c/login.conf", "exists": True, "differ": []},
        "krb5": {
            "path": "/etc/krb5.conf",
            "exists": True,
            "default_keytab_name": "FILE:/etc/cas/cas.keytab",
            "keytab": "/etc/cas/cas.keytab",
            "default_realm": "EXAMPLE.TEST",
            "realm": "EXAMPLE.TEST",
        },
        "unreadable": [],
        "limits": [{"where": "/c/cas.properties", "bytes": 65536, "least": 65536}],
        "answer": {
            "url": URL,
            "asks": True,
            "plain": {"status": 401, "words": "401", "challenges": ["Negotiate"]},
            "large": {"status": 401, "words": "401", "challenges": ["Negotiate"]},
        },
    },
    "java": {
        "home": "/jdk",
        "version": "21.0.4",
        "major": 21,
        "aes": 256,
        "problems": [],
        "reads": {"path": "/etc/krb5.conf", "by": "system", "wanted": "/etc/krb5.conf"},
        "ignored": "",
        "options": {"kdc": "", "realm": ""},
        "libdefaults": {"permitted_enctypes": "aes256-cts aes128-cts"},
        "refused": [],
        "keys": [KEY],
    },
    "running": {
        "units": [
            {
                "product": "cas",
                "unit": "cas.service",
                "installed": True,
                "running": True,
                "enabled": True,
                "skipped": False,
                "state": "active (running)",
                "stale": False,
                "outdated": [],
                "replaced": [],
                "told_elsewhere": False,
            }
        ]
    },
}


def problem(check: str) -> dict[str, str]:
    return {"check": check, "where": "/x", "what": "is wrong", "remedy": "mend it (cas_war)"}


def differs(key: str, there: str | None = "x", should: str | None = "y") -> list[dict[str, str | None]]:
    return [{"key": key, "is": there, "should": should}]


NO_ANSWER = {"status": 0, "words": "connection refused", "challenges": []}
REFUSED = "/c/cas.properties: line 3 is none; correct it"
# Path in the evidence, what stands there, the check that must be the only cause, its grade.
FAULTS: tuple[tuple[str, Any, str, str], ...] = (
    ("cas archive problems", [problem("war_absent")], "cas.archive_missing", BROKEN),
    ("cas archive problems", [problem("war_without_spnego")], "cas.archive_without_spnego", BROKEN),
    ("cas archive problems", [problem("war_without_jcifs")], "cas.archive_without_jcifs", BROKEN),
    ("cas archive problems", [problem("war_with_old_servlet_api")], "cas.archive_with_old_servlet_api", BROKEN),
    ("cas archive problems", [problem("version_unknown")], "cas.version_unknown", DEGRADED),
    ("cas archive problems", [problem("version_differs")], "cas.version_differs", DEGRADED),
    ("cas archive problems", [problem("unit_absent")], "cas.unit_missing", BROKEN),
    ("cas properties exists", False, "cas.file_missing", BROKEN),
    ("cas login_conf exists", False, "cas.file_missing", BROKEN),
    ("cas krb5 exists", False, "cas.file_missing", BROKEN),
    ("cas unreadable", ["/c/login.conf: may not be read by cas; correct owner"], "cas.file_unreadable", BROKEN),
    ("cas properties refused", REFUSED, "cas.properties_refused", BROKEN),
    ("cas login_conf refused", "login.conf: line 1: a backslash; take it out", "cas.login_conf_refused", BROKEN),
    ("cas properties differ", differs("a.properties[0].jcifs-service-principal"), "cas.principal_differs", BROKEN),
    ("cas properties differ", differs("a.jcifsServicePrincipal"), "cas.principal_differs", BROKEN),
    ("cas properties differ", differs("a.system.login-conf", None), "cas.login_conf_setting", BROKEN),
    ("cas properties differ", differs("a.system.use-subject-creds-only"), "cas.login_conf_setting", BROKEN),
    ("cas properties differ", differs("a.system.kerberos-conf", should=None), "cas.krb5_conf_setting", BROKEN),
    ("cas properties differ", differs("a.system.kerberos-kdc", should=""), "cas.kdc_setting", BROKEN),
    ("cas properties differ", differs("a.supported-browsers"), "cas.browser_list", BROKEN),
    ("cas properties differ", differs("a.send401-on-authentication-failure"), "cas.challenge_setting", DEGRADED),
    ("cas properties differ", differs("a.ntlm-allowed"), "cas.ntlm_allowed", DEGRADED),
    ("cas properties differ", differs("a.principal-with-domain-name"), "cas.user_names", DEGRADED),
    ("cas properties differ", differs("cas.authn.accept.users", None, ""), "cas.static_users", DEGRADED),
    (
        "cas properties shadowed",
        [{"key": "a", "path": "/c/application.yml", "line": 2}],
        "cas.setting_shadowed",
        DEGRADED,
    ),
    (
        "cas login_conf differ",
        [{"entry": "jcifs.spnego.accept", "option": "", "is": None, "should": "Krb5LoginModule"}],
        "cas.login_conf",
        BROKEN,
    ),
    (
        "cas login_conf differ",
        [{"entry": "jcifs.spnego.accept", "option": "keyTab", "is": "/x", "should": "/y"}],
        "cas.login_conf",
        BROKEN,
    ),
    ("cas krb5 default_keytab_name", None, "cas.krb5_conf", BROKEN),
    ("cas krb5 default_realm", "EXAMPLE.COM", "cas.krb5_conf", BROKEN),
    ("cas limits", [{"where": "/c", "bytes": 8192, "least": 65536}], "cas.header_limit", DEGRADED),
    ("cas limits", [{"where": "/c", "bytes": None, "least": 65536}], "cas.header_limit", DEGRADED),
    ("cas answer large", {"status": 431, "words": "431", "challenges": []}, "cas.header_limit", DEGRADED),
    ("cas answer plain", NO_ANSWER, "cas.not_answering", BROKEN),
    ("cas answer plain", {"status": 200, "words": "200 OK", "challenges": []}, "cas.not_offered", BROKEN),
    ("cas answer plain", {"status": 401, "words": "401", "challenges": ["Basic"]}, "cas.not_offered", BROKEN),
    ("cas properties", {"untested": "cas_version: is not set; set it"}, "", UNTESTED),
    ("cas limits", [{"where": "/c", "untested": "no"}], "", UNTESTED),
    ("java problems", [problem("java_absent")], "java.missing", BROKEN),
    ("java problems", [problem("java_too_old")], "java.too_old", BROKEN),
    ("java problems", [problem("java_too_new")], "java.too_new", BROKEN),
    ("java problems", [problem("java_aes_limited")], "java.aes_limited", BROKEN),
    ("java reads", {"path": "/jdk/k", "by": "home", "wanted": "/etc/krb5.conf"}, "java.other_krb5_conf", BROKEN),
    ("java ignored", "/opt/krb5.conf", "java.krb5_config_ignored", DEGRADED),
    ("java options", {"kdc": "kdc1", "realm": ""}, "java.kdc_fixed", BROKEN),
    ("java options", {"kdc": "kdc1", "realm": "EXAMPLE.TEST"}, "java.kdc_fixed", DEGRADED),
    ("java refused", ["line 1 of /etc/krb5.conf has includedir /a a second time"], "java.include_refused", BROKEN),
    ("java libdefaults", {"default_tkt_enctypes": "aes"}, "java.enctypes_unknown", BROKEN),
    ("java libdefaults", {"permitted_enctypes": "aes128-cts"}, "java.enctype_unreadable", BROKEN),
    ("java keys", [WEAK_KEY, KEY], "java.enctype_unreadable", BROKEN),
    ("running units 0 installed", False, "running.missing", BROKEN),
    ("running units 0 running", False, "running.stopped", BROKEN),
    ("running units 0 enabled", False, "running.not_enabled", DEGRADED),
    ("running units 0 outdated", ["/etc/krb5.conf"], "running.restart_pending", DEGRADED),
    ("running units 0 stale", True, "running.reload_pending", DEGRADED),
    ("running units 0 replaced", ["/usr/lib/libkrb5.so.3.3"], "running.library_replaced", DEGRADED),
)


def with_fault(path: str, value: Any) -> dict[str, Any]:
    evidence: Any = copy.deepcopy(SOUND)
    *way, last = path.split()
    part = evidence
    for name in way:
        part = part[int(name)] if name.isdigit() else part[name]
    part[last] = value
    return {"cas1": evidence}


def test_a_sound_host_has_no_finding() -> None:
    assert diagnose({"cas1": SOUND}, CHECKS) == []


@pytest.mark.parametrize(("path", "value", "check", "grade"), FAULTS)
def test_a_fault_is_named(path: str, value: Any, check: str, grade: str) -> None:
    found = diagnose(with_fault(path, value), CHECKS)
    causes = [one for one in found if not one.because]
    if check:
        assert [one.check.id for one in causes] == [check]
    assert {one.trouble.grade for one in causes} == {grade}
    for one in found:
        words = (one.check.symptom, one.trouble.cause, one.trouble.evidence, one.trouble.remedy, one.trouble.subject)
        assert all(words), one
        assert not any(text.endswith(".") for text in words)


def test_weak_keys_that_still_work() -> None:
    evidence = copy.deepcopy(SOUND)
    evidence["java"].update(keys=[WEAK_KEY], libdefaults={"allow_weak_crypto": "true"})
    (one,) = diagnose({"cas1": evidence}, CHECKS)
    assert (one.check.id, one.trouble.grade) == ("java.weak_key", DEGRADED)


def test_every_check_has_a_fault() -> None:
    missing = {check.id for check in CHECKS} - {check for dummy, dummy_value, check, dummy_grade in FAULTS}
    assert missing == {"cas.untested", "java.weak_key"}


def test_a_strategy_need_not_ask_its_own_host() -> None:
    fleet = with_fault("cas answer plain", {"status": 200, "words": "200 OK", "challenges": []})
    fleet["cas1"]["cas"]["answer"]["asks"] = False
    assert diagnose(fleet, CHECKS) == []


def test_a_page_that_is_refused_with_any_header() -> None:
    bad = {"status": 400, "words": "400 Bad Request", "challenges": []}
    fleet = with_fault("cas answer plain", bad)
    fleet["cas1"]["cas"]["answer"]["large"] = bad
    assert [one.check.id for one in diagnose(fleet, CHECKS)] == ["cas.not_offered"]


def test_the_list_of_browsers_accounts_for_the_page() -> None:
    fleet = with_fault("cas properties differ", differs("a.supported-browsers"))
    fleet["cas1"]["cas"]["answer"]["plain"] = {"status": 200, "words": "200 OK", "challenges": []}
    found = {one.check.id: one.because for one in diagnose(fleet, CHECKS)}
    assert found == {"cas.browser_list": (), "cas.not_offered": ("cas.browser_list",)}


def test_what_others_tell_is_not_told_again() -> None:
    fleet = with_fault("running units 0 running", False)
    fleet["cas1"]["running"]["units"][0]["told_elsewhere"] = True
    assert diagnose(fleet, CHECKS) == []


@pytest.mark.parametrize("section", ["cas", "java", "running"])
def test_a_section_that_was_not_gathered(section: str) -> None:
    evidence = {**SOUND, section: {"untested": "no"}}
    assert diagnose({"cas1": evidence, "kdc1": {}}, CHECKS) == []
