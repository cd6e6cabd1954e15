# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of Active Directory and their keytabs for the time of one module: read together, planned, written."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Set, Tuple, Type

from ansible.module_utils.basic import AnsibleModule

from .._domain.active_directory import time_from
from .._domain.ad_account import AccountWish
from .._domain.ad_keytabs import NewKeys, plan_keytabs
from .._domain.ad_plan import AccountChange, plan_accounts
from .._domain.ad_report import account_diffs, account_reports
from .._domain.ad_state import DirectoryState, Domain, held_entries, index_owners
from .._domain.credentials import Credentials
from .._domain.directory import DirectoryRefusal, Server
from .._domain.file_state import FileState
from .._domain.merge import KeytabPlan, count, describe, planned_content
from .._domain.refusal import Refusal
from .._system import ad_accounts, files
from .._system.directory import Directory, connected, signed_on
from .._system.file_lock import locked
from .._system.gss import Initiator
from .file_module import FilePlan, plan_file, show_file, write_file

NEWBORN_MODE = 0o600
# After these nobody knows whether the controller did what it was told, so that staged keys stay
UNCERTAIN = frozenset(("connection_lost", "server_silent"))


class HalfDone(Refusal):
    """A failure after something was done, which the sentence names."""


@dataclass(frozen=True)
class Planned:
    """What was read, what becomes of the accounts, and of the keytabs by their paths."""

    state: DirectoryState
    changes: Tuple[AccountChange, ...]
    keytabs: Mapping[str, FilePlan[KeytabPlan]]

    @property
    def changed(self) -> bool:
        return any(one.changed for one in self.changes) or any(one.changed for one in self.keytabs.values())


