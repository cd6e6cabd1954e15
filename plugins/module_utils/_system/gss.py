# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GSS-API as an initiator, by python3-gssapi: credentials and tickets in private files, never the user's cache.

Only what gssapi 1.5 already has (EL 8; later ones keep it) is used, and its low-level API at that.
"""

from __future__ import annotations

import contextlib
import locale
import os
import shutil
import tempfile
from dataclasses import dataclass
from typing import Any, Iterator, Optional, Tuple

from .._domain import ccache, credentials, sasl_gssapi
from .._domain.enctypes import enctype_name
from .._domain.principal import unparse
from .._domain.proof import LoginRefusal
from .._domain.refusal import Refusal
from .._domain.symptoms import ANSWER, CREDENTIAL, TICKET
from . import files

try:
    from gssapi import raw
except ImportError:
    raw = None

SPNEGO = "1.3.6.1.5.5.2"  # RFC 4178
LARGEST_CACHE = 1024 * 1024  # bytes


def available() -> bool:
    """Whether this Python has the bindings."""
    return raw is not None


@dataclass(frozen=True)
class Ticket:
    """What the KDC issued for a service: its principal, and the key that opens it."""

    service_principal: str
    kvno: int
    enctype: str


class Exchange:
    """One security context with a service: tokens in and out, and at the end SASL's choice of a security layer."""

    def __init__(self, folder: str, initial: bytes, target: Any, spnego: bool, authzid: str) -> None:
        self._cache = os.path.join(folder, "service")
        with open(self._cache, "wb") as stream:
            stream.write(initial)
        self._target = target
        self._mechanism = raw.OID.from_int_seq(SPNEGO) if spnego else raw.MechType.kerberos
        self._spnego = spnego
        self._authzid = authzid
        self._credentials: Any = None
        self._context: Any = None
        self._complete = False

    @property
    def wanted(self) -> str:
        """The principal that libkrb5 makes of the service's name, without the realm where only the KDC knows it."""
        with contextlib.suppress(raw.GSSError):
            return _display(raw.canonicalize_name(self._target, raw.MechType.kerberos)).rstrip("@")
        return ""

    def respond(self, challenge: bytes) -> bytes:
        """The token to answer ``challenge`` with; LoginRefusal where the library does not accept it."""
        if not self._complete:
            return self._step(challenge)
        if self._spnego or not challenge:
            return b""
        return self._choose_layer(challenge)

    def _step(self, challenge: bytes) -> bytes:
        # A first step that fails is between this host and the KDC, a later one the fault of what the service sent.
        with _heard(ANSWER if self._context else TICKET):
            if self._credentials is None:
                self._credentials = _from_cache(self._cache, self._mechanism)
            flags = [raw.RequirementFlag.mutual_authentication]
            if not self._spnego:
                # RFC 4752 section 3.1: the four bytes at the end are protected.
                flags.append(raw.RequirementFlag.integrity)
            result = raw.init_sec_context(
                self._target,
                creds=self._credentials,
                context=self._context,
                mech=self._mechanism,
                flags=flags,
                input_token=challenge or None,
            )
        self._context = result.context
        self._complete = not result.more_steps
        token: Optional[bytes] = result.token
        return token or b""

    def _choose_layer(self, challenge: bytes) -> bytes:
        with _heard(ANSWER):
            offer = sasl_gssapi.parse_offer(raw.unwrap(self._context, challenge).message)
            chosen = sasl_gssapi.choose_layer(offer, self._authzid)
            message: bytes = raw.wrap(self._context, chosen, confidential=False).message
            return message

    def ticket(self) -> Optional[Ticket]:
        """What can be said of the service's ticket, where the KDC issued one."""
        ticket = self.sealed_ticket()
        return None if ticket is None else Ticket(str(ticket.service), ticket.kvno, enctype_name(ticket.enctype))

    def sealed_ticket(self) -> Optional[ccache.Ticket]:
        """The service's ticket itself, where the KDC issued one."""
        content = files.read_state(self._cache, LARGEST_CACHE).content or b""
        tickets = ccache.service_tickets(ccache.parse_ccache(content))
        return ccache.parse_ticket(tickets[-1].ticket) if tickets else None


class Initiator:
    """A user with initial credentials, who can start exchanges with services."""

    def __init__(self, folder: str, user: str, initial: bytes) -> None:
        self.user = user
        self._folder = folder
        self._initial = initial

    @contextlib.contextmanager
    def exchange(self, gss_name: str, service_principal: str, spnego: bool, authzid: str) -> Iterator[Exchange]:
        """An exchange with a credential cache of its own, so that its service ticket is fetched from the KDC now."""
        folder = tempfile.mkdtemp(dir=self._folder)
        try:
            with _heard(TICKET):
                target = _name(service_principal) if service_principal else _host_based(gss_name)
            yield Exchange(folder, self._initial, target, spnego, authzid)
        finally:
            shutil.rmtree(folder)

    @contextlib.contextmanager
    def cache(self) -> Iterator[str]:
        """The name of a credential cache of its own with the initial credentials, for programs and other libraries."""
        folder = tempfile.mkdtemp(dir=self._folder)
        try:
            path = os.path.join(folder, "initial")
            with open(path, "wb") as stream:
                stream.write(self._initial)
            yield f"FILE:{path}"
        finally:
            shutil.rmtree(folder)


