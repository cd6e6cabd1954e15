# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Cyrus SASL service's configuration (smtpd.conf): options set and removed, everything else kept to the byte.

The rules are those of cyrus-sasl's lib/config.c: lines `option: value`, options in any case, `#` begins a line that is
left out, the first of repeated options counts, and a single line of another form makes the library refuse the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, List, Mapping, Optional, Sequence, Tuple

from .refusal import Refusal

LONGEST = 4000  # bytes of a line: the library reads lines into 4,096
_LINE = re.compile(r"(?P<head>\s*(?P<name>[A-Za-z0-9_-]+):\s*)(?P<value>\S(?:.*\S)?)(?P<tail>\s*)\Z", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
_SECRET = re.compile(r"(pass|passwd|password|_pw)\Z")
_KERBEROS_ONLY = frozenset({"GSSAPI", "GSS-SPNEGO", "GS2-KRB5", "GS2-IAKERB"})


class SaslRefusal(Refusal):
    """What of the file or of the wishes for it cannot be, and how to mend it."""


@dataclass(frozen=True)
class SaslChange:
    """One option before and after; None where it is not set."""

    name: str
    before: Optional[str]
    after: Optional[str]


@dataclass(frozen=True)
class SaslPlan:
    """The file's bytes wanted (None: no file) and what changes in it."""

    content: Optional[bytes]
    changes: Tuple[SaslChange, ...]


def _lines(text: str) -> List[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _option(line: str) -> Optional[Tuple[str, str]]:
    match = _LINE.match(line)
    return None if match is None else (match.group("name").lower(), match.group("value"))


def _left_out(line: str) -> bool:
    visible = line.strip()
    return not visible or visible.startswith("#")


def options(text: str) -> Iterator[Tuple[str, str]]:
    """Name (in lower case) and value of each option that counts, the first of repeated ones."""
    seen = set()
    for line in _lines(text):
        option = None if _left_out(line) else _option(line)
        if option is not None and option[0] not in seen:
            seen.add(option[0])
            yield option


def plan(path: str, content: Optional[bytes], settings: Mapping[str, str], absent: Sequence[str]) -> SaslPlan:
    """What must change for ``settings`` to be in force and ``absent`` to be unset.

    SaslRefusal where the library could not read the file before, or would not after.
    """
    text = "" if content is None else content.decode("utf-8", "surrogateescape")
    for number, line in enumerate(_lines(text), 1):
        if not _left_out(line) and _option(line) is None:
            raise SaslRefusal(
                f"{path}: line {number} is not of the form 'option: value', so Cyrus SASL refuses the whole file; "
                "correct the line"
            )
    _check(settings, absent)
    changes: List[SaslChange] = []
    for name, value in settings.items():
        before = dict(options(text)).get(name.lower())
        if before is None or before.split() != value.split():
            changes.append(SaslChange(name.lower(), before, value.strip()))
            text = _with(text, name, value.strip())
    for name in absent:
        before = dict(options(text)).get(name.lower())
        if before is not None:
            changes.append(SaslChange(name.lower(), before, None))
            text = "".join(line for line in _lines(text) if _left_out(line) or not _sets(line, name))
    return SaslPlan(text.encode("utf-8", "surrogateescape") if changes else content, tuple(changes))


def _check(settings: Mapping[str, str], absent: Sequence[str]) -> None:
    lowered = [name.lower() for name in [*settings, *absent]]
    for name in [*settings, *absent]:
        if not _NAME.match(name):
            raise SaslRefusal(f"settings: '{name}' cannot be an option; it takes letters, digits, '-' and '_'")
        if lowered.count(name.lower()) > 1:
            raise SaslRefusal(f"settings: '{name}' is asked for twice (the case of letters does not count); keep one")
    for name, value in settings.items():
        if not value.strip():
            raise SaslRefusal(f"settings: {name}: an empty value makes Cyrus SASL refuse the file; name it in absent")
        if len(value) > LONGEST or any(character < " " and character != "\t" for character in value):
            raise SaslRefusal(f"settings: {name}: the value is no single line of at most {LONGEST} characters; mend it")
    keytab = settings.get("keytab", "")
    if keytab and not keytab.startswith("/"):
        raise SaslRefusal(
            f"settings: keytab: '{keytab}' is no path from the root, and Cyrus SASL takes it as a file name; "
            "write it as /etc/postfix/smtp.keytab, without 'FILE:'"
        )


def _sets(line: str, name: str) -> bool:
    option = _option(line)
    return option is not None and option[0] == name.lower()


def _with(text: str, name: str, value: str) -> str:
    lines = _lines(text)
    for position, line in enumerate(lines):
        match = _LINE.match(line)
        if match is not None and not _left_out(line) and _sets(line, name):
            lines[position] = match.group("head") + value + match.group("tail")
            return "".join(lines)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return "".join([*lines, f"{name}: {value}\n"])


def check_keytab(path: str, planned: SaslPlan, keytab_there: bool, required: bool) -> None:
    """SaslRefusal where the plan leads to a service that offers no mechanism, or that lacks GSSAPI while ``required``.

    Cyrus SASL drops GSSAPI where the file named by `keytab` is missing; with nothing else in `mech_list` smtpd then
    ends at once, and its port is down.
    """
    content = b"" if planned.content is None else planned.content
    settings = dict(options(content.decode("utf-8", "surrogateescape")))
    keytab = settings.get("keytab")
    if keytab is None or keytab_there:
        return
    mechanisms = {name.upper() for name in re.split(r"[\s,]+", settings.get("mech_list", "")) if name}
    alone = bool(mechanisms) and mechanisms <= _KERBEROS_ONLY
    if alone:
        raise SaslRefusal(
            f"{path}: keytab: {keytab} is not there, and with mech_list {settings['mech_list']} alone the server would "
            "have no mechanism and go down; bring the keytab first (role keytab), or add PLAIN to mech_list"
        )
    if required:
        raise SaslRefusal(
            f"{path}: keytab: {keytab} is not there, and without it the server would silently offer no GSSAPI; "
            "bring the keytab first (role keytab), or correct the path"
        )


def keytab_of(planned: SaslPlan) -> Optional[str]:
    """The keytab that the planned file names."""
    content = b"" if planned.content is None else planned.content
    return dict(options(content.decode("utf-8", "surrogateescape"))).get("keytab")


def describe(planned: SaslPlan) -> Tuple[str, str]:
    """The options that change, before and after, as text; passwords are left out."""
    before = "".join(_line(change.name, change.before, "a password") for change in planned.changes)
    after = "".join(_line(change.name, change.after, "another password") for change in planned.changes)
    return before, after


def _line(name: str, value: Optional[str], instead: str) -> str:
    if value is None:
        return ""
    return f"{name}: ({instead}, not shown)\n" if secret(name) else f"{name}: {value}\n"


def secret(name: str) -> bool:
    """Whether the option's value is a password."""
    return bool(_SECRET.search(name.lower()))
