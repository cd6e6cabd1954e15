# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's checks of Postfix: each fault of one host's evidence has its cause first."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import diagnose
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_postfix import CHECKS

HOST = "mx1.example.test"
VALUES = {
    "smtpd_discard_ehlo_keywords": "",
    "smtpd_sasl_auth_enable": "yes",
    "smtpd_sasl_mechanism_filter": "!external, static:rest",
    "smtpd_sasl_type": "cyrus",
    "smtpd_tls_auth_only": "yes",
    "smtpd_tls_security_level": "may",
}
OFFER = {"host": HOST, "clear": [], "tls": ["GSSAPI", "LOGIN", "PLAIN"], "fault": ""}


def server(key, port):
    return {
        "key": key,
        "address": "",
        "port": port,
        "jailed": False,
        "wrapped": False,
        "values": dict(VALUES),
        "offer": dict(OFFER),
    }


HEALTHY = {
    "settings": {
        "hostname": HOST,
        "backend": "cyrus",
        "keytab": "/etc/postfix/smtp.keytab",
        "auth_without_tls": False,
        "interfaces": "all",
        "submission": True,
        "submissions": False,
        "relay": "",
        "relay_principal": f"smtp/{HOST}@EXAMPLE.TEST",
    },
    "installed": True,
    "refused": "",
    "running": True,
    "main": {"myhostname": HOST, "inet_interfaces": "all", "smtp_sasl_auth_enable": "yes"},
    "servers": [server("smtp/inet", 25), server("submission/inet", 587)],
    "sasl": {
        "path": "/etc/postfix/sasl/smtpd.conf",
        "exists": True,
        "options": {"mech_list": "GSSAPI PLAIN LOGIN", "keytab": "/etc/postfix/smtp.keytab"},
        "refused": "",
    },
    "plugins": ["gssapiv2", "plain"],
    "keytab": {"path": "/etc/postfix/smtp.keytab", "source": "/etc/postfix/sasl/smtpd.conf", "exists": True},
    "jail": {"path": "/var/spool/postfix", "keytab": False, "krb5_conf": False, "replay": False},
    "files": {"/etc/ssl/certs/ssl-cert-snakeoil.pem": True},
    "environment": {"wanted": {"KRB5_CONFIG": "/etc/krb5.conf"}, "running": None},
    "relay": {},
    "dovecot": {},
}
RELAY = {"keytab": "/etc/postfix/smtp-client.keytab", "exists": True, "principals": [], "jailed": []}
LOGS_IN = {"smtp_sasl_auth_enable": "yes", "smtp_sasl_password_maps": "static:...", "smtp_sasl_mechanism_filter": ""}
OF_DOVECOT = [{**one, "values": {**VALUES, "smtpd_sasl_type": "dovecot"}} for one in HEALTHY["servers"]]
DOVECOT = {"settings.backend": "dovecot", "servers": OF_DOVECOT}


def with_changes(changes):
    found = copy.deepcopy(HEALTHY)
    for path, value in changes.items():
        *parents, last = path.split(".") if isinstance(path, str) else path
        place = found
        for step in parents:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    return found


def told(changes):
    return diagnose({HOST: {"postfix": with_changes(changes)}}, CHECKS)


def test_nothing_is_told_of_a_healthy_host():
    assert told({}) == []


def test_nothing_is_told_of_a_host_that_was_not_looked_at():
    assert diagnose({HOST: {}, "kdc1": {"postfix": {"untested": "no"}}}, CHECKS) == []


NONE = {"host": HOST, "clear": [], "tls": ["LOGIN", "PLAIN"], "fault": ""}
SILENT = {"host": HOST, "clear": None, "tls": None, "fault": "Connection refused"}


