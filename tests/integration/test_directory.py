# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Active Directory controller is read and written; Samba's own tools judge. Needs root."""

from __future__ import annotations

from typing import Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.directory import (
    ADD,
    DELETE,
    REPLACE,
    DirectoryRefusal,
    Server,
    equals,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.directory import Directory, connected
from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain

USER = ["top", "person", "organizationalPerson", "user"]
COMPUTER = [*USER, "computer"]
NORMAL, WORKSTATION, DISABLED = 0x200, 0x1000, 0x2
PASSWORD = "Ein langes Kennwort 1"


def server(domain: Domain, **options: object) -> Server:
    return Server(**{"host": domain.server, "realm": domain.realm, "timeout": 20.0, **options})  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _environment(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in domain.variables.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def admin(domain: Domain) -> Iterator[Directory]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in domain.variables.items():
            patch.setenv(name, value)
        with connected(server(domain), domain.administrator) as directory:
            yield directory


def values(*texts: object) -> list[bytes]:
    return [str(text).encode() for text in texts]


def create(directory: Directory, domain: Domain, name: str, **more: list[bytes]) -> str:
    """An enabled user below OU=Mail with PASSWORD; its DN."""
    dn = f"CN={name},{domain.ou}"
    directory.add(dn, {"objectClass": values(*USER), "sAMAccountName": values(name), **more})
    directory.set_password(dn, PASSWORD)
    directory.modify(dn, [(REPLACE, "userAccountControl", values(NORMAL))])
    return dn


def test_who_may_do_what(domain: Domain) -> None:
    """The delegated account creates and changes; a plain user reads the same and writes nothing."""
    asked = ["servicePrincipalName", "msDS-KeyVersionNumber", "userAccountControl", "description"]
    with connected(server(domain), domain.joiner) as directory:
        dn = create(directory, domain, "mailer")
        directory.modify(
            dn,
            [
                (ADD, "servicePrincipalName", values("smtp/mx1.ad.example.test", "imap/mx1.ad.example.test")),
                (REPLACE, "msDS-SupportedEncryptionTypes", values(24)),
                (REPLACE, "userPrincipalName", values(f"mailer@{domain.realm}")),
            ],
        )
        directory.modify(dn, [(DELETE, "servicePrincipalName", values("imap/mx1.ad.example.test"))])
        entry = directory.read(dn, asked)
    with connected(server(domain), domain.reader) as directory:
        assert directory.user == f"reader@{domain.realm}"
        (found,) = directory.find(equals("servicePrincipalName", "smtp/mx1.ad.example.test"), asked)
        with pytest.raises(DirectoryRefusal, match=r"lacks a right on CN=mailer,.*: Reset password;"):
            directory.set_password(dn, PASSWORD)
    assert found == entry
    assert entry.texts("serviceprincipalname") == ("smtp/mx1.ad.example.test",)
    assert (entry.number("msDS-KeyVersionNumber"), entry.number("userAccountControl")) == (2, NORMAL)
    assert (entry.values("description"), entry.text("description")) == ((), None)
    assert "smtp/mx1.ad.example.test" in domain.samba_tool("spn", "list", "mailer")
