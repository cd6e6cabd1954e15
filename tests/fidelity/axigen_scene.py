# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other administrators do to accounts of Active Directory, to Axigen and to the hosts that use them."""

from __future__ import annotations

from drift import Change, Drift, Refused, Round, Scene, realm_edit, typed, unit_state

HOST = "axigen1.ad.example.test"
KEYTAB = "/etc/axigen.keytab"
UNIT = "/etc/systemd/system/axigen.service.d/kerberos.conf"
ACCOUNTS = "accounts of the directory"
CONFIGURE = "take tickets"
DATABASE = "/var/lib/samba/private/sam.ldb"


def _ldap(name: str, attribute: str) -> str:
    """The values of an account's attribute, as the controller's own database has them."""
    return f"ldbsearch -H {DATABASE} '(sAMAccountName={name})' {attribute} | grep -E '^{attribute}:' | sort"


def _modify(name: str, change: str) -> str:
    unit = "OU=Mail,DC=ad,DC=example,DC=test"
    return f"printf 'dn: CN={name},{unit}\\nchangetype: modify\\n{change}\\n' | ldbmodify -H {DATABASE}"


def _cli(*lines: str) -> str:
    """Sends lines to Axigen's CLI as its administrator, and prints the last answers; Python, for `on`."""
    return f"""
import re, socket, sys
password = sys.stdin.read()
link = socket.create_connection(("127.0.0.1", 7000), 10)
def answer():
    text = b""
    while not re.search(rb"<[\\w-]*#?> $", text):
        more = link.recv(65536)
        if not more:
            break
        text += more
    return text.decode()
def say(line):
    link.sendall(line.encode() + b"\\r\\n")
    return answer()
answer()
say("SET CONSOLE-CODES off"); say("USER admin"); say(password)
print("\\n".join(say(line) for line in {list(lines)!r}))
"""


def _opens(service: str) -> str:
    """Whether the keytab opens a ticket that the KDC issues now, as MIT's kvno sees it."""
    cache = "/dev/shm/drift"
    ticket = f"kvno -c FILE:{cache} -k {KEYTAB} {service}/{HOST} >/dev/null 2>&1 && echo opens"
    return f"kinit -c FILE:{cache} probe >/dev/null && {ticket}; rm -f {cache}"


def _methods(service: str, attribute: str, value: str, title: str) -> Drift:
    return Drift(
        title,
        "axigen1",
        _cli("CONFIG SERVER", f"CONFIG {service}", f"SET {attribute} {value}", "COMMIT", "COMMIT", "SAVE CONFIG"),
        _cli("CONFIG SERVER", f"CONFIG {service}", f"SHOW ATTR {attribute}"),
        CONFIGURE,
        secret="axigen",
    )


ROUNDS = (
    Round(
        (
            Drift(
                "a service principal is removed",
                "dc1",
                f"samba-tool spn delete imap/{HOST} axigen_imap",
                _ldap("axigen_imap", "servicePrincipalName"),
                ACCOUNTS,
                mended_on="axigen1",
                seen_on="dc1",
            ),
            Drift(
                "a service principal is written pop3, which no client asks for",
                "dc1",
                _modify("axigen_pop", f"replace: servicePrincipalName\\nservicePrincipalName: pop3/{HOST}"),
                f"{_ldap('axigen_pop', 'servicePrincipalName')} | grep pop/",
                ACCOUNTS,
                mended_on="axigen1",
                seen_on="dc1",
            ),
            Drift(
                "an account is to use RC4 alone",
                "dc1",
                _modify("axigen_pop", "replace: msDS-SupportedEncryptionTypes\\nmsDS-SupportedEncryptionTypes: 4"),
                _ldap("axigen_pop", "msDS-SupportedEncryptionTypes"),
                ACCOUNTS,
                mended_on="axigen1",
                seen_on="dc1",
            ),
            Drift(
                "the keytab is readable by all",
                "axigen1",
                f"chmod 0644 {KEYTAB}",
                f"stat -c %a {KEYTAB}",
                ACCOUNTS,
            ),
            _methods("IMAP", "secureConnAuthTypes", "(plain login)", "GSSAPI is taken from IMAP in the CLI"),
            Drift(
                "a client's clock service is off",
                "client1",
                "systemctl disable --now chrony",
                unit_state("chrony"),
                "time service",
            ),
            typed("Axigen's host permits RC4, as the document has it", "axigen1", "permitted_enctypes = arcfour-hmac"),
            realm_edit("reverse records decide on a client", "client1", "s/rdns = .*/rdns = true/"),
        )
    ),
    Round(
        (
            Drift(
                "an administrator resets an account's password",
                "dc1",
                "samba-tool user setpassword axigen_pop --random-password",
                _opens("pop"),
                ACCOUNTS,
                mended_on="axigen1",
                secret="probe",
            ),
            Drift(
                "the keytab lost a service's key",
                "axigen1",
                f"printf 'rkt {KEYTAB}\\ndelent %s\\nwkt /root/less\\n' "
                f"$(klist -k {KEYTAB} | awk '/imap/ {{ print NR - 3; exit }}') | ktutil; "
                f"cat /root/less > {KEYTAB}; rm /root/less",
                _opens("imap"),
                ACCOUNTS,
                secret="probe",
            ),
            Drift(
                "an account is deleted",
                "dc1",
                "samba-tool user delete axigen_smtp",
                _ldap("axigen_smtp", "servicePrincipalName"),
                ACCOUNTS,
                mended_on="axigen1",
                seen_on="dc1",
            ),
            Drift(
                "the keytab belongs to root",
                "axigen1",
                f"chown root:root {KEYTAB}",
                f"stat -c %U:%G {KEYTAB}",
                ACCOUNTS,
            ),
            _methods("POP3", "secureConnAuthTypes", "(plain)", "GSSAPI is taken from POP3 in the CLI"),
            Drift(
                "the unit no longer names the keytab",
                "axigen1",
                f"rm {UNIT}; systemctl daemon-reload; systemctl restart axigen",
                "tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID axigen)/environ | grep KRB5",
                "Name the keytab",
            ),
            realm_edit("Axigen's domain lost its realm", "axigen1", "/^ *.ad.example.test = /d"),
        ),
        ("-e", "kerberos_ad_update_password=when_needed"),
    ),
)
ROTATE = ("-e", "kerberos_ad_update_password=when_needed", "-e", "kerberos_ad_max_age=1s")
CHANGES = (
    Change("new passwords for all accounts", "rotate", ROTATE),
    Change("old keys go", "forget", ("-e", "kerberos_ad_keep_old=1s")),
)
REFUSED = (
    Refused(
        "the PTR record names another host",
        "axigen1",
        ("point", "axigen1", "axigen9.ad.example.test"),
        ("point", "axigen1"),
        r"axigen9\.ad\.example\.test",
    ),
)
SCENE = Scene(ROUNDS, CHANGES, REFUSED)
