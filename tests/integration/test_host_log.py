# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible writes into a host's log of a task's options: nothing where these may hold secrets of no fixed name."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import CANARY, COLLECTION
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import play

LOG = pathlib.Path("/dev/log")
SASL = {"path": "FOLDER/smtpd.conf", "settings": {"sql_passwd": CANARY}}
# Options with a secret, of modules that find out by its name, its place or its file that it is one
SECRET: dict[str, dict[str, Any]] = {
    "axigen_config": {"login": {"password": "x"}, "services": {"imap": {"userDatabasePassword": CANARY}}},
    "browser_policy": {"browser": "chromium", "path": "FOLDER/policies", "policies": {"ProxyPassword": CANARY}},
    "cas_properties": {
        "path": "FOLDER/p",
        "version": "7.0.0",
        "settings": {"cas.authn.ldap[0].bind-credential": CANARY},
    },
    "config_files": {"cyrus_sasl_conf": SASL},
    "cyrus_sasl_conf": SASL,
    "jaas_config": {"path": "FOLDER/login.conf"},
    "postconf": {"config_directory": "FOLDER", "main": {"smtp_sasl_password_maps": f"static:user:{CANARY}"}},
    "tomcat_connector": {"path": "FOLDER/server.xml", "attributes": {"keystorePass": CANARY}},
    "zimbra_attributes": {"entries": []},
    "zimbra_localconfig": {"settings": {"ldap_root_password": CANARY}},
}
# Whose options Ansible does write down, so that this test would see it
OPEN = {"krb5_conf": {"path": "FOLDER/krb5.conf", "settings": {"libdefaults": {"rdns": False}}}}


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """The lines of the host's log, as they come in; at the end all are there."""
    assert not LOG.exists(), "this host has a log of its own"
    heard: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(LOG))
        LOG.chmod(0o666)

        def hear() -> None:
            while line := log.recv(65536):
                heard.append(line.decode(errors="replace"))

        thread = threading.Thread(target=hear)
        thread.start()
        try:
            yield heard
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
                last.sendto(b"", str(LOG))
            thread.join()
            LOG.unlink()


def filled(value: Any, folder: pathlib.Path) -> Any:
    if isinstance(value, dict):
        return {name: filled(one, folder) for name, one in value.items()}
    return value.replace("FOLDER", str(folder)) if isinstance(value, str) else value


@pytest.mark.parametrize("check", [True, False])
def test_no_option_that_may_be_a_secret_reaches_the_log(tmp_path: pathlib.Path, check: bool) -> None:
    """Some of the tasks fail for want of what they are for; their options were taken before."""
    tasks = [
        {
            "block": [{"name": name, COLLECTION + name: filled(options, tmp_path)}],
            "rescue": [{"ansible.builtin.meta": "noop"}],
        }
        for name, options in {**SECRET, **OPEN}.items()
    ]
    with listening() as heard:
        step, output = play(tasks, tmp_path, check=check)
    results = {result.name: result for result in step.results}
    assert {*SECRET} <= {*results}, output
    assert not [name for name, one in results.items() if "parameters" in one.msg], results
    told = [line for line in heard if "Invoked with" in line]
    assert [name for name in OPEN if not any(COLLECTION + name in line for line in told)] == [], heard
    assert [name for name in SECRET if any(f"{COLLECTION}{name}:" in line for line in told)] == []
    assert not [line for line in heard if CANARY in line]
    assert CANARY not in output
