# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""krb5.conf as the product's libraries read it: Java with includes, the bundled Heimdal 1.5.3 without."""

from __future__ import annotations

import os
import pathlib
import re
from typing import Iterator

from . import keytabs

# As keytabs.HEIMDAL has them.
HEIMDAL_ENCTYPES = "aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 des3-cbc-sha1 arcfour-hmac-md5"
# Names exactly as configured: neither library takes another acceptor's name or asks the DNS for one here.
EXACT = "    ignore_acceptor_hostname = false\n    dns_canonicalize_hostname = false\n    rdns = false\n"
JAVA = f"[libdefaults]\n{EXACT}"
HEIMDAL = (
    f"[libdefaults]\n{EXACT}    permitted_enctypes = {HEIMDAL_ENCTYPES}\n    allow_rc4 = true\n    allow_des3 = true\n"
)
UNREADABLE = "[libdefaults\n"  # a section's header without its end
INCLUDE = re.compile(r"^\s*(include|includedir)\s+(\S.*?)\s*$")


def lines(path: pathlib.Path, depth: int = 0) -> Iterator[str]:
    """The lines of a krb5.conf with its includes put in; nothing where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        match = INCLUDE.match(line)
        if not match:
            yield line
        elif depth < 5:
            target = pathlib.Path(match[2])
            # MIT's profile takes files of a folder whose names hold only these letters, or end in .conf.
            named = target.glob("*") if match[1] == "includedir" and target.is_dir() else [target]
            for one in sorted(named):
                if one.is_file() and re.fullmatch(r"[\w-]+|[^.].*\.conf", one.name):
                    yield from lines(one, depth + 1)


def libdefault(path: pathlib.Path, name: str) -> str:
    """The first value of a relation in libdefaults, with includes; empty where there is none."""
    section = ""
    for line in lines(path):
        header = re.match(r"\s*\[\s*(\w+)\s*\]", line)
        section = header[1] if header else section
        value = re.match(rf"\s*{name}\s*=\s*(\S.*?)\s*$", line)
        if section == "libdefaults" and value:
            return value[1]
    return ""


def permitted(path: pathlib.Path) -> frozenset[int]:
    """The enctypes that permitted_enctypes allows; empty where it is not set."""
    words = re.split(r"[\s,]+", libdefault(path, "permitted_enctypes").lower())
    return frozenset(number for word in words for number in keytabs.ENCTYPES.get(word, ()))


def heimdal_reads(path: pathlib.Path) -> bool:
    """Whether Heimdal 1.5.3 can read the file: a line include or includedir ends its parsing with an error."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True  # no file is no error: the library takes its defaults
    return not any(INCLUDE.match(line) for line in text.splitlines())


def view(folder: pathlib.Path, path: pathlib.Path, heimdal: bool) -> str:
    """Write what makes MIT's library behave as the product's; the value for KRB5_CONFIG."""
    if heimdal and not heimdal_reads(path):
        return str(keep(folder / "unreadable.conf", UNREADABLE))
    return f"{keep(folder / 'krb5.conf', HEIMDAL if heimdal else JAVA)}:{path}"


def keep(path: pathlib.Path, text: str) -> pathlib.Path:
    """Write a file that all may read, whole, unless it is so already: several processes do this at a time."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(text, encoding="utf-8")
        temporary.chmod(0o644)
        temporary.replace(path)
    return path
