# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens pages as a user does who has a ticket: in Chromium, in Firefox, and by curl; nobody types anything.

Runs on a workstation of the lab as an ordinary user and uses nothing of the collection. The browsers are those of the
distribution with the policies of the host: they get fresh profiles, and no option that stands for a policy. Chromium
is driven by its DevTools protocol over a pair of pipes, Firefox by Marionette over the port that it writes down.

Standard input is JSON: `user` and `password`, for one ticket by kinit that may be forwarded, and `visits` ({browser,
url, delegate}; `delegate` is for curl alone). Each visit begins with that one ticket. Standard output is one JSON
object: `failure`, empty unless there is no ticket, and `visits`, each as it was ordered with `status` (of HTTP, 0 where
it is not known), `title`, `named` (who the page says that we are), `tickets` (all in the cache, by
principal the flags of klist), `asked` (the principals that libkrb5 looked for a ticket of), `forwarded` (whether a TGT
was got that the server would be given), `screenshot` (PNG in base64, empty for curl), `said` (why there is no page).
"""

from __future__ import annotations

import contextlib
import fcntl
import html
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import typing

# What a page may take on a machine that does much else.
SECONDS = 120.0
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
# A profile that has never seen Negotiate loads the library for it only after its first refusal.
LOCAL_STATE = {"net": {"received_http_auth_negotiate_headers": True}}
READ = """JSON.stringify({
    title: document.title,
    named: document.getElementById("user") ? document.getElementById("user").textContent.trim() : "",
    status: performance.getEntriesByType("navigation")[0].responseStatus
})"""
# libkrb5's trace (k5-trace.h): what a ticket is wanted for, and one TGT that is got by another, to be forwarded.
WANTED = re.compile(r"Getting credentials \S+ -> (\S+)")
FORWARDED = re.compile(r"Get cred via TGT \S+ after requesting krbtgt/")
# klist -f: the principal's line ends with it, the next one has the flags
TICKET = re.compile(r"^\S+ +\S+ +\S+ +\S+ +(\S+@\S*)\n(?:\t.*?)?Flags: (\w+)", re.MULTILINE)
Json = dict[str, typing.Any]


class NoPage(Exception):
    """Why a browser has no page to show."""


class Pipes:
    """The DevTools protocol: messages in JSON, each with a zero byte at its end, by descriptors 3 and 4.

    `events`: what the browser told between its answers.
    """

    def __init__(self, argv: list[str], environment: dict[str, str]) -> None:
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        # Away from the numbers that they shall have in the browser.
        high = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 10) for one in (theirs_in, theirs_out)]

        def place() -> None:
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = started(argv, environment, close_fds=False, preexec_fn=place)
        for descriptor in (theirs_in, theirs_out, *high):
            os.close(descriptor)
        self._buffer = b""
        self._number = 0
        self.session: str | None = None
        self.events: list[Json] = []

    def ask(self, method: str, **params: object) -> Json:
        """What the browser answers to one command."""
        self._number += 1
        message: Json = {"id": self._number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._message()).get("id") != self._number:
            self.events.append(answer)
        if "error" in answer:
            raise NoPage(f"{method}: {answer['error'].get('message')}")
        return typing.cast(Json, answer["result"])

    def _message(self) -> Json:
        while b"\0" not in self._buffer:
            readable, *dummy = select.select([self._from], [], [], SECONDS)
            got = os.read(self._from, 1 << 16) if readable else b""
            if not got:
                raise NoPage("chromium says nothing" if not readable else "chromium has ended")
            self._buffer += got
        line, _end, self._buffer = self._buffer.partition(b"\0")
        return typing.cast(Json, json.loads(line))

    def close(self) -> None:
        """Ends the browser."""
        ended(self.process)
        os.close(self._to)
        os.close(self._from)


class Marionette:
    """Firefox's own protocol: `LENGTH:[0, id, command, parameters]`, answered by `LENGTH:[1, id, error, result]`."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self._file = self._socket.makefile("rb")
        self._number = 0
        self._message()  # its greeting

    def ask(self, command: str, **parameters: object) -> typing.Any:
        """What Firefox answers to one command."""
        self._number += 1
        message = json.dumps([0, self._number, command, parameters]).encode()
        try:
            self._socket.sendall(b"%d:%s" % (len(message), message))
            _kind, _number, error, result = self._message()
        except ConnectionError as failure:  # what it has not read when it ends comes back as a reset
            raise NoPage("firefox has ended") from failure
        if error:
            raise NoPage(f"{command}: {error.get('message')}")
        return result.get("value") if isinstance(result, dict) and set(result) == {"value"} else result

    def close(self) -> None:
        """Ends the connection."""
        self._file.close()
        self._socket.close()

    def _message(self) -> typing.Any:
        digits = b""
        while not digits.endswith(b":"):
            got = self._file.read(1)
            if not got:
                raise NoPage("firefox has ended")
            digits += got
        return json.loads(self._file.read(int(digits[:-1])))


def started(argv: list[str], environment: dict[str, str], **more: typing.Any) -> subprocess.Popen[bytes]:
    """A browser as the leader of a group of processes, which ends as one."""
    null = subprocess.DEVNULL
    return subprocess.Popen(argv, env=environment, stdin=null, stdout=null, stderr=null, start_new_session=True, **more)


