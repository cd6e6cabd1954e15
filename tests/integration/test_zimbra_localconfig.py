# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zimbra_localconfig on a host with the double of zmlocalconfig, which is held against what was recorded."""

from __future__ import annotations

import os
import pathlib
import pwd
import tempfile
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module, module_process
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import Case, Outcome, judge, try_all
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_double import HOME
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_installed import LOCALCONFIG, Installed, installed

MODULE = "mailrealm.kerberos.zimbra_localconfig"
READ = ["zmlocalconfig", "-m", "xml"]
SETTINGS = {
    "krb5_keytab": "${zimbra_home}/conf/other.keytab",
    "krb5_debug_enabled": True,
    "site_note": "a & b < c > \"d\" 'e' $f",
    "site_empty": "",
}
PASSWORD = "password of the double's directory"


@pytest.fixture(scope="module")
def host() -> Iterator[Installed]:
    with installed() as found:
        yield found


@pytest.fixture
def zimbra(host: Installed) -> Iterator[Installed]:
    host.restore()
    yield host
    host.restore()


def told(folder: pathlib.Path, check: bool = False, **options: Any) -> dict[str, Any]:
    """What the module returns."""
    outcome = forked_module.run("zimbra_localconfig", options, folder, check=check)
    assert PASSWORD not in outcome.output
    assert outcome.result, outcome.output
    return outcome.result


def ladder(folder: pathlib.Path, changes: bool = True, **options: Any) -> dict[str, Any]:
    """The ladder's four steps: check mode writes nothing, and tells what the run does; what the run returned."""
    before = _seen()
    foreseen = told(folder, check=True, **options)
    assert _seen() == before
    found = told(folder, **options)
    after = _seen()
    assert [foreseen["changed"], found["changed"], after != before] == [changes] * 3, (foreseen, found)
    for key in ("changes", "restart", "diff", "warnings"):
        assert foreseen.get(key) == found.get(key)
    for check in (True, False):
        again = told(folder, check=check, **options)
        assert (again["changed"], again["changes"], again["restart"], again["diff"]) == (False, [], [], [])
    assert _seen() == after
    return found


def _seen() -> tuple[Any, ...]:
    status = LOCALCONFIG.stat()
    return (LOCALCONFIG.read_bytes(), status.st_mode, status.st_uid, status.st_gid, status.st_ino, status.st_mtime_ns)


