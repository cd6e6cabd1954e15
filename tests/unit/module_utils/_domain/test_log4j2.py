# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loggers set and removed in configurations of Log4j, and everything else left alone."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import log4j2
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.log4j2 import LoggersRefusal
from hypothesis import given
from hypothesis import strategies as st

TEXT = """<?xml version="1.0" encoding="UTF-8"?>
<!-- <Logger name="jcifs.spnego" level="off"/> -->
<configuration monitorInterval="5">
    <CustomLevels><CustomLevel name="NOTICE" intLevel="350"/></CustomLevels>
    <appenders>
        <Console name="console"/>
        <CasAppender name="casConsole"><AppenderRef ref="console"/></CasAppender>
        <CasAppender name="casFile"/>
        <CasAppender name="casAudit"/>
    </appenders>
    <Loggers>
        <Logger name="org.apereo.cas.web.flow" level="${sys:cas.log.level}" />
        <!-- <Logger name="jcifs.spnego" level="trace"/> -->
        <asynclogger level="INFO" name="org.async" includeLocation="true">
            <AppenderRef ref="casAudit"/> <!-- why -->
            <appender-ref ref="casFile" level="warn"/>
            <MarkerFilter marker="x"/>
        </asynclogger>
        <Root level="warn">
            <AppenderRef ref="casConsole"/>
        </Root>
    </Loggers>
</configuration>
"""
APPENDERS = "<Appenders><Null name='casConsole'/><Null name='casFile'/></Appenders>"
DEBUG = """        <Logger name="jcifs.spnego" level="debug" additivity="false">
            <AppenderRef ref="casConsole"/>
            <AppenderRef ref="casFile"/>
        </Logger>
"""


def wish(name: str = "jcifs.spnego", **more: Any) -> dict[str, Any]:
    given = {"level": "debug", "additivity": False, "appenders": ["casConsole", "casFile"], "async": False, **more}
    return {"name": name, **given}


def plan(*wishes: dict[str, Any], text: str | None = TEXT, **more: Any) -> log4j2.LoggersPlan:
    content = None if text is None else text.encode()
    return log4j2.plan("/f", content, log4j2.wishes_from(wishes, True), **more)


def after(*wishes: dict[str, Any], text: str = TEXT) -> str:
    planned = plan(*wishes, text=text)
    assert planned.content is not None
    again = plan(*wishes, text=planned.content.decode())
    assert again.content == planned.content
    assert (again.before, again.after) == ("", "")
    return planned.content.decode()


def test_a_new_logger_stands_behind_the_others() -> None:
    assert after(wish()) == TEXT.replace("    </Loggers>", DEBUG + "    </Loggers>")
    shown = "Logger jcifs.spnego: level debug, additivity false, appenders casConsole, casFile\n"
    planned = plan(wish())
    assert (planned.before, planned.after, planned.appenders) == ("", shown, ("casConsole", "casFile"))


def test_a_logger_that_is_there_is_changed_in_its_place() -> None:
    found = after(wish("org.apereo.cas.web.flow"))
    new = DEBUG.replace("jcifs.spnego", "org.apereo.cas.web.flow")
    assert found == TEXT.replace(
        '        <Logger name="org.apereo.cas.web.flow" level="${sys:cas.log.level}" />\n', new
    )
    planned = plan(wish("org.apereo.cas.web.flow"))
    assert planned.before == (
        "Logger org.apereo.cas.web.flow: level ${sys:cas.log.level}, additivity true, appenders none\n"
    )


def test_what_was_not_asked_for_stays_in_a_logger() -> None:
    found = after(wish("org.async", level="info"))
    assert found == TEXT.replace("asynclogger", "Logger").replace(
        'includeLocation="true">\n            <AppenderRef ref="casAudit"/> ',
        'includeLocation="true" additivity="false">\n             ',
    ).replace(
        '<MarkerFilter marker="x"/>\n', '<MarkerFilter marker="x"/>\n            <AppenderRef ref="casConsole"/>\n'
    )
    kept = wish("org.async", level="info", additivity=True, appenders=["casAudit", "casFile"], **{"async": True})
    assert after(kept) == TEXT


