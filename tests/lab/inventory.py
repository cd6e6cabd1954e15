# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible is given: inventory, secrets, settings, environment."""

from __future__ import annotations

import ipaddress
import json
import os
import pathlib
import re
import secrets
import string
import tempfile

from . import fleet, images
from .state import State, write

TEMPLATES = pathlib.Path(__file__).parent / "templates"
# Whose passwords a lab makes, by site.
PASSWORDS = {
    fleet.MIT.name: ("alice", "master"),
    fleet.AD.name: ("alice", "probe", "reader", "joiner", "axigen"),
    fleet.ZIMBRA.name: ("alice", "bob", "trust", "master"),
    fleet.CAS.name: ("alice", "master"),
}
PASSWORD = re.compile(r"^lab_(?P<name>\w+)_password: (?P<password>\S+)$", re.MULTILINE)
# A domain's policy asks for three kinds of characters. They come first, for a password in argv that begins with `-`,
# as one in 64 of `token_urlsafe` does, is an option to the program that gets it.
KINDS = "Aa1-"
# sun_path holds 108 bytes (unix(7)); Ansible's name and ssh's temporary suffix take 30 of them.
LONGEST_SOCKET_FOLDER = 76


def ensure(state: State, subnet: ipaddress.IPv4Network) -> None:
    """Writes everything that `ansible-playbook` needs to reach the hosts of the lab."""
    home = state.home
    paths = {
        "inventory": str(home / "inventory.yml"),
        "known_hosts": str(home / "ssh" / "known_hosts"),
        "control_paths": str(control_folder(state)),
        "collections": str(pathlib.Path(state.lab.checkout) / ".cache" / "collections"),
    }
    site = state.site
    write(home / "inventory.yml", of(state, site, subnet))
    write(home / "ansible.cfg", _render("ansible.cfg", **paths))
    _ensure_passwords(state)
    write(state.environment, json.dumps(environment(state), indent=2) + "\n")


def of(state: State, site: fleet.Site, subnet: ipaddress.IPv4Network) -> str:
    """The inventory of a site, or of those of its hosts that another one of the same addresses has."""
    names = {"realm": site.realm, "domain": site.domain, "groups": groups(site, subnet)}
    login_key = str(state.home / "ssh" / "id_ed25519")
    return _render(f"{site.name}/inventory.yml", **names, **cas_page(), login_key=login_key)


def cas_page() -> dict[str, str]:
    """The page on which CAS takes tickets, and whether its archive must hold the module for that.

    A site's own archive has the module. The published ones have not: there it is the lab's endpoint.
    """
    own = images.own_war() is not None
    return {"cas_page": "/cas/login" if own else "/cas/negotiate", "cas_module": str(own).lower()}


def _ensure_passwords(state: State) -> None:
    """Makes the passwords that are not there yet, and gives each host those that it takes over at its start."""
    made = {name: f"{KINDS}{secrets.token_urlsafe(18)}" for name in PASSWORDS[state.site.name]}
    known = {**made, **passwords(state)}
    lines = ["# Throw-away passwords of this lab, made once at random."]
    lines += [f"lab_{name}_password: {password}" for name, password in known.items()]
    write(_secrets(state), "\n".join(lines) + "\n", mode=0o600)
    for host in state.site.hosts:
        if host.passwords:
            told = {name: known[name] for name in host.passwords}
            write(state.private(host.name) / "passwords.json", json.dumps(told) + "\n", mode=0o600)


def passwords(state: State) -> dict[str, str]:
    """The passwords of this lab that have been made, by whose they are."""
    text = _secrets(state).read_text() if _secrets(state).exists() else ""
    return {found["name"]: found["password"] for found in PASSWORD.finditer(text)}


def _secrets(state: State) -> pathlib.Path:
    return state.home / "group_vars" / "all" / "secrets.yml"


def groups(site: fleet.Site, subnet: ipaddress.IPv4Network) -> str:
    """The inventory's groups, as YAML below `children:`."""
    lines: list[str] = []
    for group in dict.fromkeys(host.group for host in site.managed):
        members = site.members(group)
        lines += [f"    {group}:", "      hosts:"]
        for host in members:
            lines += [f"        {host.fqdn}:", f"          ansible_host: {host.address(subnet)}"]
            lines += [f"          {name}: {value}" for name, value in host.variables]
        if any(host.alias for host in members):
            lines += ["      vars:", f"        kerberos_aliases: [{site.alias}]"]
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
