# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is rewritten and restarted for what is found of Zimbra's services; each line of the table with its source."""

from __future__ import annotations

import dataclasses
from typing import Any, Mapping

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_applied import (
    diff,
    failure,
    lacking,
    offered,
    result_of,
    words_of,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_offer import (
    Offer,
    Process,
    Running,
    ehlo_name,
    realms_in,
    runs_spnego,
    variables,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_services import (
    ACTS,
    Plan,
    ServicesRefusal,
    Wish,
    plan,
    wish_from,
)

PROCESS = Process(100, 5, 1000.0)
PLAIN, BOTH = Offer(("PLAIN",)), Offer(("GSSAPI", "PLAIN"))
SMTP = Offer(("GSSAPI", "LOGIN", "PLAIN"), name="mail.example.test")
DOWN = Offer(None, "Connection refused")
KEYTAB = "/opt/zimbra/data/krb5/smtp.keytab"
MAILBOX = Running(True, {"imap": BOTH, "pop3": BOTH}, PROCESS)
PROXY = Running(True, {"imap": BOTH, "pop3": BOTH}, PROCESS, realms=("EXAMPLE.TEST",))
MTA = Running(True, {"smtp": SMTP}, PROCESS, environment={"KRB5_KTNAME": KEYTAB})
GOOD = {"mailbox": MAILBOX, "proxy": PROXY, "mta": MTA}
MAIL = {"imap": True, "pop3": True}


def options(**more: Any) -> dict[str, Any]:
    """The module's options, with Ansible's defaults."""
    given: dict[str, Any] = {
        "hostname": "127.0.0.1",
        "pending": [],
        "mailbox": {**MAIL, "imap_port": 7143, "pop3_port": 7110},
        "proxy": {**MAIL, "realm": "EXAMPLE.TEST", "imap_port": 143, "pop3_port": 110},
        "mta": {
            "mechanisms": ["gssapi", "PLAIN"],
            "environment": {"KRB5_KTNAME": KEYTAB},
            "myhostname": "Mail.example.test.",
            "port": 587,
        },
        "spnego": None,
        "timeout": 120,
    }
    return {**given, **more}


def planned(changes: Mapping[str, Any] | None = None, **more: Any) -> Plan:
    """The plan for services that run as asked, but for fields of theirs in `changes`."""
    state = {name: dataclasses.replace(one, **(changes or {}).get(name, {})) for name, one in GOOD.items()}
    return plan(state, wish_from(options(**more)))


def lines(found: Plan) -> list[str]:
    return [" ".join(command) for command in found.commands]


def test_nothing_is_done_where_all_is_as_asked() -> None:
    found = planned()
    assert (found.findings, found.acts, found.sections, found.commands) == ((), (), (), ())
    assert diff(found)["before"] == diff(found)["after"] == ""


REWRITE = "libexec/configrewrite"
RELOAD, STOP, START = "bin/zmmtactl reload norewrite", "bin/zmmtactl stop", "bin/zmmtactl start norewrite"
# What was found, what is pending; the programs in order; what line of the facts on Zimbra is the reason
TABLE: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    # Consumers: attribute changes need `zmmailboxdctl restart`; Control scripts: `configrewrite mailbox` before it
    "mailbox offers no GSSAPI by IMAP": (
        {"mailbox": {"offers": {"imap": PLAIN, "pop3": BOTH}}},
        [],
        [f"{REWRITE} mailbox", "bin/zmmailboxdctl restart"],
    ),
    # Control scripts: `stop` of what does not run is no error, so that one act starts and restarts
    "mailbox is down": (
        {"mailbox": {"offers": {"imap": DOWN, "pop3": DOWN}, "process": None}},
        [],
        [f"{REWRITE} mailbox", "bin/zmmailboxdctl restart"],
    ),
    # zmconfigd: section proxy holds the GSSAPI flags
    "proxy offers no GSSAPI by POP3": (
        {"proxy": {"offers": {"imap": BOTH, "pop3": PLAIN}}},
        [],
        [f"{REWRITE} proxy", "bin/zmproxyctl restart"],
    ),
    # zmconfigd: section proxy holds the default realm; a swallowed change is written nowhere
    "proxy's files hold another realm": (
        {"proxy": {"realms": ("OLD.TEST",)}},
        [],
        [f"{REWRITE} proxy", "bin/zmproxyctl restart"],
    ),
    # zmconfigd: rewrites everything at its own start and restarts nothing
    "proxy's files were written after its start": (
        {"proxy": {"newer": ("/opt/zimbra/conf/nginx.conf",)}},
        [],
        [f"{REWRITE} proxy", "bin/zmproxyctl restart"],
    ),
    # zmconfigd: krb5_keytab is in no section, so nothing shows it but who wrote it
    "krb5_keytab is pending for the proxy": ({}, ["proxy"], [f"{REWRITE} proxy", "bin/zmproxyctl restart"]),
    # zmconfigd: section sasl writes smtpd.conf; mta gets `reload`
    "the MTA lacks a mechanism": (
        {"mta": {"offers": {"smtp": dataclasses.replace(SMTP, mechanisms=("PLAIN",))}}},
        [],
        [f"{REWRITE} mta sasl", RELOAD],
    ),
    # Consumers: the principal is smtp/<zimbraMtaMyHostname>; postconf and a reload are enough for it
    "the MTA has another name": (
        {"mta": {"offers": {"smtp": dataclasses.replace(SMTP, name="zimbra1.example.test")}}},
        [],
        [f"{REWRITE} mta sasl", RELOAD],
    ),
    # Consumers: import_environment needs `zmmtactl stop` and `start`
    "smtpd lacks the keytab's name": ({"mta": {"environment": {}}}, [], [f"{REWRITE} mta sasl", STOP, START]),
    "smtpd has another keytab": (
        {"mta": {"environment": {"KRB5_KTNAME": "/etc/krb5.keytab"}}},
        [],
        [f"{REWRITE} mta sasl", STOP, START],
    ),
    # A start does what a reload does, and more
    "environment and attributes of the MTA are pending": (
        {},
        ["mta", "mta_environment"],
        [f"{REWRITE} mta sasl", STOP, START],
    ),
    "the MTA is down": (
        {"mta": {"offers": {"smtp": DOWN}, "process": None, "environment": {}}},
        ["mta", "mta_environment"],
        [f"{REWRITE} mta sasl", START],
    ),
    # Postfix's table: without a usable mechanism smtpd dies and the port is down, while the master runs
    "smtpd dies": (
        {"mta": {"offers": {"smtp": Offer(None, "the service closed the connection")}, "environment": None}},
        [],
        [f"{REWRITE} mta sasl", RELOAD],
    ),
    # zmconfigd: a rewrite request swallows the other sections' changes, so that there is one; it restarts in this order
    "everything is pending": (
        {},
        ["mta_environment", "proxy", "mta", "mailbox"],
        [f"{REWRITE} mailbox proxy mta sasl", "bin/zmmailboxdctl restart", "bin/zmproxyctl restart", STOP, START],
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_what_is_run_for_what_was_found(case: str) -> None:
    changes, pending, commands = TABLE[case]
    found = planned(changes, pending=pending)
    assert lines(found) == commands
    assert len(set(found.restarted)) == len(found.restarted)
    assert found.findings
    assert len(diff(found)["before"].splitlines()) == len(diff(found)["after"].splitlines()) == len(found.findings)


def test_every_act_is_of_a_service_that_has_a_log() -> None:
    for act in ACTS.values():
        assert str(failure(act, "x", 1, [])).startswith(f"{act.service}: x, 1 s after zm")


def test_web_sign_on_is_of_the_mailbox() -> None:
    found = planned(spnego=True)
    assert lines(found) == [f"{REWRITE} mailbox", "bin/zmmailboxdctl restart"]
    assert diff(found)["before"] == "mailbox: was started without web sign-on\n"
    assert diff(found)["after"] == "mailbox: was started for web sign-on; restarted\n"
    assert lines(planned({"mailbox": {"spnego": True}}, spnego=True)) == []
    assert diff(planned({"mailbox": {"spnego": True}}, spnego=False))["before"] == (
        "mailbox: was started for web sign-on\n"
    )


def test_gssapi_that_must_not_be_offered() -> None:
    found = planned(mailbox={"imap": False, "pop3": None, "imap_port": 7143, "pop3_port": 7110})
    assert diff(found)["before"] == "mailbox: IMAP offers GSSAPI, PLAIN\n"
    assert diff(found)["after"] == "mailbox: IMAP offers PLAIN; restarted\n"


def test_the_diff_says_how_it_comes_about() -> None:
    found = planned({"mta": {"offers": {"smtp": Offer((), name="")}, "environment": {}}})
    assert diff(found)["before"].splitlines() == [
        "mta: SMTP offers no mechanism",
        "mta: is without a name",
        "mta: runs without KRB5_KTNAME",
    ]
    assert diff(found)["after"].splitlines() == [
        "mta: SMTP offers GSSAPI, PLAIN; stopped and started",
        "mta: is mail.example.test; stopped and started",
        f"mta: runs with KRB5_KTNAME={KEYTAB}; stopped and started",
    ]


def test_a_proxy_without_a_realm() -> None:
    """The realm is judged where it is asked for and where the proxy's files are there."""
    proxy = {**MAIL, "imap_port": 143, "pop3_port": 110}
    assert lines(planned({"proxy": {"realms": ("OLD.TEST",)}}, proxy={**proxy, "realm": None})) == []
    assert lines(planned({"proxy": {"realms": None}}, proxy={**proxy, "realm": "EXAMPLE.TEST"})) == []
    assert lines(planned({"proxy": {"realms": ()}}, proxy={**proxy, "realm": ""})) == []
    found = planned({"proxy": {"realms": ()}}, proxy={**proxy, "realm": "EXAMPLE.TEST"})
    assert diff(found)["before"] == "proxy: default realm is none\n"


def test_what_zmconfigd_may_do_meanwhile_changes_no_forecast() -> None:
    """It restarts proxy and MTA within a minute after their attributes; mailboxd never, nor the MTA's environment."""
    before = {
        "mailbox": {"offers": {"imap": PLAIN, "pop3": BOTH}},
        "proxy": {"offers": {"imap": PLAIN, "pop3": DOWN}},
        "mta": {"offers": {"smtp": dataclasses.replace(SMTP, mechanisms=("PLAIN",))}, "environment": {}},
    }
    pending = ["mailbox", "proxy", "mta", "mta_environment"]
    after = {"mailbox": before["mailbox"], "mta": {"environment": {}}}
    assert diff(planned(before, pending=pending)) == diff(planned(after, pending=pending))
    assert diff(planned(before, pending=pending))["after"].splitlines() == [
        "mailbox: IMAP offers GSSAPI, PLAIN; restarted",
        "proxy: what was changed is in force; restarted",
        f"mta: runs with KRB5_KTNAME={KEYTAB}; stopped and started",
        "mta: what was changed is in force; stopped and started",
    ]


def test_what_is_not_installed() -> None:
    gone = {name: Running(False) for name in GOOD}
    with pytest.raises(
        ServicesRefusal, match=r"^mailbox: this host has none of Zimbra's; install the package zimbra-st"
    ):
        plan(gone, wish_from(options()))
    with pytest.raises(ServicesRefusal, match=r"^proxy: .* the package zimbra-proxy, or leave the option out"):
        plan(gone, wish_from(options(mailbox=None)))
    pending = Wish("x", (), frozenset({"mailbox", "mta_environment"}))
    assert [ask.service for ask in pending.looked_at] == ["mailbox", "mta"]
    assert plan(gone, pending).acts == ()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"timeout": 0}, "timeout 0: is too short;"),
        ({"spnego": True, "mailbox": None}, "spnego: is of the service mailbox, which is not asked for;"),
        ({"mta": {"port": 0}}, "mta.port 0: does not exist;"),
        ({"proxy": {"imap": None, "pop3": None, "imap_port": 65536}}, "proxy.imap_port 65536: does not exist;"),
        ({"mta": {"port": 25, "mechanisms": ["GSSAPI, PLAIN"]}}, "mta.mechanisms 'GSSAPI, PLAIN': is no SASL"),
        ({"mta": {"port": 25, "mechanisms": [], "environment": {"1A": "x"}}}, "mta.environment.1A: is no name"),
        ({"mta": {"port": 25, "mechanisms": [], "environment": {"A": ""}}}, "mta.environment.A: import_environment"),
        ({"mta": {"port": 25, "mechanisms": [], "environment": {"A": None}}}, "mta.environment.A: import_environment"),
    ],
)
def test_options_that_make_no_sense(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ServicesRefusal) as refused:
        wish_from(options(**more))
    assert str(refused.value).startswith(said)