@pytest.mark.parametrize(("there", "counts"), [("FALSE", "false"), (" true ", "true"), ("", "true"), ("no", "")])
@pytest.mark.parametrize("wanted", [True, False])
def test_additivity_is_read_as_log4j_reads_it(there: str, counts: str, wanted: bool) -> None:
    text = TEXT.replace('name="org.async"', f'name="org.async" Additivity="{there}"')
    kept = wish("org.async", level="info", additivity=wanted, appenders=["casAudit", "casFile"], **{"async": True})
    written = there if counts == str(wanted).lower() else str(wanted).lower()
    assert after(kept, text=text) == TEXT.replace('name="org.async"', f'name="org.async" Additivity="{written}"')


def test_kinds() -> None:
    found = after(wish(**{"async": True}))
    assert '<AsyncLogger name="jcifs.spnego"' in found and "</AsyncLogger>" in found
    assert after(wish(), text=found) == after(wish())


def test_the_last_of_one_name_counts() -> None:
    twice = TEXT.replace("    </Loggers>", '        <Logger name="d" level="off"/>\n' * 2 + "    </Loggers>")
    wanted = wish("d", level="warn", additivity=True, appenders=[])
    assert after(wanted, text=twice) == "warn".join(twice.rsplit("off", 1))
    gone = log4j2.plan_absent("/f", twice.encode(), ["d"])
    assert (gone.content, gone.before, gone.after) == (
        TEXT.encode(),
        "Logger d: level off, additivity true, appenders none\n",
        "",
    )


def test_values_that_stand_in_elements() -> None:
    text = TEXT.replace(
        "    </Loggers>",
        "        <Logger levelAndRefs='off'>\n<name>d</name>\n<level>off</level>\n<additivity>true</additivity>\n"
        "<AppenderRef><ref>casFile</ref></AppenderRef>\n</Logger>\n    </Loggers>",
    )
    assert """<Logger level="debug" additivity="false">
<name>d</name>
<AppenderRef><ref>casFile</ref></AppenderRef>
<AppenderRef ref="casConsole"/>
</Logger>""" in after(wish("d"), text=text)


def test_older_names_of_appenders() -> None:
    old = TEXT.replace('"casConsole"', '"c"').replace('name="casFile"', 'name="file"')
    assert plan(wish(), text=old).appenders == ("console", "file")
    assert '<AppenderRef ref="console"/>\n            <AppenderRef ref="file"/>' in after(wish(), text=old)
    mixed = wish(appenders=["casFile", "file"])
    assert plan(mixed, text=old).appenders == ("file",)


@pytest.mark.parametrize(
    ("loggers", "inside"),
    [
        ("<Loggers/>", "<Loggers>"),
        ("", "<Loggers>"),
        ("<Loggers></Loggers>", "<Loggers>"),
        ("<LOGGERS/>", "<LOGGERS>"),
        ("<Loggers><Logger name='jcifs.spnego'/></Loggers><Loggers/>", "</Loggers><Loggers>"),
    ],
)
def test_places_of_loggers(loggers: str, inside: str) -> None:
    text = f"<Configuration>\n    {APPENDERS}{loggers}\n</Configuration>"
    found = after(wish(), text=text)
    assert inside in found
    last = ElementTree.fromstring(found)[-1]
    (logger,) = last
    assert logger.get("level") == "debug"
    assert [one.get("ref") for one in logger] == ["casConsole", "casFile"]


def test_a_new_file_begins_as_the_one_that_cas_brings() -> None:
    planned = plan(wish(), text=None, shipped=TEXT.encode(), source="/cas.war")
    assert planned.content == after(wish()).encode()
    assert planned.before == ""
    assert planned.after == (
        "begins as the log4j2.xml of /cas.war\n"
        "Logger jcifs.spnego: level debug, additivity false, appenders casConsole, casFile\n"
    )
    wishes = log4j2.wishes_from([wish()], True)
    assert log4j2.plan("/f", None, wishes, log4j2.stand_in(wishes), "/cas.war").after == planned.after


