# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a host gets the double: a shell script that leaves what the vendor's package and its first set-up would leave.

    script("ad.example.test", ["alice"])     # for /bin/sh, as root, on a Debian that has PACKAGES

/opt/axigen/bin/axigen, the user and group axigen, /etc/init.d/axigen (started at boot), /var/opt/axigen with a
configuration as shipped. The administrator's password is set afterwards: `/opt/axigen/bin/axigen -A PASSWORD`.
"""

from __future__ import annotations

import json
import pathlib
import shlex
from typing import Sequence

from . import catalogue, cfg

# The real servers that the double drives. Their own units are masked: only the double starts them.
PACKAGES = (
    "dovecot-core",
    "dovecot-gssapi",
    "dovecot-imapd",
    "dovecot-pop3d",
    "iproute2",
    "libsasl2-modules",
    "libsasl2-modules-gssapi-mit",
    "openssl",
    "postfix",
    "python3",
    "python3-gssapi",
)
MASKED = ("dovecot.service", "dovecot.socket", "postfix.service", "postfix@.service")
HERE = pathlib.Path(__file__).resolve().parent
LIBRARY = "/opt/axigen/lib/axigen_double"
PROGRAM = """\
#!/usr/bin/python3 -I
import sys

sys.path.insert(0, "/opt/axigen/lib")
from axigen_double.daemon import main

sys.exit(main(sys.argv[1:]))
"""
# The environment of the unit that systemd makes of this script, drop-ins included, reaches the daemon.
INIT = """\
#!/bin/sh
### BEGIN INIT INFO
# Provides:          axigen
# Required-Start:    $remote_fs $network $named
# Required-Stop:     $remote_fs $network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: Axigen mail server (a double of the lab)
### END INIT INFO
daemon=/opt/axigen/bin/axigen
pid=/var/opt/axigen/run/axigen.pid
case $1 in
start)
    [ -s $pid ] && kill -0 "$(cat $pid)" 2>/dev/null && exit 0
    exec $daemon -C /var/opt/axigen/run/axigen.cfg -W /var/opt/axigen -P $pid
    ;;
stop)
    [ -s $pid ] || exit 0
    number=$(cat $pid)
    kill "$number" 2>/dev/null
    tries=0
    while kill -0 "$number" 2>/dev/null && [ $tries -lt 300 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    ;;
restart | force-reload)
    $0 stop
    exec $0 start
    ;;
reload)
    kill -HUP "$(cat $pid)"
    ;;
status)
    [ -s $pid ] && kill -0 "$(cat $pid)" 2>/dev/null
    ;;
*)
    echo "usage: $0 {start|stop|restart|reload|status}" >&2
    exit 3
    ;;
esac
"""
END = "END_OF_THIS_FILE_OF_THE_DOUBLE"


def here_document(path: str, text: str) -> str:
    """Shell that writes a file."""
    assert END not in text
    return f"cat >{shlex.quote(path)} <<'{END}'\n{text}{END}\n"


def script(domain: str, accounts: Sequence[str] = (), primary: str = "") -> str:
    """The shell script. `accounts`: local parts in the Axigen domain; `primary`: the primary domain, if another."""
    known = {domain: dict.fromkeys(("postmaster", *accounts), "")}
    lines = ["set -eu\n"]
    lines += ["getent group axigen >/dev/null || groupadd --system axigen\n"]
    lines += ["getent passwd axigen >/dev/null || useradd --system --gid axigen --home-dir /var/opt/axigen "]
    lines += ["--shell /usr/sbin/nologin axigen\n"]
    lines += [f"install -d /opt/axigen/bin {LIBRARY} /etc/systemd/system\n"]
    lines += ["install -d -o axigen -g axigen /var/opt/axigen /var/opt/axigen/run /var/opt/axigen/log\n"]
    lines += [f"ln -sf /dev/null /etc/systemd/system/{unit}\n" for unit in MASKED]
    sources = sorted(path for path in HERE.glob("*.py") if path.name != pathlib.Path(__file__).name)
    lines += [here_document(f"{LIBRARY}/{path.name}", path.read_text(encoding="utf-8")) for path in sources]
    lines += [here_document("/opt/axigen/bin/axigen", PROGRAM), "chmod 755 /opt/axigen/bin/axigen\n"]
    lines += [here_document("/etc/init.d/axigen", INIT), "chmod 755 /etc/init.d/axigen\n"]
    for level, name in [*((level, "S01axigen") for level in "2345"), *((level, "K01axigen") for level in "016")]:
        lines += [f"install -d /etc/rc{level}.d\n", f"ln -sf ../init.d/axigen /etc/rc{level}.d/{name}\n"]
    files = {
        "axigen.cfg": cfg.render(catalogue.shipped(primary or domain)),
        "domains.json": json.dumps(known, indent=1) + "\n",
    }
    for name, text in files.items():
        path = f"/var/opt/axigen/run/{name}"
        lines += [here_document(path, text), f"chown axigen:axigen {path}\n", f"chmod 640 {path}\n"]
    return "".join(lines)
