# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy of encryption types in the files of a host: read, planned together, and written one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from ansible.module_utils.basic import AnsibleModule

from .._domain.crypto_policy import CryptoPolicyRefusal
from .._domain.crypto_state import BACK_END, CONFIG, DROP_IN, CryptoState, crypto_diff, crypto_findings
from .._domain.enctype_advice import AXIGEN, Finding, findings
from .._domain.enctype_files import (
    DEFAULTS,
    ProfileChange,
    change_lines,
    check_effective,
    kdc_conf_change,
    krb5_conf_change,
)
from .._domain.enctype_policy import LISTS, SWITCHES, Resolved, check_keytab
from .._domain.file_state import FileState
from .._domain.keytab import KeytabEntry
from .._domain.profile import decode, encode, parse
from .._domain.profile_reading import Path, Reading, readings
from .._system import crypto_policies, files
from .._system.configured_realms import KRB5_CONF, database_exists
from .._system.profile_files import IncludedFiles
from .enctype_options import read_keytabs
from .profile_check import validate_profile

NEWBORN_KRB5_CONF = 0o644
NEWBORN_KDC_CONF = 0o600  # nobody but the KDC reads it


@dataclass(frozen=True)
class Read:
    """The files as they are. ``crypto``: None where the host has no crypto-policies, or they are to be left alone.

    ``newborn``: the realm has no database yet.
    """

    krb5_conf: FileState
    kdc_conf: Optional[FileState]
    keytabs: Mapping[str, Tuple[KeytabEntry, ...]]
    newborn: bool
    crypto: Optional[CryptoState]


@dataclass(frozen=True)
class Planned:
    """What was read, the profile files before and after with the state that each was read from, and old findings.

    ``crypto``: the crypto-policies as they will be.
    """

    read: Read
    profiles: Tuple[Tuple[FileState, ProfileChange], ...]
    crypto: Optional[CryptoState]
    findings: Tuple[Finding, ...]

    @property
    def changed(self) -> bool:
        return bool(self.crypto_change) or any(change.changed for dummy, change in self.profiles)

    @property
    def crypto_change(self) -> Optional[Tuple[CryptoState, CryptoState]]:
        """The crypto-policies before and after; None where they stay, or there are none."""
        before, after = self.read.crypto, self.crypto
        return (before, after) if before and after and before != after else None

    @property
    def changes(self) -> List[Dict[str, Any]]:
        """The result of that name."""
        found = [
            {"file": change.path, "setting": one.path, "before": one.before, "after": one.after}
            for dummy, change in self.profiles
            for one in change.changes
        ]
        if self.crypto_change:
            before, after = ([one.config] if one.config else [] for one in self.crypto_change)
            found.append({"file": CONFIG, "setting": [], "before": before, "after": after})
        return found


def read(module: AnsibleModule) -> Read:
    """The files that the options name; CryptoPolicyRefusal where crypto-policies are asked for and not there."""
    params = module.params
    kdc_conf = params["kdc_conf"]
    crypto = crypto_policies.read_state(module.run_command) if _wants_crypto_policies(params) else None
    if crypto is None and params["crypto_policies"] == "true":
        raise CryptoPolicyRefusal(
            "crypto_policies: this host has none; leave it at auto, or install the package crypto-policies-scripts"
        )
    return Read(
        files.read_state(params["krb5_conf"]),
        files.read_state(kdc_conf) if kdc_conf else None,
        read_keytabs(params["keytabs"]),
        bool(kdc_conf) and not database_exists(params["realm"], kdc_conf),
        crypto,
    )


