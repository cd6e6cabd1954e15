# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The language of crypto-policies, for the stand-in of update-crypto-policies: lines, operators, scopes.

Sentences and operators are the real one's; algorithms are those that the stand-in's policies and tests need.
"""

from __future__ import annotations

import fnmatch
import re
import sys
from typing import Any

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
