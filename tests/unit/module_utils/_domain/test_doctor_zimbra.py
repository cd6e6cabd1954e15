# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's checks of Zimbra: each fault of the evidence has its cause first."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import DEGRADED, UNTESTED, diagnose
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_zimbra import CHECKS

STORE, PROXY = "zimbra1.example.test", "zimbra2.example.test"
RUNS = {"installed": True, "alive": True, "faults": [], "ports": [], "process": []}
KEYTAB = "/opt/zimbra/conf/krb5.keytab"


def healthy(host, *parts):
    readers = [part for part in ("mailbox", "proxy") if part in parts]
    return {
        "parts": list(parts),
        "hostname": host,
        "spnego": False,
        "installed": True,
        "release": "10.0.8",
        "services": ["ldap", *parts],
        "problems": [],
        "localconfig": {},
        "interface_name": "false",
        "directory": {"changes": [], "absent": []},
        "running": {part: dict(RUNS) for part in parts},
        "keytabs": [{"path": KEYTAB, "readers": readers, "enctypes": [18, 17], "all": [17, 18]}],
        "krb5_conf": {"path": "/etc/krb5.conf", "includes": [], "permitted": [18, 17]},
        "java": {"home": "/opt/zimbra/common/lib/jvm/java", "version": "17.0.8", "aes": 256},
        "java_krb5": {},
    }


def fleet(**changes):
    store = {**copy.deepcopy(healthy(STORE, "mailbox", "proxy", "mta")), **changes}
    return {STORE: {"zimbra": store}, PROXY: {"zimbra": healthy(PROXY, "proxy", "mta")}, "kdc1": {}}


def changed(attribute, before=(), after=("TRUE",), place=f"server {STORE}"):
    return {"place": place, "attribute": attribute, "before": list(before), "after": list(after)}


def directory(*changes):
    return {"directory": {"changes": list(changes), "absent": []}}


def problem(name, what):
    return {"problems": [{"problem": name, "where": "here", "what": what, "remedy": "mend it"}]}


def running(part, **told):
    return {"running": {**dict.fromkeys(("mailbox", "proxy", "mta"), RUNS), part: {**RUNS, **told}}}


def keys(*numbers, readers=("mailbox",)):
    return {"keytabs": [{"path": KEYTAB, "readers": list(readers), "enctypes": list(numbers), "all": sorted(numbers)}]}


FINDING = {"before": "runs without KRB5_KTNAME", "after": "runs with KRB5_KTNAME=/k"}
OFFERS = {"before": "IMAP offers PLAIN", "after": "IMAP offers GSSAPI, PLAIN"}


def test_nothing_is_told_of_a_healthy_fleet():
    assert diagnose(fleet(), CHECKS) == []


CASES = [
    ({"services": ["ldap", "mailbox", "mta"]}, "zimbra.missing", "installed: ldap, mailbox, mta"),
    (problem("localconfig_unusable", "refers to ${nosuch}"), "zimbra.localconfig_unusable", "nosuch"),
    (problem("localconfig_access", "has mode 0644"), "zimbra.localconfig_access", "0644"),
    (problem("hostname_differs", "is 'localhost'"), "zimbra.hostname_differs", "localhost"),
    (problem("hostname_short", "is 'zimbra1'"), "zimbra.hostname_differs", "zimbra1"),
    (problem("key_stale", "is not read"), "zimbra.key_stale", "not read"),
    (problem("release_unknown", "tells no release"), "zimbra.release_unknown", "no release"),
    ({"interface_name": "TRUE"}, "zimbra.interface_name", "true"),
    ({"localconfig": {"krb5_keytab": {"is": "", "should": KEYTAB}}}, "zimbra.keytab_elsewhere", "is not set"),
    ({"localconfig": {"sasl_smtpd_mech_list": {"is": "PLAIN", "should": "x"}}}, "zimbra.localconfig_differs", "PLAIN"),
    ({"directory": {"absent": [{"type": "server", "name": STORE}]}}, "zimbra.entry_absent", STORE),
    (directory(changed("zimbraImapSaslGssapiEnabled", ["FALSE"])), "zimbra.gssapi_off", "FALSE, and should be TRUE"),
    (directory(changed("zimbraReverseProxyPop3SaslGssapiEnabled")), "zimbra.gssapi_off", "not set"),
    (directory(changed("zimbraReverseProxyDefaultRealm")), "zimbra.proxy_realm", "zimbraReverseProxyDefaultRealm"),
    (directory(changed("zimbraReverseProxyAdminIPAddress")), "zimbra.proxy_refused", "AdminIPAddress"),
    (directory(changed("zimbraMtaSaslSmtpdMechList")), "zimbra.mta_mechanisms", "MechList"),
    (directory(changed("zimbraMtaImportEnvironment")), "zimbra.mta_keytab", "ImportEnvironment"),
    (directory(changed("zimbraMtaMyHostname")), "zimbra.mta_hostname", "MyHostname"),
    (directory(changed("zimbraMtaSmtpdSaslSecurityOptions")), "zimbra.mta_security", "SecurityOptions"),
    (directory(changed("zimbraSaslGssapiRequiresTls")), "zimbra.tls_policy", "RequiresTls"),
    (directory(changed("zimbraSpnegoAuthEnabled")), "zimbra.spnego_off", "SpnegoAuthEnabled"),
    (directory(changed("zimbraAuthKerberos5Realm", place="domain d")), "zimbra.realm_missing", "Kerberos5Realm"),
    (directory(changed("zimbraAuthMech", place="domain d")), "zimbra.auth_mech", "zimbraAuthMech"),
    (directory(changed("zimbraForeignPrincipal", place="account a")), "zimbra.principal_unmapped", "ForeignPrincipal"),
    (directory(changed("zimbraMailTrustedIP")), "zimbra.attribute_differs", "zimbraMailTrustedIP"),
    (running("mta", alive=False, faults=["SMTP: refused"]), "zimbra.service_stopped", "SMTP: refused"),
    (running("mta", process=[FINDING]), "zimbra.restart_pending", "mta runs without KRB5_KTNAME"),
    (running("proxy", ports=[OFFERS]), "zimbra.not_offered", "IMAP offers PLAIN"),
    ({"krb5_conf": {"path": "/k", "includes": ["include /x"], "permitted": None}}, "zimbra.krb5_includes", "include"),
    ({"krb5_conf": {"path": "/k", "permitted": [17]}}, "zimbra.enctype_not_permitted", "aes128-cts-hmac-sha1-96"),
    (keys(20, 19, readers=["mailbox", "proxy"]), "zimbra.key_types", "aes256-cts-hmac-sha384-192"),
    (keys(23), "zimbra.key_types", "arcfour-hmac"),
    (keys(18, 1), "zimbra.des_key", "des-cbc-crc"),
    ({"java": {"home": "/j", "version": "1.8.0_144", "aes": 128}}, "zimbra.jce", "up to 128 bits"),
    ({"java_krb5": {"path": "/k", "kdc": "", "enctypes": {}}}, "zimbra.java_krb5", "no kdc"),
    ({"java_krb5": {"path": "/k", "kdc": "kdc1", "enctypes": {"permitted_enctypes": [23]}}}, "zimbra.java_krb5", "arc"),
]


