# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zimbra_attributes against the double of zmprov, of mailboxd and of the directory, which is held to the recordings."""

from __future__ import annotations

import pathlib
import tempfile
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module, module_process
from ansible_collections.mailrealm.kerberos.tests.integration.canary import found_in
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_directory_site import (
    HOME,
    DirectorySite,
    running_site,
)

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
MODULE = "zimbra_attributes"
TASK = f"mailrealm.kerberos.{MODULE}"
ZIMBRA1, ZIMBRA2 = "zimbra1.example.test", "zimbra2.example.test"
MECHS = "zimbraMtaSaslSmtpdMechList"
MANY = 1000
CANARY = b"canary-5e1f-key"


@pytest.fixture(scope="module")
def whole_site() -> Iterator[DirectorySite]:
    with running_site(["alice", "bob", *(f"u{number}" for number in range(MANY))]) as running:
        yield running


@pytest.fixture
def site(whole_site: DirectorySite) -> Iterator[DirectorySite]:
    """The site in good order; what a test changed in it stays."""
    yield whole_site
    whole_site.mend()


def server(name: str = ZIMBRA1, **asked: Any) -> dict[str, Any]:
    return {"type": "server", "name": name, **asked}


def config(**asked: Any) -> dict[str, Any]:
    return {"type": "config", **asked}


def account(name: str, **asked: Any) -> dict[str, Any]:
    return {"type": "account", "name": f"{name}@example.test", **asked}


def domain(**asked: Any) -> dict[str, Any]:
    return {"type": "domain", "name": "example.test", **asked}


def run(entries: list[dict[str, Any]], folder: pathlib.Path, check: bool = False, **options: Any) -> dict[str, Any]:
    """The module's result; whatever it prints is no traceback."""
    outcome = forked_module.run(MODULE, {"entries": entries, **options}, folder, check=check)
    assert "Traceback" not in outcome.output, outcome.output
    assert outcome.result is not None, outcome.output
    return outcome.result


