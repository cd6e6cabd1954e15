# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.directory import (
    LDAPS,
    DirectoryRefusal,
    Entry,
    Server,
    all_of,
    any_of,
    bind_name,
    check_server,
    equals,
    escaped,
    is_address,
    present,
    quoted_password,
)
from hypothesis import given
from hypothesis import strategies as st

PASSWORD = Credentials("alice", password="x")


def test_a_filter():
    wanted = all_of((equals("objectClass", "user"), any_of((equals("cn", "a"), equals("n", 5))), present("mail")))
    assert wanted == "(&(objectClass=user)(|(cn=a)(n=5))(mail=*))"
    assert any_of(()) == "(|)"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        # RFC 4515 section 4's own, where it has one
        ("Parens R Us (for all your parenthetical needs)", r"Parens R Us \28for all your parenthetical needs\29"),
        ("*", r"\2a"),
        ("C:\\MyFile", r"C:\5cMyFile"),
        (b"\0\0\0\x04", "\\00\\00\\00\x04"),
        ("Lu\u010di\u0107", "Lu\u010di\u0107"),
        (b"\xff\xfe", r"\ff\fe"),
        (b"a*\xff", r"\61\2a\ff"),
        (805306368, "805306368"),
    ],
)
def test_values_are_escaped(value, written):
    assert escaped(value) == written


@given(st.one_of(st.text(st.characters(exclude_categories=("Cs",))), st.binary()))
def test_no_value_leaves_its_place(value):
    written = escaped(value)
    assert not set("()*\0") & set(written)
    assert all(len(part) >= 2 for part in written.split("\\")[1:])


def test_an_entry():
    entry = Entry("CN=x", {"servicePrincipalName": (b"a", b"b"), "kvno": (b"7",), "odd": (b"\xff",)})
    assert entry.values("SERVICEPRINCIPALNAME") == (b"a", b"b")
    assert (entry.texts("servicePrincipalName"), entry.text("servicePrincipalName")) == (("a", "b"), "a")
    assert (entry.number("kvno"), entry.number("none"), entry.text("none"), entry.values("none")) == (7, None, None, ())
    assert entry.text("odd") == "\udcff"


def test_the_password_as_the_directory_takes_it():
    # [MS-ADTS] 3.1.1.3.1.5's example
    assert quoted_password("new").hex() == "22006e00650077002200"
    assert quoted_password('\u00e4"\U0001d11e') == '"\u00e4"\U0001d11e"'.encode("utf-16-le")
    with pytest.raises(DirectoryRefusal, match="half of a surrogate pair"):
        quoted_password("\ud800")


def test_a_server():
    where = Server("dc1.ad.example.test", "AD.EXAMPLE.TEST")
    assert (where.domain, where.right_port) == ("ad.example.test", 389)
    assert Server("", "R", LDAPS).right_port == 636
    assert Server("", "R", LDAPS, port=1636).right_port == 1636
    assert bind_name("alice", "R") == bind_name("alice@R", "OTHER") == "alice@R"


@pytest.mark.parametrize(
    ("where", "asked", "said"),
    [
        (Server("dc1", "R", LDAPS), Credentials("", keytab="/x"), "^transport: ldaps needs credentials.password"),
        (Server("dc1", "R", LDAPS), Credentials("alice", password=""), "^credentials: password is empty"),
        (Server("dc1", "R", timeout=0.5), PASSWORD, "^timeout: 0.5 is too short"),
        (Server("127.0.0.1", "R.X"), PASSWORD, "^server: 127.0.0.1 is an address.* such as dc1.r.x$"),
        (Server("[fe80::1%eth0]", "R"), PASSWORD, "is an address"),
    ],
)
def test_what_does_not_fit_together(where, asked, said):
    with pytest.raises(DirectoryRefusal, match=said) as refused:
        check_server(where, asked)
    assert refused.value.symptom


def test_what_does():
    check_server(Server("", "R"), Credentials("", ccache="KCM:"))
    check_server(Server("dc1", "R", LDAPS), PASSWORD)
    assert not is_address("dc1.ad.example.test")
