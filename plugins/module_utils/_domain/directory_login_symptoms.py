# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of a login to Active Directory, by Kerberos or by a simple bind, in the order of looking.

The words are those of libkrb5, OpenSSL, libldap and libsasl2, and of a controller: the sub-codes of a refused bind
(``data 52e``) are Win32 error codes in hexadecimal ([MS-ERREF] 2.2).
Facts: host, port, realm, user, words.
"""

from __future__ import annotations

from .directory_stages import ANY_OPERATION, BIND
from .symptoms import CONNECT, CREDENTIAL, TICKET, TLS, Symptom

_BIND = frozenset((BIND,))

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
        "ldap_not_sealed",
        ANY_OPERATION,
        r"LDAP (?:8|13)\b|stronger ?auth|confidentiality required|security flags .*do not match|"
        r"encryption (?:type )?not supported|data 80090346",
        "{host} wants a stronger protection of the connection ({words})",
        "use transport gssapi, which signs and seals, or ldaps to a name that its certificate carries; where the "
        "domain demands channel binding, gssapi on port 389",
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
)
