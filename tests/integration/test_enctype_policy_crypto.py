# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""enctype_policy on a host with crypto-policies, whose tool is a stand-in, at the system's own places."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.crypto_host import KRB5_CONF, PERMITTED
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import Ladder, climb, play
from ansible_collections.mailrealm.kerberos.tests.lab.doubles.crypto_policies import install

ROOT = pathlib.Path("/")
HOST_FILE = pathlib.Path("/etc/krb5.conf")
DROP_IN = pathlib.Path("/etc/krb5.conf.d/crypto-policies")
BACK_END = pathlib.Path("/etc/crypto-policies/back-ends/krb5.config")
CONFIG = pathlib.Path("/etc/crypto-policies/config")
WATCHED = [HOST_FILE, CONFIG, BACK_END, DROP_IN, pathlib.Path("/etc/crypto-policies/policies/modules")]


@pytest.fixture
def red_hat() -> Iterator[None]:
    """The throw-away container as a host with crypto-policies, for the time of a test."""
    assert pathlib.Path("/run/.containerenv").exists(), "runs in the toolbox alone, for it changes /etc"
    made = [pathlib.Path(path) for path in ("/etc/crypto-policies", "/usr/share/crypto-policies", "/etc/krb5.conf.d")]
    assert not any(path.exists() for path in made)
    before = HOST_FILE.read_bytes() if HOST_FILE.exists() else None
    program = install(ROOT, "el9")
    HOST_FILE.write_text(KRB5_CONF.format(""))
    yield
    program.unlink()
    for path in made:
        shutil.rmtree(path)
    HOST_FILE.unlink()
    if before is not None:
        HOST_FILE.write_bytes(before)


def permitted() -> list[int]:
    """What libkrb5 itself permits with the host's files."""
    done = subprocess.run([sys.executable, "-c", PERMITTED], capture_output=True, text=True, check=True)
    return [int(line) for line in done.stdout.split()]


def task(**options: Any) -> list[dict[str, Any]]:
    return [{"mailrealm.kerberos.enctype_policy": options}]


def ladder(tmp_path: pathlib.Path, **options: Any) -> Ladder:
    steps = climb(task(**options), tmp_path, watch=WATCHED)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run.watched_after
    assert not steps.check_again.diff
    return steps


@pytest.mark.usefixtures("red_hat")
def test_the_policy_becomes_a_module_behind_the_one_that_is_set(tmp_path: pathlib.Path) -> None:
    text = HOST_FILE.read_text() + "\tpermitted_enctypes = rc4-hmac\n\tallow_weak_crypto = true\n"
    HOST_FILE.write_text(text)
    steps = ladder(tmp_path, policy="modern")
    assert CONFIG.read_text().strip() == "DEFAULT:MAILREALM-KERBEROS"
    assert permitted() == [20, 19, 18, 17]
    assert HOST_FILE.read_text() == KRB5_CONF.format("")
    changed = {(one["file"], *one["setting"]): (one["before"], one["after"]) for one in steps.run.only.data["changes"]}
    assert changed[str(CONFIG),] == (["DEFAULT"], ["DEFAULT:MAILREALM-KERBEROS"])
    assert changed[str(HOST_FILE), "libdefaults", "permitted_enctypes"] == (["rc4-hmac"], [])
    # The way back to RC4 is the same task with another policy
    ladder(tmp_path, policy="with_rc4", accept_weak=True, consumers=["mit", "active_directory"], crypto_policies="true")
    assert permitted() == [18, 17, 23]
    step, output = play(task(policy="zimbra", crypto_policies="false"), tmp_path)
    assert step.failed, output
    assert step.only.msg.startswith(f"{DROP_IN}: line 1") or "sets permitted_enctypes" in step.only.msg
    assert "set crypto_policies to true" in step.only.msg


@pytest.mark.usefixtures("red_hat")
def test_what_axigens_document_asked_for_is_found_and_put_right(tmp_path: pathlib.Path) -> None:
    """RC4 put into the drop-in by hand, which in editors that write a new file also ends the link."""
    text = BACK_END.read_text()
    DROP_IN.unlink()
    DROP_IN.write_text(text.rstrip("\n") + " arcfour-hmac-md5\n")
    steps = ladder(tmp_path, policy="compatible")
    assert DROP_IN.is_symlink()
    assert permitted() == [18, 17, 20, 19]
    link, rc4 = steps.check.only.data["findings"]
    assert {link["file"], rc4["file"]} == {str(DROP_IN)}
    assert {link["document"], rc4["document"]} == {"axigen"}
    assert "no longer the link" in link["problem"]
    assert rc4["problem"].startswith("permitted_enctypes names arcfour-hmac (RC4")
    assert steps.run_again.only.data["findings"] == []


def test_a_host_without_them_is_told(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "krb5.conf"
    step, output = play(task(policy="compatible", krb5_conf=str(path), crypto_policies="true"), tmp_path)
    assert step.failed, output
    assert step.only.msg.startswith("crypto_policies: this host has none; leave it at auto")
