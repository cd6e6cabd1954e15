# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mends a failed login on a product that has a place of its own for it, where that is known.

Axigen: its documents on Kerberos, on the CLI and on WebAdmin's Acceptance & Routing. SMTP has no attribute for its
methods in the CLI; WebAdmin keeps them in a script that it generates, and which nobody else may edit.
Zimbra: its document on Kerberos, and its attributes. A service at a proxy's port is two services, of which both must
be willing.
CAS: its document on SPNEGO. A browser that CAS does not know as one for SPNEGO, or a client that its strategy leaves
out, gets the form for a password, without any word of Negotiate.
"""

from __future__ import annotations

from typing import Mapping, Tuple

from .symptoms import Finding

SMTP_IN_WEBADMIN = (
    "in Axigen's WebAdmin open Security & Filtering > Acceptance & Routing > Advanced Settings, and in the rules for "
    "connections allow the authentication type GSSAPI; it is not to be had by the CLI, and a change by hand in "
    "filters/smtpFilters.script would be overwritten"
)
METHODS = (
    "let the role axigen add gssapi to {attribute} (axigen_config), which the CLI shows in CONFIG SERVER, CONFIG {name}"
)
KEYTAB = (
    "let the user axigen read the keytab that KRB5_KTNAME of the unit axigen names, else /etc/krb5.keytab "
    "(role axigen: axigen_keytab, owner axigen, mode 0600)"
)
IDENTITY = "write the user name without the domain in the mail client, as alice and not alice@example.test"
TYPES = (
    "see that permitted_enctypes on Axigen's host has the type of the ticket (roles client and axigen: "
    "kerberos_enctype_policy) and that the keytab has a key of it"
)
ZIMBRA_METHODS = (
    "let the role zimbra set zimbra{name}SaslGssapiEnabled of the mail store and "
    "zimbraReverseProxy{name}SaslGssapiEnabled of the proxy to TRUE, and restart both (zimbra_services)"
)
ZIMBRA_MTA_METHODS = (
    "let the role zimbra add GSSAPI to zimbraMtaSaslSmtpdMechList (zimbra_mta_mechanisms) and rewrite and reload the "
    "MTA (zimbra_services); Cyrus SASL hides GSSAPI where Postfix cannot read the keytab of zimbraMtaImportEnvironment "
    "(zimbra_mta_keytab, zimbra:postfix 0640), which only a stop and a start bring into the MTA's environment"
)
ZIMBRA_WEB = "set zimbra_spnego for the role zimbra (zimbraSpnegoAuthEnabled), which restarts mailboxd"
ZIMBRA_KEYTAB = (
    "let the role zimbra put zimbra_keytab in place, as localconfig's krb5_keytab names it, zimbra:zimbra 0600 "
    "(zimbra_info, keytab_info)"
)
ZIMBRA_MTA_KEYTAB = (
    "let the role zimbra put zimbra_mta_keytab in place, zimbra:postfix 0640 and outside /opt/zimbra/conf, and stop "
    "and start the MTA once zimbraMtaImportEnvironment names it (zimbra_services)"
)
ZIMBRA_TYPES = (
    "let kerberos_enctype_policy hold aes256-cts-hmac-sha1-96, which Java and Zimbra's Heimdal have in common, and see "
    "that the keytab has a key of it; never allow_weak_crypto"
)
ZIMBRA_REFUSED = (
    "read why in Zimbra's logs (zimbra_log_info): the account may not be mapped to the principal (zimbra_domains, "
    "zimbra_principals), the proxy's address may be missing in zimbra_proxy_addresses, or the keytab may lack the key "
    "of this name (zimbra_hostname, zimbra_aliases)"
)
ZIMBRA_NAMES = (
    "see that the keytab holds the key of zimbra_hostname, which must be localconfig's zimbra_server_hostname, and "
    "those of zimbra_aliases; for the MTA at a load balancer's name set zimbra_mta_hostname (zimbraMtaMyHostname)"
)
ZIMBRA_LOST = (
    "see that mailboxd runs on the mail store (zmmailboxdctl status; the role zimbra starts it), for a proxy ends a "
    "login that it can hand on to nobody; its log says which (zimbra_log_info)"
)
CAS_NEGOTIATE = (
    "see that the web archive holds cas-server-support-spnego-webflow and its jcifs (cas_info, cas_overlay), that the "
    "browser's User-Agent holds one of cas.authn.spnego.supported-browsers (cas_supported_browsers; user_agent of the "
    "probe), and, where cas_clients chooses clients in mixed mode, that ips-to-check-pattern and the host name or the "
    "directory's attribute fit this client"
)
CAS_HEADER = (
    "raise cas_header_size (embedded Tomcat: server.max-http-request-header-size, before CAS 7 "
    "server.max-http-header-size; external: maxHttpHeaderSize of the Connector, by tomcat_connector), and the limit of "
    "a proxy before it (cas_proxy_config: large_client_header_buffers of nginx, LimitRequestFieldSize of Apache)"
)
CAS_REFUSED = (
    "read why in CAS's log (cas_log_info) and let the role keytab compare cas_keytab with the KDC (keytab_check): Java "
    "may look elsewhere for it (default_keytab_name of cas_krb5, keyTab in cas_login_conf), its kvno may be behind, as "
    "after each ktpass or change of password, it may lack the service principal that CAS is told (cas_hostname, "
    "cas_aliases), or a key of the ticket's enctype, which permitted_enctypes must hold too (kerberos_enctype_policy)"
)
CAS_NAMES = (
    "see that cas_hostname and cas_aliases hold the name in the browser's address, and that the KDC or Active "
    "Directory has the principal HTTP of it (roles kdc and keytab, ad_keytab)"
)
CAS_TYPES = (
    "let kerberos_enctype_policy hold aes256-cts-hmac-sha1-96, and see that Java may use 256 bits (cas_info) and that "
    "cas_keytab has a key of it"
)
CAS_PAGE = "see that cas_login_path is the page that asks for the login, and read CAS's log (cas_log_info)"
CAS_LISTENS = "see that the unit of CAS runs (cas_unit, cas_log_info), and that cas_port and cas_tls are as it listens"
# What a symptom is on a product: to whom CAS does not offer tickets it shows its form for a password, with status 200.
SYMPTOMS: Mapping[Tuple[str, str, str], str] = {("cas", "http", "http_not_protected"): "negotiate_not_offered"}
# By product, protocol (all where it is empty) and symptom
REMEDIES: Mapping[Tuple[str, str, str], str] = {
    ("axigen", "smtp", "gssapi_not_offered"): SMTP_IN_WEBADMIN,
    ("axigen", "imap", "gssapi_not_offered"): METHODS.format(attribute="secureConnAuthTypes", name="IMAP"),
    ("axigen", "pop3", "gssapi_not_offered"): METHODS.format(attribute="secureConnAuthTypes", name="POP3"),
    ("axigen", "http", "negotiate_not_offered"): METHODS.replace("add gssapi to", "switch on").format(
        attribute="allowSPNEGOAuth", name="WEBMAIL"
    ),
    ("axigen", "", "service_keytab_missing"): KEYTAB,
    ("axigen", "", "service_keytab_unreadable"): KEYTAB,
    ("axigen", "", "service_temporarily_unable"): f"{KEYTAB}; what Axigen itself says is in its log (axigen_log_info)",
    ("axigen", "", "service_enctype_unusable"): TYPES,
    ("axigen", "", "authzid_refused"): IDENTITY,
    ("zimbra", "imap", "gssapi_not_offered"): ZIMBRA_METHODS.format(name="Imap"),
    ("zimbra", "pop3", "gssapi_not_offered"): ZIMBRA_METHODS.format(name="Pop3"),
    ("zimbra", "imap", "connection_lost"): ZIMBRA_LOST,
    ("zimbra", "pop3", "connection_lost"): ZIMBRA_LOST,
    ("zimbra", "smtp", "gssapi_not_offered"): ZIMBRA_MTA_METHODS,
    ("zimbra", "http", "negotiate_not_offered"): ZIMBRA_WEB,
    ("zimbra", "", "service_keytab_missing"): ZIMBRA_KEYTAB,
    ("zimbra", "smtp", "service_keytab_missing"): ZIMBRA_MTA_KEYTAB,
    ("zimbra", "", "service_keytab_unreadable"): ZIMBRA_KEYTAB,
    ("zimbra", "smtp", "service_keytab_unreadable"): ZIMBRA_MTA_KEYTAB,
    ("zimbra", "", "service_enctype_unusable"): ZIMBRA_TYPES,
    ("zimbra", "", "enctype_unsupported"): ZIMBRA_TYPES,
    ("zimbra", "", "service_principal_wrong"): ZIMBRA_NAMES,
    ("zimbra", "", "service_principal_unknown"): ZIMBRA_NAMES,
    ("zimbra", "", "service_temporarily_unable"): ZIMBRA_REFUSED,
    ("zimbra", "", "login_refused"): ZIMBRA_REFUSED,
    ("cas", "http", "negotiate_not_offered"): CAS_NEGOTIATE,
    ("cas", "http", "http_header_too_large"): CAS_HEADER,
    ("cas", "http", "http_refused"): CAS_REFUSED,
    ("cas", "http", "http_forbidden"): CAS_REFUSED,
    ("cas", "http", "service_principal_unknown"): CAS_NAMES,
    ("cas", "http", "enctype_unsupported"): CAS_TYPES,
    ("cas", "http", "http_moved"): CAS_PAGE,
    ("cas", "http", "http_error"): CAS_PAGE,
    ("cas", "http", "connection_refused"): CAS_LISTENS,
    ("cas", "http", "tls_not_spoken"): CAS_LISTENS,
}


def product_symptom(product: str, protocol: str, symptom: str) -> str:
    """What a symptom is called on ``product``: the same, where nothing else is known."""
    return SYMPTOMS.get((product, protocol, symptom), symptom)


def product_remedy(product: str, protocol: str, finding: Finding) -> str:
    """The remedy of ``finding`` on ``product``: its own where one is known, else the general one."""
    general = REMEDIES.get((product, "", finding.symptom), finding.remedy)
    return REMEDIES.get((product, protocol, finding.symptom), general)
