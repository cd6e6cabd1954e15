# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of passwords, by the host's libk5crypto: the RFCs' vectors, and what ktutil and the KDC make of the same."""

from __future__ import annotations

import ctypes
import pathlib
from typing import Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keysalt import password_salt
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.string_to_key import LIBRARY, password_key
from ansible_collections.mailrealm.kerberos.tests.integration.realm import configure, running_kdc

AES128, AES256, AES128_SHA2, AES256_SHA2, RC4, NONE = 17, 18, 19, 20, 23, 99
RAEBURN = b"ATHENA.MIT.EDUraeburn"
# RFC 3962, appendix B: iterations, password, salt, and both keys
AES_SHA1 = [
    (1, "password", RAEBURN,
     "42263c6e89f4fc28b8df68ee09799f15",
     "fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161"),
    (2, "password", RAEBURN,
     "c651bf29e2300ac27fa469d693bdda13",
     "a2e16d16b36069c135d5e9d2e25f896102685618b95914b467c67622225824ff"),
    (1200, "password", RAEBURN,
     "4c01cd46d632d01e6dbe230a01ed642a",
     "55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a"),
    (5, "password", bytes.fromhex("1234567878563412"),
     "e9b23d52273747dd5c35cb55be619d8e",
     "97a4e786be20d81a382d5ebc96d5909cabcdadc87ca48f574504159f16c36e31"),
    (1200, "X" * 64, b"pass phrase equals block size",
     "59d1bb789a828b1aa54ef9c2883f69ed",
     "89adee3608db8bc71f1bfbfe459486b05618b70cbae22092534e56c553ba4b34"),
    (1200, "X" * 65, b"pass phrase exceeds block size",
     "cb8005dc5f90179a7f02104c0018751d",
     "d78c5c9cb872a8c9dad4697f0bb5b2d21496c82beb2caeda2112fceea057401b"),
    (50, "\U0001d11e", b"EXAMPLE.COMpianist",
     "f149c1f2e154a73452d43e7fe62a56e5",
     "4b6d9839f84406df1f09cc166db4b83c571848b784a3d6bdc346589a3e393f9e"),
]  # fmt: skip
# RFC 8009, appendix A: a random nonce before the salt, 32768 iterations, which is the default
RFC_8009_SALT = bytes.fromhex("10df9dd783e5bc8acea1730e74355f61") + RAEBURN
AES_SHA2 = {
    AES128_SHA2: "089bca48b105ea6ea77ca5d2f39dc5e7",
    AES256_SHA2: "45bd806dbf6a833a9cffc1c94589a222367a79bc21c413718906e9f578a78467",
}
# RFC 4757, section 2 ("foo"); the others are NT hashes that Microsoft publishes ([MS-NLMP] 4.2.2 and the empty one)
ARCFOUR = {
    "foo": "ac8e657f83df82beea5d43bdaf7800cc",
    "Password": "a4f49c406510bdcab6824ee7c30fd852",
    "": "31d6cfe0d16ae931b73c59d7e0c089c0",
}


@pytest.fixture
def few_iterations() -> Iterator[None]:
    """MIT's own test of these vectors (lib/crypto/crypto_tests/t_str2key.c) allows fewer than the default likewise."""
    allowed = ctypes.c_uint.in_dll(ctypes.CDLL(LIBRARY), "k5_allow_weak_pbkdf2iter")
    allowed.value = 1
    yield
    allowed.value = 0


@pytest.mark.usefixtures("few_iterations")
@pytest.mark.parametrize(("iterations", "password", "salt", "aes128", "aes256"), AES_SHA1)
def test_vectors_of_rfc_3962(iterations: int, password: str, salt: bytes, aes128: str, aes256: str) -> None:
    assert password_key(password, salt, AES128, iterations) == bytes.fromhex(aes128)
    assert password_key(password, salt, AES256, iterations) == bytes.fromhex(aes256)


@pytest.mark.parametrize("enctype", AES_SHA2)
def test_vectors_of_rfc_8009(enctype: int) -> None:
    assert password_key("password", RFC_8009_SALT, enctype) == bytes.fromhex(AES_SHA2[enctype])
    assert password_key("password", RFC_8009_SALT, enctype, 32768) == bytes.fromhex(AES_SHA2[enctype])


@pytest.mark.parametrize("password", ARCFOUR)
def test_vectors_of_rfc_4757(password: str) -> None:
    for salt in (b"", RAEBURN):
        assert password_key(password, salt, RC4) == bytes.fromhex(ARCFOUR[password])


def test_nothing_is_known_of_an_enctype_that_the_library_lacks() -> None:
    assert password_key("password", RAEBURN, NONE) is None


PASSWORDS = {
    "alice": "plain",
    "bob": '  blanks and "quotes" \\ ',
    "carol/host.realm.test": "pässwörd €",
    "dave": "x" * 200,
}
ENCTYPES = (
    "aes128-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96",
    "aes128-cts-hmac-sha256-128", "aes256-cts-hmac-sha384-192", "arcfour-hmac",
)  # fmt: skip


def test_keys_are_those_of_ktutil_and_open_a_login(tmp_path: pathlib.Path) -> None:
    """ktutil's keytab holds byte for byte our keys; the KDC's own keys accept it (`kinit -k`)."""
    realm = configure(tmp_path, kdc_relations=["supported_enctypes = " + " ".join(f"{one}:normal" for one in ENCTYPES)])
    realm.create_database()
    made = tmp_path / "made.keytab"
    lines = []
    for name, password in PASSWORDS.items():
        quoted = password.replace('"', '""')
        realm.kadmin_local(f'addprinc -pw "{quoted}" +requires_preauth {name}')
        for enctype in ENCTYPES:
            lines += [f"addent -password -p {name}@{realm.name} -k 1 -e {enctype}", password]
    realm.run("ktutil", text="".join(f"{line}\n" for line in (*lines, f"wkt {made}", "quit")))
    entries = parse(made.read_bytes(), str(made))
    assert len(entries) == len(PASSWORDS) * len(ENCTYPES)
    for entry in entries:
        salt = password_salt(entry.principal, 0)
        assert salt is not None
        assert password_key(PASSWORDS[entry.principal.name], salt, entry.enctype) == entry.key, entry
    with running_kdc(realm):
        for name in PASSWORDS:
            realm.run("kinit", "-k", "-t", str(made), name)
