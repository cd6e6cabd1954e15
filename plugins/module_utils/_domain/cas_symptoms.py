# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of SPNEGO in CAS's logs.

The troubles are those of CAS's document; the words are the JDK's, as JDK 17 and later print them where a login of CAS's
kind goes wrong, those of JCIFS and Tomcat's. A keytab that is not there, that CAS's user may not read or that holds no
key of the service is all the same to the JDK: it finds no key. Each is looked for anywhere in an entry, in this order.
Facts: log, words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Optional

from .cas_log import shown
from .heard import counted, report
from .log_entries import Entry
from .symptoms import ANSWER, Finding, Symptom, named

_ANSWER = frozenset((ANSWER,))
_KEYTAB = "the keytab (keytab_info, by default /etc/cas/cas.keytab)"
_COMPARE = (
    f"compare {_KEYTAB} with the KDC's keys (principal_info; for Active Directory msDS-KeyVersionNumber, which every "
    "ktpass raises) and bring the present key there (keytab_export, ad_keytab); then restart CAS"
)
_LOGIN_CONF = "the file that cas.authn.spnego.system.login-conf names (before CAS 6 loginConf; module jaas_config)"
_OF_KERBEROS = r"\A(?=[\s\S]*(?:krb5|kdc|kerberos|LoginException))[\s\S]*?"

CAS_SYMPTOMS = (
    Symptom(
        "clock_skew",
        _ANSWER,
        r"clock skew",
        "the clocks of the client, of CAS's host and of the KDC are too far apart ({words})",
        "synchronise all of them with one time source",
    ),
    Symptom(
        "login_conf_malformed",
        _ANSWER,
        r"configuration error:\s+line \d+",
        "the JDK cannot read login.conf ({words})",
        f"mend {_LOGIN_CONF}; a line must not end with a backslash",
    ),
    Symptom(
        "login_conf_unreadable",
        _ANSWER,
        r"configuration error:\s+no such file|(?<!krb5)\.conf \((?:no such file or directory|permission denied)\)"
        r"|unable to locate a login configuration",
        "login.conf is not there, or CAS's user may not read it ({words})",
        f"see that {_LOGIN_CONF} is there and that the unit's user may read it and the folders above it",
    ),
    Symptom(
        "login_entry_missing",
        _ANSWER,
        r"no loginmodules configured for (?P<entry>[\w.]+)",
        "login.conf has no entry {entry}",
        f"let {_LOGIN_CONF} hold jcifs.spnego.accept, jcifs.spnego.initiate and com.sun.security.jgss.krb5.accept",
    ),
    Symptom(
        "service_enctype_unusable",
        _ANSWER,
        r"not in permitted_enctypes|encryption type.*not (?:supported|permitted|enabled)|no supported default etypes"
        r"|no support for encryption type|illegal key size|unsupported key type",
        "CAS's Java cannot use the encryption type of the ticket ({words})",
        "see that permitted_enctypes in CAS's krb5.conf allows it and that the Java allows AES-256 (cas_info); RC4 and "
        "DES need allow_weak_crypto = true, so rather give the account AES keys",
    ),
    Symptom(
        "service_key_missing",
        _ANSWER,
        r"cannot find key of appropriate type to decrypt AP[ -]RE[QP](?: - (?P<enctype>[^)>\n]+))?",
        "CAS finds no key with which to open the ticket ({words}): the path of the keytab is wrong or its user may not "
        "read it, it holds no key of the service principal that was asked for, none of the ticket's encryption type, "
        "or one of another kvno",
        "see that default_keytab_name in CAS's krb5.conf, or keyTab in login.conf, names the keytab, that the unit's "
        f"user may read it, that its principal is jcifs-service-principal; {_COMPARE}",
    ),
    Symptom(
        "service_key_differs",
        _ANSWER,
        r"checksum failed|integrity check on decrypted field failed|message stream modified",
        "the key in the keytab is not the one with which the KDC made the ticket, as after a new password or a new "
        "ktpass ({words})",
        _COMPARE,
    ),
    Symptom(
        "service_key_outdated",
        _ANSWER,
        r"specified version of key is not available",
        "the keytab has no key of the ticket's kvno ({words})",
        _COMPARE,
    ),
    Symptom(
        "keytab_unusable",
        _ANSWER,
        r"unable to obtain password from user|unable to obtain princip?al name|no key to store",
        "the login by login.conf found no key: its keyTab is not there, CAS's user may not read it, or it holds no key "
        "of its principal ({words})",
        f"see that keyTab and principal of {_LOGIN_CONF} are those of {_KEYTAB}, which the unit's user must be able to "
        "read; isInitiator=false needs no KDC",
    ),
    Symptom(
        "service_credential_wrong",
        _ANSWER,
        r"pre-?authentication (?:information was invalid|failed)",
        "CAS logged in to the KDC as the service and was refused ({words})",
        f"{_COMPARE}; isInitiator=false in login.conf does without that login",
    ),
    Symptom(
        "principal_unknown",
        _ANSWER,
        r"client not found in kerberos database",
        "the KDC knows no principal of the name with which CAS logs in ({words})",
        "see that the service principal exists (module principal) or, in Active Directory, use isInitiator=false: a "
        "service principal name is none that one can log in with there",
    ),
    Symptom(
        "service_principal_unknown",
        _ANSWER,
        r"server not found in kerberos database",
        "the KDC knows no service principal of the name that was asked for ({words})",
        "give the account the name HTTP/ with the host name by which browsers reach CAS (cas_hostname, cas_aliases)",
    ),
    Symptom(
        "ticket_expired",
        _ANSWER,
        r"ticket expired \(\d+\)",
        "the browser's ticket has expired ({words})",
        "get a new one on the client (kinit, or a new login to the desktop)",
    ),
    Symptom(
        "token_replayed",
        _ANSWER,
        r"request is a replay",
        "a token came twice ({words})",
        "see that no proxy sends requests again; a browser's next try has a new token",
    ),
    Symptom(
        "default_realm_missing",
        _ANSWER,
        r"cannot locate default realm",
        "CAS's Java finds no default_realm ({words})",
        "set default_realm in the krb5.conf that cas.authn.spnego.system.kerberos-conf names (a file: URL from CAS 6 "
        "on), and see that the unit's user may read it",
    ),
    Symptom(
        "kdc_unknown",
        _ANSWER,
        r"cannot locate kdc|cannot get kdc for realm",
        "CAS's Java knows no KDC of the realm ({words})",
        "name its kdc in CAS's krb5.conf, or set kerberos-kdc and kerberos-realm, both or neither",
    ),
    Symptom(
        "kdc_unreachable",
        _ANSWER,
        _OF_KERBEROS + r"(?:PortUnreachable|port unreachable|receive timed out|connection refused)",
        "no KDC of the realm answered CAS ({words})",
        "see that port 88 (UDP and TCP) of the kdc in CAS's krb5.conf can be reached, and that kerberos-kdc is not "
        "left at its default; isInitiator=false in login.conf does without the KDC",
    ),
    Symptom(
        "http_header_too_large",
        _ANSWER,
        r"request header (?:is )?too large|HeadersTooLarge",
        "Tomcat does not take the ticket in a header, as with users in many groups ({words})",
        "raise cas_header_size: server.max-http-request-header-size (before CAS 7 server.max-http-header-size) for the "
        "Tomcat in CAS, maxHttpHeaderSize of the Connector for another (tomcat_connector), and the limit of any proxy",
    ),
    Symptom(
        "spnego_classes_missing",
        _ANSWER,
        r"(?:NoClassDefFoundError|ClassNotFoundException):? +jcifs[./]",
        "CAS's web archive lacks the classes of JCIFS that SPNEGO calls ({words})",
        "add jcifs-ext to the overlay (cas_overlay, dependencies) and build it again",
    ),
    Symptom(
        "ntlm_offered",
        _ANSWER,
        r"TlRMTVNT|NTLMSSP|unsupported NTLM|NTLM.*not (?:supported|allowed)|no NTLM",
        "the browser sent an NTLM token and no ticket ({words})",
        "let the client log in to the realm, the browser trust CAS's name (role workstation), and DNS lead that name "
        "where the service principal is; an address instead of a name makes for NTLM too",
    ),
    Symptom(
        "token_defective",
        _ANSWER,
        r"defective token|GSSHeader did not find the right tag",
        "what the browser sent is no ticket, most often an NTLM token ({words})",
        "let the client log in to the realm, the browser trust CAS's name (role workstation), and see with klist that "
        "it gets a ticket for HTTP/ with that name",
    ),
    Symptom(
        "krb5_conf_unusable",
        _ANSWER,
        r"illegal config content|improper format of kerberos configuration|could not load configuration file"
        r"|krb5[\w.-]*\.conf \((?:no such file or directory|permission denied)\)",
        "CAS's Java cannot use its krb5.conf ({words})",
        "correct the file (module krb5_conf); from CAS 6 on cas.authn.spnego.system.kerberos-conf is a file: URL",
    ),
    Symptom(
        "unknown",
        _ANSWER,
        r"GSSException|KrbException|Krb5LoginModule",
        "a login by Kerberos failed: {words}",
        "read the lines around it in {log}; cas_debug lets CAS tell more, tokens included",
    ),
)


