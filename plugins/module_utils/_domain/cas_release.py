# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of Apereo CAS: what each runs on, and how its settings are named.

From the release notes and the published configuration metadata of CAS; header keys of 6.6 and 7.0 as their web archives
ship them, the others by the Spring Boot that they are built with (`server.max-http-header-size` up to Boot 2,
`server.max-http-request-header-size` from Boot 3 on).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional, Tuple

from .refusal import Refusal

FLAT, INDEXED = "flat", "indexed"
_VERSION = re.compile(r"(?P<major>\d{1,3})\.(?P<minor>\d{1,3})(\.\d{1,5}){0,3}([.-][A-Za-z0-9.-]{1,30})?")


class CasRefusal(Refusal):
    """What CAS would not take, or not as meant, and what to write instead."""


@dataclass(frozen=True)
class Line:
    """A line of CAS, such as 7.0.

    ``java``: the oldest Java that it runs on; ``java_most``: the newest, where it is known. ``boot``: its Spring Boot.
    ``tomcats``: the external Tomcats that it runs in. ``servlets``: the package of its servlet API. ``dialect``: FLAT,
    where the properties of SPNEGO stand side by side, or INDEXED, where they stand below `properties[n]` and `system`.
    ``header_key``: the property for the largest header that the embedded Tomcat takes. ``accept_key``: the property
    that switches static users off, empty where only their list can be emptied. ``ntlm_handler``: whether there is an
    authentication handler for NTLM, `cas.authn.ntlm`.
    """

    name: str
    java: int
    boot: str
    tomcats: Tuple[str, ...]
    servlets: str = "jakarta"
    java_most: Optional[int] = None
    dialect: str = INDEXED
    header_key: str = "server.max-http-request-header-size"
    accept_key: str = "cas.authn.accept.enabled"
    ntlm_handler: bool = False

    @property
    def conf_is_url(self) -> bool:
        """Whether `kerberos-conf` is a URL (`file:/...`) and not a path."""
        return self.dialect == INDEXED


_OLD_HEADER = "server.max-http-header-size"


def _six(minor: int, boot: str) -> Line:
    accept = Line.accept_key if minor >= 3 else ""
    return Line(f"6.{minor}", 11, boot, ("9.0",), "javax", None, INDEXED, _OLD_HEADER, accept, ntlm_handler=True)


LINES: Tuple[Line, ...] = (
    Line("5.3", 8, "1.5", ("8.5", "9.0"), "javax", 8, FLAT, _OLD_HEADER, "", ntlm_handler=True),
    *(_six(*one) for one in ((0, "2.1"), (1, "2.2"), (2, "2.2"), (3, "2.3"), (4, "2.5"), (5, "2.6"), (6, "2.7"))),
    Line("7.0", 21, "3.2", ("10.1",)),
    Line("7.1", 21, "3.3", ("10.1",)),
    Line("7.2", 21, "3.4", ("10.1",)),
    Line("7.3", 21, "3.5", ("10.1", "11.0")),
    Line("8.0", 25, "4.1", ("11.0",)),
)


def line_of(version: str, option: str = "cas_version") -> Line:
    """The line of a version such as `6.6.12`, `7.3.8.1` or `8.0.0-RC1`; CasRefusal names ``option``."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise CasRefusal(f"{option}: '{version}' is not a version of CAS; write it in full, as 7.0.10")
    name = f"{int(found['major'])}.{int(found['minor'])}"
    for line in LINES:
        if line.name == name:
            return line
    known = ", ".join(line.name for line in LINES)
    raise CasRefusal(
        f"{option}: CAS {name} is none of the lines whose settings are known ({known}); a newer line may name them "
        "otherwise, so take one of these or a newer release of this collection"
    )
