# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes `ansible_collections.mailrealm.kerberos` importable from a checkout of any name.

Needs no Ansible, so that the rooms that run on target hosts are tested on Python 3.8 as well.
"""

from __future__ import annotations

import os
import pathlib
import sys
import types

import hypothesis

ROOT = pathlib.Path(__file__).resolve().parent
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".cache" / "hypothesis"))
# How long an example takes says more about the machine's other work than about the code.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("house")
PACKAGES = (
    ("ansible_collections", []),
    ("ansible_collections.mailrealm", []),
    ("ansible_collections.mailrealm.kerberos", [str(ROOT)]),
)

for name, path in PACKAGES:
    package = types.ModuleType(name)
    package.__path__ = path
    sys.modules[name] = package
    parent, dummy, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, package)
