# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of logins in the logs of Zimbra's mailbox, proxy and MTA, and in what its clients and KDC say.

The troubles are the vendor's document's; the words are those of Zimbra's sources (GssAuthenticator, AuthenticatorUtil,
NginxLookupExtension), of Java's Kerberos, and of Heimdal 1.5.3, which proxy and MTA have with them. Each is looked for
anywhere in a line.
Facts: log, words.
"""

from __future__ import annotations

import re
from typing import Iterable, List, Optional, Tuple

from .heard import Heard, counted
from .log_entries import Entry
from .symptoms import ANSWER, ANYWHERE, Finding, Symptom, diagnose

_ANSWER = frozenset((ANSWER,))
_KEYTABS = (
    "zimbra_keytab, 0600 of zimbra, for mailbox and proxy, and zimbra_mta_keytab, 0640 of zimbra:postfix and outside "
    "/opt/zimbra/conf, where zmfixperms takes it away, for the MTA"
)
_AES = "aes256-cts-hmac-sha1-96 or aes128-cts-hmac-sha1-96, which Java and Zimbra's Heimdal have in common"
_COMPARE = (
    "compare zimbra_keytab and zimbra_mta_keytab (keytab_info) with the KDC's keys (principal_info), and where they "
    "differ export them again (role zimbra, tag keytab), which never rotates them"
)

ZIMBRA_SYMPTOMS = (
    Symptom(
        "clock_skew",
        _ANSWER,
        r"clock skew",
        "the clocks of the client, of Zimbra and of the KDC are too far apart ({words})",
        "synchronise all of them with one time source",
    ),
    Symptom(
        "service_key_weak",
        _ANSWER,
        r"encryption type [123] not supported|des-cbc-\w+ .*not (?:supported|permitted)|\bDES CBC mode.*not",
        "the service's key, or the ticket for it, is of single DES, which nothing takes any more ({words})",
        f"give the principal new keys of {_AES} (kerberos_enctype_policy; module principal with rekey), and export "
        "them to the keytab; allow_weak_crypto = true would only let the DES key live on",
    ),
    Symptom(
        "service_enctype_unusable",
        _ANSWER,
        r"not in permitted_enctypes|encryption type.*not (?:supported|permitted|enabled)|no support for encryption type"
        r"|cannot find key of appropriate type|bad encryption type|illegal key size|unsupported key type",
        "Zimbra cannot use the encryption type of the ticket ({words})",
        f"let kerberos_enctype_policy hold {_AES}, see that the principal has a key of it and that permitted_enctypes "
        "of zimbra_krb5_conf allows it; a Java before 8u161 needs the unlimited JCE policy files for AES-256",
    ),
    Symptom(
        "localhost_asked",
        _ANSWER,
        r"(?:for|server) '?(?P<service_principal>[\w-]+/localhost(?:\.localdomain)?(?:@[^\s,']+)?)",
        "somebody asked the KDC for {service_principal}, because a name leads to localhost there",
        "let zimbra_hostname stand on its real address in DNS and /etc/hosts, and never on one of 127.0.0.0/8 "
        "(dns_identity_info finds it, hosts_file mends it), and set zimbra_server_hostname (zimbra_localconfig)",
    ),
    Symptom(
        "service_principal_unknown",
        _ANSWER,
        r"UNKNOWN_SERVER.* for (?P<service_principal>[^\s,]+)|server not found in Kerberos database",
        "the KDC knows no principal of the name that a client asks for ({words})",
        "let clients use zimbra_hostname, or name the load balancer's name in zimbra_aliases (kerberos_aliases), and "
        "run the playbook site",
    ),
    Symptom(
        "krb5_conf_unusable",
        _ANSWER,
        r"improper format of kerberos configuration|krb5_parse_file|krb5\.conf:\d+:",
        "Zimbra's Heimdal, of proxy and MTA, cannot read krb5.conf ({words})",
        "let zimbra_krb5_conf hold no include and includedir (zimbra_krb5_includes: remove), which Heimdal 1.5.3 does "
        "not know, and start proxy and MTA anew",
    ),
    Symptom(
        "account_not_mapped",
        _ANSWER,
        r"no account associated with Kerberos principal (?P<principal>[^\s)]+)",
        "no account of Zimbra belongs to {principal}, whose ticket is good",
        "name the domain of the realm's users in zimbra_domains, with zimbra_realm (zimbraAuthKerberos5Realm), or map "
        "the one account to {principal} in zimbra_principals (zimbraForeignPrincipal)",
    ),
    Symptom(
        "proxy_not_allowed",
        _ANSWER,
        r"(?:X-Proxy-IP )?(?P<address>[0-9a-f.:]{3,}) is not allowed",
        "the look-up refuses the proxy whose address is {address}",
        "name {address} in zimbra_proxy_addresses (zimbraReverseProxyAdminIPAddress of the global config), as the "
        "proxy's connection shows it; after zmprov -l run zmprov fc config",
    ),
    Symptom(
        "service_keytab_missing",
        _ANSWER,
        r"keytab file '(?P<keytab>[^']*)' not found|key ?tab(?:le)? .*(?:not found|does not exist|no such file)"
        r"|open\([^)]*\): no such file",
        "the keytab is not there, or mailboxd, which says the same of both, may not read it ({words})",
        f"let the role zimbra put the keytabs in place: {_KEYTABS}; zimbra_info shows krb5_keytab",
    ),
    Symptom(
        "service_keytab_unreadable",
        _ANSWER,
        r"permission denied",
        "the keytab may not be read by who needs it ({words})",
        f"let the role zimbra set owner and mode: {_KEYTABS}",
    ),
    Symptom(
        "service_key_outdated",
        _ANSWER,
        r"specified version of key is not available|failed to find \S+\s?\(kvno \d+\)|kvno \d+ not found"
        r"|keytab is likely out of date|key version .*not available",
        "the keytab has no key of the ticket's version: it was replaced at the KDC, or never exported ({words})",
        f"{_COMPARE}; who has an old ticket logs in anew",
    ),
    Symptom(
        "service_principal_wrong",
        _ANSWER,
        r"key not found in keystore for service principal '(?P<service_principal>[^']*)'"
        r"|failed to find (?:any kerberos key|key in keytab)|no credentials were supplied|key table entry not found"
        r"|wrong principal|no key table entry|cannot find key for|does not match server principal",
        "the keytab that is read holds no key of the service's name, or it is another file than was meant ({words})",
        "see that krb5_keytab (proxy and mailbox) and zimbraMtaImportEnvironment (MTA) name the keytabs, that these "
        "hold imap/, pop/ and smtp/ of zimbra_hostname and of zimbra_aliases in zimbra_realm, and that their owners "
        f"may read them: {_KEYTABS}",
    ),
    Symptom(
        "service_key_differs",
        _ANSWER,
        r"checksum failed|integrity check (?:on decrypted field )?failed|decrypt integrity|message stream modified",
        "the key in the keytab is not the one with which the KDC made the ticket ({words})",
        _COMPARE,
    ),
    Symptom(
        "credential_expired",
        _ANSWER,
        r"ticket (?:has )?expired|credentials? (?:has|have) expired",
        "the client's ticket has expired ({words})",
        "get a new one (kinit, or a new login to the desktop)",
    ),
    Symptom(
        "credential_missing",
        _ANSWER,
        r"no credentials cache|no kerberos credentials available|unable to obtain .*TGT|failed to find any kerberos tgt"
        r"|insufficient credentials or malicious",
        "the client has no ticket of its own, or got none for the service ({words})",
        "look with klist, get one with kinit as the user who logs in, and read in the KDC's log which service was "
        "asked for: it must be that of zimbra_hostname or of one of zimbra_aliases",
    ),
    Symptom(
        "unknown",
        ANYWHERE,
        r"",
        "a login by Kerberos failed: {words}",
        "read the lines around it in {log}, and the KDC's log; krb5_debug_enabled (zimbra_localconfig) lets mailboxd "
        "tell more",
    ),
)
# These logs hold all that mailbox and MTA do, of which most has other reasons to be denied or to fail.
_OF_LOGINS = re.compile(
    r"gss|krb|kerberos|sasl|key ?tab|keystore|encryption type|X-Proxy|(?:TGS|AS)_REQ", re.IGNORECASE
)
_ABOUT_KERBEROS = re.compile(r"(?=.*(?:gss|krb5|kerberos))(?=.*(?:fail|error|denied|refused|invalid))", re.IGNORECASE)


def finding(entry: Entry) -> Optional[Finding]:
    """What an entry is a symptom of; None where it is of none."""
    best: Optional[Tuple[int, Finding]] = None
    for line in entry.lines if any(map(_OF_LOGINS.search, entry.lines)) else ():
        found = diagnose(ANSWER, line, {"log": entry.log}, ZIMBRA_SYMPTOMS)
        rank = _RANKS[found.symptom]
        if found.symptom == "unknown" and not _ABOUT_KERBEROS.search(line):
            continue
        if best is None or rank < best[0]:
            best = (rank, found)
    return best[1] if best else None


_RANKS = {symptom.name: rank for rank, symptom in enumerate(ZIMBRA_SYMPTOMS)}


def heard_in(entries: Iterable[Entry]) -> List[Heard]:
    """The symptoms of the entries, what happens most often first; words are those of the last."""
    told = ((entry, finding(entry)) for entry in sorted(entries, key=lambda one: one.time))
    return counted((found, entry.log, entry.time.isoformat()) for entry, found in told if found is not None)
