# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor checks of CAS, in the evidence of the section `cas` (see _system/doctor_cas.py).

The steps and troubles are those of CAS's document on SPNEGO, and what was measured of its Java beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Iterator, List, Mapping, Optional, Tuple

from .doctor import (
    BROKEN,
    CLIENT_CONF,
    DEGRADED,
    SETTINGS,
    UNTESTED,
    Check,
    Fleet,
    Trouble,
    section,
)
from .doctor_cas_page import CHECKS as PAGE_CHECKS
from .doctor_cas_page import LOGINS, SITE, part_of

NO_OFFER = ("cas.not_offered", *LOGINS)
PROPERTIES = "cas_properties_file"


@dataclass(frozen=True)
class _Settings:
    """Properties that one check is about, by the last word of their name; ``remedy``: what decides them."""

    id: str
    symptom: str
    words: Tuple[str, ...]
    remedy: str
    grade: str = BROKEN
    explains: Tuple[str, ...] = LOGINS


_OF_PROPERTIES = (
    _Settings(
        "cas.principal_differs",
        "CAS opens no ticket, or asks for the key of another name",
        ("jcifsserviceprincipal",),
        "which takes it from cas_hostname and cas_further_principals",
    ),
    _Settings(
        "cas.login_conf_setting",
        "CAS does not take the keytab that login.conf names",
        ("loginconf", "usesubjectcredsonly"),
        "which sets both by cas_login_conf and cas_login_conf_managed",
    ),
    _Settings(
        "cas.krb5_conf_setting",
        "CAS's Java reads another krb5.conf than the role writes",
        ("kerberosconf",),
        "which sets it by cas_krb5",
        explains=("java.other_krb5_conf", *LOGINS),
    ),
    _Settings(
        "cas.kdc_setting",
        "CAS's Java asks a KDC that is none of the realm's, or none at all",
        ("kerberoskdc", "kerberosrealm"),
        "which sets both or neither by cas_kdc and cas_kdc_realm",
    ),
    _Settings(
        "cas.browser_list",
        "browsers get the form for a password and are never asked for a ticket",
        ("supportedbrowsers",),
        "which sets it by cas_supported_browsers",
        explains=NO_OFFER,
    ),
    _Settings(
        "cas.challenge_setting",
        "a browser whose ticket is refused is not asked again",
        ("send401onauthenticationfailure",),
        "which sets it",
        DEGRADED,
        NO_OFFER,
    ),
    _Settings(
        "cas.ntlm_allowed",
        "browsers may send a hash of the password in place of a ticket",
        ("ntlmallowed",),
        "which sets it by cas_ntlm",
        DEGRADED,
        (),
    ),
    _Settings(
        "cas.user_names",
        "users of CAS are called otherwise than the site asked for",
        ("principalwithdomainname",),
        "which sets it by cas_principal_with_domain",
        DEGRADED,
        (),
    ),
    _Settings(
        "cas.static_users",
        "anybody logs in with the name and password of CAS's own example",
        ("users", "enabled"),
        "which empties the list unless cas_static_users is true",
        DEGRADED,
        (),
    ),
)
# The problems of `cas_info` about the archive and the unit -> id, symptom, grade. Those about Java are the section's
# `java`.
_OF_ARCHIVE = {
    "war_absent": ("cas.archive_missing", "CAS does not start", BROKEN),
    "war_without_spnego": ("cas.archive_without_spnego", "CAS never asks a browser for a ticket", BROKEN),
    "war_without_jcifs": ("cas.archive_without_jcifs", "CAS fails with each ticket", BROKEN),
    "war_with_old_servlet_api": ("cas.archive_with_old_servlet_api", "CAS does not start, or fails at random", BROKEN),
    "version_unknown": ("cas.version_unknown", "nobody knows how this CAS names its settings", DEGRADED),
    "version_differs": ("cas.version_differs", "another CAS runs than the site asked for", DEGRADED),
    "unit_absent": ("cas.unit_missing", "CAS does not run", BROKEN),
}


def _archive(problem: str, grade: str, host: str, fleet: Fleet) -> Iterator[Trouble]:
    archive = part_of(host, fleet, "archive")
    for one in archive.get("problems") or ():
        if one["check"] == problem:
            version = f"CAS {archive['version']}" if archive["version"] else "CAS of no known version"
            yield Trouble(
                one["where"], f"{one['where']} {one['what']}", f"{version}: {one['what']}", one["remedy"], grade
            )


