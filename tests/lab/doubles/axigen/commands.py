# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the CLI, by context, as 10.6.30's HELP lists them (those that the double has)."""

from __future__ import annotations

import copy
from typing import Any, Callable, Sequence

from . import catalogue, cfg, domain_commands, listener_commands
from .console import GOODBYE, VERSION, Answer, Console, Context, Refused
from .running import ALL_RIGHTS, at, replaced
from .words import Set, WordTrouble, split

COMMITTING = "committing changes and switching back to previous context"
Command = Callable[[Console, Sequence[str]], Answer]


def run(console: Console, line: str) -> Answer:
    """Do the command of a line. Refused where there is none, or it cannot be done."""
    try:
        words = split(line)
    except WordTrouble as trouble:
        raise Refused(f"double: {trouble}") from trouble
    table = COMMANDS["login" if console.rights is None else console.contexts[-1].kind if console.contexts else "root"]
    for count in (3, 2, 1):
        key = " ".join(words[:count]).casefold()
        if len(words) >= count and key in table:
            return table[key](console, words[count:])
    raise Refused("double: this context has no such command")


def user(console: Console, words: Sequence[str]) -> Answer:
    (console.user,) = exactly(1, words)
    console.awaits_password = True
    return Answer(status="double: password, please")


def get_version(*dummy: Any) -> Answer:
    return Answer(lines=(VERSION,))


def leave(console: Console, dummy: Sequence[str]) -> Answer:
    console.closed = True
    return Answer(status=GOODBYE)


def console_codes(console: Console, words: Sequence[str]) -> Answer:
    console.colours = on_or_off(words)
    return Answer()


def quiet(console: Console, words: Sequence[str]) -> Answer:
    console.quiet = on_or_off(words)
    return Answer()


def end_of_text(console: Console, words: Sequence[str]) -> Answer:
    (console.end_of_text,) = exactly(1, words)
    return Answer()


def help_text(console: Console, dummy: Sequence[str]) -> Answer:
    kind = "login" if console.rights is None else console.contexts[-1].kind if console.contexts else "root"
    label = console.contexts[-1].label.upper() if console.contexts else kind
    names = sorted(COMMANDS[kind])
    return Answer(
        lines=(f"The commands available for the {label} context are:", *(f"{n.upper()} - ..." for n in names))
    )


def config_server(console: Console, words: Sequence[str]) -> Answer:
    exactly(0, words)
    console.contexts.append(Context("server", "server", (), console.server.object_at(())))
    return Answer()


def config_service(console: Console, words: Sequence[str]) -> Answer:
    name = catalogue.CONFIG.get(exactly(1, words)[0].casefold())
    if name is None:
        raise Refused("double: there is no such context to configure")
    needed = catalogue.PERMISSION.get(name, "all")
    if console.rights is not None and not console.rights & {needed, *ALL_RIGHTS}:
        raise Refused(f"double: this administrator has no {needed}")
    draft = copy.deepcopy(at(console.contexts[-1].draft, (name,)))
    console.contexts.append(Context("service", name, (name,), draft))
    return Answer()


def show(console: Console, dummy: Sequence[str]) -> Answer:
    context = console.contexts[-1]
    heading = (f"double: the attributes of {context.label}", "-" * 40, "")[: console.variants.headings]
    heading += ("",) * (console.variants.headings - len(heading))
    known = catalogue.CONTEXTS[context.label]
    return Answer(lines=(*heading, *(shown(console, context, one) for one in known if has(context, one.name))))


def show_attribute(console: Console, words: Sequence[str]) -> Answer:
    (name,) = exactly(1, words)
    context = console.contexts[-1]
    found = catalogue.attribute(context.label, name)
    if found is None or not has(context, found.name):
        raise Refused(f"double: {name} is no attribute of {context.label}")
    return Answer(lines=(shown(console, context, found),))


def has(context: Context, name: str) -> bool:
    return cfg.key_of(context.draft, name) in context.draft


def shown(console: Console, context: Context, found: catalogue.Attribute) -> str:
    value = context.draft[cfg.key_of(context.draft, found.name)]
    if found.kind == "set":
        if console.variants.sets == "all" and {*found.words} <= {*value}:
            value = ("all",)
        elif console.variants.sets == "reversed":
            value = value[::-1]
    return f"{found.name} = {cfg.render_value(value)}"


def set_values(console: Console, words: Sequence[str]) -> Answer:
    """SET name value [name value ...]: all of them, or none."""
    context = console.contexts[-1]
    if not words or len(words) % 2:
        raise Refused("double: SET takes names and values in turn")
    changed = dict(context.draft)
    for name, given in zip(words[::2], words[1::2]):
        found = catalogue.attribute(context.label, name)
        if found is None or found.kind == "fixed":
            raise Refused(f"double: {name} cannot be set here")
        try:
            changed[cfg.key_of(changed, found.name)] = found.accept(given, is_set=isinstance(given, Set))
        except ValueError as wrong:
            raise Refused(f"double: {name} takes no such value") from wrong
    context.draft = changed
    return Answer()


