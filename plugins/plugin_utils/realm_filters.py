# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for the files of a realm, and for the distribution that keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._domain.distribution import vars_file
from ..module_utils._domain.fleet import check_realm
from ..module_utils._domain.realm_files import Settings, client_settings, kdc_settings


def realm_name(realm: str, lower_case: bool = False) -> str:
    """The realm, if it can be one."""
    return check_realm(realm, lower_case)


def distribution_vars(facts: Mapping[str, Any], chosen: str = "") -> str:
    """The vars file for a host of these facts, without `.yml`."""
    return vars_file(facts, chosen)


def realm_client_settings(realm: str, **parts: Any) -> Settings:
    """krb5.conf of a host of the realm, as the option `settings` of `krb5_conf` takes it."""
    return client_settings(realm, **parts)


def realm_kdc_settings(realm: str, **parts: Any) -> Settings:
    """kdc.conf of the realm's KDC, as the option `settings` of `krb5_conf` takes it."""
    return kdc_settings(realm, **parts)
