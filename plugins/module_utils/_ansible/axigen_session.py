# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axigen's CLI for the time of one module: one session, or in check mode one that cannot begin yet."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Dict, Optional, Type

from ansible.module_utils.basic import AnsibleModule

from .._domain.axigen_attributes import is_secret
from .._domain.axigen_cli import AxigenStopped
from .._domain.axigen_login import login_from
from .._domain.axigen_settings import Plan, State, Wish
from .._system.axigen_cli import AxigenCli
from .._system.axigen_state import carry_out, read_state, read_whole, stopped_state

CONFIGURATION_FILE = "/var/opt/axigen/run/axigen.cfg"
# Documented in plugins/doc_fragments/axigen.py
AXIGEN: Dict[str, Any] = {
    "login": {
        "type": "dict",
        "required": True,
        "options": {
            "host": {"type": "str", "default": "127.0.0.1"},
            "port": {"type": "int", "default": 7000},
            "user": {"type": "str", "default": "admin"},
            "password": {"type": "str", "required": True, "no_log": True},
            "tls": {"type": "bool", "default": False},
            "ca_path": {"type": "path"},
            "allow_clear_text": {"type": "bool", "default": False},
            "timeout": {"type": "int", "default": 30},
        },
    },
    "configuration_file": {"type": "str", "default": CONFIGURATION_FILE},
}


class AxigenSession:
    """Held around all that a module does with Axigen; made from its options `login` and `configuration_file`.

    ``cli`` is None in check mode where nobody answers: a task before this one may be about to start Axigen.
    """

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        self.cli: Optional[AxigenCli] = None
        self.path: str = module.params["configuration_file"]

    def __enter__(self) -> AxigenSession:
        try:
            self.cli = AxigenCli(login_from(self._module.params["login"]))
        except AxigenStopped as refusal:
            if not self._module.check_mode:
                raise
            self._module.warn(f"check mode goes on with what {self.path or 'no file'} says: {refusal}")
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self.cli:
            self.cli.close()

    @property
    def place(self) -> str:
        return login_from(self._module.params["login"]).place

    @property
    def version(self) -> Optional[str]:
        return self.cli.version if self.cli else None

    def read(self, wish: Wish) -> State:
        if self.cli is None:
            return stopped_state(wish, self.path, self._module.warn)
        return read_state(self.cli, wish, self.path, self._module.warn)

    def read_all(self) -> State:
        """All that Axigen tells, of no wish in particular."""
        if self.cli is None:
            return stopped_state(Wish(), self.path, self._module.warn)
        return read_whole(self.cli, self.path, self._module.warn)

    def write(self, plan: Plan, state: State) -> None:
        if self.cli is None:
            raise AssertionError("a plan was to be carried out without a session")
        carry_out(self.cli, plan, state, self.path)


def hide_passwords(module: AnsibleModule) -> None:
    """Keep values that are passwords out of what Ansible prints of the module's own options."""
    for option in ("services", "services_add", "services_remove"):
        for attributes in (module.params[option] or {}).values():
            for name, value in (attributes or {}).items():
                if is_secret(str(name)):
                    module.no_log_values.update(str(one) for one in (value if isinstance(value, list) else [value]))
