#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: sso_probe
short_description: Log in to mail and web services by Kerberos and say who one is, or why not
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Makes one real login to each service, by SASL GSSAPI (SMTP, IMAP, POP3) or by SPNEGO (HTTP), from the host
    on which the module runs.
  - Obtains initial credentials once, from a keytab, a password or a copy of a credential cache, and keeps them and
    the service tickets in a private directory that is removed at the end. No user's credential cache is read for
    anything but that copy, and none is written.
  - Every service gets a ticket of its own, fresh from the KDC, so that its kvno and enctype are those of today.
  - A login that fails comes with a symptom, its cause and its remedy.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
  - mailrealm.kerberos.credentials
attributes:
  check_mode:
    details:
      - A login is reading, so it is made in check mode too. There, a login that fails is a warning and not a
        failure of the task, because the keytab, the packages or the service may come from an earlier task of the
        same run, which check mode did not carry out.
requirements:
  - python3-gssapi (gssapi 1.5 or later) for the distribution's Python on the host that logs in; the module changes
    to that Python by itself.
options:
  services:
    description:
      - The services to log in to, in this order.
    type: list
    elements: dict
    required: true
    suboptions:
      protocol:
        description:
          - What the service speaks. V(smtp) covers submission.
        type: str
        choices: [smtp, imap, pop3, http]
        required: true
      host:
        description:
          - The name to connect to. It is also the host part of the service principal and the name that the
            certificate must carry.
        type: str
        required: true
      port:
        description:
          - The TCP port. By default 587 for SMTP (465 with O(services[].tls=implicit)), 143 for IMAP (993),
            110 for POP3 (995), and 80 for HTTP (443).
        type: int
      tls:
        description:
          - V(none) speaks in the clear, V(starttls) changes to TLS before the login (STARTTLS, or STLS for POP3),
            V(implicit) starts with TLS.
          - By default V(starttls) for mail and V(implicit) for HTTP, which has no V(starttls).
        type: str
        choices: [none, starttls, implicit]
      path:
        description:
          - The path of the page to ask for, with O(services[].protocol=http).
        type: str
        default: /
      service_principal:
        description:
          - The principal to obtain a ticket for, such as V(smtp/mail.example.test) or
            V(smtp/mail.example.test@EXAMPLE.TEST), taken literally.
          - By default the service (C(smtp), C(imap), C(pop), C(HTTP)) at O(services[].host) as libkrb5 makes it of
            that name, which is what a mail client or browser on this host would ask for.
        type: str
      authzid:
        description:
          - The identity to act as, sent at the end of the SASL exchange. By default none, so that the service
            derives it from the principal. Mail protocols only.
        type: str
      user_agent:
        description:
          - The browser's name, as C(User-Agent) of HTTP has it, by default V(mailrealm.kerberos). CAS offers tickets to
            browsers that it knows alone.
        type: str
      padding:
        description:
          - Bytes of one more header that is sent with every request of HTTP. A login with V(40000) says whether the
            service, and every proxy before it, takes the ticket of a user in many groups.
        type: int
        default: 0
      product:
        description:
          - The server's product, as the groups of the inventory name it, such as V(axigen). Where a remedy is known for
            that product, it is given in place of the general one.
        type: str
      ca_path:
        description:
          - A file with the certificates to trust (PEM) instead of the system's.
        type: path
      validate_certs:
        description:
          - Whether the certificate must be valid and carry the name O(services[].host).
        type: bool
        default: true
      timeout:
        description:
          - Seconds to wait for each answer of the service.
        type: int
        default: 30
  fail_on_error:
    description:
      - Whether the task fails when a login fails. With V(false) the results say so alone.
    type: bool
    default: true
seealso:
  - module: mailrealm.kerberos.keytab_probe
  - module: mailrealm.kerberos.keytab_info
notes:
  - A KDC that does not answer is waited for as long as libkrb5 does, which is not limited by
    O(services[].timeout).
"""

EXAMPLES = r"""
- name: Log in to the submission service and the mailbox as the probe account
  mailrealm.kerberos.sso_probe:
    credentials:
      principal: probe@EXAMPLE.TEST
      keytab: /etc/mailrealm/probe.keytab
    services:
      - protocol: smtp
        host: mx1.example.test
      - protocol: imap
        host: mx1.example.test
        tls: implicit

- name: Log in to each host behind the shared name
  mailrealm.kerberos.sso_probe:
    credentials:
      principal: alice@EXAMPLE.TEST
      password: "{{ vault_alice_password }}"
    services:
      - protocol: smtp
        host: mx2.example.test
        service_principal: smtp/mail.example.test

