# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts' states before and after a run, compared. Pure."""

from __future__ import annotations

import base64
import dataclasses
import re
import typing

from events import Event

Census = typing.Mapping[str, typing.Any]


@dataclasses.dataclass(frozen=True)
class Touched:
    """Something on a host that is no longer what it was.

    A path, `unit NAME`, `record NAME`, `account NAME` of Active Directory's, or `entry KIND NAME` of Zimbra's.
    """

    host: str
    what: str
    how: str


# Rooms of a census, and how what lies there is called.
ROOMS = (("files", ""), ("units", "unit "), ("kdc", "record "), ("directory", "account "), ("zimbra", "entry "))


def touched(before: typing.Mapping[str, Census], after: typing.Mapping[str, Census]) -> list[Touched]:
    """All that differs between two states of the hosts: files, units, records of the KDC, entries of directories."""
    found = []
    for host in before:
        for room, title in ROOMS:
            old, new = before[host][room], after[host][room]
            for name in sorted(old.keys() | new.keys()):
                was, now = old.get(name), new.get(name)
                found += [Touched(host, title + name, _how(was, now))] if was != now else []
    return found


def _how(old: typing.Any, new: typing.Any) -> str:
    if old is None or new is None:
        return "came" if old is None else "went"
    if isinstance(old, list):
        names = ("kind", "mode", "owner", "group", "time", "size", "content")
        return ", ".join(name for name, was, now in zip(names, old, new, strict=False) if was != now)
    return "changed"


# Who may touch what without naming it in a diff: path -> tasks. A folder's files of several tasks, a database of one.
EXPLAINED = (
    (r"record .*|/var/lib/krb5kdc/.*", r"realm's database|Let the KDC use"),
    (r"/etc/systemd/system/.*|/etc/rc\d\.d/.*|/var/lib/systemd/.*", r"\brun\b"),
    (r"/etc/systemd/system/krb5-(backup|prop)\..*", r"service and the timer"),
    (r"/etc/postfix/(main|master)\.cf", r"\(postconf\)"),
    (r"unit .*", r"\brun\b|restart|in force"),
    (r"/var/opt/axigen/run/axigen\.cfg", r"take tickets"),
    (r"entry config .*", r"take tickets"),
)


# What a task changes from the host that it runs on.
ELSEWHERE = ("account ", "entry ")
# Files of which diffs have `key = value`, whatever form it has in the file.
BY_KEY = ("/opt/zimbra/conf/localconfig.xml",)
# Files whose diffs name loggers; whether these are in force, CAS itself is asked.
BY_NAME = ("/etc/cas/config/log4j2.xml",)
LOGGER = re.compile(r"^Logger ([^:]+):", re.MULTILINE)
# Files whose diffs have a line for each setting, after the service that has it: several services have the same line.
BY_SERVICE = ("/var/opt/axigen/run/axigen.cfg",)


def unexplained(changes: typing.Sequence[Touched], run: typing.Sequence[Event]) -> list[Touched]:
    """What changed on a host although no task of the run that reports a change there accounts for it."""
    found = []
    for change in changes:
        elsewhere = change.what.startswith(ELSEWHERE)
        mine = [event for event in run if event.changed and (elsewhere or event.host == change.host)]
        name = change.what.removeprefix("account ").removeprefix("entry ")
        named = any(name in f"{header}\n{before}\n{after}" for event in mine for header, before, after in event.parts)
        explained = any(
            re.fullmatch(what, change.what) and any(re.search(task, event.task, re.IGNORECASE) for event in mine)
            for what, task in EXPLAINED
        )
        if not named and not explained:
            found.append(change)
    return found


def untrue(after: typing.Mapping[str, Census], run: typing.Sequence[Event]) -> list[str]:
    """Text files that lack a line of their last diff's end, or still hold one that it took, as sentences.

    Lines, not the whole text: a diff may leave out what is not its own.
    """
    promised = {}
    for event in run:
        if event.changed and event.status == "ok":
            promised.update({(event.host, header): (was, now) for header, was, now in event.parts})
    found = []
    for (host, path), (was, now) in promised.items():
        entry = after.get(host, {}).get("files", {}).get(path)
        content = base64.b64decode(entry[7]) if entry and entry[7] is not None else b"\0"
        lines = set(content.decode("utf-8", "replace").splitlines())
        wanted = set(now.splitlines())
        gone = set(was.splitlines()) - wanted
        if path in BY_SERVICE:
            lines, gone = {line.strip() for line in lines}, set()
            wanted = {line.partition(": ")[2] for line in wanted}
        if path in BY_NAME:
            names = set(LOGGER.findall(now))
            lines, wanted, gone = {name for name in names if name.encode() in content}, names, set()
        if path in BY_KEY:
            values = {line.partition(" = ")[2] for line in wanted if " = " in line}
            lines, wanted, gone = {value for value in values if value.encode() in content}, values, set()
        if b"\0" not in content and (wanted - lines or gone & lines):
            found.append(f"{host}: {path} does not hold what its diff ended in")
    return found
