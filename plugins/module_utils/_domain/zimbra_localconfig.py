# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What localconfig should hold, what must change for it, and what nobody may ask of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from .zimbra_localconfig_file import LocalconfigRefusal, Unresolved, broken, expanded, normalised, unresolved
from .zimbra_localconfig_keys import (
    COMPONENTS,
    DEFAULT_REFERS,
    DEFAULTS,
    MOVED,
    NOT_EDITABLE,
    PASSWORD_TOOLS,
    is_secret,
    readers,
)
from .zimbra_localconfig_names import KNOWN, WITH_DEFAULT
from .zimbra_release import Release

OWNER, MODE = "zimbra", 0o640
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")


@dataclass(frozen=True)
class Access:
    """Who may do what with localconfig.xml, which holds the passwords of LDAP and of the databases."""

    owner: str = OWNER
    group: str = OWNER
    mode: int = MODE

    @property
    def fits(self) -> bool:
        """A file that grants less than 0640 is left so."""
        return (self.owner, self.group) == (OWNER, OWNER) and not self.mode & ~MODE and bool(self.mode & 0o400)

    def __str__(self) -> str:
        return f"{self.owner}:{self.group} {self.mode:04o}"


@dataclass(frozen=True)
class State:
    """``effective``: all keys that hold a value, with ${...}; ``own``: those of the file. ``access``: None for no file,
    which is a host on which Zimbra is yet to be installed."""

    effective: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    access: Optional[Access] = None


@dataclass(frozen=True)
class Wish:
    """``settings`` as the program would keep them; ``warnings`` of what it does not keep."""

    settings: Mapping[str, str] = field(default_factory=dict)
    absent: Tuple[str, ...] = ()
    warnings: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """``before``: the value that counted, None for none; ``after``: None for the default."""

    key: str
    before: Optional[str]
    after: Optional[str]


@dataclass(frozen=True)
class Plan:
    """The keys that change; ``mend``: whether owner or mode of the file must change beside.

    ``unset_first``: keys are taken out before others are set, for what is between must not stop all programs either.
    """

    changes: Tuple[Change, ...] = ()
    access: Optional[Access] = None
    mend: bool = False
    unset_first: bool = False
    restart: Tuple[str, ...] = ()
    warnings: Tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.changes) or self.mend

    @property
    def sets(self) -> List[Tuple[str, str]]:
        return [(change.key, change.after) for change in self.changes if change.after is not None]

    @property
    def unsets(self) -> List[str]:
        return [change.key for change in self.changes if change.after is None]


def wish_from(settings: Optional[Mapping[Any, Any]], absent: Optional[Iterable[Any]]) -> Wish:
    """The options `settings` and `absent` of the module; LocalconfigRefusal for what can never be."""
    wanted: Dict[str, str] = {}
    warnings: List[str] = []
    for name, value in (settings or {}).items():
        key = _name(name, "settings")
        _editable(key, "settings")
        text = _text(key, value)
        wanted[key] = normalised(text)
        if wanted[key] != text.strip():
            warnings.append(
                f"settings.{key}: zmlocalconfig keeps one blank for any run of white space, so it is '{wanted[key]}'"
            )
    gone = tuple(dict.fromkeys(_name(name, "absent") for name in absent or ()))
    for key in gone:
        if key in NOT_EDITABLE:
            _editable(key, "absent")
        if key in wanted:
            raise LocalconfigRefusal(f"absent: {key} is also one of settings; leave it in one of them")
    return Wish(wanted, gone, tuple(warnings))


def _name(name: Any, option: str) -> str:
    key = str(name)
    if not _KEY.match(key):
        raise LocalconfigRefusal(
            f"{option}: '{key}' is no name of a key; write one of letters, digits and underscores, as krb5_keytab"
        )
    return key


def _editable(key: str, option: str) -> None:
    where = f"{option}.{key}" if option == "settings" else f"{option}: {key}"
    if is_secret(key):
        tool = PASSWORD_TOOLS.get(key)
        raise LocalconfigRefusal(
            f"{where}: is a password, which zmlocalconfig takes from its command line, where every user of the host "
            "can read it; " + (f"change it with {tool}" if tool else "change it on the host with the tool that made it")
        )
    if key in NOT_EDITABLE:
        raise LocalconfigRefusal(f"{where}: Zimbra does not let anybody change this key; take it out")


def _text(key: str, value: Any) -> str:
    where = f"settings.{key}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        kind = "has no value" if value is None else "is a list or a mapping"
        raise LocalconfigRefusal(
            f"{where}: {kind}; give one text ('' for an empty one), or name the key under absent for its default"
        )
    for character in value:
        if not 32 <= ord(character) < 127 and character not in "\t\n\r":
            raise LocalconfigRefusal(
                f"{where}: holds the character U+{ord(character):04X}, which zmlocalconfig does not keep; use ASCII"
            )
    return value


