# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What zmcontrol and the services' own control programs share; and zmcontrol (zm-core-utils, src/bin/zmcontrol)."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from typing import Callable, Sequence

from . import installation, invocations, processes
from .errors import ServiceError
from .installation import Installation

# zmcontrol's services in the order of their start: the name shown, the program below home, the service in the
# directory's list (none: always). What else it starts, the double does not have.
SERVICES = (
    ("ldap", "bin/ldap", "ldap"),
    ("zmconfigd", "bin/zmconfigdctl", ""),
    ("mailbox", "bin/zmmailboxdctl", "mailbox"),
    ("memcached", "bin/zmmemcachedctl", "memcached"),
    ("proxy", "bin/zmproxyctl", "proxy"),
    ("mta", "bin/zmmtactl", "mta"),
)
WEBAPPS = ("service", "zimbra", "zimbraAdmin", "zimlet")  # run in mailboxd
# The first line of `zmcontrol -v` by release, in the three forms that are known.
RELEASES = {
    "8.8.15": "Release 8.8.15.GA.4179.UBUNTU20_64 UBUNTU20_64 FOSS edition.",
    "9.0.0_P38": "Release 9.0.0.GA.4178.UBUNTU20_64 UBUNTU20_64 FOSS edition, Patch 9.0.0_P38.",
    "10.0.8": "Release 10.0.8.GA.4518.UBUNTU20_64 FOSS edition.",
}
BOOT = 60.0  # seconds
PLAIN = "Release {}.GA.4518.UBUNTU20_64 UBUNTU20_64 FOSS edition."


def release_line(release: str) -> str:
    return RELEASES.get(release, PLAIN.format(release))


def is_zimbra() -> bool:
    return pwd.getpwuid(os.getuid()).pw_name == installation.USER


def logged(program: str, work: Callable[[Installation, Sequence[str]], int], words: Sequence[str]) -> int:
    """Do a program's work, with the latency that a test may ask for, and enter the call in the log of invocations."""
    place = Installation()
    with invocations.logged(program, words, place.home) as call:
        call.status = work(place, words)
        sys.stdout.flush()
    return call.status


def say(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)


def run(place: Installation, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(place.home / program), *words], capture_output=True, text=True, check=False)


def enabled(place: Installation) -> list[str]:
    """The services that the directory says are the host's; with the directory down, those of the last time."""
    cache = place.home / "log" / ".zmcontrol.cache"
    try:
        found = place.server().get("zimbraServiceEnabled", [])
        cache.write_text("\n".join(found), encoding="utf-8")
        return found
    except (OSError, ServiceError):
        if cache.exists():
            return cache.read_text(encoding="utf-8").split()
        return [service for service in installation.MARKERS if place.has(service)]


def chosen(place: Installation) -> list[tuple[str, str]]:
    """Names and programs of the host's services, in the order of their start."""
    listed = enabled(place)
    return [(name, program) for name, program, service in SERVICES if not service or service in listed]


def start(place: Installation) -> int:
    say(f"Host {place.name}")
    status = 0
    if place.has("ldap"):
        status |= start_one(place, "ldap", "bin/ldap")
    # The hosts of a lab start at the same time; an administrator would start the directory's first.
    processes.wait(lambda: processes.listens(installation.LDAP_PORT, place.local("ldap_host")), BOOT)
    for name, program in chosen(place):
        if name != "ldap":
            status |= start_one(place, name, program)
    return status


def start_one(place: Installation, name: str, program: str) -> int:
    say(f"\tStarting {name}...", end="")
    done = run(place, program, "start", "norewrite")
    say("Done." if done.returncode == 0 else f"Failed.\n{done.stdout}{done.stderr}\n")
    return 0 if done.returncode == 0 else 1


def stop(place: Installation) -> int:
    say(f"Host {place.name}")
    order = [one for one in SERVICES if one[0] == "zmconfigd"]
    order += [one for one in reversed(SERVICES) if one[0] != "zmconfigd"]
    for name, program, service in order:
        if not service or service not in installation.MARKERS or place.has(service):
            say(f"\tStopping {name}...", end="")
            done = run(place, program, "stop")
            say("Done." if done.returncode == 0 else f"Failed.\n{done.stdout}{done.stderr}\n")
    return 0


def show(place: Installation) -> int:
    """The state of every service; those that do not run are followed by what their programs say of them."""
    say(f"Host {place.name}")
    status, lines = 0, {}
    listed = enabled(place)
    for name, program in chosen(place):
        done = run(place, program, "status")
        lines[name] = (done.returncode, done.stdout)
    for webapp in WEBAPPS:
        if webapp in listed and "mailbox" in lines:
            lines[f"{webapp} webapp"] = lines["mailbox"]
    for name in sorted(lines):
        code, output = lines[name]
        say(f"\t{name:<20} {'Stopped' if code else 'Running':>10}")
        if code:
            status = 1
            for line in output.splitlines():
                say(f"\t\t{line}")
    return status


def work(place: Installation, words: Sequence[str]) -> int:
    if not is_zimbra():
        print("Run as the zimbra user!", file=sys.stderr)
        return 1
    action = words[0] if words else ""
    if action in ("-v", "-V"):
        say((place.home / "conf" / "double.release").read_text(encoding="utf-8").rstrip("\n"))
        return 0
    if action in ("start", "startup"):
        return start(place)
    if action in ("stop", "shutdown"):
        return stop(place)
    if action == "restart":
        stop(place)
        return start(place)
    if action == "status":
        return show(place)
    say("zmcontrol [ -v | -V ] start|stop|restart|status")
    return 1


def main(words: Sequence[str]) -> int:
    return logged("zmcontrol", work, words)
