# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts of Zimbra's services, against real Dovecot and Postfix behind control programs that fail on demand."""

from __future__ import annotations

import os
import pathlib
import subprocess
import time
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import run
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.returned import check_returned
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_stage import HOME, Stage, zimbra_stage

MODULE = "mailrealm.kerberos.zimbra_services"
KEYTAB = "/opt/zimbra/data/krb5/smtp.keytab"
SPNEGO = "-Djava.security.krb5.conf=/x/krb5.ini -Djavax.security.auth.useSubjectCredsOnly=false"
MAILBOX = {"mailbox": {"imap": True, "pop3": True}}
PROXY = {"proxy": {"imap": True, "pop3": True, "realm": "EXAMPLE.TEST"}}
MTA = {
    "mta": {
        "mechanisms": ["GSSAPI", "PLAIN", "LOGIN"],
        "environment": {"KRB5_KTNAME": KEYTAB},
        "myhostname": "mail.example.test",
    }
}


@pytest.fixture
def stage(tmp_path: pathlib.Path) -> Iterator[Stage]:
    with zimbra_stage(tmp_path) as built:
        yield built


def set_all(stage: Stage) -> None:
    """What the attributes would be set to, and nothing of it applied."""
    settings = stage.settings
    settings.mailbox = settings.proxy = "gssapi plain"
    settings.realm, settings.myhostname = "EXAMPLE.TEST", "mail.example.test"
    settings.mechanisms, settings.environment = "GSSAPI PLAIN LOGIN", f"KRB5_KTNAME={KEYTAB}"


def settle(stage: Stage, folder: pathlib.Path, **options: Any) -> dict[str, Any]:
    """Check, run, check again and run again, as a module alone; what the run returned."""
    given = {"timeout": 20, **options}
    results = []
    for check in (True, False, True, False):
        outcome = run("zimbra_services", given, folder, check=check)
        assert outcome.result is not None, outcome.output
        assert not outcome.result.get("failed"), outcome.output
        check_returned(MODULE, outcome.result)
        results.append(outcome.result)
    assert [result["changed"] for result in results] == [True, True, False, False]
    for key in ("restarted", "rewritten", "commands", "diff"):
        assert results[0][key] == results[1][key]
    assert [results[3][key] for key in ("restarted", "rewritten", "commands")] == [[], [], []]
    assert stage.calls == results[1]["commands"]
    return results[1]


def test_everything_at_once(stage: Stage, tmp_path: pathlib.Path) -> None:
    set_all(stage)
    steps = climb([{MODULE: {"timeout": 20, **MAILBOX, **PROXY, **MTA}}], tmp_path)
    assert steps.changed == (True, True, False, False), steps.output
    assert steps.check.diff == steps.run.diff
    assert stage.calls == steps.check.only.data["commands"] == steps.run.only.data["commands"]
    assert stage.calls == [
        "configrewrite mailbox proxy mta sasl",
        "zmmailboxdctl restart",
        "zmproxyctl restart",
        "zmmtactl stop",
        "zmmtactl start norewrite",
    ]
    data = steps.run.only.data
    assert data["restarted"] == ["mailbox", "proxy", "mta"]
    assert data["rewritten"] == ["mailbox", "proxy", "mta", "sasl"]
    both = {"imap": ["GSSAPI", "PLAIN"], "pop3": ["GSSAPI", "PLAIN"]}
    assert data["offered"] == {"mailbox": both, "proxy": both, "mta": {"smtp": ["GSSAPI", "LOGIN", "PLAIN"]}}
    assert steps.check.only.data["offered"]["mailbox"] == {"imap": ["PLAIN"], "pop3": ["PLAIN"]}
    (diff,) = steps.run.diff
    assert diff["before"].splitlines() == [
        "mailbox: IMAP offers PLAIN",
        "mailbox: POP3 offers PLAIN",
        "proxy: IMAP offers PLAIN",
        "proxy: POP3 offers PLAIN",
        "proxy: default realm is OLD.TEST",
        "mta: SMTP offers LOGIN, PLAIN",
        "mta: is old.example.test",
        "mta: runs without KRB5_KTNAME",
    ]
    assert "mailbox: IMAP offers GSSAPI, PLAIN; restarted" in diff["after"]
    assert f"mta: runs with KRB5_KTNAME={KEYTAB}; stopped and started" in diff["after"]


