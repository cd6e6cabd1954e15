# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's crypto-policies: read, foreseen by the host's own tool in a folder of ours, and set by it.

What a policy gives is not computed here but asked of update-crypto-policies, which works on another folder than
/etc/crypto-policies where the variable ``base_dir`` of its environment names one. Its source does so, EL 8's copy as
well as upstream's of 2024 and 2026, but no page documents it, so each time it is first asked with --show, which only
reads, whether it does. Generated files are never written here.

A policy that the package brings ready made is not generated but linked, unless local.d holds something for the
back-end (update-crypto-policies.py, save_config()); an empty file there has it generated in any case.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from typing import Callable, Iterator, Optional, Sequence, Tuple

from .._domain import crypto_state
from .._domain.crypto_policy import OURS, CryptoPolicyRefusal, policy_of
from .._domain.crypto_state import ELSEWHERE, FILE, INTACT, MISSING, CryptoState
from .._domain.file_state import ABSENT
from .files import TEMPORARY_PREFIX, newborn, write_state
from .files import read_state as read_file

Runner = Callable[..., Tuple[int, str, str]]  # AnsibleModule.run_command
SENTINEL = "MAILREALM-WAS-HERE"
FORCE_GENERATION = "krb5-zz-mailrealm.config"
FOLDER = "/etc/crypto-policies"
STOCK = "/usr/share/crypto-policies"
TOOL = "/usr/bin/update-crypto-policies"
FIPS = "/proc/sys/crypto/fips_enabled"


@dataclass(frozen=True)
class Places:
    """Where a host keeps its crypto-policies, below ``root`` ('' for the host itself)."""

    root: str = ""

    def of(self, path: str) -> str:
        return self.root + path


HOST = Places()


def read_state(run: Runner, places: Places = HOST) -> Optional[CryptoState]:
    """The state, or None where the host has no crypto-policies, as Debian has none. Writes nothing.

    ``run`` is AnsibleModule.run_command. FileRefusal where a file cannot be read.
    """
    if not os.path.isdir(places.of(FOLDER)):
        return None
    applied = _text(places.of(f"{FOLDER}/state/current"))
    state = CryptoState(
        config=_config(places),
        applied=None if applied is None else policy_of(applied),
        back_end=_text(places.of(crypto_state.BACK_END)),
        generated=None,
        drop_in=_drop_in(places),
        module_text=_text(places.of(crypto_state.MODULE)),
        stock=os.path.realpath(places.of(crypto_state.BACK_END)).startswith(os.path.realpath(places.of(STOCK)) + "/"),
    )
    if state.drop_in == FILE:
        state = replace(state, drop_in_text=_text(places.of(crypto_state.DROP_IN)) or "")
    if state.applied is None:
        return state
    generated, complaint = _generate(state.applied, state.module_text, run, places)
    return replace(state, generated=generated, complaint=complaint)


def foresee(
    before: CryptoState,
    enctypes: Optional[Sequence[int]],
    run: Runner,
    places: Places = HOST,
    option: str = "enctypes",
) -> CryptoState:
    """The state in which libkrb5 is permitted exactly ``enctypes``; None: without our module. Writes nothing.

    CryptoPolicyRefusal where the host's tool cannot bring it about, in the words of the tool where it has any.
    """
    after = crypto_state.wanted_state(before, enctypes, option)
    generated, complaint = before.generated, ""
    if generated is None or (before.applied, before.module_text) != (after.config, after.module_text):
        generated, complaint = _generate(after.config, after.module_text, run, places)
    if generated is None:
        raise CryptoPolicyRefusal(f"crypto-policies: the policy {after.config} is not possible here: {complaint}")
    if enctypes is not None:
        crypto_state.check_generated(generated, enctypes, option)
    ready_made = f"{STOCK}/{after.config}/krb5.txt"
    stock = os.path.exists(places.of(ready_made)) and not _has_local(places)
    if stock and _text(places.of(ready_made)) != generated:
        raise CryptoPolicyRefusal(
            f"{ready_made}: is not what the policy {after.config} gives, so it was edited by hand; "
            "reinstall the package crypto-policies, whose file it is"
        )
    return replace(after, back_end=generated, generated=generated, stock=stock)


def to_lock(places: Places = HOST) -> Tuple[str, str]:
    """The files whose locks whoever writes must hold from reading on: those for file_lock.locked()."""
    return places.of(crypto_state.MODULE), places.of(crypto_state.DROP_IN)


def write(before: CryptoState, after: CryptoState, run: Runner, places: Places = HOST) -> None:
    """Bring ``before`` to ``after``, which foresee() gave: our module, then the tool, then the link to the back-end.

    A policy that the tool did not take leaves our module as it was. The caller holds the locks of to_lock().
    CryptoPolicyRefusal, FileRefusal.
    """
    _require_tool(places)
    module = places.of(crypto_state.MODULE)
    if after.module_text is not None:
        _make_folder(os.path.dirname(module))
        _put(module, after.module_text)
    if replace(after, drop_in=before.drop_in) != before:
        _set(before, after, run, places)
    if after.module_text is None:
        _put(module, None)
    if after.drop_in == INTACT != before.drop_in:
        _relink(places)


def _make_folder(path: str) -> None:
    try:
        os.makedirs(path, mode=0o755, exist_ok=True)
    except OSError as error:
        raise CryptoPolicyRefusal(
            f"{path}: could not be made ({error.strerror}); use become, and see to its file system"
        ) from error


