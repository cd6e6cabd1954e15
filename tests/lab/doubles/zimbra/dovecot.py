# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dovecot 2.3 as mailbox or as proxy: one instance a protocol, because its mechanisms cannot differ within one.

It runs as zimbra from the start, as mailboxd and nginx's workers do: what zimbra may not read, it cannot use. Who has
an account, only the passdb's answer tells, by its fields for the userdb: after GSSAPI, Dovecot would let in whom the
passdb does not know. Failed logins are not slowed down, as Zimbra does not.
"""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Mapping, Sequence

CONFIGURATION = """\
base_dir = {run}/run
state_dir = {run}/state
instance_name = {name}
default_internal_user = zimbra
default_internal_group = zimbra
default_login_user = zimbra
protocols = {protocol}
listen = *
ssl = {ssl}
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = {tls_for_passwords}
log_path = /dev/stderr
import_environment = TZ {variables}
mail_location = maildir:{mail}/%u
mail_max_userip_connections = 100
first_valid_uid = 1
auth_mechanisms = {mechanisms}
auth_gssapi_hostname = {gssapi_hostname}
auth_krb5_keytab = {keytab}
auth_username_format = %u
auth_username_chars =
auth_verbose = yes
auth_failure_delay = 0
login_log_format_elements = user=<%u> method=%m rip=%r lip=%l
{masters}passdb {{
  driver = checkpassword
  args = {passdb}
}}
userdb {{
  driver = prefetch
}}
userdb {{
  driver = passwd-file
  args = /dev/null
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service dns-client {{
  chroot =
}}
service ipc {{
  chroot =
}}
service auth-worker {{
  user = zimbra
}}
service {protocol}-login {{
  chroot =
  inet_listener {protocol} {{
    port = {clear}
  }}
  inet_listener {protocol}s {{
    port = {implicit}
    ssl = yes
  }}
}}
"""
# The proxy's logins: PLAIN with the user's name as authorization identity (X-ZIMBRA is its product's own mechanism).
MASTERS = """\
passdb {{
  driver = checkpassword
  args = {masters}
  master = yes
}}
"""


@dataclasses.dataclass(frozen=True)
class Settings:
    """`run`: the instance's folder. `passdb`, `masters`: a program with its words. `ports`: with STARTTLS, under TLS.

    `gssapi_hostname`: whose keys it takes; `$ALL` for any key of the keytab. `requires_tls`: for any login.
    """

    name: str
    run: pathlib.Path
    protocol: str
    ports: tuple[int, int]
    gssapi: bool
    plain: bool
    gssapi_hostname: str
    keytab: str
    passdb: str
    masters: str
    mail: pathlib.Path
    certificate: pathlib.Path
    key: pathlib.Path
    variables: Mapping[str, str]
    requires_tls: bool = False
    cleartext: bool = False


def mechanisms(settings: Settings) -> Sequence[str]:
    """What it offers; Dovecot does not start without any, so that PLAIN remains where everything is switched off."""
    found = ["gssapi"] if settings.gssapi else []
    return found + (["plain"] if settings.plain or not found else [])


def text(settings: Settings) -> str:
    """The file dovecot.conf."""
    return CONFIGURATION.format(
        run=settings.run,
        name=settings.name,
        protocol=settings.protocol,
        ssl="required" if settings.requires_tls else "yes",
        certificate=settings.certificate,
        key=settings.key,
        tls_for_passwords="no" if settings.cleartext else "yes",
        variables=" ".join(f"{name}={value}" for name, value in sorted(settings.variables.items())),
        mail=settings.mail,
        mechanisms=" ".join(mechanisms(settings)),
        gssapi_hostname=f'"{settings.gssapi_hostname}"',
        keytab=settings.keytab,
        masters=MASTERS.format(masters=settings.masters) if settings.masters else "",
        passdb=settings.passdb,
        clear=settings.ports[0],
        implicit=settings.ports[1],
    )


def write(settings: Settings) -> list[str]:
    """Write the configuration; the command that runs it in the foreground."""
    settings.run.mkdir(parents=True, exist_ok=True)
    # Left by a crash, it would keep Dovecot from starting as soon as any process had the number.
    (settings.run / "run" / "master.pid").unlink(missing_ok=True)
    path = settings.run / "dovecot.conf"
    path.write_text(text(settings), encoding="utf-8")
    return ["dovecot", "-F", "-c", str(path)]
