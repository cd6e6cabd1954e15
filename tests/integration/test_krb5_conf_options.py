# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each option of krb5_conf up the ladder, and what is shadowed: refused or warned of, with libkrb5 as the judge."""

from __future__ import annotations

import dataclasses
import functools
import grp
import pathlib
import pwd
import shutil
import stat
import subprocess
from typing import Any, Callable, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import run
from ansible_collections.mailrealm.kerberos.tests.integration.libkrb5_oracle import (
    Tree,
    libkrb5_reads,
    libkrb5_values,
)
from ansible_collections.mailrealm.kerberos.tests.integration.next_libkrb5 import next_libkrb5

BEFORE = "# kept\n[libdefaults]\n\tdefault_realm = OLD.TEST\n\trdns = no\n"
SETTINGS = {"libdefaults": {"default_realm": "EXAMPLE.TEST"}}
AFTER = BEFORE.replace("OLD.TEST", "EXAMPLE.TEST")
NEW = "[libdefaults]\n    default_realm = EXAMPLE.TEST\n"
DAEMON = pwd.getpwnam("daemon")


@dataclasses.dataclass(frozen=True)
class Case:
    """Options beside path and settings, FOLDER standing for the case's own; what the file holds before and after.

    ``holds``: whether it is as asked afterwards, besides. ``files``: others in the folder.
    """

    options: dict[str, Any]
    before: str | None = BEFORE
    after: str = AFTER
    holds: Callable[[pathlib.Path], bool] = lambda dummy: True
    files: dict[str, str] = dataclasses.field(default_factory=dict)
    path: str = "krb5.conf"
    settings: dict[str, Any] = dataclasses.field(default_factory=lambda: SETTINGS)


