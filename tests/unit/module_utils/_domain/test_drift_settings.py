# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_settings import (
    Setting,
    settings_of,
    unified,
)
from hypothesis import given
from hypothesis import strategies as st


def named(module, before, after):
    if "." not in module:
        module = f"mailrealm.kerberos.{module}"
    return [(one.name, one.found, one.should) for one in settings_of(module, before, after)]


KRB5 = """\
# of the realm
[libdefaults]
    default_realm = EXAMPLE.TEST
    rdns = true

[realms]
    EXAMPLE.TEST = {
        kdc = kdc1.example.test:88
        kdc = kdc9.example.test
        auth_to_local = {
            DEFAULT = x
        }
    }
    OTHER.TEST = {
        kdc = kdc1.example.test:88
    }
[domain_realm]
    .example.test = EXAMPLE.TEST
"""
MENDED = KRB5.replace("true", "false").replace("kdc9", "kdc2").replace("DEFAULT = x", "DEFAULT = y")

HOSTS = "127.0.0.1 localhost\n127.0.1.1 mx1.example.test mx1\n"
MENDED_HOSTS = "127.0.0.1 localhost\n192.0.2.10 mx1.example.test mx1\n"

PASSWORD = "password: changed, for smtp/a is not in the keytab; kvno (chosen by the KDC)\n"
JAAS = "jcifs.spnego.accept {{\n  com.sun.security.auth.module.Krb5LoginModule required\n    {}=true;\n}};\n"

