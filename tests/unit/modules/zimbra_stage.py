# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Zimbra of a few keys in a folder, whose programs do in this process what was recorded of them, and count."""

from __future__ import annotations

import contextlib
import json
import pathlib
from typing import Any, Callable, Iterator
from xml.sax import saxutils

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible import zimbra_host
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_localconfig_file import parsed
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import zmlocalconfig
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.zimbra_programs import Ran, ZimbraMissing

DEFAULTS = {
    "zimbra_home": "/opt/zimbra",
    "krb5_keytab": "${zimbra_home}/conf/krb5.keytab",
    "krb5_debug_enabled": "false",
    "zimbra_server_hostname": "localhost",
    "zimbra_zmprov_default_to_ldap": "false",
    "ldap_nginx_password": "zmnginx",
}
OWN = {"zimbra_server_hostname": "zimbra1.example.test", "zimbra_ldap_password": "canary-5e1f"}
RELEASE = "Release 10.0.8.GA.4518.UBUNTU20_64 FOSS edition.\n"


def text(values: dict[str, str]) -> str:
    """localconfig.xml as the program writes it."""
    form = '  <key name="{}">\n    <value>{}</value>\n  </key>\n'
    keys = "".join(form.format(key, saxutils.escape(value)) for key, value in values.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n\n<localconfig>\n{keys}</localconfig>\n'


class Stage:
    """Stands in for ZimbraPrograms. ``answers``: what a call says instead; ``calls``: what was run."""

    def __init__(self, home: pathlib.Path) -> None:
        self.home = home
        self.calls: list[tuple[str, ...]] = []
        self.answers: dict[str, Ran] = {}
        self.missing = False
        for program in ("bin/zmlocalconfig", "bin/zmcontrol"):
            (home / program).parent.mkdir(exist_ok=True)
            (home / program).touch()
        (home / "conf").mkdir()
        self.write(OWN)

    @property
    def file(self) -> pathlib.Path:
        return self.home / "conf" / "localconfig.xml"

    @property
    def own(self) -> dict[str, str]:
        return parsed(self.file.read_bytes(), "localconfig.xml")

    def write(self, values: dict[str, str]) -> None:
        self.file.write_text(text(values))
        self.file.chmod(0o640)

    def path(self, program: str) -> str:
        return str(self.home / program)

    def installed(self, program: str) -> bool:
        return (self.home / program).exists()

    @contextlib.contextmanager
    def started(self, program: str, *words: str) -> Iterator[Callable[[], Ran]]:
        ran = self.run(program, *words)
        yield lambda: ran

    def run(self, program: str, *words: str) -> Ran:
        self.calls.append((program, *words))
        if words[0] in self.answers:
            return self.answers[words[0]]
        if program == "bin/zmcontrol":
            return Ran(0, RELEASE, "")
        if words == ("-m", "xml"):
            values = {**DEFAULTS, **self.own}
            masked = {key: "*" if "password" in key else value for key, value in sorted(values.items())}
            return Ran(0, text(masked), "")
        held = self.own
        if words[0] == "-e":
            held.update(word.split("=", 1) for word in words[1:])
        else:
            assert words[0] == "-u"
            for key in words[1:]:
                del held[key]
        self.write(held)
        return Ran(0, "", "")


@pytest.fixture
def stage(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage(tmp_path)

    def programs() -> Stage:
        if made.missing:
            raise ZimbraMissing("/opt/zimbra: the host has no user zimbra; install Zimbra first")
        return made

    monkeypatch.setattr(zimbra_host, "ZimbraPrograms", programs)
    monkeypatch.setattr(zmlocalconfig, "_user", lambda dummy: "zimbra")
    monkeypatch.setattr(zmlocalconfig, "_group", lambda dummy: "zimbra")
    return made


def run(module: Any, capsys: pytest.CaptureFixture[str], check: bool = False, **options: Any) -> dict[str, Any]:
    """The module's result."""
    given = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
    with patch_module_args(given), pytest.raises(SystemExit):
        module.main()
    output = capsys.readouterr().out
    assert "canary" not in output
    found: dict[str, Any] = json.loads(output)
    return found
