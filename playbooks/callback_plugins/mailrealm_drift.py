# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches the collection's callback drift on for the playbooks of this folder, without any setting."""

from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.callback.drift import CallbackModule as Drift

DOCUMENTATION = r"""
name: mailrealm_drift
type: notification
short_description: The drift report of the playbooks of mailrealm.kerberos
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Ansible loads what lies beside a playbook. It does nothing unless a playbook begins or merges a drift report.
  - The report is described at P(mailrealm.kerberos.drift#callback).
options: {}
"""


class CallbackModule(Drift):
    """Heard by every playbook of the folder, and asked by two."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "mailrealm_drift"
    CALLBACK_NEEDS_ENABLED = False
    ONLY_WHEN_ASKED = True
