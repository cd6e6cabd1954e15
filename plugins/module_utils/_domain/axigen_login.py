# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Axigen's CLI is and who logs in there."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

from .axigen_cli import AxigenRefusal, check_line

_ADVICE = (
    "run the module on Axigen's own host against 127.0.0.1, set login.tls where the CLI's listener has sslEnable, "
    "or accept the risk with login.allow_clear_text"
)


@dataclass(frozen=True)
class AxigenLogin:
    """``timeout``: seconds for each answer. The password is in no representation."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool = False
    ca_path: Optional[str] = None
    timeout: int = 30

    @property
    def place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def login_from(options: Mapping[str, Any]) -> AxigenLogin:
    """The option `login`; AxigenRefusal where it makes no sense, or would send the password in the clear."""
    host, user, password = str(options["host"]), str(options["user"]), str(options["password"])
    for name, text in (("host", host), ("user", user), ("password", password)):
        if not text:
            raise AxigenRefusal(f"login.{name}: is empty; say how to log in to Axigen's CLI")
        check_line(text, f"login.{name}")
    if any(character.isspace() for character in user):
        raise AxigenRefusal("login.user: holds white space, and no administrator's name does; correct it")
    if not 0 < options["port"] < 65536:
        raise AxigenRefusal(f"login.port: {options['port']} is no port; give one from 1 to 65535")
    if options["timeout"] < 1:
        raise AxigenRefusal(f"login.timeout: {options['timeout']} leaves no time for an answer; give seconds from 1 up")
    if not (options["tls"] or options["allow_clear_text"] or is_loopback(host)):
        raise AxigenRefusal(f"login.host: the password would go to {host} in the clear; {_ADVICE}")
    return AxigenLogin(host, options["port"], user, password, options["tls"], options["ca_path"], options["timeout"])


def is_loopback(host: str) -> bool:
    """Whether what goes to that host stays on this one; a name other than localhost may lead anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