# What the modules show, as their integration tests have it
CASES = {
    "krb5.conf": (
        "krb5_conf",
        KRB5,
        MENDED,
        [
            ("libdefaults.rdns", "true", "false"),
            ("realms.EXAMPLE.TEST.kdc", "kdc9.example.test", "kdc2.example.test"),
            ("realms.EXAMPLE.TEST.auth_to_local.DEFAULT", "x", "y"),
        ],
    ),
    "no file yet": ("krb5_conf", "", "[libdefaults]\n  rdns = false\n", [("libdefaults.rdns", None, "false")]),
    "enctypes": (
        "enctype_policy",
        "libdefaults / permitted_enctypes = rc4-hmac\nlibdefaults / allow_weak_crypto: not set\n",
        "libdefaults / permitted_enctypes = aes256-cts\nlibdefaults / allow_weak_crypto = false\n",
        [
            ("libdefaults.permitted_enctypes", "rc4-hmac", "aes256-cts"),
            ("libdefaults.allow_weak_crypto", None, "false"),
        ],
    ),
    "main.cf": (
        "postconf",
        "smtpd_sasl_type = dovecot\nrelayhost =\nsmtpd_recipient_restrictions = a, check b:c, reject\n",
        "smtpd_sasl_type = cyrus\nrelayhost = [relay.example.test]:587\nimport_environment = $x KRB5_KTNAME=/a b=c\n",
        [
            ("smtpd_sasl_type", "dovecot", "cyrus"),
            ("relayhost", "", "[relay.example.test]:587"),
            ("smtpd_recipient_restrictions", "a, check b:c, reject", None),
            ("import_environment", None, "$x KRB5_KTNAME=/a b=c"),
        ],
    ),
    "master.cf": (
        "postconf",
        "smtp/inet: chroot = y\nold/unix = unix n n - pipe\n",
        "smtp/inet: chroot = n\nsubmission/inet: -o smtpd_sasl_auth_enable = yes\n",
        [
            ("smtp/inet/chroot", "y", "n"),
            ("old/unix", "unix n n - pipe", None),
            ("submission/inet/smtpd_sasl_auth_enable", None, "yes"),
        ],
    ),
    "keytab": (
        "keytab",
        "smtp/mx1@R kvno 1 aes256-cts\nsmtp/mx1@R kvno 2 aes256-cts\n",
        "smtp/mx1@R kvno 2 aes256-cts (key replaced)\nsmtp/mx1@R kvno (chosen by the KDC) enctype (x)\n",
        [
            ("smtp/mx1@R kvno 1 aes256-cts", "present", None),
            ("smtp/mx1@R kvno 2 aes256-cts", "present", "key replaced"),
            ("smtp/mx1@R kvno (chosen by the KDC) enctype (x)", None, "present"),
        ],
    ),
    "mode and owner": (
        "keytab",
        "owner: root\ngroup: root\nmode: 0644\n",
        "owner: root\ngroup: postfix\nmode: 0640\n",
        [("group", "root", "postfix"), ("mode", "0644", "0640")],
    ),
    "a file that comes": (
        "keytab",
        "absent\n",
        "owner: root\n",
        [("state", "absent", "present"), ("owner", None, "root")],
    ),
    "principal": (
        "principal",
        "  attributes: +allow_tix\n  expires: never\n",
        "  attributes: -allow_tix\n  expires: never\n  alias smtp/x@R: present\n",
        [("attributes", "+allow_tix", "-allow_tix"), ("alias smtp/x@R", None, "present")],
    ),
    "a principal that is not there": (
        "principal",
        "  absent\n",
        "  present\n  key: random, kvno (chosen by the KDC)\n",
        [("state", "absent", "present"), ("key", None, "random, kvno (chosen by the KDC)")],
    ),
    "policies in one text": (
        "other.collection.policy",
        "users:\n  min_length: 1\nadmins:\n  min_length: 8\n",
        "users:\n  min_length: 8\nadmins:\n  min_length: 8\n",
        [("users.min_length", "1", "8")],
    ),
    "unit": (
        "unit",
        "enabled: false\nstate: stopped\n",
        "enabled: true\nstate: started\n",
        [("enabled", "false", "true"), ("state", "stopped", "started")],
    ),
    "Active Directory": (
        "ad_keytab",
        "servicePrincipalName: not set\npassword: kvno 3\n",
        "servicePrincipalName: smtp/a\nservicePrincipalName: smtp/b\n" + PASSWORD,
        [
            ("password", "kvno 3", "changed, for smtp/a is not in the keytab; kvno (chosen by the KDC)"),
            ("servicePrincipalName", None, "smtp/a, smtp/b"),
        ],
    ),
    "Axigen": (
        "axigen_config",
        "imap: secureConnAuthTypes = (plain login)\nwebmail: started = no\n",
        "imap: secureConnAuthTypes = (plain login gssapi)\nwebmail: started = yes\n",
        [
            ("imap.secureConnAuthTypes", "(plain login)", "(plain login gssapi)"),
            ("webmail.started", "no", "yes"),
        ],
    ),
    "Zimbra": (
        "zimbra_attributes",
        "zimbraMtaSaslSmtpdMechList: LOGIN\nzimbraMtaSaslSmtpdMechList: PLAIN (inherited)\nzimbraX: (uid=%u)\n",
        "zimbraMtaSaslSmtpdMechList: GSSAPI\nzimbraMtaSaslSmtpdMechList: LOGIN\nzimbraX: (mail=%u)\n",
        [("zimbraMtaSaslSmtpdMechList", "PLAIN (inherited)", "GSSAPI"), ("zimbraX", "(uid=%u)", "(mail=%u)")],
    ),
    "localconfig": (
        "zimbra_localconfig",
        "krb5_keytab = ${zimbra_home}/conf/krb5.keytab\n",
        "krb5_keytab = /opt/zimbra/data/krb5.keytab\n",
        [("krb5_keytab", "${zimbra_home}/conf/krb5.keytab", "/opt/zimbra/data/krb5.keytab")],
    ),
    "Zimbra's services": (
        "zimbra_services",
        "proxy: IMAP offers PLAIN\nproxy: POP3 offers PLAIN\nmta: runs without KRB5_KTNAME\n",
        "proxy: IMAP offers GSSAPI, PLAIN; restarted\nmta: runs with KRB5_KTNAME=/a; stopped and started\n",
        [
            ("proxy", "IMAP offers PLAIN, POP3 offers PLAIN", "IMAP offers GSSAPI, PLAIN; restarted"),
            ("mta", "runs without KRB5_KTNAME", "runs with KRB5_KTNAME=/a; stopped and started"),
        ],
    ),
    "properties": (
        "cas_properties",
        "cas.authn.spnego.ntlmAllowed true\ncas.users=a,\\\n   b\n! comment = x\n",
        "cas.authn.spnego.properties[0].jcifs-service-principal=HTTP/cas.example.test@EXAMPLE.TEST\ncas.users=a\n",
        [
            ("cas.authn.spnego.ntlmAllowed", "true", None),
            ("cas.users", "a,b", "a"),
            (
                "cas.authn.spnego.properties[0].jcifs-service-principal",
                None,
                "HTTP/cas.example.test@EXAMPLE.TEST",
            ),
        ],
    ),
    "JAAS": (
        "jaas_config",
        JAAS.format("useTicketCache"),
        JAAS.format("storeKey"),
        [
            ("jcifs.spnego.accept.useTicketCache", "true", None),
            ("jcifs.spnego.accept.storeKey", None, "true"),
        ],
    ),
    "Tomcat": (
        "tomcat_connector",
        "Connector 8443: maxHttpRequestHeaderSize=9000\n",
        "Connector 8443: maxHttpRequestHeaderSize=65536\nConnector /a.xml:9: maxHttpHeaderSize=1\n",
        [
            ("Connector 8443.maxHttpRequestHeaderSize", "9000", "65536"),
            ("Connector /a.xml:9.maxHttpHeaderSize", None, "1"),
        ],
    ),
    "loggers": (
        "log4j2_loggers",
        "Logger org.apereo: level warn, additivity true, appenders none\n",
        "AsyncLogger org.apereo: level trace, additivity true, appenders casFile\n",
        [
            ("Logger org.apereo", "level warn, additivity true, appenders none", None),
            ("AsyncLogger org.apereo", None, "level trace, additivity true, appenders casFile"),
        ],
    ),
    "policies in JSON": (
        "browser_policy",
        '{"policies": {"Authentication": {"SPNEGO": ["a"], "NTLM": []}, "Sites": [{"url": "x"}], "On": true}}',
        '{"policies": {"Authentication": {"SPNEGO": ["a", "b"], "NTLM": []}, "Sites": [{"url": "y"}], "On": false}}',
        [
            ("policies.Authentication.SPNEGO", None, "b"),
            ("policies.Sites[0].url", "x", "y"),
            ("policies.On", "true", "false"),
        ],
    ),
    "what only looks like JSON": ("browser_policy", "{x\n", "{x\ny z\n", [("y", None, "z")]),
    "XML": (
        "ansible.builtin.copy",
        '<?xml?><!-- <a/> --><Server port="8005">\n <Connector port="80" size="1"/>\n <a>x</a><b/>\n</Server>',
        '<Server port="8005">\n <Connector size="2" port="80"/>\n <a>y</a>\n</Server>',
        [
            ("Server[8005]/Connector[80]@size", "1", "2"),
            ("Server[8005]/a", "x", "y"),
            ("Server[8005]/b", "present", None),
        ],
    ),
    "hosts": (
        "hosts_file",
        HOSTS,
        MENDED_HOSTS,
        [
            ("127.0.1.1", "mx1.example.test mx1", None),
            ("192.0.2.10", None, "mx1.example.test mx1"),
        ],
    ),
    "ACL": ("kadm5_acl", "*/admin@R *\n", "*/admin@R adi\n", [("*/admin@R", "*", "adi")]),
    "unit file": (
        "ansible.builtin.copy",
        "[Service]\nEnvironment=A=1\n",
        "[Service]\nEnvironment=A=1\nEnvironment=KRB5_KTNAME=/a\n",
        [("Service.Environment", None, "KRB5_KTNAME=/a")],
    ),
    "Dovecot": (
        "ansible.builtin.template",
        "service auth {\n  unix_listener /x {\n    mode = 0666\n  }\n}\n",
        "service auth {\n  unix_listener /x {\n    mode = 0660\n  }\n}\n",
        [("service auth.unix_listener /x.mode", "0666", "0660")],
    ),
    "chrony": (
        "ansible.builtin.lineinfile",
        "server a iburst\n",
        "server b iburst\n",
        [("server", "a iburst", "b iburst")],
    ),
    "the order of values": ("krb5_conf", "kdc = a\nkdc = b\n", "kdc = b\nkdc = a\n", [("kdc", "a, b", "b, a")]),
    "comments alone": ("krb5_conf", "# a\n[x]\na = b\n", "; c\n[x]\n\na = b\n", []),
}


