# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What CAS must say and answer, for its site to be proved."""

from __future__ import annotations

import http.server
import threading

import pytest
from lab import cas_judge, fleet

VALIDATOR = "org.apereo.cas.configuration.CasConfigurationPropertiesValidator"
# Recorded, of 6.6.12 and 7.0.0, with the colours of the console.
STARTED = f"""CAS Version: 7.0.0
\x1b[32m2026-11-27 15:30:14,335 INFO [{VALIDATOR}] - <{cas_judge.VALIDATED}>\x1b[m
"""
LEFT_OVER = f"""CAS Version: 6.6.12
\x1b[31m2026-11-27 15:30:55,101 ERROR [{VALIDATOR}] - <
Failed to bind properties under 'cas' to org.apereo.cas.configuration.CasConfigurationProperties

\tcas.authn.spnego.kerberosconf = /etc/krb5.conf (Origin: "cas.authn.spnego.kerberosConf" from property source "x")

\tcas.authn.spnego.ntlm = true (Origin: "cas.authn.spnego.ntlm" from property source "x")
"""
WRONG_TYPE = f"""CAS Version: 7.0.0
\x1b[31m2026-11-27 15:31:25,287 ERROR [{VALIDATOR}] - <Failed to bind properties under 'cas.authn.spnego.order' to int
"""
NOT_STARTED = (
    "ConfigurationPropertiesBindException: Error creating bean with name 'x': Could not bind properties to "
    "'CasConfigurationProperties' : prefix=cas; nested exception is org.springframework.boot.context.properties.bind."
    "BindException: Failed to bind properties under 'cas.authn.spnego.mixed-mode-authentication' to boolean>\x1b[m\n"
)
TOKEN = "\x1b[36m2026-11-27 15:46:40,375 DEBUG [jcifs.spnego.Authentication] - <token YII>\x1b[m\n"


CLIENTS = {"browser": 401, "program": 200, "browser elsewhere": 401}
HEADERS = {cas_judge.BELOW: 200, cas_judge.ABOVE: 400}


def seen(host="cas1.example.test", **other):
    told = {"host": host, **cas_judge.read(STARTED), "debug": False, "selects": False, "page": 200}
    return {**told, "headers": HEADERS, "clients": CLIENTS, **other}


def faults(**other):
    return cas_judge.unproved(fleet.CAS, [seen(**other), seen("cas2.example.test")])


def test_a_cas_that_took_everything_leaves_nothing_unproved():
    assert faults() == []
    assert cas_judge.read(STARTED) == {
        "version": "7.0.0",
        "validated": True,
        "unknown": [],
        "mistyped": [],
        "tokens": 0,
    }


def test_settings_that_are_left_over_are_named_without_their_values():
    told = cas_judge.read(LEFT_OVER)
    assert told["unknown"] == ["cas.authn.spnego.kerberosconf", "cas.authn.spnego.ntlm"]
    assert (told["version"], told["validated"], told["mistyped"]) == ("6.6.12", False, [])
    assert "/etc/krb5.conf" not in str(told)
    assert faults(**told) == [
        "cas1.example.test: CAS 6.6.12 does not know cas.authn.spnego.kerberosconf",
        "cas1.example.test: CAS 6.6.12 does not know cas.authn.spnego.ntlm",
    ]


@pytest.mark.parametrize(
    ("log", "name"),
    [
        (WRONG_TYPE, "cas.authn.spnego.order (int)"),
        (NOT_STARTED, "cas.authn.spnego.mixed-mode-authentication (boolean)"),
    ],
)
def test_a_value_of_the_wrong_type_is_named_whether_cas_starts_or_not(log, name):
    assert cas_judge.read(log)["mistyped"] == [name]
    (sentence,) = faults(**cas_judge.read(log))
    assert sentence.endswith(f" could not read {name}")


def test_a_log_without_a_word_on_the_settings_is_unproved():
    assert faults(**cas_judge.read("")) == ["cas1.example.test: the log has nothing of CAS on its settings"]


def test_a_host_that_nobody_looked_at_is_unproved():
    assert cas_judge.unproved(fleet.CAS, [seen()]) == ["cas2.example.test: nobody looked at its CAS"]
    assert cas_judge.unproved(fleet.MIT, []) == []


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"page": 0}, "/cas/login answers 0"),
        ({"headers": {cas_judge.BELOW: 400, cas_judge.ABOVE: 400}}, "a header of 40960 bytes gets 400, and not 200"),
        ({"headers": {cas_judge.BELOW: 200, cas_judge.ABOVE: 200}}, "a header of 81920 bytes gets 200, and not 400"),
        ({"clients": {**CLIENTS, "browser": 200}}, "/cas/negotiate answers a browser with 200, and not 401"),
        ({"clients": {**CLIENTS, "program": 401}}, "/cas/negotiate answers a program with 401, and not 200"),
        ({"selects": True}, "/cas/negotiate answers a browser elsewhere with 401, and not 200"),
        ({"debug": True}, "cas_debug is true, and no token was logged: the loggers are not in force"),
        ({"tokens": 1}, "cas_debug is false, and tokens were logged"),
    ],
)
def test_what_is_not_as_the_role_wrote_it_is_told(other, words):
    assert faults(**other) == [f"cas1.example.test: {words}"]


def test_tokens_are_logged_where_they_are_asked_for():
    told = cas_judge.read(STARTED + TOKEN + TOKEN)
    assert told["tokens"] == 2
    assert faults(**told, debug=True) == []


class Page(http.server.BaseHTTPRequestHandler):
    """A login page that takes headers of 1,000 bytes."""

    def do_GET(self):
        large = len(self.headers.get(cas_judge.PADDED, "")) > 1000
        self.send_response(400 if large or self.path != cas_judge.PAGE else 200)
        self.end_headers()

    def log_message(self, *_words):
        """Says nothing."""


@pytest.fixture
def page(monkeypatch):
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        monkeypatch.setattr(cas_judge, "PORT", server.server_port)
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield "127.0.0.1"
        server.shutdown()
        serving.join()


def test_the_page_is_asked_with_a_header_of_the_size(page):
    answers = [cas_judge.status(page, headers={cas_judge.PADDED: "x" * size}) for size in (0, 1000, 1001)]
    assert answers == [200, 200, 400]
    assert cas_judge.status(page, "/another") == 400


def test_a_page_that_does_not_answer_is_no_traceback(monkeypatch):
    monkeypatch.setattr(cas_judge, "PORT", 9)  # discard: nobody listens there
    assert cas_judge.status("127.0.0.1") == 0
