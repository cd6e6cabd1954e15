# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.proof import (
    Proof,
    Service,
    ServiceRefusal,
    service_from,
)

OPTIONS = {
    "protocol": "smtp",
    "host": "mx1.example.test",
    "port": None,
    "tls": None,
    "path": "/",
    "service_principal": None,
    "authzid": None,
    "ca_path": None,
    "validate_certs": True,
    "timeout": 30,
}


@pytest.mark.parametrize(
    ("protocol", "tls", "expected"),
    [
        ("smtp", None, ("starttls", 587, "smtp@mx1.example.test")),
        ("smtp", "none", ("none", 587, "smtp@mx1.example.test")),
        ("smtp", "implicit", ("implicit", 465, "smtp@mx1.example.test")),
        ("imap", None, ("starttls", 143, "imap@mx1.example.test")),
        ("imap", "implicit", ("implicit", 993, "imap@mx1.example.test")),
        ("pop3", None, ("starttls", 110, "pop@mx1.example.test")),
        ("pop3", "implicit", ("implicit", 995, "pop@mx1.example.test")),
        ("http", None, ("implicit", 443, "HTTP@mx1.example.test")),
        ("http", "none", ("none", 80, "HTTP@mx1.example.test")),
    ],
)
def test_defaults_of_the_protocols(protocol, tls, expected):
    found = service_from({**OPTIONS, "protocol": protocol, "tls": tls}, 0)
    assert (found.tls, found.port, found.gss_name) == expected
    assert found.wanted_principal == found.gss_name.replace("@", "/")


def test_options_are_taken():
    given = {"port": 2525, "service_principal": "smtp/a@B", "authzid": "bob", "ca_path": "/ca", "validate_certs": False}
    assert service_from({**OPTIONS, **given, "host": "mx1.", "timeout": 5}, 0) == Service(
        "smtp", "mx1", 2525, "starttls", "/", "smtp/a@B", "bob", "/ca", False, 5.0
    )


@pytest.mark.parametrize(
    "options",
    [
        {"host": ""},
        {"host": "."},
        {"host": ".example.test"},
        {"host": "mx1..test"},
        {"host": "mx 1"},
        {"host": "mx1\r\nRCPT"},
        {"port": 0},
        {"port": 65536},
        {"timeout": 0},
        {"protocol": "http", "tls": "starttls"},
        {"protocol": "http", "authzid": "bob"},
        {"path": "login"},
        {"path": "/a b"},
        {"path": "/a\r\nHost: x"},
        {"path": "/ä"},
        {"user_agent": "Firefox"},
        {"padding": 100},
        {"protocol": "http", "user_agent": ""},
        {"protocol": "http", "user_agent": " "},
        {"protocol": "http", "user_agent": "Firefox\r\nX: y"},
        {"protocol": "http", "user_agent": "Füchsin"},
        {"protocol": "http", "padding": -1},
        {"protocol": "http", "padding": 1024 * 1024 + 1},
    ],
)
def test_slips_are_named_by_position(options):
    with pytest.raises(ServiceRefusal, match=r"services\[3\]: .+; .+"):
        service_from({**OPTIONS, **options}, 3)


def test_what_a_browser_sends():
    found = service_from({**OPTIONS, "protocol": "http"}, 0)
    assert (found.user_agent, found.padding) == ("mailrealm.kerberos", 0)
    found = service_from({**OPTIONS, "protocol": "http", "user_agent": "Mozilla/5.0 (X11)", "padding": 40000}, 0)
    assert (found.user_agent, found.padding) == ("Mozilla/5.0 (X11)", 40000)


def test_a_malformed_service_principal_is_refused():
    with pytest.raises(PrincipalRefusal):
        service_from({**OPTIONS, "service_principal": "smtp/a@b@c"}, 0)


def test_a_result_is_plain_data():
    result = Proof("smtp", "mx1", 587, "starttls", True, "alice", offered=("GSSAPI",)).as_result()
    assert result["offered"] == ["GSSAPI"]
    assert {type(value) for value in result.values()} <= {str, int, bool, list, type(None)}
