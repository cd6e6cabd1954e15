# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a drift report into its folder: four files, each the old one or the new one, whole."""

from __future__ import annotations

import os
from typing import Any

from ..module_utils._domain.drift_junit import junit
from ..module_utils._domain.drift_metrics import metrics
from ..module_utils._domain.drift_report import as_text
from ..module_utils._domain.file_state import FileState
from ..module_utils._domain.refusal import Refusal
from ..module_utils._system import file_lock, files
from .drift_page import page

FORMS = (("drift.html", page), ("drift.xml", junit), ("drift.prom", metrics), ("drift.json", as_text))
MODE = 0o640  # a report shows configuration, which not everybody on the controller need see


class ReportFolderRefusal(Refusal):
    """A folder that cannot hold the report, and what would mend it."""


def prepared(folder: str) -> str:
    """The absolute path of the folder, made where it is missing; ReportFolderRefusal where nothing can be written."""
    path = os.path.abspath(os.path.expanduser(folder))
    try:
        os.makedirs(path, mode=0o750, exist_ok=True)
    except OSError as error:
        raise ReportFolderRefusal(
            f"kerberos_drift_folder: {path} cannot be made ({error.strerror}); name a folder that you may write to"
        ) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise ReportFolderRefusal(
            f"kerberos_drift_folder: {path} is not writable for you; name a folder that you may write to"
        )
    return path


def write(document: dict[str, Any], folder: str, dry: bool = False) -> bool:
    """Write all forms of a report into the folder of ``prepared``; whether any of them changed. ``dry``: only tell.

    drift.json comes last, so that whoever waits for it finds the others. FileRefusal where that cannot be done.
    """
    changed = False
    for name, form in FORMS:
        path = os.path.join(folder, name)
        content = form(document).encode("utf-8")
        with file_lock.locked(path, clear=True):
            before = files.read_state(path)
            if before.content == content and before.mode == MODE:
                continue
            if dry:
                return True
            newborn = files.newborn(MODE)
            files.write_state(path, FileState(content, newborn.owner, newborn.group, MODE))
        changed = True
    return changed
