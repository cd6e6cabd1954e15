#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence of one host, for the doctor."""

from __future__ import annotations

DOCUMENTATION = r"""
module: doctor_info
short_description: Collect on a host, in one pass, the evidence of why logins by Kerberos fail
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Looks at all that logins rest on - names, clock, network, C(krb5.conf), keytabs as the services' users see them, the
    KDC's database, the settings of the products, what runs, and logs.
  - Changes nothing, asks for no password, and returns no key.
  - The role C(doctor) calls it with what the inventory says of the host, and ranks the causes over all hosts. Alone,
    with O(diagnose), it says what this host's own evidence shows.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
requirements:
  - python3-gssapi for the distribution's Python, without which tickets are not tried and that is said; the module
    changes to that Python by itself.
options:
  host:
    description:
      - The full name of the host, the one of its service principals.
    type: str
    required: true
  realm:
    description:
      - The Kerberos realm.
    type: str
    required: true
  domain:
    description:
      - The domain of the hosts.
    type: str
    required: true
  aliases:
    description:
      - Names that the host shares with others, such as a load balancer's.
    type: list
    elements: str
    default: []
  kdcs:
    description:
      - The KDCs of the realm.
    type: list
    elements: str
    default: []
  krb5_conf:
    description:
      - The file of libkrb5's settings.
    type: path
    default: /etc/krb5.conf
  enctypes:
    description:
      - The encryption types that the realm's policy permits, the best first.
    type: list
    elements: str
    default: []
  keytabs:
    description:
      - The keytabs of the host.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description:
          - The file, as seen from outside of O(keytabs[].chroot).
        type: path
        required: true
      user:
        description:
          - The user as whom the service reads it.
        type: str
        default: root
      product:
        description:
          - The product that it is of.
        type: str
        required: true
      principals:
        description:
          - The principals that it is to hold.
        type: list
        elements: str
        default: []
      chroot:
        description:
          - The folder that the service takes for its root.
        type: path
      krb5_conf:
        description:
          - The settings that the service's library reads.
        type: path
        default: /etc/krb5.conf
  services:
    description:
      - The services of the host.
    type: list
    elements: dict
    default: []
    suboptions:
      protocol:
        description:
          - What it speaks.
        type: str
        choices: [smtp, imap, pop3, http]
        required: true
      host:
        description:
          - The name by which it is reached.
        type: str
        required: true
      port:
        description:
          - Its port.
        type: int
        required: true
      tls:
        description:
          - How TLS begins there.
        type: str
        choices: [none, starttls, implicit]
        required: true
      product:
        description:
          - The product that it is of.
        type: str
        required: true
      path:
        description:
          - The path of the page, for V(http).
        type: str
        default: /
  products:
    description:
      - What the host is to be. V(prober) is the host that logs in to verify.
    type: list
    elements: str
    choices: [kdc, kdc_replica, postfix, axigen, zimbra, cas, workstation, prober]
    default: []
  settings:
    description:
      - By product, what its role was told. No passwords, for Ansible logs this.
    type: dict
    default: {}
  directory_credentials:
    description:
      - With which credentials Active Directory is looked at, where the site gives some. Without, nobody logs in there,
        and that is said.
    type: dict
    suboptions:
      principal:
        description:
          - The user's principal.
        type: str
      keytab:
        description:
          - The path of a keytab with the user's key, on this host.
        type: path
      password:
        description:
          - The user's password.
        type: str
      ccache:
        description:
          - The name of a credential cache that holds the user's ticket.
        type: str
  since:
    description:
      - Of logs, the seconds before now that are looked at.
    type: float
    default: 3600
  diagnose:
    description:
      - Whether the causes are ranked that this host's evidence alone shows.
    type: bool
    default: false
seealso:
  - module: mailrealm.kerberos.sso_probe
  - module: mailrealm.kerberos.keytab_probe
  - module: mailrealm.kerberos.dns_identity_info
"""

EXAMPLES = r"""
- name: Collect the evidence of a mail host
  mailrealm.kerberos.doctor_info:
    host: mx1.example.test
    realm: EXAMPLE.TEST
    domain: example.test
    kdcs: [kdc1.example.test]
    keytabs:
      - path: /etc/postfix/smtp.keytab
        user: postfix
        product: postfix
        principals: [smtp/mx1.example.test@EXAMPLE.TEST]
    products: [postfix]
    diagnose: true
  register: doctor

- name: Nothing is wrong
  ansible.builtin.assert:
    that: doctor.diagnoses | length == 0
    fail_msg: "{{ doctor.diagnoses }}"
"""

RETURN = r"""
evidence:
  description:
    - What was found, by section; C(untested) of a section or of a part says why it could not be looked at. C(asked) is
      what the host is to be. Names and numbers alone, and never a key.
  returned: success
  type: dict
  sample:
    asked: {host: mx1.example.test, realm: EXAMPLE.TEST}
    clock: {offset: 0.1}
diagnoses:
  description: The causes that this host's evidence shows, the worst first.
  returned: with O(diagnose)
  type: list
  elements: dict
  contains:
    host:
      description: The option O(host).
      type: str
      sample: mx1.example.test
    check:
      description: The check's name, which stays the same.
      type: str
      sample: clock.skew
    grade:
      description: >-
        V(broken) where somebody cannot log in, V(degraded) where logins succeed for now, V(untested) where nobody
        knows.
      type: str
      sample: broken
    subject:
      description: The file, principal, name or port that it is about.
      type: str
      sample: /etc/postfix/smtp.keytab
    symptom:
      description: What people see of it.
      type: str
      sample: clients have a ticket, and the service cannot open it
    cause:
      description: Why.
      type: str
    evidence:
      description: The words and numbers that show it.
      type: str
    remedy:
      description: What would mend it.
      type: str
    because:
      description: The names of checks that found what accounts for it; empty for a cause.
      type: list
      elements: str
      sample: []
"""

from typing import Any, Dict, List

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import inform
from ..module_utils._ansible.doctor_arguments import INFO
from ..module_utils._ansible.respawn import respawn_with
from ..module_utils._domain.doctor import Fleet, diagnose
from ..module_utils._domain.doctor_asked import asked_from
from ..module_utils._system import gss
from ..module_utils._system.doctor_sections import gather_all


def gather(params: Dict[str, Any]) -> Dict[str, Any]:
    evidence = gather_all(asked_from(params))
    if not params["diagnose"]:
        return {"evidence": evidence}
    return {"evidence": evidence, "diagnoses": diagnosed({params["host"]: evidence})}


def diagnosed(fleet: Fleet) -> List[Dict[str, Any]]:
    # here and not above, for compiling all checks takes longer than looking at most hosts
    from ..module_utils._domain.doctor_catalogue import CHECKS  # noqa: PLC0415

    return [one.as_result() for one in diagnose(fleet, CHECKS)]


def main() -> None:
    module = AnsibleModule(argument_spec=INFO, supports_check_mode=True)
    if not gss.available():
        respawn_with(module, "gssapi")  # without it the sections that need tickets say so
    inform(module, lambda: gather(module.params))


if __name__ == "__main__":
    main()
