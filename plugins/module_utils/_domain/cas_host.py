# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where users of CAS log in on a host: port, TLS and page, as its variables say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Tuple

from .refusal import Refusal

# CAS asks for tickets only those whose browser's name holds one of its `supported-browsers`.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
# More than any ticket: Windows makes none above MaxTokenSize, 48,000 bytes, and most are far below.
PADDING = 40 * 1024  # bytes


class CasHostRefusal(Refusal):
    """Variables of a host by which nobody could reach its CAS."""


@dataclass(frozen=True)
class CasHost:
    """The port, whether TLS is spoken there, and the page that asks for a ticket."""

    port: int = 8443
    tls: bool = True
    path: str = "/cas/login"


USUAL = CasHost()


def cas_host(host: str, port: Any = USUAL.port, tls: bool = USUAL.tls, path: str = USUAL.path) -> CasHost:
    """A host as its variables describe it; CasHostRefusal for a port or a path that is none."""
    try:
        number = int(port)
    except (TypeError, ValueError):
        number = 0
    if isinstance(port, bool) or not 0 < number < 65536:
        raise CasHostRefusal(f"host '{host}': cas_port '{port}' is no port; write a number from 1 to 65535")
    if not isinstance(path, str) or not path.startswith("/"):
        raise CasHostRefusal(f"host '{host}': cas_login_path '{path}' is no path; write it like {USUAL.path}")
    return CasHost(number, bool(tls), path)


def cas_logins(one: CasHost) -> Tuple[Dict[str, Any], ...]:
    """How a browser logs in there, as `sso_probe` takes it: with a ticket, and with one as large as they become."""
    plain = {
        "protocol": "http",
        "tls": "implicit" if one.tls else "none",
        "port": one.port,
        "path": one.path,
        "user_agent": BROWSER,
    }
    return plain, {**plain, "padding": PADDING}
