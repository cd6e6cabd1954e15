# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""enctype_policy, through ansible-playbook and forked: check, run, check, run."""

from __future__ import annotations

import pathlib
import subprocess
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import ladder
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.libkrb5_oracle import libkrb5_reads
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

AES = "aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96"
ALL_AES = f"{AES} aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128"
# What the documents of Zimbra and CAS wrote, as hosts still have it
OLD = """\
# kept by hand
[libdefaults]
\tdefault_realm = EXAMPLE.TEST
\tdefault_tkt_enctypes = rc4-hmac
\tdefault_tgs_enctypes = rc4-hmac
\tpermitted_enctypes = des3-hmac-sha1 arcfour-hmac-md5   # libkrb5 reads this as a part of the list
\tallow_weak_crypto = true
"""
OLD_KDC = """\
[kdcdefaults]
\tkdc_ports = 88
[realms]
\tEXAMPLE.TEST = {
\t\tmaster_key_type = des3-hmac-sha1
\t\tsupported_enctypes = des3-hmac-sha1:normal des-cbc-crc:normal
\t}
"""


def task(krb5_conf: pathlib.Path, **options: Any) -> dict[str, Any]:
    chosen = {} if "enctypes" in options else {"policy": "compatible"}
    return {"mailrealm.kerberos.enctype_policy": {"krb5_conf": str(krb5_conf), **chosen, **options}}


def climbed(tmp_path: pathlib.Path, *paths: pathlib.Path, by: Any = climb, **options: Any) -> ladder.Ladder:
    """Climb it and see that check mode touched nothing and told the truth."""
    steps = by([task(paths[0], **options)], tmp_path, watch=list(paths))
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run.watched_after
    assert not steps.check_again.diff
    for key in ("changes", "findings", "enctypes", "permitted"):
        assert steps.check.only.data[key] == steps.run.only.data[key]
    return steps


def libdefaults(path: pathlib.Path) -> dict[str, Any]:
    """The judge's reading."""
    tree = libkrb5_reads(path)
    assert tree is not None
    return tree[("libdefaults",)]  # type: ignore[no-any-return]


@pytest.fixture
def keytab(tmp_path: pathlib.Path) -> pathlib.Path:
    """A keytab with an RC4 key alone, made by ktutil."""
    path = tmp_path / "service.keytab"
    script = f"addent -password -p HTTP/x.test@X.TEST -k 1 -e rc4-hmac\npassword1\nwkt {path}\n"
    subprocess.run(["ktutil"], input=script, text=True, check=True, capture_output=True)
    return path


def test_a_host_of_the_old_documents_comes_to_today_in_one_run(tmp_path: pathlib.Path) -> None:
    krb5, kdc = tmp_path / "krb5.conf", tmp_path / "kdc.conf"
    krb5.write_text(OLD)
    kdc.write_text(OLD_KDC)
    kdc.chmod(0o640)
    steps = climbed(tmp_path, krb5, kdc, by=ladder.climb, kdc_conf=str(kdc), realm="EXAMPLE.TEST", backup=True)
    lines = OLD.splitlines(True)
    assert krb5.read_text() == "".join(lines[:3]) + f"\tpermitted_enctypes = {ALL_AES}\n"
    assert libdefaults(krb5) == {"default_realm": ["EXAMPLE.TEST"], "permitted_enctypes": [ALL_AES]}
    keys = " ".join(f"{name}:normal" for name in ALL_AES.split())
    assert kdc.read_text() == OLD_KDC.replace("des3-hmac-sha1:normal des-cbc-crc:normal", keys)
    assert kdc.stat().st_mode & 0o777 == 0o640
    found = {(one["file"], one["line"]): one for one in steps.check.only.data["findings"]}
    assert {line for file, line in found if file == str(krb5)} == {4, 5, 6, 7}
    assert {line for file, line in found if file == str(kdc)} == {5, 6}
    assert found[str(krb5), 4]["document"] == "cas"
    assert found[str(kdc), 6]["document"] == "zimbra"
    # The master key is not for an editor: that alone is still said afterwards
    assert [(one["file"], one["line"]) for one in steps.run_again.only.data["findings"]] == [(str(kdc), 5)]
    headers = [part["before_header"] for part in steps.check.diff]
    assert headers == [f"{krb5} (encryption types)", f"{kdc} (encryption types)"]
    assert "kdc_ports" not in str(steps.check.diff)
    kept = [pathlib.Path(name).read_text() for name in steps.run.only.data["backup_files"]]
    assert sorted(kept) == sorted([OLD, OLD_KDC])
    told = steps.run.only.data["warnings"]
    assert len(told) == 6 and told == steps.check.only.data["warnings"]
    assert told[0].startswith(f"{krb5} line 4: default_tkt_enctypes names arcfour-hmac (RC4, which Java 17 refuses")


