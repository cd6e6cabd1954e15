# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's two files between a module's options and the domain: wishes from options, texts from and to files."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ansible.module_utils.basic import AnsibleModule

from .._domain import postfix
from .._domain.file_state import FileState
from .._domain.master_cf import FIELDS, ServiceWish
from .._domain.postfix import Found, Packaged, Plan, Wish
from .._domain.postfix_line import PostfixRefusal
from .._system import files, postconf

NEWBORN_MODE = 0o644  # every Postfix program reads main.cf, not only root's


@dataclass(frozen=True)
class Read:
    """The two files as they are, and what of them and of Postfix counts for the plan."""

    main: FileState
    master: FileState
    found: Found
    promised: bool


@dataclass(frozen=True)
class Planned:
    """What was read, and the plan that came of it."""

    read: Read
    plan: Plan


def reader(module: AnsibleModule) -> Callable[[], Read]:
    """Reads the files each time it is called, and Postfix's defaults once: those do not depend on the files."""
    directory = module.params["config_directory"]
    program = module.get_bin_path("postconf", opt_dirs=["/usr/sbin", "/usr/local/sbin"])
    defaults: Optional[Mapping[str, str]] = None

    def read() -> Read:
        nonlocal defaults
        promised = module.check_mode and program is None
        if not promised and not os.path.isdir(directory):
            raise PostfixRefusal(
                f"config_directory: {directory} is not a directory on this host; "
                + ("name Postfix's own" if program else "install Postfix first")
            )
        if program is not None and defaults is None:
            defaults = postconf.read_defaults(module.run_command, program, directory)
        main = files.read_state(os.path.join(directory, "main.cf"))
        master = files.read_state(os.path.join(directory, "master.cf"))
        return Read(main, master, Found(directory, _text(main), _text(master), defaults), promised)

    return read


def _text(state: FileState) -> Optional[str]:
    # Bytes that are no UTF-8 survive as they are.
    return None if state.content is None else state.content.decode("utf-8", "surrogateescape")


def write(module: AnsibleModule, planned: Planned) -> Dict[str, Any]:
    """Put changed files in place, main.cf first: services refer to its parameters, never the other way."""
    directory = module.params["config_directory"]
    backups: List[str] = []
    pairs = [("main.cf", planned.read.main, planned.plan.main), ("master.cf", planned.read.master, planned.plan.master)]
    for name, before, text in pairs:
        path = os.path.join(directory, name)
        content = None if text is None else text.encode("utf-8", "surrogateescape")
        if content is None or content == before.content:
            continue
        if before.content is None:
            files.write_state(path, replace(files.newborn(NEWBORN_MODE), content=content))
            continue
        if module.params["backup"]:
            backups.append(files.back_up(path, before))
        files.write_state(path, replace(before, content=content))
    return {"backup_files": backups} if backups else {}


def wish(params: Mapping[str, Any]) -> Wish:
    """The module's options as a wish. PostfixRefusal for a value that is no text, number, truth or list of these."""
    return Wish(
        main=_settings("main", params["main"]),
        append={name: _items(name, value) for name, value in params["main_append"].items()},
        absent=tuple(params["main_absent"]),
        services=tuple(_service(service) for service in params["services"]),
    )


def packaged(params: Mapping[str, Any]) -> Optional[Packaged]:
    """The option of that name; None where it was not given."""
    given = params["packaged"]
    if given is None:
        return None
    return Packaged(
        main=_settings("packaged: main", given["main"]),
        defaults=_settings("packaged: defaults", given["defaults"]),
        services=tuple(
            _service({**service, "command": service["command"] or service["name"]}) for service in given["services"]
        ),
    )


def hide_passwords(module: AnsibleModule, asked: Wish) -> None:
    """Keep passwords among the wishes out of what Ansible prints of the module's own options."""
    pairs = [*asked.main.items()] + [pair for service in asked.services for pair in service.options.items()]
    module.no_log_values.update(value for name, value in pairs if value and postfix.secret(name, value))


def _service(given: Mapping[str, Any]) -> ServiceWish:
    where = f"services: {given['name']}/{given['type']}: options"
    return ServiceWish(
        name=given["name"],
        type=given["type"],
        fields={name: given[name] for name in FIELDS if given[name] is not None},
        command=given["command"],
        options=_settings(where, given["options"]),
        options_absent=tuple(given["options_absent"]),
        present=given["state"] == "present",
    )


def _settings(where: str, given: Mapping[str, Any]) -> Dict[str, str]:
    return {str(name): _value(f"{where}: {name}", value) for name, value in given.items()}


def _items(name: str, value: Any) -> Tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    return tuple(_scalar(f"main_append: {name}", item) for item in given)


def _value(where: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_scalar(where, item) for item in value)
    return _scalar(where, value)


def _scalar(where: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (str, int)):
        return str(value).strip()
    raise PostfixRefusal(
        f"{where}: {'nothing' if value is None else type(value).__name__} is no value of Postfix's; "
        "give text, a number, true, false or a list of these"
        + (", '' for an empty value, or name the parameter in main_absent" if value is None else "")
    )
