# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `doctor_info` is told."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import (
    Asked,
    AskedKeytab,
    AskedService,
    asked_from,
)

OPTIONS: dict[str, Any] = {
    "host": "mx1.example.test",
    "realm": "EXAMPLE.TEST",
    "domain": "example.test",
    "aliases": [],
    "kdcs": ["kdc1"],
    "krb5_conf": "/etc/krb5.conf",
    "enctypes": [],
    "keytabs": [],
    "services": [],
    "products": [],
    "settings": {},
    "directory_credentials": None,
    "since": 60.0,
}


def test_plain_options() -> None:
    assert asked_from(OPTIONS) == Asked("mx1.example.test", "EXAMPLE.TEST", "example.test", kdcs=("kdc1",), since=60.0)


def test_keytabs_and_services() -> None:
    keytab = {
        "path": "/k",
        "user": "postfix",
        "product": "postfix",
        "principals": ["a@B"],
        "chroot": None,
        "krb5_conf": "/c",
    }
    service = {"protocol": "smtp", "host": "h", "port": 25, "tls": "none", "product": "postfix", "path": "/"}
    asked = asked_from({**OPTIONS, "keytabs": [keytab], "services": [service]})
    assert asked.keytabs == (AskedKeytab("/k", "postfix", "postfix", ("a@B",), "", "/c"),)
    assert asked.services == (AskedService("smtp", "h", 25, "none", "postfix"),)


def test_the_directorys_credentials_join_its_settings() -> None:
    given = {"principal": "reader", "password": "x", "keytab": None, "ccache": None}
    asked = asked_from({**OPTIONS, "settings": {"directory": {"server": "dc1"}}, "directory_credentials": given})
    assert asked.settings["directory"] == {"server": "dc1", "credentials": {"principal": "reader", "password": "x"}}
    assert asked_from({**OPTIONS, "directory_credentials": given}).settings == {}
