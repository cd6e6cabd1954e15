# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for Red Hat's update-crypto-policies, which Debian does not package.

Written anew to what the real one is seen to do: commands, exit codes and sentences; where it looks for policies; what
it writes, links and appends. Of the back-ends it knows libkrb5's alone. What differs from release to release stands in
double.json beside the policies (crypto_policies.py installs both).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from typing import Any

from .crypto_policy_language import SCOPES, Complaint, Directive, Properties, directives, lines_of, scoped, warn

NOTE = (
    "Note: System-wide crypto policies are applied on application start-up.\n"
    "It is recommended to restart the system for the change of policies\n"
    "to fully take place."
)
AES = {
    ("AES-256-CBC", "HMAC-SHA1"): "aes256-cts-hmac-sha1-96",
    ("AES-256-CBC", "HMAC-SHA2-384"): "aes256-cts-hmac-sha384-192",
    ("AES-128-CBC", "HMAC-SHA1"): "aes128-cts-hmac-sha1-96",
    ("AES-128-CBC", "HMAC-SHA2-256"): "aes128-cts-hmac-sha256-128",
}
CAMELLIA = {"CAMELLIA-256-CBC": "camellia256-cts-cmac", "CAMELLIA-128-CBC": "camellia128-cts-cmac"}
RC4 = "arcfour-hmac-md5"


@dataclasses.dataclass(frozen=True)
class Host:
    """Where a host has its policies: those of the package and its own. `release`: what double.json says."""

    share: pathlib.Path
    base: pathlib.Path
    release: dict[str, Any]


def read_policy(parts: list[str], host: Host) -> list[Directive]:
    """The directives of a base and its modules, one after the other."""
    files = [(parts[0], ".pol", "policies"), *((name, ".pmod", "policies/modules") for name in parts[1:])]
    return [one for file in files for one in read_file(*file, host)]


def read_file(name: str, suffix: str, inside: str, host: Host) -> list[Directive]:
    """A policy's or module's directives; FileNotFoundError where there is no such file."""
    folders = (".", inside, str(host.base / inside), str(host.share / inside))
    for folder in folders:
        path = pathlib.Path(folder, name + suffix)
        if os.access(path, os.R_OK):
            break
    else:
        raise FileNotFoundError(f"Unknown policy `{name}`: file `{name}{suffix}` not found in ({', '.join(folders)})")
    lines = lines_of(path.read_text(encoding="utf-8"))
    for line in lines:
        warn(line)
    return [directive for line in lines for directive in directives(line)]


def krb5(properties: Properties, generator: str) -> str:
    """libkrb5's back-end, as the generator of a release writes it: "mac first" or "cipher alone" (EL 8)."""
    ciphers, macs = properties["cipher"], properties["mac"]
    names: list[str] = []
    if generator == "mac first":
        names += [AES[cipher, mac] for mac in macs for cipher in ciphers if (cipher, mac) in AES]
        names += [CAMELLIA[cipher] for cipher in ciphers if cipher in CAMELLIA]
    else:
        both = {cipher: [name for (one, dummy), name in AES.items() if one == cipher] for cipher, dummy in AES}
        alone = {**both, **{cipher: [name] for cipher, name in CAMELLIA.items()}, "RC4-128": [RC4]}
        names += [name for cipher in ciphers for name in alone.get(cipher, [])]
    if "RC4-128" in ciphers and "MD5" in properties["hash"]:
        names.append(RC4)
    pkinit = "pkinit_dh_min_bits=4096\n" if properties["min_dh_size"] > 2048 else ""
    return f"[libdefaults]\npermitted_enctypes = {' '.join(names)}\n{pkinit}"


def dump(policy: str, found: list[Directive]) -> str:
    """state/CURRENT.pol: what holds for all scopes, then what a back-end gets otherwise."""

    def line(name: str, value: Any) -> str:
        return f"{name} = {' '.join(value) if isinstance(value, list) else value}".rstrip()

    general = scoped(found, set())
    special = [
        line(f"{name}@{scope}", value)
        for scope, offered in SCOPES.items()
        for name, value in scoped(found, offered).items()
        if value != general[name]
    ]
    head = [f"# Policy {policy} dump", "#", "# Baseline values for all scopes:"]
    titles = ["# Scope-specific properties derived for select backends:"] if special else []
    none = [] if special else ["# No scope-specific properties found."]
    return "\n".join([*head, *(line(*item) for item in general.items()), *titles, *special, *none, ""])


def named(text: str, before: list[str]) -> list[str]:
    """Base and modules of a policy's name; without a base that of `before` stays."""
    base, *modules = text.upper().split(":")
    return [base or before[0], *filter(None, modules)]


