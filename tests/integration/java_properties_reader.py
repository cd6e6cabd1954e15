# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the JDK reads of property files: one virtual machine answers for many of them."""

from __future__ import annotations

import contextlib
import pathlib
import subprocess
from typing import Callable, Iterator, Optional

HERE = pathlib.Path(__file__).resolve().parent
Reader = Callable[[bytes], Optional[dict[str, str]]]  # of a file's bytes; None for one that the JDK does not read


@contextlib.contextmanager
def java_reader(java: str = "java") -> Iterator[Reader]:
    """A reader that ends with the block."""
    command = [java, str(HERE / "PropertiesReader.java")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        asked, answered = process.stdin, process.stdout
        assert asked is not None and answered is not None

        def read(content: bytes) -> Optional[dict[str, str]]:
            asked.write(content.hex() + "\n")
            asked.flush()
            line = answered.readline()
            assert line.endswith("\n"), f"{java} ended"
            return None if line == "REFUSED\n" else dict(_pair(pair) for pair in line.strip().split(",") if pair)

        yield read
        asked.close()


def _pair(text: str) -> tuple[str, str]:
    key, value = (bytes.fromhex(units).decode("utf-16-be", "surrogatepass") for units in text.split("="))
    return key, value
