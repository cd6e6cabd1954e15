# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of keytabs without a KDC: files, owners, modes, and what the user of the service opens."""

from __future__ import annotations

import os
import pathlib
import pwd
import tempfile
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import Asked, AskedKeytab
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, serialize
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import parse_principal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.proof import LoginRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import doctor_keytabs
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.doctor_keytabs import gather, inside, outside
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.own_tickets import available, logged_in

ME = pwd.getpwuid(os.geteuid()).pw_name
PRINCIPAL = "smtp/mx1.example.test@EXAMPLE.TEST"
SECRET = bytes(range(32))
ENTRY = KeytabEntry(parse_principal(PRINCIPAL), 0, 3, 18, SECRET)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def keytab() -> Iterator[pathlib.Path]:
    """In a folder that everybody may enter, as pytest's own are not."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "smtp.keytab"
        path.parent.chmod(0o755)
        path.write_bytes(serialize([ENTRY]))
        path.chmod(0o640)
        yield path


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_keytabs, "kdcs_of", lambda dummy: ("127.0.0.1:9",))


def told(path: pathlib.Path, user: str = ME, chroot: str = "") -> dict[str, Any]:
    one = AskedKeytab(str(path), user, "postfix", (PRINCIPAL,), chroot, str(path.parent / "krb5.conf"))
    found = gather(Asked("mx1.example.test", "EXAMPLE.TEST", "example.test", keytabs=(one,)))
    (keytab,) = found["keytabs"]
    return dict(keytab, tickets=found["tickets"])


def test_a_sound_file(keytab: pathlib.Path) -> None:
    found = told(keytab)
    assert (found["exists"], found["readable"], found["damaged"], found["exposed"]) == (True, True, "", "")
    assert found["mode"] == "0640"
    assert found["entries"] == [{"principal": PRINCIPAL, "kvno": 3, "enctype": "aes256-cts-hmac-sha1-96"}]
    assert "no KDC of EXAMPLE.TEST answers" in found["tickets"]["untested"] or not available()


def test_no_key_is_told(keytab: pathlib.Path) -> None:
    shown = repr(told(keytab))
    assert SECRET.hex() not in shown
    assert repr(SECRET)[2:-1] not in shown


def test_a_file_that_is_not_there(tmp_path: pathlib.Path) -> None:
    found = told(tmp_path / "gone")
    assert (found["exists"], found["readable"], found["entries"]) == (False, None, [])


def test_a_file_that_is_no_keytab(keytab: pathlib.Path) -> None:
    keytab.write_bytes(keytab.read_bytes()[:-5])
    assert "entry 1" in told(keytab)["damaged"]


def test_a_file_for_everybody(keytab: pathlib.Path) -> None:
    keytab.chmod(0o644)
    assert told(keytab)["exposed"] == "every user of this host"


@as_root
def test_a_file_for_a_group_of_strangers(keytab: pathlib.Path) -> None:
    os.chown(keytab, pwd.getpwnam("nobody").pw_uid, 4)
    assert told(keytab, "nobody")["exposed"].endswith("to which nobody does not belong")


@as_root
def test_who_may_not_read_it(keytab: pathlib.Path) -> None:
    found = told(keytab, "nobody")
    assert found["readable"] is False
    assert found["opened"] == {"ok": False, "words": "Permission denied", "at": str(keytab)}


@as_root
def test_who_may_not_get_there(keytab: pathlib.Path) -> None:
    keytab.chmod(0o644)
    keytab.parent.chmod(0o700)
    assert told(keytab, "nobody")["opened"]["at"] == str(keytab.parent)


@as_root
def test_a_chroot_is_looked_into(keytab: pathlib.Path) -> None:
    os.chown(keytab, pwd.getpwnam("nobody").pw_uid, 0)
    found = told(keytab, "nobody", str(keytab.parent))
    assert (found["path"], found["readable"]) == (str(keytab), True)


def test_a_user_who_is_none_leaves_it_open(keytab: pathlib.Path) -> None:
    found = told(keytab, "nobody-of-that-name")
    assert found["readable"] is None
    assert "is no user of this host" in found["opened"]["words"]


@pytest.mark.parametrize("path", ["/var/spool/postfix/etc/smtp.keytab", "/etc/smtp.keytab"])
def test_a_path_may_be_given_from_within_a_chroot_or_not(path: str) -> None:
    one = AskedKeytab(path, "postfix", "postfix", chroot="/var/spool/postfix/")
    assert (inside(one), outside(one)) == ("/etc/smtp.keytab", "/var/spool/postfix/etc/smtp.keytab")


@pytest.mark.skipif(not available(), reason="this host has no MIT libkrb5")
def test_libkrb5_says_why_nobody_is_let_in(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRB5_CONFIG", "/dev/null")
    with pytest.raises(LoginRefusal, match=r"Cannot find KDC for realm"), logged_in(str(tmp_path / "gone"), PRINCIPAL):
        pass
