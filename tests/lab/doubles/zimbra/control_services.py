# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zmmailboxdctl, zmproxyctl, zmmtactl, zmconfigdctl and ldap: what they print, their exit codes, what they wait for.

zm-core-utils src/bin, zm-launcher zmmailboxdmgr.c. `norewrite` as last word: no request to zmconfigd.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from typing import Callable, Mapping, Sequence

from . import configrewrite, control, installation, mta, processes, proxy, spnego
from .control import say
from .installation import Installation

MAILBOXD_SECTIONS = ("sasl", "webxml", "mailbox", "service", "zimbra", "zimbraAdmin", "zimlet")  # zmtlsctl's
MTA_SECTIONS = ("antispam", "antivirus", "opendkim", "mta", "sasl")
USAGES = {
    "zmmailboxdctl": "zmmailboxdctl start|stop|restart|status",
    "zmproxyctl": "zmproxyctl start|stop|restart|reload|status",
    "zmmtactl": "zmmtactl start|stop|restart|reload|status",
    "zmconfigdctl": "zmconfigdctl start|stop|restart|reload|status",
    "ldap": "ldap start|stop|restart|status",
}


def norewrite(words: Sequence[str]) -> bool:
    return "norewrite" in words[1:]


def usage(program: str) -> int:
    say(USAGES[program])
    return 1


# mailboxd


def mailboxd(place: Installation, words: Sequence[str]) -> int:
    if not place.has("mailbox"):
        return 0
    action = words[0] if words else ""
    if action == "start":
        return start_mailboxd(place, words)
    if action == "stop":
        return stop_mailboxd(place)
    if action in ("restart", "reload"):
        stop_mailboxd(place)
        return start_mailboxd(place, words)
    if action == "status":
        up = bool(processes.running(place.pid_file("zmmailboxd_java")))
        say("mailboxd is running." if up else "mailboxd is not running.")
        return 0 if up else 1
    return usage("zmmailboxdctl")


def start_mailboxd(place: Installation, words: Sequence[str]) -> int:
    pid_file = place.pid_file("zmmailboxd_java")
    if processes.running(pid_file):
        say("mailboxd already running.")
        return 0
    options = spnego.options(place)  # before they are written anew: what was switched just now comes at the next start
    if not norewrite(words):
        configrewrite.rewrite(place, MAILBOXD_SECTIONS)
    say("Starting mailboxd...", end="")
    process = processes.background("mailbox", "main", *options, output=place.home / "log" / "zmmailboxd.out")
    ports = [installation.ADMIN_PORT, installation.LOOKUP_PORT]
    ports += [port for pair in installation.MAILBOX_PORTS.values() for port in pair]
    started = processes.start(process, pid_file, ports, 60)
    say("done." if started else "failed.")
    return 0 if started else 1


def stop_mailboxd(place: Installation) -> int:
    say("Stopping mailboxd...", end="")
    processes.stop(place.pid_file("zmmailboxd_java"), 60)
    say("done.")
    return 0


# The proxy


def nginx(place: Installation, words: Sequence[str]) -> int:
    if not control.is_zimbra():
        say("Error: must be run as zimbra user")
        return 1
    action = words[0] if words else ""
    if action == "start":
        return start_nginx(place, words)
    if action == "stop":
        return stop_nginx(place)
    if action == "restart":
        stop_nginx(place)
        return start_nginx(place, words)
    if action == "reload":
        if not processes.running(place.pid_file("nginx")):
            return 0
        stop_nginx(place)
        return start_nginx(place, words)
    if action == "status":
        up = bool(processes.running(place.pid_file("nginx")))
        if not up:
            say("zmnginxctl is not running")
        return 0 if up else 1
    return usage("zmproxyctl")


def start_nginx(place: Installation, words: Sequence[str]) -> int:
    pid_file = place.pid_file("nginx")
    if processes.running(pid_file):
        say("proxy is already running.")
        return 0
    if not norewrite(words):
        configrewrite.rewrite(place, ("proxy",))
    say("Starting proxy...", end="")
    if not proxy.complete(place):
        say("failed.")
        return 1
    process = processes.background("proxy", "main", output=place.home / "log" / "nginx.out", home=place.home)
    ports = [port for pair in installation.PROXY_PORTS.values() for port in pair]
    started = processes.start(process, pid_file, ports, 20)
    say("done." if started else "failed.")
    return 0 if started else 1


