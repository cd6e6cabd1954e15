# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands controller files on to the module `keytab` as content that Ansible never prints.

The file is read, and decrypted where it is in a vault, in memory: no copy of a key lies in a temporary
directory of the controller, and none is transferred as a file of its own.
"""

from __future__ import annotations

import base64
import pathlib
import stat
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ..module_utils._domain.refusal import Refusal

LARGEST = 64 * 1024 * 1024  # bytes: as the module, which reads no larger keytab on the host


class ControllerFileRefusal(Refusal):
    """A controller file that cannot be read, and what would mend it."""


class ActionModule(ActionBase):
    """Replaces each source's `src` by its content."""

    MODULE = "mailrealm.kerberos.keytab"
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        sources = arguments.get("sources")
        try:
            if isinstance(sources, list):
                arguments["sources"] = [self._filled(number, source) for number, source in enumerate(sources)]
        except Refusal as refusal:
            return {**result, "failed": True, "changed": False, "msg": str(refusal)}
        module: dict[str, Any] = self._execute_module(
            module_name=self.MODULE, module_args=arguments, task_vars=task_vars, wrap_async=self._task.async_val
        )
        return {**result, **module}

    def _filled(self, number: int, source: Any) -> Any:
        if not isinstance(source, dict) or source.get("src") is None:
            return source
        if source.get("content") is not None:
            raise ControllerFileRefusal(f"sources[{number}]: names 'src' and 'content'; leave one of them out")
        content = base64.b64encode(self._read(str(source["src"]))).decode("ascii")
        return {**source, "src": str(source["src"]), "content": content}

    def _read(self, src: str) -> bytes:
        """A controller file's bytes, decrypted; found as the builtin modules find theirs."""
        try:
            path = self._find_needle("files", src)
        except AnsibleError:
            raise ControllerFileRefusal(
                f"{src}: there is no such file on the controller; put it beside the playbook or into the role's files"
            ) from None
        try:
            status = pathlib.Path(path).stat()
        except OSError as error:
            raise ControllerFileRefusal(f"{path}: cannot be read on the controller ({error.strerror})") from None
        if not stat.S_ISREG(status.st_mode):
            raise ControllerFileRefusal(f"{path}: is not a regular file on the controller; name the keytab itself")
        if status.st_size > LARGEST:
            raise ControllerFileRefusal(f"{path}: holds {status.st_size} bytes, too many for a keytab; check the name")
        try:
            content: bytes = self._loader._get_file_contents(path)[0]
        except (AnsibleError, OSError) as error:
            cause = getattr(error.__cause__, "strerror", None)
            raise ControllerFileRefusal(
                f"{path}: cannot be read on the controller ({cause or str(error).splitlines()[0]}); "
                "see to its permissions, or to the vault password"
            ) from None
        return bytes(content)
