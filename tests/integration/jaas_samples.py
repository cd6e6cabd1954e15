# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login configurations of every form, good and bad, and entries to be written into them."""

from __future__ import annotations

import random
from typing import Any

SEED = 20260108
NAMES = ("x", "jcifs.spnego.accept", "a b", "$-1", "ü", "other", "")
CLASSES = ("a.B", "com.sun.security.auth.module.Krb5LoginModule", '"q r"', "€.S")
FLAGS = ("required", "REQUISITE", "Sufficient", '"optional"')
GAPS = (
    " ",
    "\n",
    "\r\n   ",
    "\r",
    "\t\x01",
    " // c ; }\n",
    '/* } " */',
    " / c\n",
    "/\nswallowed ;\n",
    "/*\n*/",
    "/***/",
)
WORDS = ("true", "k", "l", '"v w"', '"open\n', r'"a\"b\\"', r'"\101\4777\t\x"', "ü", "_-$*.9", '"${/}"', '""', '"€"')
NOISE = (
    *(
        "\\",
        "\\\n",
        "#",
        "/",
        "'",
        '"',
        "@",
        "-",
        ".",
        "1",
        "-1",
        "\x7f",
        "\x80",
        "\xa0",
        "\0",
        "\n",
        " ",
        "//",
        "/*",
        "*/",
    ),
    *("{", "}", ";", "=", ",", "};", "a", "'w'", "k=v", "required", "x {", "/\r\n", "\ufeff", "\\\r"),
)


def _gap(draw: random.Random) -> str:
    return draw.choice(GAPS) if draw.random() < 0.6 else ""


def good(draw: random.Random) -> str:
    """A file that is mostly in order."""
    parts: list[str] = []
    for name in draw.sample(NAMES, draw.randrange(4)):
        parts += [_gap(draw), draw.choice(['"{}"', "'{}'"]).format(name), _gap(draw), "{"]
        for _number in range(draw.choice((0, 1, 1, 1, 2))):
            parts += [_gap(draw), draw.choice(CLASSES), draw.choice(GAPS), draw.choice(FLAGS)]
            for _option in range(draw.randrange(4)):
                parts += [draw.choice(GAPS), draw.choice(WORDS), _gap(draw), "=", _gap(draw), draw.choice(WORDS)]
            parts += [_gap(draw), ";"]
        parts += [_gap(draw), "}", _gap(draw), ";"]
    return "".join([*parts, _gap(draw)])


def bad(draw: random.Random) -> str:
    """A file with something in it that may not belong there, or without something that does."""
    text = good(draw)
    for _time in range(draw.randrange(1, 3)):
        at = draw.randrange(len(text) + 1)
        text = text[:at] + draw.choice((*NOISE, "")) + text[at + draw.randrange(3) :]
    return text


def wish(draw: random.Random) -> dict[str, Any]:
    """An entry as the module takes it."""
    options = {
        "k": "v w",
        "l": True,
        "keyTab": "/etc/cas/cas.keytab",
        "n": 10,
        "e": "",
        "ü€": 'a"b\\c',
        "p": "HTTP/a@B",
    }
    modules = [
        {
            "class": draw.choice(("a.B", "com.sun.security.auth.module.Krb5LoginModule")),
            "flag": draw.choice(("required", "optional")),
            "options": {key: options[key] for key in draw.sample(sorted(options), draw.randrange(5))},
        }
        for _number in range(draw.choice((1, 1, 2)))
    ]
    return {"name": draw.choice([name for name in NAMES if name]), "modules": modules}
