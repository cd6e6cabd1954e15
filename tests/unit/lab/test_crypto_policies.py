# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in of update-crypto-policies does what the real one is recorded to do."""

from __future__ import annotations

import itertools
import os
import pathlib
import subprocess

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.crypto_policy import (
    IN_REACH,
    CryptoPolicyRefusal,
    permitted_names,
    pmod_text,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import BY_NAME
from lab.doubles import crypto_policies

DEFAULT_EL8 = (
    "aes256-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192 camellia256-cts-cmac "
    "aes128-cts-hmac-sha1-96 aes128-cts-hmac-sha256-128 camellia128-cts-cmac"
)
SHA2 = "aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128"
AES = f"{SHA2} aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96"
DEFAULT = f"{AES} camellia256-cts-cmac camellia128-cts-cmac"
APPLIED = """\
Setting system policy to {}
Note: System-wide crypto policies are applied on application start-up.
It is recommended to restart the system for the change of policies
to fully take place.
"""


class Host:
    """A root with the stand-in of one release."""

    def __init__(self, root: pathlib.Path, release: str) -> None:
        self.root = root
        self.program = crypto_policies.install(root, release)
        self.base = root / "etc/crypto-policies"
        self.share = root / "usr/share/crypto-policies"
        self.back_end = self.base / "back-ends/krb5.config"

    def run(self, *words: str, **environment: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [self.program, *words],
            cwd="/",
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def module(self, text: str, name: str = "TRIED") -> None:
        (self.base / f"policies/modules/{name}.pmod").write_text(text)

    def permitted(self) -> str:
        head, line, *rest = self.back_end.read_text().split("\n")
        assert head == "[libdefaults]"
        assert rest in ([""], ["pkinit_dh_min_bits=4096", ""])
        return line.removeprefix("permitted_enctypes = ")


@pytest.fixture(params=["el8", "el9", "fedora"])
def any_host(request, tmp_path):
    return Host(tmp_path, request.param)


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path, "el9")


@pytest.mark.parametrize(
    ("release", "policy", "permitted"),
    [
        ("el8", "DEFAULT", DEFAULT_EL8),
        ("el8", "LEGACY", DEFAULT_EL8),
        ("el8", "DEFAULT:AD-SUPPORT", f"{DEFAULT_EL8} arcfour-hmac-md5 arcfour-hmac-md5"),
        ("el9", "DEFAULT", DEFAULT),
        ("el9", "LEGACY", DEFAULT),
        ("el9", "FUTURE", "aes256-cts-hmac-sha384-192 camellia256-cts-cmac"),
        ("el9", "FIPS", SHA2),
        ("el9", "FIPS:AD-SUPPORT", AES),
        ("el9", "DEFAULT:AD-SUPPORT-LEGACY", f"{DEFAULT} arcfour-hmac-md5"),
        ("fedora", "FIPS", AES),
        ("fedora", "DEFAULT:AD-SUPPORT", f"{DEFAULT} arcfour-hmac-md5"),
    ],
)
def test_what_a_policy_permits(release, policy, permitted, tmp_path):
    host = Host(tmp_path, release)
    assert host.run("--set", policy) == (0, APPLIED.format(policy), "")
    assert host.permitted() == permitted


def test_only_future_asks_for_longer_groups(host):
    found = {}
    for policy in ("DEFAULT", "LEGACY", "FUTURE", "FIPS"):
        host.run("--set", policy)
        found[policy] = "pkinit_dh_min_bits=4096\n" in host.back_end.read_text()
    assert found == {"DEFAULT": False, "LEGACY": False, "FUTURE": True, "FIPS": False}


def test_what_lies_there_after_setting(any_host):
    any_host.run("--set", "legacy:ad-support")
    assert (any_host.base / "config").read_text() == "LEGACY:AD-SUPPORT\n"
    assert (any_host.base / "state/current").read_text() == "LEGACY:AD-SUPPORT\n"
    assert (any_host.base / "state/CURRENT.pol").read_text().startswith("# Policy LEGACY:AD-SUPPORT dump\n")
    assert any_host.back_end.stat().st_mode & 0o777 == 0o644
    assert not any_host.back_end.is_symlink()
    assert sorted(path.name for path in (any_host.base / "back-ends").iterdir()) == ["krb5.config"]
    assert any_host.run("--show") == (0, "LEGACY:AD-SUPPORT\n", "")


def test_a_stock_policy_is_linked_and_what_local_d_adds_stands_behind(host):
    assert host.back_end.readlink() == host.share / "DEFAULT/krb5.txt"
    (host.base / "local.d/krb5-more.config").write_text("# more\n")
    (host.base / "local.d/gnutls-more.config").write_text("# not for libkrb5\n")
    host.run("--set", "DEFAULT")
    assert not host.back_end.is_symlink()
    assert host.back_end.read_text() == (host.share / "DEFAULT/krb5.txt").read_text() + "# more\n"
    assert host.run("--check")[0] == 0


def test_setting_modules_alone_keeps_the_base(host):
    host.run("--set", "LEGACY")
    host.run("--set", ":AD-SUPPORT")
    assert host.run("--show")[1] == "LEGACY:AD-SUPPORT\n"


@pytest.mark.parametrize("words", [(), ("--set",)])
def test_without_a_policy_the_configured_one_is_applied(host, words):
    (host.base / "config").write_text("# by hand\nlegacy # base\nAD-SUPPORT\n")
    assert host.run(*words) == (0, APPLIED.format("LEGACY:AD-SUPPORT"), "")
    assert (host.base / "config").read_text().startswith("# by hand")
    assert (host.base / "state/current").read_text() == "LEGACY:AD-SUPPORT\n"


def test_without_a_config_it_is_the_default_of_the_package(host):
    (host.base / "config").unlink()
    assert host.run("--show") == (0, "DEFAULT\n", "")


def test_reloading_and_not(host):
    host.run("--set", "LEGACY", "--no-reload")
    assert not (host.share / "reloads").exists()
    host.run("--set", "DEFAULT")
    assert (host.share / "reloads").read_text() == "reloaded\n"


def test_is_applied_goes_by_times_until_contents_were_compared_too(tmp_path):
    applied, not_applied = "The configured policy is applied\n", "The configured policy is NOT applied\n"
    for release, edited_with_an_old_time in (("el9", (0, applied, "")), ("fedora", (1, not_applied, ""))):
        host = Host(tmp_path / release, release)
        config = host.base / "config"
        assert host.run("--is-applied") == (0, applied, "")
        config.write_text("LEGACY\n")
        os.utime(config, (1, 1))
        assert host.run("--is-applied") == edited_with_an_old_time
        config.write_text("DEFAULT\n")
        os.utime(config, (4102444800, 4102444800))
        assert host.run("--is-applied") == (1, not_applied, "")
        config.unlink()
        assert host.run("--is-applied") == (77, "", "")


def test_check_finds_what_was_edited_and_el8_has_none(host, tmp_path):
    good = (0, "The configured policy matches the generated policy\n", "")
    bad = (1, "", "The configured policy does NOT match the generated policy\n")
    assert host.run("--check") == good
    host.run("--set", "DEFAULT:AD-SUPPORT")
    assert host.run("--check") == good
    host.back_end.write_text(host.back_end.read_text().replace("\n", " arcfour-hmac-md5\n"))
    assert host.run("--check") == bad
    host.run("--set", "DEFAULT:AD-SUPPORT")
    (host.base / "config").write_text("LEGACY\n")
    assert host.run("--check") == bad
    assert Host(tmp_path / "el8", "el8").run("--check")[0] == 2


def test_another_folder_is_worked_on_where_the_environment_names_one(host, tmp_path):
    other = tmp_path / "other"
    (other / "policies/modules").mkdir(parents=True)
    (other / "config").write_text("LEGACY\n")
    (other / "policies/modules/THERE.pmod").write_text("cipher@krb5 = AES-256-CBC\n")
    assert host.run("--show", base_dir=str(other))[1] == "LEGACY\n"
    assert host.run("--set", "DEFAULT:THERE", base_dir=str(other))[0] == 0
    assert "aes128" not in (other / "back-ends/krb5.config").read_text()
    assert host.run("--show")[1] == "DEFAULT\n"
    assert host.permitted() == DEFAULT


def test_an_unknown_policy_or_module_changes_nothing(any_host):
    before = any_host.back_end.read_bytes()
    for policy, name, suffix in (("NONE", "NONE", ".pol"), ("DEFAULT:NONE", "NONE", ".pmod")):
        status, output, errors = any_host.run("--set", policy)
        assert (status, output) == (1, "")
        assert errors.startswith(f"Unknown policy `{name}`: file `{name}{suffix}` not found in (., policies")
    assert any_host.run("--show")[1] == "DEFAULT\n"
    assert any_host.back_end.read_bytes() == before


MALFORMED = {
    "cipher@krb5 AES-256-CBC": ("MalformedLine", "malformed line `cipher@krb5 AES-256-CBC`"),
    "a = b = c": ("MalformedLine", "malformed line `a = b = c`"),
    "= AES-256-CBC": ("MalformedLine", "malformed line `= AES-256-CBC`"),
    "ciphers = AES-256-CBC": ("AlgorithmClassUnknownError", "Unknown policy property: `ciphers`"),
    "cipher = DES3": ("AlgorithmEmptyMatchError", "Bad value of policy property `cipher`: `DES3`"),
    "cipher = AES-256-CBC +RC4-128": (
        "MixedDifferentialNonDifferentialError",
        "cannot initialize list and modify it at once (`AES-256-CBC +RC4-128`)",
    ),
    "min_dh_size = big": (
        "IntPropertyNonIntValueError",
        "Bad value of policy property `min_dh_size`: value must be an integer",
    ),
    "cipher = 1": (
        "NonIntPropertyIntValueError",
        "Bad value of policy property `cipher`: value must not be an integer",
    ),
    "cipher@krb = AES-256-CBC": ("ScopeUnknownError", "unknown scope krb"),
    "cipher@{krb5 = AES-256-CBC": (
        "ScopeSelectorCurlyBracketsError",
        "unsupported curly brackets usage in `{krb5`",
    ),
    "cipher@krb5;ssh = AES-256-CBC": (
        "ScopeSelectorIllegalCharacterError",
        "illegal character in scope selector `krb5;ssh`",
    ),
}


@pytest.mark.parametrize("line", MALFORMED)
def test_a_malformed_module_changes_nothing(line, host):
    kind, text = MALFORMED[line]
    host.module(f"hash = SHA1+\n{line}\n")
    status, output, errors = host.run("--set", "DEFAULT:TRIED")
    warning = f"{kind}: {text[:1].upper()}{text[1:]}"
    assert (status, output) == (1, "")
    assert errors == f"{warning}\nErrors found in policy, first one:  \n{text}\n"
    assert host.run("--show")[1] == "DEFAULT\n"
    assert host.permitted() == DEFAULT


@pytest.mark.parametrize(
    ("text", "permitted"),
    [
        ("cipher@Kerberos = AES-128-CBC AES-256-CBC", f"{SHA2} aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96"),
        ("cipher@KRB5 = -AES-128-CBC -CAMELLIA*", "aes256-cts-hmac-sha384-192 aes256-cts-hmac-sha1-96"),
        ("cipher@{ssh,krb5} = \\\n  AES-256-CBC", "aes256-cts-hmac-sha384-192 aes256-cts-hmac-sha1-96"),
        ("cipher@!krb5 = AES-256-CBC", DEFAULT),
        ("cipher@!ssh = AES-256-CBC  # all but one", "aes256-cts-hmac-sha384-192 aes256-cts-hmac-sha1-96"),
        (
            "mac@krb5 = +HMAC-SHA1",
            f"aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 {SHA2} camellia256-cts-cmac camellia128-cts-cmac",
        ),
        ("mac@krb5 =", "camellia256-cts-cmac camellia128-cts-cmac"),
        # RC4 needs its cipher and MD5
        ("cipher@krb5 = RC4-128+", DEFAULT),
        ("cipher@krb5 = RC4-128+\nhash@krb5 = MD5+", f"{DEFAULT} arcfour-hmac-md5"),
        ("cipher@krb5 = +RC4-128\nhash@krb5 = +MD5", f"{DEFAULT} arcfour-hmac-md5"),
    ],
)
def test_operators_and_scopes(text, permitted, host):
    host.module(f"{text}\n")
    assert host.run("--set", "DEFAULT:TRIED")[0] == 0
    assert host.permitted() == permitted


def test_a_scoped_directive_shows_in_the_dump_of_its_back_ends_alone(host):
    def dump():
        return (host.base / "state/CURRENT.pol").read_text().splitlines()[1:]

    before = dump()
    host.module("cipher@krb5 = AES-256-CBC\n")
    host.run("--set", "DEFAULT:TRIED")
    assert sorted(set(dump()) ^ set(before)) == ["cipher@krb5 = AES-256-CBC"]


def test_it_makes_of_our_module_exactly_the_list_that_the_module_was_written_for(host):
    tool = crypto_policies.update_crypto_policies
    language = crypto_policies.crypto_policy_language
    base = tool.read_policy(
        ["DEFAULT", "AD-SUPPORT-LEGACY"], tool.Host(host.share, host.base, {"generator": "mac first"})
    )
    tried = 0
    for count in range(1, len(IN_REACH) + 1):
        for enctypes in itertools.permutations(IN_REACH, count):
            try:
                text = pmod_text(enctypes)
            except CryptoPolicyRefusal:
                continue
            ours = [one for line in language.lines_of(text) for one in language.directives(line)]
            made = tool.krb5(language.scoped(base + ours, language.SCOPES["krb5"]), "mac first")
            names = permitted_names(made, "krb5.config")
            assert tuple(BY_NAME[name].number for name in names) == enctypes
            tried += 1
    assert tried == 329
