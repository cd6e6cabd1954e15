# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `zimbra_attributes` read, and what of them is refused before anything runs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .refusal import Refusal
from .zimbra_asked import MASK, Asked, EntriesRefusal, EntryWish, Wish, is_secret, place
from .zimbra_catalogue import ACCOUNT, CONFIG, ENTRY_TYPES, Attribute, known, nearest
from .zimbra_patterns import patterns_from
from .zimbra_validation import ADD, REMOVE, SET, empty, fault, repeated, same, shown
from .zmprov_batch import writable

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_RELEASE = re.compile(r"(\d+(?:\.\d+)+)(?:[._-].*)?")
# inetOrgPerson (RFC 2798) and zimbra-attrs.xml, type binary: on its command line zmprov takes a file's name for these.
_BINARY = frozenset(("usersmimecertificate", "usercertificate", "thumbnailphoto", "jpegphoto", "photo", "audio"))
_FILES = ("binary", "certificate")  # types of the same kind
_UNREADABLE = frozenset(("userpassword",))  # reads as VALUE-BLOCKED, so that nobody can tell whether it is as asked
# Zimbra's release notes for 8.5.0: what the three keys of localconfig held went to LDAP.
_LEGACY_KEYS = {
    "zimbraMtaSaslSmtpdMechList": "sasl_smtpd_mech_list",
    "zimbraMtaSmtpdSaslSecurityOptions": "postfix_smtpd_sasl_security_options",
    "zimbraMtaImportEnvironment": "postfix_import_environment",
}


def wish_from(entries: Sequence[Mapping[str, Any]], release: str = "") -> Wish:
    """The wish that the module's options name; EntriesRefusal where Zimbra would refuse it or it contradicts itself."""
    parts = _release(release)
    warnings: List[str] = []
    wished = [_entry(f"entries[{index}]", one, parts, release, warnings) for index, one in enumerate(entries)]
    first: Dict[Tuple[str, str], int] = {}
    for index, one in enumerate(wished):
        before = first.setdefault(one.key, index)
        if before != index:
            raise EntriesRefusal(
                f"entries[{index}]: {one.place} is named in entries[{before}] already; name it once, with all that "
                "it is to hold"
            )
    return Wish(tuple(wished), tuple(dict.fromkeys(warnings)))


def _release(text: str) -> Tuple[int, ...]:
    if not text:
        return ()
    matched = _RELEASE.fullmatch(text)
    if not matched:
        raise EntriesRefusal(f"release: {shown(text)} is no release of Zimbra; write it as in 10.0.8")
    return _numbers(matched.group(1))


def _numbers(release: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))


def _entry(
    where: str, given: Mapping[str, Any], release: Tuple[int, ...], release_text: str, warnings: List[str]
) -> EntryWish:
    entry_type, name = given["type"], given.get("name") or ""
    _check_name(where, entry_type, name)
    asked = _asked(where, entry_type, given)
    for one in asked:
        _check_release(f"{where} ({place(entry_type, name)})", one, release, release_text, warnings)
    return EntryWish(entry_type, name, tuple(asked))


def _check_name(where: str, entry_type: str, name: str) -> None:
    if entry_type not in ENTRY_TYPES:
        raise EntriesRefusal(f"{where}: type {shown(entry_type)} is none of {', '.join(ENTRY_TYPES)}; correct it")
    if entry_type == CONFIG:
        if name:
            raise EntriesRefusal(f"{where}: the global configuration has no name; leave out name: {shown(name)}")
        return
    if not name:
        raise EntriesRefusal(f"{where}: type {entry_type} says not which; give its name")
    if name.startswith("-") or any(character.isspace() or not writable(character) for character in name):
        raise EntriesRefusal(f"{where}: {shown(name)} is no name of type {entry_type}; correct it")
    if entry_type == ACCOUNT and "@" not in name and not re.fullmatch("[0-9a-fA-F-]{36}", name):
        raise EntriesRefusal(f"{where}: {shown(name)} is no account's name; write it as name@domain")


def _asked(where: str, entry_type: str, given: Mapping[str, Any]) -> List[Asked]:
    where = f"{where} ({place(entry_type, given.get('name') or '')})"
    exact = _values_of(where, entry_type, given.get("attributes") or {}, SET)
    add = _values_of(where, entry_type, given.get("add") or {}, ADD)
    remove = _values_of(where, entry_type, given.get("remove") or {}, REMOVE)
    patterns = _patterns_of(where, entry_type, given.get("remove_matching") or {})
    edits = {"add": add, "remove": remove, "remove_matching": patterns}
    for key, option in [(key, option) for key in exact for option, named in edits.items() if key in named]:
        raise EntriesRefusal(
            f"{where}: {exact[key].name} is named under attributes and under {option}; leave one of them"
        )
    found = list(exact.values())
    for key in dict.fromkeys([*add, *remove, *patterns]):
        one = add.get(key) or remove.get(key) or patterns[key]
        adding = add[key].add if key in add else ()
        removing = remove[key].remove if key in remove else ()
        both = [value for value in adding if same(value) in {same(gone) for gone in removing}]
        if both:
            value = MASK if one.secret else shown(both[0])
            raise EntriesRefusal(f"{where}: {one.name}: {value} is to be added and removed; leave one of them")
        meant = patterns[key].matching if key in patterns else ()
        found.append(Asked(one.name, one.attribute, None, adding, removing, meant))
    if not found:
        raise EntriesRefusal(f"{where}: asks for nothing; name attributes, or leave it out")
    return found


