# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One plan over main.cf and master.cf."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import main_cf, master_cf, postfix
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.master_cf import ServiceWish
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.postfix import UNKNOWN, Found, Packaged, Wish
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.postfix_line import PostfixRefusal
from hypothesis import given
from hypothesis import strategies as st

MAIN = "biff = no\nmynetworks = 127.0.0.0/8\n  [::1]/128\ninet_interfaces = all\n"
MASTER = "smtp inet n - y - - smtpd\nrelay unix - - y - - smtp\n  -o syslog_name=relay\n"
DEFAULTS = {
    "mail_version": "3.7.11",
    "biff": "yes",
    "default_destination_recipient_limit": "50",
    "import_environment": "TZ LANG=C",
    "inet_interfaces": "all",
    "mynetworks": "",
    "relayhost": "",
    "smtpd_client_restrictions": "",
    "smtpd_restriction_classes": "",
    "smtpd_sasl_auth_enable": "no",
    "syslog_name": "postfix",
    "virtual_mailbox_maps": "",
}
FOUND = Found("/etc/postfix", MAIN, MASTER, DEFAULTS)
BLANK = Found("/etc/postfix", None, None, None)
WISH = Wish(
    main={"biff": "yes", "relayhost": "[relay.example.test]", "mynetworks": "127.0.0.0/8 [::1]/128"},
    append={"import_environment": ("KRB5_KTNAME=/k", "TZ")},
    absent=("inet_interfaces",),
    services=(
        ServiceWish("smtp", "inet", {"chroot": "n", "wakeup": "0"}),
        ServiceWish("relay", "unix", {}, None, {"smtpd_sasl_auth_enable": "no"}, ("syslog_name",)),
        ServiceWish("submission", "inet", {}, "smtpd", {"smtpd_client_restrictions": "permit, reject"}),
    ),
)


def plan(found: Found, wish: Wish, packaged: Packaged | None = None, promised: bool = False) -> postfix.Plan:
    return postfix.plan(found, wish, packaged, promised)


def lines(planned: postfix.Plan) -> tuple[list[str], list[str]]:
    diff = postfix.diff("/etc/postfix", planned.changes)
    return diff["before"].splitlines(), diff["after"].splitlines()


def test_only_what_differs_in_meaning_is_changed_and_shown() -> None:
    planned = plan(FOUND, WISH)
    assert lines(planned) == (
        [
            "main.cf: biff = no",
            "main.cf: inet_interfaces = all",
            "master.cf: smtp/inet: chroot = y",
            "master.cf: relay/unix: -o syslog_name = relay",
        ],
        [
            "main.cf: biff = yes",
            "main.cf: relayhost = [relay.example.test]",
            "main.cf: import_environment = TZ LANG=C KRB5_KTNAME=/k",
            "master.cf: smtp/inet: chroot = n",
            "master.cf: relay/unix: -o smtpd_sasl_auth_enable = no",
            "master.cf: submission/inet = n - n - - smtpd",
            "master.cf: submission/inet: -o smtpd_client_restrictions = permit, reject",
        ],
    )
    assert planned.restart
    assert "mynetworks = 127.0.0.0/8\n  [::1]/128\n" in (planned.main or "")


def test_a_second_plan_wants_nothing_and_leaves_the_texts() -> None:
    first = plan(FOUND, WISH)
    again = plan(Found("/etc/postfix", first.main, first.master, DEFAULTS), WISH)
    assert again.changes == ()
    assert (again.main, again.master) == (first.main, first.master)


@pytest.mark.parametrize(
    ("wish", "restart"),
    [
        (Wish(main={"biff": "yes"}), False),
        (Wish(main={"inet_interfaces": "all"}), False),
        (Wish(main={"inet_interfaces": "localhost"}), True),
        (Wish(append={"import_environment": ("LANG=C",)}), False),
        (Wish(append={"import_environment": ("LANG=de",)}), True),
        (Wish(services=(ServiceWish("smtp", "inet", {"chroot": "n"}),)), False),
    ],
)
def test_a_restart_is_for_what_a_reload_does_not_do(wish: Wish, restart: bool) -> None:
    assert plan(FOUND, wish).restart is restart


