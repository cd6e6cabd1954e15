#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters and services of Postfix."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postconf
short_description: Set parameters and services of Postfix
version_added: 0.1.0
description:
  - Brings any number of parameters in C(main.cf) and of services in C(master.cf) to what is asked for, in one step.
  - Everything else in the two files stays as it is, to the byte. Settings are compared by their meaning, with runs of
    white space as one blank, so that a file which already says the same is not written.
  - C(postconf) is run once, to learn the parameters and defaults of the Postfix that is installed. The module itself
    writes the files, each at most once, whole or not at all, with owner and mode kept.
  - Neither reloads nor restarts Postfix. RV(restart_required) tells which of the two a change needs.
options:
  main:
    description:
      - Parameters of C(main.cf) and their values.
      - V(true) and V(false) become C(yes) and C(no), a list becomes its items with a comma and a blank between.
      - A parameter that is set more than once is changed where it is set last, which is the place in force.
      - A value may refer to others as C($name). A C($) that is meant as such is written C($$).
    type: dict
    default: {}
  main_append:
    description:
      - For parameters of C(main.cf) that are lists, items that the list must hold.
      - Missing items are appended to the value in force, which is Postfix's default where C(main.cf) says nothing.
        An item that is there is not added again.
      - In C(import_environment) and C(export_environment) a variable that is there with another value gets the new one.
    type: dict
    default: {}
  main_absent:
    description:
      - Parameters that C(main.cf) must not set, so that Postfix's default holds.
    type: list
    elements: str
    default: []
  services:
    description:
      - Entries of C(master.cf). What is not named of an entry stays as it is.
    type: list
    elements: dict
    default: []
    suboptions: &service
      name:
        description: The service's name, such as V(smtp), V(submission), V(127.0.0.1:10025).
        type: str
        required: true
      type:
        description: How the service is reached.
        type: str
        choices: [inet, unix, unix-dgram, fifo, pass]
        required: true
      private:
        description: Whether the service is for Postfix alone. V(n) in a new entry of type V(inet), which cannot be.
        type: str
        choices: ['y', 'n', '-']
      unprivileged:
        description: Whether the service runs as Postfix's own user.
        type: str
        choices: ['y', 'n', '-']
      chroot:
        description: Whether the service is locked into the queue directory. V(n) in a new entry.
        type: str
        choices: ['y', 'n', '-']
      wakeup:
        description: Seconds after which the service is woken, with C(?) behind if only once it was used.
        type: str
      maxproc:
        description: The greatest number of its processes.
        type: str
      command:
        description:
          - Program and arguments, without overrides.
          - Needed where the entry is not there yet.
        type: str
      options:
        description: Parameters that the service overrides (C(-o name=value)).
        type: dict
        default: {}
      options_absent:
        description: Parameters that the service must not override.
        type: list
        elements: str
        default: []
      state:
        description: Whether the entry is there.
        type: str
        choices: [present, absent]
        default: present
  packaged:
    description:
      - What the distribution's package brings, for check mode on a host that has no Postfix yet.
      - With it the settings before the change are known already and the difference shown is the one that the run
        makes. Without it they are shown as C((comes with the package)).
      - Outside check mode, and where Postfix is installed, it has no effect.
    type: dict
    suboptions:
      main:
        description: What C(main.cf) sets, as far as this task asks for it.
        type: dict
        default: {}
      defaults:
        description: Built-in defaults of the parameters in O(main_append).
        type: dict
        default: {}
      services:
        description: The entries of C(master.cf) that this task asks for, as far as they are there.
        type: list
        elements: dict
        default: []
        suboptions: *service
  config_directory:
    description: The directory of C(main.cf) and C(master.cf).
    type: path
    default: /etc/postfix
  backup:
    description: Keep a copy of each file that is changed, with the time in its name.
    type: bool
    default: false
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
attributes:
  check_mode:
    support: full
    details:
      - Where Postfix is not installed, check mode goes on as if an earlier task of the same run will have installed it.
  diff_mode:
    support: full
    details:
      - One line a setting. Passwords are not shown.
seealso:
  - module: mailrealm.kerberos.cyrus_sasl_conf
author:
  - The mailrealm.kerberos authors (@mailrealm)
"""

EXAMPLES = r"""
- name: SMTP authentication by Cyrus SASL is on
  mailrealm.kerberos.postconf:
    main:
      smtpd_sasl_auth_enable: true
      smtpd_sasl_type: cyrus
      smtpd_sasl_path: smtpd
      smtpd_sasl_security_options: noanonymous
      smtpd_tls_auth_only: true
    services:
      - name: smtp
        type: inet
        chroot: n
      - name: submission
        type: inet
        command: smtpd
        options:
          syslog_name: postfix/submission
          smtpd_tls_security_level: encrypt
  register: configured

- name: Put the change in force, by a restart only where a reload is not enough
  ansible.builtin.systemd_service:
    name: postfix
    state: "{{ 'restarted' if configured.restart_required else 'reloaded' }}"
  when: configured is changed

- name: Close the service on port 465
  mailrealm.kerberos.postconf:
    services:
      - name: smtps
        type: inet
        state: absent

- name: Postfix passes the place of its keytab on to its programs
  mailrealm.kerberos.postconf:
    main_append:
      import_environment:
        - KRB5_CLIENT_KTNAME=/etc/postfix/smtp-client.keytab
"""

RETURN = r"""
changes:
  description: What changed, or would in check mode, in the order of the options. Passwords are left out.
  type: list
  elements: dict
  returned: success
  contains:
    file:
      description: The file's name.
      type: str
      sample: master.cf
    what:
      description: The parameter, or the service and what of it.
      type: str
      sample: 'smtp/inet: chroot'
restart_required:
  description: Whether the change needs Postfix to be stopped and started. Any other change needs a reload.
  type: bool
  returned: success
backup_files:
  description: The copies made of the files before they were changed.
  type: list
  elements: str
  returned: changed and O(backup=true)
"""

from ..module_utils._ansible.keeper import keep
from ..module_utils._ansible.postfix_part import POSTCONF
from ..module_utils._ansible.silent_module import SilentModule


def main() -> None:
    keep(SilentModule(**POSTCONF.spec, supports_check_mode=True), POSTCONF.kept)


if __name__ == "__main__":
    main()
