# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of Zimbra: the troubles of its document, and what else an administrator gets wrong there.

Settings are changed as an administrator does it. Where nothing else would put them in force within a minute, they stay
written and not applied, which is the worse for whoever looks at logins alone.
"""

from __future__ import annotations

from .. import fleet
from . import Fault, Pair

HOME = "/opt/zimbra"
KEYTAB = f"{HOME}/conf/krb5.keytab"
MTA_KEYTAB = f"{HOME}/data/krb5/smtp.keytab"
KRB5_CONF = "/etc/krb5.conf"
LOCALCONFIG = f"{HOME}/conf/localconfig.xml"
JAVA = f"{HOME}/common/lib/jvm/java"
Z1, Z2, DOMAIN = "zimbra1.example.test", "zimbra2.example.test", "example.test"
AS_ZIMBRA = f"runuser -u zimbra -- {HOME}"
# zmconfigd sees a change within a minute, at a time of its own: applied at once, nothing moves while the doctor looks.
APPLY_MTA = f"{AS_ZIMBRA}/libexec/configrewrite mta sasl"
APPLY_PROXY = f"{AS_ZIMBRA}/libexec/configrewrite proxy\n{AS_ZIMBRA}/bin/zmproxyctl restart"


def _zmprov(line: str) -> str:
    """Over SOAP where there is a mailboxd, which would keep on showing what it has read before, else to LDAP."""
    return f"{AS_ZIMBRA}/bin/zmprov {'-l ' if f' {Z2} ' in line else ''}{line}"


def _localconfig(words: str) -> str:
    return f"{AS_ZIMBRA}/bin/zmlocalconfig {words}"


def _kept(path: str, change: str) -> tuple[str, str]:
    """Scripts that change a file and put it back as it was, its times included."""
    kept = f"/root/{path.rpartition('/')[2]}.kept"
    return f"cp -p {path} {kept}; {change}", f"cat {kept} > {path}; touch -r {kept} {path}; rm {kept}"


OFF = "FALSE"
INCLUDED = _kept(KRB5_CONF, f"sed -i '1i includedir /etc/krb5.conf.d' {KRB5_CONF}")
PERMITTED = _kept(
    KRB5_CONF, f"sed -i 's/^    permitted_enctypes = .*/    permitted_enctypes = des3-cbc-sha1/' {KRB5_CONF}"
)
UNRESOLVED = _kept(
    LOCALCONFIG,
    f"""sed -i 's|</localconfig>|<key name="krb5_debug_enabled"><value>${{nosuch}}</value></key>&|' {LOCALCONFIG}""",
)
# One more key, of type 1 (des-cbc-crc) and of a principal that nobody asks for: what an old keytab still holds
DES = _kept(
    KEYTAB,
    "printf '"
    r"\0\0\0\062\0\001\0\014EXAMPLE.TEST\0\007old-des\0\0\0\001\0\0\0\0\001\0\001\0\010aaaaaaaa\0\0\0\001"
    f"' >> {KEYTAB}",
)

GSSAPI_OFF = Fault(
    "GSSAPI is switched off in the mail store",
    "zimbra1",
    _zmprov(f"ms {Z1} zimbraImapSaslGssapiEnabled {OFF}"),
    _zmprov(f"ms {Z1} zimbraImapSaslGssapiEnabled TRUE"),
    "zimbra.gssapi_off",
    r"zimbraImapSaslGssapiEnabled is FALSE",
)
REALM_MISSING = Fault(
    "the domain does not name its realm",
    "zimbra1",
    _zmprov(f"md {DOMAIN} zimbraAuthKerberos5Realm ''"),
    _zmprov(f"md {DOMAIN} zimbraAuthKerberos5Realm EXAMPLE.TEST"),
    "zimbra.realm_missing",
    r"zimbraAuthKerberos5Realm is not set, and should be EXAMPLE\.TEST",
    disturbs=("zimbra2",),
)


def _mechanisms(*names: str) -> str:
    values = " ".join(f"zimbraMtaSaslSmtpdMechList {name}" for name in names)
    return f"{_zmprov(f'ms {Z2} {values}')}\n{APPLY_MTA}\n{AS_ZIMBRA}/bin/zmmtactl reload norewrite"


MTA_MECHANISMS = Fault(
    "the MTA is set to passwords alone",
    "zimbra2",
    _mechanisms("PLAIN", "LOGIN"),
    _mechanisms("PLAIN", "LOGIN", "GSSAPI"),
    "zimbra.mta_mechanisms",
    r"zimbraMtaSaslSmtpdMechList is .*, and should be .*GSSAPI",
)
PROXY_STOPPED = Fault(
    "the proxy does not run",
    "zimbra2",
    f"{AS_ZIMBRA}/bin/zmproxyctl stop",
    f"{AS_ZIMBRA}/bin/zmproxyctl start",
    "zimbra.service_stopped",
    r"proxy .*does not run|proxy",
)
HOSTNAME = Fault(
    "the server's name in localconfig is localhost, as in the document",
    "zimbra2",
    _localconfig("-e zimbra_server_hostname=localhost"),
    _localconfig(f"-e zimbra_server_hostname={Z2}"),
    "zimbra.hostname_differs",
    r"zimbra_server_hostname is 'localhost'",
)

OF_DOCUMENTS = (
    "Java permits 128 bits of AES alone, without JCE's unlimited policy",
    "there is a key of DES in the keytab",
    "krb5.conf permits no type of the tickets",
    "the server's name in localconfig is localhost, as in the document",
    "localconfig names the host's own keytab, which has no key of Zimbra's",
)
FAULTS = {
    fleet.ZIMBRA.name: (
        GSSAPI_OFF,
        REALM_MISSING,
        MTA_MECHANISMS,
        PROXY_STOPPED,
        HOSTNAME,
        Fault(
            "GSSAPI of POP3 is switched off in the proxy",
            "zimbra2",
            f"{_zmprov(f'ms {Z2} zimbraReverseProxyPop3SaslGssapiEnabled {OFF}')}\n{APPLY_PROXY}",
            f"{_zmprov(f'ms {Z2} zimbraReverseProxyPop3SaslGssapiEnabled TRUE')}\n{APPLY_PROXY}",
            "zimbra.gssapi_off",
            r"zimbraReverseProxyPop3SaslGssapiEnabled is FALSE",
        ),
        Fault(
            "a user of the other realm is not mapped to an account",
            "zimbra1",
            _zmprov(f"ma bob@{DOMAIN} zimbraForeignPrincipal ''"),
            _zmprov(f"ma bob@{DOMAIN} zimbraForeignPrincipal kerberos5:bob@PARTNER.TEST"),
            "zimbra.principal_unmapped",
            r"account bob@example\.test.*zimbraForeignPrincipal is not set",
            disturbs=("zimbra2",),
        ),
        Fault(
            "the mail store does not know the address of a proxy",
            "zimbra1",
            f"{AS_ZIMBRA}/bin/zmprov gacf zimbraReverseProxyAdminIPAddress > /root/proxies.kept\n"
            + _zmprov("mcf zimbraReverseProxyAdminIPAddress 192.0.2.1"),
            "set -- $(awk '{ print \"zimbraReverseProxyAdminIPAddress\", $2 }' /root/proxies.kept); "
            f'{AS_ZIMBRA}/bin/zmprov mcf "$@"; rm /root/proxies.kept',
            "zimbra.proxy_refused",
            r"zimbraReverseProxyAdminIPAddress is 192\.0\.2\.1",
            disturbs=("zimbra2",),
        ),
        Fault(
            "localconfig names the host's own keytab, which has no key of Zimbra's",
            "zimbra1",
            _localconfig("-e krb5_keytab=/etc/krb5.keytab"),
            _localconfig("-u krb5_keytab"),
            "zimbra.keytab_elsewhere",
            r"krb5_keytab is /etc/krb5\.keytab, and should be /opt/zimbra/conf/krb5\.keytab",
        ),
        Fault(
            "a value of localconfig refers to a key that is not there",
            "zimbra2",
            UNRESOLVED[0],
            UNRESOLVED[1],
            "zimbra.localconfig_unusable",
            r"nosuch",
        ),
        Fault(
            "the MTA was never stopped and started for its keytab",
            "zimbra2",
            f"{_zmprov(f'ms {Z2} -zimbraMtaImportEnvironment KRB5_KTNAME={MTA_KEYTAB}')}\n{APPLY_MTA}\n"
            f"{AS_ZIMBRA}/bin/zmmtactl stop\n{AS_ZIMBRA}/bin/zmmtactl start norewrite\n"
            f"{_zmprov(f'ms {Z2} +zimbraMtaImportEnvironment KRB5_KTNAME={MTA_KEYTAB}')}\n{APPLY_MTA}\n"
            f"{AS_ZIMBRA}/bin/zmmtactl reload norewrite",
            f"{AS_ZIMBRA}/bin/zmmtactl stop\n{AS_ZIMBRA}/bin/zmmtactl start norewrite",
            "zimbra.restart_pending",
            r"runs without KRB5_KTNAME",
        ),
        Fault(
            "the MTA is told another keytab",
            "zimbra2",
            _zmprov(
                f"ms {Z2} -zimbraMtaImportEnvironment KRB5_KTNAME={MTA_KEYTAB} "
                "+zimbraMtaImportEnvironment KRB5_KTNAME=/etc/krb5.keytab"
            )
            + f"\n{APPLY_MTA}",
            _zmprov(
                f"ms {Z2} -zimbraMtaImportEnvironment KRB5_KTNAME=/etc/krb5.keytab "
                f"+zimbraMtaImportEnvironment KRB5_KTNAME={MTA_KEYTAB}"
            )
            + f"\n{APPLY_MTA}",
            "zimbra.mta_keytab",
            r"KRB5_KTNAME=/etc/krb5\.keytab",
        ),
        Fault(
            "the MTA has another name than its clients ask for",
            "zimbra1",
            _zmprov(f"ms {Z1} zimbraMtaMyHostname {Z1}") + f"\n{APPLY_MTA}",
            _zmprov(f"ms {Z1} zimbraMtaMyHostname mail.{DOMAIN}") + f"\n{APPLY_MTA}",
            "zimbra.mta_hostname",
            r"zimbraMtaMyHostname is zimbra1\.example\.test",
        ),
        Fault(
            "the proxy takes users for those of another realm",
            "zimbra2",
            _zmprov(f"ms {Z2} zimbraReverseProxyDefaultRealm OTHER.TEST") + f"\n{APPLY_PROXY}",
            _zmprov(f"ms {Z2} zimbraReverseProxyDefaultRealm EXAMPLE.TEST") + f"\n{APPLY_PROXY}",
            "zimbra.proxy_realm",
            r"zimbraReverseProxyDefaultRealm is OTHER\.TEST",
        ),
        Fault(
            "krb5.conf includes other files, which Heimdal 1.5.3 cannot read",
            "zimbra2",
            f"mkdir -p /etc/krb5.conf.d; {INCLUDED[0]}",
            INCLUDED[1],
            "zimbra.krb5_includes",
            r"includedir /etc/krb5\.conf\.d",
        ),
        Fault(
            "Java permits 128 bits of AES alone, without JCE's unlimited policy",
            "zimbra1",
            f"mkdir -p {JAVA}/bin {JAVA}/conf/security\nprintf 'JAVA_VERSION=\"1.8.0_144\"\\n' > {JAVA}/release\n"
            f"printf '#!/bin/sh\\n' > {JAVA}/bin/java\nprintf 'crypto.policy=limited\\n' > "
            f"{JAVA}/conf/security/java.security",
            f"rm -r {HOME}/common/lib/jvm",
            "zimbra.jce",
            r"AES up to 128 bits",
        ),
        Fault(
            "there is a key of DES in the keytab",
            "zimbra1",
            DES[0],
            DES[1],
            "zimbra.des_key",
            r"des-cbc-crc",
        ),
        Fault(
            "the mail store does not run",
            "zimbra1",
            f"{AS_ZIMBRA}/bin/zmmailboxdctl stop",
            f"{AS_ZIMBRA}/bin/zmmailboxdctl start",
            "zimbra.service_stopped",
            r"mailbox",
            disturbs=("zimbra2",),
        ),
        Fault(
            "krb5.conf permits no type of the tickets",
            "zimbra1",
            PERMITTED[0],
            PERMITTED[1],
            "zimbra.enctype_not_permitted",
            r"permitted_enctypes is des3-cbc-sha1",
        ),
    )
}
PAIRS = {
    fleet.ZIMBRA.name: (
        Pair(GSSAPI_OFF, REALM_MISSING),
        Pair(MTA_MECHANISMS, PROXY_STOPPED),
        Pair(GSSAPI_OFF, HOSTNAME),
    )
}
