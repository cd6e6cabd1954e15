# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a host gets the double: a shell script that leaves what the vendor's packages and installer would leave.

    script("example.test", "zimbra1.example.test", ("ldap", "mailbox", "proxy", "mta"), "zimbra1.example.test",
           {"zimbra1.example.test": ("ldap", "mailbox", "proxy", "mta")}, ["alice"])

is for /bin/sh, as root, on a Debian 12 that has PACKAGES. `zimbra.service`, or `zmcontrol start` as zimbra, starts it.
"""

from __future__ import annotations

import pathlib
import shlex
import tempfile
from typing import Mapping, Sequence
from xml.sax.saxutils import escape

from . import control, mta, spnego, store
from .installation import MARKERS

# The real servers that the double drives. Their own units are masked: only the double starts them.
PACKAGES = (
    "dovecot-core",
    "dovecot-gssapi",
    "dovecot-imapd",
    "dovecot-pop3d",
    "krb5-user",
    "libsasl2-modules",
    "libsasl2-modules-gssapi-mit",
    "openssl",
    "postfix",
    "python3",
)
MASKED = ("dovecot.service", "dovecot.socket", "postfix.service", "postfix@.service")
HERE = pathlib.Path(__file__).resolve().parent
HOME = "/opt/zimbra"
ETC = "/etc/postfix"
LIBRARY = f"{HOME}/lib/zimbra_double"
END = "END_OF_THIS_FILE_OF_THE_DOUBLE"
PROGRAM = """\
#!/usr/bin/python3 -I
import os
import sys

os.umask(0o027)
sys.path.insert(0, "/opt/zimbra/lib")
from zimbra_double.{module} import {function}

sys.exit({function}({words}))
"""
# After it everything in conf is zimbra's again, whoever it was given to (zm-build, zmfixperms).
FIXPERMS = """\
#!/bin/sh
if [ "$(id -u)" != 0 ]; then
    echo "Error: must be run as root" >&2
    exit 1
fi
chown -R zimbra:zimbra /opt/zimbra/conf
"""
# A program's path below home: module, function, and what it is called with.
PROGRAMS = {
    "bin/zmprov": ("zmprov", "main", "sys.argv[1:]"),
    "bin/zmlocalconfig": ("localconfig_program", "main", "sys.argv[1:]"),
    "bin/zmcontrol": ("control", "main", "sys.argv[1:]"),
    **{
        f"bin/{name}": ("control_services", "main", f'"{name}", sys.argv[1:]')
        for name in ("zmmailboxdctl", "zmproxyctl", "zmmtactl", "zmconfigdctl", "zmmemcachedctl", "ldap")
    },
    "libexec/configrewrite": ("configrewrite", "main", "sys.argv[1:]"),
    "libexec/zmpassdb": ("passdb", "main", "*sys.argv[1:]"),
}
POSTFIX_PROGRAMS = ("postconf", "postfix", "postqueue", "postsuper", "sendmail")
POSTFIX_DAEMONS = (
    *("anvil", "bounce", "cleanup", "discard", "error", "flush", "pickup", "postlogd", "proxymap", "qmgr"),
    *("smtp", "tlsmgr", "trivial-rewrite", "verify"),
)
UNIT = """\
[Unit]
Description=Zimbra (a double of the lab)
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
User=zimbra
ExecStart=/opt/zimbra/bin/zmcontrol start
ExecStop=/opt/zimbra/bin/zmcontrol stop
TimeoutStartSec=300
TimeoutStopSec=300

