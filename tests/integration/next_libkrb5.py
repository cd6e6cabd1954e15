# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""libkrb5 1.22 or later of the toolbox, which heeds final markers within a file, as a second judge."""

from __future__ import annotations

import contextlib
import json
import pathlib
import pickle
import subprocess
import sysconfig
from typing import Any, Callable, Iterator

from ansible_collections.mailrealm.kerberos.tests.integration import libkrb5_oracle

LIBRARIES = pathlib.Path("/opt/mit-next/lib")  # of the toolbox, with the C library that they need

Judge = Callable[..., Any]


@contextlib.contextmanager
def next_libkrb5() -> Iterator[Judge]:
    """A function that calls one of libkrb5_oracle's, by name, in a process with the newer library."""
    (loader,) = LIBRARIES.glob("ld-linux-*.so.*")
    # The system's Python in that C library; what else it loads is its own.
    own = f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}"
    command = [str(loader), "--library-path", f"{LIBRARIES}:{own}", "/usr/bin/python3"]
    with subprocess.Popen(
        [*command, libkrb5_oracle.__file__],
        env={"LIBKRB5": str(LIBRARIES / "libkrb5.so.3"), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        asked, answers = process.stdin, process.stdout
        assert asked
        assert answers

        def ask(function: str, *given: Any) -> Any:
            asked.write(json.dumps([function, given], default=str).encode() + b"\n")
            asked.flush()
            return pickle.load(answers)

        try:
            yield ask
        finally:
            asked.close()
