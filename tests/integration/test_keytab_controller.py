# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `keytab` with keytabs of the controller: found where copy finds its files, opened by ansible-vault."""

from __future__ import annotations

import json
import pathlib
import subprocess

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import mit_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, environment, play, program
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key, klist

MODULE = "mailrealm.kerberos.keytab"
ENCTYPE = "aes256-cts-hmac-sha1-96"
BESIDE, IN_FILES, IN_ROLE, IN_VAULT, ANYWHERE = (
    Key(f"{service}/mx1.example.test@EXAMPLE.TEST", 2, ENCTYPE, octet * 32)
    for service, octet in (("smtp", "11"), ("imap", "22"), ("pop", "33"), ("HTTP", "44"), ("host", "55"))
)


def encrypt(path: pathlib.Path, folder: pathlib.Path, password: str) -> pathlib.Path:
    """The file, encrypted by ansible-vault under a password that the file returned holds."""
    secret = folder / f"password of {path.name}"
    secret.write_text(password)
    command = [program("ansible-vault"), "encrypt", "--vault-password-file", str(secret), str(path)]
    subprocess.run(command, env=environment(folder), check=True, capture_output=True, timeout=60)
    assert path.read_text().startswith("$ANSIBLE_VAULT;")
    return secret


@pytest.fixture
def controller(tmp_path: pathlib.Path) -> pathlib.Path:
    """A playbook's folder with keytabs beside the playbook, in its files/ and in a role's files/."""
    for folder in ("files", "roles/brings_keys/files", "roles/brings_keys/tasks"):
        (tmp_path / folder).mkdir(parents=True)
    mit_keytab.write(tmp_path / "beside.keytab", BESIDE)
    mit_keytab.write(tmp_path / "files" / "in-files.keytab", IN_FILES)
    mit_keytab.write(tmp_path / "roles/brings_keys/files" / "in-role.keytab", IN_ROLE)
    mit_keytab.write(tmp_path / "roles/brings_keys/files" / "in-vault.keytab", IN_VAULT)
    mit_keytab.write(tmp_path / "anywhere.keytab", ANYWHERE)
    return tmp_path


def test_ladder_of_each_place_on_the_controller(controller: pathlib.Path) -> None:
    password = encrypt(controller / "roles/brings_keys/files/in-vault.keytab", controller, "of the role")
    path, by_role = controller / "keytab", controller / "by-role"
    sources = ["beside.keytab", "in-files.keytab", str(controller / "anywhere.keytab")]
    in_role = {"path": str(by_role), "sources": [{"src": "in-role.keytab"}, {"src": "in-vault.keytab"}]}
    tasks = controller / "roles/brings_keys/tasks/main.yml"
    tasks.write_text(json.dumps([{"name": "Keep the role's keytab", MODULE: in_role}]))
    steps = climb(
        [
            {"name": "Keep the keytab", MODULE: {"path": str(path), "sources": [{"src": src} for src in sources]}},
            {"name": "Take the role in", "ansible.builtin.import_role": {"name": "brings_keys"}},
        ],
        controller,
        watch=[path, by_role],
        arguments=["--vault-password-file", str(password)],
    )
    for step, changed in ((steps.check, True), (steps.run, True), (steps.check_again, False), (steps.run_again, False)):
        assert [result.changed for result in step.results] == [changed, changed], steps.output
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert klist(path) == [BESIDE, IN_FILES, ANYWHERE]
    assert klist(by_role) == [IN_ROLE, IN_VAULT]
    assert steps.run_again.watched_after == steps.run.watched_after


def test_a_vault_that_cannot_be_opened_is_one_sentence(controller: pathlib.Path) -> None:
    """Whatever the reason, the sentence names the file, says what is wrong with it, and nothing is written."""
    vault = controller / "beside.keytab"
    encrypt(vault, controller, "the right one")
    damaged = controller / "damaged.keytab"
    damaged.write_text(vault.read_text()[:-40])
    wrong = controller / "wrong password"
    wrong.write_text("another one")
    path = controller / "keytab"
    tasks = [
        {"name": "Try", MODULE: {"path": str(path), "sources": [{"src": one.name}]}, "ignore_errors": True}
        for one in (vault, damaged)
    ]
    step, output = play(tasks, controller, arguments=["--vault-password-file", str(wrong)])
    for result, one in zip(step.results, (vault, damaged), strict=True):
        assert result.status == "failed", output
        assert result.msg.startswith(f"{one}: cannot be read on the controller ("), output
        assert result.msg.endswith("; see to its permissions, or to the vault password")
        assert "\n" not in result.msg
    assert "Traceback" not in output
    assert not path.exists()
