# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of Zimbra's directory for the time of one module: one call of zmprov to read, one to write and verify."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from ansible.module_utils.basic import AnsibleModule

from .._domain.refusal import Refusal
from .._domain.zimbra_asked import Wish, is_secret
from .._domain.zimbra_entries import Plan, State, flush_commands, nothing, plan, readings, state_from
from .._domain.zimbra_failures import Answer, broken_write, check_found, check_read, failed_write
from .._domain.zimbra_wishes import wish_from
from .._domain.zmprov_batch import warnings
from .._system import zmprov
from .._system.zimbra_programs import ZimbraPrograms, ZimbraRefusal


class ZimbraDirectory:
    """Made from a module's options; ``zmprov`` is None in check mode on a host that is to get Zimbra yet."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        self.wish: Wish = wish_from(module.params["entries"], module.params["release"])
        for warning in self.wish.warnings:
            module.warn(warning)
        self.zmprov: Optional[zmprov.Zmprov] = None
        if module.check_mode and not zmprov.installed():
            module.warn("check mode goes on as if the entries held nothing: Zimbra is not on this host yet")
        else:
            self.zmprov = zmprov.Zmprov(ZimbraPrograms(), module.params["via_ldap"])
        self._written: Optional[State] = None

    @property
    def calls(self) -> int:
        return self.zmprov.calls if self.zmprov else 0

    def read(self) -> State:
        """The entries as they are; after a write as the same call read them."""
        if self._written is not None:
            return self._written
        if self.zmprov is None or not self.wish.entries:
            return nothing(self.wish)
        return self._read(self.zmprov)

    def _read(self, program: zmprov.Zmprov) -> State:
        wanted = readings(self.wish)
        answer = program.run([one.words for one in wanted])
        check_read(answer)
        state, missing = state_from(wanted, answer.blocks)
        check_found(missing, answer)
        return state

    def write(self, found: Plan) -> Dict[str, Any]:
        """Make the changes and read what came of them, in one call; ZmprovRefusal tells what was applied if not all."""
        program = self.zmprov
        if program is None:
            raise AssertionError("a plan was to be carried out without Zimbra")
        commands, wanted = found.commands(), readings(self.wish)
        try:
            answer = program.run([*commands, *(one.words for one in wanted)])
        except ZimbraRefusal as hung:  # it did not end in time, and may have done a part
            raise broken_write(found, self._left(program), None, str(hung)) from None
        if not answer.complete:
            raise broken_write(found, self._left(program), answer)
        self._warn(answer, len(commands))
        state, missing = state_from(wanted, answer.blocks[len(commands) :])
        if missing:
            check_found(missing, answer)
        refusal = failed_write(found, plan(state, self.wish), answer)
        if refusal:
            raise refusal
        self._written = state
        return {"flush_needed": self._flush(program, found), "calls": program.calls}

    def _left(self, program: zmprov.Zmprov) -> Optional[Plan]:
        try:
            return plan(self._read(program), self.wish)
        except Refusal:
            return None

    def _warn(self, answer: Answer, writes: int) -> None:
        listed: List[str] = [one for block in answer.blocks[:writes] for one in warnings(block)]
        for warning in dict.fromkeys(listed):
            self._module.warn(f"zmprov: {warning}")

    def _flush(self, program: zmprov.Zmprov, found: Plan) -> bool:
        """Whether mailboxd may still hold old values of what LDAP was told, after it was told to forget them."""
        commands = flush_commands(found.changes) if program.via_ldap else []
        if not commands:
            return False
        if not zmprov.mailboxd_answers():
            return True
        try:
            answer = program.flush(commands)
            check_read(answer)
            check_found((), answer)
        except Refusal as refusal:
            self._module.warn(f"mailboxd was not made to forget what it holds: {refusal}")
            return True
        return False


def hide_secrets(module: AnsibleModule) -> None:
    """Keep values that are secrets out of what Ansible prints of the module's own options."""
    for one in module.params["entries"]:
        for option in ("attributes", "add", "remove", "remove_matching"):
            for name, given in (one.get(option) or {}).items():
                if is_secret(str(name)):
                    values = given if isinstance(given, list) else [given]
                    # A pattern that is nothing but wildcards tells nothing, and hides everything that is printed.
                    module.no_log_values.update(str(value) for value in values if str(value).strip("*?"))
