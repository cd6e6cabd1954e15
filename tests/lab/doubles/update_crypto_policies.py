#!/usr/bin/python3
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for Red Hat's update-crypto-policies, which Debian does not package.

Written anew to what the real one is seen to do: commands, exit codes and sentences; where it looks for policies; what
it writes, links and appends; operators and scopes. Of the back-ends it knows libkrb5's alone. Algorithms are those
that its own policies and tests need. What differs from release to release stands in double.json beside the policies
(crypto_policies.py installs both); the root that it works on is the one that it is installed in.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
OWN_BASE = ROOT / "etc/crypto-policies"
SHARE = ROOT / "usr/share/crypto-policies"
SCOPES = {
    "bind": {"bind", "dnssec"},
    "gnutls": {"gnutls", "tls", "ssl"},
    "java-tls": {"java-tls", "tls", "ssl"},
    "krb5": {"krb5", "kerberos"},
    "libreswan": {"ipsec", "ike", "libreswan"},
    "libssh": {"libssh", "openssh", "ssh"},
    "nss": {"nss", "tls", "ssl"},
    "openssh-client": {"openssh-client", "openssh", "ssh"},
    "openssh-server": {"openssh-server", "openssh", "ssh"},
    "openssl": {"openssl", "tls", "ssl"},
}
KNOWN_SCOPES = sorted(set().union(*SCOPES.values()))
LISTS = {
    "cipher": "AES-256-GCM AES-256-CCM AES-192-GCM AES-192-CCM AES-128-GCM AES-128-CCM CHACHA20-POLY1305 "
    "CAMELLIA-256-GCM CAMELLIA-128-GCM AES-256-CTR AES-256-CBC AES-192-CTR AES-192-CBC AES-128-CTR AES-128-CBC "
    "CAMELLIA-256-CBC CAMELLIA-128-CBC 3DES-CBC DES-CBC RC4-40 RC4-128 NULL",
    "hash": "SHA2-256 SHA2-384 SHA2-512 SHA3-256 SHA3-384 SHA3-512 SHA2-224 SHA1 MD5",
    "mac": "AEAD UMAC-128 HMAC-SHA1 HMAC-SHA2-256 HMAC-SHA2-384 HMAC-SHA2-512 UMAC-64 HMAC-MD5",
    "sign": "RSA-SHA1 ECDSA-SHA1 RSA-SHA2-256 ECDSA-SHA2-256 RSA-SHA2-512 ECDSA-SHA2-512",
}
ALGORITHMS = {name: values.split() for name, values in LISTS.items()}
NUMBERS = ("min_dh_size", "min_rsa_size", "sha1_in_certs")
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
Directive = tuple[str, str, str, Any]  # property, scope, operation, value
Properties = dict[str, Any]


class Complaint(Exception):
    """A policy that cannot be read; `kind` is the real one's class, which it prints as a warning first."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def matching(scope: str, offered: set[str]) -> bool:
    """Whether a directive's scope is one of a back-end's; Complaint for a scope that nobody has."""
    pattern = scope.removeprefix("!")
    if not all(character.isalnum() or character in "{,}*_-" for character in pattern):
        raise Complaint("ScopeSelectorIllegalCharacterError", f"illegal character in scope selector `{scope}`")
    if (pattern.startswith("{"), pattern.count("{"), pattern.count("}")) not in ((True, 1, 1), (False, 0, 0)):
        raise Complaint("ScopeSelectorCurlyBracketsError", f"unsupported curly brackets usage in `{scope}`")
    globs = pattern.strip("{}").split(",")
    for glob in globs:
        if not glob:
            raise Complaint("ScopeSelectorEmptyError", "empty scope selector")
        if not fnmatch.filter(KNOWN_SCOPES, glob):
            raise Complaint("ScopeUnknownError", f"unknown scope {glob}")
    hit = scope == "*" or any(fnmatch.filter(sorted(offered), glob) for glob in globs)
    return hit != scope.startswith("!")


def algorithms(glob: str, name: str) -> list[str]:
    if name not in ALGORITHMS:
        raise Complaint("AlgorithmClassUnknownError", f"Unknown policy property: `{name}`")
    found = fnmatch.filter(ALGORITHMS[name], glob)
    if not found:
        raise Complaint("AlgorithmEmptyMatchError", f"Bad value of policy property `{name}`: `{glob}`")
    return found


def directives(line: str) -> list[Directive]:
    """The directives of one line of a policy; Complaint where it is none."""
    if line.count("=") != 1 or line.startswith("="):
        raise Complaint("MalformedLine", f"malformed line `{line}`")
    left, right = (side.strip() for side in line.split("="))
    name, dummy, scope = left.partition("@")
    scope = scope.lower() or "*"
    matching(scope, set())
    if name in NUMBERS:
        if not right.isdigit():
            raise Complaint(
                "IntPropertyNonIntValueError", f"Bad value of policy property `{name}`: value must be an integer"
            )
        return [(name, scope, "number", int(right))]
    if right.isdigit() and name in ALGORITHMS:
        raise Complaint(
            "NonIntPropertyIntValueError", f"Bad value of policy property `{name}`: value must not be an integer"
        )
    words = right.split()
    changing = [word.startswith(("+", "-")) or word.endswith("+") for word in words]
    if any(changing) and not all(changing):
        raise Complaint(
            "MixedDifferentialNonDifferentialError", f"cannot initialize list and modify it at once (`{right}`)"
        )
    if not any(changing):
        values = [value for word in words for value in algorithms(word, name)]
        if name not in ALGORITHMS:
            algorithms("*", name)
        return [(name, scope, "reset", None), *((name, scope, "append", value) for value in values)]
    found: list[Directive] = []
    for word in words:
        operation = "prepend" if word[0] == "+" else "omit" if word[0] == "-" else "append"
        values = algorithms(word.strip("+") if word[0] != "-" else word[1:], name)
        found += [(name, scope, operation, value) for value in (values if operation == "omit" else reversed(values))]
    return found


def warn(line: str) -> None:
    """What is wrong with a line: all of it is told before the first of it ends the run."""
    try:
        directives(line)
    except Complaint as complaint:
        text = str(complaint)
        sys.stderr.write(f"{complaint.kind}: {text[:1].upper()}{text[1:]}\n")


def lines_of(text: str) -> list[str]:
    text = re.sub(r"#.*", "", text).replace("=", " = ")
    text = "\n".join(line.strip() for line in text.split("\n")).replace("\\\n", "")
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def read_policy(parts: list[str], base: pathlib.Path, share: pathlib.Path = SHARE) -> list[Directive]:
    """The directives of a base and its modules, one after the other."""
    files = [(parts[0], ".pol", "policies"), *((name, ".pmod", "policies/modules") for name in parts[1:])]
    return [one for file in files for one in read_file(*file, base, share)]


def read_file(name: str, suffix: str, inside: str, base: pathlib.Path, share: pathlib.Path) -> list[Directive]:
    """A policy's or module's directives; FileNotFoundError where there is no such file."""
    folders = (".", inside, str(base / inside), str(share / inside))
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


def scoped(found: list[Directive], offered: set[str]) -> Properties:
    """The properties that a back-end of these scopes gets."""
    properties: Properties = {**{name: [] for name in ALGORITHMS}, **dict.fromkeys(NUMBERS, 0)}
    for name, scope, operation, value in found:
        if not matching(scope, offered):
            continue
        before = properties[name]
        if operation in ("number", "reset"):
            properties[name] = value if operation == "number" else []
        elif operation == "append":
            properties[name] = before if value in before else [*before, value]
        else:
            others = [one for one in before if one != value]
            properties[name] = [value, *others] if operation == "prepend" else others
    return properties


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


def configured(base: pathlib.Path) -> list[str]:
    """What config says, else the package's default."""
    path = base / "config"
    path = path if os.access(path, os.R_OK) else SHARE / "default-config"
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


