# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tickets by the host's own libkrb5, obtained with a key of a keytab and held in memory alone.

Hosts of services have libkrb5 and seldom its bindings for Python. Where krb5.h names a structure, so does this room.
"""

from __future__ import annotations

import contextlib
import ctypes
from typing import Any, Iterator

from .._domain.ccache import CcacheRefusal, Ticket, parse_ticket
from .._domain.principal import PrincipalName, unparse
from .._domain.proof import LoginRefusal
from .._domain.symptoms import CREDENTIAL, TICKET
from .libkrb5 import LIBRARY


class _Data(ctypes.Structure):  # krb5_data, as what the library wrote: any bytes
    _fields_ = (("magic", ctypes.c_int32), ("length", ctypes.c_uint), ("data", ctypes.c_void_p))


class _Credentials(ctypes.Structure):  # krb5_creds
    _fields_ = (
        ("magic", ctypes.c_int32),
        ("client", ctypes.c_void_p),
        ("server", ctypes.c_void_p),
        ("key_magic", ctypes.c_int32),  # the krb5_keyblock
        ("key_enctype", ctypes.c_int32),
        ("key_length", ctypes.c_uint),
        ("key_contents", ctypes.c_void_p),
        ("times", ctypes.c_int32 * 4),
        ("is_skey", ctypes.c_uint),
        ("ticket_flags", ctypes.c_int32),
        ("addresses", ctypes.c_void_p),
        ("ticket", _Data),
        ("second_ticket", _Data),
        ("authdata", ctypes.c_void_p),
    )


def available() -> bool:
    """Whether this host has MIT's libkrb5."""
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return False
    return True


class Tickets:
    """A principal whom the KDC has let in, who can ask for tickets of services."""

    def __init__(self, library: Any, context: Any, cache: Any, user: str) -> None:
        self.user = user
        self._library, self._context, self._cache = library, context, cache

    def issued(self, service: PrincipalName) -> Ticket:
        """The ticket that the KDC issues for ``service`` now, still sealed; LoginRefusal with the library's words."""
        library, context = self._library, self._context
        with contextlib.ExitStack() as stack:
            wanted = _Credentials()
            wanted.server = _principal(library, context, unparse(service), stack)
            client = ctypes.c_void_p()
            _check(library, context, library.krb5_cc_get_principal(context, self._cache, ctypes.byref(client)), TICKET)
            stack.callback(library.krb5_free_principal, context, client)
            wanted.client = client.value
            found = ctypes.POINTER(_Credentials)()
            status = library.krb5_get_credentials(context, 0, self._cache, ctypes.byref(wanted), ctypes.byref(found))
            _check(library, context, status, TICKET)
            stack.callback(library.krb5_free_creds, context, found)
            sealed = ctypes.string_at(found.contents.ticket.data, found.contents.ticket.length)
        try:
            return parse_ticket(sealed)
        except CcacheRefusal as refusal:
            raise LoginRefusal(TICKET, str(refusal)) from None


@contextlib.contextmanager
def logged_in(keytab: str, user: str) -> Iterator[Tickets]:
    """Let ``user`` log in with its key in the keytab file; LoginRefusal of the stage CREDENTIAL where that fails."""
    library = _library()
    with contextlib.ExitStack() as stack:
        context = ctypes.c_void_p()
        _check(library, None, library.krb5_init_context(ctypes.byref(context)), CREDENTIAL)
        stack.callback(library.krb5_free_context, context)
        client = _principal(library, context, user, stack)
        store = ctypes.c_void_p()
        status = library.krb5_kt_resolve(
            context, b"FILE:" + keytab.encode("utf-8", "surrogateescape"), ctypes.byref(store)
        )
        _check(library, context, status, CREDENTIAL)
        stack.callback(library.krb5_kt_close, context, store)
        initial = _Credentials()
        status = library.krb5_get_init_creds_keytab(
            context, ctypes.byref(initial), client, store, ctypes.c_int32(0), None, None
        )
        _check(library, context, status, CREDENTIAL)
        stack.callback(library.krb5_free_cred_contents, context, ctypes.byref(initial))
        cache = ctypes.c_void_p()
        status = library.krb5_cc_new_unique(context, b"MEMORY", None, ctypes.byref(cache))
        _check(library, context, status, CREDENTIAL)
        stack.callback(library.krb5_cc_destroy, context, cache)
        _check(library, context, library.krb5_cc_initialize(context, cache, client), CREDENTIAL)
        _check(library, context, library.krb5_cc_store_cred(context, cache, ctypes.byref(initial)), CREDENTIAL)
        yield Tickets(library, context, cache, user)


def _library() -> Any:
    """The library; pointers are to come back whole, which ctypes takes for numbers of 32 bits."""
    library = ctypes.CDLL(LIBRARY)
    library.krb5_get_error_message.restype = ctypes.c_void_p
    for name in ("krb5_free_context", "krb5_free_principal", "krb5_free_creds", "krb5_free_cred_contents"):
        getattr(library, name).restype = None
    return library


def _principal(library: Any, context: Any, text: str, stack: contextlib.ExitStack) -> Any:
    principal = ctypes.c_void_p()
    status = library.krb5_parse_name(context, text.encode("utf-8", "surrogateescape"), ctypes.byref(principal))
    _check(library, context, status, CREDENTIAL)
    stack.callback(library.krb5_free_principal, context, principal)
    return principal


def _check(library: Any, context: Any, status: int, stage: str) -> None:
    """LoginRefusal with what libkrb5 says of a status other than zero."""
    if status == 0:
        return
    told = library.krb5_get_error_message(context, ctypes.c_int32(status))
    words = ctypes.string_at(told).decode("utf-8", "replace")
    library.krb5_free_error_message(context, ctypes.c_void_p(told))
    raise LoginRefusal(stage, words)
