# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a password policy is to be: one item of the module `password_policy`, checked and with its values read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, Mapping, Tuple, Union

from .kadmin_command import check_value, quoted
from .kadmin_output import NO_KEYSALTS, NO_POLICY, PolicyRecord
from .kadmin_time import duration_text, duration_word, parse_duration
from .keysalt import KeySalt, keysalt_word, parse_keysalts
from .refusal import Refusal

MOST = 2**31 - 1  # kadmin reads numbers with atoi() (kadmin/cli/kadmin.c, kadmin_parse_policy_args)
CLASSES = 5  # lower case, upper case, digits, punctuation, all others (lib/kadm5/srv/server_misc.c, pwqual_policy.c)
Value = Union[int, Tuple[Union[KeySalt, str], ...]]


class PolicyRefusal(Refusal):
    """Options of a password policy that kadmin would not take, or that contradict each other."""


def _number(least: int, most: int = MOST) -> Callable[[Any, str], Value]:
    def read(given: Any, option: str) -> Value:
        if not least <= given <= most:
            bounds = f"from {least} to {most}" if most < MOST else f"of at least {least}"
            raise PolicyRefusal(f"{option}: {given} is out of range; write a number {bounds}")
        return int(given)

    return read


def _keysalts_text(value: Any) -> str:
    return ", ".join(str(one) for one in value) or "any"


def _keysalts_word(value: Any) -> str:
    return quoted(keysalt_word(value)) if value else NO_KEYSALTS


@dataclass(frozen=True)
class Setting:
    """One option of the module: how it is read, shown and written; `PolicyRecord` has a field of the same name."""

    option: str
    read: Callable[[Any, str], Value]
    shown: Callable[[Any], str]
    flag: str
    word: Callable[[Any], str]

    def found(self, record: PolicyRecord) -> Value:
        """The value that the database holds."""
        held: Value = getattr(record, self.option)
        return held

    def words(self, value: Value) -> Tuple[str, str]:
        """The option of addpol and modpol that sets it."""
        return self.flag, self.word(value)


def _duration(option: str, flag: str) -> Setting:
    return Setting(option, parse_duration, duration_text, flag, lambda value: quoted(duration_word(value)))


SETTINGS = (
    _duration("max_life", "-maxlife"),
    _duration("min_life", "-minlife"),
    Setting("min_length", _number(1), str, "-minlength", str),
    Setting("min_classes", _number(1, CLASSES), str, "-minclasses", str),
    Setting("history", _number(1), str, "-history", str),
    Setting("max_failures", _number(0), str, "-maxfailure", str),
    _duration("failure_count_interval", "-failurecountinterval"),
    _duration("lockout_duration", "-lockoutduration"),
    Setting("allowed_keysalts", parse_keysalts, _keysalts_text, "-allowedkeysalts", _keysalts_word),
)


@dataclass(frozen=True)
class PolicyWish:
    """What is asked of one policy; what is not in ``values`` (by option) stays as it is."""

    name: str
    present: bool = True
    values: Mapping[str, Value] = field(default_factory=dict)


def parse_policy_wish(item: Mapping[str, Any]) -> PolicyWish:
    """The wish in an item's options as the argument spec types them; Refusal names policy and option."""
    name, present = item["name"], item.get("state") != "absent"
    _check_name(name, present)
    try:
        values = {
            setting.option: setting.read(item[setting.option], setting.option)
            for setting in SETTINGS
            if item.get(setting.option) is not None
        }
        check_lives(values)
    except Refusal as refusal:
        raise PolicyRefusal(f"policy '{name}': {refusal}") from refusal
    return PolicyWish(name, present, values)


def _check_name(name: str, present: bool) -> None:
    """PolicyRefusal for a name that kadmin does not take, or that it takes and a user would not have meant.

    Those of the second kind may exist (`addpol -help` makes a policy '-help'), so they can be deleted.
    """
    check_value(name, "name")
    if not name.strip():
        raise PolicyRefusal("name: is empty; give the policy a name")
    # lib/kadm5/srv/svr_policy.c, kadm5_create_policy
    if not (name.isascii() and name.isprintable()):
        raise PolicyRefusal(f"name: '{name}' holds other characters than printable ASCII; rename the policy")
    if not present:
        return
    for wrong, why in (
        (name.startswith("-"), "begins with a dash and would be taken for an option"),
        ('"' in name, "holds a double quote, which ends it in what kadmin prints"),
        (name != name.strip(), "begins or ends with a blank"),
        (name == NO_POLICY, "is what kadmin prints of principals without a policy"),
    ):
        if wrong:
            raise PolicyRefusal(f"name: '{name}' {why}; rename the policy")


def check_lives(values: Mapping[str, Any]) -> None:
    """PolicyRefusal where a password would have to be changed before it may be.

    kadmin refuses it of a new min_life, and takes a new max_life (kadm5_modify_policy, 1.20 and 1.21).
    """
    longest, shortest = values.get("max_life", 0), values.get("min_life", 0)
    if 0 < longest < shortest:
        raise PolicyRefusal(
            f"min_life: {duration_text(shortest)} is longer than max_life, which is {duration_text(longest)}, so a "
            "password would expire before it may be changed; shorten the one or lengthen the other"
        )


def parse_policy_wishes(items: Iterable[Mapping[str, Any]]) -> Tuple[PolicyWish, ...]:
    """The wishes in their order; PolicyRefusal where a policy is named twice."""
    wishes: Dict[str, PolicyWish] = {}
    for item in items:
        wish = parse_policy_wish(item)
        if wishes.setdefault(wish.name, wish) is not wish:
            raise PolicyRefusal(f"policy '{wish.name}': is listed twice; keep one of the two")
    return tuple(wishes.values())
