# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of Axigen's services and their attributes: names, kinds of value, and when two values are the same.

Names and their order are those of the CLI's HELP of 10.6; values those of a file that a 10.3 server saved and of the
vendor's commented example. An attribute that is not here is taken if the server shows it, and compared as shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Tuple

from .axigen_cli import AxigenRefusal, Setting


@dataclass(frozen=True)
class Service:
    """``option`` as users name it, ``command`` after CONFIG, ``name`` in axigen.cfg and in `services = (...)`."""

    option: str
    command: str
    name: str


SERVICES: Dict[str, Service] = {
    service.option: service
    for service in (
        Service("imap", "IMAP", "imap"),
        Service("pop3", "POP3", "pop3"),
        Service("smtp_incoming", "SMTP-INCOMING", "smtpIncoming"),
        Service("smtp_outgoing", "SMTP-OUTGOING", "smtpOutgoing"),
        Service("webmail", "WEBMAIL", "webmail"),
        Service("webadmin", "WEBADMIN", "webadmin"),
        Service("log", "LOG", "log"),
        Service("cli", "CLI", "cli"),
    )
}
# Those that a user may want started and that have a port to see it by.
STARTABLE = ("imap", "pop3", "smtp_incoming", "webmail")

METHODS = ("plain", "login", "cram-md5", "digest-md5", "gssapi")  # all that `all` stands for
ALL = "all"


@dataclass(frozen=True)
class Kind:
    """What values an attribute takes: ``words`` (empty: any), whether it is a set of them, or a range of numbers."""

    words: Tuple[str, ...] = ()
    many: bool = False
    numbers: Tuple[int, int] = (0, -1)
    bits: bool = False

    @property
    def is_number(self) -> bool:
        return self.numbers[0] <= self.numbers[1]

    @property
    def described(self) -> str:
        if self.is_number:
            return f"a number from {self.numbers[0]} to {self.numbers[1]}"
        return ("a list of " if self.many else "one of ") + ", ".join(self.words)


AUTHENTICATION = Kind((*METHODS, ALL), many=True)
SWITCH = Kind(("yes", "no"))
COUNT = Kind(numbers=(0, 2**31 - 1))
LOG_LEVEL = Kind(numbers=(0, 31), bits=True)  # 1 critical, 2 error, 4 warning, 8 info, 16 protocol communication
USER_DATABASE = Kind(("local", "ldap", "ldapBind"))
ANYTHING = Kind()
KINDS: Dict[str, Kind] = {
    "secureconnauthtypes": AUTHENTICATION,
    "plainconnauthtypes": AUTHENTICATION,
    "allowstarttls": SWITCH,
    "secureconnallowlogin": SWITCH,
    "plainconnallowlogin": SWITCH,
    "imapidenabled": SWITCH,
    "imapshowallfolders": SWITCH,
    "allowspnegoauth": SWITCH,
    "enablesmtprouting": SWITCH,
    "enablesecuritylog": SWITCH,
    "loglevel": LOG_LEVEL,
    "userdbconnectortype": USER_DATABASE,
    "maxerrors": COUNT,
    "maxautherrors": COUNT,
    "maxconnthreads": COUNT,
    "minconnthreads": COUNT,
    "maxreceivedheaders": COUNT,
    "sessionidletimeout": COUNT,
}
HIDDEN = "(not shown)"
UNKNOWN = "(comes with Axigen)"


def kind_of(attribute: str) -> Kind:
    return KINDS.get(attribute.lower(), ANYTHING)


def is_secret(attribute: str) -> bool:
    """Whether the attribute's value is a password, so that it is shown to nobody."""
    return any(word in attribute.lower() for word in ("password", "passwd", "secret"))


def named(attributes: Mapping[str, Setting], name: str) -> Optional[str]:
    """The attribute's name as the server spells it; None where the server does not have it."""
    return next((known for known in attributes if known.lower() == name.lower()), None)


