# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web archive of CAS by what it holds: its version, and whether SPNEGO can work in it.

The names are those of the modules of CAS; `jcifs/spnego/Authentication.class` is what CAS's SPNEGO calls, and comes
with the module or with jcifs-ext.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Iterable, List, Tuple

from .cas_release import CasRefusal

ARCHIVE, EXPLODED, ABSENT = "archive", "exploded", "absent"
FOLDERS = ("WEB-INF/lib", "WEB-INF/lib-provided", "BOOT-INF/lib")  # the last two are Spring Boot's
CLASSES = ("WEB-INF/classes", "BOOT-INF/classes")
AUTHENTICATION = "jcifs/spnego/Authentication.class"
LIKELY = ("jcifs", "spnego", "samba")  # in the names of archives that have brought the class
_MODULE = re.compile(r"cas-server-(?P<module>[a-z0-9-]+?)-(?P<version>\d+\.\d+.*)\.jar")
_TOMCAT = re.compile(r"tomcat-embed-core-(?P<version>\d.*)\.jar")
_SERVLETS = re.compile(r"servlet-api-2.*\.jar")


class ArchiveRefusal(CasRefusal):
    """A web archive that cannot be read, and what would mend it."""


@dataclass(frozen=True)
class War:
    """``spnego``: whether the module is in it; ``jcifs``: whether the class is. ``tomcat``: the one in it, or empty."""

    path: str
    kind: str = ABSENT
    version: str = ""
    spnego: bool = False
    jcifs: bool = False
    servlet_apis: Tuple[str, ...] = ()
    tomcat: str = ""


def war_of(path: str, kind: str, jars: Iterable[str], jcifs: bool) -> War:
    """What a web archive is by the file names of the archives in it."""
    names = sorted(jars)
    modules = [found for found in map(_MODULE.fullmatch, names) if found]
    # All modules of a build have one version; a foreign one with such a name must not decide.
    versions = Counter(found["version"] for found in modules).most_common(1)
    tomcats = [found["version"] for found in map(_TOMCAT.fullmatch, names) if found]
    return War(
        path=path,
        kind=kind,
        version=versions[0][0] if versions else "",
        spnego=any(found["module"].startswith("support-spnego") for found in modules),
        jcifs=jcifs,
        servlet_apis=tuple(name for name in names if _SERVLETS.fullmatch(name)),
        tomcat=tomcats[0] if tomcats else "",
    )


def likely_first(jars: Iterable[str]) -> List[str]:
    """The archives in the order in which it pays to look for the class in them."""
    return sorted(jars, key=lambda name: (not any(word in name.lower() for word in LIKELY), name))
