# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutants that do what the room does, so that no test can tell them apart, each with the reason.

One that a test kills after all, or that is not made any more, fails the run: take it out or write it anew.
"""

from __future__ import annotations

ANNOTATIONS_ONLY = "stands in annotations only, which are not evaluated"
NUMBERED_ANEW = "entries are numbered anew before anything of them is read"
ZERO_HAS_ENDED = "a length of zero has ended the loop a line before"
ONLY_FASTER = "the short way of plain names: the long one comes to the same"
NO_KEYS = "where there is no key, none is of the highest kvno, whichever that is"

# room, definition, change (as the run prints them), reason
TABLE = (
    ("keytab.py", "serialize", "(struct.pack('>[i -> I]', len(body", "differs from 2 GiB in one entry on"),
    ("keytab.py", "_Cursor.__init__", "[self.entry = 1 -> pass]", NUMBERED_ANEW),
    ("keytab.py", "_Cursor.__init__", ".entry = [1 -> 2]", NUMBERED_ANEW),
    ("keytab.py", "_Cursor.__init__", ".entry = [1 -> 0]", NUMBERED_ANEW),
    ("keytab.py", "_entries", "if length [< -> <=] 0:", ZERO_HAS_ENDED),
    ("keytab.py", "_entries", " length < [0 -> 1]:", ZERO_HAS_ENDED),
    (
        "keytab.py",
        "_entry",
        "(KVNO_FIELD, '[the kvno -> XXthe kvnoXX]'))",
        "that many bytes are left: it is never said",
    ),
    (
        "merge.py",
        "",
        " = b'[what the file will .. decided by the run -> XXwhat the file wi .. cided by the runXX]'",
        "never written or shown: it only has to differ from every keytab",
    ),
    ("merge.py", "", "[Slot = Tuple[Ident .. t], Optional[int]] -> pass]", ANNOTATIONS_ONLY),
    ("merge.py", "", "[Series = Tuple[Identity, int] -> pass]", ANNOTATIONS_ONLY),
    ("merge.py", "", "[Entry = Union[Keyt .. ry, PromisedEntry] -> pass]", ANNOTATIONS_ONLY),
    ("merge.py", "describe", "[if plan.after == plan.before: -> pass]", "the same lines are made a second time"),
    (
        "merge.py",
        "_promised",
        ".digest or [''). -> 'XXXX').]encode('ascii'), ",
        "what stands for a key that is not made yet only has to differ from every digest and key",
    ),
    ("merge.py", "_differ", "return [False -> None]", "asked for its truth alone"),
    ("merge.py", "_newest", "[if not keep: -> pass]", "the slice of the last 0 is, in Python, the whole list"),
    ("merge.py", "_series", ".kvno or [0 -> 1]) >> RODC_SHIFT", "both are 0 above the lowest 16 bits"),
    (
        "principal.py",
        "",
        " = b'[abcdefghijklmnopqr .. XYZ0123456789.-_$' -> XXabcdefghijklmnop .. Z0123456789.-_$XX']",
        "a set of bytes, in which X is already",
    ),
    ("principal.py", "_escaped", "[if not part.translate(None, PLAIN): -> pass]", ONLY_FASTER),
    ("principal.py", "_shown", "[if not part.translate(None, PLAIN): -> pass]", ONLY_FASTER),
    ("kadmin_output.py", "PrincipalRecord.newest_keys", ".keys), default[=0 -> =-1])", NO_KEYS),
    ("kadmin_output.py", "PrincipalRecord.newest_keys", "keys), default=[0 -> 1])", NO_KEYS),
)


def equivalent(room: str) -> dict[tuple[str, str], str]:
    """A room's rows: the reason by the mutant's key."""
    return {(where, change): reason for file, where, change, reason in TABLE if file == room}
