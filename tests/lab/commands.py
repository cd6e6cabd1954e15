# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's command line."""

from __future__ import annotations

import argparse
import collections.abc
import json
import os
import pathlib
import subprocess
import sys

from . import engine, fleet, key_change, lifecycle, prove, rollover, rotation, toolbox, troubles
from .failure import LabError
from .faults import run as faults
from .identity import DEFAULT_INSTANCE, Lab
from .progress import Progress
from .state import State

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What `rollover` changes, by site.
KEY_CHANGES = {fleet.MIT.name: rollover.CHANGE, fleet.AD.name: rotation.CHANGE}


def main(argv: collections.abc.Sequence[str]) -> int:
    """Runs one command; gives the exit status."""
    words = parser().parse_args(argv)
    try:
        state = State(Lab(str(ROOT), os.environ.get("LAB") or DEFAULT_INSTANCE))
        return int(words.run(state, words) or 0)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; the next run clears up and goes on", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(
        prog="python tests/lab",
        description=(
            "Containers that stand for hosts. LAB=NAME chooses an instance of its own (default: lab); "
            "one whose name ends in -ad is the site of Active Directory, Axigen and CAS, in -zimbra that of Zimbra, "
            "in -cas that of CAS alone."
        ),
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str, run: collections.abc.Callable[[State, argparse.Namespace], object], about: str
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        return command

    add("up", _up, "bring the lab up; what runs well is left alone")
    proof = add(
        "prove", _prove, "up, site, real logins, site again; writes .lab/proof.json and sums it up (PRODUCTS: whose)"
    )
    proof.add_argument("--converged", action="store_true", help="fail if the first run of site changes anything")
    add("rollover", _rollover, "change the keys of a proved lab while a client logs in once a second")
    add("troubles", _troubles, "make the troubles of CAS's document, each of which must be named, and mend them")
    made = add("faults", _faults, "make faults of all areas, whose causes the doctor must name, and mend them")
    made.add_argument("--only", default="", metavar="REGEXP", help="faults whose names or checks match")
    made.add_argument(
        "--rounds", type=int, default=0, metavar="N", help="so many rounds alone: first what the documents name"
    )
    made.add_argument("--no-site", action="store_true", help="without a run of site at the end")
    down = add("down", _down, "remove this lab: containers, network, snapshots, files")
    down.add_argument("--all", action="store_true", help="every lab of the checkout")
    down.add_argument("--images", action="store_true", help="with --all: the images too")
    add("status", _status, "show what there is")
    blank = add("blank", _blank, "make hosts anew, blank")
    blank.add_argument("hosts", nargs="*", metavar="HOST")
    for name, run, about in (
        ("snapshot", _snapshot, "keep hosts as they are, under a name"),
        ("restore", _restore, "make hosts anew as they were at a snapshot"),
    ):
        command = add(name, run, about)
        command.add_argument("name", metavar="NAME")
        command.add_argument("hosts", nargs="*", metavar="HOST")
    point = add("point", _point, "give a host's address another PTR, or its own again, until the next `up`")
    point.add_argument("host", metavar="HOST")
    point.add_argument("name", metavar="NAME", nargs="?", default="")
    execute = add("run", _run, "run a command on a host: run HOST -- CMD")
    execute.add_argument("host", metavar="HOST")
    execute.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- CMD")
    ansible = add("ansible", _ansible, "run a command with the lab's environment: ansible -- ansible-playbook ARGS")
    ansible.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- CMD")
    box = add("toolbox", _toolbox, "run a command in a throw-away container with real tools: toolbox -- CMD")
    box.add_argument("--debian", choices=sorted(fleet.SUITES), default="12")
    kinds = box.add_mutually_exclusive_group()
    kinds.add_argument("--java", action="store_true", help="with a JDK")
    kinds.add_argument("--browsers", action="store_true", help="with Chromium and Firefox in place of the other tools")
    box.add_argument("-e", dest="variables", action="append", default=[], metavar="NAME[=VALUE]")
    box.add_argument("--option", action="append", default=[], help="one more option for podman run")
    box.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- CMD")
    return top


