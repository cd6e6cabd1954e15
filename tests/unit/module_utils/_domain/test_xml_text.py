# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where elements and attributes stand, and what is no XML; expat is the judge of both."""

from __future__ import annotations

from xml.parsers import expat

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import xml_text
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.xml_text import (
    Element,
    FormRefusal,
    XmlRefusal,
    scan,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.xml_samples import (
    BODIES,
    DOCUMENTS,
    Tree,
    expat_tree,
)
from hypothesis import example, given
from hypothesis import strategies as st


def tree(element: Element) -> Tree:
    attributes = {one.name: one.value for one in element.attributes}
    return (element.name, attributes, element.text, [tree(child) for child in element.children])


def elements(element: Element) -> list[Element]:
    return [element, *(below for child in element.children for below in elements(child))]


@given(DOCUMENTS)
def test_a_document_is_read_as_expat_reads_it(text: str) -> None:
    found = xml_text.document(text.encode(), "/f")
    assert found.text == text
    assert tree(found.root) == expat_tree(text)


@given(DOCUMENTS)
def test_spans_are_those_of_the_text(text: str) -> None:
    for element in elements(scan(text, "/f").root):
        whole = text[element.start : element.end]
        assert whole.startswith(f"<{element.name}")
        assert whole.endswith("/>" if element.empty else ">")
        if not element.empty:
            assert text[element.inner - 1] == ">"
            assert text[element.inner_end :].startswith(f"</{element.name}")
        for one in element.attributes:
            assert text[one.start : one.end].strip().startswith(one.name)
            assert text[one.value_start - 1] == text[one.value_end] == text[one.end - 1]
            assert text[one.value_end] in "\"'"
            assert element.start < one.start < one.end < element.end


PIECES = st.sampled_from(
    [*"<>&;'\"/=!?-[]#x a:\n0", "--", "]]>", "<!--", "&amp;", "&x;", "&#0;", "<a>", "</a>", "\x00", "\ufffe"]
)


@given(BODIES, st.integers(0, 200), st.integers(0, 3), st.one_of(st.just(""), PIECES))
@example("<a></a>", 3, 0, "&#99999999999999999999;")
@example("<a></a>", 3, 0, "&#x0000000000000000041;")
@example("<a></a>", 0, 0, "<?xml version='1.0'?><?xml version='1.0'?>")
@example("<a></a>", 0, 0, "<!DOCTYPE a><!DOCTYPE a>")
@example("<a></a>", 7, 0, "<!DOCTYPE a>")
@example("<a></a>", 7, 0, "<![CDATA[]]>")
@example("<a></a>", 0, 0, "<!DOCTYPE a/>")
@example("<a></a>", 0, 0, "<!DOCTYPE a [ x ]>")
@example("<a></a>", 0, 7, "")
def test_what_expat_refuses_is_refused_and_nothing_else(text: str, at: int, cut: int, piece: str) -> None:
    at = min(at, len(text))
    changed = text[:at] + piece + text[at + cut :]
    try:
        expected = expat_tree(changed)
    except (expat.ExpatError, UnicodeEncodeError):
        with pytest.raises(XmlRefusal, match=r"^/f: line \d+, column \d+: .+; .+"):
            scan(changed, "/f")
    else:
        assert tree(scan(changed, "/f").root) == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "line 1, column 1: the file ends and holds no element"),
        (b"\n<a>\n  <b>\n</a>", "line 4, column 1: </a> stands where </b> is due"),
        (b"<a>\r\n<b/></b></a>", "line 2, column 5: </b> stands where </a> is due"),
        (b"</a>", "line 1, column 1: </a> stands where nothing is open"),
        (b"<a>\r<b>", "line 2, column 1: the element <b> has no end"),
        (b"<a/><b/>", "line 1, column 5: a second element"),
        (b"<a/>x", "line 1, column 5: 'x' cannot stand outside"),
        (b"<a b=c/>", "line 1, column 3: the tag <a> is not well-formed"),
        (b'<a b="1"c="2"/>', "line 1, column 9: the tag <a> is not well-formed"),
        (b"<a b='1' b='2'/>", "line 1, column 10: the attribute b stands twice"),
        (b"<a>&</a>", "line 1, column 4: '&' begins no reference"),
        (b"<a b='&nbsp;'/>", "line 1, column 7: the entity &nbsp; is not declared"),
        (b"<a>]]></a>", "line 1, column 4: ']]>' cannot stand in the text"),
        (b"<a><!-- a -- b --></a>", "line 1, column 4: the comment"),
        (b"<a><![CDATA[</a>", "line 1, column 4: the CDATA section has no end"),
        (b"<a>< b/></a>", "line 1, column 4: '<' begins no tag"),
        (b"\n<?xml version='1.0'?><a/>", "line 2, column 1: an XML declaration"),
        (b"<a>\x01</a>", "line 1, column 4: the character U+0001"),
        (b"<a>\n\xc3\xa4\xff</a>", "line 2, column 2: byte 0xff is not utf-8"),
        (b"<?xml version='1.0' encoding='koi8-r'?><a/>", "line 1, column 1: the encoding koi8-r"),
        ("<a/>".encode("utf-16"), "line 1, column 1: the file is written in UTF-16"),
        ("<a/>".encode("utf-16-be"), "line 1, column 1: the file is written in UTF-16"),
        (b"<!DOCTYPE a [", "line 1, column 14: the document type"),
    ],
)
def test_the_place_is_named(content: bytes, words: str) -> None:
    with pytest.raises(XmlRefusal) as refusal:
        xml_text.document(content, "/f")
    assert str(refusal.value).startswith(f"/f: {words}")
    assert "; " in str(refusal.value)


def test_a_refusal_of_the_form_says_line_and_fault_alone_too() -> None:
    with pytest.raises(FormRefusal) as refusal:
        xml_text.document(b"<a>\n\xff</a>", "/f")
    assert (refusal.value.line, refusal.value.fault) == (2, "byte 0xff is not utf-8, as which the file is read")


@pytest.mark.parametrize("encoding", ["UTF-8", "us-ascii", "ISO-8859-1", "ISO-8859-15", "windows-1252"])
def test_encodings_keep_every_byte(encoding: str) -> None:
    content = f"<?xml version='1.0' encoding='{encoding}'?><a b='\u00e4'/>".encode(
        encoding, "xmlcharrefreplace"
    ).decode("latin-1")
    found = xml_text.document(content.encode("latin-1"), "/f")
    assert found.root.value("b") == "\u00e4"
    assert found.text.encode(found.codec) == content.encode("latin-1")


def test_what_a_document_type_declares_stays_as_it_is() -> None:
    found = scan('<!DOCTYPE a [<!ENTITY x "<b/>">]><a c="&x;">&x;</a>', "/f").root
    assert (found.value("c"), found.text, found.children) == ("&x;", "&x;", ())


def test_whether_there_is_a_document_type_is_told() -> None:
    assert scan("<!DOCTYPE a><a/>", "/f").typed
    assert not scan("<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE a>]]></a>", "/f").typed


def test_names_in_any_case() -> None:
    found = scan("<a Name='x'/>", "/f").root
    assert (found.value("name"), found.value("name", any_case=True), found.value("Name")) == ("", "x", "x")


def test_a_deep_document() -> None:
    depth = 20000
    found = scan("<a>" * depth + "</a>" * depth, "/f").root
    assert found.end == 7 * depth