def test_what_the_package_brings_makes_check_mode_show_the_run() -> None:
    packaged = Packaged(
        {"biff": "no", "mynetworks": "127.0.0.0/8 [::1]/128", "inet_interfaces": "all"},
        {"import_environment": "TZ LANG=C"},
        (
            ServiceWish("smtp", "inet", {"chroot": "y", "private": "n"}, "smtpd"),
            ServiceWish("relay", "unix", {"chroot": "y"}, "smtp", {"syslog_name": "relay"}),
        ),
    )
    assert lines(plan(BLANK, WISH, packaged, promised=True)) == lines(plan(FOUND, WISH))


def test_what_nobody_can_know_is_said_to_come_with_the_package() -> None:
    before, after = lines(plan(BLANK, WISH, promised=True))
    assert f"main.cf: import_environment = {UNKNOWN} KRB5_KTNAME=/k TZ" in after
    assert {line.partition(" = ")[2] for line in before} == {UNKNOWN}
    assert f"master.cf: smtp/inet: chroot = {UNKNOWN}" in before
    absent = Wish(services=(ServiceWish("smtp", "inet", present=False),))
    assert lines(plan(BLANK, absent, promised=True)) == ([f"master.cf: smtp/inet = {UNKNOWN}"], [])


def test_an_absent_service_goes_with_its_options() -> None:
    planned = plan(FOUND, Wish(services=(ServiceWish("relay", "unix", present=False),)))
    assert lines(planned) == (
        ["master.cf: relay/unix = - - y - - smtp", "master.cf: relay/unix: -o syslog_name = relay"],
        [],
    )
    assert planned.master == "smtp inet n - y - - smtpd\n"


def test_passwords_are_not_shown() -> None:
    found = Found("/etc/postfix", "smtp_sasl_password_maps = static:a:old\nx_bind_pw = older\n", MASTER, None)
    wish = Wish(main={"smtp_sasl_password_maps": "static:a:new", "x_bind_pw": "newer"})
    before, after = lines(plan(found, wish))
    assert before == [
        "main.cf: smtp_sasl_password_maps = (a password, not shown)",
        "main.cf: x_bind_pw = (a password, not shown)",
    ]
    assert after == [line.replace("a password", "another password") for line in before]
    assert not postfix.secret("smtp_sasl_password_maps", "hash:/etc/postfix/sasl_passwd")


NAMED: list[tuple[dict[str, Any], str | None]] = [
    ({"relayhost": "x"}, None),
    ({"relay_host": "x"}, "did you mean relayhost"),
    ({"anything_else": "x"}, "refer to it in another value"),
    ({"my_restrictions": "reject", "smtpd_client_restrictions": "$my_restrictions"}, None),
    ({"my_class": "reject", "smtpd_restriction_classes": "other, my_class"}, None),
    ({"accounts_server_host": "x", "virtual_mailbox_maps": "ldap:accounts"}, None),
    ({"accounts_server_host": "x", "virtual_mailbox_maps": "ldap:/etc/accounts"}, "no parameter of this Postfix"),
    ({"relay_destination_recipient_limit": "1"}, None),
    ({"relay_time_limit": "1"}, None),
    ({"other_destination_recipient_limit": "1"}, "did you mean default_destination_recipient_limit"),
]


@pytest.mark.parametrize(("main", "words"), NAMED)
def test_names_that_postfix_would_pass_over_are_refused(main: dict[str, str], words: str | None) -> None:
    if words is None:
        assert plan(FOUND, Wish(main=main)).changes
        return
    with pytest.raises(
        PostfixRefusal, match=r"^main: '\w+' is no parameter of this Postfix \(3\.7\.11\); .*"
    ) as caught:
        plan(FOUND, Wish(main=main))
    assert words in str(caught.value)


