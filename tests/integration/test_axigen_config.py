# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""axigen_config and axigen_info against a server that talks as Axigen's CLI does, in every form that it may have."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import socket
import ssl
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import axigen_state
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.axigen_script import PASSWORD, Axigen, Manner, axigen
from ansible_collections.mailrealm.kerberos.tests.integration.mail_servers import self_signed

# The server's threads wait for lines; the child that is forked has none of them and needs none.
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")

WANTED: dict[str, Any] = {
    "domain": "example.test",
    "services": {
        "webmail": {"allowSPNEGOAuth": True},
        "imap": {"plainConnAuthTypes": ["gssapi"], "greetingsText": 'it\'s <#> ("now")', "userdbConnectorName": "a b"},
        "pop3": {"secureConnAuthTypes": ["gssapi", "plain", "login", "digest-md5", "cram-md5"]},
    },
    "services_add": {"imap": {"secureConnAuthTypes": ["gssapi"], "LOGLEVEL": 16}},
    "services_remove": {"imap": {"secureConnAuthTypes": ["login"]}, "pop3": {"logLevel": [8, 4]}},
}
CHANGED = {
    "imap": {
        "plainConnAuthTypes": "(gssapi)",
        "greetingsText": '"it\'s <#> (\\"now\\")"',
        "userdbConnectorName": '"a b"',
        "secureConnAuthTypes": "(plain cram-md5 gssapi)",
        "logLevel": "31",
    },
    "pop3": {"logLevel": "3"},
    "webmail": {"allowSPNEGOAuth": "yes"},
}
READING = re.compile(r"(LIST|CONFIG|SHOW|GET|USER|BACK|EXIT|SET CONSOLE-CODES)\b")


def options(server: Axigen, **more: Any) -> dict[str, Any]:
    login = {"port": server.port, "password": PASSWORD, "timeout": 10, **more.pop("login", {})}
    return {"login": login, "configuration_file": str(server.path), **more}


def warnings(result: dict[str, Any]) -> list[str]:
    """The texts of a module's warnings: its own result holds them as ansible-core's version has it."""
    return [one if isinstance(one, str) else one["event"]["msg"] for one in result.get("warnings", [])]


MANNERS = {
    "plain": Manner(),
    "no colon": Manner(colon=" "),
    "the phrase above": Manner(phrase_above=True),
    "more headings": Manner(headings=3),
    "no headings": Manner(headings=0),
    "coloured": Manner(coloured=True),
    "in small pieces": Manner(piece=23),
    "cut in the prompt": Manner(prompt_cut=True),
    "no SHOW CONFIG": Manner(show_config=False),
    "a signed top": Manner(bare_top=False),
    "all at once": Manner(colon=": ", phrase_above=True, headings=3, coloured=True, prompt_cut=True, show_config=False),
}


@pytest.mark.parametrize("name", MANNERS)
def test_every_manner_of_speaking(name: str, tmp_path: pathlib.Path) -> None:
    with axigen(tmp_path / "axigen.cfg", dataclasses.replace(MANNERS[name])) as server:
        before = {service: dict(values) for service, values in server.services.items()}
        result = forked_module.climb("axigen_config", options(server, **WANTED), tmp_path)
        expected = {service: {**values, **CHANGED.get(service, {})} for service, values in before.items()}
        assert server.services == expected
        assert server.path.read_text() == server.text()
        assert {(one["service"], one["attribute"]) for one in result["changes"]} == {
            (service, attribute) for service, values in CHANGED.items() for attribute in values
        }
        assert result["saved"] is True
        assert result["version"] == "10.6.30"
        assert result["primary_domain"] == "example.test"


