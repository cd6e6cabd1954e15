# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages of Debian the images have, as tables."""

from __future__ import annotations

# What a blank host has: what is on every Debian server, and python3-apt for the apt module's check mode.
BASE = (
    "ca-certificates",
    "dbus",
    "iproute2",
    "openssh-server",
    "python3",
    "python3-apt",
    "systemd",
    "systemd-sysv",
)
# What the roles may install, gsasl and gss-client, by which the proof logs in, what faults of clocks and names take:
# lies downloaded, and not unpacked, in /var/cache/apt/archives of a blank host.
CACHED = (
    "acl",
    "chrony",
    "dnsmasq-base",
    "dovecot-core",
    "dovecot-gssapi",
    "dovecot-imapd",
    "dovecot-pop3d",
    "gsasl",
    "krb5-admin-server",
    "krb5-config",
    "krb5-gss-samples",
    "krb5-kdc",
    "krb5-kpropd",
    "krb5-user",
    "libfaketime",
    "libsasl2-modules-gssapi-mit",
    "postfix",
    "python3-dnspython",
    "python3-gssapi",
    "python3-ldap",
    "sasl2-bin",
    "ssl-cert",
)
# What the roles install on a mail host or its client, and on a KDC.
LIGHT = ("chrony", "krb5-user", "libsasl2-modules-gssapi-mit", "postfix", "python3-gssapi", "sasl2-bin")
LIGHT_KDC = ("chrony", "krb5-admin-server", "krb5-kdc", "krb5-user")
DNS = ("dnsmasq-base",)
PARTNER = ("krb5-admin-server", "krb5-kdc", "krb5-user")
BROWSER = ("chromium", "curl", "firefox-esr")
# A domain controller of Active Directory. Debian 12 has the daemon in `samba`, where 13 has a package of its own.
DC = (
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
TOOLBOX = (
    *CACHED,
    *DC,
    "dnsmasq-base",
    "dnsutils",
    "faketime",
    "git",
    "ldap-utils",
    "procps",
    "samba-common-bin",
    "strace",
)
JAVA = {"12": ("openjdk-17-jdk-headless",), "13": ("openjdk-21-jdk-headless",)}
# What reads CAS's files beside it: both Tomcats that its lines run in are in Debian 12.
JAVA_JUDGES = {"12": ("libdisruptor-java", "liblog4j2-java", "libtomcat10-java", "libtomcat9-java"), "13": ()}
# Of Debian unstable, which alone still has the old ones: unpacked into /opt/javaN where the C library is new enough.
OTHER_JAVAS = {"12": (), "13": ("8", "11", "25")}