@pytest.mark.parametrize("case", CASES)
def test_what_differs_is_named_by_the_setting(case):
    module, before, after, expected = CASES[case]
    assert sorted(named(module, before, after)) == sorted(expected)
    turned = [(name, should, is_) for name, is_, should in expected]
    other_way = {"before": after, "after": before}
    assert sorted(named(module, **other_way)) == sorted(turned)


def test_settings_stand_in_the_order_of_the_texts():
    assert [name for name, *_values in named("postconf", "b = 1\na = 1\n", "c = 1\nb = 2\n")] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("setting", "clause"),
    [
        (Setting("rdns", "true", "false"), "rdns is 'true', should be 'false'"),
        (Setting("rdns", None, "false"), "rdns is missing, should be 'false'"),
        (Setting("rdns", "true", None), "rdns is 'true', should not be"),
        (Setting("smtp/mx1@R kvno 1", None, "present"), "smtp/mx1@R kvno 1 is missing"),
        (Setting("smtp/mx1@R kvno 1", "present", None), "smtp/mx1@R kvno 1 is there, should not be"),
    ],
)
def test_a_setting_as_a_clause(setting, clause):
    assert setting.text == clause


def test_secrets_differ_unseen():
    assert named("x.y.z", "bind_password = old\n", "bind_password = new\n") == [
        ("bind_password", "(not shown)", "(another, not shown)")
    ]
    address = "ldap:/{}admin:{}@dc1"
    assert named("x.y.z", "", f"uri = {address.format('/', 'old')}\n") == [
        ("uri", None, address.format("/", "(not shown)"))
    ]
    text = unified("/etc/x", "user = a\nbind_password = old\n", "user = a\nbind_password = new\n")
    assert "old" not in text and "new" not in text
    assert text.splitlines()[-2:] == ["-bind_password = (not shown)", "+bind_password = (not shown)"]


