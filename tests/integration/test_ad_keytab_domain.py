# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ad_keytab` and what a domain goes through: phases of RC4's end, logins during a rotation, many accounts."""

from __future__ import annotations

import pathlib
import re
import threading
import time
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.directory import Server
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import directory
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.service_ticket import check_keys
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module, module_process
from ansible_collections.mailrealm.kerberos.tests.integration.ad_site import ALWAYS, RESET, Site, spn, user
from ansible_collections.mailrealm.kerberos.tests.integration.directory import Domain, running_controller


@pytest.fixture
def site(domain: Domain, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name, value in domain.variables.items():
        monkeypatch.setenv(name, value)
    return Site(domain, tmp_path)


def test_phases_of_rc4(site: Site) -> None:
    """An account that names no types has those of the domain, RC4 at first and AES later; one that does is safe."""
    site.result(site.options(user("p1", enctypes=["rc4"]), user("p2"), accept_weak=True))
    site.modify("p1", "delete: msDS-SupportedEncryptionTypes")
    assert (ticket_type(site, "p1"), ticket_type(site, "p2")) == (23, 18)
    # what the domain gives is asked for from now on: nothing but the attribute changes
    told = site.climb(user("p1", enctypes=["rc4"]), accept_weak=True)
    assert told["accounts"][0]["password_set"] is False
    site.modify("p1", "delete: msDS-SupportedEncryptionTypes")
    with running_controller(site.domain, "kdc default domain supported enctypes = 24"):
        # the keytab's one key of RC4 opens no ticket any more
        assert (ticket_type(site, "p1"), ticket_type(site, "p2")) == (18, 18)
        site.result(site.options(user("p2")), check=True)
        assert "nothing is known of its key of type aes256-cts-hmac-sha1-96" in site.refusal(user("p1"))
        site.result(site.options(user("p1", **RESET)))
        assert ticket_type(site, "p1") == 18
        assert {one for one in site.keys(spn("p1")) if one[0] == 2} == site.exported("p1")


def ticket_type(site: Site, name: str) -> int | None:
    """The enctype of a fresh ticket."""
    (entry, *dummy) = [one for one in site.entries() if one.principal.name == spn(name)]
    where = Server(site.domain.server, site.domain.realm)
    with directory.signed_on(where, site.domain.reader) as reader:
        (proof,) = check_keys(reader, [entry.principal], site.entries())
    return proof.enctype


def test_logins_during_a_rotation(site: Site) -> None:
    """A client asks for a ticket and the keytab opens it, again and again while three accounts get new passwords."""
    accounts = [user("v1"), user("v2"), user("v3")]
    site.result(site.options(*accounts))
    failures: list[str] = []
    kvnos: set[tuple[str, int | None]] = set()
    done = threading.Event()
    where = Server(site.domain.server, site.domain.realm)
    with directory.signed_on(where, site.domain.reader) as reader:
        names = [one.principal for one in site.entries() if one.enctype == 18]

        def log_in() -> None:
            while not done.is_set():
                for name in names:
                    # the ticket first, as a client has it, and the keytab as the service finds it then
                    (proof,) = check_keys(reader, [name], site.entries())
                    kvnos.add((str(name), proof.kvno))
                    if not proof.ok:
                        (proof,) = check_keys(reader, [name], site.entries())
                        failures.extend([] if proof.ok else [proof.cause])

        client = threading.Thread(target=log_in)
        client.start()
        try:
            for dummy in range(2):
                # in a process of its own: one with threads is not to be forked
                given = site.options(*({**one, **ALWAYS} for one in accounts))
                rotated = module_process.run("ad_keytab", given, site.folder, variables=site.domain.variables)
                assert rotated.status == 0, rotated.output
                time.sleep(0.3)
        finally:
            done.set()
            client.join()
    assert failures == []
    assert {kvno for dummy, kvno in kvnos} == {1, 2, 3}


def test_many_accounts_in_one_connection(site: Site) -> None:
    """The controller is asked as often for forty as for two, but for a ticket each."""
    many = [user(f"x{number:03}") for number in range(40)]
    created = site.result(site.options(*many))
    assert [one["created"] for one in created["accounts"]] == [True] * 40
    assert len(site.entries()) == 80
    assert asked(site, many[:2]) == {"connections": 1, "requests": asked(site, many)["requests"]}


def asked(site: Site, accounts: list[dict[str, Any]]) -> dict[str, int]:
    """How often a run that changes nothing connects to the directory, and writes to it."""
    calls = forked_module.calls("ad_keytab", site.options(*accounts), site.folder)
    (connection,) = [one for one in calls if one.name == "connect" and "htons(389)" in one.line]
    (socket,) = re.findall(r"<(socket:\[\d+\])>", connection.line)
    return {"connections": 1, "requests": len([one for one in calls if one.name == "write" and socket in one.line])}
