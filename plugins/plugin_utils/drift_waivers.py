# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: what a site has agreed to leave as it is, read from YAML, and judged by JMESPath."""

from __future__ import annotations

import datetime
import functools
import importlib
import pathlib
from collections.abc import Mapping
from typing import Any

import yaml

from ..module_utils._domain.drift_report import Waiver
from ..module_utils._domain.refusal import Refusal

FIELDS = ("name", "expression", "owner", "reason", "expires")
# A finding as expressions see it, with a value of each kind
SAMPLE: dict[str, Any] = {
    "id": "0123456789ab",
    "host": "mx1.example.test",
    "kind": "change",
    "role": "postfix",
    "task": "Set smtpd.conf, main.cf and master.cf",
    "module": "mailrealm.kerberos.postconf",
    "resource": "/etc/postfix/main.cf",
    "settings": [{"name": "smtpd_sasl_type", "is": "dovecot", "should": "cyrus"}],
    "diff": "-smtpd_sasl_type = dovecot\n+smtpd_sasl_type = cyrus\n",
    "severity": "critical",
    "basis": "a document",
    "sentence": "/etc/postfix/main.cf: smtpd_sasl_type is dovecot, should be cyrus",
}


class WaiverRefusal(Refusal):
    """A file of waivers that cannot be used, and what would mend it."""


def waivers_of(path: str) -> tuple[Waiver, ...]:
    """The waivers of a YAML file, in its order; none where ``path`` is empty.

    WaiverRefusal names the file and the waiver where one is not sound, its expression included.
    """
    if not path:
        return ()
    listed = _loaded(path)
    waivers = tuple(_waiver(path, number, entry) for number, entry in enumerate(listed, 1))
    names = [waiver.name for waiver in waivers]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise WaiverRefusal(f"{path}: two waivers have the name '{twice[0]}'; give each a name of its own")
    for waiver in waivers:
        _check_expression(path, waiver)
    return waivers


def matches(expression: str, finding: Mapping[str, Any]) -> bool:
    """Whether a JMESPath expression is true of a finding: neither false, null, nor empty.

    One that was sound when the file was read, and has no answer to this finding, is not true of it. WaiverRefusal
    where it is no expression or the library is missing.
    """
    compiled, errors = _compiled(expression)
    try:
        found = compiled.search(dict(finding))
    except errors:
        return False
    return found is not None and found is not False and found not in ("", [], {})


def _loaded(path: str) -> list[Any]:
    try:
        listed = yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise WaiverRefusal(
            f"kerberos_drift_waivers: {path} cannot be read on the controller ({error.strerror}); correct the path"
        ) from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise WaiverRefusal(f"{path}: is not YAML ({_words(error)}); mend the file") from None
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise WaiverRefusal(f"{path}: is not a list; write each waiver as an item with {', '.join(FIELDS)}")
    return listed


def _waiver(path: str, number: int, entry: Any) -> Waiver:
    if not isinstance(entry, Mapping):
        raise WaiverRefusal(f"{path}: waiver {number} is no mapping; give it {', '.join(FIELDS)}")
    place = f"{path}: waiver '{entry['name']}'" if isinstance(entry.get("name"), str) else f"{path}: waiver {number}"
    unknown = sorted(str(key) for key in entry if key not in FIELDS)
    if unknown:
        raise WaiverRefusal(f"{place} has '{unknown[0]}', which no waiver has; it takes {', '.join(FIELDS)}")
    words = {}
    for field in FIELDS:
        value = entry.get(field)
        if field == "expires" and isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            value = value.isoformat()
        if not isinstance(value, str) or not value.strip():
            raise WaiverRefusal(f"{place} has no '{field}'; {_wanted(field)}")
        words[field] = value.strip()
    try:
        words["expires"] = datetime.date.fromisoformat(words["expires"]).isoformat()
    except ValueError:
        raise WaiverRefusal(f"{place} expires on '{words['expires']}'; {_wanted('expires')}") from None
    return Waiver(**words)


def _wanted(field: str) -> str:
    return {
        "name": "name it, so that the report can",
        "expression": "give the JMESPath expression that is true of the findings that it waives",
        "owner": "name who answers for it",
        "reason": "say why it is waived",
        "expires": "give the last day on which it holds as YYYY-MM-DD",
    }[field]


def _check_expression(path: str, waiver: Waiver) -> None:
    """Judge a finding that has everything: what asks for the wrong kind of value would be true of nothing."""
    try:
        compiled, errors = _compiled(waiver.expression)
    except WaiverRefusal as refusal:
        raise WaiverRefusal(f"{path}: waiver '{waiver.name}': {refusal}") from None
    try:
        compiled.search(SAMPLE)
    except errors as error:
        raise WaiverRefusal(
            f"{path}: waiver '{waiver.name}': the expression '{waiver.expression}' cannot be judged ({_words(error)}); "
            f"a finding has {', '.join(SAMPLE)}"
        ) from None


@functools.lru_cache(maxsize=None)
def _compiled(expression: str) -> tuple[Any, type[Exception]]:
    """The expression, and the class of all errors of the library."""
    try:
        library = importlib.import_module("jmespath")
    except ImportError:
        raise WaiverRefusal(
            "the Python library jmespath is missing on the controller; install it beside Ansible "
            "(pip install jmespath, or the package python3-jmespath), or leave out kerberos_drift_waivers"
        ) from None
    errors: type[Exception] = library.exceptions.JMESPathError
    try:
        return library.compile(expression), errors
    except errors as error:
        raise WaiverRefusal(
            f"the expression '{expression}' is not JMESPath ({_words(error)}); see https://jmespath.org/"
        ) from None


def _words(error: Exception) -> str:
    """What an error says, on one line."""
    return " ".join(str(error).split()).rstrip(".")
