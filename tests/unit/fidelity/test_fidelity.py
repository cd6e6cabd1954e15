# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fidelity harness's own judgement: a wrong prediction, an unexplained file and a shown secret are seen."""

from __future__ import annotations

import base64
import json
import pathlib
import re
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "fidelity"))

from callback import recorder
from canaries import Canaries
from cas_drifts import ROUNDS as CAS_ROUNDS
from directory_drifts import ROUNDS as DIRECTORY_ROUNDS
from drifts import ROUNDS
from events import disagreements, events
from labour import FidelityError, command
from reports import complaints, named, shuffled, unnamed
from states import touched, unexplained, untrue
from table import LEAST, told
from zimbra_drifts import ROUNDS as ZIMBRA_ROUNDS

KEY = bytes(range(120, 152))


def _line(task: str, changed: bool = True, before: str = "", after: str = "", header: str = "/etc/x") -> str:
    return json.dumps(
        {
            "host": "mx1",
            "task": task,
            "path": "main.yml:1",
            "status": "ok",
            "changed": changed,
            "message": "",
            "diff": [{"after_header": header, "before": before, "after": after}],
        }
    )


def _kinds(check: list[str], run: list[str]) -> list[str]:
    return [one.kind for one in disagreements(events("\n".join(check)), events("\n".join(run)))]


@pytest.mark.parametrize(
    ("check", "run", "kinds"),
    [
        ([_line("a")], [_line("a")], []),
        ([_line("a", changed=False)], [_line("a")], ["missed"]),
        ([_line("a")], [_line("a", changed=False)], ["false"]),
        ([_line("a")], [], ["false"]),
        ([_line("a"), _line("a")], [_line("a")], ["false"]),
        ([_line("a", after="x = 1\n")], [_line("a", after="x = 2\n")], ["diff"]),
        ([_line("a", after="x = 1\n")], [_line("a")], ["diff"]),
        ([_line("a", after="kvno (chosen by the KDC) aes\n")], [_line("a", after="kvno 3 aes\n")], []),
        ([_line("a", after="kvno (chosen by the KDC) aes\n")], [_line("a", after="kvno 3 rc4\n")], ["diff"]),
        ([_line("a", before="c = (comes with the package)\n")], [_line("a", before="c = y\n")], []),
        ([_line("a", after="(read when python3-ldap is there)\n")], [_line("a", after="kvno 1\nb\n")], []),
        # The same file edited by two tasks: in check mode the second does not see the first's lines.
        ([_line("a", True, "1\n", "1\n2\n")], [_line("a", True, "0\n1\n", "0\n1\n2\n")], []),
    ],
)
def test_a_wrong_prediction_is_seen(check: list[str], run: list[str], kinds: list[str]) -> None:
    assert _kinds(check, run) == kinds


def _host(files: dict[str, tuple[int, str]]) -> dict[str, dict[str, object]]:
    made = {
        path: [8, mode, 0, 0, 1, len(text), text, base64.b64encode(text.encode()).decode()]
        for path, (mode, text) in files.items()
    }
    return {"mx1": {"files": made, "units": {}, "kdc": {}, "directory": {}, "zimbra": {}}}


def test_content_mode_and_arrival_are_touches() -> None:
    before = _host({"/etc/a": (0o644, "1"), "/etc/b": (0o644, "1"), "/etc/c": (0o644, "1")})
    after = _host({"/etc/a": (0o600, "1"), "/etc/b": (0o644, "2"), "/etc/d": (0o644, "1")})
    assert [(one.what, one.how) for one in touched(before, after)] == [
        ("/etc/a", "mode"),
        ("/etc/b", "content"),
        ("/etc/c", "went"),
        ("/etc/d", "came"),
    ]


def test_a_file_that_no_diff_names_is_unexplained() -> None:
    changes = touched(_host({"/etc/x": (0o644, "1"), "/etc/y": (0o644, "1")}), _host({"/etc/x": (0o644, "2")}))
    assert [one.what for one in unexplained(changes, events(_line("a", after="2")))] == ["/etc/y"]


