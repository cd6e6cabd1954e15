# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How faults of CAS are made and taken away.

A file that is brought back has its time again, so that nothing is left for `site`. Files that a JVM reads once are
edited behind its back: a start of CAS takes half a minute, on a busy machine minutes, and what CAS makes of a wrong
setting once it is in force is what troubles.py looks at.
"""

from __future__ import annotations

from ..troubles import GIVE, KEYTAB, PROPERTIES
from ..troubles import RESTART as RESTARTED
from . import Fault

LOGIN_CONF = "/etc/cas/config/login.conf"
KRB5 = "/etc/krb5.conf"
LOG = "/var/log/cas/cas.log"
UNIT_DROP_IN = "/etc/systemd/system/cas.service.d/fault.conf"
ARCHIVES = "/opt/cas/war/WEB-INF/lib"
KEPT = "/root/faults"
JAVA = '"$(dirname "$(dirname "$(readlink -f /usr/bin/java)")")"'
SPNEGO = "cas.authn.spnego"
SPN, DUMP = "HTTP/cas2.example.test@EXAMPLE.TEST", f"{KEPT}/cas2.dump"

# The JDK reads login.conf and krb5.conf at the first login alone, which must not fall into the next fault.
LOGIN = f"""
import base64, gssapi, os, socket, urllib.request
os.environ.update(KRB5_CLIENT_KTNAME="{KEYTAB}", KRB5CCNAME="MEMORY:")
name = gssapi.Name("HTTP@" + socket.getfqdn(), gssapi.NameType.hostbased_service)
token = base64.b64encode(gssapi.SecurityContext(name=name, usage="initiate").step()).decode()
headers = {{"Authorization": "Negotiate " + token, "User-Agent": "Firefox"}}
urllib.request.urlopen(urllib.request.Request("http://localhost:8080/cas/negotiate", headers=headers))
"""
RESTART = f"({RESTARTED})\npython3 -c '{LOGIN}'"


def keep(path: str) -> str:
    return f"mkdir -p {KEPT}; cp -p {path} {KEPT}/{path.rpartition('/')[2]}"


def back(path: str) -> str:
    """Written into the file that is there, which may be a link."""
    kept = f"{KEPT}/{path.rpartition('/')[2]}"
    return f"cp -p {kept} {path}; rm {kept}"


def edited(path: str, edit: str) -> str:
    """The edit, with the time that the file had, so that nothing but its content tells of it."""
    return f"{keep(path)}; {edit}; touch -r {KEPT}/{path.rpartition('/')[2]} {path}"


def behind_its_back(name: str, host: str, path: str, edit: str, check: str, shown: str) -> Fault:
    """A fault in a file that the JVM has read, and that would break it at its next start."""
    return Fault(name, host, edited(path, edit), back(path), check, shown)


def property_(name: str, host: str, line: str, check: str, shown: str) -> Fault:
    """A line at the end of the properties, of which the last counts. The file may end without a line's end."""
    return behind_its_back(name, host, PROPERTIES, f"printf '\\n%s\\n' '{line}' >> {PROPERTIES}", check, shown)


def in_keytab(name: str, host: str, edit: str, check: str, shown: str) -> Fault:
    return Fault(name, host, f"{keep(KEYTAB)}; {edit}", f"mv {KEPT}/cas.keytab {KEYTAB}", check, shown)


def in_unit(name: str, host: str, lines: str, check: str, shown: str) -> Fault:
    return Fault(
        name,
        host,
        f"mkdir -p {UNIT_DROP_IN.rpartition('/')[0]}; printf '[Service]\\n{lines}\\n' > {UNIT_DROP_IN}; "
        "systemctl daemon-reload",
        f"rm -r {UNIT_DROP_IN.rpartition('/')[0]}; systemctl daemon-reload",
        check,
        shown,
    )


def without(pattern: str) -> str:
    """Takes those entries out of the keytab whose line of ktutil's `list -e` the pattern matches."""
    slots = f"printf 'rkt {KEYTAB}\\nlist -e\\n' | ktutil | awk '/{pattern}/ {{ print $1 }}' | sort -rn"
    return (
        f"{{ echo 'rkt {KEYTAB}'; {slots} | sed 's/^/delent /'; echo 'wkt {KEYTAB}.new'; }} | ktutil; "
        f"mv {KEYTAB}.new {KEYTAB}; {GIVE}"
    )


def logged(name: str, host: str, words: str, check: str, shown: str) -> Fault:
    """CAS's own line, as often as many clients would bring it about."""
    line = f"$(date '+%Y-%m-%d %H:%M:%S'),000 WARN [org.apereo.cas.support.spnego] - <{words}>"
    edit = f'for dummy in 1 2 3 4 5 6; do echo "{line}" >> {LOG}; done'
    # CAS holds the log open.
    return Fault(name, host, f"{keep(LOG)}; {edit}", f"cat {KEPT}/cas.log > {LOG}; rm {KEPT}/cas.log", check, shown)
