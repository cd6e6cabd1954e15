# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""libkrb5 judges the parser and the editor: it reads what we read, and after an edit what it read before plus that."""

from __future__ import annotations

import copy
import difflib
import pathlib
import re
import tempfile
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import profile_edit
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import (
    ProfileRefusal,
    decode,
    encode,
    parse,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_reading import readings
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_settings import settings_from
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.profile_files import IncludedFiles
from ansible_collections.mailrealm.kerberos.tests.integration.libkrb5_oracle import Tree, libkrb5_reads
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain import test_profile_mutations as mutations
from hypothesis import given, settings
from hypothesis import strategies as st

NAMES = st.sampled_from(["kdc", "a", "b.c", "EXAMPLE.TEST", ".x", "include", "é"])
SECTIONS = st.sampled_from(["libdefaults", "realms", "my own", "x"])
BLANK = st.sampled_from(["", " ", "\t", "    ", "\t "])
VALUES = st.one_of(
    st.sampled_from(
        ["", "v", "a b", "{", "{ x = y }", '"', 'say "x"', "\\", "tail\\", " lead", "# no comment", "é", "="]
    ),
    st.text(st.sampled_from('ab{}[]"\\=;#*\n\t \u00e9\u2028'), max_size=6),
)
RAW_VALUES = st.one_of(
    st.sampled_from(["v", "v  ", '"q"', '"q" junk', '"a\\tb', '"\\', "{ x }", "} y", "a = b", '""', "*", "[x]"]),
    st.text(st.sampled_from('ab"\\{}= '), min_size=1, max_size=5).filter(lambda text: text.strip(" {")),
)


@st.composite
def relation(draw: Any) -> list[str]:
    name, star = draw(NAMES), draw(st.sampled_from(["", "", "*"]))
    lead = draw(BLANK) or (" " if name == "include" else "")
    return [f"{lead}{name}{star}{draw(BLANK)}={draw(BLANK)}{draw(RAW_VALUES)}"]


@st.composite
def subsection(draw: Any, inner: st.SearchStrategy[list[str]]) -> list[str]:
    lead, name = draw(BLANK), draw(st.sampled_from(["EXAMPLE.TEST", "kdc", "sub"]))
    opening = draw(st.sampled_from([["= {"], ["={ "], ["=", "{"], [" =", "\t{ junk"]]))
    closing = draw(st.sampled_from(["}", "}*", " } junk"]))
    return [f"{lead}{name}{opening[0]}", *opening[1:], *draw(inner), closing]


def lines(inner: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    remark = st.sampled_from([["# comment = x"], [""], ["  ; [no]"], ["\t"], ["INCLUDE"]])
    return st.lists(st.one_of(remark, relation(), inner), max_size=5).map(
        lambda many: [line for found in many for line in found]
    )


ITEMS = st.recursive(relation(), lambda inner: subsection(lines(inner)), max_leaves=6)


@st.composite
def profile_text(draw: Any) -> str:
    """A file that libkrb5 reads; INCLUDE stands where an include line may be."""
    found = draw(st.lists(st.sampled_from(["ignored", "# comment", "", "INCLUDE"]), max_size=2))
    for number in range(draw(st.integers(0, 3))):
        indent = draw(BLANK) if number else ""
        found += [f"{indent}[{draw(SECTIONS)}]{draw(st.sampled_from(['', '*', ' ']))}", *draw(lines(ITEMS))]
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return newline.join(found) + (newline if found and draw(st.booleans()) else "")


WANTED = st.recursive(
    st.one_of(VALUES, st.booleans(), st.lists(VALUES, max_size=3)),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
EDITS = st.dictionaries(SECTIONS, st.dictionaries(NAMES, WANTED, max_size=3), max_size=2)


def removals() -> st.SearchStrategy[dict[str, Any]]:
    inner = st.recursive(
        st.one_of(st.none(), RAW_VALUES, st.lists(RAW_VALUES, max_size=2)),
        lambda deeper: st.dictionaries(NAMES, deeper, min_size=1, max_size=3),
        max_leaves=5,
    )
    sections = st.one_of(st.none(), st.dictionaries(NAMES, inner, min_size=1, max_size=3))
    return st.dictionaries(SECTIONS, sections, max_size=2)


@pytest.fixture(scope="module")
def folder() -> Iterator[pathlib.Path]:
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name)
        (path / "drop").mkdir()
        (path / "drop" / "good.conf").write_text("[libdefaults]\nkdc = included\n[x]\nsub = {\na = included\n}\n")
        (path / "drop" / "plain-name").write_text("[y]\na = 1\n")
        (path / "drop" / "backup.rpmsave").write_text("[libdefaults]\nkdc = backup\n")
        (path / "drop" / ".hidden.conf").write_text("[libdefaults]\nkdc = hidden\n")
        yield path


def ours(text: str, source: str) -> Tree:
    """Our reading in the judge's form."""
    included = IncludedFiles()
    tree: Tree = {}
    for path in sections_of(parse(text, source).items, ()):
        branch(tree, path)
    for reading in readings(parse(text, source), source, included):
        branch(tree, reading.path[:-1]).setdefault(reading.path[-1], []).append(reading.value)
    assert not included.problems
    return tree


def sections_of(items: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for item in items:
        if hasattr(item, "items"):
            yield (*path, item.name)
            yield from sections_of(item.items, (*path, item.name))


def branch(tree: Tree, path: tuple[str, ...]) -> Tree:
    for name in path:
        tree = tree.setdefault((name,), {})
    return tree


def libkrb5(folder: pathlib.Path, text: str) -> Tree:
    path = folder / "krb5.conf"
    path.write_bytes(encode(text))
    read = libkrb5_reads(path)
    assert read is not None, f"libkrb5 refuses {text!r}"
    return read


def with_edit(tree: Tree, wanted: Any, present: bool) -> Tree:
    """The judge's reading with the edit made on the values: the specification of the editor."""
    for name, value in wanted.items():
        if isinstance(value, dict):
            if present or (name,) in tree:
                with_edit(tree.setdefault((name,), {}), value, present)
        elif value is None:
            tree.pop(name, None)
            tree.pop((name,), None)
        else:
            texts = [
                {True: "true", False: "false"}.get(one, one) for one in (value if isinstance(value, list) else [value])
            ]
            left = texts if present else [one for one in tree.get(name, []) if one not in texts]
            tree[name] = left
            if not left:
                del tree[name]
    return tree


def settled(text: str) -> str:
    return text.replace("INCLUDE", "# include")


@settings(max_examples=400, deadline=None)
@given(text=profile_text())
def test_we_read_what_libkrb5_reads(folder: pathlib.Path, text: str) -> None:
    text = text.replace("INCLUDE", f"includedir {folder / 'drop'}")
    assert parse(text, "f").text == text
    assert ours(text, "f") == libkrb5(folder, text)


@settings(max_examples=600, deadline=None)
@given(text=profile_text(), wanted=EDITS)
def test_an_edit_changes_what_libkrb5_reads_and_no_other_line(folder: pathlib.Path, text: str, wanted: Any) -> None:
    text = settled(text)
    after = profile_edit.present(text, settings_from(wanted, False), "f")
    assert libkrb5(folder, after) == with_edit(copy.deepcopy(libkrb5(folder, text)), wanted, True)
    assert foreign(text, text, wanted) == foreign(after, text, wanted)
    assert profile_edit.present(after, settings_from(wanted, False), "f") == after


@settings(max_examples=300, deadline=None)
@given(text=profile_text(), wanted=EDITS)
def test_an_edit_is_the_same_beside_include_lines(folder: pathlib.Path, text: str, wanted: Any) -> None:
    include = f"includedir {folder / 'drop'}"
    asked = settings_from(wanted, False)
    after = profile_edit.present(text.replace("INCLUDE", include), asked, "f")
    assert after.replace(include, "# include") == profile_edit.present(settled(text), asked, "f")
    assert ours(after, "f") == libkrb5(folder, after)


@settings(max_examples=600, deadline=None)
@given(text=profile_text(), wanted=removals())
def test_a_removal_removes_what_libkrb5_reads_and_no_other_line(folder: pathlib.Path, text: str, wanted: Any) -> None:
    text = settled(text)
    try:
        after = profile_edit.absent(text, settings_from(wanted, True), "f")
    except ProfileRefusal as refusal:
        assert "would come first, and libkrb5 would ignore it" in str(refusal)
        return
    assert libkrb5(folder, after) == with_edit(copy.deepcopy(libkrb5(folder, text)), wanted, False)
    kept = [line for line in difflib.ndiff(text.splitlines(True), after.splitlines(True)) if line.startswith("+")]
    assert not kept, "a removal adds no line"
    assert profile_edit.absent(after, settings_from(wanted, True), "f") == after


def foreign(text: str, before: str, wanted: Any) -> list[str]:
    """The lines that the edit does not name and that are in no section that was not there before."""
    asked = {section: set(_paths(inner, (section,))) for section, inner in wanted.items()}
    known = set(sections_of(parse(before, "f").items, ()))
    found: list[str] = []

    def walk(items: Any, path: tuple[str, ...]) -> None:
        for item in items:
            if hasattr(item, "items"):
                if (*path, item.name) not in known:
                    continue
                found.append(item.head.rstrip("\r\n"))
                walk(item.items, (*path, item.name))
                found.append(item.tail.rstrip("\r\n"))
            elif not (hasattr(item, "value") and (*path, item.name) in asked.get(path[0], ())):
                found.append(item.text.rstrip("\r\n"))

    walk(parse(text, "f").items, ())
    return [line for line in found if line.strip()]


def _paths(wanted: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, value in wanted.items():
        yield from _paths(value, (*path, name)) if isinstance(value, dict) else [(*path, name)]


@settings(max_examples=1500, deadline=None)
@given(noise=st.binary(max_size=60), text=profile_text(), data=st.data())
def test_a_refusal_names_a_line_and_whatever_we_read_libkrb5_reads_too(
    folder: pathlib.Path, noise: bytes, text: str, data: Any
) -> None:
    content = encode(settled(text))
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 20)))
    content = content[:start] + noise[: data.draw(st.integers(0, len(noise)))] + content[end:]
    path = folder / "mutated.conf"
    path.write_bytes(content)
    judged = libkrb5_reads(path)
    try:
        text = decode(content, "f")
        profile = parse(text, "f")
    except ProfileRefusal as refusal:
        assert re.match(r"f: line \d+, column \d+: .+; .+", str(refusal))
        return
    assert encode(profile.text) == content
    if "include" not in text and "module" not in text:
        assert ours(text, "f") == judged


MUTANTS = 5000  # of those hundred thousand that the unit tests read


def test_whatever_we_read_of_a_mutant_libkrb5_reads_too(folder: pathlib.Path) -> None:
    path, judged = folder / "mutant.conf", 0
    for number, content in enumerate(mutations.mutants(0, MUTANTS)):
        profile = mutations.read_or_refused(content, f"number {number}: {content!r}")
        if profile is not None and b"include" not in content and b"module" not in content:
            path.write_bytes(content)
            assert ours(profile.text, "f") == libkrb5_reads(path), f"number {number}: {content!r}"
            judged += 1
    assert judged > MUTANTS // 4
