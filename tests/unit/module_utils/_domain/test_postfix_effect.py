# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import master_cf
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.postfix_effect import (
    address,
    certificates,
    lets_through,
    offers_tls,
    overrides,
    servers,
    shown,
    variables,
)
from hypothesis import given
from hypothesis import strategies as st

MASTER = """\
smtp      inet  n       -       -       -       -       smtpd
[192.0.2.1]:submission inet n   -       y       -       -       smtpd
  -o smtpd_tls_wrappermode=yes
pickup    unix  n       -       y       60      1       pickup
25        inet  n       -       n       -       1       postscreen
"""
PRINTED = """\
[192.0.2.1]:submission/inet/smtpd_tls_wrappermode = yes
[192.0.2.1]:submission/inet/smtpd_client_restrictions =
relay/unix/syslog_name = postfix/relay
"""


def test_overrides_are_of_their_service():
    assert overrides(PRINTED) == {
        "[192.0.2.1]:submission/inet": {"smtpd_tls_wrappermode": "yes", "smtpd_client_restrictions": ""},
        "relay/unix": {"syslog_name": "postfix/relay"},
    }


def test_servers_are_what_listens_and_lets_log_in():
    main = {"smtpd_sasl_auth_enable": "yes", "compatibility_level": "3.6", "mydestination": "example.test"}
    ports = {"smtp": 25, "submission": 587}
    found = servers(master_cf.services(MASTER), main, overrides(PRINTED), ports.__getitem__)
    assert found == [
        {
            "key": "smtp/inet",
            "address": "",
            "port": 25,
            "jailed": False,
            "wrapped": False,
            "values": {"smtpd_sasl_auth_enable": "yes"},
        },
        {
            "key": "[192.0.2.1]:submission/inet",
            "address": "192.0.2.1",
            "port": 587,
            "jailed": True,
            "wrapped": True,
            "values": {"smtpd_sasl_auth_enable": "yes", "smtpd_tls_wrappermode": "yes"},
        },
    ]


@pytest.mark.parametrize(("level", "jailed"), [("0", True), ("1", False), ("3.6", False)])
def test_a_dash_is_a_chroot_for_old_settings_alone(level, jailed):
    found = servers(
        master_cf.services(MASTER),
        {"compatibility_level": level},
        {},
        dict.fromkeys(("smtp", "submission"), 25).__getitem__,
    )
    assert found[0]["jailed"] is jailed


@pytest.mark.parametrize(
    ("own", "interfaces", "where"),
    [
        ("192.0.2.1", "all", "192.0.2.1"),
        ("", "all", "mx1.example.test"),
        ("", "loopback-only", "127.0.0.1"),
        ("", "192.0.2.7, 127.0.0.1", "192.0.2.7"),
        ("", "[2001:db8::1]", "2001:db8::1"),
    ],
)
def test_a_server_is_reached_where_it_is_bound(own, interfaces, where):
    assert address(own, interfaces, "mx1.example.test") == where


def test_variables_are_those_with_a_value():
    words = "MAIL_CONFIG TZ LANG=C KRB5_CONFIG=/etc/krb5.conf:/etc/postfix/krb5.conf { KRB5_KTNAME = /a b }"
    assert variables(words) == {
        "LANG": "C",
        "KRB5_CONFIG": "/etc/krb5.conf:/etc/postfix/krb5.conf",
        "KRB5_KTNAME": "/a b",
    }


@given(st.text())
def test_any_words_are_variables_or_not(words):
    assert all(name == name.strip() for name in variables(words))


@pytest.mark.parametrize(
    ("main", "files"),
    [
        ({}, ()),
        ({"smtpd_tls_cert_file": "none"}, ()),
        ({"smtpd_tls_cert_file": "/c", "smtpd_tls_key_file": "/k"}, ("/c", "/k")),
        ({"smtpd_tls_cert_file": "/c", "smtpd_tls_key_file": ""}, ("/c",)),
        ({"smtpd_tls_chain_files": "/a, /b", "smtpd_tls_cert_file": "/c"}, ("/a", "/b")),
    ],
)
def test_certificates_are_the_files_that_tls_needs(main, files):
    assert certificates(main) == files


@pytest.mark.parametrize(
    ("values", "offers"),
    [
        ({"smtpd_tls_security_level": "may"}, True),
        ({"smtpd_tls_security_level": "none", "smtpd_use_tls": "yes"}, False),
        ({"smtpd_tls_security_level": "", "smtpd_use_tls": "yes"}, True),
        ({"smtpd_tls_security_level": ""}, False),
        ({"smtpd_tls_wrappermode": "yes"}, True),
    ],
)
def test_tls_is_offered(values, offers):
    assert offers_tls(values) is offers


@pytest.mark.parametrize(
    ("listed", "kept"),
    [
        ("", True),
        ("!external, static:rest", True),
        ("!gssapi, static:rest", False),
        ("plain, login", False),
        ("plain, GSSAPI", True),
        ("/etc/postfix/mechanisms", True),
    ],
)
def test_a_filter_keeps_or_takes(listed, kept):
    assert lets_through("GSSAPI", listed) is kept


def test_a_password_in_main_cf_is_not_shown():
    told = shown({"smtp_sasl_password_maps": "static:relay:s3cret", "myhostname": "mx1"})
    assert told == {"smtp_sasl_password_maps": "static:...", "myhostname": "mx1"}
