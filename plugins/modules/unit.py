#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: unit
short_description: Starts, stops, restarts and enables systemd units, and says in check mode what the run will do
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Brings one systemd unit to a state, with one reading by C(systemctl show) and only the verbs that are needed.
  - In check mode a unit that is not installed counts as one that an earlier task of the same run will bring,
    at rest. In a real run it is an error.
  - A start that fails is explained with the last lines that the unit wrote to the journal.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  name:
    description:
      - The unit, as systemctl lists it; C(.service) may be left out.
    type: str
    required: true
  state:
    description:
      - V(started) and V(stopped) act only where needed.
      - V(restarted) and V(reloaded) act every time; they are for handlers.
      - A unit that its own conditions hold back (C(ConditionCapability=) and others, such as a time service in a
        container) counts as V(started) once systemd has tried it; see RV(skipped_by_conditions).
      - A unit that runs once (C(Type=oneshot)) is at rest again afterwards. V(restarted) runs it and waits for its
        end; it fails where one of the unit's programs did.
    type: str
    choices: [started, stopped, restarted, reloaded]
  enabled:
    description:
      - Whether the unit starts at boot.
    type: bool
  when_stopped:
    description:
      - What O(state=restarted) and O(state=reloaded) do with a unit that does not run.
      - With V(leave) a handler that runs before the task with O(state=started) does not start the service twice.
    type: str
    choices: [start, leave]
    default: start
  files:
    description:
      - Files that the unit reads at its start alone, such as a drop-in.
      - With O(state=started), a unit that was started before one of them changed is restarted, so that a run which was
        broken off between the change and its handler is made good by the next one.
    type: list
    elements: path
    default: []
  packaged:
    description:
      - Whether a unit that is not there yet will come with a package, which enables it as the host's presets say.
      - With V(false) check mode takes it as a unit file that somebody brings, at rest and not enabled.
    type: bool
    default: true
notes:
  - A changed unit file or drop-in is read by systemd (C(daemon-reload)) before the unit is started, restarted or
    reloaded, where that is needed.
seealso:
  - module: ansible.builtin.systemd_service
"""

EXAMPLES = r"""
- name: Run the KDC, now and at boot
  mailrealm.kerberos.unit:
    name: krb5-kdc
    state: started
    enabled: true

- name: Restart the KDC where it runs (a handler, before the task above)
  mailrealm.kerberos.unit:
    name: krb5-kdc
    state: restarted
    when_stopped: leave

- name: Run Axigen with the keytab that its drop-in names
  mailrealm.kerberos.unit:
    name: axigen
    state: started
    files: [/etc/systemd/system/axigen.service.d/kerberos.conf]

- name: Take a backup of the realm now, and wait for it
  mailrealm.kerberos.unit:
    name: krb5-backup
    state: restarted
"""

RETURN = r"""
name:
  description: The unit's own name, where an alias was given.
  type: str
  returned: success
  sample: krb5-kdc.service
installed:
  description: Whether the unit is on the host; V(false) only in check mode, where it will be.
  type: bool
  returned: success
skipped_by_conditions:
  description: Whether the unit's own conditions held it back at its last start.
  type: bool
  returned: success
actions:
  description: What systemctl was told, or in check mode would be, in order.
  type: list
  elements: str
  returned: success
  sample: [enable, start]
"""

from dataclasses import replace
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import converge
from ..module_utils._domain.unit import STATES, UnitPlan, UnitRefusal, UnitState, UnitWish, plan, text
from ..module_utils._system import systemctl


def read(module: AnsibleModule) -> UnitState:
    """The unit as it is, or in check mode as it will be."""
    found = systemctl.read(module.params["name"])
    if found.installed:
        return replace(found, outdated=systemctl.outdated(found, module.params["files"]))
    if module.check_mode:
        return systemctl.will_be(module.params["name"], module.params["packaged"])
    raise UnitRefusal(
        f"name '{module.params['name']}': there is no unit {found.name} on this host; "
        "install the package that brings it, or correct the name"
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": list(STATES)},
            "enabled": {"type": "bool"},
            "when_stopped": {"type": "str", "choices": ["start", "leave"], "default": "start"},
            "files": {"type": "list", "elements": "path", "default": []},
            "packaged": {"type": "bool", "default": True},
        },
        required_one_of=[("state", "enabled")],
        supports_check_mode=True,
    )
    options = module.params
    wishes = [UnitWish(options["state"], options["enabled"], options["when_stopped"] == "start")]

    def write(planned: UnitPlan) -> None:
        systemctl.act(planned.verbs, planned.before.name)
        wishes.append(wishes[-1].settled(planned.before.passing))

    def report(planned: UnitPlan) -> Dict[str, Any]:
        unit = planned.before
        return {
            "name": unit.name,
            "installed": unit.installed,
            "skipped_by_conditions": unit.skipped,
            "actions": list(planned.verbs),
        }

    converge(
        module,
        read=lambda: read(module),
        plan=lambda before: plan(before, wishes[-1]),
        changed=lambda planned: bool(planned.verbs),
        write=write,
        show=lambda planned: {
            "before_header": planned.before.name,
            "after_header": planned.before.name,
            "before": text(planned.lines_before),
            "after": text(planned.lines_after),
        },
        report=report,
    )


if __name__ == "__main__":
    main()
