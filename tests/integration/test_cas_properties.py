# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cas_properties through ansible-playbook, and the JDK's own reading of what it wrote (needs Java 17 or later)."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import (
    BOTH,
    CANARY,
    FAST,
    Case,
    judge,
    try_all,
)
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import of_task
from ansible_collections.mailrealm.kerberos.tests.integration.java_properties_reader import java_reader
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

SPNEGO = "cas.authn.spnego."
BEFORE = """\
# The host's own.
cas.server.name = https://cas.example.test\\
    :8443
! and this
server.port: 8443
cas.authn.spnego.ntlmAllowed true
cas.authn.spnego.kerberosConf=/etc/krb5.conf
cas.authn.accept.users=casuser::Mellon
CAS.AUTHN.ACCEPT.USERS=again::Mellon
cas.tgc.crypto.signing.key=foreign-key"""
AFTER = """\
# The host's own.
cas.server.name = https://cas.example.test\\
    :8443
! and this
server.port: 8443
cas.authn.spnego.ntlmAllowed false
CAS.AUTHN.ACCEPT.USERS=
cas.tgc.crypto.signing.key=foreign-key
cas.authn.spnego.properties[0].jcifs-service-principal=HTTP/cas.example.test@EXAMPLE.TEST
cas.authn.spnego.system.kerberos-conf=file:/etc/krb5.conf
cas.authn.spnego.ips-to-check-pattern=^192\\\\.0\\\\.2\\\\..+
cas.authn.spnego.pool-size=20
cas.authn.spnego.ldap.bind-credential=canary-5e1f \\u00e9
"""
SETTINGS: dict[str, Any] = {
    "cas.authn.spnego.properties[0].jcifsServicePrincipal": "HTTP/cas.example.test@EXAMPLE.TEST",
    "cas.authn.spnego.system.kerberos_conf": "file:/etc/krb5.conf",
    "cas.authn.spnego.ntlm-allowed": False,
    "cas.authn.spnego.ips-to-check-pattern": r"^192\.0\.2\..+",
    "cas.authn.spnego.poolSize": 20,
    "cas.authn.spnego.ldap.bind-credential": f"{CANARY} é",
    "cas.authn.accept.users": "",
}
ABSENT = ["cas.authn.spnego.kerberos-conf", "cas.authn.spnego.properties[*]", "cas.authn.ntlm.*"]


