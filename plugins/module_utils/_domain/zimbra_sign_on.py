# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Zimbra is asked for on one host, so that the holders of tickets are let in.

Entries as `zimbra_attributes` takes them, settings as `zimbra_localconfig` does, and what the running services must
offer, as `zimbra_services` looks for it. Steps and names as in Zimbra's document on Kerberos (KB 2433); what of it
moved from localconfig to LDAP with 8.5.0 is set where the release at hand reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Sequence, Tuple, Union

from .refusal import Refusal
from .zimbra_host import MAILBOX, MTA, PROXY

Value = Union[str, Sequence[str]]
Entry = Dict[str, Any]

ON = "TRUE"
GSSAPI_OF: Mapping[str, Mapping[str, str]] = {
    MAILBOX: {"zimbraImapSaslGssapiEnabled": ON, "zimbraPop3SaslGssapiEnabled": ON},
    PROXY: {"zimbraReverseProxyImapSaslGssapiEnabled": ON, "zimbraReverseProxyPop3SaslGssapiEnabled": ON},
}
# The document's "noanonymous, noplaintext" takes PLAIN and LOGIN away under TLS too, which users without tickets need
SECURITY = ("noanonymous",)
KEYTAB = "KRB5_KTNAME"
# Postfix's own import_environment (postconf(5)), which a value of Zimbra's replaces
OF_POSTFIX = ("MAIL_CONFIG", "MAIL_DEBUG", "MAIL_LOGTAG", "TZ", "XAUTHORITY", "DISPLAY", "LANG=C")
PRINCIPAL = "kerberos5:"
# Before 8.5.0 (zmupgrade moved them): sasl_smtpd_mech_list, and so on
LEGACY_MECHANISMS = "sasl_smtpd_mech_list"
LEGACY_SECURITY = ("postfix_smtpd_sasl_security_options", "postfix_smtpd_sasl_tls_security_options")
LEGACY_ENVIRONMENT = "postfix_import_environment"
PASSWORDS = ("PLAIN", "LOGIN")  # what localconfig's list holds as shipped
KEYTAB_KEY = "krb5_keytab"
# The mail store's ports where no proxy has them
OPEN: Mapping[str, int] = {"imap_port": 143, "pop3_port": 110}


class ZimbraWishRefusal(Refusal):
    """Variables of the role zimbra that make no sense together."""


@dataclass(frozen=True)
class Wishes:
    """What the role's variables ask for on one host.

    ``first``: whether this host sets what all of Zimbra shares. ``proxies``: the addresses from which proxies ask the
    mail stores; ``proxied``: whether there are any. ``auth_mech``: by what the domains check passwords, empty to leave
    that. ``principals``: by account. ``keytab`` is that of mail store and proxy, ``mta_keytab`` Postfix's.
    """

    hostname: str
    realm: str
    parts: Sequence[str]
    mta_hostname: str = ""
    keytab: str = ""
    mta_keytab: str = ""
    mta_mechanisms: Sequence[str] = ("GSSAPI",)
    requires_tls: str = ""
    spnego: bool = False
    spnego_error_url: str = ""
    first: bool = False
    proxies: Sequence[str] = ()
    proxied: bool = True
    domains: Sequence[str] = ()
    auth_mech: str = "kerberos5"
    principals: Mapping[str, Value] = field(default_factory=dict)
    principals_exclusive: bool = False
    server_attributes: Mapping[str, Value] = field(default_factory=dict)
    entries: Sequence[Mapping[str, Any]] = ()


def entries(wishes: Wishes, legacy: bool) -> List[Entry]:
    """What LDAP is to hold: this server's own values and, on the first host, what all servers share.

    ``legacy``: a release before 8.5.0, whose MTA takes its settings from localconfig. ZimbraWishRefusal where a
    principal is none.
    """
    found = [_server(wishes, legacy)]
    if wishes.first:
        found += [*_config(wishes), *_domains(wishes), *_accounts(wishes)]
    return [one for one in [*found, *map(dict, wishes.entries)] if len(one) > (1 if one["type"] == "config" else 2)]


def _server(wishes: Wishes, legacy: bool) -> Entry:
    exact: Dict[str, Value] = {}
    for part in wishes.parts:
        exact.update(GSSAPI_OF.get(part, {}))
    if wishes.requires_tls and MAILBOX in wishes.parts:
        exact["zimbraSaslGssapiRequiresTls"] = wishes.requires_tls
    if PROXY in wishes.parts:
        exact["zimbraReverseProxyDefaultRealm"] = wishes.realm
    added: Dict[str, Value] = {}
    removed: Dict[str, Value] = {}
    if MTA in wishes.parts:
        exact["zimbraMtaMyHostname"] = wishes.mta_hostname or wishes.hostname
    if MTA in wishes.parts and not legacy:
        exact["zimbraMtaSmtpdSaslSecurityOptions"] = list(SECURITY)
        exact["zimbraMtaSmtpdSaslTlsSecurityOptions"] = list(SECURITY)
        added["zimbraMtaSaslSmtpdMechList"] = list(wishes.mta_mechanisms)
        added["zimbraMtaImportEnvironment"] = [*OF_POSTFIX, f"{KEYTAB}={wishes.mta_keytab}"]
        # Of two, Postfix would take the last
        removed["zimbraMtaImportEnvironment"] = [f"{KEYTAB}=*"]
    if wishes.spnego and MAILBOX in wishes.parts:
        exact["zimbraSpnegoAuthPrincipal"] = f"HTTP/{wishes.hostname}@{wishes.realm}"
        exact["zimbraSpnegoAuthTargetName"] = f"HTTP/{wishes.hostname}"
    own = wishes.server_attributes
    return _entry(
        "server",
        wishes.hostname,
        attributes={**exact, **own},
        add={name: value for name, value in added.items() if name not in own},
        remove_matching={name: value for name, value in removed.items() if name not in own},
    )


