# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MTA: Postfix with Cyrus SASL in /opt/zimbra/common, and what zmconfigd writes for it.

Attributes reach main.cf by postconf. A reload is enough for all of them but import_environment: Postfix's master cleans
its environment once, at its start. Each smtpd is started through `smtpd.py`, which shows it Kerberos as the bundled
Heimdal 1.5.3 has it.
"""

from __future__ import annotations

import os
import pathlib
import re
import signal
import subprocess
import threading
from typing import Mapping, Sequence

from . import journal, processes, proxy, saslauthd
from .installation import HOME, Installation

MASTER = "/usr/lib/postfix/sbin/master"
# zm-ldap-utilities, conf/zmconfigd.cf, section mta: what the double's Postfix needs of its 120 lines.
PARAMETERS = {
    "zimbraMtaBrokenSaslAuthClients": "broken_sasl_auth_clients",
    "zimbraMtaImportEnvironment": "import_environment",
    "zimbraMtaMyHostname": "myhostname",
    "zimbraMtaMyNetworks": "mynetworks",
    "zimbraMtaMyOrigin": "myorigin",
    "zimbraMtaSaslAuthEnable": "smtpd_sasl_auth_enable",
    "zimbraMtaSmtpdBanner": "smtpd_banner",
    "zimbraMtaSmtpdSaslAuthenticatedHeader": "smtpd_sasl_authenticated_header",
    "zimbraMtaSmtpdSaslSecurityOptions": "smtpd_sasl_security_options",
    "zimbraMtaSmtpdSaslTlsSecurityOptions": "smtpd_sasl_tls_security_options",
    "zimbraMtaTlsAuthOnly": "smtpd_tls_auth_only",
}
BOOLEANS = {"TRUE": "yes", "FALSE": "no"}
MECHANISMS = "zimbraMtaSaslSmtpdMechList"
DEFAULT_MECHANISMS = ["PLAIN", "LOGIN"]

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {home}/data/postfix/spool
data_directory = {home}/data/postfix/data
command_directory = /usr/sbin
daemon_directory = {home}/common/libexec
mail_owner = postfix
setgid_group = postdrop
myhostname = {host}
mydestination = localhost
inet_interfaces = all
inet_protocols = ipv4
maillog_file = /dev/stdout
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_transport = discard:
local_transport = discard:
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_sasl_security_options = noanonymous
smtpd_sasl_tls_security_options = $smtpd_sasl_security_options
smtpd_tls_auth_only = yes
smtpd_tls_security_level = may
smtpd_tls_cert_file = {home}/conf/smtpd.crt
smtpd_tls_key_file = {home}/conf/smtpd.key
smtpd_relay_restrictions = permit_sasl_authenticated, permit_mynetworks, reject_unauth_destination
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_peername_lookup = no
"""
MASTER_CF = """\
smtp inet n - n - - smtpd
465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
587 inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
# Owner, group and mode below data/postfix, as Postfix asks for them.
FOLDERS = (
    ("spool", "root", "root", 0o755),
    ("spool/pid", "root", "root", 0o755),
    ("spool/private", "postfix", "root", 0o700),
    ("spool/public", "postfix", "postdrop", 0o710),
    ("spool/maildrop", "postfix", "postdrop", 0o730),
    *(
        (f"spool/{name}", "postfix", "root", 0o700)
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "saved", "trace")
    ),
    ("data", "postfix", "root", 0o700),
)


def parameters(server: Mapping[str, Sequence[str]], name: str) -> dict[str, str]:
    """main.cf's parameters by the attributes; empty: the parameter is to be as Postfix has it by itself."""
    found = {}
    for attribute, parameter in PARAMETERS.items():
        values = [BOOLEANS.get(value, value) for value in server.get(attribute, ())]
        found[parameter] = ", ".join(values)
    found["myhostname"] = found["myhostname"] or name
    return found


def postconf(place: Installation, wanted: Mapping[str, str]) -> None:
    """Write the parameters, by one call for those with a value and one for those without."""
    program = str(place.home / "common" / "sbin" / "postconf")
    given = [f"{parameter}={value}" for parameter, value in wanted.items() if value]
    without = [parameter for parameter, value in wanted.items() if not value]
    for option, words in (("-e", given), ("-X", without)):
        if words:
            subprocess.run([program, option, *words], check=True, capture_output=True)


def smtpd_conf(server: Mapping[str, Sequence[str]]) -> str:
    """conf/sasl2/smtpd.conf, as conf/sasl2/smtpd.conf.in has it."""
    words = " ".join(server.get(MECHANISMS, DEFAULT_MECHANISMS))
    where = f"{HOME}/{saslauthd.SOCKET}"
    return f"log_level: 3\npwcheck_method: saslauthd\nsaslauthd_path: {where}\nmech_list: {words}\n"


class Mta:
    """Postfix's master below a process that writes its log, so that /var/log/zimbra.log speaks as the product's."""

    LINE = re.compile(r"(?:^\S+ +\d+ [\d:]+ \S+ )?(postfix/[\w/-]+)\[(\d+)\]: (.*)$")

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.children = processes.Children()

    def heard(self, line: str) -> None:
        match = self.LINE.search(line)
        if not match:
            return
        program, number, text = match.groups()
        if "SASL authentication failure: GSSAPI Error" in text or "SASL authentication failure: GSSAPI Failure" in text:
            words = proxy.heimdal_words(text) or proxy.NO_CREDENTIALS
            text = f"warning: SASL authentication failure: {words}"
        journal.syslog(self.place.syslog, program, int(number), text)

    def serve(self) -> None:
        """Run until SIGTERM; SIGHUP is a reload."""
        signal.signal(signal.SIGHUP, lambda *dummy: self.children.send(signal.SIGHUP))
        processes.on_end(self.end)
        threading.Thread(target=saslauthd.serve, args=(self.place,), daemon=True).start()
        self.children.start([MASTER, "-s"], {}, self.heard)
        pid_file(self.place).write_text(f"{os.getpid()}\n", encoding="ascii")
        pid_file(self.place).chmod(0o644)  # zimbra's programs look whether it runs
        self.children.last()
        self.end()

    def end(self) -> None:
        self.children.end()
        pid_file(self.place).unlink(missing_ok=True)


def pid_file(place: Installation) -> pathlib.Path:
    """Readable by all, written by root."""
    return place.home / "data" / "postfix" / "mta.pid"


def main() -> int:
    """What zimbra's sudo rules let it start as root."""
    processes.become_root()
    Mta(Installation()).serve()
    return 0


def send(number: str) -> int:
    """Send the MTA a signal, as `postfix stop` and `postfix reload` do, which sudo lets zimbra run."""
    processes.become_root()
    process = processes.running(pid_file(Installation()))
    if process:
        os.kill(process, int(number))
    return 0 if process else 1