def _patterns_of(where: str, entry_type: str, given: Mapping[Any, Any]) -> Dict[str, Asked]:
    found: Dict[str, Asked] = {}
    for name, patterns in given.items():
        one = next(iter(_values_of(where, entry_type, {name: []}, REMOVE).values()))
        try:
            found[one.key] = replace(one, matching=patterns_from(patterns))
        except Refusal as refusal:
            raise EntriesRefusal(f"{where}: {one.name}: {refusal}") from refusal
    return found


def _values_of(where: str, entry_type: str, given: Mapping[Any, Any], operation: str) -> Dict[str, Asked]:
    found: Dict[str, Asked] = {}
    for given_name, given_values in given.items():
        name = str(given_name)
        attribute = known(name)
        name = attribute.name if attribute else name
        _check_attribute(where, name)
        if name.lower() in found:
            raise EntriesRefusal(f"{where}: {name} is named twice, in another case; leave one")
        values = _texts(where, name, attribute, given_values)
        _check_values(where, name, attribute, entry_type, values, operation)
        if operation == SET:
            found[name.lower()] = Asked(name, attribute, () if values == ("",) else values)
        else:
            found[name.lower()] = Asked(
                name, attribute, None, values if operation == ADD else (), values if operation == REMOVE else ()
            )
    return found


def _check_attribute(where: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        advice = "name it under add or remove" if name[:1] in ("+", "-") else "correct it"
        raise EntriesRefusal(f"{where}: {shown(name)} is no attribute's name; {advice}")
    if name.lower() in _BINARY:
        raise _binary(where, name)
    if name.lower() in _UNREADABLE:
        raise EntriesRefusal(
            f"{where}: {name} cannot be read back, so nobody can tell whether it is set; use zmprov sp"
        )


def _binary(where: str, name: str) -> EntriesRefusal:
    return EntriesRefusal(
        f"{where}: {name} holds binary data, for which zmprov takes a file's name; set it with zmprov itself"
    )


def _texts(where: str, name: str, attribute: Optional[Attribute], given: Any) -> Tuple[str, ...]:
    return tuple(_text(where, name, attribute, one) for one in (given if isinstance(given, list) else [given]))


def _text(where: str, name: str, attribute: Optional[Attribute], value: Any) -> str:
    if isinstance(value, bool):  # YAML reads yes and no as booleans too
        if attribute is not None and "yes" in attribute.choices:
            return "yes" if value else "no"
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        raise EntriesRefusal(f'{where}: {name} holds no text; write a value or a list of values, or "" to delete')
    if not writable(value):
        raise EntriesRefusal(f"{where}: {name}: a value holds a control character; take it out")
    return value


def _check_values(
    where: str, name: str, attribute: Optional[Attribute], entry_type: str, values: Sequence[str], operation: str
) -> None:
    if attribute is not None:
        found = fault(attribute, entry_type, values, operation)
        if not found and operation == ADD and not attribute.multiple and values:
            found = f"{name} holds one value, to which nothing can be added; name it under attributes"
    elif operation == SET and list(values) in ([], [""]):
        found = ""
    else:
        found = next((fault for fault in (empty(name, value) for value in values) if fault), "") or repeated(
            name, values
        )
    if found:
        if is_secret(name):
            for value in values:
                found = found.replace(shown(value), MASK)
        raise EntriesRefusal(f"{where}: {found}")


def _check_release(where: str, asked: Asked, release: Tuple[int, ...], release_text: str, warnings: List[str]) -> None:
    attribute = asked.attribute
    if attribute is None:
        if not asked.undescribed:
            warnings.append(
                f"{where}: {asked.name} is no attribute of Zimbra's own, so that the directory alone judges it; see "
                "that it is spelt well"
            )
        return
    if release and attribute.since and all(release < _numbers(one) for one in attribute.since.split(",")):
        key = _LEGACY_KEYS.get(attribute.name)
        advice = f"use zimbra_localconfig and its key {key}" if key else "leave it out"
        raise EntriesRefusal(
            f"{where}: {attribute.name} came with Zimbra {attribute.since.split(',')[0]}, and release is "
            f"{release_text}; {advice}"
        )
    if attribute.deprecated and (not release or release >= _numbers(attribute.deprecated)):
        warnings.append(
            f"{where}: {attribute.name} is without use since Zimbra {attribute.deprecated}; use {attribute.instead}"
        )


def judged(wish: Wish, described: Mapping[str, Optional[Attribute]]) -> Wish:
    """The wish with what zmprov told of attributes that the catalogue does not hold, by name in small letters.

    EntriesRefusal where there is no such attribute, or where it cannot hold what is asked.
    """
    return replace(wish, entries=tuple(_judged_entry(one, described) for one in wish.entries)) if described else wish


def _judged_entry(one: EntryWish, described: Mapping[str, Optional[Attribute]]) -> EntryWish:
    return replace(one, asked=tuple(_judged(one, asked, described) for asked in one.asked))


def _judged(one: EntryWish, asked: Asked, described: Mapping[str, Optional[Attribute]]) -> Asked:
    if asked.attribute is not None or asked.key not in described:
        return asked
    where, attribute = f"entries ({one.place})", described[asked.key]
    if attribute is None:
        near = nearest(asked.name)
        raise EntriesRefusal(
            f"{where}: this Zimbra has no attribute {asked.name}; correct its name" + (f" ({near}?)" if near else "")
        )
    if attribute.type in _FILES:
        raise _binary(where, asked.name)
    for values, operation in ((asked.exact, SET), (asked.add, ADD), (asked.remove, REMOVE)):
        if values or (operation == SET and values is not None):
            _check_values(where, attribute.name, attribute, one.type, values or (), operation)
    return replace(asked, name=attribute.name, attribute=attribute)
