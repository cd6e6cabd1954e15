# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for what mail servers are asked for, and for what their logs tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._domain import axigen_sign_on, axigen_verify, zimbra_sign_on
from .fleet_filters import host_principals


def axigen_settings(principals: Sequence[str], **wishes: Any) -> dict[str, Any]:
    """What Axigen's services are asked for, as `axigen_config` takes it."""
    return axigen_sign_on.settings(principals, **wishes)


def axigen_silent(variables: Mapping[str, Any], sessions: Sequence[Mapping[str, Any]], realm: str) -> list[str]:
    """The parts of Axigen on one host of which `axigen_log_info` found no login by GSSAPI."""
    return axigen_verify.silent(host_principals(variables, "axigen", realm), sessions)


def with_log_symptoms(message: str, results: Sequence[Mapping[str, Any]]) -> str:
    """A message with what `axigen_log_info` or `zimbra_log_info`, in a loop over hosts, found in their logs."""
    return axigen_verify.with_symptoms(message, {one["item"]: one.get("symptoms") or () for one in results})


def zimbra_wanted(found: Mapping[str, Any], **wishes: Any) -> dict[str, Any]:
    """What Zimbra is asked for on one host, of the Zimbra that `zimbra_info` found there."""
    return zimbra_sign_on.wanted(zimbra_sign_on.Wishes(**wishes), found)


def zimbra_missing(found: Mapping[str, Any], parts: Sequence[str]) -> list[str]:
    """The parts of Zimbra that the host is to have and has not."""
    return list(zimbra_sign_on.missing(parts, found.get("services") or ()))
