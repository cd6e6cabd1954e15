# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tokens with tickets that a KDC would give only at another time, or in another realm.

Who has a service's key can make tickets for it. An honest ticket that has ended would have to be waited for, longer
than the clocks may differ; this one ended an hour ago, and all else about it, the time of the request too, is right.

Runs on a workstation of the lab with MIT's library by ctypes and uses nothing of the collection. Standard input is
JSON: `keytab` (base64), `service` and `client` (principals with their realm). Standard output is one JSON object: by
case (see TICKETS) a token for Negotiate in base64.
"""

from __future__ import annotations

import base64
import ctypes
import dataclasses
import json
import pathlib
import struct
import sys
import tempfile
import time
import typing

HOUR = 3600
MUTUAL = 0x20000000  # AP_OPTS_MUTUAL_REQUIRED (krb5.h)
# RFC 4121 4.1.1: the checksum of GSSAPI's request, 16 bytes of no channel binding, and mutual authentication alone
GSS_CHECKSUM = 0x8003
GSS_FLAGS = struct.pack("<I16xI", 16, 2)
KRB5 = bytes.fromhex("06092a864886f712010202")
SPNEGO = bytes.fromhex("06062b0601050502")
OTHER_REALM = "ELSEWHERE.TEST"


@dataclasses.dataclass(frozen=True)
class Ticket:
    """When it ends (seconds from now), of which realm user and service are, whether the key is the service's own."""

    ends: int = HOUR
    realm: str = ""
    own_key: bool = True


# `sound` shows that a ticket made here is as good as a KDC's.
TICKETS = {
    "sound": Ticket(),
    "expired": Ticket(ends=-HOUR),
    "other realm": Ticket(realm=OTHER_REALM, own_key=False),
}


class Data(ctypes.Structure):
    _fields_ = (("magic", ctypes.c_int32), ("length", ctypes.c_uint), ("data", ctypes.c_void_p))


class Keyblock(ctypes.Structure):
    _fields_ = (
        ("magic", ctypes.c_int32),
        ("enctype", ctypes.c_int32),
        ("length", ctypes.c_uint),
        ("contents", ctypes.c_void_p),
    )


class Times(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_int32) for name in ("authtime", "starttime", "endtime", "renew_till"))


class Transited(ctypes.Structure):
    _fields_ = (("magic", ctypes.c_int32), ("type", ctypes.c_ubyte), ("contents", Data))


class Encrypted(ctypes.Structure):
    _fields_ = (
        ("magic", ctypes.c_int32),
        ("enctype", ctypes.c_int32),
        ("kvno", ctypes.c_uint),
        ("ciphertext", Data),
    )


class TicketPart(ctypes.Structure):
    _fields_ = (
        ("magic", ctypes.c_int32),
        ("flags", ctypes.c_int32),
        ("session", ctypes.POINTER(Keyblock)),
        ("client", ctypes.c_void_p),
        ("transited", Transited),
        ("times", Times),
        ("addresses", ctypes.c_void_p),
        ("authorization", ctypes.c_void_p),
    )


class WholeTicket(ctypes.Structure):
    _fields_ = (
        ("magic", ctypes.c_int32),
        ("server", ctypes.c_void_p),
        ("encrypted", Encrypted),
        ("part", ctypes.POINTER(TicketPart)),
    )


class Credentials(ctypes.Structure):
    _fields_ = (
        ("magic", ctypes.c_int32),
        ("client", ctypes.c_void_p),
        ("server", ctypes.c_void_p),
        ("session", Keyblock),
        ("times", Times),
        ("is_skey", ctypes.c_uint),
        ("flags", ctypes.c_int32),
        ("addresses", ctypes.c_void_p),
        ("ticket", Data),
        ("second_ticket", Data),
        ("authorization", ctypes.c_void_p),
    )


class Entry(ctypes.Structure):
    _fields_ = (
        ("magic", ctypes.c_int32),
        ("principal", ctypes.c_void_p),
        ("timestamp", ctypes.c_int32),
        ("kvno", ctypes.c_uint),
        ("key", Keyblock),
    )


