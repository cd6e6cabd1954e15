# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import (
    Credentials,
    CredentialsRefusal,
    credentials_from,
    first_match,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import (
    KeytabEntry,
    KeytabFormatError,
    serialize,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import (
    PrincipalName,
    PrincipalRefusal,
)

NOTHING = {"principal": None, "keytab": None, "password": None, "ccache": None}
PROBE = PrincipalName((b"probe",), b"EXAMPLE.TEST")
OTHER = PrincipalName((b"smtp", b"mx1"), b"OTHER.TEST")
KEYTAB = serialize([KeytabEntry(name, 0, 1, 18, b"k" * 32) for name in (OTHER, PROBE)])


def test_a_password_is_not_shown():
    found = credentials_from({**NOTHING, "principal": "alice", "password": "CANARY"})
    assert found == Credentials("alice", password="CANARY")
    assert "CANARY" not in repr(found)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"password": "x"}, "name whose password"),
        ({"principal": "alice", "password": ""}, "password is empty"),
        ({"keytab": ""}, "keytab is empty"),
        ({"ccache": ""}, "ccache is empty"),
    ],
)
def test_slips_are_named(options, words):
    with pytest.raises(CredentialsRefusal, match=words):
        credentials_from({**NOTHING, **options})


@pytest.mark.parametrize("principal", ["a@b@c", "alice ", "/", "alice@", "@REALM", "a\nb"])
def test_malformed_principals_are_refused(principal):
    with pytest.raises(PrincipalRefusal):
        credentials_from({**NOTHING, "principal": principal, "ccache": "KCM:"})


@pytest.mark.parametrize(
    ("principal", "found"),
    [
        ("", OTHER),
        ("probe", PROBE),
        ("probe@EXAMPLE.TEST", PROBE),
        ("probe@example.test", None),
        ("smtp/mx1", OTHER),
        ("smtp/mx1@REALM", None),
        ("nobody", None),
    ],
)
def test_the_keytabs_principal_is_found(principal, found):
    assert first_match(KEYTAB, "/etc/probe.keytab", principal) == found


def test_a_broken_keytab_is_named():
    with pytest.raises(KeytabFormatError, match=r"/etc/probe\.keytab"):
        first_match(KEYTAB[:-3], "/etc/probe.keytab", "")