def stop_nginx(place: Installation) -> int:
    say("Stopping proxy...", end="")
    number = processes.running(place.pid_file("nginx"))
    if number:
        os.kill(number, signal.SIGTERM)
    # The vendor's program waits one second, which is enough for nginx without sessions, but not always for Dovecot.
    patience = 1 if place.told(proxy.LINGERS, 0) else 20
    ended = processes.wait(lambda: not processes.alive(number), patience)
    if ended:
        place.pid_file("nginx").unlink(missing_ok=True)
    say("done." if ended else "failed.")
    return 0 if ended else 1


# The MTA


def postfix(place: Installation, words: Sequence[str]) -> int:
    action = words[0] if words else ""
    if action in ("start", "restart", "reload") and not norewrite(words):
        say("Rewriting configuration files...", end="")
        configrewrite.rewrite(place, MTA_SECTIONS)
        say("done.")
    if action == "start":
        status = start_postfix(place)
        if status:
            say("postfix failed to start")
        return status
    if action == "stop":
        say("/postfix-script: stopping the Postfix mail system")
        processes.stop(mta.pid_file(place), 30, lambda dummy, sent: signal_postfix(place, sent))
        return 0
    if action in ("restart", "reload"):
        signal_postfix(place, signal.SIGHUP)
        return 0
    if action == "status":
        up = bool(processes.running(mta.pid_file(place)))
        if not up:
            say("postfix is not running")
        return 0 if up else 1
    return usage("zmmtactl")


def signal_postfix(place: Installation, number: int) -> None:
    words = processes.call("mta", "send", str(int(number)))
    subprocess.run([str(place.home / processes.PRIVILEGED), *words], check=False)


def start_postfix(place: Installation) -> int:
    pid_file = mta.pid_file(place)
    if processes.running(pid_file):
        return 0
    process = processes.background("mta", "main", output=place.home / "log" / "postfix.out", home=place.home)
    return 0 if processes.start(process, pid_file, installation.MTA_PORTS, 30) else 1


# zmconfigd


def configd(place: Installation, words: Sequence[str]) -> int:
    action = words[0] if words else ""
    if action == "start":
        return start_configd(place)
    if action == "stop":
        return stop_configd(place)
    if action in ("restart", "reload"):
        stop_configd(place)
        return start_configd(place)
    if action == "status":
        up = active()
        say("zmconfigd is running." if up else "zmconfigd is not running.")
        return 0 if up else 1
    return usage("zmconfigdctl")


def active() -> bool:
    """Whether zmconfigd answers on its port."""
    try:
        with socket.create_connection(("127.0.0.1", installation.CONFIGD_PORT), 2) as connection:
            connection.sendall(b"STATUS")
            return connection.recv(100) == b"SUCCESS ACTIVE"
    except OSError:
        return False


def start_configd(place: Installation) -> int:
    if active():
        say("zmconfigd is already running.")
        return 0
    say("Starting zmconfigd...", end="")
    process = processes.background("zmconfigd", "main", output=place.home / "log" / "zmconfigd.out")
    started = processes.start(process, place.pid_file("zmconfigd"), (), 30) and processes.wait(active, 60)
    say("done." if started else "failed.")
    return 0 if started else 1


def stop_configd(place: Installation) -> int:
    say("Stopping zmconfigd...", end="")
    processes.stop(place.pid_file("zmconfigd"), 30)
    say("done.")
    return 0


# The directory


def ldap(place: Installation, words: Sequence[str]) -> int:
    action, pid_file = words[0] if words else "", place.pid_file("slapd")
    if action in ("stop", "restart"):
        say(
            "Killing slapd with pid " + str(processes.running(pid_file))
            if processes.running(pid_file)
            else "slapd not running"
        )
        processes.stop(pid_file, 60)
    if action in ("start", "restart"):
        if processes.running(pid_file):
            return 0
        process = processes.background("slapd", "main", output=place.home / "log" / "slapd.out", home=place.home)
        started = processes.start(process, pid_file, (installation.LDAP_PORT,), 30)
        say("" if started else "Failed to start slapd.")
        return 0 if started else 1
    if action == "status":
        number = processes.running(pid_file)
        say(f"slapd running pid: {number}" if number else "slapd not running")
        return 0 if number else 1
    return 0 if action == "stop" else usage("ldap")


def memcached(*dummy: object) -> int:
    """nginx's cache of routes, which the double does not have: every login is looked up."""
    return 0


WORK: Mapping[str, Callable[[Installation, Sequence[str]], int]] = {
    "zmmailboxdctl": mailboxd,
    "zmproxyctl": nginx,
    "zmmtactl": postfix,
    "zmconfigdctl": configd,
    "ldap": ldap,
    "zmmemcachedctl": memcached,
}


def main(program: str, words: Sequence[str]) -> int:
    return control.logged(program, WORK[program], words)
