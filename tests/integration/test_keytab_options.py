# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each option of the module `keytab` up the ladder, alone and with others; klist says what the keytab then holds."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import parse, serialize
from ansible_collections.mailrealm.kerberos.tests.integration import ladder, mit_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import climb
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key, klist, klist_times

AES256, AES128, SHA2, RC4, CAMELLIA = (
    "aes256-cts-hmac-sha1-96",
    "aes128-cts-hmac-sha1-96",
    "aes256-cts-hmac-sha384-192",
    "arcfour-hmac",
    "camellia256-cts-cmac",
)
SMTP, IMAP, HTTP = (f"{service}/mx1.example.test@EXAMPLE.TEST" for service in ("smtp", "imap", "HTTP"))
OTHER_REALM = "smtp/mx1.example.test@OTHER.TEST"


def key(principal: str, kvno: int = 2, enctype: str = AES256, octet: str = "11") -> Key:
    return Key(principal, kvno, enctype, octet * (16 if enctype in (AES128, RC4) else 32))


ALL_TYPES = [key(SMTP, 2, enctype) for enctype in (AES256, AES128, SHA2, RC4, CAMELLIA)]
ALL_KVNOS = [key(SMTP, kvno, AES256, f"{kvno:02x}") for kvno in (1, 2, 3)]
HTTP_RC4 = key(HTTP, 2, RC4)
RODC = [key(SMTP, 5 << 16 | kvno, AES256, f"5{kvno}") for kvno in (1, 2)]
OTHER_KEY = key(SMTP, octet="ff")


