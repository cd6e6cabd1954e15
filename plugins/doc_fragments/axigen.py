# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options `login` and `configuration_file`: how the modules reach Axigen."""

from __future__ import annotations


class ModuleDocFragment:
    """Its argument spec is `AXIGEN` in plugins/module_utils/_ansible/axigen_session.py."""

    DOCUMENTATION = r"""
options:
  login:
    description:
      - How to log in to Axigen's command line interface (CLI). One connection serves the whole task.
    type: dict
    required: true
    suboptions:
      host:
        description:
          - Where the CLI listens, as seen from the host on which the module runs.
        type: str
        default: 127.0.0.1
      port:
        description: The CLI's TCP port.
        type: int
        default: 7000
      user:
        description:
          - C(admin), or a delegated administrator with the privileges for the services in question. Mailbox accounts
            are no administrators.
        type: str
        default: admin
      password:
        description:
          - The administrator's password. It is sent over the connection only.
        type: str
        required: true
      tls:
        description:
          - Whether the CLI's listener speaks TLS (C(sslEnable)). The certificate must be valid and carry the name
            O(login.host).
        type: bool
        default: false
      ca_path:
        description:
          - A file with the certificates to trust (PEM) instead of the system's.
        type: path
      allow_clear_text:
        description:
          - Whether the password may go in the clear to another host than this one.
        type: bool
        default: false
      timeout:
        description: Seconds to wait for the connection and for each answer.
        type: int
        default: 30
  configuration_file:
    description:
      - The file in which Axigen keeps its configuration. It is read only, to see whether what runs is saved.
      - Where it is not there, or set to an empty string, that is not known.
    type: str
    default: /var/opt/axigen/run/axigen.cfg
"""
