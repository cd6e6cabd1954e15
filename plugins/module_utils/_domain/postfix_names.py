# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names Postfix knows as parameters: built in, made from a service's or a map's name, or referred to."""

from __future__ import annotations

import difflib
import re
from typing import Iterable, Iterator, List, Mapping, Set, Tuple

from . import main_cf, master_cf
from .master_cf import ServiceWish
from .postfix_line import PostfixRefusal

# Parameters of one transport take their default from default_...; these take it from elsewhere (postconf(5)).
_OF_TRANSPORT = ("_initial_destination_concurrency", "_time_limit")
# A map without a path keeps its settings in main.cf, under its own name (ldap_table(5) and the like).
_MAP = re.compile(r"\b(?:ldap|memcache|mongodb|mysql|pgsql|sqlite):([A-Za-z0-9_-]+)")
_WORDS = re.compile(r"[\s,]+")


def check(
    defaults: Mapping[str, str],
    main: str,
    master: str,
    asked: Iterable[str],
    appended: Iterable[str],
    services: Iterable[ServiceWish],
) -> None:
    """PostfixRefusal for a name that is asked for and of which Postfix would make nothing.

    ``main`` and ``master`` are the texts as they will be: a name of one's own is known once something there
    refers to it. postconf itself takes any name and only warns.
    """
    known = _Known(defaults, main, master)
    for where, names in [("main", asked), ("main_append", appended)]:
        _check(known, where, names)
    for service in services:
        _check(known, f"services: {service.key}: options", service.options)


def _check(known: _Known, where: str, names: Iterable[str]) -> None:
    for name in names:
        if not known.holds(name):
            close = difflib.get_close_matches(name, known.names, 1, 0.8)
            remedy = (
                f"did you mean {close[0]}?" if close else "correct the name, or refer to it in another value as $name"
            )
            raise PostfixRefusal(f"{where}: '{name}' is no parameter of this Postfix ({known.version}); {remedy}")


class _Known:
    """The names known over the two files as they will be."""

    def __init__(self, defaults: Mapping[str, str], main: str, master: str) -> None:
        self.version = defaults.get("mail_version", "version unknown")
        self.names: List[str] = list(defaults)
        values = main_cf.values(main)
        entries = list(master_cf.services(master))
        texts = [*values.values()]
        for entry in entries:
            texts.extend(override.value for override in entry.overrides)
            texts.extend(word.text for word in entry.words)
        self.referred: Set[str] = {name for text in texts for name in main_cf.references(text)}
        self.referred.update(_WORDS.split(values.get("smtpd_restriction_classes", "")))
        self.maps: Tuple[str, ...] = tuple({f"{name}_" for text in texts for name in _MAP.findall(text)})
        self.transports: Tuple[str, ...] = tuple({entry.tokens[0].text for entry in entries})

    def holds(self, name: str) -> bool:
        return (
            name in self.names
            or name in self.referred
            or name.startswith(self.maps)
            or any(suffix in _OF_TRANSPORT or f"default{suffix}" in self.names for suffix in self._suffixes(name))
        )

    def _suffixes(self, name: str) -> Iterator[str]:
        for transport in self.transports:
            if name.startswith(transport):
                yield name[len(transport) :]
