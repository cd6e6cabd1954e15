# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where keys go while `keytab_export` works: strace sees each byte that it and kadmin write, and each program."""

from __future__ import annotations

import pathlib
import re
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.canary import forms, found_below, found_in
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import libkrb5_reads
from ansible_collections.mailrealm.kerberos.tests.integration.module_process import run
from ansible_collections.mailrealm.kerberos.tests.integration.realm import (
    Realm,
    configure,
    running_kadmind,
    running_kdc,
)

NAMES = ("smtp/mx1", "smtp/mx2", "smtp/mail")
WRITES = "trace=write,writev,pwrite64,pwritev,pwritev2,send,sendto,sendmsg,sendmmsg,sendfile,splice,copy_file_range"
NAMELESS = "/memfd:mailrealm-keys"
CALL = re.compile(r"\d+ +\w+\(\d+<((?:\\x[0-9a-f]{2})*)>")  # the process, the call, the descriptor's file


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    made = configure(tmp_path_factory.mktemp("realm"))
    made.create_database()
    made.kadmin_local(*(f"addprinc -randkey {name}" for name in NAMES), "cpw -randkey -keepold smtp/mail")
    with running_kdc(made), running_kadmind(made):
        yield made


@pytest.fixture(scope="module")
def keys(realm: Realm, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """All keys, as bare ktadd writes them and libkrb5 reads them."""
    bare = tmp_path_factory.mktemp("bare") / "keytab"
    realm.kadmin_local(*(f"ktadd -norandkey -k {bare} {name}" for name in NAMES))
    found = libkrb5_reads(bare)
    assert found and len(found) == 8
    return [entry[-1] for entry in found]


def options(realm: Realm, place: str) -> dict[str, Any]:
    logins = {"local": {"mode": "local"}, "remote": {"principal": realm.admin, "password": realm.admin_password}}
    return {"keytabs": [{"name": name, "principals": [name, NAMES[2]]} for name in NAMES[:2]], "kadmin": logins[place]}


def escaped(text: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text)


def targets(calls: pathlib.Path, keys: list[bytes]) -> set[str]:
    """Where a key was written to, in whatever form."""
    needles = [escaped(needle) for key in keys for needle in forms(key).values()]
    found = set()
    for line in calls.read_text().splitlines():
        if any(needle in line for needle in needles):
            call = CALL.match(line)
            assert call, line[:200]
            found.add(bytes.fromhex(call[1].replace("\\x", "")).decode())
    return found


@pytest.mark.parametrize("place", ["local", "remote"])
def test_no_key_is_written_in_check_mode_but_by_kadmin_into_memory(
    realm: Realm, keys: list[bytes], tmp_path: pathlib.Path, place: str
) -> None:
    calls = tmp_path / "calls"
    strace = ["strace", "-f", "-qq", "-y", "-xx", "-s", "10000000", "-e", WRITES, "-o", str(calls)]
    given = options(realm, place)
    outcome = run("keytab_export", given, tmp_path, check=True, prefix=strace, variables=realm.variables)
    assert outcome.result and not outcome.result.get("failed"), outcome.output
    for key in keys:
        assert found_in(outcome.output.encode(), key) == []
        assert found_below(tmp_path, key) == []
    assert targets(calls, keys) == ({NAMELESS} if place == "local" else set())


def test_the_search_sees_a_key_that_is_written(realm: Realm, keys: list[bytes], tmp_path: pathlib.Path) -> None:
    calls = tmp_path / "calls"
    strace = ["strace", "-f", "-qq", "-y", "-xx", "-s", "10000000", "-e", WRITES, "-o", str(calls)]
    run("keytab_export", options(realm, "local"), tmp_path, prefix=strace, variables=realm.variables)
    assert {target.partition(":")[0] for target in targets(calls, keys)} == {NAMELESS.partition(":")[0], "pipe"}


@pytest.mark.parametrize(
    ("place", "programs"), [("local", ["kadmin.local"]), ("remote", ["kinit", "kadmin"])], ids=["local", "remote"]
)
@pytest.mark.parametrize("check", [True, False])
def test_one_session_serves_all_keytabs(
    realm: Realm, tmp_path: pathlib.Path, place: str, programs: list[str], check: bool
) -> None:
    calls = tmp_path / "calls"
    strace = ["strace", "-f", "-qq", "-e", "trace=execve", "-e", "status=successful", "-o", str(calls)]
    before = {name: realm.keys(name) for name in NAMES}
    given = options(realm, place)
    many = [{**given["keytabs"][number % 2], "name": f"host{number}"} for number in range(120)]
    outcome = run(
        "keytab_export", {**given, "keytabs": many}, tmp_path, check=check, prefix=strace, variables=realm.variables
    )
    assert outcome.result and len(outcome.result["keytabs"]) == 120, outcome.output
    started = [pathlib.Path(path).name for path in re.findall(r'execve\("([^"]*)"', calls.read_text())]
    assert [name for name in started if name.startswith(("kadmin", "kinit"))] == programs
    assert {name: realm.keys(name) for name in NAMES} == before
