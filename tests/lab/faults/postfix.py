# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of Postfix: its settings, its jail, its library for GSSAPI, and what it listens on."""

from __future__ import annotations

from .. import fleet
from . import Fault, Pair

MAIN, MASTER = "/etc/postfix/main.cf", "/etc/postfix/master.cf"
SMTPD_CONF = "/etc/postfix/sasl/smtpd.conf"
KEYTAB = "/etc/postfix/smtp.keytab"
UNITS = {"mx1": "postfix@-", "mx2": "postfix"}  # Debian 12 runs an instance, Debian 13 the unit itself
ANSWERS = (
    "for dummy in $(seq 50); do python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 25), 1)' "
    "2>/dev/null && exit 0; sleep 0.2; done; exit 1"
)
RELOAD = f"postfix reload 2>/dev/null\n{ANSWERS}"


def _kept(path: str, change: str, *, apply: str = RELOAD) -> tuple[str, str]:
    """Scripts that change a file, and put it back as it was, its times included."""
    kept = f"/root/{path.rpartition('/')[2]}.kept"
    return f"cp -p {path} {kept}\n{change}\n{apply}", f"cat {kept} > {path}\ntouch -r {kept} {path}\nrm {kept}\n{apply}"


def _set(name: str, host: str, setting: str, check: str, shown: str) -> Fault:
    """A parameter of main.cf with a wrong value."""
    make, unmake = _kept(MAIN, f"postconf -e '{setting}'")
    return Fault(name, host, make, unmake, check, shown)


def _changed(name: str, host: str, scripts: tuple[str, str], check: str, shown: str) -> Fault:
    return Fault(name, host, *scripts, check, shown)


MECH_LIST = _changed(
    "GSSAPI is not in mech_list",
    "mx1",
    _kept(SMTPD_CONF, f"sed -i 's/^mech_list:.*/mech_list: PLAIN LOGIN/' {SMTPD_CONF}"),
    "postfix.mech_list",
    r"mech_list: PLAIN LOGIN",
)
TLS_REQUIRED = _set(
    "logins need TLS, and TLS is off",
    "mx1",
    "smtpd_tls_security_level = none",
    "postfix.tls_required",
    r"smtpd_tls_security_level = none",
)
CHROOT = _changed(
    "the servers run in a chroot, as packages ship it",
    "mx2",
    _kept(MASTER, "postconf -F smtp/inet/chroot=y submission/inet/chroot=y"),
    "postfix.chroot",
    r"/var/spool/postfix/etc/postfix/smtp\.keytab",
)
FILTER = _set(
    "a filter takes GSSAPI away",
    "mx2",
    "smtpd_sasl_mechanism_filter = !gssapi, static:rest",
    "postfix.mechanism_filter",
    r"!gssapi",
)
PLUGINS = "/usr/lib/*/sasl2"

FAULTS = {
    fleet.MIT.name: (
        MECH_LIST,
        TLS_REQUIRED,
        CHROOT,
        FILTER,
        _set(
            "nobody may log in on port 25",
            "mx1",
            "smtpd_sasl_auth_enable = no",
            "postfix.auth_off",
            r"smtp/inet.*smtpd_sasl_auth_enable = no",
        ),
        _set(
            "Postfix asks Dovecot, and there is none",
            "mx2",
            "smtpd_sasl_type = dovecot",
            "postfix.sasl_type",
            r"smtpd_sasl_type = dovecot",
        ),
        Fault(
            "Cyrus SASL's library for GSSAPI is not there",
            "mx2",
            f"mkdir /root/kept; mv {PLUGINS}/libgssapiv2.so* /root/kept/\n{RELOAD}",
            f"mv /root/kept/* $(dirname {PLUGINS}/libplain.so)/; rmdir /root/kept\n{RELOAD}",
            "postfix.mechanism_missing",
            r"libgssapiv2\.so",
        ),
        _changed(
            "smtpd.conf names the host's own keytab",
            "mx1",
            _kept(SMTPD_CONF, f"sed -i 's,^keytab:.*,keytab: /etc/krb5.keytab,' {SMTPD_CONF}"),
            "postfix.keytab_elsewhere",
            r"the keytab is /etc/krb5\.keytab",
        ),
        _set(
            "the certificate is not there",
            "mx2",
            "smtpd_tls_cert_file = /etc/ssl/certs/gone.pem",
            "postfix.certificate",
            r"/etc/ssl/certs/gone\.pem",
        ),
        _set(
            "Postfix calls itself by another name",
            "mx1",
            "myhostname = mail9.example.test",
            "postfix.hostname",
            r"myhostname = mail9\.example\.test",
        ),
        _changed(
            "Postfix listens for the host alone",
            "mx2",
            _kept(MAIN, "postconf -e 'inet_interfaces = loopback-only'", apply=f"systemctl restart postfix\n{ANSWERS}"),
            "postfix.interfaces",
            r"inet_interfaces = loopback-only",
        ),
        _changed(
            "there is no submission",
            "mx1",
            _kept(MASTER, "postconf -MX submission/inet"),
            "postfix.service_missing",
            r"submission/inet",
        ),
        Fault(
            "Postfix does not run",
            "mx2",
            f"systemctl stop {UNITS['mx2']}",
            f"systemctl start {UNITS['mx2']}\n{ANSWERS}",
            "postfix.stopped",
            r"does not run",
        ),
        _set(
            "the server does not tell that one may log in",
            "mx1",
            "smtpd_discard_ehlo_keywords = auth",
            "postfix.ehlo_discarded",
            r"smtpd_discard_ehlo_keywords = auth",
        ),
        _changed(
            "smtpd.conf has a line that Cyrus SASL refuses",
            "mx1",
            _kept(SMTPD_CONF, f"echo 'pwcheck_method saslauthd' >> {SMTPD_CONF}"),
            "postfix.smtpd_conf",
            r"line 3 is not of the form",
        ),
        _changed(
            "master.cf has a line that Postfix cannot read",
            "mx2",
            _kept(MASTER, f"echo 'smtps inet n' >> {MASTER}", apply="true"),
            "postfix.configuration",
            r"master\.cf: line \d+",
        ),
    )
}
PAIRS = {fleet.MIT.name: (Pair(MECH_LIST, TLS_REQUIRED), Pair(CHROOT, FILTER))}
