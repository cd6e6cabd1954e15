# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a JDK makes of krb5.conf."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.java_krb5 import (
    BY_CAS,
    BY_HOME,
    BY_OPTION,
    BY_SYSTEM,
    Read,
    krb5_conf_of,
    opens,
    options_of,
    refused_includes,
    taken,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import Directive


def test_options_of_its_program() -> None:
    words = (
        "java",
        "-Djava.security.krb5.kdc=a",
        "-Djava.security.krb5.kdc=b",
        "-Dother=c",
        "-Djava.security.krb5.conf=/x",
    )
    assert options_of(words) == {"kdc": "b", "conf": "/x"}


def test_which_krb5_conf_is_read() -> None:
    own = "/jdk/conf/security/krb5.conf"
    assert krb5_conf_of({"conf": "/x"}, "file:/y", own) == Read("/y", BY_CAS)
    assert krb5_conf_of({"conf": "/x"}, "file:///y", own) == Read("/y", BY_CAS)
    assert krb5_conf_of({"conf": "/x"}, "", own) == Read("/x", BY_OPTION)
    assert krb5_conf_of({}, "", own) == Read(own, BY_HOME)
    assert krb5_conf_of({}, "", None) == Read("/etc/krb5.conf", BY_SYSTEM)


def include(kind: str, target: str, line: int = 1) -> Directive:
    return Directive(f"{kind} {target}\n", kind, target, line, "/etc/krb5.conf")


def test_includes_that_the_jdk_refuses() -> None:
    assert refused_includes([include("include", "/a"), include("includedir", "/b")]) == []
    (twice,) = refused_includes([include("includedir", "/a"), include("includedir", "/a", 2)])
    assert twice == "line 2 of /etc/krb5.conf has includedir /a a second time"
    (relative,) = refused_includes([include("include", "a")])
    assert relative.endswith("which is no absolute path")


@pytest.mark.parametrize(
    ("text", "major", "numbers"),
    [
        ("aes256-cts aes128-cts-hmac-sha1-96", 17, (18, 17)),
        ("aes256-sha2,rc4-hmac", 17, (20, 23)),
        ("aes256-sha2", 8, ()),
        ("aes", 17, ()),
        ("DEFAULT -rc4", 21, ()),
        ("camellia256-cts", 21, ()),
    ],
)
def test_names_that_java_knows(text: str, major: int, numbers: tuple[int, ...]) -> None:
    assert taken(text, major) == numbers


def test_tickets_that_it_opens() -> None:
    assert 23 not in opens(17, 256, {})
    assert 23 in opens(17, 256, {"allow_weak_crypto": "true"})
    assert {17, 18, 19, 20} <= opens(17, 256, {})
    assert not {18, 20} & opens(17, 128, {})
    assert opens(17, 256, {"permitted_enctypes": "aes128-cts"}) == {17}
    assert 20 not in opens(8, 256, {})
    assert opens(7, 256, {}) == {17, 18}
