# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""libexec/configrewrite SECTION...: asks zmconfigd to generate these; it restarts nothing (zm-core-utils)."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Sequence

from .control import logged
from .installation import CONFIGD_PORT, Installation
from .zmconfigd import Configd

PATIENCE = 120.0  # seconds that it waits for the answer
PAUSE = 5.0  # seconds that it always sleeps at its end


def rewrite(place: Installation, sections: Sequence[str]) -> None:
    """Ask zmconfigd; do its round here where it does not run."""
    try:
        with socket.create_connection(("127.0.0.1", CONFIGD_PORT), 5) as connection:
            connection.settimeout(PATIENCE)
            connection.sendall(" ".join(["REWRITE", *sections]).encode())
            with contextlib.suppress(TimeoutError):
                connection.recv(2048)
    except ConnectionRefusedError:
        Configd(place).look(sections)
    time.sleep(float(place.told("rewrite_pause", PAUSE)))


def work(place: Installation, words: Sequence[str]) -> int:
    with contextlib.suppress(Exception):
        rewrite(place, words)
    return 0  # whatever the answer was, unknown sections included


def main(words: Sequence[str]) -> int:
    return logged("configrewrite", work, words)
