# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether nights without a change stay quiet: drift again and again, with the hosts in an order by chance."""

from __future__ import annotations

import collections

import labour
import reports
import yaml
from events import changed


def run(number: int) -> int:
    """Runs the playbook drift that often over the hosts of the lab as they are; 1 unless every report is the same."""
    inventory = labour.STATE.home / "inventory.yml"
    known = yaml.safe_load(inventory.read_text())
    # Beside the inventory, whose variables lie in folders there.
    beside = inventory.with_name("shuffled.yml")
    said: collections.Counter[str] = collections.Counter()
    found = []
    try:
        for count in range(1, number + 1):
            beside.write_text(yaml.safe_dump(reports.shuffled(known, count), sort_keys=False))
            recorded, report = labour.drift(f"steady{count}", ANSIBLE_INVENTORY=str(beside))
            complaints = reports.complaints(report) + [f"it would change {one}" for one in changed(recorded)]
            said[str({**report, "created": ""})] += 1
            print(f"  {labour.INSTANCE} steady {count:>3}  {report['status']}", flush=True)
            found += [f"{count}: {one}" for one in complaints]
    finally:
        beside.unlink(missing_ok=True)
    for one in found:
        print(f"    {one}")
    print(f"steady on {labour.STATE.site.name}: {number} runs, {len(found)} findings, {len(said)} different reports")
    return 0 if not found and len(said) == 1 else 1
