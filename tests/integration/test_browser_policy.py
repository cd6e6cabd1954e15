# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""browser_policy through ansible-playbook; Python's own reader of JSON says what is in the files."""

from __future__ import annotations

import json
import pathlib
from typing import Any

from ansible_collections.mailrealm.kerberos.tests.integration import ladder
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

SPNEGO = ["https://cas1.example.test"]
FIREFOX = {"Authentication": {"SPNEGO": SPNEGO, "Delegated": [], "Locked": True}}
CHROMIUM = {"AuthServerAllowlist": ["cas1.example.test"], "AuthNegotiateDelegateAllowlist": [], "NtlmV2Enabled": False}
FOREIGN = """\
{
\t"policies": {
\t\t"Homepage": {"URL": "https://start.example.test"},
\t\t"Authentication": {
\t\t\t"SPNEGO": ["https://old.example.test"],
\t\t\t"Delegated": ["https://old.example.test"]
\t\t}
\t}
}
"""
MERGED = FOREIGN.replace(
    '"SPNEGO": ["https://old.example.test"', '"SPNEGO": ["https://old.example.test", "https://cas1.example.test"'
).replace('"Delegated": ["https://old.example.test"]', '"Delegated": [],\n\t\t\t"Locked": true')


def task(path: pathlib.Path, browser: str = "firefox", **options: Any) -> list[dict[str, Any]]:
    given = {"path": str(path), "browser": browser, "policies": FIREFOX if browser == "firefox" else CHROMIUM}
    return [{"mailrealm.kerberos.browser_policy": {**given, **options}}]


def test_foreign_policies_stay(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "policies.json"
    path.write_text(FOREIGN)
    steps = ladder.climb(task(path, backup=True, mode="0640"), tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.check.diff == steps.run.diff
    assert (steps.run.diff[0]["before"], steps.run.diff[0]["after"]) == (FOREIGN, MERGED)
    assert path.read_text() == MERGED
    assert path.stat().st_mode & 0o7777 == 0o640
    assert pathlib.Path(steps.run.only.data["backup_file"]).read_text() == FOREIGN
    assert steps.run.only.data["changes"] == [
        "Authentication.SPNEGO",
        "Authentication.Delegated",
        "Authentication.Locked",
    ]


def test_a_missing_file_is_made(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kerberos.json"
    steps = climb(task(path, "chromium"), tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert path.stat().st_mode & 0o7777 == 0o644
    assert json.loads(path.read_text()) == {
        "AuthServerAllowlist": "cas1.example.test",
        "AuthNegotiateDelegateAllowlist": "",
        "NtlmV2Enabled": False,
    }


def test_exact_lists_and_what_must_go(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "policies.json"
    path.write_text(FOREIGN)
    asked = {
        "policies": {"Authentication": {"SPNEGO": SPNEGO}},
        "lists": "exact",
        "absent": ["Authentication.Delegated"],
    }
    steps = climb(task(path, **asked), tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert json.loads(path.read_text())["policies"]["Authentication"] == {"SPNEGO": SPNEGO}


def test_other_files_of_the_folder(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "managed"
    folder.mkdir()
    (folder / "site.json").write_text('{\n  "AuthServerAllowlist": "*"\n}\n')
    step, dummy = play(task(folder / "kerberos.json", "chromium"), tmp_path)
    (shadow,) = step.only.data["shadowed"]
    assert shadow == {"key": "AuthServerAllowlist", "path": str(folder / "site.json"), "line": 2, "wins": True}
    assert any("AuthServerAllowlist is not in force" in str(one) for one in step.only.data["warnings"])


def test_secrets_are_not_shown(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kerberos.json"
    path.write_text('{"CloudManagementEnrollmentToken": "canary-1"}')
    policies = {"CloudManagementEnrollmentToken": "canary-2"}
    step, output = ladder.play(task(path, "chromium", policies=policies), tmp_path, verbosity=4)
    assert step.changed and "canary" not in output
    assert json.loads(path.read_text()) == policies


def test_bad_input_is_one_sentence(tmp_path: pathlib.Path) -> None:
    broken, twice = tmp_path / "broken.json", tmp_path / "twice.json"
    broken.write_text("{\n  policies: {}\n}")
    twice.write_text('{"policies": {}, "policies": {}}')
    good = tmp_path / "good.json"
    cases = {
        f"{broken}: line 2 column 3: 'policies' is no name in double quotes": task(broken),
        f'{twice}: line 1 column 18: "policies" is the second of that name': task(twice),
        f"{tmp_path}: is a directory": task(tmp_path),
        f"{tmp_path}/none/p.json: the directory": task(tmp_path / "none" / "p.json"),
        "backup: Chromium reads every file in the folder": task(good, "chromium", backup=True),
        "beside: Firefox reads one file": task(good, beside=str(tmp_path)),
        "policies: AuthServerWhitelist is no longer read": task(
            good, "chromium", policies={"AuthServerWhitelist": "x"}
        ),
        "policies: Authentication.Locked takes true or false": task(
            good, policies={"Authentication": {"Locked": "yes"}}
        ),
    }
    brought = [f"{tmp_path}/none/p.json: the directory"]
    assert_refused({start: tasks[0] for start, tasks in cases.items()}, tmp_path, foreseen=brought)
    assert not good.exists()
