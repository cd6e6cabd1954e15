# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_answer import (
    Answer,
    ends_with,
    script,
    split_answers,
)
from hypothesis import given
from hypothesis import strategies as st

UNKNOWN = 'Unknown request "m-{}".  Type "?" for a request list.\n'
COMMANDS = ["getprinc nobody", 'addprinc -pw "a secret" alice', "listprincs"]
TOLD = (
    ('get_principal: Principal does not exist while retrieving "nobody@R".',),
    ("No policy specified for alice@R; defaulting to no policy", 'Principal "alice@R" created.'),
    ("K/M@R", "alice@R"),
)


def silent(program):
    """As kadmin prints without readline."""
    return "".join(
        f"{program}:  " + "".join(f"{line}\n" for line in lines) + f"{program}:  {program}: {UNKNOWN.format(number)}"
        for number, lines in enumerate(TOLD, 1)
    )


def repeating(program):
    """As kadmin prints with readline: each command is repeated behind the prompt."""
    return "".join(
        f"{program}:  {command}\n"
        + "".join(f"{line}\n" for line in lines)
        + f"{program}:  m-{number}\n{program}: {UNKNOWN.format(number)}"
        for number, (command, lines) in enumerate(zip(COMMANDS, TOLD), 1)
    )


@pytest.mark.parametrize("program", ["kadmin", "kadmin.local"])
@pytest.mark.parametrize("printed", [silent, repeating])
def test_each_answer_finds_its_command(program, printed):
    answers = split_answers("Authenticating as principal x\n" + printed(program), COMMANDS, "m", 1)
    assert [answer.lines[-len(lines) :] for answer, lines in zip(answers, TOLD)] == list(TOLD)
    assert not any("a secret" in line for answer in answers for line in answer.lines)
    assert answers[1].complaint == 'Principal "alice@R" created.'


def test_fewer_answers_where_kadmin_ended():
    whole = silent("kadmin.local")
    assert len(split_answers(whole[: whole.rindex("Unknown")], COMMANDS, "m", 1)) == 2
    assert split_answers("", COMMANDS, "m", 1) == ()


def test_script_puts_a_marker_behind_each_command():
    assert script(["a", "b"], "m", 7) == b"a\nm-7\nb\nm-8\n"
    assert ends_with("m", 8) in b'kadmin: Unknown request "m-8".  Type'


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=("Cs",)), min_size=1))))
def test_answers_of_any_lines(told):
    # A first line that reads as the command or as its marker cannot be told from kadmin's repeating them.
    lines = [
        [line for line in some if not line.startswith(("kadmin", "x", "m-")) and "Unknown request" not in line]
        for some in told
    ]
    printed = "".join(
        "kadmin:  " + "".join(f"{line}\n" for line in some) + f"kadmin:  kadmin: {UNKNOWN.format(number)}"
        for number, some in enumerate(lines)
    )
    answers = split_answers(printed, ["x"] * len(lines), "m", 0)
    assert [list(answer.lines) for answer in answers] == lines


def test_complaint_leaves_notices_out():
    assert Answer(('NOTICE: no policy specified for x; assigning "default"', "  add_principal: no  ")).complaint == (
        "add_principal: no"
    )
