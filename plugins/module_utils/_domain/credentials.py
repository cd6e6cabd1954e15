# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who logs in, and by which proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Optional

from .keytab import parse
from .principal import PrincipalName, parse_principal, read_text
from .refusal import Refusal

ANY_REALM = "REALM"  # stands in where libkrb5 will fill in the default realm


class CredentialsRefusal(Refusal):
    """Credentials that cannot be used as they were described."""


@dataclass(frozen=True)
class Credentials:
    """Exactly one of ``keytab`` (a path), ``password`` and ``ccache`` (a cache's name) is not None.

    ``principal`` is empty where the keytab or the cache decides.
    """

    principal: str
    keytab: Optional[str] = None
    password: Optional[str] = field(default=None, repr=False)
    ccache: Optional[str] = None


def credentials_from(options: Dict[str, Any]) -> Credentials:
    """The credentials in the module's option of that name; CredentialsRefusal or PrincipalRefusal names the slip."""
    principal = options["principal"] or ""
    if principal:
        parse_principal(principal, default_realm=ANY_REALM)
    elif options["password"] is not None:
        raise CredentialsRefusal(
            "credentials: a password proves nobody without principal; name whose password it is, such as alice@REALM"
        )
    for name in ("keytab", "password", "ccache"):
        if options[name] == "":
            raise CredentialsRefusal(f"credentials: {name} is empty; fill it in, or remove it and give another proof")
    return Credentials(principal, options["keytab"], options["password"], options["ccache"])


def first_match(content: bytes, path: str, principal: str) -> Optional[PrincipalName]:
    """The first principal in a keytab's ``content`` that ``principal`` names (any, where it is empty).

    Without a realm it names that of every realm. KeytabFormatError names ``path``.
    """
    wanted = read_text(principal, ANY_REALM) if principal else None
    with_realm = wanted is not None and wanted.identity == read_text(principal, ANY_REALM + "2").identity
    for entry in parse(content, path):
        found = entry.principal
        if wanted is None or (
            found.identity == wanted.identity if with_realm else found.components == wanted.components
        ):
            return found
    return None