def test_a_changed_account_must_be_named_by_the_host_that_changed_it() -> None:
    nothing = {"files": {}, "units": {}, "kdc": {}, "zimbra": {}}
    before = {"dc1": {**nothing, "directory": {"axigen_smtp": "1", "alice": "1"}}}
    after = {"dc1": {**before["dc1"], "directory": {"axigen_smtp": "2", "alice": "2"}}}
    changes = touched(before, after)
    assert [one.what for one in changes] == ["account alice", "account axigen_smtp"]
    run = events(_line("a", before="", after="axigen_smtp:\n  smtp/mx1\n", header="accounts"))
    assert [one.what for one in unexplained(changes, run)] == ["account alice"]


def test_a_changed_entry_of_zimbra_must_be_named_by_the_host_that_changed_it() -> None:
    nothing = {"files": {}, "units": {}, "kdc": {}, "directory": {}}
    before = {"zimbra1": {**nothing, "zimbra": {"server zimbra2": "1", "account bob@x": "1"}}}
    after = {"zimbra1": {**nothing, "zimbra": {"server zimbra2": "2", "account bob@x": "2"}}}
    run = events(_line("a", after="zimbraX: y\n", header="Zimbra: server zimbra2"))
    assert [one.what for one in unexplained(touched(before, after), run)] == ["entry account bob@x"]


@pytest.mark.parametrize("key", ["krb5_keytab = /x", "krb5_keytab = /y"])
def test_a_key_of_localconfig_is_looked_for_in_whatever_form(key: str) -> None:
    path = "/opt/zimbra/conf/localconfig.xml"
    after = _host({path: (0o640, '<key name="krb5_keytab">\n<value>/x</value>\n</key>\n')})
    found = untrue(after, events(_line("a", before="krb5_keytab = /z\n", after=f"{key}\n", header=path)))
    assert bool(found) == key.endswith("y")


@pytest.mark.parametrize("content, missing", [('<Logger name="jcifs.spnego"/>\n', 0), ("<Loggers/>\n", 1)])
def test_a_logger_is_looked_for_by_its_name(content: str, missing: int) -> None:
    path = "/etc/cas/config/log4j2.xml"
    run = events(_line("a", after="Logger jcifs.spnego: level debug\n", header=path))
    assert len(untrue(_host({path: (0o640, content)}), run)) == missing


@pytest.mark.parametrize("site", ["mit", "ad", "zimbra", "cas"])
def test_every_drift_is_told_apart_and_is_of_a_host_of_its_site(site: str) -> None:
    hosts = {"mit": {"kdc1", "kdc2", "mx1", "mx2", "client1"}, "ad": {"dc1", "axigen1", "client1"}}
    hosts["zimbra"] = {"kdc1", "zimbra1", "zimbra2", "client1"}
    hosts["cas"] = {"kdc1", "cas1", "cas2", "client1"}
    rounds = {"mit": ROUNDS, "ad": DIRECTORY_ROUNDS, "zimbra": ZIMBRA_ROUNDS, "cas": CAS_ROUNDS}
    drifts = [drift for drifts in rounds[site] for drift in drifts]
    assert len({drift.title for drift in drifts}) == len(drifts) >= 10
    for drift in drifts:
        places = {drift.host, drift.place, *filter(None, [drift.looked_at]), *([drift.told[0]] if drift.told else [])}
        assert places <= hosts[site]
        assert drift.place != "dc1"


def test_a_diff_that_ends_in_something_else_is_untrue() -> None:
    holds = _host({"/etc/x": (0o644, "2\n")})
    assert untrue(holds, events(_line("a", after="2\n"))) == []
    assert untrue(holds, events(_line("a", after="3\n"))) == ["mx1: /etc/x does not hold what its diff ended in"]


@pytest.mark.parametrize(
    "shown",
    [
        KEY,
        b"output " + KEY.hex().encode(),
        repr(b"\x00" + KEY).encode(),
        *(base64.b64encode(b"p" * offset + KEY + b"s" * 7) for offset in range(3)),
    ],
)
def test_a_secret_is_found_in_every_form(shown: bytes) -> None:
    known = Canaries({"alice": b"Throw-away-1", "key": KEY})
    assert known.found_in(b"before " + shown + b" after") == ["key"]
    assert known.found_in(b"nothing here") == []


