# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Postfix and Dovecot with GSSAPI on loopback ports, each in a folder of its own; they need root (the toolbox)."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import re
import shutil
import socket
import subprocess
import time
from typing import Iterator, Mapping

from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, daemon, free_ports

PATIENCE = 20.0  # seconds

MAIN_CF = """\
compatibility_level = 3.6
config_directory = {folder}/etc
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = {myhostname}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /dev/stdout
local_recipient_maps =
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C KRB5_CONFIG={krb5_conf}
cyrus_sasl_config_path = {folder}/etc/sasl
smtpd_sasl_auth_enable = yes
smtpd_sasl_security_options = noanonymous
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
"""
MASTER_CF = """\
127.0.0.1:{clear} inet n - {chroot} - - smtpd
127.0.0.1:{submission} inet n - {chroot} - - smtpd -o smtpd_tls_auth_only=yes
127.0.0.1:{implicit} inet n - {chroot} - - smtpd -o smtpd_tls_wrappermode=yes
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
POSTFIX_FOLDERS = (
    ("etc/sasl", "root", "root", 0o755),
    ("queue/pid", "root", "root", 0o755),
    ("queue/private", "postfix", "root", 0o700),
    ("queue/public", "postfix", "postdrop", 0o710),
    ("data", "postfix", "postfix", 0o755),
)
DOVECOT_2_3 = """\
import_environment = TZ KRB5_CONFIG={krb5_conf}
mail_location = maildir:{folder}/mail
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = yes
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail
}}
"""
DOVECOT_2_4 = """\
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
import_environment {{
  KRB5_CONFIG = {krb5_conf}
}}
mail_driver = maildir
mail_path = {folder}/mail
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
auth_allow_cleartext = no
passdb static {{
  fields {{
    nopassword = yes
  }}
}}
userdb static {{
  fields {{
    uid = nobody
    gid = nogroup
    home = {folder}/mail
  }}
}}
"""
DOVECOT = """\
base_dir = {folder}/run
instance_name = test
protocols = imap pop3
listen = 127.0.0.1
log_path = {folder}/dovecot.log
auth_mechanisms = gssapi
auth_gssapi_hostname = "$ALL"
auth_krb5_keytab = {keytab}
ssl = yes
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
"""


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A self-signed certificate and its key, both as PEM files."""

    certificate: pathlib.Path
    key: pathlib.Path


def self_signed(folder: pathlib.Path, name: str, days: int = 2) -> Certificate:
    """A certificate for a host name, valid from now on for some days."""
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-days", str(days), "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*words, "-out", made.certificate, "-keyout", made.key], check=True, capture_output=True)
    return made


@dataclasses.dataclass(frozen=True)
class Server:
    """A running server: its ports by name, its folder, its log."""

    ports: Mapping[str, int]
    folder: pathlib.Path
    log_file: pathlib.Path

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def log_until(self, words: str, start: int = 0) -> str:
        """The log from `start` on once it holds the words: a server writes of a session after the client has left."""
        give_up = time.monotonic() + PATIENCE
        while words not in self.log[start:] and time.monotonic() < give_up:
            time.sleep(0.05)
        return self.log[start:]


def readable_keytab(realm: Realm, path: pathlib.Path, group: str, *principals: str, mode: int = 0o640) -> pathlib.Path:
    """The principals' keys as they are, in a new file, root:group."""
    path.unlink(missing_ok=True)
    realm.kadmin_local(*(f"ktadd -norandkey -k {path} {principal}" for principal in principals))
    shutil.chown(path, "root", group)
    path.chmod(mode)
    return path


@contextlib.contextmanager
def running_postfix(
    realm: Realm,
    folder: pathlib.Path,
    certificate: Certificate,
    *,
    keytab: pathlib.Path,
    myhostname: str = "localhost",
    mech_list: str = "GSSAPI PLAIN LOGIN",
    chroot: str = "n",
    main: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Postfix's smtpd in the clear, with STARTTLS (submission) and under TLS from the start (implicit)."""
    clear, submission, implicit = free_ports(3)
    server = Server({"clear": clear, "submission": submission, "implicit": implicit}, folder, folder / "postfix.log")
    for name, owner, group, mode in POSTFIX_FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.chown(folder / name, owner, group)
        (folder / name).chmod(mode)
    values = {
        "folder": folder,
        "myhostname": myhostname,
        "krb5_conf": realm.krb5_conf,
        "certificate": certificate.certificate,
        "key": certificate.key,
        "chroot": chroot,
        **server.ports,
    }
    more = "".join(f"{name} = {value}\n" for name, value in (main or {}).items())
    (folder / "etc" / "main.cf").write_text(MAIN_CF.format(**values) + more)
    (folder / "etc" / "master.cf").write_text(MASTER_CF.format(**values))
    (folder / "etc" / "sasl" / "smtpd.conf").write_text(
        f"pwcheck_method: saslauthd\nmech_list: {mech_list}\nkeytab: {keytab}\n"
    )
    if chroot == "y":
        _copy_into_jail(folder / "queue", realm)
    # The master itself, because the scripts around it take seconds to check an installation that is in order.
    with server.log_file.open("ab") as log:
        master = subprocess.Popen(
            ["/usr/lib/postfix/sbin/master", "-s"],
            env={**realm.environment, "MAIL_CONFIG": str(folder / "etc")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(server.ports["clear"], server)
        yield server
    finally:
        master.terminate()
        master.wait(PATIENCE)


def _copy_into_jail(jail: pathlib.Path, realm: Realm) -> None:
    for source in (realm.krb5_conf, pathlib.Path("/etc/hosts"), pathlib.Path("/etc/services")):
        target = jail / source.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


@contextlib.contextmanager
def running_dovecot(
    realm: Realm, folder: pathlib.Path, certificate: Certificate, *, keytab: pathlib.Path
) -> Iterator[Server]:
    """Dovecot with IMAP and POP3, each with STARTTLS and under TLS from the start."""
    names = ("imap", "imaps", "pop3", "pop3s")
    server = Server(dict(zip(names, free_ports(len(names)))), folder, folder / "dovecot.log")
    (folder / "mail").mkdir(parents=True)
    shutil.chown(folder / "mail", "nobody", "nogroup")
    version = subprocess.run(["dovecot", "--version"], check=True, capture_output=True, text=True).stdout
    old = re.match(r"2\.3\.", version)
    values = {
        "folder": folder,
        "keytab": keytab,
        "krb5_conf": realm.krb5_conf,
        "certificate": certificate.certificate,
        "key": certificate.key,
        **server.ports,
    }
    configuration = folder / "dovecot.conf"
    configuration.write_text(((DOVECOT_2_3 if old else DOVECOT_2_4) + DOVECOT).format(**values))
    with daemon(realm, "dovecot", "-F", "-c", str(configuration), port=server.ports["imap"]):
        yield server


def _wait_for(port: int, server: Server) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}: {server.log}")
