# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drifts that are injected: what an administrator's hand or a broken tool does to a host."""

from __future__ import annotations

import dataclasses

REALM = "EXAMPLE.TEST"
KEYTAB = "/etc/postfix/smtp.keytab"
RECEIVER = "/etc/krb5kdc/kpropd.acl"
BACKUP = "/etc/systemd/system/krb5-backup.timer"


@dataclasses.dataclass(frozen=True)
class Drift:
    """One drift: on which host, how it is made, what shows it, and which task must mend it.

    ``look`` prints the same before the drift and after the run that mends it, and something else between; it
    runs on ``mended_on`` (the same host where empty), as does the task that must report the change, in check
    mode and in the run: ``task`` matches a part of its name. ``looked_at``: where ``look`` runs instead, if it does.
    ``told``: a host and a script there, whose output ``look`` reads. ``setting`` matches a part of what the drift
    report of the check run says of that host, as `resource: setting`.
    """

    title: str
    host: str
    make: str
    look: str
    task: str
    mended_on: str = ""
    looked_at: str = ""
    told: tuple[str, str] | None = None
    setting: str = dataclasses.field(kw_only=True)

    @property
    def place(self) -> str:
        """The host on which the run mends it."""
        return self.mended_on or self.host


@dataclasses.dataclass(frozen=True)
class Refusal:
    """A fault that the run cannot mend: how it is made and taken away by `python tests/lab`, and what must be said.

    Check mode and the run both end on ``host`` with a message that ``says`` matches, and nothing has changed.
    """

    title: str
    host: str
    make: tuple[str, ...]
    unmake: tuple[str, ...]
    says: str


def _show(unit: str) -> str:
    return f"systemctl is-active {unit}; systemctl is-enabled {unit}"


KDC_CONF = "/etc/krb5kdc/kdc.conf"
# A replica has the new key within five minutes, and where the primary is slow to answer, libkrb5 asks the replica.
BY_PRIMARY = (
    f"printf '[realms]\\n{REALM} = {{\\nkdc = kdc1.example.test\\n}}\\n' > /dev/shm/primary.conf; "
    "KRB5_CONFIG=/dev/shm/primary.conf"
)
# Of the parts of a task that brings several files the module is in its name
POLICY = r"\(enctype_policy\)"
KRB5_CONF = r"\(krb5_conf\)"
HOSTS_FILE = r"\(hosts_file\)"
POSTCONF = r"\(postconf\)"


def _typed(title: str, host: str, line: str) -> Drift:
    """A relation of [libdefaults] that concerns encryption types, in front of all others, where it counts."""
    return Drift(
        title,
        host,
        f"sed -i 's/^.libdefaults.$/&\\n    {line}/' /etc/krb5.conf",
        "cat /etc/krb5.conf",
        POLICY,
        setting=rf"krb5\.conf: libdefaults\.{line.partition(' ')[0]}",
    )


def _set(title: str, host: str, edit: str, setting: str) -> Drift:
    """An edit of krb5.conf by sed that concerns the realm."""
    return Drift(
        title,
        host,
        f"sed -i '{edit}' /etc/krb5.conf",
        "cat /etc/krb5.conf",
        KRB5_CONF,
        setting=rf"krb5\.conf: {setting}",
    )


