# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Zimbra's control programs and zmconfigd do, line by line with the source in which it is read.

No recording covers them; the sources are files of Zimbra's repositories zm-core-utils, zm-launcher and zm-jython.
"""

from __future__ import annotations

import dataclasses
import pathlib
import subprocess
from typing import Any

import pytest
from lab.doubles.zimbra import configrewrite, control, control_services, installation, mta, proxy, zmconfigd

HOST = "zimbra1.example.test"
SERVER = {
    "zimbraServiceEnabled": ["ldap", "mailbox", "service", "zimbra", "proxy", "mta", "stats"],
    "zimbraMtaSaslSmtpdMechList": ["PLAIN", "LOGIN"],
    "zimbraMtaMyHostname": [HOST],
    "zimbraReverseProxyImapSaslGssapiEnabled": ["FALSE"],
}
LOCAL = {"zimbra_server_hostname": HOST, "ldap_host": "127.0.0.1", "zmconfigd_enable_config_restarts": "true"}


class Directory:
    """The one server's values as the directory has them."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def names(self, *dummy: str) -> list[str]:
        return [HOST]

    def effective(self, *dummy: str) -> dict[str, list[str]]:
        return self.place.values

    def entry(self, *dummy: str) -> dict[str, list[str]]:
        return {}


@dataclasses.dataclass(frozen=True)
class Place(installation.Installation):
    """An installation in a folder, whose directory is a dictionary."""

    values: dict[str, list[str]] = dataclasses.field(default_factory=lambda: dict(SERVER))
    keys: dict[str, str] = dataclasses.field(default_factory=lambda: dict(LOCAL))

    def local(self, key: str) -> str:
        return self.keys.get(key, "")

    def server(self) -> dict[str, list[str]]:
        return dict(self.values)

    def directory(self) -> Any:
        return Directory(self)


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Place:
    made = Place(home=tmp_path, syslog=tmp_path / "zimbra.log")
    made.syslog.touch()
    for name in ("bin", "conf/sasl2", "log", "data/postfix", *installation.MARKERS.values()):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    (tmp_path / "conf/double.json").write_text('{"rewrite_pause": 0}')
    return made


@pytest.fixture
def zimbra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "is_zimbra", lambda: True)


# Program, words, what it prints, exit code, source: services that do not run.
STOPPED = [
    ("zmmailboxdctl", ["status"], "mailboxd is not running.\n", 1, "zm-launcher zmmailboxdmgr.c"),
    ("zmmailboxdctl", ["stop"], "Stopping mailboxd...done.\n", 0, "zmmailboxdctl: stop exits 0 always"),
    ("zmproxyctl", ["status"], "zmnginxctl is not running\n", 1, "zmproxyctl"),
    ("zmproxyctl", ["reload"], "", 0, "zmnginxctl: reload of a stopped proxy is silent"),
    ("zmmtactl", ["status"], "postfix is not running\n", 1, "zmmtactl: `X is not running`, the last code"),
    ("zmmtactl", ["wrong"], "zmmtactl start|stop|restart|reload|status\n", 1, "zmmtactl"),
    ("zmproxyctl", [], "zmproxyctl start|stop|restart|reload|status\n", 1, "zmproxyctl"),
    ("zmconfigdctl", ["status"], "zmconfigd is not running.\n", 1, "zmconfigdctl"),
    ("ldap", ["status"], "slapd not running\n", 1, "ldap.production"),
]


@pytest.mark.usefixtures("zimbra")
@pytest.mark.parametrize(("program", "words", "printed", "status", "source"), STOPPED)
def test_what_does_not_run(
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    program: str,
    words: list[str],
    printed: str,
    status: int,
    source: str,
) -> None:
    monkeypatch.setattr(control_services, "active", lambda: False)
    assert control_services.WORK[program](place, words) == status, source
    assert capsys.readouterr().out == printed, source