def test_a_reload_is_enough_for_the_mechanisms(stage: Stage, tmp_path: pathlib.Path) -> None:
    stage.settings.mechanisms = "GSSAPI PLAIN LOGIN"
    before = stage.process("mta").pid
    settle(stage, tmp_path, mta={"mechanisms": ["GSSAPI", "PLAIN"]})
    assert stage.calls == ["configrewrite mta sasl", "zmmtactl reload norewrite"]
    assert stage.process("mta").pid == before


def test_what_is_pending_is_restarted_without_a_sign_of_it(stage: Stage, tmp_path: pathlib.Path) -> None:
    """Once: the task of the next run finds nothing pending."""
    options = {"pending": ["proxy", "mailbox"], "mailbox": {"imap": False}}
    for check in (True, False):
        outcome = run("zimbra_services", options, tmp_path, check=check)
        assert outcome.result is not None, outcome.output
        assert outcome.result["restarted"] == ["mailbox", "proxy"], outcome.output
        assert "proxy: what was changed is not in force" in outcome.result["diff"]["before"]
    assert stage.calls == ["configrewrite mailbox proxy", "zmmailboxdctl restart", "zmproxyctl restart"]
    outcome = run("zimbra_services", {"mailbox": {"imap": False}}, tmp_path)
    assert outcome.result is not None and not outcome.result["changed"], outcome.output


def test_a_change_that_was_written_but_never_applied_is_found(stage: Stage, tmp_path: pathlib.Path) -> None:
    """A proxy that was started before its files were written, with nothing pending."""
    stage.settings.realm = "EXAMPLE.TEST"
    time.sleep(1.5)
    stage.rewrite("proxy")
    done = settle(stage, tmp_path, proxy={"realm": "EXAMPLE.TEST"})
    assert stage.calls == ["configrewrite proxy", "zmproxyctl restart"]
    assert done["diff"]["before"] == (
        "proxy: was started before /opt/zimbra/conf/nginx/includes/nginx.conf.mail.imap was written\n"
    )


def test_a_proxy_whose_old_process_stays_is_stopped_again(stage: Stage, tmp_path: pathlib.Path) -> None:
    """Its control program ended with 0, and said that it runs already."""
    stage.settings.proxy = "gssapi plain"
    stage.settings.slow_proxy = 2
    before = stage.process("proxy").pid
    outcome = run("zimbra_services", {"proxy": {"imap": True}, "timeout": 20}, tmp_path)
    assert outcome.result is not None and outcome.result["restarted"] == ["proxy"], outcome.output
    again = ["zmproxyctl stop", "zmproxyctl start"] * 2
    assert stage.calls == ["configrewrite proxy", "zmproxyctl restart", *again]
    assert stage.process("proxy").pid != before


def test_services_that_do_not_run_are_started(stage: Stage, tmp_path: pathlib.Path) -> None:
    set_all(stage)
    stage.rewrite("mailbox", "proxy", "mta", "sasl")
    for service in ("mailbox", "proxy", "mta"):
        stage.stop(service)
    done = settle(stage, tmp_path, **MAILBOX, **PROXY, **MTA)
    assert done["restarted"] == ["mailbox", "proxy", "mta"]
    assert stage.calls[-1] == "zmmtactl start norewrite"
    lines = [f"{service}: does not run (Connection refused)\n" for service in done["restarted"]]
    assert done["diff"]["before"] == "".join(lines)


def test_a_web_sign_on_that_mailboxd_was_started_without(stage: Stage, tmp_path: pathlib.Path) -> None:
    stage.settings.spnego = SPNEGO
    settle(stage, tmp_path, mailbox={}, spnego=True)
    assert stage.calls == ["configrewrite mailbox", "zmmailboxdctl restart"]
    stage.calls.clear()
    # The profile is read at the start alone.
    os.utime(HOME / "jetty_base" / "etc" / "krb5.ini.in", (time.time() + 3, time.time() + 3))
    outcome = run("zimbra_services", {"mailbox": {}, "spnego": True}, tmp_path, check=True)
    assert outcome.result is not None and outcome.result["restarted"] == ["mailbox"], outcome.output
    stage.settings.spnego = ""
    settle(stage, tmp_path, mailbox={}, spnego=False)