@pytest.mark.parametrize(("changes", "check", "shown"), CASES)
def test_a_fault_has_its_cause_first(changes, check, shown):
    if "keytabs" in changes:
        changes = {"krb5_conf": {"path": "/k", "includes": [], "permitted": None}, **changes}
    first = diagnose(fleet(**changes), CHECKS)[0]
    assert (first.host, first.check.id, first.because) == (STORE, check, ())
    assert shown in first.trouble.evidence


def test_every_check_of_a_host_with_zimbra_is_tried_here():
    tried = {check for dummy, check, dummy in CASES} | {"zimbra.untested"}
    assert tried == {check.id for check in CHECKS}


def test_no_zimbra_is_a_cause():
    found = diagnose({STORE: {"zimbra": {"installed": False, "missing": "no user zimbra", "parts": ["mta"]}}}, CHECKS)
    assert [(one.check.id, one.trouble.evidence) for one in found] == [("zimbra.missing", "no user zimbra")]


@pytest.mark.parametrize(
    "changes", [{"directory": {"untested": "zmprov: hangs"}}, running("proxy", untested="the name leads elsewhere")]
)
def test_what_could_not_be_read_is_untested(changes):
    found = diagnose(fleet(**changes), CHECKS)
    assert [(one.check.id, one.trouble.grade) for one in found] == [("zimbra.untested", UNTESTED)]


def test_heimdal_takes_des3_and_java_does_not():
    store, proxy = (
        diagnose(fleet(**keys(16, readers=[reader]), krb5_conf={"path": "/k", "permitted": None}), CHECKS)
        for reader in ("mailbox", "proxy")
    )
    assert ([one.check.id for one in store], proxy) == (["zimbra.key_types"], [])


def test_a_setting_accounts_for_what_is_not_offered():
    changes = {**directory(changed("zimbraImapSaslGssapiEnabled")), **running("mailbox", ports=[OFFERS])}
    found = {one.check.id: one.because for one in diagnose(fleet(**changes), CHECKS)}
    assert found == {"zimbra.gssapi_off": (), "zimbra.not_offered": ("zimbra.gssapi_off",)}


@pytest.mark.parametrize(
    ("changes", "hosts"),
    [
        (directory(changed("zimbraAuthKerberos5Realm", place="domain example.test")), (PROXY,)),
        (directory(changed("zimbraImapSaslGssapiEnabled")), ()),
        (running("mailbox", alive=False), (PROXY,)),
        (running("mta", alive=False), ()),
    ],
)
def test_what_all_share_accounts_for_logins_elsewhere(changes, hosts):
    assert diagnose(fleet(**changes), CHECKS)[0].trouble.accounts_for == hosts


def test_what_all_share_accounts_for_no_restart_elsewhere():
    found = fleet(**directory(changed("zimbraAuthKerberos5Realm", place="domain example.test")))
    found[PROXY]["zimbra"]["running"]["mta"]["process"] = [FINDING]
    told = [(one.host, one.check.id, one.because) for one in diagnose(found, CHECKS)]
    assert told == [(STORE, "zimbra.realm_missing", ()), (PROXY, "zimbra.restart_pending", ())]


def test_what_takes_passwords_away_only_degrades():
    (one,) = diagnose(fleet(**directory(changed("zimbraMtaSmtpdSaslTlsSecurityOptions"))), CHECKS)
    assert one.trouble.grade == DEGRADED
