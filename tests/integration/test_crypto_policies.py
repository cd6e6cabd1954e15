# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""crypto-policies read, foreseen and set with the stand-in of update-crypto-policies; libkrb5 judges what comes of it.

The stand-in has tests of its own: tests/unit/lab/test_crypto_policies.py.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
from dataclasses import replace
from typing import Any, Optional

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import crypto_state
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.crypto_policy import (
    CryptoPolicyRefusal,
    pmod_text,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.crypto_state import (
    crypto_diff,
    crypto_findings,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import crypto_policies
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.crypto_policies import Places
from ansible_collections.mailrealm.kerberos.tests.integration.crypto_host import CryptoHost
from ansible_collections.mailrealm.kerberos.tests.integration.libkrb5_oracle import libkrb5_reads

OURS = "DEFAULT:MAILREALM-KERBEROS"


@pytest.fixture
def host(tmp_path: pathlib.Path) -> CryptoHost:
    return CryptoHost(tmp_path, "el9")


def test_a_module_hands_in_its_run_command(host: CryptoHost) -> None:
    with patch_module_args({}):
        host.run = AnsibleModule(argument_spec={}).run_command
    host.converge((18, 17))
    assert host.permitted() == (18, 17)


def test_a_host_without_crypto_policies(tmp_path: pathlib.Path) -> None:
    assert crypto_policies.read_state(subprocess.run, Places(str(tmp_path))) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("release", ["el8", "el9", "fedora"])
def test_a_fresh_host_is_clean(release: str, tmp_path: pathlib.Path) -> None:
    host = CryptoHost(tmp_path, release)
    files = host.files()
    state = host.read()
    assert (state.config, state.applied, state.drop_in, state.module_text) == ("DEFAULT", "DEFAULT", "intact", None)
    assert state.back_end == state.generated
    assert state.stock
    assert crypto_findings(state) == []
    assert host.files() == files
    assert [call[0] for call in host.called] == ["--show", "--set"]


LISTS = ((18,), (17, 18), (20, 19, 18, 17), (18, 17, 20, 19), (19, 20), (20, 19, 17, 18, 25, 26), (26,), (18, 17, 23))


def test_libkrb5_permits_exactly_what_was_asked(host: CryptoHost) -> None:
    for enctypes in LISTS:
        state = host.converge(enctypes)
        assert state.config == OURS
        assert host.permitted() == enctypes
        tree: Any = libkrb5_reads(host.krb5_conf)
        (value,) = tree[("libdefaults",)]["permitted_enctypes"]
        assert state.back_end == f"[libdefaults]\npermitted_enctypes = {value}\n"
        assert crypto_findings(state) == []
        assert host.of(crypto_state.MODULE).read_text() == pmod_text(enctypes)
    assert host.of(crypto_state.MODULE).stat().st_mode & 0o777 == 0o644


def test_foreign_modules_stay_and_other_back_ends_get_nothing_new(host: CryptoHost) -> None:
    dump = host.of("/etc/crypto-policies/state/CURRENT.pol")
    host.set("FUTURE:AD-SUPPORT-LEGACY")
    before = dump.read_text().splitlines()[1:]
    state = host.converge((18, 17))
    assert state.config == "FUTURE:AD-SUPPORT-LEGACY:MAILREALM-KERBEROS"
    assert host.permitted() == (18, 17)
    changed = set(before) ^ set(dump.read_text().splitlines()[1:])
    assert {line.partition(" = ")[0] for line in changed} == {"cipher@krb5", "mac@krb5"}
    # what the policy says of PKINIT is not ours
    assert "pkinit_dh_min_bits=4096\n" in (state.back_end or "")


def test_there_and_back(host: CryptoHost) -> None:
    clean = host.read()
    assert host.converge(None) == clean
    host.converge((18, 17, 23))
    host.converge((20, 19))
    assert host.permitted() == (20, 19)
    assert host.converge(None) == clean
    assert not host.of(crypto_state.MODULE).exists()
    assert host.of(crypto_state.BACK_END).is_symlink()
    assert not host.of("/usr/share/crypto-policies/reloads").exists()


def test_an_edited_back_end_is_told_and_mended(host: CryptoHost) -> None:
    host.set("DEFAULT:AD-SUPPORT")
    back_end = host.of(crypto_state.BACK_END)
    back_end.write_text(back_end.read_text().replace("camellia128-cts-cmac", "arcfour-hmac-md5"))
    (finding,) = crypto_findings(host.read())
    assert "(permits arcfour-hmac-md5 besides, lacks camellia128-cts-cmac), so it was edited by hand" in finding
    assert 23 in host.permitted()
    assert crypto_findings(host.converge((18, 17))) == []
    assert host.permitted() == (18, 17)


def test_a_stock_file_edited_through_its_links_is_told_though_the_tool_sees_nothing(host: CryptoHost) -> None:
    drop_in = host.of(crypto_state.DROP_IN)
    drop_in.write_text(drop_in.read_text().replace("camellia128-cts-cmac", "arcfour-hmac-md5"))
    assert host.of("/usr/share/crypto-policies/DEFAULT/krb5.txt").read_text().endswith("arcfour-hmac-md5\n")
    (finding,) = crypto_findings(host.read())
    assert finding.endswith("; reinstall the package crypto-policies, whose file it is")
    # without our module the tool would link to it again
    with pytest.raises(CryptoPolicyRefusal, match=r"^/usr/share/crypto-policies/DEFAULT/krb5\.txt: .*; reinstall"):
        host.foresee(None)
    assert crypto_findings(host.converge((18, 17))) == []


def test_a_drop_in_that_is_no_link_any_more_is_told_and_put_back(host: CryptoHost) -> None:
    drop_in = host.of(crypto_state.DROP_IN)
    text = "[libdefaults]\npermitted_enctypes = aes256-cts-hmac-sha1-96 arcfour-hmac-md5\n"
    drop_in.unlink()
    drop_in.write_text(text)
    before = host.read()
    (finding,) = crypto_findings(before)
    assert finding.startswith(f"{crypto_state.DROP_IN}: is a file of its own")
    after = host.foresee((20, 19))
    assert crypto_diff(before, after)[-1]["before"] == text
    (host.root / "etc/krb5.conf.d/.mailrealm-crypto-policies").symlink_to("left-of-a-killed-run")
    host.converge((20, 19))
    assert host.permitted() == (20, 19)
    assert [path.name for path in drop_in.parent.iterdir()] == ["crypto-policies"]


@pytest.mark.parametrize(("target", "kind"), [("elsewhere.conf", "elsewhere"), (None, "missing")])
def test_a_link_that_leads_elsewhere_or_is_gone(target: str | None, kind: str, host: CryptoHost) -> None:
    drop_in = host.of(crypto_state.DROP_IN)
    drop_in.unlink()
    if target:
        drop_in.symlink_to(target)
    assert host.read().drop_in == kind
    assert len(crypto_findings(host.read())) == 1
    assert host.converge(None).drop_in == kind
    assert host.converge((18, 17)).drop_in == "intact"
    assert host.permitted() == (18, 17)


def test_a_relative_link_is_as_good(host: CryptoHost) -> None:
    drop_in = host.of(crypto_state.DROP_IN)
    drop_in.unlink()
    drop_in.symlink_to("../crypto-policies/back-ends/krb5.config")
    assert crypto_findings(host.read()) == []


def test_a_policy_that_was_set_but_not_applied_is_told_and_applied_with_ours(host: CryptoHost) -> None:
    host.of("/etc/crypto-policies/config").write_text("# for AD\nDEFAULT:AD-SUPPORT\n")
    (finding,) = crypto_findings(host.read())
    assert "names DEFAULT:AD-SUPPORT, but DEFAULT is what is applied" in finding
    assert host.converge((18, 17)).config == "DEFAULT:AD-SUPPORT:MAILREALM-KERBEROS"
    assert host.of("/usr/share/crypto-policies/reloads").read_text() == "reloaded\n"


def test_a_module_that_the_system_no_longer_brings_is_told_and_refused(host: CryptoHost) -> None:
    host.set("DEFAULT:AD-SUPPORT-LEGACY")
    host.of("/usr/share/crypto-policies/policies/modules/AD-SUPPORT-LEGACY.pmod").unlink()
    (finding,) = crypto_findings(host.read())
    assert finding.startswith(f"{crypto_state.CONFIG}: Unknown policy `AD-SUPPORT-LEGACY`: file ")
    with pytest.raises(CryptoPolicyRefusal, match="is not possible here: Unknown policy `AD-SUPPORT-LEGACY`"):
        host.foresee((18, 17))


def test_what_local_d_adds_is_no_edit(host: CryptoHost) -> None:
    (host.of("/etc/crypto-policies/local.d") / "krb5-pkinit.config").write_text("pkinit_dh_min_bits = 4096\n")
    host.set("DEFAULT")
    assert crypto_findings(host.read()) == []
    assert host.converge((18, 17)).back_end.endswith("\npkinit_dh_min_bits = 4096\n")  # type: ignore[union-attr]
    host.converge(None)
    assert not host.of(crypto_state.BACK_END).is_symlink()


def test_a_module_of_ours_that_somebody_changed_is_told_and_written_anew(host: CryptoHost) -> None:
    host.converge((18, 17))
    module = host.of(crypto_state.MODULE)
    module.write_text(module.read_text().replace("HMAC-SHA1", "HMAC-SHA2-384"))
    (finding,) = crypto_findings(host.read())
    assert "a module was changed without applying it" in finding
    host.converge((18, 17))
    assert module.read_text() == pmod_text((18, 17))


def test_what_el8_cannot_give_is_refused_with_what_it_gives(tmp_path: pathlib.Path) -> None:
    host = CryptoHost(tmp_path, "el8")
    with pytest.raises(
        CryptoPolicyRefusal,
        match=r"would permit 'aes256-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha1-96 "
        r"aes128-cts-hmac-sha256-128' instead of 'aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96', as older",
    ):
        host.foresee((18, 17))
    host.converge((18, 20, 23))
    assert host.permitted() == (18, 20, 23)


def test_a_tool_that_knows_no_other_folder_is_never_asked_to_set_anything(host: CryptoHost) -> None:
    real = host.program.rename(host.program.with_name("real"))
    host.program.write_text(f'#!/bin/sh\nunset base_dir\nexec {real} "$@"\n')
    host.program.chmod(0o755)
    files = host.files()
    state = host.read()
    assert state.generated is None
    assert "does not tell what a policy would give (DEFAULT); update the package" in crypto_findings(state)[0]
    with pytest.raises(CryptoPolicyRefusal, match="is not possible here: /usr/bin/update-crypto-policies does not"):
        host.foresee((18, 17))
    assert host.files() == files
    assert {call[0] for call in host.called} == {"--show"}


def test_without_the_tool_nothing_is_possible(host: CryptoHost) -> None:
    before, after = host.read(), host.foresee((18, 17))
    host.program.unlink()
    assert "install the package crypto-policies-scripts" in crypto_findings(host.read())[0]
    for attempt in (
        lambda: host.foresee((18, 17)),
        lambda: host.write(before, after),
    ):
        with pytest.raises(CryptoPolicyRefusal, match=r"; install the package crypto-policies-scripts$"):
            attempt()


@pytest.mark.parametrize("earlier", [None, (20, 19)])
def test_a_policy_that_is_not_taken_leaves_our_module_as_it_was(
    earlier: Optional[tuple[int, ...]], host: CryptoHost
) -> None:
    host.set("DEFAULT:AD-SUPPORT-LEGACY")
    before = host.converge(earlier)
    after = host.foresee((18, 17))
    files = host.files()
    brought = host.of("/usr/share/crypto-policies/policies/modules/AD-SUPPORT-LEGACY.pmod")
    brought.rename(brought.with_suffix(".gone"))
    with pytest.raises(CryptoPolicyRefusal, match=r"could not be set: Unknown policy `AD-SUPPORT-LEGACY`.*; see to"):
        host.write(before, after)
    brought.with_suffix(".gone").rename(brought)
    assert {path: held[-1] for path, held in host.files().items()} == {path: held[-1] for path, held in files.items()}
    assert crypto_findings(host.read()) == []


def test_a_run_killed_between_module_and_tool_is_finished_by_the_next(host: CryptoHost) -> None:
    host.of(crypto_state.MODULE).write_text(pmod_text((18, 17)))
    assert host.read() != host.foresee((18, 17))
    host.converge((18, 17))
    assert host.permitted() == (18, 17)


def test_a_host_that_has_never_applied_its_policy(host: CryptoHost) -> None:
    shutil.rmtree(host.of("/etc/crypto-policies/state"))
    (finding,) = crypto_findings(host.read())
    assert "the policy DEFAULT has never been applied" in finding
    host.converge((18, 17))


def test_without_krb5_libs_the_link_has_no_place(host: CryptoHost) -> None:
    shutil.rmtree(host.of("/etc/krb5.conf.d"))
    before = host.read()
    after = host.foresee((18, 17))
    with pytest.raises(CryptoPolicyRefusal, match=r"^/etc/krb5\.conf\.d: does not exist, .*; install the package"):
        host.write(before, after)


def test_nothing_stays_in_the_folder_for_temporary_files(
    host: CryptoHost, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    host.converge((18, 17))
    assert list(folder.iterdir()) == []


def test_state_compares_by_what_libkrb5_and_the_tool_see(host: CryptoHost) -> None:
    state = host.read()
    assert replace(state, complaint="x", drop_in_text="x", stock=False) == state