def setting(value: Any, attribute: str, where: str, parts: bool = False) -> Setting:
    """A user's value as Axigen has it; AxigenRefusal, beginning with ``where``, for what the attribute cannot hold.

    ``parts``: the value is to be added or removed, so that several bits of a number may be given.
    """
    if isinstance(value, (list, tuple)):
        found: Setting = tuple(_word(one, where) for one in value)
    else:
        found = _word(value, where)
    kind = kind_of(attribute)
    words = (found,) if isinstance(found, str) else found
    if kind.many:
        found = words
    elif isinstance(found, tuple) and kind is not ANYTHING and not (parts and kind.bits):
        raise AxigenRefusal(f"{where}: is a list, and the attribute takes {kind.described}; give one value")
    for word in words:
        if not _fits(word, kind):
            raise AxigenRefusal(f"{where}: '{word}' is not what the attribute takes; give {kind.described}")
    if isinstance(found, tuple):
        _check_words(found, where)
    return found


def _word(value: Any, where: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (str, int)):
        return str(value)
    raise AxigenRefusal(f"{where}: is neither a word, a number nor a list of them; give one of these")


def _fits(word: str, kind: Kind) -> bool:
    if kind.is_number:
        return word.isascii() and word.isdigit() and kind.numbers[0] <= int(word) <= kind.numbers[1]
    return not kind.words or word.lower() in [known.lower() for known in kind.words]


def _check_words(words: Tuple[str, ...], where: str) -> None:
    for word in words:
        if not word or any(character.isspace() or character in "(){}\"'\\#" for character in word):
            raise AxigenRefusal(f"{where}: '{word}' cannot stand in a set of words; give each word by itself")


def expanded(value: Setting, kind: Kind) -> Tuple[str, ...]:
    """The words of a set, in their order, with `all` for authentication methods as what it stands for."""
    if kind is not AUTHENTICATION:
        return (value,) if isinstance(value, str) else value
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    found: List[str] = []
    for word in words:
        found += METHODS if word.lower() == ALL else (word.lower(),)
    return tuple(dict.fromkeys(found))


def same(first: Setting, second: Setting, attribute: str) -> bool:
    """Whether two values mean the same: sets in any order, words of a closed list and yes and no in any case."""
    kind = kind_of(attribute)
    if kind.many or isinstance(first, tuple) or isinstance(second, tuple):
        return _set(first, kind) == _set(second, kind)
    if kind.words or {first.lower(), second.lower()} <= set(SWITCH.words):
        return first.lower() == second.lower()
    return first == second


def _set(value: Setting, kind: Kind) -> FrozenSet[str]:
    return frozenset(word.lower() for word in expanded(value, kind))


def added(before: Setting, more: Tuple[str, ...], attribute: str) -> Setting:
    """The value with words more in it (or bits, of a number); as it is where it holds them already."""
    kind = kind_of(attribute)
    if kind.bits and isinstance(before, str):
        return str(_number(before) | _bits(more))
    there = expanded(before, kind)
    missing = [word for word in expanded(more, kind) if word.lower() not in {one.lower() for one in there}]
    return (*there, *missing) if missing else before


def removed(before: Setting, less: Tuple[str, ...], attribute: str) -> Setting:
    """The value without those words (or bits); as it is where it holds none of them."""
    kind = kind_of(attribute)
    if kind.bits and isinstance(before, str):
        return str(_number(before) & ~_bits(less))
    there = expanded(before, kind)
    gone = {word.lower() for word in expanded(less, kind)}
    left = tuple(word for word in there if word.lower() not in gone)
    return left if len(left) < len(there) else before


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _bits(words: Tuple[str, ...]) -> int:
    bits = 0
    for word in words:
        bits |= _number(word)
    return bits


def shown(value: Setting) -> str:
    """A value for people, as axigen.cfg has it."""
    if isinstance(value, tuple):
        return "(" + " ".join(value) + ")"
    return f'"{value}"' if value != UNKNOWN and (not value or " " in value) else value
