# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of Kerberos itself: clocks, names, the way to the KDCs, krb5.conf and keytabs.

The clock of a container is the machine's. A KDC whose clock is wrong is a real krb5kdc under libfaketime, which is
Debian's. Wrong records of DNS are those of a dnsmasq that the host has for its resolver meanwhile.
"""

from __future__ import annotations

from .. import fleet
from . import Fault, Pair

KRB5, HOSTS, RESOLV, KEYTAB = "/etc/krb5.conf", "/etc/hosts", "/etc/resolv.conf", "/etc/postfix/smtp.keytab"
REALM, DOMAIN = "EXAMPLE.TEST", "example.test"
AES256 = "aes256-cts-hmac-sha1-96"
INSTALL = "apt-get install -qq -y --no-install-recommends {0} </dev/null >/dev/null 2>&1"
EVERYONE = ("kdc1", "kdc2", "mx1", "mx2", "client1")


def _but(*hosts: str) -> tuple[str, ...]:
    """All hosts but these."""
    return tuple(host for host in EVERYONE if host not in hosts)


def _edited(path: str, change: str) -> tuple[str, str]:
    """Make and unmake of a change to a file: ``{0}`` in ``change`` stands for its path. The times come back too."""
    return f"cp -a {path} {path}.sound; {change.replace('{0}', path)}", f"mv {path}.sound {path}"


def _in_krb5(sed: str) -> tuple[str, str]:
    return _edited(KRB5, f"sed -i -e '{sed}' {{0}}")


def _resolver(*options: str) -> tuple[str, str]:
    """A resolver of the host's own that answers otherwise than the lab's DNS."""
    start = (
        f"command -v dnsmasq >/dev/null || {INSTALL.format('dnsmasq-base')}; "
        'reverse=$(hostname -I | awk \'{print $1}\' | awk -F. \'{print $4"."$3"."$2"."$1}\').in-addr.arpa; '
        f"dnsmasq --conf-file=/dev/null --no-hosts --no-resolv --server=$(awk '/^nameserver/ {{print $2}}' {RESOLV}) "
        f"--listen-address=127.0.0.1 --bind-interfaces --pid-file=/run/fault-dns.pid --user=root {' '.join(options)}; "
    )
    change, back = _edited(RESOLV, f"echo 'nameserver 127.0.0.1' > {{0}}; echo 'search {DOMAIN}' >> {{0}}")
    return f"{start}{change}", f"{back}; kill $(cat /run/fault-dns.pid); rm -f /run/fault-dns.pid"


def _keytab(*commands: str) -> tuple[str, str]:
    """A keytab that ktutil has changed; owner and mode stay."""
    lines = "\\n".join((f"rkt {KEYTAB}.sound", *commands, f"wkt {KEYTAB}.new"))
    change = f"printf '{lines}\\n' | ktutil >/dev/null; cat {KEYTAB}.new > {{0}}; rm {KEYTAB}.new"
    return _edited(KEYTAB, change)


def _kdc_conf(sed: str) -> tuple[str, str]:
    """Another kdc.conf, with which the KDC starts anew."""
    change, back = _edited("/etc/krb5kdc/kdc.conf", f"sed -i -e '{sed}' {{0}}")
    return f"{change}; {RESTART}", f"{back}; {RESTART}"


RESTART = "systemctl restart krb5-kdc; for n in $(seq 50); do ss -lnut | grep -q ':88 ' && break; sleep 0.1; done"
FAKETIME = "/etc/systemd/system/krb5-kdc.service.d/fault.conf"
LIBRARY = "/usr/lib/$(uname -m)-linux-gnu/faketime/libfaketime.so.1"
AHEAD = (
    f"test -e {LIBRARY} || {INSTALL.format('libfaketime')}; mkdir -p $(dirname {FAKETIME}); "
    f"printf '[Service]\\nEnvironment=LD_PRELOAD=%s FAKETIME=+10m\\n' {LIBRARY} > {FAKETIME}; "
    f"systemctl daemon-reload; {RESTART}"
)
RIGHT_TIME = f"rm {FAKETIME}; rmdir $(dirname {FAKETIME}); systemctl daemon-reload; {RESTART}"
CHRONY = "/etc/systemd/system/chrony.service.d"
STOPPED = (
    f"mkdir -p {CHRONY}; printf '[Unit]\\nConditionCapability=\\n[Service]\\n"
    f"Environment=DAEMON_OPTS=-x\\nEnvironmentFile=\\n' > {CHRONY}/fault.conf; "
    "systemctl daemon-reload; systemctl start chrony; systemctl stop chrony"
)
HELD_BACK = f"rm -r {CHRONY}; systemctl daemon-reload; systemctl start chrony"
NEW_KEY = (
    f"kdb5_util dump /root/fault.dump smtp/{{0}}.{DOMAIN}@{REALM}; "
    f"kadmin.local -q 'cpw -randkey smtp/{{0}}.{DOMAIN}' >/dev/null"
)
OLD_KEY = "kdb5_util load -update /root/fault.dump; rm -f /root/fault.dump*"

CLOCKS = (
    Fault(
        "the clock of one KDC is ten minutes ahead",
        "client1",
        AHEAD,
        RIGHT_TIME,
        "clock.skew",
        r"kdc1\.example\.test.*(600|59\d|60\d)",
        "kdc1",
        _but("client1", "kdc1"),
    ),
    Fault(
        "clocks may differ by one second only",
        "client1",
        *_in_krb5("/libdefaults/a clockskew = 1"),
        "clock.tolerance",
        "clockskew = 1 ",
    ),
    Fault("nothing keeps the time", "mx2", STOPPED, HELD_BACK, "clock.service_stopped", "chrony"),
)
NAMES = (
    Fault(
        "the host's name stands on 127.0.1.1, as an installer writes it",
        "mx1",
        *_edited(HOSTS, f"sed -i -e '1i 127.0.1.1 mx1.{DOMAIN} mx1' {{0}}"),
        "names.loopback",
        r"127\.0\.1\.1",
    ),
    Fault(
        "an alias stands before the host's name",
        "mx2",
        *_edited(HOSTS, f"sed -i -e 's/mx2.{DOMAIN} mx2/mail mx2.{DOMAIN} mx2/' {{0}}"),
        "names.hosts_file",
        "is called mail before",
    ),
    Fault(
        "the PTR record has the name of another host",
        "mx1",
        *_resolver(f"--ptr-record=$reverse,old.{DOMAIN}"),
        "names.reverse_differs",
        r"old\.example\.test",
    ),
    Fault(
        "the alias is in no DNS",
        "mx2",
        *_resolver(f"--local=/mail.{DOMAIN}/"),
        "names.alias_unknown",
        r"mail\.example\.test",
    ),
)
NETWORK = (
    Fault(
        "the hosts file has old addresses of the KDCs",
        "mx1",
        *_edited(HOSTS, f"printf '127.0.0.9 kdc1.{DOMAIN}\\n127.0.0.9 kdc2.{DOMAIN}\\n' >> {{0}}"),
        "network.kdc_none",
        r"127\.0\.0\.9.*refused",
    ),
    Fault(
        "one KDC cannot be reached",
        "client1",
        *_edited(HOSTS, f"echo '127.0.0.9 kdc2.{DOMAIN}' >> {{0}}"),
        "network.kdc_silent",
        r"kdc2\.example\.test.*refused",
    ),
    Fault(
        "DNS does not know one KDC",
        "mx2",
        *_resolver(f"--local=/kdc2.{DOMAIN}/"),
        "network.kdc_unresolved",
        r"kdc2\.example\.test",
    ),
    Fault(
        "a KDC does not listen on UDP",
        "mx1",
        *_kdc_conf('s/kdc_ports = 88/kdc_ports = ""/'),
        "network.kdc_udp",
        r"kdc2.*UDP: .*refused",
        "kdc2",
        _but("mx1", "kdc2"),
    ),
    Fault(
        "a KDC does not listen on TCP",
        "mx1",
        *_kdc_conf('s/kdc_tcp_ports = 88/kdc_tcp_ports = ""/'),
        "network.kdc_tcp",
        r"kdc2.*TCP: .*refused",
        "kdc2",
        _but("mx1", "kdc2"),
    ),
    Fault(
        "an SRV record names a host of old",
        "client1",
        *_resolver(f"--srv-host=_kerberos._udp.{DOMAIN},old.{DOMAIN},88"),
        "network.srv_differs",
        r"old\.example\.test",
    ),
)
CONFIGURATION = (
    Fault(
        "krb5.conf names a host for a KDC that is none",
        "mx1",
        *_in_krb5(f"s/kdc = kdc..{DOMAIN}/kdc = mx2.{DOMAIN}/"),
        "krb5.kdc_differs",
        r"mx2\.example\.test",
    ),
    Fault(
        "krb5.conf names no KDC", "mx2", *_in_krb5("/ kdc = /d"), "krb5.kdc_missing", "no kdc in .realms. EXAMPLE.TEST"
    ),
    Fault(
        "krb5.conf names no default realm",
        "client1",
        *_in_krb5("/default_realm/d"),
        "krb5.default_realm",
        "it names no default_realm",
    ),
    Fault(
        "the default realm is in small letters",
        "mx2",
        *_in_krb5(f"s/default_realm = .*/default_realm = {DOMAIN}/"),
        "krb5.default_realm",
        "default_realm = example.test",
    ),
    Fault(
        "an included file puts the host into another realm",
        "mx1",
        f"printf '[domain_realm]\\n mx1.{DOMAIN} = OLD.TEST\\n' > /etc/krb5.old.conf; "
        + _in_krb5("1i include /etc/krb5.old.conf")[0],
        _in_krb5("")[1] + "; rm /etc/krb5.old.conf",
        "krb5.domain_realm",
        r"OLD\.TEST.*krb5\.old\.conf line 2",
    ),
    Fault(
        "an included file is not there",
        "mx2",
        *_in_krb5("1i include /etc/krb5.gone.conf"),
        "krb5.include_broken",
        r"krb5\.gone\.conf",
    ),
    Fault("a brace of krb5.conf is missing", "client1", *_in_krb5("/^ *}/d"), "krb5.unreadable", "krb5.conf"),
    Fault(
        "krb5.conf is for root alone",
        "mx1",
        *_edited(KRB5, "chmod 0600 {0}"),
        "krb5.unreadable",
        "opening it as postfix is refused.*0600",
    ),
    Fault(
        "krb5.conf permits no enctype of the keys",
        "mx2",
        *_in_krb5("s/permitted_enctypes = .*/permitted_enctypes = camellia256-cts-cmac/"),
        "krb5.enctypes",
        "with them every key of this host",
    ),
    Fault(
        "an enctype is misspelt",
        "client1",
        *_in_krb5(f"s/permitted_enctypes = {AES256}/permitted_enctypes = {AES256} aes265-cts/"),
        "krb5.enctypes",
        "aes265-cts is no enctype",
    ),
    Fault(
        "weak enctypes are allowed",
        "client1",
        *_in_krb5("/libdefaults/a allow_weak_crypto = true"),
        "krb5.weak_crypto",
        "allow_weak_crypto = true",
    ),
)
KEYTABS = (
    Fault(
        "the keytab is gone",
        "mx1",
        f"mv {KEYTAB} {KEYTAB}.sound",
        f"mv {KEYTAB}.sound {KEYTAB}",
        "keytab.missing",
        KEYTAB,
    ),
    Fault(
        "the keytab belongs to root alone",
        "mx2",
        *_edited(KEYTAB, "chown root:root {0}; chmod 0600 {0}"),
        "keytab.unreadable",
        "opening it as postfix: Permission denied.*root:root",
    ),
    Fault(
        "the keytab lies where postfix may not go",
        "mx1",
        "chmod 0750 /etc/postfix",
        "chmod 0755 /etc/postfix",
        "keytab.not_enterable",
        "ends at /etc/postfix",
    ),
    Fault(
        "the keytab is cut short",
        "mx2",
        *_edited(KEYTAB, "truncate -s 300 {0}"),
        "keytab.damaged",
        "entry 4",
    ),
    Fault(
        "everybody may read the keytab",
        "mx1",
        *_edited(KEYTAB, "chmod 0644 {0}"),
        "keytab.exposed",
        "0644",
    ),
    Fault(
        "the keytab lacks the alias",
        "mx2",
        *_keytab(*["delent 5"] * 4),
        "keytab.principal_missing",
        r"no key of smtp/mail\.example\.test",
    ),
    Fault(
        "the keytab lacks the enctype of the tickets",
        "mx1",
        *_keytab("delent 1"),
        "database.enctypes_differ",
        rf"kdc1\.example\.test: {AES256}",
    ),
    Fault(
        "the keytab has the key of a wrong password",
        "mx2",
        *_keytab(*["delent 1"] * 4, f"addent -password -p smtp/mx2.{DOMAIN}@{REALM} -k 1 -e {AES256}", "not this one"),
        "keytab.key_wrong",
        r"smtp/mx2\.example\.test.*kvno \d",
    ),
    Fault(
        "the KDC has a new key",
        "mx1",
        NEW_KEY.format("mx1"),
        OLD_KEY,
        "database.kvno_differs",
        r"the database of kdc1\.example\.test: kvno \d",
        "kdc1",
    ),
)

FAULTS = {fleet.MIT.name: (*CLOCKS, *NAMES, *NETWORK, *CONFIGURATION, *KEYTABS)}
BY_NAME = {fault.name: fault for fault in FAULTS[fleet.MIT.name]}
PAIRS = {
    fleet.MIT.name: (
        Pair(BY_NAME["everybody may read the keytab"], BY_NAME["an included file puts the host into another realm"]),
        Pair(
            BY_NAME["the KDC has a new key"], BY_NAME["the host's name stands on 127.0.1.1, as an installer writes it"]
        ),
        Pair(BY_NAME["the keytab is cut short"], BY_NAME["an alias stands before the host's name"]),
        Pair(BY_NAME["one KDC cannot be reached"], BY_NAME["weak enctypes are allowed"]),
    )
}
