# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks of the doctor, of every section."""

from __future__ import annotations

from typing import Tuple

from . import (
    doctor_axigen,
    doctor_cas,
    doctor_clock,
    doctor_database,
    doctor_database_keys,
    doctor_directory,
    doctor_host,
    doctor_java,
    doctor_kdc,
    doctor_keytabs,
    doctor_krb5,
    doctor_logins,
    doctor_logs,
    doctor_names,
    doctor_network,
    doctor_postfix,
    doctor_running,
    doctor_workstation,
    doctor_zimbra,
)
from .doctor import Check

CHECKS: Tuple[Check, ...] = (
    *doctor_axigen.CHECKS,
    *doctor_cas.CHECKS,
    *doctor_clock.CHECKS,
    *doctor_database.CHECKS,
    *doctor_database_keys.CHECKS,
    *doctor_directory.CHECKS,
    *doctor_host.CHECKS,
    *doctor_java.CHECKS,
    *doctor_kdc.CHECKS,
    *doctor_keytabs.CHECKS,
    *doctor_krb5.CHECKS,
    *doctor_logins.CHECKS,
    *doctor_logs.CHECKS,
    *doctor_names.CHECKS,
    *doctor_network.CHECKS,
    *doctor_postfix.CHECKS,
    *doctor_running.CHECKS,
    *doctor_workstation.CHECKS,
    *doctor_zimbra.CHECKS,
)