def configured(host: Host) -> list[str]:
    """What config says, else the package's default."""
    path = host.base / "config"
    path = path if os.access(path, os.R_OK) else host.share / "default-config"
    lines = [line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    first, *further = [line for line in lines if line] or [""]
    return [*named(first, [""]), *(name for line in further for name in line.upper().split(":") if name)]


def safe_write(path: pathlib.Path, text: str) -> None:
    descriptor, temporary = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        os.fchmod(stream.fileno(), 0o644)
    pathlib.Path(temporary).rename(path)


def safe_link(path: pathlib.Path, target: pathlib.Path) -> None:
    descriptor, temporary = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    os.close(descriptor)
    pathlib.Path(temporary).unlink()
    pathlib.Path(temporary).symlink_to(target)
    pathlib.Path(temporary).rename(path)


def apply(parts: list[str], host: Host, base: pathlib.Path, *, link: bool, save: bool) -> None:
    """Write back-end and state of a policy below `base`, and with `save` its name into config."""
    policy = ":".join(parts)
    found = read_policy(parts, host)
    if link:
        print(f"Setting system policy to {policy}")
    target, ready_made = base / "back-ends" / "krb5.config", host.share / policy / "krb5.txt"
    additions = sorted((base / "local.d").glob("krb5-*.config"))
    if link and not additions and os.access(ready_made, os.R_OK):
        safe_link(target, ready_made)
    else:
        text = krb5(scoped(found, SCOPES["krb5"]), host.release["generator"])
        safe_write(target, text)
        with target.open("a", encoding="utf-8") as stream:
            stream.writelines(path.read_text(encoding="utf-8") for path in additions)
    if save:
        safe_write(base / "config", f"{policy}\n")
    safe_write(base / "state" / "current", f"{policy}\n")
    safe_write(base / "state" / "CURRENT.pol", dump(policy, found))


def tree(folder: pathlib.Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check(host: Host) -> int:
    """Whether the files are what the configured policy gives, links followed."""
    with tempfile.TemporaryDirectory() as folder:
        other = pathlib.Path(folder)
        shutil.copytree(host.base / "local.d", other / "local.d")
        for name in ("back-ends", "state"):
            (other / name).mkdir()
        apply(configured(host), host, other, link=False, save=False)
        same = all(tree(host.base / name) == tree(other / name) for name in ("back-ends", "state"))
    if same:
        print("The configured policy matches the generated policy")
        return 0
    sys.stderr.write("The configured policy does NOT match the generated policy\n")
    return 1


def is_applied(host: Host) -> int:
    """By the times of two files, in newer releases by their contents too; 77, in silence, where one is missing."""
    current, config = host.base / "state" / "current", host.base / "config"
    try:
        same = current.stat().st_mtime >= config.stat().st_mtime
        same = same and (host.release["applied by"] == "time" or current.read_text() == config.read_text())
    except OSError:
        return 77
    print(f"The configured policy is {'' if same else 'NOT '}applied")
    return int(not same)


def arguments(release: dict[str, Any]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="update-crypto-policies", allow_abbrev=False)
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--set", nargs="?", default="", metavar="POLICY")
    one.add_argument("--show", action="store_true")
    one.add_argument("--is-applied", action="store_true")
    if release["check"]:
        one.add_argument("--check", action="store_true")
    parser.add_argument("--no-check", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--no-reload", action="store_true")
    return parser.parse_args()


def main(root: pathlib.Path) -> int:
    """The command, on the files below `root`; its exit status."""
    share, own = root / "usr/share/crypto-policies", root / "etc/crypto-policies"
    release = json.loads((share / "double.json").read_text(encoding="utf-8"))
    base = pathlib.Path(os.environ.get("base_dir", own))  # noqa: SIM112  # its name is the real one's
    host = Host(share, base, release)
    asked = arguments(release)
    if asked.is_applied:
        return is_applied(host)
    if getattr(asked, "check", False):
        return check(host)
    for name in ("back-ends", "state"):
        (base / name).mkdir(parents=True, exist_ok=True)
    parts = configured(host)
    if asked.show:
        print(":".join(parts))
        return 0
    if asked.set:
        parts = named(asked.set, parts)
    try:
        apply(parts, host, base, link=True, save=bool(asked.set))
    except FileNotFoundError as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    except Complaint as complaint:
        sys.stderr.write(f"Errors found in policy, first one:  \n{complaint}\n")
        return 1
    print(NOTE)
    if not asked.no_reload:
        sys.stdout.flush()
        subprocess.run(["/bin/bash", share / "reload-cmds.sh"], check=False)
    return 0
