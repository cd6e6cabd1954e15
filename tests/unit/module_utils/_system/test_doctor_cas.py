# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's evidence of CAS and of its Java, from an invented tree of files."""

from __future__ import annotations

import getpass
import http.server
import pathlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_sign_on import Wishes, wanted
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import Asked, AskedKeytab
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.jaas_config_plan import entries_from, plan
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import doctor_cas, doctor_java, systemctl

PRINCIPAL = "HTTP/cas1.example.test@EXAMPLE.TEST"
UNIT = "LoadState=loaded\nActiveState=active\nSubState=running\nId=cas.service\nUser=cas\nGroup=cas\n"


class Page(http.server.BaseHTTPRequestHandler):
    """A page that asks for a ticket, unless a header is too long."""

    def do_GET(self) -> None:
        large = len(self.headers.get("X-Padding", "")) > 8192
        self.send_response(431 if large else 401)
        if not large:
            self.send_header("WWW-Authenticate", "Negotiate")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *dummy_arguments: Any) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def asked(tmp_path: pathlib.Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Asked:
    java = tmp_path / "jdk"
    (java / "bin").mkdir(parents=True)
    (java / "bin/java").write_text("#!/bin/sh\n")
    (java / "release").write_text('JAVA_VERSION="21.0.4"\n')
    wishes = {
        "principals": [PRINCIPAL],
        "realm": "EXAMPLE.TEST",
        "keytab": "/etc/cas/cas.keytab",
        "login_conf": str(tmp_path / "login.conf"),
        "header_size": 65536,
        "embedded": True,
    }
    (tmp_path / "krb5.conf").write_text(
        "[libdefaults]\ndefault_realm = EXAMPLE.TEST\ndefault_keytab_name = /etc/cas/cas.keytab\n"
    )
    made = wanted(Wishes(**wishes), {"version": "7.0.10"})
    (tmp_path / "cas.properties").write_text(
        "".join(f"{key}={_text(value)}\n" for key, value in made["properties"].items())
    )
    (tmp_path / "login.conf").write_bytes(plan("login.conf", None, entries_from(made["entries"]), ()).content or b"")
    settings = {
        "war": str(tmp_path / "cas.war"),
        "overlay": "",
        "unit": "cas",
        "java_home": str(java),
        "version": "7.0.10",
        "log4j2": "/nowhere",
        "settled": ["war_absent"],
        "properties": str(tmp_path / "cas.properties"),
        "others": [str(tmp_path / "application.yml")],
        "krb5_conf": str(tmp_path / "krb5.conf"),
        "user": getpass.getuser(),
        "host": "127.0.0.1",
        "port": port,
        "tls": False,
        "path": "/cas/login",
        "asks": True,
        "server_xml": "",
        "proxy": "",
        "proxy_config": "",
        "wishes": wishes,
    }
    monkeypatch.setattr(systemctl, "shown", lambda *dummy: UNIT)
    keytab = AskedKeytab(str(tmp_path / "cas.keytab"), "cas", "cas", (PRINCIPAL,))
    return Asked(
        "cas1.example.test",
        "EXAMPLE.TEST",
        "example.test",
        keytabs=(keytab,),
        products=("cas",),
        settings={"cas": settings},
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_what_the_role_wrote(asked: Asked) -> None:
    found = doctor_cas.gather(asked)
    assert found["archive"] == {"version": "7.0.10", "problems": []}
    assert found["unit"] == {"name": "cas.service", "exists": True, "active": True, "user": "cas"}
    assert (found["properties"]["differ"], found["properties"]["shadowed"]) == ([], [])
    assert found["login_conf"]["differ"] == []
    assert found["krb5"]["default_keytab_name"] == found["krb5"]["keytab"]
    assert found["unreadable"] == []
    assert [one["bytes"] for one in found["limits"]] == [65536]
    assert found["answer"]["plain"]["challenges"] == ["Negotiate"]
    assert found["answer"]["large"]["status"] == 431


def test_files_that_are_not_there(asked: Asked, tmp_path: pathlib.Path) -> None:
    for name in ("cas.properties", "login.conf", "krb5.conf"):
        (tmp_path / name).unlink()
    found = doctor_cas.gather(asked)
    assert [found[part]["exists"] for part in ("properties", "login_conf", "krb5")] == [False, False, False]


def test_files_that_java_does_not_read(asked: Asked, tmp_path: pathlib.Path) -> None:
    (tmp_path / "cas.properties").write_text("a=\\u12\n")
    (tmp_path / "login.conf").write_text("a { b required \\\n c=d; };\n")
    found = doctor_cas.gather(asked)
    assert "cas.properties" in found["properties"]["refused"]
    assert "backslash" in found["login_conf"]["refused"]


def test_another_file_sets_the_same(asked: Asked, tmp_path: pathlib.Path) -> None:
    (tmp_path / "application.yml").write_text("cas:\n  authn:\n    spnego:\n      ntlm-allowed: true\n")
    (one,) = doctor_cas.gather(asked)["properties"]["shadowed"]
    assert (one["key"], one["path"]) == ("cas.authn.spnego.ntlm-allowed", str(tmp_path / "application.yml"))


def test_no_page_of_what_does_not_run(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemctl, "shown", lambda *dummy: UNIT.replace("=active", "=failed"))
    assert "does not run" in doctor_cas.gather(asked)["answer"]["untested"]


def test_limits_of_a_tomcat_and_a_proxy(asked: Asked, tmp_path: pathlib.Path) -> None:
    settings = dict(asked.settings["cas"])
    (tmp_path / "server.xml").write_text('<Server><Service><Connector port="8080"/></Service></Server>')
    (tmp_path / "proxy.conf").write_text("large_client_header_buffers 4 32k;\n")
    settings.update(
        wishes={**settings["wishes"], "embedded": False},
        server_xml=str(tmp_path / "server.xml"),
        proxy="nginx",
        proxy_config=str(tmp_path / "proxy.conf"),
    )
    found = doctor_cas.gather(Asked("h", "R", "d", products=("cas",), settings={"cas": settings}))
    assert [one["bytes"] for one in found["limits"]] == [8192, 32768]


def test_java(asked: Asked) -> None:
    found = doctor_java.gather(asked)
    assert (found["major"], found["aes"], found["problems"]) == (21, 256, [])
    assert found["reads"]["by"] == "system"
    assert found["keys"] == []


def test_java_with_a_krb5_conf_of_its_own(
    asked: Asked, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "jdk/conf/security/krb5.conf"
    own.parent.mkdir(parents=True)
    own.write_text("includedir /a\nincludedir /a\n[libdefaults]\npermitted_enctypes = aes\n")
    more = "Environment=KRB5_CONFIG=/x JAVA_OPTS=-Djava.security.krb5.kdc=kdc1\n"
    monkeypatch.setattr(systemctl, "shown", lambda *dummy: UNIT + more)
    found = doctor_java.gather(asked)
    assert found["reads"] == {"path": str(own), "by": "home", "wanted": str(tmp_path / "krb5.conf")}
    assert (found["ignored"], found["options"]) == ("/x", {"kdc": "kdc1", "realm": ""})
    assert len(found["refused"]) == 1
    assert found["libdefaults"] == {"permitted_enctypes": "aes"}
