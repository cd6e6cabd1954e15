# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""log4j2_loggers through ansible-playbook; Log4j itself is the judge of what its configurations say."""

from __future__ import annotations

import io
import pathlib
import zipfile
from typing import Any

from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import FAST
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import of_task
from ansible_collections.mailrealm.kerberos.tests.integration.java_programs import java
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

LOG4J = ("log4j-api.jar", "log4j-core.jar", "disruptor.jar")
# What a CAS brings, in small: its appenders hand on to older ones.
SHIPPED = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- <Logger name="jcifs.spnego" level="off"/> -->
<Configuration monitorInterval="5">
    <Appenders>
        <File name="casConsole" fileName="FOLDER/console.log" immediateFlush="true">
            <PatternLayout pattern="%c %p %m%n"/>
        </File>
        <File name="casFile" fileName="FOLDER/file.log"><PatternLayout pattern="%c %p %m%n"/></File>
    </Appenders>
    <Loggers>
        <Logger name="org.apereo.cas.web.flow" level="${sys:cas.log.level}" />
        <asyncLogger name="org.other" level="info"><AppenderRef ref="casFile"/><!-- kept --></asyncLogger>
        <Root level="warn">
            <AppenderRef ref="casConsole"/>
        </Root>
    </Loggers>
</Configuration>
"""
LOGGERS = [
    {"name": "jcifs.spnego", "level": "debug"},
    {"name": "org.apereo.cas.web.flow", "level": "trace", "additivity": True, "appenders": ["casFile"], "async": True},
]
NEW = """        <Logger name="jcifs.spnego" level="debug" additivity="false">
            <AppenderRef ref="casConsole"/>
            <AppenderRef ref="casFile"/>
        </Logger>
"""
CHANGED = """        <AsyncLogger name="org.apereo.cas.web.flow" level="trace">
            <AppenderRef ref="casFile"/>
        </AsyncLogger>
"""
LINES = "Logger jcifs.spnego: level debug, additivity false, appenders casConsole, casFile\n"
FLOW = "org.apereo.cas.web.flow: level {}, additivity true, appenders {}\n"


def task(path: pathlib.Path, **options: Any) -> dict[str, Any]:
    return {"mailrealm.kerberos.log4j2_loggers": {"path": str(path), "loggers": LOGGERS, **options}}


def shipped(folder: pathlib.Path) -> str:
    return SHIPPED.replace("FOLDER", str(folder))


def expected(folder: pathlib.Path) -> str:
    text = shipped(folder).replace("    </Loggers>", NEW + "    </Loggers>")
    return text.replace('        <Logger name="org.apereo.cas.web.flow" level="${sys:cas.log.level}" />\n', CHANGED)


def resources(text: str) -> bytes:
    """A jar that holds the configuration."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as jar:
        jar.writestr("log4j2.xml", text)
    return content.getvalue()


def archive(path: pathlib.Path, members: dict[str, bytes]) -> pathlib.Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as war:
        for name, content in members.items():
            war.writestr(name, content)
    return path