def test_a_diff_is_unified_with_three_lines_of_context():
    before = "".join(f"{number}\n" for number in range(20))
    assert unified("/etc/x", before, before.replace("10\n", "ten\n")).splitlines() == [
        "--- /etc/x (is)",
        "+++ /etc/x (should be)",
        "@@ -8,7 +8,7 @@",
        *(" 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13"),
    ]
    assert unified("/etc/x", before, before) == ""


_LINES = st.lists(
    st.sampled_from(
        ("[a]", "x = {", "}", "k = v", "k: v", "k v", "k", "b:", "  i: v", "{", '<a b="c">', "</a>", "# c", "", "\\")
    )
    | st.text(max_size=8),
    max_size=12,
).map("\n".join)


@given(st.sampled_from(("keytab", "principal", "axigen_config", "jaas_config", "x")), _LINES, _LINES)
def test_any_two_texts_are_read_and_equal_ones_differ_in_nothing(module, before, after):
    module = f"mailrealm.kerberos.{module}"
    assert settings_of(module, before, before) == ()
    other_way = {"before": after, "after": before}
    found, mirrored = settings_of(module, before, after), settings_of(module, **other_way)
    assert {one.name for one in found} == {one.name for one in mirrored}
    assert bool(unified("x", before, after)) == (before.splitlines() != after.splitlines())
    assert len({one.name for one in found}) == len(found)