def test_what_a_service_still_lacks() -> None:
    (ask,) = wish_from(options(proxy=None, mta=None)).asks
    act = ACTS["mailbox"]
    later = dataclasses.replace(MAILBOX, process=Process(101, 9, 2000.0))
    assert lacking(act, ask, PROCESS, later) == ""
    assert lacking(act, ask, None, MAILBOX) == ""
    # The same number and start is the old process, wherever the clock was set meanwhile.
    same = dataclasses.replace(MAILBOX, process=Process(100, 5, 1001.0))
    assert lacking(act, ask, PROCESS, same) == "the old process 100 still runs"
    assert lacking(act, ask, PROCESS, dataclasses.replace(later, offers={"imap": DOWN, "pop3": PLAIN})) == (
        "IMAP on port 7143 does not answer (Connection refused); POP3 offers PLAIN"
    )


def test_the_sentence_of_a_failure() -> None:
    said = ["zmmtactl ended with 1", "zmmtactl ended with 1"]
    assert str(failure(ACTS["mta_environment"], "SMTP offers PLAIN", 120.0, said)) == (
        "mta: SMTP offers PLAIN, 120 s after zmmtactl stop and zmmtactl start (zmmtactl ended with 1); read "
        "/var/log/zimbra.log, and see that Zimbra's attributes are set as asked"
    )
    assert "read /opt/zimbra/log/nginx.log, and /var/log/zimbra.log for what zmconfigd wrote" in str(
        failure(ACTS["proxy"], "x", 1, [])
    )


