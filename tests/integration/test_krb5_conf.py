# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""krb5_conf, through ansible-playbook and forked: check, run, check, run."""

from __future__ import annotations

import pathlib
import sys
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module, ladder
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.libkrb5_oracle import libkrb5_reads
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.profile_samples import SAMPLES

BEFORE = """\
# kept by hand
[libdefaults]
\tdefault_realm = OLD.TEST   # libkrb5 reads this comment as a part of the value
\trdns = no

[realms]
\tEXAMPLE.TEST = {
\t\tkdc = kdc9.example.test
\t\tkdc = kdc1.example.test
\t}
"""
AFTER = """\
# kept by hand
[libdefaults]
\tdefault_realm = EXAMPLE.TEST
\trdns = false

[realms]
\tEXAMPLE.TEST = {
\t\tkdc = kdc1.example.test
\t\tkdc = kdc2.example.test
\t\tadmin_server = kdc1.example.test
\t}

[domain_realm]
\t.example.test = EXAMPLE.TEST
"""
SETTINGS = {
    "libdefaults": {"default_realm": "EXAMPLE.TEST", "rdns": False},
    "realms": {
        "EXAMPLE.TEST": {
            "kdc": ["kdc1.example.test", "kdc2.example.test"],
            "admin_server": "kdc1.example.test",
        }
    },
    "domain_realm": {".example.test": "EXAMPLE.TEST"},
}


