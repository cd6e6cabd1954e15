# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays of Ansible as a drift report sees them: which tasks they have, and on which hosts they run."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleError
from ansible.playbook.block import Block
from ansible.template import Templar


def task_of(play: Any, action: str) -> Any:
    """The first task of a play that has an action, whatever the blocks around it."""
    waiting = [*play.pre_tasks, *play.tasks, *play.post_tasks]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, Block):
            waiting = [*one.block, *one.rescue, *one.always, *waiting]
        elif action in (one.action, getattr(one, "_resolved_action", None)):
            return one
    return None


def inventory(play: Any) -> Any:
    """The inventory of the run."""
    return play.get_variable_manager()._inventory


def hosts_of(play: Any, whole: bool) -> list[str]:
    """The hosts of a play; ``whole``: also of the batches that do not run now.

    Groups that are not there (yet) are passed over, of which the inventory would warn.
    """
    known_hosts = inventory(play)
    patterns = play.hosts if isinstance(play.hosts, list) else [play.hosts]
    named = [word for pattern in patterns for word in str(pattern).split(",")]
    known = [word for word in named if not word.isidentifier() or word in known_hosts.groups]
    if not known:
        return []
    return [host.name for host in known_hosts.get_hosts(known, ignore_restrictions=whole)]


def arguments(play: Any, task: Any) -> dict[str, Any]:
    """What the task will be given. It says itself what is wrong with that."""
    manager = play.get_variable_manager()
    hosts = inventory(play).get_hosts(play.hosts)
    variables = manager.get_vars(play=play, task=task, **({"host": hosts[0]} if hosts else {}))
    try:
        templated = Templar(loader=play.get_loader(), variables=variables).template(dict(task.args))
    except AnsibleError:
        return {}
    return dict(templated)
