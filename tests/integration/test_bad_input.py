# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: the task fails with one sentence that says what, where and how to mend, and nothing is half-written.

Every case is a task as a user writes it, in check mode and in the run. What is proved elsewhere is not here:

=====================================  ==================================================================
bad input                              where, in tests/integration
=====================================  ==================================================================
a keytab cut short, empty, encrypted,  test_keytab_refusals.py (keytab, both modes), test_keytab_info.py
no base64; a folder, a pipe, nothing
an unreadable source or keytab         test_keytab_refusals.py
a missing group or user                test_keytab_refusals.py, test_krb5_conf.py
a profile that libkrb5 cannot read     test_krb5_conf.py (both modes)
a loopback address, a missing folder   test_hosts_file.py, test_dns_identity_info.py (both modes)
a host name that leads to 127.0.1.1    test_dns_identity_info.py (as a finding); the role's refusal is here
main.cf, master.cf, their parameters   test_postconf.py (both modes)
cas.properties, its names and values   test_cas_properties.py (both modes)
smtpd.conf, a missing keytab           test_cyrus_sasl_conf.py (both modes)
log4j2.xml, server.xml, a web archive  test_log4j2_loggers.py, test_tomcat_connector.py (both modes)
login.conf as the JDK would not        test_jaas_config.py (both modes)
read it, an entry that cannot be
Zimbra's localconfig, its file         test_zimbra_localconfig.py (both modes)
a realm in another case                test_realm.py, test_principal.py (both modes)
a database that is not there           test_principal.py, test_keytab_export.py
a wrong master password, no stash      test_realm.py
no KDC, no kadmind, wrong logins       test_kadmin.py (in Python; through Ansible here)
a login that fails, however            test_sso_faults.py (in Python; through Ansible here)
a full disk                            test_keytab_faults.py, test_kadmin.py, test_realm.py; other files here
=====================================  ==================================================================
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
from typing import Any, Mapping, Sequence

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import forked_ladder, mit_keytab, module_process
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import (
    BOTH,
    CANARY,
    COLLECTION,
    FAST,
    ON_CONTROLLER,
    Case,
    Outcome,
    judge,
    try_all,
)
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import ROOT, environment, play, program
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))


