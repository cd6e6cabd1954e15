# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every reader of keytabs sees what our codec sees, before and after a merge, but for the limits of `reader_limits`."""

from __future__ import annotations

import functools
import pathlib
import re
import subprocess
from typing import Callable, Iterable, Mapping

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import (
    KeytabEntry,
    KeytabFormatError,
    parse,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab_report import report_entry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.merge import (
    Source,
    Wanted,
    plan_keytab,
    planned_content,
    slot,
)
from ansible_collections.mailrealm.kerberos.tests.integration import module_process
from ansible_collections.mailrealm.kerberos.tests.integration.keytab_readers import READERS, Row, environment
from ansible_collections.mailrealm.kerberos.tests.integration.keytab_samples import (
    ENTRY,
    NATIVE,
    TODAY,
    Sample,
    sample,
    samples,
)
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.reader_limits import (
    DAMAGES,
    LIMITS,
    MEASURED,
    Damage,
    Limit,
    expected,
    guide,
)

COUNT = 150
Shown = Callable[[str], Mapping[bytes, "list[Row]"]]
GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "keytab-readers.md"


@pytest.fixture(scope="module")
def before() -> list[Sample]:
    return samples(COUNT)


@pytest.fixture(scope="module")
def after(before: list[Sample]) -> list[Sample]:
    """Each file with the entries of the next one merged into it."""
    sources = before[1:] + before[:1]
    return [merged(held, source) for held, source in zip(before, sources) if source.entries]


def merged(held: Sample, source: Sample) -> Sample:
    wanted = Wanted(sources=(Source("source", source.entries),), on_conflict="source")
    plan = plan_keytab(held.content, "keytab", wanted)
    content = planned_content(plan)
    assert content is not None
    if content == held.content:
        return held
    entries = tuple(one for one in plan.after or () if isinstance(one, KeytabEntry))
    assert identities(entries) == whole(held.entries, source.entries)
    return Sample(content, entries)


def identities(entries: Iterable[KeytabEntry]) -> set[tuple[object, bytes]]:
    return {(slot(one), one.key) for one in entries}


def whole(held: Iterable[KeytabEntry], source: Iterable[KeytabEntry]) -> set[tuple[object, bytes]]:
    """What a merge is to hold: the source's last key of each slot, and all else that was there."""
    brought = {slot(one): one.key for one in source}
    return {*brought.items(), *(one for one in identities(held) if one[0] not in brought)}


@pytest.fixture(scope="module")
def shown(before: list[Sample], after: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """What a reader shows of each file: of those of which it can be foretold, and of those that show its limits."""

    @functools.lru_cache(maxsize=None)
    def read(name: str) -> Mapping[bytes, list[Row]]:
        reader = READERS[name]
        chosen = [*before[:: reader.every], *after[:: reader.every]]
        contents = [one.content for one in chosen if expected(name, one) is not None]
        contents += [one.shown_by.content for one in LIMITS if name in one.readers]
        contents += [one.content for one in DAMAGES]
        folder = tmp_path_factory.mktemp(name)
        paths = [folder / str(number) for number in range(len(contents))]
        for path, content in zip(paths, contents):
            path.write_bytes(content)
        rows = reader.read(paths)
        assert len(rows) == len(contents)
        return dict(zip(contents, rows))

    return read


def test_we_read_what_the_files_hold(before: list[Sample], after: list[Sample]) -> None:
    for one in (*before, *after):
        assert parse(one.content, "keytab") == one.entries, one.text


def test_the_modules_read_and_write_the_same(before: list[Sample], tmp_path: pathlib.Path) -> None:
    """On the first file of each version that holds several entries."""
    held = [next(one for one in before if len(one.entries) > 2 and one.version == form) for form in (TODAY, NATIVE)]
    source = tmp_path / "source"
    source.write_bytes(sample(ENTRY).content)
    tasks = []
    for number, one in enumerate(held):
        path = tmp_path / str(number)
        path.write_bytes(one.content)
        read = module_process.run("keytab_info", {"path": str(path)}, tmp_path).result
        assert read
        assert read["entries"] == [report_entry(entry) for entry in one.entries]
        merge = {"path": str(path), "sources": [{"remote_src": str(source)}], "on_conflict": "source"}
        tasks.append({"name": "Merge", "mailrealm.kerberos.keytab": merge})
    paths = [tmp_path / str(number) for number in range(len(held))]
    steps = climb(tasks, tmp_path, watch=paths)
    assert steps.changed == (True, True, False, False)
    assert [result.changed for result in steps.run.results] == [True, True]
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    after = [merged(one, sample(ENTRY)) for one in held]
    assert READERS["libkrb5"].read(paths) == [expected("libkrb5", one) for one in after]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("reader", READERS)
def test_a_reader_sees_what_we_see(
    reader: str,
    when: str,
    request: pytest.FixtureRequest,
    shown: Shown,
) -> None:
    files: list[Sample] = request.getfixturevalue(when)[:: READERS[reader].every]
    compared = 0
    for one in files:
        wanted = expected(reader, one)
        if wanted is not None:
            assert shown(reader)[one.content] == wanted, one.text
            compared += len(wanted)
    # the limits leave enough to be compared
    assert compared > sum(len(one.entries) for one in files) / 2


@pytest.mark.parametrize(
    ("reader", "limit"),
    [pytest.param(reader, limit, id=f"{reader}-{limit.where}") for limit in LIMITS for reader in limit.readers],
)
def test_a_limit_is_there(reader: str, limit: Limit, shown: Shown) -> None:
    """A limit that a reader no longer has must leave the table."""
    rows = shown(reader)[limit.shown_by.content]
    assert rows != expected(reader, limit.shown_by, [one for one in LIMITS if one is not limit])
    wanted = expected(reader, limit.shown_by)
    assert wanted is None or rows == wanted


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.what)
@pytest.mark.parametrize("reader", READERS)
def test_of_a_damaged_file_readers_show_what_fits_and_we_refuse_it(reader: str, damage: Damage, shown: Shown) -> None:
    rows = shown(reader)[damage.content]
    right = [READERS[reader].row(ENTRY)]
    count = damage.shown[reader]
    if count is None:
        assert rows[0] == right[0]
        assert rows[1:]
    else:
        assert rows == right[:count]
    with pytest.raises(KeytabFormatError):
        parse(damage.content, "keytab")


@pytest.mark.parametrize("reader", READERS)
def test_the_versions_are_those_that_were_measured(reader: str) -> None:
    done = subprocess.run(READERS[reader].version, capture_output=True, text=True, check=True, env=environment())
    number = re.search(r"\d+(\.\d+)*", re.sub(r"Kerberos 5", "", done.stdout + done.stderr))
    assert number
    assert any(f"{number[0]}.".startswith(f"{one}.") for one in MEASURED[reader][1]), number[0]


def test_the_guide_has_the_table() -> None:
    assert guide() in GUIDE.read_text(encoding="utf-8"), f"put these tables into {GUIDE}:\n{guide()}"
