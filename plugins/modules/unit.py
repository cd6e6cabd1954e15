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
  - Brings one systemd unit to a state, or several of them, with one reading by C(systemctl show) and only the verbs
    that are needed.
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
      - One of O(name) and O(units) must be given.
    type: str
  units:
    description:
      - Several units, which are brought to the same state one after the other.
    type: list
    elements: dict
    suboptions:
      name:
        description: As O(name).
        type: str
        required: true
      enabled:
        description: As O(enabled), which holds for the units that say nothing of their own.
        type: bool
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

- name: Run KDC and admin server, now and at boot
  mailrealm.kerberos.unit:
    units:
      - name: krb5-kdc
      - name: krb5-admin-server
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
  returned: with O(name)
  sample: krb5-kdc.service
installed:
  description: Whether the unit is on the host; V(false) only in check mode, where it will be.
  type: bool
  returned: with O(name)
skipped_by_conditions:
  description: Whether the unit's own conditions held it back at its last start.
  type: bool
  returned: with O(name)
actions:
  description: What systemctl was told, or in check mode would be, in order.
  type: list
  elements: str
  returned: with O(name)
  sample: [enable, start]
units:
  description: The same of each unit, in the order of the option.
  type: list
  elements: dict
  returned: with O(units)
  contains:
    name:
      description: As RV(name).
      type: str
      sample: krb5-kdc.service
    installed:
      description: As RV(installed).
      type: bool
    skipped_by_conditions:
      description: As RV(skipped_by_conditions).
      type: bool
    actions:
      description: As RV(actions).
      type: list
      elements: str
      sample: [enable, start]
"""

from dataclasses import replace
from typing import Any, Dict, List, Tuple

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import converge
from ..module_utils._domain.unit import STATES, UnitPlan, UnitRefusal, UnitState, UnitWish, plan, text
from ..module_utils._system import systemctl

Plans = Tuple[UnitPlan, ...]


def asked(options: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Name and `enabled` of each unit that the options are about."""
    one = {"name": options["name"], "enabled": options["enabled"]}
    if options["units"] is None:
        return [one]
    return [
        {**unit, "enabled": one["enabled"] if unit["enabled"] is None else unit["enabled"]} for unit in options["units"]
    ]


def read(module: AnsibleModule, names: List[str]) -> Tuple[UnitState, ...]:
    """The units as they are, or in check mode as they will be."""
    return tuple(_seen(module, name, found) for name, found in zip(names, systemctl.read_all(names)))


def _seen(module: AnsibleModule, name: str, found: UnitState) -> UnitState:
    if found.installed:
        return replace(found, outdated=systemctl.outdated(found, module.params["files"]))
    if module.check_mode:
        return systemctl.will_be(name, module.params["packaged"])
    option = "name" if module.params["units"] is None else "units.name"
    raise UnitRefusal(
        f"{option} '{name}': there is no unit {found.name} on this host; "
        "install the package that brings it, or correct the name"
    )


def shown(planned: UnitPlan) -> Dict[str, str]:
    """The diff of one unit."""
    return {
        "before_header": planned.before.name,
        "after_header": planned.before.name,
        "before": text(planned.lines_before),
        "after": text(planned.lines_after),
    }


def told(planned: UnitPlan) -> Dict[str, Any]:
    """What the result says of one unit."""
    unit = planned.before
    return {
        "name": unit.name,
        "installed": unit.installed,
        "skipped_by_conditions": unit.skipped,
        "actions": list(planned.verbs),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str"},
            "units": {
                "type": "list",
                "elements": "dict",
                "options": {"name": {"type": "str", "required": True}, "enabled": {"type": "bool"}},
            },
            "state": {"type": "str", "choices": list(STATES)},
            "enabled": {"type": "bool"},
            "when_stopped": {"type": "str", "choices": ["start", "leave"], "default": "start"},
            "files": {"type": "list", "elements": "path", "default": []},
            "packaged": {"type": "bool", "default": True},
        },
        mutually_exclusive=[("name", "units")],
        required_one_of=[("name", "units"), ("state", "enabled")],
        supports_check_mode=True,
    )
    options = module.params
    units = asked(options)
    names = [unit["name"] for unit in units]
    wishes = [UnitWish(options["state"], unit["enabled"], options["when_stopped"] == "start") for unit in units]
    single = options["units"] is None

    def write(plans: Plans) -> None:
        for number, planned in enumerate(plans):
            systemctl.act(planned.verbs, planned.before.name)
            if planned.verbs:
                wishes[number] = wishes[number].settled(planned.before.passing)

    converge(
        module,
        read=lambda: read(module, names),
        plan=lambda states: tuple(plan(before, wish) for before, wish in zip(states, wishes)),
        changed=lambda plans: any(planned.verbs for planned in plans),
        write=write,
        show=lambda plans: shown(plans[0]) if single else [shown(planned) for planned in plans],
        report=lambda plans: told(plans[0]) if single else {"units": [told(planned) for planned in plans]},
    )


if __name__ == "__main__":
    main()
