# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of Tomcat's connectors set and removed, and everything else left alone."""

from __future__ import annotations

import types
from typing import Any, Mapping, Sequence
from xml.etree import ElementTree

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import tomcat_server
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.tomcat_server import ConnectorRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.xml_text import XmlRefusal
from hypothesis import given
from hypothesis import strategies as st

TEXT = """<?xml version="1.0" encoding="UTF-8"?>
<Server port="8005" shutdown="SHUTDOWN">
  <Listener className="x"/>
  <Service name="Catalina">
    <!-- <Connector port="8081" protocol="HTTP/1.1"/> -->
    <Connector port="8080" protocol="HTTP/1.1"
               connectionTimeout="20000"
               redirectPort="8443" />
    <Connector port="8443" maxHttpHeaderSize='131072' SSLEnabled="true" keystorePass="old-secret"/>
    <Connector protocol="AJP/1.3" port="8009" secret="x-y"/>
    <Engine name="Catalina"/>
  </Service>
  <Service name="other"><Connector port="${port}" protocol="org.apache.coyote.http11.Http11Nio2Protocol"/></Service>
</Server>
"""
SIZE = types.MappingProxyType({"maxHttpHeaderSize": 65536})


def plan(
    text: str | None = TEXT,
    ports: Sequence[int] = (),
    minimums: Mapping[str, Any] = SIZE,
    settings: Mapping[str, Any] | None = None,
    absent: Sequence[str] = (),
) -> tomcat_server.ConnectorsPlan:
    wish = tomcat_server.wish_from(ports, minimums, settings or {}, absent)
    return tomcat_server.plan("/f", None if text is None else text.encode(), wish)


def after(**options: Any) -> str:
    planned = plan(**options)
    again = plan(**{**options, "text": planned.content.decode()})
    assert (again.content, again.before, again.after) == (planned.content, "", "")
    assert again.connectors == planned.connectors
    return planned.content.decode()


def test_all_connectors_that_speak_http_take_long_headers() -> None:
    expected = TEXT.replace('redirectPort="8443"', 'redirectPort="8443"\n               maxHttpHeaderSize="65536"')
    expected = expected.replace('Http11Nio2Protocol"', 'Http11Nio2Protocol" maxHttpHeaderSize="65536"')
    assert after() == expected
    planned = plan()
    assert [one.port for one in planned.connectors] == ["8080", "8443", "${port}"]
    assert planned.connectors[0] == tomcat_server.Connector(
        "8080",
        "HTTP/1.1",
        {
            "port": "8080",
            "protocol": "HTTP/1.1",
            "connectionTimeout": "20000",
            "redirectPort": "8443",
            "maxHttpHeaderSize": "65536",
        },
    )
    assert planned.before == ""
    assert planned.after == "Connector 8080: maxHttpHeaderSize=65536\nConnector ${port}: maxHttpHeaderSize=65536\n"


def test_ports_tell_which_ones() -> None:
    assert after(ports=[8443]) == TEXT
    assert after(ports=[8009], minimums={"packetSize": "65536"}) == TEXT.replace('"x-y"', '"x-y" packetSize="65536"')


def test_what_is_set_and_removed() -> None:
    options = {
        "minimums": {},
        "settings": {"scheme": "https", "secure": True, "maxThreads": 5},
        "absent": ["redirectPort"],
    }
    gap = "\n               "
    assert after(ports=[8080], **options) == TEXT.replace(
        f'{gap}redirectPort="8443"', f'{gap}scheme="https"{gap}secure="true"{gap}maxThreads="5"'
    )
    planned = plan(ports=[8080], **options)
    assert planned.before == "Connector 8080: redirectPort=8443\n"
    assert planned.after == "".join(
        f"Connector 8080: {one}\n" for one in ("scheme=https", "secure=true", "maxThreads=5")
    )


def test_secrets_are_not_shown() -> None:
    planned = plan(ports=[8443, 8009], minimums={}, settings={"keystorePass": "new-secret", "secret": "x-z"})
    shown = repr((planned.before, planned.after, planned.connectors, planned.warnings))
    assert "old-secret" not in shown and "new-secret" not in shown and "x-y" not in shown and "x-z" not in shown
    assert b"new-secret" in planned.content and b'secret="x-z"' in planned.content
    assert planned.before.count("not shown") == 2
    assert planned.after.count("another one, not shown") == 2
    assert {one.attributes["secret"] for one in planned.connectors} == {tomcat_server.HIDDEN}


@pytest.mark.parametrize(
    ("there", "stays"),
    [
        ("65536", True),
        ("+70000", True),
        (" 70000 ", False),
        ("65535", False),
        ("-1", False),
        ("8k", False),
        ("", False),
    ],
)
def test_smaller_ones_are_raised(there: str, stays: bool) -> None:
    text = TEXT.replace("131072", there)
    assert after(text=text, ports=[8443]) == (text if stays else text.replace(f"'{there}'", "'65536'"))