def test_names_of_overrides_are_checked_too() -> None:
    wish = Wish(services=(ServiceWish("smtp", "inet", options={"smtpd_sasl_auth_enabled": "yes"}),))
    with pytest.raises(PostfixRefusal, match=r"services: smtp/inet: options: .* did you mean smtpd_sasl_auth_enable"):
        plan(FOUND, wish)


@pytest.mark.parametrize(
    ("found", "wish", "words"),
    [
        (FOUND, Wish(main={"biff": "yes"}, absent=("biff",)), "in two of main"),
        (FOUND, Wish(main={"biff": "$"}), "write \\$\\$"),
        (FOUND, Wish(main={"bi ff": "no"}), "cannot be the name"),
        (FOUND, Wish(services=(ServiceWish("x", "unix"),)), "x/unix is not in master.cf; give its command"),
        (FOUND, Wish(services=(ServiceWish("x", "unix"), ServiceWish("x", "unix"))), "asked for twice"),
        (FOUND, Wish(services=(ServiceWish("smtp", "inet", options={"biff": "{"}),)), "do not pair"),
        (
            FOUND,
            Wish(services=(ServiceWish("smtp", "inet", options={"biff": "1"}, options_absent=("biff",)),)),
            "as well",
        ),
        (
            Found("/d", MAIN, None, DEFAULTS),
            Wish(services=(ServiceWish("smtp", "inet"),)),
            "^/d/master.cf: is not there",
        ),
        (Found("/d", MAIN, "", None), Wish(append={"import_environment": ("X",)}), "no postconf is here"),
        (Found("/d", "what\n", "", DEFAULTS), Wish(main={"biff": "no"}), "main.cf: line 1"),
        (Found("/d", "", "what\n", DEFAULTS), Wish(main={"biff": "no"}), "master.cf: line 1"),
    ],
)
def test_refusals(found: Found, wish: Wish, words: str) -> None:
    with pytest.raises(PostfixRefusal, match=words):
        plan(found, wish)


def test_a_missing_main_cf_is_made() -> None:
    planned = plan(Found("/d", None, MASTER, DEFAULTS), Wish(main={"biff": "no"}))
    assert planned.main == "biff = no\n"


MAINS = st.dictionaries(
    st.sampled_from(["biff", "relayhost", "mynetworks"]), st.sampled_from(["", "a", "a b", "a, b # c"])
)
SERVICES = st.lists(
    st.builds(
        ServiceWish,
        st.sampled_from(["smtp", "new"]),
        st.sampled_from(["inet", "unix"]),
        st.dictionaries(st.sampled_from(["chroot", "unprivileged"]), st.sampled_from(["y", "n", "-"])),
        st.sampled_from(["smtpd", "pipe flags=a argv=b -o c"]),
        st.dictionaries(st.sampled_from(["biff", "relayhost"]), st.sampled_from(["", "a", "a b", "${biff?{a b}}"])),
    ),
    max_size=3,
    unique_by=lambda service: service.key,
)


@given(MAINS, SERVICES, st.booleans())
def test_every_plan_is_fulfilled_by_its_texts(main: dict[str, str], services: list[ServiceWish], there: bool) -> None:
    wish = Wish(main=main, services=tuple(services))
    first = plan(FOUND if there else Found("/d", "", "", DEFAULTS), wish)
    again = plan(Found("/d", first.main, first.master, DEFAULTS), wish)
    assert again.changes == ()
    assert (again.main, again.master) == (first.main, first.master)
    values = main_cf.values(first.main or "")
    assert {name: values[name] for name in main} == main
    for service in services:
        found = master_cf.find(first.master or "", service.key)
        assert found is not None
        assert found.command == service.command
        assert {name: found.options[name] for name in service.options} == dict(service.options)
