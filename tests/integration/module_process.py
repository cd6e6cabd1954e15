# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module in a process of its own, without a playbook: for many at once, and for faults injected by strace."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
from typing import Any, Mapping, Sequence

from ansible_collections.mailrealm.kerberos.tests.integration.ladder import environment

RUN = """\
import importlib, json, sys
from ansible.module_utils.testing import patch_module_args
given = json.load(sys.stdin)
module = importlib.import_module("ansible_collections.mailrealm.kerberos.plugins.modules." + given["name"])
with patch_module_args(given["options"]):
    module.main()
"""
PATIENCE = 60.0  # seconds


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a module ended: what it returned (None where it was killed before), and its process's exit status."""

    result: dict[str, Any] | None
    status: int
    output: str


def start(
    name: str,
    options: Mapping[str, Any],
    folder: pathlib.Path,
    *,
    check: bool = False,
    prefix: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start the module; ``prefix`` is a command to run it under, ``variables`` more of its environment.

    `finish` reads how it ended.
    """
    given_environment = environment(folder, **(variables or {}))
    paths = [given_environment["ANSIBLE_COLLECTIONS_PATH"], *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", RUN],
        env={**given_environment, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin
    given = {**options, "_ansible_check_mode": check, "_ansible_diff": True, "_ansible_remote_tmp": str(folder)}
    process.stdin.write(json.dumps({"name": name, "options": given}))
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen[str]) -> Outcome:
    output, dummy = process.communicate(timeout=PATIENCE)
    last = next((line for line in reversed(output.splitlines()) if line.startswith("{")), None)
    return Outcome(json.loads(last) if last else None, process.returncode, output)


def run(name: str, options: Mapping[str, Any], folder: pathlib.Path, **more: Any) -> Outcome:
    return finish(start(name, options, folder, **more))