@pytest.mark.parametrize(
    ("status", "output", "words"),
    [
        (0, "Stopping mailboxd...done.\nStarting mailboxd...done.\n", ""),
        (
            0,
            "Stopping proxy...failed.\nproxy is already running.\n",
            "x ended with 0 and said 'Stopping proxy...failed.'",
        ),
        (1, "", "x ended with 1"),
        (1, "one\n  two   words \n\n", "x ended with 1 and said 'two words'"),
        (2, "a" * 300, f"x ended with 2 and said '{'a' * 200}...'"),
    ],
)
def test_what_a_control_program_said(status: int, output: str, words: str) -> None:
    assert words_of(("bin/x", "restart"), status, output) == words


def test_the_result() -> None:
    found = planned(pending=["mta"])
    assert result_of(found, {"mta": MTA, "proxy": Running(True, {"imap": DOWN}), "mailbox": Running(True)}) == {
        "restarted": ["mta"],
        "rewritten": ["mta", "sasl"],
        "commands": ["configrewrite mta sasl", "zmmtactl reload norewrite"],
        "offered": {"mta": {"smtp": ["GSSAPI", "LOGIN", "PLAIN"]}, "proxy": {"imap": None}},
    }
    assert offered({}) == {}


def test_the_name_in_the_answer_to_ehlo() -> None:
    assert ehlo_name(b"250-Mail.Example.Test at your service") == "mail.example.test"
    assert ehlo_name(b"250 ") == ""
    assert ehlo_name(b"502 5.5.2 what") == "5.5.2"


