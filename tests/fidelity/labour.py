# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fidelity lab: its own instance of the lab, its hosts entered by the container engine, its runs recorded."""

from __future__ import annotations

import base64
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time
import typing

from canaries import KEYS, SEARCH, Canaries, forms
from events import Event, events

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
INSTANCE = os.environ.get("LAB", "fidelity")
HOME = ROOT / ".lab" / INSTANCE
RUNS = HOME / "fidelity"
LAST_LINES = 12  # of a command that fails, to be said again at the end

sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

import yaml  # noqa: E402
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import keytab  # noqa: E402
from lab.identity import Lab  # noqa: E402
from lab.podman import Podman  # noqa: E402
from lab.state import State  # noqa: E402

STATE = State(Lab(str(ROOT), INSTANCE))
PODMAN = Podman(STATE.top / "engine" / "containers.conf")
HOSTS = tuple(host.name for host in STATE.site.managed)


class FidelityError(Exception):
    """The harness itself could not go on."""


def command(*words: str) -> None:
    """One command of the lab, its output shown. Of one that fails the last lines, which say why, are in the error."""
    argv, last = [sys.executable, str(HERE.parent / "lab"), *words], collections.deque[str](maxlen=LAST_LINES)
    environment = {**os.environ, "LAB": INSTANCE}
    with subprocess.Popen(
        argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            last.append(line.rstrip())
    if process.returncode:
        raise FidelityError("\n    ".join((f"`python tests/lab {' '.join(words)}` failed", *filter(None, last))))


def on(host: str, script: str, *, shell: str = "sh", stdin: str = "") -> str:
    """The standard output of a script on a host; what it prints on standard error is dropped."""
    program = ["sh", "-c", script] if shell == "sh" else ["python3", "-c", script]
    argv = PODMAN.argv("exec", "-i", STATE.lab.container(host), *program)
    return subprocess.run(
        argv, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False
    ).stdout


def census() -> dict[str, typing.Any]:
    """The state of all hosts, by their full names; that of a controller which the inventory does not have, too."""
    script = (HERE / "census.py").read_text()
    hosts = STATE.site.hosts
    with concurrent.futures.ThreadPoolExecutor(len(hosts)) as pool:
        found = pool.map(lambda host: on(host.name, script, shell="python"), hosts)
        return {host.fqdn: json.loads(state) for host, state in zip(hosts, found, strict=True)}


# How much Ansible says, by how a run's title begins. Nights that are to stay quiet are searched for no secret.
LOUD = {"blank": "-vvvv", "steady": "-v"}


def play(title: str, *options: str, playbook: str = "site", **more: str) -> tuple[list[Event], float]:
    """Runs a playbook with all that tasks are given and answer shown; the events of its record, and its seconds.

    The output is kept for the search, and of a run in check mode the drift report, too. On blank hosts the output has
    the connections' own words. ``more``: of the environment.
    """
    RUNS.mkdir(parents=True, exist_ok=True)
    record, output = RUNS / f"{title}.jsonl", RUNS / f"{title}.log"
    record.write_text("")
    reported = playbook == "drift" or "--check" in options
    environment = {
        **os.environ,
        **json.loads(STATE.environment.read_text()),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder" + (",mailrealm.kerberos.drift" if reported else ""),
        "ANSIBLE_NOCOLOR": "1",
        "MAILREALM_DRIFT_FOLDER": str(RUNS / f"{title}-drift"),
        "RECORDER_FILE": str(record),
        **more,
    }
    begun = time.monotonic()
    with output.open("w") as stream:
        loud = next((words for begin, words in LOUD.items() if title.startswith(begin)), "-vvv")
        argv = ["ansible-playbook", loud, *options, f"mailrealm.kerberos.{playbook}"]
        status = subprocess.run(
            argv, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, check=False
        ).returncode
    recorded = events(record.read_text())
    if reported and status == 2:
        status = 0  # drift, which is what is looked for
    if status and not any(event.status in ("failed", "unreachable") for event in recorded):
        raise FidelityError(f"{title}: ansible-playbook ended with {status}; see {output}")
    return recorded, time.monotonic() - begun


def report(title: str) -> dict[str, typing.Any]:
    """The drift report of the run in check mode of that title."""
    found: dict[str, typing.Any] = json.loads((RUNS / f"{title}-drift" / "drift.json").read_text())
    return found


def drift(title: str, **more: str) -> tuple[list[Event], dict[str, typing.Any]]:
    """Runs the playbook drift; its events and its report."""
    folder = RUNS / f"{title}-drift"
    recorded, dummy = play(title, "-e", f"kerberos_drift_folder={folder}", playbook="drift", **more)
    return recorded, report(title)


def canaries() -> Canaries:
    """Every password that the inventory holds and every key that the KDC can give."""
    secrets = dict(_texts("", yaml.safe_load((HOME / "group_vars" / "all" / "secrets.yml").read_text())))
    everything = base64.b64decode(on(*KEYS[STATE.site.name], shell="python"))
    for entry in keytab.parse(everything, "the KDC's keys"):
        secrets[f"key of {entry.principal} kvno {entry.kvno} enctype {entry.enctype}"] = entry.key
    return Canaries(secrets)


def _texts(path: str, value: typing.Any) -> typing.Iterator[tuple[str, bytes]]:
    """Every text of eight or more characters in secrets.yml that is a password, by its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(f"{path}.{name}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(f"{path}[{number}]", inner)
    elif isinstance(value, str) and "pass" in path:
        yield path.lstrip("."), value.encode()


def shown(known: Canaries, processes: typing.Iterable[bytes]) -> list[str]:
    """Where a secret was shown or left: output, process lists, and on each host logs and temporary files."""
    found = []
    for path in sorted(path for path in RUNS.rglob("*") if path.is_file()):
        found += [f"{name}: {path.relative_to(RUNS)}" for name in known.found_in(path.read_bytes())]
    for folder in (ROOT / ".cache" / "ansible-home").glob("tmp/**/*"):
        if folder.is_file():
            found += [f"{name}: the controller's temporary files" for name in known.found_in(folder.read_bytes())]
    found += [f"{name}: a process list" for name in known.found_in(b"\n".join(processes))]
    patterns = json.dumps({name: [form.hex() for form in forms(secret)] for name, secret in known.secrets.items()})
    for host in HOSTS:
        for line in on(host, SEARCH, shell="python", stdin=patterns).splitlines():
            found.append(f"{line.replace(chr(9), ': ')} on {host}")
    return found
