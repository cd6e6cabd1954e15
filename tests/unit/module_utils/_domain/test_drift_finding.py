# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import pathlib

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_finding import findings_of
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_severity import judgement
from hypothesis import given
from hypothesis import strategies as st

ROOT = pathlib.Path(__file__).parents[4]


def found(result, module="mailrealm.kerberos.krb5_conf", role="client", task="Set the realm"):
    return findings_of(role, task, module, result)


def told(result, **place):
    return [
        (one.kind, one.resource, [(each.name, each.found, each.should) for each in one.settings], one.severity)
        for one in found(result, **place)
    ]


def part(header, before, after):
    return {"before_header": header, "after_header": header, "before": before, "after": after}


def test_nothing_is_found_where_nothing_would_change():
    for result in (
        {},
        {"changed": False, "diff": part("/a", "", "b")},
        {"skipped": True},
        {"results": [], "msg": "no"},
    ):
        assert found(result) == ()
    assert found({"changed": False, "services": [{"ok": True}, {"ok": None}], "principals": ["x"]}) == ()


def test_each_part_of_a_diff_is_a_finding():
    parts = [
        part("/etc/krb5.conf", "[libdefaults]\n rdns = true\n", "[libdefaults]\n rdns = false\n"),
        part("/etc/krb5.conf (owner, group, mode)", "mode: 0600\n", "mode: 0644\n"),
        part("/etc/same", "a\n", "a\n"),
    ]
    assert told({"changed": True, "diff": parts}) == [
        ("change", "/etc/krb5.conf", [("libdefaults.rdns", "true", "false")], "major"),
        ("change", "/etc/krb5.conf", [("mode", "0600", "0644")], "major"),
    ]
    first = found({"changed": True, "diff": parts})[0]
    assert first.sentence == "/etc/krb5.conf: libdefaults.rdns is 'true', should be 'false'"
    assert (first.role, first.task, first.module) == ("client", "Set the realm", "mailrealm.kerberos.krb5_conf")
    assert first.diff.splitlines()[2:] == ["@@ -1,2 +1,2 @@", " [libdefaults]", "- rdns = true", "+ rdns = false"]


def test_the_settings_of_postfix_are_told_by_file_and_those_of_a_realm_by_principal():
    shown = part(
        "/etc/postfix (main.cf, master.cf)", "main.cf: a = b\n", "main.cf: a = c\nmaster.cf: smtp/inet: chroot = n\n"
    )
    assert told({"changed": True, "diff": shown}, module="mailrealm.kerberos.postconf", role="postfix") == [
        ("change", "/etc/postfix/main.cf", [("a", "b", "c")], "major"),
        ("change", "/etc/postfix/master.cf", [("smtp/inet/chroot", None, "n")], "major"),
    ]
    shown = part(
        "principals of EXAMPLE.TEST",
        "a@EXAMPLE.TEST:\n  absent\nb/x@EXAMPLE.TEST:\n  expires: never\n",
        "a@EXAMPLE.TEST:\n  present\nb/x@EXAMPLE.TEST:\n  expires: 2030-01-01T00:00:00Z\n",
    )
    assert told({"changed": True, "diff": [shown]}, module="mailrealm.kerberos.principal") == [
        ("change", "principal a@EXAMPLE.TEST", [("state", "absent", "present")], "critical"),
        ("change", "principal b/x@EXAMPLE.TEST", [("expires", "never", "2030-01-01T00:00:00Z")], "critical"),
    ]


SEVERAL = "mailrealm.kerberos.config_files"
DONE = {
    "hosts_file": {"changed": True, "path": "/etc/hosts", "diff": [part("/etc/hosts", "", "192.0.2.1 mx1\n")]},
    "krb5_conf": {
        "changed": True,
        "path": "/etc/krb5.conf",
        "diff": [part("/etc/krb5.conf", "[libdefaults]\n rdns = true\n", "[libdefaults]\n rdns = false\n")],
    },
    "enctype_policy": {
        "changed": True,
        "diff": [part("/etc/krb5.conf (encryption types)", "libdefaults / allow_rc4 = true\n", "")],
    },
    "cyrus_sasl_conf": {"changed": False, "path": "/s", "diff": []},
    "postconf": {"changed": True, "diff": part("/etc/postfix (main.cf, master.cf)", "main.cf: a = b\n", "")},
}


def test_what_is_done_for_several_modules_is_told_as_each_of_them_would_tell_it():
    whole = {"changed": True, "parts": DONE, "diff": [one for each in DONE.values() for one in [each["diff"]]]}
    apart = [one for name, result in DONE.items() for one in found(result, module=f"mailrealm.kerberos.{name}")]
    assert len(apart) == 4
    assert found(whole, module=SEVERAL) == tuple(apart)
    given = {"invocation": {"module_args": {"postconf": {"config_directory": "/etc/postfix"}, "hosts_file": None}}}
    silent = {"changed": True, "parts": {"postconf": {"changed": True}}}
    (one,) = found({**silent, **given}, module=SEVERAL)
    assert (one.module, one.resource) == ("mailrealm.kerberos.postconf", "/etc/postfix")
    (one,) = found(silent, module=SEVERAL)
    assert one.resource == "Set the realm"


