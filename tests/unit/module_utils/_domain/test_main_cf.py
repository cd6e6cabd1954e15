# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""main.cf as Postfix reads it, and edits that leave the rest alone."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import main_cf, postfix_line
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.postfix_line import PostfixRefusal
from hypothesis import example, given
from hypothesis import strategies as st

TEXT = """\
# a comment
smtpd_banner = $myhostname ESMTP
 \t $mail_name
# a comment between a line and its continuation

   # an indented one
  (Debian)

relayhost =
mynetworks = 127.0.0.0/8 # no comment
biff=no
biff = yes
last = 1"""

LINES = st.lists(
    st.sampled_from(
        [
            "# c\n",
            "  # c\n",
            "\n",
            "   \n",
            "a = 1\n",
            "a=\n",
            "b = $a x\n",
            "  more\n",
            "\tmore # x\n",
            "c = {\n",
            "\u00a0= 1\n",
        ]
    ),
    max_size=12,
)
NAMES = st.sampled_from(["a", "b", "c", "d"])
VALUES = st.text(st.sampled_from("ab ={}#$,/"), max_size=12).map(postfix_line.normal)


def test_values_are_those_in_force() -> None:
    assert main_cf.values(TEXT) == {
        "smtpd_banner": "$myhostname ESMTP" + main_cf.values(TEXT)["smtpd_banner"][17:],
        "relayhost": "",
        "mynetworks": "127.0.0.0/8 # no comment",
        "biff": "yes",
        "last": "1",
    }
    assert postfix_line.normal(main_cf.values(TEXT)["smtpd_banner"]) == "$myhostname ESMTP $mail_name (Debian)"


def test_a_value_is_replaced_where_it_is_in_force_and_comments_inside_stay() -> None:
    assert main_cf.with_value(TEXT, "smtpd_banner", "x") == TEXT.replace(
        """$myhostname ESMTP
 \t $mail_name
# a comment between a line and its continuation

   # an indented one
  (Debian)
""",
        """x
# a comment between a line and its continuation

   # an indented one
""",
    )
    assert main_cf.with_value(TEXT, "biff", "maybe") == TEXT.replace("biff = yes", "biff = maybe")
    assert main_cf.with_value(TEXT, "relayhost", "[x]") == TEXT.replace("relayhost =", "relayhost = [x]")


def test_a_new_parameter_goes_to_the_end_on_a_line_of_its_own() -> None:
    assert main_cf.with_value(TEXT, "new", "1 2") == TEXT + "\nnew = 1 2\n"
    assert main_cf.with_value("", "new", "") == "new =\n"


def test_all_repetitions_are_removed_and_comments_stay() -> None:
    assert main_cf.without(TEXT, "biff") == TEXT.replace("biff=no\nbiff = yes\n", "")
    assert "# a comment between" in main_cf.without(TEXT, "smtpd_banner")
    assert "smtpd_banner" not in main_cf.values(main_cf.without(TEXT, "smtpd_banner"))


def test_white_space_before_the_first_line_is_passed_over_as_postfix_does() -> None:
    assert main_cf.values("  a = 1\nb = 2\n") == {"b": "2"}


@pytest.mark.parametrize("text", ["a\n", "# c\na b = 1\n", "= 1\n"])
def test_a_line_that_postfix_cannot_read_is_named(text: str) -> None:
    with pytest.raises(PostfixRefusal, match=rf"^main\.cf: line {text.count(chr(10))} is not of the form"):
        main_cf.values(text)


@pytest.mark.parametrize(
    "value", ["$x", "${x}", "$(x)", "a$$", "$$x$y", "${x?{a b}:{c}}", "${{$x}=={1}?a:b}", "# a = b"]
)
def test_values_that_postfix_expands(value: str) -> None:
    main_cf.check_value("n", value, "main")


@pytest.mark.parametrize("value", ["$", "a $ b", "$/x", "${x", "$(x", "${}", "${ x }", "$-", "a\0b", "a\x1bb"])
def test_values_that_postfix_cannot_expand(value: str) -> None:
    with pytest.raises(PostfixRefusal, match=r"^main: n: "):
        main_cf.check_value("n", value, "main")


@pytest.mark.parametrize("name", ["", "a b", "a=b", "#a", "a\n", "$a", " a", "-a"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(PostfixRefusal, match="cannot be the name of a parameter"):
        main_cf.check_name(name, "main")


def test_references() -> None:
    assert list(main_cf.references("$a ${b?{$c}} $(d) $$e ${{$f}=={x}?y}")) == ["a", "b", "c", "d", "f"]


@given(LINES)
def test_pieces_joined_are_the_text(lines: list[str]) -> None:
    text = "".join(lines)
    assert "".join(piece.raw for piece in postfix_line.split(text)) == text


def _without_the_broken(lines: list[str]) -> str:
    return "".join(lines).replace("\u00a0= 1\n", "")


@example(["a=\n", "  more\n"], "a", "#")
@example(["a=\n", "# kept\n", "  more\n", " and more\n"], "a", "# x")
@given(LINES, NAMES, VALUES)
def test_what_is_set_is_read_back_and_nothing_else_changes(lines: list[str], name: str, value: str) -> None:
    text = _without_the_broken(lines)
    before, edited = main_cf.values(text), main_cf.with_value(text, name, value)
    assert main_cf.values(edited) == {**before, name: value}
    assert _comments(edited) == _comments(text)


@given(LINES, NAMES)
def test_what_is_removed_is_gone_and_nothing_else_changes(lines: list[str], name: str) -> None:
    text = _without_the_broken(lines)
    edited = main_cf.without(text, name)
    assert main_cf.values(edited) == {key: value for key, value in main_cf.values(text).items() if key != name}
    assert _comments(edited) == _comments(text)


def _comments(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip().startswith("#")]
