# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many runs of the module `keytab` on one file at the same moment: klist finds what each of them brought."""

from __future__ import annotations

import base64
import fcntl
import os
import pathlib
import time

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import mit_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import calls, start
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key, klist

ENCTYPE = "aes256-cts-hmac-sha1-96"
AT_ONCE, TIMES = 20, 20
KEYS = [
    Key(f"smtp/mx{number}.example.test@EXAMPLE.TEST", 2, ENCTYPE, f"{number:02x}" * 32) for number in range(AT_ONCE)
]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("sources")
    return [
        base64.b64encode(mit_keytab.write(folder / f"{number}", key).read_bytes()).decode()
        for number, key in enumerate(KEYS)
    ]


def merge_all(paths: list[pathlib.Path], sources: list[str], folder: pathlib.Path) -> None:
    """Each source merged by a process of its own, all let go at once, into the paths in turn."""
    started = [
        start("keytab", {"path": str(paths[number % len(paths)]), "sources": [{"content": content}]}, folder)
        for number, content in enumerate(sources)
    ]
    for one in started:
        one.go()
    outcomes = [one.finish() for one in started]
    bad = [outcome.output for outcome in outcomes if not (outcome.result and outcome.result.get("changed"))]
    assert bad == []


def test_twenty_at_once_lose_nothing(sources: list[str], tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    path = folder / "keytab"
    for dummy in range(TIMES):
        merge_all([path], sources, tmp_path)
        assert sorted(klist(path)) == sorted(KEYS)
        assert list(folder.iterdir()) == [path]
        path.unlink()


def test_a_link_and_the_file_that_it_leads_to_are_one_file(sources: list[str], tmp_path: pathlib.Path) -> None:
    for name in ("etc", "links"):
        (tmp_path / name).mkdir()
    path, link, beside = tmp_path / "etc" / "keytab", tmp_path / "links" / "keytab", tmp_path / "etc" / "other-name"
    link.symlink_to(path)
    beside.symlink_to("keytab")
    merge_all([path, link, beside], sources, tmp_path)
    assert sorted(klist(path)) == sorted(KEYS)
    assert link.is_symlink() and beside.is_symlink()
    assert sorted((tmp_path / "etc").iterdir()) == [path, beside]
    assert list((tmp_path / "links").iterdir()) == [link]


def test_both_directories_of_a_link_are_locked_in_one_order(sources: list[str], tmp_path: pathlib.Path) -> None:
    """In two orders, two runs with links crosswise could each wait for the other."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    (one / "link").symlink_to(two / "keytab")
    (two / "link").symlink_to(one / "keytab")
    for folder in (one, two):
        made = calls("keytab", {"path": str(folder / "link"), "sources": [{"content": sources[0]}]}, tmp_path)
        locks = [call.line.partition("<")[2].partition(">")[0] for call in made if call.name == "flock"]
        assert locks == [str(one), str(two)]


def test_a_run_waits_while_another_works(sources: list[str], tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    path = folder / "keytab"
    waiting = start("keytab", {"path": str(path), "sources": [{"content": sources[0]}]}, tmp_path)
    working = os.open(folder, os.O_RDONLY)
    fcntl.flock(working, fcntl.LOCK_EX)
    waiting.go()
    descriptors = pathlib.Path(f"/proc/{waiting.pid}/fd")
    while str(folder) not in [os.readlink(one) for one in descriptors.iterdir() if one.is_symlink()]:
        time.sleep(0.01)
    mit_keytab.write(path, KEYS[1])
    os.close(working)
    outcome = waiting.finish()
    assert outcome.result and outcome.result["changed"], outcome.output
    assert klist(path) == [KEYS[1], KEYS[0]]
