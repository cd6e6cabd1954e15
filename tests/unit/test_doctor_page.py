# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""That docs/doctor.md lists all checks. `python tests/unit/test_doctor_page.py` writes its tables anew."""

from __future__ import annotations

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_catalogue import CHECKS  # noqa: E402

PAGE = ROOT / "docs" / "doctor.md"
MARK = "which also writes them anew. -->\n"
LEAST = 40
# Area -> heading, in the order of the page: from what everything rests on to what only shows that something is wrong.
AREAS = {
    "host": "Hosts",
    "names": "Names",
    "clock": "Clock",
    "network": "Network",
    "krb5": "krb5.conf",
    "kdc": "KDC",
    "database": "Database of the KDC",
    "directory": "Active Directory",
    "keytab": "Keytabs",
    "postfix": "Postfix",
    "axigen": "Axigen",
    "zimbra": "Zimbra",
    "cas": "CAS",
    "java": "Java of CAS",
    "running": "What runs",
    "workstation": "Workstations",
    "login": "Logins from the prober",
    "log": "Lines of logs",
}


def area(name: str) -> str:
    return name.partition(".")[0]


def tables() -> str:
    """The tables of all checks, by area."""
    text = ""
    for name, heading in AREAS.items():
        text += f"\n### {heading}\n| check | what people see | accounts for |\n|---|---|---|\n"
        for check in sorted((one for one in CHECKS if area(one.id) == name), key=lambda one: one.id):
            text += f"| `{check.id}` | {check.symptom} | {', '.join(f'`{other}`' for other in check.explains)} |\n"
    return text


def test_the_page_lists_every_check() -> None:
    assert PAGE.read_text().partition(MARK)[2] == tables()


def test_every_area_has_a_heading_and_there_are_enough_checks() -> None:
    assert {area(check.id) for check in CHECKS} == set(AREAS)
    assert len({check.id for check in CHECKS}) >= LEAST


if __name__ == "__main__":
    PAGE.write_text(PAGE.read_text().partition(MARK)[0] + MARK + tables())
