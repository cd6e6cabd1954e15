# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module zimbra_attributes over a directory in memory: what it reads, writes, verifies, tells and refuses."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Dict, List

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible import zimbra_directory
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import zmprov
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.zimbra_programs import Ran, ZimbraRefusal
from ansible_collections.mailrealm.kerberos.plugins.modules import zimbra_attributes
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.zimbra_recordings import zmprov_steps
from ansible_collections.mailrealm.kerberos.tests.unit.modules.zmprov_store import MAILBOXD_DOWN, ZmprovStore

Run = Callable[..., Dict[str, Any]]
ZIMBRA1 = "zimbra1.example.test"
ZIMBRA2 = "zimbra2.example.test"
MECHS = "zimbraMtaSaslSmtpdMechList"


@pytest.fixture
def store() -> ZmprovStore:
    return ZmprovStore()


@pytest.fixture
def run(store: ZmprovStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the module in this process; its result, and `output` as it was printed."""
    monkeypatch.setattr(zimbra_directory, "ZimbraPrograms", lambda: store)
    monkeypatch.setattr(zmprov, "installed", lambda: True)
    monkeypatch.setattr(zmprov, "mailboxd_answers", lambda: False)

    def run_module(*entries: Dict[str, Any], check: bool = False, **options: Any) -> Dict[str, Any]:
        given = {"entries": list(entries), **options, "_ansible_check_mode": check, "_ansible_diff": True}
        with patch_module_args(given), pytest.raises(SystemExit):
            zimbra_attributes.main()
        output = capsys.readouterr().out
        result: Dict[str, Any] = json.loads(output)
        return {**result, "output": output}

    return run_module


def server(name: str = ZIMBRA1, **asked: Any) -> Dict[str, Any]:
    return {"type": "server", "name": name, **asked}


def account(name: str, **asked: Any) -> Dict[str, Any]:
    return {"type": "account", "name": name, **asked}


def ladder(run: Run, store: ZmprovStore, *entries: Dict[str, Any], **options: Any) -> Dict[str, Any]:
    """Check, run, check, run: the run's result, after comparing it with the others."""
    before = json.dumps(sorted(map(str, store.entries.items())))
    check = run(*entries, check=True, **options)
    assert "failed" not in check, check
    assert json.dumps(sorted(map(str, store.entries.items()))) == before
    done = run(*entries, **options)
    assert "failed" not in done, done
    assert check["changed"] is True
    for name in ("changed", "diff", "changes", "restart"):
        assert check[name] == done[name]
    assert (check["calls"], done["calls"]) == (1, 2)
    for again in (run(*entries, check=True, **options), run(*entries, **options)):
        assert (again["changed"], again["calls"], again["changes"], again["diff"]) == (False, 1, [], [])
    return done


def test_everything_of_a_site_in_two_calls(run: Run, store: ZmprovStore) -> None:
    done = ladder(
        run,
        store,
        {"type": "config", "add": {"zimbraReverseProxyAdminIPAddress": "192.0.2.12"}},
        {"type": "domain", "name": "example.test", "attributes": {"zimbraAuthMech": "kerberos5"}},
        server(
            attributes={"zimbraImapSaslGssapiEnabled": True, "zimbraMtaSaslAuthEnable": True},
            add={MECHS: "GSSAPI", "zimbraMtaImportEnvironment": ["MAIL_CONFIG", "KRB5_KTNAME=/a b"]},
        ),
        account("user2@example.test", remove={"zimbraForeignPrincipal": "AD:user2"}),
        account("user1@example.test", add={"zimbraForeignPrincipal": ["kerberos5:u@PARTNER.TEST"]}),
    )
    assert store.lines(3) == [
        "mcf +zimbraReverseProxyAdminIPAddress 192.0.2.12",
        "md example.test zimbraAuthMech kerberos5",
        (
            f"ms {ZIMBRA1} zimbraImapSaslGssapiEnabled TRUE zimbraMtaSaslAuthEnable yes {MECHS} LOGIN {MECHS} PLAIN "
            f'{MECHS} GSSAPI zimbraMtaImportEnvironment MAIL_CONFIG zimbraMtaImportEnvironment "KRB5_KTNAME=/a b"'
        ),
        "ma user2@example.test -zimbraForeignPrincipal ad:user2",
        "ma user1@example.test zimbraForeignPrincipal kerberos5:u@PARTNER.TEST",
    ]
    assert done["restart"] == ["mailbox", "mta", "mta_environment"]
    assert done["flush_needed"] is False
    assert store.arguments[2] == ("-f", "/tmp/batch-3")
    mechanisms = next(one for one in done["changes"] if one["attribute"] == MECHS)
    assert mechanisms == {
        "type": "server",
        "name": ZIMBRA1,
        "attribute": MECHS,
        "before": ["LOGIN", "PLAIN"],
        "after": ["GSSAPI", "LOGIN", "PLAIN"],
        "inherited": True,
    }
    part = next(one for one in done["diff"] if one["before_header"] == f"Zimbra: server {ZIMBRA1}")
    assert f"{MECHS}: LOGIN (inherited)\n" in part["before"]
    assert f"{MECHS}: GSSAPI\n" in part["after"]


def test_steady_state_is_one_call(run: Run, store: ZmprovStore) -> None:
    result = run(server(ZIMBRA2, attributes={MECHS: ["LOGIN", "PLAIN"]}))
    assert (result["changed"], result["calls"]) == (False, 1)
    assert store.batches == [
        f"gs -e {ZIMBRA2} {MECHS}\ngs {ZIMBRA2} {MECHS}\nexit\n",
    ]


CASES: Dict[str, Any] = {
    "an own value like the inherited one restarts nothing": (
        server(attributes={"zimbraImapSaslGssapiEnabled": False}),
        ["FALSE"],
        [],
    ),
    "another own value": (server(attributes={"zimbraImapSaslGssapiEnabled": "TRUE"}), ["TRUE"], ["mailbox"]),
    "case alone, exact": (server(ZIMBRA2, attributes={MECHS: ["plain", "LOGIN"]}), ["plain", "LOGIN"], ["mta"]),
    "case alone, added": (server(ZIMBRA2, add={MECHS: ["plain"]}), ["LOGIN", "plain"], ["mta"]),
    "removed from own values": (server(ZIMBRA2, remove={MECHS: "login"}), ["PLAIN"], ["mta"]),
    "removed from inherited values": (server(remove={MECHS: "login"}), ["PLAIN"], ["mta"]),
    "added and removed": (
        server(ZIMBRA2, add={MECHS: "GSSAPI"}, remove={MECHS: "LOGIN"}),
        ["PLAIN", "GSSAPI"],
        ["mta"],
    ),
    "own values deleted": (server(ZIMBRA2, attributes={MECHS: ""}), [], []),
    "own values deleted by a list": (server(ZIMBRA2, attributes={MECHS: []}), [], []),
    "two lines": (server(attributes={"zimbraMtaMyHostname": 'a\n"b\\'}), ['a\n"b\\'], ["mta"]),
    "a safeguarded attribute": (server(attributes={"zimbraServiceEnabled": "mailbox"}), ["mailbox"], []),
    "one service more": (server(add={"zimbraServiceEnabled": "proxy"}), ["mailbox", "mta", "snmp", "proxy"], []),
    "an attribute that zmprov describes": (server(attributes={"zimbranotes": "a  b"}), ["a  b"], ["mailbox"]),
    "an attribute of LDAP": (server(attributes={"description": "x"}), ["x"], []),
}


@pytest.mark.parametrize("name", CASES)
def test_ladder(run: Run, store: ZmprovStore, name: str) -> None:
    asked, after, restart = CASES[name]
    done = ladder(run, store, asked)
    assert done["restart"] == restart
    attribute = done["changes"][0]["attribute"]
    attribute = "zimbraNotes" if attribute.lower() == "zimbranotes" else attribute
    assert store.own("server", asked["name"], attribute) == after


def test_what_is_there_already(run: Run) -> None:
    for asked in (
        server(add={MECHS: ["PLAIN"]}),  # inherited
        server(ZIMBRA2, add={MECHS: []}),
        server(ZIMBRA2, remove={MECHS: "GSSAPI"}),
        server(attributes={MECHS: ""}),
    ):
        assert run(asked)["changed"] is False


def test_an_entry_follows_what_the_same_task_makes_of_the_global_configuration(run: Run, store: ZmprovStore) -> None:
    """LOGIN goes from the global list, so that the server, which inherits it, must get the list of its own."""
    done = ladder(
        run, store, server(add={MECHS: "LOGIN"}), {"type": "config", "attributes": {MECHS: ["PLAIN", "GSSAPI"]}}
    )
    assert store.own("server", ZIMBRA1, MECHS) == ["PLAIN", "GSSAPI", "LOGIN"]
    assert done["changes"][0]["before"] == ["LOGIN", "PLAIN"]


@pytest.mark.parametrize(("release", "warned"), [("", True), ("8.6", True), ("10.0.8_GA_4518", True), ("8.5.1", False)])
def test_attributes_without_use(run: Run, release: str, warned: bool) -> None:
    result = run(server(attributes={"zimbraMtaAuthHost": "x"}), release=release)
    warning = "zimbraMtaAuthHost is without use since Zimbra 8.6; use zimbraMtaAuthTarget"
    assert (f"entries[0] (server {ZIMBRA1}): {warning}" in str(result.get("warnings"))) is warned


def test_secrets_are_not_shown(run: Run, store: ZmprovStore) -> None:
    store.entries[("domain", "example.test")]["description"] = ["x"]
    store.refuse["zimbraPreAuthKey"] = "account.INVALID_ATTR_VALUE (zimbraPreAuthKey must not be canary-5e1f)"
    store.describe = lambda name: f"{name}\n\ntype : string\ncardinality : single\noptionalIn : domain\n\n"  # type: ignore[method-assign]
    asked = {"type": "domain", "name": "example.test", "attributes": {"zimbraPreAuthKey": "canary-5e1f"}}
    check = run(asked, check=True)
    assert check["changes"][0]["after"] == ["******** (another)"]
    assert check["diff"][0]["after"] == "zimbraPreAuthKey: ******** (another)\n"
    failed = run(asked)
    assert failed["msg"].startswith(
        "entries: domain example.test: Zimbra refuses a value (zimbraPreAuthKey must not be **"
    )
    for result in (check, failed):
        assert "canary-5e1f" not in result["output"]
    assert all("canary-5e1f" not in " ".join(words) for words in store.arguments)


def test_patterns_of_secrets_are_not_shown(run: Run, store: ZmprovStore) -> None:
    store.entries[("domain", "example.test")]["description"] = ["told canary-5e1f* by somebody", "any"]
    store.describe = lambda name: f"{name}\n\ntype : string\ncardinality : multi\noptionalIn : domain\n\n"  # type: ignore[method-assign]
    asked = {
        "type": "domain",
        "name": "example.test",
        "attributes": {"description": "any"},
        "remove_matching": {"zimbraPreAuthKey": ["canary-5e1f*", "?*x"]},
    }
    output = run(asked, check=True)["output"]
    assert "told ******** by somebody" in output
    assert "any" in output


def many(count: int) -> List[Dict[str, Any]]:
    return [
        account(f"u{number}@example.test", add={"zimbraForeignPrincipal": f"kerberos5:u{number}@PARTNER.TEST"})
        for number in range(count)
    ]


def test_thousands_of_accounts_take_two_calls_and_linear_time(run: Run, store: ZmprovStore) -> None:
    took = {}
    for count in (1000, 4000):
        store.entries.update({("account", f"u{number}@example.test"): {} for number in range(count)})
        for number in range(count):
            store.entries[("account", f"u{number}@example.test")] = {}
        started = time.process_time()
        result = run(*many(count))
        took[count] = time.process_time() - started
        assert (result["calls"], len(result["changes"])) == (2, count)
        assert run(*many(count))["calls"] == 1
    assert took[4000] < 8 * took[1000] + 0.5


FLUSHED: Dict[str, Any] = {
    "mailboxd is down": (False, None, True, 2),
    "mailboxd answers": (True, None, False, 3),
    "mailboxd answers and refuses": (True, Ran(2, "prov> prov> ", "ERROR: service.PERM_DENIED (no)\n"), True, 3),
}


@pytest.mark.parametrize("name", FLUSHED)
def test_via_ldap(run: Run, store: ZmprovStore, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    answers, instead, needed, calls = FLUSHED[name]
    monkeypatch.setattr(zmprov, "mailboxd_answers", lambda: answers)
    asked = (
        {"type": "config", "add": {"zimbraReverseProxyAdminIPAddress": "192.0.2.12"}},
        {"type": "domain", "name": "example.test", "attributes": {"zimbraAuthMech": "kerberos5"}},
        account("user1@example.test", attributes={"zimbraForeignPrincipal": "kerberos5:x@Y"}),
    )
    check = run(*asked, via_ldap=True, check=True)
    assert check["flush_needed"] is True
    if instead:
        store.fail_at[4] = instead
    done = run(*asked, via_ldap=True)
    assert (done["flush_needed"], done["calls"]) == (needed, calls)
    assert [words[0] for words in store.arguments[:3]] == ["-l", "-l", "-l"]
    assert ("mailboxd was not made to forget" in str(done.get("warnings"))) is bool(instead)
    if answers:
        assert store.arguments[3] == ("-f", "/tmp/batch-4")
        assert store.batches[3] == "fc account user1@example.test\nfc config\nfc domain example.test\nexit\n"


def test_a_servers_own_values_need_no_flush(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zmprov, "mailboxd_answers", lambda: True)
    done = run(server(attributes={"zimbraMtaMyHostname": "x"}), via_ldap=True)
    assert (done["flush_needed"], done["calls"]) == (False, 2)


def test_check_mode_before_zimbra_is_there(run: Run, store: ZmprovStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zmprov, "installed", lambda: False)
    check = run(server(add={MECHS: "GSSAPI"}), check=True)
    assert (check["changed"], check["calls"]) == (True, 0)
    assert "check mode goes on as if the entries held nothing: Zimbra is not on this host yet" in str(check["warnings"])
    assert store.arguments == []


def test_nothing_to_do_calls_nobody(run: Run, store: ZmprovStore) -> None:
    assert run()["calls"] == 0
    assert store.arguments == []


# What fails: the entries, what goes wrong, and the message whole.
LDAP_DOWN = next(step["stderr"] for step in zmprov_steps() if step["args"] == ["-l", "gas"] and step["rc"] == 1)
BROKEN: Dict[str, Any] = {
    "mailboxd down": (
        {1: Ran(2, "", MAILBOXD_DOWN)},
        (
            "zmprov: mailboxd does not answer at localhost (Connection refused); start it (zmmailboxdctl start), or "
            "set via_ldap: true"
        ),
    ),
    "LDAP down": (
        {1: Ran(1, "", LDAP_DOWN)},
        "zmprov: the LDAP server zimbra1.example.test:389 does not answer; start it there (ldap start), and run again",
    ),
    "exception": (
        {1: Ran(1, "prov> ", 'Exception in thread "main" java.lang.NullPointerException\n\tat a.b\n')},
        "zmprov: ended in a Java exception (java.lang.NullPointerException); see what it says when run by hand",
    ),
    "localconfig broken": (
        {1: Ran(1, "", 'Exception in thread "main" java.lang.ExceptionInInitializerError\n\tat a.b\n')},
        (
            "zmprov: ended in a Java exception (java.lang.ExceptionInInitializerError), as all of Zimbra's programs do "
            "where localconfig names an undefined ${key}; look for one in conf/localconfig.xml"
        ),
    ),
    "something else": (
        {1: Ran(127, "", "java: not found\n")},
        "zmprov: ended with status 127 and said 'java: not found'; see what it says when run by hand",
    ),
    "another zmprov": (
        {1: Ran(0, "prov> Unknown command. Type: 'help commands' for a list\nprov> prov> ", "")},
        "zmprov: does not understand the commands that read entries; see with zmprov help that it is Zimbra's own",
    ),
    "mailboxd goes down between the calls": (
        {2: Ran(2, "", MAILBOXD_DOWN), 3: Ran(2, "", MAILBOXD_DOWN)},
        (
            "zmprov: mailboxd does not answer at localhost (Connection refused) (nothing was applied); start it "
            "(zmmailboxdctl start), or set via_ldap: true, and run again"
        ),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_zmprov_fails(run: Run, store: ZmprovStore, name: str) -> None:
    store.fail_at, message = BROKEN[name]
    result = run(server(attributes={"zimbraMtaMyHostname": "x"}))
    assert result["failed"]
    assert result["msg"] == message


def test_a_batch_half_applied(run: Run, store: ZmprovStore) -> None:
    """The first of three entries changes, the second ends in an exception; the next run does the rest."""
    store.break_at = 1
    asked = [
        {"type": "domain", "name": "example.test", "attributes": {"zimbraAuthMech": "kerberos5"}},
        server(attributes={"zimbraMtaMyHostname": "x"}),
        account("user1@example.test", attributes={"zimbraForeignPrincipal": "kerberos5:x@Y"}),
    ]
    assert run(*asked)["msg"] == (
        f"zmprov: server {ZIMBRA1}: ended in a Java exception (java.lang.OutOfMemoryError: Java heap space) (applied: "
        "domain example.test: zimbraAuthMech); see what it says when run by hand, and run again"
    )
    store.break_at = None
    rest = run(*asked)
    assert [change["type"] for change in rest["changes"]] == ["server", "account"]


def test_a_broken_batch_whose_outcome_cannot_be_read(run: Run, store: ZmprovStore) -> None:
    store.break_at = 0
    store.fail_at[3] = Ran(2, "", MAILBOXD_DOWN)
    assert (
        "(how much of it was applied could not be read)" in run(server(attributes={"zimbraMtaMyHostname": "x"}))["msg"]
    )


def test_a_call_that_does_not_end(run: Run, store: ZmprovStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch did all of its work, and then hung."""
    through = store.run

    def hung(program: str, *words: str, longest: float) -> Ran:
        ran = through(program, *words, longest=longest)
        if len(store.arguments) == 2:
            raise ZimbraRefusal("/opt/zimbra/bin/zmprov: has not ended after 900 s; see what it waits for")
        return ran

    monkeypatch.setattr(store, "run", hung)
    assert run(server(attributes={"zimbraMtaMyHostname": "x"}))["msg"] == (
        f"zmprov: /opt/zimbra/bin/zmprov: has not ended after 900 s (applied: server {ZIMBRA1}: zimbraMtaMyHostname); "
        "see what it waits for, and run again"
    )
    assert run(server(attributes={"zimbraMtaMyHostname": "x"}))["changed"] is False


def test_errors_within_a_batch(run: Run, store: ZmprovStore) -> None:
    """zmprov goes on after an error; the message tells which entries failed, and which did not."""
    mailless = f"server {ZIMBRA2} does not have zimbraMailMode set, maybe it is not a store server?"
    store.refuse["zimbraMtaMyOrigin"] = f"service.INVALID_REQUEST (invalid request: {mailless})"
    asked = [
        server(attributes={"zimbraMtaMyHostname": "x"}),
        server(ZIMBRA2, attributes={"zimbraMtaMyOrigin": "x", "zimbraMtaMyHostname": "x"}),
        {"type": "config", "attributes": {"zimbraMtaMyOrigin": "x"}},
    ]
    assert run(*asked)["msg"] == (
        f"entries: server {ZIMBRA2}: {ZIMBRA2} runs no mailboxd, to which zmprov hands this on, and the global "
        f"configuration did not change either (applied: server {ZIMBRA1}: zimbraMtaMyHostname); set via_ldap: true, "
        "and run again"
    )
    store.refuse.clear()
    assert len(run(*asked)["changes"]) == 3


def test_a_write_that_is_lost_is_noticed(run: Run, store: ZmprovStore) -> None:
    store.ignore.append("zimbraMtaMyHostname")
    assert "reads back different" in run(server(attributes={"zimbraMtaMyHostname": "x"}))["msg"]


UNKNOWN: Dict[str, Any] = {
    "server": (server("nosuch.example.test", attributes={"zimbraMtaMyHostname": "x"}), "zmprov gas"),
    "domain": ({"type": "domain", "name": "nosuch.test", "attributes": {"zimbraAuthMech": "ad"}}, "zmprov gad"),
    "account": (account("n@example.test", add={"zimbraForeignPrincipal": "x"}), "create it first"),
    "cos": ({"type": "cos", "name": "nosuch", "attributes": {"zimbraNotes": "x"}}, "zmprov gac"),
}


@pytest.mark.parametrize("kind", UNKNOWN)
@pytest.mark.parametrize("check", [True, False])
def test_entries_that_are_not_there(run: Run, store: ZmprovStore, kind: str, check: bool) -> None:
    asked, remedy = UNKNOWN[kind]
    result = run(server(attributes={"zimbraMtaMyHostname": "x"}), asked, check=check)
    assert result["msg"].startswith(f"entries: {kind} {asked['name']}: Zimbra has no ")
    assert remedy in result["msg"]
    assert len(store.arguments) == 1


def test_many_entries_that_are_not_there(run: Run) -> None:
    message = run(*many(20))["msg"]
    assert message.startswith("entries: account u0@example.test: Zimbra has no account u0@example.test, and so with ")
    assert "u8@example.test and 11 more; create it first" in message


def test_two_names_of_one_entry(run: Run, store: ZmprovStore) -> None:
    store.aliases["alias@example.test"] = "user1@example.test"
    asked = {"zimbraForeignPrincipal": "x"}
    assert run(account("user1@example.test", add=asked), account("alias@example.test", add=asked))["msg"] == (
        "entries: account user1@example.test and account alias@example.test are one entry, user1@example.test; "
        "name it once"
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            server(attributes={"zimbraMtaSaslSmtpMechList": "GSSAPI"}),
            (
                f"entries (server {ZIMBRA1}): this Zimbra has no attribute zimbraMtaSaslSmtpMechList; correct its name "
                "(zimbraMtaSaslSmtpdMechList?)"
            ),
        ),
        (
            server(attributes={"zimbraNotes": ["a", "b"]}),
            f"entries (server {ZIMBRA1}): zimbraNotes holds one value, and 2 are given; leave one",
        ),
        (
            {"type": "domain", "name": "example.test", "attributes": {"zimbraNotes": "a"}},
            (
                "entries (domain example.test): zimbraNotes is no attribute of type domain; name it in an entry of "
                "type server or cos"
            ),
        ),
        (
            server(remove={MECHS: ["PLAIN", "LOGIN"]}),
            (
                f"entries: server {ZIMBRA1}: without PLAIN, LOGIN no value of {MECHS} is left, and what is inherited "
                "counts again; remove it from the global configuration (type: config)"
            ),
        ),
        (
            server(ZIMBRA2, remove={MECHS: ["PLAIN", "LOGIN"]}),
            (
                f"entries: server {ZIMBRA2}: without PLAIN, LOGIN no value of {MECHS} is left, and what is inherited "
                "counts again; remove it from the global configuration (type: config)"
            ),
        ),
        (
            server(attributes={"zimbraServiceEnabled": ""}),
            f"entries: server {ZIMBRA1}: zimbraServiceEnabled must keep a value; name what is to stay",
        ),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_what_the_directory_shows_to_be_wrong(
    run: Run, store: ZmprovStore, asked: Dict[str, Any], message: str, check: bool
) -> None:
    assert run(asked, check=check)["msg"] == message
    assert len(store.arguments) == 1