def test_absent_ones_go_and_others_stay() -> None:
    found = log4j2.plan_absent("/f", after(wish()).encode(), ["jcifs.spnego", "nothing"])
    assert found.content == TEXT.encode()
    assert log4j2.plan_absent("/f", TEXT.encode(), ["jcifs.spnego"]) == log4j2.LoggersPlan(TEXT.encode())
    assert log4j2.plan_absent("/f", None, ["jcifs.spnego"]) == log4j2.LoggersPlan(None)


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ([wish("")], r"loggers\[0\]: name '' is no logger's"),
        ([wish("root")], r"loggers\[0\]: name 'root'"),
        ([wish("a b")], r"loggers\[0\]: name 'a b'"),
        ([wish("a\x00")], r"loggers\[0\]: name 'a"),
        ([wish(), wish()], r"loggers\[1\]: jcifs.spnego is asked for twice"),
        ([wish(level=None)], r"loggers\[0\]: jcifs.spnego has no level"),
        ([wish(level="loud")], r"loggers\[0\]: 'loud' is no level"),
        ([wish(level="${\x01}")], r"loggers\[0\]: '\$\{\\x01\}' is no level"),
        ([wish(appenders=[])], r"loggers\[0\]: jcifs.spnego has no appenders and additivity is false"),
        ([wish(appenders=[""])], r"loggers\[0\]: appenders: '' is no name"),
        (
            [wish("a"), wish(appenders=["syslog"])],
            r"loggers\[1\]: appenders: /f has no appender 'syslog' \(it has console, casConsole, casFile, casAudit\)",
        ),
    ],
)
def test_refusals(wishes: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(LoggersRefusal, match=f"^{words}.*; "):
        plan(*wishes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "/f: is not there"),
        ("<log4j:configuration/>", "/f: holds <log4j:configuration> and no <Configuration>"),
        ("<Configuration/>", r"loggers\[0\]: appenders: /f has no appender 'casConsole' \(it has none\)"),
        (f"<Configuration>{APPENDERS}<xi:include/></Configuration>", "/f: has no <Loggers> of its own"),
    ],
)
def test_files_that_have_no_place_for_it(text: str | None, words: str) -> None:
    with pytest.raises(LoggersRefusal, match=f"^{words}.*; "):
        plan(wish(), text=text)


def test_levels_of_the_file_and_placeholders_are_levels() -> None:
    assert 'level="notice"' in after(wish(level="notice"))
    assert 'level="${sys:cas.log.level}"' in after(wish(level="${sys:cas.log.level}"))


LINES = st.lists(
    st.sampled_from(
        [
            "<!-- <Logger name='jcifs.spnego'/> -->\n",
            "<Logger name='other' level='info'><AppenderRef ref='casFile'/></Logger>\n",
            "<Logger name='jcifs.spnego'/>",
            "  <AsyncLogger name='jcifs.spnego' level='DEBUG'>\n<AppenderRef ref='casAudit'/></AsyncLogger>\n",
            "<Root level='warn'/>\n",
            "\t",
        ]
    ),
    max_size=5,
)


@given(
    LINES, st.booleans(), st.sampled_from(log4j2.LEVELS), st.lists(st.sampled_from(["casFile", "casAudit"]), min_size=1)
)
def test_what_is_set_is_read_back_and_foreign_loggers_stay(
    lines: list[str], flag: bool, level: str, appenders: list[str]
) -> None:
    start, end = TEXT.partition("    <Loggers>")[0] + "<Loggers>", "</Loggers></configuration>"
    text = start + "".join(lines) + end
    found = after(wish(level=level, additivity=flag, appenders=appenders, **{"async": flag}), text=text)
    assert found.startswith(start) and found.endswith(end)
    loggers = list(ElementTree.fromstring(found)[-1])
    own = [one for one in loggers if one.get("name") == "jcifs.spnego"][-1]
    assert (own.tag, own.get("level", "").lower()) == ("AsyncLogger" if flag else "Logger", level)
    assert own.get("additivity", "true") == str(flag).lower()
    assert {one.get("ref") for one in own} == set(appenders)
    kept = [line for line in lines if "jcifs" not in line or "<!--" in line]
    assert all(found.count(line.strip()) == text.count(line.strip()) for line in kept if line.strip())
    gone = log4j2.plan_absent("/f", found.encode(), ["jcifs.spnego"]).content
    assert gone is not None
    names = [one.get("name") for one in ElementTree.fromstring(gone)[-1]]
    assert names == [one.get("name") for one in loggers if one.get("name") != "jcifs.spnego"]