def ended(process: subprocess.Popen[bytes]) -> None:
    """Ends a browser with all its processes."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def by_chromium(visit: Json, folder: pathlib.Path, environment: dict[str, str]) -> Json:
    """The page in headless Chromium."""
    profile = folder / "chromium"
    profile.mkdir()
    (profile / "Local State").write_text(json.dumps(LOCAL_STATE))
    argv = ["chromium", "--headless", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}"]
    pipes = Pipes([*argv, "--remote-debugging-pipe", "about:blank"], environment)
    try:
        target = pipes.ask("Target.createTarget", url="about:blank")["targetId"]
        pipes.session = pipes.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        # It answers when the new document has begun.
        told = pipes.ask("Page.navigate", url=visit["url"])
        limit = time.monotonic() + SECONDS
        while evaluated(pipes, "document.readyState") != "complete":
            if time.monotonic() > limit:
                raise NoPage("the page is never complete")
            time.sleep(0.05)
        page = json.loads(evaluated(pipes, READ))
        shot = pipes.ask("Page.captureScreenshot", format="png")["data"]
    finally:
        pipes.close()
    return {**page, "screenshot": shot, "said": told.get("errorText", "")}


def evaluated(pipes: Pipes, expression: str) -> str:
    """What an expression is in the page."""
    return str(pipes.ask("Runtime.evaluate", expression=expression)["result"]["value"])


def by_firefox(visit: Json, folder: pathlib.Path, environment: dict[str, str]) -> Json:
    """The page in headless Firefox."""
    profile = folder / "firefox"
    profile.mkdir()
    # Any free port.
    (profile / "user.js").write_text('user_pref("marionette.port", 0);\n')
    process = started(["firefox-esr", "--headless", "--marionette", "--profile", str(profile)], environment)
    try:
        browser = Marionette(port_of(profile, process))
        browser.ask("WebDriver:NewSession", capabilities={})
        browser.ask("WebDriver:Navigate", url=visit["url"])
        page = json.loads(browser.ask("WebDriver:ExecuteScript", script=f"return {READ};", args=[]))
        shot = browser.ask("WebDriver:TakeScreenshot", full=False)
    finally:
        ended(process)
    return {**page, "screenshot": shot, "said": ""}


def port_of(profile: pathlib.Path, process: subprocess.Popen[bytes]) -> int:
    """The port of Marionette, as soon as Firefox has written it down."""
    written = profile / "MarionetteActivePort"
    limit = time.monotonic() + SECONDS
    while not (written.exists() and written.read_text()):
        if process.poll() is not None or time.monotonic() > limit:
            raise NoPage(f"firefox has opened no port; its exit status is {process.returncode}")
        time.sleep(0.1)
    return int(written.read_text())


def by_curl(visit: Json, dummy: pathlib.Path, environment: dict[str, str]) -> Json:
    """The page by curl, which names itself as Firefox does."""
    argv = [
        "curl",
        "--silent",
        "--show-error",
        "--max-time",
        f"{SECONDS:g}",
        "--negotiate",
        "--user",
        ":",
        "--user-agent",
        AGENT,
    ]
    argv += ["--delegation", "always" if visit.get("delegate") else "none", "--write-out", "\n%{http_code}"]
    done = subprocess.run([*argv, visit["url"]], env=environment, capture_output=True, text=True, check=False)
    body, _newline, status = done.stdout.rpartition("\n")
    found = {"title": re.search(r"<title>(.*?)</title>", body), "named": re.search(r'<p id="user">(.*?)</p>', body)}
    read = {name: html.unescape(match[1]).strip() if match else "" for name, match in found.items()}
    return {**read, "status": int(status or 0), "screenshot": "", "said": done.stderr.strip()}


CLIENTS = {"chromium": by_chromium, "firefox": by_firefox, "curl": by_curl}


def visited(visit: Json, first: pathlib.Path) -> Json:
    """One visit, with a copy of the first ticket for its cache."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        cache, trace = folder / "cc", folder / "trace"
        shutil.copy(first, cache)
        environment = {**os.environ, "HOME": name, "KRB5CCNAME": f"FILE:{cache}", "KRB5_TRACE": str(trace)}
        page: Json = {"status": 0, "title": "", "named": "", "screenshot": "", "said": ""}
        try:
            page.update(CLIENTS[visit["browser"]](visit, folder, environment))
        except (NoPage, OSError) as error:
            page["said"] = str(error)
        text = trace.read_text(errors="replace") if trace.exists() else ""
        listed = subprocess.run(["klist", "-f", f"FILE:{cache}"], capture_output=True, text=True, check=False).stdout
    asked = list(dict.fromkeys(WANTED.findall(text)))
    return {**visit, **page, "tickets": dict(TICKET.findall(listed)), "asked": asked, "forwarded": forwarded(text)}


def forwarded(trace: str) -> bool:
    """Whether libkrb5 got a TGT to forward."""
    return FORWARDED.search(trace) is not None


def main() -> None:
    """Reads the order, does it, tells what became of it."""
    order = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as name:
        first = pathlib.Path(name) / "cc"
        kinit = ["kinit", "-f", "-c", f"FILE:{first}", order["user"]]
        done = subprocess.run(kinit, input=order["password"] + "\n", capture_output=True, text=True, check=False)
        failure = f"kinit {order['user']}: {done.stderr.strip()}" if done.returncode else ""
        visits = [] if failure else [visited(visit, first) for visit in order["visits"]]
    print(json.dumps({"failure": failure, "visits": visits}))


if __name__ == "__main__":
    main()
