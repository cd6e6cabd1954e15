# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's attributes that have to do with signing on: what each may hold, and where.

The table was made from Zimbra's own definitions (zm-mailbox, store/conf/attrs/zimbra-attrs.xml, release 10; the same in
8.8.15 and 9.0 for these attributes). What must be restarted is what the definitions say; where they say nothing of an
attribute of the MTA, zmconfigd's list (zm-ldap-utilities, conf/zmconfigd.cf) decides: its section `mta` rewrites
main.cf, and Postfix takes up a changed import_environment in a new master process only.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, Optional, Tuple

CONFIG, SERVER, DOMAIN, COS, ACCOUNT = "config", "server", "domain", "cos", "account"
ENTRY_TYPES = (CONFIG, SERVER, DOMAIN, COS, ACCOUNT)
RESTARTS = ("mailbox", "mta", "mta_environment", "proxy")  # mta: read its files again; mta_environment: stop and start


@dataclass(frozen=True)
class Attribute:
    """One attribute; ``most`` is the longest value in characters, or of a number the greatest.

    ``since`` may name one release for each branch; ``deprecated`` is the release from which on it has no use, and
    ``instead`` what took over.
    """

    name: str
    type: str  # boolean, enum, integer, port, string, astring (ASCII alone), id
    scopes: FrozenSet[str]
    multiple: bool = False
    choices: Tuple[str, ...] = ()
    least: Optional[int] = None
    most: Optional[int] = None
    since: str = ""
    deprecated: str = ""
    instead: str = ""
    immutable: bool = False
    safeguarded: bool = False
    restart: str = ""  # of RESTARTS, with commas between them
    heirs: FrozenSet[str] = frozenset()  # the types of entries that inherit it where they have no value of their own


_UNUSED = "zimbraMtaAuthTarget"  # every server that has it is asked, and the old lists are not looked at
_SASL = "noplaintext noactive nodictionary noanonymous mutual_auth"
_CIPHERS = "export low medium high null"
_BOTH = "config server"
_WEB = "config domain"


def _attribute(name: str, kind: str, scopes: str, choices: str = "", **more: Any) -> Attribute:
    places = frozenset(scopes.split())
    # In these definitions whatever both the global configuration and such an entry may hold is inherited.
    heirs = places & {SERVER, DOMAIN} if CONFIG in places else frozenset()
    return Attribute(name, kind, places, choices=tuple(choices.split()), heirs=heirs, **more)