def test_no_limit_stays() -> None:
    text = TEXT.replace("SSLEnabled", 'maxPostSize="-1" SSLEnabled')
    assert after(text=text, ports=[8443], minimums={"maxPostSize": 1000}) == text


def test_the_limit_of_requests_counts_for_requests() -> None:
    text = TEXT.replace("SSLEnabled", 'maxHttpRequestHeaderSize="8192" SSLEnabled')
    assert after(text=text, ports=[8443]) == text.replace('"8192"', '"65536"')


def test_placeholders_are_left_alone() -> None:
    text = TEXT.replace("131072", "${size}").replace("old-secret", "${pass}word")
    planned = plan(text=text, ports=[8443], settings={"keystorePass": "new-secret"})
    assert planned.content == text.encode()
    left = "in which Tomcat replaces the placeholder when it starts, so it was left alone"
    assert [warning.split(";")[0] for warning in planned.warnings] == [
        f"/f: Connector 8443: maxHttpHeaderSize is '${{size}}', {left}",
        f"/f: Connector 8443: keystorePass is '(not shown)', {left}",
    ]
    assert "new-secret" not in str(planned.warnings)
    same = plan(text=text, ports=[8443], minimums={}, settings={"maxHttpHeaderSize": "${size}"})
    assert (same.content, same.warnings) == (text.encode(), ())
    gone = plan(text=text, ports=[8443], minimums={}, absent=["maxHttpHeaderSize"])
    assert b"size" not in gone.content


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ports": [0]}, "ports: 0 does not exist"),
        ({"ports": [8081]}, r"ports: /f has no connector on port 8081 \(it has 8080, 8443, 8009, \$\{port\}\)"),
        ({"minimums": {"a b": 1}}, "minimums: 'a b' is no name"),
        ({"minimums": {"a": "x"}}, "minimums: a: 'x' is no number"),
        ({"minimums": {"a": True}}, "minimums: a: True is no number"),
        ({"minimums": {"a": 0}}, "minimums: a: 0 is no number"),
        ({"minimums": {"a": None}}, "minimums: a: None is no number"),
        ({"minimums": {"port": 1}}, "minimums: port tells"),
        ({"settings": {"a": None}}, "settings: a: nothing is no value"),
        ({"settings": {"a": [1]}}, "settings: a: a list is no value"),
        ({"settings": {"a": "\x00"}}, "settings: a: text with characters"),
        ({"settings": {"protocol": "AJP/1.3"}}, "settings: protocol tells"),
        ({"settings": {"maxHttpHeaderSize": 1}}, "settings: maxHttpHeaderSize stands in minimums too"),
        ({"absent": ["maxHttpHeaderSize"]}, "absent: maxHttpHeaderSize stands in minimums too"),
        ({"absent": [""]}, "absent: '' is no name"),
        ({"text": None}, "/f: is not there"),
        ({"text": "<server/>"}, "/f: holds <server> and no <Server>"),
        ({"text": "<Server><Connector port='1'/></Server>"}, "/f: has no connector that speaks HTTP .*none"),
        (
            {
                "text": TEXT.replace("HTTP/1.1", "AJP/1.3")
                .replace('8443" max', "1\" protocol='ajp' max")
                .replace("http11", "ajp")
            },
            "/f: has no",
        ),
    ],
)
def test_refusals(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConnectorRefusal, match=f"^{words}.*; "):
        plan(**options)


def test_what_is_no_xml_is_refused() -> None:
    with pytest.raises(XmlRefusal, match=r"^/f: line 1, column 1: the element <Server> has no end"):
        plan("<Server>\n")


@given(
    st.dictionaries(
        st.sampled_from(["a", "maxHttpHeaderSize", "port"]), st.sampled_from(["1", "99999999", "-1", "x", "&amp;"])
    )
)
def test_what_is_set_is_read_back(there: dict[str, str]) -> None:
    attributes = "".join(f" {name}='{value}'" for name, value in there.items())
    text = f"<Server><Service><!-- c --><Connector{attributes}/><Engine/></Service></Server>"
    found = after(text=text, settings={"b": "<'\">\n", "a": "&"})
    connector = ElementTree.fromstring(found)[0][0]
    given = {name: value.replace("&amp;", "&") for name, value in there.items()}
    size = "99999999" if given.get("maxHttpHeaderSize") == "99999999" else "65536"
    assert connector.attrib == {**given, "maxHttpHeaderSize": size, "b": "<'\">\n", "a": "&"}
    assert found.startswith("<Server><Service><!-- c --><Connector") and found.endswith(
        "/><Engine/></Service></Server>"
    )
