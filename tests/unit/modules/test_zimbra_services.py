# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on services that are none: what it runs, what it waits for, what it says."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Callable

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_offer import Offer, Process, Running
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_services import Ask, Wish
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import zimbra_control
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.zimbra_programs import Ran
from ansible_collections.mailrealm.kerberos.plugins.modules import zimbra_services

PLAIN, BOTH = Offer(("PLAIN",)), Offer(("GSSAPI", "PLAIN"))


class Zimbra:
    """A host with a proxy and a mailbox server; its programs, and the looks at what runs."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.stays = 0  # so many stops of the proxy end nothing
        self.comes_after = 0  # so many looks until a restarted service offers GSSAPI
        self.mends = True
        self.services = {name: Running(True, {"imap": PLAIN}, Process(1, 1, 0.0)) for name in ("mailbox", "proxy")}
        self._coming: dict[str, int] = {}

    def path(self, program: str) -> str:
        return program

    def run(self, program: str, *words: str) -> Ran:
        self.calls.append(" ".join((program.rpartition("/")[2], *words)))
        service = {"bin/zmmailboxdctl": "mailbox", "bin/zmproxyctl": "proxy"}.get(program)
        if service == "proxy" and words[0] in ("stop", "restart") and self.stays:
            self.stays -= 1
            return Ran(0, "Stopping proxy...failed.\nproxy is already running.\n", "")
        if service and words[0] == "start" and self.services[service].process is not None:
            return Ran(0, "proxy is already running.\n", "")
        if service and words[0] in ("start", "restart"):
            number = len(self.calls) + 1
            self.services[service] = dataclasses.replace(self.services[service], process=Process(number, number, 0.0))
            self._coming[service] = self.comes_after
        elif service:
            self.services[service] = dataclasses.replace(self.services[service], process=None)
        return Ran(0, "", "")

    def look(self, _programs: Any, ask: Ask, _wish: Wish) -> Running:
        if self._coming.get(ask.service) == 0 and self.mends:
            self.services[ask.service] = dataclasses.replace(self.services[ask.service], offers={"imap": BOTH})
        elif ask.service in self._coming:
            self._coming[ask.service] -= 1
        return self.services[ask.service]


@pytest.fixture
def zimbra(monkeypatch: pytest.MonkeyPatch) -> Zimbra:
    host = Zimbra()
    monkeypatch.setattr(zimbra_services, "ZimbraPrograms", lambda: host)
    monkeypatch.setattr(zimbra_services, "check_host", lambda _host: None)
    monkeypatch.setattr(zimbra_services, "look", host.look)
    monkeypatch.setattr(zimbra_control, "process_of", lambda _pid_file: host.services["proxy"].process)
    monkeypatch.setattr(zimbra_control, "STEP", 0.001)
    monkeypatch.setattr(zimbra_control, "GOING", 0.01)
    return host


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def run_module(check: bool = False, **options: Any) -> dict[str, Any]:
        given = {"_ansible_check_mode": check, "_ansible_diff": True, "timeout": 1, **options}
        with patch_module_args(given), pytest.raises(SystemExit):
            zimbra_services.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run_module


BOTH_ASKED = {"mailbox": {"imap": True}, "proxy": {"imap": True}}


def test_check_mode_runs_nothing_and_foresees_the_run(zimbra: Zimbra, run: Callable[..., dict[str, Any]]) -> None:
    foreseen = run(check=True, **BOTH_ASKED)
    assert zimbra.calls == []
    assert foreseen["offered"] == {"mailbox": {"imap": ["PLAIN"]}, "proxy": {"imap": ["PLAIN"]}}
    done = run(**BOTH_ASKED)
    assert zimbra.calls == done["commands"] == foreseen["commands"]
    assert done["commands"] == ["configrewrite mailbox proxy", "zmmailboxdctl restart", "zmproxyctl restart"]
    assert done["diff"] == foreseen["diff"]
    assert done["offered"]["proxy"] == {"imap": ["GSSAPI", "PLAIN"]}
    again = run(**BOTH_ASKED)
    assert (again["changed"], again["commands"]) == (False, [])


def test_it_waits_until_the_service_offers_it(zimbra: Zimbra, run: Callable[..., dict[str, Any]]) -> None:
    zimbra.comes_after = 5
    assert run(**BOTH_ASKED)["offered"]["mailbox"] == {"imap": ["GSSAPI", "PLAIN"]}


def test_a_service_that_fails_does_not_keep_the_others(zimbra: Zimbra, run: Callable[..., dict[str, Any]]) -> None:
    zimbra.mends = False
    failed = run(**BOTH_ASKED)
    assert failed["msg"].startswith("mailbox: IMAP offers PLAIN, 1 s after zmmailboxdctl restart; read ")
    assert "; proxy: IMAP offers PLAIN, 1 s after zmproxyctl restart; read " in failed["msg"]
    assert zimbra.calls == ["configrewrite mailbox proxy", "zmmailboxdctl restart", "zmproxyctl restart"]


def test_the_proxy_is_stopped_until_it_is_another(zimbra: Zimbra, run: Callable[..., dict[str, Any]]) -> None:
    zimbra.stays = 2
    assert run(proxy={"imap": True})["restarted"] == ["proxy"]
    again = ["zmproxyctl stop", "zmproxyctl start"]
    assert zimbra.calls == ["configrewrite proxy", "zmproxyctl restart", *again, *again]
    assert zimbra.services["proxy"].process != Process(1, 1, 0.0)


def test_a_proxy_that_stays_is_named(zimbra: Zimbra, run: Callable[..., dict[str, Any]]) -> None:
    zimbra.stays = 100
    failed = run(proxy={"imap": True})
    assert failed["msg"].startswith("proxy: the old process 1 still runs, 1 s after zmproxyctl restart")
    assert "(zmproxyctl ended with 0 and said 'Stopping proxy...failed.')" in failed["msg"]


def test_pending_is_done_once(zimbra: Zimbra, run: Callable[..., dict[str, Any]]) -> None:
    """What is read back afterwards is not judged by it again."""
    zimbra.services["proxy"] = dataclasses.replace(zimbra.services["proxy"], offers={"imap": BOTH})
    done = run(proxy={"imap": True}, pending=["proxy"])
    assert done["commands"] == ["configrewrite proxy", "zmproxyctl restart"]
    assert done["diff"]["before"] == "proxy: what was changed is not in force\n"
    assert done["diff"]["after"] == "proxy: what was changed is in force; restarted\n"
