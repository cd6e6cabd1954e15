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
    """What the file becomes: an entry of the same subject is replaced in its place, among foreign lines as they are.

    kadmind takes the first line that fits, so the entries stand in the order in which they were asked for: a new
    one goes before the next of them that is there, or to the end. ``content`` is None where there is no file.
    """
    before = (content or b"").decode("utf-8", "surrogateescape")
    wanted = {one.subject: one for one in entries}
    found: Dict[Tuple[str, str], str] = {}  # the first line of each: a second one never fits
    for line in _logical(before):
        subject = _subject(line)
        if subject is not None and subject in wanted:
            found.setdefault(subject, line)
    queue = list(wanted.values()) if present else []
    places = set(found)
    lines: List[str] = []
    for line in _logical(before):
        subject = _subject(line)
        if subject is None or subject not in wanted:
            lines.append(line)
        elif subject in places:  # the place of any of the entries: the next one that is there takes it
            places.remove(subject)
            while queue:
                one = queue.pop(0)
                lines.append(_line(one, found.get(one.subject)))
                if one.subject in found:
                    break
    lines += [_line(one, None) for one in queue]
    ended = [line if line.endswith("\n") else f"{line}\n" for line in lines[:-1]]
    return AclPlan(before, "".join(ended + lines[-1:]), existed=content is not None)


def _line(wanted: AclEntry, found: Optional[str]) -> str:
    """The entry's line; the one that was found where it says the same."""
    same = found is not None and _parts(found) == str(wanted).split()
    return found if found is not None and same else f"{wanted}\n"


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
