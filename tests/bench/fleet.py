# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A steady site under --check against Ansible's ping, on the lab where it is up."""

from __future__ import annotations

import collections.abc
import json
import os
import pathlib
import subprocess
import tempfile
import time
import typing

from .playbook import BenchError, lines, timing
from .ratio import Pair, Ratio, ratio

ROOT = pathlib.Path(__file__).resolve().parents[2]
SITE = ("ansible-playbook", "mailrealm.kerberos.site", "--check")
PING = ("ansible", "all", "-m", "ansible.builtin.ping")
Stats = dict[str, dict[str, typing.Any]]


def instance() -> str:
    return os.environ.get("LAB") or "lab"


def environment() -> dict[str, str] | None:
    """The lab's environment for Ansible; None where it was never made."""
    file = ROOT / ".lab" / instance() / "env.json"
    return {**os.environ, **json.loads(file.read_text())} if file.exists() else None


def measure(pairs: int) -> collections.abc.Iterator[Ratio | str]:
    """One ratio and the tasks behind it; a sentence instead where the lab is not up or not steady."""
    settings = environment()
    if settings is None or _run(PING, settings)[1]:
        yield f"site-check not measured: the lab '{instance()}' is not up; `make lab` first"
        return
    # Both once before, so that connections and facts are warm.
    stats = _checked(settings)[1]
    restless = {host: counts["changed"] for host, counts in stats.items() if counts["changed"]}
    if restless:
        told = ", ".join(f"{host} {count}" for host, count in sorted(restless.items()))
        yield f"site-check not measured: tasks would still change something ({told}); `make lab` first"
        return
    found: list[Pair] = []
    for number in range(pairs):
        seconds: dict[str, float] = {}
        for side in ("site", "ping") if number % 2 else ("ping", "site"):
            seconds[side] = _checked(settings)[0] if side == "site" else _pinged(settings)
        found.append((seconds["site"] / len(stats), seconds["ping"] / len(stats)))
    yield ratio("site-check-against-ping", "site --check per host", "ping per host", found)
    executed = {host: counts["ok"] for host, counts in stats.items()}
    told = ", ".join(f"{host} {count}" for host, count in sorted(executed.items()))
    yield f"site-check executed tasks per host: {told}; together {sum(executed.values())} on {len(executed)} hosts"


def _checked(settings: dict[str, str]) -> tuple[float, Stats]:
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        record = pathlib.Path(scratch, "record.jsonl")
        seconds, status, output = _run(SITE, {**settings, **timing(record)})
        if status:
            raise BenchError(f"{' '.join(SITE)} ended with {status}:\n{output}")
        return seconds, {line["host"]: line for line in lines(record) if "host" in line}


def _pinged(settings: dict[str, str]) -> float:
    seconds, status, output = _run(PING, settings)
    if status:
        raise BenchError(f"{' '.join(PING)} ended with {status}:\n{output}")
    return seconds


def _run(command: tuple[str, ...], settings: dict[str, str]) -> tuple[float, int, str]:
    since = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return time.monotonic() - since, done.returncode, done.stdout