def test_the_diff_has_the_server_and_the_file(tmp_path: pathlib.Path) -> None:
    with axigen(tmp_path / "axigen.cfg") as server:
        asked = options(server, services_add={"imap": {"secureConnAuthTypes": ["gssapi"]}})
        running, file = forked_module.climb("axigen_config", asked, tmp_path)["diff"]
    assert running["before_header"] == f"Axigen at 127.0.0.1:{server.port}"
    assert file["before_header"] == str(server.path)
    for part in (running, file):
        assert part["before"] == "imap: secureConnAuthTypes = (plain login cram-md5)\n"
        assert part["after"] == "imap: secureConnAuthTypes = (plain login cram-md5 gssapi)\n"


def test_check_mode_reads_only_and_one_connection_serves(tmp_path: pathlib.Path) -> None:
    with axigen(tmp_path / "axigen.cfg") as server:
        before = (server.text(), server.path.read_bytes(), server.path.stat().st_mtime_ns)
        outcome = forked_module.run("axigen_config", options(server, **WANTED), tmp_path, check=True)
        assert outcome.result and outcome.result["changed"], outcome.output
        assert all(READING.match(command) for command in server.commands), server.commands
        assert before == (server.text(), server.path.read_bytes(), server.path.stat().st_mtime_ns)
        server.commands.clear()
        forked_module.run("axigen_config", options(server, **WANTED), tmp_path)
        said = server.commands
        assert [said.count(one) for one in ("USER admin", "LIST Domains", "SAVE CONFIG", "EXIT")] == [1, 2, 1, 1]
        assert said.index("SAVE CONFIG") > max(at for at, one in enumerate(said) if one == "COMMIT")
        assert said.count("COMMIT") == len(CHANGED) + 1


def test_what_runs_unsaved_is_saved(tmp_path: pathlib.Path) -> None:
    asked = {"services_add": {"imap": {"secureConnAuthTypes": ["gssapi"]}}}
    with axigen(tmp_path / "axigen.cfg") as server:
        forked_module.climb("axigen_config", options(server, save=False, **asked), tmp_path)
        assert "gssapi" not in server.path.read_text().partition("pop3 = {")[0]
        server.services["pop3"]["logLevel"] = "7"
        told = [forked_module.run("axigen_config", options(server, **asked), tmp_path, check=c) for c in (True, False)]
        for outcome in told:
            assert outcome.result, outcome.output
            assert outcome.result["changed"] and outcome.result["saved"]
            assert outcome.result["changes"] == []
            assert outcome.result["unsaved"] == ["imap.secureConnAuthTypes", "pop3.logLevel"]
            (part,) = outcome.result["diff"]
            assert part["before_header"] == str(server.path)
            assert warnings(outcome.result) == ["SAVE CONFIG also saves what somebody else left unsaved: pop3.logLevel"]
        assert server.path.read_text() == server.text()


@pytest.mark.parametrize("path", ["", "/nonexistent/axigen.cfg"])
def test_without_a_file(path: str, tmp_path: pathlib.Path) -> None:
    with axigen(tmp_path / "axigen.cfg") as server:
        asked = {**options(server, services={"imap": {"allowStartTLS": False}}), "configuration_file": path}
        result = forked_module.climb("axigen_config", asked, tmp_path)
        assert (result["unsaved"], result["saved"], len(result["diff"])) == (None, True, 1)
        assert "allowStartTLS = no" in server.path.read_text()


def test_an_odd_file_is_warned_of(tmp_path: pathlib.Path) -> None:
    with axigen(tmp_path / "axigen.cfg") as server:
        odd = tmp_path / "odd.cfg"
        odd.write_text("Server {\n")
        asked = {**options(server, services={"imap": {"logLevel": 15}}), "configuration_file": str(odd)}
        result = forked_module.run("axigen_config", asked, tmp_path).result
    assert result and not result["changed"]
    assert warnings(result)[0].startswith(f"configuration_file {odd}: line 2: a closing brace is missing; ")


