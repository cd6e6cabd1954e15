# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `principal` over many principals, and what it says and leaves when something breaks in the middle."""

from __future__ import annotations

import contextlib
import pathlib
import re
import socket
import subprocess
import threading
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import ladder
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import play
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import Step
from ansible_collections.mailrealm.kerberos.tests.integration.realm import (
    Realm,
    configure,
    daemon,
    running_kadmind,
    running_kdc,
)

MODULE = "mailrealm.kerberos.principal"
CANARY = "canary-of-a-user"
MANY = 40  # principals that one run is to make
ITEMS = [{"name": f"user{number:02}", "password": f"{CANARY}-{number}"} for number in range(MANY)]
DONE = re.compile(rf"done for (\d+) of {MANY} principals: user00@REALM\.TEST, ")


@pytest.fixture
def realm(tmp_path: pathlib.Path) -> Realm:
    made = configure(tmp_path / "realm")
    made.create_database()
    made.kadmin_local(f"ktadd -norandkey -k {made.folder}/admin.keytab {made.admin}")
    return made


def task(realm: Realm, items: list[dict[str, Any]] = ITEMS, **kadmin: Any) -> dict[str, Any]:
    return {
        "name": "Keep principals",
        MODULE: {"principals": items, "kadmin": {"realm": realm.name, **kadmin}},
        "environment": realm.variables,
    }


def remote(realm: Realm, port: int | None = None) -> dict[str, str]:
    server = f"127.0.0.1:{port or realm.kadmin_port}"
    return {"principal": realm.admin, "keytab": f"{realm.folder}/admin.keytab", "server": server}


def users(realm: Realm) -> list[str]:
    return [name for name in realm.kadmin_local("listprincs").splitlines() if name.startswith("user")]


def judge(realm: Realm, broken: Step, output: str, whole: dict[str, Any], folder: pathlib.Path) -> None:
    """The message counts what the database holds; no secret is told; the next run does the rest and no more."""
    assert broken.failed and CANARY not in output
    told = DONE.search(broken.only.msg)
    there = users(realm)
    # of the last one kadmin could not say any more that it was done
    assert told and len(there) - 1 <= int(told[1]) <= len(there) and 0 < len(there) < MANY, broken.only.msg
    assert "run again, what is done is not repeated" in broken.only.msg
    mended, dummy = play([whole], folder)
    actions = [one["action"] for one in mended.only.data["principals"]]
    assert actions == ["none"] * len(there) + ["created"] * (MANY - len(there))
    assert len(users(realm)) == MANY