class AdAccounts:
    """Held around all that a module does with a domain: one login, one connection, the locks of all keytabs."""

    def __init__(
        self,
        module: AnsibleModule,
        where: Server,
        credentials: Credentials,
        wishes: Sequence[AccountWish],
        keep_old: int,
    ) -> None:
        self._module = module
        self._where = where
        self._credentials = credentials
        self._wishes = wishes
        self._keep_old = keep_old
        self._stack = contextlib.ExitStack()
        self._files: Dict[str, FileState] = {}
        self._done: List[str] = []
        self._just_set: FrozenSet[str] = frozenset()
        self._altered: Set[str] = set()
        self._warned: Dict[str, None] = {}

    def __enter__(self) -> AdAccounts:
        with contextlib.ExitStack() as opened:  # closed here too, where beginning fails
            paths = sorted({wish.path for wish in self._wishes})
            opened.enter_context(locked(*paths, clear=not self._module.check_mode))
            self._user: Initiator = opened.enter_context(signed_on(self._where, self._credentials))
            self._directory: Directory = opened.enter_context(connected(self._where, self._credentials, self._user))
            self._connected = time.monotonic()
            self._stack = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._stack.close()

    # -- reading and planning

    def read(self) -> DirectoryState:
        """The accounts, the keytabs, and what tickets prove of their keys."""
        with self._told():
            return self._read()

    def _read(self) -> DirectoryState:
        found = ad_accounts.find_accounts(self._directory, self._wishes)
        accounts = {one.name.casefold(): one for one in found}
        pairs = [(wish, accounts[name]) for wish in self._wishes for name in [wish.name.casefold()] if name in accounts]
        homeless = [wish.kind for wish in self._wishes if wish.name.casefold() not in accounts and not wish.ou]
        self._files = {path: files.read_state(path) for path in dict.fromkeys(wish.path for wish in self._wishes)}
        keytabs = {path: state.content for path, state in self._files.items()}
        now = time_from(self._directory.clock) + int(time.monotonic() - self._connected)
        domain = Domain(
            self._where.realm,
            self._directory.base,
            now,
            ad_accounts.default_containers(self._directory, homeless),
        )
        evidence = ad_accounts.gather_evidence(
            self._user,
            self._directory.host,
            self._where.realm,
            pairs,
            held_entries(keytabs),
            self._where.timeout,
        )
        return DirectoryState(domain, accounts, index_owners(found), evidence, keytabs)

    def plan(self, state: DirectoryState) -> Planned:
        with self._told():
            changes = plan_accounts(state, self._wishes, self._just_set)
        for warning in (one for change in changes for one in change.need.warnings):
            if warning not in self._warned:
                self._warned[warning] = None
                self._module.warn(warning)
        return Planned(state, changes, self._filed(plan_keytabs(state, changes, self._keep_old)))

    def _filed(self, plans: Mapping[str, KeytabPlan]) -> Dict[str, FilePlan[KeytabPlan]]:
        return {
            path: plan_file(self._module, path, self._files[path], plan, planned_content(plan), NEWBORN_MODE)
            for path, plan in plans.items()
        }

    # -- writing

    def write(self, planned: Planned) -> Dict[str, Any]:
        """First the keytabs, with the keys of passwords yet to be set; then the accounts; then what was not foreseen.

        HalfDone where something was done before a failure: each keytab then holds the keys of what was done.
        """
        self._prove_given(planned)
        passwords = {one.wish.name: one.wish.password or ad_accounts.random_password() for one in _setting(planned)}
        realm = self._where.realm
        staged = {
            one.wish.name: ad_accounts.expected_keys(one, passwords[one.wish.name], realm) for one in _setting(planned)
        }
        backups = self._write_keytabs(planned, staged, staging=True)
        new: Dict[str, NewKeys] = {}
        for change in planned.changes:
            name = change.wish.name
            try:
                self._write_account(change, passwords.get(name), staged.get(name), new)
            except Refusal as refusal:
                if isinstance(refusal, DirectoryRefusal) and refusal.symptom in UNCERTAIN and name not in new:
                    new.update({name: staged[name]} if name in staged else {})
                raise self._half_done(self._taken_back(planned, new, refusal)) from None
        self._just_set = frozenset(new)
        if staged:
            self._write_keytabs(planned, new)
        result: Dict[str, Any] = {"backup_files": backups} if backups else {}
        return {**result, **self._corrected(planned, new)}

    def _write_account(
        self, change: AccountChange, password: Optional[str], staged: Optional[NewKeys], new: Dict[str, NewKeys]
    ) -> None:
        """Change one account; the keys of its new password go into ``new``."""
        wish = change.wish
        if password is None or staged is None:
            self._change(change)
            return
        if change.created:
            ad_accounts.create_account(self._directory, change, password)
            self._done.append(f"{wish.title} was created and its password set")
        else:
            self._change(change)
            self._directory.set_password(change.dn, password)
            self._done.append(f"the password of {wish.title} was set")
        # Should the next two questions fail, the likely keys are better than none
        new[wish.name] = staged
        account = ad_accounts.read_account(self._directory, change.dn)
        new[wish.name] = ad_accounts.set_keys(
            self._directory.host, self._where.realm, account, wish, password, staged, self._where.timeout
        )

    def _prove_given(self, planned: Planned) -> None:
        """Let tickets judge given passwords that nothing could prove before the account's attributes are right."""
        doubtful = [one for one in planned.changes if one.attributes and _doubtful(one, planned.state)]
        for change in doubtful:
            self._change(change)
        if doubtful:
            with self._told():
                plan_accounts(self._read(), self._wishes)

    def _change(self, change: AccountChange) -> None:
        if change.attributes and change.wish.name not in self._altered:
            self._altered.add(change.wish.name)
            ad_accounts.change_attributes(self._directory, change)
            self._done.append(f"{change.wish.title} was changed")

    def _write_keytabs(self, planned: Planned, new: Mapping[str, NewKeys], staging: bool = False) -> List[str]:
        """The keytabs as planned with the keys ``new``; a password that is not among them brings none.

        ``staging``: before the passwords are set, so that no key of theirs is old yet. Gives the names of backups.
        """
        backups: List[str] = []
        for path, plan in plan_keytabs(planned.state, planned.changes, self._keep_old, new, staging).items():
            filed = plan_file(self._module, path, self._files[path], plan, planned_content(plan), NEWBORN_MODE)
            if staging and filed.changed:
                backups += write_file(self._module, path, filed).values()
            elif not staging and files.read_state(path) != filed.after:
                files.write_state(path, filed.after, None, bool(self._module.params["unsafe_writes"]))
        return backups

    def _taken_back(self, planned: Planned, new: Mapping[str, NewKeys], refusal: Refusal) -> Refusal:
        """The refusal, once the keytabs hold no keys of passwords that were not set."""
        try:
            self._write_keytabs(planned, new)
        except Refusal as second:
            return HalfDone(f"{refusal}; besides, keys that were staged are still there: {second}")
        return refusal

    def _corrected(self, planned: Planned, new: Mapping[str, NewKeys]) -> Dict[str, Any]:
        """The diff once more where the directory chose another kvno than the next one."""
        foreseen = all(change.kvno in (None, new[change.wish.name].kvno) for change in _setting(planned))
        if foreseen or not self._module._diff:
            return {}
        plans = plan_keytabs(planned.state, planned.changes, self._keep_old, new)
        return {"diff": self.show(Planned(planned.state, planned.changes, self._filed(plans)))}

    # -- telling

    def show(self, planned: Planned) -> List[Dict[str, str]]:
        parts = account_diffs(planned.changes)
        for path, filed in planned.keytabs.items():
            parts += show_file(path, filed, describe(filed.content))
        return parts

    def report(self, planned: Planned) -> Dict[str, Any]:
        return {
            "accounts": account_reports(planned.changes, planned.state.domain.now),
            "paths": [{"path": path, **count(filed.content)} for path, filed in planned.keytabs.items()],
        }

    def told(self, planned: Planned, state: DirectoryState) -> Dict[str, Any]:
        """The result `accounts` with the kvnos that the directory chose."""
        kvnos = {wish.name: state.accounts[wish.name.casefold()].kvno for wish in self._wishes}
        return {"accounts": account_reports(planned.changes, planned.state.domain.now, kvnos)}

    def _half_done(self, refusal: Refusal) -> Refusal:
        if not self._done:
            return refusal
        return HalfDone(f"{refusal}; before that, {', '.join(self._done)}")

    @contextlib.contextmanager
    def _told(self) -> Any:
        """Name what was done where reading again after it fails."""
        try:
            yield
        except Refusal as refusal:
            raise self._half_done(refusal) from None


def _setting(planned: Planned) -> List[AccountChange]:
    return [change for change in planned.changes if change.need.sets]


def _doubtful(change: AccountChange, state: DirectoryState) -> bool:
    """Whether the account's keys are those of a given password of which nobody but the user says that it is right."""
    evidence = state.evidence.get(change.wish.name.casefold())
    return (
        change.wish.password is not None
        and not change.need.sets
        and evidence is not None
        and evidence.password_fits is None
    )
