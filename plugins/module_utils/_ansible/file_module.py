# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of modules that keep one file: content by a plan, owner, group, mode and context as Ansible's own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Callable, Dict, Generic, List, Optional, Tuple, TypeVar

from ansible.module_utils.basic import AnsibleModule

from .._domain.file_state import FileState, Ownership, file_diff, has_flags, must_replace, settle
from .._domain.refusal import Refusal
from .._system import files
from .converge import Part
from .keeper import Kept, keep

ContentPlan = TypeVar("ContentPlan")


@dataclass(frozen=True)
class FilePlan(Generic[ContentPlan]):
    """A file before and after, and the content's own plan from which its text for people is made."""

    before: FileState
    after: FileState
    content: ContentPlan
    beyond: Tuple[str, str]  # SELinux context and chattr's flags where they change, as lines before and after

    @property
    def changed(self) -> bool:
        return self.before != self.after or self.beyond != ("", "")


def converge_file(
    module: AnsibleModule,
    path: str,
    *,
    newborn_mode: int,
    plan: Callable[[Optional[bytes]], ContentPlan],
    content: Callable[[ContentPlan], Optional[bytes]],
    describe: Callable[[ContentPlan], Tuple[str, str]],
    report: Callable[[ContentPlan], Dict[str, Any]],
) -> None:
    """Keep the file at ``path`` and leave the module; see `file_part`."""
    part = file_part(
        module, path, newborn_mode=newborn_mode, plan=plan, content=content, describe=describe, report=report
    )
    keep(module, lambda dummy: Kept(part, (path,)))


def file_part(
    module: AnsibleModule,
    path: str,
    *,
    newborn_mode: int,
    plan: Callable[[Optional[bytes]], ContentPlan],
    content: Callable[[ContentPlan], Optional[bytes]],
    describe: Callable[[ContentPlan], Tuple[str, str]],
    report: Callable[[ContentPlan], Dict[str, Any]],
    brought: Optional[bytes] = None,
) -> Part[FileState, FilePlan[ContentPlan]]:
    """The file at ``path``, whose lock whoever brings it holds.

    ``brought``: what check mode takes a missing file to hold, owner, group and mode included, for an earlier task of
    the same run brings it. ``plan`` gets the file's bytes (None: no file) and is pure; ``content`` takes from it the
    bytes wanted (None: no file); ``describe`` the content before and after as text for the diff; ``report`` the
    result's own keys. The module has ``add_file_common_args`` and may have the option ``backup``.
    """

    def planned(before: FileState) -> FilePlan[ContentPlan]:
        inner = plan(before.content)
        return plan_file(module, path, before, inner, content(inner), newborn_mode)

    def read() -> FileState:
        found = files.read_state(path)
        if found.content is None and brought is not None and module.check_mode:
            return settle(found, brought, _asked(module, path, found, newborn_mode), files.newborn(newborn_mode))
        return found

    return Part(
        read=read,
        plan=planned,
        changed=lambda filed: filed.changed,
        write=lambda filed: write_file(module, path, filed),
        show=lambda filed: show_file(path, filed, describe(filed.content)),
        report=lambda filed: {"path": path, **report(filed.content)},
    )


def plan_file(
    module: AnsibleModule,
    path: str,
    before: FileState,
    inner: ContentPlan,
    content: Optional[bytes],
    newborn_mode: int,
) -> FilePlan[ContentPlan]:
    """The file at ``path``, read as ``before``, with ``content`` and with owner, group and mode as the module has them.

    ``inner``: the plan that ``content`` comes from. A Refusal where the options cannot be met.
    """
    after = settle(before, content, _asked(module, path, before, newborn_mode), files.newborn(newborn_mode))
    if after.content is not None:
        _expect_chattr(module, path)
        if not module.check_mode:  # in which an earlier task of the same run may bring it
            files.expect_folder(path)
    stays = before.content is not None and after.content is not None
    _warn_of_other_names(module, path, before, after)
    return FilePlan(before, after, inner, _beyond(module, path) if stays else ("", ""))


def show_file(path: str, filed: FilePlan[Any], texts: Tuple[str, str]) -> List[Dict[str, str]]:
    """Ansible's diff of a planned file; ``texts``: its content before and after as people read it."""
    parts = file_diff(path, filed.before, filed.after, *texts)
    was, will_be = filed.beyond
    if was != will_be:
        header = f"{path} (SELinux context, attributes)"
        parts.append({"before_header": header, "after_header": header, "before": was, "after": will_be})
    return parts


def write_file(module: AnsibleModule, path: str, filed: FilePlan[Any]) -> Dict[str, Any]:
    """Put a planned file in place; the result's `backup_file` where one was made. The caller holds its lock."""
    result: Dict[str, Any] = {}
    if filed.before.content != filed.after.content and filed.before.content is not None and module.params.get("backup"):
        result["backup_file"] = files.back_up(path, filed.before)
    if must_replace(filed.before, filed.after):
        unsafe = bool(module.params["unsafe_writes"])
        files.write_state(path, filed.after, lambda temporary: _dress(module, path, temporary), unsafe)
    elif filed.before != filed.after:
        files.set_attributes(path, filed.after)
    if filed.after.content is not None:
        module.set_fs_attributes_if_different(_beyond_ownership(module, path), False)
    return result


