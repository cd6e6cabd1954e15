# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CAS overlay's folder, as it is on this host."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Optional

from .._domain.cas_overlay import BUILD_FILES, PROPERTIES_FILE, Overlay, overlay_of
from . import files


@dataclass(frozen=True)
class OverlayFolder:
    """``build_file``: the name of the file that says what is built; ``properties``: the text of gradle.properties."""

    path: str
    build_file: str
    properties: str


def find(path: str) -> Optional[OverlayFolder]:
    """The overlay in that folder; None where there is none. FileRefusal where it may not be read."""
    for name in BUILD_FILES:
        if os.path.isfile(os.path.join(path, name)):
            content = files.read_state(os.path.join(path, PROPERTIES_FILE)).content or b""
            return OverlayFolder(path.rstrip("/"), name, content.decode("utf-8", "replace"))
    return None


def read_overlay(path: str) -> Overlay:
    """What the overlay in that folder asks for; CasRefusal where its build file cannot be told apart."""
    found = find(path) if path else None
    if found is None:
        return Overlay(path)
    content = files.read_state(os.path.join(path, found.build_file)).content or b""
    return overlay_of(found.path, found.build_file, content, found.properties)
