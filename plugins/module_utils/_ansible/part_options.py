# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of one module as one option of another."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Sequence, Tuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

from .._domain.refusal import Refusal


class OptionsRefusal(Refusal):
    """The options of a part are not those of its module."""


def part_options(
    arguments: Mapping[str, Any], given: Mapping[str, Any], **rules: Any
) -> Tuple[Dict[str, Any], Sequence[str]]:
    """``given`` with defaults and in the types of the module, and which values are secrets.

    ``arguments``, and ``rules`` such as mutually_exclusive: as AnsibleModule takes them. OptionsRefusal where the
    module would not take what was given.
    """
    judged = ArgumentSpecValidator(dict(arguments), **rules).validate(dict(given))
    if judged.error_messages:
        unknown = isinstance(judged.errors[0], UnsupportedError)
        raise OptionsRefusal(("Unsupported parameters: " if unknown else "") + judged.errors.msg)
    return judged.validated_parameters, tuple(judged._no_log_values)
