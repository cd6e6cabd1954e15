# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 tests/checkout COMMAND`: what the Makefile calls."""

from __future__ import annotations

import sys

import venvs

if __name__ == "__main__":
    try:
        venvs.main()
        for recipe in venvs.RECIPES.values():
            venvs.make(recipe)
    except venvs.VenvError as error:
        sys.exit(f"venv: {error}")
