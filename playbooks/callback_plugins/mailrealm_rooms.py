# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads the rooms of the collection's filters and actions once, before Ansible forks.

Each task on each host is a forked process, and in it Ansible compiles anew what a collection's plugin imports: for a
task of these playbooks that uses a filter that is as much work as the task itself. What the process that forks has
loaded, those that it forks have.
"""

from __future__ import annotations

from importlib import import_module

from ansible.plugins.callback import CallbackBase
from ansible_collections.mailrealm.kerberos.plugins.filter.fleet import ROOMS

DOCUMENTATION = r"""
name: mailrealm_rooms
type: notification
short_description: Loads what the tasks of the playbooks of mailrealm.kerberos need once for all of them
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Ansible loads what lies beside a playbook. It makes the playbooks of this folder take less of the controller's time,
    and changes nothing else.
options: {}
"""

PLUGINS = "ansible_collections.mailrealm.kerberos.plugins"
ACTIONS = ("keytab", "keytab_export", "keytab_probe")


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Hears nothing: it is there for what it loads as Ansible makes it."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "mailrealm_rooms"
    CALLBACK_NEEDS_ENABLED = False

    def __init__(self) -> None:
        super().__init__()
        for room in ROOMS:
            import_module(f"{PLUGINS}.plugin_utils.{room}")
        for action in ACTIONS:
            import_module(f"{PLUGINS}.action.{action}")
