# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `keytab` on keytabs that libkrb5 wrote; klist and ktutil judge the result."""

from __future__ import annotations

import base64
import grp
import os
import pathlib
import time
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import mit_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key, klist

MODULE = "mailrealm.kerberos.keytab"
AES256, AES128, RC4 = "aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96", "arcfour-hmac"
MX1 = Key("smtp/mx1.example.test@EXAMPLE.TEST", 300, AES256, "11" * 32)
MX1_128 = Key("smtp/mx1.example.test@EXAMPLE.TEST", 300, AES128, "12" * 16)
MX1_RC4 = Key("smtp/mx1.example.test@EXAMPLE.TEST", 300, RC4, "13" * 16)
MX1_OLD = Key("smtp/mx1.example.test@EXAMPLE.TEST", 299, AES256, "14" * 32)
HTTP = Key("HTTP/mail.example.test@EXAMPLE.TEST", 2, AES256, "21" * 32)
ODD = Key(r"a\/b\@c/\\d@EXAMPLE.TEST", 0x00070001, AES256, "31" * 32)


def task(path: pathlib.Path, *sources: Any, **options: Any) -> dict[str, Any]:
    given = [one if isinstance(one, dict) else {"remote_src": str(one)} for one in sources]
    return {"name": "Keep the keytab", MODULE: {"path": str(path), "sources": given, **options}}


