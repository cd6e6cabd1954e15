# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A realm's database for the time of the module that brings it: one conversation, which begins when there is one."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Optional

from ansible.module_utils.basic import AnsibleModule

from .._domain.kadmin_access import LOCAL, KadminAccess
from .._domain.kadmin_symptoms import OTHER_MASTER_KEY, KadminRefusal, NotThereYet
from .._domain.realm_plan import RealmPlan, RealmRefusal, RealmState, RealmWish, check_spelling
from .._system.configured_realms import configured_realms, go_by
from .._system.kadmin import Kadmin
from .._system.kdb5_util import carry_out, interrupted, read_realm


class KeptRealm:
    """Open for all that a module does with the realm that it keeps, until it is closed.

    ``kdc_conf``: the file to go by, if not the programs' own choice.
    """

    def __init__(self, module: AnsibleModule, wish: RealmWish, kdc_conf: Optional[str]) -> None:
        self._module = module
        self._wish = wish
        self._kdc_conf = kdc_conf
        self._access = KadminAccess(LOCAL, wish.name, db_args=wish.db_args)
        self._stack = contextlib.ExitStack()
        self._by_stash = self._stack.enter_context(Kadmin(self._access))
        self._by_password: Optional[Kadmin] = None
        self._state = RealmState(False, False)
        self._path: Optional[str] = None  # of a database that is still to be made

    def close(self) -> None:
        """End what conversations there are."""
        self._stack.close()

    def read(self) -> RealmState:
        """What is there. In check mode what is lacking for a look counts as a realm that does not exist."""
        try:
            if self._kdc_conf:
                go_by(self._kdc_conf)
            self._state, self._path = read_realm(self._by_stash)
            self._check_there()
        except NotThereYet as lacking:
            if not self._module.check_mode:
                raise
            self._module.warn(f"check mode goes on as if an earlier task brings it: {lacking}")
            self._state = RealmState(False, False)
            check_spelling(self._wish.name, configured_realms())
        return self._state

    def _check_there(self) -> None:
        if self._state.database:
            return
        name = self._wish.name
        check_spelling(name, configured_realms())
        if not self._wish.create:
            raise NotThereYet(
                f"realm {name}: there is no database, and create: false makes none; leave create out, or with the role "
                "kdc run the tag configure too"
            )

    def write(self, plan: RealmPlan) -> None:
        """Carry out what is to be done with the database, which no conversation holds open meanwhile."""
        self._by_stash.close()
        if self._by_password is not None:
            self._by_password.close()
        carry_out(plan, self._path)

    @property
    def kadmin(self) -> Optional[Kadmin]:
        """The conversation; None where the database was not there when it was read.

        RealmRefusal where the master password, which must do where there is no stash, is not the database's, or where
        the database turns out to be what an interrupted creation left.
        """
        if not self._state.database:
            return None
        if self._state.stash:
            return self._by_stash
        if self._by_password is None:
            access = replace(self._access, master_password=self._wish.master_password)
            self._by_password = self._stack.enter_context(Kadmin(access))
        try:
            broken = interrupted(self._by_password)
        except KadminRefusal as refusal:
            if refusal.kind != OTHER_MASTER_KEY:
                raise
            raise RealmRefusal(
                f"master_password: is not the master password of realm {self._wish.name}; correct it"
            ) from refusal
        if broken:
            raise RealmRefusal(broken)
        return self._by_password
