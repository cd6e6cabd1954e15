# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands for kadmin's standard input: one line each, in which no value can become another command or option."""

from __future__ import annotations

import unicodedata

from .principal import PrincipalName, unparse
from .refusal import Refusal

LONGEST = (
    8000  # bytes of a line: kadmin without readline reads into a buffer of 8192 (BUFSIZ) and splits what is longer
)


class CommandRefusal(Refusal):
    """A value that cannot be handed to kadmin."""


def check_value(value: str, option: str, secret: bool = False) -> str:
    """``value`` itself when kadmin can take it on a line of its standard input, whatever it holds otherwise.

    CommandRefusal names ``option`` and, unless it is ``secret``, the value: control characters (a newline
    would begin another command) and text that is no UTF-8.
    """
    if value.isascii() and value.isprintable():
        return value
    shown = "the value" if secret else repr(value)
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise CommandRefusal(f"{option}: {shown} holds a newline or another control character; remove it")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise CommandRefusal(f"{option}: {shown} holds bytes that are no UTF-8; write it in UTF-8") from None
    return value


def quoted(value: str) -> str:
    """``value`` as one word of kadmin's command line (libss: double quotes, a quote doubled, no backslash escapes)."""
    return '"' + check_value(value, "kadmin", secret=True).replace('"', '""') + '"'


def principal_word(principal: PrincipalName) -> str:
    """A principal's full name as one word; a leading dash is escaped, so that it is never taken for an option."""
    text = unparse(principal)
    return quoted("\\" + text if text.startswith("-") else text)


def command(*words: str) -> str:
    """One line of words that are already quoted or are ours; CommandRefusal where it is longer than kadmin reads."""
    line = " ".join(words)
    if len(line.encode()) > LONGEST:
        raise CommandRefusal(
            f"kadmin: a command would be longer than the {LONGEST} bytes that kadmin reads; "
            "shorten the principal's name, password or list of enctypes"
        )
    return line
