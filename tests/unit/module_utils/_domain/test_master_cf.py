# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""master.cf as Postfix reads it, and edits that leave the rest alone."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import master_cf
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.master_cf import ServiceWish
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.postfix_line import PostfixRefusal
from hypothesis import assume, given
from hypothesis import strategies as st

TEXT = """\
# service type  private
smtp      inet  n       -       y       -       -       smtpd
#submission inet n       -       y       -       -       smtpd
smtps     inet  n       -       y       -       -       smtpd -v
  -o syslog_name=postfix/smtps
  # a comment
  -o smtpd_tls_wrappermode=yes -o { smtpd_client_restrictions = permit_sasl_authenticated
    reject }
maildrop  unix  -       n       n       -       -       pipe
  flags=DRXhu user=vmail argv=/usr/bin/maildrop -o -d ${recipient}
"""


def entry(text: str, key: str) -> master_cf.Service:
    found = master_cf.find(text, key)
    assert found is not None
    return found


def test_an_entry_is_read_as_postconf_shows_it() -> None:
    smtps = entry(TEXT, "smtps/inet")
    assert smtps.fields == {"private": "n", "unprivileged": "-", "chroot": "y", "wakeup": "-", "maxproc": "-"}
    assert smtps.command == "smtpd -v"
    assert smtps.options == {
        "syslog_name": "postfix/smtps",
        "smtpd_tls_wrappermode": "yes",
        "smtpd_client_restrictions": "permit_sasl_authenticated reject",
    }
    maildrop = entry(TEXT, "maildrop/unix")
    assert maildrop.command == "pipe flags=DRXhu user=vmail argv=/usr/bin/maildrop -o -d ${recipient}"
    assert maildrop.options == {}


def test_options_in_every_spelling() -> None:
    text = "x unix - - n - - smtpd -oa=b -o{ c = d } -vo e=f -o g={h i} -o j=${k?{l m}} n -o p=q\n"
    assert entry(text, "x/unix").options == {"a": "b", "c": "d", "e": "f", "g": "{h i}", "j": "${k?{l m}}"}
    assert entry(text, "x/unix").command == "smtpd -v n -o p=q"


def test_of_entries_with_one_name_the_last_is_in_force() -> None:
    text = TEXT + "smtp inet n - - - - postscreen\n"
    assert entry(text, "smtp/inet").command == "postscreen"
    assert master_cf.find(master_cf.removed(text, "smtp/inet"), "smtp/inet") is None


def test_a_field_changes_in_its_column() -> None:
    edited = master_cf.with_field(TEXT, entry(TEXT, "smtp/inet"), "chroot", "n")
    assert edited == TEXT.replace("smtp      inet  n       -       y", "smtp      inet  n       -       n")


def test_an_option_changes_where_it_stands() -> None:
    service = entry(TEXT, "smtps/inet")
    assert master_cf.with_option(TEXT, service, "syslog_name", "x") == TEXT.replace("postfix/smtps", "x")
    edited = master_cf.with_option(TEXT, service, "smtpd_client_restrictions", "reject")
    assert edited == TEXT.replace(
        "{ smtpd_client_restrictions = permit_sasl_authenticated\n    reject }", "smtpd_client_restrictions=reject"
    )


def test_an_option_is_added_after_the_others_or_before_the_arguments() -> None:
    assert master_cf.with_option(TEXT, entry(TEXT, "smtp/inet"), "a", "b c") == TEXT.replace(
        "-       smtpd\n#sub", "-       smtpd\n  -o { a = b c }\n#sub"
    )
    edited = master_cf.with_option(TEXT, entry(TEXT, "maildrop/unix"), "a", "b")
    assert edited == TEXT.replace("       pipe\n", "       pipe -o a=b\n")
    assert entry(edited, "maildrop/unix").options == {"a": "b"}


def test_an_option_goes_with_its_line() -> None:
    service = entry(TEXT, "smtps/inet")
    assert master_cf.without_option(TEXT, service, "syslog_name") == TEXT.replace(
        "  -o syslog_name=postfix/smtps\n", ""
    )
    edited = master_cf.without_option(TEXT, service, "smtpd_tls_wrappermode")
    assert entry(edited, "smtps/inet").options == {
        name: value for name, value in service.options.items() if name != "smtpd_tls_wrappermode"
    }
    assert "  # a comment\n" in edited


def test_a_removed_entry_leaves_its_comments() -> None:
    edited = master_cf.removed(TEXT, "smtps/inet")
    assert master_cf.find(edited, "smtps/inet") is None
    assert "  # a comment\n" in edited
    assert entry(edited, "maildrop/unix").command == entry(TEXT, "maildrop/unix").command


