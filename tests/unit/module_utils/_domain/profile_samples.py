# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration files in the manner of distributions and products, written for these tests."""

from __future__ import annotations

DEBIAN = """\
[libdefaults]
\tdefault_realm = OLD.TEST

# The following settings are for MIT Kerberos only.
\tkdc_timesync = 1
\tccache_type = 4
\tforwardable = true
\tproxiable = true
        rdns = false


# The following encryption type specification would be used by old
# installations that want nothing else.
#\tdefault_tgs_enctypes = des3-hmac-sha1
#\tdefault_tkt_enctypes = des3-hmac-sha1

\tfcc-mit-ticketflags = true

[realms]
\tOLD.TEST = {
\t\tkdc = kerberos.old.test
\t\tkdc = kerberos-1.old.test:88
\t\tadmin_server = kerberos.old.test
\t\tdefault_domain = old.test
\t}
\tUNIVERSITY.TEST = {
\t\tadmin_server = kerberos.university.test
\t}

[domain_realm]
\t.old.test = OLD.TEST
\told.test = OLD.TEST
"""

UBUNTU = """\
[libdefaults]
\tdefault_realm = OLD.TEST
\tkdc_timesync = 1
\tccache_type = 4
\tforwardable = true
\tproxiable = true
\trdns = false

[realms]
\tOLD.TEST = {
\t\tkdc = krb1.old.test
\t\tmaster_kdc = krb1.old.test
\t\tadmin_server = krb1.old.test
\t}
"""

RHEL_9 = """\
# To opt out of the system's crypto-policies, remove the
# symbolic link in /etc/krb5.conf.d
# includedir DROP_INS

[logging]
    default = FILE:/var/log/krb5libs.log
    kdc = FILE:/var/log/krb5kdc.log
    admin_server = FILE:/var/log/kadmind.log

[libdefaults]
    dns_lookup_realm = false
    ticket_lifetime = 24h
    renew_lifetime = 7d
    forwardable = true
    rdns = false
    pkinit_anchors = FILE:/etc/pki/tls/certs/ca-bundle.crt
    spake_preauth_groups = edwards25519
    dns_canonicalize_hostname = fallback
    qualify_shortname = ""
#    default_realm = EXAMPLE.COM
    default_ccache_name = KEYRING:persistent:%{uid}

[realms]
# EXAMPLE.COM = {
#     kdc = kerberos.example.com
#     admin_server = kerberos.example.com
# }

[domain_realm]
# .example.com = EXAMPLE.COM
# example.com = EXAMPLE.COM
"""

RHEL_8 = """\
# The system's crypto-policies and other packages put their part here.
# includedir DROP_INS

[logging]
    default = FILE:/var/log/krb5libs.log
    kdc = FILE:/var/log/krb5kdc.log
    admin_server = FILE:/var/log/kadmind.log

[libdefaults]
    dns_lookup_realm = false
    ticket_lifetime = 24h
    renew_lifetime = 7d
    forwardable = true
    rdns = false
    pkinit_anchors = FILE:/etc/pki/tls/certs/ca-bundle.crt
    spake_preauth_groups = edwards25519
#    default_realm = OLD.TEST
    default_ccache_name = KEYRING:persistent:%{uid}

[realms]
# OLD.TEST = {
#     kdc = kerberos.old.test
# }

[domain_realm]
# .old.test = OLD.TEST
"""

FEDORA = """\
# includedir DROP_INS
[logging]
    default = FILE:/var/log/krb5libs.log
    kdc = FILE:/var/log/krb5kdc.log

[libdefaults]
    dns_lookup_realm = false
    ticket_lifetime = 24h
    renew_lifetime = 7d
    forwardable = true
    rdns = false
    pkinit_anchors = FILE:/etc/pki/tls/certs/ca-bundle.crt
    spake_preauth_groups = edwards25519
    dns_canonicalize_hostname = fallback
    qualify_shortname = ""

[realms]
 FEDORA.OLD.TEST = {
        kdc = https://id.old.test/KdcProxy
\tpkinit_kdc_hostname = id.old.test
 }
[domain_realm]
 .fedora.old.test = FEDORA.OLD.TEST
"""

RHEL_7 = """\
# Configuration snippets may be placed in this directory as well

[logging]
 default = FILE:/var/log/krb5libs.log
 kdc = FILE:/var/log/krb5kdc.log

[libdefaults]
 dns_lookup_realm = false
 ticket_lifetime = 24h
 renew_lifetime = 7d
 forwardable = true
 rdns = false
 default_realm = OLD.TEST
 default_ccache_name = KEYRING:persistent:%{uid}

[realms]
 OLD.TEST = {
  kdc = kdc.old.test
  admin_server = kdc.old.test
 }

[domain_realm]
 .old.test = OLD.TEST
 old.test = OLD.TEST
"""

