# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of a service that cannot be reached or spoken to, TLS included, in the order of looking.

The words are those of the C library and of OpenSSL.
Facts: protocol, host, port, words.
"""

from __future__ import annotations

from .symptoms import ANSWER, CONNECT, TLS, Symptom

_CONNECT = frozenset((CONNECT,))
_TLS = frozenset((TLS,))

REACHING = (
    Symptom(
        "host_unknown",
        _CONNECT,
        r"name or service not known|no address associated|name resolution|nodename nor servname|host not found",
        "this host finds no address for {host} ({words})",
        "add the name to DNS or /etc/hosts, or correct it",
    ),
    Symptom(
        "connection_refused",
        _CONNECT,
        r"connection refused",
        "nothing listens on port {port} of {host}",
        "start the service, enable that listener (Postfix: the submission or smtps entry of master.cf), or correct "
        "the port",
    ),
    Symptom(
        "timeout",
        frozenset((CONNECT, TLS, ANSWER)),
        r"timed out|timeout exceeded",
        "{host} did not answer on port {port} in time",
        "see to firewalls and to the service's load, or raise the service's timeout; a port that starts with TLS "
        "waits for tls: implicit",
    ),
    Symptom(
        "host_unreachable",
        _CONNECT,
        r"no route to host|network is unreachable|host is down|network is down|permission denied",
        "no packet reaches {host} ({words})",
        "see to routes and firewalls between this host and it",
    ),
    Symptom(
        "closed_at_once",
        _CONNECT,
        r"closed the connection before|connection reset|broken pipe",
        "{host} closed the connection before it said anything",
        "read the service's log: Postfix's smtpd dies like this when smtpd.conf offers GSSAPI alone and its keytab "
        "is missing; and a port without TLS does not speak to tls: implicit",
    ),
    Symptom(
        "not_this_protocol",
        frozenset(),
        "",
        "what answers on port {port} of {host} does not speak {protocol} ({words})",
        "correct protocol or port; where the port starts with TLS, set tls: implicit",
    ),
    Symptom(
        "starttls_not_offered",
        frozenset(),
        "",
        "{host} does not offer TLS on port {port}",
        "give the service a certificate and allow TLS there (Postfix: smtpd_tls_security_level), or set tls to what "
        "the port does",
    ),
    Symptom(
        "starttls_refused",
        frozenset(),
        "",
        "{host} offers TLS on port {port} and then refuses it ({words})",
        "see that the service can read its certificate and key; its log says which",
    ),
    Symptom(
        "certificate_wrong_name",
        _TLS,
        r"hostname mismatch|IP address mismatch|doesn't match",
        "the certificate of {host} does not carry that name ({words})",
        "let clients use a name that the certificate carries, or issue it for this one",
    ),
    Symptom(
        "certificate_expired",
        _TLS,
        r"certificate (?:has expired|is not yet valid)",
        "the certificate of {host} is not valid today ({words})",
        "renew it, and compare the clocks",
    ),
    Symptom(
        "certificate_untrusted",
        _TLS,
        r"certificate verify failed|unable to get .*certificate|self.signed",
        "this host does not trust the certificate of {host} ({words})",
        "name its issuer's certificate in ca_path, or set validate_certs: false in a test",
    ),
    Symptom(
        "ca_path_unusable",
        _TLS,
        r"ca_path",
        "{words}",
        "correct ca_path: it names a file on the host that logs in, with certificates in PEM",
    ),
    Symptom(
        "tls_not_spoken",
        _TLS,
        r"wrong version number|unknown protocol|packet length|record layer|not an? (?:ssl|tls)|unexpected eof"
        r"|EOF occurred|closed the connection|connection reset",
        "what answers on port {port} of {host} does not begin with TLS ({words})",
        "set tls to starttls or none for this port, or correct the port",
    ),
    Symptom(
        "tls_failed",
        _TLS,
        r".",
        "TLS with {host} could not be agreed upon ({words})",
        "see to the protocol versions, ciphers and certificate of the service",
    ),
)
