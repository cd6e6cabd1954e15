# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python tests/bench [PART ...]`."""

from __future__ import annotations

import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
# As a script this file sees its own folder as the top; the package `bench` lies one higher, and the collection and
# the makers of venvs elsewhere.
sys.path[:1] = [str(TESTS), str(TESTS / "checkout"), str(TESTS.parent / ".cache" / "collections")]

from bench.commands import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
