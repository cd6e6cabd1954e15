# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that nobody may read in a report: masked, whoever forgot to leave them out."""

from __future__ import annotations

import re

MASK = "(not shown)"

_TELLING = (
    r"(?:passw(?:or)?d|passphrase|(?<!by)pass|pwd|(?:bind|root|(?<![a-z]))pw|secret|token|credential"
    r"|(?:private|api)[_.\- ]?key)s?[\"'\]]*"
)
_NAME = re.compile(rf"{_TELLING}$", re.IGNORECASE)
_ASSIGNED = re.compile(rf"(?P<name>{_TELLING}\s*[=:]\s*)(?P<value>.*)", re.IGNORECASE)
_SAID = re.compile(rf"(?P<name>[ +-]?\s*[\w.\-]*{_TELLING}\s+)(?P<value>\S+)", re.IGNORECASE)
# What the modules of the collection say in the place of a password, and what tells nothing of one
_HARMLESS = re.compile(
    r"|(?:present|absent|none|not set|never|true|false|yes|no)"
    r"|(?:kvno \d+|(?:set|changed), for .*; kvno .*|as asked|cannot be compared|\*{8}.*)"
    r"|\((?:(?:a|another)\b.*|not shown)\)",
    re.IGNORECASE,
)
_IN_ADDRESS = re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+(?=@)")
_PRIVATE = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)


def is_secret(name: str, value: str) -> bool:
    """Whether a setting's name says that its value is a password or key, and the value does not only talk of one."""
    return bool(_NAME.search(name)) and not _HARMLESS.fullmatch(value.strip())


def without_secrets(words: str) -> str:
    """Prose, or one value, without passwords in addresses and without private keys."""
    return _PRIVATE.sub(rf"\1 {MASK} \2", _IN_ADDRESS.sub(rf"\1:{MASK}", words))


def masked(text: str) -> str:
    """Lines of files without that, and without the values of names that say that they are secret."""
    return "\n".join(_masked_line(line) for line in without_secrets(text).split("\n"))


def _masked_line(line: str) -> str:
    match = _ASSIGNED.search(line) or _SAID.fullmatch(line)
    if match is None or _HARMLESS.fullmatch(match["value"].strip()):
        return line
    return line[: match.start("value")] + MASK
