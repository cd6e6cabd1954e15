#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: krb5_conf
short_description: Edits krb5.conf, kdc.conf and other profile files without touching the rest
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Sets or removes relations in a file of MIT Kerberos' profile format, such as C(krb5.conf), C(kdc.conf),
    a drop-in of C(/etc/krb5.conf.d) or C(krb5.ini).
  - Comments, order, include lines, final markers, quotes, line ends and all settings that were not asked for
    stay as they are, to the byte.
  - Needs no Kerberos package on the host.
options:
  path:
    description:
      - The file to edit.
    type: path
    default: /etc/krb5.conf
  settings:
    description:
      - Sections, and in them relations and subsections, as a nested mapping.
      - A value is a string, a number or a boolean; a boolean is written V(true) or V(false).
      - A list is a repeated relation in that order, and an empty list is a relation that is not there.
      - The relation then has exactly these values. Where it stands several times, all of them are brought to that.
      - With O(state=absent), V(null) removes all relations, subsections or sections of that name, a value or a list
        removes the relations that have such a value, and a mapping removes what it names in a subsection.
      - A realm's name holds dots, so names are never joined by dots.
    type: dict
    required: true
  state:
    description:
      - Whether O(settings) are to be there or to be removed.
    type: str
    choices: [present, absent]
    default: present
  create:
    description:
      - Whether to create the file where there is none. Its directory must exist.
      - Without it, a missing file is an error, except in check mode, where an earlier task or its package brings it.
        The diff then begins with the sections of O(settings) and nothing in them.
    type: bool
    default: true
  validate:
    description:
      - Let the host's C(libkrb5) read the result before it is put in place.
      - A host without the library is no error.
    type: bool
    default: true
  main:
    description:
      - The file from which C(libkrb5) begins to read, or several in the order in which E(KRB5_CONFIG) lists them.
        What O(path) sets is judged as it is read from there. For the KDC's own programs that is C(kdc.conf), then
        C(krb5.conf).
      - Unset, it is O(path) itself; if that lies in a folder C(krb5.conf.d), the C(krb5.conf) beside that folder, where
        there is one.
    type: list
    elements: path
  shadowed:
    description:
      - What becomes of settings that C(libkrb5) would not use as asked, because of another file or of a final marker,
        and of a O(path) that it does not read from O(main).
      - V(warn) goes on with a warning that names file and line; V(fail) refuses before anything is written.
    type: str
    choices: [warn, fail]
    default: warn
  backup:
    description:
      - Keep a copy of the file before it is changed; its name is returned.
    type: bool
    default: false
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
  - ansible.builtin.files
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
notes:
  - A new file gets mode C(0644), unless O(mode) says otherwise.
  - The files that C(crypto-policies) generates are refused; use a drop-in or a policy module instead.
  - A setting that another file overrides is reported as a warning and in RV(ignore:shadowed), or refused, see
    O(shadowed); that other file is not edited, as something else may keep it.
  - C(libkrb5) before release 1.22 heeds final markers (V(*)) between the files of E(KRB5_CONFIG) only, later ones
    within a file and what it includes too. A setting that only the later ones do not read is reported, too.
  - Reads a relation's values as C(libkrb5) does. Where several sections or subsections have one name, they are one.
seealso:
  - name: krb5.conf
    description: The sections and relations of MIT Kerberos.
    link: https://web.mit.edu/kerberos/krb5-latest/doc/admin/conf_files/krb5_conf.html
"""

EXAMPLES = r"""
- name: Name the realm and its KDCs
  mailrealm.kerberos.krb5_conf:
    settings:
      libdefaults:
        default_realm: EXAMPLE.TEST
        dns_canonicalize_hostname: false
        rdns: false
      realms:
        EXAMPLE.TEST:
          kdc: [kdc1.example.test, kdc2.example.test]
          admin_server: kdc1.example.test
      domain_realm:
        .example.test: EXAMPLE.TEST
        example.test: EXAMPLE.TEST

- name: Remove what the realm no longer has
  mailrealm.kerberos.krb5_conf:
    state: absent
    settings:
      libdefaults:
        allow_weak_crypto: null
      realms:
        EXAMPLE.TEST:
          kdc: kdc2.example.test
        OLD.EXAMPLE.TEST: null

- name: Set the lifetimes in the KDC's own file
  mailrealm.kerberos.krb5_conf:
    path: /etc/krb5kdc/kdc.conf
    mode: "0600"
    settings:
      realms:
        EXAMPLE.TEST:
          max_life: 10h 0m 0s

- name: Set the realm in a drop-in, and fail if libkrb5 would not use it
  mailrealm.kerberos.krb5_conf:
    path: /etc/krb5.conf.d/site.conf
    shadowed: fail
    settings:
      libdefaults:
        default_realm: EXAMPLE.TEST
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/krb5.conf
changes:
  description: The relations whose values change.
  returned: success
  type: list
  elements: dict
  contains:
    setting:
      description: Section, subsections and relation.
      type: list
      elements: str
      sample: [realms, EXAMPLE.TEST, kdc]
    before:
      description: The values in the file before.
      type: list
      elements: str
    after:
      description: The values in the file after.
      type: list
      elements: str
shadowed:
  description:
    - Settings that C(libkrb5) does not use as asked, because another file sets the same relation or a final marker
      hides it. With O(state=absent), what other files still set.
  returned: success
  type: list
  elements: dict
  contains:
    setting:
      description: Section, subsections and relation.
      type: list
      elements: str
    value:
      description: The value in the other file, or the one that is hidden.
      type: str
    file:
      description: The file that sets it, or that holds the final marker.
      type: str
    line:
      description: The line in that file.
      type: int
included:
  description: Whether C(libkrb5) gets to the file, beginning from O(main).
  returned: success
  type: bool
backup_file:
  description: The copy of the file as it was.
  returned: when O(backup=true) and the content changed
  type: str
  sample: /etc/krb5.conf.4711.2026-11-23@01:02:03~
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.keeper import keep
from ..module_utils._ansible.profile_part import KRB5_CONF


def main() -> None:
    keep(AnsibleModule(**KRB5_CONF.spec, supports_check_mode=True), KRB5_CONF.kept)


if __name__ == "__main__":
    main()