def test_settings_of_axigen_are_looked_for_whichever_service_has_them() -> None:
    path = "/var/opt/axigen/run/axigen.cfg"
    holds = _host({path: (0o640, "imap = {\n    a = (x y)\n}\npop3 = {\n    a = (x)\n}\n")})
    assert untrue(holds, events(_line("a", before="imap: a = (x)\n", after="imap: a = (x y)\n", header=path))) == []
    assert untrue(holds, events(_line("a", after="imap: a = (z)\n", header=path)))


EVERY = [drift for rounds in (ROUNDS, DIRECTORY_ROUNDS, ZIMBRA_ROUNDS, CAS_ROUNDS) for one in rounds for drift in one]


def test_there_are_enough_drifts_and_each_names_its_setting() -> None:
    assert len(EVERY) >= LEAST
    for drift in EVERY:
        assert re.compile(drift.setting).pattern and not re.search(drift.setting, ": "), drift.title


def _report(*findings: tuple[str, str, tuple[str, ...]], waived_by: str = "") -> dict[str, object]:
    return {
        "status": "drift" if findings else "clean",
        "hosts": [{"host": "mx1", "status": "clean", "reason": ""}],
        "findings": [
            {
                "hosts": [host],
                "resource": resource,
                "settings": [{"name": name} for name in names],
                "sentence": f"{resource}: differs",
                "waived_by": waived_by,
            }
            for host, resource, names in findings
        ],
    }


def test_a_drift_is_named_by_host_resource_and_setting() -> None:
    report = _report(("mx1", "/etc/x", ("a", "b")), ("mx2", "/etc/y", ("c",)), ("mx1", "/etc/z", ()))
    assert named(report, "mx1") == ["/etc/x: a", "/etc/x: b", "/etc/z: "]
    assert unnamed(report, "mx1", r"/x: b$") == ""
    assert "only ['/etc/y: c']" in unnamed(report, "mx2", r"/x: b$")


def test_a_report_that_is_not_clean_is_complained_of() -> None:
    assert complaints(_report()) == []
    assert complaints(_report(("mx1", "/etc/x", ("a",)))) == ["the drift report says /etc/x: differs ['mx1']"]
    lost = {**_report(), "status": "incomplete", "hosts": []}
    assert complaints(lost) == ["the drift report says incomplete"]
    unknown = {**lost, "hosts": [{"host": "mx1", "status": "unknown", "reason": "gone"}]}
    assert complaints(unknown) == ["the drift report says mx1 is not known: gone"]


def test_hosts_are_shuffled_in_every_group_and_nothing_else() -> None:
    hosts = {f"h{number}": {"x": number} for number in range(20)}
    known = {"all": {"vars": {"a": 1}, "children": {"mail": {"hosts": hosts, "vars": {"b": 2}}}}}
    one, other = shuffled(known, 1), shuffled(known, 2)
    assert one == other == known
    orders = [list(each["all"]["children"]["mail"]["hosts"]) for each in (known, one, other)]
    assert orders[0] != orders[1] != orders[2] != orders[0]


def test_parts_of_a_task_are_recorded_apart() -> None:
    parts = {"krb5_conf": {"changed": True}, "postconf": {"changed": False}}
    whole = {"changed": True, "parts": parts}
    assert recorder.apart(whole) == [(" (krb5_conf)", parts["krb5_conf"]), (" (postconf)", parts["postconf"])]
    for whole in ({"changed": True}, {"parts": ["a"]}):
        assert recorder.apart(whole) == [("", whole)]


def test_the_table_wants_all_sites_enough_drifts_and_each_exact() -> None:
    row = {"site": "mit", "title": "t", "host": "mx1", "setting": "x", "complaints": []}
    lines, sound = told([row] * LEAST, [])
    assert sound and lines[-1].endswith(f"{LEAST} drifts (mit {LEAST}), {LEAST} named and mended")
    assert not told([row] * (LEAST - 1), [])[1]
    assert not told([row] * LEAST, ["ad"])[1]
    lines, sound = told([row] * LEAST + [{**row, "complaints": ["no"]}], [])
    # The last lines, for a log's end may be all that is left of it
    assert not sound and "NOT EXACT" in lines[-3] and lines[-1] == "mit: t (mx1): no"


def test_a_command_of_the_lab_that_fails_says_why_in_the_end() -> None:
    with pytest.raises(FidelityError, match=r"`python tests/lab nonsense` failed\n(?s:.*)invalid choice: 'nonsense'"):
        command("nonsense")
