# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible is given: inventory, secrets, settings, environment."""

from __future__ import annotations

import ipaddress
import json
import os
import pathlib
import secrets
import string
import tempfile

from . import fleet
from .state import State, write

TEMPLATES = pathlib.Path(__file__).parent / "templates"
# sun_path holds 108 bytes (unix(7)); Ansible's name and ssh's temporary suffix take 30 of them.
LONGEST_SOCKET_FOLDER = 76


def ensure(state: State, subnet: ipaddress.IPv4Network) -> None:
    """Writes everything that `ansible-playbook` needs to reach the hosts of the lab."""
    home = state.home
    paths = {
        "inventory": str(home / "inventory.yml"),
        "login_key": str(home / "ssh" / "id_ed25519"),
        "known_hosts": str(home / "ssh" / "known_hosts"),
        "control_paths": str(control_folder(state)),
        "collections": str(pathlib.Path(state.lab.checkout) / ".cache" / "collections"),
    }
    names = {"realm": fleet.REALM, "domain": fleet.DOMAIN, "groups": groups(subnet)}
    write(home / "inventory.yml", _render("inventory.yml", **names, **paths))
    write(home / "ansible.cfg", _render("ansible.cfg", **paths))
    confidential = home / "group_vars" / "all" / "secrets.yml"
    if not confidential.exists():
        made = {"alice": secrets.token_urlsafe(15), "master": secrets.token_urlsafe(24)}
        write(confidential, _render("secrets.yml", **made), mode=0o600)
    write(state.environment, json.dumps(environment(state), indent=2) + "\n")


def groups(subnet: ipaddress.IPv4Network) -> str:
    """The inventory's groups, as YAML below `children:`."""
    lines: list[str] = []
    for group in dict.fromkeys(host.group for host in fleet.HOSTS):
        members = [host for host in fleet.HOSTS if host.group == group]
        lines += [f"    {group}:", "      hosts:"]
        for host in members:
            lines += [f"        {host.fqdn}:", f"          ansible_host: {host.address(subnet)}"]
        if any(host.alias for host in members):
            lines += ["      vars:", f"        kerberos_aliases: [{fleet.ALIAS}]"]
    return "\n".join(lines)


def environment(state: State) -> dict[str, str]:
    """The environment for Ansible: its settings of this lab, its files below `.cache`, its programs from the venv."""
    cache = pathlib.Path(state.lab.checkout) / ".cache"
    programs = os.environ.get("LAB_VENV") or str(cache / "venv")
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(cache / "collections"),
        "ANSIBLE_CONFIG": str(state.home / "ansible.cfg"),
        "ANSIBLE_HOME": str(cache / "ansible-home"),
        "ANSIBLE_INVENTORY": str(state.home / "inventory.yml"),
        "LAB": state.lab.instance,
        "LC_ALL": "C.UTF-8",
        "PATH": f"{programs}/bin{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def control_folder(state: State) -> pathlib.Path:
    """Where ssh keeps its sockets: in the lab, or among the temporary files where that path is too long for one."""
    folder = state.home / "cp"
    if len(str(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    return pathlib.Path(tempfile.gettempdir()) / f"{state.lab.prefix}-cp-{os.geteuid()}"


def _render(name: str, **values: str) -> str:
    return string.Template((TEMPLATES / f"{name}.in").read_text()).substitute(values)