def _set(before: CryptoState, after: CryptoState, run: Runner, places: Places) -> None:
    status, output, errors = run([places.of(TOOL), *crypto_state.arguments(before, after)], cwd="/")
    if status != 0:
        if _config(places) == before.config:
            _put(places.of(crypto_state.MODULE), before.module_text)
        raise CryptoPolicyRefusal(
            f"crypto-policies: the policy {after.config} could not be set: {_told(status, output, errors)}; "
            "see to what it says, then run again"
        )


def _generate(policy: str, module_text: Optional[str], run: Runner, places: Places) -> Tuple[Optional[str], str]:
    """What libkrb5 would get of ``policy`` with our module as given; or None, and the tool's complaint with remedy."""
    try:
        _require_tool(places)
    except CryptoPolicyRefusal as refusal:
        return None, str(refusal)
    with _copy(module_text, places) as folder:

        def ask(*words: str) -> Tuple[int, str, str]:
            # cwd: the tool looks for policies in the current folder first
            return run([places.of(TOOL), *words], environ_update={"base_dir": folder}, cwd="/")

        status, output, errors = ask("--show")
        if status != 0 or output.strip() != SENTINEL:
            return None, (
                f"{TOOL} does not tell what a policy would give ({_told(status, output, errors)}); "
                "update the package crypto-policies-scripts"
            )
        status, output, errors = ask("--set", policy, "--no-reload")
        text = _text(f"{folder}/back-ends/krb5.config")
        if status != 0 or text is None:
            return None, f"{_told(status, output, errors)}; correct the policy or its modules"
        return text, ""


@contextlib.contextmanager
def _copy(module_text: Optional[str], places: Places) -> Iterator[str]:
    """A folder with all that goes into a policy: foreign policies and modules, local additions, and our module."""
    with tempfile.TemporaryDirectory(prefix="mailrealm-crypto-policies-") as folder:
        try:
            for name in ("policies", "local.d"):
                with contextlib.suppress(FileNotFoundError):
                    shutil.copytree(places.of(f"{FOLDER}/{name}"), f"{folder}/{name}", ignore_dangling_symlinks=True)
            for name, text in (
                ("config", f"{SENTINEL}\n"),
                (f"local.d/{FORCE_GENERATION}", ""),
                (f"policies/modules/{OURS}.pmod", module_text),
            ):
                _lay(f"{folder}/{name}", text)
        except OSError as error:
            reason = error.strerror or "see its files' permissions"
            raise CryptoPolicyRefusal(
                f"{FOLDER}: could not be copied to {folder} ({reason}); use become, and see to the space there"
            ) from error
        yield folder


def _lay(path: str, text: Optional[str]) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    if text is not None:
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(text)


def _require_tool(places: Places) -> None:
    if not os.path.exists(places.of(TOOL)):
        raise CryptoPolicyRefusal(f"{TOOL} is not on this host; install the package crypto-policies-scripts")


def _config(places: Places) -> str:
    """The policy that is set, and where none is, the tool's own way out (parse_pconfig())."""
    text = _text(places.of(f"{FOLDER}/config"))
    if text is None and (_text(places.of(FIPS)) or "").strip() == "1":
        return "FIPS"
    return policy_of(_text(places.of(f"{STOCK}/default-config")) or "" if text is None else text)


def _has_local(places: Places) -> bool:
    """Whether local.d adds anything to libkrb5's back-end."""
    try:
        names = os.listdir(places.of(f"{FOLDER}/local.d"))
    except FileNotFoundError:
        return False
    return any(name.startswith("krb5-") and name.endswith(".config") for name in names)


def _drop_in(places: Places) -> str:
    path = places.of(crypto_state.DROP_IN)
    if not os.path.lexists(path):
        return MISSING
    if not os.path.islink(path):
        return FILE
    leads = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
    return INTACT if leads in (crypto_state.BACK_END, places.of(crypto_state.BACK_END)) else ELSEWHERE


def _relink(places: Places) -> None:
    """Put the link of the package krb5-libs back in one step."""
    path = places.of(crypto_state.DROP_IN)
    if not os.path.isdir(os.path.dirname(path)):
        raise CryptoPolicyRefusal(
            f"{os.path.dirname(crypto_state.DROP_IN)}: does not exist, so libkrb5 does not follow crypto-policies; "
            "install the package that brings it (krb5-libs)"
        )
    fresh = os.path.join(os.path.dirname(path), f"{TEMPORARY_PREFIX}crypto-policies")
    try:
        with contextlib.suppress(FileNotFoundError):  # of a run that was killed
            os.unlink(fresh)
        os.symlink(places.of(crypto_state.BACK_END), fresh)
        os.rename(fresh, path)
    except OSError as error:
        raise CryptoPolicyRefusal(
            f"{crypto_state.DROP_IN}: the link could not be put back ({error.strerror}); use become, and see to "
            "its folder"
        ) from error


def _text(path: str) -> Optional[str]:
    content = read_file(path).content
    return None if content is None else content.decode("utf-8", "surrogateescape")


def _put(path: str, text: Optional[str]) -> None:
    if text is None:
        write_state(path, ABSENT)
    elif _text(path) != text:
        write_state(path, replace(newborn(0o644), content=text.encode("utf-8", "surrogateescape")))


def _told(status: int, output: str, errors: str) -> str:
    """What a failed tool said last, in one line."""
    lines = [line.strip() for line in (errors.strip() or output.strip()).splitlines() if line.strip()]
    return " ".join(lines[-2:]) or f"nothing (status {status})"
