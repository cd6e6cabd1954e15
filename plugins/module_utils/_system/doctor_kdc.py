# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KDC as it runs on this host: its units, ports and files, and how a replica gets its database."""

from __future__ import annotations

import os
import stat
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .._domain.doctor_asked import Asked
from .._domain.listening import listening
from .configured_realms import KDC_CONF, relations
from .files import owner_name, read_state
from .systemctl import read, shown

# By what runs in it, the unit's name on Debian, Red Hat and SUSE
UNITS: Mapping[str, Tuple[str, ...]] = {
    "kdc": ("krb5-kdc", "krb5kdc"),
    "admin": ("krb5-admin-server", "kadmin", "kadmind"),
    "receiver": ("krb5-kpropd", "kprop", "kpropd"),
}
TABLES = (("tcp", "/proc/net/tcp"), ("tcp", "/proc/net/tcp6"), ("udp", "/proc/net/udp"), ("udp", "/proc/net/udp6"))
KDC_PORT, ADMIN_PORT, RECEIVER_PORT = 88, 749, 754
RECEIVED = "from_master"  # beside the database: what kpropd received last (kprop.h)
SENT = "propagation"  # beside the database: where the role kdc lets kprop send from


def gather(asked: Asked) -> Dict[str, Any]:
    """``units``: None where no such unit is installed. ``ports``: those that the configuration names, and whether
    somebody listens. ``age``: seconds since a replica's database was received, None on a primary."""
    found = relations()
    realm = ("realms", asked.realm)
    settings = asked.settings.get("kdc") or asked.settings.get("kdc_replica") or {}
    database = found.get((*realm, "database_name"), "")
    sent = str(settings.get("propagation_folder") or os.path.join(os.path.dirname(database), SENT))
    return {
        "units": {name: _unit(names) for name, names in UNITS.items()},
        "ports": _ports(found, realm, asked.products),
        "stash": _file(found.get((*realm, "key_stash_file"), "")),
        "acl": _file(found.get((*realm, "acl_file"), "")),
        "enctypes": found.get((*realm, "supported_enctypes"), ""),
        "wanted_enctypes": list(settings.get("enctypes") or ()),
        "logs": _logs(found),
        "interval": str(settings.get("propagation_interval", "")),
        "age": _age(os.path.join(os.path.dirname(database), RECEIVED)) if "kdc_replica" in asked.products else None,
        "senders": _senders(),
        "wanted_sender": str(settings.get("primary_principal", "")),
        "replicas": _sent(sent, settings.get("replicas") or ()) if "kdc" in asked.products else {},
    }


def _unit(names: Sequence[str]) -> Optional[Dict[str, Any]]:
    for name in names:
        state = read(name)
        if state.installed:
            return {"name": state.name, "running": state.running, "enabled": state.enabled, "masked": state.masked}
    return None


def _ports(
    found: Mapping[Tuple[str, ...], str], realm: Tuple[str, str], products: Sequence[str]
) -> List[Dict[str, Any]]:
    """kdc.conf(5): the realm's own ports, else the defaults for all realms; of each name the newer spelling first."""
    # without IPv6 the kernel has no table of it
    tables = [(protocol, (read_state(path).content or b"").decode("ascii", "replace")) for protocol, path in TABLES]
    open_ones = listening(tables)
    wanted: List[Tuple[str, str, int]] = []
    for protocol, old, new in (("udp", "kdc_ports", "kdc_listen"), ("tcp", "kdc_tcp_ports", "kdc_tcp_listen")):
        places = [(*realm, new), (*realm, old), ("kdcdefaults", new), ("kdcdefaults", old)]
        text = next((found[place] for place in places if place in found), str(KDC_PORT))
        wanted += [("kdc", protocol, port) for port in _numbers(text)]
    if "kdc" in products:
        admin = found.get((*realm, "kadmind_port"), str(ADMIN_PORT))
        wanted += [("admin", "tcp", port) for port in _numbers(admin)]
    else:
        wanted.append(("receiver", "tcp", RECEIVER_PORT))
    return [
        {"of": name, "protocol": protocol, "port": port, "open": (protocol, port) in open_ones}
        for name, protocol, port in dict.fromkeys(wanted)
    ]


def _numbers(text: str) -> List[int]:
    """The ports of a list of ports, or of addresses with ports; 0 turns a list off (kdc.conf(5))."""
    words = [word.rpartition(":")[2] for word in text.replace(",", " ").split()]
    return [int(word) for word in words if word.isdigit() and int(word)]


def _file(path: str) -> Dict[str, Any]:
    """A file's attributes, never its content."""
    if not path:
        return {"path": "", "exists": None}
    try:
        status = os.stat(path)
    except OSError as error:
        return {"path": path, "exists": False, "said": error.strerror}
    mode = stat.S_IMODE(status.st_mode)
    return {
        "path": path,
        "exists": True,
        "owner": owner_name(status.st_uid),
        "mode": f"{mode:04o}",
        "size": status.st_size,
    }


def _logs(found: Mapping[Tuple[str, ...], str]) -> List[Dict[str, Any]]:
    """The files that the programs are to log to, with why they cannot; what systemd lets a unit write counts too."""
    told = []
    for part, names in (("kdc", UNITS["kdc"]), ("admin_server", UNITS["admin"])):
        kind, dummy, path = found.get(("logging", part), found.get(("logging", "default"), "")).partition(":")
        unit = next((one for one in map(read, names) if one.installed), None)
        if kind == "FILE" and path and unit is not None:
            lines = shown(unit.name, ["ReadOnlyPaths", "ReadWritePaths"]).splitlines()
            paths = {name: value.split() for name, dummy, value in (line.partition("=") for line in lines)}
            told.append({"path": path, "unit": unit.name, "fault": _unwritable(path, paths)})
    return told


def _unwritable(path: str, paths: Mapping[str, Sequence[str]]) -> str:
    """``paths``: the unit's ReadOnlyPaths and ReadWritePaths (systemd.exec(5)), of which the longest counts."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        return f"the folder {folder} is not there"
    longest = {
        kind: max((len(one.lstrip("-+")) for one in listed if _within(path, one.lstrip("-+"))), default=0)
        for kind, listed in paths.items()
    }
    hidden = longest.get("ReadOnlyPaths", 0) > longest.get("ReadWritePaths", 0)
    return "systemd lets the unit write there nothing (ReadOnlyPaths, ReadWritePaths)" if hidden else ""


def _within(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _age(path: str) -> Optional[int]:
    try:
        return int(time.time() - os.stat(path).st_mtime)
    except OSError:
        return None


def _senders() -> Optional[List[str]]:
    """Who may send this host a database: kpropd.acl beside kdc.conf (kpropd(8)); None where there is no such file."""
    for folder in map(os.path.dirname, KDC_CONF):
        content = read_state(os.path.join(folder, "kpropd.acl")).content
        if content is not None:
            return [line.strip() for line in content.decode("utf-8", "replace").splitlines() if line.strip()]
    return None


def _sent(folder: str, replicas: Sequence[str]) -> Dict[str, Optional[int]]:
    """Seconds since the database was last sent to each replica, None where it never was."""
    return {name: _age(os.path.join(folder, f"database.{name}.last_prop")) for name in replicas}
