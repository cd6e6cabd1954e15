# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What localconfig shall hold: against the recorded calls, and what is refused before any."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_localconfig import (
    Access,
    Change,
    State,
    Wish,
    plan,
    refuse_moved,
    release_counts,
    wish_from,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_localconfig_file import (
    LocalconfigRefusal,
    parsed,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_localconfig_keys import (
    DEFAULT_REFERS,
    MOVED,
    NOT_EDITABLE,
    is_secret,
    readers,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_localconfig_keys import (
    DEFAULTS as REPEATED,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_localconfig_names import (
    KNOWN,
    WITH_DEFAULT,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_localconfig_report import (
    changes_report,
    diff,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_release import Release
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.zmlocalconfig_recordings import (
    CASES,
    before,
    recorded,
    words,
)

KEYS = recorded("zimbra_localconfig_keys")
DEFAULTS = {key["key"]: key["default"] for key in KEYS if key["default"] is not None}
OWN = parsed(before(CASES[0]).encode(), "localconfig.xml")
HOME = "${zimbra_home}"
TEN, EIGHT = Release(10, 0, 8), Release(8, 0, 9)


def state(own: dict[str, str] | None = None, **more: Any) -> State:
    held = OWN if own is None else own
    return State({**DEFAULTS, **held}, held, **{"access": Access(), **more})


def wish(settings: dict[str, Any] | None = None, *absent: str) -> Wish:
    return wish_from(settings, absent)


EDITS = [case for case in CASES if case["args"][:1] == ["-e"] and case["args"][1:2] != ["-f"] and not case.get("user")]
# What the program takes, and a wish does not: it loses text, breaks every program, or shows a password.
REFUSED = {
    "site_custom=\u00fcn\u00efcode": "holds the character",
    "site_custom=${nosuch}/y": "refers to ${nosuch}",
    "site_custom=${site_custom}/y": "refers to itself",
    "site_custom=${unclosed": "without its }",
    "x_password=new": "is a password",
    " spaced =v": "is no name of a key",
}


@pytest.mark.parametrize("case", [case for case in EDITS if case.get("after")], ids=words)
def test_every_recorded_edit(case: dict[str, Any]) -> None:
    """The file afterwards is what the plan says, or the plan says that it must not be."""
    settings = dict(word.split("=", 1) for word in case["args"][1:])
    own = {} if case.get("before", "") is None else parsed(before(case).encode(), "f")
    refusal = REFUSED.get(case["args"][1])
    if refusal:
        with pytest.raises(LocalconfigRefusal) as refused:
            plan(state(own), wish(settings))
        assert refusal in str(refused.value)
        return
    found = plan(state(own), wish(settings))
    after = {**own, **dict(found.sets)}
    written = parsed(case["after"].encode(), "f")
    for key, value in written.items():
        # A default that is asked for is not written into the file, where it would stay when the default changes.
        assert after.get(key, DEFAULTS.get(key)) == value
    assert after.keys() <= written.keys()


def test_what_is_recorded_as_refused_is_refused_before() -> None:
    said = {
        "site_custom": None,  # no value at all cannot be asked for
        "zimbra_ldap_password=new": "settings.zimbra_ldap_password: is a password",
        "=v": "settings: '' is no name of a key",
        "zimbra_home=/srv/zimbra": "settings.zimbra_home: Zimbra does not let anybody change this key",
    }
    bad = [
        case
        for case in EDITS
        if case["rc"] and "localconfig" not in case["stderr"] and "Exception" not in case["stderr"]
    ]
    assert {case["args"][1] for case in bad} == set(said)
    for word, beginning in said.items():
        if beginning:
            with pytest.raises(LocalconfigRefusal) as refusal:
                wish(dict([word.split("=", 1)]))
            assert str(refusal.value).startswith(beginning)


@pytest.mark.parametrize("case", [case for case in CASES if case["args"][0:1] == ["-u"]], ids=words)
def test_every_recorded_unset(case: dict[str, Any]) -> None:
    """Keys that the file does not hold are not taken out of it, which the program would refuse, or rewrite it for."""
    if "-e" in case["args"]:
        with pytest.raises(LocalconfigRefusal, match="absent: a is also one of settings"):
            wish({"a": 1}, "a")
        return
    found = plan(state(), wish(None, *case["args"][1:]))
    assert found.unsets == [key for key in case["args"][1:] if key in OWN]
    if case.get("after"):
        assert {key: value for key, value in OWN.items() if key not in found.unsets} == parsed(
            case["after"].encode(), "f"
        )


def test_a_steady_state() -> None:
    settings = {
        "krb5_keytab": "${zimbra_home}/conf/krb5.keytab\n",
        "zimbra_server_hostname": "zimbra1.example.test",
        "krb5_debug_enabled": False,
        "imap_max_consecutive_error": 5,
        "site_custom": "/opt/zimbra/x",
    }
    found = plan(state(), wish(settings, "sasl_smtpd_mech_list"))
    assert (found.changed, found.changes, found.restart, found.warnings) == (False, (), (), ())


def test_changes() -> None:
    settings = {"krb5_keytab": "/etc/k", "site_new": "${krb5_keytab}.new", "krb5_debug_enabled": True}
    found = plan(state(), wish(settings, "site_custom"))
    assert found.changes == (
        Change("krb5_keytab", "${zimbra_home}/conf/krb5.keytab", "/etc/k"),
        Change("site_new", None, "${krb5_keytab}.new"),
        Change("krb5_debug_enabled", "false", "true"),
        Change("site_custom", "${zimbra_home}/x", None),
    )
    assert found.restart == ("mailbox", "proxy")
    assert found.warnings == ("settings.site_new: Zimbra 10 knows no key of this name; mind its spelling",)
    (part,) = diff(found, "f")
    assert part == {
        "before_header": "f",
        "after_header": "f",
        "before": f"krb5_debug_enabled = false\nkrb5_keytab = {HOME}/conf/krb5.keytab\nsite_custom = {HOME}/x\n",
        "after": "krb5_debug_enabled = true\nkrb5_keytab = /etc/k\nsite_new = ${krb5_keytab}.new\n",
    }


def test_a_reference_whose_target_changes_is_no_literal() -> None:
    own = {"a": "1", "b": "1"}
    found = plan(state(own), wish({"a": "${b}", "b": 2}))
    assert found.sets == [("a", "${b}"), ("b", "2")]
    assert plan(state(own), wish({"a": "${b}"})).changes == ()


def test_an_own_value_that_is_empty() -> None:
    assert plan(state(), wish({"site_custom": ""})).sets == [("site_custom", "")]
    assert plan(state({"site_custom": ""}), wish({"site_custom": ""})).changes == ()
    assert plan(state({}), wish({"site_custom": ""})).sets == [("site_custom", "")]


@pytest.mark.parametrize(
    ("settings", "absent", "said"),
    [
        ({"a": None}, [], "settings.a: has no value; give one text"),
        ({"a": ["x"]}, [], "settings.a: is a list or a mapping; give one text"),
        ({"a": "x\0y"}, [], "settings.a: holds the character U+0000"),
        ({"a-": "\x1b"}, [], "settings.a-: holds the character U+001B"),
        ({"-f": "x"}, [], "settings: '-f' is no name of a key"),
        ({"a=b": "x"}, [], "settings: 'a=b' is no name of a key"),
        ({}, ["--", "x"], "absent: '--' is no name of a key"),
        ({}, ["zimbra_home"], "absent: zimbra_home: Zimbra does not let anybody change this key"),
        ({}, ["zimbra_ldap_password"], "absent: zimbra_ldap_password: is a password"),
        ({"ldap_nginx_password": "canary"}, [], "settings.ldap_nginx_password: is a password"),
        ({"site_secret": "canary"}, [], "settings.site_secret: is a password"),
    ],
)
def test_what_can_never_be(settings: dict[str, Any], absent: list[str], said: str) -> None:
    with pytest.raises(LocalconfigRefusal) as refusal:
        wish_from(settings, absent)
    assert str(refusal.value).startswith(said)
    assert "; " in str(refusal.value) and "canary" not in str(refusal.value)


def test_passwords_name_the_tool_that_changes_them() -> None:
    with pytest.raises(LocalconfigRefusal, match="; change it with zmldappasswd -n"):
        wish({"ldap_nginx_password": "x"})
    with pytest.raises(LocalconfigRefusal, match="; change it on the host with the tool that made it"):
        wish({"site_passwd": "x"})


def test_white_space_that_is_lost_is_told() -> None:
    found = wish({"a": "  two   words \n", "b": " two words "})
    assert found.settings == {"a": "two words", "b": "two words"}
    assert [warning.partition(":")[0] for warning in found.warnings] == ["settings.a"]


@pytest.mark.parametrize(
    ("own", "settings", "absent", "said"),
    [
        ({}, {"a": "${b}", "b": "${a}"}, [], "settings.b: refers to itself (a to b to a)"),
        ({}, {"zimbra_tmp_directory": "${zmprov_tmp_directory}"}, [], "refers to itself"),
        ({"a": "${b}/x", "b": "1"}, {}, ["b"], "absent: without them the value of a: refers to ${b}, which is not set"),
        ({}, {"a": "${mailboxd_java_heap_size}"}, [], "settings.a: refers to ${mailboxd_java_heap_size}"),
    ],
)
def test_what_would_stop_all_programs(
    own: dict[str, str], settings: dict[str, str], absent: list[str], said: str
) -> None:
    with pytest.raises(LocalconfigRefusal) as refusal:
        plan(state(own), wish_from(settings, absent))
    assert said in str(refusal.value)
    assert "; name keys that zmlocalconfig lists" in str(refusal.value)


def test_a_key_that_goes_back_to_its_default_may_be_referred_to() -> None:
    own = {"krb5_keytab": "/etc/k", "a": "${krb5_keytab}.old"}
    assert plan(state(own), wish(None, "krb5_keytab")).unsets == ["krb5_keytab"]


def test_a_circle_by_way_of_a_default() -> None:
    """zmprov_tmp_directory's default is below zimbra_tmp_directory, and not to be seen while the file has another."""
    own = {"zmprov_tmp_directory": "/x"}
    asked = {"zimbra_tmp_directory": "${zmprov_tmp_directory}"}
    assert plan(state(own), wish(asked)).changed
    with pytest.raises(LocalconfigRefusal, match="refers to itself"):
        plan(state(own), wish(asked, "zmprov_tmp_directory"))


def test_what_is_between_setting_and_taking_out() -> None:
    own = {"b": "${a}", "a": "1"}
    assert plan(state(own), wish({"c": "${b}"}, "site_x")).unset_first is False
    assert plan(state({**own, "site_x": "1"}), wish({"c": "${b}"}, "site_x")).unset_first is False
    # Set first, krb5_keytab would refer to itself by way of the value that goes.
    own = {"zmprov_tmp_directory": "${krb5_keytab}"}
    asked = {"krb5_keytab": "${zmprov_tmp_directory}/k"}
    found = plan(state(own), wish(asked, "zmprov_tmp_directory"))
    assert (found.unset_first, found.sets, found.unsets) == (True, [*asked.items()], ["zmprov_tmp_directory"])
    with pytest.raises(LocalconfigRefusal, match=r"absent: with some of them gone .*; set the keys in a task"):
        plan(state({**own, "b": "1", "c": "${b}"}), wish({**asked, "c": "2"}, "zmprov_tmp_directory", "b"))


def test_a_key_that_only_repeated_its_default_restarts_nothing() -> None:
    own = {"krb5_keytab": "${zimbra_home}/conf/krb5.keytab"}
    assert plan(state(own), wish(None, "krb5_keytab")).restart == ()
    assert plan(state({"krb5_keytab": "/k"}), wish(None, "krb5_keytab")).restart == ("mailbox", "proxy")


def test_a_host_without_zimbra() -> None:
    found = plan(State(), wish({"krb5_keytab": "${zimbra_home}/k", "zimbra_server_hostname": "x.example.test"}, "a"))
    assert [change.before for change in found.changes] == [None, None]
    assert (found.unsets, found.mend) == ([], False)


@pytest.mark.parametrize("key", MOVED)
def test_keys_that_moved_to_ldap(key: str) -> None:
    asked = wish({key: "x"})
    assert release_counts(state(), asked)
    refuse_moved(asked, EIGHT)
    with pytest.raises(
        LocalconfigRefusal, match=f"Zimbra 10.0.8 does not read this key.*; set the attribute {MOVED[key]} "
    ):
        refuse_moved(asked, TEN)
    with pytest.raises(LocalconfigRefusal, match="; set the option release"):
        refuse_moved(asked, None)
    assert plan(state(), asked, EIGHT).restart == ("mta_environment" if "import" in key else "mta",)
    assert plan(state(), asked, EIGHT).warnings == ()


def test_a_stale_key_is_taken_out_and_restarts_nothing() -> None:
    held = state({"sasl_smtpd_mech_list": "GSSAPI", "site_password": "canary"})
    asked = wish(None, "sasl_smtpd_mech_list", "site_password")
    assert release_counts(held, asked) and not release_counts(state(), asked)
    refuse_moved(asked, TEN)
    found = plan(held, asked, TEN)
    assert (found.unsets, found.restart) == (["sasl_smtpd_mech_list", "site_password"], ())
    assert plan(held, asked, EIGHT).restart == ("mta",)
    assert "canary" not in str(diff(found, "f")) + str(changes_report(found))
    assert "site_password = *" in diff(found, "f")[0]["before"]


@pytest.mark.parametrize(
    ("access", "fits"),
    [
        (Access(), True),
        (Access(mode=0o600), True),
        (Access(mode=0o400), True),
        (Access(mode=0o644), False),
        (Access(mode=0o660), False),
        (Access(mode=0o240), False),
        (Access(owner="root"), False),
        (Access(group="root"), False),
    ],
)
def test_owner_and_mode(access: Access, fits: bool) -> None:
    found = plan(state(access=access), Wish())
    assert (found.mend, found.changed, found.changes) == (not fits, not fits, ())
    shown = [(part["before"], part["after"]) for part in diff(found, "f")]
    assert shown == ([] if fits else [(f"access: {access}\n", "access: zimbra:zimbra 0640\n")])


def test_the_tables_are_the_recorded_ones() -> None:
    legacy = recorded("zimbra_legacy_localconfig")["map"]
    assert {row["localconfig"]: row["ldap"] for row in legacy} == MOVED
    assert {key["key"] for key in KEYS if key["needs_force"]} == NOT_EDITABLE
    assert {key["key"] for key in KEYS} == KNOWN
    assert set(DEFAULTS) == WITH_DEFAULT
    references = {
        key: sorted({*re.findall(r"\$\{([^}]*)\}", text)} - {"zimbra_home"}) for key, text in DEFAULTS.items()
    }
    assert {key: tuple(names) for key, names in references.items() if names} == DEFAULT_REFERS
    assert all(DEFAULTS[key] == value for key, value in REPEATED.items())
    assert {key for key in KNOWN if is_secret(key)} == {key for key in KNOWN if key.endswith("_password")}


@pytest.mark.parametrize(
    ("key", "who"),
    [
        ("krb5_keytab", ("mailbox", "proxy")),
        ("zimbra_server_hostname", ("mailbox", "proxy", "mta")),
        ("spnego_java_options", ("mailbox",)),
        ("postfix_import_environment", ("mta_environment",)),
        ("postfix_smtp_sasl_auth_enable", ("mta",)),
        ("sasl_smtpd_mech_list", ("mta",)),
        ("imap_max_consecutive_error", ("mailbox",)),
        ("zimbra_zmprov_default_to_ldap", ()),
        ("site_custom", ()),
    ],
)
def test_who_reads_a_key(key: str, who: tuple[str, ...]) -> None:
    assert readers(key) == who