def test_setting_keys(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    before = zimbra.values
    text = LOCALCONFIG.read_text().replace("<localconfig>", "<localconfig>\n  <!-- by hand -->")
    LOCALCONFIG.write_text(text)
    steps = climb([{"name": "Set keys", MODULE: {"settings": SETTINGS}}], tmp_path, watch=[LOCALCONFIG])
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_before == steps.check.watched_after
    assert steps.check.diff == steps.run.diff
    assert zimbra.values == {**before, **SETTINGS, "krb5_debug_enabled": "true"}
    assert zimbra.access == ("zimbra:zimbra", "0640")
    words = [f"{key}={value}" for key, value in {**SETTINGS, "krb5_debug_enabled": "true"}.items()]
    assert zimbra.calls() == [READ, READ, ["zmlocalconfig", "-e", *words], READ, READ]
    assert [step.only.data["calls"] for step in (steps.check, steps.run, steps.run_again)] == [1, 2, 1]
    assert steps.run.only.data["restart"] == ["mailbox", "proxy"]
    assert steps.run.diff[0]["before"] == "krb5_debug_enabled = false\nkrb5_keytab = ${zimbra_home}/conf/krb5.keytab\n"
    assert PASSWORD not in steps.output


def test_setting_and_taking_out(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    before = zimbra.values
    told(tmp_path, settings=SETTINGS)
    zimbra.calls()
    ladder(tmp_path, settings={"krb5_debug_enabled": False}, absent=["site_note", "site_empty", "krb5_keytab"])
    assert zimbra.values == {**before, "krb5_debug_enabled": "false"}
    edited = [call for call in zimbra.calls() if call != READ]
    assert edited == [
        ["zmlocalconfig", "-e", "krb5_debug_enabled=false"],
        ["zmlocalconfig", "-u", "site_note", "site_empty", "krb5_keytab"],
    ]


def test_what_is_so_already(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    """Defaults, own values, and other ways to write the same; keys that are not there."""
    settings = {
        "krb5_keytab": "/opt/zimbra/conf/krb5.keytab",
        "krb5_debug_enabled": False,
        "zimbra_server_hostname": " zimbra1.example.test\n",
        "ldap_port": 389,
        "ldap_url": "ldap://${ldap_host}:${ldap_port}",
    }
    ladder(tmp_path, changes=False, settings=settings, absent=["nosuchkey", "sasl_smtpd_mech_list"])
    assert zimbra.calls() == [READ] * 4


def test_stale_keys_are_taken_out(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    found = told(tmp_path, settings={"sasl_smtpd_mech_list": "GSSAPI"}, release="8.0.9")
    assert (found["restart"], zimbra.values["sasl_smtpd_mech_list"]) == (["mta"], "GSSAPI")
    zimbra.calls()
    assert ladder(tmp_path, absent=["sasl_smtpd_mech_list"])["restart"] == []
    assert "sasl_smtpd_mech_list" not in zimbra.values
    assert zimbra.calls().count(["zmcontrol", "-v"]) == 2


@pytest.mark.parametrize(
    ("owner", "mode", "changes"),
    [
        ("zimbra", 0o644, True),
        ("root", 0o640, True),
        ("root", 0o600, True),
        ("zimbra", 0o600, False),
    ],
)
def test_owner_and_mode(zimbra: Installed, tmp_path: pathlib.Path, owner: str, mode: int, changes: bool) -> None:
    account = pwd.getpwnam(owner)
    os.chown(LOCALCONFIG, account.pw_uid, account.pw_gid)
    LOCALCONFIG.chmod(mode)
    before = zimbra.values
    found = ladder(tmp_path, changes, settings={"zimbra_server_hostname": "zimbra1.example.test"})
    assert zimbra.access == ("zimbra:zimbra", "0640" if changes else "0600")
    assert (zimbra.values, found["restart"]) == (before, [])
    assert zimbra.calls() == [READ] * 4


def test_owner_and_a_key_at_once(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    os.chown(LOCALCONFIG, 0, 0)
    before = zimbra.values
    ladder(tmp_path, settings={"krb5_debug_enabled": True})
    assert zimbra.values == {**before, "krb5_debug_enabled": "true"}
    assert zimbra.access == ("zimbra:zimbra", "0640")


def test_a_link_is_never_followed(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    """The folder is zimbra's: who is zimbra must not get at another file by way of root."""
    other = tmp_path / "shadow"
    other.write_text("root:x\n")
    other.chmod(0o600)
    LOCALCONFIG.unlink()
    LOCALCONFIG.symlink_to(other)
    said = told(tmp_path, settings={"krb5_debug_enabled": True})["msg"]
    assert said.startswith(f"{LOCALCONFIG}: cannot be opened (Too many levels of symbolic links)")
    LOCALCONFIG.unlink()
    LOCALCONFIG.write_bytes(zimbra.first)
    second = LOCALCONFIG.with_name("second")
    os.link(LOCALCONFIG, second)
    os.chown(LOCALCONFIG, 0, 0)
    said = told(tmp_path)["msg"]
    second.unlink()
    assert "has other names (hard links); remove them" in said
    assert (other.stat().st_uid, LOCALCONFIG.owner()) == (0, "root")


CASES = {
    "undefined": ({"settings": {"site_a": "${nosuch}/x"}}, "settings.site_a: refers to ${nosuch}, which is not set"),
    "in a circle": ({"settings": {"site_a": "${site_b}", "site_b": "${site_a}"}}, "settings.site_b: refers to itself"),
    "without end": ({"settings": {"site_a": "${zimbra_home"}}, "settings.site_a: holds a ${ without its }"),
    "a password": (
        {"settings": {"zimbra_ldap_password": "canary-5e1f"}},
        "settings.zimbra_ldap_password: is a password",
    ),
    "one's own password": ({"settings": {"site_password": "canary-5e1f"}}, "settings.site_password: is a password"),
    "not editable": ({"settings": {"zimbra_home": "/x"}}, "settings.zimbra_home: Zimbra does not let anybody"),
    "dead": (
        {"settings": {"postfix_import_environment": "KRB5_KTNAME=/x"}},
        "settings.postfix_import_environment: Zimbra 10.0.8 does not read this key, which LDAP took over with 8.5.0",
    ),
    "both": ({"settings": {"site_a": "x"}, "absent": ["site_a"]}, "absent: site_a is also one of settings"),
    "no key": ({"settings": {"site a": "x"}}, "settings: 'site a' is no name of a key"),
    "an option": ({"absent": ["-f"]}, "absent: '-f' is no name of a key"),
    "no value": ({"settings": {"site_a": None}}, "settings.site_a: has no value"),
    "a list": ({"settings": {"site_a": ["x"]}}, "settings.site_a: is a list or a mapping"),
    "not ASCII": ({"settings": {"site_a": "\u00fc"}}, "settings.site_a: holds the character U+00FC"),
    "a wrong release": ({"release": "newest"}, "release: 'newest' is no release of Zimbra"),
}


def test_bad_input(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    cases = {name: Case("zimbra_localconfig", options, says) for name, (options, says) in CASES.items()}
    found = try_all(cases, HOME / "conf", tmp_path)
    for (name, check), outcome in found.items():
        judge(cases[name], outcome, check)
    assert {call[0] for call in zimbra.calls()} == {"zmlocalconfig", "zmcontrol"}


DAMAGED = {
    "cut short": ("<localconfig><key name='a'>", f"{LOCALCONFIG}: is no XML from line 1 on"),
    "empty": ("", f"{LOCALCONFIG}: is no XML from line 1 on"),
    "undefined": (
        "<localconfig><key name='site_a'><value>${nosuch}</value></key></localconfig>",
        f"{LOCALCONFIG}: the value of site_a refers to ${{nosuch}}, which is not set",
    ),
    "in a circle": (
        "<localconfig><key name='site_a'><value>${site_a}</value></key></localconfig>",
        f"{LOCALCONFIG}: the value of site_a refers to itself",
    ),
}


@pytest.mark.usefixtures("zimbra")
@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file(tmp_path: pathlib.Path, name: str) -> None:
    text, says = DAMAGED[name]
    LOCALCONFIG.write_text(text)
    case = Case("zimbra_localconfig", {"settings": {"krb5_debug_enabled": True}}, says)
    for check in (True, False):
        judge(case, Outcome("failed", told(tmp_path, check, **case.options)["msg"], ()), check)
        assert LOCALCONFIG.read_text() == text


def test_a_program_that_dies(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    zimbra.tell(exception=True)
    says = f'{LOCALCONFIG}: zmlocalconfig ended with status 1 (Exception in thread "main" java.lang.OutOfMemoryError'
    for check in (True, False):
        judge(Case("zimbra_localconfig", {}, says), Outcome("failed", told(tmp_path, check)["msg"], ()), check)


def test_no_file(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    """zmlocalconfig would make a new one, without any password."""
    LOCALCONFIG.unlink()
    said = told(tmp_path, settings={"krb5_debug_enabled": True})["msg"]
    assert said.startswith(f"{LOCALCONFIG}: cannot be opened (No such file or directory)")
    assert (LOCALCONFIG.exists(), zimbra.calls()) == (False, [])


@pytest.mark.parametrize("user", ["zimbra", "nobody"])
def test_other_users(zimbra: Installed, user: str) -> None:
    account = pwd.getpwnam(user)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o777)
        prefix = ["setpriv", "--reuid", user, "--regid", str(account.pw_gid), "--clear-groups", "--"]
        options = {"settings": {"krb5_debug_enabled": True}}
        outcome = module_process.run("zimbra_localconfig", options, folder, prefix=prefix, variables={"HOME": name})
    assert outcome.result, outcome.output
    if user == "zimbra":
        assert (outcome.result["changed"], zimbra.values["krb5_debug_enabled"]) == (True, "true")
        assert zimbra.access == ("zimbra:zimbra", "0640")
        return
    assert outcome.result["msg"] == (
        f"{HOME}: Zimbra's programs run as zimbra, and this is user {account.pw_uid}; set become: true, or "
        "become_user: zimbra"
    )


@pytest.mark.usefixtures("zimbra")
def test_a_host_without_zimbra(tmp_path: pathlib.Path) -> None:
    program = HOME / "bin" / "zmlocalconfig"
    away = program.with_name("away")
    program.rename(away)
    try:
        options = {"settings": {"krb5_debug_enabled": True}}
        found = told(tmp_path, check=True, **options)
        assert found["changed"]
        assert "check mode goes on as if it will be there" in str(found["warnings"])
        assert told(tmp_path, **options)["msg"].startswith(f"{program}: is not there; install Zimbra")
    finally:
        away.rename(program)