def test_a_service_is_started(tmp_path: pathlib.Path) -> None:
    with axigen(tmp_path / "axigen.cfg") as server:
        server.stop("pop3")
        asked = options(server, running=["imap", "pop3"], services={"pop3": {"logLevel": 31}})
        result = forked_module.climb("axigen_config", asked, tmp_path)
        assert result["started"] == ["pop3"]
        assert "pop3: started = no\n" in result["diff"][0]["before"]
        assert [one for one in server.commands if one == "START Service"] == ["START Service"]
        socket.create_connection(("127.0.0.1", int(server.addresses["pop3"].rpartition(":")[2]))).close()


def test_a_service_that_is_not_started_at_boot_is_warned_of(tmp_path: pathlib.Path) -> None:
    with axigen(tmp_path / "axigen.cfg") as server:
        server.started.remove("pop3")
        server.save()
        server.stop("pop3")
        asked = options(server, services={"pop3": {"logLevel": 31}})
        for more, start in (({}, "pop3: is set but does not run"), ({"running": ["pop3"]}, "pop3: runs only until")):
            result = forked_module.run("axigen_config", {**asked, **more}, tmp_path).result
            assert result and result["changed"]
            assert [warning.startswith(start) for warning in warnings(result)] == [True]


def test_a_stopped_axigen_counts_as_started_in_check_mode(tmp_path: pathlib.Path) -> None:
    """The check's result is that of the run after the start."""
    with axigen(tmp_path / "axigen.cfg") as server:
        asked = options(server, **WANTED)
        nobody = {**asked, "login": {**asked["login"], "port": free_port()}}
        foreseen = forked_module.run("axigen_config", nobody, tmp_path, check=True).result
        refused = forked_module.run("axigen_config", nobody, tmp_path).result
        ran = forked_module.run("axigen_config", asked, tmp_path).result
    assert foreseen and ran and refused
    assert foreseen["changes"] == ran["changes"]
    assert [part["after"] for part in foreseen["diff"]] == [part["after"] for part in ran["diff"]]
    assert (foreseen["version"], foreseen["saved"], foreseen["unsaved"]) == (None, True, ran["unsaved"])
    assert warnings(foreseen)[0].startswith(f"check mode goes on with what {server.path} says: login: Axigen at ")
    assert "refuses connections; start Axigen (systemd unit axigen)" in refused["msg"]