_TABLE: Tuple[Attribute, ...] = (
    _attribute("zimbraAuthFallbackToLocal", "boolean", "domain"),
    _attribute("zimbraAuthKerberos5Realm", "string", "domain", most=1024, since="5.0.0"),
    _attribute("zimbraAuthMech", "string", "domain", most=512),
    _attribute("zimbraAuthMechAdmin", "string", "domain", most=512, since="8.0.0"),
    _attribute(
        "zimbraAutoProvAuthMech", "enum", "domain", multiple=True, choices="LDAP PREAUTH KRB5 SPNEGO", since="8.0.0"
    ),
    _attribute("zimbraAutoProvMode", "enum", "domain", multiple=True, choices="EAGER LAZY MANUAL", since="8.0.0"),
    _attribute("zimbraDataSourceAuthMechanism", "enum", "", choices="PLAIN GSSAPI CRAM-MD5 XOAUTH2", since="7.0.0"),
    _attribute("zimbraDomainName", "string", "domain", most=256, immutable=True),
    _attribute("zimbraForeignPrincipal", "string", "account", multiple=True, most=256),
    _attribute("zimbraGalLdapAuthMech", "enum", "domain", choices="none simple kerberos5", since="5.0.0"),
    _attribute("zimbraGalLdapKerberos5Keytab", "string", "domain", most=256, since="5.0.0"),
    _attribute("zimbraGalLdapKerberos5Principal", "string", "domain", most=256, since="5.0.0"),
    _attribute("zimbraGalSyncLdapAuthMech", "enum", "domain", choices="none simple kerberos5", since="5.0.2"),
    _attribute("zimbraGalSyncLdapKerberos5Keytab", "string", "domain", most=256, since="5.0.2"),
    _attribute("zimbraGalSyncLdapKerberos5Principal", "string", "domain", most=256, since="5.0.2"),
    _attribute("zimbraId", "id", "server domain cos account", immutable=True),
    _attribute("zimbraImapCleartextLoginEnabled", "boolean", _BOTH),
    _attribute("zimbraImapSaslGssapiEnabled", "boolean", _BOTH, since="5.0.0", restart="mailbox"),
    _attribute("zimbraMailHost", "astring", "domain account", most=256),
    _attribute(
        "zimbraMtaAuthEnabled",
        "boolean",
        _BOTH,
        deprecated="6.0.0",
        instead="zimbraMtaTlsSecurityLevel and zimbraMtaSaslAuthEnable",
        restart="mta",
    ),
    _attribute(
        "zimbraMtaAuthHost", "astring", _BOTH, multiple=True, most=256, deprecated="8.6", instead=_UNUSED, restart="mta"
    ),
    _attribute("zimbraMtaAuthTarget", "boolean", _BOTH, restart="mta"),
    _attribute(
        "zimbraMtaAuthURL",
        "astring",
        _BOTH,
        multiple=True,
        most=256,
        deprecated="8.6",
        instead=_UNUSED,
        immutable=True,
        restart="mta",
    ),
    _attribute("zimbraMtaBrokenSaslAuthClients", "enum", _BOTH, choices="yes no", since="8.5.0", restart="mta"),
    _attribute("zimbraMtaImportEnvironment", "string", _BOTH, multiple=True, since="8.5.0", restart="mta_environment"),
    _attribute("zimbraMtaMyHostname", "astring", _BOTH, most=256, restart="mta"),
    _attribute("zimbraMtaMyNetworks", "astring", _BOTH, multiple=True, most=10240, restart="mta"),
    _attribute("zimbraMtaMyOrigin", "astring", _BOTH, most=256, restart="mta"),
    _attribute("zimbraMtaSaslAuthEnable", "enum", _BOTH, choices="yes no", since="6.0.0", restart="mta"),
    _attribute("zimbraMtaSaslSmtpdMechList", "string", _BOTH, multiple=True, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdBanner", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdClientAuthRateLimit", "integer", _BOTH, least=0, since="8.7.0,9.0.0", restart="mta"),
    _attribute("zimbraMtaSmtpdClientPortLogging", "enum", _BOTH, choices="yes no", since="8.0.8,8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdClientRestrictions", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdDataRestrictions", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdErrorSleepTime", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdHardErrorLimit", "integer", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdHeloRequired", "enum", _BOTH, choices="yes no", since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdMilters", "string", _BOTH, most=1024, since="5.0.7", restart="mta"),
    _attribute(
        "zimbraMtaSmtpDnsSupportLevel",
        "enum",
        _BOTH,
        choices="disabled enabled dnssec",
        since="8.7.0,9.0.0",
        restart="mta",
    ),
    _attribute("zimbraMtaSmtpdProxyTimeout", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdRejectUnlistedRecipient", "enum", _BOTH, choices="yes no", since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdRejectUnlistedSender", "enum", _BOTH, choices="yes no", since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdSaslAuthenticatedHeader", "enum", _BOTH, choices="yes no", since="8.5.0", restart="mta"),
    _attribute(
        "zimbraMtaSmtpdSaslSecurityOptions", "enum", _BOTH, multiple=True, choices=_SASL, since="8.5.0", restart="mta"
    ),
    _attribute("zimbraMtaSmtpdSaslTlsSecurityOptions", "string", _BOTH, multiple=True, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdSenderLoginMaps", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdSenderRestrictions", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdSoftErrorLimit", "integer", _BOTH, since="8.7.0,9.0.0", restart="mta"),
    _attribute("zimbraMtaSmtpdTlsAskCcert", "enum", _BOTH, choices="yes no", since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdTlsCAfile", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdTlsCApath", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdTlsCcertVerifydepth", "integer", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdTlsCiphers", "enum", _BOTH, choices=_CIPHERS, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdTlsExcludeCiphers", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdTlsLoglevel", "integer", _BOTH, least=1, most=4, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdTlsMandatoryCiphers", "enum", _BOTH, choices=_CIPHERS, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdTlsMandatoryProtocols", "string", _BOTH, since="8.7.0", restart="mta"),
    _attribute("zimbraMtaSmtpdTlsProtocols", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpdTlsReceivedHeader", "enum", _BOTH, choices="yes no", since="8.7.0,9.0.0", restart="mta"),
    _attribute("zimbraMtaSmtpdVirtualTransport", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpSaslAuthEnable", "enum", _BOTH, choices="yes no", since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpSaslMechanismFilter", "string", _BOTH, multiple=True, since="8.5.0", restart="mta"),
    _attribute("zimbraMtaSmtpSaslPasswordMaps", "string", _BOTH, since="8.5.0", restart="mta"),
    _attribute(
        "zimbraMtaSmtpSaslSecurityOptions", "enum", _BOTH, multiple=True, choices=_SASL, since="8.5.0", restart="mta"
    ),
    _attribute("zimbraMtaTlsAuthOnly", "boolean", _BOTH, restart="mta"),
    _attribute("zimbraPop3CleartextLoginEnabled", "boolean", _BOTH),
    _attribute("zimbraPop3SaslGssapiEnabled", "boolean", _BOTH, since="5.0.0", restart="mailbox"),
    _attribute("zimbraPublicServiceHostname", "string", _WEB, most=256),
    _attribute("zimbraPublicServicePort", "port", _WEB, since="5.0.9"),
    _attribute("zimbraPublicServiceProtocol", "string", _WEB, most=256, since="5.0.9"),
    _attribute("zimbraReverseProxyAdminIPAddress", "astring", "config", multiple=True, most=256, since="5.0.9"),
    _attribute("zimbraReverseProxyDefaultRealm", "string", _BOTH, since="5.0.9", restart="proxy"),
    _attribute("zimbraReverseProxyImapSaslGssapiEnabled", "boolean", _BOTH, since="5.0.5", restart="proxy"),
    _attribute("zimbraReverseProxyImapSaslPlainEnabled", "boolean", _BOTH, since="5.0.10", restart="proxy"),
    _attribute("zimbraReverseProxyLookupTarget", "boolean", _BOTH, restart="proxy"),
    _attribute("zimbraReverseProxyMailEnabled", "boolean", _BOTH, since="5.0.3", restart="proxy"),
    _attribute("zimbraReverseProxyMailHostAttribute", "string", "config"),
    _attribute("zimbraReverseProxyPop3SaslGssapiEnabled", "boolean", _BOTH, since="5.0.5", restart="proxy"),
    _attribute("zimbraReverseProxyPop3SaslPlainEnabled", "boolean", _BOTH, since="5.0.10", restart="proxy"),
    _attribute("zimbraReverseProxyUseExternalRoute", "boolean", "domain account", since="5.0.12"),
    _attribute("zimbraSaslGssapiRequiresTls", "boolean", _BOTH, since="5.0.20"),
    _attribute("zimbraServerVersion", "string", "server", since="8.5.0"),
    _attribute("zimbraServiceEnabled", "string", "server", multiple=True, most=256, safeguarded=True),
    _attribute("zimbraServiceHostname", "string", "server", most=256),
    _attribute("zimbraServiceInstalled", "string", "server", multiple=True, most=256, safeguarded=True),
    _attribute("zimbraSpnegoAuthEnabled", "boolean", "config", since="7.0.0", restart="mailbox"),
    _attribute("zimbraSpnegoAuthErrorURL", "string", "config", since="7.0.0", restart="mailbox"),
    _attribute("zimbraSpnegoAuthPrincipal", "string", "server", since="7.0.0", restart="mailbox"),
    _attribute("zimbraSpnegoAuthRealm", "string", "config", since="7.0.0", restart="mailbox"),
    _attribute("zimbraSpnegoAuthTargetName", "string", "server", since="7.0.0", restart="mailbox"),
    _attribute("zimbraVirtualHostname", "string", "domain", multiple=True, most=256),
    _attribute("zimbraWebClientLoginURL", "string", _WEB, most=256),
    _attribute("zimbraWebClientLoginURLAllowedIP", "string", _WEB, multiple=True, since="7.1.5"),
    _attribute("zimbraWebClientLoginURLAllowedUA", "string", _WEB, multiple=True, since="7.0.0"),
    _attribute("zimbraWebClientLogoutURL", "string", _WEB, most=256),
    _attribute("zimbraWebClientLogoutURLAllowedIP", "string", _WEB, multiple=True, since="7.1.5"),
    _attribute("zimbraWebClientLogoutURLAllowedUA", "string", _WEB, multiple=True, since="7.0.0"),
)
_BY_NAME: Dict[str, Attribute] = {attribute.name.lower(): attribute for attribute in _TABLE}


def known(name: str) -> Optional[Attribute]:
    """The attribute of that name, in any case as the product takes it; None where the table does not hold it."""
    return _BY_NAME.get(name.lower())


def all_known() -> Tuple[Attribute, ...]:
    return _TABLE


def nearest(name: str) -> str:
    """The known name that one most likely meant; empty where none is near."""
    found = difflib.get_close_matches(name.lower(), _BY_NAME, n=1, cutoff=0.8)
    return _BY_NAME[found[0]].name if found else ""
