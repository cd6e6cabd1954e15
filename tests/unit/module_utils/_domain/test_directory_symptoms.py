# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import string

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.directory_stages import BIND, READ, WRITE
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.directory_symptoms import (
    DIRECTORY_SYMPTOMS,
    explain,
    refusal,
    result_words,
    rights_for,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.symptoms import (
    CONNECT,
    CREDENTIAL,
    TICKET,
    TLS,
)

FACTS = {
    "protocol": "LDAP",
    "host": "dc1.ad.example.test",
    "port": "389",
    "realm": "AD.EXAMPLE.TEST",
    "user": "joiner@AD.EXAMPLE.TEST",
    "dn": "CN=mailer,OU=Mail,DC=ad,DC=example,DC=test",
    "what": "unicodePwd",
    "right": "Reset password",
    "base": "DC=other",
}
BAD_BIND = (
    "LDAP 49 (Invalid credentials): 80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data "
)
POLICY = "LDAP 19 (Constraint violation): 0000052D: Constraint violation - check_password_restrictions: "
SHORT = "the password is too short. It should be {} characters!"
SASL = "LDAP -2 (Local error): SASL(-1): generic failure: GSSAPI Error: Unspecified GSS failure. Minor code may "
SASL += "provide more information "

# What controllers and libraries really said (Samba 4.17 and 4.22, libldap 2.5, MIT 1.20); Windows' by its documents.
HEARD = [
    (BIND, BAD_BIND + "52e, v1db1", "password_wrong"),
    (BIND, BAD_BIND + "525, v1db1", "account_unknown"),
    (BIND, BAD_BIND + "530, v3839", "logon_hours"),
    (BIND, BAD_BIND + "531, v3839", "logon_workstation"),
    (BIND, BAD_BIND + "532, v3839", "password_expired"),
    (BIND, BAD_BIND + "533, v1db1", "account_disabled"),
    (BIND, BAD_BIND + "701, v1db1", "account_expired"),
    (BIND, BAD_BIND + "773, v1db1", "password_must_change"),
    (BIND, BAD_BIND + "775, v3839", "account_locked"),
    (BIND, BAD_BIND + "80090346, v3839", "ldap_not_sealed"),
    (BIND, "LDAP 49 (Invalid credentials)", "bind_refused"),
    (BIND, "LDAP -6 (Unknown authentication method): SASL(-4): no mechanism available: ", "sasl_mechanism_missing"),
    (
        BIND,
        "LDAP 8 (Strong(er) authentication required): BindSimple: Transport encryption required.",
        "ldap_not_sealed",
    ),
    (BIND, "LDAP -1 (Can't contact LDAP server): Connection reset by peer", "connection_lost"),
    (BIND, "LDAP -5 (Timed out)", "server_silent"),
    (BIND, "LDAP 51 (Server is busy)", "server_busy"),
    (TICKET, SASL + "(Clock skew too great)", "clock_skew"),
    (TICKET, SASL + "(Server not found in Kerberos database)", "service_principal_unknown"),
    (TICKET, SASL + '(Cannot find KDC for realm "OTHER.TEST")', "kdc_unknown"),
    (CREDENTIAL, "Preauthentication failed", "credential_wrong"),
    (CREDENTIAL, "Client's credentials have been revoked", "account_revoked"),
    (CREDENTIAL, "Password has expired", "password_expired"),
    (CREDENTIAL, "Client 'nobody@AD.EXAMPLE.TEST' not found in Kerberos database", "principal_unknown"),
    (CREDENTIAL, "Cannot contact any KDC for realm 'AD.EXAMPLE.TEST'", "kdc_unreachable"),
    (CONNECT, "Connection refused", "connection_refused"),
    (CONNECT, "Name or service not known", "host_unknown"),
    (CONNECT, "No route to host", "host_unreachable"),
    (TLS, "certificate verify failed: self-signed certificate", "certificate_untrusted"),
    (TLS, "certificate verify failed: unable to get local issuer certificate", "certificate_untrusted"),
    (TLS, "certificate verify failed: certificate has expired", "certificate_expired"),
    (TLS, "certificate verify failed: Hostname mismatch, certificate is not valid for 'x'.", "certificate_wrong_name"),
    (TLS, "Connection reset by peer", "tls_not_spoken"),
    (
        WRITE,
        POLICY + "the password is too short. It should be equal or longer than 7 characters!",
        "password_too_short",
    ),
    (WRITE, POLICY + "the password does not meet the complexity criteria!", "password_too_simple"),
    (WRITE, POLICY + "the password was already used (in history)!", "password_used_before"),
    (WRITE, POLICY + "the password was already used (previous password)!", "password_used_before"),
    (WRITE, POLICY + "password is too young to change!", "password_too_young"),
    (WRITE, POLICY + "the password doesn't fit due to a miscellaneous restriction!", "password_refused"),
    (
        WRITE,
        "LDAP 53 (Server is unwilling to perform): 0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM)",
        "password_refused",
    ),
    (
        WRITE,
        "LDAP 19 (Constraint violation): 0000202F: samldb: spn[imap/mx1] would cause a conflict",
        "service_principal_taken",
    ),
    (
        WRITE,
        "LDAP 19 (Constraint violation): 000021C7: AtrErr: DSID-03200BBA, #1: problem 1005 (CONSTRAINT_ATT_TYPE)",
        "service_principal_taken",
    ),
    (
        WRITE,
        "LDAP 19 (Constraint violation): 0000202F: samldb: userPrincipalName 'x@Y' is already in use",
        "upn_taken",
    ),
    (WRITE, "LDAP 19 (Constraint violation): 000021C8: AtrErr: DSID-03200BBA", "upn_taken"),
    (
        WRITE,
        "LDAP 19 (Constraint violation): 0000202F: samldb: spn[nonsense] invalid with 1 components",
        "service_principal_malformed",
    ),
    (WRITE, "LDAP 19 (Constraint violation): 00002082: AtrErr: DSID-031519C2", "constraint_violated"),
    (WRITE, "LDAP 68 (Already exists): 00002071: Entry CN=x already exists", "name_taken"),
    (WRITE, "LDAP 53 (Server is unwilling to perform): 00000524: UpdErr: DSID-031A11FA", "name_taken"),
    (WRITE, "LDAP 53 (Server is unwilling to perform): 0000001F: SvcErr: DSID-031A12D2", "password_needs_seal"),
    (WRITE, "LDAP 53 (Server is unwilling to perform): 00002077: SvcErr: DSID-03190F4C", "unwilling"),
    (WRITE, "LDAP 50 (Insufficient access): 00000005: SecErr: DSID-03152DE6, problem 4003", "right_missing"),
    (WRITE, "LDAP 20 (Type or value exists): attribute 'servicePrincipalName': value #0 exists", "value_exists"),
    (WRITE, "LDAP 16 (No such attribute)", "value_gone"),
    (WRITE, "LDAP 34 (Invalid DN syntax)", "name_malformed"),
    (WRITE, "LDAP 10 (Referral): 0000202B: DSID-0310082F", "referred_elsewhere"),
    (READ, "LDAP 32 (No such object): 0000208D: NameErr: DSID-0310021B", "no_such_entry"),
    (READ, "LDAP 3 (Time limit exceeded)", "server_limit"),
    (READ, "LDAP 80 (Other): something new", "directory_error"),
]


@pytest.mark.parametrize(("stage", "words", "symptom"), HEARD)
def test_words_lead_to_their_symptom(stage, words, symptom):
    assert explain(stage, words, FACTS).symptom == symptom


@pytest.mark.parametrize("row", DIRECTORY_SYMPTOMS, ids=lambda row: row.name)
def test_sentences_need_known_facts_only(row):
    wanted = {
        name for text in (row.cause, row.remedy) for dummy, name, *dummy in string.Formatter().parse(text) if name
    }
    known = {*FACTS, "words", "length", *re.compile(row.pattern).groupindex}
    # rows of the mail services' tables that a directory cannot meet by their pattern
    assert wanted - known <= {"service_principal"}


def test_one_sentence_with_what_where_and_how():
    found = refusal(
        WRITE, POLICY + "the password is too short. It should be equal to or longer than 12 characters!", FACTS
    )
    assert found.symptom == "password_too_short"
    assert str(found) == (
        "dc1.ad.example.test refused the password of CN=mailer,OU=Mail,DC=ad,DC=example,DC=test: it is too short, and "
        "the domain's policy wants 12 characters; give a longer one, or none so that a random one is made"
    )
    assert "wants more characters" in str(refusal(WRITE, POLICY + "the password is too short", FACTS))
    assert str(refusal(READ, "OTHER.TEST", FACTS, "realm_of_other_domain")).startswith(
        "dc1.ad.example.test serves DC=other, not the domain of OTHER.TEST; "
    )


def test_a_result_is_one_line():
    assert result_words(19, "Constraint violation", "0000052D:\n  x\n") == "LDAP 19 (Constraint violation): 0000052D: x"
    assert result_words(50, "Insufficient access", "") == "LDAP 50 (Insufficient access)"


def test_rights_as_an_administrator_knows_them():
    assert rights_for(["unicodePwd", "servicePrincipalName"]) == "Reset password, Write servicePrincipalName"
    assert rights_for(["computer"]) == "Create computer objects"
    assert rights_for([]) == "Write all properties"
