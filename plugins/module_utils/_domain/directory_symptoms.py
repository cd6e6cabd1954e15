# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Active Directory's refusals mean: LDAP result codes, Windows' error numbers in their texts, Samba's words.

Words to find a symptom in are ``LDAP 49 (Invalid credentials): 80090308: ... data 52e``. The numbers are those of RFC
4511 section 4.1.9 and of [MS-ERREF] 2.2; the sub-codes of a refused bind are Win32 error codes in hexadecimal.
Facts: host, port, realm, user, dn, what (attributes or objects to be written), base, words.
"""

from __future__ import annotations

from typing import FrozenSet, Iterable, Mapping

from .connection_symptoms import REACHING
from .directory import DirectoryRefusal
from .symptoms import ANSWER, CONNECT, CREDENTIAL, TICKET, TLS, Finding, Symptom, diagnose, named
from .ticket_symptoms import CLOCK_AND_KDC, CREDENTIALS, TICKETS

BIND = "bind"
READ = "read"
WRITE = "write"
ANY_OPERATION = frozenset((BIND, READ, WRITE))
_BIND = frozenset((BIND,))
_READ = frozenset((READ,))
_WRITE = frozenset((WRITE,))
_NEVER: FrozenSet[str] = frozenset()

# The right to delegate on the organizational unit, by what could not be written.
RIGHTS = {
    "unicodePwd": "Reset password",
    "user": "Create user objects",
    "computer": "Create computer objects",
}

# Where the tables for mail servers and MIT's KDC have other remedies than a domain controller needs.
OWN = (
    Symptom(
        "account_revoked",
        frozenset((CREDENTIAL, TICKET)),
        r"credentials have been revoked",
        "the account {user} is disabled, locked or expired",
        "enable or unlock it (userAccountControl, lockoutTime, accountExpires), or use another account",
    ),
    Symptom(
        "principal_unknown",
        frozenset((CREDENTIAL, TICKET)),
        r"client (?:'[^']*' )?not found in Kerberos database",
        "the domain knows no account {user}",
        "correct credentials.principal: write it as account@{realm}",
    ),
    Symptom(
        "password_expired",
        frozenset((CREDENTIAL, TICKET)),
        r"password has expired|password must be changed|key has expired",
        "the password of {user} has expired or must be changed at the next logon",
        "set a new one (kpasswd), or let it never expire",
    ),
    Symptom(
        "credential_wrong",
        frozenset((CREDENTIAL,)),
        r"preauthentication failed|decrypt integrity check failed|password incorrect|password read interrupted",
        "the password or keytab key of {user} is not the one that the domain holds",
        "correct credentials.password, or bring credentials.keytab up to date; it was tried once",
    ),
    Symptom(
        "service_principal_unknown",
        frozenset((TICKET,)),
        r"server (?:\S+ )?not found in Kerberos database",
        "the domain has no service principal ldap/{host} ({words})",
        "set server to the controller's full name as the domain knows it; where it is that, set rdns = false and "
        "dns_canonicalize_hostname = false in krb5.conf",
    ),
    Symptom(
        "connection_refused",
        frozenset((CONNECT,)),
        r"connection refused",
        "nothing listens on port {port} of {host}",
        "set server to a domain controller that runs, or correct its port",
    ),
    Symptom(
        "certificate_untrusted",
        frozenset((TLS,)),
        r"unable to get .*certificate|self.signed",
        "this host does not trust the certificate of {host} ({words})",
        "name its issuer's certificate in ca_path",
    ),
    Symptom(
        "certificate_wrong_name",
        frozenset((TLS,)),
        r"hostname mismatch|IP address mismatch|doesn't match",
        "the certificate of {host} does not carry that name ({words})",
        "set server to a name that it carries",
    ),
    Symptom(
        "tls_not_spoken",
        frozenset((TLS,)),
        r"wrong version number|unknown protocol|packet length|record layer|unexpected eof|EOF occurred"
        r"|closed the connection|connection reset",
        "what answers on port {port} of {host} does not begin with TLS ({words})",
        "use port 636 with transport ldaps, and give the controller a certificate",
    ),
)

BINDS = (
    Symptom(
        "password_wrong",
        _BIND,
        r"LDAP 49\b.*data 52e|NT_STATUS_(?:LOGON_FAILURE|WRONG_PASSWORD)",
        "{host} does not accept the password of {user}",
        "correct credentials.password; it was tried once",
    ),
    Symptom(
        "account_unknown",
        _BIND,
        r"LDAP 49\b.*data 525|NT_STATUS_NO_SUCH_USER",
        "{host} knows no account {user}",
        "correct credentials.principal",
    ),
    Symptom(
        "logon_hours",
        _BIND,
        r"LDAP 49\b.*data 530",
        "{user} may not log in at this hour",
        "change the account's logon hours, or use another account",
    ),
    Symptom(
        "logon_workstation",
        _BIND,
        r"LDAP 49\b.*data 531",
        "{user} may not log in from this host",
        "change the account's list of workstations, or use another account",
    ),
    Symptom(
        "password_expired",
        _BIND,
        r"LDAP 49\b.*data 532|NT_STATUS_PASSWORD_EXPIRED",
        "the password of {user} has expired",
        "set a new one, or let it never expire",
    ),
    Symptom(
        "account_disabled",
        _BIND,
        r"LDAP 49\b.*data 533|NT_STATUS_ACCOUNT_DISABLED",
        "the account {user} is disabled",
        "enable it (userAccountControl without ACCOUNTDISABLE), or use another account",
    ),
    Symptom(
        "account_expired",
        _BIND,
        r"LDAP 49\b.*data 701|NT_STATUS_ACCOUNT_EXPIRED",
        "the account {user} has expired",
        "set another accountExpires, or use another account",
    ),
    Symptom(
        "password_must_change",
        _BIND,
        r"LDAP 49\b.*data 773|NT_STATUS_PASSWORD_MUST_CHANGE",
        "{user} must change the password at the next logon",
        "change it (kpasswd), or clear that mark (pwdLastSet -1)",
    ),
    Symptom(
        "account_locked",
        _BIND,
        r"LDAP 49\b.*data 775|NT_STATUS_ACCOUNT_LOCKED_OUT",
        "the account {user} is locked after too many wrong passwords",
        "unlock it (lockoutTime 0), and find what still uses an old password",
    ),
    Symptom(
        "bind_refused",
        _BIND,
        r"LDAP 49\b",
        "{host} refused the login of {user} ({words})",
        "correct credentials, and give the account by its user principal name",
    ),
    Symptom(
        "sasl_mechanism_missing",
        _BIND,
        r"no mechanism available|No worthy mechs|unknown authentication method|LDAP 7\b",
        "this host has no SASL mechanism GSS-SPNEGO ({words})",
        "install libsasl2-modules-gssapi-mit (Red Hat: cyrus-sasl-gssapi; SUSE: cyrus-sasl-gssapi)",
    ),
    Symptom(
        "ldap_not_sealed",
        ANY_OPERATION,
        r"LDAP (?:8|13)\b|stronger ?auth|confidentiality required|security flags .*do not match|"
        r"encryption (?:type )?not supported|data 80090346",
        "{host} wants a stronger protection of the connection ({words})",
        "use transport gssapi, which signs and seals, or ldaps to a name that its certificate carries; where the "
        "domain demands channel binding, gssapi on port 389",
    ),
)

ACCOUNTS = (
    Symptom(
        "password_too_short",
        _WRITE,
        r"password is too short(?:\. It should be equal or longer than (?P<length>\d+) characters)?",
        "{host} refused the password of {dn}: it is too short, and the domain's policy wants {length} characters",
        "give a longer one, or none so that a random one is made",
    ),
    Symptom(
        "password_too_simple",
        _WRITE,
        r"does not meet the complexity criteria",
        "{host} refused the password of {dn}: the domain's policy wants characters of three kinds (capitals, small "
        "letters, digits, others) and no part of the account's name in it",
        "give another one, or none so that a random one is made",
    ),
    Symptom(
        "password_used_before",
        _WRITE,
        r"password was already used",
        "{host} refused the password of {dn}: it was used before, and the domain's policy remembers it",
        "give another one, or none so that a random one is made",
    ),
    Symptom(
        "password_too_young",
        _WRITE,
        r"password is too young",
        "{host} refused the password of {dn}: the present one is younger than the domain's policy lets it be changed",
        "wait, or use an account with the right Reset password",
    ),
    Symptom(
        "password_refused",
        _WRITE,
        # 52D is ERROR_PASSWORD_RESTRICTION; Windows does not say which rule.
        r"0000052D|password doesn't fit|check_password_restrictions",
        "{host} refused the password of {dn} by its policy without saying which rule (length, kinds of characters, "
        "history or age)",
        "compare it with the domain's policy (net accounts /domain) and any fine-grained one, or give none so that a "
        "random one is made",
    ),
    Symptom(
        "service_principal_taken",
        _WRITE,
        # 21C7 is ERROR_DS_SPN_VALUE_NOT_UNIQUE_IN_FOREST
        r"000021C7|spn\[(?P<name>[^\]]*)\] would cause a conflict|servicePrincipalName.*already in use",
        "{host} refused {what} of {dn}, for another account has that service principal ({words})",
        "find the owner (setspn -Q), and remove it there or let that account serve it",
    ),
    Symptom(
        "upn_taken",
        _WRITE,
        # 21C8 is ERROR_DS_UPN_VALUE_NOT_UNIQUE_IN_FOREST
        r"000021C8|userPrincipalName.*already in use",
        "{host} refused {what} of {dn}, for another account has that user principal name ({words})",
        "find the owner and give one of the two another upn",
    ),
    Symptom(
        "name_taken",
        _WRITE,
        # 524 is ERROR_USER_EXISTS
        r"LDAP 68\b|00000524|sAMAccountName.*already in use|000021C6",
        "{host} refused to create {dn}, for an entry of that name or an account of that sAMAccountName exists",
        "give the account that exists, or another name",
    ),
    Symptom(
        "service_principal_malformed",
        _WRITE,
        r"spn\[(?P<name>[^\]]*)\] (?:invalid|has)|malformed servicePrincipalName",
        "{host} does not take a service principal of {dn} ({words})",
        "write it as service/host.domain",
    ),
    Symptom(
        "right_missing",
        ANY_OPERATION,
        r"LDAP 50\b|insufficient access|00000005: SecErr|INSUFF_ACCESS_RIGHTS",
        "{user} lacks a right on {dn}: {right}",
        "delegate it on the organizational unit, or use an account that has it",
    ),
    Symptom(
        "no_such_entry",
        ANY_OPERATION,
        r"LDAP 32\b",
        "{host} has no entry {dn}",
        "create it, or correct ou",
    ),
    Symptom(
        "name_malformed",
        ANY_OPERATION,
        r"LDAP 34\b",
        "{dn} is no distinguished name",
        "write it as OU=Mail,DC=example,DC=test, with a backslash before a comma within a name",
    ),
    Symptom(
        "value_exists",
        _WRITE,
        r"LDAP 20\b",
        "{dn} has a value of {what} already",
        "run again: somebody else has changed it in between",
    ),
    Symptom(
        "value_gone",
        _WRITE,
        r"LDAP 16\b",
        "{dn} no longer has a value of {what} that was to be removed",
        "run again: somebody else has changed it in between",
    ),
    Symptom(
        "password_needs_seal",
        _WRITE,
        r"0000001F|password.*(?:encrypted|128.bit|secure) connection",
        "{host} takes passwords over an encrypted connection only ({words})",
        "use transport gssapi, which seals, or ldaps",
    ),
    Symptom(
        "constraint_violated",
        _WRITE,
        r"LDAP 19\b",
        "{host} refused {what} of {dn} ({words})",
        "correct the values; its number is in Microsoft's list of Win32 error codes",
    ),
    Symptom(
        "unwilling",
        ANY_OPERATION,
        r"LDAP 53\b",
        "{host} is unwilling to write {what} of {dn} ({words})",
        "read the number at its beginning in Microsoft's list of Win32 error codes, and the controller's event log",
    ),
)

SERVERS = (
    Symptom(
        "referred_elsewhere",
        ANY_OPERATION,
        r"LDAP (?:9|10)\b",
        "{host} does not hold {dn}, but refers to another domain or a writable controller ({words})",
        "set server to a writable controller of the domain that holds it",
    ),
    Symptom(
        "server_busy",
        ANY_OPERATION,
        r"LDAP (?:51|52)\b",
        "{host} is busy or not ready ({words})",
        "run again later, or set server to another controller",
    ),
    Symptom(
        "server_limit",
        _READ,
        r"LDAP (?:3|4|11)\b",
        "{host} ended a search before it had given all entries ({words})",
        "run again later, or raise the domain's MaxPageSize and MaxQueryDuration",
    ),
    Symptom(
        "server_silent",
        frozenset((*ANY_OPERATION, ANSWER)),
        r"LDAP -?(?:5|85)\b|timed out",
        "{host} did not answer on port {port} in time",
        "see to firewalls and to the controller's load, or raise timeout",
    ),
    Symptom(
        "connection_lost",
        ANY_OPERATION,
        r"LDAP -1\b|can't contact LDAP server|LDAP 81\b",
        "the connection to port {port} of {host} was lost ({words})",
        "run again; the controller's event log says why it ended it",
    ),
    Symptom(
        "not_active_directory",
        _NEVER,
        "",
        "{host} does not say which domain it serves, as a controller of Active Directory does",
        "set server to a domain controller",
    ),
    Symptom(
        "realm_of_other_domain",
        _NEVER,
        "",
        "{host} serves {base}, not the domain of {words}",
        "set server to a controller of that domain, or correct realm",
    ),
    Symptom(
        "controller_unknown",
        _NEVER,
        "",
        "DNS names no domain controller ({words})",
        "set server to one, let this host ask the domain's DNS, or correct realm",
    ),
    Symptom(
        "dns_bindings_missing",
        _NEVER,
        "",
        "server is not given and this host cannot ask DNS for SRV records, as its Python has no dnspython",
        "set server to a domain controller's name, or install python3-dnspython",
    ),
    Symptom(
        "ldap_bindings_missing",
        _NEVER,
        "",
        "no Python of this host has both python-ldap and gssapi",
        "install python3-ldap and python3-gssapi there",
    ),
)
UNKNOWN = (
    Symptom(
        "directory_error",
        frozenset((*ANY_OPERATION, CREDENTIAL, CONNECT, TLS, TICKET, ANSWER)),
        r"",
        "{host} answered {words}",
        "read the number at its beginning in Microsoft's list of Win32 error codes, and the controller's event log",
    ),
)

DIRECTORY_SYMPTOMS = (
    *OWN, *CLOCK_AND_KDC, *CREDENTIALS, *TICKETS, *REACHING, *BINDS, *ACCOUNTS, *SERVERS, *UNKNOWN
)  # fmt: skip


def explain(stage: str, words: str, facts: Mapping[str, str]) -> Finding:
    """What ``words`` mean that were heard at a ``stage`` of symptoms.py or of this file."""
    return diagnose(stage, words, facts, DIRECTORY_SYMPTOMS)


def refusal(stage: str, words: str, facts: Mapping[str, str], name: str = "") -> DirectoryRefusal:
    """The refusal whose one sentence says cause and remedy; ``name``: of the symptom where it is known already."""
    given = {"dn": facts.get("host", ""), "what": "it", "right": "Write", "length": "more", **facts, "words": words}
    finding = named(name, given, DIRECTORY_SYMPTOMS) if name else explain(stage, words, given)
    return DirectoryRefusal(f"{finding.cause}; {finding.remedy}", finding.symptom)


def result_words(code: int, description: str, information: str) -> str:
    """An LDAP result as one line: ``LDAP 19 (Constraint violation): 0000052D: ...``."""
    said = " ".join(information.split())
    return f"LDAP {code} ({description})" + (f": {said}" if said else "")


def rights_for(written: Iterable[str]) -> str:
    """The rights that an administrator would have to delegate for what could not be written."""
    return ", ".join(dict.fromkeys(RIGHTS.get(name, f"Write {name}") for name in written)) or "Write all properties"
