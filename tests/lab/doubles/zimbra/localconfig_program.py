# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zmlocalconfig: shows and edits localconfig.xml."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import pwd
import secrets
import string
import sys
from typing import Iterable, TextIO

from . import invocations, localconfig, texts, wire
from .errors import JavaDied

LONG = {
    "config": "c",
    "default": "d",
    "edit": "e",
    "force": "f",
    "help": "h",
    "info": "i",
    "reload": "l",
    "format": "m",
    "changed": "n",
    "path": "p",
    "quiet": "q",
    "random": "r",
    "show": "s",
    "unset": "u",
    "expand": "x",
}
WITH_VALUE = ("c", "m")
FORMATS = ("plain", "xml", "shell", "export", "nokey")
EXPANDED = ("shell", "export")
# Options of which no two go together, and those that a root must not use.
APART = (("u", "e"),)
NOT_BY_ROOT = ("e", "u", "r")
RANDOM_LETTERS = string.ascii_letters + string.digits + "._"


@dataclasses.dataclass
class Call:
    """One call: where Zimbra is, who calls, and where the output goes."""

    home: pathlib.Path
    user: str
    out: TextIO
    err: TextIO
    utf8: bool = True
    options: dict[str, str] = dataclasses.field(default_factory=dict)
    words: list[str] = dataclasses.field(default_factory=list)

    @property
    def path(self) -> str:
        """The file that is meant."""
        return self.options.get("c") or str(self.home / localconfig.FILE)

    def fail(self, text: str) -> int:
        """Say an error; the exit status of it."""
        self.err.write(f"Error: {text}\n")
        return 1


def parse(call: Call, arguments: Iterable[str]) -> str:
    """Sort options from words; what is wrong with them, or an empty text."""
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            call.words.append(word)
            continue
        if word == "--":
            call.words += rest
            break
        name, equals, value = word.lstrip("-").partition("=")
        short = LONG.get(name, name) if word.startswith("--") else name
        if short not in LONG.values():
            return f"org.apache.commons.cli.UnrecognizedOptionException: Unrecognized option: {word}"
        if short in WITH_VALUE and not equals:
            if not rest:
                return f"org.apache.commons.cli.MissingArgumentException: Missing argument for option: {short}"
            value = rest.pop(0)
        call.options[short] = value
    return ""


def run(arguments: list[str], call: Call) -> int:
    """The program; its exit status."""
    wrong = parse(call, arguments)
    if wrong:
        return call.fail(f"Failed to parse command line: {wrong}")
    options = call.options
    if "h" in options:
        call.out.write(texts.text("zmlocalconfig"))
        return 0
    try:
        own = _read(call)
    except JavaDied as death:
        call.err.write(str(death))
        return 1
    for one, other in APART:
        if one in options and other in options:
            return call.fail(f"option '{one}' can not be used with option '{other}'")
    forbidden = [option for option in NOT_BY_ROOT if option in options]
    if call.user == "root" and forbidden:
        return call.fail(f"cannot use -{forbidden[0]} when running as root")
    if "p" in options:
        call.out.write(f"{call.path}\n")
        return 0
    if "l" in options:
        return _reload(call, own)
    if "i" in options:
        return 0  # the documentation of keys is in no file of the double, and the real program has none either
    if "e" in options:
        return _edit(call, own)
    return _unset(call, own) if "u" in options else _show(call, own)


def _reload(call: Call, own: dict[str, str]) -> int:
    """Ask mailboxd to read the file again; which of its keys it would heed is no business of this program."""
    port = localconfig.expand(own, localconfig.raw(own, "zimbra_admin_service_port") or "")
    try:
        mailboxd = wire.Caller("localhost", int(port))
    except OSError as error:
        return call.fail(f"{error.strerror or error}")
    mailboxd.call("reload")
    mailboxd.close()
    return 0


def _read(call: Call) -> dict[str, str]:
    quiet = "q" in call.options
    path = pathlib.Path(call.path)
    if not localconfig.readable(path):
        # Said when the class loads and once more when the program reads; -c names the file for the second only.
        for _attempt in range(1 if "c" in call.options else 2):
            call.err.write("" if quiet else localconfig.UNREADABLE.format(path))
    own = localconfig.read(path)
    localconfig.check({"zimbra_home": str(call.home), **own})
    return own


def _edit(call: Call, own: dict[str, str]) -> int:
    changed = dict(own)
    for word in call.words:
        key, equals, value = word.partition("=")
        if "r" in call.options:
            value, equals = "".join(secrets.choice(RANDOM_LETTERS) for _letter in range(26)), "="
        if not equals or not key:
            return call.fail(f"argument '{word}' not in key=value form")
        if localconfig.dangerous(key) and "f" not in call.options:
            return call.fail(f"can not edit key {key}")
        # Java decodes its arguments by the locale: what is not ASCII is lost in the POSIX locale, byte by byte.
        changed[key] = value if call.utf8 else "".join(c if c.isascii() else "?" * len(c.encode()) for c in value)
    localconfig.write(call.path, changed)
    return 0


def _unset(call: Call, own: dict[str, str]) -> int:
    changed = dict(own)
    for key in call.words:
        if key not in changed and key not in localconfig.defaults():
            return call.fail(f"key {key} is not set")
        if localconfig.dangerous(key) and "f" not in call.options:
            return call.fail(f"can not edit key {key}")
        changed.pop(key, None)
    localconfig.write(call.path, changed)
    return 0


def _show(call: Call, own: dict[str, str]) -> int:
    options = call.options
    form = options.get("m", "plain")
    if form not in FORMATS:
        bogus = f"com.zimbra.common.localconfig.ConfigException: format {form} not known\n"
        call.err.write(f"Error: failed to create writer {form}\n{bogus}{bogus}{localconfig.FRAME}")
        return 1
    full = {"zimbra_home": str(call.home), **own}
    source = {key: value for key, value in localconfig.defaults().items() if value is not None}
    source = source if "d" in options else full
    keys = call.words or sorted({*localconfig.defaults(), *(() if "d" in options else own)})
    rows: dict[str, str] = {}
    for key in keys:
        value = localconfig.defaults().get(key) if "d" in options else localconfig.raw(full, key)
        if value is None:
            if call.words:
                call.err.write("" if "q" in options else f"Warning: null valued key '{key}'\n")
            continue
        if "n" in options and not call.words and key not in own:
            continue
        if "x" in options or form in EXPANDED:
            value = localconfig.expand(source, value, (key,))
        rows[key] = "*" if "password" in key and "s" not in options else value
    call.out.write(_written(form, rows))
    return 0


def _written(form: str, rows: dict[str, str]) -> str:
    if form == "xml":
        return localconfig.render(rows)
    pattern = {
        "plain": "{0} = {1}\n",
        "shell": "{0}='{1}';\n",
        "export": "export {0}='{1}';\n",
        "nokey": "{1}\n",
    }[form]
    return "".join(pattern.format(key, value) for key, value in rows.items())


def main(arguments: list[str], home: str | pathlib.Path = "/opt/zimbra") -> int:
    """As /opt/zimbra/bin/zmlocalconfig runs it: with the umask of that script."""
    os.umask(0o027)
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "C"
    user = pwd.getpwuid(os.geteuid()).pw_name
    call = Call(pathlib.Path(home), user, sys.stdout, sys.stderr, utf8="utf" in locale.lower())
    with invocations.logged("zmlocalconfig", arguments, home) as logged:
        if logged.died:
            sys.stderr.write(logged.died)
            logged.status = 1
        else:
            logged.status = run(arguments, call)
    return logged.status