@pytest.mark.parametrize(
    ("held", "source", "options", "left"),
    [
        # principals
        ([], [key(SMTP), key(IMAP)], {"principals": [SMTP]}, [key(SMTP)]),
        ([], [key(SMTP), key(OTHER_REALM), key(HTTP)], {"principals": ["smtp/*"]}, [key(SMTP), key(OTHER_REALM)]),
        ([], [key(SMTP), key(OTHER_REALM)], {"principals": ["*@OTHER.TEST"]}, [key(OTHER_REALM)]),
        ([], [key(SMTP), key(IMAP), key(HTTP)], {"principals": ["[si]m[ta]p/mx?.*"]}, [key(SMTP), key(IMAP)]),
        ([], [key(SMTP), key(OTHER_REALM)], {"principals": ["smtp/mx1.example.test"]}, [key(SMTP), key(OTHER_REALM)]),
        # enctypes
        ([], ALL_TYPES, {"enctypes": ["aes"]}, ALL_TYPES[:3]),
        ([], ALL_TYPES, {"enctypes": ["aes256-sha2", "rc4"]}, ALL_TYPES[2:4]),
        ([], ALL_TYPES, {"enctypes": ["camellia"]}, ALL_TYPES[4:]),
        (ALL_TYPES, None, {"enctypes": ["aes"]}, ALL_TYPES[:3]),
        ([*ALL_TYPES, HTTP_RC4], None, {"enctypes": ["aes"], "principals": [SMTP]}, [*ALL_TYPES[:3], HTTP_RC4]),
        # exclusive
        ([key(HTTP), key(SMTP, 1)], [key(SMTP)], {"exclusive": True}, [key(SMTP)]),
        ([key(HTTP), key(SMTP)], [key(SMTP), key(IMAP)], {"exclusive": True, "principals": ["smtp/*"]}, [key(SMTP)]),
        ([key(HTTP), OTHER_KEY], [key(SMTP)], {"exclusive": True, "on_conflict": "source"}, [key(SMTP)]),
        ([key(HTTP), OTHER_KEY], [key(SMTP)], {"exclusive": True, "on_conflict": "file"}, [OTHER_KEY]),
        # keep_kvnos
        ([*ALL_KVNOS, key(HTTP, 1)], None, {"keep_kvnos": 2}, [*ALL_KVNOS[1:], key(HTTP, 1)]),
        ([*ALL_KVNOS[:2], *RODC], [ALL_KVNOS[2]], {"keep_kvnos": 1}, [RODC[1], ALL_KVNOS[2]]),
        (ALL_KVNOS[:2], [ALL_KVNOS[2], key(HTTP)], {"keep_kvnos": 2}, [ALL_KVNOS[1], ALL_KVNOS[2], key(HTTP)]),
        ([*ALL_KVNOS, key(IMAP, 1)], None, {"keep_kvnos": 1, "principals": ["smtp/*"]}, [ALL_KVNOS[2], key(IMAP, 1)]),
        # prune
        ([*ALL_KVNOS, *RODC, key(HTTP, 1)], ALL_KVNOS[1:], {"prune": True}, [*ALL_KVNOS[1:], *RODC, key(HTTP, 1)]),
        ([*ALL_KVNOS[:2], key(IMAP, 1)], [ALL_KVNOS[2], key(IMAP)], {"prune": True}, [ALL_KVNOS[2], key(IMAP)]),
        # on_conflict
        ([OTHER_KEY, key(HTTP)], [key(SMTP), key(IMAP)], {"on_conflict": "source"}, [key(SMTP), key(HTTP), key(IMAP)]),
        ([OTHER_KEY, key(HTTP)], [key(SMTP), key(IMAP)], {"on_conflict": "file"}, [OTHER_KEY, key(HTTP), key(IMAP)]),
        # absent
        ([key(SMTP), key(IMAP), key(HTTP)], None, {"state": "absent", "principals": ["[si]m*"]}, [key(HTTP)]),
        (ALL_TYPES, None, {"state": "absent", "enctypes": ["rc4", "camellia"]}, ALL_TYPES[:3]),
        (
            [*ALL_TYPES[:4], HTTP_RC4],
            None,
            {"state": "absent", "enctypes": ["rc4"], "principals": [SMTP]},
            [*ALL_TYPES[:3], HTTP_RC4],
        ),
        ([key(SMTP), key(HTTP)], [OTHER_KEY, key(IMAP)], {"state": "absent"}, [key(HTTP)]),
        (
            [key(SMTP), key(HTTP), *ALL_TYPES[3:]],
            [key(SMTP), key(HTTP), *ALL_TYPES[3:]],
            {"state": "absent", "principals": ["smtp/*"], "enctypes": ["aes"]},
            [key(HTTP), *ALL_TYPES[3:]],
        ),
        ([key(SMTP)], None, {"state": "absent", "principals": ["smtp/*"]}, None),
        ([key(SMTP)], None, {"state": "absent"}, None),
    ],
)
def test_ladder(
    held: list[Key], source: list[Key] | None, options: dict[str, Any], left: list[Key] | None, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "keytab"
    if held:
        mit_keytab.write(path, *held)
    given = []
    if source is not None:
        given = [{"content": base64.b64encode(mit_keytab.write(tmp_path / "source", *source).read_bytes()).decode()}]
    told = climb("keytab", {"path": str(path), "sources": given, **options}, tmp_path)
    assert (klist(path) if path.exists() else None) == left
    before, after = set(map(_slot, held)), set(map(_slot, left or []))
    assert (told["added"], told["removed"]) == (len(after - before), len(before - after))
    replaced = {_slot(one) for one in set(left or []) - set(held)} & before
    assert told["replaced"] == len(replaced)
    marked = [line for line in told["diff"][0]["after"].splitlines() if line.endswith(" (key replaced)")]
    assert marked == [
        f"{one.principal} kvno {one.kvno} {one.enctype} (key replaced)" for one in replaced_keys(held, left)
    ]


def _slot(one: Key) -> tuple[str, int, str]:
    return (one.principal, one.kvno, one.enctype)


def replaced_keys(held: list[Key], left: list[Key] | None) -> list[Key]:
    return [one for one in left or [] if one not in held and _slot(one) in map(_slot, held)]


def of_day(path: pathlib.Path, *days: int) -> pathlib.Path:
    """The keytab with its entries' timestamps in these days of January 2020."""
    stamps = [int(datetime.datetime(2020, 1, day, 3, 4, 5, tzinfo=datetime.timezone.utc).timestamp()) for day in days]
    entries = parse(path.read_bytes(), "keytab")
    path.write_bytes(
        serialize([dataclasses.replace(one, timestamp=at) for one, at in zip(entries, stamps, strict=True)])
    )
    assert [(at.day, at.second) for at in klist_times(path)] == [(day, 5) for day in days]
    return path


def test_entries_that_stay_keep_their_timestamps_and_others_bring_theirs(tmp_path: pathlib.Path) -> None:
    path = of_day(
        mit_keytab.write(tmp_path / "keytab", key(HTTP), key(SMTP), OTHER_KEY._replace(principal=IMAP)), 1, 2, 3
    )
    source = of_day(mit_keytab.write(tmp_path / "source", key(SMTP), key(IMAP), key(OTHER_REALM)), 11, 12, 13)
    given = [{"remote_src": str(source)}]
    climb("keytab", {"path": str(path), "sources": given, "on_conflict": "source"}, tmp_path)
    assert klist(path) == [key(HTTP), key(SMTP), key(IMAP), key(OTHER_REALM)]
    assert [(at.year, at.day, at.hour, at.second) for at in klist_times(path)] == [
        (2020, day, 3, 5) for day in (1, 2, 12, 13)
    ]


def test_the_diff_as_ansible_shows_it(tmp_path: pathlib.Path) -> None:
    path = mit_keytab.write(tmp_path / "keytab", key(HTTP), OTHER_KEY, key(SMTP, 1))
    source = mit_keytab.write(tmp_path / "source", key(SMTP), key(IMAP, 7, AES128))
    options = {"path": str(path), "sources": [{"remote_src": str(source)}], "on_conflict": "source", "keep_kvnos": 1}
    expected = f"""\
--- before: {path}
+++ after: {path}
@@ -1,3 +1,3 @@
 {HTTP} kvno 2 {AES256}
-{SMTP} kvno 2 {AES256}
-{SMTP} kvno 1 {AES256}
+{SMTP} kvno 2 {AES256} (key replaced)
+{IMAP} kvno 7 {AES128}
"""
    steps = ladder.climb([{"mailrealm.kerberos.keytab": options}], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.output.count(expected) == 2
    assert steps.output.count("@@") == 4, "nothing else is shown"
