# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of a login that the service refuses: its answers, and the words in its log.

The words are those of MIT krb5 (krb5_err.et, rd_req_dec.c), Cyrus SASL's gssapi plugin, Postfix and Dovecot.
Most of them stand in the service's log only; what a client is told is often no more than a number.
Facts: protocol, host, port, user, service_principal, kvno, enctype, offered, authzid, header, words.
"""

from __future__ import annotations

from typing import FrozenSet

from .symptoms import ANSWER, ANYWHERE, Symptom

_ANSWER = frozenset((ANSWER,))
_NEVER: FrozenSet[str] = frozenset()
_EXPORT_AGAIN = (
    "compare the service's keytab (keytab_info) with the ticket (kvno {kvno}, {enctype}), and where that key is not "
    "there export it again (role keytab, modules keytab_export and keytab), which never rotates it"
)

OFFERS = (
    Symptom(
        "gssapi_not_offered",
        _NEVER,
        "",
        "{host} does not offer GSSAPI on port {port} ({offered})",
        "install the service's GSSAPI plugin, add GSSAPI to its list of mechanisms (Postfix: mech_list in smtpd.conf; "
        "Dovecot: auth_mechanisms), and see that it can read its keytab: Cyrus SASL hides GSSAPI when it cannot",
    ),
    Symptom(
        "gssapi_only_under_tls",
        _NEVER,
        "",
        "{host} offers no login on port {port} in the clear, but it offers TLS",
        "set tls: starttls, as mail clients do",
    ),
    Symptom(
        "negotiate_not_offered",
        _NEVER,
        "",
        "{host} asks for a login, but not by Negotiate ({offered})",
        "switch SPNEGO on for this path (mod_auth_gssapi: AuthType GSSAPI; CAS: the SPNEGO module)",
    ),
    Symptom(
        "http_not_protected",
        _NEVER,
        "",
        "the page is shown to anyone ({words})",
        "name a path that single sign-on protects, or protect this one",
    ),
    Symptom(
        "http_moved",
        _NEVER,
        "",
        "the page leads elsewhere before it asks who one is ({words})",
        "name the path that asks for the login itself",
    ),
    Symptom(
        "http_error",
        _NEVER,
        "",
        "{host} answers with {words}",
        "correct path or port, and read the web server's log",
    ),
)

KEYTAB_OF_SERVICE = (
    Symptom(
        "service_keytab_missing",
        _ANSWER,
        r"key table file '?(?P<keytab>[^' )]*)'? not found|keytab .*does not exist|unable to open keytab",
        "the service finds no keytab ({words})",
        "export its key to the place that it reads (Postfix: keytab in smtpd.conf, seen from inside the jail where "
        "master.cf says chroot=y)",
    ),
    Symptom(
        "replay_cache_unwritable",
        _ANSWER,
        r"rcache|replay cache",
        "the service cannot write its replay cache ({words})",
        "make /var/tmp writable for it (mode 1777, inside the jail where it is chrooted)",
    ),
    Symptom(
        "service_keytab_unreadable",
        _ANSWER,
        r"permission denied",
        "the service may not read its keytab ({words})",
        "give the keytab the service's group and mode 0640 (Postfix: root:postfix); mind the directories above it, "
        "SELinux and AppArmor",
    ),
    Symptom(
        "service_key_outdated",
        _ANSWER,
        r"kvno (?P<kvno>\d+) (?:not found|enctype)|key version (?:number )?.*(?:not available|incorrect)"
        r"|keytab is likely out of date|KRB_AP_ERR_BADKEYVER",
        "the key of {service_principal} was replaced at the KDC (the ticket has kvno {kvno}) and the service's keytab "
        "still has the old one",
        _EXPORT_AGAIN,
    ),
    Symptom(
        "service_enctype_unusable",
        _ANSWER,
        r"encryption type.*(?:not permitted|not supported|not in|not found)|cannot find key of appropriate type"
        r"|no support for encryption type|bad encryption type",
        "the service cannot open a ticket of enctype {enctype} ({words})",
        "allow the enctype in permitted_enctypes of the service's host and its Java, and see that its keytab has a key "
        "of it",
    ),
    Symptom(
        "service_principal_wrong",
        _ANSWER,
        r"no key table entry found|wrong principal|cannot find key for|no principal in keytab|not found in keytab"
        r"|does not match server principal|matches desired name|failed to find any kerberos key|ticket isn't for us"
        r"|service key not available",
        "the service's keytab holds no key that fits {service_principal}, or the service looks for one of another name "
        "({words})",
        "export that principal's key into the keytab; for an alias also set ignore_acceptor_hostname = true in "
        "[libdefaults] of the service's krb5.conf (Postfix looks for smtp/$myhostname)",
    ),
    Symptom(
        "service_key_differs",
        _ANSWER,
        r"decrypt integrity check failed|checksum failed|KRB_AP_ERR_(?:BAD_INTEGRITY|MODIFIED)|message stream modified",
        "the key in the service's keytab is not the one with which the KDC made the ticket, though its kvno fits",
        _EXPORT_AGAIN,
    ),
    Symptom(
        "replayed",
        _ANSWER,
        r"request is a replay",
        "the service took the login for a repeated one",
        "see that no proxy sends the login twice, and compare the clocks",
    ),
)

JUDGEMENTS = (
    Symptom(
        "authzid_refused",
        _ANSWER,
        r"requested identity not authenticated|authorization (?:failed|denied)|not authorized to|proxy.*not allowed",
        "{host} knows who logs in, but does not let them act as another ({words})",
        "use the bare account name in the client, remove authzid, or allow the identity at the service",
    ),
    Symptom(
        "answer_too_long",
        _ANSWER,
        r"line too long|response too (?:long|large)|command too long|input line.*long",
        "the ticket is longer than the service takes ({words}), as with users in many groups of Active Directory",
        "raise the limit (Postfix: smtpd_sasl_response_limit; HTTP: the header size of the server)",
    ),
    Symptom(
        "tls_required",
        _ANSWER,
        r"must issue a STARTTLS|encryption required|538 |5\.7\.11",
        "{host} takes logins under TLS only",
        "set tls: starttls",
    ),
    Symptom(
        "mechanism_refused",
        _ANSWER,
        r"^504|mechanism.*not (?:available|supported)|unsupported (?:authentication )?mechanism|no mechanism available",
        "{host} offers GSSAPI and then says that it cannot do it ({words})",
        "see to the service's SASL plugin and keytab; its log says which",
    ),
    Symptom(
        "connection_lost",
        _ANSWER,
        r"closed the connection|connection reset|broken pipe|EOF occurred",
        "{host} closed the connection in the middle of the login",
        "read the service's log: the process that served the login has probably died (Postfix's smtpd does when "
        "smtpd.conf offers GSSAPI alone and its keytab is missing)",
    ),
    Symptom(
        "client_not_welcome",
        _ANSWER,
        r"^(?:421|554|550)|^\* BYE|too many (?:connections|errors|logins)|service not available|client host rejected",
        "{host} does not serve this client now ({words})",
        "read the service's log; limits on connections and lists of refused clients do this",
    ),
    Symptom(
        "http_header_too_large",
        _NEVER,
        "",
        "{host} does not take {header} in a header ({words})",
        "raise the server's header size (Tomcat maxHttpHeaderSize, Apache LimitRequestFieldSize, nginx "
        "large_client_header_buffers)",
    ),
    Symptom(
        "http_forbidden",
        _NEVER,
        "",
        "{host} knows who one is, but does not show the page to {user} ({words})",
        "allow the user there (Apache: Require)",
    ),
    Symptom(
        "http_refused",
        _NEVER,
        "",
        "{host} refused the ticket for {service_principal} ({words})",
        _EXPORT_AGAIN + "; the web server's log says more",
    ),
    Symptom(
        "service_temporarily_unable",
        _ANSWER,
        r"^454|\[UNAVAILABLE\]|\[SYS/TEMP\]|temporary authentication failure|internal error",
        "{host} could not judge the ticket for {service_principal} ({words})",
        "see that the service's own user can read its keytab (from inside its jail where master.cf says chroot=y), "
        "that the keytab holds the key of the service's own name (Postfix: smtp/$myhostname), and that Dovecot has a "
        "passdb and a userdb; the service's log says which",
    ),
    Symptom(
        "login_refused",
        _ANSWER,
        r"^535|^-ERR|^NO\b|authentication failed|AUTHENTICATIONFAILED|auth",
        "{host} refused the ticket for {service_principal} ({words})",
        _EXPORT_AGAIN + "; where it is there, see that the service accepts that name (an alias needs "
        "ignore_acceptor_hostname = true in its krb5.conf), the account and the identity{authzid}; its log says which",
    ),
    Symptom(
        "exchange_broken",
        _NEVER,
        "",
        "{words}",
        "see that a mail server with a GSSAPI plugin answers on port {port} of {host}",
    ),
)

# The last row fits anything.
UNKNOWN = (
    Symptom(
        "unknown",
        ANYWHERE,
        r"",
        "the login to {host} failed: {words}",
        "read the service's log and the KDC's, and search them for {service_principal}",
    ),
)