@contextlib.contextmanager
def initiator(asked: credentials.Credentials) -> Iterator[Initiator]:
    """Obtain initial credentials and hold them in a directory that only this user can enter, while the block runs.

    LoginRefusal of the stage CREDENTIAL where they cannot be obtained.
    """
    folder = tempfile.mkdtemp(prefix="mailrealm-probe-")
    try:
        # libkrb5 speaks the language of the process; the table of symptoms knows the untranslated words.
        locale.setlocale(locale.LC_MESSAGES, "C")
        path = os.path.join(folder, "initial")
        with _heard(CREDENTIAL):
            user = _obtain(asked, folder, path)
            content = files.read_state(path, LARGEST_CACHE).content or b""
            cache = ccache.parse_ccache(content)
        yield Initiator(folder, user, ccache.without_service_tickets(cache))
    finally:
        shutil.rmtree(folder)


def _obtain(asked: credentials.Credentials, folder: str, path: str) -> str:
    """Put the initial credentials into the cache file ``path``; the user's principal."""
    name = _name(asked.principal) if asked.principal else None
    wanted = [raw.MechType.kerberos]
    if asked.password is not None:
        secret = asked.password.encode("utf-8")
        found = raw.acquire_cred_with_password(name, secret, mechs=wanted, usage="initiate").creds
    elif asked.keytab is not None:
        name = _name(_in_keytab(asked.keytab, asked.principal))
        store = {b"client_keytab": _file(asked.keytab), b"ccache": _file(os.path.join(folder, "keytab"))}
        found = raw.acquire_cred_from(store, name, mechs=wanted, usage="initiate").creds
    else:
        store = {b"ccache": os.fsencode(asked.ccache or "")}
        found = raw.acquire_cred_from(store, name, mechs=wanted, usage="initiate").creds
    user = _display(raw.inquire_cred(found).name)
    raw.store_cred_into({b"ccache": _file(path)}, found, usage="initiate", mech=wanted[0], overwrite=True)
    return user


def _in_keytab(path: str, principal: str) -> str:
    """The principal to use of a keytab; what is wrong with the file is said here, for libkrb5 would blame a ccache."""
    content = files.read_state(path).content
    if content is None:
        raise LoginRefusal(CREDENTIAL, f"the keytab {path} does not exist on the host that logs in")
    found = credentials.first_match(content, path, principal)
    if found is None:
        raise LoginRefusal(CREDENTIAL, f"keytab contains no key of {principal or 'anyone'}")
    return unparse(found)


def _from_cache(path: str, mechanism: Any) -> Any:
    """Credentials of a cache file for ``mechanism``: SPNEGO finds nothing to negotiate with in those for Kerberos."""
    return raw.acquire_cred_from({b"ccache": _file(path)}, None, mechs=[mechanism], usage="initiate").creds


def _file(path: str) -> bytes:
    return b"FILE:" + os.fsencode(path)


def _name(principal: str) -> Any:
    return raw.import_name(principal.encode("utf-8", "surrogateescape"), raw.NameType.kerberos_principal)


def _host_based(name: str) -> Any:
    return raw.import_name(name.encode("utf-8", "surrogateescape"), raw.NameType.hostbased_service)


def _display(name: Any) -> str:
    shown: bytes = raw.display_name(name, name_type=False).name
    return shown.decode("utf-8", "replace")


@contextlib.contextmanager
def _heard(stage: str) -> Iterator[None]:
    """Turn what the library says into a LoginRefusal of ``stage``; other refusals become one with their sentence."""
    try:
        yield
    except LoginRefusal:
        raise
    except Refusal as refusal:
        raise LoginRefusal(stage, str(refusal), symptom="exchange_broken" if stage == ANSWER else "") from refusal
    except raw.GSSError as error:
        raise LoginRefusal(stage, _words(error)) from None


def _words(error: Any) -> str:
    """The mechanism's words where it has any, else GSS-API's own."""
    for words in (_statuses(error, error.min_code, False), _statuses(error, error.maj_code, True)):
        said = "; ".join(word for word in words if word and word not in ("Success", "Unknown error"))
        if said:
            return said
    return type(error).__name__


def _statuses(error: Any, code: int, major: bool) -> Tuple[str, ...]:
    try:
        return tuple(str(word).strip("\0 ") for word in error.get_all_statuses(code, major))
    except (raw.GSSError, UnicodeDecodeError, ValueError):
        return ()
