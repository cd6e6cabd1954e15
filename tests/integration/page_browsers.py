# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chromium and Firefox with a page of a file open: scripts, keys, what they complain of. Each in a fresh profile."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.mailrealm.kerberos.tests.lab.judges import browse

# The names of keys that the tests press: DevTools' code and virtual key, WebDriver's character.
KEYS = {
    "Tab": (9, "\ue004"),
    "Enter": (13, "\ue007"),
    "ArrowDown": (40, "\ue015"),
    "ArrowRight": (39, "\ue014"),
    "Space": (32, " "),
}
SIZE = (1280, 1400)
# What Firefox has to say of a page, which its console of errors keeps.
COMPLAINTS = """return Services.console.getMessageArray()
    .filter(one => one instanceof Ci.nsIScriptError && one.sourceName.startsWith("file:"))
    .map(one => one.errorMessage);"""
# Which elements of a page take part in the keyboard's or a screen reader's round.
CONTROLS = "a[href], button, input, select, summary, [tabindex='0']"


class Chromium:
    """Headless Chromium, by its DevTools protocol."""

    def __init__(self, pipes: browse.Pipes) -> None:
        self._pipes = pipes
        target = pipes.ask("Target.createTarget", url="about:blank")["targetId"]
        pipes.session = pipes.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            pipes.ask(f"{domain}.enable")
        pipes.ask("Page.bringToFront")

    def open(self, path: pathlib.Path, fragment: str = "") -> None:
        """Opens a page, until it is complete."""
        self._pipes.events.clear()
        self._pipes.ask("Page.navigate", url=path.as_uri() + fragment)
        until(lambda: self.run("document.readyState") == "complete")

    def run(self, expression: str) -> Any:
        """What an expression is in the page."""
        told = self._pipes.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise browse.NoPage(f"{expression}: {told['exceptionDetails']}")
        return told["result"].get("value")

    def press(self, key: str) -> None:
        """Presses a key of KEYS, or one that is a character."""
        if key in KEYS:
            words: dict[str, Any] = {"key": " " if key == "Space" else key, "code": key}
            words["windowsVirtualKeyCode"] = KEYS[key][0]
            text = {"Enter": "\r", "Space": " "}.get(key, "")
        else:
            words, text = {"key": key}, key
        down = {"text": text} if text else {}
        self._pipes.ask("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **words, **down)
        self._pipes.ask("Input.dispatchKeyEvent", type="keyUp", **words)

    def like(self, **features: str) -> None:
        """The page as users have it who prefer this: `color_scheme="dark"`, `media="print"`."""
        media = features.pop("media", "")
        wanted = [{"name": f"prefers-{name.replace('_', '-')}", "value": value} for name, value in features.items()]
        self._pipes.ask("Emulation.setEmulatedMedia", media=media, features=wanted)

    def without_script(self, path: pathlib.Path) -> str:
        """The text of a page that is opened without its scripts."""
        self._pipes.ask("Emulation.setScriptExecutionDisabled", value=True)
        self._pipes.ask("Page.navigate", url=path.as_uri())
        until(lambda: self.run("document.readyState") == "complete")
        text = str(self.run("document.body.innerText"))
        self._pipes.ask("Emulation.setScriptExecutionDisabled", value=False)
        return text

    def complaints(self) -> list[str]:
        """What the console says since the page was opened."""
        self.run("0")  # what was told before is read with its answer
        events = self._pipes.events
        kinds = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
        return [json.dumps(one["params"]) for one in events if one["method"] in kinds]

    def requests(self) -> list[str]:
        """The addresses that were asked for since the page was opened, but for the page and what it holds itself."""
        self.run("0")
        sent = [one["params"] for one in self._pipes.events if one["method"] == "Network.requestWillBeSent"]
        urls = [one["request"]["url"] for one in sent if one.get("type") != "Document"]
        return [url for url in urls if not url.startswith("data:")]

    def labels(self) -> list[tuple[str, str, str]]:
        """Every control as the accessibility tree has it: role, name, and its markup's begin."""
        nodes = self._pipes.ask("Accessibility.getFullAXTree")["nodes"]
        found = []
        for node in nodes:
            focusable = any(one["name"] == "focusable" and one["value"]["value"] for one in node.get("properties", ()))
            if not node["ignored"] and focusable and node["role"]["value"] != "RootWebArea":
                found.append((node["role"]["value"], node.get("name", {}).get("value", ""), str(node["nodeId"])))
        return found

    def screenshot(self, path: pathlib.Path) -> None:
        """Keeps what is to be seen as PNG."""
        path.write_bytes(base64.b64decode(self._pipes.ask("Page.captureScreenshot", format="png")["data"]))


class Firefox:
    """Headless Firefox, by Marionette."""

    def __init__(self, marionette: browse.Marionette) -> None:
        self._marionette = marionette
        marionette.ask("WebDriver:NewSession", capabilities={})
        marionette.ask("WebDriver:SetWindowRect", width=SIZE[0], height=SIZE[1])

    def open(self, path: pathlib.Path, fragment: str = "") -> None:
        """Opens a page, until it is complete."""
        self._chrome("Services.console.reset();")
        self._marionette.ask("WebDriver:Navigate", url="about:blank")
        self._marionette.ask("WebDriver:Navigate", url=path.as_uri() + fragment)

    def run(self, expression: str) -> Any:
        """What an expression is in the page."""
        return self._marionette.ask("WebDriver:ExecuteScript", script=f"return {expression};", args=[])

    def press(self, key: str) -> None:
        """Presses a key of KEYS, or one that is a character."""
        value = KEYS[key][1] if key in KEYS else key
        strokes = [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")]
        self._marionette.ask("WebDriver:PerformActions", actions=[{"type": "key", "id": "keys", "actions": strokes}])

    def complaints(self) -> list[str]:
        """What the console says since the page was opened."""
        return list(self._chrome(COMPLAINTS))

    def requests(self) -> list[str]:
        """The addresses that were asked for since the page was opened, but for the page and what it holds itself."""
        urls = self.run("performance.getEntriesByType('resource').map(one => one.name)")
        return [url for url in urls if not url.startswith("data:")]

    def labels(self) -> list[tuple[str, str, str]]:
        """Every control as the accessibility tree has it: role, name, and its markup's begin."""
        elements = self.run(
            f"[...document.querySelectorAll({json.dumps(CONTROLS)})].filter(one => one.checkVisibility())"
        )
        found = []
        for element in elements:
            (reference,) = element.values()
            role, name = (
                str(self._marionette.ask(f"WebDriver:GetComputed{what}", id=reference)) for what in ("Role", "Label")
            )
            markup = str(self._marionette.ask("WebDriver:GetElementProperty", id=reference, name="outerHTML"))
            if markup.startswith("<summary"):
                # Marionette tells roles of ARIA alone, and a summary has none: its name is its text.
                name = str(self._marionette.ask("WebDriver:GetElementText", id=reference))
            found.append((role, name, markup[:80]))
        return found

    def screenshot(self, path: pathlib.Path) -> None:
        """Keeps what is to be seen as PNG."""
        path.write_bytes(base64.b64decode(self._marionette.ask("WebDriver:TakeScreenshot", full=False)))

    def _chrome(self, script: str) -> Any:
        self._marionette.ask("Marionette:SetContext", value="chrome")
        try:
            return self._marionette.ask("WebDriver:ExecuteScript", script=script, args=[])
        finally:
            self._marionette.ask("Marionette:SetContext", value="content")


@contextlib.contextmanager
def chromium(folder: pathlib.Path) -> Iterator[Chromium]:
    """Chromium, with a profile below the folder."""
    argv = ["chromium", "--headless", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder}/chromium"]
    # Its sandbox is not for root, who is alone in a container that is thrown away.
    argv.append("--window-size={},{}".format(*SIZE))
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    pipes = browse.Pipes([*argv, *alone, "--remote-debugging-pipe", "about:blank"], _environment(folder))
    try:
        yield Chromium(pipes)
    finally:
        pipes.close()


@contextlib.contextmanager
def firefox(folder: pathlib.Path) -> Iterator[Firefox]:
    """Firefox, with a profile below the folder."""
    profile = folder / "firefox"
    profile.mkdir()
    (profile / "user.js").write_text('user_pref("marionette.port", 0);\n')
    argv = ["firefox-esr", "--headless", "--marionette", "--remote-allow-system-access", "--profile", str(profile)]
    process = browse.started(argv, _environment(folder))
    try:
        yield Firefox(browse.Marionette(browse.port_of(profile, process)))
    finally:
        browse.ended(process)


BROWSERS: dict[str, Callable[[pathlib.Path], contextlib.AbstractContextManager[Any]]] = {
    "chromium": chromium,
    "firefox": firefox,
}


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Waits for what a browser does in its own time."""
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "the page does not come to it"
        time.sleep(0.02)


def _environment(folder: pathlib.Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