def _expect_chattr(module: AnsibleModule, path: str) -> None:
    """Refusal where flags are asked for and nothing can set them; Ansible's own modules say nothing then."""
    if not module.params["attributes"] or module.get_bin_path("chattr"):
        return
    lacking = f"{path}: 'attributes' are set by chattr, which is not on this host; install e2fsprogs"
    if not module.check_mode:
        raise Refusal(lacking)
    module.warn(f"check mode goes on as if it will be there: {lacking}")


def _warn_of_other_names(module: AnsibleModule, path: str, before: FileState, after: FileState) -> None:
    others = files.other_names(path) if before.content is not None and must_replace(before, after) else 0
    if others:
        module.warn(
            f"{path}: has {others} other name{'s' if others > 1 else ''} (hard links); a file that is replaced in one "
            "step keeps none of them, so what they lead to stays as it was"
        )


def _dress(module: AnsibleModule, path: str, temporary: str) -> None:
    """Give the temporary file the SELinux context of its later place, so that no reader ever meets another."""
    if module.selinux_enabled():
        module.set_context_if_different(temporary, _beyond_ownership(module, path)["secontext"], False)


def _beyond_ownership(module: AnsibleModule, path: str) -> Dict[str, Any]:
    asked: Dict[str, Any] = module.load_file_common_arguments(module.params, path=os.path.realpath(path))
    asked.update(owner=None, group=None, mode=None)
    return asked


def _beyond(module: AnsibleModule, path: str) -> Tuple[str, str]:
    """SELinux context and chattr's flags before and after, as lines; empty where they stay."""
    asked = _beyond_ownership(module, path)
    was, will_be = [], []
    flags = asked["attributes"]
    held = module.get_file_attributes(asked["path"], include_version=False).get("attr_flags", "") if flags else ""
    if flags and not has_flags(held, flags):
        was.append(f"attributes: {held}\n")
        will_be.append(f"attributes: {flags}\n")
    if _context_differs(module, asked):
        context = module.selinux_context(asked["path"])
        was.append(f"context: {':'.join(map(str, context))}\n")
        parts = [new or old for new, old in zip(asked["secontext"], context)]
        will_be.append(f"context: {':'.join(map(str, parts))}\n")
    return "".join(was), "".join(will_be)


def _context_differs(module: AnsibleModule, asked: Dict[str, Any]) -> bool:
    """Whether Ansible would change the context; asked as in check mode, so nothing is touched."""
    really = module.check_mode
    module.check_mode = True
    try:
        return bool(module.set_context_if_different(asked["path"], asked["secontext"], False))
    finally:
        module.check_mode = really


def _asked(module: AnsibleModule, path: str, before: FileState, newborn_mode: int) -> Ownership:
    return Ownership(
        owner=_known(module, path, "owner", files.user_id, files.owner_name),
        group=_known(module, path, "group", files.group_id, files.group_name),
        mode=_mode(module, path, newborn_mode if before.content is None else before.mode),
    )


def _known(
    module: AnsibleModule,
    path: str,
    option: str,
    number: Callable[[str, str], int],
    name: Callable[[int], str],
) -> Optional[str]:
    asked = module.params[option]
    if asked is None:
        return None
    try:
        return name(number(asked, path))
    except Refusal as refusal:
        if not module.check_mode:
            raise
        # On a blank host an earlier task of the same run brings the package and its user.
        module.warn(f"check mode goes on as if it will be there: {refusal}")
        return str(asked)


def _mode(module: AnsibleModule, path: str, permissions: int) -> Optional[int]:
    """The mode asked for; a symbolic one starts from ``permissions``."""
    asked = module.params["mode"]
    if asked is None:
        return None
    try:
        octal = int(asked, 8) if isinstance(asked, str) else int(asked)
    except ValueError:
        octal = None
    if octal is not None:
        if not 0 <= octal <= 0o7777:
            raise Refusal(f"{path}: mode '{asked}' is more than 7777; write it as '0640' or 'u=rw,g=r'")
        return octal
    try:
        symbolic: int = module._symbolic_mode_to_octal(_Status(permissions), asked)
    except Exception as error:
        raise Refusal(
            f"{path}: mode '{asked}' is neither octal nor symbolic; write it as '0640' or 'u=rw,g=r'"
        ) from error
    return symbolic


@dataclass(frozen=True)
class _Status:
    """The one field of os.stat_result from which Ansible computes a symbolic mode."""

    permissions: int

    @property
    def st_mode(self) -> int:
        return 0o100000 | self.permissions