def _config(wishes: Wishes) -> List[Entry]:
    exact: Dict[str, Value] = {}
    if wishes.spnego:
        exact = {"zimbraSpnegoAuthEnabled": ON, "zimbraSpnegoAuthRealm": wishes.realm}
        if wishes.spnego_error_url:
            exact["zimbraSpnegoAuthErrorURL"] = wishes.spnego_error_url
    added = {"zimbraReverseProxyAdminIPAddress": list(dict.fromkeys(wishes.proxies))} if wishes.proxies else {}
    return [_entry("config", "", attributes=exact, add=added)]


def _domains(wishes: Wishes) -> List[Entry]:
    mech = {"zimbraAuthMech": wishes.auth_mech} if wishes.auth_mech else {}
    exact = {**mech, "zimbraAuthKerberos5Realm": wishes.realm}
    return [_entry("domain", name, attributes=dict(exact)) for name in dict.fromkeys(wishes.domains)]


def _accounts(wishes: Wishes) -> List[Entry]:
    found = []
    for account, given in wishes.principals.items():
        names = [given] if isinstance(given, str) else list(given or ())
        if "@" not in account:
            raise ZimbraWishRefusal(f"zimbra_principals '{account}': is no account; write it with its domain")
        for name in names:
            _check_principal(account, name)
        if not names and not wishes.principals_exclusive:
            raise ZimbraWishRefusal(
                f"zimbra_principals '{account}': names no principal; write one, or set zimbra_principals_exclusive to "
                "true to take away those that the account has"
            )
        values = {"zimbraForeignPrincipal": [f"{PRINCIPAL}{name}" for name in names]} if names else {}
        stale = {"zimbraForeignPrincipal": [f"{PRINCIPAL}*"]} if wishes.principals_exclusive else {}
        found.append(_entry("account", account, add=values, remove_matching=stale))
    return found


def _check_principal(account: str, name: Any) -> None:
    if isinstance(name, str) and not name.lower().startswith(PRINCIPAL) and all(name.rpartition("@")[::2]):
        return
    raise ZimbraWishRefusal(
        f"zimbra_principals '{account}': '{name}' is no principal with its realm; write it like bob@PARTNER.TEST, "
        f"without {PRINCIPAL}"
    )


def _entry(type_: str, name: str, **parts: Mapping[str, Value]) -> Entry:
    named = {"type": type_, **({"name": name} if name else {})}
    return {**named, **{part: dict(values) for part, values in parts.items() if values}}


def localconfig(wishes: Wishes, found: Mapping[str, str], legacy: bool) -> Dict[str, str]:
    """The settings of localconfig that differ from ``found``, the values there now, expanded."""
    wanted = {KEYTAB_KEY: wishes.keytab} if wishes.keytab else {}
    if legacy and MTA in wishes.parts:
        wanted[LEGACY_MECHANISMS] = _joined(found.get(LEGACY_MECHANISMS) or " ".join(PASSWORDS), wishes.mta_mechanisms)
        wanted.update(dict.fromkeys(LEGACY_SECURITY, ", ".join(SECURITY)))
        there = [word for word in _words(found.get(LEGACY_ENVIRONMENT, "")) if word.partition("=")[0] != KEYTAB]
        wanted[LEGACY_ENVIRONMENT] = _joined(" ".join(there), [*OF_POSTFIX, f"{KEYTAB}={wishes.mta_keytab}"])
    return {key: value for key, value in wanted.items() if _words(found.get(key) or "") != _words(value)}


def _words(text: str) -> List[str]:
    return text.replace(",", " ").split()


def _joined(text: str, further: Sequence[str]) -> str:
    words = _words(text)
    return " ".join([*words, *(word for word in further if word.lower() not in {one.lower() for one in words})])


def services(wishes: Wishes) -> Dict[str, Any]:
    """What the running services must offer, by part of Zimbra."""
    found: Dict[str, Any] = {}
    if MAILBOX in wishes.parts:
        found["mailbox"] = {"imap": True, "pop3": True, **({} if wishes.proxied else OPEN)}
    if PROXY in wishes.parts:
        found["proxy"] = {"imap": True, "pop3": True, "realm": wishes.realm}
    if MTA in wishes.parts:
        found["mta"] = {
            "mechanisms": list(wishes.mta_mechanisms),
            "environment": {KEYTAB: wishes.mta_keytab},
            "myhostname": wishes.mta_hostname or wishes.hostname,
        }
    return found


def wanted(wishes: Wishes, found: Mapping[str, Any]) -> Dict[str, Any]:
    """All three, for the Zimbra that `zimbra_info` ``found``."""
    legacy = bool(found.get("legacy"))
    return {
        "entries": entries(wishes, legacy),
        "localconfig": localconfig(wishes, found.get("localconfig") or {}, legacy),
        "services": services(wishes),
    }


def missing(parts: Sequence[str], found: Sequence[str]) -> Tuple[str, ...]:
    """The parts that the host is to have and, by its packages, has not."""
    return tuple(part for part in parts if part not in found)