def moved(keys: Iterable[str]) -> List[str]:
    """Those of the keys that LDAP took over with release 8.5.0."""
    return [key for key in keys if key in MOVED]


def release_counts(state: State, wish: Wish) -> bool:
    """Whether what is to be done differs by release: a key that moved is to be set, or taken out of the file."""
    return bool(moved(wish.settings) or moved(key for key in wish.absent if key in state.own))


def refuse_moved(wish: Wish, release: Optional[Release]) -> None:
    """LocalconfigRefusal where a setting is a key that this release, or one that nobody can tell, no longer reads."""
    for key in moved(wish.settings):
        if release is None:
            raise LocalconfigRefusal(
                f"settings.{key}: counts before release 8.5.0 only, and zmcontrol -v does not tell this host's; "
                "set the option release"
            )
        if not release.legacy:
            raise LocalconfigRefusal(
                f"settings.{key}: Zimbra {release} does not read this key, which LDAP took over with 8.5.0; set the "
                f"attribute {MOVED[key]} with zimbra_attributes, and name the key under absent"
            )


def plan(state: State, wish: Wish, release: Optional[Release] = None) -> Plan:
    """What must change; LocalconfigRefusal where the result would break Zimbra's programs.

    ``release`` counts for keys that moved only: who took one out of the file restarts nothing for it since 8.5.0.
    """
    after = _after(state, wish)
    changes = [
        Change(key, state.effective.get(key), value)
        for key, value in wish.settings.items()
        if not _same(key, state.effective.get(key), after)
    ]
    changes += [Change(key, state.own[key], None) for key in wish.absent if key in state.own]
    if changes:
        _refuse_broken(wish, after)
    touched = {component for change in changes if _counts(change, release) for component in readers(change.key)}
    unknown = [key for key, dummy in _settings(changes) if key not in KNOWN and key not in MOVED]
    return Plan(
        tuple(changes),
        state.access,
        state.access is not None and not state.access.fits,
        _unset_first(state, wish),
        tuple(component for component in sorted(COMPONENTS) if component in touched),
        (
            *wish.warnings,
            *(f"settings.{key}: Zimbra 10 knows no key of this name; mind its spelling" for key in unknown),
        ),
    )


def _counts(change: Change, release: Optional[Release]) -> bool:
    """Whether anything that runs notices."""
    if change.key in MOVED and release and not release.legacy:
        return False
    return change.after is not None or change.before != DEFAULTS.get(change.key)


def _unset_first(state: State, wish: Wish) -> bool:
    """LocalconfigRefusal where neither order of setting and taking out leaves programs that run in between."""
    if not wish.settings or not any(key in state.own for key in wish.absent):
        return False
    if broken({**_after(state, Wish()), **wish.settings}) is None:
        return False
    between = broken(_after(state, Wish(absent=wish.absent)))
    if between:
        raise LocalconfigRefusal(
            f"absent: with some of them gone and settings not yet made, the value of {between.key} {between.reason}; "
            "set the keys in a task of their own before"
        )
    return True


def _settings(changes: Iterable[Change]) -> List[Tuple[str, str]]:
    return [(change.key, change.after) for change in changes if change.after is not None]


def _after(state: State, wish: Wish) -> Dict[str, str]:
    """All values as they will be, as far as they can be seen."""
    hidden = KNOWN if state.access is None else WITH_DEFAULT.intersection(wish.absent)
    kept = {key: value for key, value in state.effective.items() if key not in wish.absent or key not in state.own}
    names = {*hidden, *kept, *wish.settings}
    return {**{key: _default(key, names) for key in hidden}, **kept, **wish.settings}


def _default(key: str, names: Iterable[str]) -> str:
    """In place of a default: a text with the same references, as far as this release knows them."""
    references = (f"${{{name}}}" for name in DEFAULT_REFERS.get(key, ()) if name in names)
    return " ".join([f"(default of {key})", *references])


def _same(key: str, held: Optional[str], after: Mapping[str, str]) -> bool:
    """Whether the value that is held means what is wanted, when both are expanded."""
    if held is None or held == after[key]:
        return held is not None
    try:
        return expanded(key, {**after, key: held}) == expanded(key, after)
    except Unresolved:
        return False


def _refuse_broken(wish: Wish, after: Mapping[str, str]) -> None:
    """An undefined ${...} in any stored value stops every program of Zimbra, and nothing but an editor mends it."""
    found = (unresolved(key, after) for key in (*wish.settings, *sorted(after)))
    first = next((one for one in found if one), None)
    if first is None:
        return
    where = f"settings.{first.key}" if first.key in wish.settings else f"absent: without them the value of {first.key}"
    raise LocalconfigRefusal(
        f"{where}: {first.reason}, and with such a value none of Zimbra's programs runs; name keys that zmlocalconfig "
        "lists"
    )
