# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at what Zimbra's services on this host really run with: ports, processes, and the files that they read."""

from __future__ import annotations

import contextlib
import glob
import ipaddress
import os
import socket
import time
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from .._domain.proof import LoginRefusal, Service
from .._domain.zimbra_offer import Process, Running, realms_in, runs_spnego, variables
from .._domain.zimbra_services import Ask, Wish
from .connection import connected
from .zimbra_offer import PATIENCE, offer_of
from .zimbra_programs import ZimbraPrograms, ZimbraRefusal

# What a package leaves, in releases of today and before 8.7
MARKERS = {
    "mailbox": ("jetty_base", "jetty"),
    "proxy": ("common/sbin/nginx", "nginx/sbin/nginx"),
    "mta": ("common/sbin/postconf", "postfix/sbin/postconf"),
}
# Of the launcher (zm-launcher src/zmmailboxdmgr.c) and of nginx (zmproxyctl); Postfix keeps its own in its queue
PID_FILES = {"mailbox": "log/zmmailboxd_java.pid", "proxy": "log/nginx.pid"}
PROXY_FILES = ("conf/nginx.conf", "conf/nginx/includes/*")
SPNEGO_OPTIONS = "conf/spnego_java_options"
SPNEGO_PROFILE = "jetty_base/etc/krb5.ini.in"  # from which krb5.ini is made at a start of mailboxd
STEP = 0.1  # seconds between two looks for a process of smtpd
ODD = 1.0  # seconds by which a file's time and a process's start may differ without meaning anything


def check_host(host: str) -> None:
    """ZimbraRefusal where the name does not lead to this host: another one's services would be judged."""
    try:
        addresses = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ZimbraRefusal(
            f"hostname '{host}': has no address here; correct it, or enter the name in /etc/hosts"
        ) from None
    for family, kind, _protocol, _name, address in addresses:
        if not _own(family, kind, address):
            raise ZimbraRefusal(
                f"hostname '{host}': leads to {address[0]}, which is no address of this host; name the server "
                "itself, not a load balancer"
            )


def _own(family: int, kind: int, address: Tuple[Any, ...]) -> bool:
    if ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
        return True
    try:
        with contextlib.closing(socket.socket(family, kind)) as own:
            own.bind(address)
    except OSError:
        return False
    return True


def look(programs: ZimbraPrograms, ask: Ask, wish: Wish) -> Running:
    """One service as it runs, as far as is asked for."""
    marker = _marker(programs, ask.service)
    if not marker:
        return Running(installed=False)
    offers = {protocol: offer_of(protocol, wish.host, port) for protocol, port in ask.looks.items()}
    if ask.service == "mta":
        return _mta(programs, marker, wish.host, ask, Running(True, offers))
    process = process_of(programs.path(PID_FILES[ask.service]))
    if ask.service == "proxy":
        if ask.realm is None:
            return Running(True, offers, process)
        files = {path: realms_in(_text(path)) for path in _files(programs, PROXY_FILES)}
        realms = tuple(dict.fromkeys(realm for found in files.values() for realm in found))
        began = min((one.started for one in _workers(process)), default=None)
        newer = _newer([path for path, found in files.items() if found], began)
        return Running(True, offers, process, realms=realms if files else None, newer=newer)
    if ask.spnego is None or process is None:
        return Running(True, offers, process)
    profile = _files(programs, (SPNEGO_PROFILE,)) if ask.spnego else []
    return Running(
        True,
        offers,
        process,
        newer=_newer(profile, process.started),
        spnego=runs_spnego(_arguments(process.pid), _text(programs.path(SPNEGO_OPTIONS)), ask.spnego),
    )


def process_of(pid_file: str) -> Optional[Process]:
    """The process that a pid file names; None where it is gone, or there is no such file."""
    try:
        return _process(int(_text(pid_file).split()[0]))
    except (IndexError, ValueError):
        return None


def _mta(programs: ZimbraPrograms, postconf: str, host: str, ask: Ask, seen: Running) -> Running:
    queue = programs.run(postconf, "-h", "queue_directory").stdout.strip()
    process = process_of(os.path.join(queue, "pid", "master.pid")) if queue else None
    if process is None or not ask.environment:
        return Running(True, seen.offers, process)
    found = _smtpd_environment(process.pid, host, ask)
    return Running(True, seen.offers, process, environment=found)


def _smtpd_environment(master: int, host: str, ask: Ask) -> Optional[Dict[str, str]]:
    """Of a process of smtpd, which has it from its master; None where none answers.

    A session is held for it: an idle smtpd ends by itself after a while (max_idle, max_use).
    """
    give_up = time.monotonic() + PATIENCE
    service = Service("smtp", host, ask.looks["smtp"], "none", timeout=PATIENCE)
    with contextlib.suppress(LoginRefusal), connected(service) as link:
        link.read_line()
        while time.monotonic() < give_up:
            found = _environment_of_child(master, "smtpd", tuple(ask.environment))
            if found is not None:
                link.say(b"QUIT")
                return found
            time.sleep(STEP)
    return None


def _environment_of_child(parent: int, name: str, variable_names: Sequence[str]) -> Optional[Dict[str, str]]:
    for pid, its_parent, its_name in processes():
        if its_parent == parent and its_name == name:
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    return variables(file.read(), variable_names)
            except PermissionError:
                raise ZimbraRefusal(
                    f"/proc/{pid}/environ: the environment of Postfix's {name} may not be read; set become: true"
                ) from None
            except OSError:
                continue  # it has ended meanwhile
    return None


def _workers(master: Optional[Process]) -> List[Process]:
    """The proxy's processes that serve, as old as its last start or reload; not those that only end their sessions."""
    if master is None:
        return []
    children = [pid for pid, parent, dummy in processes() if parent == master.pid]
    serving = [pid for pid in children if "shutting down" not in " ".join(_arguments(pid))]
    return [found for found in map(_process, serving) if found] or [master]


def processes() -> Iterator[Tuple[int, int, str]]:
    """Every process: its number, its parent's, its name (proc(5), /proc/PID/stat)."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            stat = _text(f"/proc/{entry}/stat")
            head, found, tail = stat.rpartition(")")
            if found:
                yield int(entry), int(tail.split()[1]), head.partition("(")[2]


def _process(pid: int) -> Optional[Process]:
    tail = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(tail) < 20 or tail[0] in ("Z", "X"):
        return None
    # Field 22: clock ticks between the machine's start and the process's
    ticks = int(tail[19])
    since = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return Process(pid, ticks, time.time() - since)


def _arguments(pid: int) -> List[str]:
    return _text(f"/proc/{pid}/cmdline").split("\0")


def _marker(programs: ZimbraPrograms, service: str) -> str:
    return next((marker for marker in MARKERS[service] if programs.installed(marker)), "")


def _files(programs: ZimbraPrograms, patterns: Sequence[str]) -> List[str]:
    return sorted(path for pattern in patterns for path in glob.glob(programs.path(pattern)) if os.path.isfile(path))


def _newer(paths: Sequence[str], began: Optional[float]) -> Tuple[str, ...]:
    if began is None:
        return ()
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            if os.stat(path).st_mtime > began + ODD:
                found.append(path)
    return tuple(found)


def _text(path: str) -> str:
    """The file's text; nothing where it is not there (any more)."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""