def task(path: pathlib.Path, settings: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    given = {"version": "7.0.10.1", **options}
    return {"mailrealm.kerberos.cas_properties": {"path": str(path), "settings": dict(settings), **given}}


def test_the_ladder(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "cas.properties"
    path.write_bytes(BEFORE.encode())
    steps = climb(
        [task(path, SETTINGS, absent=ABSENT, backup=True, mode="0640")],
        tmp_path,
        watch=[path],
        verbosity=3,
        environment_more=FAST,
    )
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.check.diff == steps.run.diff
    (content, mode) = steps.run.diff
    assert content["before"] == (
        "cas.authn.spnego.ntlmAllowed true\n"
        "cas.authn.spnego.kerberosConf=/etc/krb5.conf\n"
        "cas.authn.accept.users=(a secret, not shown)\n"
        "CAS.AUTHN.ACCEPT.USERS=(a secret, not shown)\n"
    )
    assert content["after"] == (
        "cas.authn.spnego.ntlmAllowed false\n"
        "CAS.AUTHN.ACCEPT.USERS=\n"
        "cas.authn.spnego.properties[0].jcifs-service-principal=HTTP/cas.example.test@EXAMPLE.TEST\n"
        "cas.authn.spnego.system.kerberos-conf=file:/etc/krb5.conf\n"
        "cas.authn.spnego.ips-to-check-pattern=^192\\\\.0\\\\.2\\\\..+\n"
        "cas.authn.spnego.pool-size=20\n"
        "cas.authn.spnego.ldap.bind-credential=(a secret, not shown)\n"
    )
    assert "mode: 0640" in mode["after"]
    data = steps.run.only.data
    assert (data["path"], data["dialect"], data["shadowed"]) == (str(path), "indexed", [])
    assert pathlib.Path(data["backup_file"]).read_bytes() == BEFORE.encode()
    assert path.read_bytes() == AFTER.encode()
    for word in (CANARY, "Mellon", "foreign-key"):
        assert word not in steps.output
    with java_reader() as reads:
        assert reads(path.read_bytes()) == {
            "cas.server.name": "https://cas.example.test:8443",
            "server.port": "8443",
            "cas.authn.spnego.ntlmAllowed": "false",
            "CAS.AUTHN.ACCEPT.USERS": "",
            "cas.tgc.crypto.signing.key": "foreign-key",
            "cas.authn.spnego.properties[0].jcifs-service-principal": "HTTP/cas.example.test@EXAMPLE.TEST",
            "cas.authn.spnego.system.kerberos-conf": "file:/etc/krb5.conf",
            "cas.authn.spnego.ips-to-check-pattern": r"^192\.0\.2\..+",
            "cas.authn.spnego.pool-size": "20",
            "cas.authn.spnego.ldap.bind-credential": f"{CANARY} é",
        }


def test_a_missing_file_is_made_and_what_an_older_line_reads(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "cas.properties"
    asked = {SPNEGO + "jcifsServicePrincipal": "HTTP/a@A", SPNEGO + "use-subject-creds-only": True, "server.port": 8443}
    told = forked_module.climb(*of_task(task(path, asked, version="5.3.16")), tmp_path)
    assert told["dialect"] == "flat"
    assert path.read_text() == (
        f"{SPNEGO}jcifs-service-principal=HTTP/a@A\n{SPNEGO}use-subject-creds-only=true\nserver.port=8443\n"
    )
    assert path.stat().st_mode & 0o7777 == 0o640


def test_line_ends_stay(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "cas.properties"
    path.write_bytes(b"a=b\r\nserver.port=1")
    forked_module.climb(*of_task(task(path, {"server.port": 2, "x": "y"})), tmp_path)
    assert path.read_bytes() == b"a=b\r\nserver.port=2\r\nx=y\r\n"


def test_other_files_that_set_it_too_are_told(tmp_path: pathlib.Path) -> None:
    path, other, more = (tmp_path / name for name in ("cas.properties", "application.yml", "application.properties"))
    other.write_text("cas:\n  authn:\n    spnego:\n      ntlmAllowed: true\n")
    more.write_text("cas.authn.spnego.ntlm-allowed=true\n")
    others = [str(other), str(more), str(tmp_path / "none.yml")]
    for check in (True, False):
        asked = task(path, {SPNEGO + "ntlm-allowed": False}, others=others)
        told = forked_module.run(*of_task(asked), tmp_path, check=check).result or {}
        assert told["shadowed"] == [
            {"key": SPNEGO + "ntlm-allowed", "path": str(other), "line": 4},
            {"key": SPNEGO + "ntlm-allowed", "path": str(more), "line": 1},
        ]
        assert len(told["warnings"]) == 2
        for place in (f"{other}: line 4", f"{more}: line 1"):
            assert f"{place} sets " in str(told["warnings"])


def bad(says: str, settings: Any = None, **more: Any) -> Case:
    given = {"path": "FOLDER/cas.properties", "version": "7.0.0", "settings": settings or {}, **more}
    return Case("cas_properties", given, says)


def test_a_folder_that_is_not_there_may_be_brought_by_an_earlier_task(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "none" / "cas.properties"
    assert_refused({f"{path}: the directory": task(path, {"a": "b"})}, tmp_path, foreseen=[f"{path}: the directory"])


SECRET = {"cas.authn.accept.users": CANARY}
BAD = {
    "no version": bad("version: '7' is not a version of CAS", SECRET, version="7"),
    "an unknown version": bad("version: CAS 9.1 is none of the lines", SECRET, version="9.1.0"),
    "no name": bad("settings: 'server port' is no name of a property", {**SECRET, "server port": 1}),
    "no value": bad("settings: cas.x: has no value", {**SECRET, "cas.x": None}),
    "a list": bad("settings: cas.x: is a list or a mapping", {"cas.x": [1]}),
    "no boolean": bad(
        f"settings: {SPNEGO}ntlm-allowed: 'maybe' is not what", {**SECRET, SPNEGO + "ntlm-allowed": "maybe"}
    ),
    "no duration": bad(f"settings: {SPNEGO}dns-timeout: '5s' is not what", {SPNEGO + "dns-timeout": "5s"}),
    "no number": bad(f"settings: {SPNEGO}pool-size: 'ten' is not what", {SPNEGO + "pool-size": "ten"}),
    "twice": bad("settings: a.b-c and a.bC are one property", {"a.b-c": 1, "a.bC": 1}),
    "set and absent": bad("absent: a.B is also one of settings", {"a.b": 1}, absent=["a.B"]),
    "no pattern": bad("absent: 'a.*.b' is no name of a property", absent=["a.*.b"]),
    "of CAS 5": bad(f"settings: {SPNEGO}jcifsPassword is how CAS 5", {SPNEGO + "jcifsPassword": CANARY}),
    "of CAS 6": bad(
        f"settings: {SPNEGO}system.login-conf is how CAS 6", {SPNEGO + "system.login-conf": "/x"}, version="5.3.16"
    ),
    "unknown": bad(f"settings: CAS 7.0 knows no {SPNEGO}ntlm-alowed", {SPNEGO + "ntlm-alowed": False}),
    "gone": bad("settings: CAS 7.0 does not know cas.authn.ntlm.enabled", {"cas.authn.ntlm.enabled": True}),
    "a gap": bad(
        f"FOLDER/cas.properties: would hold {SPNEGO}properties[1] without", {SPNEGO + "properties[1].timeout": "PT5M"}
    ),
    "a stale line": bad(f"FOLDER/stale: line 3 sets {SPNEGO}jcifsPassword, which is of CAS 5", path="FOLDER/stale"),
    "a line of later": bad(
        f"FOLDER/later: line 1 sets {SPNEGO}system.login-conf, which is of CAS 6", path="FOLDER/later", version="5.3.1"
    ),
    "not Java's": bad("FOLDER/broken: line 2 holds '\\u' without four", SECRET, path="FOLDER/broken"),
    "a folder": bad("FOLDER: is a directory", SECRET, path="FOLDER"),
    "another that is a folder": bad("FOLDER: is a directory", SECRET, others=["FOLDER"]),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, bool], Any]:
    folder, work = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("work")
    (folder / "cas.properties").write_text("a=b\n")
    (folder / "stale").write_text(f"a=b\n\n{SPNEGO}jcifsPassword={CANARY}\n")
    (folder / "later").write_text(f"{SPNEGO}system.login-conf=/x\n")
    (folder / "broken").write_text(f"a=b\nx.password={CANARY}\\users\n")
    return try_all(BAD, folder, work)


@BOTH
@pytest.mark.parametrize("name", BAD)
def test_bad_input(outcomes: Mapping[tuple[str, bool], Any], name: str, check: bool) -> None:
    judge(BAD[name], outcomes[name, check], check)
