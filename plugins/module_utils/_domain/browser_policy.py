# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies of browsers about signing on: their names, what they take, and which of several files counts.

Firefox: the policy Authentication of its policy templates, in one file below the name `policies`. Chromium, Chrome
and Edge: their lists of enterprise policies, in a folder of which every file is read, whatever its name; of a policy
that two files set, the one whose name comes last counts, and a file that is no JSON is left out (as Chromium 156 does).
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .json_policy import PolicyWishes, same
from .json_text import JsonRefusal, decoded, parse, place
from .refusal import Refusal

FIREFOX, CHROMIUM = BROWSERS = ("firefox", "chromium")
# What a policy takes; an allow list is names with commas between, which may be asked for as a list
FLAG, NUMBER, TEXT, LIST, ALLOW_LIST = "true or false", "a whole number", "text", "a list of texts", "an allow list"
_PER_METHOD: Mapping[str, str] = {"SPNEGO": FLAG, "NTLM": FLAG}
KNOWN: Mapping[str, Mapping[str, Any]] = {
    FIREFOX: {
        "Authentication": {
            "SPNEGO": LIST,
            "Delegated": LIST,
            "NTLM": LIST,
            "AllowNonFQDN": _PER_METHOD,
            "AllowProxies": _PER_METHOD,
            "Locked": FLAG,
            "PrivateBrowsing": FLAG,
        }
    },
    CHROMIUM: {
        "AllHttpAuthSchemesAllowedForOrigins": LIST,
        "AllowCrossOriginAuthPrompt": FLAG,
        "AmbientAuthenticationInPrivateModesEnabled": NUMBER,
        "AuthNegotiateDelegateAllowlist": ALLOW_LIST,
        "AuthNegotiateDelegateByKdcPolicy": FLAG,
        "AuthSchemes": ALLOW_LIST,
        "AuthServerAllowlist": ALLOW_LIST,
        "BasicAuthOverHttpEnabled": FLAG,
        "DisableAuthNegotiateCnameLookup": FLAG,
        "EnableAuthNegotiatePort": FLAG,
        "GSSAPILibraryName": TEXT,
        "NtlmV2Enabled": FLAG,
    },
}
# Names that Chromium no longer reads (gone since release 101)
GONE: Mapping[str, str] = {
    "AuthServerWhitelist": "AuthServerAllowlist",
    "AuthNegotiateDelegateWhitelist": "AuthNegotiateDelegateAllowlist",
}
CLOSE = 0.9  # of two names, from which on one is the other misspelt


class BrowserPolicyRefusal(Refusal):
    """Policies that the browser would not take as they are asked for."""


@dataclass(frozen=True)
class Shadow:
    """A policy that another file sets otherwise; ``wins``: whether the browser takes that one. A sentence says so."""

    key: str
    path: str
    line: int
    wins: bool
    sentence: str


def wishes_from(
    browser: str, policies: Mapping[str, Any], absent: Sequence[str], lists: str = "merge", backup: bool = False
) -> PolicyWishes:
    """What is asked of a policy file, checked; BrowserPolicyRefusal for what the browser would not take."""
    if browser == CHROMIUM and backup:
        raise BrowserPolicyRefusal(
            "backup: Chromium reads every file in the folder, and would take the copy's policies, for its name comes "
            "later; leave backup out, and keep copies elsewhere"
        )
    if browser == FIREFOX and set(policies) == {"policies"}:
        raise BrowserPolicyRefusal("policies: holds 'policies', which the file gets by itself; write what is below it")
    checked = _group(browser, policies, KNOWN[browser], "")
    for name in absent:
        if not name.strip():
            raise BrowserPolicyRefusal("absent: holds an empty name; write the name of a policy, with dots for levels")
        asked = next((one for one in _paths(checked) if _within(one, name) or _within(name, one)), None)
        if asked is not None:
            raise BrowserPolicyRefusal(f"absent: '{name}' is asked for as {asked} in policies too; keep one of them")
    joined = tuple(name for name, kind in KNOWN[browser].items() if kind == ALLOW_LIST)
    top = "policies" if browser == FIREFOX else ""
    return PolicyWishes(checked, tuple(absent), lists == "merge", top, joined, browser == CHROMIUM)


def shadows(path: str, wishes: PolicyWishes, others: Mapping[str, bytes]) -> Tuple[List[Shadow], List[str]]:
    """The policies that other files of the folder set otherwise, and sentences on files that cannot be read.

    ``others``: their contents, by path. Chromium leaves out a file that is no JSON, and reads the others.
    """
    found: List[Shadow] = []
    broken: List[str] = []
    for other in sorted(others):
        try:
            text = decoded(others[other], other)
            root = parse(text, other, lenient=True)
        except JsonRefusal as refusal:
            broken.append(str(refusal))
            continue
        for name in dict.fromkeys([*wishes.policies, *wishes.absent]):
            member = root.member(name)
            if member is None or (name in wishes.policies and _alike(name, wishes, member.node.value)):
                continue
            line = place(text, member.start)[0]
            wins = name in wishes.absent or _last_part(other) > _last_part(path)
            found.append(Shadow(name, other, line, wins, _sentence(name, path, other, line, wins, wishes)))
    return found, broken


