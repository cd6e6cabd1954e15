# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How kadmin is reached: on the KDC itself or over the network, as whom, and with what."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Optional, Sequence, Tuple

from .kadmin_command import check_value
from .refusal import Refusal

LOCAL, REMOTE, AUTO = "local", "remote", "auto"


class AccessRefusal(Refusal):
    """Options of `kadmin` that do not fit together."""


@dataclass(frozen=True)
class KadminAccess:
    """The option `kadmin`, checked. ``password`` opens ``principal``; at most one of the three credentials is given.

    ``master_password`` opens the database itself, where no stash does.
    """

    mode: str = LOCAL
    realm: Optional[str] = None
    server: Optional[str] = None
    principal: Optional[str] = None
    keytab: Optional[str] = None
    password: Optional[str] = field(default=None, repr=False)
    ccache: Optional[str] = None
    db_args: Tuple[str, ...] = ()
    master_password: Optional[str] = field(default=None, repr=False)

    @property
    def program(self) -> str:
        return "kadmin" if self.mode == REMOTE else "kadmin.local"

    @property
    def place(self) -> str:
        """Where the realm's database is looked for, for messages."""
        realm = f"realm {self.realm}" if self.realm else "the default realm"
        if self.mode == LOCAL:
            return f"{realm} (kadmin.local)"
        return f"{realm} (kadmin at {self.server or 'the admin_server of krb5.conf'})"

    @property
    def who(self) -> str:
        """As whom, for messages."""
        return self.principal or ("the principal of kadmin.ccache" if self.ccache else "root")


def settle_access(asked: KadminAccess) -> KadminAccess:
    """``asked`` with `auto` decided: remote as soon as a server or credentials are named, else local.

    AccessRefusal: a credential for local mode, none or several for remote mode, values that no program could take.
    """
    for option in ("realm", "server", "principal", "keytab", "password", "ccache", "master_password"):
        _check(option, getattr(asked, option))
    check_db_args(asked.db_args, "kadmin.db_args")
    remote_only = [name for name in ("server", "principal", "keytab", "password", "ccache") if getattr(asked, name)]
    mode = asked.mode
    if mode == AUTO:
        mode = REMOTE if remote_only else LOCAL
    if mode == LOCAL and remote_only:
        raise AccessRefusal(
            f"kadmin.{remote_only[0]}: kadmin.local asks for no login; leave it out, or set kadmin.mode to remote"
        )
    if mode == REMOTE and asked.master_password:
        raise AccessRefusal(
            "kadmin.master_password: opens the database for kadmin.local alone; leave it out, or set mode to local"
        )
    if mode == REMOTE:
        _check_credentials(asked)
    return replace(asked, mode=mode)


def check_db_args(arguments: Sequence[str], option: str) -> Tuple[str, ...]:
    """The arguments for the database module that a program may take after `-x`; AccessRefusal names ``option``."""
    for argument in arguments:
        check_value(argument, option, secret=True)
        if argument.lower().startswith("bindpwd="):
            raise AccessRefusal(
                f"{option}: 'bindpwd' would stand in the process list; "
                "put the password into the file that ldap_service_password_file names"
            )
    return tuple(arguments)


def db_words(arguments: Sequence[str]) -> Tuple[str, ...]:
    """The words by which kadmin.local, kadmin and kdb5_util take them."""
    return tuple(word for argument in arguments for word in ("-x", argument))


def _check(option: str, value: Optional[str]) -> None:
    if value is None:
        return
    secret = option in ("password", "master_password")
    check_value(value, f"kadmin.{option}", secret=secret)
    if not value:
        raise AccessRefusal(f"kadmin.{option}: is empty; leave it out or give it a value")
    if value.startswith("-") and not secret:
        raise AccessRefusal(
            f"kadmin.{option}: '{value}' begins with a dash and would be taken for an option; correct it"
        )


def _check_credentials(asked: KadminAccess) -> None:
    given = [name for name in ("keytab", "password", "ccache") if getattr(asked, name)]
    if len(given) != 1:
        told = " and ".join(f"kadmin.{name}" for name in given) or "nothing"
        raise AccessRefusal(
            f"kadmin: {told} given to log in with; a remote kadmin needs exactly one of keytab, password and ccache"
        )
    if not asked.principal and given != ["ccache"]:
        raise AccessRefusal(f"kadmin.principal: is missing; name the administrator whose {given[0]} is given")


def kadmin_words(access: KadminAccess, ccache: Optional[str] = None) -> Tuple[str, ...]:
    """kadmin's arguments. ``ccache``: the private cache in which a login by password left its ticket. No secret."""
    words = ["-r", access.realm] if access.realm else []
    words += db_words(access.db_args)
    if access.mode == REMOTE:
        if access.server:
            words += ["-s", access.server]
        if access.keytab:
            words += ["-k", "-t", access.keytab, "-p", access.principal or ""]
        else:
            words += ["-c", ccache or access.ccache or ""]
    return tuple(words)


def kinit_words(access: KadminAccess, ccache: str) -> Tuple[str, ...]:
    """kinit's arguments for an initial ticket to kadmind in ``ccache``; the password goes to its standard input."""
    service = f"kadmin/admin@{access.realm}" if access.realm else "kadmin/admin"
    return ("-c", ccache, "-S", service, access.principal or "")
