# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of XML 1.0 (fifth edition) as patterns, one for each piece that a document is made of."""

from __future__ import annotations

import re

_START = (
    "A-Za-z_:\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
NAME = f"[{_START}][{_START}0-9.\u00b7\u0300-\u036f\u203f-\u2040-]*"
GAP = "[ \t\r\n]"
DECLARATION = re.compile(
    rf"<\?xml{GAP}+version{GAP}*={GAP}*(?:\"1\.[0-9]+\"|'1\.[0-9]+')"
    rf"(?:{GAP}+encoding{GAP}*={GAP}*(?:\"([A-Za-z][\w.-]*)\"|'([A-Za-z][\w.-]*)'))?"
    rf"(?:{GAP}+standalone{GAP}*={GAP}*(?:\"(?:yes|no)\"|'(?:yes|no)'))?{GAP}*\?>",
    re.ASCII,
)
TAG = re.compile(rf"<({NAME})")
ATTRIBUTE = re.compile(rf"{GAP}+({NAME}){GAP}*={GAP}*(?:\"([^<\"]*)\"|'([^<']*)')")
TAG_END = re.compile(rf"{GAP}*(/?)>")
CLOSING = re.compile(rf"</({NAME}){GAP}*>")
INSTRUCTION = re.compile(rf"<\?({NAME})(?:{GAP}.*?)?\?>", re.DOTALL)
COMMENT = re.compile(r"<!--((?:(?!--).)*)-->", re.DOTALL)
CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
DOCTYPE = re.compile(
    rf"<!DOCTYPE{GAP}+({NAME})(?:{GAP}+(?:SYSTEM|PUBLIC{GAP}+(?:\"[^\"]*\"|'[^']*')){GAP}+(?:\"[^\"]*\"|'[^']*'))?"
    rf"{GAP}*(\[)?"
)
# What stands between the brackets of a document type, one thing at a time
DECLARED = re.compile(rf"{GAP}+|%{NAME};|<!--(?:(?!--).)*-->|<\?.*?\?>|<!(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>", re.DOTALL)
DOCTYPE_END = re.compile(rf"\]{GAP}*>")
REFERENCE = re.compile(rf"&(?:#0*([0-9]{{1,7}})|#x0*([0-9A-Fa-f]{{1,6}})|({NAME}));|&")
NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
LINE_END = re.compile(r"\r\n?|\n")
