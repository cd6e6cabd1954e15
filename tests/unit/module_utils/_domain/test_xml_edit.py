# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of XML: expat reads the change, and all other text is as it was."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import xml_edit as edit
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.xml_text import Element, scan
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.xml_samples import (
    DOCUMENTS,
    Tree,
    expat_tree,
)
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"))
PLACES = st.lists(st.integers(0, 3), max_size=4)


def at(root: Element, place: list[int]) -> tuple[Element, list[int]]:
    """An element below the root, and the numbers that lead to it."""
    taken = []
    for number in place:
        if root.children:
            taken.append(number % len(root.children))
            root = root.children[taken[-1]]
    return root, taken


def below(tree: Tree, place: list[int]) -> Tree:
    for number in place:
        tree = tree[3][number]
    return tree


@given(DOCUMENTS, PLACES, st.sampled_from(["a", "B", "new"]), VALUES)
def test_an_attribute_is_set_and_removed(text: str, place: list[int], name: str, value: str) -> None:
    found = scan(text, "/f")
    element, way = at(found.root, place)
    expected = expat_tree(text)
    there = below(expected, way)[1]
    before, was = dict(there), element.attribute(name)
    after = edit.with_attribute(found, element, name, value)
    there[name] = value
    assert expat_tree(after) == expected
    start = was.value_start if was else element.start
    assert after.startswith(text[:start])
    assert after.endswith(text[was.value_end if was else element.inner :])
    changed = scan(after, "/f")
    removed = edit.without_attribute(changed, at(changed.root, place)[0], name)
    there.pop(name)
    assert expat_tree(removed) == expected
    assert removed == text or name in before


@given(DOCUMENTS, PLACES)
def test_an_element_is_removed(text: str, place: list[int]) -> None:
    found = scan(text, "/f")
    element, way = at(found.root, place)
    if not way:
        return  # the root itself
    after = edit.without_element(found, element)
    expected = expat_tree(text)
    del below(expected, way[:-1])[3][way[-1]]
    assert shape(expat_tree(after)) == shape(expected)
    rest = text[: element.start] + text[element.end :]
    assert "".join(after.split()) == "".join(rest.split())


@given(DOCUMENTS, PLACES)
def test_a_child_is_added_and_taken_away_again(text: str, place: list[int]) -> None:
    found = scan(text, "/f")
    element, way = at(found.root, place)
    after = edit.with_child(found, element, ["<new", ' q="1"/>'])
    expected = expat_tree(text)
    below(expected, way)[3].append(("new", {"q": "1"}, "", []))
    assert shape(expat_tree(after)) == shape(expected)
    kept = element.inner_end if not element.empty else element.end
    assert after.startswith(text[: element.inner - 1].rstrip(" /\t\r\n"))
    assert after.endswith(text[kept:])
    changed = scan(after, "/f")
    parent = at(changed.root, way)[0]
    again = edit.without_element(changed, parent.children[-1])
    assert shape(expat_tree(again)) == shape(expat_tree(text))


@given(DOCUMENTS, PLACES)
def test_an_element_is_renamed(text: str, place: list[int]) -> None:
    found = scan(text, "/f")
    element, way = at(found.root, place)
    after = edit.renamed(found, element, "other")
    changed = scan(after, "/f")
    assert at(changed.root, way)[0].name == "other"
    assert edit.renamed(changed, at(changed.root, way)[0], element.name) == text


@given(DOCUMENTS, PLACES, VALUES)
def test_a_text_is_set(text: str, place: list[int], value: str) -> None:
    found = scan(text, "/f")
    element, way = at(found.root, place)
    if element.empty:
        return
    after = edit.with_text(found, element, value)
    assert (after[: element.inner], after.endswith(text[element.inner_end :])) == (text[: element.inner], True)
    assert below(expat_tree(after), way)[2:] == (value, [])


def shape(tree: Tree) -> Tree:
    """A tree without the white space in its texts."""
    name, attributes, text, children = tree
    return (name, attributes, "".join(text.split()), [shape(child) for child in children])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a/>", "<a>\n    <n/>\n</a>"),
        ("<a />", "<a>\n    <n/>\n</a>"),
        ("<a></a>", "<a>\n    <n/>\n</a>"),
        ("<a>\n</a>", "<a>\n    <n/>\n</a>"),
        ("<a>\r\n  <b/>\r\n</a>\r\n", "<a>\r\n  <b/>\r\n  <n/>\r\n</a>\r\n"),
        ("<r>\n\t<a>\n\t\t<b/>\n\t</a>\n</r>", "<r>\n\t<a>\n\t\t<b/>\n\t\t<n/>\n\t</a>\n</r>"),
        ("<r>\n\t<a/>\n</r>", "<r>\n\t<a>\n\t\t<n/>\n\t</a>\n</r>"),
        ("<a>\n  <b/>\n  <!-- c -->\n</a>", "<a>\n  <b/>\n  <!-- c -->\n  <n/>\n</a>"),
    ],
)
def test_a_child_is_indented_as_its_neighbours(text: str, expected: str) -> None:
    found = scan(text, "/f")
    parent = found.root.children[0] if found.root.name == "r" else found.root
    assert edit.with_child(found, parent, ["<n/>"]) == expected


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("<r><a/></r>", "    "),
        ("<r>\n  <a/>\n</r>", "  "),
        ("<r>\n  <a>\n     <b/>\n  </a>\n</r>", "   "),
        ("<r>\n<a>\n\t<b/>\n</a>\n</r>", "\t"),
        ("<r>\n<a/>\n</r>", "    "),
        ("\t<r><a/>\n</r>", "\t"),
        ("<r><x>\n\t<a/>\n</x></r>", "\t"),
    ],
)
def test_a_step_is_as_deep_as_the_nearest_one(text: str, step: str) -> None:
    found = scan(text, "/f")
    parent = found.root.children[0]
    parent = parent.children[0] if parent.name == "x" else parent
    assert edit.indented(["<n/>"], found, parent) == [f"{step}<n/>"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<r>\n  <a/>\n  <b/>\n</r>", "<r>\n  <b/>\n</r>"),
        ("<r>\r\n  <a>\r\n</a> \t\r\n</r>", "<r>\r\n</r>"),
        ("<r><a/>\n</r>", "<r>\n</r>"),
        ("<r>\n<a/><b/></r>", "<r>\n<b/></r>"),
        ("<r>\n  <a/> <!-- why -->\n</r>", "<r>\n   <!-- why -->\n</r>"),
    ],
)
def test_a_removed_element_takes_its_own_lines_with_it(text: str, expected: str) -> None:
    found = scan(text, "/f")
    assert edit.without_element(found, found.root.children[0]) == expected


def test_an_attribute_on_lines_of_its_own_gets_one_too() -> None:
    found = scan('<a b="1"\n   c="2"/>', "/f")
    assert edit.with_attribute(found, found.root, "d", "3") == '<a b="1"\n   c="2"\n   d="3"/>'


def test_values_are_written_so_that_they_are_read_back() -> None:
    assert edit.escaped("a<b>&'\"\n\u00e4") == "a&lt;b>&amp;'&quot;&#10;\u00e4"
    assert edit.escaped("'\u00e4\u20ac", "'", "latin-1") == "&apos;\u00e4&#8364;"
