# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drifts of the site of Active Directory: what its administrators, or Axigen's, do by hand."""

from __future__ import annotations

import dataclasses

from drifts import KRB5_CONF, POLICY, Drift, Refusal

KEYTAB = "/etc/axigen.keytab"
DROP_IN = "/etc/systemd/system/axigen.service.d/*.conf"
SAM = "/var/lib/samba/private/sam.ldb"
HOST = "axigen1.ad.example.test"
CLI = "python3 /opt/lab/administrator.py"
KEYS = "accounts of the directory"


def _account(
    title: str, make: str, look: str, told: tuple[str, str] | None = None, looked_at: str = "dc1", *, setting: str
) -> Drift:
    """An administrator of the domain has changed an account; the host whose keys it has mends it."""
    return Drift(title, "dc1", make, look, KEYS, mended_on="axigen1", looked_at=looked_at, told=told, setting=setting)


def _newest(account: str, service: str) -> tuple[str, tuple[str, str]]:
    """What shows whether the keytab has the account's newest key: a script, and whose output it reads."""
    kvno = f"ldbsearch -H {SAM} '(sAMAccountName={account})' msDS-KeyVersionNumber | sed -n 's/^msDS-KeyV.*: //p'"
    return f'read kvno; klist -k {KEYTAB} | grep -c "^ *$kvno {service}/{HOST}@"', ("dc1", kvno)


def _modified(account: str, attribute: str, value: str) -> str:
    dn = f"$(ldbsearch -H {SAM} '(sAMAccountName={account})' dn | sed -n 's/^dn: //p')"
    lines = rf"dn: %s\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"
    return f"printf '{lines}' \"{dn}\" | ldbmodify -H {SAM}"


def _shown(account: str, attribute: str) -> str:
    return f"ldbsearch -H {SAM} '(sAMAccountName={account})' {attribute} | grep '^{attribute}:' | sort"


def _methods(title: str, service: str, attribute: str) -> Drift:
    """A mechanism is taken from a service by the CLI; in which order the words stand is all one."""
    context = f"{CLI} 'CONFIG SERVER' 'CONFIG {service}'"
    make = f"{context} 'SET {attribute} (plain login cram-md5 digest-md5)' COMMIT COMMIT 'SAVE CONFIG'"
    look = f"{context} 'SHOW ATTR {attribute}' | grep {attribute} | tr -d '()' | tr ' ' '\\n' | sort"
    return Drift(title, "axigen1", make, look, "take tickets", setting=rf"(?i): {service}\.{attribute}")


def _without(title: str, kvno: str, service: str) -> Drift:
    """The keytab loses entries of a service: those whose kvno `kvno` (awk) says."""
    slots = (
        f"printf 'rkt {KEYTAB}\\nlist\\n' | ktutil | awk '$3 ~ \"^{service}/\" {{ kvno[$1] = $2; if ($2 > newest) "
        f"newest = $2 }} END {{ for (slot in kvno) if ({kvno}) print slot }}' | sort -rn"
    )
    make = (
        f"{{ echo 'rkt {KEYTAB}'; {slots} | sed 's/^/delent /'; echo 'wkt /root/less'; }} | ktutil; "
        f"cat /root/less > {KEYTAB}; rm /root/less"
    )
    return Drift(
        title,
        "axigen1",
        make,
        f"klist -ke {KEYTAB} | grep -c {service}/",
        KEYS,
        setting=rf"axigen\.keytab: {service}/\S+ kvno",
    )


