# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.file_state import ABSENT, FileState
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, serialize
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab_report import report_keytab
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import read_text


def test_everything_but_the_keys_is_reported():
    entries = [
        KeytabEntry(read_text("smtp/mx1@R"), 1700000000, 300, 18, b"k" * 32),
        KeytabEntry(read_text("a@R"), 2**32 - 1, 0, -133, b"k" * 16),
    ]
    state = FileState(serialize(entries), "root", "postfix", 0o640)
    assert report_keytab("/etc/krb5.keytab", state) == {
        "path": "/etc/krb5.keytab",
        "exists": True,
        "owner": "root",
        "group": "postfix",
        "mode": "0640",
        "entries": [
            {
                "principal": "smtp/mx1@R",
                "kvno": 300,
                "enctype": "aes256-cts-hmac-sha1-96",
                "enctype_number": 18,
                "name_type": 1,
                "timestamp": "2023-11-14T22:13:20Z",
            },
            {
                "principal": "a@R",
                "kvno": 0,
                "enctype": "enctype -133",
                "enctype_number": -133,
                "name_type": 1,
                "timestamp": "2106-02-07T06:28:15Z",
            },
        ],
    }


def test_a_missing_file_is_reported_as_such():
    assert report_keytab("/none", ABSENT) == {"path": "/none", "exists": False, "entries": []}
