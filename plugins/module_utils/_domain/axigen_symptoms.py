# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of a login in Axigen's log.

The three `sasl_server_step error` texts and their remedies are the vendor's document's; the texts of libkrb5 that may
stand in them are MIT's; the authentication errors are Axigen's own lines. Nothing says what comes before or behind
them in a line, so each is looked for anywhere in it.
Facts: module, client, user, words.
"""

from __future__ import annotations

from typing import Collection, List, Sequence

from .axigen_log import REFUSED, Login
from .heard import Heard, counted
from .symptoms import ANSWER, ANYWHERE, Finding, Symptom, diagnose

_ANSWER = frozenset((ANSWER,))
_SASL = r"sasl_server_step error.*"
_KEYTAB = "the service's keytab (keytab_info, by default /etc/krb5.keytab)"

AXIGEN_SYMPTOMS = (
    Symptom(
        "clock_skew",
        _ANSWER,
        _SASL + r"clock skew",
        "the clocks of the client, Axigen's host and the KDC are too far apart ({words})",
        "synchronise all of them with one time source",
    ),
    Symptom(
        "service_keytab_unreadable",
        _ANSWER,
        _SASL + r"permission denied",
        "Axigen's user may not read the keytab ({words})",
        "give the keytab to the user axigen with mode 0600, or its group with 0640; mind the directories above it, "
        "SELinux and AppArmor",
    ),
    Symptom(
        "service_keytab_missing",
        _ANSWER,
        _SASL + r"(?:key table file '?[^' )]*'? not found|no such file or directory|keytab .*does not exist)",
        "Axigen finds no keytab ({words})",
        "put the keytab where Axigen looks for it: /etc/krb5.keytab, or where KRB5_KTNAME of its unit says",
    ),
    Symptom(
        "service_key_outdated",
        _ANSWER,
        _SASL + r"(?:kvno \d+ (?:not found|enctype)|key version|keytab is likely out of date)",
        "the service's key was replaced at the KDC and the keytab still has the old one ({words})",
        f"compare {_KEYTAB} with the KDC's kvno, and bring the new key there; who has an old ticket logs in anew",
    ),
    Symptom(
        "service_principal_wrong",
        _ANSWER,
        _SASL + r"(?:no key table entry found|wrong principal|no principal in keytab|does not match server principal"
        r"|not found in keytab|cannot find key for)",
        "the keytab holds no key of the name that the client asked for, or that Axigen looks for ({words})",
        f"see that {_KEYTAB} holds smtp/, imap/ and pop/ of one host name, and that the PTR record of Axigen's address "
        "is that name",
    ),
    Symptom(
        "service_key_differs",
        _ANSWER,
        _SASL + r"(?:decrypt integrity check failed|checksum failed|message stream modified)",
        "the key in the keytab is not the one with which the KDC made the ticket ({words})",
        "make the keytab anew from the account's present password and salt (ad_keytab, keytab_export)",
    ),
    Symptom(
        "service_enctype_unusable",
        _ANSWER,
        _SASL + r"(?:gss_accept_sec_context|encryption type|enctype)",
        "Axigen's libkrb5 cannot open the ticket, most often for its encryption type ({words})",
        f"see that permitted_enctypes of krb5.conf and of the system's crypto-policies allows the ticket's encryption "
        f"type and that {_KEYTAB} holds a key of it; rather give the account AES keys than allow RC4",
    ),
    Symptom(
        "authzid_refused",
        _ANSWER,
        r"requested identity not authenticated identity",
        "the client asked to act as another identity than its ticket's ({words})",
        "enter the account's name without the domain as the user name in the mail client (alice, not "
        "alice@example.test)",
    ),
    Symptom(
        "account_unknown",
        _ANSWER,
        r"authentication error for user '(?P<user>[^']*)'.*account not found",
        "Axigen has no account {user}",
        "create the account, and see that Axigen's domain, the realm in small letters and the primary domain are the "
        "same",
    ),
    Symptom(
        "password_wrong",
        _ANSWER,
        r"authentication error for user '(?P<user>[^']*)'.*invalid password",
        "{user} logged in with a password, and a wrong one",
        "set the mail client's authentication method to Kerberos / GSSAPI, or correct the password",
    ),
    Symptom(
        "unknown",
        ANYWHERE,
        r"",
        "the login failed: {words}",
        "set the service's logLevel to 31, log in once more, and read the session's lines",
    ),
)


def heard_in(logins: Sequence[Login]) -> List[Heard]:
    """The symptoms of the logins that were refused, what happens most often first; words are those of the last."""
    return counted(
        (finding, login.module, login.last.isoformat())
        for login in logins
        if login.result == REFUSED
        for finding in _findings(login)
    )


def _findings(login: Login) -> Collection[Finding]:
    facts = {"module": login.module, "client": login.client, "user": login.user or "a user"}
    told = [diagnose(ANSWER, words, facts, AXIGEN_SYMPTOMS) for words in login.errors or login.lines[-1:]]
    return {one.symptom: one for one in told}.values()
