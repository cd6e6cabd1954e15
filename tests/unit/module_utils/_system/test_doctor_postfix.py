# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence of Postfix from a folder and a program that stand for it; a real one is in the lab."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import diagnose
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import Asked
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_postfix import CHECKS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import doctor_postfix

HOST = "localhost"
MASTER = "{port} inet n - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\nsmtp unix - - y - - smtp\n"
POSTCONF = """#!/bin/sh
case "$*" in
    "-h config_directory") echo "{folder}" ;;
    "-x") cat "{folder}/main" ;;
    "-P -x") echo "{port}/inet/smtpd_sasl_auth_enable = yes" ;;
    *) exit 1 ;;
esac
"""
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
myhostname = localhost
inet_interfaces = all
smtpd_sasl_type = {type}
smtpd_sasl_path = {path}
smtpd_sasl_mechanism_filter = !external, static:rest
smtpd_tls_auth_only = no
smtpd_tls_security_level =
cyrus_sasl_config_path = {folder}/sasl
import_environment = TZ KRB5_CONFIG=/etc/krb5.conf
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = static:dummy:dummy
"""


class Listener:
    """One socket that says its lines to each who comes, an SMTP server's after each line that it hears."""

    def __init__(self, listening, lines, answering=True):
        self.listening, self.lines, self.answering = listening, lines, answering
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                link, dummy = self.listening.accept()
            except OSError:
                return
            # A client that has heard enough goes without reading the rest.
            with contextlib.suppress(OSError), link, link.makefile("rb") as heard:
                for line in self.lines:
                    link.sendall(line)
                    if self.answering and not heard.readline():
                        break


@pytest.fixture
def postfix(tmp_path, monkeypatch):
    """Gives what writes Postfix's files and gathers; a server on its port offers GSSAPI in the clear."""
    for name in ("bin", "sasl", "queue/private", "plugins"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "plugins" / "libgssapiv2.so.2").touch()
    server = socket.create_server(("127.0.0.1", 0))
    Listener(server, [b"220 mx\r\n", b"250-mx\r\n250 AUTH GSSAPI PLAIN\r\n", b"221 bye\r\n"])
    monkeypatch.setattr(doctor_postfix, "PLACES", str(tmp_path / "bin"))
    monkeypatch.setattr(doctor_postfix, "PLUGINS", (str(tmp_path / "plugins"),))
    port = server.getsockname()[1]

    def gather(master=MASTER, smtpd_conf="mech_list: GSSAPI\nkeytab: {folder}/keytab\n", kind="cyrus", settings=None):
        words = {
            "folder": tmp_path,
            "port": port,
            "type": kind,
            "path": "private/auth" if kind == "dovecot" else "smtpd",
        }
        program = tmp_path / "bin" / "postconf"
        program.write_text(POSTCONF.format(**words))
        program.chmod(0o755)
        (tmp_path / "main").write_text(MAIN.format(**words))
        (tmp_path / "master.cf").write_text(master.format(**words))
        (tmp_path / "sasl" / "smtpd.conf").write_text(smtpd_conf.format(**words))
        (tmp_path / "keytab").touch()
        asked = Asked(HOST, "EXAMPLE.TEST", "example.test", settings={"postfix": settings or {"backend": kind}})
        return doctor_postfix.gather(asked)

    yield gather
    server.close()


def test_all_of_it_is_told(postfix, tmp_path):
    found = postfix()
    (server,) = found["servers"]
    assert server["values"]["smtpd_sasl_auth_enable"] == "yes"
    assert server["offer"] == {
        "host": HOST,
        "clear": ["GSSAPI", "PLAIN"],
        "tls": None,
        "fault": server["offer"]["fault"],
    }
    assert found["keytab"] == {
        "path": f"{tmp_path}/keytab",
        "source": f"{tmp_path}/sasl/smtpd.conf",
        "exists": True,
    }
    assert found["plugins"] == ["gssapiv2"]
    assert found["environment"] == {"wanted": {"KRB5_CONFIG": "/etc/krb5.conf"}, "running": None}
    assert found["main"]["smtp_sasl_password_maps"] == "static:..."
    assert not found["running"]


def test_a_password_of_smtpd_conf_is_left_out(postfix):
    found = postfix(smtpd_conf="mech_list: GSSAPI\nldapdb_pw: s3cret\nsql_passwd: s3cret\n")
    assert "s3cret" not in str(found)
    assert found["keytab"]["source"] == "Kerberos's default"


def test_files_that_postfix_cannot_read_are_refused(postfix):
    assert "line 1" in postfix(master="oops\n")["refused"]
    assert "line 2" in postfix(smtpd_conf="mech_list: GSSAPI\noops\n")["sasl"]["refused"]


def test_a_host_without_postfix_says_so(monkeypatch):
    monkeypatch.setattr(doctor_postfix, "PLACES", "/nonexistent")
    asked = Asked(HOST, "EXAMPLE.TEST", "example.test")
    assert doctor_postfix.gather(asked) == {"settings": {}, "installed": False}


def test_a_postconf_that_fails_is_a_cause(postfix, tmp_path):
    postfix()
    (tmp_path / "bin" / "postconf").write_text("#!/bin/sh\necho 'fatal: no such user' >&2\nexit 1\n")
    found = doctor_postfix.gather(Asked(HOST, "EXAMPLE.TEST", "example.test"))
    (cause,) = diagnose({HOST: {"postfix": found}}, CHECKS)
    assert (cause.check.id, "no such user" in cause.trouble.evidence) == ("postfix.configuration", True)


def test_dovecot_tells_its_mechanisms(postfix, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "queue" / "private")  # a socket's path may be short only
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("auth")
    listening.listen()
    Listener(listening, [b"VERSION\t1\t2\nMECH\tGSSAPI\tmutual-auth\nMECH\tPLAIN\tplaintext\nDONE\n"], answering=False)
    assert postfix(kind="dovecot")["dovecot"]["mechanisms"] == ["GSSAPI", "PLAIN"]
    listening.close()
    pathlib.Path("auth").unlink()
    found = postfix(kind="dovecot")["dovecot"]
    assert (found["mechanisms"], found["fault"]) == (None, "No such file or directory")


def test_a_relay_is_told_with_the_principals_of_its_keytab(postfix, tmp_path):
    found = postfix(settings={"relay": "[mail]", "relay_keytab": str(tmp_path / "none")})
    assert found["relay"] == {
        "keytab": str(tmp_path / "none"),
        "exists": False,
        "principals": [],
        "jailed": ["smtp/unix"],
    }
