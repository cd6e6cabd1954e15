# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zmprov: one command, a batch (-f) or lines from standard input, over SOAP or straight to the directory (-l)."""

from __future__ import annotations

import io
import pathlib
import sys
from typing import Sequence

from . import invocations, line, localconfig, texts, zmprov_commands, zmprov_session
from .errors import FRAME, JavaDied, ServiceError
from .invocations import Invocation
from .zmprov_session import Ended, Session, UsageError, World

FLAGS = {
    "h": "help",
    "l": "ldap",
    "z": "zadmin",
    "v": "verbose",
    "d": "debug",
    "D": "debughigh",
    "m": "master",
    "r": "replace",
}
VALUES = {
    "f": "file",
    "s": "server",
    "L": "logpropertyfile",
    "a": "account",
    "p": "password",
    "P": "passfile",
    "y": "authtoken",
    "Y": "authtokenfile",
}
APART = (
    (("l", "s"), "cannot specify both -l and -s at the same time"),
    (("d", "D"), "cannot specify both -d and -D at the same time"),
)
PROMPT = "prov> "
UNKNOWN = "Unknown command. Type: 'help commands' for a list\n"


def parse(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Options up to the first word that is none, and the words after; ValueError for a missing value."""
    long = {name: letter for letter, name in (*FLAGS.items(), *VALUES.items())}
    options: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        name, equals, value = rest[0].partition("=")
        letter = long.get(name[2:], "") if name.startswith("--") else name[1:] if name.startswith("-") else ""
        if letter in FLAGS and not equals:
            options[letter] = ""
        elif letter in VALUES:
            if not equals and len(rest) < 2:
                raise ValueError(letter)
            options[letter] = value if equals else rest.pop(1)
        else:
            break
        rest.pop(0)
    return options, [word for word in rest if word != "--"]


def run(arguments: Sequence[str], world: World, call: Invocation | None = None) -> int:
    """The program; its exit status."""
    session = Session(world)
    try:
        return _run(arguments, session, call or Invocation())
    except ServiceError as refusal:
        session.report(refusal)
        return 2
    except JavaDied as death:
        session.complain(str(death))
        return 1
    except Ended as end:
        return end.status
    finally:
        zmprov_session.close(session)


def _run(arguments: Sequence[str], session: Session, call: Invocation) -> int:
    path = session.world.home / localconfig.FILE
    if localconfig.readable(path):
        localconfig.check(localconfig.read(path))
    else:
        session.complain(localconfig.UNREADABLE.format(path))
    try:
        options, words = parse(arguments)
    except ValueError as missing:
        session.complain(f"error: Missing argument for option: {missing}\n")
        options, words = {"h": ""}, []
    if "h" in options:
        session.say(texts.usage())
        return 1
    for letters, text in APART:
        if all(letter in options for letter in letters):
            return _wrong(session, text)
    _set(session, options)
    for letter, allowed in (("m", session.use_ldap), ("L", "l" in options)):
        if letter in options and not allowed:
            return _wrong(session, f"cannot specify -{letter} when -l is not specified")
    if words:
        return _single(session, words)
    session.backend()
    file = options.get("f")
    try:
        batch = pathlib.Path(file).read_bytes() if file is not None else session.world.stdin.read()
    except OSError as error:
        raise JavaDied(
            f'Exception in thread "main" java.io.FileNotFoundException: {file} ({error.strerror})\n{FRAME}'
        ) from None
    return _batch(session, batch.decode("utf-8", "replace"), session.verbose or file is None, call)


def _wrong(session: Session, text: str) -> int:
    session.complain(f"error: {text}\n")
    return 2


def _set(session: Session, options: dict[str, str]) -> None:
    # A server that is named with -s is not asked where the host's own setting leads to the directory.
    session.use_ldap = "l" in options or session.setting("zimbra_zmprov_default_to_ldap").lower() == "true"
    session.verbose, session.replace = "v" in options, "r" in options
    session.server, session.account = options.get("s", ""), options.get("a", "")
    session.password = options.get("p", "")
    if "P" in options:
        session.password = pathlib.Path(options["P"]).read_text(encoding="utf-8").strip()
    if "y" in options and not options["y"].startswith("{"):
        raise JavaDied(
            'Exception in thread "main" com.zimbra.common.service.ServiceException: parse error: cannot parse JSON '
            f"auth token: {options['y']}\nExceptionId:main:0:0\nCode:service.PARSE_ERROR\n{FRAME}"
            f"Caused by: org.json.JSONException: A JSONObject text must begin with '{{' at character 1\n{FRAME}"
        )


def _single(session: Session, words: list[str]) -> int:
    command = zmprov_commands.find(words[0])
    if command is None:
        session.say(texts.usage())
        return 1
    try:
        _execute(session, command, words[1:])
    except UsageError as wrong:
        _usage(session, command, wrong)
        return 1
    return 0


def _execute(session: Session, command: zmprov_commands.Command, words: list[str]) -> None:
    if command.connects:
        session.backend()
    if command.ldap_only and not session.use_ldap:
        raise UsageError(f'{command.name} can only be used with  "zmprov -l/--ldap"\n', general=True)
    if not command.least <= len(words) <= command.most:
        raise UsageError
    command.run(session, words)


def _usage(session: Session, command: zmprov_commands.Command, wrong: UsageError) -> None:
    session.say(wrong.text)
    if wrong.general:
        session.say("" if session.interactive else texts.usage())
        return
    session.say(f"usage:  {command.name}({command.alias}) {command.usage}\n")
    session.say("" if session.interactive else texts.FOR_HELP)


def _batch(session: Session, text: str, echo: bool, call: Invocation) -> int:
    session.interactive = True
    for entered in line.lines(text):
        session.say(PROMPT + (f"{entered}\n" if echo else ""))
        words = line.words(entered)
        if not words:
            continue
        if call.fail_at and call.commands >= call.fail_at:
            raise JavaDied(invocations.DIED)
        call.commands += 1
        command = zmprov_commands.find(words[0])
        if command is None:
            session.say(UNKNOWN)
            continue
        try:
            _execute(session, command, words[1:])
        except ServiceError as refusal:
            session.report(refusal)
        except UsageError as wrong:
            _usage(session, command, wrong)
    session.say(PROMPT)
    return 0


def main(arguments: list[str], home: str | pathlib.Path = "/opt/zimbra") -> int:
    """As /opt/zimbra/bin/zmprov runs it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Java writes UTF-8 whatever the locale is
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    with invocations.logged("zmprov", arguments, home) as call:
        if call.died:
            sys.stderr.write(call.died)
            call.status = 1
        else:
            world = World(pathlib.Path(home))
            world.shuffle = call.shuffle
            call.status = run(arguments, world, call)
    return call.status
