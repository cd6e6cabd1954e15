# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""config_files through ansible-playbook and forked, with the modules whose work it does as its judges (needs the
toolbox)."""

from __future__ import annotations

import fcntl
import json
import os
import pathlib
import random
import shutil
import time
import uuid
from typing import Any, Mapping

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import ladder
from ansible_collections.mailrealm.kerberos.tests.integration.canary import found_in
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import start
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import Step
from ansible_collections.mailrealm.kerberos.tests.integration.libkrb5_oracle import libkrb5_reads
from ansible_collections.mailrealm.kerberos.tests.integration.watched import snapshot

COLLECTION = "mailrealm.kerberos."
ORDER = ("hosts_file", "krb5_conf", "enctype_policy", "cyrus_sasl_conf", "postconf")
HOSTS = "127.0.0.1 localhost\n127.0.1.1 mx1.example.test mx1\n"
KRB5 = """\
# kept by hand
[libdefaults]
\tdefault_tkt_enctypes = rc4-hmac
\tpermitted_enctypes = des3-hmac-sha1
[realms]
\tOTHER.TEST = {
\t\tkdc = kdc.other.test
\t}
"""
SASL = "pwcheck_method: saslauthd\nmech_list: plain login\n"
MAIN = "compatibility_level = 3.6\nbiff = yes\n"
MASTER = "smtp      inet  n       -       y       -       -       smtpd\n"
AES = "aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128"


@pytest.fixture
def host(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder with the files of a host."""
    return furnished(tmp_path / "host")


def furnished(folder: pathlib.Path) -> pathlib.Path:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "postfix").mkdir(parents=True)
    (folder / "hosts").write_text(HOSTS)
    (folder / "krb5.conf").write_text(KRB5)
    (folder / "smtpd.conf").write_text(SASL)
    (folder / "postfix" / "main.cf").write_text(MAIN)
    (folder / "postfix" / "master.cf").write_text(MASTER)
    for path in folder.rglob("*.cf"):
        os.utime(path, (0, 0))  # or Postfix's programs wait lest they read half of a file
    return folder


def files(folder: pathlib.Path) -> list[pathlib.Path]:
    return [
        *(folder / name for name in ("hosts", "krb5.conf", "smtpd.conf")),
        *(folder / "postfix" / name for name in ("main.cf", "master.cf")),
    ]


def wanted(folder: pathlib.Path) -> dict[str, dict[str, Any]]:
    """What each of the modules is asked for; none of it is there yet."""
    return {
        "hosts_file": {
            "path": str(folder / "hosts"),
            "entries": [{"address": "192.0.2.10", "names": ["mx1.example.test", "mx1"]}],
        },
        "krb5_conf": {
            "path": str(folder / "krb5.conf"),
            "settings": {"libdefaults": {"default_realm": "EXAMPLE.TEST", "rdns": False}},
            "mode": "u=rw,g=r,o=r",
        },
        "enctype_policy": {"krb5_conf": str(folder / "krb5.conf"), "policy": "compatible"},
        "cyrus_sasl_conf": {
            "path": str(folder / "smtpd.conf"),
            "settings": {"mech_list": ["GSSAPI", "PLAIN"], "keytab": "/etc/hosts"},
            "keytab_required": True,
        },
        "postconf": {
            "config_directory": str(folder / "postfix"),
            "main": {"smtpd_sasl_auth_enable": True},
            "main_absent": ["biff"],
            "services": [{"name": "smtp", "type": "inet", "chroot": "n"}],
        },
    }