def apply(
    parts: list[str], base: pathlib.Path, modules_of: pathlib.Path, release: dict[str, Any], *, link: bool, save: bool
) -> None:
    """Write back-end and state of a policy below `base`, and with `save` its name into config."""
    policy = ":".join(parts)
    found = read_policy(parts, modules_of)
    if link:
        print(f"Setting system policy to {policy}")
    target, ready_made = base / "back-ends" / "krb5.config", SHARE / policy / "krb5.txt"
    additions = sorted((base / "local.d").glob("krb5-*.config"))
    if link and not additions and os.access(ready_made, os.R_OK):
        safe_link(target, ready_made)
    else:
        text = krb5(scoped(found, SCOPES["krb5"]), release["generator"])
        safe_write(target, text)
        with target.open("a", encoding="utf-8") as stream:
            stream.writelines(path.read_text(encoding="utf-8") for path in additions)
    if save:
        safe_write(base / "config", f"{policy}\n")
    safe_write(base / "state" / "current", f"{policy}\n")
    safe_write(base / "state" / "CURRENT.pol", dump(policy, found))


def tree(folder: pathlib.Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check(base: pathlib.Path, release: dict[str, Any]) -> int:
    """Whether the files are what the configured policy gives, links followed."""
    with tempfile.TemporaryDirectory() as folder:
        other = pathlib.Path(folder)
        shutil.copytree(base / "local.d", other / "local.d")
        for name in ("back-ends", "state"):
            (other / name).mkdir()
        apply(configured(base), other, base, release, link=False, save=False)
        same = all(tree(base / name) == tree(other / name) for name in ("back-ends", "state"))
    if same:
        print("The configured policy matches the generated policy")
        return 0
    sys.stderr.write("The configured policy does NOT match the generated policy\n")
    return 1


def is_applied(base: pathlib.Path, release: dict[str, Any]) -> int:
    """By the times of two files, in newer releases by their contents too; 77, in silence, where one is missing."""
    current, config = base / "state" / "current", base / "config"
    try:
        same = current.stat().st_mtime >= config.stat().st_mtime
        same = same and (release["applied by"] == "time" or current.read_text() == config.read_text())
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


def main() -> int:
    release = json.loads((SHARE / "double.json").read_text(encoding="utf-8"))
    base = pathlib.Path(os.environ.get("base_dir", OWN_BASE))  # noqa: SIM112  # its name is the real one's
    asked = arguments(release)
    if asked.is_applied:
        return is_applied(base, release)
    if getattr(asked, "check", False):
        return check(base, release)
    for name in ("back-ends", "state"):
        (base / name).mkdir(parents=True, exist_ok=True)
    parts = configured(base)
    if asked.show:
        print(":".join(parts))
        return 0
    if asked.set:
        parts = named(asked.set, parts)
    if base == OWN_BASE and os.geteuid() != 0:
        sys.stderr.write("You must be root to run update-crypto-policies.\n")
        return 1
    try:
        apply(parts, base, base, release, link=True, save=bool(asked.set))
    except FileNotFoundError as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    except Complaint as complaint:
        sys.stderr.write(f"Errors found in policy, first one:  \n{complaint}\n")
        return 1
    print(NOTE)
    if not asked.no_reload:
        sys.stdout.flush()
        subprocess.run(["/bin/bash", SHARE / "reload-cmds.sh"], check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