class Kerberos:
    """MIT's library with a context of its own; a call that fails raises OSError with the library's code."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libkrb5.so.3")
        self._context = ctypes.c_void_p()
        self._check("krb5_init_context", self._library.krb5_init_context(ctypes.byref(self._context)))

    def call(self, name: str, *arguments: typing.Any) -> None:
        """One function that takes the context first and gives a code."""
        self._check(name, getattr(self._library, name)(self._context, *arguments))

    def encode(self, ticket: WholeTicket) -> Data:
        """The ticket in DER."""
        found = ctypes.POINTER(Data)()
        self._check("encode_krb5_ticket", self._library.encode_krb5_ticket(ctypes.byref(ticket), ctypes.byref(found)))
        return found.contents

    @staticmethod
    def _check(name: str, code: int) -> None:
        if code:
            raise OSError(f"{name} gives {code}")

    def principal(self, name: str) -> ctypes.c_void_p:
        """A principal from its name."""
        found = ctypes.c_void_p()
        self.call("krb5_parse_name", name.encode(), ctypes.byref(found))
        return found

    def entry(self, keytab: bytes, principal: ctypes.c_void_p) -> Entry:
        """The newest key of a principal."""
        found, entry = ctypes.c_void_p(), Entry()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "keytab"
            path.write_bytes(keytab)
            self.call("krb5_kt_resolve", f"FILE:{path}".encode(), ctypes.byref(found))
            self.call("krb5_kt_get_entry", found, principal, 0, 0, ctypes.byref(entry))
        return entry

    def random_key(self, enctype: int) -> Keyblock:
        """A new key."""
        key = Keyblock()
        self.call("krb5_c_make_random_key", enctype, ctypes.byref(key))
        return key


def request(kerberos: Kerberos, order: dict[str, str], ticket: Ticket) -> bytes:
    """An AP-REQ of now with such a ticket."""
    entry = kerberos.entry(base64.b64decode(order["keytab"]), kerberos.principal(order["service"]))
    client, server = (kerberos.principal(of_realm(order[one], ticket.realm)) for one in ("client", "service"))
    key = entry.key if ticket.own_key else kerberos.random_key(entry.key.enctype)
    session = kerberos.random_key(entry.key.enctype)
    now = int(time.time())
    begins = now - 2 * HOUR
    times = Times(begins, begins, now + ticket.ends, 0)
    # 1 is DOMAIN-X500-COMPRESS (RFC 4120 3.3.3.2), of no realms on the way.
    part = TicketPart(0, 0, ctypes.pointer(session), client, Transited(0, 1), times)
    whole = WholeTicket(0, server, Encrypted(), ctypes.pointer(part))
    kerberos.call("krb5_encrypt_tkt_part", ctypes.byref(key), ctypes.byref(whole))
    whole.encrypted.kvno = entry.kvno
    # The library asks for no server's time with a ticket that has ended: what it is told is not what the ticket says.
    told = Times(begins, begins, now + HOUR, 0)
    credentials = Credentials(0, client, server, session, told, ticket=kerberos.encode(whole))
    state, found = ctypes.c_void_p(), Data()
    kerberos.call("krb5_auth_con_init", ctypes.byref(state))
    kerberos.call("krb5_auth_con_set_req_cksumtype", state, GSS_CHECKSUM)
    flags = ctypes.create_string_buffer(GSS_FLAGS, len(GSS_FLAGS))
    checked = Data(0, len(GSS_FLAGS), ctypes.cast(flags, ctypes.c_void_p))
    where = (ctypes.byref(state), MUTUAL, ctypes.byref(checked), ctypes.byref(credentials), ctypes.byref(found))
    kerberos.call("krb5_mk_req_extended", *where)
    return ctypes.string_at(found.data, found.length)


def of_realm(principal: str, realm: str) -> str:
    """The principal of the same name in another realm; itself for none."""
    return f"{principal.partition('@')[0]}@{realm}" if realm else principal


def negotiated(ap_req: bytes) -> bytes:
    """The request as GSSAPI's first token (RFC 4121 4.1) in SPNEGO's (RFC 4178 4.2.1), with Kerberos alone."""
    token = der(0x60, KRB5 + b"\x01\x00" + ap_req)
    offer = der(0xA0, der(0x30, KRB5)) + der(0xA2, der(0x04, token))
    return der(0x60, SPNEGO + der(0xA0, der(0x30, offer)))


def der(tag: int, content: bytes) -> bytes:
    """One element of DER."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def main() -> None:
    """Reads the order, makes the tokens."""
    order, kerberos = json.load(sys.stdin), Kerberos()
    made = {case: negotiated(request(kerberos, order, ticket)) for case, ticket in TICKETS.items()}
    print(json.dumps({case: base64.b64encode(token).decode() for case, token in made.items()}))


if __name__ == "__main__":
    main()
