# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of what Active Directory refuses to read or write, in the order of looking.

The numbers are LDAP's result codes (RFC 4511 section 4.1.9) and, in a controller's own text, Win32 error codes in
hexadecimal ([MS-ERREF] 2.2); the words without numbers are Samba's.
Facts: host, user, dn, what (attributes to be written), right, words.
"""

from __future__ import annotations

from typing import FrozenSet

from .directory_stages import ANY_OPERATION, WRITE
from .symptoms import Symptom

_WRITE = frozenset((WRITE,))
_NEVER: FrozenSet[str] = frozenset()

ACCOUNTS = (
    Symptom(
        "password_too_short",
        _WRITE,
        r"password is too short(?:\D*(?P<length>\d+) characters)?",
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
        "password_breaks_rules",
        _NEVER,
        "",
        "{host} refused the password of {dn}: {words}",
        "give another one, or none so that a random one is made",
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
