# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web servers that the KDC trusts with users' tickets, for a while: its tickets for them bear OK-AS-DELEGATE.

A client that may delegate does so to them; one that does not was held back by its own settings.
"""

from __future__ import annotations

import collections.abc
import contextlib
import re

from . import fleet
from .failure import LabError
from .podman import Podman
from .state import State

DATABASE = "/var/lib/samba/private/sam.ldb"
# TRUSTED_FOR_DELEGATION of userAccountControl ([MS-ADTS] 2.2.16)
TRUSTED = 0x80000
ACCOUNT = re.compile(r"^dn: (?P<dn>.+)$.*^userAccountControl: (?P<control>\d+)$", re.MULTILINE | re.DOTALL)


@contextlib.contextmanager
def trusted(
    state: State, podman: Podman, hosts: collections.abc.Sequence[fleet.Host]
) -> collections.abc.Iterator[None]:
    """Trusts the hosts' HTTP principals, and no longer afterwards, whatever happens."""
    trust = _in_directory if state.site.controllers else _in_database
    with contextlib.ExitStack() as stack:
        for host in hosts:
            stack.enter_context(trust(state, podman, f"HTTP/{host.fqdn}"))
        yield


@contextlib.contextmanager
def _in_database(state: State, podman: Podman, principal: str) -> collections.abc.Iterator[None]:
    (kdc,) = state.site.members("kerberos_kdc")

    def modify(sign: str) -> None:
        words = ("kadmin.local", "modprinc", f"{sign}ok_as_delegate", principal)
        podman.run("exec", state.lab.container(kdc.name), *words, what=f"{sign}ok_as_delegate for {principal}")

    modify("+")
    try:
        yield
    finally:
        modify("-")


@contextlib.contextmanager
def _in_directory(state: State, podman: Podman, principal: str) -> collections.abc.Iterator[None]:
    (controller,) = state.site.controllers
    container = state.lab.container(controller.name)
    ask = ("ldbsearch", "-H", DATABASE, f"(servicePrincipalName={principal})", "userAccountControl")
    told = podman.run("exec", container, *ask, what=f"the account of {principal}")
    dn, control = account(told, principal)

    def modify(value: int) -> None:
        what = f"userAccountControl {value:#x} of {dn}"
        podman.run("exec", "-i", container, "ldbmodify", "-H", DATABASE, what=what, stdin=change(dn, value))

    modify(control | TRUSTED)
    try:
        yield
    finally:
        modify(control)


def account(ldif: str, principal: str) -> tuple[str, int]:
    """The name of the one account that ldbsearch printed, and its userAccountControl."""
    found = ACCOUNT.search(ldif.replace("\n ", ""))  # RFC 2849: a long line goes on after a space
    if found is None:
        raise LabError(f"the directory has no account with the service principal {principal}: has site run?")
    return found["dn"], int(found["control"])


def change(dn: str, control: int) -> str:
    """The change of an account's userAccountControl, in LDIF."""
    return f"dn: {dn}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: {control}\n"
