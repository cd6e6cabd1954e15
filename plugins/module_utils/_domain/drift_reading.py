# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift reports read back from their JSON, which another run, or another machine, wrote."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .drift_finding import Finding
from .drift_report import SCHEMA, STATES, HostRecord, Report, Waiver, merged
from .drift_settings import Setting
from .drift_severity import KINDS, SEVERITIES, WAIVER
from .refusal import Refusal

_CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FORMS = {_CREATED: "%Y-%m-%dT%H:%M:%SZ", _DAY: "%Y-%m-%d"}


class DriftReportError(Refusal):
    """A file is no drift report that this version reads."""


def read(text: str, label: str) -> Report:
    """The report that a document's text holds, in order; what follows from it is worked out anew.

    ``label`` names the file in errors. DriftReportError where it is none, or not whole.
    """
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DriftReportError(
            f"{label}: is no JSON ({error}); give the drift.json of a run, and run it again if the file is damaged"
        ) from None
    schema = whole.get("schema") if isinstance(whole, dict) else None
    if schema != SCHEMA:
        raise DriftReportError(
            f"{label}: has the schema {schema!r}, not {SCHEMA}; merge reports with the version of the collection that "
            "wrote them"
        )
    try:
        return _report(_Cursor(whole, ""))
    except _Wrong as wrong:
        raise DriftReportError(f"{label}: {wrong}; write the report again with the playbook drift") from None


class _Wrong(Exception):
    """What is wrong, and where in the document."""


class _Cursor:
    """A mapping of the document and its path, for errors."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise _Wrong(f"{path or 'the document'} is no mapping")
        self._value: Mapping[str, Any] = value
        self._path = path

    def _at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _list(self, key: str) -> List[Any]:
        value = self._value.get(key)
        if not isinstance(value, list):
            raise _Wrong(f"{self._at(key)} is no list")
        return value

    def optional(self, key: str) -> Optional[str]:
        value = self._value.get(key)
        if value is not None and not isinstance(value, str):
            raise _Wrong(f"{self._at(key)} is no text")
        return value

    def text(self, key: str) -> str:
        value = self.optional(key)
        if value is None:
            raise _Wrong(f"{self._at(key)} is missing")
        return value

    def one_of(self, key: str, choices: Tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in choices:
            raise _Wrong(f"{self._at(key)} is {value!r}, not one of {', '.join(choices)}")
        return value

    def shaped(self, key: str, shape: re.Pattern[str]) -> str:
        value = self.text(key)
        if not shape.fullmatch(value) or not _is_time(value, _FORMS[shape]):
            raise _Wrong(f"{self._at(key)} is {value!r}, which is no date as the schema has it")
        return value

    def texts(self, key: str) -> Tuple[str, ...]:
        found = self._list(key)
        if not all(isinstance(one, str) for one in found):
            raise _Wrong(f"{self._at(key)} is no list of texts")
        return tuple(found)

    def each(self, key: str) -> List[_Cursor]:
        return [_Cursor(one, f"{self._at(key)}[{position}]") for position, one in enumerate(self._list(key))]


def _is_time(value: str, form: str) -> bool:
    try:
        return bool(datetime.strptime(value, form))
    except ValueError:
        return False


def _report(whole: _Cursor) -> Report:
    findings: Dict[str, List[Finding]] = {host.text("host"): [] for host in whole.each("hosts")}
    for one in whole.each("findings"):
        if one.one_of("kind", KINDS) != WAIVER:
            finding = _finding(one)
            for host in one.texts("hosts"):
                if host not in findings:
                    raise _Wrong(f"findings name the host {host!r}, which is not among hosts")
                findings[host].append(finding)
    hosts = tuple(_host(host, findings) for host in whole.each("hosts"))
    waivers = tuple(_waiver(waiver) for waiver in whole.each("waivers"))
    return merged([Report(whole.shaped("created", _CREATED), hosts, waivers)])


def _host(one: _Cursor, findings: Mapping[str, List[Finding]]) -> HostRecord:
    name = one.text("host")
    return HostRecord(name, one.one_of("state", STATES), one.text("reason"), one.texts("roles"), tuple(findings[name]))


def _finding(one: _Cursor) -> Finding:
    return Finding(
        one.text("kind"),
        one.text("role"),
        one.text("task"),
        one.text("module"),
        one.text("resource"),
        tuple(Setting(row.text("name"), row.optional("is"), row.optional("should")) for row in one.each("settings")),
        one.text("diff"),
        one.one_of("severity", SEVERITIES),
        one.text("basis"),
        one.text("sentence"),
    )


def _waiver(one: _Cursor) -> Waiver:
    return Waiver(
        one.text("name"), one.text("expression"), one.text("owner"), one.text("reason"), one.shaped("expires", _DAY)
    )
