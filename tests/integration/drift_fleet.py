# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small fleet of local connections, and playbooks that report its drift."""

from __future__ import annotations

import dataclasses
import datetime
import json
import pathlib
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mailrealm.kerberos.tests.integration.ladder import PATIENCE, environment, program

Task = Mapping[str, Any]
CHECKED = {"gather_facts": False, "check_mode": True, "diff": True}
BEGIN = {
    "name": "Begin",
    "hosts": "all",
    **CHECKED,
    "tasks": [
        {
            "name": "Begin the report",
            "mailrealm.kerberos.drift_begin": {"folder": "{{ folder }}", "waivers": "{{ waivers | default('') }}"},
            "run_once": True,
        }
    ],
}
FORMS = ("drift.html", "drift.json", "drift.prom", "drift.xml")


@dataclasses.dataclass(frozen=True)
class Run:
    """A run of ansible-playbook: its exit status, its output (both streams), and the folder of its report."""

    status: int
    output: str
    folder: pathlib.Path

    @property
    def report(self) -> dict[str, Any]:
        return json.loads((self.folder / "drift.json").read_text())

    @property
    def states(self) -> dict[str, tuple[str, str]]:
        """Status and state of each host."""
        return {one["host"]: (one["status"], one["state"]) for one in self.report["hosts"]}

    def bytes(self) -> dict[str, bytes]:
        """The files, their time stamp left out, which is a number of seconds in one of them."""
        created = self.report["created"]
        seconds = datetime.datetime.fromisoformat(created.replace("Z", "+00:00")).timestamp()
        stamps = re.compile("|".join((re.escape(created.removesuffix("Z")), f"{seconds:.0f}")).encode())
        return {name: stamps.sub(b"STAMP", (self.folder / name).read_bytes()) for name in FORMS}


@dataclasses.dataclass(frozen=True)
class Fleet:
    """Hosts of local connections below a folder; each has a directory of its own, which is `{{ here }}`."""

    top: pathlib.Path
    hosts: tuple[str, ...] = ("a", "b", "c")

    def variables(self) -> dict[str, Any]:
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "here": str(self.top / "hosts") + "/{{ inventory_hostname }}",
        }

    def write(self, host: str, name: str, content: str) -> None:
        """A file of a host's."""
        path = self.top / "hosts" / host / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def command(
        self, name: str, plays: Sequence[Mapping[str, Any]] | str, own: Mapping[str, Mapping[str, Any]] | None = None
    ) -> list[str]:
        """ansible-playbook on the fleet. ``own``: variables of hosts by their name."""
        hosts = {host: dict((own or {}).get(host, {})) for host in self.hosts}
        inventory, playbook = self.top / f"{name}-hosts.yml", self.top / f"{name}-plays.yml"
        inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": self.variables()}}))
        if not isinstance(plays, str):
            playbook.write_text(json.dumps(list(plays)))
        words = plays if isinstance(plays, str) else str(playbook)
        return [program("ansible-playbook"), "-i", str(inventory), words]

    def environment(self, **more: str) -> dict[str, str]:
        """Of ansible-playbook; what is empty is not set at all."""
        settings = {"ANSIBLE_CALLBACKS_ENABLED": "mailrealm.kerberos.drift", "ANSIBLE_DIFF_ALWAYS": "false", **more}
        return {name: value for name, value in environment(self.top, **settings).items() if value}

    def run(
        self,
        name: str,
        plays: Sequence[Mapping[str, Any]] | str,
        *arguments: str,
        own: Mapping[str, Mapping[str, Any]] | None = None,
        **more: str,
    ) -> Run:
        """One run; its report lies in a folder of the run's name."""
        folder = self.top / name
        done = subprocess.run(
            [*self.command(name, plays, own), "-e", f"folder={folder}", *arguments],
            cwd=self.top,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Run(done.returncode, done.stdout, folder)


def play(*tasks: Task, hosts: str = "all", **more: Any) -> dict[str, Any]:
    """A play in check mode."""
    return {"name": "Look", "hosts": hosts, **CHECKED, "tasks": list(tasks), **more}


def wanted(name: str, content: str, **more: Any) -> Task:
    """The task that wants a file of the host's to have a content."""
    copied = {"content": content, "dest": "{{ here }}/" + name, "mode": "0644"}
    return {"name": f"Write {name}", "ansible.builtin.copy": copied, **more}
