# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""hosts_file through ansible-playbook, and the C library's own reading of what it wrote."""

from __future__ import annotations

import pathlib
import subprocess
from typing import Any

from ansible_collections.mailrealm.kerberos.tests.integration import ladder
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

BEFORE = """\
127.0.0.1\tlocalhost
127.0.1.1\tmx1.example.test\tmx1 box # the installer's
192.0.2.99 mail.example.test
::1 localhost ip6-localhost mx1
"""
AFTER = """\
127.0.0.1\tlocalhost
127.0.1.1\tbox # the installer's
192.0.2.99 mail.example.test
::1 localhost ip6-localhost
192.0.2.10 mx1.example.test mx1
"""
ENTRIES = [{"address": "192.0.2.10", "names": ["mx1.example.test", "mx1"]}]


def task(path: pathlib.Path, entries: list[dict[str, Any]] | None = None, **options: Any) -> list[dict[str, Any]]:
    return [
        {
            "mailrealm.kerberos.hosts_file": {
                "path": str(path),
                "entries": ENTRIES if entries is None else entries,
                **options,
            }
        }
    ]


def getent(path: pathlib.Path, *question: str) -> list[str]:
    """What the C library answers from the file alone, which stands in for /etc/hosts in a mount namespace."""
    script = f'mount --bind "{path}" /etc/hosts && exec getent --no-addrconfig -s files "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *question], capture_output=True, text=True, check=False
    )
    assert not done.stderr, f"the C library judges in a mount namespace (root, CAP_SYS_ADMIN): {done.stderr}"
    return done.stdout.split()


def test_the_real_address_gets_the_name(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "hosts"
    path.write_text(BEFORE)
    path.chmod(0o644)
    assert getent(path, "ahostsv4", "mx1")[0].startswith("127.")
    steps = ladder.climb(task(path), tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.check.diff == steps.run.diff
    assert [(part["before"], part["after"]) for part in steps.run.diff] == [(BEFORE, AFTER)]
    assert path.read_text() == AFTER
    assert getent(path, "ahostsv4", "mx1")[:3] == ["192.0.2.10", "STREAM", "mx1.example.test"]
    assert getent(path, "hosts", "192.0.2.10")[:2] == ["192.0.2.10", "mx1.example.test"]
    assert getent(path, "hosts", "box")[:2] == ["127.0.1.1", "box"]


def test_a_missing_file_is_made(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "hosts"
    steps = climb(task(path), tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert path.read_text() == "192.0.2.10 mx1.example.test mx1\n"
    assert path.stat().st_mode & 0o7777 == 0o644


def test_backup_and_mode(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "hosts"
    path.write_text(BEFORE)
    steps = climb(task(path, backup=True, mode="0640"), tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert pathlib.Path(steps.run.only.data["backup_file"]).read_text() == BEFORE
    assert path.stat().st_mode & 0o7777 == 0o640


def test_bad_input_is_one_sentence(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "hosts"
    path.write_text(BEFORE)
    bad = [{"address": "127.0.1.1", "names": ["mx1.example.test"]}]
    cases = {
        "entries[0]: 127.0.1.1 is a loopback address": task(path, bad),
        f"{tmp_path}: is a directory": task(tmp_path),
        f"{tmp_path}/none/hosts: the directory": task(tmp_path / "none" / "hosts"),
    }
    brought = [f"{tmp_path}/none/hosts: the directory"]
    assert_refused({start: tasks[0] for start, tasks in cases.items()}, tmp_path, foreseen=brought)
    assert path.read_text() == BEFORE
