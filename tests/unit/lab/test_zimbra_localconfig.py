# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double's zmlocalconfig against every recorded call of the real one: output, status, file, mode."""

from __future__ import annotations

import io
import json
import os
import re

import pytest
from ansible_collections.mailrealm.kerberos.tests.unit.lab.zimbra_recorded import DATA
from lab.doubles.zimbra import errors, localconfig, localconfig_program

RECORDED = json.loads((DATA / "zmlocalconfig_transcripts.json").read_text(encoding="utf-8"))
KEYS = json.loads((DATA / "zimbra_localconfig_keys.json").read_text(encoding="utf-8"))
CASES = RECORDED["cases"]
UNLIKE = {
    r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}": "(time)",
    r"ExceptionId:.*": "ExceptionId:(id)",
    r"(?m)^(\tat .*\n?)+": "\t(stack trace)",
}
RANDOM = re.compile(r"<value>[A-Za-z0-9._]{26,29}</value>")


def plain(text, home):
    text = text.replace(str(home), "/opt/zimbra")
    for pattern, stand_in in UNLIKE.items():
        text = re.sub(pattern, stand_in, text)
    return text


def content(text, case):
    return RANDOM.sub("<value>(random)</value>", text) if "-r" in case["args"] else text


@pytest.fixture
def umask():
    """The umask of the recording."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def run(home, args, **more):
    out, err = io.StringIO(), io.StringIO()
    call = localconfig_program.Call(home, more.pop("user", "zimbra"), out, err, **more)
    return localconfig_program.run(args, call), out.getvalue(), err.getvalue()


def unreadable(case):
    """One case says by its answer alone that the caller could not read the file."""
    return "before" not in case and "-c" not in case["args"] and "is not readable" in case["stderr"]


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{' '.join(case['args'])}" for number, case in enumerate(CASES)])
def test_as_recorded(case, tmp_path, monkeypatch):
    file = tmp_path / localconfig.FILE
    file.parent.mkdir()
    before = case.get("before", RECORDED["before"])
    if before is not None:
        file.write_text(before, encoding="utf-8")
    if unreadable(case):
        monkeypatch.setattr(localconfig, "readable", lambda _path: False)
    status, out, err = run(tmp_path, case["args"], user=case.get("user", "zimbra"), utf8=False)
    expected = case["stdout"].removesuffix("...") if "stdout_lines" in case else case["stdout"]
    if "stdout_lines" in case:
        assert out.count("\n") == case["stdout_lines"]
        out = out[: len(expected)]
    assert (status, plain(out, tmp_path), plain(err, tmp_path)) == (
        case["rc"],
        expected,
        plain(case["stderr"], tmp_path),
    )
    after = file.read_text(encoding="utf-8") if file.exists() else None
    wanted = case.get("after", before)
    assert content(after or "", case) == content(wanted or "", case)
    if "mode_after" in case:
        assert oct(file.stat().st_mode & 0o777) == case["mode_after"]
        assert sorted(path.name for path in file.parent.iterdir()) == case["left_in_directory"]


# What no recording covers: the call, its status and output, and where the answer is from.
UNRECORDED = [
    (["--format=nokey", "--expand", "krb5_keytab"], 0, "/opt/zimbra/conf/krb5.keytab\n", "long options, its -h"),
    (["-e", "-f", "zimbra_ldap_password=x"], 0, "", "-h: -f allows the editing of dangerous keys"),
    (["-e", "site_custom=ünï"], 0, "", "in a UTF-8 locale Java decodes arguments as UTF-8 (JEP 400, file.encoding)"),
    (["-u", "zimbra_home"], 1, "", "as -e of the same key"),
]


@pytest.mark.parametrize(("args", "status", "out", "source"), UNRECORDED, ids=[" ".join(row[0]) for row in UNRECORDED])
def test_unrecorded(args, status, out, source, tmp_path):
    assert source
    (tmp_path / "conf").mkdir()
    (tmp_path / localconfig.FILE).write_text(RECORDED["before"], encoding="utf-8")
    seen = run(tmp_path, args)
    assert (seen[0], plain(seen[1], tmp_path)) == (status, out)
    written = localconfig.read(tmp_path / localconfig.FILE)
    for word in args:
        key, equals, value = word.partition("=")
        if equals and key in written:
            assert written[key] == value


@pytest.mark.parametrize("row", KEYS, ids=[row["key"] for row in KEYS])
def test_known_keys(row):
    default = localconfig.defaults()[row["key"]]
    assert row["default"] in (default, None) or row["key"] in ALTERNATIVES
    assert localconfig.dangerous(row["key"]) == row["needs_force"]


# Keys that stand twice in the vendor's list, for two builds of the same release.
ALTERNATIVES = {key for key in {row["key"] for row in KEYS} if sum(row["key"] == key for row in KEYS) > 1}


def test_values_as_programs_see_them(tmp_path):
    (tmp_path / "conf").mkdir()
    path = tmp_path / localconfig.FILE
    path.write_text(RECORDED["before"].replace("${zimbra_home}/x", "${krb5_keytab}.old"), encoding="utf-8")
    assert localconfig.value(path, "krb5_keytab") == f"{tmp_path}/conf/krb5.keytab"
    assert localconfig.value(path, "site_custom") == f"{tmp_path}/conf/krb5.keytab.old"
    assert localconfig.value(path, "zimbra_server_hostname") == "zimbra1.example.test"
    assert localconfig.value(path, "zimbra_zmprov_default_to_ldap") == "false"
    assert localconfig.value(path, "nosuchkey") == ""
    assert localconfig.read(path)["zimbra_ldap_password"] == "s3cr3t"
    localconfig.write(path, {"a": "${nosuch}"})
    with pytest.raises(errors.JavaDied, match="ExceptionInInitializerError"):
        localconfig.value(path, "a")
