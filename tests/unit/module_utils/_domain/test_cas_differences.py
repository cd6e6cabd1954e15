# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the files of CAS differ from what was asked for."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_differences import (
    DEFAULT_LIMIT,
    bytes_of,
    connector_limit,
    entries_of,
    proxy_limit,
    settings_of,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_release import line_of
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_sign_on import Wishes, wanted
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.jaas_config import JaasRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.java_properties import PropertiesRefusal
from hypothesis import given
from hypothesis import strategies as st

WISHES = Wishes(
    principals=("HTTP/cas1.example.test@EXAMPLE.TEST",),
    realm="EXAMPLE.TEST",
    keytab="/etc/cas/cas.keytab",
    login_conf="/etc/cas/config/login.conf",
)
FOUND = {"version": "7.0.10"}
LINE = line_of("7.0.10")
ENTRIES = wanted(WISHES, FOUND)["entries"]
MODULE = (
    'com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab="/etc/cas/cas.keytab" storeKey=true '
    'isInitiator=false doNotPrompt=true principal="HTTP/cas1.example.test@EXAMPLE.TEST";'
)
LOGIN_CONF = "".join(f"{entry['name']} {{ {MODULE} }};\n" for entry in ENTRIES)


def written(**others: str) -> bytes:
    asked = {**wanted(WISHES, FOUND)["properties"], **others}
    lines = [f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in asked.items()]
    return "\n".join(lines).encode()


def differ(content: bytes) -> list[dict[str, str | None]]:
    asked = wanted(WISHES, FOUND)
    return settings_of(content, "cas.properties", asked["properties"], asked["absent"])


def test_what_the_role_writes_does_not_differ() -> None:
    assert differ(written()) == []


def test_the_last_of_a_setting_counts_in_whatever_spelling() -> None:
    found = differ(written() + b"\ncas.authn.spnego.supportedBrowsers=Opera")
    assert found == [
        {
            "key": "cas.authn.spnego.supported-browsers",
            "is": "Opera",
            "should": "MSIE,Trident,Firefox,AppleWebKit",
        }
    ]


def test_what_is_not_set_is_none() -> None:
    found = {one["key"]: one for one in differ(b"")}
    assert found["cas.authn.spnego.system.kerberos-kdc"]["is"] is None
    assert found["cas.authn.spnego.system.kerberos-kdc"]["should"] == ""


def test_what_must_stand_nowhere() -> None:
    found = differ(written() + b"\ncas.authn.spnego.system.kerberos-conf=file:/x")
    assert found == [{"key": "cas.authn.spnego.system.kerberos-conf", "is": "file:/x", "should": None}]


def test_users_with_passwords_are_not_shown() -> None:
    (one,) = differ(written() + b"\ncas.authn.accept.users=casuser::Mellon")
    assert one["is"] == "(not shown)"


def test_a_boolean_is_compared_as_one() -> None:
    assert differ(written() + b"\ncas.authn.spnego.ntlm-allowed=FALSE") == []


@pytest.mark.parametrize(
    ("size", "enough"), [("65536", True), ("64KB", True), ("1MB", True), ("20KB", False), ("x", False)]
)
def test_headers_may_be_larger(size: str, enough: bool) -> None:
    found = differ(written() + f"\nserver.max-http-request-header-size={size}".encode())
    assert ([] if enough else ["server.max-http-request-header-size"]) == [one["key"] for one in found]


def test_clients_are_left_to_the_role() -> None:
    assert differ(written() + b"\ncas.authn.spnego.ips-to-check-pattern=^10[.]") == []


def test_a_file_that_java_does_not_read() -> None:
    with pytest.raises(PropertiesRefusal):
        differ(b"a=\\u12")


@given(st.binary(max_size=200))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    try:
        found = differ(content)
    except PropertiesRefusal:
        return
    assert all(one["is"] != one["should"] for one in found)


def test_login_conf_as_the_role_writes_it() -> None:
    assert entries_of(LOGIN_CONF, "login.conf", ENTRIES) == []


def test_an_entry_that_is_not_there() -> None:
    found = entries_of(LOGIN_CONF.replace("jcifs.spnego.accept", "other"), "login.conf", ENTRIES)
    assert [(one["entry"], one["option"]) for one in found] == [("jcifs.spnego.accept", "")]


def test_an_entry_with_another_keytab() -> None:
    found = entries_of(LOGIN_CONF.replace("/etc/cas/cas.keytab", "/etc/krb5.keytab", 1), "login.conf", ENTRIES)
    assert found == [
        {
            "entry": "jcifs.spnego.initiate",
            "option": "keyTab",
            "is": "/etc/krb5.keytab",
            "should": "/etc/cas/cas.keytab",
        }
    ]


def test_an_entry_with_another_module() -> None:
    found = entries_of(LOGIN_CONF.replace("Krb5LoginModule", "Other", 1), "login.conf", ENTRIES)
    assert [one["option"] for one in found] == ["class"]


def test_the_documents_own_line_continuation_is_refused() -> None:
    with pytest.raises(JaasRefusal, match="backslash"):
        entries_of(LOGIN_CONF.replace("required", "required \\"), "login.conf", ENTRIES)


@pytest.mark.parametrize(
    ("text", "size"),
    [("65536", 65536), (" 64k ", 65536), ("20KB", 20480), ("1MB", 1048576), ("", None), ("-1", None), ("8 PB", None)],
)
def test_sizes(text: str, size: int | None) -> None:
    assert bytes_of(text) == size


def test_the_least_connector_counts() -> None:
    xml = (
        b'<Server><Service><Connector port="8080" maxHttpHeaderSize="65536"/><Connector port="8443"/>'
        b'<Connector port="8009" protocol="AJP/1.3"/></Service></Server>'
    )
    assert connector_limit(xml, "server.xml") == DEFAULT_LIMIT
    assert connector_limit(xml.replace(b'"8443"', b'"8443" maxHttpRequestHeaderSize="70000"'), "server.xml") == 65536


def test_limits_of_proxies() -> None:
    assert proxy_limit("nginx", "large_client_header_buffers 4 64k;\n") == 65536
    assert proxy_limit("nginx", "# large_client_header_buffers 4 64k;\n") == DEFAULT_LIMIT
    assert proxy_limit("apache", "LimitRequestFieldSize 65536\n") == 65536
    assert proxy_limit("apache", "") == DEFAULT_LIMIT
