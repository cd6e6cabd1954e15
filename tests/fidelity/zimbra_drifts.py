# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drifts of the site of Zimbra: what its administrators, its own tools and its upgrades do."""

from __future__ import annotations

from drifts import HOSTS_FILE, KRB5_CONF, Drift, Refusal
from lab.faults.zimbra import AS_ZIMBRA, KEYTAB, MTA_KEYTAB

SMTPD_CONF = "/opt/zimbra/conf/sasl2/smtpd.conf"
ONE, OTHER, DOMAIN = "zimbra1.example.test", "zimbra2.example.test", "example.test"
ATTRIBUTES = "take tickets"
FORCE = "in force"


def _zimbra(command: str) -> str:
    """A command of Zimbra's as its user."""
    return f"{AS_ZIMBRA}/bin/{command}"


def _attribute(title: str, change: str, asked: str, attribute: str, mended_on: str = "") -> Drift:
    """A change by zmprov, and the attribute's values in any order; on zimbra1, whose directory it is."""
    entry = asked.partition(" ")[2] or "config"
    look = f"{_zimbra(f'zmprov -l {asked} {attribute}')} | grep {attribute} | sort"
    return Drift(
        title,
        "zimbra1",
        _zimbra(f"zmprov {change}"),
        look,
        ATTRIBUTES,
        mended_on,
        looked_at="zimbra1",
        setting=rf"{entry}.*: {attribute}$",
    )


def _server(title: str, name: str, attribute: str, *values: str) -> Drift:
    """A server's own values of an attribute, set in LDAP: mailboxd modifies no server without a mailbox."""
    words = " ".join(f"{attribute} '{value}'" for value in values)
    return _attribute(title, f"-l ms {name} {words}", f"gs {name}", attribute, mended_on=name.partition(".")[0])


def _local(title: str, host: str, key: str, value: str, task: str) -> Drift:
    """A key of localconfig, set by hand; a path is the same with `${zimbra_home}` in it."""
    return Drift(
        title,
        host,
        _zimbra(f"zmlocalconfig -e {key}='{value}'"),
        _zimbra(f"zmlocalconfig -q -x {key} 2>&1"),
        task,
        setting=rf"localconfig.*: {key}$",
    )


def _offers(asked: str) -> str:
    """Whether GSSAPI is among what a service offers under TLS, or why that cannot be asked."""
    program = f"import imaplib, poplib, ssl; tls = ssl._create_unverified_context(); print('GSSAPI' in str({asked}))"
    return f'python3 -c "{program}" 2>&1 | tail -n 1'