def reset(console: Console, dummy: Sequence[str]) -> Answer:
    context = console.contexts[-1]
    context.draft, context.turn = console.server.object_at(context.path), ""
    return Answer()


def commit(console: Console, dummy: Sequence[str]) -> Answer:
    """Into the running server and into the parent's copy, and one level up."""
    context = console.contexts.pop()
    console.server.put(context.path, context.draft)
    keep(console, context)
    turn(console, context)
    console.server.applied()
    return committed(console)


def committed(console: Console) -> Answer:
    if console.variants.commit_phrase == "above":
        return Answer(lines=(COMMITTING,))
    return Answer(status=COMMITTING)


def keep(console: Console, context: Context) -> None:
    """A level's copy into its parent's."""
    if console.contexts:
        parent = console.contexts[-1]
        parent.draft = replaced(parent.draft, context.path[len(parent.path) :], context.draft)


def turn(console: Console, context: Context) -> None:
    if context.turn == "start":
        console.server.running.add(context.label)
    elif context.turn == "stop":
        console.server.running.discard(context.label)
    context.turn = ""


def done(console: Console, dummy: Sequence[str]) -> Answer:
    keep(console, console.contexts.pop())
    return committed(console)


def back(console: Console, dummy: Sequence[str]) -> Answer:
    console.contexts.pop()
    return Answer()


def save(console: Console, words: Sequence[str]) -> Answer:
    exactly(0, words)  # the double writes no file but its own
    console.server.saved()
    return Answer()


def show_config(console: Console, dummy: Sequence[str]) -> Answer:
    return Answer(lines=cfg.render(console.server.config).splitlines())


def show_filters(console: Console, dummy: Sequence[str]) -> Answer:
    return Answer(lines=console.server.filters.splitlines())


def update_filters(console: Console, dummy: Sequence[str]) -> Answer:
    console.upload = []

    def finish(text: str) -> None:
        console.server.filters = text
        console.server.filters_changed()

    console.finish_upload = finish
    return Answer(status="double: send the filters", quiet=True)


def start_service(console: Console, dummy: Sequence[str]) -> Answer:
    return ask_turn(console, "start")


def stop_service(console: Console, dummy: Sequence[str]) -> Answer:
    return ask_turn(console, "stop")


def ask_turn(console: Console, way: str) -> Answer:
    context = console.contexts[-1]
    if context.label in ("log", "cli"):
        raise Refused(f"double: {context.label} is not turned on or off here")
    context.turn = way
    if console.variants.service_acts == "once":
        turn(console, context)
        console.server.applied()
    return Answer()


def exactly(count: int, words: Sequence[str]) -> Sequence[str]:
    if len(words) != count:
        raise Refused(f"double: {count} more words were expected, not {len(words)}")
    return words


def on_or_off(words: Sequence[str]) -> bool:
    (word,) = exactly(1, words)
    if word.casefold() not in ("on", "off"):
        raise Refused("double: on or off")
    return word.casefold() == "on"


EVERYWHERE: dict[str, Command] = {
    "exit": leave,
    "quit": leave,
    "help": help_text,
    "get version": get_version,
    "set console-codes": console_codes,
    "set quiet": quiet,
}
LEVEL: dict[str, Command] = {
    **EVERYWHERE,
    "show": show,
    "show attr": show_attribute,
    "set": set_values,
    "reset": reset,
    "commit": commit,
    "back": back,
}
SAVING: dict[str, Command] = {"save config": save}
COMMANDS: dict[str, dict[str, Command]] = {
    "login": {**EVERYWHERE, "user": user},
    "root": {
        **EVERYWHERE,
        **SAVING,
        **domain_commands.ROOT,
        "config server": config_server,
        "set multilineeof": end_of_text,
    },
    "server": {
        **LEVEL,
        **SAVING,
        "show config": show_config,
        "config": config_service,
        "show smtpfilters": show_filters,
        "update smtpfilters": update_filters,
    },
    "service": {
        **LEVEL,
        **SAVING,
        **listener_commands.SERVICE,
        "start service": start_service,
        "stop service": stop_service,
    },
    "listener": {**LEVEL, **listener_commands.LISTENER},
    # Ends with DONE, as HELP says: it has no COMMIT.
    "sslcontrol": {**{name: command for name, command in LEVEL.items() if name != "commit"}, "done": done},
    **domain_commands.LEVELS,
}
for level in domain_commands.LEVELS:
    COMMANDS[level] = {**EVERYWHERE, **COMMANDS[level]}
