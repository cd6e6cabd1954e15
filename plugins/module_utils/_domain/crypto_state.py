# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's crypto-policies are set to, what libkrb5 gets of them, and where the two disagree.

`update-crypto-policies --show` reads /etc/crypto-policies/config alone, and --is-applied compares the times of two
files (since 2026 their contents too), so that neither tells of an edited back-end. --check does, but EL 8 lacks it,
it judges all back-ends at once, and a stock file edited below /usr/share looks right to it where it is only linked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Dict, List, Optional, Sequence, Tuple

from .crypto_policy import OURS, CryptoPolicyRefusal, permitted_names, pmod_text, policy_with
from .enctypes import BY_NAME, enctype_name
from .refusal import Refusal

CONFIG = "/etc/crypto-policies/config"
BACK_END = "/etc/crypto-policies/back-ends/krb5.config"
MODULE = f"/etc/crypto-policies/policies/modules/{OURS}.pmod"
DROP_IN = "/etc/krb5.conf.d/crypto-policies"
INTACT, FILE, ELSEWHERE, MISSING = "intact", "file", "elsewhere", "missing"  # what DROP_IN is


@dataclass(frozen=True)
class CryptoState:
    """The state of one host.

    ``config``: the policy that is set; ``applied``: the one that the back-ends were last made of, None where never;
    ``back_end``: the text that they left for libkrb5; ``generated``: what the tool makes of the applied policy, None
    where it makes nothing, with its ``complaint``; ``drop_in``: INTACT, FILE, ELSEWHERE or MISSING, with its
    ``drop_in_text`` where it is a file; ``module_text``: our module's, None where there is none; ``stock``: whether
    the back-end is a link to a file of the package.
    """

    config: str
    applied: Optional[str]
    back_end: Optional[str]
    generated: Optional[str]
    drop_in: str = INTACT
    module_text: Optional[str] = None
    complaint: str = field(default="", compare=False)
    drop_in_text: str = field(default="", compare=False)
    stock: bool = field(default=False, compare=False)


def wanted_state(before: CryptoState, enctypes: Optional[Sequence[int]], option: str = "enctypes") -> CryptoState:
    """What policy, module and drop-in shall be for libkrb5 to be permitted ``enctypes``; None: without our module.

    What the tool will generate is left open: only the tool knows. CryptoPolicyRefusal as of pmod_text.
    """
    policy = policy_with(before.config, enctypes is not None)
    return replace(
        before,
        config=policy,
        applied=policy,
        back_end=None,
        generated=None,
        # Whoever removed the link has taken libkrb5 out of the policy: update-crypto-policies(8).
        drop_in=before.drop_in if enctypes is None else INTACT,
        module_text=None if enctypes is None else pmod_text(enctypes, option),
        complaint="",
        stock=False,
    )


def check_generated(text: str, enctypes: Sequence[int], option: str = "enctypes") -> None:
    """CryptoPolicyRefusal where ``text``, made by the host's own tool for our module, permits another list."""
    names = permitted_names(text, BACK_END) or ()
    numbers = tuple(dict.fromkeys(BY_NAME[name].number for name in names if name in BY_NAME))
    if numbers != tuple(dict.fromkeys(enctypes)) or any(name not in BY_NAME for name in names):
        raise CryptoPolicyRefusal(
            f"{option}: the crypto-policies of this host would permit '{' '.join(names)}' instead of "
            f"'{' '.join(enctype_name(number) for number in enctypes)}', as older releases do, which do not tell "
            "AES with SHA-1 from AES with SHA-2; take that list, or set permitted_enctypes in krb5.conf"
        )


def arguments(before: CryptoState, after: CryptoState) -> Tuple[str, ...]:
    """Those of update-crypto-policies that lead from ``before`` to ``after``.

    Our module concerns libkrb5 alone, which is told nothing by a reload; only where a policy was set that had not
    been applied yet, the other back-ends change too.
    """
    pending = before.config != before.applied
    return ("--set", after.config, *(() if pending else ("--no-reload",)))


