# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix with Cyrus SASL as the double runs it: SMTP in the clear on a loopback port, behind its listeners."""

from __future__ import annotations

import dataclasses
import re
from typing import Collection, Mapping, Sequence

MAIN_CF = """\
compatibility_level = 3.6
config_directory = {work}/run/postfix
queue_directory = {work}/run/postfix-queue
data_directory = {work}/run/postfix-data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = axigen
setgid_group = postdrop
myhostname = {host}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /dev/stdout
alias_maps =
alias_database =
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C {variables}
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = regexp:{work}/run/postfix/mailboxes
virtual_mailbox_base = {work}/domains/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_banner = $myhostname Axigen ESMTP ready
smtpd_peername_lookup = no
smtpd_discard_ehlo_keywords = dsn etrn vrfy smtputf8 enhancedstatuscodes
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
message_size_limit = 10485760
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_sasl_security_options = noanonymous
broken_sasl_auth_clients = yes
smtpd_relay_restrictions = permit_sasl_authenticated reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access regexp:{work}/run/postfix/question
smtpd_restriction_classes = who_is_it
who_is_it = check_sasl_access regexp:{work}/run/postfix/answer reject
"""
# Asked by the double after a login, never by a client: the answer names who logged in.
QUESTION = b"VRFY double-who@double.invalid\r\n"
ANSWER = re.compile(rb"known as <([^>]*)>")
MASTER_CF = """\
127.0.0.1:{port} inet n - n - - smtpd
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
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
# Debian's Postfix looks for it in the folder sasl of its own configuration.
SMTPD_CONF = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {work}/run/no-passwords
mech_list: {methods}
"""
METHODS = ("PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "GSSAPI")
# How the filters of the real server limit the methods is not known; this name is the double's own.
LIMIT = re.compile(r'^\s*set\s*\(\s*doubleAuthTypes\s*,\s*"([^"]*)"\s*\)\s*;', re.MULTILINE)
FILTERS = """\
# Generated: WebAdmin overwrites what is written here by hand.
method WA_Acceptance_basic {
    set (allowStartTLS, "yes");
    set (localDelivery, "auth");
}

event onEhlo {
    call (WA_Acceptance_basic);
}
"""


@dataclasses.dataclass(frozen=True)
class Settings:
    """`work`: the double's work directory. `host`: the server's name, whose keys it takes. `domains`: with accounts."""

    work: str
    host: str
    port: int
    domains: Mapping[str, Collection[str]]
    methods: Sequence[str]
    variables: Mapping[str, str]
    uid: int
    gid: int


def files(settings: Settings) -> dict[str, str]:
    """Names and texts of the files in run/postfix."""
    values = dataclasses.asdict(settings)
    values["variables"] = " ".join(f"{name}={value}" for name, value in sorted(settings.variables.items()))
    values["domains"] = " ".join(settings.domains)
    values["methods"] = " ".join(settings.methods)
    return {
        "main.cf": MAIN_CF.format(**values),
        "master.cf": MASTER_CF.format(**values),
        "mailboxes": "".join(
            f"/^{re.escape(name)}@{re.escape(domain)}$/ {name}/\n"
            for domain, names in settings.domains.items()
            for name in names
        ),
        "question": "/^double-who@/ who_is_it\n",
        "answer": "/^(.*)$/ REJECT known as <${1}>\n",
        "sasl/smtpd.conf": SMTPD_CONF.format(**values),
    }


def methods(filters: str) -> list[str]:
    """The methods that SMTP offers: all, unless the filters set a limit."""
    found = LIMIT.findall(filters)
    wanted = {word.upper() for word in re.split(r"[\s,]+", found[-1])} if found else {*METHODS}
    return [method for method in METHODS if method in wanted]


def starttls(filters: str) -> bool:
    """Whether SMTP offers STARTTLS."""
    found = re.findall(r'^\s*set\s*\(\s*allowStartTLS\s*,\s*"(\w+)"\s*\)\s*;', filters, re.MULTILINE)
    return not found or found[-1].lower() == "yes"