def test_what_one_of_several_refuses_is_its_own():
    given = {"invocation": {"module_args": {"hosts_file": {"path": "/h"}, "krb5_conf": {"path": "/k"}}}}
    refused = {"failed": True, "msg": "/k: is a directory", "part": "krb5_conf"}
    (one,) = found({**refused, **given}, module=SEVERAL)
    alone = {"failed": True, "msg": "/k: is a directory", "invocation": {"module_args": {"path": "/k"}}}
    assert (one,) == found(alone, module="mailrealm.kerberos.krb5_conf")
    (one,) = found({"failed": True, "msg": "no lock"}, module=SEVERAL)
    assert (one.kind, one.module) == ("refusal", SEVERAL)
    # Of another module these are words of its own
    (one,) = found({"changed": True, "parts": {"a": {}}, "part": "a"})
    assert one.module == "mailrealm.kerberos.krb5_conf"


def test_a_realm_and_what_is_in_it_are_told_apart():
    shown = [
        part("realm EXAMPLE.TEST", "database: present\nstash: absent\n", "database: present\nstash: present\n"),
        part("password policies of EXAMPLE.TEST", "users:\n  min_length: 3\n", "users:\n  min_length: 12\n"),
        part("principals of EXAMPLE.TEST", "a@EXAMPLE.TEST:\n  absent\n", "a@EXAMPLE.TEST:\n  present\n"),
    ]
    assert told({"changed": True, "diff": shown}, module="mailrealm.kerberos.realm", role="kdc") == [
        ("change", "realm EXAMPLE.TEST", [("stash", "absent", "present")], "critical"),
        ("change", "password policy users", [("min_length", "3", "12")], "major"),
        ("change", "principal a@EXAMPLE.TEST", [("state", "absent", "present")], "critical"),
    ]


def test_the_results_of_a_loop_are_found_one_by_one():
    items = [
        {"changed": True, "ansible_loop_var": "item", "item": "a", "diff": part("/a", "", "x = 1\n")},
        {"changed": False, "ansible_loop_var": "item", "item": "b", "diff": part("/b", "", "x = 1\n")},
        {"changed": True, "ansible_loop_var": "item", "item": "c"},
        {"skipped": True, "ansible_loop_var": "item", "item": "d"},
        {"failed": True, "ansible_loop_var": "item", "item": "e", "msg": "no room"},
    ]
    assert told({"changed": True, "failed": True, "results": items}, module="ansible.builtin.copy") == [
        ("change", "/a", [("x", None, "1")], "minor"),
        ("change", "Set the realm: c", [], "minor"),
        ("refusal", "Set the realm: e", [], "major"),
    ]


def test_what_has_no_diff_is_told_by_what_the_task_was_about():
    module = "ansible.builtin.package"
    invocation = {"module_args": {"name": ["krb5-user", "chrony"], "state": "present"}}
    (one,) = found({"changed": True, "invocation": invocation}, module=module, task="Install the programs")
    assert one.sentence == "krb5-user, chrony: a run would carry out 'Install the programs'"
    assert told({"changed": True, "path": "/var/lib/x"}, module=module)[0][1] == "/var/lib/x"
    assert told({"changed": True, "diff": {"before": "", "after": ""}}, module=module)[0][1] == "Set the realm"


def test_what_a_package_manager_would_do_is_told_by_package():
    text = "Reading package lists...\nInst krb5-user (1.20 Debian:12 [amd64])\nConf krb5-user (1.20)\nRemv ntp [1]\n"
    result = {"changed": True, "diff": {"prepared": text}, "invocation": {"module_args": {"name": ["krb5-user"]}}}
    assert told(result, module="ansible.builtin.apt") == [
        ("change", "krb5-user", [("krb5-user", None, "installed"), ("ntp", None, "removed")], "minor")
    ]
    other = {"changed": True, "diff": {"prepared": "would do something"}}
    assert told(other, module="ansible.builtin.dnf")[0][:2] == ("change", "Set the realm")


def test_builtin_modules_show_mappings_and_temporary_files():
    result = {
        "changed": True,
        "path": "/etc/krb5kdc/stash",
        "diff": {
            "before": {"path": "/etc/krb5kdc/stash", "mode": "0644"},
            "after": {"path": "/etc/krb5kdc/stash", "mode": "0600"},
        },
    }
    assert told(result, module="ansible.builtin.file", role="kdc") == [
        ("change", "/etc/krb5kdc/stash", [("mode", "0644", "0600")], "critical")
    ]
    shown = {"before": "", "after": "a = 1\n", "after_header": "/root/.ansible/tmp/ansible-local-1/tmp2/x.j2"}
    assert told({"changed": True, "diff": [shown]}, module="ansible.builtin.template")[0][1] == "Set the realm"
    shown["before_header"] = "/etc/x (content)"
    assert told({"changed": True, "diff": [shown]}, module="ansible.builtin.template")[0][1] == "/etc/x"


