# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cyrus_sasl_conf through ansible-playbook, and real smtpds as judges of what it refuses (needs the toolbox)."""

from __future__ import annotations

import contextlib
import pathlib
import smtplib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.mail_servers import Server, running_postfix
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused
from ansible_collections.mailrealm.kerberos.tests.integration.sso_site import Site, running_site

BEFORE = "# shipped\npwcheck_method: saslauthd\nmech_list: plain login\nlog_level: 3\n"
SETTINGS = {"mech_list": ["GSSAPI", "PLAIN", "LOGIN"], "pwcheck_method": "saslauthd", "keytab": "/etc/hosts"}


def task(path: pathlib.Path, settings: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"mailrealm.kerberos.cyrus_sasl_conf": {"path": str(path), "settings": settings, **options}}


def test_the_ladder(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "smtpd.conf"
    path.write_text(BEFORE)
    steps = climb([task(path, SETTINGS)], tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run.watched_after
    assert steps.check.diff == steps.run.diff
    assert [(part["before"], part["after"]) for part in steps.run.diff] == [
        ("mech_list: plain login\n", "mech_list: GSSAPI PLAIN LOGIN\nkeytab: /etc/hosts\n")
    ]
    assert path.read_text() == BEFORE.replace("plain login", "GSSAPI PLAIN LOGIN") + "keytab: /etc/hosts\n"


def test_refusals_in_both_modes(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "smtpd.conf"
    path.write_text(BEFORE)
    missing = {"mech_list": "GSSAPI", "keytab": f"{tmp_path}/missing"}
    alone = f"{path}: keytab: {tmp_path}/missing is not there, and with mech_list GSSAPI alone the server"
    cases = {
        alone: task(path, missing),
        f"{path}: keytab: {tmp_path}/missing is not there, and without it the server": task(
            path, {**missing, "mech_list": "GSSAPI PLAIN"}, keytab_required=True
        ),
        "settings: keytab: 'FILE:/k' is no path": task(path, {"keytab": "FILE:/k"}),
        "settings: mech_list: an empty value": task(path, {"mech_list": ""}),
        "settings: mech_list: a dict is no value": task(path, {"mech_list": {}}),
    }
    assert_refused(cases, tmp_path)
    assert path.read_text() == BEFORE
    step, output = play([task(path, missing, keytab_promised=True)], tmp_path, check=True)
    assert step.changed, output
    step, output = play([task(path, missing, keytab_promised=True)], tmp_path)
    assert step.only.msg.startswith(alone), output


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


def postfix(site: Site, keytab: pathlib.Path, **options: Any) -> contextlib.AbstractContextManager[Server]:
    return running_postfix(site.realm, site.new_folder(), site.certificate, keytab=keytab, **options)


def offered(port: int, tls: bool) -> list[str]:
    """The SASL mechanisms that the server offers."""
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.ehlo("probe")
        if tls:
            client.starttls()
            client.ehlo("probe")
        return sorted(client.esmtp_features.get("auth", "").split())


TLS_FIRST = {"smtpd_tls_auth_only": "yes"}
TLS_FOR_PASSWORDS = {
    "smtpd_sasl_security_options": "noanonymous, noplaintext",
    "smtpd_sasl_tls_security_options": "noanonymous",
}


def test_with_the_keytab_both_ways_to_use_tls_work(site: Site) -> None:
    keytab = site.keytab("smtp.keytab", "postfix", "smtp/localhost")
    with postfix(site, keytab, main=TLS_FIRST) as server:
        assert offered(server.ports["clear"], tls=False) == []
        assert offered(server.ports["clear"], tls=True) == ["GSSAPI", "LOGIN", "PLAIN"]
    with postfix(site, keytab, main=TLS_FOR_PASSWORDS) as server:
        assert offered(server.ports["clear"], tls=False) == ["GSSAPI"]
        assert offered(server.ports["clear"], tls=True) == ["GSSAPI", "LOGIN", "PLAIN"]


def test_without_the_keytab_what_is_refused_takes_the_server_down_indeed(site: Site) -> None:
    missing = site.folder / "missing"
    with postfix(site, missing, mech_list="GSSAPI") as server:
        with pytest.raises((smtplib.SMTPException, OSError)):
            offered(server.ports["clear"], tls=False)
        assert "no SASL authentication mechanisms" in server.log
    with postfix(site, missing, main=TLS_FIRST) as server:
        assert offered(server.ports["clear"], tls=False) == []
        assert offered(server.ports["clear"], tls=True) == ["LOGIN", "PLAIN"]


def test_without_the_keytab_filtering_passwords_before_tls_takes_the_server_down(site: Site) -> None:
    """Why the role asks for the keytab even where passwords remain in mech_list."""
    with postfix(site, site.folder / "missing", main=TLS_FOR_PASSWORDS) as server:
        with pytest.raises((smtplib.SMTPException, OSError)):
            offered(server.ports["clear"], tls=False)
        assert "no SASL authentication mechanisms" in server.log
