# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of the lab and the packages of its images, as tables."""

from __future__ import annotations

import dataclasses
import ipaddress

DOMAIN = "example.test"
REALM = "EXAMPLE.TEST"
ALIAS = f"mail.{DOMAIN}"
SUITES = {"12": "bookworm", "13": "trixie"}


@dataclasses.dataclass(frozen=True)
class Host:
    """One host: short name, Debian release, group in the inventory, last byte of its address.

    `loopback_name`: its /etc/hosts has the line `127.0.1.1 NAME` that Debian's installer writes.
    `alias`: the load balancer's name resolves to it too.
    """

    name: str
    debian: str
    group: str
    last_byte: int
    loopback_name: bool = False
    alias: bool = False

    @property
    def fqdn(self) -> str:
        """The full name in the lab's domain."""
        return f"{self.name}.{DOMAIN}"

    def address(self, subnet: ipaddress.IPv4Network) -> ipaddress.IPv4Address:
        """The host's address in the lab's /24."""
        return subnet[self.last_byte]


HOSTS = (
    Host("kdc1", "12", "kerberos_kdc", 10),
    Host("kdc2", "13", "kerberos_kdc_replicas", 11),
    Host("mx1", "12", "postfix", 20, alias=True),
    Host("mx2", "13", "postfix", 21, alias=True, loopback_name=True),
    Host("client1", "12", "workstations", 30, loopback_name=True),
)
DNS_BYTE = 2

# What a blank host has: what is on every Debian server, and python3-apt for the apt module's check mode.
BASE_PACKAGES = (
    "ca-certificates",
    "dbus",
    "iproute2",
    "openssh-server",
    "python3",
    "python3-apt",
    "systemd",
    "systemd-sysv",
)
# What the roles may install: lies downloaded, and not unpacked, in /var/cache/apt/archives of a blank host.
CACHED_PACKAGES = (
    "acl",
    "chrony",
    "dovecot-core",
    "dovecot-gssapi",
    "dovecot-imapd",
    "dovecot-pop3d",
    "krb5-admin-server",
    "krb5-config",
    "krb5-kdc",
    "krb5-kpropd",
    "krb5-user",
    "libsasl2-modules-gssapi-mit",
    "postfix",
    "python3-dnspython",
    "python3-gssapi",
    "python3-ldap",
    "sasl2-bin",
    "ssl-cert",
)
DNS_PACKAGES = ("dnsmasq-base",)
# A domain controller of Active Directory. Debian 12 has the daemon in `samba`, where 13 has a package of its own.
DC_PACKAGES = (
    "krb5-user",
    "ldb-tools",
    "python3-samba",
    "samba",
    "samba-ad-dc",
    "samba-ad-provision",
    "samba-dsdb-modules",
    "samba-vfs-modules",
    "winbind",
)
# The toolbox: real tools that judge, on a machine that may be changed.
TOOLBOX_PACKAGES = (
    *CACHED_PACKAGES,
    *DC_PACKAGES,
    "dnsmasq-base",
    "dnsutils",
    "faketime",
    "git",
    "ldap-utils",
    "procps",
    "samba-common-bin",
    "strace",
)
JAVA_PACKAGES = {"12": ("openjdk-17-jdk-headless",), "13": ("openjdk-21-jdk-headless",)}
# Of Debian unstable, which alone still has the old ones: unpacked into /opt/javaN where the C library is new enough.
OTHER_JAVAS = {"12": (), "13": ("8", "11", "25")}
