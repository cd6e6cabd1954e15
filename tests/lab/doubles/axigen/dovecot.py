# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dovecot as the double runs it: IMAP and POP3 in the clear on two loopback ports, behind the double's listeners."""

from __future__ import annotations

import base64
import dataclasses
from typing import Collection, Mapping

from .catalogue import METHODS

CONFIGURATION = """\
base_dir = {work}/run/dovecot
instance_name = axigen
state_dir = {work}/run/dovecot-state
default_internal_user = axigen
default_internal_group = axigen
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = {work}/run/dovecot.log
login_log_format_elements = user=<%u> method=%m rip=%r
login_trusted_networks =
import_environment = TZ {variables}
mail_location = maildir:{work}/domains/mail/%n
mail_max_userip_connections = 100
first_valid_uid = 1
auth_mechanisms = {methods}
auth_gssapi_hostname = {host}
auth_verbose = yes
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {work}/run/dovecot.passwd
}}
userdb {{
  driver = static
  args = uid=axigen gid=axigen home={work}/domains/mail/%n
}}
protocol imap {{
  login_greeting = {imap_greeting}
}}
protocol pop3 {{
  login_greeting = {pop3_greeting}
}}
service auth {{
  user = axigen
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""


@dataclasses.dataclass(frozen=True)
class Settings:
    """`work`: the double's work directory. `host`: whose keys the server takes. `methods`: those of any connection."""

    work: str
    host: str
    methods: Collection[str]
    imap: int
    pop3: int
    imap_greeting: str
    pop3_greeting: str
    variables: Mapping[str, str]


def text(settings: Settings) -> str:
    """The file dovecot.conf."""
    values = dataclasses.asdict(settings)
    # Dovecot does not start without any mechanism; the double's listeners offer what is configured and no more.
    methods = [method for method in METHODS if method in settings.methods]
    values["methods"] = " ".join(methods or ["plain"])
    values["variables"] = " ".join(f"{name}={value}" for name, value in sorted(settings.variables.items()))
    for name in ("imap_greeting", "pop3_greeting"):
        values[name] = quoted(values[name].replace("%D", settings.host).replace("%U", "").strip())
    return CONFIGURATION.format(**values)


def quoted(text: str) -> str:
    """A string of Dovecot's configuration in which nothing has a meaning."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def passwords(domains: Mapping[str, Mapping[str, str]], primary: str) -> str:
    """The file of accounts that have a password: by their address, those of the primary domain by the bare name too."""
    lines = []
    for domain, accounts in domains.items():
        for name, password in accounts.items():
            if password:
                names = [f"{name}@{domain}", *([name] if domain == primary else [])]
                lines += [f"{one}:{{PLAIN.b64}}{base64.b64encode(password.encode()).decode()}" for one in names]
    return "".join(f"{line}\n" for line in lines)