def task(path: pathlib.Path, settings: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    return [{"mailrealm.kerberos.krb5_conf": {"path": str(path), "settings": settings, **options}}]


def climbed(path: pathlib.Path, settings: dict[str, Any], tmp_path: pathlib.Path, **options: Any) -> ladder.Ladder:
    """Climb it and see that check mode touched nothing and told the truth."""
    return seen(climb(task(path, settings, **options), tmp_path, watch=[path]))


def seen(steps: ladder.Ladder) -> ladder.Ladder:
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run.watched_after
    assert not steps.check_again.diff
    return steps


def test_settings_are_written_and_the_rest_stays(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "krb5.conf"
    path.write_text(BEFORE)
    steps = seen(ladder.climb(task(path, SETTINGS), tmp_path, watch=[path]))
    assert path.read_text() == AFTER
    assert [(part["before"], part["after"]) for part in steps.check.diff] == [(BEFORE, AFTER)]
    assert {"setting": ["libdefaults", "rdns"], "before": ["no"], "after": ["false"]} in steps.check.only.data[
        "changes"
    ]


def libkrb5_values(path: pathlib.Path, *names: str) -> Any:
    """The judge's values of a relation."""
    tree: Any = libkrb5_reads(path)
    for name in names[:-1]:
        tree = tree[(name,)]
    return tree.get(names[-1])


@pytest.mark.parametrize("sample", SAMPLES)
def test_samples(sample: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "krb5.conf"
    path.write_bytes(SAMPLES[sample].encode())
    before = libkrb5_reads(path)
    forked_module.climb("krb5_conf", {"path": str(path), "settings": SETTINGS}, tmp_path)
    after = libkrb5_reads(path)
    assert before is not None
    assert after is not None
    assert libkrb5_values(path, "realms", "EXAMPLE.TEST", "kdc") == ["kdc1.example.test", "kdc2.example.test"]
    assert libkrb5_values(path, "libdefaults", "default_realm") == ["EXAMPLE.TEST"]
    for tree in (before, after):
        for relation in ("default_realm", "rdns"):
            tree.setdefault(("libdefaults",), {}).pop(relation, None)
        tree.setdefault(("realms",), {}).pop(("EXAMPLE.TEST",), None)
        tree.setdefault(("domain_realm",), {}).pop(".example.test", None)
    assert after == before
    gone = [line for line in SAMPLES[sample].splitlines() if line not in path.read_bytes().decode().splitlines()]
    assert {line.partition("=")[0].strip() for line in gone} <= {"default_realm", "rdns"}


def test_removal(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "krb5.conf"
    path.write_text(BEFORE)
    unwanted = {"libdefaults": {"rdns": None}, "realms": {"EXAMPLE.TEST": {"kdc": ["kdc9.example.test"]}, "NONE": None}}
    steps = climbed(path, unwanted, tmp_path, state="absent")
    assert steps.run.only.data["changes"] == [
        {"setting": ["libdefaults", "rdns"], "before": ["no"], "after": []},
        {
            "setting": ["realms", "EXAMPLE.TEST", "kdc"],
            "before": ["kdc9.example.test", "kdc1.example.test"],
            "after": ["kdc1.example.test"],
        },
    ]
    assert path.read_text() == BEFORE.replace("\trdns = no\n", "").replace("\t\tkdc = kdc9.example.test\n", "")


def test_a_new_file(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "krb5.conf"
    steps = climbed(path, SETTINGS, tmp_path)
    assert path.stat().st_mode & 0o7777 == 0o644
    assert [part["before"] for part in steps.check.diff] == ["", "absent\n"]
    assert libkrb5_values(path, "libdefaults", "rdns") == ["false"]


def test_mode_owner_and_backup(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kdc.conf"
    path.write_text(BEFORE)
    path.chmod(0o644)
    steps = climbed(path, SETTINGS, tmp_path, mode="0600", owner="root", backup=True)
    assert path.stat().st_mode & 0o7777 == 0o600
    assert pathlib.Path(steps.run.only.data["backup_file"]).read_text() == BEFORE
    assert len(steps.check.diff) == 2


def test_a_mode_alone(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "krb5.conf"
    path.write_text(AFTER)
    path.chmod(0o666)
    steps = climbed(path, SETTINGS, tmp_path, mode="u=rw,go=r")
    assert steps.run.only.data["changes"] == []
    assert path.read_text() == AFTER
    assert path.stat().st_mode & 0o7777 == 0o644


def test_nothing_to_remove_where_there_is_no_file(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "krb5.conf"
    steps = climb(task(path, {"libdefaults": None}, state="absent"), tmp_path)
    assert steps.changed == (False, False, False, False)
    assert not path.exists()


def test_an_included_file_that_shadows_is_named(tmp_path: pathlib.Path) -> None:
    drop_ins = tmp_path / "krb5.conf.d"
    drop_ins.mkdir()
    (drop_ins / "site.conf").write_text("# first\n[libdefaults]\n default_realm = DROPIN.TEST\n rdns = false\n")
    (drop_ins / "left.rpmsave").write_text("[libdefaults]\n dns_lookup_kdc = left\n")
    path = tmp_path / "krb5.conf"
    path.write_text(f"includedir {drop_ins}\n[libdefaults]\nlong = {{ a = b }}\n")
    wanted = {"libdefaults": {"default_realm": "EXAMPLE.TEST", "rdns": False, "dns_lookup_kdc": True}}
    steps = climbed(path, wanted, tmp_path)
    for step in (steps.check, steps.run, steps.check_again):
        assert step.only.data["shadowed"] == [
            {
                "setting": ["libdefaults", "default_realm"],
                "value": "DROPIN.TEST",
                "file": f"{drop_ins}/site.conf",
                "line": 3,
            }
        ]
        shadow, one_line = step.only.data["warnings"]
        assert shadow.startswith(f"{path}: libkrb5 does not use libdefaults / default_realm as written here, because ")
        assert f"{drop_ins}/site.conf line 3 sets it to 'DROPIN.TEST'" in shadow
        assert one_line.startswith(f"{path}: line 3 has a whole subsection on one line")
    assert libkrb5_values(path, "libdefaults", "default_realm") == ["DROPIN.TEST", "EXAMPLE.TEST"]
    assert libkrb5_values(path, "libdefaults", "dns_lookup_kdc") == ["true"]


def test_an_include_that_is_not_there(tmp_path: pathlib.Path) -> None:
    """libkrb5 would read nothing of the file: refused by a run, foreseen as a later task's work in check mode."""
    path = tmp_path / "krb5.conf"
    before = f"includedir {tmp_path}/none\n[libdefaults]\n"
    path.write_text(before)
    step, dummy = play(task(path, SETTINGS), tmp_path, check=True)
    assert step.changed
    assert any("check mode goes on as if it will be there" in warning for warning in step.only.data["warnings"])
    step, output = play(task(path, SETTINGS), tmp_path)
    assert step.failed
    assert step.only.msg.startswith(f"{path}: libkrb5 would not read it, as a directory that an includedir line names")
    assert path.read_text() == before
    step, output = play(task(path, SETTINGS, validate=False), tmp_path)
    assert step.changed, output
    assert libkrb5_reads(path) is None


def test_works_where_there_is_no_kerberos(tmp_path: pathlib.Path) -> None:
    """A blank host: the library cannot be loaded."""
    (tmp_path / "sitecustomize.py").write_text(
        "import ctypes\n"
        "real = ctypes.CDLL.__init__\n"
        "def blank(self, name, *rest, **more):\n"
        "    if name and 'krb5' in str(name):\n"
        "        raise OSError(name + ': cannot open shared object file')\n"
        "    real(self, name, *rest, **more)\n"
        "ctypes.CDLL.__init__ = blank\n"
    )
    blank = tmp_path / "blank"
    blank.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n')
    blank.chmod(0o755)
    path = tmp_path / "krb5.conf"
    path.write_text(f"include {tmp_path}/none\n[libdefaults]\n")  # with the library this would be refused
    step, output = ladder.play(task(path, SETTINGS), tmp_path, interpreter=str(blank))
    assert step.changed, output
    assert "default_realm = EXAMPLE.TEST" in path.read_text()


def test_bad_input_is_one_sentence(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "krb5.conf"
    bad = "[libdefaults]\nrdns\n"
    path.write_text(bad)
    generated = tmp_path / "crypto-policies"
    generated.symlink_to("/etc/crypto-policies/back-ends/krb5.config")
    cases = {
        f"{path}: line 2, column 1: is neither 'name = value'": task(path, SETTINGS),
        f"{tmp_path}: is a directory": task(tmp_path, SETTINGS),
        f"{tmp_path}/a/b: the directory {tmp_path}/a does not exist": task(tmp_path / "a" / "b", SETTINGS),
        f"{tmp_path}/c: there is no such file": task(tmp_path / "c", SETTINGS, create=False),
        "settings.libdefaults.a b: a name has no blank": task(path, {"libdefaults": {"a b": 1}}),
        "settings.libdefaults.a: has no value": task(path, {"libdefaults": {"a": None}}),
        f"{generated}: is /etc/crypto-policies/back-ends/krb5.config, which": task(generated, SETTINGS),
        f"{tmp_path}/d: the user 'no-such-user' does not exist": task(tmp_path / "d", SETTINGS, owner="no-such-user"),
    }
    brought = [start for start in cases if "does not exist" in start or "there is no such file" in start]
    assert_refused({start: tasks[0] for start, tasks in cases.items()}, tmp_path, foreseen=brought)
    assert path.read_text() == bad
    step, output = play(task(tmp_path / "c", SETTINGS, create=False), tmp_path, check=True)
    assert step.changed, output


def test_check_mode_foresees_a_file_that_an_earlier_task_brings(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "krb5.conf"
    later = {"libdefaults": {"default_keytab_name": "/etc/cas/cas.keytab"}}
    tasks = [*task(path, {"libdefaults": {"rdns": False}}), *task(path, later, create=False)]
    foreseen, output = play(tasks, tmp_path, check=True)
    assert not path.exists(), output
    done, output = play(tasks, tmp_path)
    added = [
        [line for line in step.last.diff[0]["after"].splitlines() if "keytab" in line] for step in (foreseen, done)
    ]
    assert added == [["    default_keytab_name = /etc/cas/cas.keytab"]] * 2, output
    assert [len(step.last.diff) for step in (foreseen, done)] == [1, 1], (
        "the file's owner and mode are the first task's"
    )
