# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of the user's credentials and of tickets, in the order in which they are looked for.

The words are those of MIT krb5's error tables (krb5_err.et, kdc5_err.et, k5e1_err.et).
Facts: host, port, user, service_principal, words.
"""

from __future__ import annotations

from .symptoms import ANSWER, ANYWHERE, CLIENT_SIDE, CREDENTIAL, TICKET, Symptom

_CREDENTIAL = frozenset((CREDENTIAL,))
_TICKET = frozenset((TICKET,))

CLOCK_AND_KDC = (
    Symptom(
        "clock_skew",
        ANYWHERE,
        r"clock skew too great|ticket not yet valid",
        "the clocks of this host, the KDC and {host} differ by more than Kerberos allows (300 seconds by default)",
        "synchronise all of them with one time source (chronyc tracking shows a host's offset)",
    ),
    Symptom(
        "kdc_unreachable",
        CLIENT_SIDE,
        r"cannot contact any KDC|cannot resolve network address for KDC|communication failure with KDC",
        "no KDC of the realm answered ({words})",
        "see that the KDC runs and that port 88 (UDP and TCP) of the kdc in this host's krb5.conf can be reached",
    ),
    Symptom(
        "kdc_unknown",
        CLIENT_SIDE,
        r"cannot find KDC for (?:requested )?realm(?: \"(?P<realm>[^\"]*)\")?",
        "this host knows no KDC of the realm {realm}",
        "write the realm as the KDC does (case matters), and name its kdc in krb5.conf or in DNS (_kerberos._udp)",
    ),
    Symptom(
        "default_realm_missing",
        CLIENT_SIDE,
        r"does not specify default realm|cannot determine realm|no default realm",
        "krb5.conf of this host names no default_realm",
        "set default_realm in its [libdefaults] (role client, module krb5_conf), or write principals with their realm",
    ),
    Symptom(
        "krb5_conf_unusable",
        CLIENT_SIDE,
        r"improper format of Kerberos configuration|included profile|configuration file.*(?:not found|open)",
        "libkrb5 cannot use this host's krb5.conf ({words})",
        "correct the file (role client, module krb5_conf), or point KRB5_CONFIG at another",
    ),
    Symptom(
        "realm_mapping_wrong",
        CLIENT_SIDE,
        r"server '?krbtgt/\S+ not found|realm not local to KDC|wrong realm|reply did not match expectations",
        "the realm that this host derives from the name {host} or the principal is not one that the KDC serves or "
        "trusts ({words})",
        "map the host's domain to its realm in [domain_realm] of krb5.conf, and mind capitals in realm names",
    ),
)

CREDENTIALS = (
    Symptom(
        "bindings_missing",
        frozenset(),
        "",
        "no Python of this host has the gssapi bindings",
        "install python3-gssapi there (SUSE: python311-gssapi; Ubuntu has it in universe)",
    ),
    Symptom(
        "principal_unknown",
        CLIENT_SIDE,
        r"client (?:'(?P<client>[^']*)' )?not found in Kerberos database",
        "the KDC knows no principal {user}",
        "create it (module principal), or correct credentials.principal: case and realm count",
    ),
    Symptom(
        "password_expired",
        CLIENT_SIDE,
        r"password has expired|password must be changed|key has expired",
        "the password of {user} has expired",
        "change it (kpasswd), or give the probe account a policy without expiry",
    ),
    Symptom(
        "principal_expired",
        CLIENT_SIDE,
        r"client's entry in database has expired",
        "the principal {user} has expired at the KDC",
        "set another expiry (module principal, option expires)",
    ),
    Symptom(
        "principal_locked",
        CLIENT_SIDE,
        r"credentials have been revoked",
        "the KDC has locked {user} (too many failures, or allow_tix is off)",
        "unlock it (kadmin modprinc -unlock, or attributes: [+allow_tix] of the module principal)",
    ),
    Symptom(
        "preauth_unsupported",
        _CREDENTIAL,
        r"generic preauthentication failure|additional pre-authentication|PKINIT",
        "{user} needs another proof than a password or key (a certificate or a token)",
        "probe with an account that has a keytab or a password",
    ),
    Symptom(
        "credential_wrong",
        _CREDENTIAL,
        r"preauthentication failed|decrypt integrity check failed|password incorrect|password read interrupted",
        "the password or keytab key of {user} is not the one that the KDC holds",
        "correct credentials.password, or export the principal's key to credentials.keytab again",
    ),
    Symptom(
        "keytab_without_principal",
        _CREDENTIAL,
        r"no suitable keys|key table entry not found|keytab contains no",
        "the keytab holds no key of {user}",
        "name a principal that it holds (keytab_info shows them), or export the key into it",
    ),
    Symptom(
        "keytab_missing",
        _CREDENTIAL,
        r"key table file.*not found|keytab .*does not exist",
        "{words}",
        "export the user's key to that path on the host that logs in, or correct credentials.keytab",
    ),
    Symptom(
        "ccache_missing",
        _CREDENTIAL,
        r"no credentials cache|credentials? cache .*not found|no Kerberos credentials available",
        "credentials.ccache names a cache that holds no credentials ({words})",
        "obtain a ticket into it (kinit -c), or give a keytab or a password",
    ),
    Symptom(
        "credential_expired",
        frozenset((*CLIENT_SIDE, ANSWER)),
        r"ticket expired|credentials? (?:has|have) expired|expired credential",
        "the ticket of {user} has expired",
        "obtain a new one (kinit), or give a keytab or a password",
    ),
    Symptom(
        "credential_unreadable",
        _CREDENTIAL,
        r"permission denied",
        "the credentials may not be read ({words})",
        "use become, or a user who may read them",
    ),
    Symptom(
        "ccache_of_other_principal",
        _CREDENTIAL,
        r"does not match desired name|matching credential not found",
        "the credential cache belongs to another principal than {user}",
        "remove credentials.principal, or name the cache that is theirs",
    ),
    Symptom(
        "enctype_unsupported",
        CLIENT_SIDE,
        r"no support for encryption type|encryption type.*not (?:permitted|supported|in)|no supported encryption"
        r"|bad encryption type|no common|illegal encryption",
        "this host, the KDC and the principal's keys have no enctype in common ({words})",
        "give the principal keys of an enctype that permitted_enctypes and the KDC's supported_enctypes allow, "
        "such as aes256-cts-hmac-sha1-96",
    ),
    Symptom(
        "credential_unusable",
        _CREDENTIAL,
        r".",
        "the credentials of {user} could not be obtained: {words}",
        "correct the module's option credentials; the KDC's log says what it was asked for",
    ),
)

TICKETS = (
    Symptom(
        "localhost_asked",
        _TICKET,
        r"server '?(?P<service_principal>[^\s'/]+/localhost(?:\.localdomain)?(?:@[^\s']*)?)'? not found",
        "the KDC was asked for {service_principal}, because on this host {host} leads to the name localhost",
        "give {host} its real address in DNS and /etc/hosts, and never one of 127.0.0.0/8 (dns_identity_info finds it, "
        "hosts_file mends it)",
    ),
    Symptom(
        "service_principal_unknown",
        _TICKET,
        r"server (?:(?P<service_principal>\S+) )?not found in Kerberos database",
        "the KDC knows no principal {service_principal}, which a client asks for when it is told to use {host}",
        "let clients use the name for which a principal exists, or create this one (module principal) and export its "
        "key to the service's keytab; where the host part is not the name you wrote, set "
        "dns_canonicalize_hostname = false and rdns = false, or correct DNS",
    ),
    Symptom(
        "service_principal_expired",
        _TICKET,
        r"server's entry in database has expired",
        "the service principal {service_principal} has expired at the KDC",
        "set another expiry (module principal, option expires)",
    ),
    Symptom(
        "service_principal_without_key",
        _TICKET,
        r"finding_server_key|service key not available",
        "the KDC has no usable key of {service_principal}",
        "give the principal new keys (module principal, option rekey: when_enctypes_differ) and export them to the "
        "service's keytab",
    ),
    Symptom(
        "service_principal_locked",
        _TICKET,
        r"valid for user2user only|KDC policy rejects|KDC can't fulfill requested option|service.*revoked",
        "the KDC issues no tickets for {service_principal} ({words})",
        "see to its attributes (allow_svr, allow_tix, allow_tgs_req) with the module principal",
    ),
    Symptom(
        "server_not_proven",
        frozenset((TICKET, ANSWER)),
        r"mutual authentication failed|invalid (?:mic|token)",
        "{host} could not prove that it is {service_principal}",
        "see that the name leads to the right host and that nothing in between changes the traffic",
    ),
)
