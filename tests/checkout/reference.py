# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference of modules, roles and playbooks as a site, in .cache/docs/html."""

from __future__ import annotations

import shutil
from typing import Iterator

import place
import venvs
from lanes import Lane, NotRun, Step

SITE = place.ROOT / "docs" / "site"


def docs() -> Iterator[Lane | NotRun]:
    """Pages from the documentation in the code, then HTML; a warning of Sphinx is a failure."""
    venv = venvs.make(venvs.RECIPES["venv-docs"])
    if venv is None:
        yield NotRun("docs", venvs.why_not("venv-docs"))
        return
    folder = place.CACHE / "docs"
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / "rst"
    pages.mkdir(parents=True, mode=0o700)  # antsibull-docs refuses a folder in which others may write
    environment = place.environment(venv)
    collect = ("antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error")
    build = ("sphinx-build", "-M", "html", str(pages), str(folder), "-c", str(SITE), "-q", "-W", "--keep-going")
    yield Lane(
        "docs",
        (
            Step("pages", (*collect, "--dest-dir", str(pages), "mailrealm.kerberos"), environment),
            Step("site", build, environment),
        ),
    )