def plan(module: AnsibleModule, policy: Resolved, found: Read) -> Planned:
    """The files with the policy; a Refusal where it would not count, or no key of a keytab would fit."""
    params = module.params
    for path, entries in found.keytabs.items():
        check_keytab(path, entries, policy)
    crypto = found.crypto and crypto_policies.foresee(found.crypto, policy.permitted, module.run_command)
    text = _text(found.krb5_conf, params["krb5_conf"])
    profiles = [(found.krb5_conf, krb5_conf_change(params["krb5_conf"], text, policy, crypto is not None))]
    if found.kdc_conf is not None:
        text = _text(found.kdc_conf, params["kdc_conf"])
        change = kdc_conf_change(params["kdc_conf"], text, params["realm"], policy, params["salt_types"], found.newborn)
        profiles.append((found.kdc_conf, change))
    check_effective(profiles[0][1], _all_read(params["krb5_conf"], profiles[0][1].after), crypto is not None)
    for dummy, change in profiles:
        if change.after is None or not change.changed:
            continue
        if not module.check_mode:
            files.expect_folder(change.path)
        if params["validate"]:
            validate_profile(module, encode(change.after), change.path)
    old = [*_crypto_findings(found.crypto), *_old_findings(params, [change for dummy, change in profiles])]
    return Planned(found, tuple(profiles), crypto, tuple(old))


def _old_findings(params: Mapping[str, Any], planned: Sequence[ProfileChange]) -> Tuple[Finding, ...]:
    """What of the files as they were is no good; but what is the policy's own and stays is as it was asked for."""
    changed = {(change.path, one.path) for change in planned for one in change.changes}
    own: Set[Tuple[str, Path]] = {(params["krb5_conf"], (DEFAULTS, name)) for name in (*LISTS, *SWITCHES)}
    own.add((params["kdc_conf"], ("realms", params["realm"], "supported_enctypes")))
    return tuple(
        finding
        for change in planned
        for finding in findings(_all_read(change.path, change.before))
        if (finding.file, finding.setting) in changed or (finding.file, finding.setting) not in own
    )


def _crypto_findings(state: Optional[CryptoState]) -> List[Finding]:
    """The sentences of `crypto_findings`, which begin with the file; to edit it is what Axigen's document asks for."""
    found = [sentence.partition(": ") for sentence in (crypto_findings(state) if state else ())]
    return [
        Finding(path, 0, (), "", problem, AXIGEN if path in (BACK_END, DROP_IN) else "")
        for path, dummy, problem in found
    ]


def write(module: AnsibleModule, planned: Planned) -> Dict[str, Any]:
    """Put changed files in place, the host's own krb5.conf last: where a list moves out of it, it is never nowhere."""
    backups: List[str] = []
    if planned.crypto_change:
        crypto_policies.write(*planned.crypto_change, module.run_command)
    for before, change in reversed(planned.profiles):
        if change.after is None or not change.changed:
            continue
        state = before
        if before.content is None:
            state = files.newborn(NEWBORN_KDC_CONF if change.path == module.params["kdc_conf"] else NEWBORN_KRB5_CONF)
        elif module.params["backup"]:
            backups.append(files.back_up(change.path, before))
        files.write_state(change.path, replace(state, content=encode(change.after)))
    return {"backup_files": backups} if backups else {}


def to_lock(params: Mapping[str, Any]) -> List[str]:
    """The files whose locks are held around all of it."""
    own = [path for path in (params["krb5_conf"], params["kdc_conf"]) if path]
    return [*own, *(crypto_policies.to_lock() if _wants_crypto_policies(params) else ())]


def _wants_crypto_policies(params: Mapping[str, Any]) -> bool:
    asked = params["crypto_policies"]
    # Another krb5.conf, such as one that a JVM is given, includes no drop-in of the system
    return bool(asked == "true" or (asked == "auto" and params["krb5_conf"] == KRB5_CONF[0]))


def diff(planned: Planned) -> List[Dict[str, str]]:
    """The relations of each file before and after: other lines stay as they are, whoever writes them."""
    found = []
    for dummy, change in planned.profiles:
        if change.changed:
            header = f"{change.path} (encryption types)"
            was, will_be = change_lines(change.changes)
            found.append({"before_header": header, "after_header": header, "before": was, "after": will_be})
    if planned.crypto_change:
        found += crypto_diff(*planned.crypto_change)
    return found


def _text(state: FileState, path: str) -> Optional[str]:
    return None if state.content is None else decode(state.content, path)


def _all_read(path: str, text: Optional[str]) -> List[Reading]:
    """All that libkrb5 reads of ``path`` with ``text`` in it, includes among them."""
    return list(readings(parse(text or "", path), path, IncludedFiles()))
