# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd of the managed host: one read, the verbs of a plan, and why a unit failed."""

from __future__ import annotations

import datetime
import glob
import os
import subprocess
import time
from typing import Dict, List, Optional, Sequence, Tuple

from .._domain.unit import PROPERTIES, UnitRefusal, UnitState, at_work, foreseen, full_name, parse_all, reason

# systemd.preset(5): a file name in an earlier folder hides its namesakes in later ones
PRESET_FOLDERS = (
    "/etc/systemd/system-preset",
    "/run/systemd/system-preset",
    "/usr/local/lib/systemd/system-preset",
    "/usr/lib/systemd/system-preset",
    "/lib/systemd/system-preset",
)
BOOTED = "/run/systemd/system"  # sd_booted(3)
QUIET = {"LC_ALL": "C.UTF-8", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0", "SYSTEMD_URLIFY": "0"}
LONGEST = 300  # seconds: three times systemd's own default timeout for starting
LOOKS, BETWEEN = 5, 0.2  # looks, and seconds between them: what dies of its configuration does so within a second


def read(name: str) -> UnitState:
    """The unit as systemd tells it, by one `systemctl show`; UnitRefusal where systemd does not run."""
    return read_all([name])[0]


def read_all(names: Sequence[str]) -> Tuple[UnitState, ...]:
    """The units in the order of ``names``, by one `systemctl show`; UnitRefusal where systemd does not run."""
    whole = [full_name(name) for name in names]
    told = ", ".join(whole)
    if not os.path.isdir(BOOTED):
        raise UnitRefusal(f"{told}: this host does not run systemd, which unit works with; use its own service tools")
    status, shown, errors = _run(["systemctl", "show", f"--property={','.join(PROPERTIES)}", "--", *whole])
    if status != 0:
        raise UnitRefusal(f"{told}: systemctl show failed ({errors}); see to systemd (systemctl is-system-running)")
    return parse_all(shown, whole)


def units_at_work(names: Sequence[str]) -> List[str]:
    """Those of ``names`` that run now and at boot; none where systemd does not run, or cannot tell of one of them.

    UnitRefusal where one is no unit's name.
    """
    for name in names:
        full_name(name)
    try:
        return [name for name, found in zip(names, read_all(names)) if at_work(found)] if names else []
    except UnitRefusal:
        return []


def shown(name: str, properties: Sequence[str]) -> str:
    """The lines `Property=value` of `systemctl show`; none where systemd does not run, or does not answer."""
    if not os.path.isdir(BOOTED):
        return ""
    try:
        return _run(["systemctl", "show", f"--property={','.join(properties)}", "--", name])[1]
    except UnitRefusal:
        return ""


def journal(name: str, since: datetime.datetime, most: int) -> Optional[str]:
    """The last entries of a unit's journal, ``most`` at most, each a line of JSON; None where it cannot be read."""
    fields = ["--output=json", "--output-fields=MESSAGE", "--all"]
    words = ["--quiet", "--no-pager", f"--unit={name}", f"--since=@{int(since.timestamp())}", f"--lines={most}"]
    try:
        status, told, dummy = _run(["journalctl", *words, *fields])
    except UnitRefusal:
        return None
    return told if status == 0 else None


def outdated(unit: UnitState, paths: Sequence[str]) -> bool:
    """Whether one of the files has changed since the unit was started; files that are not there have not."""
    if not unit.running or not unit.entered:
        return False
    started = time.time() - time.monotonic() + unit.entered
    return any(_changed(path) > started for path in paths)


def _changed(path: str) -> float:
    """When the file was last written, in seconds since 1970; 0 for one that is not there."""
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def will_be(name: str, packaged: bool) -> UnitState:
    """The unit as a package will bring it, by the presets of this host, or as a mere unit file, which is disabled."""
    return foreseen(full_name(name), presets() if packaged else ["disable *"])


def presets() -> List[str]:
    """The rules of all preset files in their order."""
    files: Dict[str, str] = {}
    for folder in PRESET_FOLDERS:
        for path in glob.glob(os.path.join(folder, "*.preset")):
            files.setdefault(os.path.basename(path), path)
    return [line for dummy, path in sorted(files.items()) for line in _lines(path)]


def _lines(path: str) -> List[str]:
    """The file's lines; none where a namesake's broken link hides it."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read().splitlines()
    except OSError:
        return []


def act(verbs: Sequence[str], name: str) -> None:
    """Carry the verbs out, one after the other; UnitRefusal with the journal's reason where one fails."""
    began = int(time.time())
    for verb in verbs:
        status, dummy, errors = _run(["systemctl", "--quiet", verb, *(() if verb == "daemon-reload" else ("--", name))])
        if status != 0:
            raise UnitRefusal(f"{name}: could not {verb}: {_why(name, began) or errors}; {_remedy(name)}")
        if verb in ("start", "restart") and _dies(name):
            raise UnitRefusal(f"{name}: stopped again right after its start: {_why(name, began)}; {_remedy(name)}")


def _dies(name: str) -> bool:
    """Whether the unit goes down while it is looked at: systemd calls a service started before its program ran."""
    for dummy in range(LOOKS):
        unit = read(name)
        if unit.passing:  # systemctl has waited for its end, and its status said that it was a good one
            return False
        if not unit.running:
            return not unit.skipped
        time.sleep(BETWEEN)
    return False


def _why(name: str, began: int) -> str:
    """What the unit's processes said since ``began`` (seconds since the epoch); never a secret."""
    said = _run(["journalctl", f"--unit={name}", f"--since=@{began}", "--lines=30", "--output=cat"])[1]
    return reason(said.splitlines())


def _remedy(name: str) -> str:
    return f"mend what it says, or see `journalctl -u {name}` for more"


def _run(argv: Sequence[str]) -> Tuple[int, str, str]:
    """Exit status, output, and the first line of the errors."""
    try:
        done = subprocess.run(  # pylint: disable=ansible-bad-function  # this floor knows no AnsibleModule
            list(argv),
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
    except FileNotFoundError as error:
        raise UnitRefusal(f"{argv[0]} is not on this host; unit works on hosts with systemd") from error
    except subprocess.TimeoutExpired as error:
        raise UnitRefusal(f"{' '.join(argv)}: no answer within {LONGEST} s; see `systemctl list-jobs`") from error
    errors = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return done.returncode, done.stdout.decode("utf-8", "replace"), errors[0] if errors else ""
