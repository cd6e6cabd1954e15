# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checkout: its root, and the folders in which its commands put what they make."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
from typing import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
COLLECTIONS = CACHE / "collections"
LOGS = CACHE / "logs"
REQUIREMENTS = ROOT / "requirements"
SYSTEM_CERTIFICATES = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")  # uv has its own; a site's are here


def link_collection() -> None:
    """Lets Ansible find the collection in a checkout of any name: ansible_collections/mailrealm/kerberos -> here."""
    link = COLLECTIONS / "ansible_collections" / "mailrealm" / "kerberos"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to("../../../..", target_is_directory=True)


@contextlib.contextmanager
def alone(name: str, waiting: str = "") -> Iterator[None]:
    """Two commands that want the same thing: the second says that it waits, and goes on when the first has ended."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                print(waiting, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def environment(venv: pathlib.Path | None = None, **more: str) -> dict[str, str]:
    """The environment of every command that is started here: all that is written stays in .cache.

    `venv`: a venv whose programs come first on PATH. Settings of the caller's own Ansible are left out,
    for they would decide about a test.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "MOLECULE_", "PYTEST_", "KRB5", "VIRTUAL_ENV"))
    }
    kept.update(
        ANSIBLE_HOME=str(CACHE / "ansible-home"),
        ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
        PIP_CACHE_DIR=str(CACHE / "pip"),
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PYTHONDONTWRITEBYTECODE="1",
        UV_CACHE_DIR=str(CACHE / "uv-cache"),
        UV_PYTHON_DOWNLOADS="never",
        LC_ALL="C.UTF-8",
        NO_COLOR="1",
    )
    if SYSTEM_CERTIFICATES.exists():
        kept.setdefault("UV_SYSTEM_CERTS", "1")
    if venv is not None:
        kept["VIRTUAL_ENV"] = str(venv)
        kept["PATH"] = f"{venv / 'bin'}{os.pathsep}{kept['PATH']}"
    kept.update(more)
    return kept