FAILURES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a rewrite that did not happen": (
        {"realm": "EXAMPLE.TEST", "deaf": True},
        {"proxy": {"realm": "EXAMPLE.TEST"}},
        "proxy: default realm is OLD.TEST, 2 s after zmproxyctl restart; read /opt/zimbra/log/nginx.log",
    ),
    "attributes that are not set": (
        {},
        {"mailbox": {"imap": True}},
        "mailbox: IMAP offers PLAIN, 2 s after zmmailboxdctl restart; read /opt/zimbra/log/mailbox.log",
    ),
    "a mailboxd that does not come up": (
        {"broken_mailbox": True, "mailbox": "gssapi"},
        {"mailbox": {"imap": True}},
        "mailbox: does not run (Connection refused), 2 s after zmmailboxdctl restart (zmmailboxdctl ended with 1 and",
    ),
    "a proxy that nobody can stop": (
        {"slow_proxy": 100, "proxy": "gssapi"},
        {"proxy": {"imap": True}},
        "proxy: the old process PID still runs, 2 s after zmproxyctl restart (zmproxyctl ended with ",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_service_that_does_not_come_to_it(stage: Stage, tmp_path: pathlib.Path, case: str) -> None:
    settings, options, said = FAILURES[case]
    for name, value in settings.items():
        setattr(stage.settings, name, value)
    outcome = run("zimbra_services", {**options, "timeout": 2}, tmp_path)
    assert outcome.result is not None, outcome.output
    assert outcome.result["failed"], outcome.output
    said = said.replace("PID", str(stage.process("proxy").pid))
    assert outcome.result["msg"].startswith(said), outcome.result["msg"]


def test_a_run_after_one_that_failed_finishes(stage: Stage, tmp_path: pathlib.Path) -> None:
    set_all(stage)
    stage.settings.broken_mailbox = True
    options = {**MAILBOX, **PROXY, **MTA, "timeout": 2}
    assert run("zimbra_services", options, tmp_path).result["failed"]  # type: ignore[index]
    stage.calls.clear()
    stage.settings.broken_mailbox = False
    settle(stage, tmp_path, **options)


REFUSED = {
    "no such name": (
        {"hostname": "nowhere.example.test"},
        "hostname 'nowhere.example.test': has no address here; correct it",
    ),
    "another host's name": (
        {"hostname": "192.0.2.77"},
        "hostname '192.0.2.77': leads to 192.0.2.77, which is no address of this host; name",
    ),
}


def test_what_makes_no_sense_is_refused(tmp_path: pathlib.Path) -> None:
    with zimbra_stage(tmp_path, ("mta",)) as stage:
        cases = {**REFUSED, "not installed": ({"mailbox": {}}, "mailbox: this host has none of Zimbra's; install")}
        for case, (options, said) in cases.items():
            for check in (True, False):
                outcome = run("zimbra_services", options, tmp_path, check=check)
                assert outcome.result is not None, (case, outcome.output)
                assert outcome.result["msg"].startswith(said), (case, outcome.result)
        # Of services that are not installed nothing is pending.
        outcome = run("zimbra_services", {"pending": ["mailbox", "proxy"]}, tmp_path)
        assert outcome.result is not None, outcome.output
        assert (outcome.result["changed"], stage.calls) == (False, []), outcome.output


def test_a_host_without_zimbra(tmp_path: pathlib.Path) -> None:
    # Whatever ran here before has left its user.
    subprocess.run(["userdel", "zimbra"], check=False)
    outcome = run("zimbra_services", {"mailbox": {}}, tmp_path)
    assert outcome.result is not None, outcome.output
    assert outcome.result["msg"].startswith("/opt/zimbra: the host has no user zimbra, whose programs these are;")
