#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of Zimbra's localconfig."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zimbra_localconfig
short_description: Set and unset keys of Zimbra's localconfig on this host
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Brings keys of C(/opt/zimbra/conf/localconfig.xml) to what is asked for, with one reading by C(zmlocalconfig), and
    where something changes one call that sets and one that unsets. C(zmlocalconfig) runs as the user zimbra.
  - What would break Zimbra is refused before anything is written - a value that refers to a key that is not set, or to
    itself, after which none of Zimbra's programs runs; a key that may not be edited; a password; and a key that this
    release no longer reads because LDAP holds its value.
  - Owner, group and mode of the file are kept at C(zimbra:zimbra) and C(0640), for it holds passwords. A file that
    grants less is left so.
options:
  settings:
    description:
      - Keys and their values. V(true) and V(false) are written as such, V('') is an empty value.
      - A value may refer to other keys, as in C(${zimbra_home}/conf/krb5.keytab). Values are compared as they are
        when such references are replaced, so that C(/opt/zimbra/conf/krb5.keytab) is the same.
      - C(zmlocalconfig) keeps one blank for any run of white space, none at the ends, and ASCII alone.
      - A key that Zimbra does not know is set too, with a warning.
    type: dict
    default: {}
  absent:
    description:
      - Keys that the file shall not hold, so that their default counts.
    type: list
    elements: str
    default: []
  release:
    description:
      - The release of Zimbra, as V(10.0.8). It counts for the ten keys that LDAP took over with 8.5.0, such as
        C(sasl_smtpd_mech_list), which can be set before that release only.
      - By default C(zmcontrol -v) is asked, where such a key is to be set or taken away.
    type: str
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
attributes:
  check_mode:
    support: full
    details:
      - On a host without Zimbra check mode goes on as if an earlier task of the same run will install it, and takes
        everything that is set as a change.
  diff_mode:
    support: full
    details:
      - One line a key, with passwords masked, and owner and mode of the file where they change.
notes:
  - C(zmlocalconfig) writes the file anew whenever a key changes. Other keys survive, comments do not.
  - Running services do not read the file again. RV(restart) says which must be restarted
    (M(mailrealm.kerberos.zimbra_services)).
seealso:
  - module: mailrealm.kerberos.zimbra_attributes
  - module: mailrealm.kerberos.zimbra_info
"""

EXAMPLES = r"""
- name: Mailbox and proxy use the keytab at its usual place, and the name in their principals
  mailrealm.kerberos.zimbra_localconfig:
    settings:
      krb5_keytab: ${zimbra_home}/conf/krb5.keytab
      zimbra_server_hostname: zimbra1.example.test

- name: Take out keys that nothing reads since release 8.5.0
  mailrealm.kerberos.zimbra_localconfig:
    absent: [sasl_smtpd_mech_list, postfix_smtpd_sasl_security_options, postfix_import_environment]

- name: The MTA of a release before 8.5.0 offers GSSAPI
  mailrealm.kerberos.zimbra_localconfig:
    release: 8.0.9
    settings:
      sasl_smtpd_mech_list: GSSAPI PLAIN LOGIN
      postfix_import_environment: KRB5_KTNAME=/opt/zimbra/data/krb5/smtp.keytab
"""

RETURN = r"""
changes:
  description: The keys that changed, or would in check mode.
  type: list
  elements: dict
  returned: success
  contains:
    key:
      description: The key.
      type: str
      sample: krb5_keytab
    before:
      description: The value that counted before, its default included; null where there was none.
      type: str
      sample: ${zimbra_home}/conf/krb5.keytab
    after:
      description: The value that was written; null where the key was taken out of the file.
      type: str
      sample: /etc/zimbra.keytab
restart:
  description:
    - What must be restarted before the changes count, out of V(mailbox), V(proxy), V(mta) and V(mta_environment),
      which is the MTA by a stop and a start.
    - The readers of the keys for Kerberos are known; for other keys that Zimbra knows it is V(mailbox).
  type: list
  elements: str
  returned: success
  sample: [mailbox, proxy]
calls:
  description: How many of Zimbra's programs ran.
  type: int
  returned: success
  sample: 1
"""

from typing import List

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import converge
from ..module_utils._ansible.silent_module import SilentModule
from ..module_utils._ansible.zimbra_host import ZimbraHost
from ..module_utils._domain.zimbra_localconfig import Plan, State, plan, refuse_moved, release_counts, wish_from
from ..module_utils._domain.zimbra_localconfig_keys import is_secret
from ..module_utils._domain.zimbra_localconfig_report import changes_report, diff
from ..module_utils._domain.zimbra_release import written


def hide_passwords(module: AnsibleModule) -> None:
    """Keep values that are passwords, which are refused, out of what Ansible prints of the module's own options."""
    for key, value in (module.params["settings"] or {}).items():
        if is_secret(str(key)) and value not in (None, ""):
            module.no_log_values.add(str(value))


def main() -> None:
    module = SilentModule(
        argument_spec={
            "settings": {"type": "dict", "default": {}},
            "absent": {"type": "list", "elements": "str", "default": []},
            "release": {"type": "str"},
        },
        supports_check_mode=True,
    )
    hide_passwords(module)
    options = module.params
    host = ZimbraHost(module)
    states: List[State] = []  # the first is that of before

    def read() -> State:
        wish = wish_from(options["settings"], options["absent"])  # what makes no sense is refused before anything runs
        if options["release"]:
            host.release = written(options["release"], "release")
            refuse_moved(wish, host.release)
        states.append(host.read())
        return states[-1]

    def planned(state: State) -> Plan:
        wish = wish_from(options["settings"], options["absent"])
        if state is states[0] and release_counts(state, wish):
            host.ask_release()
        if host.localconfig is not None:
            refuse_moved(wish, host.release)
        found = plan(state, wish, host.release)
        for warning in found.warnings if state is states[0] else ():
            module.warn(warning)
        return found

    converge(
        module,
        read=read,
        plan=planned,
        changed=lambda found: found.changed,
        write=host.write,
        show=lambda found: diff(found, host.path),
        report=lambda found: {
            "changes": changes_report(found),
            "restart": list(found.restart),
            "calls": host.calls,
        },
    )


if __name__ == "__main__":
    main()
