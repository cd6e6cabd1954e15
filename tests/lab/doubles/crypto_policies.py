# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the stand-in of update-crypto-policies, its policies and the links of krb5-libs into a root.

    install(pathlib.Path("/"), "el9")       # in a throw-away container
    install(tmp_path, "el8")                # the installed program then works on tmp_path alone

The policies hold what concerns libkrb5: ciphers, MACs and hashes of the real ones, in their order.

| what | how known |
| --- | --- |
| el8: policies, AD-SUPPORT, generator, no --check | the files of an EL 8 host; DEFAULT's line as EL 8.10 shows it |
| el9: DEFAULT, LEGACY, FUTURE, generator | upstream's tree, which EL 9 and 10 follow from release 20230731 on |
| el9: FIPS without AES-SHA1, AD-SUPPORT brings it back | Red Hat's "Installing trust between IdM and AD" (RHEL 9) |
| el9: the text of AD-SUPPORT and AD-SUPPORT-LEGACY | made to what the document says that they do, not seen |
| fedora: FIPS, AD-SUPPORT, --is-applied compares contents | upstream's tree of 2026 |
"""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
from typing import Any

from . import crypto_policy_language, update_crypto_policies

HERE = pathlib.Path(__file__).resolve().parent
CIPHERS = (
    "AES-256-GCM AES-256-CCM CHACHA20-POLY1305 CAMELLIA-256-GCM AES-256-CTR AES-256-CBC CAMELLIA-256-CBC "
    "AES-128-GCM AES-128-CCM CAMELLIA-128-GCM AES-128-CTR AES-128-CBC CAMELLIA-128-CBC"
)
STRONG = "AES-256-GCM AES-256-CCM CHACHA20-POLY1305 CAMELLIA-256-GCM AES-256-CTR AES-256-CBC CAMELLIA-256-CBC"
APPROVED = "AES-256-GCM AES-256-CCM AES-256-CTR AES-256-CBC AES-128-GCM AES-128-CCM AES-128-CTR AES-128-CBC"
HASHES = "SHA2-256 SHA2-384 SHA2-512 SHA3-256 SHA3-384 SHA3-512 SHA2-224"
MACS = "AEAD HMAC-SHA2-256 HMAC-SHA1 UMAC-128 HMAC-SHA2-384 HMAC-SHA2-512"
NO_SHA1 = "AEAD HMAC-SHA2-256 UMAC-128 HMAC-SHA2-384 HMAC-SHA2-512"
KERBEROS = "mac@Kerberos = HMAC-SHA2-384 HMAC-SHA2-256 AEAD UMAC-128 HMAC-SHA2-512 HMAC-SHA1"
FIPS_KERBEROS = "mac@Kerberos = HMAC-SHA2-384 HMAC-SHA2-256 AEAD HMAC-SHA2-512"
RC4 = "cipher@kerberos = RC4-128+\nhash@kerberos = MD5+\n"

PROGRAM = """\
#!/usr/bin/python3 -IS
import pathlib
import sys

sys.path.insert(0, {python!r})
from double.update_crypto_policies import main

sys.exit(main(pathlib.Path({root!r})))
"""


def _policy(ciphers: str, macs: str, bits: int, *more: str) -> str:
    first, last = ciphers.split(" ", 1)
    return "\n".join(
        [
            "# what concerns Kerberos of the policy of this name",
            f"mac = {macs}",
            f"hash = {HASHES}",
            f"cipher = {first} \\\n    {last}",
            "cipher@SSH = -*-CBC",
            f"min_dh_size = {bits}  # bits",
            *more,
            "",
        ]
    )


MAC_FIRST = {
    "DEFAULT": _policy(CIPHERS, MACS, 2048, KERBEROS),
    "LEGACY": _policy(f"{CIPHERS} 3DES-CBC", MACS, 1024, KERBEROS, "hash = SHA1+"),
    "FUTURE": _policy(STRONG, NO_SHA1, 3072),
    "FIPS": _policy(APPROVED, MACS.replace(" UMAC-128", ""), 2048, f"{FIPS_KERBEROS} HMAC-SHA1"),
}
RELEASES: dict[str, dict[str, Any]] = {
    "el8": {
        "facts": {"generator": "cipher alone", "check": False, "applied by": "time"},
        "policies": {
            "DEFAULT": _policy(CIPHERS, MACS, 2048, "hash = SHA1+"),
            "LEGACY": _policy(f"{CIPHERS} 3DES-CBC", MACS, 1024, "hash = SHA1+"),
            "FUTURE": _policy(STRONG, NO_SHA1, 3072),
            "FIPS": _policy(APPROVED, MACS.replace(" UMAC-128", ""), 2048),
        },
        "modules": {"AD-SUPPORT": RC4, "NO-CAMELLIA": "cipher = -CAMELLIA*\n"},
    },
    "el9": {
        "facts": {"generator": "mac first", "check": True, "applied by": "time"},
        "policies": {**MAC_FIRST, "FIPS": _policy(APPROVED, MACS.replace(" UMAC-128", ""), 2048, FIPS_KERBEROS)},
        "modules": {"AD-SUPPORT": "mac@Kerberos = HMAC-SHA1+\n", "AD-SUPPORT-LEGACY": RC4},
    },
    "fedora": {
        "facts": {"generator": "mac first", "check": True, "applied by": "contents"},
        "policies": MAC_FIRST,
        "modules": {"AD-SUPPORT": RC4},
    },
}


def install(root: pathlib.Path, release: str) -> pathlib.Path:
    """Put it all below `root`, with the policy DEFAULT applied; the path of the program."""
    share, base = root / "usr/share/crypto-policies", root / "etc/crypto-policies"
    told = RELEASES[release]
    for folder in (share / "policies/modules", base / "policies/modules", base / "local.d", root / "etc/krb5.conf.d"):
        folder.mkdir(parents=True, exist_ok=True)
    for kind, form in (("policies", "{}.pol"), ("modules", "modules/{}.pmod")):
        for name, text in told[kind].items():
            (share / "policies" / form.format(name)).write_text(text)
    (share / "double.json").write_text(json.dumps(told["facts"]))
    (share / "default-config").write_text("# the policy of a host that sets none\nDEFAULT\n")
    (share / "reload-cmds.sh").write_text(f"echo reloaded >>'{share}/reloads'\n")
    host = update_crypto_policies.Host(share, base, told["facts"])
    for name in told["policies"]:
        found = update_crypto_policies.read_policy([name], host)
        krb5 = crypto_policy_language.scoped(found, crypto_policy_language.SCOPES["krb5"])
        (share / name).mkdir(exist_ok=True)
        (share / name / "krb5.txt").write_text(update_crypto_policies.krb5(krb5, told["facts"]["generator"]))
    program = _program(root, share / "python")
    subprocess.run([program, "--set", "DEFAULT", "--no-reload"], capture_output=True, check=True)
    link = root / "etc/krb5.conf.d/crypto-policies"
    link.unlink(missing_ok=True)
    link.symlink_to(base / "back-ends/krb5.config")
    return program


def _program(root: pathlib.Path, python: pathlib.Path) -> pathlib.Path:
    for name in ("update_crypto_policies.py", "crypto_policy_language.py"):
        (python / "double").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / name, python / "double" / name)
    program = root / "usr/bin/update-crypto-policies"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(PROGRAM.format(python=str(python), root=str(root)))
    program.chmod(0o755)
    return program