[Install]
WantedBy=multi-user.target
"""
FOLDERS = (
    *("bin", "common/conf", "common/libexec", "common/sbin", "conf/nginx/includes", "conf/sasl2", "data/double"),
    *("data/ldap", "data/postfix/kerberos", "data/sasl2/state", "lib", "libexec", "log", "store/double"),
)


def here_document(path: str, text: str, mode: str = "") -> str:
    """Shell that writes a file."""
    assert END not in text
    ended = text if text.endswith("\n") else text + "\n"
    written = f"cat >{shlex.quote(path)} <<'{END}'\n{ended}{END}\n"
    return written + (f"chmod {mode} {shlex.quote(path)}\n" if mode else "")


def localconfig(host: str, ldap_host: str, mailbox: bool) -> str:
    """conf/localconfig.xml as the installer leaves it."""
    values = {
        "ldap_host": ldap_host,
        "ldap_port": "389",
        "ldap_url": f"ldap://{ldap_host}:389",
        "zimbra_ldap_password": "password of the double's directory",
        "zimbra_server_hostname": host,
        **({} if mailbox else {"zimbra_zmprov_default_to_ldap": "true"}),
    }
    keys = "".join(
        f'  <key name="{name}">\n    <value>{escape(value)}</value>\n  </key>\n'
        for name, value in sorted(values.items())
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n\n<localconfig>\n{keys}</localconfig>\n'


def directory(domain: str, servers: Mapping[str, Sequence[str]], accounts: Sequence[str]) -> str:
    """The directory's file of a new site."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "directory")
        store.write(path, store.initial(domain, servers, accounts))
        return path.read_text(encoding="utf-8")


def certificate(host: str, domain: str) -> str:
    """Shell that makes one certificate for all servers, self-signed: conf/smtpd.crt, conf/nginx.crt and their keys."""
    names = ",".join(f"DNS:{name}" for name in (host, f"*.{domain}", "localhost"))
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-days", "3650", "-subj", f"/CN={host}", "-addext", f"subjectAltName={names}"]
    words += ["-out", f"{HOME}/conf/smtpd.crt", "-keyout", f"{HOME}/conf/smtpd.key"]
    copies = "".join(f"cp {HOME}/conf/smtpd.{end} {HOME}/conf/nginx.{end}\n" for end in ("crt", "key"))
    return f"{shlex.join(words)} 2>/dev/null\n{copies}"


def postfix(domain: str, host: str) -> str:
    """Shell that makes Postfix's own folders and files below /opt/zimbra."""
    lines = [
        here_document(f"{HOME}/common/conf/main.cf", mta.MAIN_CF.format(home=HOME, host=host, domain=domain), "644")
    ]
    lines += [here_document(f"{HOME}/common/conf/master.cf", mta.MASTER_CF, "644")]
    for name, owner, group, mode in mta.FOLDERS:
        lines += [f"install -d -o {owner} -g {group} -m {mode:o} {HOME}/data/postfix/{name}\n"]
    lines += [f"ln -sf /usr/sbin/{name} {HOME}/common/sbin/{name}\n" for name in POSTFIX_PROGRAMS]
    lines += [f"ln -sf /usr/lib/postfix/sbin/{name} {HOME}/common/libexec/{name}\n" for name in POSTFIX_DAEMONS]
    # The vendor's Postfix is built for its own folder; Debian's falls back to this one when import_environment takes
    # away what told it another.
    lines += [f"[ -L {ETC} ] || mv {ETC} {ETC}.debian\n", f"ln -sfn {HOME}/common/conf {ETC}\n"]
    smtpd = PROGRAM.format(module="smtpd", function="main", words="*sys.argv[1:]")
    lines += [here_document(f"{HOME}/common/libexec/smtpd", smtpd, "755")]
    # Debian's Postfix looks for it in the folder sasl of its own configuration.
    lines += [f"ln -sfn ../../conf/sasl2 {HOME}/common/conf/sasl\n"]
    lines += [here_document(f"{HOME}/conf/sasl2/smtpd.conf", mta.smtpd_conf({}), "440")]
    return "".join(lines)


