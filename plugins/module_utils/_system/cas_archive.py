# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a web archive of CAS, as a file or as the folder into which it was unpacked; nothing is written anywhere.

The archives in it are packed again in a file, so that each has to be read whole; those that may hold the class are read
first, and the others only where it is in none of them.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from typing import Dict, Iterator, List

from .._domain.cas_archive import (
    ABSENT,
    ARCHIVE,
    AUTHENTICATION,
    CLASSES,
    EXPLODED,
    FOLDERS,
    ArchiveRefusal,
    War,
    likely_first,
    war_of,
)

LARGEST = 256 * 1024 * 1024  # bytes of one archive in a web archive: far beyond any library
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def read_war(path: str) -> War:
    """What the web archive at ``path`` is; ArchiveRefusal where it may not be read, or is none."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            return _folder(path)
        if not stat.S_ISREG(mode):
            raise ArchiveRefusal(f"war: {path} is neither a file nor a folder; name CAS's web archive")
        return _file(path)
    except (FileNotFoundError, NotADirectoryError):
        return War(path, ABSENT)
    except OSError as error:
        raise ArchiveRefusal(f"war: {path} may not be read ({error.strerror}); use become") from error
    except BROKEN as error:
        raise ArchiveRefusal(
            f"war: {path} is no web archive, or is not there whole; build it again or copy it anew"
        ) from error


def _folder(path: str) -> War:
    jars = {name: os.path.join(path, folder, name) for folder in FOLDERS for name in _jars(os.path.join(path, folder))}
    unpacked = any(os.path.isfile(os.path.join(path, folder, AUTHENTICATION)) for folder in CLASSES)
    return war_of(path, EXPLODED, jars, unpacked or any(_holds(jars[name]) for name in likely_first(jars)))


def _jars(folder: str) -> List[str]:
    try:
        return [name for name in os.listdir(folder) if name.endswith(".jar")]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _holds(jar: str) -> bool:
    """Whether the class is in an archive of its own file, of which only the table of contents is read."""
    try:
        with zipfile.ZipFile(jar) as opened:
            return AUTHENTICATION in opened.NameToInfo
    except BROKEN:
        return False


def _file(path: str) -> War:
    with zipfile.ZipFile(path) as war:
        jars: Dict[str, zipfile.ZipInfo] = {}
        for info in war.infolist():
            folder, dummy, name = info.filename.rpartition("/")
            if folder in FOLDERS and name.endswith(".jar"):
                jars[name] = info
        unpacked = any(f"{folder}/{AUTHENTICATION}" in war.NameToInfo for folder in CLASSES)
        return war_of(path, ARCHIVE, jars, unpacked or any(_packed(war, [jars[name] for name in likely_first(jars)])))


def _packed(war: zipfile.ZipFile, jars: List[zipfile.ZipInfo]) -> Iterator[bool]:
    """For each archive whether the class is in it. Names are not packed, so most need no table of contents."""
    wanted = AUTHENTICATION.encode()
    for info in jars:
        content = war.read(info) if info.file_size <= LARGEST else b""
        if wanted not in content:
            yield False
            continue
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as opened:
                yield AUTHENTICATION in opened.NameToInfo
        except BROKEN:
            yield False