@pytest.mark.parametrize("mode", [["--check"], []], ids=["check", "run"])
def test_the_command_ends_with_a_status(mode: list[str], tmp_path: pathlib.Path) -> None:
    """By hand, as one tries a module: Ansible's status for a failed host is 2."""
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n")
    options = json.dumps({"path": str(tmp_path / "hosts"), "entries": [{"address": "127.0.1.1", "names": ["mx1"]}]})
    given = ["-e", json.dumps({"ansible_python_interpreter": sys.executable})]
    done = subprocess.run(
        [program("ansible"), "localhost", "-m", f"{COLLECTION}hosts_file", "-a", options, *given, *mode],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done
    assert "entries[0]: 127.0.1.1 is a loopback address" in done.stdout + done.stderr
    assert (tmp_path / "hosts").read_text() == "127.0.0.1 localhost\n"


# What Ansible asks for before it looks at the rest.
REQUIRED: dict[str, dict[str, Any]] = {
    "ad_keytab": {"realm": "X", "credentials": {"keytab": "/x"}, "accounts": []},
    "axigen_config": {"login": {"password": CANARY}},
    "axigen_info": {"login": {"password": CANARY}},
    "browser_policy": {"browser": "chromium", "path": "/x"},
    "cas_overlay": {"path": "/x"},
    "cas_properties": {"path": "/x", "version": "7.0.0"},
    "config_files": {"postconf": {}},
    "cyrus_sasl_conf": {"path": "/x"},
    "doctor_info": {"host": "x", "domain": "x", "realm": "X"},
    "doctor_report": {"hosts": []},
    "drift_merge": {"reports": []},
    "hosts_file": {"entries": []},
    "jaas_config": {"path": "/x"},
    "kadm5_acl": {"path": "/x", "entries": []},
    "keytab": {"path": "/x"},
    "keytab_export": {"keytabs": []},
    "keytab_info": {"path": "/x"},
    "keytab_probe": {"path": "/x", "credentials": {"keytab": "/x"}},
    "krb5_conf": {"settings": {}},
    "log4j2_loggers": {"path": "/x", "loggers": []},
    "enctype_policy": {"policy": "compatible"},
    "enctype_policy_info": {"policy": "compatible"},
    "password_policy": {"name": "x"},
    "principal": {"name": "x"},
    "realm": {"name": "X"},
    "sso_probe": {"services": [], "credentials": {"keytab": "/x"}},
    "tomcat_connector": {"path": "/x"},
    "unit": {"name": "x", "state": "started"},
    "zimbra_attributes": {"entries": []},
}


def test_an_unknown_option_is_named_with_those_that_there_are(tmp_path: pathlib.Path) -> None:
    """By Ansible itself, before the module looks at anything."""
    tasks = {
        name: {
            "block": [{"name": name, COLLECTION + name: {**REQUIRED.get(name, {}), "misspelt": CANARY}}],
            "rescue": [{"ansible.builtin.meta": "noop"}],
        }
        for name in MODULES
    }
    through_ansible = [tasks[name] for name in MODULES if name in ON_CONTROLLER]
    forked = [tasks[name] for name in MODULES if name not in ON_CONTROLLER]
    for check in (True, False):
        step, output = play(through_ansible, tmp_path, check=check, environment_more=FAST)
        results = [*step.results, *forked_ladder.play(forked, tmp_path, check=check)[0].results]
        assert sorted(result.name for result in results if result.status == "failed") == MODULES, output
        for result in results:
            # An action that has no module on a host is named by its place in the collection.
            place = (
                rf"({re.escape(COLLECTION)}|ansible_collections\.{re.escape(COLLECTION)}plugins\.action\.){result.name}"
            )
            said = rf"Unsupported parameters for \({place}\) module: misspelt\. Supported parameters include: "
            assert re.match(said, result.msg), result


SETTINGS = {"libdefaults": {"rdns": False}}
ADMIN = [{"principal": "*/admin@EXAMPLE.TEST"}]
MX1 = [{"address": "192.0.2.10", "names": ["mx1.example.test", "mx1"]}]
KEY = Key("smtp/mx1.example.test@EXAMPLE.TEST", 2, "aes256-cts-hmac-sha1-96", "11" * 32)


def acl(entry: Mapping[str, Any], says: str) -> Case:
    return Case("kadm5_acl", {"path": "FOLDER/acl", "entries": [entry]}, says)


def hosts(entries: Sequence[Mapping[str, Any]], says: str) -> Case:
    return Case("hosts_file", {"path": "FOLDER/hosts", "entries": entries}, says)


def krb5(settings: Any, says: str, foreseen: bool = False, **more: Any) -> Case:
    return Case("krb5_conf", {"path": "FOLDER/krb5.conf", "settings": settings, **more}, says, foreseen)


FILES: dict[str, Case] = {
    "krb5_conf pipe": krb5(SETTINGS, "FOLDER/pipe: is not a regular file", path="FOLDER/pipe"),
    "krb5_conf link to itself": krb5(SETTINGS, "FOLDER/loop: could not be read (Too many", path="FOLDER/loop"),
    "krb5_conf below a file": krb5(SETTINGS, "FOLDER/hosts/x: a part of the path is not", path="FOLDER/hosts/x"),
    "krb5_conf NUL": krb5(SETTINGS, "FOLDER/nul: line 2, column 1: holds a NUL byte", path="FOLDER/nul"),
    "krb5_conf no name": krb5(SETTINGS, "path: is empty", path=""),
    "krb5_conf NUL in a value": krb5({"libdefaults": {"a": "b\0"}}, "settings.libdefaults.a: holds the character 0x0"),
    "krb5_conf no section": krb5({"rdns": False}, "settings.rdns: a section holds relations, not a value"),
    "krb5_conf empty name": krb5({"": {"a": "b"}}, "settings: holds an empty name"),
    "krb5_conf list of mappings": krb5({"realms": {"R": [{"kdc": "x"}]}}, "settings.realms.R: a list holds strings"),
    "krb5_conf name with a bracket": krb5({"a]b": {"c": 1}}, "settings.a]b: a section's name holds no ']'"),
    "krb5_conf name with a line break": krb5({"a\nb": {"c": 1}}, "settings.a\\x0ab: "),
    "krb5_conf mode in words": krb5(SETTINGS, "FOLDER/krb5.conf: mode 'rw-r' is neither octal nor", mode="rw-r"),
    "krb5_conf mode too great": krb5(SETTINGS, "FOLDER/krb5.conf: mode '77777' is more than 7777", mode="77777"),
    "krb5_conf missing group": krb5(
        SETTINGS, "FOLDER/krb5.conf: the group 'no-such-group' does not exist", True, group="no-such-group"
    ),
    "acl folder": Case("kadm5_acl", {"path": "FOLDER", "entries": ADMIN}, "FOLDER: is a directory"),
    "acl letters": acl({"principal": "a@R", "permissions": "xyz"}, "entries: permissions 'xyz' of a@R hold 'yz'"),
    "acl principal with a blank": acl({"principal": "a b"}, "entries: principal 'a b' holds white space"),
    "acl malformed principal": acl({"principal": "a@b@c"}, "entries: principal: principal 'a@b@c': holds a second '@'"),
    "acl malformed target": acl({"principal": "a", "target": "b\\"}, "entries: target: principal 'b\\': ends with"),
    "acl line break": acl({"principal": "a", "target": "*\n*"}, "entries: target '*\\x0a*' holds white space"),
    "acl nobody": acl({"principal": ""}, "entries: ' *' lacks principal or permissions"),
    "acl restrictions of anyone": acl({"principal": "a", "restrictions": "-maxlife 9h"}, "entries: restrictions of a"),
    "acl twice": Case(
        "kadm5_acl", {"path": "FOLDER/acl", "entries": ADMIN * 2}, "entries: */admin@EXAMPLE.TEST is listed"
    ),
    "hosts pipe": Case("hosts_file", {"path": "FOLDER/pipe", "entries": MX1}, "FOLDER/pipe: is not a regular file"),
    "hosts address": hosts([{**MX1[0], "address": "192.0.2.300"}], "entries[0]: '192.0.2.300' is not an IPv4"),
    "hosts no address": hosts([{**MX1[0], "address": ""}], "entries[0]: '' is not an IPv4 or IPv6 address"),
    "hosts name": hosts(
        [{**MX1[0], "names": ["mx1\n192.0.2.66 evil"]}], "entries[0]: 'mx1\\x0a192.0.2.66 evil' is not"
    ),
    "hosts no names": hosts([{**MX1[0], "names": []}], "entries[0]: has no names"),
    "hosts address twice": hosts(MX1 * 2, "entries[1]: 192.0.2.10 stands in an entry before"),
    "hosts name twice": hosts(
        [MX1[0], {**MX1[0], "address": "192.0.2.11"}], "entries[1]: 'mx1' stands in the entry of"
    ),
    "keytab_info cut": Case("keytab_info", {"path": "FOLDER/cut"}, "FOLDER/cut: entry 1 at byte 6: it takes "),
    "keytab_info folder": Case("keytab_info", {"path": "FOLDER"}, "FOLDER: is a directory"),
    "names profile": Case(
        "dns_identity_info", {"krb5_conf": "FOLDER/nul"}, "FOLDER/nul: line 2, column 1: holds a NUL byte"
    ),
    "unit name": Case("unit", {"name": "a/b", "state": "started"}, "name 'a/b': is not a unit's name"),
    "unit option": Case("unit", {"name": "--all", "state": "stopped"}, "name '--all': is not a unit's name"),
}


@pytest.fixture(scope="module")
def etc(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Files of every kind, good and bad."""
    folder = tmp_path_factory.mktemp("etc")
    (folder / "krb5.conf").write_text("[libdefaults]\n    default_realm = EXAMPLE.TEST\n")
    (folder / "nul").write_bytes(b"[libdefaults]\n\0\n")
    (folder / "acl").write_text("*/admin@EXAMPLE.TEST ad\n")
    (folder / "hosts").write_text("127.0.0.1 localhost\n127.0.1.1 mx1.example.test mx1\n")
    (folder / "smtpd.conf").write_text("mech_list: PLAIN\n")
    keytab = mit_keytab.write(folder / "keytab", KEY)
    (folder / "cut").write_bytes(keytab.read_bytes()[:-7])
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder / "loop")
    return folder


@pytest.fixture(scope="module")
def files(etc: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool], Outcome]:
    return try_all(FILES, etc, tmp_path_factory.mktemp("files"))


@BOTH
@pytest.mark.parametrize("name", FILES)
def test_files(files: dict[tuple[str, bool], Outcome], name: str, check: bool) -> None:
    judge(FILES[name], files[name, check], check)


# One of each module that keeps or reads a file.
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "krb5.conf": ("krb5_conf", {"settings": SETTINGS}),
    "acl": ("kadm5_acl", {"entries": ADMIN}),
    "hosts": ("hosts_file", {"entries": MX1}),
    "smtpd.conf": ("cyrus_sasl_conf", {"settings": {"mech_list": ["PLAIN", "LOGIN"]}}),
}
# Root without the right to pass over permissions stands in for a user who lacks them.
POWERLESS = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"] if not os.geteuid() else []


def test_unreadable_files(etc: pathlib.Path, tmp_path: pathlib.Path) -> None:
    reading = {**CHANGES, "keytab": ("keytab_info", {})}
    cases = {
        name: Case(module, {"path": f"FOLDER/{name}", **options}, f"FOLDER/{name}: may not be read (Permission denied)")
        for name, (module, options) in reading.items()
    }
    modes = {name: (etc / name).stat().st_mode for name in reading}
    for name in reading:
        (etc / name).chmod(0)
    try:
        found = try_all(cases, etc, tmp_path, prefix=POWERLESS)
    finally:
        for name, mode in modes.items():
            (etc / name).chmod(mode)
    for (name, check), outcome in found.items():
        judge(cases[name], outcome, check)


# A file system of one page, which the file fills; then the module, and what is there afterwards.
FULL = """
mount -t tmpfs -o size=4k tmpfs "$1" && cp -p "$2" "$1" || exit 99
folder=$1 seen=$3
shift 3
"$@"
ls -A "$folder" > "$seen"
cat "$folder"/* >> "$seen"
"""


@pytest.mark.parametrize("name", CHANGES)
def test_full_disk(etc: pathlib.Path, tmp_path: pathlib.Path, name: str) -> None:
    module, options = CHANGES[name]
    folder, seen = tmp_path / "full", tmp_path / "seen"
    folder.mkdir()
    prefix = ["unshare", "--mount", "sh", "-c", FULL, "sh", str(folder), str(etc / name), str(seen)]
    ended = module_process.run(module, {"path": str(folder / name), **options}, tmp_path, prefix=prefix)
    assert ended.result and ended.result.get("failed"), ended.output
    said = f"{folder / name}: could not be written (No space left on device) and is as it was; see to space and "
    assert ended.result["msg"].startswith(said), ended.result["msg"]
    assert seen.read_text() == f"{name}\n{(etc / name).read_text()}"
