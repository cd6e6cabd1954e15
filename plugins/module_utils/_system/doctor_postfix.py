# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's section `postfix`: what Postfix is set to and what it offers, without any login.

Nothing is written: `postfix check` would make folders, so that its files are read instead.
"""

from __future__ import annotations

import glob
import os
import shutil
import socket
import stat
import subprocess
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from .._domain import cyrus_sasl, keytab, master_cf, postfix_effect
from .._domain.dialogue import GSSAPI
from .._domain.doctor_asked import Asked
from .._domain.postfix_line import PostfixRefusal
from .._domain.principal import unparse
from .._domain.proof import Service
from .._domain.refusal import Refusal
from . import postconf
from .zimbra_offer import offered
from .zimbra_running import process_of, processes

PLACES = "/usr/sbin:/usr/local/sbin:/usr/bin:/sbin:/bin"
PATIENCE = 5.0  # seconds for each answer
LONGEST = 30  # seconds for postconf
LARGEST = 1024 * 1024  # bytes of a file that is read
# Where libsasl2 looks for its mechanisms, and for smtpd.conf where cyrus_sasl_config_path names no folder
PLUGINS = ("/usr/lib/sasl2", "/usr/lib64/sasl2", "/usr/lib/*/sasl2", "/usr/local/lib/sasl2")
CONFIGURATIONS = ("/etc/postfix/sasl", "/etc/sasl2", "/usr/lib/sasl2", "/usr/lib64/sasl2")
DEFAULT_KEYTAB = "/etc/krb5.keytab"
KERBEROS = "KRB5"  # the variables of the environment that count here begin so


def gather(asked: Asked) -> Dict[str, Any]:
    """All of it; ``refused`` says why Postfix cannot read its own files."""
    told = {"settings": dict(asked.settings.get("postfix") or {})}
    program = shutil.which("postconf", path=PLACES)
    if program is None:
        return {**told, "installed": False}
    try:
        folder = _run([program, "-h", "config_directory"]).strip()
        services = list(master_cf.services(_text(os.path.join(folder, "master.cf"))))
        main = postconf.parse(_run([program, "-x"]))
        overrides = postfix_effect.overrides(_run([program, "-P", "-x"]))
    except (PostfixRefusal, postconf.PostconfRefusal) as refusal:
        return {**told, "installed": True, "refused": str(refusal)}
    servers = postfix_effect.servers(services, main, overrides, _port)
    sasl = _sasl(main)
    jail = main["queue_directory"]
    keytab_path, source = _keytab(sasl, main)
    return {
        **told,
        "installed": True,
        "refused": "",
        "running": _master(jail),
        "main": postfix_effect.shown(main),
        "servers": [{**server, "offer": _offer(asked.host, main, server)} for server in servers],
        "sasl": sasl,
        "plugins": _plugins(),
        "keytab": {"path": keytab_path, "source": source, "exists": os.path.isfile(keytab_path)},
        "jail": _jail(jail, keytab_path),
        "files": {path: os.path.isfile(path) for path in postfix_effect.certificates(main)},
        "environment": _environment(jail, main),
        "relay": _relay(services, main, told["settings"]),
        "dovecot": _dovecot(jail, main),
    }


def _run(argv: List[str]) -> str:
    try:
        done = subprocess.run(  # pylint: disable=ansible-bad-function  # this floor knows no AnsibleModule
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=LONGEST, check=False, env=_english()
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise postconf.PostconfRefusal(f"{argv[0]}: does not run ({error}); see that Postfix is whole") from None
    complaint = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if done.returncode != 0:
        why = complaint[-1] if complaint else f"exit status {done.returncode}"
        raise postconf.PostconfRefusal(f"{argv[0]}: could not read Postfix's settings ({why}); correct what it names")
    return done.stdout.decode("utf-8", "surrogateescape")


def _english() -> Dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}


def _port(name: str) -> int:
    """The port of a service's name; 0 for one that this host does not know."""
    try:
        return int(name) if name.isdigit() else socket.getservbyname(name, "tcp")
    except OSError:
        return 0


def _master(queue: str) -> bool:
    found = process_of(os.path.join(queue, "pid", "master.pid"))
    return found is not None and _text(f"/proc/{found.pid}/comm").strip() == "master"


def _offer(host: str, main: Mapping[str, str], server: Mapping[str, Any]) -> Dict[str, Any]:
    """What is offered before and under TLS, each None where nobody told; ``fault`` says why."""
    where = postfix_effect.address(server["address"], main.get("inet_interfaces", ""), host)
    ways = ("implicit",) if server["wrapped"] else ("none", "starttls")
    said = {tls: _offered(where, server["port"], tls) for tls in ways}
    faults = [fault for mechanisms, fault in said.values() if fault]
    under = said.get("starttls") or said["implicit"]
    clear = said["none"][0] if "none" in said else None
    return {"host": where, "clear": clear, "tls": under[0], "fault": faults[0] if faults else ""}


def _offered(host: str, port: int, tls: str) -> Tuple[Optional[List[str]], str]:
    found, dummy = offered(Service("smtp", host, port, tls, validate_certs=False, timeout=PATIENCE))
    return (None if found.mechanisms is None else list(found.mechanisms)), found.fault


