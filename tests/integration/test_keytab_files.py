# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `keytab` and what a file system knows of: links, ACLs, attributes, labels, mounts, owners and modes.

getfacl, lsattr, stat and klist judge; where the builtin modules of Ansible do the same thing, they judge too.
"""

from __future__ import annotations

import base64
import os
import pathlib
import shutil
import subprocess
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import mit_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import climb, run
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import play
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key, klist

ENCTYPE = "aes256-cts-hmac-sha1-96"
OLD = Key("HTTP/mail.example.test@EXAMPLE.TEST", 2, ENCTYPE, "21" * 32)
NEW = Key("smtp/mx1.example.test@EXAMPLE.TEST", 3, ENCTYPE, "11" * 32)
SELINUX = "security.selinux"
LABEL = b"system_u:object_r:krb5_keytab_t:s0\0"


def tool(*command: Any) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def text(warning: Any) -> str:
    """A warning's text, which ansible-core 2.19 and later hand on in a structure."""
    return warning if isinstance(warning, str) else warning["event"]["msg"]


def acl(path: pathlib.Path) -> list[str]:
    return tool("getfacl", "-cp", path).split()


@pytest.fixture
def etc(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "etc"
    folder.mkdir()
    return folder


@pytest.fixture
def keytab(etc: pathlib.Path) -> pathlib.Path:
    path = mit_keytab.write(etc / "keytab", OLD)
    path.chmod(0o600)
    return path


@pytest.fixture
def merge(tmp_path: pathlib.Path) -> dict[str, Any]:
    content = mit_keytab.write(tmp_path / "source", NEW).read_bytes()
    return {"sources": [{"content": base64.b64encode(content).decode()}]}


# -- links


def test_a_symbolic_link_is_followed_and_stays(
    keytab: pathlib.Path, merge: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to("etc/keytab")
    told = climb("keytab", {"path": str(link), "backup": True, **merge}, tmp_path)
    assert os.readlink(link) == "etc/keytab"
    assert klist(keytab) == [OLD, NEW]
    backup = pathlib.Path(told["backup_file"])
    assert backup.parent == tmp_path and backup.name.startswith("link.")
    assert klist(backup) == [OLD]
    climb("keytab", {"path": str(link), "mode": "0640"}, tmp_path)
    assert (link.is_symlink(), keytab.stat().st_mode & 0o7777) == (True, 0o640)


def test_absence_is_of_the_keys_that_a_link_leads_to(keytab: pathlib.Path, tmp_path: pathlib.Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(keytab)
    climb("keytab", {"path": str(link), "state": "absent"}, tmp_path)
    assert (link.is_symlink(), keytab.exists()) == (True, False)


def test_a_dangling_link_leads_to_a_new_keytab(
    etc: pathlib.Path, merge: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(etc / "keytab")
    climb("keytab", {"path": str(link), **merge}, tmp_path)
    assert link.is_symlink()
    assert klist(etc / "keytab") == [NEW]
    assert (etc / "keytab").stat().st_mode & 0o7777 == 0o600
    link.unlink()
    link.symlink_to(tmp_path / "none" / "keytab")
    result = run("keytab", {"path": str(link), **merge}, tmp_path).result
    assert result and result["msg"].startswith(f"{link}: the directory {tmp_path}/none does not exist; ")


def test_a_link_to_itself_is_one_sentence(merge: dict[str, Any], tmp_path: pathlib.Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    for check in (True, False):
        result = run("keytab", {"path": str(link), **merge}, tmp_path, check=check).result
        assert result and result["msg"].startswith(f"{link}: could not be read (Too many levels of symbolic links); ")


def test_a_hard_link_is_broken_as_copy_breaks_it_and_that_is_said(
    keytab: pathlib.Path, merge: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    other = keytab.with_name("other-name")
    os.link(keytab, other)
    copied, beside = tmp_path / "copied", tmp_path / "copied-other-name"
    copied.write_text("old")
    os.link(copied, beside)
    step, output = play([{"ansible.builtin.copy": {"content": "new", "dest": str(copied)}}], tmp_path)
    assert step.changed, output
    assert (copied.read_text(), beside.read_text()) == ("new", "old")
    quiet = climb("keytab", {"path": str(keytab), "mode": "0640"}, tmp_path)
    assert "warnings" not in quiet, "a mode alone is set in place, on all names of the file"
    assert keytab.samefile(other)
    told = climb("keytab", {"path": str(keytab), **merge}, tmp_path)
    (warning,) = told["warnings"]
    assert text(warning).startswith(f"{keytab}: has 1 other name (hard links); ")
    assert (klist(keytab), klist(other)) == ([OLD, NEW], [OLD])


# -- ACLs, attributes, labels


def test_an_acl_is_kept(keytab: pathlib.Path, merge: dict[str, Any], tmp_path: pathlib.Path) -> None:
    tool("setfacl", "-m", "u:mail:r,g:daemon:rw", keytab)
    before = acl(keytab)
    told = climb("keytab", {"path": str(keytab), "backup": True, **merge}, tmp_path)
    assert acl(keytab) == acl(pathlib.Path(told["backup_file"])) == before
    assert "user:mail:r--" in before
    assert klist(keytab) == [OLD, NEW]


def test_a_default_acl_of_the_directory_lets_nobody_read_more_than_the_mode(
    etc: pathlib.Path, merge: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    tool("setfacl", "-d", "-m", "u:mail:rw,g:daemon:r,o:r", etc)
    (etc / "witness").touch()
    assert "user:mail:rw-" in acl(etc / "witness")
    path = etc / "keytab"
    climb("keytab", {"path": str(path), "mode": "0640", **merge}, tmp_path)
    assert acl(path) == ["user::rw-", "group::r--", "other::---"]
    more = mit_keytab.write(tmp_path / "more", OLD)
    climb("keytab", {"path": str(path), "sources": [{"remote_src": str(more)}]}, tmp_path)
    assert acl(path) == ["user::rw-", "group::r--", "other::---"]


@pytest.fixture(params=["chattr", "no chattr"])
def chattr(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether the host has chattr; one that has it is robbed of it for the second try."""
    program = shutil.which("chattr")
    if program is None or request.param == "chattr":
        yield program is not None
        return
    tool("mount", "--bind", os.devnull, program)
    yield False
    tool("umount", program)


def test_attributes_are_set_as_by_the_module_file_or_refused(
    chattr: bool, keytab: pathlib.Path, merge: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    def flags(path: pathlib.Path) -> str:
        return tool("lsattr", path).split()[0]

    if not chattr:
        for path in (keytab, keytab.with_name("new")):
            options = {"path": str(path), "attributes": "+d", **merge}
            lacking = f"{path}: 'attributes' are set by chattr, which is not on this host; install e2fsprogs"
            foretold = run("keytab", options, tmp_path, check=True).result
            assert foretold and foretold["changed"]
            assert text(foretold["warnings"][0]).endswith(lacking)
            happened = run("keytab", options, tmp_path).result
            assert happened and happened["msg"] == lacking
        assert [klist(one) for one in keytab.parent.iterdir()] == [[OLD]]
        return
    told = climb("keytab", {"path": str(keytab), "attributes": "+d"}, tmp_path)
    (part,) = told["diff"]
    assert part["after_header"] == f"{keytab} (SELinux context, attributes)"
    assert part["after"] == "attributes: +d\n"
    assert "d" in flags(keytab)
    climb("keytab", {"path": str(keytab), "attributes": "+d", **merge}, tmp_path)
    assert "d" in flags(keytab)
    by_file = tmp_path / "by-file"
    by_file.touch()
    step, output = play([{"ansible.builtin.file": {"path": str(by_file), "attributes": "+d"}}], tmp_path)
    assert step.changed, output
    assert flags(by_file) == flags(keytab)
    link = tmp_path / "link"
    link.symlink_to(keytab)
    climb("keytab", {"path": str(link), "attributes": "-d"}, tmp_path)
    assert "d" not in flags(keytab)


def test_a_label_is_kept_and_one_asked_for_is_taken_as_the_module_file_takes_it(
    keytab: pathlib.Path, merge: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    """This host has no SELinux, but its file systems keep labels."""
    os.setxattr(keytab, SELINUX, LABEL)
    os.setxattr(keytab, "user.origin", b"by hand")
    climb("keytab", {"path": str(keytab), **merge}, tmp_path)
    assert os.getxattr(keytab, SELINUX) == LABEL
    assert os.getxattr(keytab, "user.origin") == b"by hand"
    asked = {"path": str(keytab), "setype": "krb5_keytab_t", "seuser": "system_u", "selevel": "s0"}
    step, output = play([{"ansible.builtin.file": asked}, {"mailrealm.kerberos.keytab": asked}], tmp_path)
    assert [(result.status, result.changed) for result in step.results] == [("ok", False)] * 2, output


# -- mounts


@pytest.fixture
def mounted(etc: pathlib.Path) -> Iterator[pathlib.Path]:
    """A file system of its own."""
    tool("mount", "-t", "tmpfs", "none", etc)
    yield etc
    tool("umount", etc)


def test_a_read_only_file_system(mounted: pathlib.Path, merge: dict[str, Any], tmp_path: pathlib.Path) -> None:
    path = mit_keytab.write(mounted / "keytab", OLD)
    tool("mount", "-o", "remount,ro", mounted)
    climb("keytab", {"path": str(path)}, tmp_path, changes=False)
    for options, said in (
        (merge, f"{path}: could not be written (Read-only file system) and is as it was; "),
        ({"mode": "0640"}, f"{path}: owner or mode could not be set (Read-only file system); "),
        ({"state": "absent"}, f"{path}: could not be removed (Read-only file system); "),
    ):
        result = run("keytab", {"path": str(path), **options}, tmp_path).result
        assert result and result["msg"].startswith(said)
    assert klist(path) == [OLD]


@pytest.fixture
def bound(keytab: pathlib.Path) -> Iterator[pathlib.Path]:
    """A file that is a mount of its own, as those are that a container gets from its host."""
    tool("mount", "--bind", keytab, keytab)
    yield keytab
    tool("umount", keytab)


def test_a_file_that_is_mounted_is_overwritten_only_if_asked_for(
    bound: pathlib.Path, merge: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    options = {"path": str(bound), "group": "mail", "mode": "0640", **merge}
    copying = {"content": "new", "dest": str(bound)}
    step, output = play([{"ansible.builtin.copy": copying}], tmp_path)
    assert step.failed, output
    assert "Device or resource busy" in step.only.msg
    result = run("keytab", options, tmp_path).result
    assert result and result["msg"] == (
        f"{bound}: is a mount of its own and cannot be replaced in one step; "
        "mount its directory instead of the file, or set 'unsafe_writes'"
    )
    assert klist(bound) == [OLD]
    node = bound.stat().st_ino
    climb("keytab", {**options, "unsafe_writes": True}, tmp_path)
    assert klist(bound) == [OLD, NEW]
    assert (bound.stat().st_ino, bound.group(), bound.stat().st_mode & 0o7777) == (node, "mail", 0o640)
    fewer = {"path": str(bound), "principals": [OLD.principal], "state": "absent", "unsafe_writes": True}
    climb("keytab", fewer, tmp_path)
    assert klist(bound) == [NEW]
    assert list(bound.parent.iterdir()) == [bound]


def test_unsafe_writes_are_for_what_cannot_be_replaced_only(
    keytab: pathlib.Path, merge: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    node = keytab.stat().st_ino
    climb("keytab", {"path": str(keytab), "unsafe_writes": True, **merge}, tmp_path)
    assert keytab.stat().st_ino != node


# -- owner, group and mode


@pytest.mark.parametrize(
    ("options", "owner", "group", "mode"),
    [
        ({"owner": "daemon", "group": "mail", "mode": "0640"}, "daemon", "mail", 0o640),
        ({"owner": 1, "group": "8", "mode": "u=rw,g=r,o="}, "daemon", "mail", 0o640),
        ({"owner": "54321", "group": 54321}, "54321", "54321", 0o600),
        ({"mode": "g+r"}, "root", "root", 0o640),
        ({"mode": "a-rwx,u+r"}, "root", "root", 0o400),
        ({"mode": 0o640}, "root", "root", 0o640),
        ({"mode": "2640"}, "root", "root", 0o2640),
    ],
)
@pytest.mark.parametrize("new", [False, True])
def test_owner_group_and_mode(
    options: dict[str, Any],
    owner: str,
    group: str,
    mode: int,
    new: bool,
    keytab: pathlib.Path,
    merge: dict[str, Any],
    tmp_path: pathlib.Path,
) -> None:
    """By name, by number and symbolic; a symbolic mode of a new keytab starts from 0600."""
    if new:
        keytab.unlink()
        options = {**options, **merge}
    told = climb("keytab", {"path": str(keytab), **options}, tmp_path)
    assert tool("stat", "-c", "%U %G %a", keytab).split() == [
        "UNKNOWN" if owner.isdigit() else owner,
        "UNKNOWN" if group.isdigit() else group,
        f"{mode:o}",
    ]
    after = told["diff"][-1]["after"]
    assert after == f"owner: {owner}\ngroup: {group}\nmode: {mode:04o}\n"
