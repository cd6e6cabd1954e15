# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""smtpd.conf as Cyrus SASL reads it, and edits that leave the rest alone."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import cyrus_sasl
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cyrus_sasl import SaslRefusal
from hypothesis import given
from hypothesis import strategies as st

TEXT = b"""\
# a comment
Pwcheck_Method:saslauthd

  mech_list: plain  login  \t
mech_list: second
sql_passwd: secret
log_level: 3"""


def plan(settings: dict[str, str], absent: tuple[str, ...] = (), content: bytes | None = TEXT) -> cyrus_sasl.SaslPlan:
    return cyrus_sasl.plan("/f", content, settings, absent)


def test_the_option_that_counts_is_edited_in_its_place() -> None:
    planned = plan({"mech_list": "GSSAPI PLAIN", "pwcheck_method": "auxprop"})
    assert planned.content == TEXT.replace(b"plain  login", b"GSSAPI PLAIN").replace(b"saslauthd", b"auxprop")
    assert cyrus_sasl.describe(planned) == (
        "mech_list: plain  login\npwcheck_method: saslauthd\n",
        "mech_list: GSSAPI PLAIN\npwcheck_method: auxprop\n",
    )


def test_equal_in_meaning_is_equal() -> None:
    assert plan({"mech_list": "plain login", "PWCHECK_METHOD": "saslauthd"}) == cyrus_sasl.SaslPlan(TEXT, ())


def test_a_new_option_goes_to_the_end_and_absent_ones_go_wherever_they_are() -> None:
    planned = plan({"keytab": "/k"}, ("MECH_LIST", "nothing"))
    assert planned.content == (
        TEXT.replace(b"  mech_list: plain  login  \t\nmech_list: second\n", b"") + b"\nkeytab: /k\n"
    )
    assert plan({"keytab": "/k"}, content=None).content == b"keytab: /k\n"
    assert plan({}, ("x",), None).content is None


def test_passwords_are_not_shown() -> None:
    text = "".join(cyrus_sasl.describe(plan({"sql_passwd": "other", "ldapdb_pw": "third"})))
    assert "secret" not in text and "other\n" not in text and "third" not in text
    assert text.count("not shown") == 3


@pytest.mark.parametrize(
    ("settings", "absent", "words"),
    [
        ({"a b": "c"}, (), "cannot be an option"),
        ({"a": " "}, (), "an empty value"),
        ({"a": "b\nc: d"}, (), "no single line"),
        ({"a": "b" * 4001}, (), "no single line"),
        ({"a": "b", "A": "c"}, (), "asked for twice"),
        ({"a": "b"}, ("a",), "asked for twice"),
        ({"keytab": "FILE:/k"}, (), "without 'FILE:'"),
    ],
)
def test_refusals(settings: dict[str, str], absent: tuple[str, ...], words: str) -> None:
    with pytest.raises(SaslRefusal, match=words):
        plan(settings, absent)


@pytest.mark.parametrize("line", [b"mech_list", b"mech_list = x", b"mech_list:", b": x", b"mech list: x"])
def test_a_line_for_which_the_library_refuses_the_file_is_named(line: bytes) -> None:
    with pytest.raises(SaslRefusal, match=r"^/f: line 2 is not of the form"):
        plan({}, content=b"# c\n" + line + b"\n")


@pytest.mark.parametrize(
    ("mech_list", "required", "words"),
    [
        ("GSSAPI", False, "no mechanism and go down"),
        ("gssapi, GS2-KRB5", False, "no mechanism and go down"),
        ("GSSAPI PLAIN", False, None),
        ("GSSAPI PLAIN", True, "silently offer no GSSAPI"),
        (None, False, None),
        (None, True, "silently offer no GSSAPI"),
    ],
)
def test_a_missing_keytab(mech_list: str | None, required: bool, words: str | None) -> None:
    settings = {"keytab": "/k", **({"mech_list": mech_list} if mech_list else {})}
    planned = plan(settings, content=None)
    assert cyrus_sasl.keytab_of(planned) == "/k"
    cyrus_sasl.check_keytab("/f", planned, keytab_there=True, required=required)
    if words is None:
        cyrus_sasl.check_keytab("/f", planned, keytab_there=False, required=required)
        return
    with pytest.raises(SaslRefusal, match=words):
        cyrus_sasl.check_keytab("/f", planned, keytab_there=False, required=required)


LINES = st.lists(
    st.sampled_from(["# c\n", "\n", "a: 1\n", " A : 2\n".replace(" :", ":"), "b:x y  \n", "c: d: e\n"]), max_size=8
)


@given(LINES, st.sampled_from(["a", "b", "d"]), st.sampled_from(["1", "x y", "e: f"]))
def test_what_is_set_is_read_back_and_nothing_else_changes(lines: list[str], name: str, value: str) -> None:
    text = "".join(lines)
    planned = plan({name: value}, content=text.encode())
    assert dict(cyrus_sasl.options((planned.content or b"").decode())) == {
        **dict(cyrus_sasl.options(text)),
        name: value,
    }
    again = plan({name: value}, content=planned.content)
    assert again == cyrus_sasl.SaslPlan(planned.content, ())
    assert (planned.content or b"").count(b"# c\n") == text.count("# c\n")
