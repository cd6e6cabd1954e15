# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module in a process of its own, without Ansible around it: its processor's seconds, and its memory."""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import typing

from ansible_collections.mailrealm.kerberos.tests.integration import ladder

from .playbook import must

# Memory as Linux keeps it of this program: what getrusage tells holds the peak of the program that started it, too.
RUN = """\
import importlib, json, os, sys, time
from ansible.module_utils.testing import patch_module_args
given = json.load(sys.stdin)
module = importlib.import_module("ansible_collections.mailrealm.kerberos.plugins.modules." + given["name"])
def kibibytes(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))
with patch_module_args(given["options"]):
    before, since, begun = kibibytes("VmRSS:"), os.times(), time.monotonic()
    try:
        module.main()
    except SystemExit:
        pass
    passed, spent, peak = time.monotonic() - begun, sum(os.times()[:4]) - sum(since[:4]), kibibytes("VmHWM:")
told = {"seconds": spent, "passed": passed, "kibibytes": peak, "grown": peak - before}
print(json.dumps(told), file=sys.stderr)
"""


@dataclasses.dataclass(frozen=True)
class Spent:
    """What one run of a module took.

    ``seconds``: of the processor, its tools' included; ``passed``: on the clock. ``megabytes`` (10^6 bytes): its
    process at its largest; ``grown``: by how many it grew. All from the module's start, when Python and Ansible are
    loaded.
    """

    seconds: float
    passed: float
    megabytes: float
    grown: float
    changed: bool


def run(
    name: str, options: dict[str, typing.Any], folder: pathlib.Path, variables: collections.abc.Mapping[str, str]
) -> Spent:
    """Run a module once, with more `variables` in its environment. BenchError with its answer where it fails."""
    environment = ladder.environment(folder, **variables)
    paths = [environment["ANSIBLE_COLLECTIONS_PATH"], *filter(None, [os.environ.get("PYTHONPATH")])]
    given = {**options, "_ansible_check_mode": False, "_ansible_remote_tmp": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env={**environment, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
        input=json.dumps({"name": name, "options": given}),
        capture_output=True,
        text=True,
        check=False,
    )
    must(not done.returncode, f"{name} ended with {done.returncode}:\n{done.stderr}")
    answer = json.loads(done.stdout.splitlines()[-1])
    must(not answer.get("failed"), f"{name}: {answer.get('msg')}")
    spent = json.loads(done.stderr.splitlines()[-1])
    megabytes, grown = (spent[name] * 1024 / 1e6 for name in ("kibibytes", "grown"))
    return Spent(spent["seconds"], spent["passed"], megabytes, grown, answer["changed"])
