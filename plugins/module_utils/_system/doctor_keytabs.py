# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section ``keytabs``: each keytab as its service's own user opens it, and fresh tickets opened with it as that user.

Nobody's password is needed: a keytab's own key obtains the ticket-granting ticket. No key leaves the file, only kvno
and enctype of each.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from typing import Any, Dict, Iterator, List, Tuple

from .._domain.doctor_asked import Asked, AskedKeytab
from .._domain.enctypes import enctype_name
from .._domain.kdc_answer import DOMAIN
from .._domain.keytab import KeytabEntry, parse
from .._domain.refusal import Refusal
from .doctor_network import kdcs_of
from .files import group_name, owner_name, read_state
from .kdc_questions import question
from .keytab_tickets import proofs
from .own_tickets import available
from .security_context import context_of
from .string_to_key import LIBRARY
from .user_eyes import in_child, seen_by
from .user_rights import RightsRefusal

PATIENCE = 25.0  # seconds for the tickets of all keytabs together


def gather(asked: Asked) -> Dict[str, Any]:
    with contextlib.suppress(OSError):
        ctypes.CDLL(LIBRARY)  # while it can be found: processes in a chroot use it
    found = [_looked_at(keytab) for keytab in asked.keytabs]
    usable = [(at, keytab) for at, keytab in enumerate(asked.keytabs) if found[at]["entries"]]
    told = _proved(asked, [keytab for dummy, keytab in usable])
    if isinstance(told, str):
        return {"keytabs": found, "tickets": {"untested": told}}
    for (at, dummy), proved in zip(usable, told):
        found[at]["proofs"] = proved
    return {"keytabs": found, "tickets": {}}


def outside(keytab: AskedKeytab) -> str:
    """The file's path for who is in no chroot."""
    return keytab.chroot.rstrip("/") + inside(keytab) if keytab.chroot else keytab.path


def inside(keytab: AskedKeytab) -> str:
    """The file's path as the service names it, whether it was given from within the chroot or not."""
    chroot = keytab.chroot.rstrip("/")
    return keytab.path[len(chroot) :] if chroot and keytab.path.startswith(chroot + "/") else keytab.path


def entries_of(keytab: AskedKeytab) -> Tuple[KeytabEntry, ...]:
    """The keys; none where the file is not there. Refusal where it is no keytab."""
    path = outside(keytab)
    content = read_state(path).content
    return () if content is None else parse(content, path)


def _looked_at(keytab: AskedKeytab) -> Dict[str, Any]:
    path = outside(keytab)
    found: Dict[str, Any] = {
        "path": path,
        "user": keytab.user,
        "product": keytab.product,
        "chroot": keytab.chroot,
        "asked": list(keytab.principals),
        "exists": os.path.lexists(path),
        "readable": None,
        "damaged": "",
        "entries": [],
        "proofs": [],
    }
    with contextlib.suppress(OSError):
        status = os.stat(path)
        found.update(
            owner=owner_name(status.st_uid),
            group=group_name(status.st_gid),
            mode=f"{stat.S_IMODE(status.st_mode):04o}",
            exposed=_exposed(status, keytab.user),
            context=context_of(path),
        )
    if not found["exists"]:
        return found
    found["opened"] = _opened(keytab)
    found["readable"] = found["opened"]["ok"]
    try:
        found["entries"] = [
            {"principal": str(one.principal), "kvno": one.kvno, "enctype": enctype_name(one.enctype)}
            for one in entries_of(keytab)
        ]
    except Refusal as refusal:
        found["damaged"] = str(refusal)
    return found


def _exposed(status: os.stat_result, user: str) -> str:
    """To whom beside root and the service's user the mode shows the keys; empty where to nobody."""
    if status.st_mode & (stat.S_IROTH | stat.S_IWOTH):
        return "every user of this host"
    group = group_name(status.st_gid)
    if not status.st_mode & (stat.S_IRGRP | stat.S_IWGRP) or status.st_gid == 0:
        return ""
    try:
        groups = seen_by(user, "", os.getgroups)
    except Refusal:
        return ""  # there is no such user, which is told where the file is opened as that user
    return "" if status.st_gid in groups else f"the group {group}, to which {user} does not belong"


def _opened(keytab: AskedKeytab) -> Dict[str, Any]:
    """Whether the service's user opens it in its chroot: ``words`` and ``at`` (the file or a folder) where not."""
    path = inside(keytab)
    try:
        found: Dict[str, Any] = seen_by(keytab.user, keytab.chroot, lambda: _open(path))
        return found
    except RightsRefusal as refusal:
        return {"ok": None, "words": str(refusal), "at": ""}
    except Refusal as refusal:
        return {"ok": False, "words": str(refusal), "at": keytab.chroot}


def _open(path: str) -> Dict[str, Any]:
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError as error:
        return {"ok": False, "words": error.strerror, "at": next(_closed_folders(path), path)}
    return {"ok": True, "words": "", "at": ""}


def _closed_folders(path: str) -> Iterator[str]:
    """The folders on the way that may not be entered, from the root on."""
    parts = os.path.dirname(path).split("/")
    for end in range(1, len(parts) + 1):
        folder = "/".join(parts[:end]) or "/"
        if os.path.isdir(folder) and not os.access(folder, os.X_OK):
            yield folder


def _proved(asked: Asked, keytabs: List[AskedKeytab]) -> Any:
    """The proofs of each keytab, or the sentence why there can be none."""
    if not keytabs:
        return []
    if not available():
        return "this host has no MIT libkrb5, with which a keytab's key obtains tickets"
    kdcs = question(kdcs_of(asked), asked.realm)
    if kdcs and not any(one.answered for one in kdcs):
        return f"no KDC of {asked.realm} answers, so that there are no tickets to open"
    try:
        return in_child(lambda: _prove(asked, keytabs, any(one.kind == DOMAIN for one in kdcs)), PATIENCE, "tickets")
    except Refusal as refusal:
        return str(refusal)


def _prove(asked: Asked, keytabs: List[AskedKeytab], domain: bool) -> List[List[Dict[str, Any]]]:
    """In a process of its own, as libkrb5 may wait for a KDC longer than anybody reads on."""
    sources = [(outside(keytab), entries_of(keytab)) for keytab in keytabs]
    found = []
    for at, keytab in enumerate(keytabs):
        os.environ["KRB5_CONFIG"] = asked.krb5_conf if keytab.chroot else keytab.krb5_conf
        others = sources[:at] + sources[at + 1 :]
        found.append(proofs(keytab, inside(keytab), [sources[at], *others], asked.realm, domain))
    return found
