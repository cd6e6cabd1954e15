# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `ad_keytab` on the domain of the session: options, the ladder, and what the controller itself says."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any, Iterable, Mapping, Sequence

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.active_directory import (
    Account,
    account_from,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.directory import equals
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, parse, serialize
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain
from ansible_collections.mailrealm.kerberos.tests.integration.returned import check_returned

MODULE = "ad_keytab"
READ = (
    "sAMAccountName", "servicePrincipalName", "userPrincipalName", "msDS-KeyVersionNumber", "pwdLastSet",
    "msDS-SupportedEncryptionTypes", "userAccountControl", "accountExpires", "description",
)  # fmt: skip
Keys = set[tuple[int, int, bytes]]
RESET = {"update_password": "when_needed"}
ALWAYS = {"update_password": "always"}


def spn(name: str, service: str = "smtp") -> str:
    return f"{service}/{name}.example.test"


def user(name: str, **more: Any) -> dict[str, Any]:
    """A user account with a service principal of its own."""
    return {"name": name, "service_principals": [spn(name)], **more}


@dataclasses.dataclass(frozen=True)
class Site:
    """One test's keytab, and the accounts of a domain."""

    domain: Domain
    folder: pathlib.Path

    @property
    def keytab(self) -> pathlib.Path:
        return self.folder / "service.keytab"

    def options(self, *accounts: Mapping[str, Any], who: Credentials | None = None, **more: Any) -> dict[str, Any]:
        """Options for accounts below OU=Mail, as the delegated account writes them."""
        user = who or self.domain.joiner
        return {
            "realm": self.domain.realm,
            "server": self.domain.server,
            "credentials": {"principal": user.principal, "password": user.password},
            "accounts": [{"ou": self.domain.ou, **one} for one in accounts],
            "path": str(self.keytab),
            **more,
        }

    def climb(self, *accounts: Mapping[str, Any], changes: bool = True, **more: Any) -> dict[str, Any]:
        """Check as a plain user, run as the delegated one, check, run; what the run returned."""
        given = self.options(*accounts, **more)
        reading = self.options(*accounts, **{"who": self.domain.reader, **more})
        told = [
            self.result(reading, check=True),
            self.result(given),
            self.result(reading, check=True),
            self.result(given),
        ]
        assert [one["changed"] for one in told] == [changes, changes, False, False], told
        assert told[0]["diff"] == told[1]["diff"]
        assert told[2]["diff"] == told[3]["diff"] == []
        return told[1]

    def result(self, given: Mapping[str, Any], check: bool = False) -> dict[str, Any]:
        outcome = forked_module.run(MODULE, given, self.folder, check=check)
        assert outcome.result and outcome.status == 0, outcome.output
        check_returned(f"mailrealm.kerberos.{MODULE}", outcome.result)
        return outcome.result

    def refusal(self, *accounts: Mapping[str, Any], check: bool = False, **more: Any) -> str:
        """The one sentence with which the module fails."""
        outcome = forked_module.run(MODULE, self.options(*accounts, **more), self.folder, check=check)
        assert outcome.result and outcome.result.get("failed"), outcome.output
        assert "Traceback" not in outcome.output
        message: str = outcome.result["msg"]
        return message

    # -- what is there

    def entries(self, path: pathlib.Path | None = None) -> tuple[KeytabEntry, ...]:
        file = path or self.keytab
        return parse(file.read_bytes(), str(file))

    def put(self, entries: Iterable[KeytabEntry]) -> None:
        self.keytab.write_bytes(serialize(entries))

    def keys(self, principal: str, entries: Iterable[KeytabEntry] | None = None) -> Keys:
        """Kvno, enctype and key of a principal in the keytab."""
        found = self.entries() if entries is None else entries
        return {(one.kvno, one.enctype, one.key) for one in found if one.principal.name == principal}

    def exported(self, principal: str, enctypes: Sequence[int] = (17, 18)) -> Keys:
        """The same of what the controller has now; Samba 4.21 and later export the keys of earlier passwords too."""
        found = self.domain.exportkeytab(principal)
        newest = max(one.kvno for one in found)
        return {(one.kvno, one.enctype, one.key) for one in found if one.kvno == newest and one.enctype in enctypes}

    def account(self, name: str) -> Account:
        """An account as the controller's own database has it."""
        printed = self.domain.run("ldbsearch", "-H", self.database, equals("sAMAccountName", name), *READ)
        attributes: dict[str, list[bytes]] = {}
        for line in printed.splitlines():
            field, colon, value = line.partition(": ")
            if colon and not line.startswith("#"):
                attributes.setdefault(field, []).append(value.encode())
        (dn,) = attributes.pop("dn")
        return account_from(dn.decode(), {field: tuple(values) for field, values in attributes.items()})

    def exists(self, name: str) -> bool:
        return "dn: " in self.domain.run("ldbsearch", "-H", self.database, equals("sAMAccountName", name), "dn")

    def modify(self, name: str, *lines: str) -> None:
        """An administrator's change of an account, in LDIF."""
        text = "\n".join((f"dn: {self.account(name).dn}", "changetype: modify", *lines, ""))
        self.domain.run("ldbmodify", "-H", self.database, text=text)

    @property
    def database(self) -> str:
        return str(self.domain.folder / "private" / "sam.ldb")
