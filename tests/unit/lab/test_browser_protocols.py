# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two protocols by which browsers are driven, spoken with programs that stand for the browsers."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading

import pytest
from lab.judges import browse

# Answers each command after an event, in two pieces, with the session that it was told; `fail` fails, `end` ends it.
CHROMIUM = """
import json, os
buffer = b""
while True:
    while b"\\0" not in buffer:
        buffer += os.read(3, 65536)
    line, dummy, buffer = buffer.partition(b"\\0")
    asked = json.loads(line)
    if asked["method"] == "end":
        break
    os.write(4, b'{"method": "Page.event"}\\0')
    answer = {"id": asked["id"], "result": {"session": asked.get("sessionId"), **asked["params"]}}
    if asked["method"] == "fail":
        answer = {"id": asked["id"], "error": {"message": "no such method"}}
    text = json.dumps(answer).encode() + b"\\0"
    os.write(4, text[:7])
    os.write(4, text[7:])
"""


@pytest.fixture
def pipes():
    made = browse.Pipes([sys.executable, "-c", CHROMIUM], dict(os.environ))
    yield made
    made.close()


def test_a_command_is_answered_past_events(pipes):
    assert pipes.ask("Page.navigate", url="http://cas1/") == {"session": None, "url": "http://cas1/"}
    pipes.session = "S1"
    assert pipes.ask("Page.navigate", url="x" * 100000)["session"] == "S1"


def test_a_command_that_fails_is_told(pipes):
    with pytest.raises(browse.NoPage, match="fail: no such method"):
        pipes.ask("fail")


def test_a_browser_that_ends_is_told(pipes):
    with pytest.raises(browse.NoPage, match="chromium has ended"):
        pipes.ask("end")


def firefox(server, answers):
    """Greets, then gives these answers, each with the number of its command."""
    connection, dummy = server.accept()
    with connection, connection.makefile("rb") as asked:
        greeting = b'{"applicationType":"gecko","marionetteProtocol":3}'
        connection.sendall(b"%d:%s" % (len(greeting), greeting))
        for error, result in answers:
            digits = b""
            while not digits.endswith(b":"):
                digits += asked.read(1)
            kind, number, _command, _parameters = json.loads(asked.read(int(digits[:-1])))
            assert kind == 0
            text = json.dumps([1, number, error, result]).encode()
            connection.sendall(b"%d:" % len(text))
            connection.sendall(text)


@pytest.fixture
def marionette():
    """Makes a driver of a Firefox that gives these answers."""
    threads, drivers = [], []

    def made(*answers):
        server = socket.create_server(("127.0.0.1", 0))
        threads.append(threading.Thread(target=firefox, args=(server, answers)))
        threads[-1].start()
        drivers.append(browse.Marionette(server.getsockname()[1]))
        server.close()
        return drivers[-1]

    yield made
    for driver in drivers:
        driver.close()
    for thread in threads:
        thread.join()


def test_an_answer_is_its_value_or_the_whole_result(marionette):
    driver = marionette((None, {"value": "déjà vu"}), (None, {"sessionId": "1", "capabilities": {}}), (None, None))
    assert driver.ask("WebDriver:ExecuteScript", script="x") == "déjà vu"
    assert driver.ask("WebDriver:NewSession") == {"sessionId": "1", "capabilities": {}}
    assert driver.ask("WebDriver:Navigate", url="http://cas1/") is None


def test_an_error_of_firefox_is_told(marionette):
    driver = marionette(({"error": "unknown error", "message": "Reached error page"}, None))
    with pytest.raises(browse.NoPage, match="WebDriver:Navigate: Reached error page"):
        driver.ask("WebDriver:Navigate", url="http://nowhere/")


def test_a_firefox_that_ends_is_told(marionette):
    with pytest.raises(browse.NoPage, match="firefox has ended"):
        marionette().ask("WebDriver:NewSession")
