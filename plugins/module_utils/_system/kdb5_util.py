# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A realm's database on the KDC itself: looked at with kadmin.local, made and destroyed with kdb5_util."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import subprocess
from typing import Dict, List, Optional, Sequence, Set, Tuple

from .._domain.kadmin_access import LOCAL, KadminAccess, db_words
from .._domain.kadmin_symptoms import DAMAGED, NO_DATABASE, NO_MASTER_KEY, NO_STASH, KadminRefusal
from .._domain.realm_plan import CREATE, DESTROY, RealmPlan, RealmRefusal, RealmState, RealmWish
from .configured_realms import database_path
from .kadmin import Kadmin, find_program, tool_environment

PATIENCE = 600.0  # seconds: an old kernel without entropy lets kdb5_util wait for random numbers


ADMINISTRATION = ('getprinc -terse "kadmin/admin"', 'getprinc -terse "kadmin/changepw"')
BROKEN = frozenset((NO_MASTER_KEY, DAMAGED))


def read_realm(kadmin: Kadmin) -> Tuple[RealmState, Optional[str]]:
    """The realm's database as kadmin.local and kdc.conf find it, and its path where kadmin.local told one.

    ``kadmin`` knows no master password, so that it is told whether there is a stash; where it answers, the
    conversation may go on. NotThereYet where no program is installed; KadminRefusal where it may not be read.
    """
    try:
        broken = interrupted(kadmin)
    except KadminRefusal as refusal:
        if refusal.kind == NO_DATABASE:
            return RealmState(False, False), refusal.path
        if refusal.kind == NO_STASH:
            return RealmState(True, False), None
        if refusal.kind in BROKEN:
            return RealmState(True, False, str(refusal)), None
        raise
    return RealmState(True, True, broken), None


def interrupted(kadmin: Kadmin) -> str:
    """What an interrupted creation left of a database, as one sentence; empty where it is whole.

    KadminRefusal where it cannot be opened.
    """
    answers = kadmin.ask(ADMINISTRATION)
    if not all("Principal does not exist" in answer.complaint for answer in answers):
        return ""
    # kdb5_util makes these principals last
    return (
        f"realm {kadmin.realm}: the database holds neither kadmin/admin nor kadmin/changepw, as an interrupted "
        "creation leaves it; destroy it (state: absent) and create it anew"
    )


def carry_out(plan: RealmPlan, path: Optional[str]) -> None:
    """Do what a plan says; RealmRefusal where kdb5_util could not. ``path``: where the new database will be.

    A creation that fails is cleared away, so that the next run begins anew; one that finds a database there
    leaves it alone.
    """
    wish = plan.wish
    if plan.verb == DESTROY:
        _destroy(wish)
        return
    password = wish.master_password or secrets.token_urlsafe(48)

    def attempt() -> None:
        if plan.verb == CREATE:
            _create(wish, password, path)
        else:
            _kdb5_util(wish, ["stash"], f"{password}\n")

    try:
        attempt()
    except StaleStash as stale:
        with contextlib.suppress(OSError):
            os.unlink(stale.path)
        attempt()


def _create(wish: RealmWish, password: str, path: Optional[str]) -> None:
    before = _files(path)
    try:
        _kdb5_util(wish, ["create", *(["-s"] if wish.stash else [])], f"{password}\n{password}\n")
    except RealmRefusal as refusal:
        if not isinstance(refusal, AlreadyThere):
            _clear(_files(path) - before)
        raise


def _destroy(wish: RealmWish) -> None:
    """By kdb5_util, or where it cannot open what an interrupted creation left, file by file."""
    try:
        _kdb5_util(wish, ["destroy", "-f"], "")
    except RealmRefusal:
        # It complains of a missing stash even though it has destroyed the database.
        with Kadmin(KadminAccess(LOCAL, wish.name, db_args=wish.db_args)) as kadmin:
            left = read_realm(kadmin)[0].database
        if left:
            files = _files(_place(wish))
            if not files:
                raise
            _clear(files)


def _place(wish: RealmWish) -> Optional[str]:
    """The database's path: as the arguments for the module name it, or kdc.conf."""
    named = [argument.partition("=")[2] for argument in wish.db_args if argument.startswith("dbname=")]
    return named[-1] if named else database_path(wish.name)


class StaleStash(RealmRefusal):
    """A killed kdb5_util left its temporary stash at ``path``, and every later one stops at it."""

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.path = path


class AlreadyThere(RealmRefusal):
    """Somebody else created the database at this moment."""


def _kdb5_util(wish: RealmWish, words: Sequence[str], text: str) -> None:
    realm, verb = wish.name, words[0]
    try:
        done = subprocess.run(  # pylint: disable=ansible-bad-function  # this floor knows no AnsibleModule
            [find_program("kdb5_util"), *db_words(wish.db_args), "-r", realm, *words],
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=tool_environment(),
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RealmRefusal(
            f"realm {realm}: kdb5_util {verb} did not end within {PATIENCE:g} s; see whether the host lacks entropy"
        ) from None
    if done.returncode:
        raise _explained(realm, verb, done.stdout.decode("utf-8", "replace"), done.returncode)


# What kdb5_util says, and the sentence for it
SYMPTOMS: Dict[str, str] = {
    r"Unable to decrypt latest master key": "master_password: is not the master password of realm {realm}; correct it",
    r"No space left on device|Disk quota exceeded": "realm {realm}: the disk is full, and nothing was created; "
    "make room and run again",
    r"No such file or directory": "realm {realm}: a folder that kdc.conf names does not exist ({words}); create it, "
    "or correct database_name and key_stash_file",
    r"Permission denied|Read-only file system|Operation not permitted": "realm {realm}: kdb5_util may not write "
    "({words}); use become, and see to the folder that kdc.conf names",
}


def _explained(realm: str, verb: str, output: str, status: int) -> RealmRefusal:
    told = [line.partition("kdb5_util: ")[2] for line in output.splitlines() if "kdb5_util: " in line]
    words = told[-1].strip() if told else f"nothing (status {status})"
    if verb == CREATE and "File exists" in words:
        return AlreadyThere(f"realm {realm}: a database was created at this moment by somebody else; run again")
    stale = re.search(r"Temporary stash file already exists: (.*)\. while", output)
    if stale:
        return StaleStash(f"realm {realm}: {stale[1]} is left of an interrupted run; remove it", stale[1])
    for pattern, sentence in SYMPTOMS.items():
        if re.search(pattern, output):
            return RealmRefusal(sentence.format(realm=realm, words=words))
    return RealmRefusal(f"realm {realm}: kdb5_util {verb} failed and says: {words}; see to that and run again")


def _files(path: Optional[str]) -> Set[str]:
    """The files of a database: all that begin with its name (DB2 and LMDB put endings to it)."""
    if path is None:
        return set()
    folder, name = os.path.split(path)
    with contextlib.suppress(OSError):
        return {os.path.join(folder, one) for one in os.listdir(folder) if one == name or one.startswith(f"{name}.")}
    return set()


def _clear(paths: Set[str]) -> None:
    leftover: List[str] = sorted(paths)
    for path in leftover:
        with contextlib.suppress(OSError):
            os.unlink(path)