def test_a_blank_host_and_a_new_kdc(tmp_path: pathlib.Path) -> None:
    krb5, kdc = tmp_path / "krb5.conf", tmp_path / "kdc.conf"
    options = {"kdc_conf": str(kdc), "realm": "NEW.TEST", "salt_types": ["normal", "special"]}
    climbed(tmp_path, krb5, kdc, policy="zimbra", consumers=["mit", "heimdal1.5", "java17"], **options)
    assert libdefaults(krb5) == {"permitted_enctypes": [AES], "default_etypes": [AES]}
    assert krb5.stat().st_mode & 0o777 == 0o644
    assert kdc.stat().st_mode & 0o777 == 0o600
    realm = libkrb5_reads(kdc)[("realms",)][("NEW.TEST",)]  # type: ignore[index]
    aes256, aes128 = AES.split()
    assert realm == {
        "supported_enctypes": [f"{aes256}:normal {aes256}:special {aes128}:normal {aes128}:special"],
        "master_key_type": ["aes256-cts-hmac-sha1-96"],
    }


def test_a_list_old_consumers_types_in_use_and_the_way_back_to_rc4(
    keytab: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    krb5 = tmp_path / "krb5.conf"
    krb5.write_text("[libdefaults]\n allow_weak_crypto = false\n")
    options = {"enctypes": ["aes -aes128-sha2", "rc4"], "accept_weak": True, "in_use": ["camellia", "rc4"]}
    options["keytabs"] = [str(keytab)]
    steps = climbed(tmp_path, krb5, consumers=["mit1.17", "mit"], validate=False, **options)
    names = f"{AES} aes256-cts-hmac-sha384-192 arcfour-hmac camellia256-cts-cmac camellia128-cts-cmac"
    written = names.replace("arcfour-hmac", "arcfour-hmac-md5")  # which all consumers know
    lists = ("permitted_enctypes", "default_tkt_enctypes", "default_tgs_enctypes")
    assert libdefaults(krb5) == {
        "allow_weak_crypto": ["false"],
        "allow_rc4": ["true"],
        **{name: [written] for name in lists},
    }
    assert steps.run.only.data["permitted"] == names.split()
    assert steps.run.only.data["enctypes"] == names.split()[:4]
    (warning,) = steps.check_again.only.data["warnings"]
    assert warning.startswith("arcfour-hmac is permitted, although it is weak: MIT Kerberos 1.21 (June 2023)")
    steps = climbed(tmp_path, krb5, consumers=["mit"])
    assert libdefaults(krb5) == {"allow_weak_crypto": ["false"], "permitted_enctypes": [ALL_AES]}
    assert {one["line"] for one in steps.run.only.data["findings"]} == {3, 4, 5, 6}


def test_refusals_name_the_place_and_write_nothing(tmp_path: pathlib.Path) -> None:
    krb5, drop = tmp_path / "krb5.conf", tmp_path / "drop.conf"
    drop.write_text("# ours\n[libdefaults]\n permitted_enctypes = aes256-sha1\n")
    krb5.write_text(f"include {drop}\n[libdefaults]\n")
    free = tmp_path / "free.conf"
    free.write_text(OLD)
    bad = tmp_path / "bad.conf"
    bad.write_text("[libdefaults]\nrdns\n")
    cases = {
        "enctypes: 'aes265-cts' is not the name of an encryption type; did you mean": task(
            free, enctypes=["aes265-cts"]
        ),
        "enctypes: the list comes to nothing": task(free, enctypes=["aes -aes"]),
        "policy with_rc4: arcfour-hmac is weak": task(free, policy="with_rc4"),
        "policy sha2_only: no type is left that all consumers can use": task(
            free, policy="sha2_only", consumers=["java8"]
        ),
        "enctypes: Heimdal 1.5 cannot use aes256-cts-hmac-sha384-192": task(
            free, enctypes=["aes256-sha2", "aes256-sha1"], consumers=["heimdal1.5"]
        ),
        "consumers: 'jawa8' is no consumer": task(free, consumers=["jawa8"]),
        "in_use: 'x' is not the name": task(free, in_use=["x"]),
        "salt_types: 'aes256-cts-hmac-sha1-96:x:y'": task(
            free, kdc_conf=str(tmp_path / "k"), realm="X", salt_types=["x:y"]
        ),
        f"{drop}: line 3 sets permitted_enctypes = aes256-sha1, which libkrb5 reads before {krb5}": task(krb5),
        f"{bad}: line 2": task(bad),
        f"{tmp_path}/none/krb5.conf: the directory {tmp_path}/none does not exist": task(
            tmp_path / "none" / "krb5.conf"
        ),
    }
    assert_refused(cases, tmp_path, foreseen=[start for start in cases if "does not exist" in start])
    assert free.read_text() == OLD
    step, dummy = play([task(free, policy="modem")], tmp_path)
    assert step.failed
    assert "value of policy must be one of" in step.only.msg
    step, dummy = play([task(free, policy="modern", enctypes=["aes"])], tmp_path)
    assert step.failed
    step, dummy = play([task(free, kdc_conf=str(tmp_path / "k"))], tmp_path)
    assert step.failed
    assert "realm" in step.only.msg
