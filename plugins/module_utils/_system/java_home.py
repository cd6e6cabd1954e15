# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit of CAS and its Java, as this host has them."""

from __future__ import annotations

import glob
import grp
import io
import os
import pwd
import shutil
import subprocess
import zipfile
from dataclasses import replace
from typing import Dict, List, Tuple

from .._domain.cas_java import ASKED, PATH, UNIT, Java, aes_bits, default_folder, major_of, policy_of, version_of
from .._domain.cas_unit import PROPERTIES, CasUnit, unit_name, unit_of, variables_of
from . import systemctl

LONGEST = 60  # seconds for `java -version`, on a host that does much else
LARGEST = 1024 * 1024  # bytes of java.security, of a policy and the like
# Where java.security is, below Java's home: since 9, in a JDK of version 8, in a JRE of version 8.
SECURITY = ("conf/security", "jre/lib/security", "lib/security")
ARCHIVES = ("US_export_policy.jar", "local_policy.jar")


def read_unit(name: str) -> CasUnit:
    """The unit, by one `systemctl show`; UnitRefusal where the name is none."""
    whole = unit_name(name)
    found = unit_of(systemctl.shown(whole, PROPERTIES), whole)
    if not found.exists:
        return found
    more: Dict[str, str] = {}
    for pattern in found.files:
        for path in sorted(glob.glob(pattern)):
            more.update(variables_of(_text(path)))
    group = found.group or _primary_group(found.user)
    return replace(found, group=group, environment={**found.environment, **more})


def _primary_group(user: str) -> str:
    try:
        return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
    except KeyError:
        return ""


def read_java(asked: str, unit: CasUnit) -> Java:
    """The Java in the folder ``asked``, else the one that the unit starts, else the one on PATH."""
    home, source = _place(asked, unit)
    program = os.path.join(home, "bin", "java")
    if not home or not os.path.isfile(program):
        return Java()
    version = version_of(_text(os.path.join(home, "release"))) or version_of(printed=_printed(program))
    return Java(home, version, major_of(version), _aes(home, version), source)


def _place(asked: str, unit: CasUnit) -> Tuple[str, str]:
    if asked:
        return asked.rstrip("/") or "/", ASKED
    if unit.java:
        return _home_of(unit.java), UNIT
    named = unit.environment.get("JAVA_HOME", "")
    if named:
        return named.rstrip("/"), UNIT
    found = shutil.which("java")
    return (_home_of(found), PATH) if found else ("", PATH)


def _home_of(program: str) -> str:
    """Where the program really is: /usr/bin/java is a link to it. A JDK of version 8 has it in its folder jre too."""
    home = os.path.dirname(os.path.dirname(os.path.realpath(program)))
    above, name = os.path.split(home)
    return above if name == "jre" and os.path.isfile(os.path.join(above, "bin", "java")) else home


def _printed(program: str) -> str:
    """What `java -version` says, which is on standard error; empty where it does not start."""
    try:
        done = subprocess.run(  # pylint: disable=ansible-bad-function  # this floor knows no AnsibleModule
            [program, "-version"],
            env={name: value for name, value in os.environ.items() if name != "JAVA_TOOL_OPTIONS"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stderr + b"\n" + done.stdout).decode("utf-8", "replace")


def _aes(home: str, version: str) -> int:
    folders = [os.path.join(home, *one.split("/")) for one in SECURITY]
    base = next((one for one in folders if os.path.isfile(os.path.join(one, "java.security"))), "")
    named = policy_of(_text(os.path.join(base, "java.security"))) if base else None
    beside = [os.path.join(base, name) for name in ARCHIVES]
    if named is None and major_of(version) == 8 and all(map(os.path.isfile, beside)):
        return aes_bits([text for path in beside for text in _in_archive(path)], "")
    folder = named or default_folder(version)
    place = os.path.join(base, "policy", folder)
    texts = [_text(path) for path in sorted(glob.glob(os.path.join(glob.escape(place), "default_*.policy")))]
    texts += [text for name in ARCHIVES for text in _in_archive(os.path.join(place, name))]
    return aes_bits([text for text in texts if text], folder)


def _in_archive(path: str) -> List[str]:
    """The texts of the policies in one of Java 8's archives; none where it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(_bytes(path))) as opened:
            names = [name for name in opened.namelist() if name.startswith("default_") and name.endswith(".policy")]
            return [opened.read(name).decode("utf-8", "replace") for name in names]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        return []


def _text(path: str) -> str:
    return _bytes(path).decode("utf-8", "replace")


def _bytes(path: str) -> bytes:
    """The file's bytes; none where there is no file, or it may not be read."""
    try:
        with open(path, "rb") as stream:
            return stream.read(LARGEST)
    except OSError:
        return b""
