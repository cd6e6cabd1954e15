# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of Maven Central for the images: fetched once by this machine, whose trust and proxies they need, and kept."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
import shutil
import urllib.request
import xml.etree.ElementTree

from .failure import LabError

CENTRAL = "https://repo.maven.apache.org/maven2"
# The patterns of a mirror that takes Central's place (Maven's guide to mirrors); `!central` leaves it out.
CENTRAL_PATTERNS = frozenset({"*", "central", "external:*"})
SETTINGS = pathlib.Path(".m2") / "settings.xml"
PATIENCE = 60.0  # seconds without a byte
BLOCK = 1 << 20


@dataclasses.dataclass(frozen=True)
class Download:
    """A file below a repository's address, and the SHA-256 that it must have, in hexadecimal digits."""

    path: str
    sha256: str
    here: bool = False  # the path is that of a file of this machine

    @property
    def name(self) -> str:
        """Its own name, by which it lies in the folder that an image is made with."""
        return self.path.rpartition("/")[2]


def artifact(group: str, name: str, version: str, ending: str, sha256: str) -> Download:
    """The file of Maven's coordinates."""
    return Download(f"{group.replace('.', '/')}/{name}/{version}/{name}-{version}.{ending}", sha256)


def of_this_machine(path: pathlib.Path) -> Download:
    """A file that somebody has made. LabError where it is not there."""
    try:
        return Download(str(path.resolve(strict=True)), _digest(path), here=True)
    except OSError as error:
        raise LabError(f"{path} cannot be read ({error}): name a file that is there") from error


def repository(home: pathlib.Path) -> str:
    """The address of Maven Central, or of the mirror that Maven's settings of this user have for it."""
    try:
        tree = xml.etree.ElementTree.parse(home / SETTINGS)
    except FileNotFoundError:
        return CENTRAL
    except xml.etree.ElementTree.ParseError as error:
        raise LabError(f"{home / SETTINGS} is not XML: {error}") from error
    for mirror in tree.iterfind("{*}mirrors/{*}mirror"):
        patterns = {pattern.strip() for pattern in mirror.findtext("{*}mirrorOf", "").split(",")}
        address = mirror.findtext("{*}url", "").strip()
        if address and patterns & CENTRAL_PATTERNS and "!central" not in patterns:
            return address.rstrip("/")
    return CENTRAL


def fetch(wanted: Download, folder: pathlib.Path) -> pathlib.Path:
    """The file, from the folder or else from the repository. LabError if it cannot be had, or is another one."""
    if wanted.here:
        return pathlib.Path(wanted.path)
    path = folder / wanted.name
    if path.exists() and _digest(path) == wanted.sha256:
        return path
    address = f"{repository(pathlib.Path.home())}/{wanted.path}"
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{wanted.name}.{os.getpid()}"
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer, part.open("wb") as file:
            shutil.copyfileobj(answer, file, BLOCK)
        found = _digest(part)
        if found != wanted.sha256:
            raise LabError(f"{address} has the SHA-256 {found}, and {wanted.sha256} is expected: see who changed it")
        part.replace(path)
    except OSError as error:
        raise LabError(f"{address} cannot be had ({error}): lay the file into {folder} by hand") from error
    finally:
        part.unlink(missing_ok=True)
    return path


def _digest(path: pathlib.Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()
