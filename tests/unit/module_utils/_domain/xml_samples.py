# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML documents for tests: made at random, and read by expat, which is the judge."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple
from xml.etree import ElementTree
from xml.parsers import expat

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "B", "a.b", "x-y", "_n", "n:s", "Ärger"])
GAPS = st.sampled_from([" ", "  ", "\n", "\t", "\r\n", " \n    "])
TEXTS = st.lists(
    st.sampled_from(
        ["x", "ä", "\U0001f511", " ", "\n", "\r\n", "\t", "&amp;", "&lt;", "&#65;", "&#x0a;", "&#13;", "'"]
    ),
    max_size=4,
).map("".join)
MISC = st.sampled_from(["", "<!-- <a b='c'> & -->", "<?pi <a> ?>", "<?p?>", "<!---->"])


@st.composite
def attributes(draw: st.DrawFn) -> str:
    """Attributes as they stand in a tag."""
    parts = []
    for name in draw(st.lists(NAMES, max_size=3, unique=True)):
        quote = draw(st.sampled_from("\"'"))
        equals = draw(st.sampled_from(["=", " = ", "\n="]))
        parts.append(
            draw(GAPS)
            + name
            + equals
            + quote
            + draw(TEXTS).replace(quote, "")
            + draw(st.sampled_from(["", "]]>", ">"]))
            + quote
        )
    return "".join(parts)


def nested(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Elements with such children."""
    inside = st.lists(
        st.one_of(children, TEXTS, MISC, st.sampled_from(["<![CDATA[<a> & ]] >]]>", "<![CDATA[]]>"])), max_size=4
    )
    return st.builds(
        lambda name, given, content, gap: f"<{name}{given}>{''.join(content)}</{name}{gap}>",
        NAMES,
        attributes(),
        inside,
        st.sampled_from(["", " ", "\n"]),
    )


LEAVES = st.builds(
    lambda name, given, gap: f"<{name}{given}{gap}/>", NAMES, attributes(), st.sampled_from(["", " ", "\n"])
)
ELEMENTS = st.recursive(LEAVES, nested, max_leaves=8)
PROLOGUES = st.sampled_from(
    [
        "",
        "\ufeff",
        '<?xml version="1.0"?>',
        "<?xml version='1.0' encoding='UTF-8' standalone=\"yes\" ?>\n",
        "<!DOCTYPE a>",
        '<!DOCTYPE a SYSTEM "a.dtd">\n',
        "<!DOCTYPE a PUBLIC '-//x' \"y\" [\n<!ELEMENT a ANY> <!-- ]> --> <!ATTLIST z q CDATA 'x>]'>\n<?p ]> ?>]>\n",
    ]
)
BODIES = st.builds(
    lambda before, root, after: f"{before}{root}{after}",
    st.sampled_from(["", "<!-- c -->\n", "<?p x?>", "\r\n"]),
    ELEMENTS,
    st.sampled_from(["", "\n", "<!-- end -->\n"]),
)
DOCUMENTS = st.builds(lambda prologue, body: prologue + body, PROLOGUES, BODIES)

Tree = Tuple[str, Dict[str, str], str, List[Any]]


def expat_tree(text: str) -> Tree:
    """Name, attributes, own text and children of the root, as expat reads them; ExpatError where it does not."""
    # Without namespaces: a prefix is part of the name here, whatever it stands for.
    parser, builder = expat.ParserCreate(), ElementTree.TreeBuilder()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(text.encode(), True)
    return element_tree(builder.close())


def element_tree(element: ElementTree.Element) -> Tree:
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    return (element.tag, dict(element.attrib), text, [element_tree(child) for child in element])
