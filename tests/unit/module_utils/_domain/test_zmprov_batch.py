# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches of zmprov, in and out, judged by what the real one read and printed."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import zmprov_batch
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zmprov_batch import (
    BatchRefusal,
    batch,
    blocks,
    config,
    entry,
    quoted,
    warnings,
    writable,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.zimbra_recordings import (
    recording,
    tokens,
    zmprov_steps,
)
from hypothesis import example, given
from hypothesis import strategies as st

LINES = recording("zmprov_line_tokens.json")["lines"]
STEPS = list(zmprov_steps())


def test_the_reader_of_this_test_is_the_recorded_one() -> None:
    assert len(LINES) == 200
    assert [one["line"] for one in LINES if tokens(one["line"]) != one["tokens"]] == []


WORDS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \t\n\\'\"#-+$=")).filter(writable)


@given(st.lists(WORDS, min_size=1))
@example(["ms", "h", "a", "", 'say "hi"', "it's", "back\\", "\\n", "two\nlines\t", "\u00a0", "#", "-v"])
def test_every_word_arrives_as_it_was(words: List[str]) -> None:
    text = batch([words])
    line, last, nothing = text.split("\n")
    assert (last, nothing) == ("exit", "")
    assert not line.endswith("\\")  # which would take the next line along
    assert tokens(line) == words


@pytest.mark.parametrize("plain", ["ms", "+zimbraForeignPrincipal", "kerberos5:u@E.TEST", "KRB5_KTNAME=/a/b", "$x"])
def test_plain_words_stay_as_they_are(plain: str) -> None:
    assert quoted(plain) == plain


@pytest.mark.parametrize("value", ["a\rb", "\0", "\x1f", "\x85", "\udcff", "\uffff"])
def test_what_no_batch_carries(value: str) -> None:
    assert not writable(value)


def is_read(step: Dict[str, object]) -> bool:
    """A recorded step that read one entry and showed it whole."""
    args, out = step["args"], str(step["stdout"])
    assert isinstance(args, list)
    return out.startswith("# name ") and "-v" not in args and "(cut)" not in out and step["rc"] == 0


def printed(name: str, values: Sequence[Tuple[str, Sequence[str]]]) -> str:
    return f"# name {name}\n" + "".join(f"{key}: {value}\n" for key, each in values for value in each) + "\n"


def test_recorded_entries_are_read_whole() -> None:
    """What was read, printed again, is what was printed: names, order, values of several lines."""
    read = [step for step in STEPS if is_read(step) and "::" not in step["stdout"]]
    assert len(read) > 40
    for step in read:
        names = [line.partition(":")[0] for line in step["stdout"].split("\n")[1:] if ": " in line]
        # of a value's own lines, `second: line` looks like an attribute: it was not asked for
        asked = [name for name in names if name != "second"]
        found = entry(step["stdout"], asked)
        assert found is not None
        spelt = {name.lower(): name for name in asked}
        assert printed(found.name, [(spelt[key], values) for key, values in found.values.items()]) == step["stdout"]


def test_recorded_global_values_are_read_whole() -> None:
    read = [step for step in STEPS if "gacf" in step["args"] and "(cut)" not in step["stdout"]]
    assert len(read) >= 3
    for step in read:
        found = config(step["stdout"], step["args"][step["args"].index("gacf") + 1 :])
        lines = [f"{name}: {value}" for name, values in found.values.items() for value in values]
        pairs = [line.split(": ", 1) for line in step["stdout"].split("\n")[:-1]]
        assert lines == [f"{name.lower()}: {value}" for name, value in pairs]


def test_a_recorded_batch_is_given_back_to_its_lines() -> None:
    """As many blocks as lines were read, and the output is theirs."""
    seen = 0
    for step in STEPS:
        if "batch" not in step or not step["stdout"].startswith("prov> ") or "-v" in step["args"]:
            continue
        found = blocks(step["stdout"])
        assert "".join("prov> " + block for block in found) == step["stdout"]
        lines = step["batch"].replace("\\\n", "").split("\n")
        lines = lines if lines[-1] else lines[:-1]
        ended = next((at + 1 for at, line in enumerate(lines) if line in ("exit", "quit")), len(lines) + 1)
        broken = "-r is specified" in step["stderr"] or "Exception in" in step["stderr"]
        assert len(found) == (1 if broken else ended), step
        seen += 1
    assert seen > 35


def test_output_without_a_prompt_has_no_blocks() -> None:
    assert blocks("") == []
    assert blocks("usage: zmprov\nprov> ") == []


def test_a_value_may_hold_the_prompt() -> None:
    assert blocks("prov> # name a\nx: prov> prov> y\n\nprov> ") == ["# name a\nx: prov> prov> y\n\n", ""]


def test_values_of_several_lines() -> None:
    found = entry("# name h\nzimbraNotes: first\nsecond: line\n\nfourth\n\nzimbraX: \n\n", ["zimbranotes", "zimbraX"])
    assert found is not None
    assert found.values == {"zimbranotes": ("first\nsecond: line\n\nfourth\n",), "zimbrax": ("",)}


def test_no_entry_on_an_error() -> None:
    assert entry("", ["x"]) is None


def test_binary_values_are_refused() -> None:
    for step in STEPS:
        if (
            is_read(step)
            and "userSMIMECertificate::" in step["stdout"]
            and len(step["args"]) < 6
            and "-e" not in step["args"]
        ):
            with pytest.raises(BatchRefusal, match="userSMIMECertificate: holds binary data"):
                entry(step["stdout"], ["displayName", "userSMIMECertificate"])
            return
    raise AssertionError("no recording shows a binary value")


def test_lines_that_nobody_asked_for() -> None:
    with pytest.raises(BatchRefusal, match="printed 'log line', which is no attribute that was asked for"):
        config("log line\nzimbraX: y\n", ["zimbraX"])


def test_recorded_warnings() -> None:
    found = [one for step in STEPS if "batch" in step for block in blocks(step["stdout"]) for one in warnings(block)]
    assert found == ["attribute zimbraMtaAuthEnabled has been deprecated since 6.0.0_BETA1"]
    two = next(step["stdout"] for step in STEPS if step["stdout"].count("Warn: ") == 2)
    assert len(warnings(two)) == 2


def test_commands_that_zmprov_does_not_know() -> None:
    found = [
        block
        for step in STEPS
        if step.get("batch") == "ms zimbra2.example.test\nfoo\nexit\n"
        for block in blocks(step["stdout"])
    ]
    assert [zmprov_batch.not_understood(block) for block in found] == [True, True, False]