@dataclass(frozen=True)
class Told:
    """A symptom of one entry, and the line that has it, as it may be seen."""

    finding: Finding
    line: str


def told(entry: Entry) -> Optional[Told]:
    """What an entry is a symptom of; None where it is of none."""
    text = "\n".join(entry.lines)
    for symptom in CAS_SYMPTOMS:
        match = re.search(symptom.pattern, text, re.IGNORECASE)
        if match is None:
            continue
        end = text.find("\n", match.end())
        line = text[text.rfind("\n", 0, max(match.start(), match.end() - 1)) + 1 : len(text) if end < 0 else end]
        heard = {name: shown(value) for name, value in match.groupdict().items() if value}
        words = shown(line)
        return Told(named(symptom.name, {**heard, "log": entry.log, "words": words}, CAS_SYMPTOMS), words)
    return None


def symptoms_of(entries: Iterable[Entry]) -> List[Dict[str, Any]]:
    """The symptoms of the entries as the module returns them, what happens most often first; words are the last's."""
    lines: Dict[str, str] = {}
    rows = []
    for entry in sorted(entries, key=lambda one: one.time):
        found = told(entry)
        if found is not None:
            lines[found.finding.symptom] = found.line
            rows.append((found.finding, entry.log, entry.time.isoformat()))
    return [{**report(heard, "logs"), "line": lines[heard.symptom]} for heard in counted(rows)]
