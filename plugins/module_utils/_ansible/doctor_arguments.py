# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the doctor's modules."""

from __future__ import annotations

from typing import Any, Dict

from .arguments import CREDENTIALS

NAMES: Dict[str, Any] = {"type": "list", "elements": "str", "default": []}
KEYTAB: Dict[str, Any] = {
    "path": {"type": "path", "required": True},
    "user": {"type": "str", "default": "root"},
    "product": {"type": "str", "required": True},
    "principals": NAMES,
    "chroot": {"type": "path"},
    "krb5_conf": {"type": "path", "default": "/etc/krb5.conf"},
}
SERVICE: Dict[str, Any] = {
    "protocol": {"type": "str", "choices": ["smtp", "imap", "pop3", "http"], "required": True},
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "tls": {"type": "str", "choices": ["none", "starttls", "implicit"], "required": True},
    "product": {"type": "str", "required": True},
    "path": {"type": "str", "default": "/"},
}
PRODUCTS = ["kdc", "kdc_replica", "postfix", "axigen", "zimbra", "cas", "workstation", "prober"]
INFO: Dict[str, Any] = {
    "host": {"type": "str", "required": True},
    "realm": {"type": "str", "required": True},
    "domain": {"type": "str", "required": True},
    "aliases": NAMES,
    "kdcs": NAMES,
    "krb5_conf": {"type": "path", "default": "/etc/krb5.conf"},
    "enctypes": NAMES,
    "keytabs": {"type": "list", "elements": "dict", "default": [], "options": KEYTAB, "no_log": False},
    "services": {"type": "list", "elements": "dict", "default": [], "options": SERVICE},
    "products": {"type": "list", "elements": "str", "choices": PRODUCTS, "default": []},
    "settings": {"type": "dict", "default": {}},
    "directory_credentials": {**CREDENTIALS, "required": False},
    "since": {"type": "float", "default": 3600.0},
    "diagnose": {"type": "bool", "default": False},
}
REPORT: Dict[str, Any] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "file": {"type": "path", "default": ""},
}
