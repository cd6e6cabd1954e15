# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small keys and keytabs that tests of merging share."""

from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, serialize
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.merge import Source, Wanted, plan_keytab
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName

AES256, AES128, RC4 = 18, 17, 23
MX1, MX2, HTTP = ("smtp", "mx1"), ("smtp", "mx2"), ("HTTP", "mail")


def key(name=MX1, kvno=2, enctype=AES256, secret="a", timestamp=1, realm="R"):
    principal = PrincipalName(tuple(part.encode() for part in name), realm.encode())
    return KeytabEntry(principal, timestamp, kvno, enctype, secret.encode() * 16)


def planned(held, wanted):
    return plan_keytab(None if held is None else serialize(held), "/etc/krb5.keytab", wanted)


def taking(*sources, **options):
    return Wanted(sources=tuple(Source(f"source {n}", tuple(one)) for n, one in enumerate(sources)), **options)