@pytest.mark.usefixtures("zimbra")
def test_mailboxd_that_is_not_installed(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """zmmailboxdctl: silent 0."""
    (place.home / installation.MARKERS["mailbox"]).rmdir()
    assert control_services.mailboxd(place, ["start"]) == 0
    assert capsys.readouterr().out == ""


def test_proxy_by_another_user(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """zmnginxctl looks who runs it; zmmtactl does not."""
    monkeypatch.setattr(control, "is_zimbra", lambda: False)
    assert control_services.nginx(place, ["status"]) == 1
    assert control_services.postfix(place, ["status"]) == 1
    assert capsys.readouterr().out == "Error: must be run as zimbra user\npostfix is not running\n"


@pytest.mark.usefixtures("zimbra")
def test_proxy_whose_configuration_ends_early(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """zmnginxctl: the last line of nginx.conf must hold __SUCCESS__."""
    (place.home / "conf/nginx.conf").write_text("include x;\n")
    assert control_services.nginx(place, ["start", "norewrite"]) == 1
    assert capsys.readouterr().out == "Starting proxy...failed.\n"
    proxy.rewrite(place)
    assert proxy.complete(place)


@pytest.mark.usefixtures("zimbra")
@pytest.mark.parametrize(
    ("words", "sections", "source"),
    [
        (["start"], "antispam antivirus opendkim mta sasl", "zmmtactl rewriteconfig"),
        (["restart"], "antispam antivirus opendkim mta sasl", "zmmtactl rewriteconfig"),
        (["reload", "norewrite"], None, "zmmtactl: a second word"),
        (["stop"], None, "zmmtactl"),
    ],
)
def test_requests_of_the_mta(
    place: Place, monkeypatch: pytest.MonkeyPatch, words: list[str], sections: str | None, source: str
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(configrewrite, "rewrite", lambda dummy, names: asked.append(" ".join(names)))
    monkeypatch.setattr(control_services, "signal_postfix", lambda *dummy: None)
    monkeypatch.setattr(control_services, "start_postfix", lambda dummy: 0)
    assert control_services.postfix(place, words) == 0
    assert asked == ([sections] if sections else []), source


@pytest.mark.parametrize(
    ("release", "line"),
    [
        ("8.8.15", "Release 8.8.15.GA.4179.UBUNTU20_64 UBUNTU20_64 FOSS edition."),
        ("9.0.0_P38", "Release 9.0.0.GA.4178.UBUNTU20_64 UBUNTU20_64 FOSS edition, Patch 9.0.0_P38."),
        ("10.0.8", "Release 10.0.8.GA.4518.UBUNTU20_64 FOSS edition."),
        ("8.0.9", "Release 8.0.9.GA.4518.UBUNTU20_64 UBUNTU20_64 FOSS edition."),
    ],
)
def test_releases(release: str, line: str) -> None:
    assert control.release_line(release) == line


@pytest.mark.parametrize("words", [["-v"], ["start"], ["status"], []])
def test_zmcontrol_by_another_user(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    monkeypatch.setattr(control, "is_zimbra", lambda: False)
    assert control.work(place, words) == 1
    assert capsys.readouterr() == ("", "Run as the zimbra user!\n")


def answering(states: dict[str, int], called: list[str]) -> Any:
    """Stands for the services' programs: their exit codes by name."""

    def run(dummy: Place, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        called.append(" ".join([program, *words]))
        code = states.get(program, 0)
        return subprocess.CompletedProcess([program], code, "why\n" if code else "", "")

    return run


@pytest.mark.usefixtures("zimbra")
def test_status(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """zmcontrol: sorted, `<TAB>%-20s %10s`, web applications as mailboxd, a stopped one with its lines, exit code 1."""
    monkeypatch.setattr(control, "run", answering({"bin/zmproxyctl": 1}, []))
    assert control.work(place, ["status"]) == 1
    shown = capsys.readouterr().out.splitlines()
    names = ("ldap", "mailbox", "mta", "proxy", "service webapp", "zimbra webapp", "zmconfigd")
    lines = [f"\t{name:<20} {'Stopped' if name == 'proxy' else 'Running':>10}" for name in names]
    lines.insert(4, "\t\twhy")
    assert shown == [f"Host {HOST}", *lines]


@pytest.mark.usefixtures("zimbra")
def test_start_and_stop(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """zmcontrol: `start norewrite` in its order, a failure shown and in the exit code; stop has ldap last, exits 0."""
    called: list[str] = []
    monkeypatch.setattr(control, "run", answering({"bin/zmproxyctl": 1}, called))
    monkeypatch.setattr(control, "BOOT", 0)
    assert control.work(place, ["start"]) == 1
    order = ["ldap", "zmconfigdctl", "zmmailboxdctl", "zmproxyctl", "zmmtactl"]
    assert called == [f"bin/{name} start norewrite" for name in order]
    assert "\tStarting proxy...Failed.\nwhy\n\n\n\tStarting mta...Done.\n" in capsys.readouterr().out
    called.clear()
    assert control.work(place, ["stop"]) == 0
    assert (called[0], called[-1]) == ("bin/zmconfigdctl stop", "bin/ldap stop")


def test_services_while_the_directory_is_down(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """zmcontrol: only the directory's list counts; with LDAP down, what it kept of the last time."""
    place.values["zimbraServiceEnabled"] = ["mta"]
    assert control.chosen(place) == [("zmconfigd", "bin/zmconfigdctl"), ("mta", "bin/zmmtactl")]

    def down(*dummy: Place) -> dict[str, list[str]]:
        raise ConnectionRefusedError

    monkeypatch.setattr(Place, "server", down)
    assert control.chosen(place) == [("zmconfigd", "bin/zmconfigdctl"), ("mta", "bin/zmmtactl")]


# zmconfigd


@pytest.fixture
def configd(place: Place, monkeypatch: pytest.MonkeyPatch) -> Configd:
    made = Configd(place)
    monkeypatch.setattr(mta, "postconf", lambda *dummy: made.did.append("write mta"))
    monkeypatch.setattr(zmconfigd.subprocess, "run", made.run)
    return made


class Configd(zmconfigd.Configd):
    """With a list of what it did, and exit codes of the programs that it runs."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.did: list[str] = []
        self.codes: dict[str, int] = {}

    def run(self, words: list[str], **dummy: Any) -> subprocess.CompletedProcess[str]:
        name = " ".join([pathlib.Path(words[0]).name, *words[1:]])
        self.did.append(name)
        return subprocess.CompletedProcess(words, self.codes.get(name, 0), "", "")

    def wrote(self, path: pathlib.Path, mode: int, started: float) -> None:
        super().wrote(path, mode, started)
        self.did.append(f"write {path.name}")

    def did_since(self) -> list[str]:
        done, self.did = self.did, []
        return done


NGINX = ["write nginx.conf.mail", "write nginx.conf.zmlookup", "write double.json", "write nginx.conf"]


def test_first_round_generates_everything_and_restarts_nothing(configd: Configd) -> None:
    configd.look()
    assert configd.did_since() == ["write spnego_java_options", *NGINX, "write mta", "write smtpd.conf"]
    configd.look()
    assert configd.did_since() == []
    path = configd.place.home / "conf/sasl2/smtpd.conf"
    assert path.stat().st_mode & 0o777 == 0o440
    assert path.read_text().splitlines()[-1] == "mech_list: PLAIN LOGIN"


def test_poll_restarts_in_order_and_once(configd: Configd, place: Place) -> None:
    configd.look()
    configd.did_since()
    place.values.update(
        zimbraMtaSaslSmtpdMechList=["GSSAPI"],
        zimbraMtaMyHostname=["mail.example.test"],
        zimbraReverseProxyImapSaslGssapiEnabled=["TRUE"],
    )
    configd.look()
    done = configd.did_since()
    assert done == [
        *NGINX,
        "write mta",
        "write smtpd.conf",
        "zmproxyctl restart norewrite",
        "zmmtactl reload norewrite",
    ]
    log = place.syslog.read_text()
    for text in (
        "Var zimbraMtaSaslSmtpdMechList changed from 'PLAIN, LOGIN' -> 'GSSAPI'",
        "with mode 440 (0.0",
        "CONTROL mta: bin/zmmtactl reload norewrite",
        "mta reload initiated from zmconfigd",
        "All restarts completed in ",
    ):
        assert text in log


@pytest.mark.parametrize(
    ("attribute", "value", "did"),
    [
        ("zimbraImapSaslGssapiEnabled", "TRUE", []),
        ("zimbraReverseProxyAdminIPAddress", "192.0.2.1", []),
        ("zimbraReverseProxyDefaultRealm", "EXAMPLE.TEST", [*NGINX, "zmproxyctl restart norewrite"]),
        ("zimbraMtaImportEnvironment", "KRB5_KTNAME=x", ["write mta", "zmmtactl reload norewrite"]),
        ("zimbraMtaSaslSmtpdMechList", "GSSAPI", ["write smtpd.conf", "zmmtactl reload norewrite"]),
    ],
)
def test_what_is_watched(configd: Configd, place: Place, attribute: str, value: str, did: list[str]) -> None:
    """zm-ldap-utilities conf/zmconfigd.cf: no section watches mailboxd's SASL attributes."""
    configd.look()
    configd.did_since()
    place.values[attribute] = [value]
    configd.look()
    assert configd.did_since() == did


def test_request_swallows_changes_of_other_sections(configd: Configd, place: Place) -> None:
    """state.py: the round marks all sections as seen, and a request restarts nothing."""
    configd.look()
    configd.did_since()
    place.values["zimbraMtaSaslSmtpdMechList"] = ["GSSAPI"]
    configd.look(["proxy", "nonsense"])
    assert configd.did_since() == NGINX
    configd.look()
    assert configd.did_since() == []
    configd.look(["sasl"])
    assert configd.did_since() == ["write smtpd.conf"]


def test_failed_restart_is_tried_three_times_more(configd: Configd, place: Place) -> None:
    """zmconfigd_max_failed_restarts."""
    configd.look()
    configd.did_since()
    configd.codes["zmproxyctl restart norewrite"] = 1
    place.values["zimbraReverseProxyDefaultRealm"] = ["EXAMPLE.TEST"]
    for dummy in range(6):
        configd.look()
    assert configd.did_since().count("zmproxyctl restart norewrite") == 4


@pytest.mark.parametrize("how", ["switched off", "not enabled", "not installed"])
def test_no_restart(configd: Configd, place: Place, how: str) -> None:
    if how == "switched off":
        place.keys["zmconfigd_enable_config_restarts"] = "false"
    elif how == "not enabled":
        place.values["zimbraServiceEnabled"] = ["mta"]
    else:
        (place.home / installation.MARKERS["proxy"]).rmdir()
    configd.look()
    configd.did_since()
    place.values["zimbraReverseProxyDefaultRealm"] = ["EXAMPLE.TEST"]
    configd.look()
    assert configd.did_since() == ([] if how == "not installed" else NGINX)


def test_configrewrite_without_zmconfigd(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """libexec/configrewrite: zmconfigd down: it does the round itself; exit 0 whatever happens."""
    monkeypatch.setattr(configrewrite, "CONFIGD_PORT", 1)
    monkeypatch.setattr(configrewrite, "PAUSE", 0)
    assert configrewrite.work(place, ["sasl", "nonsense"]) == 0
    assert "mech_list: PLAIN LOGIN" in (place.home / "conf/sasl2/smtpd.conf").read_text()
    monkeypatch.setattr(zmconfigd.Configd, "look", lambda *dummy: 1 / 0)
    assert configrewrite.work(place, ["sasl"]) == 0