- name: Open the page that single sign-on protects
  mailrealm.kerberos.sso_probe:
    credentials:
      ccache: FILE:/tmp/krb5cc_1000
    services:
      - protocol: http
        host: cas.example.test
        path: /cas/login
        product: cas
        user_agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0

- name: Let the page take long tickets too
  mailrealm.kerberos.sso_probe:
    credentials:
      ccache: FILE:/tmp/krb5cc_1000
    services:
      - protocol: http
        host: cas.example.test
        path: /cas/login
        user_agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0
        padding: 40000

- name: Collect what is wrong without failing
  mailrealm.kerberos.sso_probe:
    credentials:
      keytab: /etc/mailrealm/probe.keytab
    services:
      - protocol: imap
        host: mx1.example.test
    fail_on_error: false
"""

RETURN = r"""
services:
  description: What became of each login, in the order of O(services).
  returned: always, but for options that make no sense
  type: list
  elements: dict
  contains:
    protocol:
      description: The protocol.
      type: str
      sample: smtp
    host:
      description: The host.
      type: str
      sample: mx1.example.test
    port:
      description: The port.
      type: int
      sample: 587
    tls:
      description: How TLS was to be used.
      type: str
      sample: starttls
    ok:
      description: Whether the login succeeded; null where it could not be tried in check mode.
      type: bool
      sample: true
    user:
      description: The principal of the credentials, as far as it is known.
      type: str
      sample: alice@EXAMPLE.TEST
    authenticated_as:
      description: The identity that the service accepted (the O(services[].authzid), else the principal).
      type: str
      sample: alice@EXAMPLE.TEST
    service_principal:
      description: The principal for which a ticket was obtained, or would have been.
      type: str
      sample: smtp/mx1.example.test@EXAMPLE.TEST
    kvno:
      description: The version number of the key with which the KDC made the ticket; null where there is no ticket.
      type: int
      sample: 2
    enctype:
      description: The enctype of the ticket; null where there is no ticket.
      type: str
      sample: aes256-cts-hmac-sha1-96
    offered:
      description: The SASL mechanisms, or HTTP authentication schemes, that the service offered, in its order.
      type: list
      elements: str
      sample: [GSSAPI, PLAIN, LOGIN]
    answer:
      description: The last answer of the service, or the error of the library, as text.
      type: str
      sample: 235 2.7.0 Authentication successful
    symptom:
      description: A fixed name of what went wrong; empty where nothing did.
      type: str
      sample: service_principal_unknown
    cause:
      description: Why the login failed, as a sentence; empty where it did not.
      type: str
      sample: the KDC knows no principal smtp/mail.example.test@EXAMPLE.TEST
    remedy:
      description: What would mend it, as a sentence; empty where nothing went wrong.
      type: str
      sample: create the principal, or let clients use a name that has one
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.arguments import CREDENTIALS
from ..module_utils._ansible.proving import leave_proved
from ..module_utils._ansible.respawn import respawn_with
from ..module_utils._domain.credentials import credentials_from
from ..module_utils._domain.proof import service_from
from ..module_utils._domain.refusal import Refusal
from ..module_utils._domain.verdict import failure, untried
from ..module_utils._system import gss
from ..module_utils._system.sso_login import log_in_to_all

SERVICE = {
    "protocol": {"type": "str", "choices": ["smtp", "imap", "pop3", "http"], "required": True},
    "host": {"type": "str", "required": True},
    "port": {"type": "int"},
    "tls": {"type": "str", "choices": ["none", "starttls", "implicit"]},
    "path": {"type": "str", "default": "/"},
    "service_principal": {"type": "str"},
    "authzid": {"type": "str"},
    "user_agent": {"type": "str"},
    "padding": {"type": "int", "default": 0},
    "product": {"type": "str"},
    "ca_path": {"type": "path"},
    "validate_certs": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 30},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "services": {"type": "list", "elements": "dict", "required": True, "options": SERVICE},
            "credentials": CREDENTIALS,
            "fail_on_error": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    try:
        services = [service_from(options, position) for position, options in enumerate(module.params["services"])]
        credentials = credentials_from(module.params["credentials"])
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    if not gss.available():
        respawn_with(module, "gssapi")
        proofs = [untried(service, credentials.principal) for service in services]
    else:
        proofs = log_in_to_all(services, credentials)
    leave_proved(module, failure(proofs), {"services": [proof.as_result() for proof in proofs]})


if __name__ == "__main__":
    main()
