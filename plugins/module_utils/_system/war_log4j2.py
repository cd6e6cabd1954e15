# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log4j2.xml that a CAS web archive brings: an overlay's own in WEB-INF/classes, else that of CAS's resources."""

from __future__ import annotations

import contextlib
import fnmatch
import io
import os
import zipfile
import zlib
from typing import Callable, Iterator, Optional, Sequence, Tuple

from .._domain.log4j2 import LoggersRefusal

NAME = "log4j2.xml"
OWN = f"WEB-INF/classes/{NAME}"
# The jars of CAS that may hold it, in the order in which they are asked
JARS = ("WEB-INF/lib/cas-server-webapp-resources-*.jar", "WEB-INF/lib/cas-server-webapp*.jar")
LARGEST = 64 * 1024 * 1024  # bytes of such a jar; those of CAS have a few megabytes
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)

Read = Callable[[str], bytes]


def shipped_log4j2(war: str) -> Optional[bytes]:
    """The file's bytes; None where ``war``, an archive or a folder into which one was unpacked, is not there.

    LoggersRefusal where it cannot be read or holds none.
    """
    if not os.path.lexists(war):
        return None
    try:
        with _opened(war) as (names, read):
            found = _found(names, read)
    except OSError as error:
        raise LoggersRefusal(
            f"war: {war} cannot be read: {error.strerror or error}; see to its owner and mode"
        ) from error
    except _BROKEN as error:
        raise LoggersRefusal(f"war: {war} is no intact archive ({error}); build or copy it again") from error
    if found is None:
        raise LoggersRefusal(f"war: {war} holds no {NAME}, so it is not CAS's; correct war, or bring the file yourself")
    return found


@contextlib.contextmanager
def _opened(war: str) -> Iterator[Tuple[Sequence[str], Read]]:
    """The names in the archive or folder that matter, and how one of them is read."""
    if not os.path.isdir(war):
        with zipfile.ZipFile(war) as archive:
            yield archive.namelist(), lambda name: _member(archive, name)
        return
    library = os.path.join(war, "WEB-INF", "lib")
    jars = sorted(os.listdir(library)) if os.path.isdir(library) else []
    own = [OWN] if os.path.isfile(os.path.join(war, OWN)) else []
    yield [*own, *(f"WEB-INF/lib/{jar}" for jar in jars)], lambda name: _bytes_of(os.path.join(war, name))


def _found(names: Sequence[str], read: Read) -> Optional[bytes]:
    if OWN in names:
        return read(OWN)
    for pattern in JARS:
        for name in sorted(fnmatch.filter(names, pattern)):
            with zipfile.ZipFile(io.BytesIO(read(name))) as jar:
                if NAME in jar.namelist():
                    return _member(jar, NAME)
    return None


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise ValueError(f"{name} has more than {LARGEST} bytes")
    return archive.read(name)


def _bytes_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(LARGEST)
