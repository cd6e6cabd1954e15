# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's evidence of CAS: archive, properties, login.conf, krb5.conf, sizes of headers, and what a browser hears.

``{archive: {version, problems}, unit: {name, exists, active, user}, properties: {path, exists, differ, shadowed},
login_conf: {path, exists, differ}, krb5: {path, exists, default_keytab_name, keytab, default_realm, realm},
unreadable: [sentence], limits: [{where, bytes, least, variable}], answer: {url, asks, plain, large}}``; a part that
could not be told is ``{untested: why}``, or has ``refused``, a sentence, where Java would not read it.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from .._domain import cas_differences
from .._domain.cas_host import BROWSER, PADDING
from .._domain.cas_installed import report
from .._domain.cas_properties import plan, wish_from
from .._domain.cas_property_names import name_of
from .._domain.cas_release import line_of
from .._domain.cas_sign_on import Wishes, problems_left, wanted
from .._domain.doctor_asked import Asked
from .._domain.java_properties import items_of
from .._domain.profile_reading import first_by_path, readings_of
from .._domain.proof import LoginRefusal, Service
from .._domain.refusal import Refusal
from . import cas_host
from .files import read_state
from .profile_files import IncludedFiles
from .user_rights import check_readable
from .web_page import web_page

PATIENCE = 15.0  # seconds for an answer: the first one of a JVM that has just started takes long
_WISHES = frozenset(one.name for one in fields(Wishes))


def gather(asked: Asked) -> Dict[str, Any]:
    """All of it; CasRefusal, UnitRefusal where the role's variables make no sense."""
    settings = asked.settings.get("cas") or {}
    found = cas_host.read(*(settings[name] for name in ("war", "overlay", "unit", "java_home", "version", "log4j2")))
    told = report(found)
    wishes = _wishes(settings)
    wants = _or_untested(lambda: wanted(wishes, told))
    return {
        "archive": {"version": told["version"], "problems": problems_left(told, settings["settled"])},
        "unit": {name: told["unit"][name] for name in ("name", "exists", "active", "user")},
        "properties": _or_untested(lambda: _properties(settings, told, wants)),
        "login_conf": _or_untested(lambda: _login_conf(wishes, wants)),
        "krb5": _or_untested(lambda: _krb5(settings, wishes)),
        "unreadable": _unreadable(settings, wishes),
        "limits": _limits(settings, told),
        "answer": _answer(settings, found.unit.active),
    }


def _wishes(settings: Mapping[str, Any]) -> Wishes:
    return Wishes(**{name: value for name, value in settings["wishes"].items() if name in _WISHES})


def _or_untested(told: Callable[[], Dict[str, Any]]) -> Dict[str, Any]:
    try:
        return told()
    except Refusal as refusal:
        return {"untested": str(refusal)}


def _properties(settings: Mapping[str, Any], told: Mapping[str, Any], wants: Mapping[str, Any]) -> Dict[str, Any]:
    path = settings["properties"]
    content = read_state(path).content
    found: Dict[str, Any] = {"path": path, "exists": content is not None, "differ": [], "shadowed": []}
    if content is None:
        return found
    if "untested" in wants:
        return dict(wants)
    asked = wants["properties"]
    try:
        found["differ"] = cas_differences.settings_of(content, path, asked, wants["absent"])
        others = [(other, read_state(other).content) for other in settings["others"]]
        planned = plan(path, content, wish_from(line_of(told["version"]), asked, ()), others)
    except Refusal as refusal:
        return {**found, "refused": str(refusal)}
    return {**found, "shadowed": [{"key": one.key, "path": one.path, "line": one.line} for one in planned.shadowed]}


def _login_conf(wishes: Wishes, wants: Mapping[str, Any]) -> Dict[str, Any]:
    path = wishes.login_conf
    if not path:
        return {"path": "", "exists": False, "differ": []}
    content = read_state(path).content
    found = {"path": path, "exists": content is not None, "differ": []}
    if content is None:
        return found
    if "untested" in wants:
        return dict(wants)
    try:
        differ = cas_differences.entries_of(content.decode("utf-8", "replace"), path, wants["entries"])
    except Refusal as refusal:
        return {**found, "refused": str(refusal)}
    return {**found, "differ": differ}