def test_kadmin_local_killed_in_the_middle(realm: Realm, tmp_path: pathlib.Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    wrapper = programs / "kadmin.local"
    wrapper.write_text(
        '#!/bin/sh\nexec strace -f -o /dev/null -e inject=fsync:signal=KILL:when=20 /usr/sbin/kadmin.local "$@"\n'
    )
    wrapper.chmod(0o755)
    whole = task(realm)
    path = f"{programs}:{realm.environment['PATH']}"
    broken, output = play([{**whole, "environment": {**realm.variables, "PATH": path}}], tmp_path)
    assert broken.only.msg.startswith("kadmin.local: was ended in the middle of the changes; ")
    judge(realm, broken, output, whole, tmp_path)


def test_kadmind_killed_in_the_middle(realm: Realm, tmp_path: pathlib.Path) -> None:
    whole = task(realm, **remote(realm))
    words = ("strace", "-f", "-o", "/dev/null", "-e", "inject=fsync:signal=KILL:when=20", "kadmind", "-nofork")
    with running_kdc(realm):
        with daemon(realm, *words, "-r", realm.name, port=realm.kadmin_port):
            broken, output = play([whole], tmp_path)
        assert "kadmind" in broken.only.msg
        with running_kadmind(realm):
            judge(realm, broken, output, whole, tmp_path)


@contextlib.contextmanager
def breaking_connection(port: int, answers: int) -> Iterator[int]:
    """A port that passes on to `port`, and drops the connection behind so many messages from there."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            near, dummy = listener.accept()
            with near, socket.create_connection(("127.0.0.1", port)) as far:
                threading.Thread(target=forward, args=(near, far), daemon=True).start()
                for dummy in range(answers):
                    near.sendall(far.recv(65536))
                for one in (near, far):
                    one.shutdown(socket.SHUT_RDWR)

    def forward(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


def test_connection_lost_in_the_middle(realm: Realm, tmp_path: pathlib.Path) -> None:
    """kadmind itself goes on; the first answers are those to the login and to what is read beforehand."""
    with running_kdc(realm), running_kadmind(realm):
        with breaking_connection(realm.kadmin_port, answers=MANY + 30) as port:
            # By Ansible: a process with threads, which serve here, is not to be forked.
            broken, output = ladder.play([task(realm, **remote(realm, port))], tmp_path)
        judge(realm, broken, output, task(realm, **remote(realm)), tmp_path)


def test_full_disk(tmp_path: pathlib.Path) -> None:
    """A real small file system, full but for 64 KiB: nothing is begun; room is made, and the next run does it."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)], check=True)
    try:
        realm = configure(place)
        realm.create_database()
        before = realm.database.read_bytes()
        filler = place / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        with filler.open("r+b") as file:
            file.truncate(filler.stat().st_size - 64 * 1024)
        whole = task(realm)
        full, output = play([whole], tmp_path)
        assert (
            f"the disk that holds {place} is full but for 64 KiB, and the changes need about 104 KiB" in full.only.msg
        )
        assert realm.database.read_bytes() == before and CANARY not in output
        filler.unlink()
        mended, dummy = play([whole], tmp_path)
        assert mended.changed and not mended.failed
        assert len(users(realm)) == MANY
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_of_a_thousand_principals_only_what_differs_is_sent(realm: Realm, tmp_path: pathlib.Path) -> None:
    """kadmind's log says what reached it, a dump what changed."""
    names = [f"svc/h{number:04}.realm.test" for number in range(1000)]
    realm.kadmin_local(*(f"addprinc -randkey -maxlife 8h {name}" for name in names[:-2]))
    realm.kadmin_local(f"modprinc +requires_preauth {names[500]}", f"modprinc -maxlife 1h {names[700]}")
    items = [{"name": name, "max_life": "8h", "attributes": ["-requires_preauth"]} for name in names]
    before = realm.run("kdb5_util", "dump").splitlines()
    log = realm.folder / "log" / "kadmind.log"
    with running_kdc(realm), running_kadmind(realm):
        step, output = play([task(realm, items, **remote(realm))], tmp_path)
        first = log.read_text()
        again, dummy = play([task(realm, items, **remote(realm))], tmp_path)
        second = log.read_text().removeprefix(first)
    assert step.changed and not step.failed, output
    changed = {one["name"]: one["action"] for one in step.only.data["principals"] if one["action"] != "none"}
    expected = {names[500]: "changed", names[700]: "changed", names[998]: "created", names[999]: "created"}
    assert changed == {f"{name}@REALM.TEST": action for name, action in expected.items()}
    requests = [line for line in first.splitlines() if "Request: kadm5_" in line and "kadm5_get" not in line]
    asked = sorted(re.findall(r"Request: (kadm5_\w+), (\S+)@", "\n".join(requests)))
    assert ("kadm5_modify_principal", names[500]) in asked and ("kadm5_modify_principal", names[700]) in asked
    assert {name for dummy, name in asked if name.startswith("svc/")} == set(expected), asked
    after = realm.run("kdb5_util", "dump").splitlines()
    touched = {line.split("\t")[6] for line in set(before) ^ set(after) if line.startswith("princ") and "svc/" in line}
    assert touched == {f"{name}@REALM.TEST" for name in expected}
    assert not again.changed and "kadm5_modify" not in second and "kadm5_create" not in second