# Rounds of drifts, so that one check and one run serve many. Of the two parts that edit krb5.conf one a host: the end
# of the first one's diff is not the file's.
ROUNDS: tuple[tuple[Drift, ...], ...] = (
    (
        Drift(
            "a keytab entry is removed",
            "mx1",
            f"printf 'rkt {KEYTAB}\\ndelent 1\\nwkt /root/less\\n' | ktutil; cat /root/less > {KEYTAB}; rm /root/less",
            f"klist -ke {KEYTAB} | sort",
            "keytab",
            setting=r"smtp\.keytab: smtp/\S+ kvno",
        ),
        Drift(
            "the keytab is readable by all",
            "mx2",
            f"chmod 0644 {KEYTAB}",
            f"stat -c %a {KEYTAB}",
            "keytab",
            setting=r"smtp\.keytab: mode",
        ),
        Drift(
            "a principal loses an attribute",
            "kdc1",
            "kadmin.local modprinc -requires_preauth alice",
            "kadmin.local getprinc alice | grep Attributes",
            "password policies, users and services",
            setting=r"principal alice@\S+: attributes",
        ),
        Drift(
            "a password policy is loosened",
            "kdc1",
            "kadmin.local modpol -minlength 1 -maxfailure 0 users",
            "kadmin.local getpol users",
            "password policies, users and services",
            setting=r"password policy users: min_length",
        ),
        Drift(
            "Postfix is stopped",
            "mx2",
            "systemctl stop postfix",
            _show("postfix"),
            "Run Postfix",
            setting=r"postfix\S*: state",
        ),
        Drift(
            "smtpd is chrooted again",
            "mx1",
            "postconf -F smtp/inet/chroot=y",
            "postconf -F smtp/inet/chroot",
            POSTCONF,
            setting=r"master\.cf: smtp/inet/chroot",
        ),
        Drift(
            "the KDC makes weak keys too",
            "kdc1",
            "sed -i 's/supported_enctypes = /supported_enctypes = arcfour-hmac:normal /' /etc/krb5kdc/kdc.conf",
            "cat /etc/krb5kdc/kdc.conf",
            "kdc.conf",
            setting=r"kdc\.conf: realms\.EXAMPLE\.TEST\.supported_enctypes",
        ),
        Drift(
            "the host's name stands on a loopback address",
            "mx1",
            "cp /etc/hosts /root/hosts; sed -i 's/^.*mx1.*$/127.0.1.1 mx1.example.test mx1/' /root/hosts; "
            "cat /root/hosts > /etc/hosts; rm /root/hosts",
            "grep mx1 /etc/hosts",
            HOSTS_FILE,
            setting=r"/etc/hosts: 127\.0\.1\.1",
        ),
        Drift(
            "the primary may not send any more",
            "kdc2",
            f"sed -i /kdc1/d {RECEIVER}; echo host/kdc9.example.test@EXAMPLE.TEST >> {RECEIVER}",
            f"grep kdc1 {RECEIVER}",
            "kpropd.acl",
            setting=r"kpropd\.acl: host/kdc1",
        ),
        Drift(
            "the stash is readable by all",
            "kdc2",
            "chmod 0644 /etc/krb5kdc/stash",
            "stat -c %a /etc/krb5kdc/stash",
            "stash",
            setting=r"/stash: mode",
        ),
        Drift(
            "backups are switched off",
            "kdc1",
            "systemctl disable --now krb5-backup.timer",
            _show("krb5-backup.timer"),
            "Run, now and at boot, the timer krb5-backup",
            setting=r"krb5-backup\.timer: enabled",
        ),
        Drift(
            "the clock's service is off",
            "client1",
            "systemctl disable --now chrony",
            _show("chrony"),
            "time service",
            setting=r"chrony\S*: enabled",
        ),
        _typed("a mail host permits triple DES, as for Zimbra", "mx1", "permitted_enctypes = des3-hmac-sha1"),
        _typed("weak types are switched on", "mx2", "allow_weak_crypto = true"),
        _typed("the KDC permits a type that is misspelt", "kdc1", "permitted_enctypes = aes256-cts aes265-cts"),
        Drift(
            "a replica permits what libkrb5 likes",
            "kdc2",
            "sed -i '/permitted_enctypes/d' /etc/krb5.conf",
            "grep permitted_enctypes /etc/krb5.conf",
            POLICY,
            setting=r"krb5\.conf: libdefaults\.permitted_enctypes",
        ),
        _typed("a client asks for RC4 alone, as for CAS", "client1", "default_tkt_enctypes = rc4-hmac"),
        Drift(
            "the replica's database is lost",
            "kdc2",
            "systemctl stop krb5-kpropd krb5-kdc; rm /var/lib/krb5kdc/principal*",
            "kdb5_util dump | grep -c ^princ; systemctl is-active krb5-kpropd krb5-kdc",
            "send the database",
            setting=r"krb5-prop\S*: state",
        ),
        Drift(
            "tickets of a replica live for a year",
            "kdc2",
            f"sed -i 's/max_life = .*/max_life = 365d/' {KDC_CONF}",
            f"cat {KDC_CONF}",
            "kdc.conf",
            setting=r"kdc\.conf: realms\.EXAMPLE\.TEST\.max_life",
        ),
    ),
    (
        # First, for another drift of this round changes of which types new keys are.
        Drift(
            "a service's key was rotated at the KDC",
            "kdc1",
            "kadmin.local cpw -randkey -keepold smtp/mx1.example.test",
            f"{BY_PRIMARY} kinit -c FILE:/dev/shm/drift -kt {KEYTAB} smtp/mx1.example.test@{REALM} && echo logged in; "
            "rm -f /dev/shm/drift /dev/shm/primary.conf",
            "keytab",
            mended_on="mx1",
            setting=r"smtp\.keytab: smtp/mx1\S+ kvno",
        ),
        Drift(
            "SASL is switched off in main.cf",
            "mx2",
            "postconf -e smtpd_sasl_auth_enable=no",
            "postconf smtpd_sasl_auth_enable",
            POSTCONF,
            setting=r"main\.cf: smtpd_sasl_auth_enable",
        ),
        Drift(
            "GSSAPI is gone from mech_list",
            "mx1",
            "sed -i 's/^mech_list:.*/mech_list: PLAIN LOGIN/' /etc/postfix/sasl/smtpd.conf",
            "cat /etc/postfix/sasl/smtpd.conf",
            r"\(cyrus_sasl_conf\)",
            setting=r"smtpd\.conf: mech_list",
        ),
        Drift(
            "the administrators lost a permission",
            "kdc1",
            "sed -i 's/^[*].admin@EXAMPLE.TEST.*/*\\/admin@EXAMPLE.TEST il/' /etc/krb5kdc/kadm5.acl",
            "cat /etc/krb5kdc/kadm5.acl",
            "kadm5.acl",
            setting=r"kadm5\.acl: \*/admin@",
        ),
        Drift(
            "kadmind is stopped and disabled",
            "kdc1",
            "systemctl disable --now krb5-admin-server",
            _show("krb5-admin-server"),
            "the admin server, now",
            setting=r"krb5-admin-server\S*: enabled",
        ),
        Drift(
            "the replica receives nothing",
            "kdc2",
            "systemctl disable --now krb5-kpropd",
            _show("krb5-kpropd"),
            "receiver of the database",
            setting=r"krb5-kpropd\S*: enabled",
        ),
        Drift(
            "backups are made at another time",
            "kdc1",
            f"sed -i 's/^OnCalendar=.*/OnCalendar=monthly/' {BACKUP}; systemctl daemon-reload",
            "systemctl show -p TimersCalendar krb5-backup.timer | grep -o 'OnCalendar=[^;]*'",
            "the timer krb5-backup",
            setting=r"krb5-backup\.timer: Timer\.OnCalendar",
        ),
        Drift(
            "the keytab belongs to someone else",
            "mx2",
            f"chown nobody:nogroup {KEYTAB}",
            f"stat -c %U:%G {KEYTAB}",
            "keytab",
            setting=r"smtp\.keytab: owner",
        ),
        Drift(
            "krb5.conf lost its realm's lines",
            "mx1",
            "sed -i '/default_realm/d' /etc/krb5.conf",
            "grep default_realm /etc/krb5.conf",
            KRB5_CONF,
            setting=r"krb5\.conf: libdefaults\.default_realm",
        ),
        _set("reverse records decide on a client", "client1", "s/rdns = .*/rdns = true/", setting=r"libdefaults\.rdns"),
        Drift(
            "new keys are of triple DES, as for Zimbra",
            "kdc1",
            f"sed -i 's/supported_enctypes = .*/supported_enctypes = des3-hmac-sha1:normal/' {KDC_CONF}",
            f"cat {KDC_CONF}",
            "kdc.conf",
            setting=r"kdc\.conf: realms\.EXAMPLE\.TEST\.supported_enctypes",
        ),
        _set("a host knows one KDC less", "mx2", "/kdc = kdc2/d", setting=r"realms\.EXAMPLE\.TEST\.kdc"),
        _set(
            "KDCs are looked up in DNS",
            "kdc1",
            "s/dns_lookup_kdc = .*/dns_lookup_kdc = true/",
            setting=r"libdefaults\.dns_lookup_kdc",
        ),
        _set(
            "a replica asks a KDC that is gone first",
            "kdc2",
            r"s/^\( *\)kdc = kdc1.*/\1kdc = kdc9.example.test\n&/",
            setting=r"realms\.EXAMPLE\.TEST\.kdc",
        ),
        Drift(
            "krb5.conf names another KDC",
            "client1",
            "sed -i 's/kdc = kdc1.example.test/kdc = kdc9.example.test/' /etc/krb5.conf",
            "cat /etc/krb5.conf",
            KRB5_CONF,
            setting=r"krb5\.conf: realms\.EXAMPLE\.TEST\.kdc",
        ),
        Drift(
            "the submission service is removed",
            "mx1",
            "postconf -MX submission/inet",
            "postconf -M submission/inet; postconf -P submission/inet",
            POSTCONF,
            setting=r"master\.cf: submission/inet",
        ),
        Drift(
            "a user's principal is deleted",
            "kdc1",
            "kadmin.local delprinc -force alice",
            "kadmin.local getprinc alice | grep -E '^(Principal|Attributes|Policy)'",
            "password policies, users and services",
            setting=r"principal alice@\S+: state",
        ),
        Drift(
            "the probe's keytab is lost",
            "client1",
            "rm /etc/krb5.probe.keytab",
            "klist -k /etc/krb5.probe.keytab",
            "probe",
            setting=r"krb5\.probe\.keytab: probe@",
        ),
        Drift(
            "kdc.conf is readable by all",
            "kdc2",
            "chmod 0644 /etc/krb5kdc/kdc.conf",
            "stat -c %a /etc/krb5kdc/kdc.conf",
            "kdc.conf",
            setting=r"kdc\.conf: mode",
        ),
        # Beside another drift of the file, whose line comes back elsewhere.
        Drift(
            "a domain lost its realm",
            "mx1",
            "sed -i '/^ *.example.test = /d' /etc/krb5.conf",
            "grep 'example.test = EXAMPLE' /etc/krb5.conf",
            KRB5_CONF,
            setting=r"krb5\.conf: domain_realm\.",
        ),
    ),
)
