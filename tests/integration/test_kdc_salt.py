# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Salts as a real KDC states them: with them a password makes the keys that the KDC holds. Needs root (the toolbox)."""

from __future__ import annotations

import pathlib
import socket
from typing import Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.as_request import KdcSalt, SaltRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.directory import REPLACE
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.directory import Directory, connected
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kdc_salt import kdc_salt
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.string_to_key import password_key
from ansible_collections.mailrealm.kerberos.tests.integration import web_server
from ansible_collections.mailrealm.kerberos.tests.integration.accounts import (
    AES128,
    AES256,
    DISABLED,
    NO_PREAUTH,
    NORMAL,
    PASSWORD,
    RC4,
    change,
    computer,
    server,
    user,
)
from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain, entered
from ansible_collections.mailrealm.kerberos.tests.integration.realm import configure, free_ports, running_kdc

ALL = (18, 17, 23)


@pytest.fixture(scope="module")
def admin(domain: Domain) -> Iterator[Directory]:
    with entered(domain), connected(server(domain), domain.administrator) as directory:
        yield directory


def salts(domain: Domain, account: str, enctypes: tuple[int, ...] = ALL) -> KdcSalt:
    return kdc_salt(domain.server, domain.realm, account, enctypes)


def assert_makes_the_keys(domain: Domain, account: str, salt: KdcSalt) -> None:
    """PASSWORD with these salts makes exactly the keys that the controller exports."""
    made = {one.enctype: password_key(PASSWORD, one.salt, one.enctype, one.iterations) for one in salt.parameters}
    exported = domain.exportkeytab(account)
    newest = max(entry.kvno for entry in exported)  # Samba 4.22 exports the keys before as well
    assert made == {entry.enctype: entry.key for entry in exported if entry.kvno == newest}


KINDS = {
    "a user": (user, "salted", "salted", {}),
    "a user with a UPN": (user, "upned", "upned", {"userPrincipalName": "smtp/salt.example@AD.EXAMPLE.TEST"}),
    "a user beyond ASCII": (user, "r\u00f6hre\u4e2d", "r\u00f6hre\u4e2d", {}),
    "a user with a long name": (user, "l" * 20, "l" * 20, {}),
    "a computer": (computer, "SALTBOX", "SALTBOX$", {}),
    "a computer with a UPN": (
        computer, "SALTUPN", "SALTUPN$", {"userPrincipalName": "host/saltupn@AD.EXAMPLE.TEST"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_keys_of(domain: Domain, admin: Directory, kind: str) -> None:
    make, name, account, more = KINDS[kind]
    make(admin, domain, name, **{"msDS-SupportedEncryptionTypes": RC4 | AES128 | AES256, **more})
    found = salts(domain, account)
    assert found.enctypes == ALL
    assert_makes_the_keys(domain, account, found)
    assert domain.bad_passwords().get(account) is None


def test_a_salt_is_frozen_when_the_password_is_set(domain: Domain, admin: Directory) -> None:
    """What a rename or another UPN would make of it counts only at the next password."""
    dn = user(admin, domain, "freeze", **{"msDS-SupportedEncryptionTypes": RC4 | AES128 | AES256})
    before = salts(domain, "freeze")
    admin.modify(dn, [(REPLACE, "userPrincipalName", [b"other@AD.EXAMPLE.TEST"])])
    admin.modify(dn, [(REPLACE, "sAMAccountName", [b"thawed"])])
    assert salts(domain, "thawed") == before
    assert_makes_the_keys(domain, "thawed", before)
    admin.set_password(dn, PASSWORD)
    after = salts(domain, "thawed")
    assert after.salt == b"AD.EXAMPLE.TESTother"
    assert_makes_the_keys(domain, "thawed", after)


def test_without_preauthentication_the_reply_states_it(domain: Domain, admin: Directory) -> None:
    dn = user(admin, domain, "open")
    wanted = salts(domain, "open")
    change(admin, dn, userAccountControl=NORMAL | NO_PREAUTH)
    assert salts(domain, "open") == wanted


def test_a_disabled_account(domain: Domain, admin: Directory) -> None:
    """Samba 4.17 says so only to those who authenticate, Samba 4.22 and Windows at once."""
    change(admin, user(admin, domain, "asleep"), userAccountControl=NORMAL | DISABLED)
    try:
        assert salts(domain, "asleep").salt == b"AD.EXAMPLE.TESTasleep"
    except SaltRefusal as refusal:
        assert refusal.symptom == "account_revoked"
        assert str(refusal).startswith("the account asleep is disabled, locked or expired in AD.EXAMPLE.TEST; enable")


def test_what_the_kdc_does_not_know(domain: Domain, admin: Directory) -> None:
    user(admin, domain, "modern")
    with pytest.raises(SaltRefusal, match=r"knows no account nobody; give its sAMAccountName"):
        salts(domain, "nobody")
    with pytest.raises(SaltRefusal, match="has no key of modern for aes256-cts-hmac-sha384-192"):
        salts(domain, "modern", (20,))
    with pytest.raises(SaltRefusal, match=r"OTHER.TEST knows no account|does not serve OTHER.TEST"):
        kdc_salt(domain.server, "OTHER.TEST", "modern")


def test_nobody_answers() -> None:
    (port,) = free_ports(1)
    with pytest.raises(SaltRefusal, match=rf"^server: no KDC answers on TCP port {port} of localhost \(Connection ref"):
        kdc_salt("localhost", "X", "y", port=port)
    with pytest.raises(SaltRefusal, match=r"no KDC answers on TCP port 88 of nowhere\.invalid"):
        kdc_salt("nowhere.invalid", "X", "y")
    with pytest.raises(SaltRefusal, match="no KDC answers"):
        kdc_salt("a" * 70 + ".example.test", "X", "y")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "it closed the connection in the middle of its answer"),
        (b"\0\0\0\x09abc", "it closed the connection in the middle of its answer"),
        (b"\xff\xff\xff\xff", "it announces an answer of 4294967295 bytes"),
        (b"\0\0\0\x03a\x01b", "is not RFC 4120's (tag 0x61 stands where 0x7e is due)"),
        (b"\0\0\0\0", "is not RFC 4120's (it is cut short)"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it announces an answer of 1213486160 bytes"),
    ],
)
def test_something_else_answers(answer: bytes, said: str) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(answer)

    with web_server.listening(serve) as port, pytest.raises(SaltRefusal) as caught:
        kdc_salt("localhost", "X", "y", timeout=5, port=port)
    assert said in str(caught.value)


def test_a_kdc_that_says_nothing() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.recv(1)

    with web_server.listening(serve) as port, pytest.raises(SaltRefusal, match="timed out"):
        kdc_salt("localhost", "X", "y", timeout=0.3, port=port)


@pytest.mark.parametrize("preauth", ["+", "-"])
def test_mits_kdc(tmp_path: pathlib.Path, preauth: str) -> None:
    realm = configure(tmp_path)
    realm.create_database()
    realm.kadmin_local(
        f'addprinc -pw "{PASSWORD}" -e aes256-cts:special,aes128-cts:normal {preauth}requires_preauth alice',
        f"ktadd -norandkey -k {tmp_path}/alice.keytab alice",
    )
    with running_kdc(realm):
        found = kdc_salt("127.0.0.1", realm.name, "alice", port=realm.kdc_port)
    keys = {entry.enctype: entry.key for entry in parse((tmp_path / "alice.keytab").read_bytes(), "alice")}
    made = {one.enctype: password_key(PASSWORD, one.salt, one.enctype, one.iterations) for one in found.parameters}
    assert made == keys
    assert len(keys) == 2