LOGIN = {
    "protocol": "smtp",
    "host": "mx1.example.test",
    "port": 587,
    "ok": False,
    "symptom": "service_principal_unknown",
    "cause": "the KDC knows no principal smtp/mx1.example.test@EXAMPLE.TEST",
    "remedy": "create the principal",
}


def test_a_failed_login_is_critical_whether_the_task_failed_or_not():
    for more in ({}, {"failed": True, "msg": "1 of 2 logins failed"}):
        result = {"changed": False, "services": [{**LOGIN, "ok": True}, LOGIN], **more}
        (one,) = found(result, module="mailrealm.kerberos.sso_probe", role="")
        assert (one.kind, one.resource, one.severity) == ("login", "smtp://mx1.example.test:587", "critical")
        assert one.sentence == f"{LOGIN['cause']}; {LOGIN['remedy']}"
        assert one.settings[0].as_json() == {"name": "symptom", "is": "service_principal_unknown", "should": None}


def test_a_key_that_opens_no_ticket_is_critical():
    proof = {"principal": "smtp/mx1@R", "ok": False, "symptom": "kvno_behind", "cause": "", "remedy": ""}
    result = {"principals": [proof], "invocation": {"module_args": {"path": "/etc/krb5.keytab"}}}
    assert told(result, module="mailrealm.kerberos.keytab_probe") == [
        ("key", "/etc/krb5.keytab: smtp/mx1@R", [("symptom", "kvno_behind", None)], "critical")
    ]


def test_a_refusal_is_told_in_its_own_words():
    (one,) = found({"failed": True, "msg": "/etc/krb5.conf: line 3 is no relation; mend it"})
    assert (one.kind, one.sentence) == ("refusal", "/etc/krb5.conf: line 3 is no relation; mend it")
    wrapped = "Task failed: The filter plugin 'mailrealm.kerberos.cas_wanted' failed: cas_kdc: is no name; correct it"
    assert found({"failed": True, "msg": wrapped})[0].sentence == "cas_kdc: is no name; correct it"
    assert (
        found({"failed": True, "msg": "Validation failed:\nx is missing\n"})[0].sentence
        == "Validation failed: x is missing"
    )
    assert "run it again" in found({"failed": True})[0].sentence


def test_a_long_list_of_settings_is_told_by_its_first():
    after = "".join(f"k{number} = v\n" for number in range(5))
    (one,) = found({"changed": True, "diff": part("/a", "", after)})
    assert one.sentence.endswith("k2 is missing, should be 'v'; and 2 more")
    assert len(one.settings) == 5
    (one,) = found({"changed": True, "diff": part("/a", "# a\n", "# b\n")})
    assert one.sentence == "/a: comments, blank lines or the order of lines differ"


@pytest.mark.parametrize(
    ("module", "resource", "settings", "severity"),
    [
        ("keytab", "/a", (), "critical"),
        ("ad_keytab", "CN=smtp", (), "critical"),
        ("unit", "postfix.service", ("state=stopped",), "critical"),
        ("unit", "postfix.service", ("enabled=false", "state=started"), "major"),
        ("unit", "krb5-backup.timer", ("state=stopped",), "major"),
        ("enctype_policy", "/etc/krb5.conf", (), "major"),
        ("cas_properties", "/etc/cas/config/cas.properties", (), "major"),
        ("browser_policy", "/etc/firefox/policies/policies.json", (), "minor"),
    ],
)
def test_the_severity_is_the_module_s_or_what_it_touches(module, resource, settings, severity):
    assert judgement("change", "x", f"mailrealm.kerberos.{module}", resource, settings)[0] == severity


def test_every_role_and_module_that_writes_has_a_basis_that_is_there():
    modules = [path.stem for path in (ROOT / "plugins/modules").glob("*.py")]
    for role in ["", *(path.name for path in (ROOT / "roles").iterdir())]:
        for module in modules:
            basis = judgement("change", role, f"mailrealm.kerberos.{module}", "", ())[1]
            documents = [words.partition(":")[0] for words in basis.split("; ")]
            assert (ROOT / documents[0]).is_file(), basis
    # what only the roles that call them tell of
    unjudged = {module for module in modules if judgement("change", "x", f"a.b.{module}", "", ())[0] == "minor"}
    writers = {name for name in unjudged if not name.endswith(("_info", "_facts", "_probe"))}
    assert writers == {"browser_policy", "doctor_report", "drift_begin", "drift_merge", "log4j2_loggers"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("changed", "failed", "diff", "results", "services", "principals", "ok", "before", "after"),
                    *("prepared", "before_header", "item", "ansible_loop_var", "invocation", "module_args", "name"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(("changed", "failed", "diff", "results", "services", "item")), _JSON))
def test_any_result_is_read(result):
    for one in found(result):
        assert one.id and json.dumps(one.as_json())
        assert one.resource and one.sentence
