# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_secrets import (
    is_secret,
    masked,
    without_secrets,
)
from hypothesis import given
from hypothesis import strategies as st

CANARY = "kN4ry.s3cret"
LOGIN = f"admin:{CANARY}"
MARK = "-----{} PRIVATE KEY-----"


@pytest.mark.parametrize(
    "line",
    [
        f"password = {CANARY}",
        f"bindpw: {CANARY}",
        f"ldap_bind_password={CANARY}",
        f"+  clientSecret: {CANARY}",
        f'-    "apiKey": "{CANARY}",',
        f'   <Connector keystorePass="{CANARY}"/>',
        f"password {CANARY}",
        f"+secret {CANARY}",
        f"Connector 8443: truststorePassword={CANARY}",
        f"uri = ldap://{LOGIN}@dc1.example.test/",
        f"{MARK}\n{CANARY}\n{MARK}".format("BEGIN RSA", "END RSA"),
        f"+{MARK}\n+{CANARY}".format("BEGIN"),
    ],
)
def test_a_secret_is_not_shown_and_its_name_is(line):
    shown = masked(f"before = 1\n{line}\nafter = 1")
    assert CANARY not in shown and "(not shown)" in shown
    assert shown.startswith("before = 1\n")


@pytest.mark.parametrize(
    "line",
    [
        "password: kvno 3",
        "password: changed, for smtp/mx1 is not in the keytab; kvno (chosen by the KDC)",
        "password: as asked",
        "cas.authn.accept.password=(a secret, not shown)",
        "ldapdb_pw: (another password, not shown)",
        "zimbra_ldap_password = ******** (another)",
        "password_expires: never",
        "smtp_sasl_password_maps = hash:/etc/postfix/sasl",
        "bypass = yes",
        "uri = ldap://dc1.example.test:389/",
        "smtp/mx1@EXAMPLE.TEST kvno 2 aes256-cts",
        "another password was set",
    ],
)
def test_what_only_talks_of_a_secret_is_shown(line):
    assert masked(line) == line


def test_prose_keeps_the_names_of_options():
    words = "credentials: password is missing; give one"
    assert without_secrets(words) == words
    assert without_secrets(f"http://{LOGIN}@b failed") == f"http://{LOGIN}@b failed".replace(CANARY, "(not shown)")


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("bind_password", "x", True),
        ("realms.A.password", "x", True),
        ('policies["clientSecret"]', "x", True),
        ("password", "kvno 3", False),
        ("useTicketCache", "true", False),
        ("requireSecret", "true", False),
    ],
)
def test_a_name_says_whether_its_value_is_secret(name, value, secret):
    assert is_secret(name, value) is secret


@given(st.text())
def test_masking_twice_is_masking_once_and_keeps_the_lines(text):
    shown = masked(text)
    assert masked(shown) == shown
    if "-----BEGIN" not in text:
        assert shown.count("\n") == text.count("\n")
