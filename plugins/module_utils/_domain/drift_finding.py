# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One drift: what of a host is not as the roles want it, as one task of a check run told it."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from .drift_part import Part, named, parts_of
from .drift_secrets import without_secrets
from .drift_settings import Setting, settings_of, unified
from .drift_severity import CHANGE, KEY, LOGIN, REFUSAL, judgement

# By which the result of a loop's item is told from what a module returns under the same name
_LOOPED = frozenset(("ansible_loop_var", "changed"))
# The module that does the work of others in one task; their results lie under ``parts``
_COLLECTION = "mailrealm.kerberos."
_SEVERAL = f"{_COLLECTION}config_files"
# What ansible-core puts before the words of filters and actions
_WRAPPED = re.compile(r"\A(?:Task failed: )?(?:The filter plugin '[^']*' failed: )?")


@dataclass(frozen=True)
class Finding:
    """A drift without its host. ``resource``: the file, principal, unit or package; ``settings``: what of it differs;
    ``diff``: the same as a unified diff; ``basis``: the document or promise behind it; ``sentence``: for people."""

    kind: str
    role: str
    task: str
    module: str
    resource: str
    settings: Tuple[Setting, ...]
    diff: str
    severity: str
    basis: str
    sentence: str

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that are the same wherever, and whenever, the same is found."""
        return _id(self)

    def as_json(self) -> Dict[str, Any]:
        """The finding as the report has it, without ``id``, ``hosts`` and ``waived_by``."""
        return {
            "kind": self.kind,
            "role": self.role,
            "task": self.task,
            "module": self.module,
            "resource": self.resource,
            "settings": [one.as_json() for one in self.settings],
            "diff": self.diff,
            "severity": self.severity,
            "basis": self.basis,
            "sentence": self.sentence,
        }


# Thousands of hosts have few different findings
@functools.lru_cache(maxsize=4096)
def _id(finding: Finding) -> str:
    return hashlib.sha256(json.dumps(finding.as_json(), sort_keys=True).encode("ascii")).hexdigest()[:12]


@dataclass(frozen=True)
class _Place:
    role: str
    task: str
    module: str

    def finding(
        self, kind: str, resource: str, sentence: str, settings: Tuple[Setting, ...] = (), diff: str = ""
    ) -> Finding:
        severity, basis = judgement(
            kind, self.role, self.module, resource, tuple(f"{one.name}={one.found}" for one in settings)
        )
        words = " ".join(without_secrets(sentence).split())
        return Finding(kind, self.role, self.task, self.module, resource, settings, diff, severity, basis, words)


def findings_of(role: str, task: str, module: str, result: Mapping[str, Any]) -> Tuple[Finding, ...]:
    """What one task's result on one host tells of drift.

    ``role``: the role's name without the collection's; ``module``: the module's full name; ``result``: plain JSON, the
    results of a loop's items under ``results``. What a task does for several modules is found as each of them would
    tell it in a task of its own. Nothing where the task would change nothing and every login that it
    tried succeeded. A failed task is a finding of the kind refusal, unless it failed for the logins that it found out.
    """
    found = [
        finding
        for one in _single(result)
        for name, part in _apart(module, one)
        for finding in _of_one(_Place(role, task, name), part)
    ]
    return tuple({one.id: one for one in found}.values())


def _single(result: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The results of a loop's items, or the one result."""
    items = result.get("results")
    if not isinstance(items, list) or not any(isinstance(one, Mapping) and _LOOPED & set(one) for one in items):
        yield result
        return
    for one in items:
        if isinstance(one, Mapping):
            yield from _single(one)


def _apart(module: str, result: Mapping[str, Any]) -> Iterator[Tuple[str, Mapping[str, Any]]]:
    """A module and its result; for the one that does the work of several each of those, with its own options."""
    refused, told = result.get("part"), result.get("parts")
    parts = {refused: result} if isinstance(refused, str) else told
    if module != _SEVERAL or not isinstance(parts, Mapping):
        yield module, result
        return
    invocation = result.get("invocation")
    options = invocation.get("module_args") if isinstance(invocation, Mapping) else None
    for name, one in parts.items():
        if isinstance(one, Mapping):
            own = options.get(name) if isinstance(options, Mapping) else None
            yield f"{_COLLECTION}{name}", {**one, "invocation": {"module_args": own}}


def _of_one(place: _Place, result: Mapping[str, Any]) -> List[Finding]:
    proofs = _proofs(place, LOGIN, result, "services") + _proofs(place, KEY, result, "principals")
    if proofs:
        return proofs
    label = _label(place.task, result)
    resource = named(result) or label
    if result.get("failed") or result.get("unreachable"):
        words = _WRAPPED.sub("", str(result.get("msg") or ""))
        words = words or "the task failed and did not say why; run it again with -vvv"
        return [place.finding(REFUSAL, resource, words)]
    if not result.get("changed"):
        return []
    parts = parts_of(place.module, label, result)
    if not parts:
        return [place.finding(CHANGE, resource, f"{resource}: a run would carry out '{place.task}'")]
    return [_change(place, part) for part in parts]


def _label(task: str, result: Mapping[str, Any]) -> str:
    """The task's name, and the item that it was at in its loop."""
    item = result.get(str(result.get("ansible_loop_var")))
    return f"{task}: {item}" if isinstance(item, (str, int)) else task


def _change(place: _Place, part: Part) -> Finding:
    settings = settings_of(place.module, part.before, part.after)
    return place.finding(
        CHANGE,
        part.resource,
        _told(part, settings),
        settings,
        unified(part.resource, part.before, part.after),
    )


def _told(part: Part, settings: Tuple[Setting, ...]) -> str:
    shown = "; ".join(one.text for one in settings[:3])
    more = len(settings) - 3
    if not shown:
        return f"{part.resource}: comments, blank lines or the order of lines differ"
    return f"{part.resource}: {shown}" + (f"; and {more} more" if more > 0 else "")


def _proofs(place: _Place, kind: str, result: Mapping[str, Any], name: str) -> List[Finding]:
    """The logins, or keys, of a probe that were tried and failed."""
    listed = result.get(name)
    rows = listed if isinstance(listed, list) else []
    return [
        place.finding(kind, _proved(one, named(result)), _cause(one), _measured(one))
        for one in rows
        if isinstance(one, Mapping) and one.get("ok") is False
    ]


def _proved(proof: Mapping[str, Any], keytab: str) -> str:
    if "protocol" in proof:
        return f"{proof['protocol']}://{proof.get('host')}:{proof.get('port')}"
    return ": ".join(word for word in (keytab, str(proof.get("principal"))) if word)


def _cause(proof: Mapping[str, Any]) -> str:
    told = [str(proof[key]) for key in ("cause", "remedy") if proof.get(key)]
    return "; ".join(told) or "the login failed, and nothing said why; run playbook doctor"


def _measured(proof: Mapping[str, Any]) -> Tuple[Setting, ...]:
    return (Setting("symptom", str(proof.get("symptom") or "unknown"), None),)
