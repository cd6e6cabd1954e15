# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""libkrb5 judges ten thousand edits of profiles that include others, and what is said to shadow them."""

from __future__ import annotations

import contextlib
import pathlib
import resource
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import ProfileRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_plan import plan
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_reading import (
    Included,
    by_path,
    leaves,
    readings_of,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_settings import Settings, settings_from
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.profile_effect import effect
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.profile_files import IncludedFiles
from ansible_collections.mailrealm.kerberos.tests.integration.libkrb5_oracle import (
    Tree,
    libkrb5_reads,
    libkrb5_values,
)
from ansible_collections.mailrealm.kerberos.tests.integration.next_libkrb5 import Judge, next_libkrb5
from ansible_collections.mailrealm.kerberos.tests.integration.profile_trees import MAIN, Case, case, owner

CHUNKS = 3  # the first 10 found no difference; each run looks at these
TREES = 1000  # in each chunk
LISTS = 500  # of two files, as KRB5_CONFIG lists them
Path = tuple[str, ...]
Flat = dict[Path, list[str]]


@pytest.fixture(scope="module")
def newer() -> Iterator[Judge]:
    with next_libkrb5() as judge:
        yield judge


def flat(tree: Tree, path: Path = ()) -> tuple[Flat, set[Path]]:
    """The values of each relation, and all sections and subsections."""
    values: Flat = {}
    sections: set[Path] = set()
    for name, inner in tree.items():
        if isinstance(name, tuple):
            deeper = flat(inner, (*path, *name))
            values.update(deeper[0])
            sections |= {(*path, *name), *deeper[1]}
        else:
            values[(*path, name)] = inner
    return values, sections


def put(folder: pathlib.Path, found: Case) -> None:
    """The case's files, and no others."""
    for part in ("d", "e"):
        inside = folder / part
        inside.mkdir(exist_ok=True)
        for old in inside.iterdir():
            old.unlink()
    for name, text in found.files.items():
        (folder / name).write_bytes(text.encode())


def removes(unwanted: Any, path: Path, value: str) -> bool:
    """Whether an edit with `state: absent` is to remove this value."""
    for name in path:
        if unwanted is None:
            return True
        if not isinstance(unwanted, dict) or name not in unwanted:
            return False
        unwanted = unwanted[name]
    return unwanted is None or (isinstance(unwanted, tuple) and value in unwanted)


def expected(before: Flat, number: int, times: int, settings: Settings, state: str) -> dict[Path, list[str]]:
    """The values of the edited file itself after the edit, which libkrb5 reads so many times over."""
    own = {path: [one for one in values if owner(one) == number] for path, values in before.items()}
    if state == "absent":
        return {path: [one for one in values if not removes(settings, path, one)] for path, values in own.items()}
    return {**own, **{path: list(wanted) * times for path, wanted in leaves(settings)}}


def parts(wanted: Any, path: Path = ()) -> Iterator[Path]:
    """The sections and subsections of settings."""
    for name, value in wanted.items():
        if isinstance(value, dict):
            yield (*path, name)
            yield from parts(value, (*path, name))


@contextlib.contextmanager
def told_with(seed: int, folder: pathlib.Path) -> Iterator[None]:
    """A failure names the seed and shows its case."""
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {case(seed, str(folder))}") from error


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_libkrb5_reads_the_whole_as_before_plus_the_edit(chunk: int, tmp_path: pathlib.Path, newer: Judge) -> None:
    counted = dict.fromkeys(("edited", "read", "included", "shadowed", "hidden", "refused"), 0)
    for seed in range(chunk * TREES, (chunk + 1) * TREES):
        with told_with(seed, tmp_path):
            judge_case(seed, tmp_path, newer, counted)
    # Each kind is there in earnest: not a few lucky cases.
    assert counted["edited"] > TREES // 2, counted
    assert counted["included"] > TREES // 10, counted
    assert counted["shadowed"] > TREES // 20, counted
    assert counted["hidden"] > TREES // 200, counted
    assert counted["refused"] < TREES // 20, counted


def judge_case(seed: int, folder: pathlib.Path, newer: Judge, counted: dict[str, int]) -> None:
    found = case(seed, str(folder))
    put(folder, found)
    settings = settings_from(found.settings, found.state == "absent")
    number = list(found.files).index(found.edited)
    main, path = folder / MAIN, folder / found.edited
    judged = libkrb5_reads(main)
    assert judged is not None
    before, sections = flat(judged)
    times = len(before.get(("marks", f"m{number}"), ()))
    text = found.files[found.edited]
    try:
        after = plan(text.encode(), settings, found.state, str(path)).content
    except ProfileRefusal as refusal:
        assert "would come first, and libkrb5 would ignore it" in str(refusal)
        counted["refused"] += 1
        return
    assert after is not None
    assert plan(after, settings, found.state, str(path)).content == after
    told = effect(str(path), after, settings, found.state == "absent", [str(main)])
    assert told.included == (times > 0)
    assert not told.problems
    path.write_bytes(after)
    judged = libkrb5_reads(main)
    assert judged is not None
    values, sections_after = flat(judged)
    own = expected(before, number, times, settings, found.state)
    for one in {*before, *values, *own}:
        was, is_now = before.get(one, []), values.get(one, [])
        mine = own.get(one, [])
        assert [value for value in is_now if owner(value) in (number, None)] == (mine if times else []), one
        assert [value for value in is_now if owner(value) not in (number, None)] == [
            value for value in was if owner(value) not in (number, None)
        ], one
        if mine == [value for value in was if owner(value) == number]:
            assert is_now == was, one
    if found.state == "present":
        assert sections_after == sections | (set(parts(settings)) if times else set())
    else:
        assert sections_after <= sections
        assert_subsequence(after.decode(), text)
    counted["edited"] += after != text.encode()
    counted["read"] += times > 0
    counted["included"] += times > 0 and found.edited != MAIN and after != text.encode()
    if times == 1:
        judge_shadows(found, settings, number, values, newer, main, {one.path for one in told.shadowed}, counted)


def judge_shadows(
    found: Case,
    settings: Settings,
    number: int,
    values: Flat,
    newer: Judge,
    main: pathlib.Path,
    told: set[Path],
    counted: dict[str, int],
) -> None:
    """What is said to be shadowed is what libkrb5, of this release or of the newer, does not use as asked."""
    if found.state == "absent":
        left = {
            path
            for path, read in values.items()
            if any(owner(value) != number and removes(settings, path, value) for value in read)
        }
        assert told == left
        counted["shadowed"] += bool(left)
        return
    asked = dict(leaves(settings))
    shadowed = {path for path, wanted in asked.items() if not used(values.get(path, []), wanted)}
    read = dict(zip(asked, newer("libkrb5_values", [main], list(asked)), strict=True))
    hidden = {path for path, wanted in asked.items() if not used(read[path], wanted)}
    assert told == shadowed | hidden
    counted["shadowed"] += bool(shadowed)
    counted["hidden"] += bool(hidden - shadowed)


def used(read: list[str], wanted: tuple[str, ...]) -> bool:
    """A single value is used where it is the first, a list where nothing else is read."""
    return read[: len(wanted)] == list(wanted) if len(wanted) == 1 else read == list(wanted)


def assert_subsequence(after: str, before: str) -> None:
    """A removal leaves lines as they were, in their order; only an end of the last line may be new."""
    left = iter(line.rstrip("\r\n") for line in before.splitlines())
    assert all(line in left for line in (line.rstrip("\r\n") for line in after.splitlines()))


def test_files_of_a_list_are_read_as_by_both_releases(tmp_path: pathlib.Path, newer: Judge) -> None:
    """KRB5_CONFIG names two files: final markers count between them, too."""
    second = tmp_path / "second.conf"
    for seed in range(LISTS):
        found = case(seed, str(tmp_path))
        put(tmp_path, found)
        second.write_bytes(case(seed + LISTS, str(tmp_path)).files[MAIN].encode())
        files = IncludedFiles()
        paths = [tmp_path / MAIN, second]
        begun = [included for path in paths for included in files.begin(str(path))]
        read = by_path(readings_of(begun, files))
        assert all(isinstance(one, Included) for one in begun)
        older_reads = [[one.value for one in some if not (one.behind and one.behind.always)] for some in read.values()]
        newer_reads = [[one.value for one in some if one.behind is None] for some in read.values()]
        assert older_reads == libkrb5_values(paths, list(read)), f"seed {seed}"
        assert newer_reads == newer("libkrb5_values", paths, list(read)), f"seed {seed}"


def test_a_file_that_includes_itself_is_named_where_libkrb5_reads_nothing(tmp_path: pathlib.Path) -> None:
    main, part = tmp_path / MAIN, tmp_path / "part"
    main.write_text(f"[libdefaults]\na = 1\ninclude {part}\n")
    part.write_text(f"# part\ninclude {main}\n")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, limits[1]))  # it opens files until none are left
    try:
        assert libkrb5_reads(main) is None
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    files = IncludedFiles()
    read = list(readings_of(files.begin(str(main)), files))
    assert [one.value for one in read] == ["1"]
    assert files.problems == [f"{part}: line 2 includes {main}: it includes itself, and libkrb5 reads nothing then"]


def test_a_file_that_two_include_is_no_circle(tmp_path: pathlib.Path) -> None:
    for name, text in {MAIN: ("one", "two"), "one": ("two",), "two": ()}.items():
        lines = [f"include {tmp_path / other}" for other in text]
        (tmp_path / name).write_text("\n".join([*lines, "[a]", f"k = {name}", ""]))
    files = IncludedFiles()
    read = [one.value for one in readings_of(files.begin(str(tmp_path / MAIN)), files)]
    assert read == ["two", "one", "two", MAIN]
    assert [read] == libkrb5_values([tmp_path / MAIN], [["a", "k"]])
    assert not files.problems
