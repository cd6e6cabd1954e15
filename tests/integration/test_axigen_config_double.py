# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""axigen_config and axigen_info against the lab's double of Axigen's CLI, which was written without looking at them."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import socket
import threading
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.lab.doubles.axigen import catalogue, cfg, cli_port
from ansible_collections.mailrealm.kerberos.tests.lab.doubles.axigen.running import ALL_RIGHTS, Running
from ansible_collections.mailrealm.kerberos.tests.lab.doubles.axigen.variants import Variants

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
PASSWORD = "canary-5e1f-admin"
DOMAIN = "ad.example.test"


@dataclasses.dataclass
class Double:
    """A double without ports but the CLI's, and the options that lead to it."""

    server: Running
    path: pathlib.Path
    port: int

    def options(self, user: str = "admin", **more: Any) -> dict[str, Any]:
        login = {"port": self.port, "password": PASSWORD, "user": user, "timeout": 10}
        return {"login": login, "configuration_file": str(self.path), **more}


@contextlib.contextmanager
def double(folder: pathlib.Path, rights: frozenset[str] = ALL_RIGHTS, **chosen: Any) -> Iterator[Double]:
    path = folder / "axigen.cfg"
    config = catalogue.shipped(DOMAIN)
    config["imap"]["secureConnAuthTypes"] = ("plain", "login")

    def permissions(user: str, password: str) -> frozenset[str] | None:
        return {"admin": ALL_RIGHTS, "delegated": rights}.get(user) if password == PASSWORD else None

    def saved() -> None:
        path.write_text(cfg.render(server.config))

    server = Running(config, {DOMAIN: {"alice": ""}}, {"imap", "pop3"}, permissions=permissions, saved=saved)
    saved()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        variants = Variants(**chosen)
        threading.Thread(target=cli_port.accept, args=(listener, server, lambda: variants), daemon=True).start()
        yield Double(server, path, listener.getsockname()[1])


WANTED: dict[str, Any] = {
    "domain": DOMAIN,
    "services_add": {
        "imap": {"secureConnAuthTypes": ["gssapi"], "logLevel": 16},
        "pop3": {"secureConnAuthTypes": ["gssapi"]},
    },
    "services": {"imap": {"greetingsText": 'a "quoted" -ERR: <#> text'}, "webmail": {"allowSPNEGOAuth": False}},
}
VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "phrase above": {"commit_phrase": "above"},
    "no colon": {"colon": False},
    "three headings": {"headings": 3},
    "no colours": {"colours": False},
    "cut": {"segments": "cut"},
    "all for a set": {"sets": "all"},
    "sets in another order": {"sets": "reversed"},
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant(name: str, tmp_path: pathlib.Path) -> None:
    with double(tmp_path, **VARIANTS[name]) as one:
        result = forked_module.climb("axigen_config", one.options(**WANTED), tmp_path)
        imap = one.server.config["imap"]
        assert sorted(imap["secureConnAuthTypes"]) == ["gssapi", "login", "plain"]
        assert imap["greetingsText"] == 'a "quoted" -ERR: <#> text'
        assert imap["logLevel"] == "31"
        assert [(change["service"], change["attribute"]) for change in result["changes"]] == [
            ("imap", "greetingsText"),
            ("webmail", "allowSPNEGOAuth"),
            ("imap", "secureConnAuthTypes"),
            ("imap", "logLevel"),
        ]
        assert cfg.parse(one.path.read_text()) == cfg.parse(cfg.render(one.server.config))
        info = forked_module.run("axigen_info", one.options(), tmp_path)
        assert info.result and info.result["domains"] == [DOMAIN], info.output
        assert info.result["primary_domain"] == DOMAIN
        assert info.result["services"]["imap"]["attributes"]["greetingsText"] == 'a "quoted" -ERR: <#> text'
        assert [listener["tls"] for listener in info.result["services"]["imap"]["listeners"]] == [False, True]
        assert PASSWORD not in info.output


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "login": ({"refuse_login": True}, "admin", "refused admin (double: login refused); "),
    "nobody": ({}, "joe", "refused joe ("),
    "delegated": ({}, "delegated", "Axigen refused "),
    "cut short": ({"break_reply_to": "SHOW CONFIG"}, "admin", "in the middle of its answer to 'SHOW CONFIG'"),
    "cut at COMMIT": ({"break_reply_to": "COMMIT"}, "admin", "imap may have changed, which another run completes"),
    "failed SET": ({"fail_command": "SET secureConn"}, "admin", "nothing was changed"),
    "failed SAVE": ({"fail_command": "SAVE"}, "admin", "imap changed in the running server but not in its file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_every_refusal(name: str, tmp_path: pathlib.Path) -> None:
    chosen, user, says = REFUSED[name]
    asked = {"services_add": {"imap": {"secureConnAuthTypes": ["gssapi"]}}}
    with double(tmp_path, frozenset({"managePOP3"}), **chosen) as one:
        before = one.path.read_text()
        outcome = forked_module.run("axigen_config", one.options(user, **asked), tmp_path)
        assert outcome.result and outcome.result.get("failed"), outcome.output
        assert says in outcome.result["msg"], outcome.result["msg"]
        assert "; " in outcome.result["msg"] and "\n" not in outcome.result["msg"]
        assert one.path.read_text() == before
        assert PASSWORD not in outcome.output