def task(parts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {f"{COLLECTION}config_files": parts}


def test_the_ladder(host: pathlib.Path, tmp_path: pathlib.Path) -> None:
    steps = ladder.climb([task(wanted(host))], tmp_path, watch=files(host))
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run.watched_after
    assert [part for part in steps.check_again.diff if part["before"] != part["after"]] == []
    assert [part["before_header"].rpartition("/")[2] for part in steps.run.diff] == [
        *("hosts", "krb5.conf", "krb5.conf (encryption types)", "smtpd.conf", "postfix (main.cf, master.cf)")
    ]
    assert steps.run.only.data["parts"].keys() == set(ORDER)
    assert steps.run.only.data["parts"]["postconf"]["restart_required"] is False
    assert (host / "hosts").read_text() == "127.0.0.1 localhost\n192.0.2.10 mx1.example.test mx1\n"
    assert (host / "smtpd.conf").read_text().endswith("mech_list: GSSAPI PLAIN\nkeytab: /etc/hosts\n")


def test_two_parts_edit_one_file(host: pathlib.Path, tmp_path: pathlib.Path) -> None:
    parts = {name: wanted(host)[name] for name in ("enctype_policy", "krb5_conf")}
    steps = climb([task(parts)], tmp_path, watch=files(host))
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    # Each against the file as it is: the first one's diff leaves alone what the second one takes away
    first, second = steps.check.diff
    assert first["before"] == KRB5 and "rc4-hmac" in first["after"] and "default_realm = EXAMPLE.TEST" in first["after"]
    assert "libdefaults / default_tkt_enctypes = rc4-hmac\n" in second["before"]
    tree = libkrb5_reads(host / "krb5.conf")
    assert tree is not None
    assert tree[("libdefaults",)] == {
        "default_realm": ["EXAMPLE.TEST"],
        "rdns": ["false"],
        "permitted_enctypes": [AES],
    }
    for step in (steps.check, steps.run):
        told = step.only.data["parts"]["enctype_policy"]
        assert [one["line"] for one in told["findings"]][:1] == [3]


def own(returned: Mapping[str, Any]) -> dict[str, Any]:
    """What a module returned, without its options, what is the task's, and what a later edit of the file changes."""
    return {name: value for name, value in returned.items() if name not in ("invocation", "warnings", "size")}


@pytest.mark.parametrize("seed", range(12))
def test_it_does_what_the_modules_do_one_after_the_other(seed: int, tmp_path: pathlib.Path) -> None:
    chance = random.Random(seed)
    chosen = [name for name in ORDER if chance.random() < 0.7] or ["krb5_conf"]
    folder = tmp_path / "host"
    done = {name for name in ORDER if chance.random() < 0.3}

    def begin() -> dict[str, dict[str, Any]]:
        given = wanted(furnished(folder))
        if done:
            play([task({name: given[name] for name in done})], tmp_path)
        for path in folder.rglob("*.cf"):
            os.utime(path, (0, 0))
        return {name: given[name] for name in chosen}

    for check in (True, False):
        parts = begin()
        apart, printed = play(
            [{f"{COLLECTION}{name}": parts[name]} for name in chosen], tmp_path, check=check, watch=files(folder)
        )
        assert not apart.failed, printed
        parts = begin()
        mixed = {name: parts[name] for name in chance.sample(chosen, len(chosen))}
        together, printed = play([task(mixed)], tmp_path, check=check, watch=files(folder))
        assert not together.failed, printed
        told = together.only.data
        for name, result in zip(chosen, apart.results):
            assert own(told["parts"][name]) == own(result.data), name
        assert told["diff"] == [part for result in apart.results for part in result.diff]
        assert told["changed"] is any(result.changed for result in apart.results)
        warned = [one for result in apart.results for one in result.data.get("warnings", [])]
        assert told.get("warnings", []) == list(dict.fromkeys(warned))
        assert lasting(together) == lasting(apart)


def lasting(step: Step) -> list[dict[str, Any]]:
    """What the files were in the end, without their times and inodes."""
    fields = ("type", "mode", "uid", "gid", "sha256")
    return [{field: seen[field] for field in fields} for seen in step.watched_after.values()]


LOOPBACK = [{"address": "127.0.0.1", "names": ["mx1.example.test"]}]
# Of each part something that it refuses: when the options are judged, when it is planned, and in what words
REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "a loopback address": ("hosts_file", {"entries": LOOPBACK}),
    "an unknown owner": ("hosts_file", {"mode": "17777"}),
    "no section": ("krb5_conf", {"settings": {"libdefaults": "x"}}),
    "what libkrb5 does not use": ("krb5_conf", {"shadowed": "fail", "main": ["HOST/smtpd.conf"]}),
    "no file": ("krb5_conf", {"path": "HOST/none/krb5.conf"}),
    "no file for types": ("enctype_policy", {"krb5_conf": "HOST/none/krb5.conf"}),
    "an unknown consumer": ("enctype_policy", {"consumers": ["mitt"]}),
    "a keytab that is none": ("enctype_policy", {"keytabs": ["HOST/hosts"]}),
    "no keytab": ("cyrus_sasl_conf", {"settings": {"mech_list": "GSSAPI", "keytab": "HOST/missing"}}),
    "no value": ("cyrus_sasl_conf", {"settings": {"mech_list": {}}}),
    "no parameter": ("postconf", {"main": {"myhostname": None}}),
    "no folder": ("postconf", {"config_directory": "HOST/none"}),
}
FORESEEN = ("no file", "no file for types")  # by check mode, for an earlier task of the same run may bring the folder


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("case", REFUSED)
def test_what_one_part_refuses_keeps_all_from_being_written(
    case: str, check: bool, host: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    name, more = REFUSED[case]
    parts = wanted(host)
    parts[name].update(json.loads(json.dumps(more).replace("HOST", str(host))))
    before = {path: snapshot(str(path)) for path in [host, *files(host)]}
    alone, printed = play([{f"{COLLECTION}{name}": parts[name]}], tmp_path, check=check)
    assert alone.failed is not (check and case in FORESEEN), printed
    if not alone.failed:
        return
    together, printed = play([task(parts)], tmp_path, check=check)
    assert together.failed, printed
    assert (together.only.msg, together.only.data["part"]) == (alone.only.msg, name)
    assert {path: snapshot(str(path)) for path in [host, *files(host)]} == before


def test_options_are_judged_by_the_modules_own(host: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Before anything is looked at."""
    shutil.rmtree(host)
    parts = wanted(host)
    cases = {
        "krb5_conf: Unsupported parameters: settings_file. Supported parameters include: attributes, backup, ": (
            {**parts, "krb5_conf": {"settings": {}, "settings_file": {}}}
        ),
        "hosts_file: missing required arguments: entries": {**parts, "hosts_file": {}},
        "enctype_policy: parameters are mutually exclusive: policy|enctypes": {
            "enctype_policy": {"policy": "compatible", "enctypes": ["aes"]}
        },
        "enctype_policy: one of the following is required: policy, enctypes": {"enctype_policy": {}},
        "enctype_policy: missing parameter(s) required by 'kdc_conf': realm": {
            "enctype_policy": {"policy": "compatible", "kdc_conf": "/k"}
        },
        "postconf: value of type must be one of: inet, unix, unix-dgram, fifo, pass, got: tcp found in services": {
            "postconf": {"services": [{"name": "smtp", "type": "tcp"}]}
        },
        "cyrus_sasl_conf: argument 'keytab_required' is of type ": {
            **parts,
            "cyrus_sasl_conf": {"path": "/x", "keytab_required": "perhaps"},
        },
        "one of the following is required: hosts_file, krb5_conf, enctype_policy, cyrus_sasl_conf, postconf": {},
    }
    for start_of_message, given in cases.items():
        step, printed = play([task(given)], tmp_path)
        assert step.failed, printed
        assert step.only.msg.startswith(start_of_message), step.only.msg


def test_owner_mode_backup_and_defaults_are_those_of_the_modules(host: pathlib.Path, tmp_path: pathlib.Path) -> None:
    parts = wanted(host)
    for given in parts.values():
        given["backup"] = True
    parts["hosts_file"].update(owner="nobody", group="nogroup", mode="0640")
    step, printed = play([task(parts)], tmp_path, watch=files(host))
    assert not step.failed, printed
    seen = step.watched_after[str(host / "hosts")]
    owned = step.only.data["parts"]["hosts_file"]
    assert (owned["owner"], owned["group"], owned["mode"], seen["mode"]) == ("nobody", "nogroup", "0640", "0640")
    told = step.only.data["parts"]
    kept = [told[name]["backup_file"] for name in ("hosts_file", "krb5_conf", "cyrus_sasl_conf")]
    kept += [*told["enctype_policy"]["backup_files"], *told["postconf"]["backup_files"]]
    texts = [pathlib.Path(name).read_text() for name in kept]
    assert texts[:3] == [HOSTS, KRB5, SASL] and texts[4:] == [MAIN, MASTER]
    # Of the file as the first part left it
    assert "default_realm = EXAMPLE.TEST" in texts[3] and "rc4-hmac" in texts[3]


@pytest.mark.parametrize("wrong", [None, "krb5_conf", "postconf"])
def test_passwords_are_shown_nowhere(wrong: str | None, host: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Not even where another part refuses before the one that has them would be looked at."""
    secrets = [f"canary{uuid.uuid4().hex}" for dummy in range(3)]
    (host / "smtpd.conf").write_text(f"{SASL}ldapdb_pw: {secrets[0]}\n")
    parts = wanted(host)
    parts["cyrus_sasl_conf"]["settings"].update(ldapdb_pw=secrets[1])
    parts["postconf"]["main"].update(smtp_sasl_password_maps=f"static:x:{secrets[2]}")
    if wrong == "krb5_conf":
        parts["krb5_conf"]["settings"] = {"libdefaults": "x"}
    if wrong == "postconf":
        parts["postconf"]["misspelt"] = secrets[2]
        del parts["postconf"]["main"]["smtp_sasl_password_maps"]
    for check in (True, False):
        step, output = ladder.play([task(parts)], tmp_path, check=check, verbosity=3)
        assert step.failed is (wrong is not None), output
        told = output.partition("TASK [")[2] + json.dumps(step.only.data)
        assert [secret for secret in secrets if found_in(told.encode(), secret.encode())] == []


def test_a_run_waits_for_the_lock_of_every_file(host: pathlib.Path, tmp_path: pathlib.Path) -> None:
    parts = wanted(host)
    for held in (host, host / "postfix"):
        furnished(host)
        waiting = start("config_files", parts, tmp_path)
        working = os.open(held, os.O_RDONLY)
        fcntl.flock(working, fcntl.LOCK_EX)
        waiting.go()
        descriptors = pathlib.Path(f"/proc/{waiting.pid}/fd")
        while str(held) not in [os.readlink(one) for one in descriptors.iterdir() if one.is_symlink()]:
            time.sleep(0.01)
        (host / "smtpd.conf").write_text(f"{SASL}log_level: 7\n")
        os.close(working)
        ended = waiting.finish()
        assert ended.result and ended.result["changed"], ended.output
        assert "log_level: 7\n" in (host / "smtpd.conf").read_text()


def test_runs_that_share_files_do_not_wait_for_each_other_for_ever(host: pathlib.Path, tmp_path: pathlib.Path) -> None:
    parts = wanted(host)
    elsewhere = {**parts["hosts_file"], "path": str(host / "postfix" / "hosts")}
    for dummy in range(5):
        furnished(host)
        running = [
            start(
                "config_files", {name: parts[name] for name in ("krb5_conf", "enctype_policy", "postconf")}, tmp_path
            ),
            start("config_files", {"hosts_file": elsewhere, "krb5_conf": parts["krb5_conf"]}, tmp_path),
            start("postconf", parts["postconf"], tmp_path),
            start("enctype_policy", parts["enctype_policy"], tmp_path),
        ]
        for one in running:
            one.go()
        for one in running:
            ended = one.finish()
            assert ended.status == 0, ended.output
        step, printed = play([task(parts)], tmp_path, check=True)
        changed = {name for name, told in step.only.data["parts"].items() if told["changed"]}
        assert changed == {"hosts_file", "cyrus_sasl_conf"}, printed