def script(
    domain: str,
    host: str,
    services: Sequence[str],
    ldap_host: str,
    servers: Mapping[str, Sequence[str]],
    accounts: Sequence[str] = (),
    release: str = "10.0.8",
) -> str:
    """The shell script. `services`: of this host, out of ldap, mailbox, proxy, mta; `servers`: the same of all hosts.

    `ldap_host`: where the directory is; `accounts`: local parts or addresses, which the directory's host needs.
    """
    lines = ["set -eu\n", "umask 022\n"]
    lines += ["getent group zimbra >/dev/null || groupadd --system zimbra\n"]
    lines += ["getent passwd zimbra >/dev/null || useradd --system --gid zimbra --home-dir /opt/zimbra "]
    lines += ["--shell /bin/bash zimbra\n", "usermod -a -G postfix zimbra\n"]
    lines += [f"install -d {' '.join(f'{HOME}/{name}' for name in FOLDERS)} {LIBRARY} /etc/systemd/system\n"]
    lines += [f"ln -sf /dev/null /etc/systemd/system/{unit}\n" for unit in MASKED]
    own = pathlib.Path(__file__).name
    sources = sorted(path for path in HERE.iterdir() if path.suffix in (".py", ".json") and path.name != own)
    lines += [here_document(f"{LIBRARY}/{path.name}", path.read_text(encoding="utf-8")) for path in sources]
    lines += [f"python3 -m compileall -q {LIBRARY}\n"]  # zimbra could not keep what it compiles at each call
    for name, (module, function, words) in PROGRAMS.items():
        text = PROGRAM.format(module=module, function=function, words=words)
        lines += [here_document(f"{HOME}/{name}", text, "755")]
    lines += [here_document(f"{HOME}/libexec/zmfixperms", FIXPERMS, "755")]
    lines += [postfix(domain, host)] if "mta" in services else []
    markers = [MARKERS[service] for service in services if service in ("ldap", "proxy")]
    lines += [here_document(f"{HOME}/{marker}", "#!/bin/sh\nexit 1\n", "755") for marker in markers]
    if "mailbox" in services:
        lines += [f"install -d {HOME}/{MARKERS['mailbox']}/etc\n"]
        lines += [here_document(f"{HOME}/{MARKERS['mailbox']}/etc/krb5.ini.in", spnego.STOCK, "644")]
        lines += [f"chown -R zimbra:zimbra {HOME}/{MARKERS['mailbox']}\n"]
    lines += [certificate(host, domain)]
    lines += [here_document(f"{HOME}/conf/localconfig.xml", localconfig(host, ldap_host, "mailbox" in services), "640")]
    lines += [here_document(f"{HOME}/conf/double.release", control.release_line(release))]
    if "ldap" in services:
        lines += [here_document(f"{HOME}/data/ldap/directory.jsonl", directory(domain, servers, accounts), "600")]
    lines += [f"touch /var/log/zimbra.log {HOME}/log/mailbox.log {HOME}/log/nginx.log {HOME}/log/invocations.jsonl\n"]
    lines += [f"chown -R zimbra:zimbra {HOME}/conf {HOME}/log {HOME}/data/double {HOME}/data/ldap {HOME}/store "]
    lines += ["/var/log/zimbra.log\n", f"chown zimbra:zimbra {HOME} {HOME}/data\n"]
    lines += [f"chmod 640 {HOME}/conf/*.key /var/log/zimbra.log\n"]
    lines += [f"chown root:zimbra {HOME}/common/conf && chmod 775 {HOME}/common/conf\n"] if "mta" in services else []
    lines += [f"chown zimbra:zimbra {HOME}/common/conf/main.cf\n"] if "mta" in services else []
    # In the place of the vendor's sudo rules, which let zimbra start slapd, nginx and Postfix as root.
    lines += [f'install -o root -g zimbra -m 4750 "$(readlink -f /usr/bin/python3)" {HOME}/libexec/zmprivileged\n']
    lines += [here_document("/etc/systemd/system/zimbra.service", UNIT)]
    lines += ["install -d /etc/systemd/system/multi-user.target.wants\n"]
    lines += ["ln -sf ../zimbra.service /etc/systemd/system/multi-user.target.wants/zimbra.service\n"]
    return "".join(lines)
