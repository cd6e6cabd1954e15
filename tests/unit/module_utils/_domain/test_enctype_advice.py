# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_advice import Finding, findings
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_reading import no_includes, readings

AES = "aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96"
ZIMBRA = """\
# from the document
[libdefaults]
  default_realm = EXAMPLE.TEST
  default_tgs_enctypes = des3-hmac-sha1
  default_tkt_enctypes = des3-hmac-sha1
  permitted_enctypes = des3-hmac-sha1
  allow_weak_crypto = true
[appdefaults]
  allow_weak_crypto = true
"""


def found(text):
    return findings(readings(parse(text, "/f"), "/f", no_includes))


def test_findings_name_the_line_what_it_does_and_the_document():
    lines = {one.line: one for one in found(ZIMBRA)}
    assert set(lines) == {4, 5, 6, 7}
    assert {one.document for one in lines.values()} == {"zimbra"}
    assert lines[6].sentence.startswith(
        "/f line 6: permitted_enctypes names des3-cbc-sha1 (triple DES, which Red Hat 8"
    )
    assert lines[6].problem.endswith("and nothing else")
    assert lines[4].setting == ("libdefaults", "default_tgs_enctypes")


@pytest.mark.parametrize(
    ("line", "document", "words"),
    [
        ("default_tkt_enctypes = rc4-hmac", "cas", "RC4"),
        ("permitted_enctypes = aes256-cts arcfour-hmac-md5", "axigen", "arcfour-hmac (RC4"),
        ("permitted_enctypes = aes256-cts aes265-cts", "", "aes265-cts, which is no encryption type"),
        ("default_tkt_enctypes = aes256-cts", "", "pins what clients ask for"),
        ("allow_rc4 = yes", "", "allow_rc4 lets"),
    ],
)
def test_findings_of_other_documents(line, document, words):
    (one,) = found(f"[libdefaults]\n {line}\n")
    assert one.document == document
    assert words in one.problem


def test_findings_of_a_kdc():
    text = "[realms]\n R = {\n  master_key_type = des3-hmac-sha1\n"
    text += "  supported_enctypes = des3-hmac-sha1:normal des-cbc-crc:normal\n }\n"
    master, supported = found(text)
    assert "kdb5_util add_mkey" in master.problem
    assert "single DES" in supported.problem
    assert {master.document, supported.document} == {"zimbra"}


def test_what_is_right_is_no_finding():
    kdc_line = "[realms]\n R = {\n kdc = x\n }\n"
    assert found(f"[libdefaults]\n permitted_enctypes = {AES}\n allow_weak_crypto = false\n{kdc_line}") == ()


def test_a_finding_of_a_whole_file_has_no_line():
    assert Finding("/f", 0, (), "", "is edited").sentence == "/f: is edited"
    assert Finding("/f", 3, (), "", "is edited").sentence == "/f line 3: is edited"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("des-cbc-crc", "single DES, which MIT dropped"),
        ("des-cbc-md4", "single DES, which MIT dropped"),
        ("des-cbc-md5", "single DES, which MIT dropped"),
        ("des3", "des3-cbc-sha1 (triple DES, which Red Hat 8"),
        ("rc4", "arcfour-hmac (RC4, which Java 17 refuses"),
        ("arcfour-hmac-exp", "export-grade RC4"),
    ],
)
def test_each_weak_type_has_its_fate(name, said):
    (one,) = found(f"[libdefaults]\n permitted_enctypes = aes256-cts {name}\n")
    assert said in one.problem
    assert "nothing else" not in one.problem


def test_several_weak_types_and_unknown_names_stand_in_one_sentence():
    (one,) = found("[libdefaults]\n permitted_enctypes = rc4 des3 foo bar\n")
    weak, unknown = one.problem.split("; ")
    assert weak.startswith("permitted_enctypes names arcfour-hmac (") and ", des3-cbc-sha1 (" in weak
    assert unknown == ("permitted_enctypes names foo, bar, which is no encryption type and is passed over in silence")


@pytest.mark.parametrize(
    "text",
    [
        "[appdefaults]\n permitted_enctypes = rc4\n",
        "[libdefaults]\n sub = {\n permitted_enctypes = rc4\n }\n",
        "[realms]\n supported_enctypes = rc4\n",
        "[libdefaults]\n allow_weak_crypto = no\n allow_rc4 = 0\n allow_des3 = off\n",
        "[libdefaults]\n rdns = true\n",
        "[realms]\n R = {\n kdc = rc4\n master_key_type = aes256-cts\n }\n",
    ],
)
def test_what_is_no_list_of_types_is_no_finding(text):
    assert found(text) == ()


def test_switches_of_later_releases():
    (one,) = found("[libdefaults]\n allow_des3 = on\n")
    assert one.problem.startswith("allow_des3 lets MIT 1.21")


def test_the_document_of_a_kdc_and_of_none():
    (kdc,) = found("[realms]\n R = {\n supported_enctypes = rc4:normal\n }\n")
    (client,) = found("[libdefaults]\n default_tgs_enctypes = rc4\n")
    (none,) = found("[libdefaults]\n permitted_enctypes = des-cbc-crc\n")
    assert [one.document for one in (kdc, client, none)] == ["zimbra", "cas", ""]
