# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a cas.properties, what people see of it, and what is refused."""

from __future__ import annotations

from typing import Any, Sequence

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_properties import (
    PropertiesPlan,
    Shadow,
    plan,
    secrets_of,
    wish_from,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_property_names import Name, name_of
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_release import CasRefusal, line_of
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.java_properties import (
    PropertiesRefusal,
    items_of,
    properties_of,
)
from hypothesis import given
from hypothesis import strategies as st

SPNEGO = "cas.authn.spnego."
TEXT = b"""\
# ours \xc3\xa9
cas.server.name = https://cas.example.test

cas.authn.spnego.ntlmAllowed: TRUE
cas.authn.spnego.properties[0].jcifsServicePrincipal=HTTP/old@\\
   EXAMPLE.TEST
cas.authn.accept.users=casuser::Mellon
cas.tgc.crypto.signing.key=abc
"""


def planned(
    settings: dict[str, Any],
    absent: Sequence[str] = (),
    content: bytes | None = TEXT,
    version: str = "7.0.0",
    others: Sequence[tuple[str, bytes | None]] = (),
) -> PropertiesPlan:
    return plan("/f", content, wish_from(line_of(version), settings, absent), others)


def test_each_is_changed_where_it_stands_and_in_its_spelling() -> None:
    after = planned({SPNEGO + "ntlm-allowed": False, SPNEGO + "properties.0.jcifs-service-principal": "HTTP/a@A"})
    assert after.content == (TEXT.replace(b"TRUE", b"false").replace(b"HTTP/old@\\\n   EXAMPLE.TEST", b"HTTP/a@A"))
    assert after.before == (
        "cas.authn.spnego.ntlmAllowed: TRUE\n"
        "cas.authn.spnego.properties[0].jcifsServicePrincipal=HTTP/old@\\\n   EXAMPLE.TEST\n"
    )
    assert after.after == (
        "cas.authn.spnego.ntlmAllowed: false\ncas.authn.spnego.properties[0].jcifsServicePrincipal=HTTP/a@A\n"
    )


def test_equal_in_meaning_is_equal() -> None:
    settings = {
        SPNEGO + "ntlm-allowed": True,
        SPNEGO + "properties[0].jcifs-service-principal": "HTTP/old@EXAMPLE.TEST",
        "CAS.SERVER.NAME": "https://cas.example.test",
    }
    assert planned(settings, ["cas.authn.ntlm.*", "nothing"]) == PropertiesPlan(TEXT)
    assert planned({}, content=None) == PropertiesPlan(None)


def test_new_ones_go_to_the_end_in_the_order_given() -> None:
    settings = {"server.port": 8443, SPNEGO + "mixedModeAuthentication": True, "my_Key": "", SPNEGO + "poolSize": 3}
    lines = "server.port=8443\ncas.authn.spnego.mixed-mode-authentication=true\nmy_Key=\ncas.authn.spnego.pool-size=3\n"
    assert planned(settings) == PropertiesPlan(TEXT + lines.encode(), "", lines)
    assert planned(settings, content=None) == PropertiesPlan(lines.encode(), "", lines)


def test_what_stands_there_twice_is_made_one() -> None:
    content = b"server.port=1\nSERVER.PORT=2\n# between\nserver.port=3\nx.y=1\nx.y=2\n"
    assert planned({"server.port": 3}, content=content) == PropertiesPlan(
        b"# between\nserver.port=3\nx.y=1\nx.y=2\n", "server.port=1\nSERVER.PORT=2\n", ""
    )
    assert planned({}, content=content).content == content


def test_what_must_go_goes_in_every_spelling() -> None:
    content = b"a.b-c=1\nA.bC=2\na.b-c.d=3\nx.y[0].z=4\nx.y.1=5\nx.y=6\nkept=7"
    assert planned({}, ["a.bc", "x.y[*]"], content).content == b"a.b-c.d=3\nx.y=6\nkept=7"
    assert planned({}, ["a.b-c.*"], content).before == "a.b-c.d=3\n"


def test_a_pattern_leaves_what_is_set() -> None:
    first, second = b"cas.authn.spnego.properties[0].", b"cas.authn.spnego.properties.1."
    content = first + b"timeout=PT5M\n" + first + b"jcifsDomain=x\n" + second + b"timeout=PT5M\n"
    after = planned({SPNEGO + "properties[0].jcifs-domain": "x"}, [SPNEGO + "properties[*]"], content)
    assert after.content == b"cas.authn.spnego.properties[0].jcifsDomain=x\n"


def test_secrets_are_not_shown_but_that_they_change() -> None:
    settings = {"cas.authn.accept.users": "other::secret", "cas.tgc.crypto.signing.key": "", "x.password": "p\u00e9"}
    after = planned(settings, content=TEXT + b"y.password=foreign\n")
    assert (after.content or b"").endswith(
        b"accept.users=other::secret\ncas.tgc.crypto.signing.key=\ny.password=foreign\nx.password=p\\u00e9\n"
    )
    assert after.before == (
        "cas.authn.accept.users=(a secret, not shown)\ncas.tgc.crypto.signing.key=(a secret, not shown)\n"
    )
    assert after.after == (
        "cas.authn.accept.users=(another secret, not shown)\ncas.tgc.crypto.signing.key=\n"
        "x.password=(a secret, not shown)\n"
    )
    assert "foreign" not in planned({}, ["y.password"], TEXT + b"y.password=foreign\n").before
    assert secrets_of({**settings, "a.token": True, "b.key": 12, "c": "d", 5: None}) == [
        "other::secret",
        "p\u00e9",
        "12",
    ]


OTHERS: list[tuple[str, bytes | None]] = [
    ("/c/application.properties", b"# x\ncas.authn.spnego.ntlm-allowed=true\nz=1\n"),
    ("/c/application.yml", b"cas:\n  authn:\n    spnego:\n      ntlmAllowed: true\n    accept.users: a::b\n"),
    ("/c/missing.yml", None),
    ("/c/CAS.YAML", b"\xff: 1\ncas.authn.spnego.ntlm-allowed: true\n"),
    ("/c/broken.properties", b"a=1\nb=\\u1\n"),
    ("/f", b"cas.authn.spnego.ntlm-allowed=true\n"),
]


def test_other_files_that_set_it_too() -> None:
    after = planned({SPNEGO + "ntlm_allowed": True, "z.y": "1"}, others=OTHERS)
    assert after.shadowed == (
        Shadow(SPNEGO + "ntlm_allowed", "/c/application.properties", 2),
        Shadow(SPNEGO + "ntlm_allowed", "/c/application.yml", 4),
        Shadow(SPNEGO + "ntlm_allowed", "/c/CAS.YAML", 2),
    )
    assert [warning.partition(":")[0] for warning in after.warnings] == [
        "/c/broken.properties",
        "/c/application.properties",
        "/c/application.yml",
        "/c/CAS.YAML",
    ]
    assert after.warnings[2].startswith("/c/application.yml: line 4 sets cas.authn.spnego.ntlm_allowed too, and which ")


@pytest.mark.parametrize(
    ("settings", "absent", "words"),
    [
        ({"a b": "c"}, [], "settings: 'a b' is no name of a property; "),
        ({"a.b-c": "1", "A.bC": "1"}, [], "settings: a.b-c and A.bC are one property to CAS; "),
        ({"a": None}, [], "settings: a: has no value; give one text"),
        ({"a": ["b"]}, [], "settings: a: is a list or a mapping; give one text"),
        ({"a": {"b": "c"}}, [], "settings: a: is a list or a mapping; give one text"),
        ({"a.b": "1"}, ["A.B"], "absent: A.B is also one of settings; "),
        ({}, ["*"], "absent: '*' is no name of a property; "),
        ({SPNEGO + "ntlm-allowed": "maybe"}, [], f"settings: {SPNEGO}ntlm-allowed: 'maybe' is not what it takes, "),
        ({SPNEGO + "jcifsPassword": "x"}, [], f"settings: {SPNEGO}jcifsPassword is how CAS 5 names it, "),
        (
            {SPNEGO + "ntlm": True},
            [],
            f"settings: CAS 7.0 does not know {SPNEGO}ntlm, which is of CAS ",
        ),
    ],
)
def test_what_may_not_be_asked(settings: dict[str, Any], absent: list[str], words: str) -> None:
    with pytest.raises(CasRefusal) as refused:
        planned(settings, absent)
    assert str(refused.value).startswith(words)
    assert "; " in str(refused.value)


def test_a_stale_line_of_the_other_dialect_is_named() -> None:
    content = b"a=b\n" + b"cas.authn.spnego.kerberosConf=/etc/krb5.conf\n"
    for settings in ({}, {SPNEGO + "system.kerberos-conf": "file:/etc/krb5.conf"}):
        with pytest.raises(CasRefusal) as refused:
            planned(settings, content=content)
        assert str(refused.value) == (
            "/f: line 2 sets cas.authn.spnego.kerberosConf, which is of CAS 5, and CAS 7.0 does not read it; "
            "name it in absent, and set cas.authn.spnego.system.kerberos-conf where it is meant"
        )
    assert planned({}, [SPNEGO + "kerberos-conf"], content).content == b"a=b\n"
    assert planned({}, content=content, version="5.3.16").content == content
    with pytest.raises(CasRefusal, match=r"line 5 sets .*, which is of CAS 6 and later, and CAS 5.3 does not read"):
        planned({}, version="5.3.16")


@pytest.mark.parametrize(
    ("settings", "absent", "others"),
    [
        ({SPNEGO + "properties[2].timeout": "PT5M"}, [], []),
        ({SPNEGO + "properties[1].timeout": "PT5M"}, [SPNEGO + "properties[0].*"], []),
        ({}, [], [("/o", b"cas.authn.spnego.properties[3].timeout=PT5M\n")]),
    ],
)
def test_a_list_with_a_gap(settings: dict[str, Any], absent: list[str], others: list[tuple[str, bytes]]) -> None:
    with pytest.raises(
        CasRefusal, match=r"^/f: would hold cas.authn.spnego.properties\[\d\] without one of the number"
    ):
        planned(settings, absent, others=others)
    whole = [
        ("/o", b"cas.authn.spnego.properties[1].timeout=PT5M\n"),
        (
            "/foreign",
            b"cas.authn.other.items[5].x=1\ncas.authn.spnego.properties[7]=1\ncas.authn.spnego.properties.x.y=1\n",
        ),
    ]
    assert planned({SPNEGO + "properties[2].timeout": "PT5M"}, others=whole).content


def test_a_gap_is_named_with_the_number_that_is_missing() -> None:
    with pytest.raises(CasRefusal) as refused:
        planned({SPNEGO + "properties[4].timeout": "PT5M"})
    assert str(refused.value) == (
        "/f: would hold cas.authn.spnego.properties[4] without one of the number 3, and CAS does not start with such a "
        "gap; number them from 0, and name in absent what is left over"
    )


def test_what_people_see_is_text_whatever_the_bytes() -> None:
    assert planned({"a": "b", "c": "d"}, content=b"a=\xe9\r\nc=\xc3\xa9\r\n").before == "a=\ufffd\r\nc=\u00e9\r\n"
    assert planned({"a": "b"}, content=b"a=c\r").after == "a=b\n"


def test_what_is_below_a_setting_may_be_absent() -> None:
    assert planned({"a": 1}, ["a.*"], b"a.b=1\na=1\n").content == b"a=1\n"


def test_a_file_that_java_does_not_read() -> None:
    with pytest.raises(PropertiesRefusal, match=r"^/f: line 2 holds"):
        planned({}, content=b"a=b\nc=\\users\n")


def foreign(content: bytes, touched: set[Name]) -> list[str]:
    """All that was not asked for, line by line; a last line without an end may get one."""
    return [item.text.rstrip("\n") for item in items_of(content, "/f") if name_of(item.key or "") not in touched]


PIECES = ["# c\n", "\n", "a.bC=1\n", "a.b-c : 2\n", "a.d\n", "z=\\\n 3\n", "cas.x.0.y=4"]
KEYS = st.sampled_from(["a.b-c", "a.bC", "A.B_C", "a.d", "server.port", "cas.x[0].y", "cas.x.0.y"])
LINES = st.lists(st.sampled_from(PIECES), max_size=8)


@given(LINES, st.dictionaries(KEYS, st.text(max_size=5), max_size=3), st.sets(KEYS, max_size=2))
def test_what_is_set_is_read_back_and_nothing_else_changes(
    lines: list[str], settings: dict[str, str], absent: set[str]
) -> None:
    content = "\n".join(lines).encode()
    try:
        after = planned(settings, sorted(absent), content)
    except CasRefusal:
        names = [name_of(key) for key in settings]
        assert len(set(names)) < len(names) or {name_of(key) for key in absent} & set(names)
        return
    touched = {name_of(key) for key in [*settings, *absent]}
    read = properties_of(items_of(after.content or b"", "/f"))
    assert {name_of(key): value for key, value in read.items() if name_of(key) in touched} == {
        name_of(key): value for key, value in settings.items()
    }
    assert foreign(after.content or b"", touched) == foreign(content, touched)
    again = planned(settings, sorted(absent), after.content)
    assert (again.content, again.before, again.after) == (after.content, "", "")