def test_the_documents_steps(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    """Through ansible-playbook: everything that the document sets for a site, in two calls, and one when converged."""
    entries = [
        config(
            attributes={"zimbraReverseProxyDefaultRealm": "EXAMPLE.TEST"},
            add={"zimbraReverseProxyAdminIPAddress": ["192.0.2.21", "192.0.2.22"]},
        ),
        domain(attributes={"zimbraAuthMech": "kerberos5", "zimbraAuthKerberos5Realm": "EXAMPLE.TEST"}),
        server(
            attributes={
                "zimbraImapSaslGssapiEnabled": True,
                "zimbraPop3SaslGssapiEnabled": True,
                "zimbraReverseProxyImapSaslGssapiEnabled": True,
                "zimbraReverseProxyPop3SaslGssapiEnabled": True,
                "zimbraMtaSmtpdSaslSecurityOptions": ["noanonymous", "noplaintext"],
                "zimbraMtaSmtpdSaslTlsSecurityOptions": "noanonymous",
                "zimbraMtaMyHostname": "mail.example.test",
            },
            add={MECHS: "GSSAPI", "zimbraMtaImportEnvironment": ["MAIL_CONFIG", "KRB5_KTNAME=/a/smtp.keytab"]},
        ),
        account("bob", add={"zimbraForeignPrincipal": "kerberos5:bob@PARTNER.TEST"}),
    ]
    steps = climb([{TASK: {"entries": entries}}], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check_again.diff == []
    assert [step.only.data["calls"] for step in (steps.check, steps.run, steps.check_again, steps.run_again)] == [
        1,
        2,
        1,
        1,
    ]
    assert [call["args"][0] for call in site.calls()] == ["-f"] * 5
    assert [call["status"] for call in site.calls()] == [0] * 5
    assert steps.run.only.data["restart"] == ["mailbox", "mta", "mta_environment", "proxy"]
    own = site.own("server", ZIMBRA1)
    assert sorted(own[MECHS]) == ["GSSAPI", "LOGIN", "PLAIN"]  # the inherited ones are kept
    assert own["zimbraMtaImportEnvironment"] == ["MAIL_CONFIG", "KRB5_KTNAME=/a/smtp.keytab"]
    assert site.own("account", "bob@example.test")["zimbraForeignPrincipal"] == ["kerberos5:bob@PARTNER.TEST"]
    (part,) = [one for one in steps.run.diff if one["before_header"] == f"Zimbra: server {ZIMBRA1}"]
    assert f"{MECHS}: PLAIN (inherited)\n" in part["before"]
    assert f"{MECHS}: GSSAPI\n" in part["after"]


LADDERS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "case alone": ([server(ZIMBRA1, attributes={"zimbraMtaMyOrigin": "A.example.test"})], {}),
    "case alone, again": ([server(ZIMBRA1, attributes={"zimbraMtaMyOrigin": "a.example.test"})], {}),
    "a list in another case": ([config(add={MECHS: "login"})], {}),
    "a text that a batch must quote": ([server(attributes={"zimbraMtaSmtpdBanner": " \"a\"\\ 'b'\n# $x\té "})], {}),
    "own values deleted": ([server(attributes={"zimbraMtaSmtpdBanner": ""})], {}),
    "an only service": ([server(ZIMBRA2, attributes={"zimbraServiceEnabled": "mta"})], {"via_ldap": True}),
    "a server without mailboxd": ([server(ZIMBRA2, add={MECHS: "GSSAPI"})], {"via_ldap": True}),
    "global and own in one": (
        [
            server(remove={"zimbraMtaMyNetworks": "127.0.0.0/8"}),
            config(attributes={"zimbraMtaMyNetworks": ["127.0.0.0/8", "192.0.2.0/24"]}),
        ],
        {},
    ),
    "a class of service": ([{"type": "cos", "name": "default", "attributes": {"description": "x y"}}], {}),
}


def test_values_in_any_order(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    """zmprov prints the values of one attribute in another order each time, which is no change and no other diff."""
    site.behave(shuffle=True)
    networks = [f"192.0.2.{number}/32" for number in range(12)]
    entries = [server(attributes={"zimbraMtaMyNetworks": networks})]
    assert [run(entries, tmp_path, check)["changed"] for check in (True, False, True, False)] == [
        True,
        True,
        False,
        False,
    ]
    more = [server(add={"zimbraMtaMyNetworks": "192.0.2.99/32"}, remove={"zimbraMtaMyNetworks": networks[3]})]
    found = [run(more, tmp_path, check) for check in (True, False, False)]
    assert [one["changed"] for one in found] == [True, True, False]
    assert found[0]["diff"] == found[1]["diff"]
    run([server(attributes={"zimbraMtaMyNetworks": ""})], tmp_path)


@pytest.mark.parametrize("name", LADDERS)
def test_ladders(site: DirectorySite, tmp_path: pathlib.Path, name: str) -> None:
    entries, options = LADDERS[name]
    found = [run(entries, tmp_path, check, **options) for check in (True, False, True, False)]
    assert [one.get("msg") for one in found] == [None] * 4
    assert [one["changed"] for one in found] == [True, True, False, False]
    assert found[0]["diff"] == found[1]["diff"]
    assert [one["calls"] for one in found] == [1, 2, 1, 1]
    for entry in entries:
        own = site.own(entry["type"], entry.get("name", "config"))
        for attribute, wanted in entry.get("attributes", {}).items():
            values = [wanted] if isinstance(wanted, str) else wanted
            assert own.get(attribute, []) == [value for value in values if value]


def test_a_thousand_accounts(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    entries = [
        account(f"u{number}", add={"zimbraForeignPrincipal": f"kerberos5:u{number}@PARTNER.TEST"})
        for number in range(MANY)
    ]
    before = len(site.calls())
    assert len(run(entries, tmp_path)["changes"]) == MANY
    assert len(site.calls()) == before + 2
    assert run(entries, tmp_path)["changed"] is False
    assert len(site.calls()) == before + 3


def test_ldap_behind_the_back_of_mailboxd(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    """What LDAP was told, mailboxd is told to read anew; without mailboxd there is nothing to tell."""
    told = run([config(attributes={"zimbraReverseProxyDefaultRealm": "A.TEST"})], tmp_path, via_ldap=True)
    assert (told["calls"], told["flush_needed"]) == (3, False)
    assert site.calls()[-1]["args"][0] == "-f"  # over SOAP, which -l does not flush
    over_soap = run([config(attributes={"zimbraReverseProxyDefaultRealm": "A.TEST"})], tmp_path)
    assert over_soap["changed"] is False
    site.stop("soapd")
    untold = run([config(attributes={"zimbraReverseProxyDefaultRealm": "B.TEST"})], tmp_path, via_ldap=True)
    assert (untold["calls"], untold["flush_needed"]) == (2, True)


WANTED = [
    domain(attributes={"zimbraWebClientLogoutURL": "/one"}),
    server(attributes={"zimbraMtaSmtpdErrorSleepTime": "3s"}),
    account("alice", add={"zimbraForeignPrincipal": "kerberos5:alice@PARTNER.TEST"}),
]


def test_mailboxd_down(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    site.stop("soapd")
    for check in (True, False):
        assert run(WANTED, tmp_path, check)["msg"] == (
            "zmprov: mailboxd does not answer at localhost (Connection refused); start it (zmmailboxdctl start), or "
            "set via_ldap: true"
        )
    assert run(WANTED, tmp_path, True, via_ldap=True)["changed"] is True


def test_ldap_down(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    site.stop("ldapd")
    for check in (True, False):
        message = run(WANTED, tmp_path, check, via_ldap=True)["msg"]
        assert message.startswith("zmprov: the LDAP server localhost:33890 does not answer; start it there")
        assert "\n" not in message
    over_soap = run(WANTED, tmp_path)["msg"]
    assert "localhost:33890" in over_soap
    assert "; " in over_soap


def test_a_java_exception(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    site.behave(exception=True)
    assert run(WANTED, tmp_path)["msg"] == (
        "zmprov: ended in a Java exception (java.lang.OutOfMemoryError: Java heap space); see what it says when run "
        "by hand"
    )


def test_localconfig_that_zimbra_cannot_read(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    site.localconfig(krb5_keytab="${nosuch}/krb5.keytab")
    message = run(WANTED, tmp_path)["msg"]
    assert message.startswith("zmprov: ended in a Java exception (java.lang.ExceptionInInitializerError), as all of")
    assert message.endswith("where localconfig names an undefined ${key}; look for one in conf/localconfig.xml")


@pytest.mark.parametrize("lines", [1, 2])
def test_a_batch_half_applied(site: DirectorySite, tmp_path: pathlib.Path, lines: int) -> None:
    """zmprov dies after one or two of three entries; what was applied is said, and the next run does the rest."""
    entries = [
        domain(attributes={"zimbraWebClientLogoutURL": f"/half-{lines}"}),
        server(attributes={"zimbraMtaSmtpdErrorSleepTime": f"1{lines}s"}),
        account("alice", attributes={"zimbraForeignPrincipal": f"kerberos5:alice@HALF{lines}.TEST"}),
    ]
    site.behave(only_call=2, fail_at=lines)
    applied = ["domain example.test: zimbraWebClientLogoutURL", f"server {ZIMBRA1}: zimbraMtaSmtpdErrorSleepTime"]
    broken = [f"server {ZIMBRA1}", "account alice@example.test"]
    assert run(entries, tmp_path)["msg"] == (
        f"zmprov: {broken[lines - 1]}: ended in a Java exception (java.lang.OutOfMemoryError: Java heap space) "
        f"(applied: {', '.join(applied[:lines])}); see what it says when run by hand, and run again"
    )
    rest = run(entries, tmp_path)
    assert [change["type"] for change in rest["changes"]] == ["server", "account"][lines - 1 :]
    assert run(entries, tmp_path)["changed"] is False


def test_a_batch_that_breaks_off_while_it_reads(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    """All was written, but zmprov dies before it could be read again."""
    entries = [
        domain(attributes={"zimbraWebClientLogoutURL": "/whole"}),
        server(attributes={"zimbraMtaSmtpdErrorSleepTime": "7s"}),
    ]
    reads = 2 * len(entries) + 1  # own values, those that count, and `exit`
    site.behave(fail_at=reads)
    assert run(entries, tmp_path)["msg"] == (
        "zmprov: ended in a Java exception (java.lang.OutOfMemoryError: Java heap space) (applied: domain "
        f"example.test: zimbraWebClientLogoutURL, server {ZIMBRA1}: zimbraMtaSmtpdErrorSleepTime); see what it says "
        "when run by hand, and run again"
    )
    assert run(entries, tmp_path)["changed"] is False


def test_errors_within_a_batch(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    """zmprov goes on after an error: the server without mailboxd fails, the others change."""
    entries = [
        domain(attributes={"zimbraWebClientLogoutURL": "/within"}),
        server(ZIMBRA2, attributes={"zimbraMtaSmtpdErrorSleepTime": "4s"}),
        account("alice", attributes={"zimbraForeignPrincipal": "kerberos5:alice@WITHIN.TEST"}),
    ]
    result = run(entries, tmp_path)
    assert result["msg"] == (
        f"entries: server {ZIMBRA2}: {ZIMBRA2} runs no mailboxd, to which zmprov hands this on (applied: domain "
        "example.test: zimbraWebClientLogoutURL, account alice@example.test: zimbraForeignPrincipal); set via_ldap: "
        "true, and run again"
    )
    assert site.own("account", "alice@example.test")["zimbraForeignPrincipal"] == ["kerberos5:alice@WITHIN.TEST"]
    rest = run(entries, tmp_path, via_ldap=True)
    assert [change["name"] for change in rest["changes"]] == [ZIMBRA2]


def test_slow_calls(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    site.behave(latency=2)
    entries = [server(attributes={"zimbraMtaSmtpdHardErrorLimit": 31})]
    assert run(entries, tmp_path)["calls"] == 2
    assert [call["seconds"] >= 2 for call in site.calls()[-2:]] == [True, True]


def test_the_wrong_user(site: DirectorySite) -> None:
    assert site.calls()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        outcome = module_process.run(MODULE, {"entries": WANTED}, pathlib.Path(folder), prefix=nobody)
        assert outcome.result is not None, outcome.output
        assert outcome.result["msg"].startswith("/opt/zimbra: Zimbra's programs run as zimbra, and this is user ")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "server": (
        server("nosuch.example.test", attributes={"zimbraMtaMyHostname": "x"}),
        "entries: server nosuch.example.",
    ),
    "short name": (
        server("zimbra1", attributes={"zimbraMtaMyHostname": "x"}),
        "entries: server zimbra1: Zimbra has no",
    ),
    "domain": (
        {"type": "domain", "name": "nosuch.test", "attributes": {"zimbraAuthMech": "ad"}},
        "entries: domain nosuch.test: Zimbra has no domain nosuch.test; name it",
    ),
    "account": (
        account("nosuch", add={"zimbraForeignPrincipal": "x"}),
        "entries: account nosuch@example.test: Zimbra has",
    ),
    "attribute": (
        server(attributes={"zimbraImapSaslGssapiEnable": True}),
        f"entries (server {ZIMBRA1}): this Zimbra has no attribute zimbraImapSaslGssapiEnable; correct its name (zim",
    ),
    "place": (
        server(attributes={"zimbraAuthMech": "ad"}),
        f"entries[1] (server {ZIMBRA1}): zimbraAuthMech is no attribute",
    ),
    "enum": (
        server(attributes={"zimbraMtaSmtpdSaslSecurityOptions": "noanonymous, noplaintext"}),
        f"entries[1] (server {ZIMBRA1}): zimbraMtaSmtpdSaslSecurityOptions must be one of noplaintext, noactive,",
    ),
    "length": (
        account("bob", add={"zimbraForeignPrincipal": "x" * 257}),
        "entries[1] (account bob@example.test): zimbraFor",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("check", [True, False])
def test_bad_input_changes_nothing(site: DirectorySite, tmp_path: pathlib.Path, name: str, check: bool) -> None:
    entry, message = REFUSED[name]
    before = (HOME / "data" / "ldap" / "directory.jsonl").read_bytes()
    calls = len(site.calls())
    result = run([config(attributes={"zimbraReverseProxyDefaultRealm": f"{name}.TEST"}), entry], tmp_path, check)
    assert result["msg"].startswith(message)
    assert "; " in result["msg"]
    assert (HOME / "data" / "ldap" / "directory.jsonl").read_bytes() == before
    assert len(site.calls()) <= calls + 1


def test_secrets_stay_where_they_belong(site: DirectorySite, tmp_path: pathlib.Path) -> None:
    """Not in the output with -vvv, not in the log of calls, and in no file that is left behind."""
    tasks = [{TASK: {"entries": [account("alice", attributes={"zimbraAuthTokens": CANARY.decode()})]}}]
    for status in ("ok", "failed"):
        step, output = play(tasks, tmp_path, verbosity=3)
        assert step.only.status == status, output
        assert found_in(output.encode(), CANARY) == []
        assert site.own("account", "alice@example.test")["zimbraAuthTokens"] == [CANARY.decode()]
        tasks[0][TASK]["entries"][0]["add"] = {"zimbraAuthTokens": "x"}
    assert CANARY.decode() not in str(site.calls())
    assert list(pathlib.Path(tempfile.gettempdir()).glob("mailrealm-zimbra-*")) == []
