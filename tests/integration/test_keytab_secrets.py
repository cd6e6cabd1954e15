# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No key is shown or left behind, at -vvvv and without no_log; and check mode works on digests alone."""

from __future__ import annotations

import base64
import json
import pathlib
import subprocess
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_digest import (
    KeyDigest,
    digest_entry,
    encode_digests,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import parse_principal
from ansible_collections.mailrealm.kerberos.tests.integration import mit_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.canary import found_below, found_in
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, environment, play, program
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key, klist
from ansible_collections.mailrealm.kerberos.tests.integration.module_process import Outcome, run

MODULE = "mailrealm.kerberos.keytab"
ENCTYPE = "aes256-cts-hmac-sha1-96"
CANARY = b"canary key of a throw-away realm"
OTHER = b"another canary of the same realm"
MX1 = Key("smtp/mx1.example.test@EXAMPLE.TEST", 2, ENCTYPE, CANARY.hex())
MX2 = Key("smtp/mx2.example.test@EXAMPLE.TEST", 2, ENCTYPE, OTHER.hex())
LOUD = {"ANSIBLE_INJECT_INVOCATION": "true", "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "true"}


def task(path: pathlib.Path, *sources: dict[str, str], **options: Any) -> dict[str, Any]:
    return {"name": "Keep the keytab", MODULE: {"path": str(path), "sources": list(sources), **options}}


def variables_file(folder: pathlib.Path, **variables: str) -> pathlib.Path:
    """Keys as variables from a file of their own: Ansible shows lines of the playbook where a task fails."""
    path = folder / "variables.json"
    path.write_text(json.dumps(variables))
    return path


def b64(path: pathlib.Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def test_the_search_finds_a_canary() -> None:
    content = b"\x05\x02..." + CANARY + b"..."
    assert found_in(content, CANARY) == ["itself", "escaped"]
    for shift in range(3):
        assert found_in(base64.b64encode(b"x" * shift + content), CANARY)
    assert found_in(content.hex().encode(), CANARY) == ["hexadecimal"]


def test_nothing_is_shown_or_left_behind(tmp_path: pathlib.Path) -> None:
    source = mit_keytab.write(tmp_path / "source", MX1, MX2)
    cut = tmp_path / "cut"
    cut.write_bytes(source.read_bytes()[:-3])
    given = variables_file(tmp_path, whole=b64(source), cut=b64(cut))
    path, log, calls = tmp_path / "keytab", tmp_path / "ansible.log", tmp_path / "calls"
    conflicting = mit_keytab.write(tmp_path / "conflicting", MX1._replace(key=OTHER.hex()))
    tasks = [
        task(path, {"content": "{{ whole }}"}),
        task(path, {"src": str(source)}),
        task(path, {"remote_src": str(source)}),
        {**task(path, {"content": "{{ cut }}"}), "ignore_errors": True},
        {**task(path, {"src": str(cut)}), "ignore_errors": True},
        {**task(path, {"content": "{{ whole }}", "src": "both"}), "ignore_errors": True},
        {**task(path, {"content": "{{ whole }}"}, keep_kvno=1), "ignore_errors": True},
        {**task(path, {"content": "{{ whole }}", "remote_src": "both"}), "ignore_errors": True},
        {**task(path, {"src": str(conflicting)}), "ignore_errors": True},
        task(path, {"src": str(conflicting)}, on_conflict="source", backup=True),
        {"name": "Read the keytab", "mailrealm.kerberos.keytab_info": {"path": str(path)}},
        {
            "name": "Keep the keytab in a loop",
            MODULE: {"path": str(path), "sources": ["{{ item }}"], "on_conflict": "source"},
            "loop": [{"src": str(source)}, {"remote_src": str(source)}],
            "async": 30,
            "poll": 1,
        },
    ]
    strace = ["strace", "-f", "-qq", "-e", "trace=execve", "-v", "-s", "1000000", "-o", str(calls)]
    step, output = play(
        tasks,
        tmp_path,
        verbosity=4,
        prefix=strace,
        arguments=["-e", f"@{given}"],
        environment_more={**LOUD, "ANSIBLE_LOG_PATH": str(log), "ANSIBLE_ASYNC_DIR": str(tmp_path / "async")},
    )
    assert [result.status for result in step.results].count("failed") == 6, output
    assert step.last.status == "ok", output
    assert klist(path) == [MX1, MX2]
    assert "AnsiballZ_keytab" in calls.read_text()
    assert log.stat().st_size
    kept = [source, cut, given, path, conflicting, *tmp_path.glob("keytab.*~")]
    assert len(kept) == 6
    for secret in (CANARY, OTHER):
        assert found_in(output.encode(), secret) == []
        assert found_below(tmp_path, secret, kept) == []


def test_a_file_in_a_vault_is_decrypted_in_memory(tmp_path: pathlib.Path) -> None:
    source = mit_keytab.write(tmp_path / "mx1.keytab", MX1)
    (tmp_path / "password").write_text("password of a throw-away vault\n")
    command = [program("ansible-vault"), "encrypt", "--vault-password-file", str(tmp_path / "password"), str(source)]
    subprocess.run(command, env=environment(tmp_path), check=True, capture_output=True, timeout=60)
    assert source.read_bytes().startswith(b"$ANSIBLE_VAULT;")
    path, calls = tmp_path / "keytab", tmp_path / "calls"
    strace = ["strace", "-f", "-qq", "-e", "trace=write", "-s", "1000000", "-xx", "-o", str(calls)]
    arguments = ["--vault-password-file", str(tmp_path / "password")]
    steps = climb([task(path, {"src": "mx1.keytab"})], tmp_path, verbosity=4, arguments=arguments, prefix=strace)
    assert steps.changed == (True, True, False, False)
    assert klist(path) == [MX1]
    assert found_in(steps.output.encode(), CANARY) == []
    assert found_below(tmp_path, CANARY, [path, calls]) == []
    # the only plain key that was ever written went into the keytab
    needle = "".join(f"\\x{byte:02x}" for byte in CANARY)
    assert [line.count(needle) for line in calls.read_text().splitlines() if needle in line] == [1]


def digests(source: pathlib.Path) -> str:
    """What keytab_export gives in check mode for the keys of a keytab."""
    nonce = b"n" * 32
    return encode_digests(nonce, [digest_entry(nonce, entry) for entry in parse(source.read_bytes(), "source")])


def seen(outcome: Outcome) -> tuple[Any, ...]:
    """What a user sees."""
    assert outcome.result, outcome.output
    return tuple(outcome.result.get(field) for field in ("changed", "diff", "msg", "added", "removed", "replaced"))


@pytest.mark.parametrize("options", [{}, {"on_conflict": "source"}, {"exclusive": True, "on_conflict": "source"}])
@pytest.mark.parametrize("held", [(), (MX1,), (MX1._replace(key=OTHER.hex()), MX2), (MX2, MX1)])
def test_digests_foretell_the_run(held: tuple[Key, ...], options: dict[str, Any], tmp_path: pathlib.Path) -> None:
    path = tmp_path / "keytab"
    if held:
        mit_keytab.write(path, *held)
    source = mit_keytab.write(tmp_path / "source", MX1)
    text = digests(source)
    assert found_in(text.encode(), CANARY) == found_in(base64.b64decode(text.partition(":")[2]), CANARY) == []
    before = path.read_bytes() if held else None
    foretold = run("keytab", {"path": str(path), "sources": [{"content": text}], **options}, tmp_path, check=True)
    assert (path.read_bytes() if path.exists() else None) == before
    happened = run("keytab", {"path": str(path), "sources": [{"content": b64(source)}], **options}, tmp_path)
    assert seen(foretold) == seen(happened)


def test_what_the_kdc_will_choose_is_said(tmp_path: pathlib.Path) -> None:
    text = encode_digests(b"n" * 32, [KeyDigest(parse_principal(MX1.principal))])
    step, output = play([task(tmp_path / "keytab", {"content": text})], tmp_path, check=True)
    assert step.changed, output
    assert step.diff[0]["after"] == f"{MX1.principal} kvno (chosen by the KDC) enctype (chosen by the KDC)\n"