def _krb5(settings: Mapping[str, Any], wishes: Wishes) -> Dict[str, Any]:
    path = settings["krb5_conf"]
    files = IncludedFiles()
    read = first_by_path(readings_of(files.begin(path), files))

    def relation(name: str) -> Optional[str]:
        reading = read.get(("libdefaults", name))
        return reading.value if reading else None

    return {
        "path": path,
        "exists": not files.lacking,
        "default_keytab_name": relation("default_keytab_name"),
        "keytab": wishes.keytab,
        "default_realm": relation("default_realm"),
        "realm": wishes.realm,
        "problems": files.problems,
    }


def _unreadable(settings: Mapping[str, Any], wishes: Wishes) -> List[str]:
    """A sentence for each file of CAS that its user may not read."""
    paths = filter(None, (settings["properties"], wishes.login_conf, settings["krb5_conf"]))
    return [sentence for path in paths for sentence in _barred(path, settings["user"])]


def _barred(path: str, user: str) -> List[str]:
    try:
        check_readable(path, user)
    except Refusal as refusal:
        return [str(refusal)]
    return []


def _limits(settings: Mapping[str, Any], told: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """How large a header each server between browser and CAS takes, by its own file."""
    least = settings["wishes"]["header_size"]
    found: List[Dict[str, Any]] = []

    def add(where: str, told: Callable[[], Optional[int]]) -> None:
        try:
            size = told()
        except Refusal as refusal:
            found.append({"where": where, "untested": str(refusal)})
        else:
            found.append({"where": where, "bytes": size, "least": int(least)})

    if settings["wishes"]["embedded"]:
        path, key = settings["properties"], told["line"].get("header_key") or ""
        add(f"{key} in {path}", lambda: _property(path, key))
    else:
        path = settings["server_xml"]
        add(f"maxHttpHeaderSize in {path}", lambda: cas_differences.connector_limit(read_state(path).content, path))
    if settings["proxy"] in cas_differences.LIMIT_OF:
        front = settings["proxy_config"]
        add(front, lambda: cas_differences.proxy_limit(settings["proxy"], _text(front)))
    return found


def _property(path: str, key: str) -> Optional[int]:
    held = {name_of(one.key): one.value for one in items_of(read_state(path).content or b"", path) if one.key}
    return cas_differences.bytes_of(held.get(name_of(key), ""))


def _text(path: str) -> str:
    return (read_state(path).content or b"").decode("utf-8", "replace")


def _answer(settings: Mapping[str, Any], active: bool) -> Dict[str, Any]:
    """What a browser hears that has no ticket, and one that sends a header as long as a large ticket's."""
    host, port, tls, path = settings["host"], settings["port"], settings["tls"], settings["path"]
    url = f"{'https' if tls else 'http'}://{host}:{port}{path}"
    found: Dict[str, Any] = {"url": url, "asks": bool(settings["asks"])}
    if not active:
        return {**found, "untested": f"{url} was not asked for, as CAS does not run"}
    asked = Service("http", host, int(port), "implicit" if tls else "none", path, timeout=PATIENCE, user_agent=BROWSER)
    for name, padding in (("plain", 0), ("large", PADDING)):
        found[name] = _heard(asked, padding)
    return found


def _heard(asked: Service, padding: int) -> Dict[str, Any]:
    # Whom the certificate is trusted by is no matter of CAS.
    service = Service(**{**vars(asked), "padding": padding, "validate_certs": False})
    try:
        with web_page(service) as page:
            response = page.get("")
    except LoginRefusal as refusal:
        return {"status": 0, "words": str(refusal), "challenges": []}
    challenges: Sequence[str] = [one.split(" ", 1)[0] for one in response.challenges]
    return {"status": response.status, "words": response.answer, "challenges": list(challenges)}
