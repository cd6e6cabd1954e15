# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""krb5_conf through ansible-playbook: check, run, check, run."""

from __future__ import annotations

import pathlib
from typing import Any

from ansible_collections.mailrealm.kerberos.tests.integration.ladder import Ladder, climb

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


def ladder(path: pathlib.Path, settings: dict[str, Any], tmp_path: pathlib.Path, **options: Any) -> Ladder:
    """Climb it and see that check mode touched nothing and told the truth."""
    steps = climb(task(path, settings, **options), tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run.watched_after
    assert not steps.check_again.diff
    return steps


def test_settings_are_written_and_the_rest_stays(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "krb5.conf"
    path.write_text(BEFORE)
    steps = ladder(path, SETTINGS, tmp_path)
    assert path.read_text() == AFTER
    assert [(part["before"], part["after"]) for part in steps.check.diff] == [(BEFORE, AFTER)]
    assert {"setting": ["libdefaults", "rdns"], "before": ["no"], "after": ["false"]} in steps.check.only.data[
        "changes"
    ]