def command_words(argv: collections.abc.Sequence[str]) -> list[str]:
    """The command after `--`."""
    words = list(argv[1:] if argv[:1] == ["--"] else argv)
    if not words:
        raise LabError("no command was given: put it after --")
    return words


def chosen(state: State, products: collections.abc.Sequence[str]) -> list[State]:
    """The labs of the sites that have these products; the instance's own for none."""
    return [state.beside(site) for site in fleet.sites_for(products)] or [state]


def _up(state: State, _words: argparse.Namespace) -> None:
    for one in chosen(state, os.environ.get("PRODUCTS", "").split()):
        lifecycle.up(one, Progress())


def _prove(state: State, words: argparse.Namespace) -> int:
    return prove.prove(chosen(state, os.environ.get("PRODUCTS", "").split()), converged=words.converged)


def _troubles(state: State, _words: argparse.Namespace) -> int:
    sentences = troubles.run(state, Progress())
    print("\n".join(sentences) or "every trouble was named with its cause and remedy, and mended", flush=True)
    return 1 if sentences else 0


def _faults(state: State, words: argparse.Namespace) -> int:
    sentences = faults.run(state, Progress(), words.only, most=words.rounds, mend=not words.no_site)
    print("\n".join(sentences) or "every fault was named with its cause, and nothing else was", flush=True)
    return 1 if sentences else 0


def _rollover(state: State, _words: argparse.Namespace) -> int:
    change = KEY_CHANGES.get(state.site.name)
    if change is None:
        raise LabError(f"site {state.site.name} has no rollover: choose an instance of another, such as LAB=lab")
    sentences = key_change.run(state, Progress(), change)
    print("\n".join(sentences) or change.said)
    return 1 if sentences else 0


def _down(state: State, words: argparse.Namespace) -> None:
    lifecycle.down(state, Progress(), everything=words.all, with_images=words.all and words.images)


def _status(state: State, _words: argparse.Namespace) -> None:
    print(lifecycle.status(state))


def _blank(state: State, words: argparse.Namespace) -> None:
    lifecycle.blank(state, Progress(), words.hosts)


def _snapshot(state: State, words: argparse.Namespace) -> None:
    lifecycle.snapshot(state, Progress(), words.name, words.hosts)


def _restore(state: State, words: argparse.Namespace) -> None:
    lifecycle.restore(state, Progress(), words.name, words.hosts)


def _point(state: State, words: argparse.Namespace) -> None:
    lifecycle.point(state, Progress(), words.host, words.name)


def _run(state: State, words: argparse.Namespace) -> int:
    podman = engine.prepare(state)
    (host,) = lifecycle.find_hosts(state.site, [words.host])
    terminal = ["-t"] if sys.stdin.isatty() and sys.stdout.isatty() else []
    options = ["exec", "-i", *terminal, "-w", "/root", "-e", "LC_ALL=C.UTF-8", state.lab.container(host.name)]
    return subprocess.run(podman.argv(*options, *command_words(words.argv)), check=False).returncode


def _ansible(state: State, words: argparse.Namespace) -> int:
    if not state.environment.exists():
        raise LabError(f"lab {state.lab.instance} is not up: `python tests/lab up` first")
    settings = json.loads(state.environment.read_text())
    argv = command_words(words.argv)
    return subprocess.run(
        ["env", *(f"{name}={value}" for name, value in settings.items()), *argv], check=False
    ).returncode


def _toolbox(state: State, words: argparse.Namespace) -> int:
    return toolbox.run(
        state,
        Progress(),
        command_words(words.argv),
        debian=words.debian,
        java=words.java,
        browsers=words.browsers,
        variables=words.variables,
        options=words.option,
    )