@pytest.mark.parametrize(
    ("changes", "check", "shown"),
    [
        ({"installed": False}, "postfix.missing", "postconf"),
        ({"refused": "master.cf: line 9 is wrong; correct it"}, "postfix.configuration", "line 9"),
        ({"running": False, "servers.0.offer": SILENT}, "postfix.stopped", "master.pid"),
        ({"main.inet_interfaces": "loopback-only"}, "postfix.interfaces", "loopback-only"),
        ({"servers": HEALTHY["servers"][:1]}, "postfix.service_missing", "smtp/inet"),
        ({"servers.0.values.smtpd_sasl_auth_enable": "no"}, "postfix.auth_off", "smtpd_sasl_auth_enable = no"),
        ({"servers.1.values.smtpd_sasl_type": "dovecot"}, "postfix.sasl_type", "smtpd_sasl_type = dovecot"),
        ({"servers.0.values.smtpd_discard_ehlo_keywords": "AUTH"}, "postfix.ehlo_discarded", "AUTH"),
        ({"servers.0.values.smtpd_sasl_mechanism_filter": "plain"}, "postfix.mechanism_filter", "= plain"),
        ({"servers.0.values.smtpd_tls_security_level": "none"}, "postfix.tls_required", "= none"),
        ({"files": {"/gone.pem": False}}, "postfix.certificate", "not there"),
        ({"sasl.refused": "smtpd.conf: line 1 is wrong; correct it"}, "postfix.smtpd_conf", "line 1"),
        ({"sasl.exists": False}, "postfix.smtpd_conf", "not there"),
        ({"sasl.options": {"mech_list": "plain"}, "servers.0.offer": NONE}, "postfix.mech_list", "mech_list: plain"),
        ({"plugins": ["plain"], "servers.0.offer": NONE}, "postfix.mechanism_missing", "plain"),
        ({"keytab.path": "/etc/krb5.keytab"}, "postfix.keytab_elsewhere", "/etc/krb5.keytab"),
        ({"servers.0.jailed": True}, "postfix.chroot", "/var/spool/postfix/etc/postfix/smtp.keytab"),
        ({"main.myhostname": "mx9"}, "postfix.hostname", "myhostname = mx9"),
        ({"environment.running": {}}, "postfix.environment_pending", "KRB5_CONFIG is not set"),
        (
            {**DOVECOT, "dovecot": {"path": "private/auth", "mechanisms": None, "fault": "Connection refused"}},
            "postfix.dovecot_socket",
            "Connection refused",
        ),
        (
            {**DOVECOT, "dovecot": {"path": "private/auth", "mechanisms": ["PLAIN"], "fault": ""}},
            "postfix.dovecot_mechanisms",
            "PLAIN",
        ),
        ({"relay": RELAY, "main.smtp_sasl_auth_enable": "no"}, "postfix.relay_auth_off", "smtp_sasl_auth_enable"),
        ({"relay": RELAY}, "postfix.relay_auth_off", "smtp_sasl_password_maps is empty"),
        (
            {"relay": RELAY, "main": {**HEALTHY["main"], **LOGS_IN, "smtp_sasl_mechanism_filter": "plain"}},
            "postfix.relay_auth_off",
            "plain",
        ),
        ({"relay": RELAY, "main": {**HEALTHY["main"], **LOGS_IN}}, "postfix.relay_key", "no key"),
        (
            {
                "relay": {**RELAY, "principals": [f"smtp/{HOST}@EXAMPLE.TEST"], "jailed": ["smtp/unix"]},
                "main": {**HEALTHY["main"], **LOGS_IN},
            },
            "postfix.relay_chroot",
            "chroot is y",
        ),
        ({"servers.0.offer": SILENT}, "postfix.silent", "Connection refused"),
        ({"servers.0.offer": NONE}, "postfix.not_offered", "LOGIN, PLAIN"),
        ({"servers.0.offer": {**OFFER, "tls": None, "fault": "no certificate"}}, "postfix.not_offered", "no certif"),
        (
            {"settings.auth_without_tls": True, "servers.0.values.smtpd_tls_auth_only": "no"},
            "postfix.not_offered",
            "before TLS it offers no mechanism",
        ),
    ],
)
def test_a_fault_has_its_cause_first(changes, check, shown):
    first = told(changes)[0]
    assert first.check.id == check
    assert not first.because
    assert shown in first.trouble.evidence


def test_what_is_not_offered_is_accounted_for_by_its_cause():
    found = {one.check.id: one.because for one in told({"plugins": [], "servers.0.offer": NONE})}
    assert found == {"postfix.mechanism_missing": (), "postfix.not_offered": ("postfix.mechanism_missing",)}


def test_two_faults_are_both_causes():
    found = told({"sasl.options": {"mech_list": "PLAIN"}, "servers.0.values.smtpd_tls_security_level": "none"})
    assert [one.check.id for one in found if not one.because] == ["postfix.mech_list", "postfix.tls_required"]


def test_an_environment_that_may_not_be_seen_tells_nothing():
    assert told({"environment.running": {"KRB5_CONFIG": "/etc/krb5.conf"}}) == []


def test_check_ids_are_unique_and_of_their_area():
    ids = [check.id for check in CHECKS]
    assert len(ids) == len(set(ids)) == 25
    assert all(one.startswith("postfix.") for one in ids)