PROXY_GREETS = _offers("imaplib.IMAP4_SSL('127.0.0.1', 993, ssl_context=tls, timeout=20).capabilities")
POP3_OFFERS = _offers("poplib.POP3_SSL('127.0.0.1', 7995, context=tls, timeout=20).capa()")
ROUNDS: tuple[tuple[Drift, ...], ...] = (
    (
        _server("IMAP takes no tickets any more", ONE, "zimbraImapSaslGssapiEnabled", "FALSE"),
        _server("the proxy takes no tickets by POP3", OTHER, "zimbraReverseProxyPop3SaslGssapiEnabled", "FALSE"),
        _server("the list of mechanisms is replaced", OTHER, "zimbraMtaSaslSmtpdMechList", "PLAIN", "LOGIN"),
        _server(
            "an own value shadows the inherited one",
            ONE,
            "zimbraMtaSmtpdSaslSecurityOptions",
            "noanonymous",
            "noplaintext",
        ),
        _server("the MTA's environment lost the keytab", OTHER, "zimbraMtaImportEnvironment", "MAIL_CONFIG", "TZ"),
        _attribute(
            "a proxy's address is not allowed any more",
            f"mcf -zimbraReverseProxyAdminIPAddress $(getent ahostsv4 {OTHER} | sed -n '1s/ .*//p')",
            "gcf",
            "zimbraReverseProxyAdminIPAddress",
        ),
        _attribute(
            "an account lost its principal",
            f"ma bob@{DOMAIN} -zimbraForeignPrincipal kerberos5:bob@PARTNER.TEST",
            f"ga bob@{DOMAIN}",
            "zimbraForeignPrincipal",
        ),
        _attribute(
            "the domain has another realm",
            f"md {DOMAIN} zimbraAuthKerberos5Realm OTHER.TEST",
            f"gd {DOMAIN}",
            "zimbraAuthKerberos5Realm",
        ),
        Drift(
            "the MTA's keytab belongs to zimbra alone, as after zmfixperms",
            "zimbra1",
            f"chown zimbra:zimbra {MTA_KEYTAB}",
            f"stat -c %U:%G {MTA_KEYTAB}",
            "keytab",
            setting=r"smtp\.keytab: group",
        ),
        Drift(
            "the keytab is readable by all",
            "zimbra2",
            f"chmod 0644 {KEYTAB}",
            f"stat -c %a {KEYTAB}",
            "keytab",
            setting=r"krb5\.keytab: mode",
        ),
        _local("localconfig names another keytab", "zimbra1", "krb5_keytab", "/etc/krb5.keytab", "localconfig"),
        # zmconfigd, which looks once a minute, starts the proxy again for a change that it has not seen: asked first.
        Drift(
            "the proxy is stopped",
            "zimbra2",
            f"{AS_ZIMBRA}/libexec/configrewrite proxy; {_zimbra('zmproxyctl stop')}",
            PROXY_GREETS,
            FORCE,
            setting=r"Zimbra's services: proxy",
        ),
        Drift(
            "krb5.conf includes files, which Zimbra's library does not read",
            "zimbra2",
            "sed -i '1i includedir /etc/krb5.conf.d' /etc/krb5.conf; mkdir -p /etc/krb5.conf.d",
            "grep -c ^include /etc/krb5.conf",
            "krb5.conf",
            setting=r"krb5\.conf: includedir",
        ),
        Drift(
            "the KDC lost the key of the trust",
            "kdc1",
            "kadmin.local delprinc -force krbtgt/EXAMPLE.TEST@PARTNER.TEST",
            "kadmin.local getprinc krbtgt/EXAMPLE.TEST@PARTNER.TEST | grep ^Principal",
            "password policies, users and services",
            setting=r"principal krbtgt/EXAMPLE\.TEST@PARTNER\.TEST.*: state",
        ),
        Drift(
            "a client does not know the other realm",
            "client1",
            "sed -i '/partner1/d' /etc/krb5.conf",
            "grep partner1 /etc/krb5.conf",
            KRB5_CONF,
            setting=r"krb5\.conf: realms\.PARTNER\.TEST\.kdc",
        ),
    ),
    (
        # On again in the directory, off in what runs: zmprov shows nothing wrong.
        Drift(
            "a change was made and never put in force",
            "zimbra1",
            f"{_zimbra(f'zmprov ms {ONE} zimbraPop3SaslGssapiEnabled FALSE')}; {_zimbra('zmmailboxdctl restart')}; "
            f"{_zimbra(f'zmprov ms {ONE} zimbraPop3SaslGssapiEnabled TRUE')}",
            POP3_OFFERS,
            FORCE,
            setting=r"Zimbra's services: mailbox",
        ),
        _attribute(
            "the domain asks for Zimbra's own passwords",
            f"md {DOMAIN} zimbraAuthMech zimbra",
            f"gd {DOMAIN}",
            "zimbraAuthMech",
        ),
        _server("passwords are refused even under TLS", OTHER, "zimbraMtaSmtpdSaslTlsSecurityOptions", "noplaintext"),
        _server("the MTA has another name", ONE, "zimbraMtaMyHostname", ONE),
        _server("the proxy takes tickets of another realm", OTHER, "zimbraReverseProxyDefaultRealm", "OTHER.TEST"),
        Drift(
            "GSSAPI is gone from smtpd.conf",
            "zimbra1",
            f"sed 's/ *GSSAPI//I' {SMTPD_CONF} > /root/less; cat /root/less > {SMTPD_CONF}; "
            "rm /root/less; pkill -x smtpd",
            f"grep -ci gssapi {SMTPD_CONF}",
            FORCE,
            setting=r"Zimbra's services: mta",
        ),
        Drift(
            "Postfix cannot read the MTA's keytab",
            "zimbra2",
            f"chmod 0600 {MTA_KEYTAB}",
            f"stat -c %a {MTA_KEYTAB}",
            "keytab",
            setting=r"smtp\.keytab: mode",
        ),
        Drift(
            "a keytab entry is removed",
            "zimbra1",
            f"printf 'rkt {KEYTAB}\\ndelent 1\\nwkt /root/less\\n' | ktutil; cat /root/less > {KEYTAB}; rm /root/less",
            f"klist -ke {KEYTAB} | sort",
            "keytab",
            setting=r"krb5\.keytab: \S+ kvno",
        ),
        Drift(
            "a service's key was rotated at the KDC",
            "kdc1",
            f"kadmin.local cpw -randkey -keepold imap/{OTHER}",
            f"kinit -c FILE:/dev/shm/drift -kt {KEYTAB} imap/{OTHER} && echo logged in; rm -f /dev/shm/drift",
            "keytab",
            mended_on="zimbra2",
            setting=r"krb5\.keytab: imap/zimbra2\S+ kvno",
        ),
        _local(
            "a key of localconfig is set that counts no more",
            "zimbra2",
            "postfix_import_environment",
            "KRB5_KTNAME=/etc/krb5.keytab",
            "localconfig",
        ),
        Drift(
            "the server's name stands on a loopback address",
            "zimbra2",
            "cp /etc/hosts /root/hosts; sed -i 's/^.*zimbra2.*$/127.0.1.1 zimbra2.example.test zimbra2/' /root/hosts; "
            "cat /root/hosts > /etc/hosts; rm /root/hosts",
            "grep zimbra2 /etc/hosts",
            HOSTS_FILE,
            setting=r"/etc/hosts: 127\.0\.1\.1",
        ),
    ),
)
REFUSALS: tuple[tuple[Refusal, ...], ...] = (
    (
        Refusal(
            "the mailbox server is stopped",
            "zimbra1",
            ("run", "zimbra1", "--", "sh", "-c", _zimbra("zmmailboxdctl stop")),
            ("run", "zimbra1", "--", "sh", "-c", _zimbra("zmmailboxdctl start")),
            r"zmmailboxdctl start|via_ldap",
        ),
        Refusal(
            "localconfig has the name of another server",
            "zimbra2",
            ("run", "zimbra2", "--", "sh", "-c", _zimbra("zmlocalconfig -e zimbra_server_hostname=other.example.test")),
            ("run", "zimbra2", "--", "sh", "-c", _zimbra(f"zmlocalconfig -e zimbra_server_hostname={OTHER}")),
            r"zimbra_server_hostname",
        ),
    ),
)