def test_an_axigen_that_is_not_installed_counts_as_installed_in_check_mode(tmp_path: pathlib.Path) -> None:
    asked = {"login": {"port": free_port(), "password": PASSWORD}, "configuration_file": str(tmp_path / "none")}
    result = forked_module.run("axigen_config", {**asked, **WANTED, "running": ["imap"]}, tmp_path, check=True).result
    assert result and result["changed"] and result["started"] == ["imap"]
    assert {one["before"] for one in result["changes"]} == {"(comes with Axigen)"}
    info = forked_module.run("axigen_info", asked, tmp_path, check=True).result
    assert info and info["services"] == {} and info["domains"] is None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def test_under_tls(tmp_path: pathlib.Path) -> None:
    mine, others = self_signed(tmp_path, "localhost"), self_signed(tmp_path, "other.example.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(mine.certificate, mine.key)
    asked = {"services": {"imap": {"allowStartTLS": False}}}
    with axigen(tmp_path / "axigen.cfg", tls=context) as server:

        def login(**more: Any) -> dict[str, Any]:
            return options(server, login={"tls": True, "host": "localhost", **more}, **asked)

        forked_module.climb("axigen_config", login(ca_path=str(mine.certificate)), tmp_path)
        for more, says in (
            (
                {"ca_path": str(others.certificate)},
                "cannot be spoken to by TLS (certificate verify failed: self-signed",
            ),
            ({"ca_path": str(mine.certificate), "host": "127.0.0.1"}, "IP address mismatch"),
            (
                {"ca_path": "/nonexistent"},
                "login.ca_path: /nonexistent could not be read as certificates (No such file",
            ),
            ({"tls": False, "timeout": 1}, "did not greet as Axigen's CLI does (no answer in time)"),
        ):
            outcome = forked_module.run("axigen_config", login(**more), tmp_path)
            assert outcome.result and says in outcome.result["msg"].replace("self signed", "self-signed"), (
                outcome.output
            )
            assert "; " in outcome.result["msg"]


ADD = {
    "services_add": {"imap": {"secureConnAuthTypes": ["gssapi"]}, "webmail": {}},
    "services": {"log": {"enableSecurityLog": True}},
}
REFUSED: dict[str, tuple[Manner, dict[str, Any], str]] = {
    "wrong password": (
        Manner(),
        {"login": {"password": "canary-5e1f-wrong"}},
        "refused admin (no such luck (invented)); ",
    ),
    "closed after it": (
        Manner(refuse="^USER", hang_up_on_refusal=True),
        {},
        "refused admin (not for you (invented)); correct",
    ),
    "unknown user": (Manner(refuse="^USER"), {"login": {"user": "alice"}}, "refused alice (not for you (invented)); "),
    "another service's port": (
        Manner(greeting="220 mx1 ESMTP", asks=False),
        {"login": {"timeout": 1}},
        "did not greet as Axigen's CLI does (no answer in time after '220 mx1 ESMTP'); correct host, port and tls",
    ),
    "no domain": (
        Manner(),
        {"domain": "none.test"},
        "domain: this Axigen has no domain none.test (it has example.test, other",
    ),
    "may not list": (Manner(refuse="^LIST"), {"domain": "example.test"}, "Axigen refused 'LIST Domains' (not for you"),
    "may not configure": (
        Manner(refuse="^CONFIG SERVER"),
        {},
        "Axigen refused 'CONFIG SERVER' (not for you (invented)); ",
    ),
    "may not enter": (
        Manner(refuse="^CONFIG IMAP"),
        {},
        "Axigen refused 'CONFIG IMAP' (not for you (invented)); see that",
    ),
    "unknown attribute": (
        Manner(),
        {"services": {"imap": {"imapIdle": True}}},
        "services.imap.imapIdle: this Axigen has no such attribute; take one of allowStartTLS",
    ),
    "unknown service": (Manner(), {"services": {"webadmin": {"x": 1}}}, "Axigen refused 'CONFIG WEBADMIN' (what"),
    "bad value": (Manner(), {"services": {"imap": {"logLevel": 99}}}, "services.imap.logLevel: '99' is not what"),
    "cut short": (
        Manner(cut="^SHOW CONFIG"),
        {},
        "was lost in the middle of its answer to 'SHOW CONFIG' (the connection was",
    ),
    "silent": (
        Manner(silent="^SHOW CONFIG"),
        {"login": {"timeout": 1}},
        "was lost before it answered to 'SHOW CONFIG' (no answer",
    ),
    "in the clear": (
        Manner(),
        {"login": {"host": "192.0.2.1"}},
        "login.host: the password would go to 192.0.2.1 in the",
    ),
    "no port": (Manner(), {"login": {"port": 70000}}, "login.port: 70000 is no port; "),
    "unknown host": (
        Manner(),
        {"login": {"host": "no-such-host.test", "allow_clear_text": True}},
        "cannot be reached (",
    ),
    "a password": (
        Manner(),
        {"services": {"imap": {"relayPassword": "canary-5e1f-x"}}},
        "services.imap.relayPassword: holds a",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_before_anything_is_set(name: str, tmp_path: pathlib.Path) -> None:
    manner, more, says = REFUSED[name]
    with axigen(tmp_path / "axigen.cfg", dataclasses.replace(manner)) as server:
        before = (server.text(), server.path.read_text())
        for check in (True, False):
            outcome = forked_module.run("axigen_config", options(server, **{**ADD, **more}), tmp_path, check=check)
            assert outcome.result and outcome.result.get("failed"), outcome.output
            assert says in outcome.result["msg"], outcome.result["msg"]
            assert "; " in outcome.result["msg"] and "\n" not in outcome.result["msg"]
            assert "canary" not in outcome.output
        assert not [one for one in server.commands if not READING.match(one)]
        assert before == (server.text(), server.path.read_text())


HALFWAY: dict[str, tuple[Manner, str, list[str]]] = {
    "at SET": (
        Manner(refuse="^SET secure"),
        "Axigen refused 'SET secureConnAuthTypes (plain login cram-md5 gssapi)'",
        [],
    ),
    "at the first COMMIT": (Manner(refuse="^COMMIT"), "imap may have changed, which another run completes", []),
    "at the second service": (
        Manner(refuse="^SET enable"),
        "imap changed in the running server but not in its file, which another run completes",
        ["imap"],
    ),
    "at SAVE": (
        Manner(refuse="^SAVE"),
        "Axigen refused 'SAVE CONFIG' (not for you (invented))",
        ["imap", "log"],
    ),
    "lost at SET": (
        Manner(cut="^SET enable"),
        "was lost in the middle of its answer to 'SET enableSecurityLog yes'",
        ["imap"],
    ),
}


@pytest.mark.parametrize("name", HALFWAY)
def test_an_error_half_way_is_told_and_the_next_run_completes(name: str, tmp_path: pathlib.Path) -> None:
    manner, says, done = HALFWAY[name]
    with axigen(tmp_path / "axigen.cfg", dataclasses.replace(manner)) as server:
        saved = server.path.read_text()
        outcome = forked_module.run("axigen_config", options(server, **ADD), tmp_path)
        assert outcome.result and says in outcome.result["msg"], outcome.output
        assert saved == server.path.read_text()
        running = server.text()
        assert ("gssapi" in running.partition("pop3 = {")[0], "enableSecurityLog = yes" in running) == (
            "imap" in done,
            "log" in done,
        )
        if done:
            assert f"{', '.join(done)} changed in the running server but not in its file" in outcome.result["msg"]
        server.manner.refuse = server.manner.cut = ""
        result = forked_module.climb("axigen_config", options(server, **ADD), tmp_path)
        assert result["saved"]
        assert server.path.read_text() == server.text()


def test_a_value_that_the_server_drops_is_told(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(axigen_state, "PATIENCE", 0.2)
    with axigen(tmp_path / "axigen.cfg", Manner(drops="secure")) as server:
        outcome = forked_module.run("axigen_config", options(server, **ADD), tmp_path)
    assert outcome.result and "what was written reads back different" in outcome.result["msg"]


def test_info(tmp_path: pathlib.Path) -> None:
    with axigen(tmp_path / "axigen.cfg") as server:
        server.services["imap"]["logLevel"] = "31"
        outcome = forked_module.run("axigen_info", options(server), tmp_path)
        assert outcome.result and "canary" not in outcome.output, outcome.output
        found = outcome.result
        assert (found["version"], found["primary_domain"]) == ("10.6.30", "example.test")
        assert found["domains"] == ["example.test", "other.test"]
        assert found["unsaved"] == ["imap.logLevel"]
        imap = found["services"]["imap"]
        assert imap["started"] is True
        assert imap["attributes"]["secureConnAuthTypes"] == ["plain", "login", "cram-md5"]
        assert imap["attributes"]["greetingsText"] == '-ERR: <#> is "ready"'
        assert imap["attributes"]["relayPassword"] == "(not shown)"
        assert imap["listeners"] == [{"address": server.addresses["imap"], "enabled": True, "tls": False}]
        server.manner.show_config, server.manner.refuse = False, "^CONFIG WEBADMIN"
        again = forked_module.run("axigen_info", options(server), tmp_path).result
        assert again and again["services"]["imap"]["attributes"] == imap["attributes"]
        assert again["services"]["imap"]["listeners"] is None
        assert "webadmin" not in again["services"]
        assert all(READING.match(command) for command in server.commands)
