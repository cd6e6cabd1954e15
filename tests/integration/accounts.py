# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of a throw-away domain, made by our own edge to the directory."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.directory import ADD, REPLACE, Server
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.directory import Directory
from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain

PASSWORD = "Ein langes Kennwort 1"
CLASSES = ("top", "person", "organizationalPerson", "user")
# userAccountControl ([MS-ADTS] 2.2.16)
DISABLED, NORMAL, WORKSTATION, NO_PREAUTH = 0x2, 0x200, 0x1000, 0x400000
RC4, AES128, AES256 = 4, 8, 16  # msDS-SupportedEncryptionTypes ([MS-KILE] 2.2.7)


def server(domain: Domain, **options: Any) -> Server:
    """The domain's controller, with other ``options`` of Server."""
    return Server(**{"host": domain.server, "realm": domain.realm, "timeout": 20.0, **options})


def values(*given: Any) -> list[bytes]:
    return [str(one).encode() for one in given]


def change(directory: Directory, dn: str, **attributes: Any) -> None:
    """Replace attributes, each by one value."""
    directory.modify(dn, [(REPLACE, name, values(value)) for name, value in attributes.items()])


def user(directory: Directory, domain: Domain, name: str, spns: Sequence[str] = (), **more: Any) -> str:
    """An enabled user below OU=Mail with PASSWORD and AES keys, its dn; ``more``: attributes from the beginning."""
    return _account(directory, f"CN={name},{domain.ou}", CLASSES, name, NORMAL, spns, more)


def computer(directory: Directory, domain: Domain, name: str, spns: Sequence[str] = (), **more: Any) -> str:
    """The same for a computer, given without the ``$``."""
    classes = (*CLASSES, "computer")
    given = {"dNSHostName": f"{name.lower()}.{domain.name}", **more}
    return _account(directory, f"CN={name},{domain.ou}", classes, f"{name}$", WORKSTATION, spns, given)


def _account(
    directory: Directory,
    dn: str,
    classes: Sequence[str],
    name: str,
    control: int,
    spns: Sequence[str],
    more: Mapping[str, Any],
) -> str:
    first = {attribute: values(value) for attribute, value in more.items()}
    directory.add(
        dn,
        {
            "objectClass": values(*classes),
            "sAMAccountName": values(name),
            "userAccountControl": values(control | DISABLED),
            "msDS-SupportedEncryptionTypes": values(AES128 | AES256),
            **first,
        },
    )
    directory.set_password(dn, PASSWORD)
    directory.modify(dn, [(REPLACE, "userAccountControl", values(control))])
    if spns:
        directory.modify(dn, [(ADD, "servicePrincipalName", values(*spns))])
    return dn