def test_the_ladder_and_what_log4j_makes_of_it(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "log4j2.xml"
    path.write_text(shipped(tmp_path))
    path.chmod(0o640)
    steps = climb([task(path, backup=True)], tmp_path, watch=[path], environment_more=FAST)
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run.watched_after
    assert steps.check.diff == steps.run.diff
    (part,) = steps.run.diff
    assert part["before"] == "Logger " + FLOW.format("${sys:cas.log.level}", "none")
    assert part["after"] == LINES + "AsyncLogger " + FLOW.format("trace", "casFile")
    assert path.read_text() == expected(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o640
    assert pathlib.Path(steps.run.only.data["backup_file"]).read_text() == shipped(tmp_path)
    assert steps.check.only.data["appenders"] == ["casConsole", "casFile"]
    assert java("LoggerReader", str(path), libraries=LOG4J) == [
        "LoggerConfig||WARN|false|casConsole",
        "LoggerConfig|jcifs.spnego|DEBUG|false|casConsole,casFile",
        "AsyncLoggerConfig|org.apereo.cas.web.flow|TRACE|true|casFile",
        "AsyncLoggerConfig|org.other|INFO|true|casFile",
        ".",
    ]
    written = (tmp_path / "file.log").read_text().splitlines()
    assert "jcifs.spnego DEBUG from jcifs.spnego" in written
    assert "org.apereo.cas.web.flow TRACE from org.apereo.cas.web.flow" in written
    assert "jcifs.spnego DEBUG from jcifs.spnego" in (tmp_path / "console.log").read_text().splitlines()


def test_a_missing_file_begins_as_the_one_of_the_web_archive(tmp_path: pathlib.Path) -> None:
    """An archive, a folder into which one was unpacked, and an overlay that has a file of its own."""
    name = "WEB-INF/lib/cas-server-webapp-resources-6.6.12.jar"
    jar = resources(shipped(tmp_path))
    packed, folder, overlay = (tmp_path / name for name in ("packed.war", "folder", "overlay.war"))
    archive(packed, {"WEB-INF/lib/other.jar": b"", name: jar})
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_bytes(jar)
    own = shipped(tmp_path).replace("kept", "own")
    archive(overlay, {name: jar, "WEB-INF/classes/log4j2.xml": own.encode()})
    wars = [packed, folder, overlay]
    paths = [tmp_path / f"{war.name}.xml" for war in wars]
    told = [forked_module.climb(*of_task(task(path, war=str(war))), tmp_path) for path, war in zip(paths, wars)]
    parts = [part for one in told for part in one["diff"]]
    shown = [part["after"] for part in parts if part["after"].startswith("begins")]
    assert [text.partition("\n")[0] for text in shown] == [f"begins as the log4j2.xml of {war}" for war in wars]
    assert all(LINES in text for text in shown)
    assert [path.read_text() for path in paths] == [
        expected(tmp_path),
        expected(tmp_path),
        expected(tmp_path).replace("kept", "own"),
    ]
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o644}


def test_check_mode_waits_for_the_web_archive_of_the_same_run(tmp_path: pathlib.Path) -> None:
    path, war = tmp_path / "log4j2.xml", tmp_path / "cas.war"
    asked = of_task(task(path, war=str(war)))
    blank = forked_module.run(*asked, tmp_path, check=True)
    assert blank.result and blank.result["changed"], blank.output
    assert f"check mode goes on as if it will be there: war: {war}" in str(blank.result["warnings"])
    assert not path.exists()
    archive(war, {"WEB-INF/lib/cas-server-webapp-resources-7.0.0.jar": resources(shipped(tmp_path))})
    ran = forked_module.run(*asked, tmp_path)
    assert ran.result and ran.result["diff"] == blank.result["diff"], ran.output


def test_the_ladder_of_absent_ones(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "log4j2.xml"
    path.write_text(expected(tmp_path))
    nothing = tmp_path / "missing.xml"
    gone = {"loggers": [{"name": "jcifs.spnego"}], "state": "absent"}
    told = forked_module.climb(*of_task(task(path, **gone)), tmp_path)
    assert [(part["before"], part["after"]) for part in told["diff"]] == [(LINES, "")]
    assert forked_module.climb(*of_task(task(nothing, **gone)), tmp_path, changes=False)["diff"] == []
    assert path.read_text() == expected(tmp_path).replace(NEW, "")
    assert not nothing.exists()


def test_refusals_in_both_modes(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "log4j2.xml"
    path.write_text(shipped(tmp_path))
    broken, other = tmp_path / "broken.xml", tmp_path / "other.xml"
    broken.write_text(shipped(tmp_path).replace("</Appenders>", ""))
    other.write_text("<beans/>")
    empty = archive(tmp_path / "empty.war", {"index.html": b""})
    torn = tmp_path / "torn.war"
    torn.write_bytes(empty.read_bytes()[:40])
    new = tmp_path / "new.xml"
    one = {"name": "a", "level": "debug"}
    cases = {
        f"{broken}: line 17, column 1: </Configuration> stands where </Appenders> is due": task(broken),
        f"{other}: holds <beans> and no <Configuration>": task(other),
        f"{new}: is not there, and loggers need": task(new),
        f"war: {empty} holds no log4j2.xml": task(new, war=str(empty)),
        f"war: {torn} is no intact archive": task(new, war=str(torn)),
        "loggers[0]: a has no level": task(path, loggers=[{"name": "a"}]),
        "loggers[0]: 'loud' is no level": task(path, loggers=[{**one, "level": "loud"}]),
        "loggers[1]: a is asked for twice": task(path, loggers=[one, one]),
        "loggers[0]: name 'root'": task(path, loggers=[{**one, "name": "root"}]),
        f"loggers[0]: appenders: {path} has no appender 'syslog' (it has casConsole, casFile)": task(
            path, loggers=[{**one, "appenders": ["syslog"]}]
        ),
    }
    assert_refused(cases, tmp_path)
    assert path.read_text() == shipped(tmp_path)
    assert not new.exists()