def _missing(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for part, variable in (("properties", PROPERTIES), ("login_conf", "cas_login_conf"), ("krb5", "cas_krb5")):
        found = part_of(host, fleet, part)
        if found.get("path") and not found["exists"]:
            yield Trouble(
                found["path"],
                f"{found['path']} is not there",
                "there is no file of that name",
                f"{SITE}, which writes it, or correct {variable}",
            )


def _unread(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for sentence in section(fleet[host], "cas").get("unreadable") or ():
        path, dummy, what = sentence.partition(": ")
        cause, dummy, remedy = what.partition("; ")
        yield Trouble(path, f"{path} {cause}", cause, remedy or SITE)


def _refused(part: str, host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = part_of(host, fleet, part)
    if found.get("refused"):
        what, dummy, remedy = found["refused"].partition("; ")
        yield Trouble(found["path"], f"Java does not read {found['path']} as it is meant", what, remedy or SITE)


def _properties(row: _Settings, host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = part_of(host, fleet, "properties")
    for one in found.get("differ") or () if found.get("exists") else ():
        if _word(one["key"]) in row.words:
            yield Trouble(
                found["path"],
                f"{one['key']} is {_told(one['is'])} and should be {_told(one['should'])}",
                f"{one['key']} is {_told(one['is'])} there",
                f"{SITE}, {row.remedy}",
                row.grade,
            )


def _word(key: str) -> str:
    return "".join(letter for letter in key.rpartition(".")[2].lower() if letter.isalnum())


def _told(value: Optional[str]) -> str:
    if value is None:
        return "not set"
    return f"'{value}'" if value else "empty"


def _shadowed(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for one in part_of(host, fleet, "properties").get("shadowed") or ():
        yield Trouble(
            one["path"],
            f"{one['path']} sets {one['key']} too, and of the two files CAS may take either",
            f"line {one['line']} of {one['path']} names it",
            f"take {one['key']} out of {one['path']}",
            DEGRADED,
        )


def _login_conf(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = part_of(host, fleet, "login_conf")
    differ: List[Mapping[str, Any]] = list(found.get("differ") or ())
    if not differ:
        return
    words = [
        f"{one['entry']} is not there"
        if not one["option"]
        else f"{one['option']} of {one['entry']} is {_told(one['is'])} and should be {_told(one['should'])}"
        for one in differ
    ]
    yield Trouble(
        found["path"],
        f"{found['path']} does not lead CAS to its key",
        "; ".join(words),
        f"{SITE}, which writes its entries by cas_keytab and cas_hostname",
    )


def _krb5_conf(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = part_of(host, fleet, "krb5")
    rows = (("default_keytab_name", "keytab", "cas_keytab"), ("default_realm", "realm", "cas_realm"))
    for relation, wanted, variable in rows if found.get("exists") else ():
        value = found[relation]
        if _path(value) == found[wanted]:
            continue
        yield Trouble(
            found["path"],
            f"{relation} in {found['path']} is {_told(value)} and CAS needs '{found[wanted]}'",
            f"{relation} is {_told(value)} there",
            f"{SITE}, which sets it by {variable}",
        )


def _path(value: Optional[str]) -> Optional[str]:
    return value[len("FILE:") :] if value and value.startswith("FILE:") else value


def _untested(host: str, fleet: Fleet) -> Iterator[Trouble]:
    whole = section(fleet[host], "cas")
    parts = [(name, whole.get(name) or {}) for name in ("properties", "login_conf", "krb5")]
    parts += [(one["where"], one) for one in whole.get("limits") or ()]
    for name, part in parts:
        if "untested" in part:
            words = part["untested"]
            yield Trouble(name, "it could not be told", words, words.partition("; ")[2] or words, UNTESTED)


CHECKS: Tuple[Check, ...] = (
    *(
        Check(name, SETTINGS, symptom, partial(_archive, problem, grade), NO_OFFER)
        for problem, (name, symptom, grade) in _OF_ARCHIVE.items()
    ),
    Check("cas.file_missing", SETTINGS, "CAS runs without what the role sets", _missing, NO_OFFER),
    Check("cas.file_unreadable", SETTINGS, "CAS runs without a file that its user may not read", _unread, NO_OFFER),
    Check(
        "cas.properties_refused",
        SETTINGS,
        "CAS goes on without its settings, or with some of them",
        partial(_refused, "properties"),
        NO_OFFER,
    ),
    *(Check(row.id, SETTINGS, row.symptom, partial(_properties, row), row.explains) for row in _OF_PROPERTIES),
    Check("cas.setting_shadowed", SETTINGS, "a setting is not what its file says", _shadowed, NO_OFFER),
    Check("cas.login_conf_refused", SETTINGS, "CAS finds no key", partial(_refused, "login_conf"), LOGINS),
    Check("cas.login_conf", SETTINGS, "CAS finds no key, or another one", _login_conf, LOGINS),
    Check("cas.krb5_conf", CLIENT_CONF, "CAS's Java finds no key or no realm", _krb5_conf, LOGINS),
    *PAGE_CHECKS,
    Check("cas.untested", SETTINGS, "nobody knows", _untested),
)
