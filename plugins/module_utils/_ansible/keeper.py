# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module that keeps files does, as a value: by itself, or as one of several parts of another module's task."""

from __future__ import annotations

import contextlib
import copy
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence, Tuple, Union

from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS, AnsibleModule

from .._system.file_lock import locked
from .converge import Part, PartRefusal, Result, converge_parts, listed, refusing_as
from .part_options import OptionsRefusal, part_options


@dataclass(frozen=True)
class Kept:
    """What is kept, and the files whose locks are held around all of it."""

    part: Part[Any, Any]
    paths: Tuple[str, ...]


@dataclass(frozen=True)
class Keeper:
    """A module's options and its work.

    ``arguments``, and ``rules`` such as mutually_exclusive: as AnsibleModule takes them. ``of_files``: whether owner,
    group, mode and their like are options too. ``kept`` judges the options, before anything is looked at, and says
    what they ask for; a Refusal where they cannot be met.
    """

    arguments: Mapping[str, Any]
    kept: Callable[[AnsibleModule], Kept]
    of_files: bool = False
    rules: Mapping[str, Any] = field(default_factory=dict)

    @property
    def spec(self) -> Dict[str, Any]:
        """The arguments of AnsibleModule for a module that is this and nothing else."""
        return {"argument_spec": dict(self.arguments), "add_file_common_args": self.of_files, **self.rules}

    def options(self, given: Mapping[str, Any]) -> Tuple[Dict[str, Any], Sequence[str]]:
        """``given`` with defaults and in the types of the module, and which values are secrets.

        OptionsRefusal where the module would not take them.
        """
        of_files = FILE_COMMON_ARGUMENTS if self.of_files else {}
        return part_options({**of_files, **self.arguments}, given, **self.rules)


def keep(module: AnsibleModule, kept: Callable[[AnsibleModule], Kept]) -> None:
    """Bring what one module keeps to what was asked, and leave the module."""

    @contextlib.contextmanager
    def alone() -> Iterator[List[Part[Any, Any]]]:
        asked = kept(module)
        with locked(*asked.paths, clear=not module.check_mode):
            yield [asked.part]

    converge_parts(module, alone)


def keep_all(module: AnsibleModule, keepers: Mapping[str, Callable[[], Keeper]]) -> None:
    """Bring what several modules keep to what was asked, in the order of ``keepers``, and leave the module.

    The options of each are one option of the module, a mapping by the name of the keeper; without it the keeper is not
    called for. The locks of all are held around all of it.
    """
    chosen = [name for name in keepers if module.params[name] is not None]
    views: Dict[str, AnsibleModule] = {}

    @contextlib.contextmanager
    def parts() -> Iterator[List[Part[Any, Any]]]:
        # All are judged, even if one refuses, for each keeps its own secrets out of what Ansible prints then
        judged = [_judged(module, name, keepers[name]()) for name in chosen]
        for one in judged:
            if isinstance(one, PartRefusal):
                raise one
        asked = [one for one in judged if not isinstance(one, PartRefusal)]
        views.update(zip(chosen, (view for view, dummy in asked)))
        paths = dict.fromkeys(path for dummy, kept in asked for path in kept.paths)
        with locked(*paths, clear=not module.check_mode):
            yield [replace(kept.part, name=name) for name, (dummy, kept) in zip(chosen, asked)]

    def whole(results: Sequence[Result]) -> Result:
        told: Result = {"changed": any(one["changed"] for one in results)}
        if module._diff:
            told["diff"] = [part for one in results for part in listed(one["diff"])]
        told["parts"] = {name: views[name].add_path_info(one) for name, one in zip(chosen, results)}
        return told

    converge_parts(module, parts, whole)


def _judged(module: AnsibleModule, name: str, keeper: Keeper) -> Union[Tuple[AnsibleModule, Kept], PartRefusal]:
    """The module as the keeper sees it, and what is kept; or why it cannot be."""
    try:
        with refusing_as(name):
            view = _view(module, name, keeper)
            return view, keeper.kept(view)
    except PartRefusal as refusal:
        return refusal


def _view(module: AnsibleModule, name: str, keeper: Keeper) -> AnsibleModule:
    """The module as the keeper of that name would have it: with options and a name of its own, all else the same."""
    try:
        options, secrets = keeper.options(module.params[name])
    except OptionsRefusal as refusal:
        # Nobody knows what of them is secret
        module.params[name] = dict.fromkeys(module.params[name], "(not shown)")
        raise OptionsRefusal(f"{name}: {refusal}") from None
    module.no_log_values.update(secrets)
    module.params[name] = options
    view = copy.copy(module)
    view.params, view._name = options, name
    return view