def crypto_findings(state: CryptoState) -> List[str]:
    """Where policy and files disagree, one sentence each with the remedy; empty where all is as the tool left it."""
    return [*_not_applied(state), *_edited(state), *_astray(state)]


def _not_applied(state: CryptoState) -> List[str]:
    again = f"run update-crypto-policies --set {state.config}"
    if state.applied is None:
        return [f"{CONFIG}: the policy {state.config} has never been applied; {again}"]
    if state.applied != state.config:
        return [f"{CONFIG}: names {state.config}, but {state.applied} is what is applied; {again}, or correct the file"]
    return []


def _edited(state: CryptoState) -> List[str]:
    if state.generated is None:
        return [f"{CONFIG}: {state.complaint}"] if state.complaint else []
    if state.back_end == state.generated:
        return []
    if state.back_end is None:
        return [f"{BACK_END}: is missing; run update-crypto-policies --set {state.config}"]
    remedy = (
        "reinstall the package crypto-policies, whose file it is"
        if state.stock
        else f"use a policy module instead, and have the file made anew (update-crypto-policies --set {state.config})"
    )
    told = f"{BACK_END}: is not what the policy {state.applied} gives{_difference(state.back_end, state.generated)}"
    why = "it was edited by hand or a module was changed without applying it, and the tool will write it anew"
    return [f"{told}, so {why}; {remedy}"]


def _difference(back_end: str, generated: str) -> str:
    """What is permitted more and less, in words; a file that libkrb5 does not read says so itself."""
    try:
        there, due = permitted_names(back_end, BACK_END) or (), permitted_names(generated, BACK_END) or ()
    except Refusal as refusal:
        return f" ({refusal})"
    more = [name for name in there if name not in due]
    less = [name for name in due if name not in there]
    told = [f"permits {' '.join(more)} besides"] if more else []
    told += [f"lacks {' '.join(less)}"] if less else []
    return f" ({', '.join(told)})" if told else ""


def _astray(state: CryptoState) -> List[str]:
    link = f"ln -sfn {BACK_END} {DROP_IN}"
    told: Dict[str, str] = {
        FILE: f"is a file of its own and no longer the link to {BACK_END}, so libkrb5 does not follow the policy; "
        f"move its settings to another drop-in and put the link back ({link})",
        ELSEWHERE: f"leads elsewhere than to {BACK_END}, so libkrb5 does not follow the policy; put the link back "
        f"({link})",
        MISSING: "is missing, which takes libkrb5 out of the policy; leave it so if that is meant, or put the link "
        f"back ({link})",
    }
    return [f"{DROP_IN}: {told[state.drop_in]}"] if state.drop_in in told else []


def crypto_diff(before: CryptoState, after: CryptoState) -> List[Dict[str, str]]:
    """Ansible's diff: policy, module, what libkrb5 gets, the drop-in; the same in check mode and in the run."""
    texts = (
        (CONFIG, _line(before.config), _line(after.config)),
        (f"{CONFIG} (as applied)", _line(before.applied), _line(after.applied)),
        (MODULE, before.module_text or "", after.module_text or ""),
        (BACK_END, before.back_end or "", after.back_end or ""),
        (DROP_IN, _drop_in(before), _drop_in(after)),
    )
    return [
        {"before_header": header, "after_header": header, "before": was, "after": will_be}
        for header, was, will_be in texts
        if was != will_be
    ]


def _line(policy: Optional[str]) -> str:
    return "" if policy is None else f"{policy}\n"


def _drop_in(state: CryptoState) -> str:
    shown = {INTACT: f"link to {BACK_END}\n", ELSEWHERE: "link to another file\n", MISSING: ""}
    return state.drop_in_text if state.drop_in == FILE else shown[state.drop_in]
