# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of Zimbra's directory: attributes that hold something else than the role's variables ask for."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence, Tuple

from .doctor import BROKEN, DEGRADED, SETTINGS, Check, Fleet, Trouble, section

Zimbra = Mapping[str, Any]
Found = Iterator[Trouble]
Others = Tuple[str, ...]  # the other hosts of Zimbra
Look = Callable[[str, Fleet], Found]
SITE = "run the role zimbra, which sets it"


def of_zimbra(look: Callable[[Zimbra, Others], Found]) -> Look:
    """A look at the section of one host where Zimbra is; it is also given the other hosts of Zimbra."""

    def whole(host: str, fleet: Fleet) -> Found:
        found = section(fleet[host], "zimbra")
        if found.get("installed"):
            others = (name for name in sorted(fleet) if name != host and section(fleet[name], "zimbra"))
            yield from look(found, tuple(others))

    return whole


def _changes(found: Zimbra) -> List[Dict[str, Any]]:
    return list(found["directory"].get("changes", ()))


def _attributes(cause: str, remedy: str, *names: str, grade: str = BROKEN) -> Look:
    """Attributes of the directory that hold something else than the role asks for."""

    def look(found: Zimbra, others: Others) -> Found:
        for one in _changes(found):
            if one["attribute"] in names:
                # A server's own values count on it alone, all others wherever their users log in.
                served = () if one["place"].startswith("server ") else others
                yield _differing(one, cause, remedy, grade, served)

    return of_zimbra(look)


def _differing(one: Mapping[str, Any], cause: str, remedy: str, grade: str, others: Sequence[str]) -> Trouble:
    evidence = f"{one['attribute']} is {_values(one['before'])}, and should be {_values(one['after'])}"
    return Trouble(f"{one['place']}, {one['attribute']}", cause, evidence, remedy, grade, tuple(others))


def _values(values: Sequence[str]) -> str:
    return ", ".join(values) or "not set"


def _other_attributes(found: Zimbra, dummy: Others) -> Found:
    for one in _changes(found):
        if one["attribute"] not in KNOWN:
            yield _differing(one, "it is not what the role's variables ask for", SITE, DEGRADED, ())


NO_LOGIN = "users of Zimbra cannot log in by Kerberos"
NO_MAIL = "mail clients cannot send by Zimbra with tickets"
NO_PROXY = "logins by Zimbra's proxy fail"
NO_WEB = "Zimbra's web client asks for a password"
MAPPING = "users with tickets are not known to Zimbra"
LOGINS = ("login.*", "log.*")
SHOWS = ("zimbra.not_offered", *LOGINS)
PENDING = ("zimbra.restart_pending", *SHOWS, "running.*")

GSSAPI_OFF = (
    *("zimbraImapSaslGssapiEnabled", "zimbraPop3SaslGssapiEnabled"),
    *("zimbraReverseProxyImapSaslGssapiEnabled", "zimbraReverseProxyPop3SaslGssapiEnabled"),
)
SECURITY = ("zimbraMtaSmtpdSaslSecurityOptions", "zimbraMtaSmtpdSaslTlsSecurityOptions")
SPNEGO = (
    *("zimbraSpnegoAuthEnabled", "zimbraSpnegoAuthRealm", "zimbraSpnegoAuthPrincipal"),
    *("zimbraSpnegoAuthTargetName", "zimbraSpnegoAuthErrorURL"),
)
# Check, what people see, cause, remedy, attributes, grade
Row = Tuple[str, str, str, str, Tuple[str, ...], str]
ATTRIBUTES: Tuple[Row, ...] = (
    ("zimbra.gssapi_off", NO_LOGIN, "GSSAPI is switched off for the service", SITE, GSSAPI_OFF, BROKEN),
    (
        "zimbra.proxy_realm",
        NO_PROXY,
        "the proxy takes users of another realm for those of its domain",
        f"{SITE} (zimbra_realm)",
        ("zimbraReverseProxyDefaultRealm",),
        BROKEN,
    ),
    (
        "zimbra.proxy_refused",
        NO_PROXY,
        "the mail stores refuse to look up the user for a proxy whose address they do not know",
        f"{SITE} (zimbra_proxy_addresses)",
        ("zimbraReverseProxyAdminIPAddress",),
        BROKEN,
    ),
    (
        "zimbra.mta_mechanisms",
        NO_MAIL,
        "GSSAPI is not among the MTA's mechanisms",
        f"{SITE} (zimbra_mta_mechanisms)",
        ("zimbraMtaSaslSmtpdMechList",),
        BROKEN,
    ),
    (
        "zimbra.mta_keytab",
        NO_MAIL,
        "the MTA is not told its keytab, or that of somebody else",
        f"{SITE} (zimbra_mta_keytab)",
        ("zimbraMtaImportEnvironment",),
        BROKEN,
    ),
    (
        "zimbra.mta_hostname",
        NO_MAIL,
        "the MTA asks for the key of another name than its clients do",
        f"{SITE} (zimbra_mta_hostname)",
        ("zimbraMtaMyHostname",),
        BROKEN,
    ),
    (
        "zimbra.mta_security",
        "users without tickets cannot send",
        "the MTA takes away what is not to be taken away, or offers what it should not",
        SITE,
        SECURITY,
        DEGRADED,
    ),
    (
        "zimbra.tls_policy",
        NO_LOGIN,
        "GSSAPI is bound to TLS otherwise than asked",
        f"{SITE} (zimbra_requires_tls)",
        ("zimbraSaslGssapiRequiresTls",),
        DEGRADED,
    ),
    ("zimbra.spnego_off", NO_WEB, "web sign-on is off or names others", f"{SITE} (zimbra_spnego)", SPNEGO, BROKEN),
    (
        "zimbra.realm_missing",
        MAPPING,
        "the domain names another realm or none, so that its users' principals belong to nobody",
        f"{SITE} (zimbra_domains, zimbra_realm)",
        ("zimbraAuthKerberos5Realm",),
        BROKEN,
    ),
    (
        "zimbra.auth_mech",
        "users cannot log in with their Kerberos passwords",
        "passwords are checked elsewhere",
        f"{SITE} (zimbra_auth_mech)",
        ("zimbraAuthMech",),
        DEGRADED,
    ),
    (
        "zimbra.principal_unmapped",
        MAPPING,
        "no account has the user's principal",
        f"{SITE} (zimbra_principals)",
        ("zimbraForeignPrincipal",),
        BROKEN,
    ),
)
# What no service offers or waits for: it only counts once somebody logs in.
SHARED = frozenset(
    ("zimbraAuthKerberos5Realm", "zimbraAuthMech", "zimbraForeignPrincipal", "zimbraReverseProxyAdminIPAddress")
)
KNOWN = frozenset(name for row in ATTRIBUTES for name in row[4])

CHECKS: Tuple[Check, ...] = (
    *(
        Check(
            id_,
            SETTINGS,
            symptom,
            _attributes(cause, remedy, *names, grade=grade),
            LOGINS if set(names) & SHARED else PENDING,
        )
        for id_, symptom, cause, remedy, names, grade in ATTRIBUTES
    ),
    Check("zimbra.attribute_differs", SETTINGS, "Zimbra is not as asked", of_zimbra(_other_attributes)),
)