def _sasl(main: Mapping[str, str]) -> Dict[str, Any]:
    """smtpd.conf as Cyrus SASL finds it; options with passwords are left out."""
    named = [one for one in main.get("cyrus_sasl_config_path", "").split(":") if one]
    name = (main.get("smtpd_sasl_path") or "smtpd") + ".conf"
    places = [os.path.join(folder, name) for folder in named or CONFIGURATIONS]
    path = next((one for one in places if os.path.isfile(one)), places[0])
    content = _text(path)
    options = {key: value for key, value in cyrus_sasl.options(content) if not cyrus_sasl.secret(key)}
    refused = ""
    try:
        cyrus_sasl.plan(path, content.encode("utf-8", "surrogateescape"), {}, ())
    except Refusal as refusal:
        refused = str(refusal)
    return {"path": path, "exists": os.path.isfile(path), "options": options, "refused": refused}


def _plugins() -> List[str]:
    """The names of the mechanisms' libraries: `gssapiv2` of libgssapiv2.so."""
    found = (name for folder in PLUGINS for name in glob.glob(os.path.join(folder, "lib*.so*")))
    return sorted({os.path.basename(path)[3:].partition(".so")[0] for path in found if os.path.exists(path)})


def _keytab(sasl: Mapping[str, Any], main: Mapping[str, str]) -> Tuple[str, str]:
    """The keytab from which the server takes its key, and what names it."""
    given = sasl["options"].get("keytab")
    if given:
        return given, sasl["path"]
    named = postfix_effect.variables(main.get("import_environment", "")).get("KRB5_KTNAME", "")
    if named:
        return named.rpartition("FILE:")[2], "import_environment"
    return DEFAULT_KEYTAB, "Kerberos's default"


def _jail(jail: str, keytab_path: str) -> Dict[str, Any]:
    """What servers in a chroot find of what they need."""
    replay = os.path.join(jail, "var/tmp")
    return {
        "path": jail,
        "keytab": os.path.isfile(f"{jail}{keytab_path}"),
        "krb5_conf": os.path.isfile(os.path.join(jail, "etc/krb5.conf")),
        "replay": os.path.isdir(replay) and bool(os.stat(replay).st_mode & stat.S_IWOTH),
    }


def _environment(queue: str, main: Mapping[str, str]) -> Dict[str, Any]:
    """The variables of Kerberos that main.cf gives to the servers, and those with which one of them runs.

    ``running`` is None where no server may be looked at, as in containers without CAP_SYS_PTRACE.
    """
    wanted = postfix_effect.variables(main.get("import_environment", ""))
    kerberos = {name: value for name, value in wanted.items() if name.startswith(KERBEROS)}
    return {"wanted": kerberos, "running": _running_environment(queue)}


def _running_environment(queue: str) -> Optional[Dict[str, str]]:
    master = process_of(os.path.join(queue, "pid", "master.pid"))
    if master is None:
        return None
    for child, parent, dummy in processes():
        if parent != master.pid:
            continue
        try:
            with open(f"/proc/{child}/environ", "rb") as stream:
                entries = stream.read().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        pairs = (entry.partition("=") for entry in entries if entry.startswith(KERBEROS))
        return {name: value for name, dummy, value in pairs}
    return None


def _relay(
    services: Iterable[master_cf.Service], main: Mapping[str, str], settings: Mapping[str, Any]
) -> Dict[str, Any]:
    """How Postfix logs in to its relay; nothing where the role's variables name none."""
    if not settings.get("relay"):
        return {}
    path = settings.get("relay_keytab", "")
    clients = [one for one in services if one.key in ("smtp/unix", "relay/unix")]
    return {
        "keytab": path,
        "exists": os.path.isfile(path),
        "principals": _principals(path),
        "jailed": [one.key for one in clients if postfix_effect.jailed(one, main)],
    }


def _principals(path: str) -> List[str]:
    """The principals of a keytab in its order; none of one that cannot be read."""
    try:
        with open(path, "rb") as stream:
            entries = keytab.parse(stream.read(LARGEST), path)
    except (OSError, Refusal):
        return []
    return list(dict.fromkeys(unparse(entry.principal) for entry in entries))


def _dovecot(queue: str, main: Mapping[str, str]) -> Dict[str, Any]:
    """What Dovecot offers on the socket on which Postfix asks it; nothing for another kind of SASL.

    It names its mechanisms as soon as somebody connects (Dovecot's design document of its authentication protocol).
    """
    if main.get("smtpd_sasl_type") != "dovecot":
        return {}
    path = os.path.join(queue, main.get("smtpd_sasl_path", ""))
    said = b""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(PATIENCE)
            link.connect(path)
            while b"\nDONE" not in said and len(said) < LARGEST:
                more = link.recv(65536)
                if not more:
                    break
                said += more
    except OSError as error:
        fault = error.strerror or str(error)
        return {"path": path, "mechanisms": None, "fault": fault}
    lines = said.decode("utf-8", "replace").splitlines()
    mechanisms = sorted(line.split("\t")[1].upper() for line in lines if line.startswith("MECH\t"))
    return {"path": path, "mechanisms": mechanisms, "fault": "", "gssapi": GSSAPI in mechanisms}


def _text(path: str) -> str:
    """The file's text; nothing where it is not there, or may not be read."""
    try:
        with open(path, "rb") as stream:
            return stream.read(LARGEST).decode("utf-8", "surrogateescape")
    except OSError:
        return ""