_RESET, _TOLD = _newest("axigen_imap", "imap")
ROUNDS: tuple[tuple[Drift, ...], ...] = (
    (
        _account(
            "a service principal is taken from its account",
            f"samba-tool spn delete smtp/{HOST} axigen_smtp",
            _shown("axigen_smtp", "servicePrincipalName"),
            setting=r"axigen_smtp.*: servicePrincipalName",
        ),
        _account(
            "an administrator has reset an account",
            "samba-tool user setpassword axigen_imap --newpassword=$(head -c 15 /dev/urandom | base64)-Aa1",
            _RESET,
            _TOLD,
            looked_at="axigen1",
            setting=r"axigen\.keytab: imap/\S+ kvno|axigen_imap.*: password",
        ),
        _account(
            "an account may use RC4 again",
            _modified("axigen_pop", "msDS-SupportedEncryptionTypes", "28"),
            _shown("axigen_pop", "msDS-SupportedEncryptionTypes"),
            setting=r"axigen_pop.*: msDS-SupportedEncryptionTypes",
        ),
        Drift(
            "the keytab is readable by all",
            "axigen1",
            f"chmod 0644 {KEYTAB}",
            f"stat -c %a {KEYTAB}",
            KEYS,
            setting=r"axigen\.keytab: mode",
        ),
        _methods("IMAP takes no tickets any more", "IMAP", "secureConnAuthTypes"),
        Drift(
            "Axigen is told of another keytab",
            "axigen1",
            f"sed -i 's#{KEYTAB}#/etc/krb5.keytab#' {DROP_IN}",
            f"cat {DROP_IN}",
            "keytab in the unit",
            setting=r"axigen\.service\.d/\S+: Service\.Environment",
        ),
        Drift(
            "reverse records decide on Axigen's host",
            "axigen1",
            "sed -i 's/rdns = .*/rdns = true/' /etc/krb5.conf",
            "cat /etc/krb5.conf",
            KRB5_CONF,
            setting=r"krb5\.conf: libdefaults\.rdns",
        ),
        Drift(
            "krb5.conf names another KDC",
            "client1",
            "sed -i 's/kdc = dc1/kdc = dc9/' /etc/krb5.conf",
            "cat /etc/krb5.conf",
            KRB5_CONF,
            setting=r"krb5\.conf: realms\.\S+\.kdc",
        ),
    ),
    (
        _account(
            "a service principal is misspelt, so that no client asks for it",
            _modified("axigen_pop", "servicePrincipalName", f"pop3/{HOST}"),
            f"{_shown('axigen_pop', 'servicePrincipalName')} | grep pop/",
            setting=r"axigen_pop.*: servicePrincipalName",
        ),
        _account(
            "an account is deleted",
            "samba-tool user delete axigen_smtp",
            _shown("axigen_smtp", "servicePrincipalName"),
            setting=r"axigen_smtp.*: (state|servicePrincipalName)",
        ),
        _without("the keys of a service are lost", "1", "pop"),
        dataclasses.replace(
            _without("an older keytab was put back, whose kvno is behind", "kvno[slot] == newest", "imap"),
            look=_RESET,
            told=_TOLD,
        ),
        Drift(
            "the keytab belongs to root again",
            "axigen1",
            f"chown root:root {KEYTAB}",
            f"stat -c %U:%G {KEYTAB}",
            KEYS,
            setting=r"axigen\.keytab: owner",
        ),
        _methods("POP3 takes no tickets any more", "POP3", "secureConnAuthTypes"),
        Drift(
            "a client asks for RC4 alone",
            "client1",
            "sed -i 's/^.libdefaults.$/&\\n    default_tkt_enctypes = rc4-hmac/' /etc/krb5.conf",
            "cat /etc/krb5.conf",
            POLICY,
            setting=r"krb5\.conf: libdefaults\.default_tkt_enctypes",
        ),
    ),
)
REFUSALS: tuple[tuple[Refusal, ...], ...] = (
    (
        Refusal(
            "the PTR of Axigen's address names another host",
            "axigen1",
            ("point", "axigen1", "mail.ad.example.test"),
            ("point", "axigen1"),
            r"mail\.ad\.example\.test",
        ),
    ),
    (
        Refusal(
            "Axigen is stopped",
            "axigen1",
            ("run", "axigen1", "--", "systemctl", "stop", "axigen"),
            ("run", "axigen1", "--", "systemctl", "start", "axigen"),
            r"port 7000",
        ),
    ),
)
