# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kadm5.acl: who may administer a realm, line by line, foreign lines kept as they are (kadm5.acl(5))."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .principal import PrincipalRefusal, read_text
from .refusal import Refusal

# lib/kadm5/srv: small letters grant, capital ones deny, x and * grant all but e
PERMISSIONS = frozenset("admcilpsexADMCILPSE*")


class AclRefusal(Refusal):
    """An entry that kadmind would not take as it is meant."""


@dataclass(frozen=True)
class AclEntry:
    """A line of kadm5.acl; ``target`` and ``restrictions`` are empty where it has none."""

    principal: str
    permissions: str
    target: str = ""
    restrictions: str = ""

    @property
    def subject(self) -> Tuple[str, str]:
        """Whom the entry speaks of, and about whom: an entry takes another's place where these are the same."""
        return (self.principal, self.target or "*")

    def __str__(self) -> str:
        return " ".join(part for part in (self.principal, self.permissions, self.target, self.restrictions) if part)


@dataclass(frozen=True)
class AclPlan:
    """The file before and after, as text; ``existed`` tells an empty file from none."""

    before: str
    after: str
    existed: bool


def entry(principal: str, permissions: str, target: str = "", restrictions: str = "") -> AclEntry:
    """A line from its parts; AclRefusal where kadmind would read it as something else."""
    for name, part in (("principal", principal), ("permissions", permissions), ("target", target)):
        if part.split() not in ([part], []) or not part.isprintable() or part.startswith("#"):
            raise AclRefusal(
                f"entries: {name} '{part}' holds white space or '#', which ends it in kadm5.acl; remove it"
            )
    for name, part in (("principal", principal), ("target", target)):
        _check_name(name, part)
    if not principal or not permissions:
        raise AclRefusal(f"entries: '{principal} {permissions}' lacks principal or permissions; write both")
    unknown = "".join(sorted(set(permissions) - PERMISSIONS))
    if unknown:
        raise AclRefusal(
            f"entries: permissions '{permissions}' of {principal} hold '{unknown}', which kadmind does not know; "
            "take letters of admcilpse, in capitals to deny, or * for all but e"
        )
    if restrictions and not target:
        raise AclRefusal(f"entries: restrictions of {principal} need a target before them; write target '*' for anyone")
    if "\n" in restrictions or "\r" in restrictions:
        raise AclRefusal(f"entries: restrictions of {principal} hold a line break; write them in one line")
    return AclEntry(principal, permissions, target, " ".join(restrictions.split()))


def _check_name(part: str, text: str) -> None:
    """AclRefusal for what libkrb5 cannot parse: kadmind stops at such a line and does not start at all."""
    try:
        read_text(text, "")
    except PrincipalRefusal as refusal:
        raise AclRefusal(f"entries: {part}: {refusal}") from refusal


def entries_from(asked: Iterable[Mapping[str, str]]) -> Tuple[AclEntry, ...]:
    """The lines of the option `entries`; AclRefusal where one is wrong or two speak of the same."""
    entries: Dict[Tuple[str, str], AclEntry] = {}
    for parts in asked:
        one = entry(**parts)
        if entries.setdefault(one.subject, one) is not one:
            raise AclRefusal(
                f"entries: {one.principal} is listed twice with the target '{one.subject[1]}', and kadmind takes the "
                "first line; keep one of the two"
            )
    return tuple(entries.values())


def plan(content: Optional[bytes], entries: Iterable[AclEntry], present: bool) -> AclPlan:
    """What the file becomes: an entry of the same subject is replaced in its place, a new one goes to the end.

    kadmind takes the first line that fits, so order is kept. ``content`` is None where there is no file.
    """
    before = (content or b"").decode("utf-8", "surrogateescape")
    missing = {one.subject: one for one in entries}
    asked = frozenset(missing)
    lines: List[str] = []
    for line in _logical(before):
        subject = _subject(line)
        if subject is None or subject not in asked:
            lines.append(line)
        elif present and subject in missing:  # a second line for the same subject never fits: kadmind took the first
            wanted = missing.pop(subject)
            lines.append(line if _parts(line) == str(wanted).split() else f"{wanted}\n")
    if present and missing:
        if lines and not lines[-1].endswith("\n"):
            lines.append("\n")
        lines += [f"{one}\n" for one in missing.values()]
    return AclPlan(before, "".join(lines), existed=content is not None)


def _logical(text: str) -> Sequence[str]:
    """Lines with their ends; one that ends in a backslash goes on in the next."""
    logical: List[str] = []
    for line in text.splitlines(keepends=True):
        if logical and logical[-1].rstrip("\r\n").endswith("\\"):
            logical[-1] += line
        else:
            logical.append(line)
    return logical


def _parts(line: str) -> List[str]:
    return line.replace("\\\r\n", " ").replace("\\\n", " ").split()


def _subject(line: str) -> Optional[Tuple[str, str]]:
    parts = _parts(line)
    if len(parts) < 2 or parts[0].startswith("#"):
        return None
    return (parts[0], parts[2] if len(parts) > 2 else "*")
