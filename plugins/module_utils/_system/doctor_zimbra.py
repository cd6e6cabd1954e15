# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's section `zimbra`: what Zimbra is set to against what the role asks, and what its services run with.

Three of Zimbra's programs are started, of which one is zmprov; nothing is written but the file with zmprov's questions,
which is gone afterwards.
"""

from __future__ import annotations

import glob
import os
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .._domain import keytab, zimbra_sign_on
from .._domain.cas_unit import CasUnit
from .._domain.doctor_asked import Asked
from .._domain.enctype_list import read_enctype_list
from .._domain.principal import unparse
from .._domain.profile import decode, parse
from .._domain.profile_reading import first_by_path, readings
from .._domain.refusal import Refusal
from .._domain.zimbra_asked import MASK
from .._domain.zimbra_entries import Change, plan, state_from
from .._domain.zimbra_entries import readings as reads
from .._domain.zimbra_failures import check_read
from .._domain.zimbra_host import MAILBOX, MTA, STORES
from .._domain.zimbra_installed import MARKERS, Installed, report
from .._domain.zimbra_localconfig_file import LocalconfigRefusal
from .._domain.zimbra_services import Ask, Finding, Wish, judge
from .._domain.zimbra_services import wish_from as services_asked
from .._domain.zimbra_sign_on import Wishes
from .._domain.zimbra_wishes import wish_from
from .java_home import read_java
from .name_service import look_up
from .profile_files import IncludedFiles
from .zimbra_programs import ZimbraMissing, ZimbraPrograms
from .zimbra_running import check_host, look
from .zmlocalconfig import Localconfig
from .zmprov import Zmprov, mailboxd_answers

LONGEST = 60.0  # seconds for zmprov, which takes some ten on a busy host
LARGEST = 1024 * 1024  # bytes of a file that is read
JAVA = ("common/lib/jvm/java", "common/lib/jvm/*", "java")  # in releases of today, and before 8.7
PORTS: Mapping[str, Mapping[str, int]] = {
    "mailbox": {"imap_port": 7143, "pop3_port": 7110},
    "proxy": {"imap_port": 143, "pop3_port": 110},
    "mta": {"port": 587},
}


def gather(asked: Asked) -> Dict[str, Any]:
    """All of it. What could not be told has the word ``untested`` instead."""
    settings = asked.settings.get("zimbra") or {}
    wishes = wishes_from(settings)
    told: Dict[str, Any] = {"parts": list(wishes.parts), "hostname": wishes.hostname, "spnego": wishes.spnego}
    try:
        programs = ZimbraPrograms()
    except ZimbraMissing as missing:
        return {**told, "installed": False, "missing": str(missing)}
    installed = _installed(programs)
    found = report(installed, wishes.hostname)
    wishes = replace(wishes, keytab=wishes.keytab or found["localconfig"].get(zimbra_sign_on.KEYTAB_KEY, ""))
    paths = _keytabs(wishes, settings)
    return {
        **told,
        "installed": True,
        "release": found["release"],
        "services": found["services"],
        "problems": found["problems"],
        "localconfig": _localconfig(wishes, found) if installed.state is not None else {},
        "interface_name": found["localconfig"].get("krb5_service_principal_from_interface_address", ""),
        "directory": _directory(programs, installed, wishes, bool(settings.get("via_ldap"))),
        "running": _running(programs, wishes),
        "keytabs": [{"path": path, "readers": readers, **_keys(path)} for path, readers in paths.items()],
        "krb5_conf": _krb5_conf(settings.get("krb5_conf") or asked.krb5_conf),
        "java": _java(programs),
        "java_krb5": _java_krb5(settings.get("java_krb5", ""), wishes) if wishes.spnego else {},
    }


def wishes_from(settings: Mapping[str, Any]) -> Wishes:
    """What the role's variables ask for; the proxies' addresses are looked up here, as the role does it."""
    names = settings.get("proxies") or ()
    wished = dict(settings.get("wishes") or {})
    asked_for = names if wished.get("first") else ()
    seen = (address for name in asked_for for address in look_up(name).addresses)
    addresses = list(settings.get("proxy_addresses") or seen)
    return Wishes(**{**wished, "proxies": addresses, "proxied": bool(names)})


def _installed(programs: ZimbraPrograms) -> Installed:
    localconfig = Localconfig(programs)
    with localconfig.telling() as release_told:
        try:
            found = Installed(localconfig.path, state=localconfig.read())
        except LocalconfigRefusal as refusal:
            found = Installed(localconfig.path, state=None, unusable=str(refusal))
        release, line = release_told()
    there = [name for name, paths in MARKERS.items() if any(map(programs.installed, paths))]
    return replace(found, services=tuple(there), release=release, release_line=line)


def _localconfig(wishes: Wishes, found: Mapping[str, Any]) -> Dict[str, Dict[str, str]]:
    """The keys that hold something else than the role asks for: what they hold, and what they should."""
    held = found["localconfig"]
    differ = zimbra_sign_on.localconfig(wishes, held, bool(found["legacy"]))
    return {key: {"is": held.get(key) or "", "should": value} for key, value in differ.items()}


def _directory(programs: ZimbraPrograms, installed: Installed, wishes: Wishes, via_ldap: bool) -> Dict[str, Any]:
    """By one zmprov, the attributes that the role would change, and the entries that are not there."""
    if installed.state is None:
        return {"untested": installed.unusable}
    try:
        entries = zimbra_sign_on.entries(wishes, installed.legacy)
        wish = wish_from(entries, str(installed.release) if installed.release else "")
        read = reads(wish)
        zmprov = Zmprov(programs, via_ldap or not mailboxd_answers(), LONGEST)
        answer = zmprov.run([one.words for one in read])
        check_read(answer)
        state, missing = state_from(read, answer.blocks)
        there = tuple(one for one in wish.entries if one.key in state.entries)
        changes = plan(state, replace(wish, entries=there)).changes
    except Refusal as refusal:
        return {"untested": str(refusal)}
    absent = list(dict.fromkeys((one.type, one.name) for one in missing))
    return {
        "changes": [_change(one) for one in changes],
        "absent": [{"type": type_, "name": name} for type_, name in absent],
    }


def _change(one: Change) -> Dict[str, Any]:
    before, after = ([MASK] if one.asked.secret and values else list(values) for values in (one.before, one.after))
    return {"place": one.entry.place, "attribute": one.asked.name, "before": before, "after": after}


def _running(programs: ZimbraPrograms, wishes: Wishes) -> Dict[str, Any]:
    """By service, what of its ports and of its process is not as asked."""
    given = zimbra_sign_on.services(wishes)
    params: Dict[str, Any] = {"hostname": wishes.hostname, "pending": [], "timeout": 1}
    params["spnego"] = True if wishes.spnego and "mailbox" in given else None
    for service, ports in PORTS.items():
        params[service] = {**ports, "environment": {}, **given[service]} if service in given else None
    wish = services_asked(params)
    try:
        check_host(wish.host)
    except Refusal as refusal:
        return {ask.service: {"untested": str(refusal)} for ask in wish.asks}
    return {ask.service: _service(programs, ask, wish) for ask in wish.asks}


def _service(programs: ZimbraPrograms, ask: Ask, wish: Wish) -> Dict[str, Any]:
    try:
        running = look(programs, ask, wish)
    except Refusal as refusal:
        return {"untested": str(refusal)}
    if not running.installed:
        return {"installed": False}
    ports = replace(ask, environment={}, realm=None, spnego=None)
    process = replace(ask, gssapi={}, looks={}, mechanisms=(), myhostname="")
    return {
        "installed": True,
        "alive": running.alive,
        "faults": [f"{protocol.upper()}: {one.fault}" for protocol, one in running.offers.items() if one.fault],
        "ports": _findings(judge(ports, replace(running, environment=None, newer=())) if running.alive else ()),
        "process": _findings(judge(process, running) if running.alive else ()),
    }


def _findings(found: Any) -> List[Dict[str, str]]:
    listed: List[Finding] = list(found)
    return [{"before": one.before, "after": one.after} for one in listed]


def _keytabs(wishes: Wishes, settings: Mapping[str, Any]) -> Dict[str, List[str]]:
    """Each keytab with the parts of Zimbra that read it."""
    readers = {
        wishes.keytab: [part for part in STORES if part in wishes.parts],
        wishes.mta_keytab: [part for part in (MTA,) if part in wishes.parts],
        settings.get("web_keytab", ""): [MAILBOX] if wishes.spnego else [],
    }
    return {path: parts for path, parts in readers.items() if path and parts}


def _keys(path: str) -> Dict[str, Any]:
    """The numbers of the newest keys' encryption types in a keytab, by principal in the file's order; no keys."""
    try:
        with open(path, "rb") as stream:
            entries = keytab.parse(stream.read(LARGEST), path)
    except OSError as error:
        return {"untested": error.strerror or str(error)}
    except Refusal as refusal:
        return {"untested": str(refusal)}
    newest: Dict[str, int] = {}
    for entry in entries:
        name = unparse(entry.principal)
        newest[name] = max(newest.get(name, 0), entry.kvno)
    types = [entry.enctype for entry in entries if entry.kvno == newest[unparse(entry.principal)]]
    return {"enctypes": list(dict.fromkeys(types)), "all": sorted({entry.enctype for entry in entries})}


def _krb5_conf(path: str) -> Dict[str, Any]:
    """The lines with which files are included, and the encryption types that are permitted (None: all)."""
    try:
        with open(path, "rb") as stream:
            profile = parse(decode(stream.read(LARGEST), path), path)
    except OSError as error:
        return {"path": path, "untested": error.strerror or str(error)}
    except Refusal as refusal:
        return {"path": path, "untested": str(refusal)}
    included = IncludedFiles()
    read = first_by_path(readings(profile, path, included))
    permitted = read.get(("libdefaults", "permitted_enctypes"))
    return {
        "path": path,
        "includes": _includes(path),
        "permitted": list(read_enctype_list(permitted.value)[0]) if permitted else None,
    }


def _includes(path: str) -> List[str]:
    with open(path, encoding="utf-8", errors="replace") as stream:
        lines = [line.strip() for line in stream]
    return [line for line in lines if line.split(maxsplit=1)[:1] in (["include"], ["includedir"])]


def _java(programs: ZimbraPrograms) -> Dict[str, Any]:
    """Zimbra's own Java, and the longest key of AES that it works with; nothing where it has none."""
    folders = (folder for pattern in JAVA for folder in sorted(glob.glob(programs.path(pattern))))
    home = next((one for one in folders if os.path.isfile(os.path.join(one, "bin", "java"))), "")
    if not home:
        return {}
    java = read_java(home, CasUnit("", False))
    return {"home": java.home, "version": java.version, "aes": java.aes}


def _java_krb5(path: str, wishes: Wishes) -> Dict[str, Any]:
    """The realm's KDCs and the encryption types in the form of Java's krb5.ini."""
    found: Dict[Tuple[str, ...], Any] = {}
    try:
        with open(path, "rb") as stream:
            profile = parse(decode(stream.read(LARGEST), path), path)
        found = dict(first_by_path(readings(profile, path, IncludedFiles())))
    except OSError as error:
        return {"path": path, "untested": error.strerror or str(error)}
    except Refusal as refusal:
        return {"path": path, "untested": str(refusal)}
    listed: Sequence[str] = ("permitted_enctypes", "default_tkt_enctypes", "default_tgs_enctypes")
    lists = {name: found[("libdefaults", name)].value for name in listed if ("libdefaults", name) in found}
    types: Dict[str, List[int]] = {name: list(read_enctype_list(value)[0]) for name, value in lists.items()}
    kdc: Optional[Any] = found.get(("realms", wishes.realm, "kdc"))
    return {"path": path, "kdc": kdc.value if kdc else "", "enctypes": types}