def inline(path: pathlib.Path) -> dict[str, str]:
    return {"content": base64.b64encode(path.read_bytes()).decode()}


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_ladder_of_a_merge_into_a_new_keytab(tmp_path: pathlib.Path) -> None:
    one = mit_keytab.write(tmp_path / "one", MX1, ODD)
    two = mit_keytab.write(tmp_path / "two", HTTP, MX1)
    path = tmp_path / "merged"
    steps = climb([task(path, one, inline(two))], tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after[str(path)] is None
    assert steps.check.diff == steps.run.diff
    content, attributes = steps.run.diff
    assert content["before"] == ""
    assert lines(content["after"]) == [
        f"smtp/mx1.example.test@EXAMPLE.TEST kvno 300 {AES256}",
        rf"a\/b\@c/\\d@EXAMPLE.TEST kvno 458753 {AES256}",
        f"HTTP/mail.example.test@EXAMPLE.TEST kvno 2 {AES256}",
    ]
    assert "mode: 0600" in lines(attributes["after"])
    assert klist(path) == [MX1, ODD, HTTP]
    made = steps.run.watched_after[str(path)]
    assert made["mode"] == "0600"
    assert steps.run_again.watched_after[str(path)] == made, "a run that changed nothing wrote the file"
    assert (steps.check.only.data["added"], steps.check.only.data["entries"]) == (3, 3)


def test_ktutil_merges_to_the_same_keys(tmp_path: pathlib.Path) -> None:
    one = mit_keytab.write(tmp_path / "one", MX1, MX1_128, ODD)
    two = mit_keytab.write(tmp_path / "two", HTTP, MX1_RC4, MX1_OLD)
    mit_keytab.ktutil_merge(tmp_path / "by-ktutil", one, two)
    step, output = play([task(tmp_path / "by-us", one, two)], tmp_path)
    assert step.changed, output
    assert klist(tmp_path / "by-us") == klist(tmp_path / "by-ktutil")
    # and ktutil can go on with a file of ours
    mit_keytab.ktutil_merge(
        tmp_path / "by-us", mit_keytab.write(tmp_path / "three", Key("late@R", 1, AES256, "41" * 32))
    )
    assert len(klist(tmp_path / "by-us")) == 7


def test_duplicates_that_ktutil_leaves_go(tmp_path: pathlib.Path) -> None:
    source = mit_keytab.write(tmp_path / "source", MX1, HTTP)
    path = tmp_path / "merged"
    for dummy in range(2):
        mit_keytab.ktutil_merge(path, source)
    assert len(klist(path)) == 4
    steps = climb([task(path)], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.run.only.data["removed"] == 2
    assert klist(path) == [MX1, HTTP]


def test_holes_are_read_and_an_unchanged_file_keeps_them(tmp_path: pathlib.Path) -> None:
    path = mit_keytab.write(tmp_path / "holed", MX1, HTTP)
    mit_keytab.Writer(path).remove(MX1)
    time.sleep(1.1)  # so that the source's entry is of a later second
    source = mit_keytab.write(tmp_path / "source", HTTP)
    assert mit_keytab.klist_times(source) > mit_keytab.klist_times(path)
    before = path.read_bytes()
    steps = climb([task(path, source)], tmp_path)
    assert steps.changed == (False, False, False, False)
    assert path.read_bytes() == before
    steps = climb([task(path, mit_keytab.write(tmp_path / "more", MX1))], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert klist(path) == [HTTP, MX1]


def test_ladder_of_principals_enctypes_and_kvnos(tmp_path: pathlib.Path) -> None:
    source = mit_keytab.write(tmp_path / "source", MX1, MX1_128, MX1_RC4, HTTP)
    path = mit_keytab.write(tmp_path / "merged", ODD, MX1_OLD, MX1_RC4)
    wanted = task(path, source, principals=["smtp/mx1.example.test"], enctypes=["aes"], keep_kvnos=1)
    steps = climb([wanted], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert klist(path) == [ODD, MX1, MX1_128]


def test_ladder_of_an_exclusive_keytab(tmp_path: pathlib.Path) -> None:
    source = mit_keytab.write(tmp_path / "source", MX1)
    path = mit_keytab.write(tmp_path / "merged", ODD, MX1)
    steps = climb([task(path, source, exclusive=True)], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert klist(path) == [MX1]


def test_ladder_of_another_key_in_the_same_slot(tmp_path: pathlib.Path) -> None:
    source = mit_keytab.write(tmp_path / "source", MX1._replace(key="ff" * 32))
    path = mit_keytab.write(tmp_path / "merged", MX1, HTTP)
    before = path.read_bytes()
    for check in (True, False):
        step, output = play([task(path, source)], tmp_path, check=check)
        assert step.failed
        assert "on_conflict" in step.only.msg
        assert f"{path}" in step.only.msg
        assert path.read_bytes() == before, output
    steps = climb([task(path, source, on_conflict="file")], tmp_path)
    assert steps.changed == (False, False, False, False)
    steps = climb([task(path, source, on_conflict="source")], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    (part,) = steps.run.diff
    assert lines(part["after"])[0].endswith(" (key replaced)")
    assert klist(path) == [MX1._replace(key="ff" * 32), HTTP]


def test_ladder_of_absence(tmp_path: pathlib.Path) -> None:
    path = mit_keytab.write(tmp_path / "merged", MX1, MX1_RC4, HTTP, ODD)
    steps = climb([task(path, enctypes=["rc4"], state="absent")], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert klist(path) == [MX1, HTTP, ODD]
    steps = climb([task(path, mit_keytab.write(tmp_path / "source", HTTP), state="absent")], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert klist(path) == [MX1, ODD]
    steps = climb([task(path, state="absent")], tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert not path.exists()


def test_owner_group_mode_and_backup(tmp_path: pathlib.Path) -> None:
    path = mit_keytab.write(tmp_path / "merged", MX1)
    path.chmod(0o644)
    source = mit_keytab.write(tmp_path / "source", HTTP)
    group = grp.getgrgid(max(os.getgroups() or [0])).gr_name if os.geteuid() else "mail"
    steps = climb([task(path, source, group=group, mode="0640", backup=True)], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert path.stat().st_mode & 0o7777 == 0o640
    assert path.group() == group
    backup = pathlib.Path(steps.run.only.data["backup_file"])
    assert klist(backup) == [MX1]
    steps = climb([task(path, source, mode="u=rw,g=,o=")], tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert path.stat().st_mode & 0o7777 == 0o600


def test_on_a_blank_host_check_mode_runs_to_its_end(tmp_path: pathlib.Path) -> None:
    """The directory, the user and the group come with a package that an earlier task of the same run installs."""
    source = mit_keytab.write(tmp_path / "source", MX1)
    path = tmp_path / "to-be-made" / "smtp.keytab"
    wanted = task(path, source, owner="nobody-yet", group="no-group-yet", mode="0640")
    step, output = play([wanted], tmp_path, check=True)
    assert not step.failed, output
    assert step.changed
    assert "group: no-group-yet" in step.diff[1]["after"]
    step, output = play([wanted], tmp_path)
    assert step.failed
    assert "nobody-yet" in step.only.msg


@pytest.mark.parametrize("order", ["little", "big"])
def test_the_oldest_version_is_read_and_written_as_todays(order: str, tmp_path: pathlib.Path) -> None:
    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, order)  # type: ignore[arg-type]

    parts = [b"EXAMPLE.TEST", b"smtp", b"mx1.example.test"]
    body = number(len(parts), 2) + b"".join(number(len(part), 2) + part for part in parts)
    body += number(1_700_000_000, 4) + number(7, 1) + number(18, 2) + number(32, 2) + b"\x11" * 32
    path = tmp_path / "old"
    path.write_bytes(b"\x05\x01" + number(len(body), 4) + body)
    steps = climb([task(path, mit_keytab.write(tmp_path / "source", HTTP))], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert path.read_bytes()[:2] == b"\x05\x02"
    assert klist(path) == [MX1._replace(kvno=7), HTTP]
