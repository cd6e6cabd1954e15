# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tomcat_connector through ansible-playbook; real Tomcats with the file are the judges of what they take."""

from __future__ import annotations

import itertools
import pathlib
import shutil
from typing import Any, Sequence

from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import FAST
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import of_task
from ansible_collections.mailrealm.kerberos.tests.integration.java_programs import java
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import free_ports
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

TOMCATS = ("tomcat9", "tomcat10")  # CAS before 7 runs in the one, CAS 7 in the other
SERVER = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE Server>
<Server port="-1">
  <Service name="Catalina">
    <!-- <Connector port="1" maxHttpHeaderSize="1"/> -->
    <Connector port="PLAIN" protocol="HTTP/1.1" address="127.0.0.1"
               connectionTimeout="20000"/>
    <Connector port="NARROW" address='127.0.0.1' maxHttpHeaderSize="65536" maxHttpRequestHeaderSize="9000" />
    <Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine>
  </Service>
</Server>
"""
MINIMUMS = {"maxHttpHeaderSize": 65536}
TICKET = 40000  # bytes of a header
TAKEN, REFUSED = "HTTP/1.1 404 ", "HTTP/1.1 400 "  # there is no page


def task(path: pathlib.Path, **options: Any) -> dict[str, Any]:
    return {"mailrealm.kerberos.tomcat_connector": {"path": str(path), "minimums": MINIMUMS, **options}}


def server(folder: pathlib.Path) -> tuple[pathlib.Path, int, int]:
    plain, narrow = free_ports(2)
    path = folder / "server.xml"
    path.write_text(SERVER.replace("PLAIN", str(plain)).replace("NARROW", str(narrow)))
    return path, plain, narrow


def answers(base: pathlib.Path, *asked: tuple[pathlib.Path, Sequence[tuple[int, int]]]) -> list[list[str]]:
    """What each Tomcat answers by each file to headers of so many bytes on ports, which must be the same of both."""
    base.mkdir()
    words = [str(word) for path, pairs in asked for word in (path, *itertools.chain.from_iterable(pairs))]
    first, second = (java("TomcatRunner", str(base), *words, libraries=[f"{name}-*.jar"]) for name in TOMCATS)
    assert first == second
    told = iter(first)
    return [list(itertools.islice(told, len(pairs))) for dummy, pairs in asked]


def test_the_ladder_and_what_tomcat_takes(tmp_path: pathlib.Path) -> None:
    """One of Tomcat's own files, and one with sizes that Tomcat does not take, which are written anew.

    Tomcat warns of blanks beside a number and keeps its default; of names it takes only its own case.
    """
    path, plain, narrow = server(tmp_path)
    before = path.read_text()
    (tmp_path / "before.xml").write_text(before)
    strange = tmp_path / "strange.xml"
    text = before.replace('"20000"/>', '"20000" maxHttpHeaderSize=" 65536 " maxhttpheadersize="65536"/>')
    strange.write_text(text.replace('"9000"', '"64k"').replace('maxHttpHeaderSize="65536" ', ""))
    shutil.copy(strange, tmp_path / "strange-before.xml")
    steps = climb([task(path)], tmp_path, watch=[path], environment_more=FAST)
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run.watched_after
    assert steps.check.diff == steps.run.diff
    assert [(part["before"], part["after"]) for part in steps.run.diff] == [
        (
            f"Connector {narrow}: maxHttpRequestHeaderSize=9000\n",
            f"Connector {plain}: maxHttpHeaderSize=65536\nConnector {narrow}: maxHttpRequestHeaderSize=65536\n",
        )
    ]
    gap = "\n               "
    assert path.read_text() == before.replace('"20000"', f'"20000"{gap}maxHttpHeaderSize="65536"').replace(
        '"9000"', '"65536"'
    )
    assert steps.check.only.data["connectors"] == steps.run_again.only.data["connectors"]
    assert [one["port"] for one in steps.run.only.data["connectors"]] == [str(plain), str(narrow)]
    forked_module.climb(*of_task(task(strange)), tmp_path)
    small = [(plain, 100), (plain, TICKET), (narrow, 100), (narrow, TICKET)]
    large = [(plain, TICKET), (plain, 70000), (narrow, TICKET), (narrow, 70000)]
    tickets = [(plain, TICKET), (narrow, TICKET)]
    assert answers(
        tmp_path / "tomcat",
        (tmp_path / "before.xml", small),
        (path, large),
        (tmp_path / "strange-before.xml", tickets),
        (strange, tickets),
    ) == [[TAKEN, REFUSED, TAKEN, REFUSED], [TAKEN, REFUSED, TAKEN, REFUSED], [REFUSED, REFUSED], [TAKEN, TAKEN]]


def test_secrets_are_neither_shown_nor_returned(tmp_path: pathlib.Path) -> None:
    path, plain, dummy = server(tmp_path)
    path.write_text(path.read_text().replace("connectionTimeout", 'keystorePass="old-9d2c" connectionTimeout'))
    settings = {"keystorePass": "new-7f1e", "scheme": "https", "secure": True}
    step, output = play(
        [task(path, ports=[plain], settings=settings, absent=["connectionTimeout"])], tmp_path, verbosity=4
    )
    assert step.changed, output
    assert "old-9d2c" not in output and "new-7f1e" not in output
    assert 'keystorePass="new-7f1e"' in path.read_text()
    (connector,) = step.only.data["connectors"]
    assert connector["attributes"]["keystorePass"] == "(not shown)"
    assert connector["attributes"]["secure"] == "true"
    assert "connectionTimeout" not in connector["attributes"]


def test_placeholders_are_left_alone_with_a_warning(tmp_path: pathlib.Path) -> None:
    path, dummy, narrow = server(tmp_path)
    path.write_text(path.read_text().replace('"9000"', '"${size}"'))
    told = forked_module.run(*of_task(task(path, ports=[narrow])), tmp_path)
    assert told.result and not told.result["changed"], told.output
    assert "maxHttpRequestHeaderSize is '${size}'" in str(told.result["warnings"])


def test_refusals_in_both_modes(tmp_path: pathlib.Path) -> None:
    path, plain, narrow = server(tmp_path)
    before = path.read_text()
    broken, other, missing = tmp_path / "broken.xml", tmp_path / "web.xml", tmp_path / "missing.xml"
    broken.write_text(before.replace('port="-1"', "port=-1"))
    other.write_text("<web-app/>")
    cases = {
        f"{broken}: line 3, column 8: the tag <Server> is not well-formed": task(broken),
        f"{other}: holds <web-app> and no <Server>": task(other),
        f"{missing}: is not there": task(missing),
        f"ports: {path} has no connector on port 1 (it has {plain}, {narrow})": task(path, ports=[1]),
        "ports: 0 does not exist": task(path, ports=[0]),
        "minimums: maxHttpHeaderSize: '64k' is no number": task(path, minimums={"maxHttpHeaderSize": "64k"}),
        "settings: a: a dict is no value": task(path, settings={"a": {}}),
        "settings: port tells which connector": task(path, settings={"port": 1}),
        "absent: 'a b' is no name": task(path, absent=["a b"]),
    }
    assert_refused(cases, tmp_path)
    assert path.read_text() == before
    assert not missing.exists()