def test_realms_of_the_proxys_files() -> None:
    assert realms_in('mail {\n    default_realm EXAMPLE.TEST;\n  default_realm "B.TEST" ;\n}') == (
        "EXAMPLE.TEST",
        "B.TEST",
    )
    assert realms_in("# default_realm X;\n    default_realm ;\n") == ()


def test_variables_of_a_process() -> None:
    environment = b"LANG=C\0KRB5_KTNAME=/a=b\0broken\0KRB5_KTNAME2=/c\0"
    assert variables(environment, ["KRB5_KTNAME", "TZ"]) == {"KRB5_KTNAME": "/a=b"}
    assert variables(b"", ["TZ"]) == {}


def test_web_sign_on_of_a_jvm() -> None:
    """zm-mailbox store-conf/conf/spnego_java_options.in: nothing but blanks while zimbraSpnegoAuthEnabled is FALSE."""
    stock = (
        "-Djava.security.krb5.conf=/opt/zimbra/jetty_base/etc/krb5.ini -Djavax.security.auth.useSubjectCredsOnly=false"
    )
    with_it = ["java", "-Xmx1g", *stock.split()]
    assert runs_spnego(with_it, f"  {stock} \n", wanted=True)
    assert not runs_spnego(["java"], f"  {stock} \n", wanted=True)
    assert not runs_spnego(with_it, "   \n", wanted=True)  # the next start is without
    assert runs_spnego(with_it, "   \n", wanted=False)
    assert not runs_spnego(["java"], stock, wanted=False)