def _sentence(name: str, path: str, other: str, line: int, wins: bool, wishes: PolicyWishes) -> str:
    if name in wishes.absent:
        return f"{other}: line {line} still sets {name}; remove it there too"
    if wins:
        return (
            f"{path}: {name} is not in force, for {other} line {line} sets it too and comes later by its name; remove "
            "it there, or set it in that file"
        )
    return (
        f"{other}: {name} in line {line} is not in force, for {path} sets it too and comes later by its name; keep it "
        "in one of them"
    )


def _last_part(path: str) -> str:
    return path.rpartition("/")[2]


def _alike(name: str, wishes: PolicyWishes, value: Any) -> bool:
    wanted = wishes.policies[name]
    if name in wishes.joined and isinstance(value, str):
        return {one.strip() for one in wanted.split(",")} == {one.strip() for one in value.split(",")}
    return same(wanted, value)


def _group(browser: str, asked: Mapping[Any, Any], known: Mapping[str, Any], prefix: str) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    for name, value in asked.items():
        if not isinstance(name, str) or not name:
            raise BrowserPolicyRefusal(f"policies: {prefix}{name!r} is no name of a policy; write it as text")
        kind = known.get(name)
        if kind is None:
            _refuse_misspelt(name, known, prefix)
            found[name] = _plain(value, f"{prefix}{name}")
        elif isinstance(kind, Mapping):
            if not isinstance(value, Mapping):
                raise BrowserPolicyRefusal(f"policies: {prefix}{name} takes {', '.join(kind)}; write these below it")
            found[name] = _group(browser, value, kind, f"{prefix}{name}.")
        else:
            found[name] = _of_kind(value, kind, f"{prefix}{name}")
    return found


def _refuse_misspelt(name: str, known: Mapping[str, Any], prefix: str) -> None:
    if name in GONE and GONE[name] in known:
        raise BrowserPolicyRefusal(f"policies: {name} is no longer read by Chromium; write {GONE[name]}")
    lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), lower, 1, 0.0 if prefix else CLOSE)
    if prefix or near:
        raise BrowserPolicyRefusal(
            f"policies: {prefix}{name} is no policy that the browser knows; did you mean {lower[near[0]]}?"
            if near
            else f"policies: {prefix}{name} is no policy that the browser knows; write one of {', '.join(known)}"
        )


def _of_kind(value: Any, kind: str, name: str) -> Any:
    if kind == ALLOW_LIST and isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = ",".join(value)
    right = {
        FLAG: isinstance(value, bool),
        NUMBER: isinstance(value, int) and not isinstance(value, bool),
        TEXT: isinstance(value, str),
        LIST: isinstance(value, list) and all(isinstance(one, str) for one in value),
        ALLOW_LIST: isinstance(value, str),
    }
    if not right[kind]:
        shown = "nothing" if value is None else f"a {type(value).__name__}"
        raise BrowserPolicyRefusal(f"policies: {name} takes {kind}, not {shown}; correct it")
    return value


def _plain(value: Any, name: str) -> Any:
    """A value of a policy that is not known here, as JSON has it."""
    if isinstance(value, Mapping):
        return {_text(key, name): _plain(one, f"{name}.{key}") for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one, name) for one in value]
    if isinstance(value, (str, bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    shown = "nothing" if value is None else f"a {type(value).__name__}"
    raise BrowserPolicyRefusal(
        f"policies: {name} is {shown}, which no policy takes; give it a value, or name the policy in absent"
    )


def _text(key: Any, name: str) -> str:
    if isinstance(key, str):
        return key
    raise BrowserPolicyRefusal(f"policies: {name}: {key!r} is no name; write it as text, in quotes")


def _paths(policies: Mapping[str, Any], prefix: str = "") -> List[str]:
    found: List[str] = []
    for name, value in policies.items():
        below = _paths(value, f"{prefix}{name}.") if isinstance(value, Mapping) else []
        found += below or [f"{prefix}{name}"]
    return found


def _within(name: str, other: str) -> bool:
    return name == other or name.startswith(f"{other}.")


def folder_of(browser: str, beside: Optional[str], own: str) -> str:
    """The folder whose other files count too, empty where there is none; BrowserPolicyRefusal for one of Firefox."""
    if browser == CHROMIUM:
        return beside or own
    if beside:
        raise BrowserPolicyRefusal("beside: Firefox reads one file of policies alone; leave beside out")
    return ""
