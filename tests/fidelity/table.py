# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcomes of all sites in one table: each site leaves its own behind, where they outlive its hosts."""

from __future__ import annotations

import collections
import collections.abc
import json
import pathlib
import typing

LEAST = 60  # drifts over all sites
Rows = collections.abc.Sequence[dict[str, typing.Any]]


def keep(folder: pathlib.Path, site: str, rows: Rows) -> None:
    """Write down a site's rows; those of an earlier run of the site are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"fidelity-{site}.json"
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(list(rows), indent=1) + "\n")
    beside.replace(path)


def show(folder: pathlib.Path, sites: collections.abc.Sequence[str]) -> bool:
    """Print the rows of all sites; whether all are there, all exact, and enough of them drifts."""
    rows, missing = [], []
    for site in sites:
        path = folder / f"fidelity-{site}.json"
        if path.exists():
            rows += [{"site": site, **row} for row in json.loads(path.read_text())]
        else:
            missing.append(site)
    lines, sound = told(rows, missing)
    print("\n".join(lines))
    return sound


def told(
    rows: collections.abc.Sequence[dict[str, typing.Any]], missing: collections.abc.Sequence[str]
) -> tuple[list[str], bool]:
    """The table as lines, and whether it shows what it must."""
    lines = [f"{'site':<7} {'scenario':<62} {'host':<9} {'result':<10} setting that the drift report names"]
    for row in rows:
        result = "NOT EXACT" if row["complaints"] else "exact"
        lines.append(f"{row['site']:<7} {row['title']:<62} {row['host']:<9} {result:<10} {row['setting']}".rstrip())
    drifts = [row for row in rows if row["setting"]]
    exact = sum(1 for row in drifts if not row["complaints"])
    by_site = collections.Counter(row["site"] for row in drifts)
    counted = ", ".join(f"{site} {number}" for site, number in sorted(by_site.items()))
    lines.append(f"all sites: {len(rows)} scenarios; {len(drifts)} drifts ({counted}), {exact} named and mended")
    lines += [f"all sites: {site} was not measured" for site in missing]
    lines += [f"{row['site']}: {row['title']} ({row['host']}): {one}" for row in rows for one in row["complaints"]]
    sound = not missing and len(drifts) >= LEAST and not any(row["complaints"] for row in rows)
    return lines, sound