def test_a_new_entry_has_all_fields() -> None:
    wish = ServiceWish("submission", "inet", {"maxproc": "20"}, "smtpd", {"a": "b", "c": "d e"})
    edited = master_cf.added(TEXT.rstrip("\n"), wish)
    assert edited.startswith(TEXT)
    service = entry(edited, "submission/inet")
    assert service.fields == {"private": "n", "unprivileged": "-", "chroot": "n", "wakeup": "-", "maxproc": "20"}
    assert service.options == {"a": "b", "c": "d e"}


def test_another_command_keeps_fields_and_options() -> None:
    before = entry(TEXT, "smtps/inet")
    edited = master_cf.with_command(TEXT, before, "postscreen -v")
    after = entry(edited, "smtps/inet")
    assert (after.command, after.fields, after.options) == ("postscreen -v", before.fields, before.options)
    assert "  # a comment\n" in edited


def test_dashes_mean_their_defaults() -> None:
    assert master_cf.same_field("private", "-", "y")
    assert master_cf.same_field("wakeup", "0", "-")
    assert not master_cf.same_field("chroot", "-", "y")
    assert not master_cf.same_field("maxproc", "-", "0")


@pytest.mark.parametrize("line", ["x inet n - n - -", "x foo n - n - - smtpd", "one", "x inet n - n - -  # smtpd"])
def test_a_line_that_postfix_cannot_read_is_named(line: str) -> None:
    if "#" in line:
        assert entry(line, "x/inet").command == "# smtpd"  # '#' begins a comment at the head of a line only
        return
    with pytest.raises(PostfixRefusal, match=r"^master\.cf: line 2 is not "):
        list(master_cf.services("\n" + line + "\n"))


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (ServiceWish("a b", "unix"), "no blanks"),
        (ServiceWish("x", "inet", {"private": "y"}), "cannot be private"),
        (ServiceWish("x", "inet", {"private": "-"}), "cannot be private"),
        (ServiceWish("x", "unix", {"wakeup": "1m"}), "no number of seconds"),
        (ServiceWish("x", "unix", {"maxproc": "-1"}), "no number of processes"),
        (ServiceWish("x", "unix", {}, "smtpd -o a=b"), "go into options"),
        (ServiceWish("x", "unix", {}, " "), "not a program"),
    ],
)
def test_wishes_with_which_postfix_could_not_start(wish: ServiceWish, words: str) -> None:
    with pytest.raises(PostfixRefusal, match=words):
        master_cf.check_wish(wish)


OPTION = st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["1", "x y", "${z?{p q}}", ""]))
SPELLINGS = (
    "-o {n}={v}",
    "-o{n}={v}",
    "-o {{ {n} = {v} }}",
    "-vo {n}={v}",
    "-o\n\t{n}={v}",
    "\n  # c\n  -o {n}={v}\n ",
)


@st.composite
def entries(draw: st.DrawFn) -> str:
    parts = []
    for name, value in draw(st.lists(OPTION, max_size=4)):
        spelling = draw(st.sampled_from(SPELLINGS))
        if " " in value and not value.startswith("$"):
            spelling = SPELLINGS[2]
        parts.append(spelling.format(n=name, v=value))
    tail = draw(st.sampled_from(["", "\n  -v", " arg -o not=one", "\n  flags=x argv=y -z"]))
    return "s unix - - n - - smtpd " + " ".join(parts) + tail + "\n# after\nt unix - - n - - smtpd\n"


@given(entries(), OPTION)
def test_an_option_set_is_read_back_and_nothing_else_changes(text: str, option: tuple[str, str]) -> None:
    before = entry(text, "s/unix")
    edited = master_cf.with_option(text, before, *option)
    after = entry(edited, "s/unix")
    assert after.options == {**before.options, option[0]: option[1]}
    assert (after.fields, after.command) == (before.fields, before.command)
    assert edited.count("#") == text.count("#")
    assert edited.endswith("# after\nt unix - - n - - smtpd\n")


@given(entries(), st.sampled_from(["a", "b", "c"]))
def test_an_option_removed_is_gone_and_nothing_else_changes(text: str, name: str) -> None:
    before = entry(text, "s/unix")
    assume(name in before.options)
    edited = master_cf.without_option(text, before, name)
    after = entry(edited, "s/unix")
    assert after.options == {key: value for key, value in before.options.items() if key != name}
    assert (after.fields, after.command) == (before.fields, before.command)
    assert edited.count("#") == text.count("#")
    assert edited.endswith("# after\nt unix - - n - - smtpd\n")


@given(entries(), st.sampled_from(["pipe", "pipe -v", "pipe flags=x argv=y -o z"]))
def test_a_command_changed_is_read_back(text: str, command: str) -> None:
    before = entry(text, "s/unix")
    after = entry(master_cf.with_command(text, before, command), "s/unix")
    assert (after.command, after.options, after.fields) == (command, before.options, before.fields)
