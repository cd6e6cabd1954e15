# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The realm's database for the time of one module: one conversation, or in check mode one that cannot begin yet."""

from __future__ import annotations

import contextlib
import time
from types import TracebackType
from typing import Dict, Optional, Sequence, Tuple, Type

from ansible.module_utils.basic import AnsibleModule

from .._domain.kadmin_step import Step
from .._domain.kadmin_symptoms import NO_DATABASE, NO_KDC, NO_MASTER_KEY, KadminRefusal, NotThereYet
from .._domain.realm_plan import check_spelling
from .._system.configured_realms import configured_realms
from .._system.kadmin import Kadmin
from .._system.kadmin_steps import carry_out
from .arguments import kadmin_access

MISSPELT = frozenset((NO_DATABASE, NO_KDC, NO_MASTER_KEY))  # what a realm in the wrong case leads to


class RealmSession:
    """Held around all that a module does with a realm; made from its option `kadmin`.

    ``began``: when, in seconds since 1970 by this host's clock; one time for all that a module judges by it.
    """

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        self._stack = contextlib.ExitStack()
        self._kadmin: Optional[Kadmin] = None
        self._realm: Optional[str] = None
        self.began = int(time.time())

    def __enter__(self) -> RealmSession:
        access = kadmin_access(self._module.params)
        with contextlib.ExitStack() as opened:  # closed here too, where beginning fails
            kadmin = opened.enter_context(Kadmin(access))
            self._begin(kadmin)
            self._stack = opened.pop_all()
        return self

    def _begin(self, kadmin: Kadmin) -> None:
        given = kadmin.access.realm
        try:
            kadmin.begin()
        except KadminRefusal as refusal:
            if given and refusal.kind in MISSPELT:
                check_spelling(given, configured_realms())
            if not self._module.check_mode or not isinstance(refusal, NotThereYet):
                raise
            self._realm = given
            self._module.warn(f"check mode goes on as if an earlier task brings an empty realm: {refusal}")
        else:
            self._realm = kadmin.realm
            self._kadmin = kadmin

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._stack.close()

    @property
    def kadmin(self) -> Optional[Kadmin]:
        """The conversation; None in check mode where the realm is not there yet."""
        return self._kadmin

    @property
    def realm(self) -> Optional[str]:
        """The realm that is asked; None where it is neither given nor there yet."""
        return self._realm

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Give kadmin the steps of a plan, which is empty where there is no conversation."""
        if self._kadmin is None:
            raise AssertionError("a plan with steps was made without a session")
        carry_out(self._kadmin, steps)

    def diff(self, what: str, texts: Tuple[str, str]) -> Dict[str, str]:
        """Ansible's diff of ``what`` the realm holds, from its text before and after."""
        return realm_diff(what, self._realm, texts)


def realm_diff(what: str, realm: Optional[str], texts: Tuple[str, str]) -> Dict[str, str]:
    """The same of a realm by its name."""
    header = f"{what} of {realm or 'the default realm'}"
    return {"before_header": header, "after_header": header, "before": texts[0], "after": texts[1]}