def mode(path: pathlib.Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def flags(path: pathlib.Path) -> str:
    return subprocess.run(["lsattr", path], check=True, capture_output=True, text=True).stdout.split()[0]


def copies(path: pathlib.Path) -> list[str]:
    return [one.read_text() for one in path.parent.glob(f"{path.name}.*~")]


CASES = {
    "settings alone": Case({}),
    "path": Case({}, path="other.ini"),
    "path of a link": Case({}, path="link", files={"target": BEFORE}, before=None, holds=pathlib.Path.is_symlink),
    "settings nested": Case(
        {},
        settings={"libdefaults": {"rdns": []}, "realms": {"R": {"kdc": ["k1", "k2"], "deeper": {"x": 88, "y": True}}}},
        after=BEFORE.replace("\trdns = no\n", "")
        + "\n[realms]\n\tR = {\n\t\tkdc = k1\n\t\tkdc = k2\n\t\tdeeper = {\n\t\t\tx = 88\n\t\t\ty = true\n\t\t}\n\t}\n",
    ),
    "state: present": Case({"state": "present"}),
    "state: absent, a relation": Case(
        {"state": "absent"}, settings={"libdefaults": {"rdns": None}}, after=BEFORE.replace("\trdns = no\n", "")
    ),
    "state: absent, a value of a list": Case(
        {"state": "absent"},
        before="[realms]\nR = {\nkdc = a\nkdc = b\n}\n",
        settings={"realms": {"R": {"kdc": ["b"]}}},
        after="[realms]\nR = {\nkdc = a\n}\n",
    ),
    "state: absent, a subsection": Case(
        {"state": "absent"},
        before="[realms]\nR = {\nkdc = a\n}\n",
        settings={"realms": {"R": None}},
        after="[realms]\n",
    ),
    "state: absent, a section": Case({"state": "absent"}, settings={"libdefaults": None}, after="# kept\n"),
    "create": Case({"create": True}, before=None, after=NEW, holds=lambda path: mode(path) == 0o644),
    "create: false": Case({"create": False}),
    "validate": Case({"validate": True}),
    "validate: false": Case(
        {"validate": False},
        before=f"include /none\n{BEFORE}",
        after=f"include /none\n{AFTER}",
        holds=lambda path: libkrb5_reads(path) is None,
    ),
    "backup": Case({"backup": True}, holds=lambda path: copies(path) == [BEFORE]),
    "backup: false": Case({"backup": False}, holds=lambda path: copies(path) == []),
    "owner": Case({"owner": "daemon"}, holds=lambda path: path.stat().st_uid == DAEMON.pw_uid),
    "group": Case(
        {"group": grp.getgrgid(DAEMON.pw_gid).gr_name}, holds=lambda path: path.stat().st_gid == DAEMON.pw_gid
    ),
    "mode": Case({"mode": "0600"}, holds=lambda path: mode(path) == 0o600),
    "mode alone": Case({"mode": "u=rw,go="}, before=AFTER, holds=lambda path: mode(path) == 0o600),
    "attributes": Case({"attributes": "+d"}, holds=lambda path: "d" in flags(path)),
    "main": Case(
        {"main": ["FOLDER/main"]},
        path="part.conf",
        files={"main": "include FOLDER/part.conf\n"},
        before=None,
        after=NEW,
    ),
    "main, several": Case(
        {"main": ["FOLDER/kdc.conf", "FOLDER/krb5.conf"]}, files={"kdc.conf": "[realms]\n[libdefaults]\nrdns = no\n"}
    ),
    "main, unset": Case(
        {}, path="krb5.conf.d/own", files={"krb5.conf": "includedir FOLDER/krb5.conf.d\n"}, before=None, after=NEW
    ),
    "shadowed: warn": Case({"shadowed": "warn"}),
    "shadowed: fail": Case(
        {"shadowed": "fail"},
        path="krb5.conf.d/own",
        files={"krb5.conf": "includedir FOLDER/krb5.conf.d\n[libdefaults]\ndefault_realm = LATER.TEST\n"},
        before=None,
        after=NEW,
        holds=lambda path: (
            libkrb5_values([path.parent.parent / "krb5.conf"], [["libdefaults", "default_realm"]])
            == [["EXAMPLE.TEST", "LATER.TEST"]]
        ),
    ),
}


def placed(options: dict[str, Any], folder: pathlib.Path) -> dict[str, Any]:
    return {
        name: [one.replace("FOLDER", str(folder)) for one in value] if isinstance(value, list) else value
        for name, value in options.items()
    }


def prepared(folder: pathlib.Path, case: Case) -> dict[str, Any]:
    """The options of a case, whose files lie in the folder then."""
    path = folder / case.path
    path.parent.mkdir(exist_ok=True)
    for name, content in case.files.items():
        (folder / name).write_text(content.replace("FOLDER", str(folder)))
    if case.path == "link":
        path.symlink_to(folder / "target")
    if case.before is not None:
        path.write_text(case.before)
        path.chmod(0o644)
    return {"path": str(path), "settings": case.settings, **placed(case.options, folder)}


def text(warning: Any) -> str:
    """A warning's text, as core 2.19 and later return it."""
    return str(warning["event"]["msg"] if isinstance(warning, dict) else warning)


def held(path: pathlib.Path) -> Any:
    status = path.stat() if path.exists() else None
    return status and (
        status.st_mode,
        status.st_uid,
        status.st_gid,
        status.st_mtime_ns,
        status.st_ino,
        path.read_bytes(),
    )


@pytest.mark.parametrize("name", CASES)
def test_option(name: str, tmp_path: pathlib.Path) -> None:
    case, path = CASES[name], tmp_path / CASES[name].path
    options = prepared(tmp_path, case)
    if name == "attributes" and shutil.which("chattr") is None:
        refused = run("krb5_conf", options, tmp_path).result
        assert refused
        assert refused["msg"] == f"{path}: 'attributes' are set by chattr, which is not on this host; install e2fsprogs"
        assert path.read_text() == case.before
        return
    told, states = [], [held(path)]
    for check in (True, False, True, False):
        outcome = run("krb5_conf", options, tmp_path, check=check)
        assert outcome.result, outcome.output
        assert "failed" not in outcome.result, outcome.output
        told.append(outcome.result)
        states.append(held(path))
    assert [one["changed"] for one in told] == [True, True, False, False]
    assert told[0]["diff"] == told[1]["diff"] != []
    assert told[2]["diff"] == told[3]["diff"] == []
    assert states[0] == states[1] != states[2] == states[3] == states[4]
    for one in told:
        assert one["shadowed"] == []
        assert one["included"] is True
        assert [text(warning) for warning in one.get("warnings", [])] == [
            f"{path}: line 1 includes /none: there is no such file" for dummy in range(name == "validate: false")
        ]
    assert path.read_text() == case.after
    assert case.holds(path)
    assert ("backup_file" in told[1]) == (name == "backup")


@dataclasses.dataclass(frozen=True)
class Refused:
    """Settings of [libdefaults] that are refused, and how; ``foreseen``: check mode lets them pass."""

    path: str
    settings: dict[str, Any]
    says: str
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    foreseen: bool = False


UNREAD = "libkrb5 does not read this file, "
FIRST = (
    "libkrb5 does not use libdefaults / default_realm as written here, because FOLDER/krb5.conf.d/first line 3 sets it "
)
REFUSED = {
    "by an earlier drop-in": Refused(
        "krb5.conf.d/second", {"default_realm": "X.TEST"}, FIRST + "to 'FIRST.TEST'; remove"
    ),
    "by an included file": Refused(
        "krb5.conf",
        {"mid": "3"},
        "libkrb5 does not use libdefaults / mid as written here, because FOLDER/krb5.conf.d/first line 4 sets it to ",
    ),
    "by the including file": Refused(
        "krb5.conf.d/second",
        {"early": "2"},
        "libkrb5 does not use libdefaults / early as written here, because FOLDER/krb5.conf line 2 sets it to '1'; ",
    ),
    "by a marker": Refused(
        "krb5.conf.d/final",
        {"k": ["one", "two"]},
        "libkrb5 1.22 and later do not read libdefaults / k = 'two' in line 3, because FOLDER/krb5.conf.d/final line 2 "
        "makes libdefaults / k final; remove that '*'",
    ),
    "still set": Refused(
        "krb5.conf.d/second",
        {"late": None},
        "libkrb5 still reads libdefaults / late = 'true', because FOLDER/krb5.conf line 5 sets it; ",
        {"state": "absent"},
    ),
    "a name of a package manager": Refused(
        "krb5.conf.d/site.rpmsave",
        {"rdns": False},
        UNREAD + "as in the directory that FOLDER/krb5.conf line 3 includes it reads names of letters, ",
    ),
    "a name with dots": Refused("krb5.conf.d/my.file.d", {"rdns": False}, UNREAD + "as in the directory"),
    "no include line": Refused(
        "beside",
        {"rdns": False},
        UNREAD + "because no include line of FOLDER/krb5.conf leads to it; add one there",
        {"main": ["FOLDER/krb5.conf"]},
    ),
    "a main file with an error": Refused(
        "krb5.conf.d/second",
        {"rdns": False},
        UNREAD + "because no include line of FOLDER/broken",
        {"main": ["FOLDER/broken"]},
    ),
    "no main file": Refused(
        "krb5.conf.d/second",
        {"rdns": False},
        UNREAD + "because no include line of FOLDER/none leads to it; ",
        {"main": ["FOLDER/none"]},
        foreseen=True,
    ),
}


@pytest.fixture(scope="module")
def newer() -> Iterator[Callable[..., Tree | None]]:
    with next_libkrb5() as judge:
        yield functools.partial(judge, "libkrb5_reads")


@pytest.mark.parametrize("mode", ["fail", "warn"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_shadowed_is_refused_or_warned_of_and_libkrb5_agrees(
    name: str, mode: str, tmp_path: pathlib.Path, newer: Callable[..., Tree | None]
) -> None:
    case, main, drop_ins = REFUSED[name], tmp_path / "krb5.conf", tmp_path / "krb5.conf.d"
    drop_ins.mkdir()
    (drop_ins / "first").write_text("\n[libdefaults]\n  default_realm = FIRST.TEST\n  mid = 1\n")
    (drop_ins / "final").write_text("[libdefaults]\nk* = one\n")
    main.write_text(f"[libdefaults]\nearly = 1\nincludedir {drop_ins}\n[libdefaults]\nlate = true\nmid = 2\n")
    (tmp_path / "broken").write_text("[libdefaults]\nx\n")
    before = {path: held(path) for path in tmp_path.rglob("*") if path.is_file()}
    path = tmp_path / case.path
    options = {
        "path": str(path),
        "settings": {"libdefaults": case.settings},
        "shadowed": mode,
        **placed(case.options, tmp_path),
    }
    says = f"{path}: {case.says.replace('FOLDER', str(tmp_path))}"
    for check in (True, False):
        outcome = run("krb5_conf", options, tmp_path, check=check)
        assert outcome.result, outcome.output
        if mode == "fail" and not (check and case.foreseen):
            assert outcome.result["msg"].startswith(says)
            assert outcome.result["msg"].count("; ") == 1
        else:
            assert any(text(one).startswith(says) for one in outcome.result["warnings"]), outcome.output
            assert outcome.result["included"] is not says.startswith(f"{path}: {UNREAD}")
        if check or mode == "fail":
            assert {path: held(path) for path in tmp_path.rglob("*") if path.is_file()} == before
    if mode == "warn" and "state" not in case.options:
        ((relation, wanted),) = case.settings.items()
        begun = [pathlib.Path(one) for one in placed(case.options, tmp_path).get("main", [str(main)])]
        assert not all(used(judge(*begun), relation, wanted) for judge in (libkrb5_reads, newer))


def used(read: Tree | None, relation: str, wanted: Any) -> bool:
    """Whether the relation of [libdefaults] has the values asked for, or begins with the one."""
    values = (read or {}).get(("libdefaults",), {}).get(relation, [])
    return (
        values == wanted
        if isinstance(wanted, list)
        else values[:1] == [str(wanted).lower() if wanted is False else wanted]
    )