SUSE = """\

[libdefaults]
    # "dns_canonicalize_hostname" and "rdns" are better set to false for improved security.
    # If set to true, the canonicalization mechanism performed by Kerberos client may
    # allow service impersonification.
    dns_canonicalize_hostname = false
    rdns = false
    verify_ap_req_nofail = true
    default_ccache_name = KEYRING:persistent:%{uid}
    default_realm = OLD.TEST

[realms]
    OLD.TEST = {
        kdc = kerberos.old.test
\tadmin_server = kerberos.old.test
    }

[logging]
    kdc = FILE:/var/log/krb5/krb5kdc.log
    admin_server = FILE:/var/log/krb5/kadmind.log
    default = SYSLOG:NOTICE:DAEMON
"""

FREEIPA = """\
#File modified by the enrolment of this host

[libdefaults]
  default_realm = OLD.TEST
  dns_lookup_realm = true
  rdns = false
  dns_canonicalize_hostname = false
  dns_lookup_kdc = true
  ticket_lifetime = 24h
  forwardable = true
  udp_preference_limit = 0
  default_ccache_name = KEYRING:persistent:%{uid}


[realms]
  OLD.TEST = {
    pkinit_anchors = FILE:/var/lib/ipa-client/pki/kdc-ca-bundle.pem
    pkinit_pool = FILE:/var/lib/ipa-client/pki/ca-bundle.pem
    auth_to_local = RULE:[1:$1@$0](^.*@AD.TEST$)s/@AD.TEST/@ad.test/
    auth_to_local = DEFAULT

  }


[domain_realm]
  .old.test = OLD.TEST
  old.test = OLD.TEST
  client1.old.test = OLD.TEST

[dbmodules]
  OLD.TEST = {
    db_library = ipadb.so
  }

[plugins]
 certauth = {
  module = ipakdb:kdb/ipadb.so
  enable_only = ipakdb
 }
"""

SAMBA = """\
[libdefaults]
\tdefault_realm = AD.OLD.TEST
\tdns_lookup_realm = false
\tdns_lookup_kdc = true

[realms]
AD.OLD.TEST = {
\tdefault_domain = ad.old.test
}

[domain_realm]
\tdc1 = AD.OLD.TEST
"""

JAVA = (
    "[libdefaults]\r\n"
    "default_realm=OLD.TEST\r\n"
    'default_keytab_name = "FILE:C:\\\\tomcat\\\\conf\\\\krb5.keytab"\r\n'
    "default_tkt_enctypes=aes256-cts-hmac-sha1-96 rc4-hmac\r\n"
    "forwardable=true\r\n"
    "\r\n"
    "[realms]\r\n"
    "OLD.TEST={\r\n"
    "  kdc=dc1.old.test:88\r\n"
    "}\r\n"
    "\r\n"
    "[domain_realm]\r\n"
    ".old.test=OLD.TEST"
)

ZIMBRA = """\
[logging]
 default = FILE:/opt/zimbra/log/krb5libs.log

[libdefaults]
 default_realm = OLD.TEST
 default_keytab_name = FILE:/opt/zimbra/conf/krb5.keytab
 default_tkt_enctypes = des3-hmac-sha1 rc4-hmac
 default_tgs_enctypes = des3-hmac-sha1 rc4-hmac
 permitted_enctypes = des3-hmac-sha1 rc4-hmac
 allow_weak_crypto = true

[realms]
 OLD.TEST = {
 }
 OLD.TEST = {
  kdc = kdc.old.test
 }

[libdefaults]
 default_realm = SECOND.TEST

[appdefaults]
 pam = {
   debug = false
   forwardable = true
   krb4_convert = false
 }*
 debug = true
"""

KDC_CONF = """\
[kdcdefaults]
    kdc_ports = 750,88

[realms]
    OLD.TEST = {
        database_name = /var/lib/krb5kdc/principal
        admin_keytab = FILE:/etc/krb5kdc/kadm5.keytab
        acl_file = /etc/krb5kdc/kadm5.acl
        key_stash_file = /etc/krb5kdc/stash
        kdc_ports = 750,88
        max_life = 10h 0m 0s
        max_renewable_life = 7d 0h 0m 0s
        #supported_enctypes = aes256-cts:normal aes128-cts:normal
        default_principal_flags = +preauth
    }
"""

SAMPLES = {
    "Debian": DEBIAN,
    "Ubuntu": UBUNTU,
    "RHEL 7": RHEL_7,
    "RHEL 8": RHEL_8,
    "RHEL 9": RHEL_9,
    "Fedora": FEDORA,
    "SUSE": SUSE,
    "FreeIPA": FREEIPA,
    "Samba": SAMBA,
    "Java": JAVA,
    "Zimbra": ZIMBRA,
    "kdc.conf": KDC_CONF,
}
